use super::{each_console_user, not_in_report};
use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "iam-password-unused",
    severity: Severity::Medium,
    sources: &[Source::IamCredentialReport],
    run: |cx| {
        each_console_user(cx, |cx, user| {
            let row = user.credentials;
            // One that was never used counts from when it was set, as in CIS 2.11's audit procedure.
            let since = row.password_last_used.or(row.password_last_changed).or(row.created);
            let since = since.ok_or_else(|| not_in_report(user.name, "password_last_changed"))?;
            let unused = cx.days_since(since);
            let limit = cx.settings.unused_credential_days;
            // "45 days or more" (CIS 2.11, IAM.22): fails at the limit.
            let verdict = Verdict::fail_if(unused >= limit)
                .with("password_last_used", row.password_last_used)
                .with("password_last_changed", row.password_last_changed)
                .with("unused_days", unused)
                .with("limit_days", limit)
                .with("generated_at", user.generated_at);
            Ok(if row.password_last_used.is_none() { verdict.told_as("never_used") } else { verdict })
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::with_password, CHECK};
    use crate::{
        settings::Settings,
        snapshot::Snapshot,
        testing::{ago, denied, empty, fails, fails_with, now, passes, silent, unknown},
    };

    fn used(days_ago: i64) -> Snapshot {
        with_password(ago(400), |row| row.password_last_used = Some(ago(days_ago)))
    }

    #[test]
    fn fails_from_the_limit_on() {
        let finding = fails(&CHECK, &used(45));
        assert_eq!(finding.resource.id, "alice");
        assert_eq!(finding.resource.arn, "arn:aws:iam::111122223333:user/alice");
        assert_eq!((&finding.evidence["unused_days"], finding.variant), (&45.into(), None));
        assert_eq!(finding.evidence["generated_at"], now().to_string());
        passes(&CHECK, &used(44));
    }

    #[test]
    fn counts_from_when_it_was_set_when_never_used() {
        assert_eq!(fails(&CHECK, &with_password(ago(45), |_| ())).variant, Some("never_used"));
        // The user of the tests is a thousand days old.
        passes(&CHECK, &with_password(ago(44), |_| ()));
        fails(&CHECK, &with_password(ago(44), |row| row.password_last_changed = None));
    }

    #[test]
    fn a_new_password_is_not_a_use() {
        fails(&CHECK, &with_password(ago(1), |row| row.password_last_used = Some(ago(200))));
    }

    #[test]
    fn takes_the_limit_from_the_settings() {
        let settings = Settings { unused_credential_days: 10, ..Settings::default() };
        fails_with(&settings, &CHECK, &used(10));
    }

    #[test]
    fn says_nothing_of_users_without_a_password() {
        silent(&CHECK, &with_password(ago(400), |row| row.password_enabled = Some(false)));
    }

    #[test]
    fn unknown_when_not_readable() {
        let mut account = empty();
        account.iam.credential_report = denied();
        unknown(&CHECK, &account);
        unknown(&CHECK, &with_password(ago(400), |row| row.password_enabled = None));
        unknown(
            &CHECK,
            &with_password(ago(400), |row| (row.password_last_changed, row.created) = (None, None)),
        );
    }
}
