//! ElastiCache.

use serde::{Deserialize, Serialize};

use super::{Judged, Place};

service! {
    /// Caches of one region. Serverless caches are always encrypted.
    ElastiCache, Regional;

    op("ElastiCache", "elasticache", UNPUBLISHED) {
        ElastiCacheClusters [DescribeReplicationGroups, DescribeCacheClusters] =>
            /// Replication groups of Valkey and Redis.
            replication_groups: Vec<Cache>,
            /// Clusters that are in no replication group.
            clusters: Vec<Cache>;
    }
}

/// A replication group, or a cluster.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Cache {
    /// Its id.
    pub id: String,
    /// Its ARN.
    pub arn: String,
    /// It is a replication group.
    pub is_replication_group: bool,
    /// `valkey`, `redis` or `memcached`.
    pub engine: String,
    /// It is encrypted at rest.
    pub at_rest_encryption: bool,
    /// Clients can use TLS.
    pub transit_encryption: bool,
    /// `required` or `preferred`, which lets clients without TLS in; none where AWS does not say.
    pub transit_encryption_mode: Option<String>,
}

impl Judged for Cache {
    const TYPE: &'static str = "AWS::ElastiCache::ReplicationGroup";
    const TYPES: &'static [&'static str] = &[Self::TYPE, "AWS::ElastiCache::CacheCluster"];
    fn id(&self) -> String {
        self.id.clone()
    }
    fn arn(&self, _: &Place<'_>) -> String {
        self.arn.clone()
    }
    fn kind(&self) -> &'static str {
        if self.is_replication_group { Self::TYPE } else { "AWS::ElastiCache::CacheCluster" }
    }
}
