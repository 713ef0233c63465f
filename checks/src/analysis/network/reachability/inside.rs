//! Who reaches whom inside a VPC: its local route leads everywhere (Amazon VPC User Guide, "Route table concepts"), so
//! that security groups on both sides and the network ACLs between two subnets decide.

use std::{net::IpAddr, ops::RangeInclusive};

use ipnet::IpNet;

use super::{EPHEMERAL, Network};
use crate::{
    analysis::network::{Protocol, is_every_protocol, parse, prefixes::common, ranges::Lists},
    gap::{self, Gaps, NotJudged},
    snapshot::ec2::{NetworkInterface, SecurityGroup, SecurityGroupRule, op},
};

/// Something with these security groups in one of these subnets of a VPC. Its address is not known.
#[derive(Clone, Copy, Debug)]
pub struct Somewhere<'a> {
    /// The VPC.
    pub vpc: &'a str,
    /// The subnets.
    pub subnets: &'a [String],
    /// The security groups.
    pub groups: &'a [String],
}

impl<'a> Network<'a> {
    /// The security group by which an interface reaches a TCP port of something in its VPC; none where it does not.
    /// Peered VPCs are not looked at.
    ///
    /// # Errors
    /// When something that decides could not be read.
    pub fn inside(
        &self,
        from: &NetworkInterface,
        to: Somewhere<'a>,
        port: u16,
    ) -> Result<Option<&'a str>, NotJudged> {
        if from.vpc != to.vpc {
            return Ok(None);
        }
        let let_in = gap::find(to.groups.iter().map(|id| {
            let group = self.group(id)?;
            let lets_in = self.admits(group, &group.ingress, port, &from.security_groups, |range| {
                addresses(from).any(|address| range.contains(&address))
            })?;
            Ok(lets_in.then_some(id.as_str()))
        }))?;
        let Some(group) = let_in else { return Ok(None) };
        let mut ranges = Vec::new();
        for subnet in to.subnets {
            ranges.extend(self.ranges_of(subnet)?);
        }
        let out = gap::any(from.security_groups.iter().map(|id| {
            let group = self.group(id)?;
            self.admits(group, &group.egress, port, to.groups, |range| {
                ranges.iter().any(|own| common(range, *own).is_some())
            })
        }))?;
        let passes = || gap::any(to.subnets.iter().map(|subnet| self.passes(from, subnet, port)));
        Ok((out && passes()?).then_some(group))
    }

    fn group(&self, id: &str) -> Result<&'a SecurityGroup, NotJudged> {
        self.region.ec2.security_groups.get()?;
        self.groups.get(id).copied().ok_or_else(|| self.unlisted(op::DescribeSecurityGroups, id))
    }

    /// Whether some rule is about the port, and about one of these groups or a range that is wanted.
    fn admits(
        &self,
        group: &'a SecurityGroup,
        rules: &'a [SecurityGroupRule],
        port: u16,
        peers: &[String],
        is_wanted: impl Fn(IpNet) -> bool,
    ) -> Result<bool, NotJudged> {
        let lists = Lists::new(&self.region.ec2.prefix_lists, self.name);
        let mut gaps = Gaps::default();
        for rule in rules.iter().filter(|rule| is_about(rule, port)) {
            if rule.groups.iter().any(|id| peers.contains(id)) {
                return Ok(true);
            }
            for (_, ranges) in lists.of_rule(rule, group) {
                if gaps.known(ranges).into_iter().flatten().any(&is_wanted) {
                    return Ok(true);
                }
            }
        }
        gaps.unless(false).map(|()| false)
    }

    fn ranges_of(&self, id: &str) -> Result<Vec<IpNet>, NotJudged> {
        self.region.ec2.subnets.get()?;
        let subnet = self.subnets.get(id).ok_or_else(|| self.unlisted(op::DescribeSubnets, id))?;
        subnet.cidrs.iter().map(|cidr| parse(cidr, op::DescribeSubnets, self.name, id)).collect()
    }

    /// Whether the network ACLs let packets to the port of something in that subnet through, and the answers back.
    fn passes(&self, from: &NetworkInterface, subnet: &str, port: u16) -> Result<bool, NotJudged> {
        // Inside a subnet no network ACL is asked.
        if from.subnet == subnet {
            return Ok(true);
        }
        let (_, there) = self.gate(subnet, Protocol::Tcp)?;
        let (_, here) = self.gate(&from.subnet, Protocol::Tcp)?;
        let lets = |ranges: &super::Prefixes, peers: &[IpNet]| {
            ranges.iter().any(|range| peers.iter().any(|peer| common(range, *peer).is_some()))
        };
        let own: Vec<IpNet> = addresses(from).map(IpNet::from).collect();
        let theirs = self.ranges_of(subnet)?;
        let to: RangeInclusive<u16> = port..=port;
        Ok(lets(&here.outbound_on(&to), &theirs)
            && lets(&there.inbound_on(&to), &own)
            && lets(&there.outbound_on(&EPHEMERAL), &own)
            && lets(&here.inbound_on(&EPHEMERAL), &theirs))
    }
}

fn addresses(interface: &NetworkInterface) -> impl Iterator<Item = IpAddr> {
    interface.private_ips.iter().filter_map(|address| address.parse().ok())
}

fn is_about(rule: &SecurityGroupRule, port: u16) -> bool {
    Protocol::Tcp.is_in(&rule.protocol)
        && (is_every_protocol(&rule.protocol)
            || rule.ports.is_none_or(|(first, last)| (first..=last).contains(&i32::from(port))))
}
