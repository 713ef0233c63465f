//! Which ports of what the internet reaches, and along which path: public address, route to an internet gateway,
//! VPC block public access, network ACL in both directions, security group. Load balancers count as a way.
//!
//! Sets of addresses and ports are exact. "The internet" is what [`prefixes::is_internet`] says of the addresses
//! that get through all of these.

use std::{
    cell::OnceCell,
    collections::{BTreeSet, HashMap},
    ops::RangeInclusive,
};

use ipnet::IpNet;
use serde::Serialize;

use super::{
    Protocol,
    network_acl::Rules,
    parse,
    prefixes::{self, Prefixes},
    security_group::{self, InternetIngress, Opening},
};
use crate::{
    gap::{Gap, NotJudged},
    snapshot::{
        Region,
        ec2::{Instance, NetworkAcl, NetworkInterface, RouteTable, SecurityGroup, Subnet},
        elb::{ClassicLoadBalancer, LoadBalancer, TargetGroup},
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
    /// The security group that lets it in; none for a load balancer without any.
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
    /// Whether it reaches one of those ports.
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

/// A network ACL's answer for one protocol: what gets in on which ports, and to whom answers get out.
#[derive(Clone, Debug)]
struct Gate {
    inbound: Vec<(RangeInclusive<u16>, Prefixes)>,
    answers: Prefixes,
}

/// The networks of one region, prepared for the question.
#[derive(Debug)]
pub struct Network<'a> {
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
}

impl<'a> Network<'a> {
    /// Prepares a region.
    #[must_use]
    pub fn of(name: &'a str, region: &'a Region) -> Self {
        let ec2 = &region.ec2;
        let mut network = Self {
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

    /// The ways to an interface itself.
    #[must_use]
    pub fn of_interface(&self, interface: &'a NetworkInterface) -> Reaches<'a> {
        let families = [!interface.public_ips.is_empty(), !interface.ipv6_addresses.is_empty()];
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

    /// Whether VPC block public access keeps the internet out of the subnet.
    fn is_blocked(&self, vpc: &str, subnet: &str) -> Result<bool, NotJudged> {
        let settings = match self.region.ec2.vpc_block_public_access.get() {
            Ok(settings) => settings,
            // The region does not have the feature.
            Err(NotJudged::NotApplicable) => return Ok(false),
            Err(why) => return Err(why),
        };
        let excluded = settings.exclusions.iter().any(|exclusion| {
            let id = exclusion.resource_arn.rsplit('/').next();
            exclusion.mode == "allow-bidirectional" && (id == Some(vpc) || id == Some(subnet))
        });
        Ok(matches!(settings.mode.as_str(), "block-bidirectional" | "block-ingress") && !excluded)
    }

    fn exits(&self, vpc: &str, subnet: &str, is_v6: bool) -> Result<&[Exit<'a>], NotJudged> {
        let ec2 = &self.region.ec2;
        ec2.route_tables.get()?;
        ec2.internet_gateways.get()?;
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
        let exits = self.exits_of(table, vpc, is_v6)?;
        Ok(cell.get_or_init(|| exits))
    }

    /// The routes of a table to the VPC's internet gateway, each with what more specific routes leave of it.
    /// (An egress-only internet gateway lets nobody in.)
    fn exits_of(&self, table: &'a RouteTable, vpc: &str, is_v6: bool) -> Result<Vec<Exit<'a>>, NotJudged> {
        let gateways = self.region.ec2.internet_gateways.get()?;
        let attached = |id: &str| gateways.iter().any(|it| it.id == id && it.vpcs.iter().any(|to| to == vpc));
        let mut routes = Vec::new();
        for route in &table.routes {
            let leads_out = route.state == "active" && attached(&route.target);
            let ranges = if route.destination.starts_with("pl-") {
                match security_group::entries(&route.destination, &self.region.ec2.prefix_lists, self.name) {
                    Ok(ranges) => ranges,
                    Err(why) if leads_out => return Err(why),
                    // What it takes elsewhere is not known: the gateway's route stands.
                    Err(_) => continue,
                }
            } else {
                vec![parse(&route.destination, "ec2:DescribeRouteTables", self.name, &table.id)?]
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
            let outbound = Rules::of(acl, self.name, true, protocol)?.stretches(&EPHEMERAL);
            // Some port for answers is enough: clients try others.
            let answers = outbound.iter().flat_map(|(_, prefixes)| prefixes.iter()).collect();
            Ok(Gate { inbound, answers })
        });
        gate.as_ref().map(|gate| (acl.id.as_str(), gate)).map_err(Clone::clone)
    }

    /// The ways to a load balancer's port: any of its subnets will do.
    fn of_balancer(&self, balancer: &Balancer<'a>, port: u16, protocol: Protocol) -> Reaches<'a> {
        let mut reaches = Reaches::default();
        let Some(vpc) = balancer.vpc else { return reaches };
        for subnet in balancer.subnets {
            if balancer.groups.is_empty() {
                // A Network Load Balancer without groups takes what comes.
                let found =
                    self.way(balancer.name, vpc, subnet, protocol, &(port..=port), super::anywhere()[0]);
                let ways = reaches.note(found);
                reaches.ways.extend(ways.into_iter().flatten());
            } else {
                let found = self.of_groups(balancer.name, balancer.groups, vpc, subnet, [true, false]);
                let found = found.filter(|reach| reach.meets(protocol, &(port..=port)));
                reaches.add(Reaches {
                    ways: found.ways.into_iter().map(|way| Reach { ports: (port, port), ..way }).collect(),
                    unread: found.unread,
                });
            }
            if !reaches.ways.is_empty() {
                break;
            }
        }
        reaches
    }

    /// The ways to an instance through internet-facing load balancers that have it as target.
    fn through_balancers(&self, instance: &str, interfaces: &[&'a NetworkInterface]) -> Reaches<'a> {
        let mut reaches = Reaches::default();
        let elb = &self.region.elb;
        // Behind a group that lets in nobody no load balancer matters, whatever could not be read of them.
        let groups = interfaces.iter().flat_map(|interface| &interface.security_groups);
        let closed =
            groups.clone().all(|id| self.groups.get(id.as_str()).is_some_and(|it| it.ingress.is_empty()));
        if closed {
            return reaches;
        }
        let is_target = |id: &str| {
            id == instance
                || interfaces.iter().any(|interface| interface.private_ips.iter().any(|ip| ip == id))
        };
        let balancers = reaches.note(elb.load_balancers.get()).map_or(&[][..], Vec::as_slice);
        let target_groups = reaches.note(elb.target_groups.get()).map_or(&[][..], Vec::as_slice);
        for target_group in target_groups {
            let Some(targets) = reaches.note(target_group.targets.get()) else { continue };
            let ports: Vec<u16> =
                targets.iter().filter(|it| is_target(&it.id)).filter_map(|it| it.port).collect();
            for balancer in balancers.iter().filter(|it| target_group.load_balancers.contains(&it.arn)) {
                for (listened, protocol) in listened_ports(balancer, target_group, &mut reaches) {
                    for &port in &ports {
                        let balancer = Balancer::from(balancer);
                        reaches.add(self.through(&balancer, (listened, protocol), port, interfaces));
                    }
                }
            }
        }
        let classic = reaches.note(elb.classic_load_balancers.get()).map_or(&[][..], Vec::as_slice);
        for balancer in classic.iter().filter(|it| it.scheme == "internet-facing") {
            if balancer.instances.iter().any(|id| id == instance) {
                for listener in &balancer.listeners {
                    let ports = (listener.port, Protocol::Tcp);
                    reaches.add(self.through(
                        &Balancer::from(balancer),
                        ports,
                        listener.instance_port,
                        interfaces,
                    ));
                }
            }
        }
        reaches
    }

    /// The ways through one listener to one port of the target.
    fn through(
        &self,
        balancer: &Balancer<'a>,
        (listened, protocol): (u16, Protocol),
        port: u16,
        interfaces: &[&'a NetworkInterface],
    ) -> Reaches<'a> {
        let mut admitted = Reaches::default();
        let admits = interfaces.iter().any(|interface| {
            interface
                .security_groups
                .iter()
                .any(|id| self.admits(id, balancer, protocol, port, &mut admitted))
        });
        if !admits {
            return Reaches { ways: Vec::new(), unread: admitted.unread };
        }
        let mut reaches = self.of_balancer(balancer, listened, protocol);
        for way in &mut reaches.ways {
            way.target_port = Some(port);
        }
        reaches
    }

    /// Whether a target's group lets the load balancer in: by its group, by its subnets' addresses, or along with
    /// everybody.
    fn admits(
        &self,
        group: &str,
        balancer: &Balancer<'a>,
        protocol: Protocol,
        port: u16,
        unread: &mut Reaches<'a>,
    ) -> bool {
        let Some(group) = self.groups.get(group) else {
            unread.note(self.opening(group));
            return false;
        };
        let subnets = balancer.subnets.iter().filter_map(|id| self.subnets.get(id.as_str()));
        let addresses: Vec<IpNet> =
            subnets.flat_map(|it| &it.cidrs).filter_map(|cidr| cidr.parse().ok()).collect();
        group.ingress.iter().filter(|rule| security_group::is_about(rule, protocol, port)).any(|rule| {
            rule.groups.iter().any(|named| balancer.groups.contains(named))
                || rule.cidrs.iter().filter_map(|cidr| cidr.parse::<IpNet>().ok()).any(|range| {
                    addresses.iter().any(|address| prefixes::common(range, *address).is_some())
                        || balancer.groups.is_empty() && prefixes::is_internet(range)
                })
        })
    }
}

/// A load balancer of either generation.
#[derive(Debug)]
struct Balancer<'a> {
    name: &'a str,
    vpc: Option<&'a str>,
    subnets: &'a [String],
    groups: &'a [String],
}

impl<'a> From<&'a LoadBalancer> for Balancer<'a> {
    fn from(it: &'a LoadBalancer) -> Self {
        Self { name: &it.name, vpc: it.vpc.as_deref(), subnets: &it.subnets, groups: &it.security_groups }
    }
}

impl<'a> From<&'a ClassicLoadBalancer> for Balancer<'a> {
    fn from(it: &'a ClassicLoadBalancer) -> Self {
        Self { name: &it.name, vpc: it.vpc.as_deref(), subnets: &it.subnets, groups: &it.security_groups }
    }
}

/// The listeners of a load balancer that lead to a target group. A group that is in no default action is behind
/// rules, of whichever listener.
fn listened_ports(
    balancer: &LoadBalancer,
    target_group: &TargetGroup,
    reaches: &mut Reaches<'_>,
) -> BTreeSet<(u16, Protocol)> {
    if !balancer.is_internet_facing() {
        return BTreeSet::new();
    }
    let Some(listeners) = reaches.note(balancer.listeners.get()) else { return BTreeSet::new() };
    let by_default = || listeners.iter().filter(|it| it.default_target_groups.contains(&target_group.arn));
    let behind_rules = by_default().next().is_none();
    let leading =
        listeners.iter().filter(|it| behind_rules || it.default_target_groups.contains(&target_group.arn));
    leading
        .flat_map(|listener| {
            let protocols: &[Protocol] = match listener.protocol.as_deref() {
                Some("UDP") => &[Protocol::Udp],
                Some("TCP_UDP") => &[Protocol::Tcp, Protocol::Udp],
                _ => &[Protocol::Tcp],
            };
            listener.port.into_iter().flat_map(|port| protocols.iter().map(move |protocol| (port, *protocol)))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;
    use crate::testing::{denied, empty, read, region, security_groups};

    /// A region with one VPC and one subnet that is open to the internet, and the interface `eni-1` of instance
    /// `i-1` in it with both kinds of addresses and the group `sg-1` that lets in TCP 22; changed by the function.
    fn network(change: impl FnOnce(&mut Value)) -> Region {
        let mut ec2 = json!({
            "vpcs": [{"id": "vpc-1", "is_default": false, "cidrs": ["10.0.0.0/16"], "owner": null, "tags": {}}],
            "subnets": [{"id": "subnet-1", "vpc": "vpc-1", "cidrs": ["10.0.0.0/24"], "map_public_ip_on_launch": false, "tags": {}}],
            "route_tables": [{"id": "rtb-1", "vpc": "vpc-1", "is_main": true, "subnets": [], "tags": {}, "routes": [
                {"destination": "10.0.0.0/16", "target": "local", "state": "active"},
                {"destination": "0.0.0.0/0", "target": "igw-1", "state": "active"},
                {"destination": "::/0", "target": "igw-1", "state": "active"}]}],
            "internet_gateways": [{"id": "igw-1", "vpcs": ["vpc-1"]}],
            "network_acls": [{"id": "acl-1", "vpc": "vpc-1", "is_default": true, "subnets": ["subnet-1"], "tags": {}, "entries": [
                entry(100, false, true, "-1", "0.0.0.0/0", None), entry(101, false, true, "-1", "::/0", None),
                entry(100, true, true, "-1", "0.0.0.0/0", None), entry(101, true, true, "-1", "::/0", None)]}],
            "security_groups": [{"id": "sg-1", "name": "ssh", "vpc": "vpc-1", "egress": [], "tags": {},
                "ingress": [{"protocol": "tcp", "ports": [22, 22], "cidrs": ["0.0.0.0/0", "::/0"]}]}],
            "network_interfaces": [{"id": "eni-1", "kind": "interface", "description": "", "vpc": "vpc-1", "subnet": "subnet-1",
                "security_groups": ["sg-1"], "instance": "i-1", "private_ips": ["10.0.0.4"],
                "public_ips": ["198.51.100.7"], "ipv6_addresses": []}],
        });
        change(&mut ec2);
        let mut account = empty();
        let found = region(&mut account);
        found.ec2.vpcs = read(serde_json::from_value(ec2["vpcs"].take()).unwrap());
        found.ec2.subnets = read(serde_json::from_value(ec2["subnets"].take()).unwrap());
        found.ec2.route_tables = read(serde_json::from_value(ec2["route_tables"].take()).unwrap());
        found.ec2.internet_gateways = read(serde_json::from_value(ec2["internet_gateways"].take()).unwrap());
        found.ec2.network_acls = read(serde_json::from_value(ec2["network_acls"].take()).unwrap());
        found.ec2.security_groups = read(security_groups(ec2["security_groups"].take()));
        found.ec2.network_interfaces =
            read(serde_json::from_value(ec2["network_interfaces"].take()).unwrap());
        found.clone()
    }

    fn entry(
        number: i32,
        egress: bool,
        allow: bool,
        protocol: &str,
        cidr: &str,
        ports: Option<(u16, u16)>,
    ) -> Value {
        json!({"number": number, "egress": egress, "allow": allow, "protocol": protocol, "cidr": cidr, "ports": ports})
    }

    fn reaches(region: &Region) -> Result<Vec<(u16, u16)>, NotJudged> {
        let network = Network::of("eu-west-1", region);
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
        let network = Network::of("eu-west-1", &region);
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
        let with = |mode: &str, exclusion: Option<(&str, &str)>| {
            let mut region = network(|_| ());
            region.ec2.vpc_block_public_access = read(crate::snapshot::ec2::VpcBlockPublicAccess {
                mode: mode.into(),
                exclusions: exclusion
                    .map(|(resource, mode)| crate::snapshot::ec2::VpcBlockPublicAccessExclusion {
                        resource_arn: format!("arn:aws:ec2:eu-west-1:111122223333:{resource}"),
                        mode: mode.into(),
                    })
                    .into_iter()
                    .collect(),
            });
            !reaches(&region).unwrap().is_empty()
        };
        assert!(with("off", None));
        assert!(!with("block-ingress", None) && !with("block-bidirectional", None));
        assert!(with("block-bidirectional", Some(("vpc/vpc-1", "allow-bidirectional"))));
        assert!(with("block-ingress", Some(("subnet/subnet-1", "allow-bidirectional"))));
        assert!(!with("block-ingress", Some(("subnet/subnet-1", "allow-egress"))));
        assert!(!with("block-ingress", Some(("subnet/subnet-2", "allow-bidirectional"))));
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

    /// The region with a load balancer in front of `i-1`, which has no public address.
    fn behind_balancer(change: impl FnOnce(&mut Value, &mut LoadBalancer, &mut TargetGroup)) -> Region {
        let mut balancer = LoadBalancer {
            dns_name: String::new(),
            arn: "arn:lb".into(),
            name: "web".into(),
            kind: "application".into(),
            scheme: "internet-facing".into(),
            vpc: Some("vpc-1".into()),
            subnets: vec!["subnet-1".into()],
            security_groups: vec!["sg-lb".into()],
            listeners: read(vec![crate::snapshot::elb::Listener {
                arn: "arn:listener".into(),
                port: Some(443),
                protocol: Some("HTTPS".into()),
                default_target_groups: vec!["arn:tg".into()],
                ..crate::snapshot::elb::Listener::default()
            }]),
        };
        let mut targets = TargetGroup {
            arn: "arn:tg".into(),
            name: "web".into(),
            target_type: "instance".into(),
            protocol: Some("HTTP".into()),
            load_balancers: vec!["arn:lb".into()],
            targets: read(vec![crate::snapshot::elb::Target { id: "i-1".into(), port: Some(8080) }]),
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
        region
    }

    fn of_instance(region: &Region) -> Vec<(u16, Option<u16>)> {
        let instance: Instance = serde_json::from_value(json!({
            "id": "i-1", "state": "running", "image": null, "key_name": null, "instance_profile": null,
            "metadata_http_tokens": null, "metadata_http_endpoint": null, "public_ip": null, "vpc": null,
            "subnet": null, "security_groups": [], "platform": null, "launched": null, "tags": {}}))
        .unwrap();
        let network = Network::of("eu-west-1", region);
        network.of_instance(&instance).ways.iter().map(|way| (way.ports.0, way.target_port)).collect()
    }

    #[test]
    fn load_balancers_lead_to_their_targets() {
        assert_eq!(of_instance(&behind_balancer(|_, _, _| ())), [(443, Some(8080))]);
        let closed = |change: fn(&mut Value, &mut LoadBalancer, &mut TargetGroup)| {
            of_instance(&behind_balancer(change)).is_empty()
        };
        assert!(closed(|_, balancer, _| balancer.scheme = "internal".into()));
        assert!(closed(|_, _, targets| targets.load_balancers.clear()));
        assert!(closed(|it, _, _| it["security_groups"][0]["ingress"][0]["ports"] = json!([80, 80])));
        assert!(closed(|it, _, _| it["security_groups"][1]["ingress"][0]["cidrs"] = json!(["10.0.0.0/8"])));
        assert!(closed(|it, _, _| it["route_tables"][0]["routes"][1]["target"] = "nat-1".into()));
        assert!(closed(|_, _, targets| targets.targets = read(vec![])));
        // By address, and behind a rule rather than the default action.
        let by_address = behind_balancer(|_, balancer, targets| {
            targets.targets =
                read(vec![crate::snapshot::elb::Target { id: "10.0.0.4".into(), port: Some(8080) }]);
            if let crate::gap::Collected::Value(listeners) = &mut balancer.listeners {
                listeners[0].default_target_groups.clear();
            }
        });
        assert_eq!(of_instance(&by_address).len(), 1);
        // A Network Load Balancer without groups: the target's group alone decides.
        let plain = behind_balancer(|it, balancer, _| {
            balancer.security_groups.clear();
            it["security_groups"][0]["ingress"][0]["cidrs"] = json!(["0.0.0.0/0"]);
        });
        assert_eq!(of_instance(&plain).len(), 1);
    }

    #[test]
    fn classic_load_balancers_too() {
        let mut region = behind_balancer(|_, _, _| ());
        region.elb.load_balancers = read(vec![]);
        region.elb.classic_load_balancers = read(vec![ClassicLoadBalancer {
            dns_name: String::new(),
            name: "old".into(),
            scheme: "internet-facing".into(),
            vpc: Some("vpc-1".into()),
            subnets: vec!["subnet-1".into()],
            security_groups: vec!["sg-lb".into()],
            listeners: vec![crate::snapshot::elb::ClassicListener {
                protocol: "TCP".into(),
                port: 443,
                instance_port: 8080,
            }],
            instances: vec!["i-1".into()],
        }]);
        assert_eq!(of_instance(&region), [(443, Some(8080))]);
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
            let network = Network::of("eu-west-1", &region);
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
