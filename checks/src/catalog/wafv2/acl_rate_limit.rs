use super::each_web_acl;
use crate::{
    analysis::waf::{self, Blocks, Share},
    check::Check,
    finding::{Severity, Verdict},
    gap::NotJudged,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "wafv2-acl-rate-limit",
    severity: Severity::Low,
    sources: &[
        Source::Wafv2WebAcls,
        Source::Wafv2Resources,
        Source::Wafv2RuleGroups,
        Source::Wafv2ManagedRuleGroups,
        Source::Wafv2IpSets,
        Source::ApiGatewayRestApis,
        Source::CloudFrontDistributions,
    ],
    run: |cx| {
        each_web_acl(cx, |cx, waf, acl| {
            // One whose associations were not read may be in use; what its rules lack is so in any case.
            if waf::is_in_use(cx.snapshot, acl) == Ok(false) {
                return Err(NotJudged::NotApplicable);
            }
            let details = acl.details.get()?;
            if waf::admits_addresses_only(details, waf) {
                return Err(NotJudged::NotApplicable);
            }
            let blocks = Blocks::of(details, waf);
            // What is not known may limit more, or let more past.
            let doubt = if blocks.rate.is_most() { blocks.unread_before_rate } else { blocks.unread };
            doubt.unless(false)?;
            let verdict = Verdict::fail_if(!blocks.rate.is_most());
            Ok(match blocks.all_allowed_by.or(blocks.much_allowed_by) {
                _ if verdict.passes() => verdict,
                Some(rule) => verdict.with("allowed_by", rule).told_as("allowed"),
                None if blocks.rate > Share::Nothing => verdict.told_as("part"),
                None => verdict,
            })
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{
        super::testing::{admitting, protects, rule, with_acl, with_rules},
        CHECK,
    };
    use crate::{
        snapshot::wafv2::{Rule, Statement},
        testing::{denied, fails, passes, silent, unknown},
    };

    #[test]
    fn fails_without_one() {
        fails(&CHECK, &with_rules(vec![]));
        fails(&CHECK, &with_rules(vec![rule("Count", Statement::RateBased { scope: None })]));
    }

    #[test]
    fn passes_with_one() {
        passes(&CHECK, &with_rules(vec![rule("Block", Statement::RateBased { scope: None })]));
    }

    #[test]
    fn fails_when_only_a_part_is_counted() {
        let scoped = |scope: Statement| {
            with_rules(vec![rule("Block", Statement::RateBased { scope: Some(Box::new(scope)) })])
        };
        let path = Statement::Text("UriPath".into());
        assert_eq!(fails(&CHECK, &scoped(path.clone())).variant, Some("part"));
        passes(&CHECK, &scoped(Statement::Not(Box::new(path.clone()))));
        let after = |allowed: Statement| {
            with_rules(vec![rule("Allow", allowed), rule("Block", Statement::RateBased { scope: None })])
        };
        let country = Statement::Other("GeoMatchStatement".into());
        assert_eq!(fails(&CHECK, &after(country)).variant, Some("allowed"));
        passes(&CHECK, &after(path));
    }

    #[test]
    fn unread_addresses_matter_only_before_what_limits() {
        let allowed = rule("Allow", Statement::Addresses("hidden".into()));
        let both = Statement::Or(vec![Statement::SqlInjection, Statement::CrossSiteScripting]);
        let rate = rule("Block", Statement::RateBased { scope: None });
        unknown(&CHECK, &with_rules(vec![allowed.clone(), rule("Block", both.clone()), rate.clone()]));
        passes(&CHECK, &with_rules(vec![rule("Block", both), rate, allowed.clone()]));
        fails(&CHECK, &with_rules(vec![allowed]));
    }

    #[test]
    fn rules_that_were_read_are_judged_without_the_associations() {
        fails(&CHECK, &with_acl(|acl| acl.protects = denied()));
        unknown(&CHECK, &with_acl(|acl| (acl.protects, acl.details) = (denied(), denied())));
    }

    #[test]
    fn says_nothing_of_unused_ones() {
        silent(&CHECK, &with_acl(|acl| acl.protects = protects(&[])));
    }

    #[test]
    fn says_nothing_of_those_that_admit_some_addresses_only() {
        silent(&CHECK, &admitting(Statement::Addresses("office".into())));
        fails(&CHECK, &admitting(Statement::Everything));
    }

    #[test]
    fn an_unread_group_matters_only_where_nothing_else_limits() {
        let group = Statement::RuleGroup { arn: "hidden".into(), overrides: [].into() };
        let group = Rule { action: None, ..rule("", group) };
        unknown(&CHECK, &with_rules(vec![group.clone()]));
        passes(&CHECK, &with_rules(vec![group, rule("Block", Statement::RateBased { scope: None })]));
    }
}
