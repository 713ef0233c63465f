use crate::{
    check::Check,
    finding::{Severity, Verdict},
    gap::Gap,
    snapshot::cognito::user_pool_op,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "cognito-password-policy",
    severity: Severity::Medium,
    sources: &[Source::CognitoUserPools],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.each(region.cognito.user_pools.get(), |cx, pool| {
                // AWS returns the policy of every pool, even the default.
                let untold = || {
                    let region = Some(cx.place().region);
                    Gap::unreadable(
                        user_pool_op::DescribeUserPool,
                        region,
                        Some(&pool.id),
                        "no password policy",
                    )
                };
                let policy = pool.settings.get()?.password_policy.as_ref().ok_or_else(untold)?;
                let needed = [
                    ("MinimumLength", policy.minimum_length >= 8),
                    ("RequireUppercase", policy.require_uppercase),
                    ("RequireLowercase", policy.require_lowercase),
                    ("RequireNumbers", policy.require_numbers),
                    ("RequireSymbols", policy.require_symbols),
                ];
                let missing: Vec<_> = needed.iter().filter(|(_, met)| !met).map(|(what, _)| *what).collect();
                Ok(Verdict::fail_if(!missing.is_empty())
                    .with("missing", missing)
                    .with("minimum_length", policy.minimum_length))
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::with_user_pool, CHECK};
    use crate::testing::{fails, passes, unknown};

    #[test]
    fn fails_when_weak() {
        fails(&CHECK, &with_user_pool(|s| s.password_policy.as_mut().unwrap().minimum_length = 7));
        fails(&CHECK, &with_user_pool(|s| s.password_policy.as_mut().unwrap().require_symbols = false));
    }

    #[test]
    fn passes_when_strong() {
        passes(&CHECK, &with_user_pool(|_| ()));
        passes(&CHECK, &with_user_pool(|s| s.password_policy.as_mut().unwrap().minimum_length = 8));
    }

    #[test]
    fn a_pool_without_a_policy_is_not_fine() {
        unknown(&CHECK, &with_user_pool(|s| s.password_policy = None));
    }
}
