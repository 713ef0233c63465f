//! AWS Backup.

use aws_audit_checks::{
    snapshot::backup::{Backup, BackupVault},
    source::Source,
};
use aws_sdk_backup::Client;

use super::{Ask, CallError, sorted};

pub(super) async fn collect(ask: &Ask) -> Backup {
    let client = &ask.aws.backup();
    let (plans, vaults) = tokio::join!(
        ask.source(Source::BackupPlans, plans(ask, client)),
        ask.source(Source::BackupVaults, vaults(ask, client)),
    );
    Backup { plans, vaults }
}

async fn plans(ask: &Ask, client: &Client) -> Result<Vec<String>, CallError> {
    let pages = ask
        .pages(
            "backup:ListBackupPlans",
            None,
            |token| client.list_backup_plans().max_results(1000).set_next_token(token).send(),
            |page| page.next_token(),
        )
        .await?;
    let plans = pages.iter().flat_map(|page| page.backup_plans_list());
    Ok(sorted(plans.filter_map(|plan| plan.backup_plan_id().map(str::to_owned)), Clone::clone))
}

async fn vaults(ask: &Ask, client: &Client) -> Result<Vec<BackupVault>, CallError> {
    let pages = ask
        .pages(
            "backup:ListBackupVaults",
            None,
            |token| client.list_backup_vaults().max_results(1000).set_next_token(token).send(),
            |page| page.next_token(),
        )
        .await?;
    let vaults = pages.iter().flat_map(|page| page.backup_vault_list()).filter_map(|vault| {
        Some(BackupVault {
            name: vault.backup_vault_name()?.to_owned(),
            arn: vault.backup_vault_arn()?.to_owned(),
            key_type: vault.encryption_key_type().map(|kind| kind.as_str().to_owned()),
            kms_key: vault.encryption_key_arn().map(str::to_owned),
            vault_type: vault.vault_type().map(|kind| kind.as_str().to_owned()),
            recovery_points: Some(vault.number_of_recovery_points()),
        })
    });
    Ok(sorted(vaults, |vault| vault.name.clone()))
}
