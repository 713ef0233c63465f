//! AWS WAF, of a region or for CloudFront.

use std::collections::BTreeSet;

use aws_audit_checks::{
    gap::Collected,
    snapshot::wafv2::{ManagedRuleGroup, Rule, RuleGroup, Statement, Wafv2, WebAcl, WebAclDetails},
    source::Source,
};
use aws_sdk_wafv2::{
    Client,
    types::{self, PositionalConstraint, ResourceType, RuleActionOverride, Scope},
};
use futures_util::future::{join_all, try_join_all};

use super::{Ask, CallError, sorted};

/// What a regional web ACL may protect.
const RESOURCE_TYPES: [ResourceType; 6] = [
    ResourceType::ApplicationLoadBalancer,
    ResourceType::ApiGateway,
    ResourceType::Appsync,
    ResourceType::CognitioUserPool,
    ResourceType::AppRunnerService,
    ResourceType::VerifiedAccessInstance,
];

/// Most items that one page holds.
const PAGE: i32 = 100;

/// Web ACLs of the region, or for CloudFront, which WAF keeps in us-east-1.
pub(super) async fn collect(ask: &Ask, scope: Scope) -> Wafv2 {
    let client = &ask.aws.wafv2();
    let (web_acls, logging) = tokio::join!(
        ask.source(Source::Wafv2WebAcls, web_acls(ask, client, &scope)),
        ask.source(Source::Wafv2Logging, logging(ask, client, &scope)),
    );
    let (rule_groups, managed_rule_groups) = tokio::join!(
        ask.after(Source::Wafv2RuleGroups, &web_acls, |acls| rule_groups(ask, client, acls)),
        ask.after(Source::Wafv2ManagedRuleGroups, &web_acls, |acls| managed_rule_groups(
            ask, client, &scope, acls
        )),
    );
    Wafv2 { web_acls, rule_groups, managed_rule_groups, logging }
}

async fn web_acls(ask: &Ask, client: &Client, scope: &Scope) -> Result<Vec<WebAcl>, CallError> {
    let pages = ask
        .pages(
            "wafv2:ListWebACLs",
            None,
            |marker| client.list_web_acls().scope(scope.clone()).limit(PAGE).set_next_marker(marker).send(),
            |page| page.next_marker(),
        )
        .await?;
    let acls = join_all(pages.iter().flat_map(|page| page.web_acls()).filter_map(|acl| {
        let (id, arn, name) = (acl.id()?, acl.arn()?, acl.name()?);
        Some(async move {
            let (details, resources) = tokio::join!(
                details(ask, client, scope, id, name),
                ask.source(Source::Wafv2Resources, resources(ask, client, scope, arn)),
            );
            WebAcl {
                id: id.to_owned(),
                arn: arn.to_owned(),
                name: name.to_owned(),
                details: ask.keep(details),
                resources,
            }
        })
    }))
    .await;
    Ok(sorted(acls, |acl| acl.arn.clone()))
}

async fn details(
    ask: &Ask,
    client: &Client,
    scope: &Scope,
    id: &str,
    name: &str,
) -> Result<WebAclDetails, CallError> {
    let operation = "wafv2:GetWebACL";
    let send = || client.get_web_acl().id(id).name(name).scope(scope.clone()).send();
    let answer = ask.call(operation, Some(name), send).await?;
    let acl = answer.web_acl().ok_or_else(|| ask.unreadable(operation, Some(name), "no web ACL"))?;
    let by_priority = |rules: Vec<(i32, Rule)>| sorted(rules, |(priority, _)| *priority).into_iter();
    let firewall_manager = |groups: &[types::FirewallManagerRuleGroup]| {
        let rules = groups.iter().filter_map(|group| {
            let statement = group.firewall_manager_statement()?;
            let managed = statement.managed_rule_group_statement().map(managed_rule_group);
            let own = statement.rule_group_reference_statement().map(rule_group_reference);
            let counts = group.override_action().is_some_and(|action| action.count().is_some());
            let name = group.name().to_owned();
            Some((
                group.priority(),
                Rule { name, action: None, group_counts: counts, statement: managed.or(own)? },
            ))
        });
        by_priority(rules.collect())
    };
    let own = by_priority(acl.rules().iter().map(|own| (own.priority(), rule(own))).collect());
    let rules = firewall_manager(acl.pre_process_firewall_manager_rule_groups())
        .chain(own)
        .chain(firewall_manager(acl.post_process_firewall_manager_rule_groups()));
    Ok(WebAclDetails {
        allows_by_default: acl.default_action().is_some_and(|action| action.allow().is_some()),
        rules: rules.map(|(_, rule)| rule).collect(),
    })
}

fn rule(rule: &types::Rule) -> Rule {
    let action = rule.action().and_then(|action| {
        [
            (action.allow().is_some(), "Allow"),
            (action.block().is_some(), "Block"),
            (action.count().is_some(), "Count"),
            (action.captcha().is_some(), "Captcha"),
            (action.challenge().is_some(), "Challenge"),
        ]
        .into_iter()
        .find_map(|(is, name)| is.then(|| name.to_owned()))
    });
    Rule {
        name: rule.name().to_owned(),
        action,
        group_counts: rule.override_action().is_some_and(|action| action.count().is_some()),
        statement: rule.statement().map_or_else(|| Statement::Other(String::new()), statement),
    }
}

fn statement(of: &types::Statement) -> Statement {
    if let Some(group) = of.managed_rule_group_statement() {
        return managed_rule_group(group);
    }
    if let Some(group) = of.rule_group_reference_statement() {
        return rule_group_reference(group);
    }
    if let Some(rate) = of.rate_based_statement() {
        let scope_down = rate.scope_down_statement().map(|of| Box::new(statement(of)));
        return Statement::RateBased { limit: rate.limit(), scope_down };
    }
    if let Some(all) = of.and_statement() {
        return Statement::And(all.statements().iter().map(statement).collect());
    }
    if let Some(any) = of.or_statement() {
        return Statement::Or(any.statements().iter().map(statement).collect());
    }
    if let Some(inner) = of.not_statement().and_then(|not| not.statement()) {
        return Statement::Not(Box::new(statement(inner)));
    }
    if let Some(text) = of.byte_match_statement() {
        let begins = *text.positional_constraint() == PositionalConstraint::StartsWith;
        // Texts looked for elsewhere, as in a header, may be secrets.
        if begins && text.field_to_match().is_some_and(|field| field.uri_path().is_some()) {
            return Statement::PathPrefix(
                String::from_utf8_lossy(text.search_string().as_ref()).into_owned(),
            );
        }
        return Statement::Other("ByteMatchStatement".to_owned());
    }
    if of.sqli_match_statement().is_some() {
        return Statement::SqlInjection;
    }
    if of.xss_match_statement().is_some() {
        return Statement::CrossSiteScripting;
    }
    let others = [
        (of.size_constraint_statement().is_some(), "SizeConstraintStatement"),
        (of.geo_match_statement().is_some(), "GeoMatchStatement"),
        (of.ip_set_reference_statement().is_some(), "IPSetReferenceStatement"),
        (of.regex_pattern_set_reference_statement().is_some(), "RegexPatternSetReferenceStatement"),
        (of.label_match_statement().is_some(), "LabelMatchStatement"),
        (of.regex_match_statement().is_some(), "RegexMatchStatement"),
        (of.asn_match_statement().is_some(), "AsnMatchStatement"),
    ];
    let name = others.into_iter().find_map(|(is, name)| is.then_some(name));
    Statement::Other(name.unwrap_or_default().to_owned())
}

fn managed_rule_group(group: &types::ManagedRuleGroupStatement) -> Statement {
    // Excluding a rule is the older way to have it only count.
    let excluded = group.excluded_rules().iter().map(|rule| rule.name().to_owned());
    Statement::ManagedRuleGroup {
        vendor: group.vendor_name().to_owned(),
        name: group.name().to_owned(),
        counted: sorted(counted(group.rule_action_overrides()).chain(excluded), Clone::clone),
        scope_down: group.scope_down_statement().map(|of| Box::new(statement(of))),
    }
}

fn rule_group_reference(group: &types::RuleGroupReferenceStatement) -> Statement {
    let excluded = group.excluded_rules().iter().map(|rule| rule.name().to_owned());
    Statement::RuleGroup {
        arn: group.arn().to_owned(),
        counted: sorted(counted(group.rule_action_overrides()).chain(excluded), Clone::clone),
    }
}

/// The rules whose action is overridden so that they let everything pass.
fn counted(overrides: &[RuleActionOverride]) -> impl Iterator<Item = String> {
    let harmless = |item: &&RuleActionOverride| {
        item.action_to_use().is_some_and(|action| action.count().is_some() || action.allow().is_some())
    };
    overrides.iter().filter(harmless).map(|item| item.name().to_owned())
}

async fn resources(ask: &Ask, client: &Client, scope: &Scope, acl: &str) -> Result<Vec<String>, CallError> {
    if *scope == Scope::Cloudfront {
        return Ok(Vec::new());
    }
    let answers = try_join_all(RESOURCE_TYPES.map(|kind| async move {
        let send = || client.list_resources_for_web_acl().web_acl_arn(acl).resource_type(kind.clone()).send();
        ask.call("wafv2:ListResourcesForWebACL", Some(acl), send).await
    }))
    .await?;
    Ok(sorted(answers.iter().flat_map(|answer| answer.resource_arns()).cloned(), Clone::clone))
}

async fn logging(ask: &Ask, client: &Client, scope: &Scope) -> Result<Vec<String>, CallError> {
    let pages = ask
        .pages(
            "wafv2:ListLoggingConfigurations",
            None,
            |marker| {
                let list = client.list_logging_configurations().scope(scope.clone());
                list.limit(PAGE).set_next_marker(marker).send()
            },
            |page| page.next_marker(),
        )
        .await?;
    let configurations = pages.iter().flat_map(|page| page.logging_configurations());
    Ok(sorted(configurations.map(|configuration| configuration.resource_arn().to_owned()), Clone::clone))
}

/// The rules of all web ACLs, as far as they could be read.
fn rules(acls: &[WebAcl]) -> impl Iterator<Item = &Rule> {
    acls.iter().filter_map(|acl| acl.details.get().ok()).flat_map(|details| &details.rules)
}

async fn rule_groups(ask: &Ask, client: &Client, acls: &[WebAcl]) -> Result<Vec<RuleGroup>, CallError> {
    let arns: BTreeSet<_> = rules(acls)
        .filter_map(|rule| match &rule.statement {
            Statement::RuleGroup { arn, .. } => Some(arn),
            _ => None,
        })
        .collect();
    let groups = arns.into_iter().map(|arn| async move {
        let rules = async {
            let operation = "wafv2:GetRuleGroup";
            let answer = ask.call(operation, Some(arn), || client.get_rule_group().arn(arn).send()).await?;
            let group =
                answer.rule_group().ok_or_else(|| ask.unreadable(operation, Some(arn), "no rule group"))?;
            let rules = sorted(group.rules().iter(), |rule| rule.priority());
            Ok(rules.into_iter().map(rule).collect())
        };
        RuleGroup { arn: arn.clone(), rules: ask.keep(rules.await) }
    });
    Ok(join_all(groups).await)
}

/// The managed groups of whose rules some were changed: only then does it matter which others there are.
async fn managed_rule_groups(
    ask: &Ask,
    client: &Client,
    scope: &Scope,
    acls: &[WebAcl],
) -> Result<Vec<ManagedRuleGroup>, CallError> {
    let names: BTreeSet<_> = rules(acls)
        .filter_map(|rule| match &rule.statement {
            Statement::ManagedRuleGroup { vendor, name, counted, .. } if !counted.is_empty() => {
                Some((vendor, name))
            }
            _ => None,
        })
        .collect();
    let groups = names.into_iter().map(|(vendor, name)| async move {
        let send = || {
            let describe = client.describe_managed_rule_group().vendor_name(vendor).name(name);
            describe.scope(scope.clone()).send()
        };
        let answer = ask.call("wafv2:DescribeManagedRuleGroup", Some(name), send).await;
        let names = |rules: &[types::RuleSummary]| {
            rules.iter().filter_map(|rule| rule.name().map(str::to_owned)).collect()
        };
        let rules: Collected<Vec<String>> = ask.keep(answer.map(|answer| names(answer.rules())));
        ManagedRuleGroup { vendor: vendor.clone(), name: name.clone(), rules }
    });
    Ok(join_all(groups).await)
}
