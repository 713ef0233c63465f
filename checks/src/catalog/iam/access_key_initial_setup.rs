use jiff::SignedDuration;

use super::each_user_with_password;
use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

/// A key that is so close to the user's creation was made in the same step: the console made both within
/// seconds, scripts within minutes.
const TOGETHER: SignedDuration = SignedDuration::from_mins(5);

pub(super) const CHECK: Check = Check {
    id: "iam-access-key-initial-setup",
    severity: Severity::Low,
    sources: &[Source::IamCredentialReport],
    run: |cx| {
        each_user_with_password(cx, |_, user| {
            let created = user.credentials.created;
            let key = user.credentials.access_keys.iter().find(|key| {
                let apart = key.last_rotated.zip(created).map(|(key, user)| key.duration_since(user).abs());
                key.active && key.last_used.is_none() && apart.is_some_and(|apart| apart < TOGETHER)
            });
            Ok(Verdict::fail_if(key.is_some())
                .with("user_created", created)
                .with("key_created", key.and_then(|key| key.last_rotated)))
        });
    },
};

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::{super::testing::with_reported, CHECK};
    use crate::{
        snapshot::{Snapshot, iam::ReportedKey},
        testing::{ago, fails, passes, silent},
    };

    fn with_key(minutes_later: i64, change: impl FnOnce(&mut ReportedKey)) -> Snapshot {
        with_reported(|row| {
            (row.created, row.password_enabled) = (Some(ago(100)), Some(true));
            let made = ago(100) + SignedDuration::from_mins(minutes_later);
            row.access_keys[0] = ReportedKey { active: true, last_rotated: Some(made), last_used: None };
            change(&mut row.access_keys[0]);
        })
    }

    #[test]
    fn fails_when_made_with_the_user_and_never_used() {
        fails(&CHECK, &with_key(0, |_| ()));
        fails(&CHECK, &with_key(4, |_| ()));
    }

    #[test]
    fn passes_when_made_later_used_or_inactive() {
        passes(&CHECK, &with_key(5, |_| ()));
        passes(&CHECK, &with_key(0, |key| key.last_used = Some(ago(10))));
        passes(&CHECK, &with_key(0, |key| key.active = false));
        passes(&CHECK, &with_reported(|row| row.password_enabled = Some(true)));
    }

    #[test]
    fn says_nothing_of_users_without_a_password() {
        silent(
            &CHECK,
            &with_reported(|row| {
                row.access_keys[0] = ReportedKey { active: true, last_rotated: row.created, last_used: None };
            }),
        );
    }
}
