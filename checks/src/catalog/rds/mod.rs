//! Relational Database Service.

mod auto_minor_upgrade;
mod backup_retention;
mod certificate_authority;
mod cluster_encryption;
mod default_admin;
mod deletion_protection;
mod engine_end_of_life;
mod iam_authentication;
mod instance_encryption;
mod instance_public;
mod log_exports;
mod multi_az;
mod pending_maintenance;
mod security_group_open;
mod snapshot_encryption;
mod snapshot_public;
mod snapshot_shared;
mod subnet_group_public;
mod transport_encryption;

super::checks! {
    auto_minor_upgrade
    backup_retention
    certificate_authority
    cluster_encryption
    default_admin
    deletion_protection
    engine_end_of_life
    iam_authentication
    instance_encryption
    instance_public
    log_exports
    multi_az
    pending_maintenance
    security_group_open
    snapshot_encryption
    snapshot_public
    snapshot_shared
    subnet_group_public
    transport_encryption
}

use crate::{
    check::Context,
    finding::Judgement,
    snapshot::{
        Region,
        rds::{DbCluster, DbInstance, DbSnapshot},
    },
};

/// Judges the manual snapshots of instances and of clusters. Each list that could not be read is reported by its
/// own kind.
fn each_snapshot<'a>(
    cx: &mut Context<'a>,
    region: &'a Region,
    judge: impl Fn(&Context<'a>, &'a DbSnapshot) -> Judgement,
) {
    cx.each(region.rds.snapshots.get(), &judge);
    match region.rds.cluster_snapshots.get() {
        Err(not_judged) => cx.unread(&DbSnapshot::OF_CLUSTERS, not_judged),
        Ok(snapshots) => cx.each(Ok(snapshots), &judge),
    }
}

/// Engines that answer through the RDS API and are services of their own, with controls of their own.
fn is_rds(engine: &str) -> bool {
    engine != "docdb" && engine != "neptune"
}

/// Judges the instances that stand for themselves: members of a cluster are judged with it.
fn each_own_instance<'a>(
    cx: &mut Context<'a>,
    region: &'a Region,
    judge: impl Fn(&Context<'a>, &'a DbInstance) -> Judgement,
) {
    let own = |instance: &&DbInstance| is_rds(&instance.engine) && instance.cluster.is_none();
    cx.each(region.rds.instances.get().map(|instances| instances.iter().filter(own)), judge);
}

/// Judges every instance, members of clusters too.
fn each_own_or_member<'a>(
    cx: &mut Context<'a>,
    region: &'a Region,
    judge: impl Fn(&Context<'a>, &'a DbInstance) -> Judgement,
) {
    cx.each(region.rds.instances.get().map(|list| list.iter().filter(|it| is_rds(&it.engine))), judge);
}

/// Judges the clusters.
fn each_cluster<'a>(
    cx: &mut Context<'a>,
    region: &'a Region,
    judge: impl Fn(&Context<'a>, &'a DbCluster) -> Judgement,
) {
    cx.each(region.rds.clusters.get().map(|list| list.iter().filter(|it| is_rds(&it.engine))), judge);
}

/// The port of an instance; the engine's own where the instance has no endpoint yet.
fn port_of(instance: &DbInstance) -> u16 {
    instance.port.and_then(|port| port.try_into().ok()).unwrap_or_else(|| match instance.engine.as_str() {
        "postgres" | "aurora-postgresql" => 5432,
        engine if engine.starts_with("oracle-") => 1521,
        engine if engine.starts_with("sqlserver-") => 1433,
        engine if engine.starts_with("db2-") => 50000,
        "docdb" => 27017,
        "neptune" => 8182,
        _ => 3306,
    })
}

#[cfg(test)]
mod testing {
    use crate::{
        snapshot::{
            Snapshot,
            rds::{DbCluster, DbInstance, DbSnapshot},
        },
        testing::{empty, read, region},
    };

    /// An account with one DB instance, set up well.
    pub(super) fn with_instance(change: impl FnOnce(&mut DbInstance)) -> Snapshot {
        let mut instance = DbInstance {
            id: "orders".into(),
            arn: "arn:aws:rds:eu-west-1:111122223333:db:orders".into(),
            engine: "postgres".into(),
            engine_version: "17.2".into(),
            status: "available".into(),
            publicly_accessible: false,
            storage_encrypted: true,
            auto_minor_version_upgrade: true,
            multi_az: true,
            port: Some(5432),
            cluster: None,
            read_replica_source: None,
            vpc: Some("vpc-1".into()),
            subnets: vec!["subnet-1".into(), "subnet-2".into()],
            security_groups: vec!["sg-1".into()],
            backup_retention_days: 7,
            deletion_protection: true,
            iam_authentication: true,
            master_username: Some("owner".into()),
            log_exports: vec!["postgresql".into()],
            parameter_groups: vec!["default.postgres17".into()],
            ca_certificate: Some("rds-ca-rsa2048-g1".into()),
            tags: [].into(),
        };
        change(&mut instance);
        let mut account = empty();
        region(&mut account).rds.instances = read(vec![instance]);
        account
    }

    /// An account with one DB cluster, set up well.
    pub(super) fn with_cluster(change: impl FnOnce(&mut DbCluster)) -> Snapshot {
        let mut cluster = DbCluster {
            id: "orders".into(),
            arn: "arn:aws:rds:eu-west-1:111122223333:cluster:orders".into(),
            engine: "mysql".into(),
            engine_version: "8.4.3".into(),
            publicly_accessible: false,
            storage_encrypted: true,
            auto_minor_version_upgrade: true,
            multi_az: true,
            backup_retention_days: 7,
            deletion_protection: true,
            iam_authentication: true,
            master_username: Some("owner".into()),
            log_exports: vec![],
            parameter_group: None,
            security_groups: vec![],
            tags: [].into(),
        };
        change(&mut cluster);
        let mut account = empty();
        region(&mut account).rds.clusters = read(vec![cluster]);
        account
    }

    /// A manual snapshot that those accounts may restore.
    pub(super) fn snapshot(arn: &str, restorable_by: &[&str]) -> DbSnapshot {
        DbSnapshot {
            id: arn.rsplit(':').next().unwrap_or(arn).into(),
            arn: arn.into(),
            source: "orders".into(),
            engine: "postgres".into(),
            encrypted: false,
            restorable_by: read(restorable_by.iter().map(|account| (*account).to_owned()).collect()),
            tags: [].into(),
        }
    }
}
