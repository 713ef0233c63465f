//! What the rules of a network ACL, in their order, let through.

use std::ops::RangeInclusive;

use ipnet::IpNet;

use super::{
    Protocol, is_every_protocol, parse,
    prefixes::{Prefixes, common, is_internet, subtract},
};
use crate::{
    gap::NotJudged,
    snapshot::ec2::{NetworkAcl, NetworkAclEntry},
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
            .map(|entry| Ok((parse(&entry.cidr, "ec2:DescribeNetworkAcls", region, &acl.id)?, entry)))
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

/// The deny rules that never take effect, each with the first rule that lets its packets through: every packet
/// that one is about is let through earlier. (A deny whose packets are denied earlier is needless, and harmless.)
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
            .map(|entry| Ok((parse(&entry.cidr, "ec2:DescribeNetworkAcls", region, &acl.id)?, entry)))
            .collect::<Result<Vec<_>, NotJudged>>()?;
        entries.sort_by_key(|(_, entry)| entry.number);
        for (at, (range, deny)) in entries.iter().enumerate().filter(|(_, (_, entry))| !entry.allow) {
            let earlier: Vec<_> = entries[..at]
                .iter()
                .filter(|(_, entry)| entry.allow && is_about(entry, deny))
                .filter(|(allowed, _)| common(*allowed, *range).is_some())
                .collect();
            if let (Some((_, first)), true) = (earlier.first(), covers_all(&earlier, *range, deny)) {
                shadowed.push((*deny, *first));
            }
        }
    }
    Ok(shadowed)
}

/// Whether the rule is about every protocol that the other is about.
fn is_about(rule: &NetworkAclEntry, other: &NetworkAclEntry) -> bool {
    is_every_protocol(&rule.protocol) || rule.protocol == other.protocol
}

/// Whether the rules together have every packet from the range that the deny is about: on each stretch of
/// ports that they all treat alike, what they allow leaves nothing of the range.
fn covers_all(rules: &[&(IpNet, &NetworkAclEntry)], range: IpNet, deny: &NetworkAclEntry) -> bool {
    let (first, last) = ports_of(deny).unwrap_or((0, u16::MAX));
    let edges = rules.iter().filter_map(|(_, entry)| ports_of(entry));
    let edges = edges.flat_map(|(first, last)| [Some(first), last.checked_add(1)]).flatten();
    let starts = edges.chain([first]).filter(|port| (first..=last).contains(port));
    let mut starts = starts.collect::<Vec<_>>().into_iter();
    starts.all(|port| {
        let on_port = rules.iter().filter(|(_, entry)| has(entry, port)).map(|(allowed, _)| allowed);
        subtract(range, on_port).is_empty()
    })
}

fn ports_of(entry: &NetworkAclEntry) -> Option<(u16, u16)> {
    entry.ports.filter(|_| !is_every_protocol(&entry.protocol))
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
        NetworkAclEntry { number, egress: false, allow, protocol: protocol.into(), cidr: cidr.into(), ports }
    }

    fn acl(entries: Vec<NetworkAclEntry>) -> NetworkAcl {
        NetworkAcl {
            id: "acl-1".into(),
            vpc: "vpc-1".into(),
            is_default: false,
            subnets: vec!["subnet-1".into()],
            entries,
            tags: [].into(),
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
        assert!(matches!(Rules::inbound(&acl, "eu-west-1"), Err(NotJudged::Gap(_))));
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

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

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
