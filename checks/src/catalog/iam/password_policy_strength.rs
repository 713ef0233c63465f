use super::password_policy_arguments;
use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "iam-password-policy-strength",
    severity: Severity::Low,
    sources: &[Source::IamPasswordPolicy],
    run: |cx| {
        cx.whole("AWS::::Account", |cx| {
            let policy = cx.snapshot.iam.password_policy.get()?.as_ref();
            let required = [
                ("RequireUppercaseCharacters", policy.is_some_and(|policy| policy.require_uppercase)),
                ("RequireLowercaseCharacters", policy.is_some_and(|policy| policy.require_lowercase)),
                ("RequireNumbers", policy.is_some_and(|policy| policy.require_numbers)),
                ("RequireSymbols", policy.is_some_and(|policy| policy.require_symbols)),
            ];
            let off: Vec<_> = required.iter().filter(|(_, on)| !on).map(|(name, _)| name).collect();
            let verdict = Verdict::fail_if(!off.is_empty())
                .with("off", off)
                .with("arguments", password_policy_arguments(policy));
            Ok(if policy.is_none() { verdict.told_as("missing") } else { verdict })
        });
    },
};

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::{
        gap::Collected,
        page::Lang,
        registry,
        snapshot::{Snapshot, iam::PasswordPolicy},
        testing::{empty, fails, passes, read},
    };

    fn with_policy(change: impl FnOnce(&mut PasswordPolicy)) -> Snapshot {
        let mut policy = PasswordPolicy {
            minimum_length: 8,
            require_uppercase: true,
            require_lowercase: true,
            require_numbers: true,
            require_symbols: true,
            reuse_prevention: None,
            max_age_days: None,
            hard_expiry: false,
            users_may_change: true,
        };
        change(&mut policy);
        let mut account = empty();
        account.iam.password_policy = read(Some(policy));
        account
    }

    #[test]
    fn fails_when_a_kind_of_character_is_not_required() {
        let finding = fails(&CHECK, &with_policy(|policy| policy.require_symbols = false));
        assert_eq!(finding.evidence["off"], serde_json::json!(["RequireSymbols"]));
        assert_eq!(fails(&CHECK, &empty()).variant, Some("missing"));
    }

    #[test]
    fn the_fix_turns_on_what_is_off_and_keeps_the_rest() {
        let mut account = with_policy(|policy| {
            (policy.minimum_length, policy.require_uppercase, policy.reuse_prevention) = (20, false, Some(5));
            (policy.max_age_days, policy.hard_expiry) = (Some(60), true);
        });
        let command = |account: &Snapshot| {
            let entry = registry::find(CHECK.id).unwrap();
            entry.page(Lang::En).command(&fails(&CHECK, account)).unwrap()
        };
        let start = "aws iam update-account-password-policy --minimum-password-length=20 \
             --password-reuse-prevention=24 --require-symbols --require-numbers --require-uppercase-characters \
             --require-lowercase-characters --max-password-age=60 --hard-expiry";
        assert_eq!(command(&account), format!("{start} --allow-users-to-change-password"));
        if let Collected::Value(Some(policy)) = &mut account.iam.password_policy {
            policy.users_may_change = false;
        }
        assert_eq!(command(&account), start);
    }

    #[test]
    fn passes_when_all_are() {
        passes(&CHECK, &with_policy(|_| ()));
    }
}
