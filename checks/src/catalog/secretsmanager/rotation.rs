use super::is_own;
use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "secretsmanager-rotation",
    severity: Severity::Medium,
    sources: &[Source::SecretsManagerSecrets],
    run: |cx| {
        cx.each_region(|cx, region| {
            let secrets = region.secretsmanager.secrets.get();
            cx.each(secrets.map(|secrets| secrets.iter().filter(is_own)), |_, secret| {
                Ok(Verdict::fail_if(!secret.rotation_enabled).with("last_rotated", secret.last_rotated))
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::with_stored, CHECK};
    use crate::testing::{fails, passes, silent};

    #[test]
    fn fails_when_off() {
        fails(&CHECK, &with_stored(|s| s.rotation_enabled = false));
    }

    #[test]
    fn passes_when_on() {
        passes(&CHECK, &with_stored(|_| ()));
    }

    #[test]
    fn says_nothing_of_what_others_rotate() {
        silent(
            &CHECK,
            &with_stored(|s| {
                s.rotation_enabled = false;
                s.owning_service = Some("rds".into());
            }),
        );
        silent(
            &CHECK,
            &with_stored(|s| {
                s.rotation_enabled = false;
                s.is_replica = true;
            }),
        );
    }
}
