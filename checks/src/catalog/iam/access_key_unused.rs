use super::{each_active_key, generated};
use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

/// CIS 2.11, IAM.22. A key that was never used counts from when it was made.
pub(super) const CHECK: Check = Check {
    id: "iam-access-key-unused",
    severity: Severity::Medium,
    sources: &[Source::IamAccessKeys, Source::IamCredentialReport],
    run: |cx| {
        each_active_key(cx, |cx, key| {
            // The report may be older than the key: then the key is young.
            let last_used = cx.snapshot.iam.credential_report.get()?.key(key).and_then(|key| key.last_used);
            let idle = cx.days_since(last_used.unwrap_or(key.created));
            let limit = cx.settings.unused_credential_days;
            let verdict = Verdict::fail_if(idle > limit)
                .with("user", &key.user)
                .with("created", key.created)
                .with("last_used", last_used)
                .with("idle_days", idle)
                .with("limit_days", limit)
                .with("report_generated", generated(cx)?);
            Ok(if last_used.is_none() { verdict.told_as("never_used") } else { verdict })
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::with_key, CHECK};
    use crate::testing::{ago, denied, empty, fails, passes, silent, unknown};

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
    fn passes_at_the_limit() {
        passes(&CHECK, &with_key(ago(400), |_, reported| reported.last_used = Some(ago(45))));
        passes(&CHECK, &with_key(ago(45), |_, _| ()));
    }

    #[test]
    fn a_key_that_the_report_does_not_know_is_judged_by_its_age() {
        passes(&CHECK, &with_key(ago(1), |_, reported| reported.last_rotated = Some(ago(500))));
    }

    #[test]
    fn says_nothing_of_inactive_keys() {
        silent(&CHECK, &with_key(ago(400), |key, _| key.active = false));
    }

    #[test]
    fn unknown_when_not_readable() {
        let mut account = empty();
        account.iam.access_keys = denied();
        unknown(&CHECK, &account);
    }
}
