//! What a terminal shows of an organization, 80 columns wide.

use aws_audit_checks::{
    group::Group,
    organization::{Chain, Governed, Item, Missing, PLAN_VERSION, Rollup, Unit, governance::Subject},
    report::{ControlReport, Report},
    report_paths::{EdgeKind, NodeKind, PathCertainty, PathNode, PathStep},
};
use expect_test::expect;

use super::*;
use crate::samples;

fn units(names: &[&str]) -> Vec<Unit> {
    names.iter().map(|name| Unit { id: format!("ou-{name}"), name: (*name).to_owned() }).collect()
}

fn item(account: &str, name: &str, path: &[&str]) -> Item {
    Item {
        v: PLAN_VERSION,
        scan: "s".into(),
        account: account.into(),
        name: Some(name.into()),
        organization: Some("o-exampleorg".into()),
        management_account: None,
        units: units(path),
        role_arn: None,
        external_id: None,
        regions: vec![],
        not_active: None,
        delegated_services: vec![],
    }
}

/// Two accounts as the demo is, one of them in part; one that could not be read; one with a name in Japanese.
pub(crate) fn report() -> OrganizationReport {
    named(["payments-production", "sandbox", "決済システム本番環境アカウント"])
}

/// Two accounts of that name in a unit of that name.
pub(crate) fn hostile(name: &str) -> OrganizationReport {
    let mut report = report();
    report.accounts.truncate(2);
    for account in &mut report.accounts {
        account.name = Some(name.to_owned());
        account.account.alias = Some(name.to_owned());
    }
    for missing in &mut report.missing {
        (missing.name, missing.message, missing.fix) = (Some(name.into()), name.into(), name.into());
    }
    report.units.truncate(2);
    for unit in report.units.iter_mut().flat_map(|unit| &mut unit.path) {
        unit.name = name.into();
    }
    report.checks.truncate(1);
    for check in &mut report.checks {
        (check.title, check.check) = (name.into(), name.into());
    }
    for cause in &mut report.shared_causes {
        (cause.title, cause.key) = (name.into(), name.into());
    }
    report.chains = vec![chain(name)];
    report.chains_incomplete = vec![name.into()];
    report.governance = vec![Governed {
        subject: Subject::Trail,
        status: Status::Fail,
        check: None,
        told: name.into(),
        accounts: vec![],
    }];
    report
}

/// A chain from an instance of that name to the role of that name in another account.
pub(crate) fn chain(name: &str) -> Chain {
    let node = |kind, id: &str| PathNode { kind, id: id.into(), arn: None };
    let role = |account: &str| PathNode {
        kind: NodeKind::Principal,
        id: name.into(),
        arn: Some(format!("arn:aws:iam::{account}:role/{name}")),
    };
    let step = |from: PathNode, to: PathNode, edge, because: &str, condition: Option<&str>| PathStep {
        from,
        to,
        edge,
        because: because.into(),
        certainty: PathCertainty::Conditional,
        condition: condition.map(str::to_owned),
        findings: vec![],
    };
    let (server, end) = (node(NodeKind::Compute, name), node(NodeKind::Administrator, "222222222222"));
    let [web, deploy] = ["111111111111", "222222222222"].map(role);
    Chain {
        id: "c".into(),
        check: "path-cross-account-chain".into(),
        title: format!("{name} in account 111111111111 leads to administration of account 222222222222"),
        severity: Severity::High,
        certainty: PathCertainty::Conditional,
        account: "111111111111".into(),
        from_inside: false,
        entry: server.clone(),
        target: end.clone(),
        accounts: vec!["222222222222".into()],
        steps: vec![
            step(
                node(NodeKind::Internet, "internet"),
                server.clone(),
                EdgeKind::Reaches,
                "tcp/22 (sg-1)",
                None,
            ),
            step(server, web.clone(), EdgeKind::RunsAs, "instance profile", None),
            step(web, deploy.clone(), EdgeKind::Assumes, "trust policy, statement #1", Some(name)),
            step(deploy, end, EdgeKind::Administers, "AdministratorAccess", None),
        ],
        fix: format!("name in the trust policy of {name} only the roles that need it"),
    }
}

#[test]
fn ways_over_accounts_are_drawn_with_what_cuts_them() {
    let mut report = report();
    report.chains = vec![chain("web")];
    report.chains_incomplete = vec!["Of 1 accounts it is not known where roles lead: 444444444444.".into()];
    let shown = |lang| {
        let mut out = vec![];
        write(&report, &Style { lang, ..Style::default() }, false, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    };
    let (english, japanese) = (shown(Lang::En), shown(Lang::Ja));
    let at = |text: &str| english.find(text).unwrap_or_else(|| panic!("{text}: {english}"));
    let order = [
        "Ways over accounts",
        "web in account 111111111111 leads to",
        "─ tcp/22 (sg-1) → web",
        "administrator of 222222222222",
        "name in the trust policy of web",
        "where roles lead: 444444444444",
        "What fails in how many accounts",
    ];
    assert!(order.map(at).is_sorted(), "{english}");
    assert!(japanese.contains("アカウントをまたぐ攻撃経路"), "{japanese}");
    // Where nobody looked for them, there is nothing to be said of them.
    report.chains.clear();
    report.chains_incomplete.clear();
    let mut out = vec![];
    write(&report, &Style::default(), false, &mut out).unwrap();
    assert!(!String::from_utf8(out).unwrap().contains("Ways over accounts"));
}

/// An account in which something fails critically and highly, something is unknown, and the rest passes.
fn demo() -> Report {
    let finding = |severity, bucket| samples::finding(Status::Fail, severity, bucket);
    let mut report = samples::report(&[finding(Severity::Critical, "a"), finding(Severity::Medium, "b")]);
    let framework = framework::find(framework::DEFAULT).unwrap();
    report.score.framework = framework::DEFAULT.into();
    report.score.overall = Some(41.0);
    let controls = framework.controls.iter().enumerate().map(|(at, control)| {
        let (pass, fail, unknown, worst) = match at {
            0 => (3, 1, 0, Some(Severity::Critical)),
            3 => (1, 2, 1, Some(Severity::Medium)),
            5 => (0, 0, 4, None),
            7 => (0, 0, 0, None),
            _ => (5, 0, 0, None),
        };
        ControlReport {
            id: control.id.clone(),
            title: control.title.get(Lang::En).to_owned(),
            score: (pass + fail > 0).then_some(if fail > 0 { 49.0 } else { 100.0 }),
            pass,
            fail,
            unknown,
            suppressed: 0,
            worst,
            checks: vec![],
            manual: None,
            not_covered: None,
        }
    });
    report.score.controls = controls.collect();
    report.groups = vec![Group {
        id: "g".into(),
        cause: "policy".into(),
        key: "arn:aws:iam::aws:policy/AdministratorAccess".into(),
        title: "Policy AdministratorAccess allows too much".into(),
        severity: Severity::High,
        resources: 1,
        checks: vec!["iam-admin-policy-attached".into()],
        findings: vec!["f".into()],
    }];
    report
}

fn named([first, second, third]: [&str; 3]) -> OrganizationReport {
    let (prod, dev) = (&["Root", "Workloads", "Prod"][..], &["Root", "Workloads", "開発"][..]);
    let items = [
        item("111111111111", first, prod),
        item("222222222222", second, dev),
        item("333333333333", third, prod),
        item("444444444444", "legacy", &["Root"]),
    ];
    let missing: Missing = items[3].missing(
        Reason::RoleRefused,
        "AccessDenied: User is not authorized to perform: sts:AssumeRole".into(),
        "create the role `aws-audit` in the account".into(),
    );
    let membership = items[0].membership();
    let mut rollup = Rollup::planned(items);
    let demo = demo();
    for (at, id) in ["111111111111", "222222222222", "333333333333"].into_iter().enumerate() {
        let mut report = demo.clone();
        report.account.id = id.into();
        report.account.alias = None;
        if at == 1 {
            // A better one.
            report.findings.retain(|finding| finding.severity < Severity::High);
            report.score.overall = Some(88.0);
            for control in &mut report.score.controls {
                if control.worst > Some(Severity::Medium) {
                    (control.fail, control.worst, control.score) = (0, None, Some(100.0));
                    control.pass += 1;
                }
            }
        }
        rollup.add(&report, Some(&membership), &format!("accounts/{id}.json")).unwrap();
    }
    rollup.miss(missing);
    rollup.finish(|_| unreachable!())
}

fn shown(report: &OrganizationReport, style: &Style, ascii: bool) -> String {
    let mut out = vec![];
    write(report, style, ascii, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn no_line_is_too_wide_in_any_language_or_terminal() {
    for lang in [Lang::En, Lang::Ja] {
        for columns in [72, 80, 120, 200] {
            let text = shown(&report(), &Style { width: columns, lang, ..Style::default() }, false);
            for line in text.lines() {
                assert!(width(line) <= columns, "{columns}: {line}");
            }
        }
    }
}

#[test]
fn accounts_without_a_report_come_before_everything() {
    let text = shown(&report(), &Style::default(), false);
    assert!(text.starts_with("NO REPORT of 1 of 4 accounts"), "{text}");
    assert!(text.contains("fix: create the role `aws-audit`"), "{text}");
    assert!(text.trim_end().ends_with("Do not take what is unknown for fine."), "{text}");
}

#[test]
fn an_ascii_terminal_gets_ascii_and_japanese_stays_japanese() {
    assert!(shown(&report(), &Style::default(), true).is_ascii());
    let style = Style { lang: Lang::Ja, ..Style::default() };
    assert_eq!(shown(&report(), &style, true), shown(&report(), &style, false));
}

#[test]
fn names_of_others_steer_no_terminal_and_add_no_line() {
    for name in crate::hostile::names() {
        let text = shown(&hostile(&name), &Style::default(), false);
        assert!(text.chars().all(|c| c == '\n' || !crate::text::is_harmful(c)), "{name:?}");
    }
}

#[test]
fn colours_change_nothing_else() {
    let colour = shown(&report(), &Style { colour: true, ..Style::default() }, false);
    let mut plain = String::new();
    let mut rest = colour.as_str();
    while let Some((before, after)) = rest.split_once('\u{1b}') {
        plain.push_str(before);
        rest = after.split_once('m').unwrap().1;
    }
    assert_eq!(plain + rest, shown(&report(), &Style::default(), false));
}

#[test]
fn a_framework_with_many_controls_shows_those_that_fail() {
    let mut report = report();
    let controls = report.controls.clone();
    for at in 1..6 {
        report.controls.extend(controls.iter().cloned().map(|mut control| {
            control.id = format!("{at}.{}", control.id);
            control.failing = 0;
            control
        }));
    }
    let text = shown(&report, &Style::default(), false);
    assert!(text.lines().all(|line| width(line) <= 80), "{text}");
    assert!(text.contains("have no column here"), "{text}");
}

#[test]
fn the_heat_map() {
    let text = shown(&report(), &Style::default(), false);
    let map: Vec<_> =
        text.lines().skip_while(|line| !line.contains("Organizational unit")).take(16).collect();
    expect![[r#"
        Organizational unit              Score 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
        Root 3/4                            56 C · · M · ? ·   · · · · · · · · · · · · ·
          Workloads 3/3                     56 C · · M · ? ·   · · · · · · · · · · · · ·
            Prod 2/2                        41 C · · M · ? ·   · · · · · · · · · · · · ·
            開発 1/1                        88 · · · M · ? ·   · · · · · · · · · · · · ·

                                                                 1 1 1 1 1 1 1 1 1 1 2 2
        Account, worst first             Score 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
        payments-producti… 111111111111     41 C · · M · ? ·   · · · · · · · · · · · · ·
        決済システム本番…  333333333333     41 C · · M · ? ·   · · · · · · · · · · · · ·
        sandbox            222222222222     88 · · · M · ? ·   · · · · · · · · · · · · ·
        C critical H high M medium L low I info ? could not be judged · fine
        3 of 24 controls have no column here: see the list below

        ── Controls over all accounts ──────────────────────────────────────────────────
    "#]]
    .assert_eq(&map.join("\n"));
}
