//! What a web ACL really blocks: rules in the order that they are tried, groups with the overrides of their
//! rules' actions, and nothing after a rule that allows everything. From "How AWS WAF handles rule and rule
//! group actions" and "AWS Managed Rules rule groups list" of the AWS WAF Developer Guide.

use std::collections::BTreeMap;

use ipnet::IpNet;

use crate::{
    gap::{self, Gap, Gaps, NotJudged},
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
    pub unread: Gaps,
    /// Addresses that a rule allows before attacks are looked for, and that could not be read: they might be all.
    pub unread_before_attacks: Gaps,
    /// The same before the rate is limited.
    pub unread_before_rate: Gaps,
    /// A vendor's group that blocks, and does not tell what: it might be an attack of any kind.
    pub unclear: Gaps,
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
            let unread = unread_addresses(&rule.statement, waf);
            if !self.sql_injection.is_most() || !self.cross_site_scripting.is_most() {
                self.unread_before_attacks.extend(unread.iter().cloned());
            }
            if !self.rate.is_most() {
                self.unread_before_rate.extend(unread.into_vec());
            }
            return;
        }
        match &rule.statement {
            Statement::ManagedRuleGroup { vendor, name, version, overrides, scope } => {
                let acting = acting(waf, vendor, name, version.as_ref(), overrides);
                let scope = scope.as_deref().unwrap_or(&Statement::Everything);
                let seen = Seen::of(scope, around, *allowed);
                match (self.unread.known(acting), vendor.as_str()) {
                    (None, _) => {}
                    (Some(acting), "AWS") => self.add_managed_by_aws(name, acting.as_deref(), seen),
                    (Some(acting), _) => self.add_managed_by_vendor(name, &acting.unwrap_or_default(), seen),
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
                for rule in self.unread.known(rules).into_iter().flatten() {
                    let action = overrides.get(&rule.name).or(rule.action.as_ref());
                    self.add(rule, action.map(String::as_str), around, allowed);
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
            self.unclear.extend([unread(op::DescribeManagedRuleGroup, group, why)]);
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

/// The addresses that the statement names and that could not be read.
fn unread_addresses(statement: &Statement, waf: &Wafv2) -> Gaps {
    let mut gaps = Gaps::default();
    match statement {
        Statement::Addresses(set) => match waf.ip_sets.of(set) {
            // It is named here, so that it is there, though nobody told it.
            Err(NotJudged::NotApplicable) => {
                gaps.extend([unread(op::GetIPSet, set, "the IP set was not told")]);
            }
            ranges => {
                gaps.known(ranges);
            }
        },
        Statement::And(parts) | Statement::Or(parts) => {
            gaps.extend(parts.iter().flat_map(|part| unread_addresses(part, waf).into_vec()));
        }
        Statement::Not(part) => return unread_addresses(part, waf),
        _ => {}
    }
    gaps
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
fn unread(operation: &'static Operation, group: &str, why: &str) -> Gap {
    Gap::unreadable(operation, None, Some(group), why)
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
    let distributions = acl.is_global().then(|| {
        let mut distributions = snapshot.cloudfront.distributions.get()?.iter();
        Ok(distributions.any(|distribution| distribution.web_acl.as_deref() == Some(acl.arn.as_str())))
    });
    // arn:aws:wafv2:REGION:…
    let region = acl.arn.split(':').nth(3).and_then(|region| snapshot.regions.get(region));
    let stages = region.filter(|_| !acl.is_global()).map(|region| {
        gap::any(region.apigateway.rest_apis.get()?.iter().map(|api| {
            let mut stages = api.stages.get()?.iter();
            Ok(stages.any(|stage| stage.web_acl.as_deref() == Some(acl.arn.as_str())))
        }))
    });
    gap::any(by_type.chain(distributions).chain(stages))
}

#[cfg(test)]
mod tests;
