//! What could not be judged, how much of each control that is, and what to allow so that it can be.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
};

use aws_audit_checks::{
    gap::{GapKind, Refusal},
    report::{Report, ReportGap, cause, refused},
};

use serde::Serialize;

use super::{
    Parts, controls, findings, picture,
    sheet::{Both, LONGEST_LABEL, Pick, Sheet, shown},
};

/// Names of resources, and characters of an error message, that are listed of an operation.
const MOST_NAMES: usize = 5;
const LONGEST_MESSAGE: usize = 400;

pub(super) fn write(report: &Report, parts: &Parts<'_>, sheet: &mut Sheet<'_>) -> io::Result<()> {
    if report.gaps.is_empty() && parts.unknown.is_empty() {
        return Ok(());
    }
    sheet.raw("<section aria-labelledby=not-judged data-status=unknown>")?;
    sheet.heading("h2 id=not-judged", |words| &words.not_judged, |words| &words.not_judged_lead)?;
    allow(report, sheet)?;
    shares(report, sheet)?;
    if !report.gaps.is_empty() {
        gaps(report, sheet)?;
    }
    if !parts.unknown.is_empty() {
        sheet.word("h3", |words| &words.unknown_findings)?;
        for group in findings::groups_in("unknown.", &parts.unknown) {
            findings::group(&group, "h4", sheet)?;
        }
    }
    sheet.raw("</section>\n")
}

/// A statement of an IAM policy.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Statement<'a> {
    effect: &'a str,
    action: BTreeSet<&'a String>,
    resource: &'a str,
}

/// The statement that grants what is missing.
fn allow(report: &Report, sheet: &mut Sheet<'_>) -> io::Result<()> {
    let denied = report.gaps.iter().filter(|gap| gap.gap.kind == GapKind::AccessDenied);
    let (missing, refused): (Vec<_>, Vec<_>) = denied.partition(|gap| gap.gap.refused_by.is_none());
    let actions: BTreeSet<_> = missing.iter().flat_map(|gap| &gap.actions).collect();
    if !actions.is_empty() {
        sheet.heading("h3", |words| &words.to_allow, |words| &words.to_allow_lead)?;
        let statement = Statement { effect: "Allow", action: actions, resource: "*" };
        sheet.raw("<pre class=policy>")?;
        let statement = serde_json::to_string_pretty(&statement)?;
        let lines: Vec<_> = statement.lines().map(|line| shown(line, LONGEST_LABEL)).collect();
        sheet.shown(&lines.join("\n"))?;
        sheet.raw("</pre>")?;
    }
    if !refused.is_empty() {
        sheet.word("p", |words| &words.no_permission_helps)?;
    }
    Ok(())
}

/// How much of each control could not be judged.
fn shares(report: &Report, sheet: &mut Sheet<'_>) -> io::Result<()> {
    let controls: Vec<_> = report.score.controls.iter().filter(|control| control.unknown > 0).collect();
    if controls.is_empty() {
        return Ok(());
    }
    sheet.word("h3", |words| &words.not_judged_share)?;
    sheet.raw("<table class=\"data shares\">")?;
    sheet.word("caption class=vh", |words| &words.not_judged_share)?;
    header(
        &[
            ("name", |words| &words.control),
            ("pic", |words| &words.share_judged),
            ("num", |words| &words.unknowns),
            ("num", |words| &words.resources),
        ],
        sheet,
    )?;
    for control in controls {
        let total = control.pass + control.fail + control.unknown;
        sheet.raw("<tr><th scope=row class=name>")?;
        let title = controls::title(control, report, sheet);
        sheet.told("span", &title)?;
        sheet.raw("<td class=pic>")?;
        let [unknown, all] = [control.unknown, total].map(|count| count.to_string());
        let alt = sheet.filled(|words| &words.unknown_alt, &[("unknown", &unknown), ("total", &all)]);
        #[expect(clippy::cast_precision_loss, reason = "resources are few")]
        let [of_unknown, of_judged, whole] =
            [control.unknown, total - control.unknown, total].map(|n| n as f64);
        picture::bar(&[("unknown", of_unknown), ("judged", of_judged)], whole, Some(&alt), sheet)?;
        sheet.raw(&format!("<td class=num>{unknown}<td class=num>{all}\n"))?;
    }
    sheet.raw("</tbody></table>")
}

/// Everything that could not be read, by operation and cause.
fn gaps(report: &Report, sheet: &mut Sheet<'_>) -> io::Result<()> {
    type Cause = (GapKind, Option<Refusal>);
    let mut operations: BTreeMap<(Cause, &str), Vec<&ReportGap>> = BTreeMap::new();
    for gap in &report.gaps {
        let cause = (gap.gap.kind, gap.gap.refused_by);
        operations.entry((cause, &gap.gap.operation)).or_default().push(gap);
    }
    sheet.word("h3", |words| &words.not_read)?;
    sheet.raw("<table class=\"data gaps\">")?;
    sheet.word("caption class=vh", |words| &words.not_read)?;
    header(
        &[
            ("name", |words| &words.operation),
            ("where", |words| &words.where_),
            ("cause", |words| &words.cause),
            ("actions", |words| &words.actions),
        ],
        sheet,
    )?;
    for (((kind, refused_by), operation), gaps) in operations {
        sheet.raw("<tr><th scope=row class=name>")?;
        if operation.is_empty() {
            sheet.word("span", |words| &words.not_asked)?;
        } else {
            sheet.raw("<code>")?;
            sheet.text(operation)?;
            sheet.raw("</code>")?;
        }
        sheet.raw("<td class=where>")?;
        let place = place(report, &gaps, sheet);
        sheet.told("span", &place)?;
        sheet.raw("<td class=cause>")?;
        let why = sheet.both(|lang| {
            refused_by.map_or_else(|| cause(kind, lang), |refusal| refused(refusal, lang)).to_owned()
        });
        sheet.told("span", &why)?;
        if let Some(said) = gaps.iter().map(|gap| gap.gap.message.trim()).find(|message| !message.is_empty())
        {
            sheet.raw("<details>")?;
            sheet.word("summary", |words| &words.said)?;
            sheet.raw("<p>")?;
            sheet.shown(&shown(said, LONGEST_MESSAGE))?;
            sheet.raw("</p></details>")?;
        }
        sheet.raw("<td class=actions>")?;
        for action in gaps.iter().flat_map(|gap| &gap.actions).collect::<BTreeSet<_>>() {
            sheet.raw("<code>")?;
            sheet.text(action)?;
            sheet.raw("</code> ")?;
        }
        sheet.raw("\n")?;
    }
    sheet.raw("</tbody></table>")
}

/// Where an operation failed: on which resources, else in which regions.
fn place(report: &Report, gaps: &[&ReportGap], sheet: &Sheet<'_>) -> Both {
    let named = |names: BTreeSet<&str>| {
        let count = names.len();
        let mut names: Vec<_> =
            names.into_iter().take(MOST_NAMES).map(|name| shown(name, LONGEST_LABEL).into_owned()).collect();
        if count > MOST_NAMES {
            names.push(format!("+{}", count - MOST_NAMES));
        }
        sheet.both(|_| names.join(", "))
    };
    let resources: BTreeSet<_> = gaps.iter().filter_map(|gap| gap.gap.resource.as_deref()).collect();
    let regions: BTreeSet<_> = gaps.iter().filter_map(|gap| gap.gap.region.as_deref()).collect();
    let checks: BTreeSet<_> = gaps.iter().flat_map(|gap| &gap.checks).map(String::as_str).collect();
    if !resources.is_empty() {
        named(resources)
    } else if regions.len() > 1 && regions.len() == report.regions.len() {
        sheet.filled(|words| &words.everywhere, &[("n", &regions.len().to_string())])
    } else if !regions.is_empty() {
        named(regions)
    } else if gaps.iter().any(|gap| gap.gap.operation.is_empty()) {
        // What was not selected was never asked: only the checks that miss it tell what it is.
        named(checks)
    } else {
        sheet.filled(|words| &words.global, &[])
    }
}

fn header(columns: &[(&str, Pick)], sheet: &mut Sheet<'_>) -> io::Result<()> {
    sheet.raw("<thead><tr>")?;
    for (class, word) in columns {
        sheet.word(&format!("th scope=col class={class}"), *word)?;
    }
    sheet.raw("</tr></thead><tbody>\n")
}
