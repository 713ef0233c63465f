//! Which ports of what the internet reaches, and along which path: public address, route to an internet gateway,
//! VPC block public access, network ACL in both directions, security group. Load balancers count as a way.
//!
//! Sets of addresses and ports are exact. "The internet" is what [`prefixes::is_internet`] says of the addresses
//! that get through all of these.

mod balancers;
#[cfg(test)]
mod testing;

use std::{cell::OnceCell, collections::HashMap, ops::RangeInclusive};

use ipnet::IpNet;
use serde::Serialize;

use self::balancers::Balancers;
use super::{
    Protocol,
    network_acl::Rules,
    prefixes::{self, Prefixes},
    ranges::Lists,
    security_group::{InternetIngress, Opening},
};
use crate::{
    gap::{Gap, NotJudged},
    snapshot::{
        Region,
        ec2::{Instance, NetworkAcl, NetworkInterface, RouteTable, SecurityGroup, Subnet},
    },
};

/// Ports that answers go back to: clients choose one of these.
const EPHEMERAL: RangeInclusive<u16> = 1024..=u16::MAX;

/// A way in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reach<'a> {
    /// `tcp` or `udp`.
    pub protocol: &'static str,
    /// First and last port that the internet uses: of the interface, or of the load balancer's listener.
    pub ports: (u16, u16),
    /// Addresses that get through.
    pub sources: Vec<IpNet>,
    /// The interface, or the load balancer that leads to it.
    pub through: &'a str,
    /// The security group that lets it in: of the interface, or of the load balancer; of the target where a load
    /// balancer without groups keeps clients' addresses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub security_group: Option<&'a str>,
    /// The group's rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<Opening<'a>>,
    /// The internet gateway.
    pub internet_gateway: &'a str,
    /// The route table that leads there.
    pub route_table: &'a str,
    /// Its route's destination.
    pub destination: &'a str,
    /// The network ACL that lets it through.
    pub network_acl: &'a str,
    /// The port that the load balancer sends traffic to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_port: Option<u16>,
}

impl Reach<'_> {
    /// Whether it begins at one of those ports.
    #[must_use]
    pub fn meets(&self, protocol: Protocol, ports: &RangeInclusive<u16>) -> bool {
        self.protocol == protocol.name() && self.ports.0 <= *ports.end() && *ports.start() <= self.ports.1
    }
}

/// Ways in, and why there may be more.
#[derive(Clone, Debug, Default)]
pub struct Reaches<'a> {
    /// The ways.
    pub ways: Vec<Reach<'a>>,
    /// What could not be read that might be one.
    pub unread: Option<NotJudged>,
}

impl<'a> Reaches<'a> {
    /// Adds what was found elsewhere.
    pub fn add(&mut self, other: Self) {
        self.ways.extend(other.ways);
        self.unread = self.unread.take().or(other.unread);
    }

    fn note<T>(&mut self, result: Result<T, NotJudged>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(NotJudged::NotApplicable) => None,
            Err(why) => {
                self.unread.get_or_insert(why);
                None
            }
        }
    }

    /// Keeps the ways that are wanted.
    #[must_use]
    pub fn filter(mut self, wanted: impl Fn(&Reach<'a>) -> bool) -> Self {
        self.ways.retain(wanted);
        self
    }
}

/// What a subnet's route to the internet is, for one address family.
#[derive(Clone, Debug)]
struct Exit<'a> {
    table: &'a str,
    gateway: &'a str,
    destination: &'a str,
    /// The addresses that are routed there: what no more specific route takes elsewhere.
    addresses: Prefixes,
}

/// A network ACL's answer for one protocol: what gets in and out on which ports, and to whom answers get out.
#[derive(Clone, Debug)]
struct Gate {
    inbound: Vec<(RangeInclusive<u16>, Prefixes)>,
    outbound: Vec<(RangeInclusive<u16>, Prefixes)>,
    answers: Prefixes,
}

impl Gate {
    /// The addresses that get in on some of these ports.
    fn inbound_on(&self, ports: &RangeInclusive<u16>) -> Prefixes {
        on_some(&self.inbound, ports)
    }

    /// The addresses that packets get out to on some of these ports.
    fn outbound_on(&self, ports: &RangeInclusive<u16>) -> Prefixes {
        on_some(&self.outbound, ports)
    }
}

fn on_some(stretches: &[(RangeInclusive<u16>, Prefixes)], ports: &RangeInclusive<u16>) -> Prefixes {
    let meets =
        |stretch: &RangeInclusive<u16>| stretch.start() <= ports.end() && ports.start() <= stretch.end();
    let on_ports = stretches.iter().filter(|(stretch, _)| meets(stretch));
    on_ports.flat_map(|(_, prefixes)| prefixes.iter()).collect()
}

/// The networks of one region, prepared for the question.
#[derive(Debug)]
pub struct Network<'a> {
    account: &'a str,
    name: &'a str,
    region: &'a Region,
    subnets: HashMap<&'a str, &'a Subnet>,
    tables: HashMap<&'a str, &'a RouteTable>,
    main_tables: HashMap<&'a str, &'a RouteTable>,
    acls: HashMap<&'a str, &'a NetworkAcl>,
    groups: HashMap<&'a str, &'a SecurityGroup>,
    interfaces_of: HashMap<&'a str, Vec<&'a NetworkInterface>>,
    interfaces_with: HashMap<&'a str, Vec<&'a NetworkInterface>>,
    running: HashMap<&'a str, &'a Instance>,
    /// By subnet: for IPv4, for IPv6.
    exits: HashMap<&'a str, [OnceCell<Vec<Exit<'a>>>; 2]>,
    /// By network ACL: for TCP, for UDP.
    gates: HashMap<&'a str, [OnceCell<Result<Gate, NotJudged>>; 2]>,
    openings: HashMap<&'a str, OnceCell<InternetIngress<'a>>>,
    balancers: OnceCell<Balancers<'a>>,
}

impl<'a> Network<'a> {
    /// Prepares a region of that account.
    #[must_use]
    pub fn of(account: &'a str, name: &'a str, region: &'a Region) -> Self {
        let ec2 = &region.ec2;
        let mut network = Self {
            account,
            name,
            region,
            subnets: HashMap::new(),
            tables: HashMap::new(),
            main_tables: HashMap::new(),
            acls: HashMap::new(),
            groups: HashMap::new(),
            interfaces_of: HashMap::new(),
            interfaces_with: HashMap::new(),
            running: HashMap::new(),
            exits: HashMap::new(),
            gates: HashMap::new(),
            openings: HashMap::new(),
            balancers: OnceCell::new(),
        };
        for subnet in ec2.subnets.get().into_iter().flatten() {
            network.subnets.insert(&subnet.id, subnet);
            network.exits.insert(&subnet.id, Default::default());
        }
        for table in ec2.route_tables.get().into_iter().flatten() {
            network.tables.extend(table.subnets.iter().map(|subnet| (subnet.as_str(), table)));
            if table.is_main {
                network.main_tables.insert(&table.vpc, table);
            }
        }
        for acl in ec2.network_acls.get().into_iter().flatten() {
            network.acls.extend(acl.subnets.iter().map(|subnet| (subnet.as_str(), acl)));
            network.gates.insert(&acl.id, Default::default());
        }
        for group in ec2.security_groups.get().into_iter().flatten() {
            network.groups.insert(&group.id, group);
            network.openings.insert(&group.id, OnceCell::new());
        }
        for interface in ec2.network_interfaces.get().into_iter().flatten() {
            if let Some(instance) = &interface.instance {
                network.interfaces_of.entry(instance).or_default().push(interface);
            }
            for group in &interface.security_groups {
                network.interfaces_with.entry(group).or_default().push(interface);
            }
        }
        for instance in ec2.instances.get().into_iter().flatten().filter(|it| it.state == "running") {
            network.running.insert(&instance.id, instance);
        }
        network
    }

    /// The interfaces that have a security group.
    ///
    /// # Errors
    /// When the interfaces could not be read.
    pub fn interfaces_with(&self, group: &str) -> Result<&[&'a NetworkInterface], NotJudged> {
        self.region.ec2.network_interfaces.get()?;
        Ok(self.interfaces_with.get(group).map_or(&[], Vec::as_slice))
    }

    /// Whether the instance is running.
    #[must_use]
    pub fn is_running(&self, instance: &str) -> bool {
        self.running.contains_key(instance)
    }

    /// The ways to an instance: to its interfaces, and through load balancers.
    #[must_use]
    pub fn of_instance(&self, instance: &'a Instance) -> Reaches<'a> {
        let mut reaches = Reaches::default();
        reaches.note(self.region.ec2.network_interfaces.get());
        let interfaces = self.interfaces_of.get(instance.id.as_str()).map_or(&[][..], Vec::as_slice);
        for interface in interfaces {
            reaches.add(self.of_interface(interface));
        }
        reaches.add(self.through_balancers(&instance.id, interfaces));
        reaches
    }

    /// The ways to an interface that no instance has, a task's: to itself, and through load balancers that have its
    /// addresses as targets.
    #[must_use]
    pub fn of_task(&self, interface: &'a NetworkInterface) -> Reaches<'a> {
        let mut reaches = self.of_interface(interface);
        reaches.add(self.through_balancers(&interface.id, &[interface]));
        reaches
    }

    /// The ways to an interface itself.
    #[must_use]
    pub fn of_interface(&self, interface: &'a NetworkInterface) -> Reaches<'a> {
        let private: Vec<IpNet> = self
            .subnets
            .get(interface.subnet.as_str())
            .into_iter()
            .flat_map(|subnet| &subnet.private_ipv6_cidrs)
            .filter_map(|cidr| cidr.parse().ok())
            .collect();
        // What is unclear may be public.
        let is_public = |address: &String| {
            address.parse().map_or(true, |it: std::net::IpAddr| {
                prefixes::is_public(it.into()) && !private.iter().any(|range| range.contains(&it))
            })
        };
        let families = [!interface.public_ips.is_empty(), interface.ipv6_addresses.iter().any(is_public)];
        self.of_groups(&interface.id, &interface.security_groups, &interface.vpc, &interface.subnet, families)
    }

    /// The ways to something with these groups in that subnet, were it to have a public IPv4 or an IPv6 address.
    #[must_use]
    pub fn of_groups(
        &self,
        through: &'a str,
        groups: &'a [String],
        vpc: &str,
        subnet: &str,
        [v4, v6]: [bool; 2],
    ) -> Reaches<'a> {
        let mut reaches = Reaches::default();
        if !v4 && !v6 {
            return reaches;
        }
        for id in groups {
            let Some(opening) = reaches.note(self.opening(id)) else { continue };
            for protocol in [Protocol::Tcp, Protocol::Udp] {
                let (open, unread) = opening.ranges(protocol);
                for (ports, rule) in open {
                    let is_v6 = matches!(rule.source, IpNet::V6(_));
                    if if is_v6 { v6 } else { v4 } {
                        let found = self.way(through, vpc, subnet, protocol, &ports, rule.source);
                        let Some(ways) = reaches.note(found) else { continue };
                        reaches.ways.extend(ways.into_iter().map(|way| Reach {
                            security_group: Some(id),
                            rule: Some(rule.clone()),
                            ..way
                        }));
                    }
                }
                // What a rule that could not be read might let in matters only where packets could come at all.
                if unread.is_some() && self.way_exists(vpc, subnet, v4, v6) != Ok(false) {
                    reaches.unread = reaches.unread.take().or(unread);
                }
            }
        }
        reaches
    }

    fn way_exists(&self, vpc: &str, subnet: &str, v4: bool, v6: bool) -> Result<bool, NotJudged> {
        let any = |is_v6| self.exits(vpc, subnet, is_v6).map(|exits| !exits.is_empty());
        Ok(!self.is_blocked(vpc, subnet)? && (v4 && any(false)? || v6 && any(true)?))
    }

    /// What the internet may use of a security group.
    ///
    /// # Errors
    /// When the groups could not be read, or that one is not among them.
    pub fn opening(&self, group: &str) -> Result<&InternetIngress<'a>, NotJudged> {
        let (Some(cell), Some(found)) = (self.openings.get(group), self.groups.get(group)) else {
            self.region.ec2.security_groups.get()?;
            return Err(self.unlisted("ec2:DescribeSecurityGroups", group));
        };
        Ok(cell.get_or_init(|| InternetIngress::of(found, &self.region.ec2.prefix_lists, self.name)))
    }

    fn unlisted(&self, operation: &str, id: &str) -> NotJudged {
        Gap::unreadable(operation, Some(self.name), Some(id), "it is not among those described").into()
    }

    /// The ways of packets from these sources to those ports in a subnet: routes, block public access and network
    /// ACL.
    fn way(
        &self,
        through: &'a str,
        vpc: &str,
        subnet: &str,
        protocol: Protocol,
        ports: &RangeInclusive<u16>,
        source: IpNet,
    ) -> Result<Vec<Reach<'a>>, NotJudged> {
        if self.is_blocked(vpc, subnet)? {
            return Ok(Vec::new());
        }
        let is_v6 = matches!(source, IpNet::V6(_));
        let exits = self.exits(vpc, subnet, is_v6)?;
        if exits.is_empty() {
            return Ok(Vec::new());
        }
        let (acl, gate) = self.gate(subnet, protocol)?;
        let from: Prefixes = [source].into_iter().collect();
        let mut ways = Vec::new();
        for exit in exits {
            let routed = from.intersection(&exit.addresses).intersection(&gate.answers);
            for (stretch, let_in) in &gate.inbound {
                let first = (*stretch.start()).max(*ports.start());
                let last = (*stretch.end()).min(*ports.end());
                if first > last {
                    continue;
                }
                let through_all = routed.intersection(let_in);
                let sources: Vec<_> =
                    through_all.iter().filter(|range| prefixes::is_internet(*range)).collect();
                if !sources.is_empty() {
                    ways.push(Reach {
                        protocol: protocol.name(),
                        ports: (first, last),
                        sources,
                        through,
                        security_group: None,
                        rule: None,
                        internet_gateway: exit.gateway,
                        route_table: exit.table,
                        destination: exit.destination,
                        network_acl: acl,
                        target_port: None,
                    });
                }
            }
        }
        Ok(ways)
    }

    /// Whether another account owns the subnet, and shares it with this one.
    fn is_shared(&self, subnet: &str) -> bool {
        let owner = self.subnets.get(subnet).and_then(|it| it.owner.as_deref());
        owner.is_some_and(|owner| owner != self.account)
    }

    /// Whether VPC block public access keeps the internet out of the subnet.
    fn is_blocked(&self, vpc: &str, subnet: &str) -> Result<bool, NotJudged> {
        let blocks = |mode: &str| matches!(mode, "block-bidirectional" | "block-ingress");
        // The settings are those of the VPC's owner, who alone can read them; what they make of a subnet is told with
        // it.
        if self.is_shared(subnet) {
            let mode = self.subnets.get(subnet).and_then(|it| it.block_public_access.as_deref());
            return Ok(mode.is_some_and(blocks));
        }
        let settings = match self.region.ec2.vpc_block_public_access.get() {
            Ok(settings) => settings,
            // The region does not have the feature.
            Err(NotJudged::NotApplicable) => return Ok(false),
            Err(why) => return Err(why),
        };
        let excluded = settings.exclusions.iter().any(|exclusion| {
            let id = exclusion.resource_arn.rsplit('/').next();
            exclusion.mode == "allow-bidirectional"
                && exclusion.is_in_force()
                && (id == Some(vpc) || id == Some(subnet))
        });
        Ok(blocks(&settings.mode) && !excluded)
    }

    fn exits(&self, vpc: &str, subnet: &str, is_v6: bool) -> Result<&[Exit<'a>], NotJudged> {
        let ec2 = &self.region.ec2;
        ec2.route_tables.get()?;
        let Some(cells) = self.exits.get(subnet) else {
            ec2.subnets.get()?;
            return Err(self.unlisted("ec2:DescribeSubnets", subnet));
        };
        let cell = &cells[usize::from(is_v6)];
        if let Some(exits) = cell.get() {
            return Ok(exits);
        }
        let table = self.tables.get(subnet).or_else(|| self.main_tables.get(vpc));
        let table = *table.ok_or_else(|| self.unlisted("ec2:DescribeRouteTables", subnet))?;
        let exits = self.exits_of(table, vpc, self.is_shared(subnet), is_v6)?;
        Ok(cell.get_or_init(|| exits))
    }

    /// The routes of a table to the VPC's internet gateway, each with what more specific routes leave of it.
    /// (An egress-only internet gateway lets nobody in.)
    fn exits_of(
        &self,
        table: &'a RouteTable,
        vpc: &str,
        is_shared: bool,
        is_v6: bool,
    ) -> Result<Vec<Exit<'a>>, NotJudged> {
        // Gateways of a VPC that another account shares are not listed here: a route to one that is not attached
        // would be a black hole.
        let gateways = if is_shared { &[][..] } else { self.region.ec2.internet_gateways.get()?.as_slice() };
        let attached = |id: &str| gateways.iter().any(|it| it.id == id && it.vpcs.iter().any(|to| to == vpc));
        let leads = |target: &str| if is_shared { target.starts_with("igw-") } else { attached(target) };
        let lists = Lists::new(&self.region.ec2.prefix_lists, self.name);
        let mut routes = Vec::new();
        for route in &table.routes {
            let leads_out = route.state == "active" && leads(&route.target);
            let ranges = match lists.of_route(route, &table.id) {
                Ok(ranges) => ranges,
                // What a list takes elsewhere is not known: the gateway's route stands.
                Err(_) if !leads_out && route.destination.starts_with("pl-") => continue,
                Err(why) => return Err(why),
            };
            let of_family = ranges.into_iter().filter(|range| matches!(range, IpNet::V6(_)) == is_v6);
            routes.extend(of_family.map(|range| (range, route, leads_out)));
        }
        let exits = routes.iter().filter(|(.., leads_out)| *leads_out).map(|(range, route, _)| {
            let more_specific = routes.iter().filter(|(other, _, leads_out)| {
                // The VPC's own range, say, is no part of the internet anyway.
                !leads_out
                    && range.contains(other)
                    && other.prefix_len() > range.prefix_len()
                    && prefixes::is_public(*other)
            });
            Exit {
                table: &table.id,
                gateway: &route.target,
                destination: &route.destination,
                addresses: prefixes::subtract(*range, more_specific.map(|(other, ..)| other))
                    .into_iter()
                    .collect(),
            }
        });
        Ok(exits.filter(|exit| exit.addresses.iter().any(prefixes::is_public)).collect())
    }

    fn gate(&self, subnet: &str, protocol: Protocol) -> Result<(&'a str, &Gate), NotJudged> {
        self.region.ec2.network_acls.get()?;
        let acl = *self.acls.get(subnet).ok_or_else(|| self.unlisted("ec2:DescribeNetworkAcls", subnet))?;
        let cells = self.gates.get(acl.id.as_str());
        let cells = cells.ok_or_else(|| self.unlisted("ec2:DescribeNetworkAcls", &acl.id))?;
        let cell = &cells[usize::from(protocol == Protocol::Udp)];
        let gate = cell.get_or_init(|| {
            let inbound = Rules::of(acl, self.name, false, protocol)?.stretches(&(0..=u16::MAX));
            let outbound = Rules::of(acl, self.name, true, protocol)?.stretches(&(0..=u16::MAX));
            // Some port for answers is enough: clients try others.
            let answers = on_some(&outbound, &EPHEMERAL);
            Ok(Gate { inbound, outbound, answers })
        });
        gate.as_ref().map(|gate| (acl.id.as_str(), gate)).map_err(Clone::clone)
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::{
        testing::{entry, network},
        *,
    };
    use crate::testing::{denied, read};

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
        let with_halves =
            |halves: &[&str]| {
                is_reached(|it| {
                    let routes = it["route_tables"][0]["routes"].as_array_mut().unwrap();
                    routes.extend(halves.iter().map(
                        |half| json!({"destination": half, "target": "vpce-firewall", "state": "active"}),
                    ));
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

    /// What happens to one packet and its answer, step by step.
    fn packet_gets_through(region: &Region, from: IpAddr, port: u16) -> bool {
        let ec2 = &region.ec2;
        let holds = |cidr: &str| cidr.parse::<IpNet>().unwrap().contains(&from);
        let group = &ec2.security_groups.get().unwrap()[0];
        let admitted = group.ingress.iter().any(|rule| {
            let protocol = rule.protocol == "tcp" || rule.protocol == "-1";
            let has =
                rule.ports.is_none_or(|(first, last)| i32::from(port) >= first && i32::from(port) <= last);
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
        admitted
            && passes(false, port)
            && out
            && [1024, 40000, u16::MAX].iter().any(|port| passes(true, *port))
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
}
