//! Failures with the same cause. What a person mends is a security group or a policy, not each of the checks that tell of
//! it: `RULES` says what has one cause, and everything else is a group of its check. `docs/json.md` explains it.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::{
    finding::{Resource, Severity, Status},
    page::Lang,
    report::ReportFinding,
};

/// Failures that one change mends, or that are one kind of change to several resources.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Group {
    /// The key of a ticket about all of them: the same from scan to scan, unique in the report. `docs/json.md` has the
    /// recipe.
    pub id: String,
    /// What they have in common: `check`, or the name of a rule, e.g. `security_group`.
    pub cause: String,
    /// Of which thing: a check's id, or the id or ARN of the resource that has to change.
    pub key: String,
    /// The cause in words.
    pub title: String,
    /// The worst severity among the findings.
    pub severity: Severity,
    /// How many resources they are about.
    pub resources: u64,
    /// The checks that tell of it.
    pub checks: Vec<String>,
    /// Ids of the findings, worst first.
    pub findings: Vec<String>,
}

/// Where a finding names the thing that has to change.
#[derive(Clone, Copy, Debug)]
enum Key {
    /// It is the resource that was judged, by its id.
    Id,
    /// It is the resource that was judged, by its ARN.
    Arn,
    /// The evidence names it, where it names one only.
    Evidence(&'static str),
    /// So do the items of a list in the evidence, each in a field.
    Each(&'static str, &'static str),
    /// The evidence names a bucket.
    Bucket(&'static str),
    /// A policy: a managed one by its ARN, one that is part of a user, group or role by `HOLDER/NAME`.
    Policy,
    /// The statements of every step of a way to more privileges are of one policy.
    Chain,
}

/// What has one cause.
#[derive(Debug)]
struct Rule {
    /// Its name in reports: final.
    cause: &'static str,
    /// The cause in words, with `{}` for the thing.
    title: [&'static str; 2],
    /// Checks, or globs of them, whose failures are of this cause.
    of: &'static [(&'static str, Key)],
    /// Checks whose failures are of it where one of the above is, too: they tell what comes of it.
    with: &'static [(&'static str, Key)],
}

/// A check is in one rule only: the thing that it names decides the rest.
const RULES: &[Rule] = &[
    Rule {
        cause: "security_group",
        title: [
            "Security group {} is open to the internet",
            "セキュリティグループ {} がインターネットに開放されている",
        ],
        of: &[
            ("ec2-sg-open-all", Key::Id),
            ("ec2-sg-open-cifs", Key::Id),
            ("ec2-sg-open-database", Key::Id),
            ("ec2-sg-open-rdp", Key::Id),
            ("ec2-sg-open-risky-port", Key::Id),
            ("ec2-sg-open-ssh", Key::Id),
            ("ec2-sg-open-unapproved-port", Key::Id),
        ],
        with: &[
            ("ec2-instance-internet-reachable", Key::Each("ways", "security_group")),
            ("rds-instance-public", Key::Each("ways", "security_group")),
            ("rds-security-group-open", Key::Evidence("groups")),
        ],
    },
    Rule {
        cause: "network_acl",
        title: [
            "Network ACL {} is open to the internet",
            "ネットワークACL {} がインターネットに開放されている",
        ],
        of: &[("ec2-nacl-open-admin-port", Key::Id), ("ec2-nacl-open-all", Key::Id)],
        with: &[],
    },
    Rule {
        cause: "access_from_outside",
        title: ["{} can be used from outside the account", "{} をアカウントの外から利用できる"],
        of: &[
            ("access-analyzer-findings", Key::Evidence("resource")),
            ("ebs-snapshot-public", Key::Arn),
            ("ecr-public", Key::Arn),
            ("iam-role-trust-external", Key::Arn),
            ("iam-role-trust-oidc", Key::Arn),
            ("iam-role-trust-public", Key::Arn),
            ("kms-key-public", Key::Arn),
            ("lambda-public", Key::Arn),
            ("rds-snapshot-public", Key::Arn),
            ("rds-snapshot-shared", Key::Arn),
            ("s3-bucket-cross-account-write", Key::Arn),
            ("s3-bucket-public-dormant", Key::Arn),
            ("s3-bucket-public-read", Key::Arn),
            ("s3-bucket-public-write", Key::Arn),
            ("secretsmanager-public", Key::Arn),
            ("sns-topic-public", Key::Arn),
            ("sqs-queue-public", Key::Arn),
        ],
        with: &[
            ("cloudfront-s3-origin-public", Key::Bucket("bucket")),
            ("s3-bucket-public-access-block", Key::Arn),
        ],
    },
    Rule {
        cause: "policy",
        title: ["Policy {} allows too much", "ポリシー {} の許可が広すぎる"],
        of: &[
            ("iam-admin-policy-attached", Key::Evidence("policy_arns")),
            ("iam-inline-policy-full-admin", Key::Policy),
            ("iam-policy-assume-role-any", Key::Policy),
            ("iam-policy-cloudshell-full-access", Key::Policy),
            ("iam-policy-decrypt-any", Key::Policy),
            ("iam-policy-full-admin", Key::Policy),
            ("iam-policy-not-action", Key::Policy),
            ("iam-policy-pass-role-any", Key::Policy),
            ("iam-policy-privilege-escalation", Key::Policy),
            ("iam-policy-service-wildcard", Key::Policy),
        ],
        with: &[("iam-policy-privilege-escalation", Key::Chain)],
    },
    Rule {
        cause: "access_key",
        title: ["Access key {} is old or unused", "アクセスキー {} が古いか使われていない"],
        of: &[("iam-access-key-rotation", Key::Id), ("iam-access-key-unused", Key::Id)],
        with: &[],
    },
    Rule {
        cause: "mfa",
        title: ["{} has no adequate MFA", "{} のMFAが不十分"],
        of: &[
            ("iam-admin-mfa", Key::Arn),
            ("iam-root-hardware-mfa", Key::Arn),
            ("iam-root-mfa", Key::Arn),
            ("iam-user-console-mfa", Key::Arn),
            ("iam-user-hardware-mfa", Key::Arn),
        ],
        with: &[],
    },
    Rule {
        cause: "password_policy",
        title: ["The password policy of {} is weak", "{} のパスワードポリシーが弱い"],
        of: &[
            ("iam-password-policy-length", Key::Id),
            ("iam-password-policy-reuse", Key::Id),
            ("iam-password-policy-strength", Key::Id),
        ],
        with: &[],
    },
];

/// The cause of what no rule names: its check.
const CHECK: &str = "check";

impl Key {
    /// The thing that has to change; none where the finding does not name one, or names several.
    fn of(self, finding: &ReportFinding) -> Option<String> {
        let resource = &finding.resource;
        match self {
            Self::Id => Some(resource.id.clone()),
            Self::Arn => Some(resource.arn.clone()),
            Self::Evidence(name) => the_only(texts(finding.evidence.get(name)?).into_iter()),
            Self::Each(name, field) => {
                let items = finding.evidence.get(name)?.as_array()?.iter();
                the_only(items.map(|item| item.get(field)?.as_str().map(str::to_owned)))
            }
            Self::Bucket(name) => {
                let partition = resource.arn.split(':').nth(1).filter(|it| !it.is_empty()).unwrap_or("aws");
                Some(format!("arn:{partition}:s3:::{}", finding.evidence.get(name)?.as_str()?))
            }
            Self::Policy => match resource.kind.as_str() {
                "AWS::IAM::ManagedPolicy" => Some(resource.arn.clone()),
                "AWS::IAM::UserPolicy" | "AWS::IAM::GroupPolicy" | "AWS::IAM::RolePolicy" => {
                    Some(resource.id.clone())
                }
                _ => None,
            },
            Self::Chain => {
                let steps = finding.evidence.get("chain")?.as_array()?.iter();
                let statements = steps.flat_map(|step| match step.get("statements") {
                    Some(Value::Array(statements)) => statements.as_slice(),
                    _ => &[],
                });
                the_only(statements.map(|it| it.get("policy")?.as_str().map(str::to_owned)))
            }
        }
    }
}

/// A text, or the texts of a list.
fn texts(value: &Value) -> Vec<Option<String>> {
    match value {
        Value::Array(items) => items.iter().map(|item| item.as_str().map(str::to_owned)).collect(),
        other => vec![other.as_str().map(str::to_owned)],
    }
}

/// What they all are, where they are all one.
fn the_only(mut names: impl Iterator<Item = Option<String>>) -> Option<String> {
    let first = names.next()??;
    names.all(|name| name.as_ref() == Some(&first)).then_some(first)
}

/// A cause and the thing that has to change.
type Root = (&'static str, String);

/// Groups the failures, worst first, and tells each its group. What is not a failure has none.
pub(crate) fn assign(findings: &mut [ReportFinding], lang: Lang) -> Vec<Group> {
    let fails = |finding: &&ReportFinding| finding.status == Status::Fail;
    let roots: Vec<Root> =
        findings.iter().filter(fails).flat_map(|finding| rooted(finding, |rule| rule.of)).collect();
    let roots: BTreeSet<Root> = roots.into_iter().collect();
    let mut groups: BTreeMap<Root, Vec<usize>> = BTreeMap::new();
    for (at, finding) in findings.iter_mut().enumerate() {
        finding.group = None;
        if finding.status == Status::Fail {
            let of = rooted(finding, |rule| rule.of);
            let with = || rooted(finding, |rule| rule.with).filter(|root| roots.contains(root));
            let root = of.or_else(with).unwrap_or_else(|| (CHECK, finding.check.clone()));
            groups.entry(root).or_default().push(at);
        }
    }
    let mut told: Vec<_> = groups
        .into_iter()
        .map(|(root, mut at)| {
            // The report's order within one severity.
            at.sort_by_key(|at| std::cmp::Reverse(findings[*at].severity));
            let group = told(&root, &at.iter().map(|at| &findings[*at]).collect::<Vec<_>>(), lang);
            for at in at {
                findings[at].group = Some(group.id.clone());
            }
            group
        })
        .collect();
    told.sort_by(|a, b| {
        let key = |group: &Group| std::cmp::Reverse((group.severity, group.resources));
        key(a).cmp(&key(b)).then_with(|| (&a.cause, &a.key).cmp(&(&b.cause, &b.key)))
    });
    told
}

/// What the rules say of a finding.
fn rooted(finding: &ReportFinding, checks: impl Fn(&Rule) -> &'static [(&'static str, Key)]) -> Option<Root> {
    let named = |rule| checks(rule).iter().filter(|(check, _)| *check == finding.check);
    RULES.iter().find_map(|rule| {
        let key = named(rule).find_map(|(_, key)| key.of(finding)).filter(|key| !key.is_empty())?;
        Some((rule.cause, key))
    })
}

fn told((cause, key): &Root, findings: &[&ReportFinding], lang: Lang) -> Group {
    let first = findings[0];
    let rule = RULES.iter().find(|rule| rule.cause == *cause);
    let title = rule.map_or_else(
        || if first.title.is_empty() { first.check.clone() } else { first.title.clone() },
        |rule| rule.title[lang as usize].replace("{}", &named(key, findings)),
    );
    let resources = findings.iter().map(|finding| {
        let resource = &finding.resource;
        (&resource.kind, &resource.region, &resource.id)
    });
    let checks: BTreeSet<_> = findings.iter().map(|finding| finding.check.clone()).collect();
    let account = &first.resource.account;
    Group {
        id: id(account, cause, key),
        cause: (*cause).to_owned(),
        key: key.clone(),
        title,
        severity: findings.iter().map(|finding| finding.severity).max().unwrap_or(Severity::Info),
        resources: resources.collect::<BTreeSet<_>>().len() as u64,
        checks: checks.into_iter().collect(),
        findings: findings.iter().map(|finding| finding.id.clone()).collect(),
    }
}

/// What a person calls the thing: its id with its name, or the end of its ARN.
fn named(key: &str, findings: &[&ReportFinding]) -> String {
    // What IAM Access Analyzer found has the ARN of what it is about, and an id of its own.
    let is_it = |resource: &Resource| {
        resource.kind != "AWS::AccessAnalyzer::Finding" && (resource.id == key || resource.arn == key)
    };
    let Some(resource) = findings.iter().map(|finding| &finding.resource).find(|it| is_it(it)) else {
        // `arn:aws:iam::aws:policy/AdministratorAccess`; what is no ARN has its own slashes.
        let end = key.splitn(6, ':').nth(5).map(|end| end.rsplit('/').next().unwrap_or(end));
        return end.unwrap_or(key).to_owned();
    };
    let name = resource.name.as_ref().filter(|name| !name.is_empty() && !resource.id.contains(*name));
    name.map_or_else(|| resource.id.clone(), |name| format!("{} ({name})", resource.id))
}

/// 32 hexadecimal digits: the first half of SHA-256 over `group`, account, cause and key, each followed by a line feed.
fn id(account: &str, cause: &str, key: &str) -> String {
    let mut hash = Sha256::new();
    for part in ["group", account, cause, key] {
        hash.update(part);
        hash.update("\n");
    }
    hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests;
