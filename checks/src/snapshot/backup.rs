//! AWS Backup.

use serde::{Deserialize, Serialize};

use super::{Judged, Place};

service! {
    /// Backups of one region.
    Backup, Regional;

    op("Backup", "backup", UNPUBLISHED) {
        BackupPlans [ListBackupPlans] =>
            /// Ids of the backup plans.
            plans: Vec<String>;
        BackupVaults [ListBackupVaults] =>
            /// Backup vaults.
            vaults: Vec<BackupVault>;
    }
}

/// A backup vault.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct BackupVault {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// `CUSTOMER_MANAGED_KMS_KEY` or `AWS_OWNED_KMS_KEY`, where AWS says.
    pub key_type: Option<String>,
    /// ARN of its KMS key.
    pub kms_key: Option<String>,
    /// `BACKUP_VAULT`, `LOGICALLY_AIR_GAPPED_BACKUP_VAULT`, ….
    pub vault_type: Option<String>,
    /// How many backups are in it.
    pub recovery_points: Option<i64>,
}

impl Judged for BackupVault {
    const TYPE: &'static str = "AWS::Backup::BackupVault";
    fn id(&self) -> String {
        self.name.clone()
    }
    fn arn(&self, _: &Place<'_>) -> String {
        self.arn.clone()
    }
}
