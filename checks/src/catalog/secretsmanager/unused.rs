use super::is_own;
use crate::{
    check::Check,
    finding::{Severity, Verdict},
    gap::Gap,
    snapshot::secretsmanager::op,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "secretsmanager-unused",
    severity: Severity::Low,
    sources: &[Source::SecretsManagerSecrets],
    run: |cx| {
        cx.each_region(|cx, region| {
            // Services seldom read theirs, and the copies are there for the day that the other region is not.
            let secrets = region.secretsmanager.secrets.get();
            cx.each(secrets.map(|secrets| secrets.iter().filter(is_own)), |cx, secret| {
                let last = secret.last_accessed.or(secret.created).ok_or_else(|| {
                    let (operation, region) = (op::ListSecrets, cx.place().region);
                    Gap::unreadable(operation, Some(region), Some(&secret.arn), "no date")
                })?;
                let unused = cx.days_since(last) > cx.settings.unused_secret_days;
                let verdict = Verdict::fail_if(unused).with("last_accessed", secret.last_accessed);
                Ok(if secret.last_accessed.is_none() { verdict.told_as("never") } else { verdict })
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::with_stored, CHECK};
    use crate::testing::{ago, fails, passes, silent, unknown};

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
    fn says_nothing_of_what_services_keep_and_of_copies() {
        silent(
            &CHECK,
            &with_stored(|s| {
                s.last_accessed = None;
                s.owning_service = Some("rds".into());
            }),
        );
        silent(
            &CHECK,
            &with_stored(|s| {
                s.last_accessed = None;
                s.is_replica = true;
            }),
        );
    }

    #[test]
    fn a_secret_without_dates_is_not_fine() {
        unknown(
            &CHECK,
            &with_stored(|s| {
                s.last_accessed = None;
                s.created = None;
            }),
        );
    }
}
