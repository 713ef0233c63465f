use std::net::IpAddr;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{
    testing::{entry, network},
    *,
};
use crate::{
    gap::Collected,
    testing::{denied, read},
};

fn reaches(region: &Region) -> Result<Vec<(u16, u16)>, NotJudged> {
    let network = Network::of("111122223333", "eu-west-1", region);
    let interface = &region.ec2.network_interfaces.get().unwrap()[0];
    let found = network.of_interface(interface);
    match (found.ways.is_empty(), found.unread) {
        (true, Some(why)) => Err(why),
        _ => Ok(found.ways.into_iter().map(|way| way.ports).collect()),
    }
}

fn is_reached(change: impl FnOnce(&mut Value)) -> bool {
    !reaches(&network(change)).unwrap().is_empty()
}

#[test]
fn the_path_is_told() {
    let region = network(|_| ());
    let network = Network::of("111122223333", "eu-west-1", &region);
    let found = network.of_interface(&region.ec2.network_interfaces.get().unwrap()[0]);
    let way = &found.ways[0];
    assert_eq!(
        (
            way.through,
            way.security_group,
            way.internet_gateway,
            way.route_table,
            way.destination,
            way.network_acl
        ),
        ("eni-1", Some("sg-1"), "igw-1", "rtb-1", "0.0.0.0/0", "acl-1")
    );
    assert_eq!((way.ports, way.sources.len()), ((22, 22), 1));
}

#[test]
fn every_link_is_needed() {
    assert!(is_reached(|_| ()));
    assert!(!is_reached(|it| it["network_interfaces"][0]["public_ips"] = json!([])), "no address");
    assert!(!is_reached(|it| it["route_tables"][0]["routes"][1]["target"] = "nat-1".into()));
    assert!(!is_reached(|it| it["route_tables"][0]["routes"][1]["state"] = "blackhole".into()));
    assert!(!is_reached(|it| it["internet_gateways"][0]["vpcs"] = json!([])), "not attached");
    assert!(!is_reached(|it| it["security_groups"][0]["ingress"][0]["cidrs"] = json!(["10.0.0.0/8"])));
    assert!(!is_reached(|it| it["security_groups"][0]["ingress"][0]["cidrs"] = json!([])));
    let deny = |number, egress, ports| entry(number, egress, false, "6", "0.0.0.0/0", ports);
    assert!(!is_reached(|it| it["network_acls"][0]["entries"][0] = deny(1, false, Some((22, 22)))));
    assert!(!is_reached(|it| it["network_acls"][0]["entries"][2] = deny(1, true, None)), "no answers");
}

#[test]
fn a_subnets_own_table_decides() {
    assert!(!is_reached(|it| {
        let mut own = it["route_tables"][0].clone();
        (own["id"], own["is_main"], own["subnets"]) = ("rtb-2".into(), false.into(), json!(["subnet-1"]));
        own["routes"][1]["target"] = "nat-1".into();
        it["route_tables"].as_array_mut().unwrap().push(own);
    }));
}

#[test]
fn more_specific_routes_take_addresses_away() {
    let with_halves = |halves: &[&str]| {
        is_reached(|it| {
            let routes = it["route_tables"][0]["routes"].as_array_mut().unwrap();
            routes.extend(
                halves
                    .iter()
                    .map(|half| json!({"destination": half, "target": "vpce-firewall", "state": "active"})),
            );
        })
    };
    assert!(with_halves(&["0.0.0.0/1"]));
    assert!(!with_halves(&["0.0.0.0/1", "128.0.0.0/1"]));
}

#[test]
fn addresses_of_one_family_are_reached_by_its_rules() {
    let v6 = |it: &mut Value| {
        it["network_interfaces"][0]["public_ips"] = json!([]);
        it["network_interfaces"][0]["ipv6_addresses"] = json!(["2600:1f00::4"]);
    };
    assert!(is_reached(v6));
    assert!(!is_reached(|it| {
        v6(it);
        it["security_groups"][0]["ingress"][0]["cidrs"] = json!(["0.0.0.0/0"]);
    }));
    assert!(!is_reached(|it| {
        v6(it);
        it["route_tables"][0]["routes"][2]["target"] = "eigw-1".into();
    }));
}

#[test]
fn ports_are_exact() {
    let region = network(|it| {
        it["security_groups"][0]["ingress"] =
            json!([{"protocol": "-1", "ports": null, "cidrs": ["0.0.0.0/0"]}]);
        it["network_acls"][0]["entries"][0] = entry(100, false, true, "6", "0.0.0.0/0", Some((20, 25)));
    });
    assert_eq!(reaches(&region).unwrap(), [(20, 25)]);
}

#[test]
fn block_public_access_and_its_exclusions() {
    let with_state = |mode: &str, exclusion: Option<(&str, &str)>, state: &str| {
        let mut region = network(|_| ());
        region.ec2.vpc_block_public_access = read(crate::snapshot::ec2::VpcBlockPublicAccess {
            mode: mode.into(),
            exclusions: exclusion
                .map(|(resource, mode)| crate::snapshot::ec2::VpcBlockPublicAccessExclusion {
                    resource_arn: format!("arn:aws:ec2:eu-west-1:111122223333:{resource}"),
                    mode: mode.into(),
                    state: state.into(),
                })
                .into_iter()
                .collect(),
        });
        !reaches(&region).unwrap().is_empty()
    };
    let with = |mode: &str, exclusion| with_state(mode, exclusion, "create-complete");
    let all = Some(("vpc/vpc-1", "allow-bidirectional"));
    for (state, holds) in [
        ("update-complete", true),
        ("delete-in-progress", true),
        ("delete-complete", false),
        ("create-failed", false),
        ("disable-complete", false),
    ] {
        assert_eq!(with_state("block-bidirectional", all, state), holds, "{state}");
    }
    assert!(with("off", None));
    assert!(!with("block-ingress", None) && !with("block-bidirectional", None));
    assert!(with("block-bidirectional", Some(("vpc/vpc-1", "allow-bidirectional"))));
    assert!(with("block-ingress", Some(("subnet/subnet-1", "allow-bidirectional"))));
    assert!(!with("block-ingress", Some(("subnet/subnet-1", "allow-egress"))));
    assert!(!with("block-ingress", Some(("subnet/subnet-2", "allow-bidirectional"))));
}

#[test]
fn in_a_shared_vpc_gateways_and_settings_are_its_owners() {
    let shared = |change: fn(&mut Value)| {
        network(|it| {
            it["subnets"][0]["owner"] = "444455556666".into();
            it["route_tables"][0]["owner"] = "444455556666".into();
            it["internet_gateways"] = json!([]);
            change(it);
        })
    };
    assert_eq!(reaches(&shared(|_| ())).unwrap(), [(22, 22)]);
    assert!(
        reaches(&shared(|it| it["route_tables"][0]["routes"][1]["target"] = "nat-1".into()))
            .unwrap()
            .is_empty()
    );
    assert!(
        reaches(&shared(|it| it["route_tables"][0]["routes"][1]["state"] = "blackhole".into()))
            .unwrap()
            .is_empty()
    );
    let blocked = shared(|it| it["subnets"][0]["block_public_access"] = "block-ingress".into());
    assert!(reaches(&blocked).unwrap().is_empty());
    // What this account blocks in its own VPCs says nothing.
    let mut own_settings = shared(|it| it["subnets"][0]["block_public_access"] = "off".into());
    own_settings.ec2.vpc_block_public_access = read(crate::snapshot::ec2::VpcBlockPublicAccess {
        mode: "block-bidirectional".into(),
        exclusions: vec![],
    });
    own_settings.ec2.internet_gateways = denied();
    assert_eq!(reaches(&own_settings).unwrap(), [(22, 22)]);
}

#[test]
fn private_ipv6_addresses_are_not_reached() {
    let with = |address: &str, private: &str| {
        is_reached(|it| {
            it["network_interfaces"][0]["public_ips"] = json!([]);
            it["network_interfaces"][0]["ipv6_addresses"] = json!([address]);
            it["subnets"][0]["private_ipv6_cidrs"] = json!([private]);
        })
    };
    assert!(with("2600:1f00::4", "2600:1f01::/64"));
    assert!(!with("2600:1f00::4", "2600:1f00::/64"));
    assert!(!with("fd80::4", "fd80::/64") && !with("fd80::4", "2600:1f00::/64"));
}

#[test]
fn what_cannot_be_read_matters_only_where_it_decides() {
    let mut region = network(|_| ());
    region.ec2.route_tables = denied();
    assert!(reaches(&region).is_err());
    let mut closed = network(|it| it["security_groups"][0]["ingress"] = json!([]));
    closed.ec2.route_tables = denied();
    closed.ec2.network_acls = denied();
    assert!(reaches(&closed).unwrap().is_empty());
    let mut private = network(|it| it["route_tables"][0]["routes"][1]["target"] = "nat-1".into());
    private.ec2.network_acls = denied();
    assert!(reaches(&private).unwrap().is_empty());
}

#[test]
fn all_that_could_not_be_read_is_told() {
    let mut region = network(|_| ());
    let unread = |operation| Gap::unreadable(operation, Some("eu-west-1"), None, "");
    region.ec2.route_tables = Collected::Gap(unread(op::DescribeRouteTables));
    region.ec2.network_acls = Collected::Gap(unread(op::DescribeNetworkAcls));
    let Err(NotJudged::Unread(gaps)) = reaches(&region) else { panic!("gaps expected") };
    let operations: Vec<_> = gaps.iter().map(|gap| gap.operation.as_str()).collect();
    assert_eq!(operations, ["ec2:DescribeRouteTables", "ec2:DescribeNetworkAcls"]);
}

/// What happens to one packet and its answer, step by step.
fn packet_gets_through(region: &Region, from: IpAddr, port: u16) -> bool {
    let ec2 = &region.ec2;
    let holds = |cidr: &str| cidr.parse::<IpNet>().unwrap().contains(&from);
    let group = &ec2.security_groups.get().unwrap()[0];
    let admitted = group.ingress.iter().any(|rule| {
        let protocol = rule.protocol == "tcp" || rule.protocol == "-1";
        let has = rule.ports.is_none_or(|(first, last)| i32::from(port) >= first && i32::from(port) <= last);
        protocol && (rule.protocol == "-1" || has) && rule.cidrs.iter().any(|cidr| holds(cidr))
    });
    let acl = &ec2.network_acls.get().unwrap()[0];
    let passes = |egress: bool, port: u16| {
        let mut entries: Vec<_> = acl.entries.iter().filter(|entry| entry.egress == egress).collect();
        entries.sort_by_key(|entry| entry.number);
        let first = entries.into_iter().find(|entry| {
            let protocol = entry.protocol == "6" || entry.protocol == "-1";
            let has = entry.ports.is_none_or(|(first, last)| (first..=last).contains(&port));
            protocol && (entry.protocol == "-1" || has) && holds(&entry.cidr)
        });
        first.is_some_and(|entry| entry.allow)
    };
    let table = &ec2.route_tables.get().unwrap()[0];
    let mut routes: Vec<_> = table.routes.iter().filter(|route| holds(&route.destination)).collect();
    routes.sort_by_key(|route| route.destination.parse::<IpNet>().unwrap().prefix_len());
    let out = routes.last().is_some_and(|route| route.target == "igw-1" && route.state == "active");
    admitted && passes(false, port) && out && [1024, 40000, u16::MAX].iter().any(|port| passes(true, *port))
}

fn range() -> impl Strategy<Value = &'static str> {
    prop_oneof![
        Just("0.0.0.0/0"),
        Just("0.0.0.0/1"),
        Just("128.0.0.0/1"),
        Just("64.0.0.0/2"),
        Just("10.0.0.0/8")
    ]
}

fn ports() -> impl Strategy<Value = Option<(u16, u16)>> {
    prop_oneof![
        Just(None),
        Just(Some((22, 22))),
        Just(Some((20, 25))),
        Just(Some((24, 2000))),
        Just(Some((1024, 65535)))
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    /// One packet from each quarter of the internet to each of a few ports.
    #[test]
    fn agrees_with_sending_packets(
        rules in prop::collection::vec((range(), ports(), any::<bool>()), 0..3),
        entries in prop::collection::vec((any::<bool>(), any::<bool>(), range(), ports(), any::<bool>()), 0..6),
        routes in prop::collection::btree_map(range(), (any::<bool>(), any::<bool>()), 0..4),
    ) {
        let region = network(|it| {
            it["security_groups"][0]["ingress"] = rules
                .iter()
                .map(|(cidr, ports, all)| json!({"protocol": if *all { "-1" } else { "tcp" }, "ports": ports, "cidrs": [cidr]}))
                .collect();
            it["network_acls"][0]["entries"] = entries
                .iter()
                .zip(1..)
                .map(|((egress, allow, cidr, ports, all), number)| {
                    entry(number, *egress, *allow, if *all { "-1" } else { "6" }, cidr, *ports)
                })
                .collect();
            it["route_tables"][0]["routes"] = routes
                .iter()
                .map(|(cidr, (out, active))| {
                    json!({"destination": cidr, "target": if *out { "igw-1" } else { "nat-1" },
                           "state": if *active { "active" } else { "blackhole" }})
                })
                .collect();
        });
        let network = Network::of("111122223333", "eu-west-1", &region);
        let found = network.of_interface(&region.ec2.network_interfaces.get().unwrap()[0]);
        prop_assert!(found.unread.is_none());
        // One public address from each part that the ranges above tell apart.
        for from in ["8.8.8.8", "72.0.0.1", "150.0.0.1", "200.0.0.1"] {
            let from: IpAddr = from.parse().unwrap();
            for port in [1, 20, 22, 24, 25, 26, 1023, 1024, 2000, 2001, 65535] {
                let told = found.ways.iter().any(|way| {
                    way.meets(Protocol::Tcp, &(port..=port)) && way.sources.iter().any(|range| range.contains(&from))
                });
                prop_assert_eq!(told, packet_gets_through(&region, from, port), "{} to {}", from, port);
            }
        }
    }
}
