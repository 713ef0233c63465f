//! What a web ACL really blocks: rules in the order that they are tried, groups with the overrides of their
//! rules' actions, and nothing after a rule that allows everything. From "How AWS WAF handles rule and rule
//! group actions" and "AWS Managed Rules rule groups list" of the AWS WAF Developer Guide.

use std::collections::BTreeMap;

use crate::{
    gap::{Gap, NotJudged},
    snapshot::{
        Region, Snapshot,
        wafv2::{Rule, Statement, Wafv2, WebAcl, WebAclDetails},
    },
};

/// AWS's group against SQL injection.
const SQL_INJECTION_GROUP: &str = "AWSManagedRulesSQLiRuleSet";
/// AWS's core rule set, some rules of which are against cross-site scripting.
const CORE_GROUP: &str = "AWSManagedRulesCommonRuleSet";

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
    /// A vendor's group that blocks, and does not tell what: it might be an attack of any kind.
    pub unclear: Option<NotJudged>,
}

impl Blocks {
    /// What the rules of the web ACL block.
    #[must_use]
    pub fn of(acl: &WebAclDetails, waf: &Wafv2) -> Self {
        let mut blocks = Self::default();
        for (at, rule) in acl.rules.iter().enumerate() {
            if rule.action.as_deref() == Some("Allow") && is_everything(&rule.statement) {
                blocks.all_allowed_by = Some(rule.name.clone());
                break;
            }
            blocks.add(rule, rule.action.as_deref(), &acl.rules[..at], waf);
        }
        blocks
    }

    /// Adds a rule that has the action, and is tried after others of the web ACL.
    fn add(&mut self, rule: &Rule, action: Option<&str>, before: &[Rule], waf: &Wafv2) {
        if rule.group_counts || action.is_some_and(lets_pass) {
            return;
        }
        match &rule.statement {
            Statement::ManagedRuleGroup { vendor, name, version, overrides } => {
                let acting = acting(waf, vendor, name, version.as_ref(), overrides);
                match (acting, vendor.as_str()) {
                    (Err(why), _) => self.unread = Some(why),
                    (Ok(acting), "AWS") => self.add_managed_by_aws(name, acting.as_deref()),
                    (Ok(acting), _) => self.add_managed_by_vendor(name, &acting.unwrap_or_default()),
                }
            }
            Statement::RuleGroup { arn, overrides } => {
                let groups = waf.rule_groups.get();
                let rules = groups.and_then(|groups| {
                    groups
                        .iter()
                        .find(|group| group.arn == *arn)
                        .ok_or_else(|| unread("GetRuleGroup", arn, "the rule group was not told"))?
                        .rules
                        .get()
                });
                match rules {
                    Ok(rules) => {
                        for rule in rules {
                            let action = overrides.get(&rule.name).or(rule.action.as_ref());
                            self.add(rule, action.map(String::as_str), before, waf);
                        }
                    }
                    Err(why) => self.unread = Some(why),
                }
            }
            statement => {
                self.anything = true;
                self.add_statement(statement, before);
            }
        }
    }

    fn add_statement(&mut self, statement: &Statement, before: &[Rule]) {
        match statement {
            Statement::SqlInjection => self.sql_injection = true,
            Statement::CrossSiteScripting => self.cross_site_scripting = true,
            Statement::RateBased => self.rate = true,
            Statement::Label(label) => self.add_label(label, before),
            Statement::And(parts) | Statement::Or(parts) => {
                for part in parts {
                    self.add_statement(part, before);
                }
            }
            Statement::Everything
            | Statement::Other(_)
            | Statement::ManagedRuleGroup { .. }
            | Statement::RuleGroup { .. } => {}
        }
    }

    /// A managed group that only counts still labels the requests that it would block, for a rule after it to
    /// block all of them but the false alarms.
    fn add_label(&mut self, label: &str, before: &[Rule]) {
        let follows = |wanted: &str| {
            let mut groups = before.iter().map(|rule| &rule.statement);
            groups.any(|statement| {
                matches!(statement, Statement::ManagedRuleGroup { vendor, name, .. } if vendor == "AWS" && name == wanted)
            })
        };
        if label.starts_with("awswaf:managed:aws:sql-database:") {
            self.sql_injection |= follows(SQL_INJECTION_GROUP);
        }
        if let Some(rule) = label.strip_prefix("awswaf:managed:aws:core-rule-set:") {
            let all = rule.is_empty();
            self.cross_site_scripting |=
                (all || rule.starts_with("CrossSiteScripting")) && follows(CORE_GROUP);
        }
    }

    /// Adds a group of AWS with the rules that still act; all of them when none are told.
    fn add_managed_by_aws(&mut self, name: &str, acting: Option<&[&str]>) {
        let acts =
            |wanted: &str| acting.is_none_or(|rules| rules.iter().any(|rule| rule.starts_with(wanted)));
        self.anything |= acts("");
        match name {
            SQL_INJECTION_GROUP => self.sql_injection |= acts(""),
            CORE_GROUP => self.cross_site_scripting |= acts("CrossSiteScripting"),
            _ => {}
        }
    }

    /// Adds a group of a vendor with the rules that act. What they look for is known by their names only.
    fn add_managed_by_vendor(&mut self, group: &str, acting: &[&str]) {
        if acting.is_empty() {
            return;
        }
        self.anything = true;
        let names: Vec<_> = acting.iter().chain([&group]).map(|name| name.to_ascii_lowercase()).collect();
        let told = |words: &[&str]| names.iter().any(|name| words.iter().any(|word| name.contains(word)));
        let of_all_kinds = ["owasp", "all_rule"].iter().any(|word| group.to_ascii_lowercase().contains(word));
        let sql_injection = of_all_kinds || told(&["sql"]);
        let scripting = of_all_kinds || told(&["xss", "crosssite", "cross_site", "cross-site"]);
        self.sql_injection |= sql_injection;
        self.cross_site_scripting |= scripting;
        if !sql_injection && !scripting {
            let why = "the names of its rules do not tell what they block";
            self.unclear = Some(unread("DescribeManagedRuleGroup", group, why));
        }
    }
}

/// Whether requests with that action go on.
fn lets_pass(action: &str) -> bool {
    matches!(action, "Count" | "Allow")
}

/// The rules of a managed group that act under the overrides. None of AWS's own where nothing is changed: they
/// act as published.
fn acting<'a>(
    waf: &'a Wafv2,
    vendor: &str,
    name: &str,
    version: Option<&String>,
    overrides: &BTreeMap<String, String>,
) -> Result<Option<Vec<&'a str>>, NotJudged> {
    if vendor == "AWS" && overrides.is_empty() {
        return Ok(None);
    }
    let mut groups = waf.managed_rule_groups.get()?.iter();
    let group = groups.find(|group| {
        (group.vendor.as_str(), group.name.as_str(), group.version.as_ref()) == (vendor, name, version)
    });
    let group =
        group.ok_or_else(|| unread("DescribeManagedRuleGroup", name, "the rule group was not told"))?;
    let rules = group.actions.get()?.iter();
    let acts = rules.filter(|(rule, own)| !lets_pass(overrides.get(*rule).unwrap_or(own)));
    Ok(Some(acts.map(|(rule, _)| rule.as_str()).collect()))
}

/// A group that a web ACL names and that could not be read with it.
fn unread(operation: &str, group: &str, why: &str) -> NotJudged {
    Gap::unreadable(&format!("wafv2:{operation}"), None, Some(group), why).into()
}

/// Whether every request is meant.
fn is_everything(statement: &Statement) -> bool {
    match statement {
        Statement::Everything => true,
        Statement::And(parts) => parts.iter().all(is_everything),
        Statement::Or(parts) => parts.iter().any(is_everything),
        _ => false,
    }
}

/// Whether the web ACL blocks everyone but some addresses, so that no rule need look for attacks.
#[must_use]
pub fn admits_addresses_only(acl: &WebAclDetails) -> bool {
    fn is_address(statement: &Statement) -> bool {
        match statement {
            Statement::Other(name) => name == "IPSetReferenceStatement",
            Statement::And(parts) => parts.iter().any(is_address),
            Statement::Or(parts) => parts.iter().all(is_address),
            _ => false,
        }
    }
    // Rules of the account's own groups may allow, too.
    let may_allow = |rule: &&Rule| {
        rule.action.as_deref() == Some("Allow") || matches!(rule.statement, Statement::RuleGroup { .. })
    };
    !acl.allows_by_default && acl.rules.iter().filter(may_allow).all(|rule| is_address(&rule.statement))
}

/// Whether a regional resource of that type, as AWS WAF names it, is behind a web ACL.
///
/// # Errors
/// When no web ACL is known to protect it, and not all that might could be read.
pub fn protects(region: &Region, kind: &str, arn: &str) -> Result<bool, NotJudged> {
    any(region.wafv2.web_acls.get()?.iter().map(|acl| {
        let resources = acl.protects.of(kind)?;
        Ok(resources.iter().any(|resource| resource == arn))
    }))
}

/// Whether a web ACL protects anything.
///
/// # Errors
/// When nothing is known that it protects, and not all that it might could be read.
pub fn is_in_use(snapshot: &Snapshot, acl: &WebAcl) -> Result<bool, NotJudged> {
    let by_type = acl.protects.get()?.values().map(|resources| Ok(!resources.get()?.is_empty()));
    let distribution = acl.is_global().then(|| {
        let mut distributions = snapshot.cloudfront.distributions.get()?.iter();
        Ok(distributions.any(|distribution| distribution.web_acl.as_deref() == Some(acl.arn.as_str())))
    });
    any(by_type.chain(distribution))
}

/// Whether one answer is yes, which outweighs what could not be read.
fn any(answers: impl Iterator<Item = Result<bool, NotJudged>>) -> Result<bool, NotJudged> {
    let mut unread = None;
    for answer in answers {
        match answer {
            Ok(true) => return Ok(true),
            Ok(false) => {}
            Err(why) => unread = Some(why),
        }
    }
    unread.map_or(Ok(false), Err)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        gap::Collected,
        snapshot::wafv2::{ManagedRuleGroup, RuleGroup},
        testing::{denied, empty, read, region},
    };

    const REPUTATION_GROUP: &str = "AWSManagedRulesAmazonIpReputationList";

    fn actions(of: &[(&str, &str)]) -> BTreeMap<String, String> {
        of.iter().map(|(rule, action)| ((*rule).to_owned(), (*action).to_owned())).collect()
    }

    fn by_vendor(vendor: &str, name: &str, overrides: &[(&str, &str)]) -> Statement {
        Statement::ManagedRuleGroup {
            vendor: vendor.into(),
            name: name.into(),
            version: None,
            overrides: actions(overrides),
        }
    }

    fn managed(name: &str, overrides: &[(&str, &str)]) -> Statement {
        by_vendor("AWS", name, overrides)
    }

    fn own(arn: &str, overrides: &[(&str, &str)]) -> Statement {
        Statement::RuleGroup { arn: arn.into(), overrides: actions(overrides) }
    }

    fn rule(action: Option<&str>, statement: Statement) -> Rule {
        Rule { name: "r".into(), action: action.map(str::to_owned), group_counts: false, statement }
    }

    fn counting(statement: Statement) -> Rule {
        Rule { group_counts: true, ..rule(None, statement) }
    }

    fn blocks(rules: Vec<Rule>) -> Blocks {
        let described = |vendor: &str, name: &str, of: &[(&str, &str)]| ManagedRuleGroup {
            vendor: vendor.into(),
            name: name.into(),
            version: None,
            actions: read(actions(of)),
        };
        let waf = Wafv2 {
            managed_rule_groups: read(vec![
                described(
                    "AWS",
                    CORE_GROUP,
                    &[("NoUserAgent_HEADER", "Block"), ("CrossSiteScripting_BODY", "Block")],
                ),
                described(
                    "AWS",
                    REPUTATION_GROUP,
                    &[("AWSManagedIPReputationList", "Block"), ("AWSManagedIPDDoSList", "Count")],
                ),
                ManagedRuleGroup {
                    vendor: "AWS".into(),
                    name: "Hidden".into(),
                    ..ManagedRuleGroup::default()
                },
                described("Vendor", "Web", &[("SQLi_Body", "Block"), ("XSS_Body", "Count")]),
                described("Vendor", "OWASP_Top10", &[("a", "Block")]),
                described("Vendor", "Bots", &[("BadBots", "Block")]),
            ]),
            rule_groups: read(vec![
                RuleGroup {
                    arn: "own".into(),
                    rules: read(vec![rule(Some("Block"), Statement::SqlInjection)]),
                },
                RuleGroup {
                    arn: "trial".into(),
                    rules: read(vec![rule(Some("Count"), Statement::SqlInjection)]),
                },
                RuleGroup { arn: "hidden".into(), rules: denied() },
            ]),
            ..Wafv2::default()
        };
        Blocks::of(&WebAclDetails { allows_by_default: true, rules, ..WebAclDetails::default() }, &waf)
    }

    #[test]
    fn managed_groups_block_but_for_what_is_counted() {
        let all = blocks(vec![rule(None, managed(CORE_GROUP, &[]))]);
        assert!(all.anything && all.cross_site_scripting && !all.sql_injection);
        let scripting = ("CrossSiteScripting_BODY", "Count");
        let less = blocks(vec![rule(None, managed(CORE_GROUP, &[scripting]))]);
        assert!(less.anything && !less.cross_site_scripting);
        let none = [scripting, ("NoUserAgent_HEADER", "Allow")];
        assert!(!blocks(vec![rule(None, managed(CORE_GROUP, &none))]).anything);
        let other = [("CrossSiteScripting_BODY", "Captcha")];
        assert!(blocks(vec![rule(None, managed(CORE_GROUP, &other))]).cross_site_scripting);
        assert!(!blocks(vec![counting(managed(CORE_GROUP, &[]))]).anything);
        assert!(blocks(vec![rule(None, managed(SQL_INJECTION_GROUP, &[]))]).sql_injection);
    }

    #[test]
    fn rules_of_managed_groups_that_count_by_themselves_block_nothing() {
        let counted = ("AWSManagedIPReputationList", "Count");
        assert!(!blocks(vec![rule(None, managed(REPUTATION_GROUP, &[counted]))]).anything);
        let stricter = [counted, ("AWSManagedIPDDoSList", "Block")];
        assert!(blocks(vec![rule(None, managed(REPUTATION_GROUP, &stricter))]).anything);
    }

    #[test]
    fn managed_groups_that_were_not_read_are_told() {
        for name in ["Hidden", "Unlisted"] {
            let found = blocks(vec![rule(None, managed(name, &[("a", "Count")]))]);
            assert!(found.unread.is_some() && !found.anything, "{name}");
        }
    }

    #[test]
    fn vendors_groups_block_what_their_names_tell() {
        let web = blocks(vec![rule(None, by_vendor("Vendor", "Web", &[]))]);
        assert!(web.sql_injection && !web.cross_site_scripting && web.unclear.is_none());
        let both = blocks(vec![rule(None, by_vendor("Vendor", "OWASP_Top10", &[]))]);
        assert!(both.sql_injection && both.cross_site_scripting);
        let bots = blocks(vec![rule(None, by_vendor("Vendor", "Bots", &[]))]);
        assert!(bots.anything && !bots.sql_injection && bots.unclear.is_some());
        let counted = blocks(vec![rule(None, by_vendor("Vendor", "Bots", &[("BadBots", "Count")]))]);
        assert!(!counted.anything && counted.unclear.is_none());
    }

    #[test]
    fn labels_of_a_group_that_counts_are_blocked_after_it() {
        let label = |label: &str| {
            let not = Statement::Other("NotStatement".into());
            rule(Some("Block"), Statement::And(vec![Statement::Label(label.into()), not]))
        };
        let sql = || label("awswaf:managed:aws:sql-database:");
        assert!(blocks(vec![counting(managed(SQL_INJECTION_GROUP, &[])), sql()]).sql_injection);
        assert!(!blocks(vec![sql(), counting(managed(SQL_INJECTION_GROUP, &[]))]).sql_injection);
        let core = |of: &str| {
            let label = label(&format!("awswaf:managed:aws:core-rule-set:{of}"));
            blocks(vec![counting(managed(CORE_GROUP, &[])), label]).cross_site_scripting
        };
        assert!(core("") && core("CrossSiteScripting_Body") && !core("NoUserAgent_Header"));
    }

    #[test]
    fn own_rules_block_what_their_statements_find() {
        let both = Statement::Or(vec![Statement::SqlInjection, Statement::CrossSiteScripting]);
        let found = blocks(vec![rule(Some("Block"), both.clone())]);
        assert!(found.sql_injection && found.cross_site_scripting && !found.rate);
        assert!(!blocks(vec![rule(Some("Count"), both)]).anything);
        assert!(blocks(vec![rule(Some("Challenge"), Statement::RateBased)]).rate);
    }

    #[test]
    fn own_groups_are_read_through() {
        assert!(blocks(vec![rule(None, own("own", &[]))]).sql_injection);
        assert!(!blocks(vec![rule(None, own("own", &[("r", "Count")]))]).sql_injection);
        assert!(!blocks(vec![rule(None, own("trial", &[]))]).anything);
        assert!(blocks(vec![rule(None, own("trial", &[("r", "Block")]))]).sql_injection);
        assert!(blocks(vec![rule(None, own("hidden", &[]))]).unread.is_some());
    }

    #[test]
    fn nothing_is_tried_after_everything_was_allowed() {
        let all = rule(Some("Allow"), Statement::Everything);
        let sqli = rule(Some("Block"), Statement::SqlInjection);
        let found = blocks(vec![all.clone(), sqli.clone()]);
        assert_eq!((found.anything, found.all_allowed_by.as_deref()), (false, Some("r")));
        assert!(blocks(vec![sqli, all]).sql_injection);
        let some = rule(Some("Allow"), Statement::Other("ByteMatchStatement".into()));
        assert_eq!(blocks(vec![some]).all_allowed_by, None);
    }

    #[test]
    fn one_type_that_was_not_read_does_not_spoil_the_others() {
        let with = |types: [(&str, Collected<Vec<String>>); 2]| {
            let mut account = empty();
            let types = types.map(|(kind, resources)| (kind.to_owned(), resources)).into();
            let acl = WebAcl { protects: read(types), ..WebAcl::default() };
            region(&mut account).wafv2.web_acls = read(vec![acl.clone()]);
            let protects = protects(&account.regions["eu-west-1"], "APPLICATION_LOAD_BALANCER", "arn:lb");
            (protects.ok(), is_in_use(&account, &acl).ok())
        };
        let balancers = |arns: &[&str]| {
            ("APPLICATION_LOAD_BALANCER", read(arns.iter().map(|arn| (*arn).to_owned()).collect()))
        };
        assert_eq!(
            with([balancers(&["arn:lb"]), ("APP_RUNNER_SERVICE", denied())]),
            (Some(true), Some(true))
        );
        assert_eq!(
            with([balancers(&["arn:2"]), ("APP_RUNNER_SERVICE", denied())]),
            (Some(false), Some(true))
        );
        assert_eq!(with([balancers(&[]), ("APP_RUNNER_SERVICE", denied())]), (Some(false), None));
        assert_eq!(with([balancers(&[]), ("APP_RUNNER_SERVICE", read(vec![]))]), (Some(false), Some(false)));
        let denied = ("APPLICATION_LOAD_BALANCER", denied());
        assert_eq!(with([denied, ("COGNITO_USER_POOL", read(vec!["arn:pool".into()]))]), (None, Some(true)));
    }
}
