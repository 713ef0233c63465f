use super::each_own_key;
use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

/// KMS.3.
pub(super) const CHECK: Check = Check {
    id: "kms-key-pending-deletion",
    severity: Severity::Medium,
    sources: &[Source::KmsKeys],
    run: |cx| {
        cx.each_region(|cx, region| {
            each_own_key(cx, region, |_, key| {
                let details = key.details.get()?;
                let pending = details.state == "PendingDeletion" || details.state == "PendingReplicaDeletion";
                Ok(Verdict::fail_if(pending)
                    .with("aliases", &key.aliases)
                    .with("deletion_date", details.deletion_date))
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::with_key, CHECK};
    use crate::testing::{denied, empty, fails, passes, region, unknown};

    #[test]
    fn fails_when_scheduled() {
        fails(&CHECK, &with_key(|k| k.state = "PendingDeletion".into()));
    }

    #[test]
    fn passes_when_not() {
        passes(&CHECK, &with_key(|_| ()));
        passes(&CHECK, &with_key(|k| k.state = "Disabled".into()));
    }

    #[test]
    fn unknown_when_not_readable() {
        let mut account = empty();
        region(&mut account).kms.keys = denied();
        unknown(&CHECK, &account);
    }
}
