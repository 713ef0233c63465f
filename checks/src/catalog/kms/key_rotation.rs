use super::{each_own_key, named};
use crate::{
    check::Check,
    finding::{Severity, Verdict},
    gap::NotJudged,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "kms-key-rotation",
    severity: Severity::Medium,
    sources: &[Source::KmsKeys, Source::KmsKeyRotation],
    run: |cx| {
        cx.each_region(|cx, region| {
            each_own_key(cx, region, |_, key| {
                // Only these keys rotate by themselves; replicas follow their primary, and rotation cannot be
                // changed while a key is disabled.
                let details = key.details.get()?;
                let rotates = details.spec == "SYMMETRIC_DEFAULT" && details.origin == "AWS_KMS";
                if !rotates || details.is_replica || details.state != "Enabled" {
                    return Err(NotJudged::NotApplicable);
                }
                Ok(Verdict::fail_if(!*region.kms.rotation.of(&key.id)?)
                    .with("key", named(key))
                    .with("aliases", &key.aliases))
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::with_key, CHECK};
    use crate::{
        snapshot::Snapshot,
        testing::{fails, passes, read, region, silent},
    };

    fn with_rotation(on: bool) -> Snapshot {
        let mut account = with_key(|_| ());
        region(&mut account).kms.rotation = read([("k1".to_owned(), read(on))].into());
        account
    }

    #[test]
    fn fails_when_off() {
        fails(&CHECK, &with_rotation(false));
    }

    #[test]
    fn passes_when_on() {
        passes(&CHECK, &with_rotation(true));
    }

    #[test]
    fn says_nothing_of_keys_that_cannot_rotate() {
        silent(&CHECK, &with_key(|k| k.spec = "RSA_2048".into()));
        silent(&CHECK, &with_key(|k| k.origin = "EXTERNAL".into()));
        silent(&CHECK, &with_key(|k| k.is_replica = true));
        silent(&CHECK, &with_key(|k| k.is_customer_managed = false));
        silent(&CHECK, &with_key(|k| k.state = "PendingDeletion".into()));
        silent(&CHECK, &with_key(|k| k.state = "Disabled".into()));
    }
}
