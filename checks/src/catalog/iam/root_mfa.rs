use super::{root, summary};
use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "iam-root-mfa",
    severity: Severity::Critical,
    sources: &[Source::IamSummary, Source::IamCredentialReport],
    run: |cx| {
        cx.whole("AWS::::Account", |cx| {
            let enabled = match (summary(cx.snapshot, "AccountMFAEnabled"), root(cx.snapshot)) {
                (Ok(enabled), _) => enabled,
                (Err(_), Ok((row, _))) if row.mfa_active => return Ok(Verdict::pass()),
                (Err(_), Ok((row, report))) if row.has_active_key() => {
                    return Ok(Verdict::fail().with("generated_at", report.generated_at));
                }
                // Whether there is a password to protect only the summary tells.
                (Err(not_judged), _) => return Err(not_judged),
            };
            if enabled > 0 {
                return Ok(Verdict::pass());
            }
            // Centralized root access leaves member accounts with a root user that cannot sign in.
            let password = summary(cx.snapshot, "AccountPasswordPresent").ok();
            let keys = summary(cx.snapshot, "AccountAccessKeysPresent");
            if password == Some(0) && *keys.as_ref().map_err(Clone::clone)? == 0 {
                return Ok(Verdict::pass());
            }
            Ok(Verdict::fail()
                .with("account_mfa_enabled", enabled)
                .with("account_password_present", password)
                .with("account_access_keys_present", keys.ok()))
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{
        super::testing::{count, with_root},
        CHECK,
    };
    use crate::{
        finding::Severity,
        gap::Collected,
        snapshot::Snapshot,
        testing::{denied, empty, fails, passes, unknown},
    };

    fn with_counts(counts: &[(&str, i64)]) -> Snapshot {
        let mut account = empty();
        for (name, value) in counts {
            count(&mut account, name, *value);
        }
        account
    }

    #[test]
    fn fails_without_mfa() {
        let finding = fails(&CHECK, &with_counts(&[("AccountMFAEnabled", 0)]));
        assert_eq!(finding.severity, Severity::Critical);
        assert!(finding.evidence["account_password_present"].is_null());
        fails(&CHECK, &with_counts(&[("AccountMFAEnabled", 0), ("AccountPasswordPresent", 1)]));
    }

    #[test]
    fn passes_with_mfa() {
        passes(&CHECK, &with_counts(&[("AccountPasswordPresent", 1)]));
    }

    #[test]
    fn passes_when_root_has_no_credentials() {
        let removed = [("AccountMFAEnabled", 0), ("AccountPasswordPresent", 0)];
        passes(&CHECK, &with_counts(&removed));
        let mut with_key = with_counts(&removed);
        count(&mut with_key, "AccountAccessKeysPresent", 1);
        fails(&CHECK, &with_key);
    }

    #[test]
    fn the_report_is_proof_enough() {
        let mut account = with_root(|row| row.mfa_active = true);
        account.iam.summary = denied();
        passes(&CHECK, &account);
        let mut account = with_root(|row| row.access_keys[0].active = true);
        account.iam.summary = denied();
        fails(&CHECK, &account);
    }

    #[test]
    fn unknown_when_not_readable() {
        let mut account = empty();
        account.iam.summary = denied();
        unknown(&CHECK, &account);
        account.iam.credential_report = denied();
        unknown(&CHECK, &account);
    }

    #[test]
    fn unknown_when_the_summary_is_not_whole() {
        let mut account = empty();
        account.iam.summary =
            Collected::Value([("AccountMFAEnabled".into(), 0), ("AccountPasswordPresent".into(), 0)].into());
        unknown(&CHECK, &account);
        account.iam.summary = Collected::Value([].into());
        unknown(&CHECK, &account);
    }
}
