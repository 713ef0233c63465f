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
            let blocks = Blocks::of(acl.details.get()?, waf);
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
        super::testing::{with_acl, with_rules},
        CHECK,
    };
    use crate::{
        catalog::wafv2::testing::rule,
        snapshot::wafv2::Statement,
        testing::{denied, empty, fails, passes, read, region, silent, unknown},
    };

    #[test]
    fn fails_without_one() {
        fails(&CHECK, &with_rules(vec![]));
        fails(
            &CHECK,
            &with_rules(vec![rule("Count", Statement::RateBased { limit: 2000, scope_down: None })]),
        );
    }

    #[test]
    fn passes_with_one() {
        passes(
            &CHECK,
            &with_rules(vec![rule("Block", Statement::RateBased { limit: 2000, scope_down: None })]),
        );
    }

    #[test]
    fn says_nothing_of_unused_ones() {
        silent(&CHECK, &with_acl(|acl| acl.resources = read(vec![])));
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
