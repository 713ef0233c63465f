//! What of a security group the internet may use.

use std::ops::RangeInclusive;

use ipnet::IpNet;
use serde::Serialize;

use super::{
    Protocol, anywhere, is_every_protocol,
    ports::{EVERY_PORT, Ports},
    prefixes::is_internet,
    ranges::{Lists, Written},
};
use crate::{
    gap::{Collected, Gap, Gaps, NotJudged},
    snapshot::ec2::{PrefixList, SecurityGroup, SecurityGroupRule, op},
};

/// A rule, as far as it is about one source: evidence in the words of EC2's `SecurityGroupRule`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Opening<'a> {
    ip_protocol: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    from_port: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to_port: Option<i32>,
    /// The range that it lets in.
    pub source: IpNet,
    /// The prefix list that holds the range, where it is not in the rule itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    prefix_list_id: Option<&'a str>,
}

impl<'a> Opening<'a> {
    pub(super) fn new(rule: &'a SecurityGroupRule, source: IpNet, prefix_list_id: Option<&'a str>) -> Self {
        let (from_port, to_port) = rule.ports.unzip();
        Self { ip_protocol: &rule.protocol, from_port, to_port, source, prefix_list_id }
    }

    /// The ports of a protocol that it is about.
    fn ports(&self, protocol: Protocol) -> Option<RangeInclusive<u16>> {
        if !protocol.is_in(self.ip_protocol) {
            return None;
        }
        Some(match (self.from_port, self.to_port) {
            (Some(first), Some(last)) if first >= 0 && !is_every_protocol(self.ip_protocol) => {
                u16::try_from(first).ok()?..=u16::try_from(last).unwrap_or(u16::MAX)
            }
            _ => 0..=u16::MAX,
        })
    }

    fn has(&self, protocol: Protocol, port: u16) -> bool {
        self.ports(protocol).is_some_and(|ports| ports.contains(&port))
    }

    /// The rule as the AWS CLI's `--ip-permissions` takes it. (For a prefix list it is the whole list.)
    fn ip_permission(&self) -> String {
        let ports = match (self.from_port, self.to_port) {
            (Some(first), Some(last)) => format!(",FromPort={first},ToPort={last}"),
            _ => String::new(),
        };
        let source = match (self.prefix_list_id, self.source) {
            (Some(list), _) => format!("PrefixListIds=[{{PrefixListId={list}}}]"),
            (None, IpNet::V4(range)) => format!("IpRanges=[{{CidrIp={range}}}]"),
            (None, IpNet::V6(range)) => format!("Ipv6Ranges=[{{CidrIpv6={range}}}]"),
        };
        format!("IpProtocol={}{ports},{source}", self.ip_protocol)
    }
}

/// The rules as the AWS CLI's `--ip-permissions` takes them, each once: those of a prefix list's entries are one.
#[must_use]
pub fn ip_permissions(rules: &[&Opening<'_>]) -> Vec<String> {
    let mut permissions = Vec::new();
    for permission in rules.iter().map(|rule| rule.ip_permission()) {
        if !permissions.contains(&permission) {
            permissions.push(permission);
        }
    }
    permissions
}

/// The group of that id.
///
/// # Errors
/// The gap, also when what names the group is described and the group is not: it is another account's, or newer
/// than the list.
pub fn named<'a>(
    groups: &'a Collected<Vec<SecurityGroup>>,
    id: &str,
    region: &str,
) -> Result<&'a SecurityGroup, NotJudged> {
    groups.get()?.iter().find(|group| group.id == id).ok_or_else(|| {
        let message = "something names the group, but it is not among those described";
        Gap::unreadable(op::DescribeSecurityGroups, Some(region), Some(id), message).into()
    })
}

/// The rules of a group that let the internet, or whoever else is outside, in.
#[derive(Clone, Debug)]
pub struct InternetIngress<'a> {
    open: Vec<Opening<'a>>,
    /// Rules of which it cannot be told, as if they did, with what could not be read of them.
    unread: Vec<(Opening<'a>, Gaps)>,
}

impl<'a> InternetIngress<'a> {
    /// Looks through a group's rules. Other groups as sources never are the internet.
    #[must_use]
    pub fn of(group: &'a SecurityGroup, lists: &'a Collected<Vec<PrefixList>>, region: &'a str) -> Self {
        Self::from(group, lists, region, is_internet)
    }

    /// Looks through a group's rules for sources that are in none of the ranges.
    #[must_use]
    pub fn outside(
        group: &'a SecurityGroup,
        lists: &'a Collected<Vec<PrefixList>>,
        region: &'a str,
        inside: &[IpNet],
    ) -> Self {
        Self::from(group, lists, region, |range| !inside.iter().any(|own| own.contains(&range)))
    }

    fn from(
        group: &'a SecurityGroup,
        lists: &'a Collected<Vec<PrefixList>>,
        region: &'a str,
        is_outside: impl Fn(IpNet) -> bool,
    ) -> Self {
        let (mut open, mut unread) = (Vec::new(), Vec::new());
        for rule in &group.ingress {
            for (written, ranges) in Lists::new(lists, region).of_rule(rule, group) {
                let prefix_list = match written {
                    Written::Here(_) => None,
                    Written::List(id) => Some(id),
                };
                let opening = |source| Opening::new(rule, source, prefix_list);
                let mut gaps = Gaps::default();
                let ranges = gaps.known(ranges).into_iter().flatten();
                open.extend(ranges.filter(|range| is_outside(*range)).map(opening));
                if !gaps.is_empty() {
                    unread.push((opening(anywhere()[0]), gaps));
                }
            }
        }
        Self { open, unread }
    }

    /// The rules that let the internet reach a port; none if it cannot.
    ///
    /// # Errors
    /// When a rule for the port could not be read, and no other opens it.
    pub fn on(&self, protocol: Protocol, port: u16) -> Result<Vec<&Opening<'a>>, NotJudged> {
        let open: Vec<_> = self.open.iter().filter(|opening| opening.has(protocol, port)).collect();
        self.unread_where(|opening| opening.has(protocol, port)).unless(!open.is_empty())?;
        Ok(open)
    }

    /// The port ranges of a protocol that the internet may reach, each with its rule; and what could not be read,
    /// so that there may be more.
    #[must_use]
    pub fn ranges(&self, protocol: Protocol) -> (Vec<(RangeInclusive<u16>, &Opening<'a>)>, Gaps) {
        let open = self.open.iter().filter_map(|rule| Some((rule.ports(protocol)?, rule)));
        (open.collect(), self.unread_where(|rule| rule.ports(protocol).is_some()))
    }

    /// What could not be read of such rules.
    fn unread_where(&self, wanted: impl Fn(&Opening<'a>) -> bool) -> Gaps {
        let mut gaps = Gaps::default();
        for (_, why) in self.unread.iter().filter(|(opening, _)| wanted(opening)) {
            gaps.extend(why.iter().cloned());
        }
        gaps
    }

    /// The rules that, together, let the internet reach every TCP port; none if they don't.
    ///
    /// # Errors
    /// When a rule that could not be read might complete them.
    pub fn on_every_port(&self) -> Result<Vec<&Opening<'a>>, NotJudged> {
        let ranges = |openings: &[&Opening<'_>]| -> Ports {
            openings.iter().filter_map(|opening| opening.ports(Protocol::Tcp)).collect()
        };
        let of_tcp = |opening: &&Opening<'a>| opening.ports(Protocol::Tcp).is_some();
        let mut open: Vec<_> = self.open.iter().filter(of_tcp).collect();
        if ranges(&open).covers(&EVERY_PORT) {
            // Where some rules do it alone, the others decide nothing.
            if open.iter().any(|opening| ranges(&[opening]).covers(&EVERY_PORT)) {
                open.retain(|opening| ranges(&[opening]).covers(&EVERY_PORT));
                return Ok(open);
            }
            // Nor do those within others, unless they do it once more.
            let of = |opening: &Opening<'_>| opening.ports(Protocol::Tcp);
            let is_within = |rule: &&Opening<'_>| {
                of(rule).is_some_and(|own| {
                    let holds = |other: &RangeInclusive<u16>| {
                        *other != own && other.contains(own.start()) && other.contains(own.end())
                    };
                    open.iter().filter_map(|other| of(other)).any(|other| holds(&other))
                })
            };
            let (within, deciding): (Vec<_>, Vec<_>) = open.iter().copied().partition(is_within);
            return Ok(if ranges(&within).covers(&EVERY_PORT) { open } else { deciding });
        }
        open.extend(self.unread.iter().map(|(opening, _)| opening).filter(of_tcp));
        let may_be = ranges(&open).covers(&EVERY_PORT);
        self.unread_where(|opening| of_tcp(&opening)).unless(!may_be)?;
        Ok(Vec::new())
    }
}

/// Whether the rule is about that port.
pub(super) fn is_about(rule: &SecurityGroupRule, protocol: Protocol, port: u16) -> bool {
    Opening::new(rule, anywhere()[0], None).has(protocol, port)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{denied, read};

    fn rule(protocol: &str, ports: Option<(i32, i32)>, cidrs: &[&str]) -> SecurityGroupRule {
        SecurityGroupRule {
            protocol: protocol.into(),
            ports,
            cidrs: cidrs.iter().map(|&cidr| cidr.into()).collect(),
            ..SecurityGroupRule::default()
        }
    }

    fn listed(ports: (i32, i32)) -> SecurityGroupRule {
        SecurityGroupRule { prefix_lists: vec!["pl-1".into()], ..rule("tcp", Some(ports), &[]) }
    }

    fn group(ingress: Vec<SecurityGroupRule>) -> SecurityGroup {
        SecurityGroup {
            id: "sg-1".into(),
            name: "web".into(),
            vpc: Some("vpc-1".into()),
            ingress,
            ..SecurityGroup::default()
        }
    }

    fn list(owner: &str, cidrs: Collected<Vec<String>>) -> Collected<Vec<PrefixList>> {
        read(vec![PrefixList { id: "pl-1".into(), name: "list".into(), owner: owner.into(), cidrs }])
    }

    /// What opens TCP 22: the sources, or none when unknown.
    fn ssh(ingress: Vec<SecurityGroupRule>, lists: &Collected<Vec<PrefixList>>) -> Option<Vec<String>> {
        let group = group(ingress);
        let open = InternetIngress::of(&group, lists, "eu-west-1");
        let open = open.on(Protocol::Tcp, 22).ok()?;
        Some(open.iter().map(|opening| opening.source.to_string()).collect())
    }

    fn every_port(ingress: Vec<SecurityGroupRule>, lists: &Collected<Vec<PrefixList>>) -> Option<usize> {
        let group = group(ingress);
        InternetIngress::of(&group, lists, "eu-west-1").on_every_port().ok().map(|open| open.len())
    }

    #[test]
    fn protocols_and_ports() {
        let any = &["0.0.0.0/0"];
        let none = read(vec![]);
        let open = |protocol, ports| ssh(vec![rule(protocol, ports, any)], &none).unwrap().len();
        assert_eq!(open("tcp", Some((22, 22))), 1);
        assert_eq!(open("6", Some((22, 22))), 1);
        assert_eq!(open("tcp", Some((22, 80))), 1);
        assert_eq!(open("tcp", Some((0, 22))), 1);
        assert_eq!(open("tcp", Some((23, 65535))), 0);
        assert_eq!(open("tcp", Some((0, 21))), 0);
        assert_eq!(open("tcp", Some((-1, -1))), 1);
        assert_eq!(open("tcp", None), 1);
        assert_eq!(open("-1", None), 1);
        assert_eq!(open("-1", Some((80, 80))), 1, "AWS ignores ports when the protocol is -1");
        assert_eq!(open("udp", Some((22, 22))), 0);
        assert_eq!(open("icmp", Some((22, 22))), 0, "a type of ICMP");
        assert_eq!(open("icmp", Some((-1, -1))), 0);
    }

    #[test]
    fn sources() {
        let cidrs = ["52.0.0.0/8", "0.0.0.0/0", "10.0.0.0/8", "::/0"];
        let ingress = vec![rule("tcp", Some((22, 22)), &cidrs)];
        assert_eq!(ssh(ingress, &read(vec![])).unwrap(), ["0.0.0.0/0", "::/0"]);
        let from_group = SecurityGroupRule { groups: vec!["sg-2".into()], ..rule("-1", None, &[]) };
        assert!(ssh(vec![from_group], &read(vec![])).unwrap().is_empty());
    }

    #[test]
    fn prefix_lists() {
        let ingress = || vec![listed((22, 22))];
        let cidrs = || read(vec!["10.0.0.0/8".into(), "128.0.0.0/1".into()]);
        assert_eq!(ssh(ingress(), &list("111122223333", cidrs())).unwrap(), ["128.0.0.0/1"]);
        let harmless = read(vec!["10.0.0.0/8".into()]);
        assert!(ssh(ingress(), &list("111122223333", harmless)).unwrap().is_empty());
        assert!(ssh(ingress(), &list("AWS", denied())).unwrap().is_empty());
    }

    #[test]
    fn a_prefix_list_that_cannot_be_read_hides_nothing() {
        let ingress = || vec![listed((22, 22))];
        assert_eq!(ssh(ingress(), &denied()), None);
        assert_eq!(ssh(ingress(), &list("111122223333", denied())), None);
        assert_eq!(ssh(ingress(), &list("111122223333", read(vec!["nonsense".into()]))), None);
        assert_eq!(ssh(ingress(), &read(vec![])), None, "a list that nobody described");
        // What is readable decides.
        let both = vec![listed((22, 22)), rule("tcp", Some((0, 1000)), &["::/0"])];
        assert_eq!(ssh(both, &denied()).unwrap(), ["::/0"]);
        // A list for other ports matters to nobody.
        assert!(ssh(vec![listed((443, 443))], &denied()).unwrap().is_empty());
        assert_eq!(ssh(vec![rule("tcp", Some((22, 22)), &["nonsense"])], &read(vec![])), None);
    }

    #[test]
    fn every_list_that_could_not_be_read_is_told() {
        let prefix_lists = vec!["pl-1".into(), "pl-2".into()];
        let group = group(vec![SecurityGroupRule { prefix_lists, ..listed((22, 22)) }]);
        let none = read(vec![]);
        let ingress = InternetIngress::of(&group, &none, "eu-west-1");
        let Err(NotJudged::Unread(gaps)) = ingress.on(Protocol::Tcp, 22) else { panic!("gaps expected") };
        let lists: Vec<_> = gaps.iter().map(|gap| gap.resource.as_deref()).collect();
        assert_eq!(lists, [Some("pl-1"), Some("pl-2")]);
        assert_eq!(ingress.ranges(Protocol::Tcp), (vec![], gaps));
        assert_eq!(ingress.on(Protocol::Tcp, 23), Ok(vec![]));
    }

    #[test]
    fn every_port_may_take_several_rules() {
        let any = &["0.0.0.0/0"];
        let none = read(vec![]);
        let halves =
            |from| vec![rule("tcp", Some((1, 1023)), any), rule("tcp", Some((from, 65535)), &["::/0"])];
        assert_eq!(every_port(halves(1024), &none), Some(2));
        assert_eq!(every_port(halves(1025), &none), Some(0));
        let more = vec![rule("tcp", Some((443, 443)), any), rule("-1", None, any)];
        assert_eq!(every_port(more, &none), Some(1), "only the rule that decides");
        let https = || rule("tcp", Some((443, 443)), any);
        assert_eq!(every_port([vec![https()], halves(1024)].concat(), &none), Some(2), "nor what is within");
        let twice = [(0, 1023), (0, 1024), (1024, 65535), (1023, 65535)];
        let twice = twice.map(|ports| rule("tcp", Some(ports), any)).into();
        assert_eq!(every_port(twice, &none), Some(4), "what is left would do it again");
        assert_eq!(every_port(vec![rule("udp", Some((0, 65535)), any)], &none), Some(0));
    }

    #[test]
    fn every_port_with_a_prefix_list_that_cannot_be_read() {
        let low = || rule("tcp", Some((0, 1023)), &["0.0.0.0/0"]);
        assert_eq!(every_port(vec![low(), listed((1024, 65535))], &denied()), None);
        assert_eq!(every_port(vec![low(), listed((2000, 65535))], &denied()), Some(0));
        assert_eq!(every_port(vec![rule("-1", None, &["::/0"]), listed((0, 65535))], &denied()), Some(1));
    }

    #[test]
    fn rules_are_written_as_the_cli_takes_them() {
        let every = rule("-1", None, &[]);
        let ssh = listed((22, 22));
        let [v4, v6] = anywhere();
        assert_eq!(
            Opening::new(&every, v6, None).ip_permission(),
            "IpProtocol=-1,Ipv6Ranges=[{CidrIpv6=::/0}]"
        );
        assert_eq!(
            Opening::new(&ssh, v4, None).ip_permission(),
            "IpProtocol=tcp,FromPort=22,ToPort=22,IpRanges=[{CidrIp=0.0.0.0/0}]"
        );
        assert_eq!(
            Opening::new(&ssh, v4, Some("pl-1")).ip_permission(),
            "IpProtocol=tcp,FromPort=22,ToPort=22,PrefixListIds=[{PrefixListId=pl-1}]"
        );
    }
}
