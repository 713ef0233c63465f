use super::{root_signs_in, summary};
use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "iam-root-mfa",
    severity: Severity::Critical,
    sources: &[Source::IamSummary],
    run: |cx| {
        cx.whole("AWS::::Account", |cx| {
            root_signs_in(cx)?;
            if summary(cx, "AccountMFAEnabled")? > 0 {
                return Ok(Verdict::pass());
            }
            // A member account whose root credentials are managed centrally has nothing to sign in with.
            // Where the summary does not mention a password, there may be one.
            let password = summary(cx, "AccountPasswordPresent").unwrap_or(1);
            let keys = summary(cx, "AccountAccessKeysPresent")?;
            Ok(Verdict::fail_if(password > 0 || keys > 0)
                .with("password_present", password > 0)
                .with("access_keys", keys))
        });
    },
};

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::{
        snapshot::Snapshot,
        testing::{empty, fails, passes, read, silent},
    };

    fn with(counts: &[(&str, i64)]) -> Snapshot {
        let mut account = empty();
        account.iam.summary = read(counts.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect());
        account
    }

    #[test]
    fn fails_without_mfa() {
        fails(&CHECK, &with(&[("AccountMFAEnabled", 0), ("AccountAccessKeysPresent", 0)]));
        fails(
            &CHECK,
            &with(&[
                ("AccountMFAEnabled", 0),
                ("AccountAccessKeysPresent", 1),
                ("AccountPasswordPresent", 0),
            ]),
        );
    }

    #[test]
    fn passes_with_mfa() {
        passes(&CHECK, &with(&[("AccountMFAEnabled", 1)]));
    }

    #[test]
    fn passes_when_root_has_no_credentials() {
        passes(
            &CHECK,
            &with(&[
                ("AccountMFAEnabled", 0),
                ("AccountAccessKeysPresent", 0),
                ("AccountPasswordPresent", 0),
            ]),
        );
    }

    #[test]
    fn says_nothing_in_govcloud() {
        let mut account = with(&[("AccountMFAEnabled", 0), ("AccountAccessKeysPresent", 0)]);
        account.account.partition = "aws-us-gov".into();
        silent(&CHECK, &account);
    }
}
