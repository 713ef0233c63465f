//! What a web ACL really blocks: rules in the order that they are tried, groups with the overrides of their
//! rules' actions, and nothing after a rule that allows everything. From "How AWS WAF handles rule and rule
//! group actions" and "AWS Managed Rules rule groups list" of the AWS WAF Developer Guide.

use crate::{
    gap::{Gap, NotJudged},
    snapshot::{
        Region, Snapshot,
        wafv2::{Rule, Statement, Wafv2, WebAcl, WebAclDetails},
    },
};

/// What the rules of a web ACL block.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Blocks {
    /// Some request.
    pub anything: bool,
    /// SQL injection.
    pub sql_injection: bool,
    /// Cross-site scripting.
    pub cross_site_scripting: bool,
    /// Too many requests.
    pub rate: bool,
    /// The rule that allows everything, so that nothing after it is tried.
    pub all_allowed_by: Option<String>,
    /// What could not be read, and might block more.
    pub unread: Option<NotJudged>,
}

impl Blocks {
    /// What the rules of the web ACL block.
    #[must_use]
    pub fn of(acl: &WebAclDetails, waf: &Wafv2) -> Self {
        let mut blocks = Self::default();
        for rule in &acl.rules {
            if rule.action.as_deref() == Some("Allow") && is_everything(&rule.statement) {
                blocks.all_allowed_by = Some(rule.name.clone());
                break;
            }
            blocks.add(rule, waf);
        }
        blocks
    }

    fn add(&mut self, rule: &Rule, waf: &Wafv2) {
        let counts = rule.group_counts || matches!(rule.action.as_deref(), Some("Count" | "Allow"));
        if counts {
            return;
        }
        match &rule.statement {
            Statement::ManagedRuleGroup { vendor, name, counted, .. } => {
                self.add_managed(vendor, name, counted, waf);
            }
            Statement::RuleGroup { arn, counted } => {
                let groups = waf.rule_groups.get();
                let rules = groups.and_then(|groups| {
                    groups
                        .iter()
                        .find(|group| group.arn == *arn)
                        .ok_or_else(|| unread("GetRuleGroup", arn))?
                        .rules
                        .get()
                });
                match rules {
                    Ok(rules) => {
                        for rule in rules.iter().filter(|rule| !counted.contains(&rule.name)) {
                            self.add(rule, waf);
                        }
                    }
                    Err(why) => self.unread = Some(why),
                }
            }
            statement => {
                self.anything = true;
                self.add_statement(statement);
            }
        }
    }

    fn add_statement(&mut self, statement: &Statement) {
        match statement {
            Statement::SqlInjection => self.sql_injection = true,
            Statement::CrossSiteScripting => self.cross_site_scripting = true,
            Statement::RateBased { .. } => self.rate = true,
            Statement::And(parts) | Statement::Or(parts) => {
                for part in parts {
                    self.add_statement(part);
                }
            }
            // What a request must not be is not blocked.
            Statement::Not(_)
            | Statement::PathPrefix(_)
            | Statement::Other(_)
            | Statement::ManagedRuleGroup { .. }
            | Statement::RuleGroup { .. } => {}
        }
    }

    fn add_managed(&mut self, vendor: &str, name: &str, counted: &[String], waf: &Wafv2) {
        // The rules that still act; none known where nothing is changed, which is as published.
        let acting = if counted.is_empty() {
            None
        } else {
            let groups = waf.managed_rule_groups.get();
            let rules = groups.and_then(|groups| {
                let found = groups.iter().find(|group| group.vendor == vendor && group.name == name);
                found.ok_or_else(|| unread("DescribeManagedRuleGroup", name))?.rules.get()
            });
            match rules {
                Ok(rules) => Some(rules.iter().filter(|rule| !counted.contains(rule)).collect::<Vec<_>>()),
                Err(why) => {
                    self.unread = Some(why);
                    return;
                }
            }
        };
        let acts = |wanted: fn(&str) -> bool| {
            acting.as_ref().is_none_or(|rules| rules.iter().any(|rule| wanted(rule)))
        };
        self.anything |= acts(|_| true);
        // Vendors do not publish their rules; their groups for web applications cover both.
        let covers_both = vendor != "AWS";
        if covers_both || name == "AWSManagedRulesSQLiRuleSet" {
            self.sql_injection |= acts(|_| true);
        }
        if covers_both {
            self.cross_site_scripting |= acts(|_| true);
        } else if name == "AWSManagedRulesCommonRuleSet" {
            self.cross_site_scripting |= acts(|rule| rule.starts_with("CrossSiteScripting"));
        }
    }
}

/// A group that a web ACL names and that was not read with it.
fn unread(operation: &str, group: &str) -> NotJudged {
    let operation = format!("wafv2:{operation}");
    Gap::unreadable(&operation, None, Some(group), "the rule group was not told").into()
}

/// Whether every request is meant.
fn is_everything(statement: &Statement) -> bool {
    match statement {
        Statement::PathPrefix(prefix) => prefix == "/",
        Statement::And(parts) => parts.iter().all(is_everything),
        Statement::Or(parts) => parts.iter().any(is_everything),
        _ => false,
    }
}

/// Whether a regional resource is behind a web ACL.
///
/// # Errors
/// When no web ACL is known to protect it, and not all that might could be read.
pub fn protects(region: &Region, arn: &str) -> Result<bool, NotJudged> {
    let mut unread = None;
    for acl in region.wafv2.web_acls.get()? {
        match acl.resources.get() {
            Ok(resources) if resources.iter().any(|resource| resource == arn) => return Ok(true),
            Ok(_) => {}
            Err(why) => unread = Some(why),
        }
    }
    unread.map_or(Ok(false), Err)
}

/// Whether a web ACL protects anything.
///
/// # Errors
/// When that could not be read.
pub fn is_in_use(snapshot: &Snapshot, acl: &WebAcl) -> Result<bool, NotJudged> {
    if !acl.is_global() {
        return Ok(!acl.resources.get()?.is_empty());
    }
    let distributions = snapshot.cloudfront.distributions.get()?;
    Ok(distributions.iter().any(|distribution| distribution.web_acl.as_deref() == Some(acl.arn.as_str())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        snapshot::wafv2::{ManagedRuleGroup, RuleGroup},
        testing::{denied, read},
    };

    fn managed(name: &str, counted: &[&str]) -> Statement {
        Statement::ManagedRuleGroup {
            vendor: "AWS".into(),
            name: name.into(),
            counted: counted.iter().map(|rule| (*rule).to_owned()).collect(),
            scope_down: None,
        }
    }

    fn rule(action: Option<&str>, statement: Statement) -> Rule {
        Rule { name: "r".into(), action: action.map(str::to_owned), group_counts: false, statement }
    }

    fn blocks(rules: Vec<Rule>) -> Blocks {
        let waf = Wafv2 {
            managed_rule_groups: read(vec![ManagedRuleGroup {
                vendor: "AWS".into(),
                name: "AWSManagedRulesCommonRuleSet".into(),
                rules: read(vec!["NoUserAgent_HEADER".into(), "CrossSiteScripting_BODY".into()]),
            }]),
            rule_groups: read(vec![
                RuleGroup {
                    arn: "own".into(),
                    rules: read(vec![rule(Some("Block"), Statement::SqlInjection)]),
                },
                RuleGroup { arn: "hidden".into(), rules: denied() },
            ]),
            ..Wafv2::default()
        };
        Blocks::of(&WebAclDetails { allows_by_default: true, rules }, &waf)
    }

    #[test]
    fn managed_groups_block_but_for_what_is_counted() {
        let common = "AWSManagedRulesCommonRuleSet";
        let all = blocks(vec![rule(None, managed(common, &[]))]);
        assert!(all.anything && all.cross_site_scripting && !all.sql_injection);
        let less = blocks(vec![rule(None, managed(common, &["CrossSiteScripting_BODY"]))]);
        assert!(less.anything && !less.cross_site_scripting);
        let none =
            blocks(vec![rule(None, managed(common, &["CrossSiteScripting_BODY", "NoUserAgent_HEADER"]))]);
        assert!(!none.anything);
        let counting = Rule { group_counts: true, ..rule(None, managed(common, &[])) };
        assert!(!blocks(vec![counting]).anything);
        assert!(blocks(vec![rule(None, managed("AWSManagedRulesSQLiRuleSet", &[]))]).sql_injection);
        assert!(blocks(vec![rule(None, managed("Unread", &["a"]))]).unread.is_some());
    }

    #[test]
    fn own_rules_block_what_their_statements_find() {
        let both = Statement::Or(vec![Statement::SqlInjection, Statement::CrossSiteScripting]);
        let found = blocks(vec![rule(Some("Block"), both.clone())]);
        assert!(found.sql_injection && found.cross_site_scripting && !found.rate);
        assert!(!blocks(vec![rule(Some("Count"), both)]).anything);
        let not = Statement::Not(Box::new(Statement::SqlInjection));
        assert!(!blocks(vec![rule(Some("Block"), not)]).sql_injection);
        let rate = Statement::RateBased { limit: 2000, scope_down: None };
        assert!(blocks(vec![rule(Some("Challenge"), rate)]).rate);
    }

    #[test]
    fn own_groups_are_read_through() {
        let group = |arn: &str| Statement::RuleGroup { arn: arn.into(), counted: vec![] };
        assert!(blocks(vec![rule(None, group("own"))]).sql_injection);
        let counted = Statement::RuleGroup { arn: "own".into(), counted: vec!["r".into()] };
        assert!(!blocks(vec![rule(None, counted)]).sql_injection);
        assert!(blocks(vec![rule(None, group("hidden"))]).unread.is_some());
    }

    #[test]
    fn nothing_is_tried_after_everything_was_allowed() {
        let all = rule(Some("Allow"), Statement::PathPrefix("/".into()));
        let sqli = rule(Some("Block"), Statement::SqlInjection);
        let found = blocks(vec![all.clone(), sqli.clone()]);
        assert_eq!((found.anything, found.all_allowed_by.as_deref()), (false, Some("r")));
        assert!(blocks(vec![sqli, all]).sql_injection);
        let some = rule(Some("Allow"), Statement::PathPrefix("/health".into()));
        assert_eq!(blocks(vec![some]).all_allowed_by, None);
    }
}
