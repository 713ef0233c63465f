//! Networks: VPCs and what is in them.

use serde::{Deserialize, Serialize};

use super::super::{Judged, Place, Tags};
use crate::gap::Collected;

/// A VPC.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vpc {
    /// `vpc-…`
    pub id: String,
    /// It came with the account.
    pub is_default: bool,
    /// Its IPv4 and IPv6 ranges.
    pub cidrs: Vec<String>,
    /// The account that owns it: another one where it is shared with this one.
    pub owner: Option<String>,
    /// Tags.
    pub tags: Tags,
}

impl Judged for Vpc {
    const TYPE: &'static str = "AWS::EC2::VPC";
    fn id(&self) -> String {
        self.id.clone()
    }
    fn arn(&self, place: &Place<'_>) -> String {
        place.arn("ec2", &format!("vpc/{}", self.id))
    }
    fn tags(&self) -> Option<&Tags> {
        Some(&self.tags)
    }
    fn owner(&self) -> Option<&str> {
        self.owner.as_deref()
    }
}

/// A subnet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subnet {
    /// `subnet-…`
    pub id: String,
    /// Its VPC.
    pub vpc: String,
    /// Its IPv4 and IPv6 ranges.
    pub cidrs: Vec<String>,
    /// Its IPv6 ranges that are private: not announced to the internet, whatever addresses they hold.
    pub private_ipv6_cidrs: Vec<String>,
    /// Instances get a public IPv4 address at launch.
    pub map_public_ip_on_launch: bool,
    /// Network interfaces get an IPv6 address when they are created.
    pub assign_ipv6_address_on_creation: bool,
    /// What VPC block public access makes of it: `off`, `block-bidirectional` or `block-ingress`; none where AWS
    /// does not tell.
    pub block_public_access: Option<String>,
    /// The account that owns it: another one where it is shared with this one.
    pub owner: Option<String>,
    /// Tags.
    pub tags: Tags,
}

impl Judged for Subnet {
    const TYPE: &'static str = "AWS::EC2::Subnet";
    fn id(&self) -> String {
        self.id.clone()
    }
    fn arn(&self, place: &Place<'_>) -> String {
        place.arn("ec2", &format!("subnet/{}", self.id))
    }
    fn tags(&self) -> Option<&Tags> {
        Some(&self.tags)
    }
    fn owner(&self) -> Option<&str> {
        self.owner.as_deref()
    }
}

/// A route table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouteTable {
    /// `rtb-…`
    pub id: String,
    /// Its VPC.
    pub vpc: String,
    /// It serves the subnets that have no table of their own.
    pub is_main: bool,
    /// Subnets that it is associated with.
    pub subnets: Vec<String>,
    /// Routes.
    pub routes: Vec<Route>,
    /// The account that owns it: another one where its VPC is shared with this one.
    pub owner: Option<String>,
    /// Tags.
    pub tags: Tags,
}

impl Judged for RouteTable {
    const TYPE: &'static str = "AWS::EC2::RouteTable";
    fn id(&self) -> String {
        self.id.clone()
    }
    fn arn(&self, place: &Place<'_>) -> String {
        place.arn("ec2", &format!("route-table/{}", self.id))
    }
    fn tags(&self) -> Option<&Tags> {
        Some(&self.tags)
    }
    fn owner(&self) -> Option<&str> {
        self.owner.as_deref()
    }
}

/// A route.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route {
    /// IPv4 or IPv6 range, or a prefix list's id.
    pub destination: String,
    /// Where it leads: `igw-…`, `eigw-…`, `nat-…`, `pcx-…`, `tgw-…`, `vpce-…`, `eni-…`, `local`, ….
    pub target: String,
    /// `active` or `blackhole`.
    pub state: String,
}

/// An internet gateway.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InternetGateway {
    /// `igw-…`
    pub id: String,
    /// VPCs that it is attached to.
    pub vpcs: Vec<String>,
}

/// A network ACL.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkAcl {
    /// `acl-…`
    pub id: String,
    /// Its VPC.
    pub vpc: String,
    /// It serves the subnets that have no other.
    pub is_default: bool,
    /// Subnets that it is associated with.
    pub subnets: Vec<String>,
    /// Its rules, by number; those that deny the rest of IPv4 and of IPv6 are not among them.
    pub entries: Vec<NetworkAclEntry>,
    /// The account that owns it: another one where its VPC is shared with this one.
    pub owner: Option<String>,
    /// Tags.
    pub tags: Tags,
}

impl Judged for NetworkAcl {
    const TYPE: &'static str = "AWS::EC2::NetworkAcl";
    fn id(&self) -> String {
        self.id.clone()
    }
    fn arn(&self, place: &Place<'_>) -> String {
        place.arn("ec2", &format!("network-acl/{}", self.id))
    }
    fn tags(&self) -> Option<&Tags> {
        Some(&self.tags)
    }
    fn owner(&self) -> Option<&str> {
        self.owner.as_deref()
    }
}

/// A rule of a network ACL.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkAclEntry {
    /// Rules are tried from the lowest number up.
    pub number: i32,
    /// For traffic out of the subnet.
    pub egress: bool,
    /// It allows; otherwise it denies.
    pub allow: bool,
    /// IANA protocol number, `-1` for all.
    pub protocol: String,
    /// IPv4 or IPv6 range.
    pub cidr: String,
    /// First and last port, for TCP and UDP.
    pub ports: Option<(u16, u16)>,
    /// Type and code, for ICMP and ICMPv6; `-1` is all.
    pub icmp: Option<(i32, i32)>,
}

/// A security group.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecurityGroup {
    /// `sg-…`
    pub id: String,
    /// Its name, unique in the VPC; `default` for the default group.
    pub name: String,
    /// Its VPC.
    pub vpc: Option<String>,
    /// Rules for traffic in.
    pub ingress: Vec<SecurityGroupRule>,
    /// Rules for traffic out.
    pub egress: Vec<SecurityGroupRule>,
    /// The account that owns it: another one where it is shared with this one, or where a participant made it in a
    /// VPC that this one shares.
    pub owner: Option<String>,
    /// Tags.
    pub tags: Tags,
}

impl Judged for SecurityGroup {
    const TYPE: &'static str = "AWS::EC2::SecurityGroup";
    fn id(&self) -> String {
        self.id.clone()
    }
    fn arn(&self, place: &Place<'_>) -> String {
        place.arn("ec2", &format!("security-group/{}", self.id))
    }
    fn name(&self) -> Option<&str> {
        Some(&self.name)
    }
    fn tags(&self) -> Option<&Tags> {
        Some(&self.tags)
    }
    fn owner(&self) -> Option<&str> {
        self.owner.as_deref()
    }
}

/// A rule of a security group: one protocol and port range for some peers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecurityGroupRule {
    /// `tcp`, `udp`, `icmp`, `icmpv6`, a protocol number, or `-1` for all.
    pub protocol: String,
    /// First and last port; for ICMP, type and code. None when there is no limit.
    pub ports: Option<(i32, i32)>,
    /// IPv4 and IPv6 ranges.
    pub cidrs: Vec<String>,
    /// Prefix lists.
    pub prefix_lists: Vec<String>,
    /// Other security groups.
    pub groups: Vec<String>,
}

/// A network interface.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkInterface {
    /// `eni-…`
    pub id: String,
    /// What it is for: `interface`, `nat_gateway`, `network_load_balancer`, `lambda`, ….
    pub kind: String,
    /// Its description, which tells the service's resource.
    pub description: String,
    /// Its VPC.
    pub vpc: String,
    /// Its subnet.
    pub subnet: String,
    /// Its security groups.
    pub security_groups: Vec<String>,
    /// The instance that it is attached to.
    pub instance: Option<String>,
    /// Private IPv4 addresses.
    pub private_ips: Vec<String>,
    /// Public IPv4 addresses.
    pub public_ips: Vec<String>,
    /// IPv6 addresses, all of them global.
    pub ipv6_addresses: Vec<String>,
}

/// A VPC endpoint.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VpcEndpoint {
    /// `vpce-…`
    pub id: String,
    /// `Interface`, `Gateway`, `GatewayLoadBalancer`, `Resource` or `ServiceNetwork`.
    pub kind: String,
    /// E.g. `com.amazonaws.eu-west-1.s3`; the ARN of the resource configuration or service network that it leads
    /// to instead, where it is of no service.
    pub service: String,
    /// Its VPC.
    pub vpc: String,
    /// `Available`, `Pending`, …, in whatever case of letters.
    pub state: String,
    /// Its policy, as JSON text; none for kinds without one. Where the service knows none, AWS shows the default.
    pub policy: Option<String>,
    /// Security groups of an interface endpoint.
    pub security_groups: Vec<String>,
    /// The account that owns it.
    pub owner: Option<String>,
    /// Tags.
    pub tags: Tags,
}

impl VpcEndpoint {
    /// Whether it carries nothing any more, or never came to.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        let gone = ["deleted", "deleting", "expired", "failed", "rejected"];
        gone.iter().any(|state| self.state.eq_ignore_ascii_case(state))
    }
}

impl Judged for VpcEndpoint {
    const TYPE: &'static str = "AWS::EC2::VPCEndpoint";
    fn id(&self) -> String {
        self.id.clone()
    }
    fn arn(&self, place: &Place<'_>) -> String {
        place.arn("ec2", &format!("vpc-endpoint/{}", self.id))
    }
    fn tags(&self) -> Option<&Tags> {
        Some(&self.tags)
    }
    fn owner(&self) -> Option<&str> {
        self.owner.as_deref()
    }
}

/// An endpoint service that the account offers to others.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct VpcEndpointService {
    /// `vpce-svc-…`
    pub id: String,
    /// Connections wait to be accepted.
    pub acceptance_required: bool,
    /// Principals that may connect; `*` is anyone.
    pub allowed_principals: Collected<Vec<String>>,
    /// Tags.
    pub tags: Tags,
}

impl Judged for VpcEndpointService {
    const TYPE: &'static str = "AWS::EC2::VPCEndpointService";
    fn id(&self) -> String {
        self.id.clone()
    }
    fn arn(&self, place: &Place<'_>) -> String {
        place.arn("ec2", &format!("vpc-endpoint-service/{}", self.id))
    }
    fn tags(&self) -> Option<&Tags> {
        Some(&self.tags)
    }
}

/// A flow log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowLog {
    /// `fl-…`
    pub id: String,
    /// The VPC, subnet or interface that it watches.
    pub resource: String,
    /// `ACTIVE`.
    pub status: String,
    /// `ALL`, `ACCEPT` or `REJECT`.
    pub traffic_type: String,
    /// `SUCCESS` or `FAILED`.
    pub delivery_status: Option<String>,
    /// Why delivery failed: `Access error`, `Rate limited` or `Unknown error`.
    pub delivery_error: Option<String>,
}

/// A VPC peering connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VpcPeering {
    /// `pcx-…`
    pub id: String,
    /// `active`, `pending-acceptance`, ….
    pub status: String,
    /// The VPC that asked.
    pub requester: PeeredVpc,
    /// The VPC that accepted.
    pub accepter: PeeredVpc,
}

/// One side of a VPC peering connection.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeeredVpc {
    /// `vpc-…`
    pub vpc: String,
    /// The account that owns it.
    pub account: String,
    /// Its region.
    pub region: String,
    /// Its ranges.
    pub cidrs: Vec<String>,
}

/// An Elastic IP address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// `eipalloc-…`
    pub id: String,
    /// The address.
    pub public_ip: String,
    /// The interface that has it.
    pub network_interface: Option<String>,
    /// The instance that has it.
    pub instance: Option<String>,
}

/// A managed prefix list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PrefixList {
    /// `pl-…`
    pub id: String,
    /// Its name, e.g. `com.amazonaws.eu-west-1.s3`.
    pub name: String,
    /// `AWS`, or the account that owns it.
    pub owner: String,
    /// Its ranges. Not asked for AWS's own lists: none of them holds the internet.
    pub cidrs: Collected<Vec<String>>,
}

impl PrefixList {
    /// Whether AWS owns the list.
    #[must_use]
    pub fn is_aws_owned(&self) -> bool {
        self.owner == "AWS"
    }
}

/// VPC block-public-access.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VpcBlockPublicAccess {
    /// `off`, `block-bidirectional` or `block-ingress`.
    pub mode: String,
    /// VPCs and subnets that it does not apply to.
    pub exclusions: Vec<VpcBlockPublicAccessExclusion>,
}

/// An exclusion from VPC block-public-access.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VpcBlockPublicAccessExclusion {
    /// ARN of the VPC or subnet.
    pub resource_arn: String,
    /// `allow-bidirectional` or `allow-egress`.
    pub mode: String,
    /// `create-complete`, `delete-complete`, `disable-complete`, ….
    pub state: String,
}

impl VpcBlockPublicAccessExclusion {
    /// Whether it holds: not before it was made, nor after it was deleted, nor while an organization's policy allows
    /// none.
    #[must_use]
    pub fn is_in_force(&self) -> bool {
        let not = [
            "create-in-progress",
            "create-failed",
            "delete-complete",
            "disable-in-progress",
            "disable-complete",
        ];
        !not.contains(&self.state.as_str())
    }
}
