//! Elastic Kubernetes Service.

use aws_audit_checks::{
    snapshot::eks::{Cluster, ClusterDetails, ClusterVersion, Eks, op},
    source::Source,
};
use aws_sdk_eks::Client;

use crate::collect::{
    ask::{Ask, each_of, is_empty, sorted, tags, timestamp, unless},
    call::CallError,
    items::{Read, text},
};

pub(in crate::collect) async fn collect(ask: &Ask) -> Eks {
    let client = &ask.aws.eks();
    let clusters = ask.source(Source::EksClusters, clusters(ask, client)).await;
    let versions = unless(is_empty(&clusters), ask.list(Source::EksVersions, versions(ask, client))).await;
    Eks { clusters, versions }
}

async fn clusters(ask: &Ask, client: &Client) -> Result<Vec<Cluster>, CallError> {
    let pages = ask
        .pages(
            op::ListClusters,
            None,
            |token| client.list_clusters().max_results(100).set_next_token(token).send(),
            |page| page.next_token(),
        )
        .await?;
    let names = pages.iter().flat_map(|page| page.clusters());
    let clusters = each_of(names.map(|name| async move {
        Cluster { name: name.clone(), details: ask.keep(details(ask, client, name).await) }
    }))
    .await;
    Ok(sorted(clusters, |cluster| cluster.name.clone()))
}

async fn details(ask: &Ask, client: &Client, name: &str) -> Result<ClusterDetails, CallError> {
    let operation = op::DescribeCluster;
    let answer = ask.call(operation, Some(name), || client.describe_cluster().name(name).send()).await?;
    let cluster = answer.cluster().ok_or_else(|| ask.unreadable(operation, Some(name), "no cluster"))?;
    let vpc = cluster
        .resources_vpc_config()
        .ok_or_else(|| ask.unreadable(operation, Some(name), "no VPC configuration"))?;
    let logs = cluster.logging().into_iter().flat_map(|logging| logging.cluster_logging());
    let logs = logs.filter(|setup| setup.enabled() == Some(true)).flat_map(|setup| setup.types());
    let pairs = cluster.tags().into_iter().flatten();
    Ok(ClusterDetails {
        version: cluster.version().unwrap_or_default().to_owned(),
        endpoint_public_access: vpc.endpoint_public_access(),
        public_access_cidrs: vpc.public_access_cidrs().to_vec(),
        secrets_encrypted: cluster
            .encryption_config()
            .iter()
            .any(|config| config.provider().is_some_and(|provider| provider.key_arn().is_some())),
        security_groups: vpc
            .security_group_ids()
            .iter()
            .map(String::as_str)
            .chain(vpc.cluster_security_group_id())
            .map(str::to_owned)
            .collect(),
        logs: sorted(logs.map(|kind| kind.as_str().to_owned()), Clone::clone),
        tags: tags(pairs.map(|(key, value)| (Some(key.as_str()), Some(value.as_str())))),
    })
}

async fn versions(ask: &Ask, client: &Client) -> Result<Read<Vec<ClusterVersion>>, CallError> {
    let operation = op::DescribeClusterVersions;
    let pages = ask
        .pages(
            operation,
            None,
            |token| {
                let describe = client.describe_cluster_versions().include_all(true);
                describe.max_results(100).set_next_token(token).send()
            },
            |page| page.next_token(),
        )
        .await?;
    let listed = pages.iter().flat_map(|page| page.cluster_versions());
    let versions = ask.items(operation, listed, |version| {
        Ok(ClusterVersion {
            version: text(version.cluster_version(), "clusterVersion")?,
            end_of_standard_support: version.end_of_standard_support_date().and_then(timestamp),
        })
    });
    Ok(versions.sorted(|version| version.version.clone()))
}
