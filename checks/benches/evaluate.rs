//! How long all checks take over an account of 100,000 resources. The target is under three seconds.
#![allow(missing_docs, reason = "criterion's macros make public items")]

use std::{hint::black_box, time::Duration};

use aws_audit_checks::{registry, settings::Settings, snapshot::Snapshot};
use criterion::{Criterion, criterion_group, criterion_main};
use serde_json::{Value, json};

const ACCOUNT: &str = "111122223333";

fn value(list: Vec<Value>) -> Value {
    json!({ "value": list })
}

fn many(count: usize, make: impl Fn(usize) -> Value) -> Value {
    value((0..count).map(make).collect())
}

/// 100,000 resources: 5,000 roles, 5,000 policies, 10,000 buckets, 30,000 security groups, 20,000 interfaces,
/// 20,000 instances, 5,000 databases, 5,000 network ACLs and subnets.
fn account() -> Snapshot {
    let trust = json!({"Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]});
    let document = |number: usize| {
        json!({"Statement": [
            {"Effect": "Allow", "Action": ["s3:Get*", "s3:List*"], "Resource": format!("arn:aws:s3:::bucket-{number}/*")},
            {"Effect": "Allow", "Action": ["dynamodb:*Item", "logs:*"], "Resource": format!("arn:aws:dynamodb:*:{ACCOUNT}:table/t-{number}")}]})
        .to_string()
    };
    let policy_arn = |number: usize| format!("arn:aws:iam::{ACCOUNT}:policy/policy-{number:05}");
    let roles: Vec<_> = (0..5_000)
        .map(|number| json!({"name": format!("role-{number:05}"), "arn": format!("arn:aws:iam::{ACCOUNT}:role/role-{number:05}"),
            "path": "/", "created": "2024-01-01T00:00:00Z", "assume_role_policy": trust.to_string(), "inline_policies": [],
            "attached_policies": [{"name": "p", "arn": policy_arn(number)}], "permissions_boundary": null,
            "instance_profiles": [format!("arn:aws:iam::{ACCOUNT}:instance-profile/role-{number:05}")], "last_used": null, "tags": {}}))
        .collect();
    let policies: Vec<_> = (0..5_000)
        .map(|number| json!({"name": format!("policy-{number:05}"), "arn": policy_arn(number), "attachment_count": 1,
            "boundary_usage_count": 0, "default_version": "v1", "document": document(number), "other_versions": {}}))
        .collect();
    let all_blocked = json!({"value": {"block_public_acls": true, "ignore_public_acls": true, "block_public_policy": true, "restrict_public_buckets": true}});
    let buckets = many(10_000, |number| {
        json!({"name": format!("bucket-{number:05}"), "region": "eu-west-1",
        "public_access_block": all_blocked, "policy": {"value": json!({"Statement": [{"Effect": "Deny", "Principal": "*", "Action": "s3:*",
            "Resource": [format!("arn:aws:s3:::bucket-{number:05}"), format!("arn:aws:s3:::bucket-{number:05}/*")],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}}}]}).to_string()},
        "acl": value(vec![]), "object_ownership": {"value": "BucketOwnerEnforced"}, "versioning": {"value": {"enabled": true, "mfa_delete": false}},
        "encryption": {"value": "AES256"}, "logging_target": {"value": null}})
    });
    let subnet = |number: usize| format!("subnet-{number}");
    let ec2 = json!({
        "vpcs": value(vec![json!({"id": "vpc-1", "is_default": false, "cidrs": ["10.0.0.0/8"], "owner": null, "tags": {}})]),
        "subnets": many(2_500, |number| json!({"id": subnet(number), "vpc": "vpc-1", "cidrs": ["10.0.0.0/24"], "private_ipv6_cidrs": [], "map_public_ip_on_launch": false, "assign_ipv6_address_on_creation": false, "tags": {}})),
        "route_tables": value(vec![json!({"id": "rtb-1", "vpc": "vpc-1", "is_main": true, "subnets": [], "tags": {},
            "routes": [{"destination": "0.0.0.0/0", "target": "igw-1", "state": "active"}]})]),
        "internet_gateways": value(vec![json!({"id": "igw-1", "vpcs": ["vpc-1"]})]),
        "network_acls": many(2_500, |number| json!({"id": format!("acl-{number}"), "vpc": "vpc-1", "is_default": false, "subnets": [subnet(number)], "tags": {},
            "entries": [{"number": 100, "egress": false, "allow": true, "protocol": "-1", "cidr": "0.0.0.0/0", "ports": null},
                        {"number": 100, "egress": true, "allow": true, "protocol": "-1", "cidr": "0.0.0.0/0", "ports": null}]})),
        "security_groups": many(30_000, |number| json!({"id": format!("sg-{number}"), "name": format!("g-{number}"), "vpc": "vpc-1", "egress": [], "tags": {},
            "ingress": [{"protocol": "tcp", "ports": [if number % 20 == 0 { 22 } else { 443 }, 443], "cidrs": ["0.0.0.0/0"]}]})),
        "network_interfaces": many(20_000, |number| json!({"id": format!("eni-{number}"), "kind": "interface", "description": "", "vpc": "vpc-1",
            "subnet": subnet(number % 2_500), "security_groups": [format!("sg-{number}")], "instance": format!("i-{number}"),
            "private_ips": ["10.0.0.4"], "public_ips": if number % 4 == 0 { vec!["198.51.100.7"] } else { vec![] }, "ipv6_addresses": []})),
        "instances": many(20_000, |number| json!({"id": format!("i-{number}"), "state": "running", "image": null, "key_name": null,
            "instance_profile": format!("arn:aws:iam::{ACCOUNT}:instance-profile/role-{:05}", number % 5_000), "metadata_http_tokens": "required",
            "metadata_http_endpoint": "enabled", "public_ip": null, "vpc": "vpc-1", "subnet": subnet(number % 2_500),
            "security_groups": [format!("sg-{number}")], "platform": null, "launched": null, "tags": {"Name": format!("host-{number}")}})),
        "prefix_lists": value(vec![]), "launch_templates": value(vec![]), "vpc_peerings": value(vec![]), "vpc_endpoints": value(vec![]),
        "flow_logs": value(vec![]), "ebs_encryption_by_default": {"value": true}, "instance_metadata_http_tokens": {"value": "required"},
        "vpc_block_public_access": {"value": {"mode": "off", "exclusions": []}},
    });
    let databases = many(5_000, |number| {
        json!({"id": format!("db-{number}"), "arn": format!("arn:aws:rds:eu-west-1:{ACCOUNT}:db:db-{number}"),
        "engine": "postgres", "engine_version": "17.2", "status": "available", "publicly_accessible": number % 10 == 0, "storage_encrypted": true,
        "auto_minor_version_upgrade": true, "multi_az": true, "port": 5432, "cluster": null, "read_replica_source": null, "vpc": "vpc-1",
        "subnets": [subnet(number % 2_500)], "security_groups": [format!("sg-{number}")], "backup_retention_days": 7, "deletion_protection": true,
        "iam_authentication": true, "master_username": "owner", "log_exports": [], "parameter_groups": ["own"], "ca_certificate": null, "tags": {}})
    });
    serde_json::from_value(json!({
        "snapshot_version": 1, "shape": "", "started_at": "2026-11-01T00:00:00Z", "finished_at": "2026-11-01T00:00:00Z",
        "account": {"id": ACCOUNT, "partition": "aws"},
        "iam": {"authorization": {"value": {"users": [], "groups": [], "roles": roles, "policies": policies}}},
        "s3": {"public_access_block": all_blocked, "buckets": buckets},
        "regions": {"eu-west-1": {
            "ec2": ec2, "access_points": value(vec![]),
            "elb": {"load_balancers": value(vec![]), "target_groups": value(vec![]), "classic_load_balancers": value(vec![])},
            "ssm": {"managed_nodes": value(vec![]), "session_preferences": {"value": {}}},
            "lambda": {"functions": value(vec![])}, "cloudformation": {"stacks": value(vec![])}, "codebuild": {"projects": value(vec![])},
            "rds": {"instances": databases, "clusters": value(vec![]), "snapshots": value(vec![]), "cluster_snapshots": value(vec![]),
                    "parameter_groups": value(vec![json!({"name": "own", "parameters": {"value": {"rds.force_ssl": "1"}}})]),
                    "cluster_parameter_groups": value(vec![])},
        }},
        "gaps": [], "calls": {"total": 0, "throttled": 0, "retried": 0, "denied": 0, "by_operation": {}},
    }))
    .expect("a snapshot")
}

fn evaluate(c: &mut Criterion) {
    let account = account();
    let checks: Vec<_> = registry::all().collect();
    let settings = Settings::default();
    c.bench_function("all checks over 100,000 resources", |b| {
        b.iter(|| registry::evaluate(&checks, black_box(&account), &settings, false).findings.len());
    });
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(10).warm_up_time(Duration::from_secs(1)).measurement_time(Duration::from_secs(10));
    targets = evaluate
}
criterion_main!(benches);
