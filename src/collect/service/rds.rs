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
use jiff::Timestamp;

use crate::collect::{
    api::{Node, RDS, Request, Token},
    ask::{Ask, each_of, sorted},
    call::CallError,
    items::{Lacks, Read},
};

const MARKER: Token = Token::named("Marker");

/// What all lists are asked for with.
fn request() -> Request {
    Request::new().with("MaxRecords", 100)
}

/// Neptune and DocumentDB answer through the RDS API too; their instances and clusters are listed with it.
pub(in crate::collect) async fn collect(ask: &Ask, account: &str, partition: &str) -> Rds {
    let arns = Arns { prefix: format!("arn:{partition}:rds:{}:{account}", ask.region) };
    let arns = &arns;
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
            let instances = ask.list(Source::RdsInstances, instances(ask, arns)).await;
            let groups = parameter_groups(ask, &instances).await;
            (instances, groups)
        },
        async {
            let clusters = ask.list(Source::RdsClusters, clusters(ask, arns)).await;
            let groups = cluster_parameter_groups(ask, &clusters).await;
            (clusters, groups)
        },
        ask.list(Source::RdsSnapshots, snapshots(ask, arns)),
        ask.list(Source::RdsClusterSnapshots, cluster_snapshots(ask, arns)),
        ask.list(Source::RdsMajorVersions, major_versions(ask)),
        ask.list(Source::RdsPendingMaintenance, pending_maintenance(ask)),
        ask.list(Source::RdsCertificateAuthorities, certificate_authorities(ask)),
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

async fn major_versions(ask: &Ask) -> Result<Read<Vec<MajorVersion>>, CallError> {
    let operation = op::DescribeDBMajorEngineVersions;
    let listed = RDS.list(ask, operation, None, request(), ("DBMajorEngineVersions", MARKER)).await?;
    let versions = ask.items(operation, &listed, |it| {
        let engine = it.required("Engine")?;
        major_version(it, &engine).map_err(Lacks::of(&engine))
    });
    Ok(versions.sorted(|version| (version.engine.clone(), version.version.clone())))
}

fn major_version(version: &Node, engine: &str) -> Result<MajorVersion, Lacks> {
    let mut end_of_standard_support = None;
    for lifecycle in version.list("SupportedEngineLifecycles")? {
        if lifecycle.text("LifecycleSupportName")? == Some("open-source-rds-standard-support") {
            end_of_standard_support = lifecycle.time("LifecycleSupportEndDate")?;
            break;
        }
    }
    Ok(MajorVersion {
        engine: engine.to_owned(),
        version: version.required("MajorEngineVersion")?,
        end_of_standard_support,
    })
}

async fn pending_maintenance(ask: &Ask) -> Result<Read<Vec<PendingMaintenance>>, CallError> {
    let operation = op::DescribePendingMaintenanceActions;
    let resources = RDS.list(ask, operation, None, request(), ("PendingMaintenanceActions", MARKER)).await?;
    let actions = ask.items(operation, &resources, |resource| {
        let resource_arn = resource.required("ResourceIdentifier")?;
        let details = resource.list("PendingMaintenanceActionDetails")?.into_iter();
        let actions = details.map(|action| {
            Ok(PendingMaintenance {
                resource_arn: resource_arn.clone(),
                action: action.required("Action")?,
                description: action.text("Description")?.unwrap_or_default().to_owned(),
                auto_applied_after: action.time("AutoAppliedAfterDate")?,
                forced_apply: action.time("ForcedApplyDate")?,
            })
        });
        actions.collect::<Result<Vec<_>, _>>().map_err(Lacks::of(&resource_arn))
    });
    let actions = actions.map(|of_each| of_each.into_iter().flatten().collect::<Vec<_>>());
    Ok(actions.sorted(|action| (action.resource_arn.clone(), action.action.clone())))
}

async fn certificate_authorities(ask: &Ask) -> Result<Read<BTreeMap<String, Option<Timestamp>>>, CallError> {
    let operation = op::DescribeCertificates;
    let authorities = RDS.list(ask, operation, None, request(), ("Certificates", MARKER)).await?;
    let authorities = ask.items(operation, &authorities, |authority| {
        let id = authority.required("CertificateIdentifier")?;
        let valid_till = authority.time("ValidTill").map_err(Lacks::of(&id))?;
        Ok((id, valid_till))
    });
    Ok(authorities.map(BTreeMap::from_iter))
}

async fn parameter_groups(
    ask: &Ask,
    instances: &Collected<Vec<DbInstance>>,
) -> Collected<Vec<ParameterGroup>> {
    ask.after(Source::RdsParameterGroups, instances, |instances| {
        let names: BTreeSet<_> = instances.iter().flat_map(|instance| &instance.parameter_groups).collect();
        parameters_of(ask, names, op::DescribeDBParameters, |group| {
            Request::new().with("DBParameterGroupName", group)
        })
    })
    .await
}

async fn cluster_parameter_groups(
    ask: &Ask,
    clusters: &Collected<Vec<DbCluster>>,
) -> Collected<Vec<ParameterGroup>> {
    ask.after(Source::RdsClusterParameterGroups, clusters, |clusters| {
        let names: BTreeSet<_> =
            clusters.iter().filter_map(|cluster| cluster.parameter_group.as_ref()).collect();
        parameters_of(ask, names, op::DescribeDBClusterParameters, |group| {
            Request::new().with("DBClusterParameterGroupName", group)
        })
    })
    .await
}

/// Of each parameter group, the parameters that checks read.
async fn parameters_of(
    ask: &Ask,
    groups: BTreeSet<&String>,
    operation: &'static Operation,
    request: fn(&str) -> Request,
) -> Result<Vec<ParameterGroup>, CallError> {
    let groups = groups.into_iter().map(|group| async move {
        let request = request(group).with("MaxRecords", 100);
        let list = ("Parameters", MARKER);
        let parameters = RDS.list(ask, operation, Some(group), request, list).await;
        let parameters = parameters.and_then(|all| kept(ask, operation, group, &all));
        ParameterGroup { name: group.clone(), parameters: ask.keep(parameters) }
    });
    Ok(each_of(groups).await)
}

fn kept(
    ask: &Ask,
    operation: &'static Operation,
    group: &str,
    parameters: &[Node],
) -> Result<BTreeMap<String, String>, CallError> {
    let named = ask.all_items(operation, Some(group), parameters, |parameter| {
        Ok((parameter.text("ParameterName")?, parameter.text("ParameterValue")?))
    })?;
    // The engine's default stands for a parameter without a value.
    let named = named.into_iter().filter_map(|(name, value)| {
        let (name, value) = (name?, value?);
        PARAMETERS.contains(&name).then(|| (name.to_owned(), value.to_owned()))
    });
    Ok(named.collect())
}

async fn instances(ask: &Ask, arns: &Arns) -> Result<Read<Vec<DbInstance>>, CallError> {
    let operation = op::DescribeDBInstances;
    let listed = RDS.list(ask, operation, None, request(), ("DBInstances", MARKER)).await?;
    let instances = ask.items(operation, &listed, |it| {
        let arn = it.text("DBInstanceArn")?;
        let id = it.required("DBInstanceIdentifier").map_err(Lacks::of(arn.unwrap_or_default()))?;
        instance(it, arns.of(arn, "db", &id), &id).map_err(Lacks::of(&id))
    });
    Ok(instances.sorted(|instance| instance.id.clone()))
}

fn instance(instance: &Node, arn: String, id: &str) -> Result<DbInstance, Lacks> {
    let group = instance.get("DBSubnetGroup");
    let public = instance.flag("PubliclyAccessible")?.ok_or(Lacks::field("PubliclyAccessible"));
    let security_groups = security_groups(instance)?.into_iter();
    let security_groups = security_groups.map(|group| group.required("VpcSecurityGroupId"));
    let replica_of_cluster = instance.text("ReadReplicaSourceDBClusterIdentifier")?;
    Ok(DbInstance {
        id: id.to_owned(),
        arn,
        engine: instance.text("Engine")?.unwrap_or_default().to_owned(),
        engine_version: instance.text("EngineVersion")?.unwrap_or_default().to_owned(),
        status: instance.text("DBInstanceStatus")?.unwrap_or_default().to_owned(),
        publicly_accessible: public?,
        storage_encrypted: instance.flag("StorageEncrypted")?.unwrap_or_default(),
        auto_minor_version_upgrade: instance.flag("AutoMinorVersionUpgrade")?.unwrap_or_default(),
        multi_az: instance.flag("MultiAZ")?.unwrap_or_default(),
        port: instance.get("Endpoint").integer("Port")?.or(instance.integer("DbInstancePort")?),
        cluster: instance.text("DBClusterIdentifier")?.map(str::to_owned),
        read_replica_source: instance
            .text("ReadReplicaSourceDBInstanceIdentifier")?
            .or(replica_of_cluster)
            .map(str::to_owned),
        vpc: group.text("VpcId")?.map(str::to_owned),
        subnets: sorted(group.each("Subnets", "SubnetIdentifier")?, Clone::clone),
        security_groups: sorted(security_groups.collect::<Result<Vec<_>, _>>()?, Clone::clone),
        backup_retention_days: instance.integer("BackupRetentionPeriod")?.unwrap_or_default(),
        deletion_protection: instance.flag("DeletionProtection")?.unwrap_or_default(),
        iam_authentication: instance.flag("IAMDatabaseAuthenticationEnabled")?.unwrap_or_default(),
        master_username: instance.text("MasterUsername")?.map(str::to_owned),
        log_exports: sorted(instance.texts("EnabledCloudwatchLogsExports")?, Clone::clone),
        parameter_groups: instance.each("DBParameterGroups", "DBParameterGroupName")?,
        ca_certificate: instance.text("CACertificateIdentifier")?.map(str::to_owned),
        tags: instance.tags("TagList", "Key", "Value")?,
    })
}

/// Without those that are being taken away.
fn security_groups(of: &Node) -> Result<Vec<&Node>, Lacks> {
    let mut groups = Vec::new();
    for group in of.list("VpcSecurityGroups")? {
        if group.text("Status")? != Some("removing") {
            groups.push(group);
        }
    }
    Ok(groups)
}

async fn clusters(ask: &Ask, arns: &Arns) -> Result<Read<Vec<DbCluster>>, CallError> {
    let operation = op::DescribeDBClusters;
    let listed = RDS.list(ask, operation, None, request(), ("DBClusters", MARKER)).await?;
    let clusters = ask.items(operation, &listed, |it| {
        let id = it.required("DBClusterIdentifier")?;
        cluster(it, arns, &id).map_err(Lacks::of(&id))
    });
    Ok(clusters.sorted(|cluster| cluster.id.clone()))
}

fn cluster(cluster: &Node, arns: &Arns, id: &str) -> Result<DbCluster, Lacks> {
    let groups = security_groups(cluster)?.into_iter();
    let groups = groups.filter_map(|group| group.text("VpcSecurityGroupId").transpose());
    Ok(DbCluster {
        id: id.to_owned(),
        arn: arns.of(cluster.text("DBClusterArn")?, "cluster", id),
        engine: cluster.text("Engine")?.unwrap_or_default().to_owned(),
        engine_version: cluster.text("EngineVersion")?.unwrap_or_default().to_owned(),
        publicly_accessible: cluster.flag("PubliclyAccessible")?.unwrap_or_default(),
        storage_encrypted: cluster.flag("StorageEncrypted")?.unwrap_or_default(),
        auto_minor_version_upgrade: cluster.flag("AutoMinorVersionUpgrade")?.unwrap_or_default(),
        multi_az: cluster.flag("MultiAZ")?.unwrap_or_default(),
        backup_retention_days: cluster.integer("BackupRetentionPeriod")?.unwrap_or_default(),
        deletion_protection: cluster.flag("DeletionProtection")?.unwrap_or_default(),
        iam_authentication: cluster.flag("IAMDatabaseAuthenticationEnabled")?.unwrap_or_default(),
        master_username: cluster.text("MasterUsername")?.map(str::to_owned),
        log_exports: sorted(cluster.texts("EnabledCloudwatchLogsExports")?, Clone::clone),
        parameter_group: cluster.text("DBClusterParameterGroup")?.map(str::to_owned),
        security_groups: sorted(
            groups.map(|group| group.map(str::to_owned)).collect::<Result<Vec<_>, _>>()?,
            Clone::clone,
        ),
        tags: cluster.tags("TagList", "Key", "Value")?,
    })
}

async fn snapshots(ask: &Ask, arns: &Arns) -> Result<Read<Vec<DbSnapshot>>, CallError> {
    let operation = op::DescribeDBSnapshots;
    let listed = RDS.list(ask, operation, None, shareable(), ("DBSnapshots", MARKER)).await?;
    let listed = ask.items(operation, &listed, |snapshot| {
        let id = snapshot.required("DBSnapshotIdentifier")?;
        let read = || {
            Ok(DbSnapshot {
                id: id.clone(),
                arn: arns.of(snapshot.text("DBSnapshotArn")?, "snapshot", &id),
                source: snapshot.text("DBInstanceIdentifier")?.unwrap_or_default().to_owned(),
                engine: snapshot.text("Engine")?.unwrap_or_default().to_owned(),
                encrypted: snapshot.flag("Encrypted")?.unwrap_or_default(),
                restorable_by: Collected::default(),
                tags: snapshot.tags("TagList", "Key", "Value")?,
            })
        };
        read().map_err(Lacks::of(&id))
    });
    let snapshots = listed.then(|snapshot| async move {
        let (operation, id) = (op::DescribeDBSnapshotAttributes, snapshot.id.as_str());
        let request = Request::new().with("DBSnapshotIdentifier", id);
        let restorable_by = restorable_by(ask, operation, id, request, |answer| {
            answer.get("DBSnapshotAttributesResult").list("DBSnapshotAttributes")
        });
        DbSnapshot { restorable_by: ask.keep(restorable_by.await), ..snapshot }
    });
    Ok(snapshots.await.sorted(|snapshot| snapshot.id.clone()))
}

async fn cluster_snapshots(ask: &Ask, arns: &Arns) -> Result<Read<Vec<DbSnapshot>>, CallError> {
    let operation = op::DescribeDBClusterSnapshots;
    let listed = RDS.list(ask, operation, None, shareable(), ("DBClusterSnapshots", MARKER)).await?;
    let listed = ask.items(operation, &listed, |snapshot| {
        let id = snapshot.required("DBClusterSnapshotIdentifier")?;
        let read = || {
            Ok(DbSnapshot {
                id: id.clone(),
                arn: arns.of(snapshot.text("DBClusterSnapshotArn")?, "cluster-snapshot", &id),
                source: snapshot.text("DBClusterIdentifier")?.unwrap_or_default().to_owned(),
                engine: snapshot.text("Engine")?.unwrap_or_default().to_owned(),
                encrypted: snapshot.flag("StorageEncrypted")?.unwrap_or_default(),
                restorable_by: Collected::default(),
                tags: snapshot.tags("TagList", "Key", "Value")?,
            })
        };
        read().map_err(Lacks::of(&id))
    });
    let snapshots = listed.then(|snapshot| async move {
        let (operation, id) = (op::DescribeDBClusterSnapshotAttributes, snapshot.id.as_str());
        let request = Request::new().with("DBClusterSnapshotIdentifier", id);
        let restorable_by = restorable_by(ask, operation, id, request, |answer| {
            answer.get("DBClusterSnapshotAttributesResult").list("DBClusterSnapshotAttributes")
        });
        DbSnapshot { restorable_by: ask.keep(restorable_by.await), ..snapshot }
    });
    Ok(snapshots.await.sorted(|snapshot| snapshot.id.clone()))
}

/// Automated snapshots cannot be shared.
fn shareable() -> Request {
    Request::new().with("SnapshotType", "manual").with("MaxRecords", 100)
}

/// Values of the attribute `restore`: account ids, or `all`.
async fn restorable_by(
    ask: &Ask,
    operation: &'static Operation,
    snapshot: &str,
    request: Request,
    attributes: fn(&Node) -> Result<Vec<&Node>, Lacks>,
) -> Result<Vec<String>, CallError> {
    let answer = RDS.one(ask, operation, Some(snapshot), request).await?;
    let attributes = ask.item(operation, Some(snapshot), attributes(&answer))?;
    let attributes = ask.all_items(operation, Some(snapshot), attributes, |attribute| {
        Ok((attribute.required("AttributeName")?, attribute.texts("AttributeValues")?))
    })?;
    let restore = attributes.into_iter().filter(|(name, _)| name == "restore");
    Ok(sorted(restore.flat_map(|(_, values)| values), Clone::clone))
}
