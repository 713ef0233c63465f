//! What reads input that somebody else wrote: one function for each kind of it, which takes any bytes, must neither
//! panic nor take longer than the length of the input allows, and asserts what must hold whatever it is given.
//!
//! `fuzz_targets/` gives them to libFuzzer, `checks/tests/hostile.rs` runs them on `corpus/` and mutations of it.

use std::{collections::BTreeSet, sync::LazyLock};

use aws_audit_checks::{
    analysis::{
        event_pattern::EventPattern,
        filter_pattern::FilterPattern,
        oidc,
        policy::{Policy, admin, pattern, public, shared_secret},
        record, trust,
    },
    baseline,
    check::Entry,
    diff,
    finding::Finding,
    framework,
    page::Lang,
    registry::{self, Evaluation},
    report::{Options, Report},
    secrets,
    settings::Settings,
    snapshot::{self, Snapshot, iam::CredentialReport},
    triage::{self, Move, Override, Placed, Rules, Suppress, tuning::Tuning},
};
use jiff::Timestamp;
use serde_json::Value;

/// What reads input.
pub type Target = fn(&[u8]);

/// The targets by name.
pub const TARGETS: [(&str, Target); 9] = [
    ("account", account),
    ("arn", arn),
    ("configuration", configuration),
    ("credential_report", credential_report),
    ("event_pattern", event_pattern),
    ("filter_pattern", filter_pattern),
    ("policy", policy),
    ("report", report),
    ("user_data", user_data),
];

/// An account to put hostile things into: a snapshot of the demo.
pub const ACCOUNT: &str = include_str!("../corpus/account/demo.json");

static CHECKS: LazyLock<Vec<&'static Entry>> = LazyLock::new(|| registry::all().collect());

fn demo() -> Snapshot {
    snapshot::read(ACCOUNT.as_bytes()).expect("a snapshot of this program")
}

fn evaluation(account: &Snapshot) -> Evaluation {
    registry::evaluate(&CHECKS, account, &Settings::default(), true)
}

fn told(account: &Snapshot, evaluation: &Evaluation) -> Report {
    let framework = framework::find(framework::DEFAULT).expect("the default is one");
    Report::new(account, evaluation, &Options { framework, lang: Lang::En })
}

/// A snapshot file: read, judged, reported, and the report read again.
pub fn account(data: &[u8]) {
    let Ok(account) = snapshot::read(data) else { return };
    judge(&account);
}

/// Judges an account, and reads the report as others would.
pub fn judge(account: &Snapshot) -> Report {
    let report = told(account, &evaluation(account));
    let written = serde_json::to_string(&report).expect("reports can be written");
    let again: Report = serde_json::from_str(&written).expect("reports can be read");
    assert_eq!(again.findings.len(), report.findings.len());
    report
}

/// An account whose every text of this kind is this one.
#[must_use]
pub fn account_with(is_one: impl Fn(&str, &str) -> bool, text: &str) -> Snapshot {
    fn put(json: &mut Value, key: &str, is_one: &dyn Fn(&str, &str) -> bool, text: &str) {
        match json {
            Value::Object(fields) => {
                for (name, value) in fields {
                    // A collected value is what its field is called.
                    let name = if matches!(name.as_str(), "value" | "part") { key } else { name.as_str() };
                    put(value, name, is_one, text);
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| put(item, key, is_one, text)),
            Value::String(was) if is_one(key, was) => *was = text.to_owned(),
            _ => {}
        }
    }
    let mut json: Value = serde_json::from_str(ACCOUNT).expect("a snapshot of this program");
    put(&mut json, "", &is_one, text);
    snapshot::read(json.to_string().as_bytes()).expect("the same but for texts")
}

/// A policy document.
pub fn policy(data: &[u8]) {
    let text = &*String::from_utf8_lossy(data);
    let masked = shared_secret::masked(text);
    let Ok(policy) = Policy::parse(text) else { return };
    assert!(Policy::parse(&masked).is_ok(), "masking leaves a policy a policy");
    let _ = admin::full_admin(&policy);
    for actions in [&[][..], &["s3:GetObject", "sts:AssumeRole", "kms:Decrypt"]] {
        let _ = public::exposure(&policy, actions, Timestamp::UNIX_EPOCH);
    }
    for statement in &policy.statements {
        let _ = (
            statement.label(),
            statement.actions.covers("s3:Get*"),
            oidc::shared_providers(statement).count(),
        );
        let _ = statement.conditions.iter().map(|condition| condition.text().len()).sum::<usize>();
    }
}

/// A policy document, wherever the account has one.
pub fn policy_of_everything(text: &str) {
    judge(&account_with(|_, was| was.starts_with('{') && was.contains("\"Statement\""), text));
}

/// ARNs and patterns of them, one a line.
pub fn arn(data: &[u8]) {
    let text = &*String::from_utf8_lossy(data);
    let mut lines = text.split('\n');
    let (a, b, c) = (text.lines().next().unwrap_or_default(), lines.nth(1).unwrap_or_default(), text);
    let _ = (trust::account_named(a), oidc::issuer(a), pattern::covers_arns(a, b));
    assert!(
        pattern::matches(a, &a.replace(['*', '?'], "x")),
        "a pattern matches what it is made from: {a:?}"
    );
    for (a, b) in [(a, b), (b, a), (a, c)] {
        let (matches, covers, overlap) =
            (pattern::matches(a, b), pattern::covers(a, b), pattern::overlap(a, b));
        assert!(!matches || pattern::matches_action(a, b), "{a:?} {b:?}");
        assert!(!matches || pattern::overlap(a, b), "{a:?} {b:?}");
        assert!(!covers || overlap, "who covers something that matches something meets it: {a:?} {b:?}");
        assert!(!covers || pattern::matches(a, &b.replace(['*', '?'], "x")), "{a:?} {b:?}");
        assert_eq!(overlap, pattern::overlap(b, a), "{a:?} {b:?}");
    }
}

/// A filter pattern of CloudWatch Logs.
pub fn filter_pattern(data: &[u8]) {
    let text = &*String::from_utf8_lossy(data);
    if let Ok(pattern) = FilterPattern::parse(text) {
        let _ = records().iter().filter(|record| pattern.matches(record)).count();
    }
}

/// An event pattern of EventBridge.
pub fn event_pattern(data: &[u8]) {
    let text = &*String::from_utf8_lossy(data);
    if let Ok(pattern) = EventPattern::parse(text) {
        let _ = records().iter().filter(|record| pattern.matches(record)).count();
    }
}

/// Records of CloudTrail, as the checks ask alarms about.
fn records() -> &'static [Value; 4] {
    static RECORDS: LazyLock<[Value; 4]> = LazyLock::new(|| {
        let account = demo();
        let call = record::call(&account, "iam", "CreatePolicy");
        let refused = record::refused(call.clone(), "AccessDenied");
        [record::by_root(&account, call.clone()), record::sign_in(&account, false), refused, call]
    });
    &RECORDS
}

/// User data, and texts of its kind.
pub fn user_data(data: &[u8]) {
    let text = &*String::from_utf8_lossy(data);
    let (name, value) = text.split_once('\n').unwrap_or((text, text));
    let found = [
        secrets::in_user_data(data).unwrap_or_default(),
        secrets::in_base64_user_data(text).unwrap_or_default(),
        secrets::in_text(text),
        secrets::in_pair(name, value).into_iter().collect(),
        secrets::in_pair("PASSWORD", text).into_iter().collect(),
    ];
    for secret in found.iter().flatten() {
        assert!(secret.hint.chars().count() <= 3, "{secret:?}");
    }
}

/// A report, as the baseline of another and next to it.
pub fn report(data: &[u8]) {
    static NOW: LazyLock<Report> = LazyLock::new(|| {
        let demo = demo();
        told(&demo, &evaluation(&demo))
    });
    let Ok(baseline) = serde_json::from_slice::<Report>(data) else { return };
    let mut now = NOW.clone();
    baseline::compare(&mut now, &baseline);
    let failing = |report: &Report| report.findings.iter().filter(|it| it.state.is_none()).count();
    assert!(failing(&now) <= NOW.findings.len(), "a baseline adds nothing but what is resolved");
    let _ = (diff::diff(&baseline, &now), diff::diff(&now, &baseline));
    let _ = (baseline.worst(), baseline.is_incomplete());
}

/// What a configuration says of findings: `[[suppress]]`, `[[severity]]`, `[[override]]`, `[settings]`.
pub fn configuration(data: &[u8]) {
    static ACCOUNT: LazyLock<Snapshot> = LazyLock::new(demo);
    let text = &*String::from_utf8_lossy(data);
    let Ok(file) = toml::from_str::<toml::Table>(text) else { return };
    fn entries<T: for<'de> serde::Deserialize<'de>>(file: &toml::Table, name: &str) -> Vec<Placed<T>> {
        let written = file.get(name).and_then(toml::Value::as_array).cloned().unwrap_or_default();
        let entries = written.into_iter().filter_map(|entry| entry.try_into().ok());
        entries.map(|entry| Placed { entry, source: name.to_owned() }).collect()
    }
    let rules = Rules {
        suppress: entries::<Suppress>(&file, "suppress"),
        severity: entries::<Move>(&file, "severity"),
    };
    let overrides = entries::<Override>(&file, "override");
    let settings = file.get("settings").cloned().and_then(|settings| settings.try_into::<Settings>().ok());
    let tuning = Tuning::new(settings.unwrap_or_default(), overrides);
    let mut evaluation = registry::evaluate_tuned(&CHECKS, &ACCOUNT, &tuning, true);
    let judged = evaluation.findings.len();
    let of_checks = |_: &BTreeSet<&'static str>| -> Vec<Finding> { self::evaluation(&ACCOUNT).findings };
    let _ = triage::apply(&mut evaluation, &rules, &ACCOUNT, of_checks);
    assert_eq!(evaluation.findings.len(), judged, "nothing vanishes for what is accepted");
    let _ = tuning.unused(&CHECKS.iter().map(|entry| entry.check.id).collect::<Vec<_>>());
    let _ = told(&ACCOUNT, &evaluation);
}

/// IAM's credential report.
pub fn credential_report(data: &[u8]) {
    if let Ok(report) = CredentialReport::parse(data, Some(Timestamp::UNIX_EPOCH)) {
        assert!(report.users.iter().all(|(name, user)| *name == user.name));
    }
}
