//! What has changed since an earlier report.

use std::collections::BTreeSet;

use crate::{
    diff::{Sight, View},
    finding::Status,
    report::{Report, ReportFinding, State},
};

/// Tells of each failure whether it is new or persisting, and adds the baseline's failures that are resolved.
/// The report must still have all of its findings.
///
/// What one of the two could not have told is neither: a failure is new only where the baseline ran its check in
/// that region, could read what it judges there and listed its severity, and resolved only when its check ran again and
/// could read what it judges there. What is accepted is neither new nor resolved; it keeps since when it is known.
pub fn compare(report: &mut Report, baseline: &Report) {
    let (then, now) = (View::new(baseline), View::new(report));
    let told: Vec<_> = report
        .findings
        .iter()
        .map(|finding| match then.sight(finding) {
            Sight::Listed(before) if stands(before) => {
                (Some(State::Persisting), before.first_seen.unwrap_or(baseline.started_at))
            }
            Sight::Fine => (Some(State::New), report.started_at),
            _ => (None, report.started_at),
        })
        .collect();
    let gone = baseline.findings.iter().filter(|finding| finding.status == Status::Fail);
    let resolved: Vec<_> = gone
        .filter(|finding| now.sight(finding) == Sight::Fine)
        .map(|finding| ReportFinding {
            status: Status::Pass,
            state: Some(State::Resolved),
            first_seen: Some(finding.first_seen.unwrap_or(baseline.started_at)),
            group: None,
            ..finding.clone()
        })
        .collect();
    for (finding, (state, since)) in report.findings.iter_mut().zip(told) {
        if stands(finding) {
            finding.state = state.filter(|_| finding.status == Status::Fail);
            finding.first_seen = Some(since);
        }
    }
    // With --include-passed the resource is listed as fine already; told as resolved it says more.
    let resolved_ids: BTreeSet<_> = resolved.iter().map(|finding| finding.id.clone()).collect();
    report.findings.retain(|finding| !resolved_ids.contains(&finding.id));
    report.findings.extend(resolved);
}

/// Whether the resource is not fine, accepted or not.
fn stands(finding: &ReportFinding) -> bool {
    matches!(finding.status, Status::Fail | Status::Suppressed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        finding::Severity,
        framework,
        page::Lang,
        registry,
        report::Options,
        settings::Settings,
        snapshot::Snapshot,
        testing::{ago, denied, empty, read, region},
    };

    const CHECKS: [&str; 2] = ["ebs-default-encryption", "iam-password-policy-length"];

    /// An account that fails, or not, in its region.
    fn account(encrypted: bool) -> Snapshot {
        let mut account = empty();
        region(&mut account).ec2.ebs_encryption_by_default = read(encrypted);
        account
    }

    fn report(snapshot: &Snapshot) -> Report {
        let checks: Vec<_> = CHECKS.iter().map(|id| registry::find(id).unwrap()).collect();
        let evaluation = registry::evaluate(&checks, snapshot, &Settings::default(), false);
        let framework = framework::find(framework::DEFAULT).unwrap();
        Report::new(snapshot, &evaluation, &Options { framework, lang: Lang::En })
    }

    fn states(snapshot: &Snapshot, baseline: &Snapshot) -> Vec<(String, Option<State>)> {
        let mut report = report(snapshot);
        compare(&mut report, &self::report(baseline));
        report.findings.into_iter().map(|finding| (finding.check, finding.state)).collect()
    }

    fn state_of_encryption(snapshot: &Snapshot, baseline: &Snapshot) -> Option<State> {
        states(snapshot, baseline)
            .into_iter()
            .find(|(check, _)| check == CHECKS[0])
            .and_then(|(_, state)| state)
    }

    #[test]
    fn new_persisting_and_resolved() {
        let (bad, good) = (account(false), account(true));
        assert_eq!(state_of_encryption(&bad, &good), Some(State::New));
        assert_eq!(state_of_encryption(&bad, &bad), Some(State::Persisting));
        assert_eq!(state_of_encryption(&good, &bad), Some(State::Resolved));
        assert_eq!(state_of_encryption(&good, &good), None);
    }

    #[test]
    fn what_is_out_of_sight_is_not_resolved() {
        let mut unread = account(true);
        region(&mut unread).ec2.ebs_encryption_by_default = denied();
        assert_eq!(state_of_encryption(&unread, &account(false)), None);
        let mut elsewhere = account(true);
        elsewhere.regions = [("us-east-1".to_owned(), elsewhere.regions.remove("eu-west-1").unwrap())].into();
        assert_eq!(state_of_encryption(&elsewhere, &account(false)), None);
    }

    #[test]
    fn what_the_baseline_did_not_look_at_is_not_new() {
        let (bad, good) = (account(false), account(true));
        let state = |baseline: &Report| {
            let mut report = report(&bad);
            compare(&mut report, baseline);
            report.findings.into_iter().find(|finding| finding.check == CHECKS[0]).unwrap().state
        };
        assert_eq!(state(&report(&good)), Some(State::New));
        // Without the check, without the region, without its severity.
        let mut other = report(&good);
        other.scope.as_mut().unwrap().checks.remove(CHECKS[0]);
        assert_eq!(state(&other), None);
        let mut elsewhere = report(&good);
        elsewhere.regions = vec!["us-east-1".into()];
        assert_eq!(state(&elsewhere), None);
        assert_eq!(state(&report(&bad).at_least(Severity::Critical)), None);
        // A report of a version that did not tell its scope is taken for whole.
        let earlier = Report { scope: None, ..report(&good) };
        assert_eq!(state(&earlier), Some(State::New));
    }

    #[test]
    fn what_the_baseline_could_not_read_is_not_new() {
        let mut unread = account(false);
        region(&mut unread).ec2.ebs_encryption_by_default = denied();
        assert_eq!(state_of_encryption(&account(false), &unread), None);
    }

    #[test]
    fn what_is_accepted_is_neither_new_nor_resolved() {
        let accepted = |account: &Snapshot| {
            let mut report = report(account);
            let mut of_check = report.findings.iter_mut().filter(|finding| finding.check == CHECKS[0]);
            of_check.next().unwrap().status = Status::Suppressed;
            report
        };
        let told = |mut report: Report, baseline: &Report| {
            compare(&mut report, baseline);
            let finding = report.findings.into_iter().find(|finding| finding.check == CHECKS[0]);
            finding.map(|finding| (finding.status, finding.state, finding.first_seen))
        };
        let (mut first, bad) = (account(false), account(false));
        first.started_at = ago(10);
        let since = Some(ago(10));
        // Accepted since: still there. Accepted before and no longer: nothing new. Accepted and gone: nothing to tell.
        assert_eq!(told(accepted(&bad), &report(&first)), Some((Status::Suppressed, None, since)));
        let persisting = Some((Status::Fail, Some(State::Persisting), since));
        assert_eq!(told(report(&bad), &accepted(&first)), persisting);
        assert_eq!(told(report(&account(true)), &accepted(&first)), None);
    }

    #[test]
    fn what_is_not_listed_is_compared_all_the_same() {
        let bad = account(false);
        let mut later = report(&bad);
        compare(&mut later, &report(&bad));
        let later = later.at_least(Severity::Critical);
        assert_eq!(later.findings, [], "neither as failing nor as resolved");
        assert_eq!(later.scope.unwrap().unlisted, 2);
    }

    #[test]
    fn first_seen_goes_back_through_baselines() {
        let (mut first, mut second) = (account(false), account(false));
        (first.started_at, second.started_at) = (ago(20), ago(10));
        let mut middle = report(&second);
        compare(&mut middle, &report(&first));
        let mut last = report(&account(false));
        compare(&mut last, &middle);
        assert!(last.findings.iter().all(|finding| finding.first_seen == Some(ago(20))));
    }
}
