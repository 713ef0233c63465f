//! RDS.

use std::collections::{BTreeMap, BTreeSet};

use aws_audit_checks::{
    gap::Collected,
    snapshot::rds::{
        DbCluster, DbInstance, DbSnapshot, MajorVersion, PARAMETERS, ParameterGroup, PendingMaintenance, Rds,
        op,
    },
    source::{Operation, Source},
};
use aws_sdk_rds::{Client, types};

use jiff::Timestamp;

use crate::collect::{
    ask::{Ask, each_of, sorted, tags, timestamp},
    call::CallError,
    items::{Lacks, Read, text, texts},
};

/// Neptune and DocumentDB answer through the RDS API too; their instances and clusters are listed with it.
pub(in crate::collect) async fn collect(ask: &Ask, account: &str, partition: &str) -> Rds {
    let arns = Arns { prefix: format!("arn:{partition}:rds:{}:{account}", ask.region) };
    let arns = &arns;
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
            let instances = ask.list(Source::RdsInstances, instances(ask, client, arns)).await;
            let groups = parameter_groups(ask, client, &instances).await;
            (instances, groups)
        },
        async {
            let clusters = ask.list(Source::RdsClusters, clusters(ask, client, arns)).await;
            let groups = cluster_parameter_groups(ask, client, &clusters).await;
            (clusters, groups)
        },
        ask.list(Source::RdsSnapshots, snapshots(ask, client, arns)),
        ask.list(Source::RdsClusterSnapshots, cluster_snapshots(ask, client, arns)),
        ask.list(Source::RdsMajorVersions, major_versions(ask, client)),
        ask.list(Source::RdsPendingMaintenance, pending_maintenance(ask, client)),
        ask.list(Source::RdsCertificateAuthorities, certificate_authorities(ask, client)),
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

/// ARNs of what names itself by its identifier only, as RDS did until 2016 (Amazon RDS User Guide, "Amazon
/// Resource Names (ARNs) in Amazon RDS").
struct Arns {
    prefix: String,
}

impl Arns {
    fn of(&self, told: Option<&str>, kind: &str, id: &str) -> String {
        let told = told.filter(|arn| !arn.is_empty());
        told.map_or_else(|| format!("{}:{kind}:{id}", self.prefix), str::to_owned)
    }
}

async fn major_versions(ask: &Ask, client: &Client) -> Result<Read<Vec<MajorVersion>>, CallError> {
    let operation = op::DescribeDBMajorEngineVersions;
    let pages = ask
        .pages(
            operation,
            None,
            |marker| client.describe_db_major_engine_versions().max_records(100).set_marker(marker).send(),
            |page| page.marker(),
        )
        .await?;
    let listed = pages.iter().flat_map(|page| page.db_major_engine_versions());
    let versions = ask.items(operation, listed, |version| {
        let mut lifecycles = version.supported_engine_lifecycles().iter();
        let standard = lifecycles.find(|lifecycle| {
            lifecycle.lifecycle_support_name()
                == Some(&types::LifecycleSupportName::OpenSourceRdsStandardSupport)
        });
        let engine = text(version.engine(), "Engine")?;
        let major = text(version.major_engine_version(), "MajorEngineVersion");
        Ok(MajorVersion {
            version: major.map_err(Lacks::of(&engine))?,
            engine,
            end_of_standard_support: standard
                .and_then(|lifecycle| lifecycle.lifecycle_support_end_date())
                .and_then(timestamp),
        })
    });
    Ok(versions.sorted(|version| (version.engine.clone(), version.version.clone())))
}

async fn pending_maintenance(ask: &Ask, client: &Client) -> Result<Read<Vec<PendingMaintenance>>, CallError> {
    let operation = op::DescribePendingMaintenanceActions;
    let pages = ask
        .pages(
            operation,
            None,
            |marker| client.describe_pending_maintenance_actions().max_records(100).set_marker(marker).send(),
            |page| page.marker(),
        )
        .await?;
    let resources = pages.iter().flat_map(|page| page.pending_maintenance_actions());
    let actions = ask.items(operation, resources, |resource| {
        let resource_arn = text(resource.resource_identifier(), "ResourceIdentifier")?;
        let details = resource.pending_maintenance_action_details().iter();
        let actions = details.map(|action| {
            Ok(PendingMaintenance {
                resource_arn: resource_arn.clone(),
                action: text(action.action(), "Action").map_err(Lacks::of(&resource_arn))?,
                description: action.description().unwrap_or_default().to_owned(),
                auto_applied_after: action.auto_applied_after_date().and_then(timestamp),
                forced_apply: action.forced_apply_date().and_then(timestamp),
            })
        });
        actions.collect::<Result<Vec<_>, _>>()
    });
    let actions = actions.map(|of_each| of_each.into_iter().flatten().collect::<Vec<_>>());
    Ok(actions.sorted(|action| (action.resource_arn.clone(), action.action.clone())))
}

async fn certificate_authorities(
    ask: &Ask,
    client: &Client,
) -> Result<Read<BTreeMap<String, Option<Timestamp>>>, CallError> {
    let operation = op::DescribeCertificates;
    let pages = ask
        .pages(
            operation,
            None,
            |marker| client.describe_certificates().max_records(100).set_marker(marker).send(),
            |page| page.marker(),
        )
        .await?;
    let authorities = pages.iter().flat_map(|page| page.certificates());
    let authorities = ask.items(operation, authorities, |authority| {
        let id = text(authority.certificate_identifier(), "CertificateIdentifier")?;
        Ok((id, authority.valid_till().and_then(timestamp)))
    });
    Ok(authorities.map(BTreeMap::from_iter))
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
                    op::DescribeDBParameters,
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
                    op::DescribeDBClusterParameters,
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
    parameters: impl Fn(&'a str) -> Asked + Sync,
) -> Result<Vec<ParameterGroup>, CallError>
where
    Asked: Future<Output = Result<Vec<types::Parameter>, CallError>> + Send,
{
    let parameters = &parameters;
    let groups = groups.into_iter().map(|group| async move {
        let parameters = parameters(group).await.map(|all| kept(&all));
        ParameterGroup { name: group.clone(), parameters: ask.keep(parameters) }
    });
    Ok(each_of(groups).await)
}

fn kept(parameters: &[types::Parameter]) -> BTreeMap<String, String> {
    // The engine's default stands for a parameter without a value.
    let named = parameters.iter().filter_map(|parameter| {
        let (name, value) = (parameter.parameter_name()?, parameter.parameter_value()?);
        PARAMETERS.contains(&name).then(|| (name.to_owned(), value.to_owned()))
    });
    named.collect()
}

fn rds_tags(list: &[types::Tag]) -> aws_audit_checks::snapshot::Tags {
    tags(list.iter().map(|tag| (tag.key(), tag.value())))
}

async fn instances(ask: &Ask, client: &Client, arns: &Arns) -> Result<Read<Vec<DbInstance>>, CallError> {
    let operation = op::DescribeDBInstances;
    let pages = ask
        .pages(
            operation,
            None,
            |marker| client.describe_db_instances().max_records(100).set_marker(marker).send(),
            |page| page.marker(),
        )
        .await?;
    let listed = pages.iter().flat_map(|page| page.db_instances());
    let instances = ask.items(operation, listed, |it| instance(it, arns));
    Ok(instances.sorted(|instance| instance.id.clone()))
}

fn instance(instance: &types::DbInstance, arns: &Arns) -> Result<DbInstance, Lacks> {
    let id = text(instance.db_instance_identifier(), "DBInstanceIdentifier");
    let id = id.map_err(Lacks::of(instance.db_instance_arn().unwrap_or_default()))?;
    let lacking = Lacks::of(&id);
    let group = instance.db_subnet_group();
    let subnets = group.iter().flat_map(|group| group.subnets()).map(|s| s.subnet_identifier());
    let security_groups = instance
        .vpc_security_groups()
        .iter()
        .filter(|group| group.status() != Some("removing"))
        .map(|group| group.vpc_security_group_id());
    let parameter_groups = instance.db_parameter_groups().iter().map(|g| g.db_parameter_group_name());
    Ok(DbInstance {
        arn: arns.of(instance.db_instance_arn(), "db", &id),
        engine: instance.engine().unwrap_or_default().to_owned(),
        engine_version: instance.engine_version().unwrap_or_default().to_owned(),
        status: instance.db_instance_status().unwrap_or_default().to_owned(),
        publicly_accessible: instance
            .publicly_accessible()
            .ok_or(Lacks::field("PubliclyAccessible"))
            .map_err(&lacking)?,
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
        subnets: sorted(texts(subnets, "SubnetIdentifier").map_err(&lacking)?, Clone::clone),
        security_groups: sorted(
            texts(security_groups, "VpcSecurityGroupId").map_err(&lacking)?,
            Clone::clone,
        ),
        backup_retention_days: instance.backup_retention_period().unwrap_or_default(),
        deletion_protection: instance.deletion_protection().unwrap_or_default(),
        iam_authentication: instance.iam_database_authentication_enabled().unwrap_or_default(),
        master_username: instance.master_username().map(str::to_owned),
        log_exports: sorted(instance.enabled_cloudwatch_logs_exports().iter().cloned(), Clone::clone),
        parameter_groups: texts(parameter_groups, "DBParameterGroupName").map_err(&lacking)?,
        ca_certificate: instance.ca_certificate_identifier().map(str::to_owned),
        tags: rds_tags(instance.tag_list()),
        id,
    })
}

async fn clusters(ask: &Ask, client: &Client, arns: &Arns) -> Result<Read<Vec<DbCluster>>, CallError> {
    let operation = op::DescribeDBClusters;
    let pages = ask
        .pages(
            operation,
            None,
            |marker| client.describe_db_clusters().max_records(100).set_marker(marker).send(),
            |page| page.marker(),
        )
        .await?;
    let listed = pages.iter().flat_map(|page| page.db_clusters());
    let clusters = ask.items(operation, listed, |it| cluster(it, arns));
    Ok(clusters.sorted(|cluster| cluster.id.clone()))
}

fn cluster(cluster: &types::DbCluster, arns: &Arns) -> Result<DbCluster, Lacks> {
    let groups = cluster.vpc_security_groups().iter().filter(|group| group.status() != Some("removing"));
    let groups = groups.filter_map(|group| group.vpc_security_group_id());
    let id = text(cluster.db_cluster_identifier(), "DBClusterIdentifier")?;
    Ok(DbCluster {
        arn: arns.of(cluster.db_cluster_arn(), "cluster", &id),
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
        id,
    })
}

async fn snapshots(ask: &Ask, client: &Client, arns: &Arns) -> Result<Read<Vec<DbSnapshot>>, CallError> {
    let operation = op::DescribeDBSnapshots;
    // Automated snapshots cannot be shared.
    let pages = ask
        .pages(
            operation,
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
    let listed = ask.items(operation, listed, |snapshot| {
        Ok((text(snapshot.db_snapshot_identifier(), "DBSnapshotIdentifier")?, snapshot))
    });
    let snapshots = listed.then(|(own_id, snapshot)| async move {
        let id = own_id.as_str();
        let attributes = async {
            let operation = op::DescribeDBSnapshotAttributes;
            let send = || client.describe_db_snapshot_attributes().db_snapshot_identifier(id).send();
            let answer = ask.call(operation, Some(id), send).await?;
            let result = answer.db_snapshot_attributes_result();
            let attributes = result.iter().flat_map(|result| result.db_snapshot_attributes());
            restorable_by(ask, operation, id, attributes.map(|a| (a.attribute_name(), a.attribute_values())))
        };
        DbSnapshot {
            id: id.to_owned(),
            arn: arns.of(snapshot.db_snapshot_arn(), "snapshot", id),
            source: snapshot.db_instance_identifier().unwrap_or_default().to_owned(),
            engine: snapshot.engine().unwrap_or_default().to_owned(),
            encrypted: snapshot.encrypted().unwrap_or_default(),
            restorable_by: ask.keep(attributes.await),
            tags: rds_tags(snapshot.tag_list()),
        }
    });
    Ok(snapshots.await.sorted(|snapshot| snapshot.id.clone()))
}

async fn cluster_snapshots(
    ask: &Ask,
    client: &Client,
    arns: &Arns,
) -> Result<Read<Vec<DbSnapshot>>, CallError> {
    let operation = op::DescribeDBClusterSnapshots;
    let pages = ask
        .pages(
            operation,
            None,
            |marker| {
                let snapshots = client.describe_db_cluster_snapshots().snapshot_type("manual");
                snapshots.max_records(100).set_marker(marker).send()
            },
            |page| page.marker(),
        )
        .await?;
    let listed = pages.iter().flat_map(|page| page.db_cluster_snapshots());
    let listed = ask.items(operation, listed, |snapshot| {
        Ok((text(snapshot.db_cluster_snapshot_identifier(), "DBClusterSnapshotIdentifier")?, snapshot))
    });
    let snapshots = listed.then(|(own_id, snapshot)| async move {
        let id = own_id.as_str();
        let attributes = async {
            let operation = op::DescribeDBClusterSnapshotAttributes;
            let send =
                || client.describe_db_cluster_snapshot_attributes().db_cluster_snapshot_identifier(id).send();
            let answer = ask.call(operation, Some(id), send).await?;
            let result = answer.db_cluster_snapshot_attributes_result();
            let attributes = result.iter().flat_map(|result| result.db_cluster_snapshot_attributes());
            restorable_by(ask, operation, id, attributes.map(|a| (a.attribute_name(), a.attribute_values())))
        };
        DbSnapshot {
            id: id.to_owned(),
            arn: arns.of(snapshot.db_cluster_snapshot_arn(), "cluster-snapshot", id),
            source: snapshot.db_cluster_identifier().unwrap_or_default().to_owned(),
            engine: snapshot.engine().unwrap_or_default().to_owned(),
            encrypted: snapshot.storage_encrypted().unwrap_or_default(),
            restorable_by: ask.keep(attributes.await),
            tags: rds_tags(snapshot.tag_list()),
        }
    });
    Ok(snapshots.await.sorted(|snapshot| snapshot.id.clone()))
}

/// Values of the attribute `restore`: account ids, or `all`.
fn restorable_by<'a>(
    ask: &Ask,
    operation: &'static Operation,
    snapshot: &str,
    attributes: impl Iterator<Item = (Option<&'a str>, &'a [String])>,
) -> Result<Vec<String>, CallError> {
    let attributes = ask.all_items(operation, Some(snapshot), attributes, |(name, values)| {
        Ok((text(name, "AttributeName")?, values))
    })?;
    let restore = attributes.into_iter().filter(|(name, _)| name == "restore");
    Ok(sorted(restore.flat_map(|(_, values)| values).cloned(), Clone::clone))
}
