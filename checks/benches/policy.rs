//! How long policies take: reading them, whether they are public or full administration, and privilege
//! escalation over a whole account. The targets are 10,000 policies in under a second.
#![allow(missing_docs, reason = "criterion's macros make public items")]

use std::{hint::black_box, time::Duration};

use aws_audit_checks::{
    analysis::{
        Analyses,
        policy::{Policy, admin, public},
    },
    snapshot::Snapshot,
};
use criterion::{Criterion, criterion_group, criterion_main};
use jiff::Timestamp;
use serde_json::{Value, json};

const POLICIES: usize = 10_000;
const ROLES: usize = 5_000;
const ACCOUNT: &str = "111122223333";

/// A policy like those of real accounts: a few statements about a few services, some with conditions.
fn document(number: usize) -> Value {
    let bucket = format!("arn:aws:s3:::bucket-{number}");
    json!({"Version": "2012-10-17", "Statement": [
        {"Sid": "Objects", "Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject", "s3:List*"],
         "Resource": [bucket.clone(), format!("{bucket}/*")],
         "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}},
        {"Effect": "Allow", "Action": ["dynamodb:*Item", "dynamodb:Query", "sqs:*", "logs:*"],
         "Resource": format!("arn:aws:dynamodb:*:{ACCOUNT}:table/table-{number}")},
        {"Effect": "Allow", "Action": ["lambda:InvokeFunction", "lambda:UpdateFunctionCode"],
         "Resource": format!("arn:aws:lambda:*:{ACCOUNT}:function:job-{}", number % 100)},
        {"Effect": "Allow", "Action": "iam:PassRole", "Resource": format!("arn:aws:iam::{ACCOUNT}:role/role-{}", number % ROLES),
         "Condition": {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}},
        {"Effect": "Deny", "NotAction": ["s3:*", "dynamodb:*", "lambda:*", "iam:*", "sts:*"], "Resource": "*",
         "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}},
    ]})
}

/// A resource policy that lets everyone in under a condition.
fn resource_policy(number: usize) -> String {
    json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": format!("arn:aws:s3:::b-{number}/*"),
         "Condition": {"IpAddress": {"aws:SourceIp": [format!("203.0.{}.0/24", number % 256), "10.0.0.0/8"]}}},
        {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*",
         "Condition": {"Bool": {"aws:SecureTransport": "false"}}},
    ]})
    .to_string()
}

/// An account with so many roles, each with two managed policies and an inline one.
fn account() -> Snapshot {
    let arn = |number: usize| format!("arn:aws:iam::{ACCOUNT}:policy/policy-{number:05}");
    let policies: Vec<_> = (0..POLICIES)
        .map(|number| {
            json!({"name": format!("policy-{number:05}"), "arn": arn(number), "attachment_count": 1,
                   "boundary_usage_count": 0, "default_version": "v1",
                   "document": document(number).to_string(), "other_versions": {}})
        })
        .collect();
    let roles: Vec<_> = (0..ROLES)
        .map(|number| {
            let service = ["lambda.amazonaws.com", "ec2.amazonaws.com", "ecs-tasks.amazonaws.com"][number % 3];
            let trust = json!({"Statement": [{"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}]});
            let inline = json!({"Statement": [{"Effect": "Allow", "Action": ["s3:GetObject", "kms:Decrypt"], "Resource": "*"}]});
            json!({"name": format!("role-{number:05}"), "arn": format!("arn:aws:iam::{ACCOUNT}:role/role-{number}"),
                   "path": "/", "created": "2024-01-01T00:00:00Z", "assume_role_policy": trust.to_string(),
                   "inline_policies": [{"name": "own", "document": inline.to_string()}],
                   "attached_policies": [{"name": "a", "arn": arn(number * 2)}, {"name": "b", "arn": arn(number * 2 + 1)}],
                   "permissions_boundary": null, "instance_profiles": [], "last_used": null, "tags": {}})
        })
        .collect();
    serde_json::from_value(json!({
        "snapshot_version": 1, "shape": "", "started_at": "2026-11-01T00:00:00Z", "finished_at": "2026-11-01T00:00:00Z",
        "account": {"id": ACCOUNT, "partition": "aws"},
        "iam": {"authorization": {"value": {"users": [], "groups": [], "roles": roles, "policies": policies}}},
        "s3": {}, "regions": {}, "gaps": [],
        "calls": {"total": 0, "throttled": 0, "retried": 0, "denied": 0, "by_operation": {}},
    }))
    .expect("a snapshot")
}

fn policies(c: &mut Criterion) {
    let documents: Vec<_> = (0..POLICIES).map(|number| document(number).to_string()).collect();
    c.bench_function("read 10,000 policies, full administration?", |b| {
        b.iter(|| {
            documents
                .iter()
                .filter(|text| {
                    Policy::parse(black_box(text)).is_ok_and(|policy| admin::full_admin(&policy).is_some())
                })
                .count()
        });
    });
    let now = Timestamp::now();
    let documents: Vec<_> = (0..POLICIES).map(resource_policy).collect();
    c.bench_function("read 10,000 resource policies, public?", |b| {
        b.iter(|| {
            documents
                .iter()
                .filter(|text| {
                    let policy = Policy::parse(black_box(text));
                    policy.is_ok_and(|policy| {
                        !public::exposure(&policy, &["s3:GetObject"], now).grants.is_empty()
                    })
                })
                .count()
        });
    });
}

fn escalation(c: &mut Criterion) {
    let account = account();
    c.bench_function("privilege escalation, 5,000 roles with 15,000 policies", |b| {
        b.iter(|| {
            let analyses = Analyses::of(black_box(&account));
            let (identities, escalation) =
                (analyses.identities().expect("read"), analyses.escalation().expect("read"));
            (0..identities.principals.len()).filter(|at| matches!(escalation.path(*at), Ok(Some(_)))).count()
        });
    });
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(10).warm_up_time(Duration::from_secs(1)).measurement_time(Duration::from_secs(5));
    targets = policies, escalation
}
criterion_main!(benches);
