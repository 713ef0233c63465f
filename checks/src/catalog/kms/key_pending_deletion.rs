use super::{each_own_key, named};
use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "kms-key-pending-deletion",
    severity: Severity::Medium,
    sources: &[Source::KmsKeys],
    run: |cx| {
        cx.each_region(|cx, region| {
            each_own_key(cx, region, |_, key| {
                let details = key.details.get()?;
                let pending = details.state == "PendingDeletion" || details.state == "PendingReplicaDeletion";
                let verdict = Verdict::fail_if(pending)
                    .with("key", named(key))
                    .with("aliases", &key.aliases)
                    .with("deletion_date", details.deletion_date);
                // A primary key waits for its replicas, and has no date before.
                Ok(if details.deletion_date.is_none() { verdict.told_as("replicas") } else { verdict })
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::with_key, CHECK};
    use crate::testing::{fails, passes};

    #[test]
    fn fails_when_scheduled() {
        fails(&CHECK, &with_key(|k| k.state = "PendingDeletion".into()));
    }

    #[test]
    fn passes_when_not() {
        passes(&CHECK, &with_key(|_| ()));
        passes(&CHECK, &with_key(|k| k.state = "Disabled".into()));
    }
}
