use super::each_web_acl;
use crate::{
    analysis::waf::{self, Blocks},
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
        Source::CloudFrontDistributions,
    ],
    run: |cx| {
        each_web_acl(cx, |cx, waf, acl| {
            if !waf::is_in_use(cx.snapshot, acl)? {
                return Err(NotJudged::NotApplicable);
            }
            let details = acl.details.get()?;
            if waf::admits_addresses_only(details) {
                return Err(NotJudged::NotApplicable);
            }
            let blocks = Blocks::of(details, waf);
            match blocks.unread {
                Some(why) if !blocks.rate => Err(why),
                _ => Ok(Verdict::fail_if(!blocks.rate)),
            }
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
        testing::{denied, empty, fails, passes, region, silent, unknown},
    };

    #[test]
    fn fails_without_one() {
        fails(&CHECK, &with_rules(vec![]));
        fails(&CHECK, &with_rules(vec![rule("Count", Statement::RateBased)]));
    }

    #[test]
    fn passes_with_one() {
        passes(&CHECK, &with_rules(vec![rule("Block", Statement::RateBased)]));
    }

    #[test]
    fn says_nothing_of_unused_ones() {
        silent(&CHECK, &with_acl(|acl| acl.protects = protects(&[])));
    }

    #[test]
    fn says_nothing_of_those_that_admit_some_addresses_only() {
        silent(&CHECK, &admitting(Statement::Other("IPSetReferenceStatement".into())));
        fails(&CHECK, &admitting(Statement::Everything));
    }

    #[test]
    fn unknown_when_a_group_is_not_readable() {
        let group = Statement::RuleGroup { arn: "hidden".into(), overrides: [].into() };
        let group = Rule { action: None, ..rule("", group) };
        unknown(&CHECK, &with_rules(vec![group.clone()]));
        passes(&CHECK, &with_rules(vec![group, rule("Block", Statement::RateBased)]));
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
