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
            cx.each(region.cognito.user_pools.get(), |_, pool| {
                let mfa = &pool.settings.get()?.mfa;
                // OPTIONAL leaves it to users and to adaptive authentication; only OFF makes it impossible.
                Ok(Verdict::fail_if(mfa == "OFF").with("mfa_configuration", mfa))
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::{
        gap::Collected,
        snapshot::{
            Snapshot,
            cognito::{UserPool, UserPoolSettings},
        },
        testing::{denied, empty, fails, passes, read, region, unknown},
    };

    fn with(settings: Collected<UserPoolSettings>) -> Snapshot {
        let mut account = empty();
        region(&mut account).cognito.user_pools =
            read(vec![UserPool { id: "eu-west-1_Abc".into(), name: "customers".into(), settings }]);
        account
    }

    fn mfa(mfa: &str) -> Snapshot {
        with(read(UserPoolSettings { mfa: mfa.into(), ..UserPoolSettings::default() }))
    }

    #[test]
    fn fails_when_off() {
        let finding = fails(&CHECK, &mfa("OFF"));
        assert_eq!(
            (finding.resource.id.as_str(), finding.resource.name.as_deref()),
            ("eu-west-1_Abc", Some("customers"))
        );
    }

    #[test]
    fn passes_when_possible() {
        passes(&CHECK, &mfa("ON"));
        passes(&CHECK, &mfa("OPTIONAL"));
    }

    #[test]
    fn unknown_when_not_readable() {
        unknown(&CHECK, &with(denied()));
        let mut account = empty();
        region(&mut account).cognito.user_pools = denied();
        unknown(&CHECK, &account);
    }
}
