//! EC2.

mod instance_imdsv1;
mod nacl_open_admin_port;
mod nacl_open_all;
mod sg_default_open;
mod sg_open_all;
mod sg_open_database;
mod sg_open_rdp;
mod sg_open_ssh;

super::checks! {
    instance_imdsv1
    nacl_open_admin_port
    nacl_open_all
    sg_default_open
    sg_open_all
    sg_open_database
    sg_open_rdp
    sg_open_ssh
}

use serde::Serialize;

use crate::{
    analysis::network::{
        Protocol,
        network_acl::{Inbound, InternetReach},
        security_group::{InternetIngress, Opening},
    },
    check::Context,
    finding::{Judgement, Verdict},
    snapshot::ec2::{NetworkAcl, NetworkAclEntry},
    source::Source,
};

/// What the checks of open security groups read.
const GROUP_SOURCES: &[Source] = &[Source::Ec2SecurityGroups, Source::Ec2PrefixLists];

/// Judges each security group by what the internet may use of it.
fn each_group(cx: &mut Context<'_>, judge: impl Fn(&InternetIngress<'_>) -> Judgement) {
    cx.each_region(|cx, region| {
        cx.each(region.ec2.security_groups.get(), |cx, group| {
            judge(&InternetIngress::of(group, &region.ec2.prefix_lists, cx.place().region))
        });
    });
}

/// Judges each security group by whether the internet may reach a TCP port.
///
/// CIS 6.3 and 6.4 also name UDP. Neither SSH nor RDP can be used over UDP alone (RDP's UDP transport is
/// set up over its TCP connection), so a rule for UDP alone opens neither.
fn each_group_on(cx: &mut Context<'_>, port: u16) {
    each_group(cx, |ingress| Ok(open_through(&ingress.on(Protocol::Tcp, port)?).with("port", port)));
}

/// Fails with the rules that let the internet in; passes without any.
fn open_through(rules: &[&Opening<'_>]) -> Verdict {
    if rules.is_empty() {
        return Verdict::pass();
    }
    Verdict::fail()
        .with("sources", distinct(rules.iter().map(|rule| rule.source)))
        .with("rules", rules)
        // For the fix command: the same rules as its argument takes them.
        .with("ip_permissions", distinct(rules.iter().map(|rule| rule.ip_permission())))
}

/// Each item once, in the order of the first.
fn distinct<T: PartialEq>(items: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut seen = Vec::new();
    for item in items {
        if !seen.contains(&item) {
            seen.push(item);
        }
    }
    seen
}

/// Judges the inbound rules of each network ACL that some subnet has.
///
/// The default ACL is judged like any other: EC2.21 leaves it out, but CIS 6.2 does not, and it is the one
/// that most subnets have.
fn each_acl(cx: &mut Context<'_>, judge: impl Fn(&Inbound<'_>) -> Verdict) {
    cx.each_region(|cx, region| {
        let acls = region.ec2.network_acls.get();
        let in_use = acls.map(|acls| acls.iter().filter(|acl| !acl.subnets.is_empty()));
        cx.each(in_use, |cx, acl: &NetworkAcl| {
            let verdict = judge(&Inbound::of(acl, cx.place().region)?);
            Ok(verdict.with("is_default", acl.is_default).with("subnets", &acl.subnets))
        });
    });
}

/// Fails with the ways that the internet gets through a network ACL; passes without any.
fn let_through(reaches: &[InternetReach<'_>]) -> Verdict {
    if reaches.is_empty() {
        return Verdict::pass();
    }
    let sources = reaches.iter().flat_map(|reach| reach.sources.iter().copied());
    let mut entries = distinct(reaches.iter().flat_map(|reach| reach.entries.iter().copied()));
    entries.sort_by_key(|entry| entry.number);
    let rule_numbers: Vec<_> = entries.iter().map(|entry| entry.number).collect();
    Verdict::fail()
        .with("sources", distinct(sources))
        .with("rule_numbers", rule_numbers)
        .with("rules", entries.into_iter().map(AclRule::from).collect::<Vec<_>>())
}

/// An allowing rule of a network ACL in the words of EC2's `NetworkAclEntry`.
#[derive(Serialize)]
struct AclRule<'a> {
    rule_number: i32,
    protocol: &'a str,
    cidr_block: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    from_port: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to_port: Option<u16>,
}

impl<'a> From<&'a NetworkAclEntry> for AclRule<'a> {
    fn from(entry: &'a NetworkAclEntry) -> Self {
        let (from_port, to_port) = entry.ports.unzip();
        let NetworkAclEntry { number, protocol, cidr, .. } = entry;
        Self { rule_number: *number, protocol, cidr_block: cidr, from_port, to_port }
    }
}

#[cfg(test)]
mod testing {
    use crate::{
        snapshot::{
            Snapshot,
            ec2::{NetworkAcl, NetworkAclEntry, PrefixList, SecurityGroup, SecurityGroupRule},
        },
        testing::{empty, read, region},
    };

    /// A rule for TCP ports.
    pub(super) fn tcp(first: i32, last: i32, cidr: &str) -> SecurityGroupRule {
        rule("tcp", Some((first, last)), cidr)
    }

    pub(super) fn rule(protocol: &str, ports: Option<(i32, i32)>, cidr: &str) -> SecurityGroupRule {
        SecurityGroupRule {
            protocol: protocol.into(),
            ports,
            cidrs: vec![cidr.into()],
            ..SecurityGroupRule::default()
        }
    }

    /// A rule for TCP ports from the prefix list `pl-1`.
    pub(super) fn tcp_from_list(first: i32, last: i32) -> SecurityGroupRule {
        SecurityGroupRule { cidrs: vec![], prefix_lists: vec!["pl-1".into()], ..tcp(first, last, "") }
    }

    pub(super) fn group(name: &str, ingress: Vec<SecurityGroupRule>) -> SecurityGroup {
        SecurityGroup {
            id: format!("sg-{name}"),
            name: name.into(),
            vpc: Some("vpc-1".into()),
            ingress,
            egress: vec![],
            tags: [].into(),
        }
    }

    /// An account with the security group `web`.
    pub(super) fn with_ingress(ingress: Vec<SecurityGroupRule>) -> Snapshot {
        with_groups(vec![group("web", ingress)])
    }

    pub(super) fn with_groups(groups: Vec<SecurityGroup>) -> Snapshot {
        let mut account = empty();
        region(&mut account).ec2.security_groups = read(groups);
        account
    }

    /// An account with the security group `web`, and the prefix list `pl-1` of the account's own.
    pub(super) fn with_list(ingress: Vec<SecurityGroupRule>, cidr: &str) -> Snapshot {
        let mut account = with_ingress(ingress);
        region(&mut account).ec2.prefix_lists = read(vec![PrefixList {
            id: "pl-1".into(),
            name: "everyone".into(),
            owner: "111122223333".into(),
            cidrs: read(vec![cidr.into()]),
        }]);
        account
    }

    /// An inbound rule of a network ACL that allows.
    pub(super) fn allow(
        number: i32,
        protocol: &str,
        ports: Option<(u16, u16)>,
        cidr: &str,
    ) -> NetworkAclEntry {
        NetworkAclEntry {
            number,
            egress: false,
            allow: true,
            protocol: protocol.into(),
            cidr: cidr.into(),
            ports,
        }
    }

    /// An inbound rule of a network ACL that denies.
    pub(super) fn deny(
        number: i32,
        protocol: &str,
        ports: Option<(u16, u16)>,
        cidr: &str,
    ) -> NetworkAclEntry {
        NetworkAclEntry { allow: false, ..allow(number, protocol, ports, cidr) }
    }

    /// An account with a network ACL that a subnet has.
    pub(super) fn with_acl(entries: Vec<NetworkAclEntry>) -> Snapshot {
        with_changed_acl(entries, |_| ())
    }

    /// As [`with_acl`], changed by the function.
    pub(super) fn with_changed_acl(
        entries: Vec<NetworkAclEntry>,
        change: impl FnOnce(&mut NetworkAcl),
    ) -> Snapshot {
        let mut acl = NetworkAcl {
            id: "acl-1".into(),
            vpc: "vpc-1".into(),
            is_default: false,
            subnets: vec!["subnet-1".into()],
            entries,
            tags: [].into(),
        };
        change(&mut acl);
        let mut account = empty();
        region(&mut account).ec2.network_acls = read(vec![acl]);
        account
    }
}
