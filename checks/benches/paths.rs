//! How long the search for attack paths takes beyond the checks. The target is under two seconds for 1,000 roles, 5,000
//! stores and 2,000 instances.
#![allow(missing_docs, reason = "criterion's macros make public items")]
#![allow(clippy::print_stderr, reason = "the memory that it took is told beside the time")]

use std::{collections::BTreeSet, hint::black_box, rc::Rc, time::Duration};

use aws_audit_checks::{analysis::Analyses, settings::Settings, snapshot::Snapshot, triage::tuning::Tuning};
use criterion::{Criterion, criterion_group, criterion_main};
use serde_json::{Value, json};

const ACCOUNT: &str = "111122223333";

fn value(list: Vec<Value>) -> Value {
    json!({ "value": list })
}

fn many(count: usize, make: impl Fn(usize) -> Value) -> Value {
    value((0..count).map(make).collect())
}

/// Every instance is reachable and has a role; of ten roles one reads everything, one assumes another role, one is an
/// administrator, and the others read a few stores by name. Every bucket has a policy of its own.
fn account(roles: usize, stores: usize, instances: usize) -> Snapshot {
    let arn = |number: usize| format!("arn:aws:iam::{ACCOUNT}:role/role-{number:05}");
    let trust = json!({"Statement": [
        {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"},
        {"Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::{ACCOUNT}:root")}, "Action": "sts:AssumeRole"}]});
    let document = |number: usize| {
        let allow = |action: Value, resource: String| json!({"Effect": "Allow", "Action": action, "Resource": resource});
        let statements = match number % 10 {
            0 => vec![allow(json!(["s3:*", "dynamodb:*"]), "*".into())],
            1 => vec![allow(json!("sts:AssumeRole"), arn((number * 7 + 3) % roles))],
            2 if number % 100 == 2 => vec![allow(json!("*"), "*".into())],
            _ => vec![
                allow(
                    json!(["s3:Get*", "s3:List*"]),
                    format!("arn:aws:s3:::bucket-{:05}/*", number * 3 % stores),
                ),
                allow(json!(["dynamodb:*Item"]), format!("arn:aws:dynamodb:*:{ACCOUNT}:table/t-{number:05}")),
            ],
        };
        json!({ "Statement": statements }).to_string()
    };
    let all_roles: Vec<_> = (0..roles)
        .map(|number| {
            json!({"name": format!("role-{number:05}"), "arn": arn(number), "path": "/",
            "created": "2024-01-01T00:00:00Z", "assume_role_policy": trust.to_string(),
            "inline_policies": [{"name": "own", "document": document(number)}], "attached_policies": [],
            "permissions_boundary": null,
            "instance_profiles": [format!("arn:aws:iam::{ACCOUNT}:instance-profile/role-{number:05}")],
            "last_used": null, "tags": {}})
        })
        .collect();
    let blocked = json!({"value": {"block_public_acls": true, "ignore_public_acls": true, "block_public_policy": true,
        "restrict_public_buckets": true}});
    let buckets = many(stores / 2, |number| {
        json!({"name": format!("bucket-{number:05}"), "region": "eu-west-1", "public_access_block": blocked,
            "policy": {"value": json!({"Statement": [{"Effect": "Deny", "Principal": "*", "Action": "s3:*",
                "Resource": [format!("arn:aws:s3:::bucket-{number:05}/*")],
                "Condition": {"Bool": {"aws:SecureTransport": "false"}}}]}).to_string()},
            "acl": value(vec![]), "object_ownership": {"value": "BucketOwnerEnforced"}, "owner": {"value": null},
            "versioning": {"value": {"enabled": number % 2 == 0, "mfa_delete": false}},
            "encryption": {"value": "AES256"}, "logging_target": {"value": null}, "has_lifecycle": {"value": false}})
    });
    let tables = many(stores / 2, |number| json!({"name": format!("t-{number:05}")}));
    let everything = |egress: bool| {
        json!({"number": 100, "egress": egress, "allow": true, "protocol": "-1",
        "cidr": "0.0.0.0/0", "ports": null, "icmp": null})
    };
    let ec2 = json!({
        "subnets": value(vec![json!({"id": "subnet-1", "vpc": "vpc-1", "cidrs": ["10.0.0.0/16"],
            "private_ipv6_cidrs": [], "map_public_ip_on_launch": false, "assign_ipv6_address_on_creation": false,
            "block_public_access": "off", "tags": {}})]),
        "route_tables": value(vec![json!({"id": "rtb-1", "vpc": "vpc-1", "is_main": true, "subnets": [], "tags": {},
            "routes": [{"destination": "0.0.0.0/0", "target": "igw-1", "state": "active"}]})]),
        "internet_gateways": value(vec![json!({"id": "igw-1", "vpcs": ["vpc-1"]})]),
        "network_acls": value(vec![json!({"id": "acl-1", "vpc": "vpc-1", "is_default": true, "subnets": ["subnet-1"],
            "tags": {}, "entries": [everything(false), everything(true)]})]),
        "security_groups": many(100, |number| json!({"id": format!("sg-{number}"), "name": format!("g-{number}"),
            "vpc": "vpc-1", "egress": [], "tags": {}, "ingress": [{"protocol": "tcp",
            "ports": [if number % 2 == 0 { 22 } else { 443 }, 443], "cidrs": ["0.0.0.0/0"], "prefix_lists": [],
            "groups": []}]})),
        "network_interfaces": many(instances, |number| json!({"id": format!("eni-{number}"), "kind": "interface",
            "description": "", "vpc": "vpc-1", "subnet": "subnet-1",
            "security_groups": [format!("sg-{}", number % 100)], "instance": format!("i-{number}"),
            "private_ips": ["10.0.0.4"], "public_ips": ["198.51.100.7"], "ipv6_addresses": []})),
        "instances": many(instances, |number| json!({"id": format!("i-{number}"), "state": "running", "image": null,
            "key_name": null,
            "instance_profile": format!("arn:aws:iam::{ACCOUNT}:instance-profile/role-{:05}", number % roles),
            "metadata_http_tokens": if number % 3 == 0 { "optional" } else { "required" },
            "metadata_http_endpoint": "enabled", "public_ip": null, "vpc": "vpc-1", "subnet": "subnet-1",
            "security_groups": [format!("sg-{}", number % 100)], "platform": null, "launched": null, "tags": {}})),
        "prefix_lists": value(vec![]), "launch_templates": value(vec![]), "snapshots": value(vec![]),
        "vpc_block_public_access": {"value": {"mode": "off", "exclusions": []}},
    });
    serde_json::from_value(json!({
        "snapshot_version": 2, "shape": "", "started_at": "2026-11-01T00:00:00Z", "finished_at": "2026-11-01T00:00:00Z",
        "account": {"id": ACCOUNT, "partition": "aws"},
        "iam": {"authorization": {"value": {"users": [], "groups": [], "roles": all_roles, "policies": []}}},
        "organizations": {"organization": {"value": null}, "accounts": {"value": null},
            "service_control_policies": {"value": null}},
        "s3": {"public_access_block": blocked, "buckets": buckets},
        "regions": {"eu-west-1": {
            "ec2": ec2, "access_points": value(vec![]),
            "dynamodb": {"tables": tables, "point_in_time_recovery": {"value": {}}},
            "elb": {"load_balancers": value(vec![]), "target_groups": value(vec![]),
                "classic_load_balancers": value(vec![])},
            "lambda": {"functions": value(vec![])},
        }},
        "gaps": [], "calls": {"total": 0, "throttled": 0, "retried": 0, "denied": 0, "by_operation": {}},
    }))
    .expect("a snapshot")
}

/// The most memory that the process has held, in megabytes; none where the system does not say.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.split_whitespace().next()?.parse::<u64>().ok()? / 1024)
}

/// Seconds of processor time that the process took: what a busy machine does not change.
fn processor() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let fields: Vec<_> = stat.rsplit(')').next()?.split_whitespace().collect();
    let ticks: f64 = fields.get(11)?.parse().ok()?;
    Some(ticks / 100.0)
}

fn paths(c: &mut Criterion) {
    let tuning = Tuning::from(Settings::default());
    let small = account(1_000, 5_000, 2_000);
    // What checks ask too is made before: the effective permissions, the networks, escalation.
    let prepared = |account| {
        let analyses = Rc::new(Analyses::of(account));
        let _ = (analyses.identities(), analyses.escalation());
        analyses
    };
    let analyses = prepared(&small);
    let (before, begun) = (peak(), processor());
    let found = analyses.paths(&tuning);
    eprintln!("processor time: {begun:?} s before, {:?} s after", processor());
    let told = |name: &str, paths: usize| {
        eprintln!("{name}: {paths} paths, peak {:?} MB, {before:?} MB before", peak());
    };
    told("1,000 roles", found.paths().len());
    c.bench_function("paths of 1,000 roles, 5,000 stores, 2,000 instances", |b| {
        b.iter_batched(
            || prepared(&small),
            |analyses| black_box(analyses.paths(&tuning)).paths().len(),
            criterion::BatchSize::PerIteration,
        );
    });
    let cited: BTreeSet<_> = found
        .paths()
        .iter()
        .flat_map(|path| path.edges.iter().flat_map(|edge| found.edge(*edge).findings.iter().cloned()))
        .collect();
    let cited: Vec<_> = cited.into_iter().collect();
    let begun = processor();
    let (all, none): (Vec<_>, BTreeSet<_>) = (found.paths().iter().collect(), BTreeSet::new());
    let fixes = found.fix_first(&all, &none, &cited);
    eprintln!("{} fixes; processor time: {begun:?} s before, {:?} s after", fixes.len(), processor());
    c.bench_function("what to fix first of them", |b| {
        b.iter(|| found.fix_first(&all, &none, black_box(&cited)).len())
    });
    let large = account(10_000, 5_000, 2_000);
    let analyses = prepared(&large);
    let begun = processor();
    let found = analyses.paths(&tuning);
    eprintln!("processor time: {begun:?} s before, {:?} s after", processor());
    told("10,000 roles", found.paths().len());
    eprintln!("10,000 roles: stopped {:?}", found.stopped());
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(10).warm_up_time(Duration::from_secs(1)).measurement_time(Duration::from_secs(10));
    targets = paths
}
criterion_main!(benches);
