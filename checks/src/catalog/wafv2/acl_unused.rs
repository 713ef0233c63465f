use super::each_web_acl;
use crate::{
    analysis::waf,
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "wafv2-acl-unused",
    severity: Severity::Info,
    sources: &[Source::Wafv2WebAcls, Source::Wafv2Resources, Source::CloudFrontDistributions],
    run: |cx| {
        each_web_acl(cx, |cx, _, acl| Ok(Verdict::fail_if(!waf::is_in_use(cx.snapshot, acl)?)));
    },
};

#[cfg(test)]
mod tests {
    use super::{
        super::testing::{with_acl, with_rules},
        CHECK,
    };
    use crate::{
        snapshot::{cloudfront::Distribution, wafv2::WebAcl},
        testing::{denied, empty, fails, passes, read, region, unknown},
    };

    #[test]
    fn fails_when_it_protects_nothing() {
        fails(&CHECK, &with_acl(|acl| acl.resources = read(vec![])));
    }

    #[test]
    fn passes_when_it_protects_something() {
        passes(&CHECK, &with_rules(vec![]));
    }

    #[test]
    fn unknown_when_its_resources_are_not_readable() {
        unknown(&CHECK, &with_acl(|acl| acl.resources = denied()));
    }

    #[test]
    fn one_for_cloudfront_is_used_by_distributions() {
        let arn = "arn:aws:wafv2:us-east-1:111122223333:global/webacl/edge/1";
        let mut account = empty();
        account.wafv2.web_acls = read(vec![WebAcl { arn: arn.into(), ..WebAcl::default() }]);
        fails(&CHECK, &account);
        let distribution = Distribution { web_acl: Some(arn.into()), ..Distribution::default() };
        account.cloudfront.distributions = read(vec![distribution]);
        passes(&CHECK, &account);
    }

    #[test]
    fn unknown_when_web_acls_are_not_readable() {
        let mut account = empty();
        region(&mut account).wafv2.web_acls = denied();
        unknown(&CHECK, &account);
        let mut account = empty();
        account.wafv2.web_acls = denied();
        unknown(&CHECK, &account);
    }
}
