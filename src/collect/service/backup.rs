//! AWS Backup.

use aws_audit_checks::{
    snapshot::backup::{Backup, BackupVault, op},
    source::Source,
};
use aws_sdk_backup::{
    Client,
    types::{EncryptionKeyType, VaultType},
};

use crate::collect::{
    ask::Ask,
    call::CallError,
    items::{Lacks, Read, known, text},
};

pub(in crate::collect) async fn collect(ask: &Ask) -> Backup {
    let client = &ask.aws.backup();
    let (plans, vaults) = tokio::join!(
        ask.list(Source::BackupPlans, plans(ask, client)),
        ask.list(Source::BackupVaults, vaults(ask, client)),
    );
    Backup { plans, vaults }
}

async fn plans(ask: &Ask, client: &Client) -> Result<Read<Vec<String>>, CallError> {
    let operation = op::ListBackupPlans;
    let pages = ask
        .pages(
            operation,
            None,
            |token| client.list_backup_plans().max_results(1000).set_next_token(token).send(),
            |page| page.next_token(),
        )
        .await?;
    let plans = pages.iter().flat_map(|page| page.backup_plans_list());
    let ids = ask.items(operation, plans, |plan| text(plan.backup_plan_id(), "BackupPlanId"));
    Ok(ids.sorted(Clone::clone))
}

async fn vaults(ask: &Ask, client: &Client) -> Result<Read<Vec<BackupVault>>, CallError> {
    let operation = op::ListBackupVaults;
    let pages = ask
        .pages(
            operation,
            None,
            |token| client.list_backup_vaults().max_results(1000).set_next_token(token).send(),
            |page| page.next_token(),
        )
        .await?;
    let listed = pages.iter().flat_map(|page| page.backup_vault_list());
    let vaults = ask.items(operation, listed, |vault| {
        let name = text(vault.backup_vault_name(), "BackupVaultName")?;
        let lacking = Lacks::of(&name);
        let key_type = vault.encryption_key_type().map(|kind| kind.as_str());
        let vault_type = vault.vault_type().map(|kind| kind.as_str());
        Ok(BackupVault {
            arn: text(vault.backup_vault_arn(), "BackupVaultArn").map_err(&lacking)?,
            name,
            key_type: known(key_type, EncryptionKeyType::values(), "EncryptionKeyType").map_err(&lacking)?,
            kms_key: vault.encryption_key_arn().map(str::to_owned),
            vault_type: known(vault_type, VaultType::values(), "VaultType").map_err(&lacking)?,
            recovery_points: Some(vault.number_of_recovery_points()),
        })
    });
    Ok(vaults.sorted(|vault| vault.name.clone()))
}
