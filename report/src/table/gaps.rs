//! What is unknown, and what could not be read: by cause, with what to do about it.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
};

use aws_audit_checks::{
    finding::Status,
    gap::{GapKind, Refusal},
    report::{Report, ReportFinding, ReportGap},
};

use super::{Sheet, Tone};
use crate::text::{cut, escape, padded, width};

/// As much of an error message as tells what is wrong; some services answer with a page.
const MESSAGE_COLUMNS: usize = 400;

/// Findings that say `unknown`, by cause and check.
pub(super) fn unknown(report: &Report, sheet: &mut Sheet<'_>) -> io::Result<()> {
    let mut causes: BTreeMap<Option<GapKind>, BTreeMap<&str, Vec<&ReportFinding>>> = BTreeMap::new();
    for finding in report.findings.iter().filter(|finding| finding.status == Status::Unknown) {
        let kind = finding.evidence.get("gap").and_then(|kind| serde_json::from_value(kind.clone()).ok());
        causes.entry(kind).or_default().entry(&finding.check).or_default().push(finding);
    }
    if causes.is_empty() {
        return Ok(());
    }
    let words = sheet.words;
    sheet.heading(words.not_judged)?;
    sheet.blank()?;
    let column =
        causes.values().flat_map(BTreeMap::keys).map(|check| width(check)).max().unwrap_or(0).min(40);
    for (kind, checks) in causes {
        sheet.wrapped("", Tone::Strong, words.cause(kind))?;
        for (check, findings) in checks {
            let names: Vec<_> = findings
                .iter()
                .map(|finding| match &finding.resource.name {
                    Some(name) if !name.is_empty() => name.clone(),
                    _ => words.resource(finding),
                })
                .collect();
            let label = format!("  {}  {:>4}  ", padded(check, column), findings.len());
            let names = words.fitted(&names, sheet.style.width.saturating_sub(width(&label)).max(20));
            sheet.wrapped(&label, Tone::Plain, &names)?;
        }
        sheet.blank()?;
    }
    Ok(())
}

/// Everything that could not be read, by cause and operation.
pub(super) fn write(report: &Report, sheet: &mut Sheet<'_>) -> io::Result<()> {
    let mut causes: BTreeMap<GapKind, BTreeMap<&str, Vec<&ReportGap>>> = BTreeMap::new();
    for gap in &report.gaps {
        causes.entry(gap.gap.kind).or_default().entry(&gap.gap.operation).or_default().push(gap);
    }
    if causes.is_empty() {
        return Ok(());
    }
    sheet.heading(sheet.words.not_read)?;
    sheet.blank()?;
    for (kind, operations) in causes {
        cause(kind, &operations, report, sheet)?;
        sheet.blank()?;
    }
    Ok(())
}

fn cause(
    kind: GapKind,
    operations: &BTreeMap<&str, Vec<&ReportGap>>,
    report: &Report,
    sheet: &mut Sheet<'_>,
) -> io::Result<()> {
    let words = sheet.words;
    sheet.wrapped("", Tone::Strong, words.cause(Some(kind)))?;
    let column = operations.keys().map(|operation| width(operation)).max().unwrap_or(0).min(40);
    for (operation, gaps) in operations {
        let label = format!("  {}  ", padded(operation, column));
        let columns = sheet.style.width.saturating_sub(width(&label)).max(20);
        sheet.wrapped(&label, Tone::Plain, &place(operation, gaps, columns, report, sheet))?;
    }
    let mut messages: Vec<&str> = vec![];
    for gaps in operations.values() {
        messages.extend(gaps.iter().map(|gap| gap.gap.message.as_str()).find(|message| !message.is_empty()));
    }
    // One denial reads like another; other failures have each their own story.
    messages.dedup();
    messages.truncate(if kind == GapKind::AccessDenied { 1 } else { 3 });
    for message in messages {
        let message = cut(&escape(message.trim()), MESSAGE_COLUMNS).into_owned();
        sheet.wrapped("  ", Tone::Faint, &words.details(&message))?;
    }
    if let Some(hint) = words.hint(kind) {
        sheet.wrapped("  ", Tone::Plain, hint)?;
    }
    if kind == GapKind::AccessDenied {
        actions(operations.values().flatten().copied(), sheet)?;
    }
    Ok(())
}

/// Where an operation failed, in one line.
fn place(operation: &str, gaps: &[&ReportGap], columns: usize, report: &Report, sheet: &Sheet<'_>) -> String {
    let words = sheet.words;
    if operation.is_empty() {
        // What was not selected was never asked: only the checks that miss it tell what it is.
        let checks: BTreeSet<_> = gaps.iter().flat_map(|gap| &gap.checks).collect();
        return words.fitted(&Vec::from_iter(checks), columns);
    }
    let resources: BTreeSet<_> = gaps.iter().filter_map(|gap| gap.gap.resource.as_deref()).collect();
    let regions: BTreeSet<_> = gaps.iter().filter_map(|gap| gap.gap.region.as_deref()).collect();
    // The words around the list take some of the room.
    let list = columns.saturating_sub(6);
    if !resources.is_empty() {
        words.on_resources(&words.fitted(&Vec::from_iter(resources), list))
    } else if regions.len() > 1 && regions.len() == report.regions.len() {
        words.in_all_regions(regions.len())
    } else if !regions.is_empty() {
        words.in_regions(&words.fitted(&Vec::from_iter(regions), list))
    } else {
        String::new()
    }
}

/// The IAM actions that are missing, and those that something else refused: granting more does not lift that.
fn actions<'a>(gaps: impl Iterator<Item = &'a ReportGap>, sheet: &mut Sheet<'_>) -> io::Result<()> {
    let mut refused: BTreeMap<Option<Refusal>, BTreeSet<String>> = BTreeMap::new();
    for gap in gaps {
        let quoted = gap.actions.iter().map(|action| format!("\"{action}\""));
        refused.entry(gap.gap.refused_by).or_default().extend(quoted);
    }
    let words = sheet.words;
    for (refusal, actions) in refused.into_iter().filter(|(_, actions)| !actions.is_empty()) {
        let what = refusal.map_or_else(|| words.add_actions.to_owned(), |refusal| words.refused(refusal));
        sheet.wrapped("  ", Tone::Plain, &what)?;
        // Quoted, and with a comma in either language: they go into the Action list of a policy.
        let actions = Vec::from_iter(actions).join(", ");
        sheet.wrapped("    ", Tone::Note, &actions)?;
    }
    Ok(())
}
