use crate::{
    check::Check,
    finding::{Severity, Verdict},
    gap::NotJudged,
    index::Index,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "backup-vault-encryption",
    severity: Severity::Info,
    sources: &[Source::BackupVaults, Source::KmsKeys],
    run: |cx| {
        cx.each_region(|cx, region| {
            let keys = Index::of(&region.kms.keys, |key| &key.arn);
            cx.each_known(&region.backup.vaults, |_, vault| {
                // AWS makes EFS's vault with its own key; a vault that has emptied itself is as good as gone.
                if vault.name.starts_with("aws/efs/") || vault.recovery_points == Some(0) {
                    return Err(NotJudged::NotApplicable);
                }
                let own = match (vault.key_type.as_deref(), &vault.kms_key) {
                    (Some("AWS_OWNED_KMS_KEY"), _) => false,
                    // The service's key in the account, `aws/backup`, looks like one of the customer's here.
                    (_, Some(arn)) => match keys.find(arn)? {
                        Some(key) => key.details.get()?.is_customer_managed,
                        // A key of another account is somebody's own.
                        None => true,
                    },
                    (_, None) => false,
                };
                let verdict = Verdict::fail_if(!own).with("key_type", &vault.key_type);
                let air_gapped = vault.vault_type.as_deref() == Some("LOGICALLY_AIR_GAPPED_BACKUP_VAULT");
                Ok(if air_gapped { verdict.told_as("air_gapped") } else { verdict })
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::{
        gap::Collected,
        snapshot::{
            Snapshot,
            backup::BackupVault,
            kms::{Key, KeyDetails},
        },
        testing::{empty, fails, passes, read, region, silent},
    };

    fn customers(is_customer_managed: bool) -> Collected<KeyDetails> {
        read(KeyDetails { is_customer_managed, ..KeyDetails::default() })
    }

    /// A vault with the account's only key, of AWS or the customer, changed.
    fn with_vault(key: Collected<KeyDetails>, change: impl FnOnce(&mut BackupVault)) -> Snapshot {
        let mut vault = BackupVault {
            name: "v".into(),
            kms_key: Some("arn:key".into()),
            vault_type: Some("BACKUP_VAULT".into()),
            recovery_points: Some(3),
            ..BackupVault::default()
        };
        change(&mut vault);
        let mut account = empty();
        let region = region(&mut account);
        region.backup.vaults = read(vec![vault]);
        region.kms.keys = read(vec![Key { arn: "arn:key".into(), details: key, ..Key::default() }]);
        account
    }

    #[test]
    fn fails_with_a_key_of_aws() {
        assert_eq!(fails(&CHECK, &with_vault(customers(false), |_| ())).variant, None);
        let owned = with_vault(customers(false), |vault| {
            vault.key_type = Some("AWS_OWNED_KMS_KEY".into());
            vault.kms_key = None;
            vault.vault_type = Some("LOGICALLY_AIR_GAPPED_BACKUP_VAULT".into());
        });
        assert_eq!(fails(&CHECK, &owned).variant, Some("air_gapped"));
    }

    #[test]
    fn passes_with_ones_own() {
        passes(&CHECK, &with_vault(customers(true), |_| ()));
        passes(&CHECK, &with_vault(customers(false), |vault| vault.kms_key = Some("arn:other".into())));
    }

    #[test]
    fn says_nothing_of_vaults_of_efs_and_empty_ones() {
        let name = "aws/efs/automatic-backup-vault";
        silent(&CHECK, &with_vault(customers(false), |vault| vault.name = name.into()));
        silent(&CHECK, &with_vault(customers(false), |vault| vault.recovery_points = Some(0)));
    }
}
