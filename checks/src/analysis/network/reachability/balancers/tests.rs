use std::net::IpAddr;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{
    super::testing::{entry, network},
    *,
};
use crate::{
    gap::Collected,
    snapshot::{
        Region,
        ec2::Instance,
        elb::{ClassicListener, Listener, TargetGroupAttributes},
    },
    testing::{denied, read},
};

/// The region, the load balancer `web` with the group `sg-lb` for TCP 443 in it, and its targets: port 8080 of
/// `i-1`, which has no public address and lets `sg-lb` in.
fn behind(change: impl FnOnce(&mut Value, &mut LoadBalancer, &mut TargetGroup)) -> Region {
    let mut balancer = LoadBalancer {
        arn: "arn:lb".into(),
        name: "web".into(),
        kind: "application".into(),
        scheme: "internet-facing".into(),
        ip_address_type: "ipv4".into(),
        vpc: Some("vpc-1".into()),
        subnets: vec!["subnet-1".into()],
        security_groups: vec!["sg-lb".into()],
        listeners: read(vec![listener(443, "HTTPS", "arn:tg")]),
        ..LoadBalancer::default()
    };
    let mut targets = TargetGroup {
        arn: "arn:tg".into(),
        name: "web".into(),
        target_type: "instance".into(),
        protocol: Some("HTTP".into()),
        ip_address_type: "ipv4".into(),
        load_balancers: vec!["arn:lb".into()],
        targets: read(vec![target("i-1", 8080, "healthy")]),
    };
    let mut region = network(|it| {
        it["network_interfaces"][0]["public_ips"] = json!([]);
        it["security_groups"] = json!([
            {"id": "sg-1", "name": "app", "vpc": "vpc-1", "egress": [], "tags": {},
             "ingress": [{"protocol": "tcp", "ports": [8080, 8080], "groups": ["sg-lb"]}]},
            {"id": "sg-lb", "name": "lb", "vpc": "vpc-1", "egress": [], "tags": {},
             "ingress": [{"protocol": "tcp", "ports": [443, 443], "cidrs": ["0.0.0.0/0"]}]}]);
        change(it, &mut balancer, &mut targets);
    });
    region.elb.load_balancers = read(vec![balancer]);
    region.elb.target_groups = read(vec![targets]);
    region.elb.classic_load_balancers = read(vec![]);
    region.elb.target_group_attributes = attributes(None);
    region
}

/// Behind a Network Load Balancer without groups that listens on TCP 80; the target lets the internet in on 22.
fn behind_network(change: impl FnOnce(&mut Value, &mut LoadBalancer, &mut TargetGroup)) -> Region {
    behind(|it, balancer, targets| {
        balancer.kind = "network".into();
        balancer.security_groups.clear();
        balancer.listeners = read(vec![listener(80, "TCP", "arn:tg")]);
        targets.protocol = Some("TCP".into());
        targets.targets = read(vec![target("i-1", 22, "healthy")]);
        lets_in(it, &["0.0.0.0/0"]);
        change(it, balancer, targets);
    })
}

/// The target lets these in on TCP 22, and nobody else.
fn lets_in(it: &mut Value, cidrs: &[&str]) {
    it["security_groups"][0]["ingress"] = json!([{"protocol": "tcp", "ports": [22, 22], "cidrs": cidrs}]);
}

fn listener(port: u16, protocol: &str, group: &str) -> Listener {
    Listener {
        arn: "arn:listener".into(),
        port: Some(port),
        protocol: Some(protocol.into()),
        default_target_groups: vec![group.into()],
        ..Listener::default()
    }
}

fn target(id: &str, port: u16, health: &str) -> Target {
    Target { id: id.into(), port: Some(port), health: health.into() }
}

fn attributes(
    preserve_client_ip: Option<bool>,
) -> Collected<std::collections::BTreeMap<String, Collected<TargetGroupAttributes>>> {
    read([("arn:tg".into(), read(TargetGroupAttributes { preserve_client_ip }))].into())
}

/// The ports where ways begin, and of the target; none when it is unknown whether there is one.
fn ways(region: &Region) -> Option<Vec<(u16, Option<u16>)>> {
    let instance = Instance { id: "i-1".into(), ..Instance::default() };
    let network = Network::of("111122223333", "eu-west-1", region);
    let found = network.of_instance(&instance);
    if found.ways.is_empty() && found.unread.is_some() {
        return None;
    }
    Some(found.ways.iter().map(|way| (way.ports.0, way.target_port)).collect())
}

fn is_reached(region: &Region) -> bool {
    !ways(region).unwrap().is_empty()
}

#[test]
fn load_balancers_lead_to_their_targets() {
    assert_eq!(ways(&behind(|_, _, _| ())).unwrap(), [(443, Some(8080))]);
    let closed = |change: fn(&mut Value, &mut LoadBalancer, &mut TargetGroup)| !is_reached(&behind(change));
    assert!(closed(|_, balancer, _| balancer.scheme = "internal".into()));
    assert!(closed(|_, _, targets| targets.load_balancers.clear()));
    assert!(closed(|it, _, _| it["security_groups"][0]["ingress"][0]["ports"] = json!([80, 80])));
    assert!(closed(|it, _, _| it["security_groups"][1]["ingress"][0]["cidrs"] = json!(["10.0.0.0/8"])));
    assert!(closed(|it, _, _| it["route_tables"][0]["routes"][1]["target"] = "nat-1".into()));
    assert!(closed(|_, _, targets| targets.targets = read(vec![])));
    // By address, and behind a rule rather than the default action.
    let by_address = behind(|_, balancer, targets| {
        targets.targets = read(vec![target("10.0.0.4", 8080, "healthy")]);
        if let Collected::Value(listeners) = &mut balancer.listeners {
            listeners[0].default_target_groups.clear();
        }
    });
    assert_eq!(ways(&by_address).unwrap().len(), 1);
}

#[test]
fn classic_load_balancers_too() {
    let with = |scheme: &str| {
        let mut region = behind(|_, _, _| ());
        region.elb.load_balancers = read(vec![]);
        region.elb.classic_load_balancers = read(vec![ClassicLoadBalancer {
            name: "old".into(),
            scheme: scheme.into(),
            vpc: Some("vpc-1".into()),
            subnets: vec!["subnet-1".into()],
            security_groups: vec!["sg-lb".into()],
            listeners: vec![ClassicListener { protocol: "TCP".into(), port: 443, instance_port: 8080 }],
            instances: vec!["i-1".into()],
            ..ClassicLoadBalancer::default()
        }]);
        ways(&region).unwrap()
    };
    assert_eq!(with("internet-facing"), [(443, Some(8080))]);
    assert_eq!(with("internal"), []);
}

#[test]
fn only_targets_that_get_traffic_are_reached() {
    let with = |own: &str, other: Option<&str>| {
        is_reached(&behind(|_, _, targets| {
            let other = other.map(|health| target("i-2", 8080, health));
            targets.targets = read([Some(target("i-1", 8080, own)), other].into_iter().flatten().collect());
        }))
    };
    assert!(with("healthy", None) && with("initial", None) && with("unavailable", None));
    assert!(!with("unused", None) && !with("draining", None));
    // Where none is healthy all get traffic.
    assert!(with("unhealthy", None) && with("unhealthy", Some("unhealthy")));
    assert!(!with("unhealthy", Some("healthy")) && !with("unhealthy.draining", Some("healthy")));
    assert!(!with("unused", Some("unhealthy")));
    // What is new is not taken for harmless.
    assert!(with("on-holiday", Some("healthy")));
}

#[test]
fn behind_a_network_load_balancer_the_targets_group_decides() {
    let region = behind_network(|_, _, _| ());
    assert_eq!(ways(&region).unwrap(), [(80, Some(22))]);
    let network = Network::of("111122223333", "eu-west-1", &region);
    let instance = Instance { id: "i-1".into(), ..Instance::default() };
    let way = &network.of_instance(&instance).ways[0];
    assert_eq!((way.through, way.security_group), ("web", Some("sg-1")));
    let with = |cidrs: &[&str]| is_reached(&behind_network(|it, _, _| lets_in(it, cidrs)));
    assert!(with(&["128.0.0.0/1"]));
    // It sees the clients, not the load balancer's subnet.
    assert!(!with(&["10.0.0.0/24"]) && !with(&["52.0.0.0/8"]));
    let listed = |it: &mut Value| {
        it["security_groups"][0]["ingress"] =
            json!([{"protocol": "tcp", "ports": [22, 22], "prefix_lists": ["pl-1"]}]);
    };
    let with_list = |cidrs: Collected<Vec<String>>| {
        let mut region = behind_network(|it, _, _| listed(it));
        region.ec2.prefix_lists = read(vec![crate::snapshot::ec2::PrefixList {
            id: "pl-1".into(),
            name: "everyone".into(),
            owner: "111122223333".into(),
            cidrs,
        }]);
        ways(&region).map(|ways| !ways.is_empty())
    };
    assert_eq!(with_list(read(vec!["0.0.0.0/1".into()])), Some(true));
    assert_eq!(with_list(read(vec!["10.0.0.0/8".into()])), Some(false));
    assert_eq!(with_list(denied()), None);
}

#[test]
fn whether_clients_addresses_are_kept_follows_type_protocol_and_attribute() {
    let with = |cidr: &str, kind: &str, protocol: &str, preserve| {
        let mut region = behind_network(|it, balancer, targets| {
            let is_udp = protocol.contains("UDP");
            let rule =
                json!({"protocol": if is_udp { "udp" } else { "tcp" }, "ports": [22, 22], "cidrs": [cidr]});
            it["security_groups"][0]["ingress"] = json!([rule]);
            balancer.listeners = read(vec![listener(80, protocol, "arn:tg")]);
            targets.target_type = kind.into();
            targets.protocol = Some(protocol.into());
            let id = if kind == "ip" { "10.0.0.4" } else { "i-1" };
            targets.targets = read(vec![target(id, 22, "healthy")]);
        });
        region.elb.target_group_attributes = preserve;
        ways(&region).map(|ways| !ways.is_empty())
    };
    let (everyone, own) = ("0.0.0.0/0", "10.0.0.0/24");
    for (kind, protocol, told, keeps) in [
        ("instance", "TCP", None, true),
        ("instance", "TLS", None, true),
        ("instance", "TCP", Some(false), false),
        ("instance", "UDP", None, true),
        ("ip", "TCP", None, false),
        ("ip", "TLS", None, false),
        ("ip", "TCP", Some(true), true),
        ("ip", "UDP", None, true),
        ("ip", "TCP_UDP", None, true),
    ] {
        let what = format!("{kind} {protocol} {told:?}");
        assert_eq!(with(everyone, kind, protocol, attributes(told)), Some(true), "{what}");
        assert_eq!(with(own, kind, protocol, attributes(told)), Some(!keeps), "{what}");
    }
    // Not known, but it only matters where the answers differ.
    assert_eq!(with(everyone, "instance", "TCP", denied()), Some(true));
    assert_eq!(with(own, "instance", "TCP", denied()), None);
    assert_eq!(with("52.0.0.0/8", "instance", "TCP", denied()), Some(false));
    assert_eq!(with(own, "instance", "UDP", denied()), Some(false));
}

#[test]
fn the_group_of_the_load_balancer_lets_clients_on() {
    let with = |own: &str, of_target: Value| {
        ways(&behind_network(|it, balancer, _| {
            balancer.security_groups = vec!["sg-lb".into()];
            it["security_groups"][0]["ingress"] = json!([of_target]);
            it["security_groups"][1]["ingress"] =
                json!([{"protocol": "tcp", "ports": [80, 80], "cidrs": [own]}]);
        }))
        .unwrap()
        .len()
    };
    let by_group = || json!({"protocol": "tcp", "ports": [22, 22], "groups": ["sg-lb"]});
    let by_range = |range: &str| json!({"protocol": "tcp", "ports": [22, 22], "cidrs": [range]});
    assert_eq!(with("0.0.0.0/0", by_group()), 1);
    assert_eq!(with("10.0.0.0/8", by_group()), 0);
    assert_eq!(with("0.0.0.0/1", by_range("0.0.0.0/1")), 1);
    assert_eq!(with("0.0.0.0/1", by_range("128.0.0.0/1")), 0);
}

#[test]
fn families_follow_the_address_type() {
    let with = |kind: &str, group: &str, cidrs: &[&str]| {
        ways(&behind_network(|it, balancer, targets| {
            lets_in(it, cidrs);
            it["subnets"][0]["cidrs"] = json!(["10.0.0.0/24", "2600:1f18::/64"]);
            balancer.ip_address_type = kind.into();
            targets.ip_address_type = group.into();
        }))
        .unwrap()
        .len()
    };
    assert_eq!(with("ipv4", "ipv4", &["0.0.0.0/0", "::/0"]), 1);
    assert_eq!(with("dualstack", "ipv6", &["2000::/3"]), 2);
    assert_eq!(with("ipv4", "ipv6", &["0.0.0.0/0"]), 0);
    assert_eq!(with("dualstack-without-public-ipv4", "ipv6", &["::/0"]), 1);
    assert_eq!(with("dualstack-without-public-ipv4", "ipv6", &["0.0.0.0/0"]), 0);
    // Between families the load balancer's own address is seen.
    assert_eq!(with("dualstack-without-public-ipv4", "ipv4", &["10.0.0.0/24"]), 1);
    assert_eq!(with("dualstack-without-public-ipv4", "ipv4", &["::/0"]), 0);
    assert_eq!(with("dualstack", "ipv4", &["10.0.0.0/24"]), 1);
    assert_eq!(with("dualstack", "ipv4", &["0.0.0.0/0"]), 2);
    assert_eq!(with("ipv4", "ipv4", &["10.0.0.0/24"]), 0);
}

#[test]
fn network_acls_between_two_subnets_count() {
    let with = |change: &dyn Fn(&mut Value)| {
        is_reached(&behind_network(|it, _, _| {
            let mut second = it["subnets"][0].clone();
            (second["id"], second["cidrs"]) = ("subnet-2".into(), json!(["10.0.1.0/24"]));
            it["subnets"].as_array_mut().unwrap().push(second);
            let mut acl = it["network_acls"][0].clone();
            (acl["id"], acl["subnets"]) = ("acl-2".into(), json!(["subnet-2"]));
            it["network_acls"].as_array_mut().unwrap().push(acl);
            it["network_interfaces"][0]["subnet"] = "subnet-2".into();
            change(it);
        }))
    };
    let deny = |number, egress, cidr, ports| entry(number, egress, false, "6", cidr, ports);
    assert!(with(&|_| ()));
    // The target's subnet needs no way to the internet.
    assert!(with(&|it| {
        let mut private = it["route_tables"][0].clone();
        (private["id"], private["is_main"]) = ("rtb-2".into(), false.into());
        private["subnets"] = json!(["subnet-2"]);
        private["routes"] = json!([]);
        it["route_tables"].as_array_mut().unwrap().push(private);
    }));
    let acl = |it: &mut Value, at: usize, rule: Value| {
        it["network_acls"][at]["entries"].as_array_mut().unwrap().push(rule);
    };
    assert!(!with(&|it| acl(it, 1, deny(1, false, "0.0.0.0/0", Some((22, 22))))), "clients do not get in");
    assert!(!with(&|it| acl(it, 1, deny(1, true, "0.0.0.0/0", None))), "answers do not get out");
    assert!(!with(&|it| acl(it, 0, deny(1, true, "10.0.1.0/24", Some((22, 22))))), "does not get on");
    assert!(!with(&|it| acl(it, 0, deny(1, false, "10.0.1.0/24", None))), "answers do not get back");
    assert!(with(&|it| acl(it, 1, deny(1, false, "10.0.0.0/24", None))), "clients are seen");
    assert!(with(&|it| acl(it, 1, deny(1, false, "0.0.0.0/1", None))), "a half gets in");
    // Within one subnet no network ACL is asked.
    assert!(with(&|it| {
        it["network_interfaces"][0]["subnet"] = "subnet-1".into();
        acl(it, 0, deny(1, false, "0.0.0.0/0", Some((22, 22))));
    }));
}

#[test]
fn an_internal_load_balancer_may_stand_behind_another() {
    let with = |change: fn(&mut LoadBalancer, &mut TargetGroup)| {
        let mut region = behind(|it, balancer, _| {
            balancer.scheme = "internal".into();
            it["security_groups"][1]["ingress"] =
                json!([{"protocol": "tcp", "ports": [443, 443], "cidrs": ["0.0.0.0/0"]}]);
        });
        let mut outer = LoadBalancer {
            arn: "arn:outer".into(),
            name: "outer".into(),
            kind: "network".into(),
            scheme: "internet-facing".into(),
            vpc: Some("vpc-1".into()),
            subnets: vec!["subnet-1".into()],
            listeners: read(vec![listener(8443, "TCP", "arn:alb")]),
            ..LoadBalancer::default()
        };
        let mut group = TargetGroup {
            arn: "arn:alb".into(),
            target_type: "alb".into(),
            protocol: Some("TCP".into()),
            load_balancers: vec!["arn:outer".into()],
            targets: read(vec![target("arn:lb", 443, "healthy")]),
            ..TargetGroup::default()
        };
        change(&mut outer, &mut group);
        if let (Collected::Value(balancers), Collected::Value(groups)) =
            (&mut region.elb.load_balancers, &mut region.elb.target_groups)
        {
            balancers.push(outer);
            groups.push(group);
        }
        ways(&region).unwrap()
    };
    assert_eq!(with(|_, _| ()), [(8443, Some(8080))]);
    assert_eq!(with(|outer, _| outer.scheme = "internal".into()), []);
    assert_eq!(with(|_, group| group.targets = read(vec![target("arn:lb", 80, "healthy")])), []);
    // Load balancers that name each other lead nowhere, and end.
    assert_eq!(
        with(|outer, group| {
            outer.scheme = "internal".into();
            group.load_balancers.push("arn:lb".into());
        }),
        []
    );
}

#[test]
fn what_cannot_be_read_matters_only_where_it_decides() {
    let mut region = behind_network(|_, _, _| ());
    region.ec2.route_tables = denied();
    assert_eq!(ways(&region), None);
    let mut region = behind_network(|it, _, _| lets_in(it, &["52.0.0.0/8"]));
    region.ec2.route_tables = denied();
    region.ec2.network_acls = denied();
    assert_eq!(ways(&region).unwrap(), [], "its group lets no client in");
    let mut region = behind_network(|_, _, targets| targets.targets = denied());
    assert_eq!(ways(&region), None);
    region.elb.target_groups = read(vec![]);
    assert_eq!(ways(&region).unwrap(), []);
}

/// What happens to one packet to the load balancer and its answer, step by step.
fn packet_gets_through(region: &Region, from: IpAddr, keeps_clients: bool) -> bool {
    let ec2 = &region.ec2;
    let own: IpAddr = "10.0.0.9".parse().unwrap();
    let target: IpAddr = "10.0.1.4".parse().unwrap();
    let seen = if keeps_clients { from } else { own };
    let holds = |cidr: &str, address: IpAddr| cidr.parse::<IpNet>().unwrap().contains(&address);
    let group = &ec2.security_groups.get().unwrap()[0];
    let admitted = group.ingress.iter().any(|rule| {
        let has = rule.ports.is_none_or(|(first, last)| (first..=last).contains(&22));
        has && rule.cidrs.iter().any(|cidr| holds(cidr, seen))
    });
    let passes = |acl: usize, egress: bool, other: IpAddr, port: u16| {
        let acl = &ec2.network_acls.get().unwrap()[acl];
        let mut entries: Vec<_> = acl.entries.iter().filter(|entry| entry.egress == egress).collect();
        entries.sort_by_key(|entry| entry.number);
        let first = entries.into_iter().find(|entry| {
            let has = entry.ports.is_none_or(|(first, last)| (first..=last).contains(&port));
            (entry.protocol == "-1" || has) && holds(&entry.cidr, other)
        });
        first.is_some_and(|entry| entry.allow)
    };
    let ephemeral = [1024, 40000, u16::MAX];
    let any = |acl, egress, other| ephemeral.iter().any(|port| passes(acl, egress, other, *port));
    let at_balancer = passes(0, false, from, 80) && any(0, true, from);
    let between = passes(0, true, target, 22) && any(0, false, target);
    let at_target = passes(1, false, seen, 22) && any(1, true, seen);
    admitted && at_balancer && between && at_target
}

fn range() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "0.0.0.0/0",
        "0.0.0.0/1",
        "128.0.0.0/1",
        "64.0.0.0/2",
        "10.0.0.0/8",
        "10.0.0.0/24",
    ])
}

fn ports() -> impl Strategy<Value = Option<(u16, u16)>> {
    prop::sample::select(vec![None, Some((22, 22)), Some((20, 100)), Some((80, 80)), Some((1024, 65535))])
}

type Rule = (bool, bool, &'static str, Option<(u16, u16)>, bool);

fn acl_rules() -> impl Strategy<Value = Vec<Rule>> {
    prop::collection::vec((any::<bool>(), prop::bool::weighted(0.3), range(), ports(), any::<bool>()), 0..4)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    /// One packet from each quarter of the internet through a Network Load Balancer to a target in another
    /// subnet.
    #[test]
    fn agrees_with_sending_packets(
        rules in prop::collection::vec((range(), ports()), 0..3),
        near in acl_rules(),
        far in acl_rules(),
        keeps_clients in any::<bool>(),
    ) {
        let mut region = behind_network(|it, _, _| {
            let mut second = it["subnets"][0].clone();
            (second["id"], second["cidrs"]) = ("subnet-2".into(), json!(["10.0.1.0/24"]));
            it["subnets"].as_array_mut().unwrap().push(second);
            it["network_interfaces"][0]["subnet"] = "subnet-2".into();
            it["security_groups"][0]["ingress"] = rules
                .iter()
                .map(|(cidr, ports)| json!({"protocol": "tcp", "ports": ports, "cidrs": [cidr]}))
                .collect();
            // What the rules leave is mostly let through, else hardly a packet would be.
            let mut acl = it["network_acls"][0].clone();
            (acl["id"], acl["subnets"]) = ("acl-2".into(), json!(["subnet-2"]));
            it["network_acls"].as_array_mut().unwrap().push(acl);
            for (at, rules) in [&near, &far].into_iter().enumerate() {
                let entries = it["network_acls"][at]["entries"].as_array_mut().unwrap();
                entries.extend(rules.iter().zip(1..).map(|((egress, allow, cidr, ports, all), number)| {
                    entry(number, *egress, *allow, if *all { "-1" } else { "6" }, cidr, *ports)
                }));
            }
        });
        region.elb.target_group_attributes = attributes(Some(keeps_clients));
        let instance = Instance { id: "i-1".into(), ..Instance::default() };
        let network = Network::of("111122223333", "eu-west-1", &region);
        let found = network.of_instance(&instance);
        prop_assert!(found.unread.is_none());
        for from in ["8.8.8.8", "72.0.0.1", "150.0.0.1", "200.0.0.1"] {
            let from: IpAddr = from.parse().unwrap();
            let told = found.ways.iter().any(|way| way.sources.iter().any(|range| range.contains(&from)));
            prop_assert_eq!(told, packet_gets_through(&region, from, keeps_clients), "{}", from);
        }
    }
}
