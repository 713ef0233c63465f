//! Figures for Prometheus, as the textfile collector of its node exporter reads them: the text exposition format,
//! without timestamps, which the collector refuses. (Prometheus, "Exposition formats"; node_exporter, "Textfile
//! Collector".)
//!
//! Labels name accounts, checks, controls and words of ours, never a resource: each combination is a time series that
//! is kept for weeks. ("Metric and label naming": "Do not use labels to store dimensions with high cardinality".)
//! Whatever could be counted is there when it is zero too, so that a rule can tell "none" from "not scanned".
//! What HELP says does not depend on the report: the collector warns when two files (two accounts) differ in it.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
};

use aws_audit_checks::{
    finding::{Severity, Status},
    gap::GapKind,
    report::{Report, State},
};
use jiff::Timestamp;

use crate::json::word;

/// Every kind of gap, so that each has its series.
const GAP_KINDS: [GapKind; 12] = [
    GapKind::AccessDenied,
    GapKind::RegionDisabled,
    GapKind::Throttled,
    GapKind::TimedOut,
    GapKind::Unreachable,
    GapKind::ServerError,
    GapKind::UnreadableAnswer,
    GapKind::InvalidCredentials,
    GapKind::WrongClock,
    GapKind::Interrupted,
    GapKind::NotSelected,
    GapKind::NotEvaluated,
];

/// Findings that a report always lists. Those that pass are listed on demand only, and counted by control.
const LISTED: [Status; 3] = [Status::Fail, Status::Unknown, Status::Suppressed];

/// Writes the figures of a report.
///
/// # Errors
/// When they cannot be written.
pub fn write(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    let mut sheet = Sheet { account: &report.account.id, out };
    scan(report, &mut sheet)?;
    findings(report, &mut sheet)?;
    scores(report, &mut sheet)?;
    gaps(report, &mut sheet)
}

fn scan(report: &Report, sheet: &mut Sheet<'_>) -> io::Result<()> {
    sheet.metric("aws_audit_info", "What made the report, and of which account.")?;
    let alias = report.account.alias.as_deref().unwrap_or_default();
    let about =
        [("alias", alias), ("partition", &report.account.partition), ("version", &report.tool.version)];
    sheet.sample("aws_audit_info", &about, 1.0)?;
    let took = report.finished_at.duration_since(report.started_at);
    let single: [(&str, &str, f64); 6] = [
        (
            "aws_audit_scan_timestamp_seconds",
            "When the scan ended, in Unix time.",
            seconds(report.finished_at),
        ),
        ("aws_audit_scan_duration_seconds", "How long the scan took.", took.as_secs_f64()),
        (
            "aws_audit_scan_complete",
            "1 when everything that was asked for could be read, otherwise 0.",
            f64::from(u8::from(!report.is_incomplete())),
        ),
        ("aws_audit_scan_regions", "Regions that were scanned.", count(report.regions.len())),
        ("aws_audit_api_requests", "Requests sent, retries included.", float(report.calls.total)),
        ("aws_audit_api_requests_retried", "Requests that were sent again.", float(report.calls.retried)),
    ];
    for (name, help, value) in single {
        sheet.metric(name, help)?;
        sheet.sample(name, &[], value)?;
    }
    let name = "aws_audit_api_requests_refused";
    sheet.metric(name, "Requests that AWS refused: too many, or no permission.")?;
    sheet.sample(name, &[("reason", "throttled")], float(report.calls.throttled))?;
    sheet.sample(name, &[("reason", "denied")], float(report.calls.denied))
}

fn findings(report: &Report, sheet: &mut Sheet<'_>) -> io::Result<()> {
    let mut by_severity: BTreeMap<(Status, Severity), usize> = BTreeMap::new();
    let mut by_check: BTreeMap<(&str, Status), usize> = BTreeMap::new();
    let mut by_state: BTreeMap<String, usize> = BTreeMap::new();
    for finding in &report.findings {
        *by_severity.entry((finding.status, finding.severity)).or_default() += 1;
        *by_check.entry((&finding.check, finding.status)).or_default() += 1;
        if let Some(state) = finding.state {
            *by_state.entry(word(state)).or_default() += 1;
        }
    }

    let name = "aws_audit_findings";
    sheet.metric(name, "Listed findings by status and severity.")?;
    for status in LISTED {
        for severity in Severity::WORST_FIRST {
            let value = by_severity.get(&(status, severity)).copied().unwrap_or_default();
            let status = word(status);
            let labels = [("status", status.as_str()), ("severity", severity.name())];
            sheet.sample(name, &labels, count(value))?;
        }
    }

    // Checks that ran and found nothing are zero, which those that did not run are not.
    let ran = report.scope.iter().flat_map(|scope| &scope.checks).map(String::as_str);
    let checks: BTreeSet<&str> = ran.chain(by_check.keys().map(|(check, _)| *check)).collect();
    let name = "aws_audit_check_findings";
    sheet.metric(name, "Listed findings by check and status.")?;
    for check in checks {
        for status in LISTED {
            let value = by_check.get(&(check, status)).copied().unwrap_or_default();
            sheet.sample(name, &[("check", check), ("status", &word(status))], count(value))?;
        }
    }

    if let Some(scope) = &report.scope {
        let name = "aws_audit_findings_unlisted";
        sheet.metric(name, "Failing findings below --min-severity, which no other metric counts.")?;
        sheet.sample(name, &[], float(scope.unlisted))?;
    }
    if !by_state.is_empty() {
        let name = "aws_audit_findings_since_baseline";
        sheet.metric(name, "Failures by what became of them since the baseline.")?;
        for state in [State::New, State::Persisting, State::Resolved].map(word) {
            let value = by_state.get(&state).copied().unwrap_or_default();
            sheet.sample(name, &[("state", &state)], count(value))?;
        }
    }
    Ok(())
}

fn scores(report: &Report, sheet: &mut Sheet<'_>) -> io::Result<()> {
    let framework = ("framework", report.score.framework.as_str());
    // What has no score has no sample: it is not zero.
    if let Some(overall) = report.score.overall {
        let name = "aws_audit_score";
        sheet.metric(name, "How the account stands along the framework, 0 to 100.")?;
        sheet.sample(name, &[framework], overall)?;
    }
    if let Some(judged) = report.score.judged {
        let name = "aws_audit_judged_ratio";
        sheet.metric(name, "The share of resources that could be judged, 0 to 1.")?;
        sheet.sample(name, &[framework], judged)?;
    }
    let scored = || report.score.controls.iter().filter_map(|control| Some((control, control.score?)));
    if scored().next().is_some() {
        let name = "aws_audit_control_score";
        sheet.metric(name, "How the account stands in one control, 0 to 100.")?;
        for (control, score) in scored() {
            sheet.sample(name, &[framework, ("control", &control.id)], score)?;
        }
    }
    let checked = || report.score.controls.iter().filter(|control| !control.checks.is_empty());
    if checked().next().is_some() {
        let name = "aws_audit_control_resources";
        sheet.metric(name, "Resources by control and what its checks say of them.")?;
        for control in checked() {
            for (status, value) in
                [("pass", control.pass), ("fail", control.fail), ("unknown", control.unknown)]
            {
                let labels = [framework, ("control", control.id.as_str()), ("status", status)];
                sheet.sample(name, &labels, float(value))?;
            }
        }
    }
    Ok(())
}

fn gaps(report: &Report, sheet: &mut Sheet<'_>) -> io::Result<()> {
    let name = "aws_audit_gaps";
    sheet.metric(name, "What could not be read, by why.")?;
    for kind in GAP_KINDS {
        let value = report.gaps.iter().filter(|gap| gap.gap.kind == kind).count();
        sheet.sample(name, &[("kind", &word(kind))], count(value))?;
    }
    Ok(())
}

/// Prometheus has one type of number; counts up to 2^53 are exact in it.
#[expect(clippy::cast_precision_loss, reason = "no account has that many of anything")]
const fn float(value: u64) -> f64 {
    value as f64
}

fn count(value: usize) -> f64 {
    float(u64::try_from(value).unwrap_or(u64::MAX))
}

fn seconds(time: Timestamp) -> f64 {
    time.as_duration().as_secs_f64()
}

/// Where the figures are written.
struct Sheet<'a> {
    account: &'a str,
    out: &'a mut dyn io::Write,
}

impl Sheet<'_> {
    /// Begins a metric. All are gauges: the next scan's may be lower.
    fn metric(&mut self, name: &str, help: &str) -> io::Result<()> {
        writeln!(self.out, "# HELP {name} {help}\n# TYPE {name} gauge")
    }

    fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: f64) -> io::Result<()> {
        write!(self.out, "{name}{{account=\"{}\"", escape(self.account))?;
        for (label, text) in labels {
            write!(self.out, ",{label}=\"{}\"", escape(text))?;
        }
        writeln!(self.out, "}} {value}")
    }
}

/// A label's value: "label_value can be any sequence of UTF-8 characters, but the backslash, double-quote, and line
/// feed characters have to be escaped". ("Exposition formats".)
fn escape(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;
    use crate::samples::{self, HOSTILE};

    fn written(report: &Report) -> String {
        let mut out = vec![];
        write(report, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn lines(report: &Report, prefix: &str) -> String {
        let text = written(report);
        text.lines().filter(|line| line.starts_with(prefix)).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn the_scan() {
        let report = samples::report(&samples::one_of_each());
        expect![[r#"
            aws_audit_scan_timestamp_seconds{account="111122223333"} 1793534408.4
            aws_audit_scan_duration_seconds{account="111122223333"} 8.4
            aws_audit_scan_complete{account="111122223333"} 0
            aws_audit_scan_regions{account="111122223333"} 2"#]]
        .assert_eq(&lines(&report, "aws_audit_scan_"));
    }

    #[test]
    fn findings_by_status_and_severity() {
        let report = samples::report(&samples::one_of_each());
        expect![[r#"
            aws_audit_findings{account="111122223333",status="fail",severity="critical"} 1
            aws_audit_findings{account="111122223333",status="fail",severity="high"} 0
            aws_audit_findings{account="111122223333",status="fail",severity="medium"} 0
            aws_audit_findings{account="111122223333",status="fail",severity="low"} 0
            aws_audit_findings{account="111122223333",status="fail",severity="info"} 0
            aws_audit_findings{account="111122223333",status="unknown",severity="critical"} 0
            aws_audit_findings{account="111122223333",status="unknown",severity="high"} 1
            aws_audit_findings{account="111122223333",status="unknown",severity="medium"} 0
            aws_audit_findings{account="111122223333",status="unknown",severity="low"} 0
            aws_audit_findings{account="111122223333",status="unknown",severity="info"} 0
            aws_audit_findings{account="111122223333",status="suppressed",severity="critical"} 0
            aws_audit_findings{account="111122223333",status="suppressed",severity="high"} 0
            aws_audit_findings{account="111122223333",status="suppressed",severity="medium"} 1
            aws_audit_findings{account="111122223333",status="suppressed",severity="low"} 0
            aws_audit_findings{account="111122223333",status="suppressed",severity="info"} 0"#]]
        .assert_eq(&lines(&report, "aws_audit_findings{"));
        expect![[r#"
            aws_audit_findings_since_baseline{account="111122223333",state="new"} 1
            aws_audit_findings_since_baseline{account="111122223333",state="persisting"} 0
            aws_audit_findings_since_baseline{account="111122223333",state="resolved"} 1"#]]
        .assert_eq(&lines(&report, "aws_audit_findings_since_baseline{"));
    }

    #[test]
    fn a_check_that_found_nothing_is_zero_and_one_that_did_not_run_is_absent() {
        let report = samples::report(&[]);
        let checks = lines(&report, "aws_audit_check_findings{");
        expect![[r#"
            aws_audit_check_findings{account="111122223333",check="iam-root-mfa",status="fail"} 0
            aws_audit_check_findings{account="111122223333",check="iam-root-mfa",status="unknown"} 0
            aws_audit_check_findings{account="111122223333",check="iam-root-mfa",status="suppressed"} 0
            aws_audit_check_findings{account="111122223333",check="s3-bucket-public-read",status="fail"} 0
            aws_audit_check_findings{account="111122223333",check="s3-bucket-public-read",status="unknown"} 0
            aws_audit_check_findings{account="111122223333",check="s3-bucket-public-read",status="suppressed"} 0"#]]
        .assert_eq(&checks);
    }

    #[test]
    fn what_has_no_score_has_no_sample() {
        let report = samples::report(&[]);
        expect![[
            r#"aws_audit_control_score{account="111122223333",framework="antipatterns",control="6"} 49"#
        ]]
        .assert_eq(&lines(&report, "aws_audit_control_score{"));
        let mut report = report;
        report.score.overall = None;
        report.score.controls.clear();
        // Nor is a metric begun that has no sample.
        for metric in ["aws_audit_score", "aws_audit_control_score", "aws_audit_control_resources"] {
            assert!(!written(&report).contains(&format!("{metric} ")), "{metric}");
        }
    }

    #[test]
    fn gaps_by_kind() {
        let report = samples::report(&samples::one_of_each());
        let gaps = lines(&report, "aws_audit_gaps{");
        assert!(gaps.contains(r#"kind="access_denied"} 1"#), "{gaps}");
        assert_eq!(gaps.lines().count(), GAP_KINDS.len());
    }

    #[test]
    fn hostile_labels_stay_on_their_line() {
        let mut report = samples::report(&[]);
        for name in HOSTILE {
            report.account.alias = Some((*name).to_owned());
            let text = written(&report);
            let info: Vec<_> = text.lines().filter(|line| line.starts_with("aws_audit_info")).collect();
            assert_eq!(info.len(), 1, "{name:?}");
            let value =
                info[0].split_once("alias=\"").unwrap().1.split_once("\",partition=\"aws\"").unwrap().0;
            assert_eq!(unescaped(value), *name);
        }
    }

    /// What Prometheus reads of an escaped label.
    fn unescaped(value: &str) -> String {
        let mut chars = value.chars();
        let mut text = String::new();
        while let Some(c) = chars.next() {
            text.push(match c {
                '\\' => match chars.next() {
                    Some('n') => '\n',
                    Some(c @ ('\\' | '"')) => c,
                    other => panic!("{other:?} after a backslash in {value:?}"),
                },
                '"' | '\n' => panic!("{c:?} in {value:?}"),
                c => c,
            });
        }
        text
    }

    #[test]
    fn no_series_is_named_after_a_resource() {
        let few = written(&samples::report(&samples::many(20))).lines().count();
        let text = written(&samples::report(&samples::many(20_000)));
        assert_eq!(text.lines().count(), few);
        assert!(!text.contains("-of-the-account"), "{text}");
    }
}
