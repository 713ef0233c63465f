//! ElastiCache.

use aws_audit_checks::{
    gap::Collected,
    snapshot::elasticache::{Cache, ElastiCache, op},
    source::Source,
};

use crate::collect::{
    api::{ELASTICACHE, Node, Request, Token},
    ask::Ask,
    call::CallError,
    items::{Lacks, Read},
};

const MARKER: Token = Token::named("Marker");

pub(in crate::collect) async fn collect(ask: &Ask) -> ElastiCache {
    let (replication_groups, clusters): (Collected<_>, Collected<_>) = tokio::join!(
        ask.list(Source::ElastiCacheClusters, replication_groups(ask)),
        ask.list(Source::ElastiCacheClusters, clusters(ask)),
    );
    ElastiCache { replication_groups, clusters }
}

async fn replication_groups(ask: &Ask) -> Result<Read<Vec<Cache>>, CallError> {
    let operation = op::DescribeReplicationGroups;
    let request = Request::new().with("MaxRecords", 100);
    let groups = ELASTICACHE.list(ask, operation, None, request, ("ReplicationGroups", MARKER)).await?;
    let groups = ask.items(operation, &groups, |group| {
        let id = group.required("ReplicationGroupId")?;
        let engine = group.text("Engine")?.unwrap_or("redis");
        cache(id.clone(), group, engine, true).map_err(Lacks::of(&id))
    });
    Ok(groups.sorted(|group| group.id.clone()))
}

async fn clusters(ask: &Ask) -> Result<Read<Vec<Cache>>, CallError> {
    let operation = op::DescribeCacheClusters;
    let request = Request::new().with("MaxRecords", 100);
    let clusters = ELASTICACHE.list(ask, operation, None, request, ("CacheClusters", MARKER)).await?;
    // The others are told of by their replication group.
    let alone = clusters.iter().filter(
        |cluster| !matches!(cluster.text("ReplicationGroupId"), Ok(Some(group)) if !group.is_empty()),
    );
    let alone = ask.items(operation, alone, |cluster| {
        let id = cluster.required("CacheClusterId")?;
        let engine = cluster.text("Engine")?.unwrap_or_default();
        cache(id.clone(), cluster, engine, false).map_err(Lacks::of(&id))
    });
    Ok(alone.sorted(|cluster| cluster.id.clone()))
}

fn cache(id: String, cache: &Node, engine: &str, is_replication_group: bool) -> Result<Cache, Lacks> {
    Ok(Cache {
        id,
        arn: cache.text("ARN")?.unwrap_or_default().to_owned(),
        is_replication_group,
        engine: engine.to_owned(),
        at_rest_encryption: cache.flag("AtRestEncryptionEnabled")?.unwrap_or_default(),
        transit_encryption: cache.flag("TransitEncryptionEnabled")?.unwrap_or_default(),
        transit_encryption_mode: cache.known("TransitEncryptionMode", &["preferred", "required"])?,
    })
}
