//! Database Migration Service.

use serde::{Deserialize, Serialize};

use super::{Judged, Place};

service! {
    /// Replication of one region.
    Dms, Regional;

    op("Database Migration Service", "dms", UNPUBLISHED) {
        DmsReplicationInstances [DescribeReplicationInstances] =>
            /// Replication instances.
            replication_instances: Vec<ReplicationInstance>;
    }
}

/// A replication instance.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ReplicationInstance {
    /// Its identifier.
    pub id: String,
    /// Its ARN.
    pub arn: String,
    /// It has a public IP address. It gets one when it is created, and keeps it.
    pub publicly_accessible: bool,
    /// Ids of its security groups.
    pub security_groups: Vec<String>,
}

impl Judged for ReplicationInstance {
    const TYPE: &'static str = "AWS::DMS::ReplicationInstance";
    fn id(&self) -> String {
        self.id.clone()
    }
    fn arn(&self, _: &Place<'_>) -> String {
        self.arn.clone()
    }
}
