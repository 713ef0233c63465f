//! Elastic Kubernetes Service.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Judged, Place, Tags};
use crate::gap::Collected;

service! {
    /// Clusters of one region.
    Eks, Regional;

    op("EKS", "eks", UNPUBLISHED) {
        EksClusters [ListClusters, DescribeCluster] =>
            /// Clusters.
            clusters: Vec<Cluster>;
        EksAccessEntries needs EksClusters [
            ListAccessEntries, ListAssociatedAccessPolicies,
        ] in clusters: access_entries;
        EksPodIdentityAssociations needs EksClusters [
            ListPodIdentityAssociations, DescribePodIdentityAssociation,
        ] in clusters: pod_identities;
        EksVersions [DescribeClusterVersions] =>
            /// What AWS says of each Kubernetes version.
            versions: Vec<ClusterVersion>;
    }
}

/// A cluster.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Cluster {
    /// Its name.
    pub name: String,
    /// What `DescribeCluster` says of it.
    pub details: Collected<ClusterDetails>,
    /// The IAM principals that it lets in, but for service-linked roles. None are asked for where it has no public
    /// endpoint, or where access entries do not hold.
    pub access_entries: Collected<Vec<AccessEntry>>,
    /// Which roles its pods get, by namespace and service account. None are asked for where it has no public endpoint.
    pub pod_identities: Collected<Vec<PodIdentity>>,
}

/// An access entry of a cluster.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AccessEntry {
    /// ARN of the user or role.
    pub principal: String,
    /// What it may do, beside what Kubernetes' own role bindings give to its groups.
    pub policies: Collected<Vec<AccessPolicy>>,
}

/// An access policy that is associated with an entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessPolicy {
    /// `arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy`
    pub arn: String,
    /// `cluster` or `namespace`.
    pub scope: String,
}

/// A pod identity association.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PodIdentity {
    /// Namespace.
    pub namespace: String,
    /// Service account of the pods.
    pub service_account: String,
    /// ARN of the role whose credentials they get: the target role, where the association chains one.
    pub role: Option<String>,
    /// A session policy takes rights from it.
    pub has_policy: bool,
}

impl Judged for Cluster {
    const TYPE: &'static str = "AWS::EKS::Cluster";
    fn id(&self) -> String {
        self.name.clone()
    }
    fn arn(&self, place: &Place<'_>) -> String {
        place.arn("eks", &format!("cluster/{}", self.name))
    }
}

/// Settings of a cluster.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ClusterDetails {
    /// Kubernetes version, e.g. `1.33`.
    pub version: String,
    /// The API server has a public endpoint.
    pub endpoint_public_access: bool,
    /// Ranges that may use the public endpoint.
    pub public_access_cidrs: Vec<String>,
    /// Kubernetes secrets are encrypted with a KMS key of the account.
    pub secrets_encrypted: bool,
    /// The security groups of its control plane and nodes.
    pub security_groups: Vec<String>,
    /// Control plane logs that are on: `api`, `audit`, `authenticator`, ….
    pub logs: Vec<String>,
    /// Tags.
    pub tags: Tags,
    /// Who is let in: by access entries (`API`), by the ConfigMap `aws-auth` (`CONFIG_MAP`), or by both
    /// (`API_AND_CONFIG_MAP`).
    pub authentication_mode: Option<String>,
    /// The issuer of its service accounts' tokens: `https://oidc.eks.REGION.amazonaws.com/id/…`.
    pub oidc_issuer: Option<String>,
}

/// A Kubernetes version, as EKS supports it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ClusterVersion {
    /// E.g. `1.33`.
    pub version: String,
    /// When standard support ends.
    pub end_of_standard_support: Option<Timestamp>,
}
