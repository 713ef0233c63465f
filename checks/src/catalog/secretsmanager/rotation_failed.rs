use crate::{
    check::Check,
    finding::{Severity, Verdict},
    snapshot::secretsmanager::StoredSecret,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "secretsmanager-rotation-failed",
    severity: Severity::Medium,
    sources: &[Source::SecretsManagerSecrets],
    run: |cx| {
        cx.each_region(|cx, region| {
            let rotated = |secret: &&StoredSecret| secret.rotation_enabled && !secret.is_replica;
            let secrets = region.secretsmanager.secrets.get();
            cx.each(secrets.map(|secrets| secrets.iter().filter(rotated)), |cx, secret| {
                // The date is the end of the window in which Secrets Manager must rotate.
                let overdue = secret.next_rotation.is_some_and(|next| cx.days_since(next) >= 1);
                Ok(Verdict::fail_if(overdue)
                    .with("next_rotation", secret.next_rotation)
                    .with("last_rotated", secret.last_rotated))
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::with_stored, CHECK};
    use crate::testing::{ago, fails, passes, silent};

    #[test]
    fn fails_when_overdue() {
        fails(&CHECK, &with_stored(|s| s.next_rotation = Some(ago(2))));
    }

    #[test]
    fn passes_when_not() {
        passes(&CHECK, &with_stored(|_| ()));
        passes(&CHECK, &with_stored(|s| s.next_rotation = Some(ago(0))));
    }

    #[test]
    fn says_nothing_without_rotation() {
        silent(&CHECK, &with_stored(|s| s.rotation_enabled = false));
    }
}
