//! The first screen: how the account stands, how much fails and how badly, how much could be judged, where to start.

use std::io;

use aws_audit_checks::{
    finding::{Severity, Status},
    report::{Report, State},
    score::LEAST_JUDGED,
};

use super::{
    Parts, findings, framework_title, name,
    picture::{self, CLASSES, band},
    sheet::{Both, Pick, Sheet},
    told::Translator,
    words::Words,
};
use crate::table;

/// How many kinds of findings to start with.
const FIRST: usize = 5;

pub(super) fn write(report: &Report, parts: &Parts<'_>, sheet: &mut Sheet<'_>) -> io::Result<()> {
    sheet.raw("<section class=hero aria-labelledby=title>")?;
    let title = sheet.filled(|words| &words.title, &[("account", &name(report))]);
    sheet.told("h1 id=title", &title)?;
    sheet.raw("<p class=lead><span class=id>")?;
    sheet.text(&report.account.id)?;
    sheet.raw("</span><span>")?;
    sheet.raw(&report.started_at.strftime("%Y-%m-%d %H:%M UTC").to_string())?;
    sheet.raw("</span>")?;
    let title = framework_title(report, sheet);
    sheet.told("span", &title)?;
    sheet.raw("</p>\n<div class=cards>")?;
    score(report, sheet)?;
    failing(report, parts, sheet)?;
    judged(report, parts, sheet)?;
    baseline(report, sheet)?;
    sheet.raw("</div></section>\n")
}

fn score(report: &Report, sheet: &mut Sheet<'_>) -> io::Result<()> {
    sheet.raw("<div class=\"card score\">")?;
    sheet.word("h2", |words| &words.overall)?;
    match report.score.overall {
        Some(score) => {
            // A good average is no comfort while something is open to anyone.
            let band = match report.worst() {
                Some(Severity::Critical) => 0,
                Some(Severity::High) => band(score).min(1),
                _ => band(score),
            };
            let alt = sheet.filled(|words| &words.score_alt, &[("n", &table::whole(score).to_string())]);
            picture::ring(Some(score), CLASSES[band], &alt, sheet)?;
            let says = sheet.both(|lang| Words::of(lang).score_band[band].clone());
            sheet.told(&format!("p class=\"says {}\"", CLASSES[band]), &says)?;
            sheet.word("p class=small", |words| &words.of_100)?;
        }
        None => {
            let why: Pick = if report.regions.is_empty() {
                |words| &words.no_score_regions
            } else if report.score.judged.is_some_and(|share| share < LEAST_JUDGED) {
                |words| &words.no_score_judged
            } else {
                |words| &words.no_score_nothing
            };
            let alt = sheet.filled(|words| &words.no_score, &[]);
            picture::ring(None, "rest", &alt, sheet)?;
            sheet.told("p class=says", &alt)?;
            sheet.word("p class=small", why)?;
        }
    }
    sheet.raw("</div>")
}

fn failing(report: &Report, parts: &Parts<'_>, sheet: &mut Sheet<'_>) -> io::Result<()> {
    sheet.raw("<div class=\"card wide\">")?;
    sheet.word("h2", |words| &words.failing)?;
    let count = parts.failing.len();
    sheet.raw(&format!("<p class=big>{count}</p>"))?;
    if count == 0 {
        let nothing: Pick =
            if parts.gaps { |words| &words.no_findings_unknown } else { |words| &words.no_findings };
        sheet.word("p class=small", nothing)?;
    } else {
        let checks: std::collections::BTreeSet<_> =
            parts.failing.iter().map(|finding| &finding.check).collect();
        let word: Pick =
            if checks.len() == 1 { |words| &words.one_check } else { |words| &words.failing_groups };
        let [n, checks] = [count, checks.len()].map(|count| count.to_string());
        let text = sheet.filled(word, &[("n", &n), ("checks", &checks)]);
        sheet.told("p class=small", &text)?;
        #[expect(clippy::cast_precision_loss, reason = "findings are few")]
        let shares = Severity::WORST_FIRST.map(|severity| (severity.name(), parts.count(severity) as f64));
        #[expect(clippy::cast_precision_loss, reason = "findings are few")]
        picture::bar(&shares, count as f64, None, sheet)?;
        sheet.raw("<ul class=legend>")?;
        for severity in Severity::WORST_FIRST {
            let (name, count) = (severity.name(), parts.count(severity));
            let label = sheet.both(|lang| Words::of(lang).severity(severity).clone());
            sheet.raw(&format!("<li class={name}>"))?;
            if count > 0 {
                sheet.raw(&format!("<a href=#{name}><b>{count}</b> "))?;
                sheet.told("span", &label)?;
                sheet.raw("</a>")?;
            } else {
                sheet.raw("<b>0</b> ")?;
                sheet.told("span", &label)?;
            }
        }
        sheet.raw("</ul>")?;
    }
    if let Some(scope) = report.scope.as_ref().filter(|scope| scope.unlisted > 0) {
        let unlisted = scope.unlisted.to_string();
        let text = sheet.both(|lang| {
            let words = Words::of(lang);
            let severity = words.severity(scope.min_severity);
            super::words::fill(&words.unlisted, &[("n", &unlisted), ("severity", severity)])
        });
        sheet.told("p class=small", &text)?;
    }
    sheet.raw("</div>")
}

fn judged(report: &Report, parts: &Parts<'_>, sheet: &mut Sheet<'_>) -> io::Result<()> {
    sheet.raw("<div class=card>")?;
    sheet.word("h2", |words| &words.judged)?;
    match report.score.judged {
        Some(share) => {
            let percent = table::whole(share * 100.0).to_string();
            sheet.raw(&format!("<p class=big>{percent}<small>%</small></p>"))?;
            let alt = sheet.filled(|words| &words.judged_alt, &[("n", &percent)]);
            picture::bar(&[("judged", share), ("unknown", 1.0 - share)], 1.0, Some(&alt), sheet)?;
        }
        None => sheet.word("p class=big", |words| &words.judged_none)?,
    }
    let text = match (parts.unknown.len(), report.gaps.len()) {
        (0, 0) if report.regions.is_empty() => sheet.filled(|words| &words.no_score_regions, &[]),
        (0, 0) => sheet.filled(|words| &words.all_read, &[]),
        (0, gaps) => sheet.filled(|words| &words.gaps_only, &[("n", &gaps.to_string())]),
        (count, _) => sheet.filled(|words| &words.not_all_read, &[("n", &count.to_string())]),
    };
    if parts.gaps || !parts.unknown.is_empty() {
        sheet.raw("<p class=small>")?;
        sheet.told("a href=#not-judged", &text)?;
        sheet.raw("</p>")?;
    } else {
        sheet.told("p class=small", &text)?;
    }
    sheet.raw("</div>")
}

/// What has changed, where the report was compared with an earlier one.
fn baseline(report: &Report, sheet: &mut Sheet<'_>) -> io::Result<()> {
    if report.findings.iter().all(|finding| finding.state.is_none()) {
        return Ok(());
    }
    sheet.raw("<div class=card>")?;
    sheet.word("h2", |words| &words.since_baseline)?;
    sheet.raw("<dl class=states>")?;
    let states: [(State, Pick); 3] = [
        (State::New, |words| &words.state_new),
        (State::Persisting, |words| &words.state_persisting),
        (State::Resolved, |words| &words.state_resolved),
    ];
    for (state, word) in states {
        let count = report.findings.iter().filter(|finding| finding.state == Some(state)).count();
        sheet.raw("<div>")?;
        sheet.word("dt", word)?;
        sheet.raw(&format!("<dd>{count}</dd></div>"))?;
    }
    sheet.raw("</dl></div>")
}

/// The worst kinds of findings, with what to do: where to start, unless paths above have said so.
pub(super) fn first(report: &Report, parts: &Parts<'_>, sheet: &mut Sheet<'_>) -> io::Result<()> {
    let groups = findings::groups(&parts.failing);
    let urgent: Vec<_> = groups.iter().filter(|group| group.severity >= Severity::High).take(FIRST).collect();
    if urgent.is_empty() {
        return Ok(());
    }
    sheet.raw("<section aria-labelledby=first>")?;
    let title: Pick =
        if report.paths.is_empty() { |words| &words.first } else { |words| &words.first_after_paths };
    sheet.heading("h2 id=first", title, |words| &words.first_lead)?;
    sheet.raw("<ol class=first>")?;
    for group in urgent {
        sheet.raw(&format!("<li class={}><p class=meta>", group.severity.name()))?;
        let severity = sheet.both(|lang| Words::of(lang).severity(group.severity).clone());
        sheet.told("span class=w", &severity)?;
        sheet.raw("<span>")?;
        sheet.text(group.service())?;
        sheet.raw("</span>")?;
        let count = sheet.filled(|words| &words.n_findings, &[("n", &group.findings.len().to_string())]);
        sheet.told("span", &count)?;
        sheet.raw("</p><h3>")?;
        let title = group.title(sheet);
        sheet.told(&format!("a href=#{}", group.id), &title)?;
        sheet.raw("</h3>")?;
        let fixable = group.findings.iter().find(|finding| finding.status == Status::Fail);
        if let Some((finding, fix)) = fixable.and_then(|finding| Some((finding, finding.fix.as_ref()?))) {
            let second = Translator::new(group.entry, sheet.langs()).translate(finding).fix;
            sheet.told("p", &Both { first: fix.summary.clone(), second })?;
        }
    }
    sheet.raw("</ol></section>\n")
}
