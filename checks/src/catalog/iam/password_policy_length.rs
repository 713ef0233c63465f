use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

/// CIS 2.7. IAM.7 alone would be content with eight.
const FEWEST: i64 = 14;

pub(super) const CHECK: Check = Check {
    id: "iam-password-policy-length",
    severity: Severity::Medium,
    sources: &[Source::IamPasswordPolicy],
    run: |cx| {
        cx.whole("AWS::::Account", |cx| {
            let verdict = match cx.snapshot.iam.password_policy.get()? {
                None => Verdict::fail().told_as("no_policy"),
                Some(policy) => Verdict::fail_if(policy.minimum_length < FEWEST)
                    .with("minimum_password_length", policy.minimum_length),
            };
            Ok(verdict.with("required_length", FEWEST))
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::with_password_policy, CHECK};
    use crate::testing::{denied, empty, fails, passes, unknown};

    #[test]
    fn fails_when_shorter_passwords_are_allowed() {
        let finding = fails(&CHECK, &with_password_policy(|policy| policy.minimum_length = 13));
        assert_eq!((finding.variant, &finding.evidence["minimum_password_length"]), (None, &13.into()));
    }

    #[test]
    fn fails_without_a_policy() {
        assert_eq!(fails(&CHECK, &empty()).variant, Some("no_policy"));
    }

    #[test]
    fn passes_at_fourteen() {
        passes(&CHECK, &with_password_policy(|policy| policy.minimum_length = 14));
    }

    #[test]
    fn unknown_when_not_readable() {
        let mut account = empty();
        account.iam.password_policy = denied();
        unknown(&CHECK, &account);
    }
}
