//! What the rules of a network ACL, in their order, let through.

use std::ops::RangeInclusive;

use ipnet::IpNet;

use super::{
    Protocol, is_every_protocol, parse,
    prefixes::{Prefixes, common, is_internet, subtract},
};
use crate::{
    gap::NotJudged,
    snapshot::ec2::{NetworkAcl, NetworkAclEntry, op},
};

/// The rules of a network ACL that are about one direction and protocol, lowest number first.
#[derive(Clone, Debug)]
pub struct Rules<'a>(Vec<(IpNet, &'a NetworkAclEntry)>);

/// How the internet gets through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InternetReach<'a> {
    /// Ranges that get through to every port in question and are the internet.
    pub sources: Vec<IpNet>,
    /// The rules that let them.
    pub entries: Vec<&'a NetworkAclEntry>,
}

impl<'a> Rules<'a> {
    /// Reads the inbound rules about TCP.
    ///
    /// # Errors
    /// When a rule's range cannot be understood.
    pub fn inbound(acl: &'a NetworkAcl, region: &str) -> Result<Self, NotJudged> {
        Self::of(acl, region, false, Protocol::Tcp)
    }

    /// Reads the rules.
    ///
    /// # Errors
    /// When a rule's range cannot be understood.
    pub fn of(
        acl: &'a NetworkAcl,
        region: &str,
        egress: bool,
        protocol: Protocol,
    ) -> Result<Self, NotJudged> {
        let about = |entry: &&NetworkAclEntry| entry.egress == egress && protocol.is_in(&entry.protocol);
        let mut entries = acl
            .entries
            .iter()
            .filter(about)
            .map(|entry| Ok((parse(&entry.cidr, op::DescribeNetworkAcls, region, &acl.id)?, entry)))
            .collect::<Result<Vec<_>, NotJudged>>()?;
        entries.sort_by_key(|(_, entry)| entry.number);
        Ok(Self(entries))
    }

    /// The ports, in stretches that all rules treat alike, with the addresses that get through on them.
    #[must_use]
    pub fn stretches(&self, ports: &RangeInclusive<u16>) -> Vec<(RangeInclusive<u16>, Prefixes)> {
        let starts: Vec<_> = self.samples(ports).collect();
        let lasts = starts.iter().skip(1).map(|next| next - 1).chain([*ports.end()]);
        let stretches =
            starts.iter().zip(lasts).map(|(first, last)| (*first..=last, self.sources_of(*first)));
        stretches.filter(|(_, sources)| sources.iter().next().is_some()).collect()
    }

    /// How the internet reaches every one of these TCP ports, from the same addresses; none if it doesn't.
    #[must_use]
    pub fn internet_reach(&self, ports: &RangeInclusive<u16>) -> Option<InternetReach<'a>> {
        let sources: Vec<_> = self.sources(ports).iter().filter(|range| is_internet(*range)).collect();
        if sources.is_empty() {
            return None;
        }
        let decides = |at: usize| {
            self.samples(ports).any(|port| {
                sources.iter().any(|source| {
                    let earlier = self.0[..at].iter().filter(|(_, entry)| has(entry, port));
                    let (range, entry) = &self.0[at];
                    entry.allow
                        && has(entry, port)
                        && subtract(*source, earlier.map(|(range, _)| range))
                            .into_iter()
                            .any(|left| common(left, *range).is_some())
                })
            })
        };
        let entries = (0..self.0.len()).filter(|&at| decides(at)).map(|at| self.0[at].1).collect();
        Some(InternetReach { sources, entries })
    }

    /// The addresses that reach every one of these ports.
    fn sources(&self, ports: &RangeInclusive<u16>) -> Prefixes {
        let of_each = self.samples(ports).map(|port| self.sources_of(port));
        of_each.reduce(|all, some| all.intersection(&some)).unwrap_or_default()
    }

    /// The addresses that reach a port: what rules allow, less what earlier rules deny. (What an earlier
    /// rule allows gets through all the same.)
    fn sources_of(&self, port: u16) -> Prefixes {
        let mut denied = Vec::new();
        let mut reached = Prefixes::default();
        for (range, entry) in self.0.iter().filter(|(_, entry)| has(entry, port)) {
            if entry.allow {
                subtract(*range, &denied).into_iter().for_each(|part| reached.insert(part));
            } else {
                denied.push(*range);
            }
        }
        reached
    }

    /// One port of each stretch of ports that all rules treat alike.
    fn samples(&self, ports: &RangeInclusive<u16>) -> impl Iterator<Item = u16> {
        let edges = self.0.iter().filter_map(|(_, entry)| ports_of(entry));
        let edges = edges.flat_map(|(first, last)| [Some(first), last.checked_add(1)]).flatten();
        let mut starts: Vec<_> = edges.chain([*ports.start()]).filter(|port| ports.contains(port)).collect();
        starts.sort_unstable();
        starts.dedup();
        starts.into_iter()
    }
}

/// The deny rules that never take effect, each with the first rule that lets packets of it through: earlier rules allow
/// every packet that one is about. (A deny whose packets are all denied before that is needless, and harmless.)
///
/// # Errors
/// When a rule's range cannot be understood.
pub fn shadowed_denies<'a>(
    acl: &'a NetworkAcl,
    region: &str,
) -> Result<Vec<(&'a NetworkAclEntry, &'a NetworkAclEntry)>, NotJudged> {
    let mut shadowed = Vec::new();
    for egress in [false, true] {
        let mut entries = acl
            .entries
            .iter()
            .filter(|entry| entry.egress == egress)
            .map(|entry| Ok((parse(&entry.cidr, op::DescribeNetworkAcls, region, &acl.id)?, entry)))
            .collect::<Result<Vec<_>, NotJudged>>()?;
        entries.sort_by_key(|(_, entry)| entry.number);
        for (at, (range, deny)) in entries.iter().enumerate().filter(|(_, (_, entry))| !entry.allow) {
            let earlier = entries[..at].iter().filter(|(_, entry)| is_about(entry, deny));
            let earlier: Vec<_> = earlier.filter(|(decided, _)| common(*decided, *range).is_some()).collect();
            shadowed.extend(allowed_before(&earlier, *range, deny).map(|allow| (*deny, allow)));
        }
    }
    Ok(shadowed)
}

/// Whether the rule is about every protocol that the other is about.
fn is_about(rule: &NetworkAclEntry, other: &NetworkAclEntry) -> bool {
    is_every_protocol(&rule.protocol) || number_of(&rule.protocol) == number_of(&other.protocol)
}

/// The number of a protocol that rules may also name.
fn number_of(protocol: &str) -> &str {
    match protocol {
        "icmp" => "1",
        "tcp" => "6",
        "udp" => "17",
        "icmpv6" => "58",
        number => number,
    }
}

/// The first of the rules that lets a packet through that the deny is about, if those that allow are together about
/// all of them: on each stretch of ports that they all treat alike, they leave nothing of the range.
fn allowed_before<'a>(
    rules: &[&(IpNet, &'a NetworkAclEntry)],
    range: IpNet,
    deny: &NetworkAclEntry,
) -> Option<&'a NetworkAclEntry> {
    let (first, last) = ports_of(deny).unwrap_or((0, u16::MAX));
    let edges = rules.iter().filter_map(|(_, entry)| ports_of(entry));
    let edges = edges.flat_map(|(first, last)| [Some(first), last.checked_add(1)]).flatten();
    let mut allow: Option<&NetworkAclEntry> = None;
    for port in edges.chain([first]).filter(|port| (first..=last).contains(port)) {
        let (mut not_allowed, mut undecided) = (vec![range], vec![range]);
        for (about, entry) in rules.iter().filter(|(_, entry)| has(entry, port)) {
            if entry.allow {
                if undecided.iter().any(|part| common(*part, *about).is_some()) {
                    allow = allow.filter(|allow| allow.number < entry.number).or(Some(entry));
                }
                not_allowed = without(not_allowed, about);
            }
            undecided = without(undecided, about);
        }
        if !not_allowed.is_empty() {
            return None;
        }
    }
    allow
}

fn without(ranges: Vec<IpNet>, taken: &IpNet) -> Vec<IpNet> {
    ranges.into_iter().flat_map(|range| subtract(range, [taken])).collect()
}

/// The ports that a rule is about; none for all. Types and codes of ICMP are counted as one number, so that they are
/// stretches like ports.
fn ports_of(entry: &NetworkAclEntry) -> Option<(u16, u16)> {
    match number_of(&entry.protocol) {
        "-1" => None,
        "1" | "58" => {
            let (kind, code) = entry.icmp?;
            let kind = u16::from(u8::try_from(kind).ok()?) << 8;
            Some(u8::try_from(code).map_or((kind, kind | 0xff), |code| {
                let one = kind | u16::from(code);
                (one, one)
            }))
        }
        _ => entry.ports,
    }
}

fn has(entry: &NetworkAclEntry, port: u16) -> bool {
    ports_of(entry).is_none_or(|(first, last)| (first..=last).contains(&port))
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

    use ipnet::{Ipv4Net, Ipv6Net};
    use proptest::prelude::*;

    use super::{super::ports::EVERY_PORT, *};

    const SSH: RangeInclusive<u16> = 22..=22;

    fn entry(
        number: i32,
        allow: bool,
        protocol: &str,
        cidr: &str,
        ports: Option<(u16, u16)>,
    ) -> NetworkAclEntry {
        let (protocol, cidr) = (protocol.into(), cidr.into());
        NetworkAclEntry { number, egress: false, allow, protocol, cidr, ports, icmp: None }
    }

    fn acl(entries: Vec<NetworkAclEntry>) -> NetworkAcl {
        NetworkAcl {
            id: "acl-1".into(),
            vpc: "vpc-1".into(),
            is_default: false,
            subnets: vec!["subnet-1".into()],
            entries,
            ..NetworkAcl::default()
        }
    }

    /// Numbers of the rules by which the internet reaches the ports.
    fn through(ports: &RangeInclusive<u16>, entries: Vec<NetworkAclEntry>) -> Vec<i32> {
        let acl = acl(entries);
        let reach = Rules::inbound(&acl, "eu-west-1").unwrap().internet_reach(ports);
        reach.map(|reach| reach.entries.iter().map(|entry| entry.number).collect()).unwrap_or_default()
    }

    #[test]
    fn the_lowest_number_wins() {
        let allow = |number| entry(number, true, "6", "0.0.0.0/0", Some((22, 22)));
        let deny = |number| entry(number, false, "-1", "0.0.0.0/0", None);
        assert_eq!(through(&SSH, vec![deny(200), allow(100)]), [100]);
        assert_eq!(through(&SSH, vec![allow(200), deny(100)]), [0; 0]);
    }

    #[test]
    fn a_deny_counts_only_as_far_as_it_reaches() {
        let allow = || entry(100, true, "-1", "0.0.0.0/0", None);
        for (blocked, deny) in [
            (true, entry(90, false, "6", "0.0.0.0/0", Some((22, 22)))),
            (true, entry(90, false, "6", "0.0.0.0/0", Some((0, 1023)))),
            (false, entry(90, false, "6", "0.0.0.0/0", Some((23, 1023)))),
            (false, entry(90, false, "17", "0.0.0.0/0", Some((22, 22)))),
            (false, entry(90, false, "6", "198.51.100.0/24", Some((22, 22)))),
            (false, entry(90, false, "6", "::/0", Some((22, 22)))),
            (false, NetworkAclEntry { egress: true, ..entry(90, false, "-1", "0.0.0.0/0", None) }),
        ] {
            assert_eq!(through(&SSH, vec![deny.clone(), allow()]).is_empty(), blocked, "{deny:?}");
        }
    }

    #[test]
    fn two_halves_denied_are_all_denied() {
        let deny = |number, cidr| entry(number, false, "-1", cidr, None);
        let allow = || entry(100, true, "-1", "0.0.0.0/0", None);
        assert_eq!(through(&SSH, vec![deny(1, "0.0.0.0/1"), deny(2, "128.0.0.0/1"), allow()]), [0; 0]);
        // What is left, 224.0.0.0/3, is multicast and reserved.
        let rest = ["0.0.0.0/1", "128.0.0.0/2", "192.0.0.0/3"].iter().zip(1..);
        let mut entries: Vec<_> = rest.map(|(cidr, number)| deny(number, cidr)).collect();
        entries.push(allow());
        assert_eq!(through(&SSH, entries), [0; 0]);
    }

    #[test]
    fn shadowed_rules_decide_nothing() {
        let allow = |number, cidr| entry(number, true, "-1", cidr, None);
        assert_eq!(through(&SSH, vec![allow(100, "0.0.0.0/0"), allow(200, "0.0.0.0/0")]), [100]);
        // An earlier rule for a part takes nothing away, and decides for its part.
        assert_eq!(through(&SSH, vec![allow(90, "52.0.0.0/8"), allow(100, "52.0.0.0/7")]), [90, 100]);
        assert_eq!(through(&SSH, vec![allow(100, "0.0.0.0/0"), allow(101, "::/0")]), [100, 101]);
    }

    #[test]
    fn every_port_may_take_several_rules() {
        let allow = |number, cidr, ports| entry(number, true, "6", cidr, Some(ports));
        let low = || allow(100, "0.0.0.0/0", (0, 1023));
        assert_eq!(through(&EVERY_PORT, vec![allow(1, "0.0.0.0/0", (0, 65535))]), [1]);
        assert_eq!(through(&EVERY_PORT, vec![entry(1, true, "-1", "::/0", None)]), [1]);
        assert_eq!(through(&EVERY_PORT, vec![low(), allow(110, "0.0.0.0/0", (1024, 65535))]), [100, 110]);
        assert_eq!(through(&EVERY_PORT, vec![low(), allow(110, "0.0.0.0/0", (1025, 65535))]), [0; 0]);
        assert_eq!(through(&EVERY_PORT, vec![low(), allow(110, "::/0", (1024, 65535))]), [0; 0]);
        assert_eq!(through(&EVERY_PORT, vec![low(), allow(110, "10.0.0.0/8", (1024, 65535))]), [0; 0]);
        let deny = entry(1, false, "6", "0.0.0.0/0", Some((3389, 3389)));
        assert_eq!(through(&EVERY_PORT, vec![deny, entry(2, true, "-1", "0.0.0.0/0", None)]), [0; 0]);
    }

    #[test]
    fn a_range_that_cannot_be_understood_is_a_gap() {
        let acl = acl(vec![entry(1, false, "-1", "everything", None)]);
        assert!(matches!(Rules::inbound(&acl, "eu-west-1"), Err(NotJudged::Unread(_))));
    }

    /// Addresses, one in each sixteenth of both families.
    fn universe() -> impl Iterator<Item = IpAddr> {
        (0..16u8).flat_map(|high| {
            let (v4, v6) = (Ipv4Addr::new(high << 4, 0, 0, 1), Ipv6Addr::from(u128::from(high) << 124 | 1));
            [IpAddr::V4(v4), IpAddr::V6(v6)]
        })
    }

    fn small_range() -> impl Strategy<Value = IpNet> {
        (any::<bool>(), any::<u8>(), 0..=4u8).prop_map(|(v6, high, length)| {
            let range = if v6 {
                IpNet::V6(Ipv6Net::new(Ipv6Addr::from(u128::from(high) << 120), length).unwrap())
            } else {
                IpNet::V4(Ipv4Net::new(Ipv4Addr::new(high, 0, 0, 0), length).unwrap())
            };
            range.trunc()
        })
    }

    const LAST_PORT: u16 = 7;

    fn small_entry() -> impl Strategy<Value = NetworkAclEntry> {
        let protocol = prop::sample::select(vec!["-1", "6", "17", "1"]);
        let ports = prop::option::of((0..=LAST_PORT, 0..=LAST_PORT));
        let flags = (prop::bool::weighted(0.6), prop::bool::weighted(0.1));
        (1..50i32, flags, protocol, small_range(), ports).prop_map(
            |(number, (allow, egress), protocol, range, ports)| NetworkAclEntry {
                egress,
                ports: ports.map(|(a, b)| (a.min(b), a.max(b))),
                ..entry(number, allow, protocol, &range.to_string(), None)
            },
        )
    }

    /// Sends one TCP packet: the rule that decides, if any does.
    fn send(acl: &NetworkAcl, from: IpAddr, port: u16) -> Option<&NetworkAclEntry> {
        let mut inbound: Vec<_> = acl.entries.iter().filter(|entry| !entry.egress).collect();
        inbound.sort_by_key(|entry| entry.number);
        inbound.into_iter().find(|entry| {
            let protocol = ["-1", "6"].contains(&entry.protocol.as_str());
            let every_port = entry.protocol == "-1" || entry.ports.is_none();
            let ports = entry.ports.unwrap_or_default();
            let range: IpNet = entry.cidr.parse().unwrap();
            protocol && range.contains(&from) && (every_port || ports.0 <= port && port <= ports.1)
        })
    }

    /// A packet: its protocol, with its port or, for ICMP, its type and code.
    type Packet = (&'static str, u16, u16);

    /// Packets of the protocols that rules name, and of another; of ports and types, those that rules name and one more.
    fn packets() -> impl Iterator<Item = Packet> {
        let with_ports = ["6", "17", "47"]
            .into_iter()
            .flat_map(|protocol| (0..=LAST_PORT + 1).map(move |port| (protocol, port, 0)));
        with_ports.chain((0..3).flat_map(|kind| (0..3).map(move |code| ("1", kind, code))))
    }

    fn fits(entry: &NetworkAclEntry, (protocol, first, second): Packet) -> bool {
        let is_or_all = |wanted: i32, it: u16| wanted == -1 || wanted == i32::from(it);
        match entry.protocol.as_str() {
            "-1" => true,
            "1" => {
                let (kind, code) = entry.icmp.unwrap_or((-1, -1));
                protocol == "1" && is_or_all(kind, first) && (kind == -1 || is_or_all(code, second))
            }
            other => other == protocol && entry.ports.is_none_or(|(from, to)| (from..=to).contains(&first)),
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        #[test]
        fn a_deny_is_shadowed_when_all_its_packets_are_allowed_earlier_and_some_get_through(
            mut entries in prop::collection::vec(small_entry(), 0..7),
            icmp in prop::collection::vec(prop::option::of((-1..2i32, -1..2i32)), 7),
        ) {
            entries.sort_by_key(|entry| entry.number);
            entries.dedup_by_key(|entry| entry.number);
            // ICMP has types and codes where TCP has ports.
            for (entry, icmp) in entries.iter_mut().zip(&icmp).filter(|(entry, _)| entry.protocol == "1") {
                (entry.ports, entry.icmp) = (None, *icmp);
            }
            let acl = acl(entries);
            let told: Vec<_> = shadowed_denies(&acl, "eu-west-1").unwrap();
            for deny in acl.entries.iter().filter(|entry| !entry.allow) {
                let earlier: Vec<_> = acl
                    .entries
                    .iter()
                    .filter(|other| other.egress == deny.egress && other.number < deny.number)
                    // The rule that is told is one about all of the deny's protocols.
                    .filter(|other| other.protocol == "-1" || other.protocol == deny.protocol)
                    .map(|other| (other.cidr.parse::<IpNet>().unwrap(), other))
                    .collect();
                let (mut all, mut let_through) = (true, None);
                for from in universe().filter(|from| deny.cidr.parse::<IpNet>().unwrap().contains(from)) {
                    for packet in packets().filter(|packet| fits(deny, *packet)) {
                        let about =
                            || earlier.iter().filter(|(range, other)| fits(other, packet) && range.contains(&from));
                        all &= about().any(|(_, other)| other.allow);
                        let first = about().next().filter(|(_, other)| other.allow);
                        let_through = let_through.into_iter().chain(first.map(|(_, other)| other.number)).min();
                    }
                }
                let found = told.iter().find(|(told, _)| *told == deny).map(|(_, allow)| allow.number);
                prop_assert_eq!(found, let_through.filter(|_| all), "{:?}", deny);
            }
        }

        #[test]
        fn agrees_with_sending_every_packet(
            mut entries in prop::collection::vec(small_entry(), 0..8),
            (first, last) in (0..=LAST_PORT, 0..=LAST_PORT),
        ) {
            // As in AWS, a number is used once.
            entries.sort_by_key(|entry| entry.number);
            entries.dedup_by_key(|entry| entry.number);
            let acl = acl(entries);
            let inbound = Rules::inbound(&acl, "eu-west-1").unwrap();
            let ports = first.min(last)..=first.max(last);
            let reached = inbound.sources(&ports);
            for from in universe() {
                let deciding: Vec<_> = ports.clone().map(|port| send(&acl, from, port)).collect();
                let expected = deciding.iter().all(|entry| entry.is_some_and(|entry| entry.allow));
                let got = reached.iter().any(|range| range.contains(&from));
                prop_assert_eq!(got, expected, "{} to {:?}", from, ports);
            }
            // All ranges here are wider than /8: those with a public address are the internet, and the
            // rules told are those that decide its packets.
            let reach = inbound.internet_reach(&ports);
            let sources: Vec<_> = reach.iter().flat_map(|reach| reach.sources.clone()).collect();
            let told: Vec<_> = reach.iter().flat_map(|reach| reach.entries.clone()).collect();
            for from in universe().filter(|from| sources.iter().any(|range| range.contains(from))) {
                for port in ports.clone() {
                    prop_assert!(told.contains(&send(&acl, from, port).unwrap()), "{} to {}", from, port);
                }
            }
            for entry in told {
                let decides = universe().filter(|from| sources.iter().any(|range| range.contains(from)))
                    .any(|from| ports.clone().any(|port| send(&acl, from, port) == Some(entry)));
                prop_assert!(decides, "{:?} decides nothing", entry);
            }
        }
    }
}
