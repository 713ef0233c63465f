//! Redshift.

use aws_audit_checks::{
    snapshot::redshift::{Cluster, Redshift, op},
    source::Source,
};
use aws_sdk_redshift::Client;

use crate::collect::{
    ask::{Ask, sorted, tags},
    call::CallError,
    items::{Lacks, Read, text, texts},
};

pub(in crate::collect) async fn collect(ask: &Ask) -> Redshift {
    let client = &ask.aws.redshift();
    let clusters = ask.list(Source::RedshiftClusters, clusters(ask, client)).await;
    let logging = ask.each(
        Source::RedshiftLogging,
        &clusters,
        |cluster| &cluster.id,
        |id| async move {
            let send = || client.describe_logging_status().cluster_identifier(id).send();
            Ok(ask.call(op::DescribeLoggingStatus, Some(id), send).await?.logging_enabled() == Some(true))
        },
    );
    let logging = logging.await;
    Redshift { clusters, logging }
}

async fn clusters(ask: &Ask, client: &Client) -> Result<Read<Vec<Cluster>>, CallError> {
    let operation = op::DescribeClusters;
    let pages = ask
        .pages(
            operation,
            None,
            |marker| client.describe_clusters().max_records(100).set_marker(marker).send(),
            |page| page.marker(),
        )
        .await?;
    let clusters = ask.items(operation, pages.iter().flat_map(|page| page.clusters()), |cluster| {
        let groups = cluster.vpc_security_groups().iter().map(|group| group.vpc_security_group_id());
        let id = text(cluster.cluster_identifier(), "ClusterIdentifier")?;
        let lacking = Lacks::of(&id);
        let public = cluster.publicly_accessible().ok_or(Lacks::field("PubliclyAccessible"));
        Ok(Cluster {
            encrypted: cluster.encrypted().unwrap_or_default(),
            publicly_accessible: public.map_err(&lacking)?,
            port: cluster.endpoint().and_then(|endpoint| endpoint.port()),
            vpc: cluster.vpc_id().map(str::to_owned),
            security_groups: sorted(texts(groups, "VpcSecurityGroupId").map_err(&lacking)?, Clone::clone),
            tags: tags(cluster.tags().iter().map(|tag| (tag.key(), tag.value()))),
            id,
        })
    });
    Ok(clusters.sorted(|cluster| cluster.id.clone()))
}
