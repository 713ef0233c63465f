use super::{root, summary};
use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "iam-root-access-key",
    severity: Severity::Critical,
    sources: &[Source::IamSummary, Source::IamCredentialReport],
    run: |cx| {
        cx.whole("AWS::::Account", |cx| {
            let reported = root(cx.snapshot).ok();
            let verdict = match summary(cx.snapshot, "AccountAccessKeysPresent") {
                // CIS 2.3 and IAM.4 want no key to exist: an inactive one, which the summary counts, fails.
                Ok(present) => Verdict::fail_if(present > 0).with("account_access_keys_present", present),
                Err(_) if reported.is_some_and(|(row, _)| row.has_active_key()) => Verdict::fail(),
                Err(not_judged) => return Err(not_judged),
            };
            let Some((row, report)) = reported else { return Ok(verdict) };
            let active: Vec<_> = row.access_keys.iter().filter(|key| key.active).collect();
            let verdict =
                verdict.with("active_access_keys", active.len()).with("generated_at", report.generated_at);
            Ok(match active.iter().filter_map(|key| key.last_used).max() {
                Some(last_used) => verdict.told_as("used").with("access_key_last_used", last_used),
                None => verdict,
            })
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{
        super::testing::{count, report, with_root},
        CHECK,
    };
    use crate::{
        finding::Severity,
        gap::Collected,
        testing::{ago, denied, empty, fails, passes, unknown},
    };

    #[test]
    fn fails_when_a_key_exists() {
        let mut account = empty();
        count(&mut account, "AccountAccessKeysPresent", 1);
        let finding = fails(&CHECK, &account);
        assert_eq!((finding.severity, finding.variant), (Severity::Critical, None));
        assert_eq!(finding.resource.kind, "AWS::::Account");
        assert_eq!(finding.resource.arn, "arn:aws:iam::111122223333:root");
        // So it does when the report cannot be read.
        account.iam.credential_report = denied();
        fails(&CHECK, &account);
    }

    #[test]
    fn tells_when_it_was_used() {
        let mut account = with_root(|row| {
            (row.access_keys[0].active, row.access_keys[0].last_used) = (true, Some(ago(3)));
        });
        count(&mut account, "AccountAccessKeysPresent", 1);
        assert_eq!(fails(&CHECK, &account).variant, Some("used"));
    }

    #[test]
    fn the_report_is_proof_enough() {
        let mut account = with_root(|row| row.access_keys[1].active = true);
        account.iam.summary = denied();
        assert_eq!(fails(&CHECK, &account).evidence["active_access_keys"], 1);
    }

    #[test]
    fn passes_without_a_key() {
        passes(&CHECK, &empty());
        // The summary is newer than the report.
        passes(&CHECK, &with_root(|row| row.access_keys[0].active = true));
    }

    #[test]
    fn unknown_when_not_readable() {
        // The report tells nothing of inactive keys.
        let mut account = empty();
        account.iam.summary = denied();
        unknown(&CHECK, &account);
        report(&mut account).root = None;
        unknown(&CHECK, &account);

        account.iam.summary = Collected::Value([].into());
        unknown(&CHECK, &account);
    }
}
