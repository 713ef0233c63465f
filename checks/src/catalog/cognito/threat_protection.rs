use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "cognito-threat-protection",
    severity: Severity::Low,
    sources: &[Source::CognitoUserPools],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.each_known(&region.cognito.user_pools, |_, pool| {
                let mode = &pool.settings.get()?.threat_protection;
                Ok(Verdict::fail_if(mode != "ENFORCED").with("advanced_security_mode", mode))
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::with_user_pool, CHECK};
    use crate::testing::{fails, passes};

    #[test]
    fn fails_when_not_enforced() {
        fails(&CHECK, &with_user_pool(|s| s.threat_protection = "AUDIT".into()));
        fails(&CHECK, &with_user_pool(|s| s.threat_protection = "OFF".into()));
    }

    #[test]
    fn passes_when_enforced() {
        passes(&CHECK, &with_user_pool(|_| ()));
    }
}
