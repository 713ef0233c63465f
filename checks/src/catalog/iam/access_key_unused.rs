use super::{each_active_key, not_in_report};
use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

/// CIS and Security Hub both say "45 days or more": the limit itself fails. A key that was never used counts
/// from when it was made.
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
                None => return Err(not_in_report(&key.user, "which of its entries is the access key's")),
            };
            let idle = cx.days_since(last_used.unwrap_or(key.created));
            let verdict = Verdict::fail_if(idle >= limit)
                .with("user", &key.user)
                .with("created", key.created)
                .with("last_used", last_used)
                .with("idle_days", idle)
                .with("limit_days", limit)
                .with("report_generated", report.generated_at);
            Ok(if last_used.is_none() { verdict.told_as("never_used") } else { verdict })
        });
    },
};

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, Timestamp};

    use super::{super::testing::with_key, CHECK};
    use crate::{
        gap::Collected,
        settings::Settings,
        snapshot::{
            Snapshot,
            iam::{AccessKey, CredentialReport, ReportedKey},
        },
        testing::{ago, denied, fails, fails_with, now, passes, silent, unknown},
    };

    fn report(account: &mut Snapshot) -> &mut CredentialReport {
        let Collected::Value(report) = &mut account.iam.credential_report else { panic!("no report") };
        report
    }

    /// Gives `alice` a second, inactive key in the list.
    fn with_inactive_key(mut account: Snapshot, created: Timestamp) -> Snapshot {
        let Collected::Value(users) = &mut account.iam.access_keys else { panic!("no users") };
        let Collected::Value(keys) = &mut users[0].keys else { panic!("no keys") };
        keys.push(AccessKey { id: "AKIAEXAMPLE2".into(), active: false, created, ..keys[0].clone() });
        account
    }

    #[test]
    fn fails_when_not_used_for_long() {
        let finding = fails(&CHECK, &with_key(ago(400), |_, reported| reported.last_used = Some(ago(46))));
        assert_eq!(finding.evidence["idle_days"], 46);
    }

    #[test]
    fn fails_when_never_used_and_old() {
        assert_eq!(fails(&CHECK, &with_key(ago(46), |_, _| ())).variant, Some("never_used"));
    }

    #[test]
    fn fails_from_the_limit_on() {
        fails(&CHECK, &with_key(ago(400), |_, reported| reported.last_used = Some(ago(45))));
        fails(&CHECK, &with_key(ago(45), |_, _| ()));
        passes(&CHECK, &with_key(ago(400), |_, reported| reported.last_used = Some(ago(44))));
        passes(&CHECK, &with_key(ago(44), |_, _| ()));
    }

    #[test]
    fn passes_a_young_key_without_the_report() {
        let mut account = with_key(ago(10), |_, _| ());
        account.iam.credential_report = denied();
        passes(&CHECK, &account);
    }

    #[test]
    fn tells_two_keys_apart_by_when_they_were_made() {
        let entry = |made: Timestamp, used| ReportedKey {
            active: true,
            last_rotated: Some(made + SignedDuration::from_secs(2)),
            last_used: Some(ago(used)),
        };
        let mut account = with_inactive_key(with_key(ago(400), |_, _| ()), ago(50));
        for (entries, idle) in [
            ([entry(ago(50), 1), entry(ago(400), 300)], Some(300)),
            ([entry(ago(400), 1), entry(ago(50), 300)], None),
            // Of two that would do, the nearer.
            (
                [entry(ago(400), 1), ReportedKey { last_rotated: Some(ago(400)), ..entry(ago(0), 300) }],
                Some(300),
            ),
        ] {
            report(&mut account).users.get_mut("alice").unwrap().credentials.access_keys = entries;
            match idle {
                Some(idle) => assert_eq!(fails(&CHECK, &account).evidence["idle_days"], idle),
                None => drop(passes(&CHECK, &account)),
            }
        }
    }

    #[test]
    fn knows_the_entry_of_a_key_that_was_deactivated_once() {
        let mut account = with_key(ago(400), |_, reported| {
            (reported.last_rotated, reported.last_used) = (Some(ago(100)), Some(ago(1)));
        });
        passes(&CHECK, &account);
        // Also beside the entry of another key, deactivated since the report was made.
        report(&mut account).users.get_mut("alice").unwrap().credentials.access_keys[1] =
            ReportedKey { active: true, last_rotated: Some(ago(50)), last_used: None };
        passes(&CHECK, &with_inactive_key(account, ago(50)));
    }

    #[test]
    fn judges_a_key_younger_than_the_report_by_its_creation() {
        // The entry is that of a key that has been deleted since.
        let settings = Settings { unused_credential_days: 0, ..Settings::default() };
        let mut account = with_key(now(), |_, reported| {
            (reported.last_rotated, reported.last_used) = (Some(ago(200)), Some(ago(100)));
        });
        report(&mut account).generated_at = ago(1);
        assert_eq!(fails_with(&settings, &CHECK, &account).variant, Some("never_used"));
    }

    #[test]
    fn an_entry_that_could_be_another_keys_is_not_fine() {
        // Made 400 days ago, and not in the report.
        let mut account = with_key(ago(400), |_, reported| *reported = ReportedKey::default());
        unknown(&CHECK, &account);
        // Two entries are left.
        let entry = ReportedKey { active: true, last_rotated: Some(ago(300)), last_used: Some(ago(1)) };
        report(&mut account).users.get_mut("alice").unwrap().credentials.access_keys = [entry.clone(), entry];
        unknown(&CHECK, &with_inactive_key(account, ago(350)));
    }

    #[test]
    fn says_nothing_of_inactive_keys() {
        silent(&CHECK, &with_key(ago(400), |key, _| key.active = false));
    }
}
