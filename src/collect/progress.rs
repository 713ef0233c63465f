//! Progress on standard error, when it is a terminal: nothing of it stays.

use std::{
    io::IsTerminal,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use aws_audit_checks::page::Lang;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::{ask::Run, aws::is_asking};

const TICK: Duration = Duration::from_millis(100);

/// Shows how far the scan is, until it is dropped.
pub(super) async fn show(run: Arc<Run>, wanted: bool, lang: Lang) {
    if !wanted || !std::io::stderr().is_terminal() {
        return;
    }
    let line = Line(ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr()));
    if let Ok(style) = ProgressStyle::with_template("{spinner} {wide_msg}") {
        line.0.set_style(style);
    }
    loop {
        if is_asking() {
            tokio::time::sleep(TICK).await;
            continue;
        }
        let (under_way, slowest) = run.caller.slowest();
        let [done, regions] = [&run.regions_done, &run.regions].map(|count| count.load(Ordering::Relaxed));
        let calls = run.caller.calls().total;
        let mut message = match lang {
            Lang::En => format!("{done}/{regions} regions, {calls} calls, {under_way} under way"),
            Lang::Ja => format!("{done}/{regions}リージョン、呼び出し{calls}回、応答待ち{under_way}件"),
        };
        if let Some((since, what)) = slowest.filter(|(since, _)| since.as_millis() >= 1000) {
            let seconds = since.as_secs();
            message.push_str(&match lang {
                Lang::En => format!(", {seconds} s: {what}"),
                Lang::Ja => format!("、{seconds}秒：{what}"),
            });
        }
        line.0.set_message(message);
        line.0.tick();
        tokio::time::sleep(TICK).await;
    }
}

/// Wipes itself away when its task ends.
struct Line(ProgressBar);

impl Drop for Line {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
