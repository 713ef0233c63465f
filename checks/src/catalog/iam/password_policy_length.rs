use super::password_policy_arguments;
use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "iam-password-policy-length",
    severity: Severity::Medium,
    sources: &[Source::IamPasswordPolicy],
    run: |cx| {
        cx.whole("AWS::::Account", |cx| {
            let policy = cx.snapshot.iam.password_policy.get()?.as_ref();
            let verdict = match policy {
                None => Verdict::fail().told_as("no_policy"),
                Some(policy) => Verdict::fail_if(policy.minimum_length < FEWEST)
                    .with("minimum_length", policy.minimum_length),
            };
            Ok(verdict.with("required", FEWEST).with("arguments", password_policy_arguments(policy)))
        });
    },
};

/// Characters that the benchmark asks for.
pub(super) const FEWEST: i64 = 14;

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
        fails(&CHECK, &with(PasswordPolicy { minimum_length: 13, ..STRONG }));
    }

    #[test]
    fn fails_without_a_policy() {
        let finding = fails(&CHECK, &empty());
        assert_eq!(finding.variant, Some("no_policy"));
        let arguments = [
            "--minimum-password-length=14",
            "--password-reuse-prevention=24",
            "--require-symbols",
            "--require-numbers",
            "--require-uppercase-characters",
            "--require-lowercase-characters",
        ];
        assert_eq!(finding.evidence["arguments"], serde_json::json!(arguments));
    }

    #[test]
    fn passes_at_the_limit() {
        passes(&CHECK, &with(PasswordPolicy { minimum_length: 14, ..STRONG }));
    }
}
