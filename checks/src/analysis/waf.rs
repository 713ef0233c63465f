//! What a web ACL really blocks: rules in the order that they are tried, groups with the overrides of their
//! rules' actions, and nothing after a rule that allows everything. From "How AWS WAF handles rule and rule
//! group actions" and "AWS Managed Rules rule groups list" of the AWS WAF Developer Guide.

use std::collections::BTreeMap;

use ipnet::IpNet;

use crate::{
    gap::{self, Gap, NotJudged},
    snapshot::{
        Region, Snapshot,
        wafv2::{Rule, Statement, Wafv2, WebAcl, WebAclDetails, op},
    },
    source::Operation,
};

/// AWS's group against SQL injection.
const SQL_INJECTION_GROUP: &str = "AWSManagedRulesSQLiRuleSet";
/// AWS's core rule set, some rules of which are against cross-site scripting.
const CORE_GROUP: &str = "AWSManagedRulesCommonRuleSet";

/// How many of all requests are meant, as far as a statement tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Share {
    /// None.
    #[default]
    Nothing,
    /// Some that are named: addresses, a path, a secret header.
    Few,
    /// A kind of requests that is as common as the others: a country, a method.
    Part,
    /// All but some that are named.
    Most,
    /// All.
    All,
}

impl Share {
    /// Whether no more is left out than somebody has named.
    #[must_use]
    pub const fn is_most(self) -> bool {
        matches!(self, Self::Most | Self::All)
    }

    const fn others(self) -> Self {
        match self {
            Self::Nothing => Self::All,
            Self::Few => Self::Most,
            Self::Part => Self::Part,
            Self::Most => Self::Few,
            Self::All => Self::Nothing,
        }
    }
}

/// A kind of requests that rules are asked about.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    SqlInjection,
    CrossSiteScripting,
    Any,
}

/// What the rules of a web ACL block.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Blocks {
    /// Some request.
    pub anything: bool,
    /// The share of requests in which SQL injection is found.
    pub sql_injection: Share,
    /// The share of requests in which cross-site scripting is found.
    pub cross_site_scripting: Share,
    /// The share of requests whose rate is limited.
    pub rate: Share,
    /// The rule that allows everything, so that nothing after it is tried.
    pub all_allowed_by: Option<String>,
    /// The rule that allows so much that the rules after it see a part only.
    pub much_allowed_by: Option<String>,
    /// What could not be read, and might block more.
    pub unread: Option<NotJudged>,
    /// Addresses that a rule allows before attacks are looked for, and that could not be read: they might be all.
    pub unread_before_attacks: Option<NotJudged>,
    /// The same before the rate is limited.
    pub unread_before_rate: Option<NotJudged>,
    /// A vendor's group that blocks, and does not tell what: it might be an attack of any kind.
    pub unclear: Option<NotJudged>,
}

/// What rules have allowed before the one that is looked at: no rule after them sees it.
#[derive(Clone, Copy, Default)]
struct Allowed {
    sql_injection: Share,
    cross_site_scripting: Share,
    any: Share,
}

impl Allowed {
    fn add(&mut self, statement: &Statement, around: Around<'_>) {
        for (allowed, kind) in [
            (&mut self.sql_injection, Kind::SqlInjection),
            (&mut self.cross_site_scripting, Kind::CrossSiteScripting),
            (&mut self.any, Kind::Any),
        ] {
            *allowed = (*allowed).max(share(statement, kind, around));
        }
    }
}

/// What a statement is read with.
#[derive(Clone, Copy)]
struct Around<'a> {
    /// The rules of the web ACL that are tried before.
    before: &'a [Rule],
    waf: &'a Wafv2,
}

impl Blocks {
    /// What the rules of the web ACL block.
    #[must_use]
    pub fn of(acl: &WebAclDetails, waf: &Wafv2) -> Self {
        let (mut blocks, mut allowed) = (Self::default(), Allowed::default());
        for (at, rule) in acl.rules.iter().enumerate() {
            let around = Around { before: &acl.rules[..at], waf };
            blocks.add(rule, rule.action.as_deref(), around, &mut allowed);
            if allowed.any == Share::All {
                blocks.all_allowed_by = Some(rule.name.clone());
                break;
            }
            if !allowed.any.others().is_most() && blocks.much_allowed_by.is_none() {
                blocks.much_allowed_by = Some(rule.name.clone());
            }
        }
        if !acl.allows_by_default {
            // What no rule allows does not come in.
            for (found, allowed) in [
                (&mut blocks.sql_injection, allowed.sql_injection),
                (&mut blocks.cross_site_scripting, allowed.cross_site_scripting),
                (&mut blocks.rate, allowed.any),
            ] {
                if allowed == Share::Nothing {
                    *found = Share::All;
                }
            }
        }
        blocks
    }

    /// Adds a rule that has the action, and is tried after others of the web ACL.
    fn add(&mut self, rule: &Rule, action: Option<&str>, around: Around<'_>, allowed: &mut Allowed) {
        let waf = around.waf;
        if rule.group_counts || action == Some("Count") {
            return;
        }
        if action == Some("Allow") {
            allowed.add(&rule.statement, around);
            if let Err(why) = addresses_known(&rule.statement, waf) {
                if !self.sql_injection.is_most() || !self.cross_site_scripting.is_most() {
                    self.unread_before_attacks = Some(why.clone());
                }
                if !self.rate.is_most() {
                    self.unread_before_rate = Some(why);
                }
            }
            return;
        }
        match &rule.statement {
            Statement::ManagedRuleGroup { vendor, name, version, overrides, scope } => {
                let acting = acting(waf, vendor, name, version.as_ref(), overrides);
                let scope = scope.as_deref().unwrap_or(&Statement::Everything);
                let seen = Seen::of(scope, around, *allowed);
                match (acting, vendor.as_str()) {
                    (Err(why), _) => self.unread = Some(why),
                    (Ok(acting), "AWS") => self.add_managed_by_aws(name, acting.as_deref(), seen),
                    (Ok(acting), _) => self.add_managed_by_vendor(name, &acting.unwrap_or_default(), seen),
                }
            }
            Statement::RuleGroup { arn, overrides } => {
                let groups = waf.rule_groups.get();
                let rules = groups.and_then(|groups| {
                    groups
                        .iter()
                        .find(|group| group.arn == *arn)
                        .ok_or_else(|| unread(op::GetRuleGroup, arn, "the rule group was not told"))?
                        .rules
                        .get()
                });
                match rules {
                    Ok(rules) => {
                        for rule in rules {
                            let action = overrides.get(&rule.name).or(rule.action.as_ref());
                            self.add(rule, action.map(String::as_str), around, allowed);
                        }
                    }
                    Err(why) => self.unread = Some(why),
                }
            }
            Statement::RateBased { scope } => {
                self.anything = true;
                let scope = scope.as_deref().unwrap_or(&Statement::Everything);
                self.rate = self.rate.max(Seen::of(scope, around, *allowed).any);
            }
            statement => {
                self.anything = true;
                let seen = Seen::of(statement, around, *allowed);
                // What blocks without looking for attacks keeps them out only if it keeps out all.
                if looks_for(statement, Kind::SqlInjection, around) || seen.any == Share::All {
                    self.sql_injection = self.sql_injection.max(seen.sql_injection);
                }
                if looks_for(statement, Kind::CrossSiteScripting, around) || seen.any == Share::All {
                    self.cross_site_scripting = self.cross_site_scripting.max(seen.cross_site_scripting);
                }
                if seen.any == Share::All {
                    self.rate = Share::All;
                }
            }
        }
    }

    /// Adds a group of AWS with the rules that still act; all of them when none are told.
    fn add_managed_by_aws(&mut self, name: &str, acting: Option<&[&str]>, seen: Seen) {
        let acts =
            |wanted: &dyn Fn(&str) -> bool| acting.is_none_or(|rules| rules.iter().any(|rule| wanted(rule)));
        self.anything |= acts(&|_| true);
        // Attacks come in arguments and bodies; cookies and paths are a part.
        let found = |start: &str, share: Share| {
            let is_main = |rule: &str| {
                let rule = rule.to_ascii_uppercase();
                rule.ends_with("_QUERYARGUMENTS") || rule.ends_with("_BODY")
            };
            match (
                acts(&|rule| rule.starts_with(start) && is_main(rule)),
                acts(&|rule| rule.starts_with(start)),
            ) {
                (true, _) => share,
                (false, true) => share.min(Share::Few),
                (false, false) => Share::Nothing,
            }
        };
        match name {
            SQL_INJECTION_GROUP => {
                self.sql_injection = self.sql_injection.max(found("SQLi", seen.sql_injection));
            }
            CORE_GROUP => {
                let found = found("CrossSiteScripting", seen.cross_site_scripting);
                self.cross_site_scripting = self.cross_site_scripting.max(found);
            }
            _ => {}
        }
    }

    /// Adds a group of a vendor with the rules that act. What they look for is known by their names only.
    fn add_managed_by_vendor(&mut self, group: &str, acting: &[&str], seen: Seen) {
        if acting.is_empty() {
            return;
        }
        self.anything = true;
        let names: Vec<_> = acting.iter().chain([&group]).map(|name| name.to_ascii_lowercase()).collect();
        let told = |words: &[&str]| names.iter().any(|name| words.iter().any(|word| name.contains(word)));
        let of_all_kinds = ["owasp", "all_rule"].iter().any(|word| group.to_ascii_lowercase().contains(word));
        let sql_injection = of_all_kinds || told(&["sql"]);
        let scripting = of_all_kinds || told(&["xss", "crosssite", "cross_site", "cross-site"]);
        if sql_injection {
            self.sql_injection = self.sql_injection.max(seen.sql_injection);
        }
        if scripting {
            self.cross_site_scripting = self.cross_site_scripting.max(seen.cross_site_scripting);
        }
        // A group that sees a part is not what blocks the rest.
        if !sql_injection && !scripting && seen.any.is_most() {
            let why = "the names of its rules do not tell what they block";
            self.unclear = Some(unread(op::DescribeManagedRuleGroup, group, why));
        }
    }
}

/// The share of requests that a statement matches, of those that come so far.
#[derive(Clone, Copy)]
struct Seen {
    sql_injection: Share,
    cross_site_scripting: Share,
    any: Share,
}

impl Seen {
    fn of(statement: &Statement, around: Around<'_>, allowed: Allowed) -> Self {
        let of = |kind, allowed: Share| share(statement, kind, around).min(allowed.others());
        Self {
            sql_injection: of(Kind::SqlInjection, allowed.sql_injection),
            cross_site_scripting: of(Kind::CrossSiteScripting, allowed.cross_site_scripting),
            any: of(Kind::Any, allowed.any),
        }
    }
}

/// The share of requests of the kind that the statement matches.
fn share(statement: &Statement, kind: Kind, around: Around<'_>) -> Share {
    let attack = |of: Kind| if of == kind { Share::All } else { Share::Few };
    match statement {
        Statement::Everything => Share::All,
        Statement::SqlInjection => attack(Kind::SqlInjection),
        Statement::CrossSiteScripting => attack(Kind::CrossSiteScripting),
        Statement::And(parts) => {
            parts.iter().map(|part| share(part, kind, around)).min().unwrap_or(Share::All)
        }
        Statement::Or(parts) => parts.iter().map(|part| share(part, kind, around)).max().unwrap_or_default(),
        Statement::Not(part) => share(part, kind, around).others(),
        Statement::Label(label) => labelled(label, kind, around).unwrap_or(Share::Few),
        Statement::Addresses(set) => addresses(set, around.waf),
        Statement::Text(part) if is_common(part) => Share::Part,
        Statement::Other(name) if matches!(name.as_str(), "GeoMatchStatement" | "AsnMatchStatement") => {
            Share::Part
        }
        Statement::InOneField(_)
        | Statement::Text(_)
        | Statement::Other(_)
        | Statement::RateBased { .. }
        | Statement::ManagedRuleGroup { .. }
        | Statement::RuleGroup { .. } => Share::Few,
    }
}

/// Whether every client sends something there that a text may be found in.
fn is_common(part: &str) -> bool {
    const HEADERS: [&str; 9] = [
        "accept",
        "accept-encoding",
        "accept-language",
        "connection",
        "content-type",
        "host",
        "origin",
        "referer",
        "user-agent",
    ];
    part == "Method" || part.strip_prefix("header ").is_some_and(|name| HEADERS.contains(&name))
}

/// Whether the statement looks for attacks of the kind, in whatever requests.
fn looks_for(statement: &Statement, kind: Kind, around: Around<'_>) -> bool {
    match statement {
        Statement::SqlInjection => kind == Kind::SqlInjection,
        Statement::CrossSiteScripting => kind == Kind::CrossSiteScripting,
        Statement::InOneField(part) => looks_for(part, kind, around),
        Statement::Label(label) => labelled(label, kind, around).is_some(),
        Statement::And(parts) | Statement::Or(parts) => {
            parts.iter().any(|part| looks_for(part, kind, around))
        }
        _ => false,
    }
}

/// A managed group that only counts still labels the requests that it would block, for a rule after it to block
/// all of them but the false alarms: the share of requests that it looks at.
fn labelled(label: &str, kind: Kind, around: Around<'_>) -> Option<Share> {
    let wanted = match kind {
        Kind::SqlInjection if label.starts_with("awswaf:managed:aws:sql-database:") => SQL_INJECTION_GROUP,
        Kind::CrossSiteScripting => {
            let rule = label.strip_prefix("awswaf:managed:aws:core-rule-set:")?;
            (rule.is_empty() || rule.starts_with("CrossSiteScripting")).then_some(CORE_GROUP)?
        }
        _ => return None,
    };
    let Around { before, waf } = around;
    let groups = before.iter().enumerate().filter_map(|(at, rule)| match &rule.statement {
        Statement::ManagedRuleGroup { vendor, name, scope, .. } if vendor == "AWS" && name == wanted => {
            // Only what is before that group may have labelled what it is scoped down to.
            Some(
                scope
                    .as_deref()
                    .map_or(Share::All, |scope| share(scope, kind, Around { before: &before[..at], waf })),
            )
        }
        _ => None,
    });
    groups.max()
}

/// The share of requests that come from the addresses of a set: from as many as there are, where they were read.
fn addresses(set: &str, waf: &Wafv2) -> Share {
    let Ok(ranges) = waf.ip_sets.of(set) else { return Share::Few };
    let ranges: Vec<IpNet> = ranges.iter().filter_map(|range| range.parse().ok()).collect();
    let of_all =
        IpNet::aggregate(&ranges).iter().map(|range| 0.5_f64.powi(range.prefix_len().into())).sum::<f64>();
    // All but a few of one family; a sixteenth is more than anybody has.
    match of_all {
        1.0.. => Share::Most,
        0.0625.. => Share::Part,
        _ => Share::Few,
    }
}

/// Whether the addresses that the statement names were read.
fn addresses_known(statement: &Statement, waf: &Wafv2) -> Result<(), NotJudged> {
    match statement {
        Statement::Addresses(set) => match waf.ip_sets.of(set) {
            Ok(_) => Ok(()),
            Err(NotJudged::NotApplicable) => Err(unread(op::GetIPSet, set, "the IP set was not told")),
            Err(why) => Err(why),
        },
        Statement::And(parts) | Statement::Or(parts) => {
            parts.iter().try_for_each(|part| addresses_known(part, waf))
        }
        Statement::Not(part) => addresses_known(part, waf),
        _ => Ok(()),
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
        group.ok_or_else(|| unread(op::DescribeManagedRuleGroup, name, "the rule group was not told"))?;
    let rules = group.actions.get()?.iter();
    let acts = rules.filter(|(rule, own)| !lets_pass(overrides.get(*rule).unwrap_or(own)));
    Ok(Some(acts.map(|(rule, _)| rule.as_str()).collect()))
}

/// A group that a web ACL names and that could not be read with it.
fn unread(operation: &'static Operation, group: &str, why: &str) -> NotJudged {
    Gap::unreadable(operation, None, Some(group), why).into()
}

/// Whether the web ACL blocks everyone but some addresses, so that no rule need look for attacks.
#[must_use]
pub fn admits_addresses_only(acl: &WebAclDetails, waf: &Wafv2) -> bool {
    fn is_address(statement: &Statement, waf: &Wafv2) -> bool {
        match statement {
            Statement::Addresses(set) => addresses(set, waf) == Share::Few,
            Statement::And(parts) => parts.iter().any(|part| is_address(part, waf)),
            Statement::Or(parts) => parts.iter().all(|part| is_address(part, waf)),
            _ => false,
        }
    }
    fn is_all_but_addresses(statement: &Statement, waf: &Wafv2) -> bool {
        match statement {
            Statement::Not(part) => is_address(part, waf),
            Statement::And(parts) => {
                !parts.is_empty() && parts.iter().all(|part| is_all_but_addresses(part, waf))
            }
            Statement::Or(parts) => parts.iter().any(|part| is_all_but_addresses(part, waf)),
            _ => false,
        }
    }
    for rule in &acl.rules {
        match (rule.action.as_deref(), &rule.statement) {
            (Some("Block"), statement) if is_all_but_addresses(statement, waf) => return true,
            (Some("Allow"), statement) if is_address(statement, waf) => {}
            // Rules of the account's own groups may allow, too.
            (Some("Allow"), _) | (_, Statement::RuleGroup { .. }) => return false,
            _ => {}
        }
    }
    !acl.allows_by_default
}

/// Whether a regional resource of that type, as AWS WAF names it, is behind a web ACL.
///
/// # Errors
/// When no web ACL is known to protect it, and not all that might could be read.
pub fn protects(region: &Region, kind: &str, arn: &str) -> Result<bool, NotJudged> {
    gap::any(region.wafv2.web_acls.get()?.iter().map(|acl| {
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
    gap::any(by_type.chain(distribution))
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
            scope: None,
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
                    &[
                        ("NoUserAgent_HEADER", "Block"),
                        ("CrossSiteScripting_COOKIE", "Block"),
                        ("CrossSiteScripting_BODY", "Block"),
                    ],
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
            ..with_sets()
        };
        Blocks::of(&WebAclDetails { allows_by_default: true, rules, ..WebAclDetails::default() }, &waf)
    }

    #[test]
    fn managed_groups_block_but_for_what_is_counted() {
        let all = blocks(vec![rule(None, managed(CORE_GROUP, &[]))]);
        assert!(all.anything && all.cross_site_scripting.is_most() && !all.sql_injection.is_most());
        let scripting = ("CrossSiteScripting_BODY", "Count");
        let less = blocks(vec![rule(None, managed(CORE_GROUP, &[scripting]))]);
        assert!(less.anything && !less.cross_site_scripting.is_most());
        assert_eq!(less.cross_site_scripting, Share::Few, "cookies are still looked at");
        let none = [scripting, ("CrossSiteScripting_COOKIE", "Count"), ("NoUserAgent_HEADER", "Allow")];
        assert!(!blocks(vec![rule(None, managed(CORE_GROUP, &none))]).anything);
        let other = [("CrossSiteScripting_BODY", "Captcha")];
        assert!(blocks(vec![rule(None, managed(CORE_GROUP, &other))]).cross_site_scripting.is_most());
        assert!(!blocks(vec![counting(managed(CORE_GROUP, &[]))]).anything);
        assert!(blocks(vec![rule(None, managed(SQL_INJECTION_GROUP, &[]))]).sql_injection.is_most());
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
        assert!(web.sql_injection.is_most() && !web.cross_site_scripting.is_most() && web.unclear.is_none());
        let both = blocks(vec![rule(None, by_vendor("Vendor", "OWASP_Top10", &[]))]);
        assert!(both.sql_injection.is_most() && both.cross_site_scripting.is_most());
        let bots = blocks(vec![rule(None, by_vendor("Vendor", "Bots", &[]))]);
        assert!(bots.anything && !bots.sql_injection.is_most() && bots.unclear.is_some());
        let counted = blocks(vec![rule(None, by_vendor("Vendor", "Bots", &[("BadBots", "Count")]))]);
        assert!(!counted.anything && counted.unclear.is_none());
    }

    #[test]
    fn labels_of_a_group_that_counts_are_blocked_after_it() {
        let label = |label: &str| {
            let not = Statement::Not(Box::new(Statement::Text("UriPath".into())));
            rule(Some("Block"), Statement::And(vec![Statement::Label(label.into()), not]))
        };
        let sql = || label("awswaf:managed:aws:sql-database:");
        assert!(blocks(vec![counting(managed(SQL_INJECTION_GROUP, &[])), sql()]).sql_injection.is_most());
        assert!(!blocks(vec![sql(), counting(managed(SQL_INJECTION_GROUP, &[]))]).sql_injection.is_most());
        let core = |of: &str| {
            let label = label(&format!("awswaf:managed:aws:core-rule-set:{of}"));
            blocks(vec![counting(managed(CORE_GROUP, &[])), label]).cross_site_scripting.is_most()
        };
        assert!(core("") && core("CrossSiteScripting_Body") && !core("NoUserAgent_Header"));
    }

    #[test]
    fn own_rules_block_what_their_statements_find() {
        let both = Statement::Or(vec![Statement::SqlInjection, Statement::CrossSiteScripting]);
        let found = blocks(vec![rule(Some("Block"), both.clone())]);
        assert!(
            found.sql_injection.is_most() && found.cross_site_scripting.is_most() && !found.rate.is_most()
        );
        assert!(!blocks(vec![rule(Some("Count"), both)]).anything);
        assert!(blocks(vec![rule(Some("Challenge"), Statement::RateBased { scope: None })]).rate.is_most());
    }

    #[test]
    fn own_groups_are_read_through() {
        assert!(blocks(vec![rule(None, own("own", &[]))]).sql_injection.is_most());
        assert!(!blocks(vec![rule(None, own("own", &[("r", "Count")]))]).sql_injection.is_most());
        assert!(!blocks(vec![rule(None, own("trial", &[]))]).anything);
        assert!(blocks(vec![rule(None, own("trial", &[("r", "Block")]))]).sql_injection.is_most());
        assert!(blocks(vec![rule(None, own("hidden", &[]))]).unread.is_some());
    }

    fn addresses_of(set: &str) -> Statement {
        Statement::Addresses(set.into())
    }

    fn with_sets() -> Wafv2 {
        let set = |name: &str, ranges: &[&str]| {
            (name.to_owned(), read(ranges.iter().map(|range| (*range).to_owned()).collect()))
        };
        let sets = [
            set("office", &["198.51.100.0/24", "203.0.113.7/32"]),
            set("halves", &["0.0.0.0/1", "128.0.0.0/1"]),
            set("quarter", &["0.0.0.0/2"]),
            set("all_ipv6", &["::/1", "8000::/1"]),
            ("hidden".to_owned(), denied()),
        ];
        Wafv2 { ip_sets: read(sets.into()), ..Wafv2::default() }
    }

    #[test]
    fn sets_of_all_addresses() {
        let with = |set| {
            let group = rule(None, managed(SQL_INJECTION_GROUP, &[]));
            blocks(vec![rule(Some("Allow"), addresses_of(set)), group])
        };
        for (set, left) in [
            ("office", Share::Most),
            ("halves", Share::Few),
            ("quarter", Share::Part),
            ("all_ipv6", Share::Few),
        ] {
            let found = with(set);
            assert_eq!((found.sql_injection, found.unread_before_attacks), (left, None), "{set}");
        }
        for set in ["hidden", "other"] {
            assert!(with(set).unread_before_rate.is_some(), "{set}");
        }
        let admits = |set| {
            let rules = vec![rule(Some("Allow"), addresses_of(set))];
            admits_addresses_only(&WebAclDetails { rules, ..WebAclDetails::default() }, &with_sets())
        };
        assert!(admits("office") && !admits("halves"));
    }

    fn text(part: &str) -> Statement {
        Statement::Text(part.into())
    }

    fn other(name: &str) -> Statement {
        Statement::Other(name.into())
    }

    fn not(statement: Statement) -> Statement {
        Statement::Not(Box::new(statement))
    }

    #[test]
    fn what_rules_are_scoped_down_to() {
        let addresses = || addresses_of("office");
        for (scope, expected) in [
            (Statement::Everything, Share::All),
            (text("UriPath"), Share::Few),
            (addresses(), Share::Few),
            (text("Method"), Share::Part),
            (text("header user-agent"), Share::Part),
            (text("header x-origin-secret"), Share::Few),
            (other("GeoMatchStatement"), Share::Part),
            (not(other("GeoMatchStatement")), Share::Part),
            (not(text("UriPath")), Share::Most),
            (not(addresses()), Share::Most),
            (Statement::And(vec![not(addresses()), not(text("UriPath"))]), Share::Most),
            (Statement::And(vec![not(addresses()), text("UriPath")]), Share::Few),
            (Statement::Or(vec![text("UriPath"), text("UriPath")]), Share::Few),
            (Statement::Or(vec![text("UriPath"), not(addresses())]), Share::Most),
            (not(not(text("UriPath"))), Share::Few),
            (not(Statement::Everything), Share::Nothing),
        ] {
            let scope = Some(Box::new(scope));
            let group = Statement::ManagedRuleGroup {
                vendor: "AWS".into(),
                name: SQL_INJECTION_GROUP.into(),
                version: None,
                overrides: [].into(),
                scope: scope.clone(),
            };
            let found = blocks(vec![rule(None, group.clone())]);
            assert_eq!(found.sql_injection, expected, "{scope:?}");
            let label = Statement::Label("awswaf:managed:aws:sql-database:".into());
            let found = blocks(vec![counting(group), rule(Some("Block"), label)]);
            assert_eq!(found.sql_injection, expected, "{scope:?}");
            let rate = blocks(vec![rule(Some("Block"), Statement::RateBased { scope: scope.clone() })]);
            assert_eq!(rate.rate, expected, "{scope:?}");
        }
    }

    #[test]
    fn own_rules_that_look_for_attacks_in_some_requests() {
        let with = |statement| blocks(vec![rule(Some("Block"), statement)]).sql_injection;
        let and = |statement| Statement::And(vec![Statement::SqlInjection, statement]);
        assert_eq!(with(and(addresses_of("office"))), Share::Few);
        assert_eq!(with(and(not(addresses_of("office")))), Share::Most);
        assert_eq!(with(and(Statement::CrossSiteScripting)), Share::Few);
        assert_eq!(with(Statement::Or(vec![Statement::SqlInjection, text("UriPath")])), Share::All);
        assert_eq!(with(Statement::InOneField(Box::new(Statement::SqlInjection))), Share::Few);
        assert_eq!(with(not(Statement::SqlInjection)), Share::Nothing);
        // It blocks much, and looks for nothing.
        assert_eq!(with(not(text("UriPath"))), Share::Nothing);
        assert_eq!(with(Statement::Everything), Share::All);
    }

    #[test]
    fn what_is_allowed_before_is_not_inspected() {
        let with = |allowed| {
            blocks(vec![
                rule(Some("Allow"), allowed),
                rule(None, managed(SQL_INJECTION_GROUP, &[])),
                rule(Some("Block"), Statement::RateBased { scope: None }),
            ])
        };
        for (allowed, left) in [
            (addresses_of("office"), Share::Most),
            (text("UriPath"), Share::Most),
            (text("header x-origin-secret"), Share::Most),
            (text("Method"), Share::Part),
            (text("header user-agent"), Share::Part),
            (other("GeoMatchStatement"), Share::Part),
            (not(addresses_of("office")), Share::Few),
            (Statement::Or(vec![not(text("UriPath")), addresses_of("office")]), Share::Few),
            (Statement::Everything, Share::Nothing),
        ] {
            let found = with(allowed.clone());
            assert_eq!((found.sql_injection, found.rate), (left, left), "{allowed:?}");
            let told = found.much_allowed_by.is_some() || found.all_allowed_by.is_some();
            assert_eq!(told, !left.is_most(), "{allowed:?}");
        }
        // Only clean requests are allowed.
        let clean = with(not(Statement::SqlInjection));
        assert_eq!((clean.sql_injection, clean.rate), (Share::All, Share::Few));
        // Rules of own groups allow, too.
        let allowing = |overrides: &[(&str, &str)]| {
            blocks(vec![rule(None, own("own", overrides)), rule(None, managed(SQL_INJECTION_GROUP, &[]))])
        };
        assert_eq!(allowing(&[("r", "Allow")]).sql_injection, Share::Nothing);
    }

    #[test]
    fn what_no_rule_allows_is_blocked_by_default() {
        let closed = |rules| {
            let acl = WebAclDetails { allows_by_default: false, rules, ..WebAclDetails::default() };
            Blocks::of(&acl, &with_sets())
        };
        let clean = vec![not(Statement::SqlInjection), not(Statement::CrossSiteScripting)];
        let found = closed(vec![rule(Some("Allow"), Statement::And(clean))]);
        assert_eq!((found.sql_injection, found.cross_site_scripting), (Share::All, Share::All));
        assert!(!found.rate.is_most());
        let found = closed(vec![rule(Some("Allow"), not(Statement::SqlInjection))]);
        assert_eq!((found.sql_injection, found.cross_site_scripting), (Share::All, Share::Nothing));
    }

    #[test]
    fn web_acls_for_some_addresses() {
        let addresses = || addresses_of("office");
        let admits = |allows_by_default, rules| {
            let acl = WebAclDetails { allows_by_default, rules, ..WebAclDetails::default() };
            admits_addresses_only(&acl, &with_sets())
        };
        assert!(admits(false, vec![rule(Some("Allow"), addresses())]));
        assert!(!admits(false, vec![rule(Some("Allow"), not(addresses()))]));
        assert!(admits(true, vec![rule(Some("Block"), not(addresses()))]));
        assert!(!admits(true, vec![rule(Some("Count"), not(addresses()))]));
        assert!(!admits(true, vec![rule(Some("Block"), addresses())]));
        let path = rule(Some("Allow"), text("UriPath"));
        assert!(!admits(true, vec![path.clone(), rule(Some("Block"), not(addresses()))]));
        assert!(admits(true, vec![rule(Some("Block"), not(addresses())), path]));
        assert!(!admits(true, vec![rule(None, own("own", &[])), rule(Some("Block"), not(addresses()))]));
    }

    #[test]
    fn nothing_is_tried_after_everything_was_allowed() {
        let all = rule(Some("Allow"), Statement::Everything);
        let sqli = rule(Some("Block"), Statement::SqlInjection);
        let found = blocks(vec![all.clone(), sqli.clone()]);
        assert_eq!((found.anything, found.all_allowed_by.as_deref()), (false, Some("r")));
        assert!(blocks(vec![sqli, all]).sql_injection.is_most());
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
