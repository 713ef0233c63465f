use super::{each_active_key, not_in_report};
use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "iam-access-key-unused",
    severity: Severity::Medium,
    sources: &[Source::IamAccessKeys, Source::IamCredentialReport],
    run: |cx| {
        each_active_key(cx, |cx, key, keys| {
            let limit = cx.settings.unused_credential_days;
            // A key younger than the limit passes whatever its use.
            if cx.days_since(key.created) < limit {
                return Ok(Verdict::pass());
            }
            let report = cx.snapshot.iam.credential_report.get()?;
            let last_used = match report.key(key, keys) {
                Some(reported) => reported.last_used,
                None if key.created > report.generated_at => None,
                None => return Err(not_in_report(&key.user, "row that is surely the access key's")),
            };
            let unused = cx.days_since(last_used.unwrap_or(key.created));
            // "45 days or more" (CIS 2.11, IAM.22): fails at the limit.
            let verdict = Verdict::fail_if(unused >= limit)
                .with("user", &key.user)
                .with("created", key.created)
                .with("last_used", last_used)
                .with("unused_days", unused)
                .with("limit_days", limit)
                .with("generated_at", report.generated_at);
            Ok(if last_used.is_none() { verdict.told_as("never_used") } else { verdict })
        });
    },
};

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::{
        super::testing::{report, with_key},
        CHECK,
    };
    use crate::{
        gap::Collected,
        settings::Settings,
        snapshot::{
            Snapshot,
            iam::{AccessKey, ReportedKey},
        },
        testing::{ago, denied, empty, fails, fails_with, now, passes, silent, unknown},
    };

    fn used(days_ago: i64) -> Snapshot {
        with_key(ago(400), |_, reported| reported.last_used = Some(ago(days_ago)))
    }

    /// Gives `alice` a second, inactive key in the list.
    fn with_inactive_key(mut account: Snapshot, created: Timestamp) -> Snapshot {
        let Collected::Value(users) = &mut account.iam.access_keys else { panic!("no users") };
        let Collected::Value(keys) = &mut users[0].keys else { panic!("no keys") };
        let id = "AKIAEXAMPLE2".into();
        keys.push(AccessKey { id, active: false, created, ..keys[0].clone() });
        account
    }

    #[test]
    fn fails_from_the_limit_on() {
        let finding = fails(&CHECK, &used(45));
        assert_eq!(finding.resource.id, "AKIAEXAMPLE1");
        assert_eq!(finding.evidence["unused_days"], 45);
        assert_eq!(finding.evidence["generated_at"], now().to_string());
        passes(&CHECK, &used(44));
    }

    #[test]
    fn counts_from_creation_when_never_used() {
        let finding = fails(&CHECK, &with_key(ago(45), |_, _| ()));
        assert_eq!(finding.variant, Some("never_used"));
        assert!(finding.evidence["last_used"].is_null());
        passes(&CHECK, &with_key(ago(44), |_, _| ()));
    }

    #[test]
    fn takes_the_limit_from_the_settings() {
        let settings = Settings { unused_credential_days: 10, ..Settings::default() };
        fails_with(&settings, &CHECK, &used(10));
    }

    #[test]
    fn says_nothing_of_inactive_keys() {
        silent(&CHECK, &with_key(ago(400), |key, _| key.active = false));
    }

    #[test]
    fn passes_a_young_key_without_the_report() {
        let mut account = with_key(ago(10), |_, _| ());
        account.iam.credential_report = denied();
        passes(&CHECK, &account);
    }

    #[test]
    fn knows_the_row_of_a_key_that_was_deactivated_once() {
        let mut account = with_key(ago(400), |_, row| {
            (row.last_rotated, row.last_used) = (Some(ago(100)), Some(ago(1)));
        });
        passes(&CHECK, &account);
        // Also beside the row of another key, deactivated since the report was made.
        report(&mut account).users.get_mut("alice").unwrap().access_keys[1] =
            ReportedKey { active: true, last_rotated: Some(ago(50)), last_used: None };
        passes(&CHECK, &with_inactive_key(account, ago(50)));
    }

    #[test]
    fn judges_a_key_younger_than_the_report_by_its_creation() {
        // The row is that of a key that has been deleted since.
        let settings = Settings { unused_credential_days: 0, ..Settings::default() };
        let mut account = with_key(now(), |_, row| {
            (row.last_rotated, row.last_used) = (Some(ago(200)), Some(ago(100)));
        });
        report(&mut account).generated_at = ago(1);
        assert_eq!(fails_with(&settings, &CHECK, &account).variant, Some("never_used"));
    }

    #[test]
    fn unknown_when_not_readable() {
        let mut account = empty();
        account.iam.access_keys = denied();
        unknown(&CHECK, &account);

        let mut account = used(400);
        account.iam.credential_report = denied();
        unknown(&CHECK, &account);
    }

    #[test]
    fn unknown_when_the_row_could_be_another_keys() {
        // Made 400 days ago, and not in the report.
        let mut account = with_key(ago(400), |_, row| *row = ReportedKey::default());
        unknown(&CHECK, &account);
        // Two rows are left.
        let row = ReportedKey { active: true, last_rotated: Some(ago(300)), last_used: Some(ago(1)) };
        report(&mut account).users.get_mut("alice").unwrap().access_keys = [row.clone(), row];
        unknown(&CHECK, &with_inactive_key(account, ago(350)));
    }
}
