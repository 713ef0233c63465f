use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "cognito-user-pool-mfa",
    severity: Severity::Medium,
    sources: &[Source::CognitoUserPools],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.each_known(&region.cognito.user_pools, |_, pool| {
                let mfa = &pool.settings.get()?.mfa;
                // OPTIONAL leaves it to users and to adaptive authentication; only OFF makes it impossible.
                Ok(Verdict::fail_if(mfa == "OFF").with("mfa_configuration", mfa))
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::with_user_pool, CHECK};
    use crate::testing::{fails, passes};

    #[test]
    fn fails_when_off() {
        let finding = fails(&CHECK, &with_user_pool(|s| s.mfa = "OFF".into()));
        assert_eq!(
            (finding.resource.id.as_str(), finding.resource.name.as_deref()),
            ("eu-west-1_Abc", Some("customers"))
        );
    }

    #[test]
    fn passes_when_possible() {
        passes(&CHECK, &with_user_pool(|_| ()));
        passes(&CHECK, &with_user_pool(|s| s.mfa = "OPTIONAL".into()));
    }
}
