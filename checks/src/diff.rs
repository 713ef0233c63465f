//! Two reports of an account side by side: `aws-audit diff`. What one of them could not have told is no change; that rule
//! is `View`'s, and baselines ([`crate::baseline`]) follow it too.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    finding::{Severity, Status},
    report::{Report, ReportFinding, SCHEMA_VERSION},
};

/// What has changed between two reports.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Diff {
    /// Version of this format: that of reports.
    pub schema_version: u32,
    /// The account: twelve digits.
    pub account: String,
    /// The earlier report.
    pub earlier: Side,
    /// The later report.
    pub later: Side,
    /// Whether both looked at the same with the same framework: otherwise their scores say nothing of each other.
    pub comparable: bool,
    /// The controls whose score is another, in the framework's order; none where frameworks differ.
    pub controls: Vec<ControlChange>,
    /// How many findings changed how; every kind is there.
    pub counts: BTreeMap<ChangeKind, u64>,
    /// What changed, by kind, worst first.
    pub changes: Vec<Change>,
    /// Failures, unknowns and accepted findings that are in both as they were.
    pub unchanged: u64,
    /// What only one of the reports looked at.
    pub not_compared: NotCompared,
}

/// One of the two reports.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Side {
    /// When its scan began (RFC 3339, UTC).
    #[schemars(with = "String")]
    pub started_at: Timestamp,
    /// The version of the program that made it.
    pub version: String,
    /// The framework that it was scored along.
    pub framework: String,
    /// Its score, 0 to 100; none where it had none.
    pub overall: Option<f64>,
    /// The share of resources that could be judged, 0 to 1.
    pub judged: Option<f64>,
    /// How many findings fail.
    pub fail: u64,
    /// How many could not be judged.
    pub unknown: u64,
    /// How many are accepted.
    pub suppressed: u64,
}

/// A control's score then and now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ControlChange {
    /// Its id in the framework.
    pub id: String,
    /// Its title, in the later report's language.
    pub title: String,
    /// Its score in the earlier report.
    pub earlier: Option<f64>,
    /// Its score in the later report.
    pub later: Option<f64>,
}

/// How a finding changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// It fails, and the earlier report saw that it did not.
    New,
    /// It fails more severely.
    Worse,
    /// It fails, and was accepted before.
    Reinstated,
    /// It could not be judged before, and now it could.
    Judged,
    /// It can be judged no longer.
    Unjudged,
    /// It is accepted now.
    Accepted,
    /// It fails less severely.
    Better,
    /// It fails no longer, and the later report looked.
    Gone,
}

impl ChangeKind {
    /// Every kind, in the order in which they are told: what needs somebody first.
    pub const ALL: [Self; 8] = [
        Self::New,
        Self::Worse,
        Self::Reinstated,
        Self::Judged,
        Self::Unjudged,
        Self::Accepted,
        Self::Better,
        Self::Gone,
    ];
}

/// A finding that changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Change {
    /// How.
    pub kind: ChangeKind,
    /// How it stood; none where the earlier report did not list it.
    pub earlier: Option<Standing>,
    /// How it stands; none where the later report does not list it.
    pub later: Option<Standing>,
    /// The finding, as the later report has it, else as the earlier one has.
    pub finding: ReportFinding,
}

/// How a finding stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Standing {
    /// Its status.
    pub status: Status,
    /// Its severity.
    pub severity: Severity,
}

impl From<&ReportFinding> for Standing {
    fn from(finding: &ReportFinding) -> Self {
        Self { status: finding.status, severity: finding.severity }
    }
}

/// What only one of the reports looked at: neither new nor gone.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct NotCompared {
    /// Findings of the earlier report that the later one could not have told.
    pub earlier_findings: u64,
    /// Findings of the later report that the earlier one could not have told.
    pub later_findings: u64,
    /// Regions that only the earlier report is about.
    pub earlier_regions: Vec<String>,
    /// Regions that only the later report is about.
    pub later_regions: Vec<String>,
    /// Checks that only the earlier report ran.
    pub earlier_checks: Vec<String>,
    /// Checks that only the later report ran.
    pub later_checks: Vec<String>,
    /// The lowest severity that the earlier report lists.
    pub earlier_min_severity: Option<Severity>,
    /// The lowest severity that the later report lists.
    pub later_min_severity: Option<Severity>,
}

/// What a report can tell of a finding that another one has.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Sight<'a> {
    /// It fails, is accepted, or could not be judged.
    Listed(&'a ReportFinding),
    /// It was looked at, and is fine.
    Fine,
    /// Something that its check needed there could not be read.
    Hidden,
    /// The check did not run, the region was not scanned, or the severity is not listed.
    OutOfScope,
}

/// What a report looked at, and what of that it could not judge: as much of a report as it takes to tell that what it
/// does not list is fine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Looked {
    /// The regions that were scanned.
    regions: BTreeSet<String>,
    /// The checks that ran and the lowest severity that is listed; none where the report does not tell and is taken for
    /// whole.
    scope: Option<(BTreeSet<String>, Severity)>,
    /// Checks and regions of which something is unknown.
    unknown: BTreeSet<(String, Option<String>)>,
}

/// What can be said of something that a report does not list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unlisted {
    /// It was looked at, and is fine.
    Fine,
    /// Something that its check needed there could not be read.
    Hidden,
    /// The check did not run, the region was not scanned, or the severity is not listed.
    OutOfScope,
}

impl Looked {
    /// What the report looked at.
    #[must_use]
    pub fn of(report: &Report) -> Self {
        let unknown = report.findings.iter().filter(|finding| finding.status == Status::Unknown);
        Self {
            regions: report.regions.iter().cloned().collect(),
            scope: report.scope.as_ref().map(|scope| (scope.checks.clone(), scope.min_severity)),
            unknown: unknown.map(|it| (it.check.clone(), it.resource.region.clone())).collect(),
        }
    }

    /// What it means that no finding of that check and region, of that severity, is listed. What is global has no region.
    #[must_use]
    pub fn unlisted(&self, check: &str, region: Option<&str>, severity: Severity) -> Unlisted {
        let is_in_scope = region.is_none_or(|region| self.regions.contains(region))
            && self.scope.as_ref().is_none_or(|(checks, least)| checks.contains(check) && severity >= *least);
        let is_unknown =
            |region: Option<&str>| self.unknown.contains(&(check.to_owned(), region.map(str::to_owned)));
        if !is_in_scope {
            Unlisted::OutOfScope
        // A global list that could not be read hides what is in every region.
        } else if is_unknown(region) || is_unknown(None) {
            Unlisted::Hidden
        } else {
            Unlisted::Fine
        }
    }
}

/// A report, with its findings at hand.
pub(crate) struct View<'a> {
    report: &'a Report,
    findings: BTreeMap<&'a str, &'a ReportFinding>,
    looked: Looked,
}

impl<'a> View<'a> {
    pub(crate) fn new(report: &'a Report) -> Self {
        Self {
            report,
            findings: report.findings.iter().map(|finding| (finding.id.as_str(), finding)).collect(),
            looked: Looked::of(report),
        }
    }

    /// What the report tells of the finding.
    pub(crate) fn sight(&self, finding: &ReportFinding) -> Sight<'a> {
        match self.findings.get(finding.id.as_str()) {
            Some(listed) if listed.status != Status::Pass => return Sight::Listed(listed),
            Some(_) => return Sight::Fine,
            None => {}
        }
        match self.looked.unlisted(&finding.check, finding.resource.region.as_deref(), finding.severity) {
            Unlisted::Fine => Sight::Fine,
            Unlisted::Hidden => Sight::Hidden,
            Unlisted::OutOfScope => Sight::OutOfScope,
        }
    }

    /// What somebody may have to look at: everything but what passes.
    fn standing(&self) -> impl Iterator<Item = &'a ReportFinding> {
        self.report.findings.iter().filter(|finding| finding.status != Status::Pass)
    }
}

/// Compares two reports of one account.
#[must_use]
pub fn diff(earlier: &Report, later: &Report) -> Diff {
    let (then, now) = (View::new(earlier), View::new(later));
    let mut not_compared = scopes(earlier, later);
    let (mut changes, mut unchanged) = (Vec::new(), 0);
    for finding in now.standing() {
        let before = then.sight(finding);
        let kind = match (before, finding.status) {
            (Sight::OutOfScope, _) => {
                not_compared.later_findings += 1;
                continue;
            }
            (Sight::Listed(before), _) => changed(before, finding),
            (Sight::Hidden, Status::Unknown) => None,
            (Sight::Hidden, _) => Some(ChangeKind::Judged),
            (Sight::Fine, Status::Fail) => Some(ChangeKind::New),
            (Sight::Fine, Status::Suppressed) => Some(ChangeKind::Accepted),
            (Sight::Fine, _) => Some(ChangeKind::Unjudged),
        };
        let Some(kind) = kind else {
            unchanged += 1;
            continue;
        };
        let earlier = if let Sight::Listed(before) = before { Some(before.into()) } else { None };
        changes.push(Change { kind, earlier, later: Some(finding.into()), finding: finding.clone() });
    }
    for finding in then.standing() {
        let kind = match (now.sight(finding), finding.status) {
            (Sight::Listed(_), _) => continue,
            (Sight::OutOfScope, _) => {
                not_compared.earlier_findings += 1;
                continue;
            }
            (Sight::Hidden, Status::Unknown) => {
                unchanged += 1;
                continue;
            }
            (Sight::Hidden, _) => ChangeKind::Unjudged,
            (Sight::Fine, Status::Unknown) => ChangeKind::Judged,
            (Sight::Fine, _) => ChangeKind::Gone,
        };
        changes.push(Change { kind, earlier: Some(finding.into()), later: None, finding: finding.clone() });
    }
    changes.sort_by(|a, b| {
        let key = |it: &Change| (it.kind, std::cmp::Reverse(it.finding.severity));
        key(a).cmp(&key(b)).then_with(|| {
            let name = |it: &'_ Change| (it.finding.check.clone(), it.finding.id.clone());
            name(a).cmp(&name(b))
        })
    });
    let mut counts: BTreeMap<_, _> = ChangeKind::ALL.map(|kind| (kind, 0)).into();
    for change in &changes {
        *counts.entry(change.kind).or_default() += 1;
    }
    Diff {
        schema_version: SCHEMA_VERSION,
        account: later.account.id.clone(),
        earlier: side(earlier),
        later: side(later),
        comparable: are_comparable(earlier, later),
        controls: controls(earlier, later),
        counts,
        changes,
        unchanged,
        not_compared,
    }
}

/// The JSON Schema of what [`diff`] gives: `docs/diff.schema.json`.
#[must_use]
pub fn json_schema() -> schemars::Schema {
    schemars::schema_for!(Diff)
}

/// How a finding changed that both reports list; none where it did not.
fn changed(before: &ReportFinding, now: &ReportFinding) -> Option<ChangeKind> {
    match (before.status, now.status) {
        (Status::Fail, Status::Fail) if now.severity > before.severity => Some(ChangeKind::Worse),
        (Status::Fail, Status::Fail) if now.severity < before.severity => Some(ChangeKind::Better),
        (before, now) if before == now => None,
        (_, Status::Unknown) => Some(ChangeKind::Unjudged),
        (Status::Unknown, _) => Some(ChangeKind::Judged),
        (_, Status::Suppressed) => Some(ChangeKind::Accepted),
        _ => Some(ChangeKind::Reinstated),
    }
}

fn side(report: &Report) -> Side {
    let count = |status| report.findings.iter().filter(|finding| finding.status == status).count() as u64;
    Side {
        started_at: report.started_at,
        version: report.tool.version.clone(),
        framework: report.score.framework.clone(),
        overall: report.score.overall,
        judged: report.score.judged,
        fail: count(Status::Fail),
        unknown: count(Status::Unknown),
        suppressed: count(Status::Suppressed),
    }
}

fn checks(report: &Report) -> Option<&BTreeSet<String>> {
    report.scope.as_ref().map(|scope| &scope.checks)
}

fn are_comparable(earlier: &Report, later: &Report) -> bool {
    let regions = |report: &Report| report.regions.iter().cloned().collect::<BTreeSet<_>>();
    earlier.score.framework == later.score.framework
        && regions(earlier) == regions(later)
        && checks(earlier) == checks(later)
}

fn scopes(earlier: &Report, later: &Report) -> NotCompared {
    let only = |these: &[String], those: &[String]| {
        these.iter().filter(|it| !those.contains(it)).cloned().collect::<Vec<_>>()
    };
    let mut told = NotCompared {
        earlier_regions: only(&earlier.regions, &later.regions),
        later_regions: only(&later.regions, &earlier.regions),
        earlier_min_severity: earlier.scope.as_ref().map(|scope| scope.min_severity),
        later_min_severity: later.scope.as_ref().map(|scope| scope.min_severity),
        ..NotCompared::default()
    };
    if let (Some(then), Some(now)) = (checks(earlier), checks(later)) {
        told.earlier_checks = then.difference(now).cloned().collect();
        told.later_checks = now.difference(then).cloned().collect();
    }
    told
}

fn controls(earlier: &Report, later: &Report) -> Vec<ControlChange> {
    if earlier.score.framework != later.score.framework {
        return Vec::new();
    }
    let before = |id: &str| earlier.score.controls.iter().find(|control| control.id == id);
    let told = later.score.controls.iter().map(|control| ControlChange {
        id: control.id.clone(),
        title: control.title.clone(),
        earlier: before(&control.id).and_then(|before| before.score),
        later: control.score,
    });
    told.filter(|change| change.earlier != change.later).collect()
}

#[cfg(test)]
mod tests;
