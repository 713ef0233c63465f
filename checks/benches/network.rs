//! How long it takes to tell what the internet reaches in a region with 50,000 security groups and 20,000
//! interfaces. The target is under two seconds.
#![allow(missing_docs, reason = "criterion's macros make public items")]

use std::{hint::black_box, time::Duration};

use aws_audit_checks::{analysis::network::reachability::Network, snapshot::Region};
use criterion::{Criterion, criterion_group, criterion_main};
use serde_json::json;

const GROUPS: usize = 50_000;
const INTERFACES: usize = 20_000;
const SUBNETS: usize = 200;

fn region() -> Region {
    let groups: Vec<_> = (0..GROUPS)
        .map(|number| {
            // A tenth is open to the internet on something.
            let source = if number % 10 == 0 { "0.0.0.0/0" } else { "10.0.0.0/8" };
            json!({"id": format!("sg-{number}"), "name": format!("group-{number}"), "vpc": "vpc-1", "egress": [], "tags": {},
                   "ingress": [{"protocol": "tcp", "ports": [22, 22], "cidrs": [source]},
                               {"protocol": "tcp", "ports": [443, 443], "cidrs": ["192.0.2.0/24"], "groups": ["sg-1"]}]})
        })
        .collect();
    let interfaces: Vec<_> = (0..INTERFACES)
        .map(|number| {
            let public = if number % 3 == 0 { vec![format!("198.51.{}.{}", number / 256 % 256, number % 256)] } else { vec![] };
            json!({"id": format!("eni-{number}"), "kind": "interface", "description": "", "vpc": "vpc-1",
                   "subnet": format!("subnet-{}", number % SUBNETS), "instance": format!("i-{number}"),
                   "security_groups": [format!("sg-{}", number * 2), format!("sg-{}", number * 2 + 1)],
                   "private_ips": [format!("10.{}.{}.4", number / 256, number % 256)], "public_ips": public, "ipv6_addresses": []})
        })
        .collect();
    let subnets: Vec<_> = (0..SUBNETS)
        .map(|number| {
            json!({"id": format!("subnet-{number}"), "vpc": "vpc-1", "cidrs": [format!("10.{number}.0.0/16")],
                             "private_ipv6_cidrs": [], "map_public_ip_on_launch": false, "assign_ipv6_address_on_creation": false, "tags": {}})
        })
        .collect();
    let own = |number: &usize| format!("subnet-{number}");
    let routes = json!([{"destination": "0.0.0.0/0", "target": "igw-1", "state": "active"},
                        {"destination": "198.51.100.0/24", "target": "tgw-1", "state": "active"}]);
    let entries = |egress: bool| {
        (1..20).map(move |number| json!({"number": number * 10, "egress": egress, "allow": number == 19, "protocol": "-1",
            "cidr": if number == 19 { "0.0.0.0/0".to_owned() } else { format!("203.0.{number}.0/24") }, "ports": null}))
    };
    let value = |value: serde_json::Value| json!({ "value": value });
    serde_json::from_value(json!({
        "ec2": {
            "security_groups": value(groups.into()), "network_interfaces": value(interfaces.into()),
            "subnets": value(subnets.into()), "instances": value(json!([])), "prefix_lists": value(json!([])),
            "route_tables": value(json!([{"id": "rtb-1", "vpc": "vpc-1", "is_main": true, "subnets": [], "routes": routes, "tags": {}}])),
            "internet_gateways": value(json!([{"id": "igw-1", "vpcs": ["vpc-1"]}])),
            "network_acls": value(json!([{"id": "acl-1", "vpc": "vpc-1", "is_default": true, "tags": {},
                "subnets": (0..SUBNETS).map(|number| own(&number)).collect::<Vec<_>>(),
                "entries": entries(false).chain(entries(true)).collect::<Vec<_>>()}])),
            "vpc_block_public_access": value(json!({"mode": "off", "exclusions": []})),
        },
        "elb": {"load_balancers": value(json!([])), "target_groups": value(json!([])), "classic_load_balancers": value(json!([]))},
    }))
    .expect("a region")
}

fn reachability(c: &mut Criterion) {
    let region = region();
    let interfaces = region.ec2.network_interfaces.get().expect("read");
    c.bench_function("what the internet reaches: 50,000 security groups, 20,000 interfaces", |b| {
        b.iter(|| {
            let network = Network::of("111122223333", "eu-west-1", black_box(&region));
            interfaces.iter().map(|interface| network.of_interface(interface).ways.len()).sum::<usize>()
        });
    });
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(10).warm_up_time(Duration::from_secs(1)).measurement_time(Duration::from_secs(5));
    targets = reachability
}
criterion_main!(benches);
