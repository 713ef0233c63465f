use super::each_web_acl;
use crate::{
    analysis::waf,
    check::Check,
    finding::{Severity, Verdict},
    gap::NotJudged,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "wafv2-acl-unused",
    severity: Severity::Info,
    sources: &[
        Source::Wafv2WebAcls,
        Source::Wafv2Resources,
        Source::ApiGatewayRestApis,
        Source::CloudFrontDistributions,
    ],
    run: |cx| {
        each_web_acl(cx, |cx, _, acl| {
            if waf::is_in_use(cx.snapshot, acl)? {
                return Ok(Verdict::pass());
            }
            // The account can neither associate nor delete it: Firewall Manager keeps one in every account.
            if acl.details.get()?.managed_by_firewall_manager {
                return Err(NotJudged::NotApplicable);
            }
            Ok(Verdict::fail())
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{
        super::testing::{protects, with_acl, with_rules},
        CHECK,
    };
    use crate::{
        snapshot::{
            cloudfront::Distribution,
            wafv2::{WebAcl, WebAclDetails},
        },
        testing::{empty, fails, passes, read, silent},
    };

    #[test]
    fn fails_when_it_protects_nothing() {
        fails(&CHECK, &with_acl(|acl| acl.protects = protects(&[])));
    }

    #[test]
    fn says_nothing_of_those_that_firewall_manager_keeps() {
        let managed = |protected: &[&str]| {
            let details = WebAclDetails { managed_by_firewall_manager: true, ..WebAclDetails::default() };
            with_acl(|acl| (acl.details, acl.protects) = (read(details), protects(protected)))
        };
        silent(&CHECK, &managed(&[]));
        passes(&CHECK, &managed(&["arn:lb"]));
    }

    #[test]
    fn passes_when_it_protects_something() {
        passes(&CHECK, &with_rules(vec![]));
    }

    #[test]
    fn one_for_cloudfront_is_used_by_distributions_and_amplify() {
        let arn = "arn:aws:wafv2:us-east-1:111122223333:global/webacl/edge/1";
        let with = |apps: Vec<String>| {
            let mut account = empty();
            account.wafv2.web_acls = read(vec![WebAcl {
                name: "edge".into(),
                arn: arn.into(),
                details: read(WebAclDetails::default()),
                protects: read([("AMPLIFY".to_owned(), read(apps))].into()),
                ..WebAcl::default()
            }]);
            account
        };
        passes(&CHECK, &with(vec!["arn:app".into()]));
        let mut account = with(vec![]);
        fails(&CHECK, &account);
        let distribution = Distribution { web_acl: Some(arn.into()), ..Distribution::default() };
        account.cloudfront.distributions = read(vec![distribution]);
        passes(&CHECK, &account);
    }
}
