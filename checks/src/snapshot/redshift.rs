//! Redshift.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Judged, Place, Tags};
use crate::gap::Collected;

/// Data warehouses of one region.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Redshift {
    /// Provisioned clusters.
    pub clusters: Collected<Vec<Cluster>>,
    /// Whether each cluster's audit logs go anywhere, by its id.
    pub logging: Collected<BTreeMap<String, Collected<bool>>>,
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
