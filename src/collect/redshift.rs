//! Redshift.

use aws_audit_checks::{
    snapshot::redshift::{Cluster, Redshift},
    source::Source,
};
use aws_sdk_redshift::Client;

use super::{Ask, CallError, sorted, tags};

pub(super) async fn collect(ask: &Ask) -> Redshift {
    let client = &ask.aws.redshift();
    let clusters = ask.source(Source::RedshiftClusters, clusters(ask, client)).await;
    let logging = ask.each(
        Source::RedshiftLogging,
        &clusters,
        |cluster| &cluster.id,
        |id| async move {
            let send = || client.describe_logging_status().cluster_identifier(id).send();
            Ok(ask.call("redshift:DescribeLoggingStatus", Some(id), send).await?.logging_enabled()
                == Some(true))
        },
    );
    let logging = logging.await;
    Redshift { clusters, logging }
}

async fn clusters(ask: &Ask, client: &Client) -> Result<Vec<Cluster>, CallError> {
    let operation = "redshift:DescribeClusters";
    let pages = ask
        .pages(
            operation,
            None,
            |marker| client.describe_clusters().max_records(100).set_marker(marker).send(),
            |page| page.marker(),
        )
        .await?;
    let clusters = pages.iter().flat_map(|page| page.clusters()).filter_map(|cluster| {
        let groups = cluster.vpc_security_groups().iter().filter_map(|group| group.vpc_security_group_id());
        let id = cluster.cluster_identifier()?;
        let public = cluster.publicly_accessible();
        let public = public.ok_or_else(|| ask.unreadable(operation, Some(id), "not told whether public"));
        Some(public.map(|publicly_accessible| Cluster {
            id: id.to_owned(),
            encrypted: cluster.encrypted().unwrap_or_default(),
            publicly_accessible,
            port: cluster.endpoint().and_then(|endpoint| endpoint.port()),
            vpc: cluster.vpc_id().map(str::to_owned),
            security_groups: sorted(groups.map(str::to_owned), Clone::clone),
            tags: tags(cluster.tags().iter().map(|tag| (tag.key(), tag.value()))),
        }))
    });
    let clusters = clusters.collect::<Result<Vec<_>, _>>()?;
    Ok(sorted(clusters, |cluster| cluster.id.clone()))
}
