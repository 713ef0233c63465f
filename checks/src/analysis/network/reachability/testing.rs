//! An account for the tests of reachability.

use serde_json::{Value, json};

use crate::{
    snapshot::Region,
    testing::{empty, read, region, security_groups},
};

/// A region with one VPC and one subnet that is open to the internet, and the interface `eni-1` of instance
/// `i-1` in it with both kinds of addresses and the group `sg-1` that lets in TCP 22; changed by the function.
pub(super) fn network(change: impl FnOnce(&mut Value)) -> Region {
    let mut ec2 = json!({
        "vpcs": [{"id": "vpc-1", "is_default": false, "cidrs": ["10.0.0.0/16"], "owner": null, "tags": {}}],
        "subnets": [{"id": "subnet-1", "vpc": "vpc-1", "cidrs": ["10.0.0.0/24"], "private_ipv6_cidrs": [],
                     "map_public_ip_on_launch": false, "assign_ipv6_address_on_creation": false, "tags": {}}],
        "route_tables": [{"id": "rtb-1", "vpc": "vpc-1", "is_main": true, "subnets": [], "tags": {}, "routes": [
            {"destination": "10.0.0.0/16", "target": "local", "state": "active"},
            {"destination": "0.0.0.0/0", "target": "igw-1", "state": "active"},
            {"destination": "::/0", "target": "igw-1", "state": "active"}]}],
        "internet_gateways": [{"id": "igw-1", "vpcs": ["vpc-1"]}],
        "network_acls": [{"id": "acl-1", "vpc": "vpc-1", "is_default": true, "subnets": ["subnet-1"], "tags": {}, "entries": [
            entry(100, false, true, "-1", "0.0.0.0/0", None), entry(101, false, true, "-1", "::/0", None),
            entry(100, true, true, "-1", "0.0.0.0/0", None), entry(101, true, true, "-1", "::/0", None)]}],
        "security_groups": [{"id": "sg-1", "name": "ssh", "vpc": "vpc-1", "egress": [], "tags": {},
            "ingress": [{"protocol": "tcp", "ports": [22, 22], "cidrs": ["0.0.0.0/0", "::/0"]}]}],
        "network_interfaces": [{"id": "eni-1", "kind": "interface", "description": "", "vpc": "vpc-1", "subnet": "subnet-1",
            "security_groups": ["sg-1"], "instance": "i-1", "private_ips": ["10.0.0.4"],
            "public_ips": ["198.51.100.7"], "ipv6_addresses": []}],
    });
    change(&mut ec2);
    let mut account = empty();
    let found = region(&mut account);
    found.ec2.vpcs = read(serde_json::from_value(ec2["vpcs"].take()).unwrap());
    found.ec2.subnets = read(serde_json::from_value(ec2["subnets"].take()).unwrap());
    found.ec2.route_tables = read(serde_json::from_value(ec2["route_tables"].take()).unwrap());
    found.ec2.internet_gateways = read(serde_json::from_value(ec2["internet_gateways"].take()).unwrap());
    found.ec2.network_acls = read(serde_json::from_value(ec2["network_acls"].take()).unwrap());
    found.ec2.security_groups = read(security_groups(ec2["security_groups"].take()));
    found.ec2.network_interfaces = read(serde_json::from_value(ec2["network_interfaces"].take()).unwrap());
    found.clone()
}

pub(super) fn entry(
    number: i32,
    egress: bool,
    allow: bool,
    protocol: &str,
    cidr: &str,
    ports: Option<(u16, u16)>,
) -> Value {
    json!({"number": number, "egress": egress, "allow": allow, "protocol": protocol, "cidr": cidr, "ports": ports})
}
