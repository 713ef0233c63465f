use crate::{
    analysis::waf::protects,
    check::Check,
    finding::{Severity, Verdict},
    snapshot::Judged as _,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "cognito-waf",
    severity: Severity::Low,
    sources: &[Source::CognitoUserPools, Source::Wafv2WebAcls, Source::Wafv2Resources],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.each(region.cognito.user_pools.get(), |cx, pool| {
                Ok(Verdict::fail_if(!protects(region, &pool.arn(&cx.place()))?))
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::with_user_pool, CHECK};
    use crate::{
        snapshot::{Snapshot, wafv2::WebAcl},
        testing::{denied, empty, fails, passes, read, region, unknown},
    };

    fn protected(mut account: Snapshot, arn: &str) -> Snapshot {
        region(&mut account).wafv2.web_acls =
            read(vec![WebAcl { resources: read(vec![arn.into()]), ..WebAcl::default() }]);
        account
    }

    #[test]
    fn fails_without() {
        fails(&CHECK, &with_user_pool(|_| ()));
    }

    #[test]
    fn passes_with_one() {
        passes(
            &CHECK,
            &protected(
                with_user_pool(|_| ()),
                "arn:aws:cognito-idp:eu-west-1:111122223333:userpool/eu-west-1_Abc",
            ),
        );
    }

    #[test]
    fn unknown_when_not_readable() {
        let mut account = empty();
        region(&mut account).cognito.user_pools = denied();
        unknown(&CHECK, &account);
    }
}
