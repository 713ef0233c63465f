//! What fails, worst first, each cause once with its resources: plain text that can be copied.

use std::{
    collections::{HashMap, HashSet},
    io,
};

use aws_audit_checks::{
    finding::{Severity, Status},
    group::Group as Cause,
    report::{Report, ReportFinding},
};

use super::{LONGEST_LABEL, Sheet, Tone, shown};
use crate::text::{escape, padded, width, wrap};

/// From this width on, messages stand beside the resources instead of below them.
const ROOMY: usize = 120;

/// Failing findings of one cause, worst first.
pub(crate) struct Group<'a> {
    pub worst: Severity,
    pub findings: Vec<&'a ReportFinding>,
    /// What they have in common, where that is not only their check.
    cause: Option<&'a Cause>,
}

pub(super) fn write(report: &Report, sheet: &mut Sheet<'_>) -> io::Result<()> {
    let groups = groups(report);
    if groups.is_empty() {
        return Ok(());
    }
    sheet.heading(sheet.words.findings)?;
    sheet.blank()?;
    let (listed, others) = groups.split_at(groups.len().min(sheet.style.groups.max(1)));
    for group in listed {
        group.write(sheet)?;
        sheet.blank()?;
    }
    if !others.is_empty() {
        let by_severity = Severity::WORST_FIRST.into_iter().filter_map(|severity| {
            let count = others.iter().filter(|group| group.worst == severity).count();
            (count > 0).then(|| sheet.words.severity_total(count, severity))
        });
        let by_severity = by_severity.collect::<Vec<_>>().join(sheet.words.comma);
        sheet.wrapped("", Tone::Strong, &sheet.words.more_groups(others.len(), &by_severity))?;
        sheet.blank()?;
    }
    Ok(())
}

/// Worst first, otherwise in the report's order.
pub(crate) fn groups(report: &Report) -> Vec<Group<'_>> {
    let causes: HashMap<_, _> = report.groups.iter().map(|cause| (cause.id.as_str(), cause)).collect();
    let mut groups: Vec<Group<'_>> = vec![];
    let mut places: HashMap<&str, usize> = HashMap::new();
    for finding in report.findings.iter().filter(|finding| finding.status == Status::Fail) {
        let cause = finding.group.as_ref().and_then(|id| causes.get(id.as_str()).copied());
        let cause = cause.filter(|cause| cause.cause != "check");
        let key = cause.map_or(&finding.check, |cause| &cause.id);
        let place = *places.entry(key).or_insert(groups.len());
        if place == groups.len() {
            groups.push(Group { worst: finding.severity, findings: vec![], cause });
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
    /// The cause in words, or what the check finds.
    pub(crate) fn title(&self) -> &str {
        let first = self.findings[0];
        match self.cause {
            Some(cause) => &cause.title,
            None if first.title.is_empty() => &first.check,
            None => &first.title,
        }
    }

    /// The checks that tell of it, each once.
    pub(crate) fn checks(&self) -> Vec<&str> {
        let mut checks: Vec<&str> = Vec::new();
        for finding in &self.findings {
            if !checks.contains(&finding.check.as_str()) {
                checks.push(&finding.check);
            }
        }
        checks
    }

    /// How many resources they are about.
    pub(crate) fn resources(&self) -> usize {
        self.findings.iter().map(|finding| &finding.resource.arn).collect::<HashSet<_>>().len()
    }

    fn write(&self, sheet: &mut Sheet<'_>) -> io::Result<()> {
        self.headline(sheet)?;
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
            sheet.wrapped("  ", Tone::Faint, &sheet.words.more(more))?;
        }
        self.fix(sheet)
    }

    fn headline(&self, sheet: &mut Sheet<'_>) -> io::Result<()> {
        let words = sheet.words;
        let severity = words.severity(self.worst);
        let label = format!("{severity}{}", words.colon);
        for (at, line) in wrap(&escape(self.title()), sheet.style.width - width(&label)).iter().enumerate() {
            let label = match at {
                0 => sheet.painted(Tone::of(self.worst), &label).into_owned(),
                _ => padded("", width(&label)),
            };
            writeln!(sheet.out, "{label}{}", sheet.painted(Tone::Strong, line))?;
        }
        let checks = self.checks().join(words.comma);
        let count = match self.cause {
            Some(_) => words.of_resources(self.findings.len(), self.resources()),
            None => words.resources(self.findings.len()),
        };
        sheet.wrapped("  ", Tone::Faint, &format!("{checks}{}{count}", words.comma))
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

    /// The finding whose fix is told: the worst that has a command, else the worst.
    pub(crate) fn to_fix(&self) -> &ReportFinding {
        let has_command =
            |finding: &&&ReportFinding| finding.fix.as_ref().is_some_and(|fix| fix.command.is_some());
        self.findings.iter().find(has_command).unwrap_or(&self.findings[0])
    }

    /// How to fix it, told once.
    fn fix(&self, sheet: &mut Sheet<'_>) -> io::Result<()> {
        let words = sheet.words;
        let first = self.to_fix();
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
