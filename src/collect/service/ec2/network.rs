//! The network: how EC2 describes VPCs and what is in them.

use std::collections::BTreeSet;

use aws_audit_checks::snapshot::ec2::{
    FlowLog, InternetGateway, NetworkAcl, NetworkAclEntry, NetworkInterface, PeeredVpc, Route, RouteTable,
    SecurityGroup, SecurityGroupRule, Subnet, Vpc, VpcEndpoint, VpcPeering,
};
use aws_sdk_ec2::types;

use super::ec2_tags;
use crate::collect::{
    ask::sorted,
    items::{Lacks, text, texts},
};

pub(super) fn vpc(vpc: &types::Vpc) -> Result<Vpc, Lacks> {
    // Ranges that were taken away are listed for a while.
    let is_there = |state: Option<&types::VpcCidrBlockState>| {
        let state = state.and_then(|state| state.state());
        state.is_none_or(|state| !["disassociated", "failed"].contains(&state.as_str()))
    };
    let v4 = vpc.cidr_block_association_set().iter().filter(|it| is_there(it.cidr_block_state()));
    let v4 = v4.filter_map(|association| association.cidr_block());
    let v6 = vpc.ipv6_cidr_block_association_set().iter().filter(|it| is_there(it.ipv6_cidr_block_state()));
    let v6 = v6.filter_map(|association| association.ipv6_cidr_block());
    let cidrs: BTreeSet<_> = vpc.cidr_block().into_iter().chain(v4).chain(v6).map(str::to_owned).collect();
    Ok(Vpc {
        id: text(vpc.vpc_id(), "VpcId")?,
        is_default: vpc.is_default().ok_or(Lacks::field("IsDefault"))?,
        cidrs: cidrs.into_iter().collect(),
        owner: vpc.owner_id().map(str::to_owned),
        tags: ec2_tags(vpc.tags()),
    })
}

pub(super) fn subnet(subnet: &types::Subnet) -> Result<Subnet, Lacks> {
    let is_there = |association: &&types::SubnetIpv6CidrBlockAssociation| {
        let state = association.ipv6_cidr_block_state().and_then(|state| state.state());
        state.is_none_or(|state| !["disassociated", "failed"].contains(&state.as_str()))
    };
    let v6 = || subnet.ipv6_cidr_block_association_set().iter().filter(is_there);
    let is_private = |association: &&types::SubnetIpv6CidrBlockAssociation| {
        association.ipv6_address_attribute() == Some(&types::Ipv6AddressAttribute::Private)
    };
    let private = v6().filter(is_private).filter_map(|association| association.ipv6_cidr_block());
    let v6 = v6().filter_map(|association| association.ipv6_cidr_block());
    let block = subnet.block_public_access_states();
    let block = block.and_then(|states| states.internet_gateway_block_mode());
    Ok(Subnet {
        id: text(subnet.subnet_id(), "SubnetId")?,
        vpc: text(subnet.vpc_id(), "VpcId")?,
        cidrs: subnet.cidr_block().into_iter().chain(v6).map(str::to_owned).collect(),
        private_ipv6_cidrs: private.map(str::to_owned).collect(),
        map_public_ip_on_launch: subnet
            .map_public_ip_on_launch()
            .ok_or(Lacks::field("MapPublicIpOnLaunch"))?,
        assign_ipv6_address_on_creation: subnet.assign_ipv6_address_on_creation().unwrap_or_default(),
        block_public_access: block.map(|mode| mode.as_str().to_owned()),
        owner: subnet.owner_id().map(str::to_owned),
        tags: ec2_tags(subnet.tags()),
    })
}

pub(super) fn route_table(table: &types::RouteTable) -> Result<RouteTable, Lacks> {
    // The main route table and those of gateways are associated with no subnet.
    let subnets = table.associations().iter().filter_map(|association| association.subnet_id());
    let routes = table.routes().iter().map(route).collect::<Result<Vec<_>, _>>()?;
    Ok(RouteTable {
        id: text(table.route_table_id(), "RouteTableId")?,
        vpc: text(table.vpc_id(), "VpcId")?,
        is_main: table.associations().iter().any(|association| association.main() == Some(true)),
        subnets: sorted(subnets.map(str::to_owned), Clone::clone),
        routes: sorted(routes, |route| route.destination.clone()),
        owner: table.owner_id().map(str::to_owned),
        tags: ec2_tags(table.tags()),
    })
}

fn route(route: &types::Route) -> Result<Route, Lacks> {
    let destination = route
        .destination_cidr_block()
        .or(route.destination_ipv6_cidr_block())
        .or(route.destination_prefix_list_id());
    // A route through an instance names its interface too; the gateway's field holds several kinds. Of a kind
    // that this program does not know, there is a route, but none to an internet gateway.
    let target = route
        .gateway_id()
        .or(route.nat_gateway_id())
        .or(route.egress_only_internet_gateway_id())
        .or(route.transit_gateway_id())
        .or(route.vpc_peering_connection_id())
        .or(route.local_gateway_id())
        .or(route.carrier_gateway_id())
        .or(route.core_network_arn())
        .or(route.network_interface_id())
        .or(route.instance_id());
    Ok(Route {
        destination: text(destination, "DestinationCidrBlock")?,
        target: target.unwrap_or_default().to_owned(),
        state: route.state().map_or("active", |state| state.as_str()).to_owned(),
    })
}

pub(super) fn internet_gateway(gateway: &types::InternetGateway) -> Result<InternetGateway, Lacks> {
    let vpcs = gateway.attachments().iter().map(|attachment| attachment.vpc_id());
    Ok(InternetGateway {
        id: text(gateway.internet_gateway_id(), "InternetGatewayId")?,
        vpcs: texts(vpcs, "VpcId")?,
    })
}

/// Highest number that a rule of a network ACL can be given (EC2 API Reference, "CreateNetworkAclEntry"). What has a
/// higher one denies the rest, and is in every network ACL: 32767 for IPv4 and, where the VPC has IPv6, 32768 for that.
const LAST_RULE: i32 = 32766;

pub(super) fn network_acl(acl: &types::NetworkAcl) -> Result<NetworkAcl, Lacks> {
    let subnets = acl.associations().iter().map(|association| association.subnet_id());
    let entries = acl.entries().iter().map(network_acl_entry).collect::<Result<Vec<_>, _>>()?;
    let entries = entries.into_iter().filter(|entry| entry.number <= LAST_RULE);
    Ok(NetworkAcl {
        id: text(acl.network_acl_id(), "NetworkAclId")?,
        vpc: text(acl.vpc_id(), "VpcId")?,
        is_default: acl.is_default().ok_or(Lacks::field("IsDefault"))?,
        subnets: sorted(texts(subnets, "SubnetId")?, Clone::clone),
        entries: sorted(entries, |entry| (entry.egress, entry.number, entry.cidr.clone())),
        owner: acl.owner_id().map(str::to_owned),
        tags: ec2_tags(acl.tags()),
    })
}

fn network_acl_entry(entry: &types::NetworkAclEntry) -> Result<NetworkAclEntry, Lacks> {
    let port = |port: Option<i32>| port.and_then(|port| u16::try_from(port).ok());
    let ports = entry.port_range().and_then(|range| Some((port(range.from())?, port(range.to())?)));
    Ok(NetworkAclEntry {
        number: entry.rule_number().ok_or(Lacks::field("RuleNumber"))?,
        egress: entry.egress().ok_or(Lacks::field("Egress"))?,
        allow: match entry.rule_action() {
            Some(types::RuleAction::Allow) => true,
            Some(types::RuleAction::Deny) => false,
            _ => return Err(Lacks::field("RuleAction")),
        },
        protocol: text(entry.protocol(), "Protocol")?,
        cidr: text(entry.cidr_block().or(entry.ipv6_cidr_block()), "CidrBlock")?,
        ports,
        icmp: entry.icmp_type_code().and_then(|icmp| Some((icmp.r#type()?, icmp.code()?))),
    })
}

pub(super) fn security_group(group: &types::SecurityGroup) -> Result<SecurityGroup, Lacks> {
    Ok(SecurityGroup {
        id: text(group.group_id(), "GroupId")?,
        name: group.group_name().unwrap_or_default().to_owned(),
        vpc: group.vpc_id().map(str::to_owned),
        ingress: rules(group.ip_permissions())?,
        egress: rules(group.ip_permissions_egress())?,
        owner: group.owner_id().map(str::to_owned),
        tags: ec2_tags(group.tags()),
    })
}

fn rules(permissions: &[types::IpPermission]) -> Result<Vec<SecurityGroupRule>, Lacks> {
    let rules = permissions.iter().map(|permission| {
        let v4 = permission.ip_ranges().iter().map(|range| range.cidr_ip());
        let v6 = permission.ipv6_ranges().iter().map(|range| range.cidr_ipv6());
        let prefix_lists = permission.prefix_list_ids().iter().map(|list| list.prefix_list_id());
        let groups = permission.user_id_group_pairs().iter().map(|pair| pair.group_id());
        Ok(SecurityGroupRule {
            protocol: permission.ip_protocol().unwrap_or("-1").to_owned(),
            ports: permission.from_port().zip(permission.to_port()),
            cidrs: sorted(texts(v4.chain(v6), "CidrIp")?, Clone::clone),
            prefix_lists: sorted(texts(prefix_lists, "PrefixListId")?, Clone::clone),
            groups: sorted(texts(groups, "GroupId")?, Clone::clone),
        })
    });
    let rules = rules.collect::<Result<Vec<_>, _>>()?;
    Ok(sorted(rules, |rule| (rule.protocol.clone(), rule.ports, rule.cidrs.clone(), rule.groups.clone())))
}

pub(super) fn network_interface(interface: &types::NetworkInterface) -> Result<NetworkInterface, Lacks> {
    let groups = interface.groups().iter().map(|group| group.group_id());
    let addresses = interface.private_ip_addresses();
    let private = addresses.iter().filter_map(|address| address.private_ip_address());
    let public = addresses.iter().filter_map(|address| address.association()?.public_ip());
    let v6 = interface.ipv6_addresses().iter().filter_map(|address| address.ipv6_address());
    let of_interface = interface.association().and_then(|association| association.public_ip());
    let public: BTreeSet<_> = public.chain(of_interface).map(str::to_owned).collect();
    Ok(NetworkInterface {
        id: text(interface.network_interface_id(), "NetworkInterfaceId")?,
        kind: interface.interface_type().map_or("interface", |kind| kind.as_str()).to_owned(),
        description: interface.description().unwrap_or_default().to_owned(),
        vpc: interface.vpc_id().unwrap_or_default().to_owned(),
        subnet: interface.subnet_id().unwrap_or_default().to_owned(),
        security_groups: sorted(texts(groups, "GroupId")?, Clone::clone),
        instance: interface.attachment().and_then(|attachment| attachment.instance_id()).map(str::to_owned),
        private_ips: sorted(private.map(str::to_owned), Clone::clone),
        public_ips: public.into_iter().collect(),
        ipv6_addresses: sorted(v6.map(str::to_owned), Clone::clone),
    })
}

pub(super) fn vpc_endpoint(endpoint: &types::VpcEndpoint) -> Result<VpcEndpoint, Lacks> {
    let groups = endpoint.groups().iter().map(|group| group.group_id());
    let service = endpoint
        .service_name()
        .or_else(|| endpoint.resource_configuration_arn())
        .or_else(|| endpoint.service_network_arn());
    Ok(VpcEndpoint {
        id: text(endpoint.vpc_endpoint_id(), "VpcEndpointId")?,
        kind: endpoint.vpc_endpoint_type().map_or("Gateway", |kind| kind.as_str()).to_owned(),
        service: service.unwrap_or_default().to_owned(),
        vpc: endpoint.vpc_id().unwrap_or_default().to_owned(),
        state: endpoint.state().map_or("", |state| state.as_str()).to_owned(),
        policy: endpoint.policy_document().filter(|policy| !policy.is_empty()).map(str::to_owned),
        security_groups: sorted(texts(groups, "GroupId")?, Clone::clone),
        owner: endpoint.owner_id().map(str::to_owned),
        tags: ec2_tags(endpoint.tags()),
    })
}

pub(super) fn flow_log(log: &types::FlowLog) -> Result<FlowLog, Lacks> {
    Ok(FlowLog {
        id: text(log.flow_log_id(), "FlowLogId")?,
        resource: text(log.resource_id(), "ResourceId")?,
        status: log.flow_log_status().unwrap_or_default().to_owned(),
        traffic_type: log.traffic_type().map_or("", |kind| kind.as_str()).to_owned(),
        delivery_status: log.deliver_logs_status().map(str::to_owned),
        delivery_error: log.deliver_logs_error_message().map(str::to_owned),
    })
}

pub(super) fn vpc_peering(peering: &types::VpcPeeringConnection) -> Result<VpcPeering, Lacks> {
    let status = peering.status().and_then(|status| status.code());
    Ok(VpcPeering {
        id: text(peering.vpc_peering_connection_id(), "VpcPeeringConnectionId")?,
        status: status.map_or("", |code| code.as_str()).to_owned(),
        requester: peered_vpc(peering.requester_vpc_info()),
        accepter: peered_vpc(peering.accepter_vpc_info()),
    })
}

fn peered_vpc(side: Option<&types::VpcPeeringConnectionVpcInfo>) -> PeeredVpc {
    let Some(side) = side else { return PeeredVpc::default() };
    let v4 = side.cidr_block_set().iter().filter_map(|block| block.cidr_block());
    let v6 = side.ipv6_cidr_block_set().iter().filter_map(|block| block.ipv6_cidr_block());
    let cidrs: BTreeSet<_> = side.cidr_block().into_iter().chain(v4).chain(v6).map(str::to_owned).collect();
    PeeredVpc {
        vpc: side.vpc_id().unwrap_or_default().to_owned(),
        account: side.owner_id().unwrap_or_default().to_owned(),
        region: side.region().unwrap_or_default().to_owned(),
        cidrs: cidrs.into_iter().collect(),
    }
}
