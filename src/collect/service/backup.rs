//! AWS Backup.

use aws_audit_checks::{
    snapshot::backup::{Backup, BackupVault, op},
    source::Source,
};

use crate::collect::{
    api::{BACKUP, Node, Request, Token},
    ask::Ask,
    call::CallError,
    items::{Lacks, Read},
};

/// How its queries name it, and its answers.
const NEXT: Token = Token { sent: "nextToken", told: "NextToken" };
/// `EncryptionKeyType`.
const KEY_TYPES: [&str; 2] = ["AWS_OWNED_KMS_KEY", "CUSTOMER_MANAGED_KMS_KEY"];
/// `VaultType`.
const VAULT_TYPES: [&str; 3] =
    ["BACKUP_VAULT", "LOGICALLY_AIR_GAPPED_BACKUP_VAULT", "RESTORE_ACCESS_BACKUP_VAULT"];

pub(in crate::collect) async fn collect(ask: &Ask) -> Backup {
    let (plans, vaults) =
        tokio::join!(ask.list(Source::BackupPlans, plans(ask)), ask.list(Source::BackupVaults, vaults(ask)),);
    Backup { plans, vaults }
}

async fn plans(ask: &Ask) -> Result<Read<Vec<String>>, CallError> {
    let operation = op::ListBackupPlans;
    let request = Request::get("/backup/plans").with("maxResults", 1000);
    let plans = BACKUP.list(ask, operation, None, request, ("BackupPlansList", NEXT)).await?;
    Ok(ask.items(operation, &plans, |plan| plan.required("BackupPlanId")).sorted(Clone::clone))
}

async fn vaults(ask: &Ask) -> Result<Read<Vec<BackupVault>>, CallError> {
    let operation = op::ListBackupVaults;
    let request = Request::get("/backup-vaults").with("maxResults", 1000);
    let listed = BACKUP.list(ask, operation, None, request, ("BackupVaultList", NEXT)).await?;
    let vaults = ask.items(operation, &listed, |it| {
        let name = it.required("BackupVaultName")?;
        vault(it, &name).map_err(Lacks::of(&name))
    });
    Ok(vaults.sorted(|vault| vault.name.clone()))
}

fn vault(vault: &Node, name: &str) -> Result<BackupVault, Lacks> {
    Ok(BackupVault {
        arn: vault.required("BackupVaultArn")?,
        name: name.to_owned(),
        key_type: vault.known("EncryptionKeyType", &KEY_TYPES)?,
        kms_key: vault.text("EncryptionKeyArn")?.map(str::to_owned),
        vault_type: vault.known("VaultType", &VAULT_TYPES)?,
        recovery_points: Some(vault.number("NumberOfRecoveryPoints")?.unwrap_or_default()),
    })
}
