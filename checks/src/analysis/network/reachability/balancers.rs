//! Ways through load balancers: which of their ports the internet reaches, where they send packets on to, and with
//! whose address.
//!
//! A Network Load Balancer may keep the addresses of clients: then the target's own group and network ACL decide about
//! those. All others send from addresses of their subnets (Elastic Load Balancing, "Edit target group attributes for
//! your Network Load Balancer").

use std::collections::{BTreeSet, HashMap};

use ipnet::IpNet;

use super::{EPHEMERAL, Network, Reach, Reaches};
use crate::{
    analysis::network::{
        Protocol, anywhere,
        prefixes::{self, Prefixes, common},
        ranges::{Lists, Written},
        security_group::{self, Opening},
    },
    gap::{Gaps, NotJudged},
    snapshot::{
        ec2::{NetworkInterface, op},
        elb::{ClassicLoadBalancer, Elb, LoadBalancer, Target, TargetGroup},
    },
};

/// The load balancers of a region, by what they send traffic to.
#[derive(Debug, Default)]
pub(super) struct Balancers<'a> {
    by_arn: HashMap<&'a str, &'a LoadBalancer>,
    /// Targets that get traffic, by their id: an instance's, an address or a load balancer's ARN.
    targets: HashMap<&'a str, Vec<(&'a TargetGroup, &'a Target)>>,
    classic: HashMap<&'a str, Vec<&'a ClassicLoadBalancer>>,
    unread: Gaps,
}

impl<'a> Balancers<'a> {
    pub(super) fn of(elb: &'a Elb) -> Self {
        let mut gaps = Gaps::default();
        let mut all = Self::default();
        let balancers = gaps.known(elb.load_balancers.get()).map_or(&[][..], Vec::as_slice);
        all.by_arn.extend(balancers.iter().map(|balancer| (balancer.arn.as_str(), balancer)));
        let groups = gaps.known(elb.target_groups.get()).map_or(&[][..], Vec::as_slice);
        for group in groups.iter().filter(|group| !group.load_balancers.is_empty()) {
            let targets = gaps.known(group.targets.get()).map_or(&[][..], Vec::as_slice);
            for target in targets.iter().filter(|target| gets_traffic(target, targets)) {
                all.targets.entry(&target.id).or_default().push((group, target));
            }
        }
        let classic = gaps.known(elb.classic_load_balancers.get()).map_or(&[][..], Vec::as_slice);
        for balancer in classic {
            for instance in &balancer.instances {
                all.classic.entry(instance).or_default().push(balancer);
            }
        }
        all.unread = gaps;
        all
    }

    fn targets(&self, id: &str) -> &[(&'a TargetGroup, &'a Target)] {
        self.targets.get(id).map_or(&[], Vec::as_slice)
    }

    fn leading_to(&self, group: &'a TargetGroup) -> impl Iterator<Item = &'a LoadBalancer> {
        group.load_balancers.iter().filter_map(|arn| self.by_arn.get(arn.as_str()).copied())
    }

    /// Whether anything from the internet may arrive there: its name resolves to public addresses, or it stands
    /// behind another load balancer.
    fn is_reachable(&self, balancer: &LoadBalancer) -> bool {
        balancer.is_internet_facing() || !self.targets(&balancer.arn).is_empty()
    }
}

/// Whether a registered target gets new connections. One that leaves or cannot be used gets none, an unhealthy one only
/// where no other is healthy: then load balancers send to all ("fail open"; Elastic Load Balancing, "Health checks for
/// your target groups").
fn gets_traffic(target: &Target, group: &[Target]) -> bool {
    match target.health.as_str() {
        "draining" | "unused" => false,
        "unhealthy" | "unhealthy.draining" => !group.iter().any(|other| other.health == "healthy"),
        _ => true,
    }
}

/// A load balancer of either generation.
#[derive(Clone, Copy, Debug)]
struct Balancer<'a> {
    name: &'a str,
    vpc: Option<&'a str>,
    subnets: &'a [String],
    groups: &'a [String],
    is_internet_facing: bool,
    /// It has public IPv4 addresses, IPv6 addresses.
    families: [bool; 2],
}

impl<'a> From<&'a LoadBalancer> for Balancer<'a> {
    fn from(it: &'a LoadBalancer) -> Self {
        let kind = it.ip_address_type.as_str();
        Self {
            name: &it.name,
            vpc: it.vpc.as_deref(),
            subnets: &it.subnets,
            groups: &it.security_groups,
            is_internet_facing: it.is_internet_facing(),
            families: [kind != "dualstack-without-public-ipv4", kind.starts_with("dualstack")],
        }
    }
}

impl<'a> From<&'a ClassicLoadBalancer> for Balancer<'a> {
    fn from(it: &'a ClassicLoadBalancer) -> Self {
        Self {
            name: &it.name,
            vpc: it.vpc.as_deref(),
            subnets: &it.subnets,
            groups: &it.security_groups,
            is_internet_facing: it.scheme == "internet-facing",
            families: [true, false],
        }
    }
}

/// What of the internet arrives at a load balancer's port, by the subnet where it does.
#[derive(Debug, Default)]
struct Arrivals<'a> {
    in_subnets: Vec<(&'a str, Vec<Reach<'a>>)>,
    unread: Gaps,
}

/// Where packets go behind a load balancer: the security groups and the subnet of a target.
#[derive(Clone, Copy, Debug)]
struct Spot<'a> {
    groups: &'a [String],
    subnet: &'a str,
}

/// How packets go there.
#[derive(Clone, Copy, Debug)]
struct Hop {
    protocol: Protocol,
    port: u16,
    /// To an IPv6 address.
    is_v6: bool,
    /// With the address of the client, as far as that is of the same family.
    keeps_clients: bool,
}

/// What the groups of a target let in of that.
#[derive(Debug, Default)]
struct Admission<'a> {
    /// By the load balancer's group or addresses: whoever came that far.
    everybody: bool,
    /// Where clients' addresses are kept: these.
    sources: Prefixes,
    by: Option<(&'a str, Opening<'a>)>,
    unread: Gaps,
}

impl<'a> Network<'a> {
    /// The ways to an instance through load balancers that have it as target.
    pub(super) fn through_balancers(
        &self,
        instance: &str,
        interfaces: &[&'a NetworkInterface],
    ) -> Reaches<'a> {
        let mut reaches = Reaches::default();
        // Behind a group that lets in nobody no load balancer matters, whatever could not be read of them.
        let mut groups = interfaces.iter().flat_map(|interface| &interface.security_groups);
        if groups.all(|id| self.groups.get(id.as_str()).is_some_and(|it| it.ingress.is_empty())) {
            return reaches;
        }
        let balancers = self.balancers.get_or_init(|| Balancers::of(&self.region.elb));
        reaches.note(balancers.unread.clone().unless(false));
        let spot =
            |it: &&'a NetworkInterface| Spot { groups: it.security_groups.as_slice(), subnet: &it.subnet };
        let all: Vec<_> = interfaces.iter().map(spot).collect();
        let by_id = balancers.targets(instance).iter().map(|target| (target, all.as_slice()));
        let by_address = interfaces.iter().zip(&all).flat_map(|(interface, spot)| {
            let addresses = interface.private_ips.iter().chain(&interface.ipv6_addresses);
            let targets = addresses.flat_map(|address| balancers.targets(address));
            targets.map(move |target| (target, std::slice::from_ref(spot)))
        });
        for ((group, target), spots) in by_id.chain(by_address) {
            let Some(port) = target.port else { continue };
            for balancer in balancers.leading_to(group).filter(|it| balancers.is_reachable(it)) {
                let keeps_clients = self.keeps_clients(balancer, group);
                for (listened, protocol) in
                    reaches.note(listened_ports(balancer, group)).into_iter().flatten()
                {
                    let arrivals = || self.arrivals(balancers, balancer, listened, protocol);
                    let hop = |keeps_clients| Hop { protocol, port, is_v6: is_v6(group), keeps_clients };
                    let onward = |keeps| self.onward(Balancer::from(balancer), arrivals, spots, hop(keeps));
                    reaches.add(match &keeps_clients {
                        Ok(keeps) => onward(*keeps),
                        Err(why) => either_way(onward(true), onward(false), why),
                    });
                }
            }
        }
        for balancer in balancers.classic.get(instance).into_iter().flatten() {
            let from = Balancer::from(*balancer);
            for listener in balancer.listeners.iter().filter(|_| from.is_internet_facing) {
                let (protocol, port) = (Protocol::Tcp, listener.instance_port);
                let hop = Hop { protocol, port, is_v6: false, keeps_clients: false };
                let arrivals = || self.arrivals_from_internet(from, listener.port, protocol);
                reaches.add(self.onward(from, arrivals, &all, hop));
            }
        }
        reaches
    }

    /// The ways to load balancers that call a function, by its ARN.
    pub fn of_function(&self, function: &str) -> Reaches<'a> {
        let mut reaches = Reaches::default();
        let balancers = self.balancers.get_or_init(|| Balancers::of(&self.region.elb));
        reaches.note(balancers.unread.clone().unless(false));
        let targets = balancers.targets(function).iter().filter(|(group, _)| group.target_type == "lambda");
        for (group, _) in targets {
            for balancer in balancers.leading_to(group).filter(|it| balancers.is_reachable(it)) {
                for (port, protocol) in reaches.note(listened_ports(balancer, group)).into_iter().flatten() {
                    let arrivals = self.arrivals(balancers, balancer, port, protocol);
                    // Of each address family the first way will do, as the function is in no subnet.
                    let ways = arrivals.in_subnets.into_iter().flat_map(|(_, ways)| ways);
                    reaches.ways.extend(ways.map(|way| Reach { through: &balancer.name, ..way }));
                    reaches.note(arrivals.unread.unless(false));
                }
            }
        }
        reaches
    }

    /// Whether targets see the addresses of clients.
    fn keeps_clients(&self, balancer: &LoadBalancer, group: &TargetGroup) -> Result<bool, NotJudged> {
        if balancer.kind != "network" {
            return Ok(false);
        }
        let of_instances = match group.target_type.as_str() {
            "alb" => return Ok(true),
            kind => kind == "instance",
        };
        // For other protocols it cannot be switched off.
        if !matches!(group.protocol.as_deref(), Some("TCP" | "TLS")) {
            return Ok(true);
        }
        let attributes = self.region.elb.target_group_attributes.of(&group.arn)?;
        Ok(attributes.preserve_client_ip.unwrap_or(of_instances))
    }

    /// What of the internet arrives at a load balancer's port: by itself, and through Network Load Balancers that an
    /// Application Load Balancer stands behind.
    fn arrivals(
        &self,
        balancers: &Balancers<'a>,
        balancer: &'a LoadBalancer,
        port: u16,
        protocol: Protocol,
    ) -> Arrivals<'a> {
        let mut arrivals = self.arrivals_from_internet(Balancer::from(balancer), port, protocol);
        let outer = balancers.targets(&balancer.arn).iter().filter(|(group, target)| {
            group.target_type == "alb" && target.port == Some(port) && balancer.kind == "application"
        });
        for (group, _) in outer {
            for outer in balancers.leading_to(group).filter(|it| it.kind == "network") {
                for (listened, protocol) in
                    arrivals.unread.known(listened_ports(outer, group)).into_iter().flatten()
                {
                    for subnet in &balancer.subnets {
                        let from = Balancer::from(outer);
                        let spot = Spot { groups: &balancer.security_groups, subnet };
                        let hop = Hop { protocol, port, is_v6: is_v6(group), keeps_clients: true };
                        let first = || self.arrivals_from_internet(from, listened, protocol);
                        let passed = self.onward(from, first, &[spot], hop);
                        arrivals.unread.known(passed.unread.map_or(Ok(()), Err));
                        arrivals.in_subnets.push((subnet, passed.ways));
                    }
                }
            }
        }
        arrivals
    }

    /// What of the internet arrives at a port of a load balancer with public addresses.
    fn arrivals_from_internet(&self, balancer: Balancer<'a>, port: u16, protocol: Protocol) -> Arrivals<'a> {
        let mut arrivals = Arrivals::default();
        let Some(vpc) = balancer.vpc.filter(|_| balancer.is_internet_facing) else { return arrivals };
        for subnet in balancer.subnets {
            let mut found = Reaches::default();
            if balancer.groups.is_empty() {
                // A Network Load Balancer without groups takes what comes.
                for (source, _) in anywhere().into_iter().zip(balancer.families).filter(|(_, has)| *has) {
                    let ways = self.way(balancer.name, vpc, subnet, protocol, &(port..=port), source);
                    let ways = found.note(ways);
                    found.ways.extend(ways.into_iter().flatten());
                }
            } else {
                let ways = self.of_groups(balancer.name, balancer.groups, vpc, subnet, balancer.families);
                found = ways.filter(|way| way.meets(protocol, &(port..=port)));
            }
            let ways = found.ways.into_iter().map(|way| Reach { ports: (port, port), ..way });
            arrivals.in_subnets.push((subnet, ways.collect()));
            arrivals.unread.known(found.unread.map_or(Ok(()), Err));
        }
        arrivals
    }

    /// What goes on from a load balancer to one of these spots. Of each address family the first way will do: a load
    /// balancer has a subnet for each zone.
    fn onward(
        &self,
        from: Balancer<'a>,
        arrivals: impl Fn() -> Arrivals<'a>,
        spots: &[Spot<'a>],
        hop: Hop,
    ) -> Reaches<'a> {
        let mut reaches = Reaches::default();
        let mut found = [false; 2];
        let mut arrived = None;
        for spot in spots {
            // Clients of the other address family are seen with the address of the load balancer.
            let by_client = hop.keeps_clients.then(|| self.admission(from, *spot, hop));
            let all_kept = hop.keeps_clients && !from.families[usize::from(!hop.is_v6)];
            let by_balancer =
                (!all_kept).then(|| self.admission(from, *spot, Hop { keeps_clients: false, ..hop }));
            // What nobody lets in needs no way: so that it does not matter whether that could be read.
            let mut lets_in = false;
            for admission in by_client.iter().chain(&by_balancer) {
                lets_in |= admission.everybody || admission.sources.iter().any(prefixes::is_internet);
                reaches.note(admission.unread.clone().unless(false));
            }
            if !lets_in {
                continue;
            }
            let arrived = arrived.get_or_insert_with(&arrivals);
            reaches.note(arrived.unread.clone().unless(false));
            for (subnet, ways) in &arrived.in_subnets {
                let before = found;
                for way in ways {
                    let is_v6 = matches!(way.sources.first(), Some(IpNet::V6(_)));
                    if before[usize::from(is_v6)] {
                        continue;
                    }
                    let kept = by_client.as_ref().filter(|_| is_v6 == hop.is_v6);
                    let Some(admission) = kept.or(by_balancer.as_ref()) else { continue };
                    let passed = self.passed(way, subnet, *spot, hop, (admission, kept.is_some()));
                    if let Some(way) = reaches.note(passed).flatten() {
                        found[usize::from(is_v6)] = true;
                        reaches.ways.push(way);
                    }
                }
            }
        }
        reaches
    }

    /// What the groups of a target let in.
    fn admission(&self, from: Balancer<'a>, spot: Spot<'a>, hop: Hop) -> Admission<'a> {
        let mut found = Admission::default();
        let lists = Lists::new(&self.region.ec2.prefix_lists, self.name);
        let subnets = from.subnets.iter();
        let addresses: Vec<_> = subnets.flat_map(|subnet| self.addresses(subnet, hop.is_v6)).collect();
        for id in spot.groups {
            let Some(group) = self.groups.get(id.as_str()).copied() else {
                found.unread.known(self.opening(id));
                continue;
            };
            let about = |rule: &&_| security_group::is_about(rule, hop.protocol, hop.port);
            for rule in group.ingress.iter().filter(about) {
                found.everybody |= rule.groups.iter().any(|named| from.groups.contains(named));
                for (written, ranges) in lists.of_rule(rule, group) {
                    for range in found.unread.known(ranges).into_iter().flatten() {
                        if hop.keeps_clients {
                            found.sources.insert(range);
                            let list = match written {
                                Written::Here(_) => None,
                                Written::List(list) => Some(list),
                            };
                            if found.by.is_none() && prefixes::is_internet(range) {
                                found.by = Some((id, Opening::new(rule, range, list)));
                            }
                        } else {
                            found.everybody |= addresses.iter().any(|it| common(range, *it).is_some());
                        }
                    }
                }
            }
        }
        found
    }

    /// What of a way gets from a subnet of the load balancer to a target: what its groups and, between two subnets, the
    /// network ACLs of both let through.
    fn passed(
        &self,
        way: &Reach<'a>,
        subnet: &str,
        spot: Spot<'a>,
        hop: Hop,
        (admission, keeps_clients): (&Admission<'a>, bool),
    ) -> Result<Option<Reach<'a>>, NotJudged> {
        let mut sources: Prefixes = way.sources.iter().copied().collect();
        if !admission.everybody {
            sources = sources.intersection(&admission.sources);
        }
        if subnet != spot.subnet && sources.iter().next().is_some() {
            let port = hop.port..=hop.port;
            let targets: Prefixes = self.known_addresses(spot.subnet, hop.is_v6)?;
            let (_, near) = self.gate(subnet, hop.protocol)?;
            let leaves =
                targets.intersection(&near.outbound_on(&port)).intersection(&near.inbound_on(&EPHEMERAL));
            if leaves.iter().next().is_none() {
                return Ok(None);
            }
            let (_, far) = self.gate(spot.subnet, hop.protocol)?;
            let enters = far.inbound_on(&port).intersection(&far.answers);
            if keeps_clients {
                sources = sources.intersection(&enters);
            } else if self.known_addresses(subnet, hop.is_v6)?.intersection(&enters).iter().next().is_none() {
                return Ok(None);
            }
        }
        let sources: Vec<_> = sources.iter().filter(|range| prefixes::is_internet(*range)).collect();
        if sources.is_empty() {
            return Ok(None);
        }
        let mut way = Reach { sources, target_port: Some(hop.port), ..way.clone() };
        if let (None, Some((group, rule))) = (way.security_group, &admission.by) {
            way.security_group = Some(group);
            way.rule = Some(rule.clone());
        }
        Ok(Some(way))
    }

    /// The ranges of a subnet, of one family.
    fn addresses(&self, subnet: &str, is_v6: bool) -> impl Iterator<Item = IpNet> {
        let cidrs = self.subnets.get(subnet).into_iter().flat_map(|subnet| &subnet.cidrs);
        let ranges = cidrs.filter_map(|cidr| cidr.parse().ok());
        ranges.filter(move |range| matches!(range, IpNet::V6(_)) == is_v6)
    }

    fn known_addresses(&self, subnet: &str, is_v6: bool) -> Result<Prefixes, NotJudged> {
        self.region.ec2.subnets.get()?;
        if !self.subnets.contains_key(subnet) {
            return Err(self.unlisted(op::DescribeSubnets, subnet));
        }
        Ok(self.addresses(subnet, is_v6).collect())
    }
}

/// What is true whether clients' addresses are kept or not; where that decides, it is not known.
fn either_way<'a>(kept: Reaches<'a>, not_kept: Reaches<'a>, why: &NotJudged) -> Reaches<'a> {
    match (kept.ways.is_empty(), not_kept.ways.is_empty()) {
        (false, false) => kept,
        (true, true) => {
            let mut neither = kept;
            neither.add(not_kept);
            neither
        }
        _ => Reaches { ways: Vec::new(), unread: Some(why.clone()) },
    }
}

fn is_v6(group: &TargetGroup) -> bool {
    group.ip_address_type == "ipv6"
}

/// The listeners of a load balancer that lead to a target group. A group that is in no default action is behind
/// rules, of whichever listener.
fn listened_ports(
    balancer: &LoadBalancer,
    target_group: &TargetGroup,
) -> Result<BTreeSet<(u16, Protocol)>, NotJudged> {
    let listeners = balancer.listeners.get()?;
    let by_default = || listeners.iter().filter(|it| it.default_target_groups.contains(&target_group.arn));
    let behind_rules = by_default().next().is_none();
    let leading =
        listeners.iter().filter(|it| behind_rules || it.default_target_groups.contains(&target_group.arn));
    let ports = leading.flat_map(|listener| {
        let protocols: &[Protocol] = match listener.protocol.as_deref() {
            Some("UDP" | "QUIC") => &[Protocol::Udp],
            Some("TCP_UDP" | "TCP_QUIC") => &[Protocol::Tcp, Protocol::Udp],
            _ => &[Protocol::Tcp],
        };
        listener.port.into_iter().flat_map(|port| protocols.iter().map(move |protocol| (port, *protocol)))
    });
    Ok(ports.collect())
}

#[cfg(test)]
mod tests;
