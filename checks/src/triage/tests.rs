use serde::Deserialize;

use super::{tuning::Tuning, *};
use crate::{
    finding::Severity,
    framework,
    gap::Collected,
    page::Lang,
    report::{Options, Report},
    settings::Settings,
    snapshot::secretsmanager::StoredSecret,
    testing::{ago, denied, empty, read, region, security_groups},
};

#[derive(Default, Deserialize)]
#[serde(default)]
struct Written {
    suppress: Vec<Suppress>,
    severity: Vec<Move>,
    r#override: Vec<Override>,
}

fn placed<T>(entries: Vec<T>) -> Vec<Placed<T>> {
    let source = |at: usize| format!("aws-audit.toml:{}", at + 1);
    entries.into_iter().enumerate().map(|(at, entry)| Placed { entry, source: source(at) }).collect()
}

fn rules(text: &str) -> Rules {
    let written: Written = toml::from_str(text).unwrap();
    Rules { suppress: placed(written.suppress), severity: placed(written.severity) }
}

const CHECKS: [&str; 3] = ["ec2-sg-open-ssh", "ec2-sg-open-rdp", "s3-bucket-versioning"];

/// An account with a security group that lets the internet in on SSH and RDP, and one on SSH only.
fn account() -> Snapshot {
    let mut account = empty();
    let open = |port: u16| {
        serde_json::json!({"protocol": "tcp", "ports": [port, port], "cidrs": ["0.0.0.0/0"], "prefix_lists": [],
                           "groups": []})
    };
    let group = |id: &str, ingress: Vec<serde_json::Value>, env: &str| {
        serde_json::json!({"id": id, "name": id, "vpc": "vpc-1", "ingress": ingress, "egress": [], "owner": null,
                           "tags": {"env": env, "team": "net"}})
    };
    let groups = serde_json::json!([
        group("sg-0aa", vec![open(22), open(3389)], "prod"),
        group("sg-0ab", vec![open(22)], "dev-1"),
    ]);
    region(&mut account).ec2.security_groups = read(security_groups(groups));
    account
}

fn evaluated(account: &Snapshot, keep_passed: bool) -> Evaluation {
    let checks: Vec<_> = CHECKS.iter().map(|id| registry::find(id).unwrap()).collect();
    registry::evaluate(&checks, account, &Settings::default(), keep_passed)
}

fn triaged(account: &Snapshot, text: &str) -> (Evaluation, Vec<Notice>) {
    let mut evaluation = evaluated(account, false);
    let notices = apply(&mut evaluation, &rules(text), account, |checks| {
        let mut findings = evaluated(account, true).findings;
        findings.retain(|finding| checks.contains(finding.check));
        findings
    });
    (evaluation, notices)
}

/// Checks and resources of suppressed findings.
fn suppressed(text: &str) -> Vec<(&'static str, String)> {
    let findings = triaged(&account(), text).0.findings;
    let of = findings.into_iter().filter(|finding| finding.status == Status::Suppressed);
    of.map(|finding| (finding.check, finding.resource.id)).collect()
}

fn entry(keys: &str) -> String {
    format!("[[suppress]]\nreason = 'bastion'\n{keys}\n")
}

const SSH: &str = "ec2-sg-open-ssh";
const RDP: &str = "ec2-sg-open-rdp";

#[test]
fn resources_are_named_whole_or_by_globs() {
    let one = vec![(SSH, "sg-0aa".to_owned())];
    let both = vec![(SSH, "sg-0aa".to_owned()), (SSH, "sg-0ab".to_owned())];
    let arn = "arn:aws:ec2:eu-west-1:111122223333:security-group/sg-0aa";
    for (resources, expected) in [
        ("['sg-0aa']", &one),
        (&format!("['{arn}']"), &one),
        ("['arn:aws:ec2:*:security-group/sg-0aa']", &one),
        ("['sg-0a?']", &both),
        ("['*']", &both),
        // Never a part of a name, never in other letters.
        ("['sg-0a']", &vec![]),
        ("['g-0aa']", &vec![]),
        ("['SG-0AA']", &vec![]),
        ("['security-group/sg-0aa']", &vec![]),
    ] {
        let text = entry(&format!("checks = ['{SSH}']\nresources = {resources}"));
        assert_eq!(&suppressed(&text), expected, "{resources}");
    }
}

#[test]
fn every_list_narrows_and_every_not_leaves_out() {
    let all = vec![(RDP, "sg-0aa"), (SSH, "sg-0aa"), (SSH, "sg-0ab")];
    for (keys, expected) in [
        ("checks = ['ec2-*']", all.clone()),
        ("checks = ['ec2-sg-open-rdp', 's3-*']", vec![(RDP, "sg-0aa")]),
        ("checks = ['*']\nnot.checks = ['ec2-sg-open-s*']", vec![(RDP, "sg-0aa")]),
        ("checks = ['*']\nnot.resources = ['*/sg-0aa']", vec![(SSH, "sg-0ab")]),
        ("checks = ['*']\naccounts = ['111122223333']", all.clone()),
        ("checks = ['*']\naccounts = ['444455556666']", vec![]),
        ("checks = ['*']\nnot.accounts = ['111122223333']", vec![]),
        ("checks = ['*']\nregions = ['eu-*']", all.clone()),
        ("checks = ['*']\nregions = ['us-*', 'global']", vec![]),
        ("checks = ['*']\nnot.regions = ['eu-west-1']", vec![]),
        ("checks = ['*']\ntags = ['team']", all.clone()),
        ("checks = ['*']\ntags = ['env=dev-*', 'env=test']", vec![(SSH, "sg-0ab")]),
        ("checks = ['*']\ntags = ['env=dev']", vec![]),
        ("checks = ['*']\ntags = ['Env']", vec![]),
        ("checks = ['*']\nnot.tags = ['env=prod']", vec![(SSH, "sg-0ab")]),
        ("checks = ['*']\ntags = ['team']\nnot.tags = ['env=prod']", vec![(SSH, "sg-0ab")]),
    ] {
        let expected: Vec<_> = expected.into_iter().map(|(check, id)| (check, id.to_owned())).collect();
        let mut found = suppressed(&entry(keys));
        found.sort();
        assert_eq!(found, expected, "{keys}");
    }
}

#[test]
fn what_tags_are_not_known_of_is_not_suppressed_by_tags() {
    let account = account();
    // The password policy has no tags: it is neither tagged nor surely untagged.
    let checks = [registry::find("iam-password-policy-length").unwrap()];
    for tags in ["tags = ['*']", "not.tags = ['env=prod']"] {
        let mut evaluation = registry::evaluate(&checks, &account, &Settings::default(), false);
        let text = entry(&format!("checks = ['*']\n{tags}"));
        apply(&mut evaluation, &rules(&text), &account, |_| Vec::new());
        assert_eq!(evaluation.findings[0].status, Status::Fail, "{tags}");
    }
}

fn report(account: &Snapshot, evaluation: &Evaluation) -> Report {
    let framework = framework::find(framework::DEFAULT).unwrap();
    Report::new(account, evaluation, &Options { framework, lang: Lang::En })
}

#[test]
fn accepted_findings_stay_in_the_report_and_leave_the_score() {
    let account = account();
    let text =
        entry("checks = ['ec2-sg-open-rdp']\nowner = 'net'\nexpires = 2026-12-31\nticket = 'https://t/1'");
    let (evaluation, notices) = triaged(&account, &text);
    assert_eq!(notices, []);
    let told = report(&account, &evaluation);
    let finding = told.findings.iter().find(|finding| finding.check == RDP).unwrap();
    assert_eq!((finding.status, finding.group.as_ref()), (Status::Suppressed, None));
    assert!(finding.fix.is_some() && finding.message.contains("sg-0aa"), "{finding:#?}");
    let expected = Suppressed {
        reason: "bastion".into(),
        owner: Some("net".into()),
        expires: Some("2026-12-31".parse().unwrap()),
        ticket: Some("https://t/1".into()),
        source: "aws-audit.toml:1".into(),
    };
    assert_eq!(finding.suppressed, Some(expected));
    // Of two groups, one passes RDP and one is accepted: the check is fine.
    let before = report(&account, &evaluated(&account, false));
    let control = |report: &Report| {
        let of_rdp = |it: &&crate::report::ControlReport| it.checks.iter().any(|check| check == RDP);
        let control = report.score.controls.iter().find(of_rdp).unwrap();
        (control.pass, control.fail, control.suppressed)
    };
    assert_eq!((control(&before), control(&told)), ((1, 3, 0), (1, 2, 1)));
    assert!(told.score.overall > before.score.overall);
    // What decides the exit code.
    let worst = |text: &str| {
        let evaluation = triaged(&account, text).0;
        evaluation.results.iter().filter_map(crate::score::CheckResult::worst).max()
    };
    assert_eq!(worst(&text), worst(""), "the other group is open all the same");
    assert_eq!(worst(&entry("checks = ['ec2-*']")), None);
}

#[test]
fn what_could_not_be_judged_stays_unknown() {
    let mut account = account();
    region(&mut account).ec2.security_groups = denied();
    let (evaluation, notices) = triaged(&account, &entry("checks = ['ec2-sg-*']"));
    let unknown: Vec<_> = evaluation.findings.iter().filter(|it| it.check == SSH).collect();
    assert_eq!((unknown[0].status, unknown[0].suppressed.is_some()), (Status::Unknown, true));
    assert_eq!(evaluation.results[0].counts().unknown, 1);
    let told = report(&account, &evaluation);
    assert!(told.is_incomplete() && told.findings[0].suppressed.is_some());
    // Nor is it said that nothing matches: what is named may be among what was not read.
    assert_eq!(notices, []);
    let text = entry("checks = ['ec2-sg-open-ssh']\nresources = ['sg-0aa']");
    assert_eq!(triaged(&account, &text).1, []);
}

#[test]
fn an_expired_entry_suppresses_nothing_and_says_so() {
    // The scan began on 2026-11-01.
    let expires = |date: &str| entry(&format!("checks = ['{SSH}']\nexpires = {date}"));
    let (evaluation, notices) = triaged(&account(), &expires("2026-10-31"));
    assert!(evaluation.findings.iter().all(|finding| finding.suppressed.is_none()));
    let source = "aws-audit.toml:1".to_owned();
    let expires_on = "2026-10-31".parse().unwrap();
    assert_eq!(notices, [Notice::Expired { source, expires: expires_on, findings: 2 }]);
    assert!(!notices[0].is_unmatched());
    assert_eq!(
        notices[0].text(Lang::En),
        "aws-audit.toml:1: the suppression expired on 2026-10-31; 2 findings are told again"
    );
    for last_day in ["2026-11-01", "'2026-11-01'"] {
        assert_eq!(suppressed(&expires(last_day)).len(), 2, "{last_day}");
        assert_eq!(triaged(&account(), &expires(last_day)).1, []);
    }
    // Where another entry accepts the same, that one is told.
    let both = expires("2026-10-31") + &entry(&format!("checks = ['{SSH}']\nowner = 'second'"));
    let (evaluation, _) = triaged(&account(), &both);
    let finding = evaluation.findings.iter().find(|finding| finding.check == SSH).unwrap();
    assert_eq!(finding.suppressed.as_ref().unwrap().source, "aws-audit.toml:2");
}

#[test]
fn what_matches_nothing_is_told_with_what_may_have_been_meant() {
    let told = |keys: &str| {
        let (_, notices) = triaged(&account(), &entry(keys));
        assert!(notices.iter().all(Notice::is_unmatched));
        let text = |it: &Notice| (it.text(Lang::En), it.help(Lang::En));
        let notice = notices.first().map(text).unwrap_or_default();
        (notices.len(), notice.0.replace("aws-audit.toml:1: ", ""), notice.1.unwrap_or_default())
    };
    let nothing = (0, String::new(), String::new());
    assert_eq!(
        told("checks = ['ec2-sg-opne-ssh']"),
        (1, "no check is called `ec2-sg-opne-ssh`".into(), "did you mean `ec2-sg-open-ssh`?".into())
    );
    assert_eq!(
        told("checks = ['ec2-sg-open-ssh']\nresources = ['sg-0aaa']"),
        (1, "the suppression matches no finding (`sg-0aaa`)".into(), "did you mean `sg-0aa`?".into())
    );
    let (count, text, help) = told("checks = ['ec2-sg-open-rdp']\nresources = ['sg-0ab']");
    assert_eq!((count, text.as_str()), (1, "the suppression matches nothing any more: what it names passes"));
    assert!(help.starts_with("remove it"), "{help}");
    let (_, _, help) = told("checks = ['ec2-sg-open-ssh']\nresources = ['vpc-zzzz']");
    assert!(help.starts_with("remove it, or name"), "{help}");
    // Another account, a check that did not run, a region that was not scanned: nothing is known of them.
    for keys in [
        "checks = ['ec2-sg-open-ssh']\naccounts = ['444455556666']\nresources = ['sg-x']",
        "checks = ['iam-root-mfa']",
        "checks = ['ec2-sg-*']\nresources = ['sg-x']",
        "checks = ['ec2-sg-open-ssh']\nregions = ['us-east-1']",
        "checks = ['ec2-sg-open-ssh']\nresources = ['arn:aws:ec2:us-east-1:111122223333:security-group/sg-x']",
        "checks = ['ec2-sg-open-ssh']\nresources = ['arn:aws:ec2:eu-west-1:444455556666:security-group/sg-x']",
    ] {
        assert_eq!(told(keys), nothing, "{keys}");
    }
}

#[test]
fn severities_are_moved_with_a_reason() {
    let text =
        "[[severity]]\nchecks = ['ec2-sg-open-*']\nresources = ['sg-0ab']\nto = 'low'\nreason = 'a lab'";
    let (evaluation, _) = triaged(&account(), text);
    let finding = |id: &str| {
        let mut of = evaluation.findings.iter().filter(|it| it.check == SSH);
        let finding = of.find(|it| it.resource.id == id).unwrap();
        (finding.severity, finding.severity_reason.as_deref())
    };
    assert_eq!(finding("sg-0ab"), (Severity::Low, Some("a lab")));
    assert_eq!(finding("sg-0aa").1, None);
    let told = report(&account(), &evaluation);
    let low = told.findings.iter().find(|it| it.severity == Severity::Low).unwrap();
    assert_eq!(low.severity_reason.as_deref(), Some("a lab"));
    // Some of its resources do not change what the check weighs; all of them do.
    assert_eq!(evaluation.results[0].severity, Severity::High);
    let whole = "[[severity]]\nchecks = ['ec2-sg-open-*']\nto = 'low'\nreason = 'a lab'";
    let (evaluation, _) = triaged(&account(), whole);
    let weights: Vec<_> = evaluation.results.iter().map(|result| result.severity).collect();
    assert_eq!(weights[..2], [Severity::Low, Severity::Low]);
    assert_eq!(evaluation.results[0].worst(), Some(Severity::Low), "exit codes follow");
    let (_, notices) = triaged(&account(), "[[severity]]\nchecks = ['ec2-sg-x']\nto = 'low'\nreason = 'r'");
    assert!(matches!(notices[..], [Notice::NoCheck { .. }]) && !notices[0].is_unmatched());
}

fn secret(name: &str, days: i64, env: &str) -> StoredSecret {
    serde_json::from_value(serde_json::json!({
        "name": name, "arn": format!("arn:aws:secretsmanager:eu-west-1:111122223333:secret:{name}-AbCdEf"),
        "created": ago(400), "last_accessed": ago(days), "last_rotated": null,
        "next_rotation": null, "rotation_enabled": false, "owning_service": null, "is_replica": false,
        "tags": {"env": env},
    }))
    .unwrap()
}

fn tuning(text: &str) -> Tuning {
    let written: Written = toml::from_str(text).unwrap();
    Tuning::new(Settings::default(), placed(written.r#override))
}

#[test]
fn settings_hold_where_they_are_said_to() {
    let mut account = empty();
    let secrets = vec![secret("archive", 200, "prod"), secret("mail", 200, "dev"), secret("web", 40, "dev")];
    region(&mut account).secretsmanager.secrets = Collected::Value(secrets);
    let checks = [registry::find("secretsmanager-unused").unwrap()];
    let failing = |text: &str| {
        let tuning = tuning(text);
        let findings = registry::evaluate_tuned(&checks, &account, &tuning, false).findings;
        let ids: Vec<_> = findings.into_iter().map(|finding| finding.resource.id).collect();
        (ids.join(" "), tuning.unused(&["secretsmanager-unused"]).len())
    };
    let entry = |about: &str, days: i64| {
        format!("[[override]]\nreason = 'r'\n{about}\nsettings = {{ unused_secret_days = {days} }}\n")
    };
    assert_eq!(failing(""), ("archive mail".into(), 0));
    assert_eq!(failing(&entry("resources = ['*:secret:archive-*']", 365)), ("mail".into(), 0));
    assert_eq!(failing(&entry("tags = ['env=dev']", 30)), ("archive mail web".into(), 0));
    // The last one that applies wins, setting by setting.
    let both = entry("tags = ['env=dev']", 365) + &entry("resources = ['web']", 10);
    assert_eq!(failing(&both), ("archive web".into(), 0));
    assert_eq!(failing(&entry("checks = ['iam-*']", 1)), ("archive mail".into(), 0), "other checks");
    assert_eq!(failing(&entry("resources = ['nothing']", 1)), ("archive mail".into(), 1));
    assert_eq!(failing(&entry("checks = ['secretsmanager-unsued']", 1)), ("archive mail".into(), 1));
}

/// All settings of the catalogue are read while a resource is judged; the debug assertion in [`tuning::Current`] holds
/// each check to that in its own tests, and this one all of them in an account with nothing in it.
#[test]
fn no_setting_is_read_before_there_is_a_resource() {
    let checks: Vec<_> = registry::all().collect();
    let tuning = tuning("[[override]]\nreason = 'r'\nsettings = { max_key_age_days = 1 }");
    let told = registry::evaluate_tuned(&checks, &account(), &tuning, true).findings.len();
    assert!(told > 20, "{told}");
}

#[test]
fn wrong_entries_are_told() {
    let error = |text: &str| toml::from_str::<Written>(text).err().map(|error| error.message().to_owned());
    for (keys, message) in [
        ("checks = ['a']", "missing field `reason`"),
        ("reason = 'r'", MESSAGES[1].0),
        ("reason = 'r'\nchecks = []", MESSAGES[1].0),
        ("reason = ' '\nchecks = ['a']", MESSAGES[0].0),
        ("reason = 'r'\nchecks = ['']", MESSAGES[2].0),
        ("reason = 'r'\nchecks = ['a']\nresources = ['']", MESSAGES[2].0),
        ("reason = 'r'\nchecks = ['a']\naccounts = ['12']", MESSAGES[3].0),
        ("reason = 'r'\nchecks = ['a']\nnot.accounts = ['12']", MESSAGES[3].0),
        ("reason = 'r'\nchecks = ['a']\ntags = ['=x']", MESSAGES[4].0),
        ("reason = 'r'\nchecks = ['a']\nexpires = 'soon'", MESSAGES[5].0),
        ("reason = 'r'\nchecks = ['a']\nexpires = '2026-02-30'", MESSAGES[5].0),
        ("reason = 'r'\nchecks = ['a']\nexpires = 2026-12-31T10:00:00Z", MESSAGES[5].0),
        ("reason = 'r'\nchecks = ['a']\nexpires = 20261231", MESSAGES[5].0),
        ("reason = 'r'\nchecks = ['a']\nticket = 'http://x'", MESSAGES[6].0),
        ("reason = 'r'\nchecks = ['a']\nticket = 'https://'", MESSAGES[6].0),
        ("reason = 'r'\nchecks = ['a']\nticket = 'https://x y'", MESSAGES[6].0),
    ] {
        assert_eq!(error(&format!("[[suppress]]\n{keys}")).as_deref(), Some(message), "{keys}");
    }
    let unknown = error("[[suppress]]\nreason = 'r'\nchecks = ['a']\nresource = ['x']").unwrap();
    assert!(
        unknown.starts_with("unknown field `resource`, expected one of `checks`, `resources`"),
        "{unknown}"
    );
    let unknown = error("[[suppress]]\nreason = 'r'\nchecks = ['a']\nnot.reason = 'x'").unwrap();
    assert!(unknown.starts_with("unknown field `reason`"), "{unknown}");
    let severity = error("[[severity]]\nreason = 'r'\nchecks = ['a']\nto = 'bad'").unwrap();
    assert!(severity.starts_with("unknown variant `bad`"), "{severity}");
    for (settings, message) in [
        ("{ }", MESSAGES[7].0),
        ("{ max_key_days = 1 }", "unknown field `max_key_days`"),
        ("{ max_public_range = '24' }", "`24` is not a prefix length from /0 to /32"),
        ("{ public_ports = [70000] }", "invalid value"),
    ] {
        let told = error(&format!("[[override]]\nreason = 'r'\nsettings = {settings}")).unwrap();
        assert!(told.starts_with(message), "{settings}: {told}");
    }
}

/// Words between backquotes.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// Pages may promise only what the configuration has: the settings, and `[[suppress]]`.
#[test]
fn pages_name_no_key_that_there_is_not() {
    let settings = toml::Table::try_from(Settings::default()).unwrap();
    let tables = ["suppress", "severity", "override", "settings"];
    let catalog = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/catalog");
    let (mut named, mut wrong) = (BTreeSet::new(), Vec::new());
    for service in std::fs::read_dir(catalog).unwrap().map(|entry| entry.unwrap().path()) {
        let files = std::fs::read_dir(&service).into_iter().flatten().map(|entry| entry.unwrap().path());
        for path in files.filter(|path| path.extension().is_some_and(|ending| ending == "md")) {
            let text = std::fs::read_to_string(&path).unwrap();
            for (at, line) in text.lines().enumerate() {
                for table in line.split("[[").skip(1).filter_map(|rest| rest.split_once("]]")) {
                    named.insert(table.0.to_owned());
                    if !tables.contains(&table.0) {
                        wrong.push(format!("{}:{}: [[{}]]", path.display(), at + 1, table.0));
                    }
                }
            }
            // What a sentence that names the file puts between backquotes, or names without them in a TOML value.
            for sentence in text.split(['.', '。', '\n']).filter(|it| it.contains("aws-audit")) {
                wrong.extend(
                    quoted(sentence)
                        .filter(|word| {
                            let is_key = word.contains('_')
                                && word.chars().all(|c| c.is_ascii_lowercase() || c == '_');
                            is_key && !settings.contains_key(*word)
                        })
                        .map(|word| format!("{}: {word}", path.display())),
                );
            }
            for setting in settings.keys().filter(|setting| text.contains(setting.as_str())) {
                named.insert(setting.clone());
            }
            // A page that says that a finding can be accepted says how.
            let accepts =
                ["suppress the finding", "検出結果を抑制", "抑制してください", "抑制してかまいません"];
            let its_own = path.to_string_lossy().contains("securityhub/critical_findings.");
            let says = accepts.iter().any(|words| text.contains(words)) && !its_own;
            if says && !text.contains("`[[suppress]]`") {
                wrong.push(format!("{}: accepts findings without `[[suppress]]`", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(named.contains("suppress") && named.contains("public_ports"), "{named:?}");
}
