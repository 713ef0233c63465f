//! Relational Database Service.

mod auto_minor_upgrade;
mod instance_encryption;
mod instance_public;
mod snapshot_public;

super::checks! {
    auto_minor_upgrade
    instance_encryption
    instance_public
    snapshot_public
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
            encrypted: false,
            restorable_by: read(restorable_by.iter().map(|account| (*account).to_owned()).collect()),
            tags: [].into(),
        }
    }
}
