//! ElastiCache.

use aws_audit_checks::{
    gap::Collected,
    snapshot::elasticache::{Cache, ElastiCache, op},
    source::Source,
};
use aws_sdk_elasticache::{Client, types::TransitEncryptionMode};

use crate::collect::{
    ask::Ask,
    call::CallError,
    items::{Lacks, Read, known, text},
};

pub(in crate::collect) async fn collect(ask: &Ask) -> ElastiCache {
    let client = &ask.aws.elasticache();
    let (replication_groups, clusters): (Collected<_>, Collected<_>) = tokio::join!(
        ask.list(Source::ElastiCacheClusters, replication_groups(ask, client)),
        ask.list(Source::ElastiCacheClusters, clusters(ask, client)),
    );
    ElastiCache { replication_groups, clusters }
}

fn mode(mode: Option<&TransitEncryptionMode>) -> Result<Option<String>, Lacks> {
    known(mode.map(|mode| mode.as_str()), TransitEncryptionMode::values(), "TransitEncryptionMode")
}

async fn replication_groups(ask: &Ask, client: &Client) -> Result<Read<Vec<Cache>>, CallError> {
    let operation = op::DescribeReplicationGroups;
    let pages = ask
        .pages(
            operation,
            None,
            |marker| client.describe_replication_groups().max_records(100).set_marker(marker).send(),
            |page| page.marker(),
        )
        .await?;
    let groups = ask.items(operation, pages.iter().flat_map(|page| page.replication_groups()), |group| {
        Ok(Cache {
            id: text(group.replication_group_id(), "ReplicationGroupId")?,
            arn: group.arn().unwrap_or_default().to_owned(),
            is_replication_group: true,
            engine: group.engine().unwrap_or("redis").to_owned(),
            at_rest_encryption: group.at_rest_encryption_enabled().unwrap_or_default(),
            transit_encryption: group.transit_encryption_enabled().unwrap_or_default(),
            transit_encryption_mode: mode(group.transit_encryption_mode())
                .map_err(Lacks::of(group.replication_group_id().unwrap_or_default()))?,
        })
    });
    Ok(groups.sorted(|group| group.id.clone()))
}

async fn clusters(ask: &Ask, client: &Client) -> Result<Read<Vec<Cache>>, CallError> {
    let operation = op::DescribeCacheClusters;
    let pages = ask
        .pages(
            operation,
            None,
            |marker| client.describe_cache_clusters().max_records(100).set_marker(marker).send(),
            |page| page.marker(),
        )
        .await?;
    let clusters = pages.iter().flat_map(|page| page.cache_clusters());
    let alone = clusters.filter(|cluster| cluster.replication_group_id().is_none());
    let alone = ask.items(operation, alone, |cluster| {
        Ok(Cache {
            id: text(cluster.cache_cluster_id(), "CacheClusterId")?,
            arn: cluster.arn().unwrap_or_default().to_owned(),
            is_replication_group: false,
            engine: cluster.engine().unwrap_or_default().to_owned(),
            at_rest_encryption: cluster.at_rest_encryption_enabled().unwrap_or_default(),
            transit_encryption: cluster.transit_encryption_enabled().unwrap_or_default(),
            transit_encryption_mode: mode(cluster.transit_encryption_mode())
                .map_err(Lacks::of(cluster.cache_cluster_id().unwrap_or_default()))?,
        })
    });
    Ok(alone.sorted(|cluster| cluster.id.clone()))
}
