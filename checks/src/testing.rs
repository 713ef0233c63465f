//! What the tests of checks share: an account in which everything could be read and nothing is there, gaps,
//! and assertions that also fill in the page's templates.

use std::rc::Rc;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::{
    analysis::Analyses,
    check::{Check, Context},
    finding::{Finding, Status},
    gap::{Collected, Gap, GapKind},
    page::Lang,
    registry,
    settings::Settings,
    snapshot::{Region, Snapshot, ec2, iam, organizations},
    source::Source,
    wording,
};

/// When the account of the tests was looked at.
pub(crate) fn now() -> Timestamp {
    "2026-11-01T12:00:00Z".parse().expect("a timestamp")
}

/// So many whole days before [`now`].
pub(crate) fn ago(days: i64) -> Timestamp {
    now() - SignedDuration::from_hours(24 * days)
}

/// A value that was read.
pub(crate) fn read<T>(value: T) -> Collected<T> {
    Collected::Value(value)
}

/// A value that could not be read.
pub(crate) fn denied<T>() -> Collected<T> {
    Collected::Gap(denial())
}

fn denial() -> Gap {
    Gap {
        operation: "test:Operation".into(),
        region: None,
        resource: None,
        kind: GapKind::AccessDenied,
        refused_by: None,
        message: "not allowed".into(),
    }
}

/// An account that was read completely, with one region and nothing in it.
pub(crate) fn empty() -> Snapshot {
    let mut account = Snapshot::empty(now());
    account.account.id = "111122223333".into();
    account.account.partition = "aws".into();
    account.regions.insert("eu-west-1".into(), Region::empty());
    account
}

/// A credential report with root's row alone.
pub(crate) fn credential_report() -> iam::CredentialReport {
    iam::CredentialReport {
        generated_at: now(),
        root: Some(credentials("arn:aws:iam::111122223333:root")),
        users: [].into(),
    }
}

/// The account's one region, to be changed.
pub(crate) fn region(snapshot: &mut Snapshot) -> &mut Region {
    snapshot.regions.get_mut("eu-west-1").expect("the region of the tests")
}

/// Security groups as JSON, whose rules name only the peers that they have.
pub(crate) fn security_groups(mut groups: Value) -> Vec<ec2::SecurityGroup> {
    for group in groups.as_array_mut().into_iter().flatten() {
        for direction in ["ingress", "egress"] {
            for rule in group[direction].as_array_mut().into_iter().flatten() {
                for peers in ["cidrs", "prefix_lists", "groups"] {
                    let rule = rule.as_object_mut().expect("a rule");
                    rule.entry(peers).or_insert_with(|| serde_json::json!([]));
                }
            }
        }
    }
    serde_json::from_value(groups).expect("security groups")
}

/// A row of the credential report: a password-less user without keys.
pub(crate) fn credentials(arn: &str) -> iam::Credentials {
    iam::Credentials {
        arn: arn.into(),
        created: Some(ago(1000)),
        password_enabled: Some(false),
        password_last_used: None,
        password_last_changed: None,
        mfa_active: false,
        access_keys: [iam::ReportedKey::default(), iam::ReportedKey::default()],
        certificate_active: false,
    }
}

/// Makes gaps of all that these sources read.
pub(crate) fn forget(account: &mut Snapshot, sources: impl IntoIterator<Item = Source>) {
    for source in sources {
        account.forget(source, &denial());
    }
}

/// Holds, of an account in which a check fails, what DESIGN promises of everything that cannot be read: whatever source
/// is forgotten, and whatever was asked about one thing, what failed neither passes nor vanishes, and it is unknown once
/// at least; and what the check does not name is not read.
fn holds_without_its_sources(
    check: &'static Check,
    snapshot: &Snapshot,
    settings: &Settings,
    findings: &[Finding],
) {
    let without_one = check.sources.iter().map(|source| {
        let mut account = snapshot.clone();
        forget(&mut account, [*source]);
        (source.name().to_owned(), account)
    });
    let mut is_ever_unknown = false;
    for (what, account) in without_one.chain(denied_within(snapshot)) {
        let left = evaluate(check, &account, settings);
        let some_unknown = left.iter().any(|finding| finding.status == Status::Unknown);
        is_ever_unknown |= some_unknown;
        for finding in findings.iter().filter(|finding| finding.status == Status::Fail) {
            let now = left.iter().find(|it| it.resource == finding.resource).map(|it| it.status);
            let is_told = now.map_or(some_unknown, |now| now != Status::Pass);
            assert!(is_told, "{} without {what}: {now:?} of {:?}", check.id, finding.resource);
        }
    }
    assert!(is_ever_unknown, "{} fails whatever could not be read", check.id);
    let named = registry::sources(registry::find(check.id));
    let mut others = snapshot.clone();
    forget(&mut others, Source::all().filter(|source| !named.contains(source)));
    let same = evaluate(check, &others, settings);
    assert_eq!(same, findings, "{} reads a source that it does not name", check.id);
}

/// The account without one of the answers about one thing, for each of them.
fn denied_within(snapshot: &Snapshot) -> impl Iterator<Item = (String, Snapshot)> {
    /// The JSON pointers of what was read within something else that was read.
    fn answers(json: &Value, pointer: &str, is_within: bool, found: &mut Vec<String>) {
        match json {
            Value::Object(fields) => {
                let is_answer = fields.len() == 1 && fields.contains_key("value");
                if is_answer && is_within {
                    found.push(pointer.to_owned());
                }
                for (key, value) in fields {
                    let key = key.replace('~', "~0").replace('/', "~1");
                    answers(value, &format!("{pointer}/{key}"), is_within || is_answer, found);
                }
            }
            Value::Array(items) => {
                for (at, item) in items.iter().enumerate() {
                    answers(item, &format!("{pointer}/{at}"), is_within, found);
                }
            }
            _ => {}
        }
    }
    let whole = serde_json::to_value(snapshot).expect("a snapshot is JSON");
    let mut found = Vec::new();
    answers(&whole, "", false, &mut found);
    found.into_iter().map(move |pointer| {
        let mut json = whole.clone();
        *json.pointer_mut(&pointer).expect("it is there") = serde_json::json!({ "gap": denial() });
        (pointer, serde_json::from_value(json).expect("a snapshot without an answer"))
    })
}

fn evaluate(check: &'static Check, snapshot: &Snapshot, settings: &Settings) -> Vec<Finding> {
    let analyses = Rc::new(Analyses::of(snapshot));
    let tuning = settings.clone().into();
    Context::run(check, snapshot, &tuning, &analyses, true).0
}

fn run(check: &'static Check, snapshot: &Snapshot, settings: &Settings) -> Vec<Finding> {
    let findings = evaluate(check, snapshot, settings);
    if findings.iter().any(|finding| finding.status == Status::Fail) {
        holds_without_its_sources(check, snapshot, settings, &findings);
    }
    let entry = registry::find(check.id).unwrap_or_else(|| panic!("{} is not in the registry", check.id));
    for finding in findings.iter().filter(|finding| finding.status == Status::Fail) {
        for lang in [Lang::En, Lang::Ja] {
            let page = entry.page(lang);
            let message = page.message(finding, lang).unwrap_or_else(|error| panic!("{lang:?}: {error}"));
            let fix = page.fix(finding, lang).unwrap_or_else(|error| panic!("{lang:?}: {error}"));
            for text in [&message, &fix] {
                assert_eq!(wording::faults(text), [""; 0], "{}: {text}", check.id);
            }
            assert_eq!(page.without_words(finding), [""; 0], "{}: {message}", check.id);
            let alone = snapshot.organizations.organization == read(None);
            let of_organization = message.contains("outside the organization") || message.contains("組織外");
            assert!(!(alone && of_organization), "{}: there is no organization: {message}", check.id);
        }
        entry.page(Lang::En).command(finding).unwrap_or_else(|error| panic!("{error}"));
    }
    findings
}

fn the_only(status: Status, check: &'static Check, snapshot: &Snapshot, settings: &Settings) -> Finding {
    let mut findings = run(check, snapshot, settings);
    assert_eq!(findings.len(), 1, "one finding expected: {findings:#?}");
    let finding = findings.remove(0);
    assert_eq!(finding.status, status, "{finding:#?}");
    finding
}

/// The check's only finding fails; its messages are complete in both languages.
pub(crate) fn fails(check: &'static Check, snapshot: &Snapshot) -> Finding {
    the_only(Status::Fail, check, snapshot, &Settings::default())
}

/// As [`fails`], with settings.
pub(crate) fn fails_with(settings: &Settings, check: &'static Check, snapshot: &Snapshot) -> Finding {
    the_only(Status::Fail, check, snapshot, settings)
}

/// The check's only finding passes.
pub(crate) fn passes(check: &'static Check, snapshot: &Snapshot) -> Finding {
    the_only(Status::Pass, check, snapshot, &Settings::default())
}

/// The check's only finding is unknown.
pub(crate) fn unknown(check: &'static Check, snapshot: &Snapshot) -> Finding {
    the_only(Status::Unknown, check, snapshot, &Settings::default())
}

/// The check fails of an account that it has to do with and that may be of the same organization, which is not told
/// here; it is unknown where that could not be read.
pub(crate) fn needs_to_know_members(check: &'static Check, mut snapshot: Snapshot) {
    let organizations = &mut snapshot.organizations;
    let management_account = "999900001111".into();
    organizations.organization =
        read(Some(organizations::Organization { id: "o-a".into(), management_account }));
    assert_eq!(fails(check, &snapshot).variant, Some("member"));
    snapshot.organizations.accounts = denied();
    unknown(check, &snapshot);
    snapshot.organizations.organization = denied();
    unknown(check, &snapshot);
}

/// The check has nothing to say.
pub(crate) fn silent(check: &'static Check, snapshot: &Snapshot) {
    let findings = run(check, snapshot, &Settings::default());
    assert!(findings.is_empty(), "no finding expected: {findings:#?}");
}

/// All that the check says, for accounts in which it judges several resources.
pub(crate) fn findings(check: &'static Check, snapshot: &Snapshot) -> Vec<Finding> {
    run(check, snapshot, &Settings::default())
}

/// Ids of the resources that fail, in the order they were judged.
pub(crate) fn failing(check: &'static Check, snapshot: &Snapshot) -> Vec<String> {
    let findings = run(check, snapshot, &Settings::default());
    findings.into_iter().filter(|f| f.status == Status::Fail).map(|f| f.resource.id).collect()
}
