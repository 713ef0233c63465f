use super::password_policy_arguments;
use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "iam-password-policy-reuse",
    severity: Severity::Medium,
    sources: &[Source::IamPasswordPolicy],
    run: |cx| {
        cx.whole("AWS::::Account", |cx| {
            let policy = cx.snapshot.iam.password_policy.get()?.as_ref();
            let verdict = match policy {
                None => Verdict::fail().told_as("no_policy"),
                Some(policy) => {
                    let remembered = policy.reuse_prevention.unwrap_or(0);
                    Verdict::fail_if(remembered < FEWEST).with("remembered", remembered)
                }
            };
            Ok(verdict.with("required", FEWEST).with("arguments", password_policy_arguments(policy)))
        });
    },
};

/// Passwords to remember: the most that IAM can, and what the benchmark asks for.
pub(super) const FEWEST: i64 = 24;

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::{
        snapshot::{Snapshot, iam::PasswordPolicy},
        testing::{empty, fails, passes, read},
    };

    const STRONG: PasswordPolicy = PasswordPolicy {
        minimum_length: 14,
        require_uppercase: true,
        require_lowercase: true,
        require_numbers: true,
        require_symbols: true,
        reuse_prevention: Some(24),
        max_age_days: None,
        hard_expiry: false,
        users_may_change: true,
    };

    fn with(policy: PasswordPolicy) -> Snapshot {
        let mut account = empty();
        account.iam.password_policy = read(Some(policy));
        account
    }

    #[test]
    fn fails_below_the_limit() {
        fails(&CHECK, &with(PasswordPolicy { reuse_prevention: Some(23), ..STRONG }));
        fails(&CHECK, &with(PasswordPolicy { reuse_prevention: None, ..STRONG }));
    }

    #[test]
    fn fails_without_a_policy() {
        assert_eq!(fails(&CHECK, &empty()).variant, Some("no_policy"));
    }

    #[test]
    fn passes_at_the_limit() {
        passes(&CHECK, &with(PasswordPolicy { reuse_prevention: Some(24), ..STRONG }));
    }
}
