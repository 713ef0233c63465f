use super::each_web_acl;
use crate::{
    analysis::waf::Blocks,
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "wafv2-acl-count-only",
    severity: Severity::Medium,
    sources: &[Source::Wafv2WebAcls, Source::Wafv2RuleGroups, Source::Wafv2ManagedRuleGroups],
    run: |cx| {
        each_web_acl(cx, |_, waf, acl| {
            let details = acl.details.get()?;
            // One without rules is told by wafv2-acl-empty.
            if details.rules.is_empty() || !details.allows_by_default {
                return Ok(Verdict::pass());
            }
            let blocks = Blocks::of(details, waf);
            blocks.unread.unless(blocks.anything)?;
            if blocks.anything {
                return Ok(Verdict::pass());
            }
            let rules: Vec<_> = details.rules.iter().map(|rule| &rule.name).collect();
            let verdict = Verdict::fail().with("rules", rules);
            Ok(match blocks.all_allowed_by {
                Some(rule) => verdict.with("all_allowed_by", rule).told_as("all_allowed"),
                None => verdict,
            })
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::with_rules, CHECK};
    use crate::{
        catalog::wafv2::testing::rule,
        snapshot::wafv2::Statement,
        testing::{fails, passes, unknown},
    };

    #[test]
    fn fails_when_every_rule_only_counts() {
        fails(&CHECK, &with_rules(vec![rule("Count", Statement::SqlInjection)]));
        let all = rule("Allow", Statement::Everything);
        let finding = fails(&CHECK, &with_rules(vec![all, rule("Block", Statement::SqlInjection)]));
        assert_eq!(finding.variant, Some("all_allowed"));
    }

    #[test]
    fn passes_when_one_blocks() {
        passes(
            &CHECK,
            &with_rules(vec![
                rule("Count", Statement::SqlInjection),
                rule("Block", Statement::Other("GeoMatchStatement".into())),
            ]),
        );
        passes(&CHECK, &with_rules(vec![]));
    }

    #[test]
    fn a_group_that_is_not_told_is_not_fine() {
        unknown(
            &CHECK,
            &with_rules(vec![crate::snapshot::wafv2::Rule {
                action: None,
                ..rule("", Statement::RuleGroup { arn: "hidden".into(), overrides: [].into() })
            }]),
        );
    }
}
