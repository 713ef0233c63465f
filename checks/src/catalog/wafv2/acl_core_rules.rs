use super::each_web_acl;
use crate::{
    analysis::waf::{self, Blocks},
    check::Check,
    finding::{Severity, Verdict},
    gap::NotJudged,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "wafv2-acl-core-rules",
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
            let kinds = [
                ("SQL injection", blocks.sql_injection),
                ("cross-site scripting", blocks.cross_site_scripting),
            ];
            let missing: Vec<_> =
                kinds.into_iter().filter(|(_, blocked)| !blocked).map(|(kind, _)| kind).collect();
            match blocks.unread {
                Some(why) if !missing.is_empty() => Err(why),
                _ => Ok(Verdict::fail_if(!missing.is_empty()).with("missing", missing)),
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
    fn fails_when_one_kind_is_missing() {
        fails(&CHECK, &with_rules(vec![]));
        fails(&CHECK, &with_rules(vec![rule("Block", Statement::SqlInjection)]));
        fails(
            &CHECK,
            &with_rules(vec![
                rule("Block", Statement::SqlInjection),
                rule("Count", Statement::CrossSiteScripting),
            ]),
        );
    }

    #[test]
    fn passes_with_both() {
        passes(
            &CHECK,
            &with_rules(vec![
                rule("Block", Statement::SqlInjection),
                rule("Block", Statement::CrossSiteScripting),
            ]),
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
