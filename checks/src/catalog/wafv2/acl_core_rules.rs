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
            let details = acl.details.get()?;
            if waf::admits_addresses_only(details) {
                return Err(NotJudged::NotApplicable);
            }
            let blocks = Blocks::of(details, waf);
            let kinds = [
                ("SQL injection", blocks.sql_injection),
                ("cross-site scripting", blocks.cross_site_scripting),
            ];
            let missing: Vec<_> =
                kinds.into_iter().filter(|(_, blocked)| !blocked).map(|(kind, _)| kind).collect();
            match blocks.unread.or(blocks.unclear) {
                Some(why) if !missing.is_empty() => Err(why),
                _ => Ok(Verdict::fail_if(!missing.is_empty()).with("missing", missing)),
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
        snapshot::wafv2::{ManagedRuleGroup, Rule, Statement},
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
        let both = Statement::Or(vec![Statement::SqlInjection, Statement::CrossSiteScripting]);
        passes(&CHECK, &with_rules(vec![group, rule("Block", both)]));
    }

    #[test]
    fn unknown_when_a_vendor_does_not_tell_what_its_group_blocks() {
        let bots = ManagedRuleGroup {
            vendor: "Vendor".into(),
            name: "Bots".into(),
            version: None,
            actions: read([("BadBots".to_owned(), "Block".to_owned())].into()),
        };
        let group = Statement::ManagedRuleGroup {
            vendor: "Vendor".into(),
            name: "Bots".into(),
            version: None,
            overrides: [].into(),
        };
        let mut account = with_rules(vec![Rule { action: None, ..rule("", group) }]);
        region(&mut account).wafv2.managed_rule_groups = read(vec![bots]);
        unknown(&CHECK, &account);
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
