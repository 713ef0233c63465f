use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

/// CIS 2.8; also the most that IAM remembers.
const FEWEST: i64 = 24;

pub(super) const CHECK: Check = Check {
    id: "iam-password-policy-reuse",
    severity: Severity::Medium,
    sources: &[Source::IamPasswordPolicy],
    run: |cx| {
        cx.whole("AWS::::Account", |cx| {
            let verdict = match cx.snapshot.iam.password_policy.get()? {
                None => Verdict::fail().told_as("no_policy"),
                // Where reuse is not prevented IAM leaves the number out.
                Some(policy) => {
                    let remembered = policy.reuse_prevention.unwrap_or(0);
                    Verdict::fail_if(remembered < FEWEST).with("password_reuse_prevention", remembered)
                }
            };
            Ok(verdict.with("required_reuse_prevention", FEWEST))
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::with_password_policy, CHECK};
    use crate::testing::{denied, empty, fails, passes, unknown};

    #[test]
    fn fails_when_too_few_are_remembered() {
        let finding = fails(&CHECK, &with_password_policy(|policy| policy.reuse_prevention = Some(23)));
        assert_eq!((finding.variant, &finding.evidence["password_reuse_prevention"]), (None, &23.into()));
    }

    #[test]
    fn fails_when_none_are_remembered() {
        let finding = fails(&CHECK, &with_password_policy(|policy| policy.reuse_prevention = None));
        assert_eq!(finding.evidence["password_reuse_prevention"], 0);
    }

    #[test]
    fn fails_without_a_policy() {
        assert_eq!(fails(&CHECK, &empty()).variant, Some("no_policy"));
    }

    #[test]
    fn passes_at_twenty_four() {
        passes(&CHECK, &with_password_policy(|policy| policy.reuse_prevention = Some(24)));
    }

    #[test]
    fn unknown_when_not_readable() {
        let mut account = empty();
        account.iam.password_policy = denied();
        unknown(&CHECK, &account);
    }
}
