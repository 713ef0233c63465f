//! EC2.

mod ami_public;
mod imds_account_default;
mod instance_imdsv1;
mod instance_internet_reachable;
mod instance_no_role;
mod instance_not_in_ssm;
mod instance_old_image;
mod instance_public_ip;
mod instance_ssh_key;
mod launch_template_imdsv1;
mod launch_template_secret;
mod nacl_open_admin_port;
mod nacl_open_all;
mod nacl_open_egress;
mod nacl_shadowed_deny;
mod nacl_unused;
mod sg_default_open;
mod sg_open_all;
mod sg_open_egress;
mod sg_open_unapproved_port;
mod sg_ports;
mod sg_unused;
mod sg_wide_public_range;
mod user_data_secret;

super::checks! {
    ami_public
    imds_account_default
    instance_imdsv1
    instance_internet_reachable
    instance_no_role
    instance_not_in_ssm
    instance_old_image
    instance_public_ip
    instance_ssh_key
    launch_template_imdsv1
    launch_template_secret
    nacl_open_admin_port
    nacl_open_all
    nacl_open_egress
    nacl_shadowed_deny
    nacl_unused
    sg_default_open
    sg_open_all
    sg_open_egress (only_when_named)
    sg_open_unapproved_port
    sg_unused
    sg_wide_public_range
    user_data_secret
    ; sg_ports
}

use std::ops::RangeInclusive;

use serde::Serialize;

use crate::{
    analysis::network::{
        Protocol,
        network_acl::{InternetReach, Rules},
        reachability::{Network, Reach},
        security_group::{InternetIngress, Opening, ip_permissions},
    },
    check::Context,
    finding::{Judgement, Severity, Verdict},
    gap::NotJudged,
    snapshot::{
        Region,
        ec2::{Instance, NetworkAcl, NetworkAclEntry, SecurityGroup},
    },
    source::Source,
};

/// What the checks of open security groups read: the rules decide, the rest moves the severity.
const GROUP_SOURCES: &[Source] = &[
    Source::Ec2SecurityGroups,
    Source::Ec2PrefixLists,
    Source::Ec2Instances,
    Source::Ec2NetworkInterfaces,
    Source::Ec2Subnets,
    Source::Ec2RouteTables,
    Source::Ec2InternetGateways,
    Source::Ec2NetworkAcls,
    Source::Ec2VpcBlockPublicAccess,
];

/// A verdict on a security group, with the ports that it is about.
type Told = (Verdict, Vec<(Protocol, RangeInclusive<u16>)>);

/// Judges each security group by what the internet may use of it. A group that nothing has is one step less
/// severe, one through which the internet reaches a running instance one step more.
fn each_group(cx: &mut Context<'_>, judge: impl Fn(&InternetIngress<'_>) -> Result<Told, NotJudged>) {
    each_group_by(cx, |_, ingress| judge(ingress));
}

/// As [`each_group`], by settings.
fn each_group_by(
    cx: &mut Context<'_>,
    judge: impl Fn(&Context<'_>, &InternetIngress<'_>) -> Result<Told, NotJudged>,
) {
    cx.each_region(|cx, region| {
        let name = cx.place().region;
        let network = cx.analyses.network(name, region);
        cx.each(region.ec2.security_groups.get(), |cx, group| {
            let told = judge(cx, network.opening(&group.id)?)?;
            Ok(if told.0.passes() { told.0 } else { moved(told, cx.severity(), &network, group) })
        });
    });
}

/// The verdict, with the severity that what has the group makes of it. Where that cannot be read it stays.
fn moved((verdict, ports): Told, own: Severity, network: &Network<'_>, group: &SecurityGroup) -> Verdict {
    let Ok(interfaces) = network.interfaces_with(&group.id) else { return verdict };
    if interfaces.is_empty() {
        return verdict.with("attached_interfaces", 0).at(own.lower());
    }
    let reached = interfaces.iter().find_map(|interface| {
        let instance = interface.instance.as_ref().filter(|id| network.is_running(id))?;
        let ways = network.of_interface(interface).ways;
        let on_ports = |way: &Reach<'_>| ports.iter().any(|(protocol, ports)| way.meets(*protocol, ports));
        let through = |way: &Reach<'_>| way.security_group == Some(group.id.as_str()) && on_ports(way);
        ways.iter().any(through).then_some(instance)
    });
    let verdict = verdict.with("attached_interfaces", interfaces.len()).with("reachable_instance", reached);
    if reached.is_some() { verdict.at(own.higher()) } else { verdict }
}

/// Fails with the rules that let the internet in; passes without any.
fn open_through(rules: &[&Opening<'_>]) -> Verdict {
    if rules.is_empty() {
        return Verdict::pass();
    }
    let family = |rule: &&Opening<'_>| if rule.source.addr().is_ipv4() { "ipv4" } else { "ipv6" };
    Verdict::fail()
        .in_aspects(&distinct(rules.iter().map(family)))
        .with("sources", distinct(rules.iter().map(|rule| rule.source)))
        .with("rules", rules)
        // For the fix command: the same rules as its argument takes them.
        .with("ip_permissions", ip_permissions(rules))
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

/// Judges each running instance.
fn each_running<'a>(
    cx: &mut Context<'a>,
    region: &'a Region,
    judge: impl Fn(&Context<'a>, &'a Instance) -> Judgement,
) {
    let running = |instance: &&Instance| instance.state == "running";
    cx.each(region.ec2.instances.get().map(|instances| instances.iter().filter(running)), judge);
}

/// Judges the inbound rules of each network ACL that some subnet has.
///
/// The default ACL is judged like any other: it is the one that most subnets have.
fn each_acl(cx: &mut Context<'_>, judge: impl Fn(&NetworkAcl, &Rules<'_>) -> Verdict) {
    cx.each_region(|cx, region| {
        let acls = region.ec2.network_acls.get();
        let in_use = acls.map(|acls| acls.iter().filter(|acl| !acl.subnets.is_empty()));
        cx.each(in_use, |cx, acl: &NetworkAcl| {
            let verdict = judge(acl, &Rules::inbound(acl, cx.place().region)?);
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
            ec2::{
                Instance, InternetGateway, NetworkAcl, NetworkAclEntry, NetworkInterface, PrefixList, Route,
                RouteTable, SecurityGroup, SecurityGroupRule, Subnet,
            },
            ssm::ManagedNode,
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
            ..SecurityGroup::default()
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

    /// An account whose running instance `i-1` the internet reaches on that TCP port.
    pub(super) fn reachable(port: i32) -> Snapshot {
        let mut account = with_instance(|_| ());
        let open = with_ingress(vec![tcp(port, port, "0.0.0.0/0")]);
        let ec2 = &mut region(&mut account).ec2;
        ec2.security_groups = open.regions["eu-west-1"].ec2.security_groups.clone();
        ec2.subnets = read(vec![Subnet {
            id: "subnet-1".into(),
            vpc: "vpc-1".into(),
            cidrs: vec!["10.0.0.0/24".into()],
            ..Subnet::default()
        }]);
        let route = Route { destination: "0.0.0.0/0".into(), target: "igw-1".into(), state: "active".into() };
        ec2.route_tables = read(vec![RouteTable {
            id: "rtb-1".into(),
            vpc: "vpc-1".into(),
            is_main: true,
            routes: vec![route],
            ..RouteTable::default()
        }]);
        ec2.internet_gateways =
            read(vec![InternetGateway { id: "igw-1".into(), vpcs: vec!["vpc-1".into()] }]);
        let all = allow(100, "-1", None, "0.0.0.0/0");
        let acl = with_acl(vec![all.clone(), NetworkAclEntry { egress: true, ..all }]);
        ec2.network_acls = acl.regions["eu-west-1"].ec2.network_acls.clone();
        ec2.network_interfaces = read(vec![interface("eni-1", "sg-web")]);
        account
    }

    /// An interface of the instance `i-1`, with a public address.
    pub(super) fn interface(id: &str, group: &str) -> NetworkInterface {
        NetworkInterface {
            id: id.into(),
            kind: "interface".into(),
            description: String::new(),
            vpc: "vpc-1".into(),
            subnet: "subnet-1".into(),
            security_groups: vec![group.into()],
            instance: Some("i-1".into()),
            private_ips: vec!["10.0.0.4".into()],
            public_ips: vec!["198.51.100.7".into()],
            ipv6_addresses: vec![],
        }
    }

    /// An account with the running instance `i-1`, which has an instance profile and no public address.
    pub(super) fn with_instance(change: impl FnOnce(&mut Instance)) -> Snapshot {
        let mut instance = Instance {
            public_dns: None,
            id: "i-1".into(),
            state: "running".into(),
            image: None,
            key_name: None,
            instance_profile: Some("arn:aws:iam::111122223333:instance-profile/web".into()),
            metadata_http_tokens: Some("required".into()),
            metadata_http_endpoint: Some("enabled".into()),
            public_ip: None,
            vpc: Some("vpc-1".into()),
            subnet: Some("subnet-1".into()),
            security_groups: vec!["sg-web".into()],
            platform: None,
            launched: None,
            tags: [].into(),
        };
        change(&mut instance);
        let mut account = empty();
        region(&mut account).ec2.instances = read(vec![instance]);
        account
    }

    /// The account with a managed node.
    pub(super) fn with_node(mut account: Snapshot, id: &str, ping_status: &str) -> Snapshot {
        region(&mut account).ssm.managed_nodes = read(vec![ManagedNode {
            id: id.into(),
            ping_status: ping_status.into(),
            agent_version: "3.3".into(),
            platform: "Linux".into(),
            platform_name: String::new(),
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
            icmp: None,
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
            ..NetworkAcl::default()
        };
        change(&mut acl);
        let mut account = empty();
        region(&mut account).ec2.network_acls = read(vec![acl]);
        account
    }
}
