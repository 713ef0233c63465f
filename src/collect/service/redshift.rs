//! Redshift.

use aws_audit_checks::{
    snapshot::redshift::{Cluster, Redshift, op},
    source::Source,
};

use crate::collect::{
    api::{Node, REDSHIFT, Request, Token},
    ask::{Ask, sorted},
    call::CallError,
    items::{Lacks, Read},
};

pub(in crate::collect) async fn collect(ask: &Ask) -> Redshift {
    let clusters = ask.list(Source::RedshiftClusters, clusters(ask)).await;
    let logging = ask.each(
        Source::RedshiftLogging,
        &clusters,
        |cluster| &cluster.id,
        |id| async move {
            let operation = op::DescribeLoggingStatus;
            let request = Request::new().with("ClusterIdentifier", id);
            let status = REDSHIFT.one(ask, operation, Some(id), request).await?;
            Ok(ask.item(operation, Some(id), status.flag("LoggingEnabled"))? == Some(true))
        },
    );
    let logging = logging.await;
    Redshift { clusters, logging }
}

async fn clusters(ask: &Ask) -> Result<Read<Vec<Cluster>>, CallError> {
    let operation = op::DescribeClusters;
    let request = Request::new().with("MaxRecords", 100);
    let listed = REDSHIFT.list(ask, operation, None, request, ("Clusters", Token::named("Marker"))).await?;
    let clusters = ask.items(operation, &listed, |it| {
        let id = it.required("ClusterIdentifier")?;
        cluster(it, &id).map_err(Lacks::of(&id))
    });
    Ok(clusters.sorted(|cluster| cluster.id.clone()))
}

fn cluster(cluster: &Node, id: &str) -> Result<Cluster, Lacks> {
    let public = cluster.flag("PubliclyAccessible")?.ok_or(Lacks::field("PubliclyAccessible"));
    Ok(Cluster {
        id: id.to_owned(),
        encrypted: cluster.flag("Encrypted")?.unwrap_or_default(),
        publicly_accessible: public?,
        port: cluster.get("Endpoint").integer("Port")?,
        vpc: cluster.text("VpcId")?.map(str::to_owned),
        security_groups: sorted(cluster.each("VpcSecurityGroups", "VpcSecurityGroupId")?, Clone::clone),
        tags: cluster.tags("Tags", "Key", "Value")?,
    })
}
