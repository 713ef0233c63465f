use super::summary;
use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "iam-root-access-key",
    severity: Severity::Critical,
    sources: &[Source::IamSummary],
    run: |cx| {
        cx.whole("AWS::::Account", |cx| {
            let keys = summary(cx, "AccountAccessKeysPresent")?;
            Ok(Verdict::fail_if(keys > 0).with("access_keys", keys))
        });
    },
};

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::testing::{empty, fails, passes, read, unknown};

    #[test]
    fn fails_with_a_key() {
        let mut account = empty();
        account.iam.summary = read([("AccountAccessKeysPresent".into(), 1)].into());
        assert_eq!(fails(&CHECK, &account).resource.arn, "arn:aws:iam::111122223333:root");
    }

    #[test]
    fn passes_without() {
        passes(&CHECK, &empty());
    }

    #[test]
    fn a_summary_that_does_not_say_is_not_fine() {
        let mut account = empty();
        account.iam.summary = read([].into());
        unknown(&CHECK, &account);
    }
}
