//! Redshift.

use serde::{Deserialize, Serialize};

use super::{ById, Judged, Place, Tags};

service! {
    /// Data warehouses of one region.
    Redshift, Regional;

    op("Redshift", "redshift", UNPUBLISHED) {
        RedshiftClusters [DescribeClusters] =>
            /// Provisioned clusters.
            clusters: Vec<Cluster>;
        RedshiftLogging needs RedshiftClusters [DescribeLoggingStatus] =>
            /// Whether each cluster's audit logs go anywhere, by its id.
            logging: ById<bool>;
    }
}

/// A cluster.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Cluster {
    /// Its identifier.
    pub id: String,
    /// It is encrypted at rest.
    pub encrypted: bool,
    /// Its endpoint has a public address.
    pub publicly_accessible: bool,
    /// Port of the endpoint.
    pub port: Option<i32>,
    /// Its VPC.
    pub vpc: Option<String>,
    /// Its security groups.
    pub security_groups: Vec<String>,
    /// Tags.
    pub tags: Tags,
}

impl Judged for Cluster {
    const TYPE: &'static str = "AWS::Redshift::Cluster";
    fn id(&self) -> String {
        self.id.clone()
    }
    fn arn(&self, place: &Place<'_>) -> String {
        place.arn("redshift", &format!("cluster:{}", self.id))
    }
    fn tags(&self) -> Option<&Tags> {
        Some(&self.tags)
    }
}
