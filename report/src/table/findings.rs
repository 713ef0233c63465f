//! What fails, worst first, each check once with its resources: plain text that can be copied.

use std::{collections::HashMap, io};

use aws_audit_checks::{
    finding::{Severity, Status},
    report::{Report, ReportFinding},
};

use super::{LONGEST_LABEL, Sheet, Tone, shown};
use crate::text::{escape, padded, width, wrap};

/// From this width on, messages stand beside the resources instead of below them.
const ROOMY: usize = 120;

/// The failing findings of one check, worst first.
pub(crate) struct Group<'a> {
    pub worst: Severity,
    pub findings: Vec<&'a ReportFinding>,
}

pub(super) fn write(report: &Report, sheet: &mut Sheet<'_>) -> io::Result<()> {
    let groups = groups(report);
    if groups.is_empty() {
        return Ok(());
    }
    sheet.heading(sheet.words.findings)?;
    sheet.blank()?;
    for group in groups {
        group.write(sheet)?;
        sheet.blank()?;
    }
    Ok(())
}

/// Worst first, otherwise in the report's order.
pub(crate) fn groups(report: &Report) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = vec![];
    let mut places: HashMap<&str, usize> = HashMap::new();
    for finding in report.findings.iter().filter(|finding| finding.status == Status::Fail) {
        let place = *places.entry(&finding.check).or_insert(groups.len());
        if place == groups.len() {
            groups.push(Group { worst: finding.severity, findings: vec![] });
        }
        groups[place].worst = groups[place].worst.max(finding.severity);
        groups[place].findings.push(finding);
    }
    for group in &mut groups {
        group.findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    }
    groups.sort_by_key(|group| std::cmp::Reverse(group.worst));
    groups
}

impl Group<'_> {
    fn write(&self, sheet: &mut Sheet<'_>) -> io::Result<()> {
        let first = self.findings[0];
        self.headline(first, sheet)?;
        let listed = &self.findings[..self.findings.len().min(sheet.style.listed.max(1))];
        let labels: Vec<_> = listed.iter().map(|finding| self.label(finding, sheet)).collect();
        let column = labels.iter().map(|label| width(label)).max().unwrap_or(0);
        for (finding, label) in listed.iter().zip(&labels) {
            if finding.message.is_empty() {
                sheet.wrapped("  ", Tone::Plain, label)?;
            } else if sheet.style.width >= ROOMY {
                beside(label, column.min(sheet.style.width * 2 / 5), &finding.message, sheet)?;
            } else {
                sheet.wrapped("  ", Tone::Plain, label)?;
                sheet.wrapped("    ", Tone::Plain, &finding.message)?;
            }
        }
        let more = self.findings.len() - listed.len();
        if more > 0 {
            sheet.wrapped("  ", Tone::Faint, &sheet.words.more_in_json(more))?;
        }
        self.fix(first, sheet)
    }

    fn headline(&self, first: &ReportFinding, sheet: &mut Sheet<'_>) -> io::Result<()> {
        let words = sheet.words;
        let severity = words.severity(self.worst);
        let label = format!("{severity}{}", words.colon);
        let title = if first.title.is_empty() { &first.check } else { &first.title };
        for (at, line) in wrap(&escape(title), sheet.style.width - width(&label)).iter().enumerate() {
            let label = match at {
                0 => sheet.painted(Tone::of(self.worst), &label).into_owned(),
                _ => padded("", width(&label)),
            };
            writeln!(sheet.out, "{label}{}", sheet.painted(Tone::Strong, line))?;
        }
        let count = words.resources(self.findings.len());
        sheet.wrapped("  ", Tone::Faint, &format!("{}{}{count}", first.check, words.comma))
    }

    /// The resource, where it is, and its severity where that is not the group's.
    fn label(&self, finding: &ReportFinding, sheet: &Sheet<'_>) -> String {
        let mut label = shown(&sheet.words.resource(finding), LONGEST_LABEL).into_owned();
        if let Some(region) = finding.resource.region.as_deref().filter(|id| *id != finding.resource.id) {
            label = format!("{label} · {}", escape(region));
        }
        if finding.severity != self.worst {
            label = format!("{label} · {}", sheet.words.severity(finding.severity));
        }
        label
    }

    /// How to fix it, told once.
    fn fix(&self, first: &ReportFinding, sheet: &mut Sheet<'_>) -> io::Result<()> {
        let words = sheet.words;
        if let Some(fix) = &first.fix {
            sheet.wrapped(&format!("  {}{}", words.fix, words.colon), Tone::Plain, &fix.summary)?;
        }
        let mut commands = self
            .findings
            .iter()
            .filter_map(|finding| Some((*finding, finding.fix.as_ref()?.command.as_deref()?)));
        if let Some((finding, command)) = commands.next() {
            if commands.any(|(_, other)| other != command) {
                let example = words.for_example(&words.resource(finding));
                sheet.wrapped("    ", Tone::Faint, &example)?;
            }
            sheet.verbatim("    ", command)?;
        }
        if !first.url.is_empty() {
            sheet.verbatim(&format!("  {}{}", words.see, words.colon), &first.url)?;
        }
        Ok(())
    }
}

/// The message beside the resource; below it where the resource takes too much room.
fn beside(label: &str, column: usize, message: &str, sheet: &mut Sheet<'_>) -> io::Result<()> {
    if width(label) <= column {
        return sheet.wrapped(&format!("  {}  ", padded(label, column)), Tone::Plain, message);
    }
    sheet.wrapped("  ", Tone::Plain, label)?;
    sheet.wrapped(&padded("", column + 4), Tone::Plain, message)
}
