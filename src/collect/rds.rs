//! RDS.

use std::collections::{BTreeMap, BTreeSet};

use aws_audit_checks::{
    gap::Collected,
    snapshot::rds::{
        DbCluster, DbInstance, DbSnapshot, MajorVersion, PARAMETERS, ParameterGroup, PendingMaintenance, Rds,
    },
    source::Source,
};
use aws_sdk_rds::{Client, types};
use futures_util::future::join_all;

use jiff::Timestamp;

use super::{Ask, CallError, sorted, tags, timestamp};

/// Neptune and DocumentDB answer through the RDS API too; their instances and clusters are listed with it.
pub(super) async fn collect(ask: &Ask) -> Rds {
    let client = &ask.aws.rds();
    let (
        (instances, parameter_groups),
        (clusters, cluster_parameter_groups),
        snapshots,
        cluster_snapshots,
        major_versions,
        pending_maintenance,
        certificate_authorities,
    ) = tokio::join!(
        async {
            let instances = ask.source(Source::RdsInstances, instances(ask, client)).await;
            let groups = parameter_groups(ask, client, &instances).await;
            (instances, groups)
        },
        async {
            let clusters = ask.source(Source::RdsClusters, clusters(ask, client)).await;
            let groups = cluster_parameter_groups(ask, client, &clusters).await;
            (clusters, groups)
        },
        ask.source(Source::RdsSnapshots, snapshots(ask, client)),
        ask.source(Source::RdsClusterSnapshots, cluster_snapshots(ask, client)),
        ask.source(Source::RdsMajorVersions, major_versions(ask, client)),
        ask.source(Source::RdsPendingMaintenance, pending_maintenance(ask, client)),
        ask.source(Source::RdsCertificateAuthorities, certificate_authorities(ask, client)),
    );
    Rds {
        instances,
        clusters,
        snapshots,
        cluster_snapshots,
        parameter_groups,
        cluster_parameter_groups,
        major_versions,
        pending_maintenance,
        certificate_authorities,
    }
}

async fn major_versions(ask: &Ask, client: &Client) -> Result<Vec<MajorVersion>, CallError> {
    let pages = ask
        .pages(
            "rds:DescribeDBMajorEngineVersions",
            None,
            |marker| client.describe_db_major_engine_versions().max_records(100).set_marker(marker).send(),
            |page| page.marker(),
        )
        .await?;
    let versions = pages.iter().flat_map(|page| page.db_major_engine_versions()).filter_map(|version| {
        let mut lifecycles = version.supported_engine_lifecycles().iter();
        let standard = lifecycles.find(|lifecycle| {
            lifecycle.lifecycle_support_name()
                == Some(&types::LifecycleSupportName::OpenSourceRdsStandardSupport)
        });
        Some(MajorVersion {
            engine: version.engine()?.to_owned(),
            version: version.major_engine_version()?.to_owned(),
            end_of_standard_support: standard
                .and_then(|lifecycle| lifecycle.lifecycle_support_end_date())
                .and_then(timestamp),
        })
    });
    Ok(sorted(versions, |version| (version.engine.clone(), version.version.clone())))
}

async fn pending_maintenance(ask: &Ask, client: &Client) -> Result<Vec<PendingMaintenance>, CallError> {
    let pages = ask
        .pages(
            "rds:DescribePendingMaintenanceActions",
            None,
            |marker| client.describe_pending_maintenance_actions().max_records(100).set_marker(marker).send(),
            |page| page.marker(),
        )
        .await?;
    let resources = pages.iter().flat_map(|page| page.pending_maintenance_actions());
    let actions = resources.flat_map(|resource| {
        resource.pending_maintenance_action_details().iter().filter_map(|action| {
            Some(PendingMaintenance {
                resource_arn: resource.resource_identifier()?.to_owned(),
                action: action.action()?.to_owned(),
                description: action.description().unwrap_or_default().to_owned(),
                auto_applied_after: action.auto_applied_after_date().and_then(timestamp),
                forced_apply: action.forced_apply_date().and_then(timestamp),
            })
        })
    });
    Ok(sorted(actions, |action| (action.resource_arn.clone(), action.action.clone())))
}

async fn certificate_authorities(
    ask: &Ask,
    client: &Client,
) -> Result<BTreeMap<String, Option<Timestamp>>, CallError> {
    let pages = ask
        .pages(
            "rds:DescribeCertificates",
            None,
            |marker| client.describe_certificates().max_records(100).set_marker(marker).send(),
            |page| page.marker(),
        )
        .await?;
    let authorities = pages.iter().flat_map(|page| page.certificates());
    let authorities = authorities.filter_map(|authority| {
        Some((authority.certificate_identifier()?.to_owned(), authority.valid_till().and_then(timestamp)))
    });
    Ok(authorities.collect())
}

async fn parameter_groups(
    ask: &Ask,
    client: &Client,
    instances: &Collected<Vec<DbInstance>>,
) -> Collected<Vec<ParameterGroup>> {
    ask.after(Source::RdsParameterGroups, instances, |instances| {
        let names: BTreeSet<_> = instances.iter().flat_map(|instance| &instance.parameter_groups).collect();
        parameters_of(ask, names, |group| async move {
            let pages = ask
                .pages(
                    "rds:DescribeDBParameters",
                    Some(group),
                    |marker| {
                        let parameters = client.describe_db_parameters().db_parameter_group_name(group);
                        parameters.max_records(100).set_marker(marker).send()
                    },
                    |page| page.marker(),
                )
                .await?;
            Ok(pages.iter().flat_map(|page| page.parameters()).cloned().collect())
        })
    })
    .await
}

async fn cluster_parameter_groups(
    ask: &Ask,
    client: &Client,
    clusters: &Collected<Vec<DbCluster>>,
) -> Collected<Vec<ParameterGroup>> {
    ask.after(Source::RdsClusterParameterGroups, clusters, |clusters| {
        let names: BTreeSet<_> =
            clusters.iter().filter_map(|cluster| cluster.parameter_group.as_ref()).collect();
        parameters_of(ask, names, |group| async move {
            let pages = ask
                .pages(
                    "rds:DescribeDBClusterParameters",
                    Some(group),
                    |marker| {
                        let parameters = client.describe_db_cluster_parameters();
                        let parameters = parameters.db_cluster_parameter_group_name(group);
                        parameters.max_records(100).set_marker(marker).send()
                    },
                    |page| page.marker(),
                )
                .await?;
            Ok(pages.iter().flat_map(|page| page.parameters()).cloned().collect())
        })
    })
    .await
}

/// Of each parameter group, the parameters that checks read.
async fn parameters_of<'a, Asked>(
    ask: &Ask,
    groups: BTreeSet<&'a String>,
    parameters: impl Fn(&'a str) -> Asked,
) -> Result<Vec<ParameterGroup>, CallError>
where
    Asked: Future<Output = Result<Vec<types::Parameter>, CallError>>,
{
    let parameters = &parameters;
    let groups = groups.into_iter().map(|group| async move {
        let parameters = parameters(group).await.map(|all| kept(&all));
        ParameterGroup { name: group.clone(), parameters: ask.keep(parameters) }
    });
    Ok(join_all(groups).await)
}

fn kept(parameters: &[types::Parameter]) -> BTreeMap<String, String> {
    let named = parameters.iter().filter_map(|parameter| {
        let (name, value) = (parameter.parameter_name()?, parameter.parameter_value()?);
        PARAMETERS.contains(&name).then(|| (name.to_owned(), value.to_owned()))
    });
    named.collect()
}

fn rds_tags(list: &[types::Tag]) -> aws_audit_checks::snapshot::Tags {
    tags(list.iter().map(|tag| (tag.key(), tag.value())))
}

async fn instances(ask: &Ask, client: &Client) -> Result<Vec<DbInstance>, CallError> {
    let pages = ask
        .pages(
            "rds:DescribeDBInstances",
            None,
            |marker| client.describe_db_instances().max_records(100).set_marker(marker).send(),
            |page| page.marker(),
        )
        .await?;
    let instances = pages.iter().flat_map(|page| page.db_instances()).filter_map(instance);
    Ok(sorted(instances, |instance| instance.id.clone()))
}

fn instance(instance: &types::DbInstance) -> Option<DbInstance> {
    let group = instance.db_subnet_group();
    let subnets = group.iter().flat_map(|group| group.subnets()).filter_map(|s| s.subnet_identifier());
    let security_groups = instance
        .vpc_security_groups()
        .iter()
        .filter(|group| group.status() != Some("removing"))
        .filter_map(|group| group.vpc_security_group_id());
    let parameter_groups = instance.db_parameter_groups().iter().filter_map(|g| g.db_parameter_group_name());
    Some(DbInstance {
        id: instance.db_instance_identifier()?.to_owned(),
        arn: instance.db_instance_arn()?.to_owned(),
        engine: instance.engine().unwrap_or_default().to_owned(),
        engine_version: instance.engine_version().unwrap_or_default().to_owned(),
        status: instance.db_instance_status().unwrap_or_default().to_owned(),
        publicly_accessible: instance.publicly_accessible().unwrap_or_default(),
        storage_encrypted: instance.storage_encrypted().unwrap_or_default(),
        auto_minor_version_upgrade: instance.auto_minor_version_upgrade().unwrap_or_default(),
        multi_az: instance.multi_az().unwrap_or_default(),
        port: instance.endpoint().and_then(|endpoint| endpoint.port()).or(instance.db_instance_port()),
        cluster: instance.db_cluster_identifier().map(str::to_owned),
        read_replica_source: instance
            .read_replica_source_db_instance_identifier()
            .or(instance.read_replica_source_db_cluster_identifier())
            .map(str::to_owned),
        vpc: group.and_then(|group| group.vpc_id()).map(str::to_owned),
        subnets: sorted(subnets.map(str::to_owned), Clone::clone),
        security_groups: sorted(security_groups.map(str::to_owned), Clone::clone),
        backup_retention_days: instance.backup_retention_period().unwrap_or_default(),
        deletion_protection: instance.deletion_protection().unwrap_or_default(),
        iam_authentication: instance.iam_database_authentication_enabled().unwrap_or_default(),
        master_username: instance.master_username().map(str::to_owned),
        log_exports: sorted(instance.enabled_cloudwatch_logs_exports().iter().cloned(), Clone::clone),
        parameter_groups: parameter_groups.map(str::to_owned).collect(),
        ca_certificate: instance.ca_certificate_identifier().map(str::to_owned),
        tags: rds_tags(instance.tag_list()),
    })
}

async fn clusters(ask: &Ask, client: &Client) -> Result<Vec<DbCluster>, CallError> {
    let pages = ask
        .pages(
            "rds:DescribeDBClusters",
            None,
            |marker| client.describe_db_clusters().max_records(100).set_marker(marker).send(),
            |page| page.marker(),
        )
        .await?;
    let clusters = pages.iter().flat_map(|page| page.db_clusters()).filter_map(cluster);
    Ok(sorted(clusters, |cluster| cluster.id.clone()))
}

fn cluster(cluster: &types::DbCluster) -> Option<DbCluster> {
    let groups = cluster.vpc_security_groups().iter().filter(|group| group.status() != Some("removing"));
    let groups = groups.filter_map(|group| group.vpc_security_group_id());
    Some(DbCluster {
        id: cluster.db_cluster_identifier()?.to_owned(),
        arn: cluster.db_cluster_arn()?.to_owned(),
        engine: cluster.engine().unwrap_or_default().to_owned(),
        engine_version: cluster.engine_version().unwrap_or_default().to_owned(),
        publicly_accessible: cluster.publicly_accessible().unwrap_or_default(),
        storage_encrypted: cluster.storage_encrypted().unwrap_or_default(),
        auto_minor_version_upgrade: cluster.auto_minor_version_upgrade().unwrap_or_default(),
        multi_az: cluster.multi_az().unwrap_or_default(),
        backup_retention_days: cluster.backup_retention_period().unwrap_or_default(),
        deletion_protection: cluster.deletion_protection().unwrap_or_default(),
        iam_authentication: cluster.iam_database_authentication_enabled().unwrap_or_default(),
        master_username: cluster.master_username().map(str::to_owned),
        log_exports: sorted(cluster.enabled_cloudwatch_logs_exports().iter().cloned(), Clone::clone),
        parameter_group: cluster.db_cluster_parameter_group().map(str::to_owned),
        security_groups: sorted(groups.map(str::to_owned), Clone::clone),
        tags: rds_tags(cluster.tag_list()),
    })
}

async fn snapshots(ask: &Ask, client: &Client) -> Result<Vec<DbSnapshot>, CallError> {
    // Automated snapshots cannot be shared.
    let pages = ask
        .pages(
            "rds:DescribeDBSnapshots",
            None,
            |marker| {
                client
                    .describe_db_snapshots()
                    .snapshot_type("manual")
                    .max_records(100)
                    .set_marker(marker)
                    .send()
            },
            |page| page.marker(),
        )
        .await?;
    let listed = pages.iter().flat_map(|page| page.db_snapshots());
    let listed = listed.filter_map(|snapshot| {
        let (id, arn) = (snapshot.db_snapshot_identifier()?, snapshot.db_snapshot_arn()?);
        Some((id, arn, snapshot))
    });
    let snapshots = join_all(listed.map(|(id, arn, snapshot)| async move {
        let attributes = async {
            let send = || client.describe_db_snapshot_attributes().db_snapshot_identifier(id).send();
            let answer = ask.call("rds:DescribeDBSnapshotAttributes", Some(id), send).await?;
            let result = answer.db_snapshot_attributes_result();
            let attributes = result.iter().flat_map(|result| result.db_snapshot_attributes());
            Ok(restorable_by(attributes.map(|a| (a.attribute_name(), a.attribute_values()))))
        };
        DbSnapshot {
            id: id.to_owned(),
            arn: arn.to_owned(),
            source: snapshot.db_instance_identifier().unwrap_or_default().to_owned(),
            engine: snapshot.engine().unwrap_or_default().to_owned(),
            encrypted: snapshot.encrypted().unwrap_or_default(),
            restorable_by: ask.keep(attributes.await),
            tags: rds_tags(snapshot.tag_list()),
        }
    }))
    .await;
    Ok(sorted(snapshots, |snapshot| snapshot.id.clone()))
}

async fn cluster_snapshots(ask: &Ask, client: &Client) -> Result<Vec<DbSnapshot>, CallError> {
    let pages = ask
        .pages(
            "rds:DescribeDBClusterSnapshots",
            None,
            |marker| {
                let snapshots = client.describe_db_cluster_snapshots().snapshot_type("manual");
                snapshots.max_records(100).set_marker(marker).send()
            },
            |page| page.marker(),
        )
        .await?;
    let listed = pages.iter().flat_map(|page| page.db_cluster_snapshots());
    let listed = listed.filter_map(|snapshot| {
        let (id, arn) = (snapshot.db_cluster_snapshot_identifier()?, snapshot.db_cluster_snapshot_arn()?);
        Some((id, arn, snapshot))
    });
    let snapshots = join_all(listed.map(|(id, arn, snapshot)| async move {
        let attributes = async {
            let send =
                || client.describe_db_cluster_snapshot_attributes().db_cluster_snapshot_identifier(id).send();
            let answer = ask.call("rds:DescribeDBClusterSnapshotAttributes", Some(id), send).await?;
            let result = answer.db_cluster_snapshot_attributes_result();
            let attributes = result.iter().flat_map(|result| result.db_cluster_snapshot_attributes());
            Ok(restorable_by(attributes.map(|a| (a.attribute_name(), a.attribute_values()))))
        };
        DbSnapshot {
            id: id.to_owned(),
            arn: arn.to_owned(),
            source: snapshot.db_cluster_identifier().unwrap_or_default().to_owned(),
            engine: snapshot.engine().unwrap_or_default().to_owned(),
            encrypted: snapshot.storage_encrypted().unwrap_or_default(),
            restorable_by: ask.keep(attributes.await),
            tags: rds_tags(snapshot.tag_list()),
        }
    }))
    .await;
    Ok(sorted(snapshots, |snapshot| snapshot.id.clone()))
}

/// Values of the attribute `restore`: account ids, or `all`.
fn restorable_by<'a>(attributes: impl Iterator<Item = (Option<&'a str>, &'a [String])>) -> Vec<String> {
    let restore = attributes.filter(|(name, _)| *name == Some("restore"));
    sorted(restore.flat_map(|(_, values)| values).cloned(), Clone::clone)
}
