use super::*;
use crate::{
    framework,
    page::Lang,
    registry,
    report::{Options, Report},
    settings::Settings,
    snapshot::Snapshot,
    testing::{denied, empty, read, region},
};

const CHECKS: [&str; 2] = ["ebs-default-encryption", "iam-password-policy-length"];

/// An account that fails, or not, in its region.
fn account(encrypted: bool) -> Snapshot {
    let mut account = empty();
    region(&mut account).ec2.ebs_encryption_by_default = read(encrypted);
    account
}

fn unread() -> Snapshot {
    let mut account = empty();
    region(&mut account).ec2.ebs_encryption_by_default = denied();
    account
}

fn report(snapshot: &Snapshot) -> Report {
    let checks: Vec<_> = CHECKS.iter().map(|id| registry::find(id).unwrap()).collect();
    let evaluation = registry::evaluate(&checks, snapshot, &Settings::default(), false);
    let framework = framework::find(framework::DEFAULT).unwrap();
    Report::new(snapshot, &evaluation, &Options { framework, lang: Lang::En })
}

/// The finding about encryption, otherwise than it was found.
fn with(mut report: Report, status: Status, severity: Severity) -> Report {
    let finding = report.findings.iter_mut().find(|finding| finding.check == CHECKS[0]).unwrap();
    (finding.status, finding.severity) = (status, severity);
    report
}

/// What became of the finding about encryption; the other one is unchanged in all of these.
fn change(earlier: &Report, later: &Report) -> Option<ChangeKind> {
    let diff = diff(earlier, later);
    let kinds: Vec<_> = diff.changes.iter().map(|change| change.kind).collect();
    assert_eq!(diff.counts.values().sum::<u64>(), kinds.len() as u64);
    assert!(kinds.len() <= 1, "{kinds:?}");
    kinds.first().copied()
}

#[test]
fn each_way_from_one_standing_to_another() {
    use ChangeKind::*;
    let fail = |severity| with(report(&account(false)), Status::Fail, severity);
    let bad = || fail(Severity::Medium);
    let good = || report(&account(true));
    let unknown = || report(&unread());
    let accepted = || with(bad(), Status::Suppressed, Severity::Medium);
    for (earlier, later, expected) in [
        (good(), bad(), Some(New)),
        (bad(), good(), Some(Gone)),
        (accepted(), good(), Some(Gone)),
        (bad(), bad(), None),
        (good(), good(), None),
        (unknown(), unknown(), None),
        (bad(), fail(Severity::High), Some(Worse)),
        (bad(), fail(Severity::Low), Some(Better)),
        (bad(), accepted(), Some(Accepted)),
        (good(), accepted(), Some(Accepted)),
        (accepted(), accepted(), None),
        (accepted(), bad(), Some(Reinstated)),
        (unknown(), bad(), Some(Judged)),
        (unknown(), good(), Some(Judged)),
        (unknown(), accepted(), Some(Judged)),
        (bad(), unknown(), Some(Unjudged)),
        (good(), unknown(), Some(Unjudged)),
        (accepted(), unknown(), Some(Unjudged)),
    ] {
        assert_eq!(change(&earlier, &later), expected, "{earlier:#?} {later:#?}");
    }
}

#[test]
fn what_is_printed_fits_its_schema() {
    let schema = jsonschema::validator_for(json_schema().as_value()).unwrap();
    let (bad, good, unknown) = (report(&account(false)), report(&account(true)), report(&unread()));
    let mut other = good.clone();
    (other.score.framework, other.score.overall, other.scope) = ("fsbp".into(), None, None);
    let mut accepted = with(bad.clone(), Status::Suppressed, Severity::Medium);
    for finding in accepted.findings.iter_mut().filter(|finding| finding.status == Status::Suppressed) {
        finding.suppressed = Some(crate::triage::Suppressed {
            reason: "encrypted by the application".into(),
            owner: None,
            expires: Some("2027-03-31".parse().unwrap()),
            ticket: None,
            source: "aws-audit.toml:1".into(),
        });
    }
    let reports = [bad, good, unknown, other, accepted];
    let mut kinds = BTreeSet::new();
    for (earlier, later) in
        reports.iter().flat_map(|earlier| reports.iter().map(move |later| (earlier, later)))
    {
        let told = diff(earlier, later);
        kinds.extend(told.changes.iter().map(|change| change.kind));
        let mut printed = serde_json::to_value(&told).unwrap();
        schema.validate(&printed).unwrap_or_else(|error| panic!("{error}: {told:#?}"));
        // And nothing else does.
        if let Some(kind) = printed.pointer_mut("/changes/0/kind") {
            let kind = std::mem::replace(kind, "moved".into());
            assert!(!schema.is_valid(&printed), "a kind that there is not");
            printed["changes"][0]["kind"] = kind;
        }
        printed["comparable"].take();
        assert!(!schema.is_valid(&printed), "a value of another type");
        printed.as_object_mut().unwrap().remove("comparable");
        assert!(!schema.is_valid(&printed), "a value that is missing");
    }
    assert!(kinds.len() >= 6, "{kinds:?}");
}

#[test]
fn what_one_of_them_did_not_look_at_is_no_change() {
    let (bad, good) = (report(&account(false)), report(&account(true)));
    let without_check = |mut report: Report| {
        report.scope.as_mut().unwrap().checks.remove(CHECKS[0]);
        report
    };
    let elsewhere = |mut report: Report| {
        report.regions = vec!["us-east-1".into()];
        report
    };
    for (earlier, later) in [
        (bad.clone(), without_check(good.clone())),
        (without_check(good.clone()), bad.clone()),
        (bad.clone(), elsewhere(good.clone())),
        (elsewhere(good.clone()), bad.clone()),
    ] {
        let diff = diff(&earlier, &later);
        assert_eq!(diff.changes, []);
        let NotCompared { earlier_findings, later_findings, .. } = &diff.not_compared;
        assert_eq!(earlier_findings + later_findings, 1);
        assert!(!diff.comparable);
    }
    let diff = diff(&bad, &elsewhere(without_check(good)));
    assert_eq!(diff.not_compared.earlier_checks, [CHECKS[0]]);
    assert_eq!((diff.not_compared.earlier_regions.len(), diff.not_compared.later_regions.len()), (1, 1));
    // Below what one of them lists, nothing is known.
    let above = bad.clone().at_least(Severity::Critical);
    let told = super::diff(&bad, &above);
    assert_eq!((told.changes.len(), told.not_compared.earlier_findings), (0, 2));
    let told = super::diff(&above, &bad);
    assert_eq!((told.changes.len(), told.not_compared.later_findings), (0, 2));
}

#[test]
fn a_list_that_could_not_be_read_hides_what_was_in_it() {
    let (mut earlier, later) = (report(&account(false)), report(&unread()));
    // A finding of the same check about a resource that the later report does not name.
    let finding = earlier.findings.iter_mut().find(|finding| finding.check == CHECKS[0]).unwrap();
    finding.id = "another".into();
    finding.resource.id = "vol-1".into();
    let diff = diff(&earlier, &later);
    assert_eq!(diff.counts[&ChangeKind::Gone], 0);
    assert_eq!(diff.counts[&ChangeKind::Unjudged], 2, "{:#?}", diff.changes);
}

#[test]
fn scores_stand_side_by_side() {
    let (bad, good) = (report(&account(false)), report(&account(true)));
    let diff = diff(&bad, &good);
    assert!(diff.comparable);
    assert_eq!((diff.earlier.overall, diff.later.overall), (bad.score.overall, good.score.overall));
    assert_eq!((diff.earlier.fail, diff.later.fail), (2, 1));
    assert!(!diff.controls.is_empty() && diff.controls.iter().all(|control| control.earlier < control.later));
    // Along another framework the numbers mean something else.
    let mut other = good.clone();
    other.score.framework = "fsbp".into();
    let told = super::diff(&bad, &other);
    assert!(!told.comparable && told.controls.is_empty());
}

#[test]
fn changes_are_told_in_order_and_read_back() {
    let mut earlier = report(&account(true));
    earlier.findings.clear();
    let later = report(&account(false));
    let diff = diff(&earlier, &later);
    assert_eq!(diff.changes.len(), 2);
    let json = serde_json::to_value(&diff).unwrap();
    assert_eq!((json["counts"]["new"].as_u64(), json["counts"]["gone"].as_u64()), (Some(2), Some(0)));
    assert_eq!(serde_json::from_value::<Diff>(json).unwrap(), diff);
}
