use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "backup-vault-encryption",
    severity: Severity::Info,
    sources: &[Source::BackupVaults, Source::KmsKeys],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.each(region.backup.vaults.get(), |_, vault| {
                let own = match (vault.key_type.as_deref(), &vault.kms_key) {
                    (Some("AWS_OWNED_KMS_KEY"), _) => false,
                    // The service's key in the account, `alias/aws/backup`, looks like one of the customer's here.
                    (_, Some(arn)) => {
                        let keys = region.kms.keys.get()?;
                        let key = keys.iter().find(|key| key.arn == *arn);
                        // A key of another account is somebody's own.
                        key.is_none_or(|key| !key.aliases.iter().any(|alias| alias == "alias/aws/backup"))
                    }
                    (_, None) => false,
                };
                Ok(Verdict::fail_if(!own).with("key_type", &vault.key_type))
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::{
        snapshot::{Snapshot, backup::BackupVault, kms::Key},
        testing::{denied, empty, fails, passes, read, region, unknown},
    };

    fn with_vault(key: &str, alias: &str) -> Snapshot {
        let mut account = empty();
        let region = region(&mut account);
        region.backup.vaults =
            read(vec![BackupVault { name: "v".into(), kms_key: Some(key.into()), ..BackupVault::default() }]);
        region.kms.keys =
            read(vec![Key { arn: "arn:key".into(), aliases: vec![alias.into()], ..Key::default() }]);
        account
    }

    #[test]
    fn fails_with_a_key_of_aws() {
        fails(&CHECK, &with_vault("arn:key", "alias/aws/backup"));
    }

    #[test]
    fn passes_with_ones_own() {
        passes(&CHECK, &with_vault("arn:key", "alias/backups"));
        passes(&CHECK, &with_vault("arn:other", "alias/aws/backup"));
    }

    #[test]
    fn unknown_when_not_readable() {
        let mut account = empty();
        region(&mut account).backup.vaults = denied();
        unknown(&CHECK, &account);
    }
}
