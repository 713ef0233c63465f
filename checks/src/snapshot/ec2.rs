//! EC2 and VPC.

mod network;

pub use network::{
    Address, FlowLog, InternetGateway, NetworkAcl, NetworkAclEntry, NetworkInterface, PeeredVpc, PrefixList,
    Route, RouteTable, SecurityGroup, SecurityGroupRule, Subnet, Vpc, VpcBlockPublicAccess,
    VpcBlockPublicAccessExclusion, VpcEndpoint, VpcEndpointService, VpcPeering,
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::secret::Secret;
use super::{ById, Judged, Place, Tags};
use crate::gap::Collected;

service! {
    /// Computers and networks of one region.
    Ec2, Regional;

    op("EC2", "ec2", EC2) {
        Ec2Vpcs [DescribeVpcs] =>
            /// VPCs.
            vpcs: Vec<Vpc>;
        Ec2Subnets [DescribeSubnets] =>
            /// Subnets.
            subnets: Vec<Subnet>;
        Ec2RouteTables [DescribeRouteTables] =>
            /// Route tables.
            route_tables: Vec<RouteTable>;
        Ec2InternetGateways [DescribeInternetGateways] =>
            /// Internet gateways.
            internet_gateways: Vec<InternetGateway>;
        Ec2NetworkAcls [DescribeNetworkAcls] =>
            /// Network ACLs.
            network_acls: Vec<NetworkAcl>;
        Ec2SecurityGroups [DescribeSecurityGroups] =>
            /// Security groups.
            security_groups: Vec<SecurityGroup>;
        Ec2NetworkInterfaces [DescribeNetworkInterfaces] =>
            /// Network interfaces.
            network_interfaces: Vec<NetworkInterface>;
        Ec2Instances [DescribeInstances] =>
            /// Instances that are not terminated.
            instances: Vec<Instance>;
        Ec2UserData needs Ec2Instances [DescribeInstanceAttribute] =>
            /// Credentials in the user data of each instance, by its id.
            user_data: ById<Vec<Secret>>;
        Ec2Images [DescribeImages] =>
            /// The images that the account owns.
            images: Vec<Image>;
        Ec2LaunchImages [DescribeInstanceImageMetadata] =>
            /// The images that running instances were launched from, those that are gone or no longer shared too.
            launch_images: Vec<LaunchImage>;
        Ec2LaunchTemplates [DescribeLaunchTemplates, DescribeLaunchTemplateVersions] =>
            /// Launch templates.
            launch_templates: Vec<LaunchTemplate>;
        Ec2Volumes [DescribeVolumes] =>
            /// Volumes.
            volumes: Vec<Volume>;
        Ec2Snapshots [DescribeSnapshots] =>
            /// Snapshots that the account owns.
            snapshots: Vec<Snapshot>;
        Ec2VpcEndpoints [DescribeVpcEndpoints] =>
            /// VPC endpoints.
            vpc_endpoints: Vec<VpcEndpoint>;
        Ec2VpcEndpointPolicySupport needs Ec2VpcEndpoints [DescribeVpcEndpointServices] =>
            /// Whether the services that endpoints with a policy are of know endpoint policies, by the service's name.
            /// Services of other vendors never do, and are not asked about.
            vpc_endpoint_policy_support: ById<bool>;
        Ec2VpcEndpointServices [
            DescribeVpcEndpointServiceConfigurations,
            DescribeVpcEndpointServicePermissions,
        ] =>
            /// Endpoint services that the account offers.
            vpc_endpoint_services: Vec<VpcEndpointService>;
        Ec2FlowLogs [DescribeFlowLogs] =>
            /// Flow logs.
            flow_logs: Vec<FlowLog>;
        Ec2VpcPeerings [DescribeVpcPeeringConnections] =>
            /// VPC peering connections.
            vpc_peerings: Vec<VpcPeering>;
        Ec2Addresses [DescribeAddresses] =>
            /// Elastic IP addresses.
            addresses: Vec<Address>;
        Ec2PrefixLists [DescribeManagedPrefixLists, GetManagedPrefixListEntries] =>
            /// Managed prefix lists.
            prefix_lists: Vec<PrefixList>;
        Ec2EbsEncryptionByDefault [GetEbsEncryptionByDefault] =>
            /// New volumes are encrypted by default.
            ebs_encryption_by_default: bool = true;
        Ec2SnapshotBlockPublicAccess [GetSnapshotBlockPublicAccessState] =>
            /// `block-all-sharing`, `block-new-sharing` or `unblocked`.
            snapshot_block_public_access: String = "unblocked".into();
        Ec2ImageBlockPublicAccess [GetImageBlockPublicAccessState] =>
            /// `block-new-sharing` or `unblocked`.
            image_block_public_access: String = "block-new-sharing".into();
        Ec2InstanceMetadataDefaults [GetInstanceMetadataDefaults] =>
            /// `HttpTokens` of the account's instance metadata defaults: `required`, `optional`, or none set.
            instance_metadata_http_tokens: Option<String>;
        Ec2VpcBlockPublicAccess [
            DescribeVpcBlockPublicAccessOptions,
            DescribeVpcBlockPublicAccessExclusions,
        ] =>
            /// VPC block-public-access.
            vpc_block_public_access: VpcBlockPublicAccess = VpcBlockPublicAccess { mode: "off".into(), exclusions: vec![] };
    }
}

/// An instance.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Instance {
    /// `i-…`
    pub id: String,
    /// `pending`, `running`, `stopping` or `stopped`.
    pub state: String,
    /// The image that it was launched from.
    pub image: Option<String>,
    /// The key pair that it was launched with.
    pub key_name: Option<String>,
    /// ARN of its instance profile.
    pub instance_profile: Option<String>,
    /// `HttpTokens` of its metadata options: `required` (IMDSv2 only) or `optional`.
    pub metadata_http_tokens: Option<String>,
    /// `HttpEndpoint` of its metadata options: `enabled` or `disabled`.
    pub metadata_http_endpoint: Option<String>,
    /// Its public IPv4 address.
    pub public_ip: Option<String>,
    /// Its VPC.
    pub vpc: Option<String>,
    /// Its subnet.
    pub subnet: Option<String>,
    /// Its security groups.
    pub security_groups: Vec<String>,
    /// `windows`, or none for everything else.
    pub platform: Option<String>,
    /// Its public name.
    pub public_dns: Option<String>,
    /// When it was last started.
    pub launched: Option<Timestamp>,
    /// Tags.
    pub tags: Tags,
}

impl Judged for Instance {
    const TYPE: &'static str = "AWS::EC2::Instance";
    fn id(&self) -> String {
        self.id.clone()
    }
    fn arn(&self, place: &Place<'_>) -> String {
        place.arn("ec2", &format!("instance/{}", self.id))
    }
    fn tags(&self) -> Option<&Tags> {
        Some(&self.tags)
    }
}

/// A machine image.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Image {
    /// `ami-…`
    pub id: String,
    /// Its name.
    pub name: Option<String>,
    /// The account that owns it.
    pub owner: Option<String>,
    /// Anyone may launch it.
    pub public: bool,
}

impl Judged for Image {
    const TYPE: &'static str = "AWS::EC2::Image";
    fn id(&self) -> String {
        self.id.clone()
    }
    fn arn(&self, place: &Place<'_>) -> String {
        format!("arn:{}:ec2:{}::image/{}", place.partition, place.region, self.id)
    }
    fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }
    fn owner(&self) -> Option<&str> {
        self.owner.as_deref()
    }
}

/// A machine image that an instance was launched from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LaunchImage {
    /// `ami-…`
    pub id: String,
    /// Its name.
    pub name: Option<String>,
    /// When it was made.
    pub created: Collected<Timestamp>,
    /// When it is, or was, deprecated.
    pub deprecated: Collected<Option<Timestamp>>,
}

/// A launch template.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LaunchTemplate {
    /// `lt-…`
    pub id: String,
    /// Its name.
    pub name: String,
    /// Number of the default version.
    pub default_version: i64,
    /// Number of the newest version.
    pub latest_version: i64,
    /// `HttpTokens` of the default version; none when it says nothing.
    pub metadata_http_tokens: Option<String>,
    /// `HttpEndpoint` of the default version.
    pub metadata_http_endpoint: Option<String>,
    /// Security groups that some version names, by id.
    pub security_groups: Vec<String>,
    /// Security groups that some version names by their name, which works in a default VPC only.
    pub security_group_names: Vec<String>,
    /// Credentials in the user data of the versions that have some.
    pub user_data: Vec<VersionUserData>,
    /// Tags.
    pub tags: Tags,
}

/// User data of a version of a launch template.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct VersionUserData {
    /// The version's number.
    pub version: i64,
    /// Credentials in it.
    pub secrets: Collected<Vec<Secret>>,
}

impl Judged for LaunchTemplate {
    const TYPE: &'static str = "AWS::EC2::LaunchTemplate";
    fn id(&self) -> String {
        self.id.clone()
    }
    fn arn(&self, place: &Place<'_>) -> String {
        place.arn("ec2", &format!("launch-template/{}", self.id))
    }
    fn name(&self) -> Option<&str> {
        Some(&self.name)
    }
    fn tags(&self) -> Option<&Tags> {
        Some(&self.tags)
    }
}

/// An EBS volume.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Volume {
    /// `vol-…`
    pub id: String,
    /// It is encrypted.
    pub encrypted: bool,
    /// What it is attached to: ids of instances, ARNs of resources that AWS manages (ECS tasks on Fargate).
    pub attached_to: Vec<String>,
    /// Tags.
    pub tags: Tags,
}

impl Judged for Volume {
    const TYPE: &'static str = "AWS::EC2::Volume";
    fn id(&self) -> String {
        self.id.clone()
    }
    fn arn(&self, place: &Place<'_>) -> String {
        place.arn("ec2", &format!("volume/{}", self.id))
    }
    fn tags(&self) -> Option<&Tags> {
        Some(&self.tags)
    }
}

/// An EBS snapshot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// `snap-…`
    pub id: String,
    /// It is encrypted.
    pub encrypted: bool,
    /// Anyone may make a volume from it.
    pub public: bool,
    /// Tags.
    pub tags: Tags,
}

impl Judged for Snapshot {
    const TYPE: &'static str = "AWS::EC2::Snapshot";
    fn id(&self) -> String {
        self.id.clone()
    }
    fn arn(&self, place: &Place<'_>) -> String {
        place.arn("ec2", &format!("snapshot/{}", self.id))
    }
    fn tags(&self) -> Option<&Tags> {
        Some(&self.tags)
    }
}
