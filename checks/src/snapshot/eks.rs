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
}

/// A Kubernetes version, as EKS supports it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ClusterVersion {
    /// E.g. `1.33`.
    pub version: String,
    /// When standard support ends.
    pub end_of_standard_support: Option<Timestamp>,
}
