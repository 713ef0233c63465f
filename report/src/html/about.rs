//! What the report is about and how it came to be.

use std::io;

use aws_audit_checks::{finding::Severity, report::Report};

use super::{
    framework_title,
    sheet::{Both, Pick, Sheet},
    words::Words,
};

pub(super) fn write(report: &Report, sheet: &mut Sheet<'_>) -> io::Result<()> {
    sheet.raw("<section aria-labelledby=about>")?;
    sheet.word("h2 id=about", |words| &words.about)?;
    sheet.raw("<div class=columns><dl class=facts>")?;
    let account = match &report.account.alias {
        Some(alias) => format!("{} ({alias})", report.account.id),
        None => report.account.id.clone(),
    };
    fact(|words| &words.account, &Both { second: Some(account.clone()), first: account }, sheet)?;
    if report.account.partition != "aws" {
        let partition = report.account.partition.clone();
        fact(|words| &words.partition, &Both { second: Some(partition.clone()), first: partition }, sheet)?;
    }
    let regions = match report.regions.as_slice() {
        [] => sheet.filled(|words| &words.no_region, &[]),
        regions => sheet.both(|_| regions.join(", ")),
    };
    fact(|words| &words.regions, &regions, sheet)?;
    let seconds = report.finished_at.duration_since(report.started_at).as_secs().max(0);
    let (word, minutes, seconds): (Pick, _, _) = match seconds {
        ..60 => (|words| &words.seconds, 0, seconds),
        _ => (|words| &words.minutes, seconds / 60, seconds % 60),
    };
    let duration = sheet.filled(word, &[("m", &minutes.to_string()), ("n", &seconds.to_string())]);
    let started = report.started_at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string();
    let scanned = Both {
        first: format!("{started} · {}", duration.first),
        second: duration.second.map(|duration| format!("{started} · {duration}")),
    };
    fact(|words| &words.scanned, &scanned, sheet)?;
    let calls = &report.calls;
    let [total, throttled, denied] = [calls.total, calls.throttled, calls.denied].map(|n| n.to_string());
    let calls = match (calls.throttled, calls.denied) {
        (0, 0) => sheet.both(|_| total.clone()),
        _ => sheet.filled(
            |words| &words.calls_refused,
            &[("total", &total), ("throttled", &throttled), ("denied", &denied)],
        ),
    };
    fact(|words| &words.calls, &calls, sheet)?;
    if let Some(scope) = &report.scope {
        let count = scope.checks.len().to_string();
        fact(|words| &words.checks_run, &sheet.both(|_| count.clone()), sheet)?;
    }
    let title = framework_title(report, sheet);
    fact(|words| &words.framework, &title, sheet)?;
    let tool = format!("{} {}", report.tool.name, report.tool.version);
    fact(|words| &words.made_by, &Both { second: Some(tool.clone()), first: tool }, sheet)?;
    sheet.raw("</dl><div>")?;
    sheet.word("h3", |words| &words.about_read)?;
    sheet.raw("<dl class=\"facts means\">")?;
    for severity in Severity::WORST_FIRST {
        let [word, meaning] = [Words::severity, Words::meaning]
            .map(|pick| sheet.both(|lang| pick(Words::of(lang), severity).clone()));
        sheet.raw("<div>")?;
        sheet.told(&format!("dt class=\"w {}\"", severity.name()), &word)?;
        sheet.told("dd", &meaning)?;
        sheet.raw("</div>")?;
    }
    sheet.raw("</dl>")?;
    let notes: [Pick; 4] = [
        |words| &words.about_scores,
        |words| &words.about_ids,
        |words| &words.about_cut,
        |words| &words.about_private,
    ];
    for note in notes {
        sheet.word("p", note)?;
    }
    sheet.raw("</div></div></section>\n")
}

fn fact(name: Pick, value: &Both, sheet: &mut Sheet<'_>) -> io::Result<()> {
    sheet.raw("<div>")?;
    sheet.word("dt", name)?;
    sheet.told("dd", value)?;
    sheet.raw("</div>")
}
