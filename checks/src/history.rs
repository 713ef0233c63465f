//! How the account stood in earlier runs: a line of JSON for each.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    finding::{Severity, Status},
    report::{Report, Scope},
};

/// Runs that a report holds at most.
pub const MOST_RUNS: usize = 30;

/// What a run found, in a line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Run {
    /// The account: twelve digits.
    pub account: String,
    /// When the scan began (RFC 3339, UTC).
    #[schemars(with = "String")]
    pub started_at: Timestamp,
    /// The version of the program.
    pub version: String,
    /// The framework that was scored along.
    pub framework: String,
    /// Equal in runs of the same checks in the same regions; scores of others say nothing of each other.
    pub scope: String,
    /// 0 to 100; none where there was none.
    pub overall: Option<f64>,
    /// The share of resources that could be judged, 0 to 1.
    pub judged: Option<f64>,
    /// The scores of the framework's controls that had one.
    pub controls: BTreeMap<String, f64>,
    /// Failing findings by severity.
    pub fail: BTreeMap<String, u64>,
    /// Findings that could not be judged.
    pub unknown: u64,
    /// Findings that are accepted.
    pub suppressed: u64,
    /// Groups of failures with the same cause.
    pub groups: u64,
    /// Whether something that was asked for could not be looked at.
    pub incomplete: bool,
}

impl Run {
    /// The line of a report that still has all of its findings.
    #[must_use]
    pub fn of(report: &Report) -> Self {
        let count = |status| report.findings.iter().filter(|finding| finding.status == status).count() as u64;
        let mut fail: BTreeMap<String, u64> =
            Severity::WORST_FIRST.into_iter().map(|severity| (severity.name().to_owned(), 0)).collect();
        for finding in report.findings.iter().filter(|finding| finding.status == Status::Fail) {
            *fail.entry(finding.severity.name().to_owned()).or_default() += 1;
        }
        let scores = report.score.controls.iter();
        Self {
            account: report.account.id.clone(),
            started_at: report.started_at,
            version: report.tool.version.clone(),
            framework: report.score.framework.clone(),
            scope: scope(report),
            overall: report.score.overall,
            judged: report.score.judged,
            controls: scores.filter_map(|control| Some((control.id.clone(), control.score?))).collect(),
            fail,
            unknown: count(Status::Unknown),
            suppressed: count(Status::Suppressed),
            groups: report.groups.len() as u64,
            incomplete: report.is_incomplete(),
        }
    }
}

/// A short name of what was looked at: checks, regions.
fn scope(report: &Report) -> String {
    let nothing = BTreeSet::new();
    let checks = report.scope.as_ref().map_or(&nothing, |Scope { checks, .. }| checks);
    let regions: BTreeSet<_> = report.regions.iter().collect();
    let mut hash = Sha256::new();
    for part in checks.iter().chain([&String::new()]).chain(regions) {
        hash.update(part);
        hash.update("\n");
    }
    hash.finalize().iter().take(4).map(|byte| format!("{byte:02x}")).collect()
}

/// A file of runs, as it was read.
#[derive(Debug, Default)]
pub struct History {
    /// The runs of the account, oldest first.
    pub runs: Vec<Run>,
    /// Numbers of lines that are no run, from 1.
    pub unreadable: Vec<usize>,
    /// Numbers of lines that are of another account, from 1.
    pub foreign: Vec<usize>,
    /// All lines as they stand: what is not understood is not thrown away.
    lines: Vec<(String, Option<Timestamp>)>,
}

impl History {
    /// Reads the lines of a file. One that is not understood, or of another account, is kept and told.
    #[must_use]
    pub fn read(text: &str, account: &str) -> Self {
        let mut history = Self::default();
        for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let run = serde_json::from_str::<Run>(line).ok();
            history.lines.push((line.to_owned(), None));
            match run {
                Some(run) if run.account == account => {
                    if let Some((_, started_at)) = history.lines.last_mut() {
                        *started_at = Some(run.started_at);
                    }
                    history.runs.push(run);
                }
                Some(_) => history.foreign.push(at + 1),
                None => history.unreadable.push(at + 1),
            }
        }
        history.runs.sort_by_key(|run| run.started_at);
        history
    }

    /// Adds a run. One of the same scan, judged before, is replaced.
    ///
    /// # Panics
    /// Never: a run has a JSON form.
    pub fn add(&mut self, run: Run) {
        let is_same = |started_at: Timestamp| started_at == run.started_at;
        self.lines.retain(|(_, started_at)| !started_at.is_some_and(is_same));
        self.runs.retain(|earlier| !is_same(earlier.started_at));
        let line = serde_json::to_string(&run).expect("a run has a JSON form");
        self.lines.push((line, Some(run.started_at)));
        self.runs.push(run);
        self.runs.sort_by_key(|run| run.started_at);
    }

    /// The file's new text.
    #[must_use]
    pub fn text(&self) -> String {
        self.lines.iter().map(|(line, _)| format!("{line}\n")).collect()
    }

    /// The last runs up to the one that began then, oldest first: what a report shows.
    #[must_use]
    pub fn last(&self, until: Timestamp) -> Vec<Run> {
        let runs: Vec<_> = self.runs.iter().filter(|run| run.started_at <= until).collect();
        runs[runs.len().saturating_sub(MOST_RUNS)..].iter().map(|run| (*run).clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{ago, now};

    fn run(days: i64) -> Run {
        Run {
            account: "111122223333".into(),
            started_at: ago(days),
            version: "0.1.0".into(),
            framework: "antipatterns".into(),
            scope: "0".into(),
            overall: Some(50.0),
            judged: Some(1.0),
            controls: BTreeMap::new(),
            fail: BTreeMap::new(),
            unknown: 0,
            suppressed: 0,
            groups: 0,
            incomplete: false,
        }
    }

    #[test]
    fn lines_that_are_not_understood_are_kept_and_told() {
        let mut written = History::default();
        written.add(run(2));
        written.add(Run { account: "444455556666".into(), ..run(1) });
        let text = format!("{}what\n\n{{\"v\":2}}\n", written.text());
        let mut history = History::read(&text, "111122223333");
        assert_eq!((history.unreadable.as_slice(), history.foreign.as_slice()), (&[3, 5][..], &[2][..]));
        assert_eq!(history.runs, [run(2)]);
        history.add(run(0));
        let text = history.text();
        assert_eq!(text.lines().count(), 5, "{text}");
        assert!(text.contains("what\n{\"v\":2}\n"), "{text}");
        assert_eq!(History::read(&text, "111122223333").last(now()), [run(2), run(0)]);
    }

    #[test]
    fn a_scan_that_is_judged_again_is_one_run() {
        let mut history = History::default();
        history.add(run(1));
        history.add(Run { overall: Some(60.0), ..run(1) });
        assert_eq!(history.runs, [Run { overall: Some(60.0), ..run(1) }]);
        assert_eq!(history.text().lines().count(), 1);
    }

    #[test]
    fn a_report_holds_the_last_runs_up_to_its_own() {
        let mut history = History::default();
        for days in 0..40 {
            history.add(run(days));
        }
        let runs = history.last(ago(5));
        assert_eq!(runs.len(), MOST_RUNS);
        assert_eq!((runs[0].started_at, runs[29].started_at), (ago(34), ago(5)));
    }
}
