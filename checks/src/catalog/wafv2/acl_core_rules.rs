use super::each_web_acl;
use crate::{
    analysis::waf::{self, Blocks, Share},
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
            let mut blocks = Blocks::of(details, waf);
            let kinds = [
                ("sql_injection", blocks.sql_injection),
                ("cross_site_scripting", blocks.cross_site_scripting),
            ];
            let missing: Vec<_> = kinds.into_iter().filter(|(_, found)| !found.is_most()).collect();
            // What is not known may block more, or let more past.
            blocks.unread.extend(blocks.unclear.into_vec());
            let doubt = if missing.is_empty() { blocks.unread_before_attacks } else { blocks.unread };
            doubt.unless(false)?;
            let in_part = missing.iter().any(|(_, found)| *found > Share::Nothing);
            let verdict = Verdict::fail_if(!missing.is_empty())
                .with("missing", missing.iter().map(|(kind, _)| *kind).collect::<Vec<_>>());
            Ok(match blocks.all_allowed_by.or(blocks.much_allowed_by) {
                _ if missing.is_empty() => verdict,
                Some(rule) => verdict.with("allowed_by", rule).told_as("allowed"),
                None if in_part => verdict.told_as("part"),
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
        gap::Collected,
        snapshot::wafv2::{ManagedRuleGroup, Rule, Statement},
        testing::{denied, fails, passes, read, region, silent, unknown},
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
    fn fails_when_only_a_part_is_inspected() {
        let some = Statement::Addresses("office".into());
        let with = |only: Statement| {
            let both = Statement::Or(vec![Statement::SqlInjection, Statement::CrossSiteScripting]);
            with_rules(vec![rule("Block", Statement::And(vec![both, only]))])
        };
        assert_eq!(fails(&CHECK, &with(some.clone())).variant, Some("part"));
        passes(&CHECK, &with(Statement::Not(Box::new(some.clone()))));
        let after = |allowed: Statement| {
            with_rules(vec![
                rule("Allow", allowed),
                rule("Block", Statement::SqlInjection),
                rule("Block", Statement::CrossSiteScripting),
            ])
        };
        let allowed = fails(&CHECK, &after(Statement::Not(Box::new(some.clone()))));
        assert_eq!(allowed.variant, Some("allowed"));
        passes(&CHECK, &after(some));
    }

    #[test]
    fn unread_addresses_matter_only_before_what_blocks() {
        let allowed = rule("Allow", Statement::Addresses("hidden".into()));
        let both = Statement::Or(vec![Statement::SqlInjection, Statement::CrossSiteScripting]);
        let rate = rule("Block", Statement::RateBased { scope: None });
        unknown(&CHECK, &with_rules(vec![allowed.clone(), rule("Block", both.clone()), rate.clone()]));
        passes(&CHECK, &with_rules(vec![rule("Block", both), rate, allowed.clone()]));
        fails(&CHECK, &with_rules(vec![allowed]));
    }

    #[test]
    fn rules_that_were_read_are_judged_without_the_associations() {
        let mut account = with_rules(vec![]);
        let Collected::Value(acls) = &mut region(&mut account).wafv2.web_acls else { unreachable!() };
        acls[0].protects = denied();
        fails(&CHECK, &account);
        let Collected::Value(acls) = &mut region(&mut account).wafv2.web_acls else { unreachable!() };
        acls[0].details = denied();
        unknown(&CHECK, &account);
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
    fn an_unread_group_matters_only_where_nothing_else_blocks() {
        let group = Statement::RuleGroup { arn: "hidden".into(), overrides: [].into() };
        let group = Rule { action: None, ..rule("", group) };
        unknown(&CHECK, &with_rules(vec![group.clone()]));
        let both = Statement::Or(vec![Statement::SqlInjection, Statement::CrossSiteScripting]);
        passes(&CHECK, &with_rules(vec![group, rule("Block", both)]));
    }

    #[test]
    fn a_vendors_group_that_does_not_tell_what_it_blocks_is_not_fine() {
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
            scope: None,
        };
        let mut account = with_rules(vec![Rule { action: None, ..rule("", group) }]);
        region(&mut account).wafv2.managed_rule_groups = read(vec![bots]);
        unknown(&CHECK, &account);
    }
}
