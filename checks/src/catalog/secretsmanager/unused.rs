use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

/// SecretsManager.3.
pub(super) const CHECK: Check = Check {
    id: "secretsmanager-unused",
    severity: Severity::Low,
    sources: &[Source::SecretsManagerSecrets],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.each(region.secretsmanager.secrets.get(), |cx, secret| {
                let last = secret.last_accessed.or(secret.created);
                let unused = last.is_some_and(|last| cx.days_since(last) > cx.settings.unused_secret_days);
                let verdict = Verdict::fail_if(unused).with("last_accessed", secret.last_accessed);
                Ok(if secret.last_accessed.is_none() { verdict.told_as("never") } else { verdict })
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::with_stored, CHECK};
    use crate::testing::{ago, denied, empty, fails, passes, region, unknown};

    #[test]
    fn fails_when_long_unread() {
        fails(&CHECK, &with_stored(|s| s.last_accessed = Some(ago(91))));
        fails(&CHECK, &with_stored(|s| s.last_accessed = None));
    }

    #[test]
    fn passes_when_read_or_new() {
        passes(&CHECK, &with_stored(|s| s.last_accessed = Some(ago(90))));
        passes(
            &CHECK,
            &with_stored(|s| {
                s.last_accessed = None;
                s.created = Some(ago(5));
            }),
        );
    }

    #[test]
    fn unknown_when_not_readable() {
        let mut account = empty();
        region(&mut account).secretsmanager.secrets = denied();
        unknown(&CHECK, &account);
    }
}
