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
            if blocks.anything {
                return Ok(Verdict::pass());
            }
            if let Some(why) = blocks.unread {
                return Err(why);
            }
            Ok(Verdict::fail()
                .with("rules", details.rules.iter().map(|rule| &rule.name).collect::<Vec<_>>())
                .with("all_allowed_by", blocks.all_allowed_by))
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::with_rules, CHECK};
    use crate::{
        catalog::wafv2::testing::rule,
        snapshot::wafv2::Statement,
        testing::{denied, empty, fails, passes, region, unknown},
    };

    #[test]
    fn fails_when_every_rule_only_counts() {
        fails(&CHECK, &with_rules(vec![rule("Count", Statement::SqlInjection)]));
        fails(
            &CHECK,
            &with_rules(vec![
                rule("Allow", Statement::PathPrefix("/".into())),
                rule("Block", Statement::SqlInjection),
            ]),
        );
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
    fn unknown_when_a_group_is_not_readable() {
        unknown(
            &CHECK,
            &with_rules(vec![crate::snapshot::wafv2::Rule {
                action: None,
                ..rule("", Statement::RuleGroup { arn: "hidden".into(), counted: vec![] })
            }]),
        );
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
