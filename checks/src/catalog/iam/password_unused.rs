use super::{each_user_with_password, not_in_report};
use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

/// CIS and Security Hub both say "45 days or more": the limit itself fails. A password that was never used
/// counts from when it was set.
pub(super) const CHECK: Check = Check {
    id: "iam-password-unused",
    severity: Severity::Medium,
    sources: &[Source::IamCredentialReport],
    run: |cx| {
        each_user_with_password(cx, |cx, user| {
            let row = &user.credentials;
            let since = row.password_last_used.or(row.password_last_changed).or(row.created);
            let since = since.ok_or_else(|| not_in_report(&user.name, "use or age of the password"))?;
            let idle = cx.days_since(since);
            let limit = cx.settings.unused_credential_days;
            let verdict = Verdict::fail_if(idle >= limit)
                .with("last_used", row.password_last_used)
                .with("idle_days", idle)
                .with("limit_days", limit);
            Ok(if row.password_last_used.is_none() { verdict.told_as("never_used") } else { verdict })
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::with_reported, CHECK};
    use crate::{
        snapshot::{Snapshot, iam::Credentials},
        testing::{ago, fails, passes, silent, unknown},
    };

    fn with_password(change: impl FnOnce(&mut Credentials)) -> Snapshot {
        with_reported(|row| {
            row.password_enabled = Some(true);
            row.password_last_changed = Some(ago(400));
            change(row);
        })
    }

    #[test]
    fn fails_when_not_used_for_long() {
        let finding = fails(&CHECK, &with_password(|row| row.password_last_used = Some(ago(46))));
        assert_eq!((finding.resource.id.as_str(), &finding.evidence["idle_days"]), ("alice", &46.into()));
    }

    #[test]
    fn fails_when_never_used_and_old() {
        assert_eq!(fails(&CHECK, &with_password(|_| ())).variant, Some("never_used"));
    }

    #[test]
    fn fails_from_the_limit_on() {
        fails(&CHECK, &with_password(|row| row.password_last_used = Some(ago(45))));
        fails(&CHECK, &with_password(|row| row.password_last_changed = Some(ago(45))));
        passes(&CHECK, &with_password(|row| row.password_last_used = Some(ago(44))));
        passes(&CHECK, &with_password(|row| row.password_last_changed = Some(ago(44))));
    }

    #[test]
    fn says_nothing_of_users_without_a_password() {
        silent(&CHECK, &with_password(|row| row.password_enabled = Some(false)));
    }

    #[test]
    fn a_row_without_password_or_dates_is_not_fine() {
        unknown(&CHECK, &with_password(|row| row.password_enabled = None));
        unknown(&CHECK, &with_password(|row| (row.password_last_changed, row.created) = (None, None)));
    }
}
