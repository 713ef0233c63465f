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
                Ok(Verdict::fail_if(!protects(region, "COGNITO_USER_POOL", &pool.arn(&cx.place()))?))
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::with_user_pool, CHECK};
    use crate::{
        gap::Collected,
        snapshot::{Snapshot, wafv2::WebAcl},
        testing::{denied, fails, passes, read, region},
    };

    /// An account with a user pool, and with web ACLs that protect these.
    fn with_web_acls(protects: Vec<Collected<Vec<String>>>) -> Snapshot {
        let acls = protects.into_iter().map(|pools| WebAcl {
            protects: read([("COGNITO_USER_POOL".to_owned(), pools)].into()),
            ..WebAcl::default()
        });
        let mut account = with_user_pool(|_| ());
        region(&mut account).wafv2.web_acls = read(acls.collect());
        account
    }

    fn this() -> Collected<Vec<String>> {
        read(vec!["arn:aws:cognito-idp:eu-west-1:111122223333:userpool/eu-west-1_Abc".into()])
    }

    #[test]
    fn fails_without() {
        fails(&CHECK, &with_user_pool(|_| ()));
    }

    #[test]
    fn passes_with_one() {
        passes(&CHECK, &with_web_acls(vec![this()]));
    }

    #[test]
    fn a_web_acl_that_protects_it_decides() {
        passes(&CHECK, &with_web_acls(vec![this(), denied()]));
    }
}
