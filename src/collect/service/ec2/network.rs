//! The network: how EC2 describes VPCs and what is in them.

use std::collections::BTreeSet;

use aws_audit_checks::snapshot::ec2::{
    FlowLog, InternetGateway, NetworkAcl, NetworkAclEntry, NetworkInterface, PeeredVpc, Route, RouteTable,
    SecurityGroup, SecurityGroupRule, Subnet, Vpc, VpcEndpoint, VpcPeering,
};

use super::{owned, tags};
use crate::collect::{
    api::Node,
    ask::sorted,
    items::{Lacks, filled},
};

/// Whether a range is there by its state: those that were taken away are listed for a while.
fn is_there(state: &Node) -> Result<bool, Lacks> {
    Ok(state.text("state")?.is_none_or(|state| !["disassociated", "failed"].contains(&state)))
}

pub(super) fn vpc(vpc: &Node) -> Result<Vpc, Lacks> {
    let mut cidrs: BTreeSet<_> = vpc.text("cidrBlock")?.into_iter().collect();
    for association in vpc.list("cidrBlockAssociationSet")? {
        if is_there(association.get("cidrBlockState"))? {
            cidrs.extend(association.text("cidrBlock")?);
        }
    }
    for association in vpc.list("ipv6CidrBlockAssociationSet")? {
        if is_there(association.get("ipv6CidrBlockState"))? {
            cidrs.extend(association.text("ipv6CidrBlock")?);
        }
    }
    Ok(Vpc {
        id: vpc.required("vpcId")?,
        is_default: vpc.flag("isDefault")?.ok_or(Lacks::field("isDefault"))?,
        cidrs: cidrs.into_iter().map(str::to_owned).collect(),
        owner: owned(vpc.text("ownerId")?),
        tags: tags(vpc)?,
    })
}

pub(super) fn subnet(subnet: &Node) -> Result<Subnet, Lacks> {
    let mut cidrs: Vec<_> = owned(subnet.text("cidrBlock")?).into_iter().collect();
    let mut private_ipv6_cidrs = Vec::new();
    for association in subnet.list("ipv6CidrBlockAssociationSet")? {
        if !is_there(association.get("ipv6CidrBlockState"))? {
            continue;
        }
        let cidr = owned(association.text("ipv6CidrBlock")?);
        if association.text("ipv6AddressAttribute")? == Some("private") {
            private_ipv6_cidrs.extend(cidr.clone());
        }
        cidrs.extend(cidr);
    }
    let maps_public_ip = subnet.flag("mapPublicIpOnLaunch")?;
    let block = subnet.get("blockPublicAccessStates").text("internetGatewayBlockMode")?;
    Ok(Subnet {
        id: subnet.required("subnetId")?,
        vpc: subnet.required("vpcId")?,
        cidrs,
        private_ipv6_cidrs,
        map_public_ip_on_launch: maps_public_ip.ok_or(Lacks::field("mapPublicIpOnLaunch"))?,
        assign_ipv6_address_on_creation: subnet.flag("assignIpv6AddressOnCreation")?.unwrap_or_default(),
        block_public_access: owned(block),
        owner: owned(subnet.text("ownerId")?),
        tags: tags(subnet)?,
    })
}

pub(super) fn route_table(table: &Node) -> Result<RouteTable, Lacks> {
    let mut is_main = false;
    for association in table.list("associationSet")? {
        is_main |= association.flag("main")? == Some(true);
    }
    // The main route table and those of gateways are associated with no subnet.
    let subnets = table.some("associationSet", "subnetId")?;
    let routes = table.list("routeSet")?.into_iter().map(route).collect::<Result<Vec<_>, _>>()?;
    Ok(RouteTable {
        id: table.required("routeTableId")?,
        vpc: table.required("vpcId")?,
        is_main,
        subnets: sorted(subnets.into_iter().map(str::to_owned), Clone::clone),
        routes: sorted(routes, |route| route.destination.clone()),
        owner: owned(table.text("ownerId")?),
        tags: tags(table)?,
    })
}

fn route(route: &Node) -> Result<Route, Lacks> {
    let destination = route
        .text("destinationCidrBlock")?
        .or(route.text("destinationIpv6CidrBlock")?)
        .or(route.text("destinationPrefixListId")?);
    // A route through an instance names its interface too; the gateway's field holds several kinds. Of a kind
    // that this program does not know, there is a route, but none to an internet gateway.
    let target = route
        .text("gatewayId")?
        .or(route.text("natGatewayId")?)
        .or(route.text("egressOnlyInternetGatewayId")?)
        .or(route.text("transitGatewayId")?)
        .or(route.text("vpcPeeringConnectionId")?)
        .or(route.text("localGatewayId")?)
        .or(route.text("carrierGatewayId")?)
        .or(route.text("coreNetworkArn")?)
        .or(route.text("networkInterfaceId")?)
        .or(route.text("instanceId")?);
    Ok(Route {
        destination: filled(destination).ok_or(Lacks::field("destinationCidrBlock"))?,
        target: target.unwrap_or_default().to_owned(),
        state: route.text("state")?.unwrap_or("active").to_owned(),
    })
}

pub(super) fn internet_gateway(gateway: &Node) -> Result<InternetGateway, Lacks> {
    Ok(InternetGateway {
        id: gateway.required("internetGatewayId")?,
        vpcs: gateway.each("attachmentSet", "vpcId")?,
    })
}

/// Highest number that a rule of a network ACL can be given (EC2 API Reference, "CreateNetworkAclEntry"). What has a
/// higher one denies the rest, and is in every network ACL: 32767 for IPv4 and, where the VPC has IPv6, 32768 for that.
const LAST_RULE: i32 = 32766;

pub(super) fn network_acl(acl: &Node) -> Result<NetworkAcl, Lacks> {
    let entries = acl.list("entrySet")?.into_iter().map(network_acl_entry).collect::<Result<Vec<_>, _>>()?;
    let entries = entries.into_iter().filter(|entry| entry.number <= LAST_RULE);
    Ok(NetworkAcl {
        id: acl.required("networkAclId")?,
        vpc: acl.required("vpcId")?,
        is_default: acl.flag("default")?.ok_or(Lacks::field("default"))?,
        subnets: sorted(acl.each("associationSet", "subnetId")?, Clone::clone),
        entries: sorted(entries, |entry| (entry.egress, entry.number, entry.cidr.clone())),
        owner: owned(acl.text("ownerId")?),
        tags: tags(acl)?,
    })
}

fn network_acl_entry(entry: &Node) -> Result<NetworkAclEntry, Lacks> {
    let port = |port: Option<i32>| port.and_then(|port| u16::try_from(port).ok());
    let ports = entry.get("portRange");
    let icmp = entry.get("icmpTypeCode");
    let cidr = entry.text("cidrBlock")?.or(entry.text("ipv6CidrBlock")?);
    Ok(NetworkAclEntry {
        number: entry.integer("ruleNumber")?.ok_or(Lacks::field("ruleNumber"))?,
        egress: entry.flag("egress")?.ok_or(Lacks::field("egress"))?,
        allow: match entry.text("ruleAction")? {
            Some("allow") => true,
            Some("deny") => false,
            Some(other) => return Err(Lacks::unknown("ruleAction", other)),
            None => return Err(Lacks::field("ruleAction")),
        },
        protocol: entry.required("protocol")?,
        cidr: filled(cidr).ok_or(Lacks::field("cidrBlock"))?,
        ports: port(ports.integer("from")?).zip(port(ports.integer("to")?)),
        icmp: icmp.integer("type")?.zip(icmp.integer("code")?),
    })
}

pub(super) fn security_group(group: &Node) -> Result<SecurityGroup, Lacks> {
    Ok(SecurityGroup {
        id: group.required("groupId")?,
        name: group.text("groupName")?.unwrap_or_default().to_owned(),
        vpc: owned(group.text("vpcId")?),
        ingress: rules(group.list("ipPermissions")?)?,
        egress: rules(group.list("ipPermissionsEgress")?)?,
        owner: owned(group.text("ownerId")?),
        tags: tags(group)?,
    })
}

fn rules(permissions: Vec<&Node>) -> Result<Vec<SecurityGroupRule>, Lacks> {
    let rules = permissions.into_iter().map(|permission| {
        let v4 = permission.each("ipRanges", "cidrIp")?;
        let v6 = permission.each("ipv6Ranges", "cidrIpv6")?;
        Ok(SecurityGroupRule {
            protocol: permission.text("ipProtocol")?.unwrap_or("-1").to_owned(),
            ports: permission.integer("fromPort")?.zip(permission.integer("toPort")?),
            cidrs: sorted(v4.into_iter().chain(v6), Clone::clone),
            prefix_lists: sorted(permission.each("prefixListIds", "prefixListId")?, Clone::clone),
            groups: sorted(permission.each("groups", "groupId")?, Clone::clone),
        })
    });
    let rules = rules.collect::<Result<Vec<_>, _>>()?;
    Ok(sorted(rules, |rule| (rule.protocol.clone(), rule.ports, rule.cidrs.clone(), rule.groups.clone())))
}

pub(super) fn network_interface(interface: &Node) -> Result<NetworkInterface, Lacks> {
    let private = interface.some("privateIpAddressesSet", "privateIpAddress")?;
    let v6 = interface.some("ipv6AddressesSet", "ipv6Address")?;
    let mut public: BTreeSet<_> = interface.get("association").text("publicIp")?.into_iter().collect();
    for address in interface.list("privateIpAddressesSet")? {
        public.extend(address.get("association").text("publicIp")?);
    }
    Ok(NetworkInterface {
        id: interface.required("networkInterfaceId")?,
        kind: interface.text("interfaceType")?.unwrap_or("interface").to_owned(),
        description: interface.text("description")?.unwrap_or_default().to_owned(),
        vpc: interface.text("vpcId")?.unwrap_or_default().to_owned(),
        subnet: interface.text("subnetId")?.unwrap_or_default().to_owned(),
        security_groups: sorted(interface.each("groupSet", "groupId")?, Clone::clone),
        instance: owned(interface.get("attachment").text("instanceId")?),
        private_ips: sorted(private.into_iter().map(str::to_owned), Clone::clone),
        public_ips: public.into_iter().map(str::to_owned).collect(),
        ipv6_addresses: sorted(v6.into_iter().map(str::to_owned), Clone::clone),
    })
}

pub(super) fn vpc_endpoint(endpoint: &Node) -> Result<VpcEndpoint, Lacks> {
    let service = endpoint
        .text("serviceName")?
        .or(endpoint.text("resourceConfigurationArn")?)
        .or(endpoint.text("serviceNetworkArn")?);
    Ok(VpcEndpoint {
        id: endpoint.required("vpcEndpointId")?,
        kind: endpoint.text("vpcEndpointType")?.unwrap_or("Gateway").to_owned(),
        service: service.unwrap_or_default().to_owned(),
        vpc: endpoint.text("vpcId")?.unwrap_or_default().to_owned(),
        state: endpoint.text("state")?.unwrap_or_default().to_owned(),
        policy: filled(endpoint.text("policyDocument")?),
        security_groups: sorted(endpoint.each("groupSet", "groupId")?, Clone::clone),
        owner: owned(endpoint.text("ownerId")?),
        tags: tags(endpoint)?,
    })
}

pub(super) fn flow_log(log: &Node) -> Result<FlowLog, Lacks> {
    Ok(FlowLog {
        id: log.required("flowLogId")?,
        resource: log.required("resourceId")?,
        status: log.text("flowLogStatus")?.unwrap_or_default().to_owned(),
        traffic_type: log.text("trafficType")?.unwrap_or_default().to_owned(),
        delivery_status: owned(log.text("deliverLogsStatus")?),
        delivery_error: owned(log.text("deliverLogsErrorMessage")?),
    })
}

pub(super) fn vpc_peering(peering: &Node) -> Result<VpcPeering, Lacks> {
    Ok(VpcPeering {
        id: peering.required("vpcPeeringConnectionId")?,
        status: peering.get("status").text("code")?.unwrap_or_default().to_owned(),
        requester: peered_vpc(peering.get("requesterVpcInfo"))?,
        accepter: peered_vpc(peering.get("accepterVpcInfo"))?,
    })
}

fn peered_vpc(side: &Node) -> Result<PeeredVpc, Lacks> {
    let mut cidrs: BTreeSet<_> = side.text("cidrBlock")?.into_iter().collect();
    cidrs.extend(side.some("cidrBlockSet", "cidrBlock")?);
    cidrs.extend(side.some("ipv6CidrBlockSet", "ipv6CidrBlock")?);
    Ok(PeeredVpc {
        vpc: side.text("vpcId")?.unwrap_or_default().to_owned(),
        account: side.text("ownerId")?.unwrap_or_default().to_owned(),
        region: side.text("region")?.unwrap_or_default().to_owned(),
        cidrs: cidrs.into_iter().map(str::to_owned).collect(),
    })
}
