use serde_json::json;

use super::*;
use crate::registry;

const ARN: &str = "arn:aws:iam::111122223333";

fn finding(check: &str, severity: Severity, id: &str, arn: &str, evidence: Value) -> ReportFinding {
    let entry = registry::find(check).unwrap_or_else(|| panic!("{check}"));
    let kind = match check {
        _ if arn.contains(":policy/") => "AWS::IAM::ManagedPolicy",
        _ if id.contains('/') => "AWS::IAM::RolePolicy",
        _ => "AWS::Test::Thing",
    };
    ReportFinding {
        id: format!("{check} {id}"),
        check: check.into(),
        status: Status::Fail,
        severity,
        title: entry.page(Lang::En).title.clone(),
        message: String::new(),
        fix: None,
        url: String::new(),
        resource: Resource {
            kind: kind.into(),
            id: id.into(),
            arn: arn.into(),
            region: None,
            account: "111122223333".into(),
            name: None,
            tags: crate::snapshot::Tags::new(),
        },
        evidence: serde_json::from_value(evidence).unwrap(),
        antipatterns: vec![],
        controls: BTreeMap::new(),
        severity_reason: None,
        suppressed: None,
        group: None,
        state: None,
        first_seen: None,
    }
}

/// Causes, things and the checks of their findings.
fn grouped(mut findings: Vec<ReportFinding>) -> Vec<(String, String, Vec<String>)> {
    let groups = assign(&mut findings, Lang::En);
    for group in &groups {
        for id in &group.findings {
            let finding = findings.iter().find(|finding| finding.id == *id).unwrap();
            assert_eq!(finding.group.as_ref(), Some(&group.id));
        }
    }
    let all: usize = groups.iter().map(|group| group.findings.len()).sum();
    assert_eq!(all, findings.iter().filter(|finding| finding.group.is_some()).count());
    let check = |id: &String| id.split(' ').next().unwrap_or_default().to_owned();
    let told = |group: Group| (group.cause, group.key, group.findings.iter().map(check).collect());
    groups.into_iter().map(told).collect()
}

fn group(cause: &str, key: &str, checks: &[&str]) -> (String, String, Vec<String>) {
    (cause.into(), key.into(), checks.iter().map(|check| (*check).to_owned()).collect())
}

#[test]
fn one_open_group_is_one_thing_to_mend_whoever_tells_of_it() {
    use Severity::{Critical, High, Medium};
    let sg = |check, severity, id: &str| finding(check, severity, id, &format!("arn:{id}"), json!({}));
    let way = |group: &str| json!({"ways": [{"security_group": group}, {"security_group": "sg-1"}]});
    let found = vec![
        sg("ec2-sg-open-ssh", Critical, "sg-1"),
        sg("ec2-sg-open-rdp", High, "sg-1"),
        sg("ec2-sg-open-ssh", Medium, "sg-2"),
        finding("ec2-instance-internet-reachable", Critical, "i-1", "arn:i-1", way("sg-1")),
        finding("rds-security-group-open", High, "db", "arn:db", json!({"groups": ["sg-1"]})),
        // Through two groups: mending one does not help.
        finding("ec2-instance-internet-reachable", Critical, "i-2", "arn:i-2", way("sg-2")),
        // Of a group that nothing else tells of.
        finding("rds-security-group-open", High, "db-2", "arn:db-2", json!({"groups": ["sg-3"]})),
    ];
    assert_eq!(
        grouped(found),
        [
            group(
                "security_group",
                "sg-1",
                &[
                    "ec2-sg-open-ssh",
                    "ec2-instance-internet-reachable",
                    "ec2-sg-open-rdp",
                    "rds-security-group-open"
                ]
            ),
            group("check", "ec2-instance-internet-reachable", &["ec2-instance-internet-reachable"]),
            group("check", "rds-security-group-open", &["rds-security-group-open"]),
            group("security_group", "sg-2", &["ec2-sg-open-ssh"]),
        ]
    );
}

#[test]
fn one_policy_is_one_thing_to_mend_whoever_holds_it() {
    let admin = "arn:aws:iam::aws:policy/AdministratorAccess";
    let own = format!("{ARN}:policy/dev");
    let holder = |name: &str, policies: &[&str]| {
        let evidence = json!({"policy_arns": policies});
        finding("iam-admin-policy-attached", Severity::High, name, &format!("{ARN}:user/{name}"), evidence)
    };
    let chain = json!({"chain": [{"statements": [{"policy": "ci/deploy", "statement": "#1"}]}]});
    let mut found: Vec<_> = (0..10).map(|at| holder(&format!("user{at}"), &[admin])).collect();
    found.extend([
        holder("both", &[admin, &own]),
        finding("iam-policy-full-admin", Severity::High, "dev", &own, json!({})),
        holder("dev1", &[&own]),
        finding(
            "iam-policy-pass-role-any",
            Severity::High,
            "ci/deploy",
            &format!("{ARN}:role/ci"),
            json!({}),
        ),
        finding("iam-policy-privilege-escalation", Severity::High, "ci", &format!("{ARN}:role/ci"), chain),
    ]);
    let groups = grouped(found);
    assert_eq!(groups[0].1, admin);
    assert_eq!(groups[0].2.len(), 10);
    let named = |key: &str| groups.iter().find(|group| group.1 == key).unwrap().2.clone();
    assert_eq!(named(&own), ["iam-policy-full-admin", "iam-admin-policy-attached"]);
    assert_eq!(named("ci/deploy"), ["iam-policy-pass-role-any", "iam-policy-privilege-escalation"]);
    assert_eq!(named("iam-admin-policy-attached").len(), 1, "who holds two has two things to mend");
    assert_eq!(groups.len(), 4);
}

#[test]
fn one_bucket_is_one_thing_to_mend_where_it_is_open() {
    let bucket = |check, severity, name: &str| {
        finding(check, severity, name, &format!("arn:aws:s3:::{name}"), json!({}))
    };
    let (analyzed, served) =
        (json!({"resource": "arn:aws:s3:::open"}), json!({"bucket": "open", "grants": []}));
    let groups = grouped(vec![
        bucket("s3-bucket-public-read", Severity::Critical, "open"),
        bucket("s3-bucket-public-access-block", Severity::Medium, "open"),
        bucket("s3-bucket-public-access-block", Severity::Medium, "closed"),
        finding("access-analyzer-findings", Severity::Critical, "f-1", "arn:f", analyzed),
        finding(
            "cloudfront-s3-origin-public",
            Severity::High,
            "E1",
            "arn:aws:cloudfront::1:distribution/E1",
            served,
        ),
        bucket("s3-bucket-versioning", Severity::Low, "open"),
        bucket("s3-bucket-versioning", Severity::Low, "closed"),
    ]);
    assert_eq!(groups[0].0, "access_from_outside");
    assert_eq!(groups[0].2.len(), 4);
    assert_eq!(
        groups[1],
        group("check", "s3-bucket-public-access-block", &["s3-bucket-public-access-block"])
    );
    assert_eq!(groups[2].2.len(), 2, "one decision about all buckets");
}

#[test]
fn ids_do_not_depend_on_what_else_is_found() {
    let sg = |id: &str| finding("ec2-sg-open-ssh", Severity::High, id, &format!("arn:{id}"), json!({}));
    let other = finding("s3-bucket-versioning", Severity::Low, "b", "arn:aws:s3:::b", json!({}));
    let ids = |mut findings: Vec<ReportFinding>, lang| {
        assign(&mut findings, lang).into_iter().map(|group| group.id).collect::<BTreeSet<_>>()
    };
    let few = ids(vec![sg("sg-1"), other.clone()], Lang::En);
    let mut raised = sg("sg-1");
    (raised.severity, raised.resource.name) = (Severity::Low, Some("web".into()));
    let many = ids(vec![sg("sg-2"), raised, other.clone(), other], Lang::Ja);
    assert!(few.is_subset(&many) && many.len() == 3, "{few:?} {many:?}");
    // As `docs/json.md` says: printf '%s\n' group 111122223333 security_group sg-1 | sha256sum | cut -c1-32
    assert!(few.contains("a2bc36b9f94825baca1694cca07c2ea7"), "{few:?}");
}

#[test]
fn titles_name_the_thing_in_both_languages() {
    let mut open = finding("ec2-sg-open-ssh", Severity::High, "sg-1", "arn:sg-1", json!({}));
    open.resource.name = Some("web".into());
    let mut found = vec![
        open,
        finding(
            "access-analyzer-findings",
            Severity::Medium,
            "f",
            "arn:f",
            json!({"resource": "arn:aws:sqs:r:1:q"}),
        ),
    ];
    found[1].resource.kind = "AWS::AccessAnalyzer::Finding".into();
    found[1].resource.arn = "arn:aws:sqs:r:1:q".into();
    let mut titles = |lang| assign(&mut found, lang).into_iter().map(|group| group.title).collect::<Vec<_>>();
    assert_eq!(
        titles(Lang::En),
        ["Security group sg-1 (web) is open to the internet", "q can be used from outside the account"]
    );
    assert_eq!(titles(Lang::Ja)[0], "セキュリティグループ sg-1 (web) がインターネットに開放されている");
}

#[test]
fn what_does_not_fail_has_no_group() {
    let mut accepted = finding("ec2-sg-open-ssh", Severity::High, "sg-1", "arn:sg-1", json!({}));
    accepted.status = Status::Suppressed;
    accepted.group = Some("of a baseline".into());
    let mut found = vec![accepted];
    assert_eq!(assign(&mut found, Lang::En), []);
    assert_eq!(found[0].group, None);
}

#[test]
fn rules_name_checks_that_exist_each_in_one_rule() {
    let mut seen = BTreeMap::new();
    for rule in RULES {
        assert!(rule.title.iter().all(|title| title.matches("{}").count() == 1), "{}", rule.cause);
        for (check, _) in rule.of.iter().chain(rule.with) {
            assert!(registry::find(check).is_some(), "{check}");
            let before = seen.insert(*check, rule.cause);
            assert!(before.is_none_or(|before| before == rule.cause), "{check} is in two rules");
        }
    }
    assert!(!seen.values().any(|cause| *cause == CHECK));
}
