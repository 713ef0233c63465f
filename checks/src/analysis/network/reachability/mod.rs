//! Which ports of what the internet reaches, and along which path: public address, route to an internet gateway,
//! VPC block public access, network ACL in both directions, security group. Load balancers count as a way.
//!
//! Sets of addresses and ports are exact. "The internet" is what [`prefixes::is_internet`] says of the addresses
//! that get through all of these.

mod balancers;
pub mod inside;
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
    gap::{self, Gap, Gaps, NotJudged},
    snapshot::{
        Region,
        ec2::{Instance, NetworkAcl, NetworkInterface, RouteTable, SecurityGroup, Subnet, op},
    },
    source::Operation,
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
        self.note(other.unread.map_or(Ok(()), Err));
    }

    /// The value; none where it could not be read, which is noted, or where there is nothing to read.
    fn note<T>(&mut self, result: Result<T, NotJudged>) -> Option<T> {
        let mut gaps = Gaps::default();
        gaps.known(self.unread.take().map_or(Ok(()), Err));
        let value = gaps.known(result);
        self.unread = gaps.unless(false).err();
        value
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

    /// The interfaces of an instance.
    pub fn interfaces_of(&self, instance: &str) -> impl Iterator<Item = &'a NetworkInterface> {
        self.interfaces_of.get(instance).into_iter().flatten().copied()
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
                if !unread.is_empty() && self.way_exists(vpc, subnet, v4, v6) != Ok(false) {
                    reaches.note(unread.unless(false));
                }
            }
        }
        reaches
    }

    fn way_exists(&self, vpc: &str, subnet: &str, v4: bool, v6: bool) -> Result<bool, NotJudged> {
        let any = |is_v6| self.exits(vpc, subnet, is_v6).map(|exits| !exits.is_empty());
        let families = [(v4, false), (v6, true)].into_iter().filter(|(has, _)| *has);
        gap::all([
            self.is_blocked(vpc, subnet).map(|blocked| !blocked),
            gap::any(families.map(|(_, is_v6)| any(is_v6))),
        ])
    }

    /// What the internet may use of a security group.
    ///
    /// # Errors
    /// When the groups could not be read, or that one is not among them.
    pub fn opening(&self, group: &str) -> Result<&InternetIngress<'a>, NotJudged> {
        let (Some(cell), Some(found)) = (self.openings.get(group), self.groups.get(group)) else {
            self.region.ec2.security_groups.get()?;
            return Err(self.unlisted(op::DescribeSecurityGroups, group));
        };
        Ok(cell.get_or_init(|| InternetIngress::of(found, &self.region.ec2.prefix_lists, self.name)))
    }

    fn unlisted(&self, operation: &'static Operation, id: &str) -> NotJudged {
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
        let is_blocked = self.is_blocked(vpc, subnet);
        let exits = self.exits(vpc, subnet, matches!(source, IpNet::V6(_)));
        if is_blocked == Ok(true) || exits.as_ref().is_ok_and(|exits| exits.is_empty()) {
            return Ok(Vec::new());
        }
        let mut gaps = Gaps::default();
        let gate = self.gate(subnet, protocol);
        let (Some(_), Some(exits), Some((acl, gate))) =
            (gaps.known(is_blocked), gaps.known(exits), gaps.known(gate))
        else {
            return gaps.unless(false).map(|()| Vec::new());
        };
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
        // Not every region has the feature.
        let Some(settings) = self.region.ec2.vpc_block_public_access.offered()? else { return Ok(false) };
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
            return Err(self.unlisted(op::DescribeSubnets, subnet));
        };
        let cell = &cells[usize::from(is_v6)];
        if let Some(exits) = cell.get() {
            return Ok(exits);
        }
        let table = self.tables.get(subnet).or_else(|| self.main_tables.get(vpc));
        let table = *table.ok_or_else(|| self.unlisted(op::DescribeRouteTables, subnet))?;
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
        let acl = *self.acls.get(subnet).ok_or_else(|| self.unlisted(op::DescribeNetworkAcls, subnet))?;
        let cells = self.gates.get(acl.id.as_str());
        let cells = cells.ok_or_else(|| self.unlisted(op::DescribeNetworkAcls, &acl.id))?;
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
mod tests;
