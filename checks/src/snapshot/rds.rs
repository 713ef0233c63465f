//! Relational Database Service.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Judged, Place, Tags};
use crate::gap::Collected;

service! {
    /// Databases of one region.
    Rds, Regional;

    op("RDS", "rds", UNPUBLISHED) {
        RdsInstances [DescribeDBInstances] =>
            /// DB instances.
            instances: Vec<DbInstance>;
        RdsClusters [DescribeDBClusters] =>
            /// DB clusters.
            clusters: Vec<DbCluster>;
        RdsSnapshots [DescribeDBSnapshots, DescribeDBSnapshotAttributes] =>
            /// Manual snapshots of instances.
            snapshots: Vec<DbSnapshot>;
        RdsClusterSnapshots [DescribeDBClusterSnapshots, DescribeDBClusterSnapshotAttributes] =>
            /// Manual snapshots of clusters.
            cluster_snapshots: Vec<DbSnapshot>;
        RdsParameterGroups needs RdsInstances [DescribeDBParameters] =>
            /// Parameter groups that instances use.
            parameter_groups: Vec<ParameterGroup>;
        RdsClusterParameterGroups needs RdsClusters [DescribeDBClusterParameters] =>
            /// Parameter groups that clusters use.
            cluster_parameter_groups: Vec<ParameterGroup>;
        RdsMajorVersions [DescribeDBMajorEngineVersions] =>
            /// How long AWS supports each major version of an engine.
            major_versions: Vec<MajorVersion>;
        RdsPendingMaintenance [DescribePendingMaintenanceActions] =>
            /// Maintenance that waits.
            pending_maintenance: Vec<PendingMaintenance>;
        RdsCertificateAuthorities [DescribeCertificates] =>
            /// Certificate authorities, and when they expire.
            certificate_authorities: BTreeMap<String, Option<Timestamp>>;
    }
}

/// The parameters of a parameter group that checks read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ParameterGroup {
    /// Its name.
    pub name: String,
    /// Values by name, among [`PARAMETERS`]. One without a value (the engine's default holds) or that the
    /// engine does not have is not among them.
    pub parameters: Collected<BTreeMap<String, String>>,
}

/// The parameters that are kept of a parameter group.
pub const PARAMETERS: [&str; 2] = ["rds.force_ssl", "require_secure_transport"];

/// A major version of an engine, as AWS supports it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MajorVersion {
    /// `postgres`, `aurora-mysql`, …
    pub engine: String,
    /// E.g. `8.0` or `13`.
    pub version: String,
    /// When standard support ends.
    pub end_of_standard_support: Option<Timestamp>,
}

/// Maintenance that waits.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingMaintenance {
    /// ARN of the instance or cluster.
    pub resource_arn: String,
    /// `system-update`, `db-upgrade`, `ca-certificate-rotation`, …
    pub action: String,
    /// What it is.
    pub description: String,
    /// When it is applied in the maintenance window.
    pub auto_applied_after: Option<Timestamp>,
    /// When it is applied at once.
    pub forced_apply: Option<Timestamp>,
}

/// Of the types that RDS, DocumentDB and Neptune have for one thing, the one of that engine.
fn of_engine(engine: &str, types: &[&'static str]) -> &'static str {
    match engine {
        "docdb" => types[1],
        "neptune" => types[2],
        _ => types[0],
    }
}

/// A DB instance.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DbInstance {
    /// `DBInstanceIdentifier`.
    pub id: String,
    /// Its ARN.
    pub arn: String,
    /// `postgres`, `aurora-mysql`, …
    pub engine: String,
    /// The engine's version.
    pub engine_version: String,
    /// `available`, `stopped`, …
    pub status: String,
    /// Whether its name resolves to a public address from outside the VPC.
    pub publicly_accessible: bool,
    /// Storage is encrypted.
    pub storage_encrypted: bool,
    /// Minor engine upgrades are applied in the maintenance window.
    pub auto_minor_version_upgrade: bool,
    /// Standby in another zone.
    pub multi_az: bool,
    /// Port of the endpoint.
    pub port: Option<i32>,
    /// The cluster that it is a member of.
    pub cluster: Option<String>,
    /// The instance or cluster that it replicates.
    pub read_replica_source: Option<String>,
    /// VPC that it is in.
    pub vpc: Option<String>,
    /// Subnets of its subnet group.
    pub subnets: Vec<String>,
    /// Security groups that are active on it.
    pub security_groups: Vec<String>,
    /// Days that automated backups are kept; zero when off.
    pub backup_retention_days: i32,
    /// Cannot be deleted.
    pub deletion_protection: bool,
    /// IAM database authentication.
    pub iam_authentication: bool,
    /// Name of the master user.
    pub master_username: Option<String>,
    /// Logs exported to CloudWatch Logs.
    pub log_exports: Vec<String>,
    /// Names of its parameter groups.
    pub parameter_groups: Vec<String>,
    /// Identifier of the certificate authority.
    pub ca_certificate: Option<String>,
    /// Tags.
    pub tags: Tags,
}

impl Judged for DbInstance {
    const TYPE: &'static str = "AWS::RDS::DBInstance";
    const TYPES: &'static [&'static str] =
        &[Self::TYPE, "AWS::DocDB::DBInstance", "AWS::Neptune::DBInstance"];
    fn id(&self) -> String {
        self.id.clone()
    }
    fn arn(&self, _: &Place<'_>) -> String {
        self.arn.clone()
    }
    fn kind(&self) -> &'static str {
        of_engine(&self.engine, Self::TYPES)
    }
    fn tags(&self) -> Option<&Tags> {
        Some(&self.tags)
    }
}

/// A DB cluster.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DbCluster {
    /// `DBClusterIdentifier`.
    pub id: String,
    /// Its ARN.
    pub arn: String,
    /// `aurora-postgresql`, `mysql` (a Multi-AZ DB cluster), …
    pub engine: String,
    /// The engine's version.
    pub engine_version: String,
    /// Whether the cluster as such is public (Multi-AZ DB clusters).
    pub publicly_accessible: bool,
    /// Storage is encrypted.
    pub storage_encrypted: bool,
    /// Minor engine upgrades are applied in the maintenance window (Multi-AZ DB clusters; Aurora's instances
    /// each have their own setting).
    pub auto_minor_version_upgrade: bool,
    /// Instances in more than one zone.
    pub multi_az: bool,
    /// Days that automated backups are kept.
    pub backup_retention_days: i32,
    /// Cannot be deleted.
    pub deletion_protection: bool,
    /// IAM database authentication.
    pub iam_authentication: bool,
    /// Name of the master user.
    pub master_username: Option<String>,
    /// Logs exported to CloudWatch Logs.
    pub log_exports: Vec<String>,
    /// Name of its parameter group.
    pub parameter_group: Option<String>,
    /// Its security groups.
    pub security_groups: Vec<String>,
    /// Tags.
    pub tags: Tags,
}

impl DbCluster {
    /// Aurora and the engines built like it (Neptune, DocumentDB), whose instances hold settings that other
    /// clusters hold themselves.
    #[must_use]
    pub fn has_member_settings(&self) -> bool {
        self.engine.starts_with("aurora") || self.engine == "neptune" || self.engine == "docdb"
    }
}

impl Judged for DbCluster {
    const TYPE: &'static str = "AWS::RDS::DBCluster";
    const TYPES: &'static [&'static str] = &[Self::TYPE, "AWS::DocDB::DBCluster", "AWS::Neptune::DBCluster"];
    fn id(&self) -> String {
        self.id.clone()
    }
    fn arn(&self, _: &Place<'_>) -> String {
        self.arn.clone()
    }
    fn kind(&self) -> &'static str {
        of_engine(&self.engine, Self::TYPES)
    }
    fn tags(&self) -> Option<&Tags> {
        Some(&self.tags)
    }
}

/// A manual snapshot of an instance or of a cluster.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DbSnapshot {
    /// `DBSnapshotIdentifier` or `DBClusterSnapshotIdentifier`.
    pub id: String,
    /// Its ARN, which shows which of the two it is.
    pub arn: String,
    /// What it was taken of.
    pub source: String,
    /// The engine of that; empty where it is not known.
    pub engine: String,
    /// It is encrypted. AWS lets nobody share an encrypted one with everyone.
    pub encrypted: bool,
    /// Accounts that may restore it; `all` is everyone.
    pub restorable_by: Collected<Vec<String>>,
    /// Tags.
    pub tags: Tags,
}

impl DbSnapshot {
    /// Types of snapshots of clusters: of RDS, DocumentDB and Neptune.
    pub const OF_CLUSTERS: [&'static str; 3] =
        ["AWS::RDS::DBClusterSnapshot", "AWS::DocDB::DBClusterSnapshot", "AWS::Neptune::DBClusterSnapshot"];
}

impl Judged for DbSnapshot {
    const TYPE: &'static str = "AWS::RDS::DBSnapshot";
    fn id(&self) -> String {
        self.id.clone()
    }
    fn arn(&self, _: &Place<'_>) -> String {
        self.arn.clone()
    }
    fn kind(&self) -> &'static str {
        if self.arn.contains(":cluster-snapshot:") {
            of_engine(&self.engine, &Self::OF_CLUSTERS)
        } else {
            Self::TYPE
        }
    }
    fn tags(&self) -> Option<&Tags> {
        Some(&self.tags)
    }
}
