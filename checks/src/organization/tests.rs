//! What becomes of accounts' reports: counted, grouped, refused; and whatever the order, the same.

use super::{Item, Membership, Reason, Refused, Rollup, Unit};
use crate::{
    finding::Severity,
    framework,
    page::Lang,
    registry,
    report::{Options, Report},
    settings::Settings,
    testing::{denied, empty, read, region},
};

const ONE: &str = "111111111111";
const TWO: &str = "222222222222";
const THREE: &str = "333333333333";

/// The report of an account that fails, or not.
fn report(id: &str, encrypted: bool) -> Report {
    let mut account = empty();
    account.account.id = id.into();
    region(&mut account).ec2.ebs_encryption_by_default = read(encrypted);
    judged(&account)
}

fn judged(account: &crate::snapshot::Snapshot) -> Report {
    let checks: Vec<_> =
        ["ebs-default-encryption", "iam-root-mfa"].iter().filter_map(|id| registry::find(id)).collect();
    let evaluation = registry::evaluate(&checks, account, &Settings::default(), false);
    let framework = framework::find(framework::DEFAULT).unwrap();
    Report::new(account, &evaluation, &Options { framework, lang: Lang::En })
}

fn units(names: &[&str]) -> Vec<Unit> {
    names.iter().map(|name| Unit { id: format!("ou-{name}"), name: (*name).to_owned() }).collect()
}

fn item(account: &str, names: &[&str]) -> Item {
    Item {
        v: super::PLAN_VERSION,
        scan: "s1".into(),
        account: account.into(),
        name: Some(format!("name-{account}")),
        organization: Some("o-1".into()),
        management_account: Some(ONE.into()),
        units: units(names),
        role_arn: None,
        external_id: None,
        regions: vec![],
        not_active: None,
        delegated_services: vec![],
    }
}

fn member(scan: &str) -> Option<Membership> {
    Some(Membership { scan: scan.into(), ..item(ONE, &[]).membership() })
}

#[test]
fn an_account_without_a_report_is_told() {
    let items = [item(ONE, &["Root", "Prod"]), item(TWO, &["Root"]), item(THREE, &["Root", "Prod"])];
    let mut rollup = Rollup::planned(items.clone());
    rollup.add(&report(ONE, false), member("s1").as_ref(), "accounts/1.json").unwrap();
    rollup.miss(items[1].missing(Reason::RoleRefused, "AccessDenied".into(), "fix".into()));
    let told = rollup.finish(|item| item.missing(Reason::NoReport, String::new(), "again".into()));
    assert_eq!(told.planned, 3);
    let missing: Vec<_> = told.missing.iter().map(|it| (it.account.as_str(), it.reason)).collect();
    assert_eq!(missing, [(TWO, Reason::RoleRefused), (THREE, Reason::NoReport)]);
    assert!(told.is_incomplete());
    assert_eq!((told.standing.accounts, told.standing.reported), (3, 1));
    assert_eq!(told.standing.score, None, "less than half of the accounts have a score");
    assert!(told.standing.lowest.is_some());
    let unit = |names: &[&str]| {
        let unit = told.units.iter().find(|unit| unit.path == units(names)).unwrap();
        (unit.standing.accounts, unit.standing.reported)
    };
    assert_eq!([unit(&["Root"]), unit(&["Root", "Prod"])], [(3, 1), (2, 1)]);
    assert_eq!(told.scan.as_deref(), Some("s1"));
    assert_eq!(told.accounts[0].name.as_deref(), Some("name-111111111111"));
}

#[test]
fn a_report_goes_before_an_earlier_reason() {
    let mut rollup = Rollup::planned([item(ONE, &[])]);
    let missing = item(ONE, &[]).missing(Reason::Interrupted, String::new(), String::new());
    rollup.miss(missing.clone());
    rollup.add(&report(ONE, true), member("s1").as_ref(), "1").unwrap();
    rollup.miss(missing);
    assert!(rollup.finish(|_| unreachable!()).missing.is_empty());
}

#[test]
fn what_fails_is_counted_over_accounts_worst_first() {
    let mut rollup = Rollup::default();
    for (id, encrypted) in [(THREE, false), (ONE, true), (TWO, false)] {
        rollup.add(&report(id, encrypted), None, id).unwrap();
    }
    let told = rollup.finish(|_| unreachable!());
    let check = told.checks.iter().find(|it| it.check == "ebs-default-encryption").unwrap();
    assert_eq!((check.accounts.as_slice(), check.findings), (&[TWO.to_owned(), THREE.into()][..], 2));
    let order: Vec<_> = told.accounts.iter().map(|it| it.account.id.as_str()).collect();
    assert_eq!(order, [TWO, THREE, ONE], "the account that passes is last");
    let failing = told.controls.iter().filter(|control| control.failing > 0).count();
    assert!(failing > 0 && told.controls.iter().all(|control| control.failing <= 3));
    let severities: Vec<Severity> = told.checks.iter().map(|it| it.severity).collect();
    assert!(severities.is_sorted_by(|a, b| a >= b));
}

#[test]
fn the_order_of_reports_does_not_matter() {
    let reports = [report(ONE, false), report(TWO, true), report(THREE, false)];
    let told = |order: [usize; 3]| {
        let mut rollup = Rollup::default();
        for at in order {
            rollup.add(&reports[at], member("s1").as_ref(), &reports[at].account.id).unwrap();
        }
        serde_json::to_string(&rollup.finish(|_| unreachable!())).unwrap()
    };
    assert_eq!(told([0, 1, 2]), told([2, 0, 1]));
}

#[test]
fn one_cause_in_several_accounts_is_told_once() {
    let with_user = |id: &str, name: &str| {
        let mut report = report(id, true);
        let mut group = crate::group::Group {
            id: String::new(),
            cause: "policy".into(),
            key: format!("arn:aws:iam::{id}:policy/{name}"),
            title: format!("Policy {name} of {id} allows too much"),
            severity: Severity::High,
            resources: 1,
            checks: vec!["iam-policy-full-admin".into()],
            findings: vec!["a".into()],
        };
        report.groups.push(group.clone());
        group.cause = "check".into();
        report.groups.push(group);
        report
    };
    let mut rollup = Rollup::default();
    for (id, name) in [(ONE, "Deploy"), (TWO, "Deploy"), (THREE, "Other")] {
        rollup.add(&with_user(id, name), None, id).unwrap();
    }
    let told = rollup.finish(|_| unreachable!());
    assert_eq!(told.shared_causes.len(), 1, "{:#?}", told.shared_causes);
    let shared = &told.shared_causes[0];
    assert_eq!(shared.key, "arn:aws:iam::*:policy/Deploy");
    assert_eq!(shared.title, "Policy Deploy of * allows too much");
    assert_eq!(shared.accounts, [ONE, TWO]);
}

#[test]
fn what_does_not_belong_together_is_refused_and_changes_nothing() {
    let mut rollup = Rollup::default();
    rollup.add(&report(ONE, false), member("s1").as_ref(), "a.json").unwrap();
    let refused = |report: &Report, member: Option<Membership>| {
        let mut rollup = Rollup::default();
        rollup.add(&self::report(ONE, false), self::member("s1").as_ref(), "a.json").unwrap();
        let refused = rollup.add(report, member.as_ref(), "b.json").unwrap_err();
        assert_eq!(rollup.finish(|_| unreachable!()).accounts.len(), 1);
        refused
    };
    assert_eq!(
        refused(&report(ONE, true), member("s1")),
        Refused::Duplicate { account: ONE.into(), first: "a.json".into() }
    );
    let other = |found: Option<&str>| Refused::OtherScan {
        found: found.map(str::to_owned),
        wanted: Some("s1".into()),
        file: Some("a.json".into()),
    };
    assert_eq!(refused(&report(TWO, true), member("s2")), other(Some("s2")));
    assert_eq!(refused(&report(TWO, true), None), other(None));
    let newer = Report { schema_version: 2, ..report(TWO, true) };
    assert_eq!(refused(&newer, member("s1")), Refused::OtherVersion { found: 2 });
    let mut cis = report(TWO, true);
    cis.score.framework = "cis-6.0".into();
    assert!(matches!(refused(&cis, member("s1")), Refused::OtherFramework { .. }));
    for nobody in ["", "../../etc/passwd", "11112222333"] {
        assert_eq!(refused(&report(nobody, true), member("s1")), Refused::NoAccount);
    }
    let mut planned = Rollup::planned([item(ONE, &[])]);
    let refused = planned.add(&report(TWO, true), member("s1").as_ref(), "b.json");
    assert_eq!(refused, Err(Refused::NotPlanned { account: TWO.into() }));
}

#[test]
fn what_could_not_be_read_in_an_account_makes_the_organization_incomplete() {
    let mut account = empty();
    region(&mut account).ec2.ebs_encryption_by_default = denied();
    account.gaps.push(crate::gap::Gap {
        operation: "ec2:GetEbsEncryptionByDefault".into(),
        region: None,
        resource: None,
        kind: crate::gap::GapKind::AccessDenied,
        refused_by: None,
        message: String::new(),
    });
    let mut rollup = Rollup::default();
    rollup.add(&judged(&account), None, "a").unwrap();
    let told = rollup.finish(|_| unreachable!());
    assert!(told.is_incomplete() && told.missing.is_empty());
    assert_eq!((told.accounts[0].unknown > 0, told.standing.incomplete), (true, 1));
}

#[test]
fn a_line_of_a_plan_is_small_and_comes_back() {
    let mut item = item(ONE, &["Root", "Workloads", "Production"]);
    item.role_arn = Some("arn:aws:iam::111111111111:role/aws-audit".into());
    let line = serde_json::to_string(&item).unwrap();
    assert!(line.len() < 1000 && !line.contains('\n'), "{line}");
    assert_eq!(serde_json::from_str::<Item>(&line).unwrap(), item);
    assert!(serde_json::from_str::<Item>(&line.replace("\"units\"", "\"unit\"")).is_err());
}

#[test]
fn the_json_says_what_it_is_and_comes_back() {
    let mut rollup = Rollup::default();
    rollup.add(&report(ONE, false), member("s1").as_ref(), "a.json").unwrap();
    let told = rollup.finish(|_| unreachable!());
    let text = serde_json::to_string(&told).unwrap();
    assert!(text.starts_with(r#"{"kind":"organization_report","schema_version":1,"#), "{}", &text[..80]);
    assert_eq!(serde_json::from_str::<super::OrganizationReport>(&text).unwrap(), told);
}
