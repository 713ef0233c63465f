//! AWS WAF, of a region or for CloudFront.

use std::collections::{BTreeMap, BTreeSet};

use aws_audit_checks::{
    gap::Collected,
    snapshot::{
        Judged as _, Place,
        cloudfront::Distribution,
        cognito::UserPool,
        elb::LoadBalancer,
        wafv2::{
            ManagedRuleGroup, Rule, RuleGroup, Statement, Wafv2, WebAcl, WebAclDetails, agentcore_op,
            appsync_op, ec2_op, op,
        },
        workloads::Workload,
    },
    source::Source,
};
use aws_sdk_wafv2::{
    Client,
    types::{
        self, ComparisonOperator, ExcludedRule, FieldToMatch, PositionalConstraint, ResourceType, RuleAction,
        RuleActionOverride, Scope,
    },
};
use tokio::sync::OnceCell;

use crate::collect::{
    api::{AGENTCORE, APPSYNC, EC2, Node, Request, Token},
    ask::{Ask, each_of, is_empty, sorted, unless},
    call::CallError,
    items::{Lacks, Read, text},
    meaning::Meaning,
};

/// Most items that one page holds.
const PAGE: i32 = 100;
/// Of the services that are asked what they have.
const NEXT: Token = Token::named("nextToken");

/// Web ACLs of the region, or for CloudFront, which WAF keeps in us-east-1.
pub(in crate::collect) async fn collect(ask: &Ask, scope: Scope) -> Wafv2 {
    let client = &ask.aws.wafv2();
    let web_acls = ask.list(Source::Wafv2WebAcls, web_acls(ask, client, &scope)).await;
    let logging_of_all = ask.list(Source::Wafv2Logging, logging(ask, client, &scope));
    let (logging, rule_groups, managed_rule_groups, ip_sets) = tokio::join!(
        unless(is_empty(&web_acls), logging_of_all),
        ask.after(Source::Wafv2RuleGroups, &web_acls, |acls| rule_groups(ask, client, acls)),
        ask.after(Source::Wafv2ManagedRuleGroups, &web_acls, |acls| managed_rule_groups(
            ask, client, &scope, acls
        )),
        ask.after(Source::Wafv2IpSets, &web_acls, |acls| ip_sets(ask, client, &scope, acls)),
    );
    Wafv2 { web_acls, rule_groups, managed_rule_groups, ip_sets, logging }
}

/// Where there are no web ACLs for CloudFront.
pub(in crate::collect) fn not_offered() -> Wafv2 {
    Wafv2 {
        web_acls: Collected::NotOffered,
        rule_groups: Collected::NotOffered,
        managed_rule_groups: Collected::NotOffered,
        ip_sets: Collected::NotOffered,
        logging: Collected::NotOffered,
    }
}

async fn web_acls(ask: &Ask, client: &Client, scope: &Scope) -> Result<Read<Vec<WebAcl>>, CallError> {
    let operation = op::ListWebACLs;
    let pages = ask
        .pages(
            operation,
            None,
            |marker| client.list_web_acls().scope(scope.clone()).limit(PAGE).set_next_marker(marker).send(),
            |page| page.next_marker(),
        )
        .await?;
    let listed = ask.items(operation, pages.iter().flat_map(|page| page.web_acls()), |acl| {
        let lacking = Lacks::of(acl.name().or(acl.id()).unwrap_or_default());
        let id = text(acl.id(), "Id").map_err(&lacking)?;
        let arn = text(acl.arn(), "ARN").map_err(&lacking)?;
        Ok((id, arn, text(acl.name(), "Name").map_err(&lacking)?))
    });
    let acls = listed.then(|(id, arn, name)| async move {
        let details = ask.keep(details(ask, client, scope, &id, &name).await);
        WebAcl { id, arn, name, details, protects: Collected::default() }
    });
    Ok(acls.await.sorted(|acl| acl.arn.clone()))
}

async fn details(
    ask: &Ask,
    client: &Client,
    scope: &Scope,
    id: &str,
    name: &str,
) -> Result<WebAclDetails, CallError> {
    let operation = op::GetWebACL;
    let send = || client.get_web_acl().id(id).name(name).scope(scope.clone()).send();
    let answer = ask.call(operation, Some(name), send).await?;
    let acl = answer.web_acl().ok_or_else(|| ask.unreadable(operation, Some(name), "no web ACL"))?;
    let by_priority = |rules: Vec<(i32, Rule)>| sorted(rules, |(priority, _)| *priority).into_iter();
    let firewall_manager = |groups: &[types::FirewallManagerRuleGroup]| {
        let rules = groups.iter().map(|group| {
            let of = group.firewall_manager_statement();
            let managed = of.and_then(|of| of.managed_rule_group_statement()).map(managed_rule_group);
            let own = of.and_then(|of| of.rule_group_reference_statement()).map(rule_group_reference);
            let statement = managed.or(own).unwrap_or_else(|| Statement::Other(String::new()));
            let counts = group.override_action().is_some_and(|action| action.count().is_some());
            let name = group.name().to_owned();
            (group.priority(), Rule { name, action: None, group_counts: counts, statement })
        });
        by_priority(rules.collect())
    };
    let own = by_priority(acl.rules().iter().map(|own| (own.priority(), rule(own))).collect());
    let rules = firewall_manager(acl.pre_process_firewall_manager_rule_groups())
        .chain(own)
        .chain(firewall_manager(acl.post_process_firewall_manager_rule_groups()));
    Ok(WebAclDetails {
        allows_by_default: acl.default_action().is_some_and(|action| action.allow().is_some()),
        // One that the account has made and Firewall Manager has taken over is the account's to delete.
        managed_by_firewall_manager: acl.managed_by_firewall_manager()
            && !acl.retrofitted_by_firewall_manager(),
        rules: rules.map(|(_, rule)| rule).collect(),
    })
}

fn rule(rule: &types::Rule) -> Rule {
    Rule {
        name: rule.name().to_owned(),
        action: rule.action().map(action),
        group_counts: rule.override_action().is_some_and(|action| action.count().is_some()),
        statement: rule.statement().map_or_else(|| Statement::Other(String::new()), statement),
    }
}

/// The action's name; empty for one that this program does not know.
fn action(action: &RuleAction) -> String {
    let names = [
        (action.allow().is_some(), "Allow"),
        (action.block().is_some(), "Block"),
        (action.count().is_some(), "Count"),
        (action.captcha().is_some(), "Captcha"),
        (action.challenge().is_some(), "Challenge"),
    ];
    names.into_iter().find_map(|(is, name)| is.then_some(name)).unwrap_or_default().to_owned()
}

fn statement(of: &types::Statement) -> Statement {
    if let Some(group) = of.managed_rule_group_statement() {
        return managed_rule_group(group);
    }
    if let Some(group) = of.rule_group_reference_statement() {
        return rule_group_reference(group);
    }
    if let Some(rate) = of.rate_based_statement() {
        return Statement::RateBased { scope: scope(rate.scope_down_statement()) };
    }
    if let Some(not) = of.not_statement().and_then(|not| not.statement()) {
        return Statement::Not(Box::new(statement(not)));
    }
    if let Some(all) = of.and_statement() {
        return Statement::And(all.statements().iter().map(statement).collect());
    }
    if let Some(any) = of.or_statement() {
        return Statement::Or(any.statements().iter().map(statement).collect());
    }
    if let Some(set) = of.ip_set_reference_statement() {
        return Statement::Addresses(set.arn().to_owned());
    }
    // Texts that are looked for, in a header or in a webhook's path, may be secrets: they are not kept.
    if let Some(text) = of.byte_match_statement() {
        let path = text.field_to_match().is_some_and(|field| field.uri_path().is_some());
        let anywhere = matches!(
            text.positional_constraint(),
            PositionalConstraint::StartsWith | PositionalConstraint::Contains
        );
        if anywhere && path && text.search_string().as_ref() == b"/" {
            return Statement::Everything;
        }
        return Statement::Text(field(text.field_to_match()));
    }
    if let Some(regex) = of.regex_match_statement() {
        let path = regex.field_to_match().is_some_and(|field| field.uri_path().is_some());
        let all = ["", ".", ".*", ".+", "^.*", "^.+", "^.*$", "^.+$", "/", "^/", "^/.*", "^/.*$"];
        if path && all.contains(&regex.regex_string()) {
            return Statement::Everything;
        }
        return Statement::Text(field(regex.field_to_match()));
    }
    if let Some(set) = of.regex_pattern_set_reference_statement() {
        return Statement::Text(field(set.field_to_match()));
    }
    if let Some(size) = of.size_constraint_statement() {
        let long = || Statement::Text(field(size.field_to_match()));
        return match (size.comparison_operator(), size.size()) {
            (ComparisonOperator::Ge, 0) => Statement::Everything,
            (ComparisonOperator::Lt | ComparisonOperator::Le, _) => Statement::Not(Box::new(long())),
            _ => long(),
        };
    }
    if let Some(label) = of.label_match_statement() {
        return Statement::Label(label.key().to_owned());
    }
    if let Some(attack) = of.sqli_match_statement() {
        return in_field(Statement::SqlInjection, attack.field_to_match());
    }
    if let Some(attack) = of.xss_match_statement() {
        return in_field(Statement::CrossSiteScripting, attack.field_to_match());
    }
    let others = [
        (of.geo_match_statement().is_some(), "GeoMatchStatement"),
        (of.asn_match_statement().is_some(), "AsnMatchStatement"),
    ];
    let name = others.into_iter().find_map(|(is, name)| is.then_some(name));
    Statement::Other(name.unwrap_or_default().to_owned())
}

fn scope(of: Option<&types::Statement>) -> Option<Box<Statement>> {
    of.map(|of| Box::new(statement(of)))
}

/// What looks for attacks in a part of each request.
fn in_field(attack: Statement, field: Option<&FieldToMatch>) -> Statement {
    let one =
        field.is_some_and(|field| field.single_header().is_some() || field.single_query_argument().is_some());
    if one { Statement::InOneField(Box::new(attack)) } else { attack }
}

/// The part of a request, as [`Statement::Text`] names it.
fn field(of: Option<&FieldToMatch>) -> String {
    let Some(of) = of else { return String::new() };
    if let Some(header) = of.single_header() {
        return format!("header {}", header.name().to_ascii_lowercase());
    }
    let names = [
        (of.uri_path().is_some(), "UriPath"),
        (of.method().is_some(), "Method"),
        (of.query_string().is_some(), "QueryString"),
        (of.single_query_argument().is_some(), "SingleQueryArgument"),
        (of.all_query_arguments().is_some(), "AllQueryArguments"),
        (of.body().is_some(), "Body"),
        (of.json_body().is_some(), "JsonBody"),
        (of.headers().is_some(), "Headers"),
        (of.cookies().is_some(), "Cookies"),
    ];
    names.into_iter().find_map(|(is, name)| is.then_some(name)).unwrap_or_default().to_owned()
}

fn managed_rule_group(group: &types::ManagedRuleGroupStatement) -> Statement {
    Statement::ManagedRuleGroup {
        vendor: group.vendor_name().to_owned(),
        name: group.name().to_owned(),
        version: group.version().map(str::to_owned),
        overrides: overrides(group.rule_action_overrides(), group.excluded_rules()),
        scope: scope(group.scope_down_statement()),
    }
}

fn rule_group_reference(group: &types::RuleGroupReferenceStatement) -> Statement {
    Statement::RuleGroup {
        arn: group.arn().to_owned(),
        overrides: overrides(group.rule_action_overrides(), group.excluded_rules()),
    }
}

/// The actions that rules of a group have in place of their own.
fn overrides(changed: &[RuleActionOverride], excluded: &[ExcludedRule]) -> BTreeMap<String, String> {
    let changed = changed
        .iter()
        .map(|rule| (rule.name().to_owned(), rule.action_to_use().map(action).unwrap_or_default()));
    // Excluding a rule is the older way to have it only count.
    let excluded = excluded.iter().map(|rule| (rule.name().to_owned(), "Count".to_owned()));
    changed.chain(excluded).collect()
}

/// What a region has of what a regional web ACL may protect, as far as others read it.
pub(in crate::collect) struct Region<'a> {
    pub(in crate::collect) load_balancers: &'a Collected<Vec<LoadBalancer>>,
    pub(in crate::collect) user_pools: &'a Collected<Vec<UserPool>>,
    pub(in crate::collect) app_runner_services: &'a Collected<Vec<Workload>>,
}

/// What each web ACL protects of one type.
enum Protected {
    /// The resources by the web ACL's ARN.
    Known(BTreeMap<String, Vec<String>>),
    /// Each web ACL is to be asked about.
    Ask,
}

/// Fills in the resources that each regional web ACL protects, by type, each a gap by itself: a type may need a
/// permission of its own. AWS WAF answers one such question a second, so it is asked only about what the region has, by
/// resource where there are fewer of them than web ACLs, and about the types that matter only for whether the web ACL
/// protects anything one by one, until it does.
pub(in crate::collect) async fn protected(
    ask: &Ask,
    mut waf: Wafv2,
    region: Region<'_>,
    place: &Place<'_>,
) -> Wafv2 {
    let client = &ask.aws.wafv2();
    let count = waf.web_acls.known().map_or(0, Vec::len);
    if count == 0 || !ask.run.plan.contains(&Source::Wafv2Resources) {
        return waf;
    }
    let balancers = region.load_balancers.get().map(|balancers| {
        let applications = balancers.iter().filter(|balancer| balancer.kind == "application");
        applications.map(|balancer| balancer.arn.clone()).collect()
    });
    let pools = region.user_pools.get().map(|pools| pools.iter().map(|pool| pool.arn(place)).collect());
    let (balancers, pools) = tokio::join!(
        by_resource(ask, client, balancers.ok(), count),
        by_resource(ask, client, pools.ok(), count)
    );
    let always =
        &[(ResourceType::ApplicationLoadBalancer, balancers), (ResourceType::CognitioUserPool, pools)];
    let has_services = region.app_runner_services.get().map_or(true, |services| !services.is_empty());
    let others = &OnceCell::new();
    let acls = waf.web_acls.known_mut().into_iter().flatten().map(|acl| async move {
        let mut found = BTreeMap::new();
        for (kind, protected) in always {
            let arns = match protected {
                Protected::Known(by_acl) => {
                    Collected::Value(by_acl.get(&acl.arn).cloned().unwrap_or_default())
                }
                Protected::Ask => resources(ask, client, &acl.arn, kind).await,
            };
            found.insert(kind.as_str().to_owned(), arns);
        }
        if !found.values().any(some) {
            for kind in others.get_or_init(|| others_present(ask, has_services)).await {
                found.insert(kind.as_str().to_owned(), resources(ask, client, &acl.arn, kind).await);
                if found.values().any(some) {
                    break;
                }
            }
        }
        acl.protects = Collected::Value(found);
    });
    each_of(acls).await;
    waf
}

/// What web ACLs protect of these resources, by asking about each of them, where they are fewer than the web ACLs. What
/// cannot be asked about by resource may still be told by web ACL.
async fn by_resource(ask: &Ask, client: &Client, arns: Option<Vec<String>>, acls: usize) -> Protected {
    let Some(arns) = arns.filter(|arns| arns.len() < acls) else { return Protected::Ask };
    let answers = arns.into_iter().map(|arn| async move {
        let send = || client.get_web_acl_for_resource().resource_arn(&arn).send();
        let answer = ask.call(op::GetWebACLForResource, Some(&arn), send).await?;
        let acl = answer.web_acl().map(|acl| acl.arn().to_owned());
        Ok::<_, CallError>((acl, arn))
    });
    let mut by_acl: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for answer in each_of(answers).await {
        match answer {
            Ok((Some(acl), arn)) => by_acl.entry(acl).or_default().push(arn),
            // No web ACL protects it, or it is gone.
            Ok((None, _)) => {}
            Err(error) if error.meaning == Meaning::Gone => {}
            Err(_) => return Protected::Ask,
        }
    }
    Protected::Known(by_acl)
}

/// Fills in what each web ACL for CloudFront protects besides distributions, where none of those names it.
pub(in crate::collect) async fn protected_globally(
    ask: &Ask,
    mut waf: Wafv2,
    distributions: &Collected<Vec<Distribution>>,
) -> Wafv2 {
    let client = &ask.aws.wafv2();
    let acls = waf.web_acls.known_mut().into_iter().flatten().map(|acl| async move {
        let mut named = distributions.known().into_iter().flatten().filter_map(|it| it.web_acl.as_ref());
        let is_named = named.any(|named| *named == acl.arn);
        let arn = acl.arn.as_str();
        let found = async move {
            let mut found = BTreeMap::new();
            if !is_named {
                let kind = ResourceType::Amplify;
                found.insert(kind.as_str().to_owned(), resources(ask, client, arn, &kind).await);
            }
            Ok(found)
        };
        acl.protects = ask.source(Source::Wafv2Resources, found).await;
    });
    each_of(acls).await;
    waf
}

fn some(resources: &Collected<Vec<String>>) -> bool {
    resources.get().is_ok_and(|arns| !arns.is_empty())
}

/// The other types that a regional web ACL may protect of which the region has some, or of which that could not be
/// read; API Gateway's stages name their web ACL themselves.
async fn others_present(ask: &Ask, has_services: bool) -> Vec<ResourceType> {
    let none = |error: CallError| error.meaning == Meaning::NotOffered;
    let any = |list: Result<Vec<Node>, CallError>| {
        list.map_or_else(|error| !none(error), |items| !items.is_empty())
    };
    let apis = Request::get("/v1/apis").with("maxResults", 25);
    let gateways = Request::get("/gateways/").with("maxResults", 100);
    let instances = Request::new().with("MaxResults", 5);
    let (apis, instances, gateways) = tokio::join!(
        APPSYNC.list(ask, appsync_op::ListGraphqlApis, None, apis, ("graphqlApis", NEXT)),
        EC2.one(ask, ec2_op::DescribeVerifiedAccessInstances, None, instances),
        AGENTCORE.list(ask, agentcore_op::ListGateways, None, gateways, ("items", NEXT)),
    );
    let has_instances = instances.map_or_else(
        |error| !none(error),
        // What cannot be read is something.
        |answer| !answer.list("verifiedAccessInstanceSet").is_ok_and(|instances| instances.is_empty()),
    );
    let present = [
        (ResourceType::Appsync, any(apis)),
        (ResourceType::AppRunnerService, has_services),
        (ResourceType::VerifiedAccessInstance, has_instances),
        (ResourceType::AgentcoreGateway, any(gateways)),
    ];
    present.into_iter().filter_map(|(kind, present)| present.then_some(kind)).collect()
}

async fn resources(ask: &Ask, client: &Client, acl: &str, kind: &ResourceType) -> Collected<Vec<String>> {
    let send = || client.list_resources_for_web_acl().web_acl_arn(acl).resource_type(kind.clone()).send();
    let answer = ask.call(op::ListResourcesForWebACL, Some(acl), send).await;
    ask.keep(answer.map(|answer| sorted(answer.resource_arns().iter().cloned(), Clone::clone)))
}

async fn logging(ask: &Ask, client: &Client, scope: &Scope) -> Result<Read<Vec<String>>, CallError> {
    let operation = op::ListLoggingConfigurations;
    let pages = ask
        .pages(
            operation,
            None,
            |marker| {
                let list = client.list_logging_configurations().scope(scope.clone());
                list.limit(PAGE).set_next_marker(marker).send()
            },
            |page| page.next_marker(),
        )
        .await?;
    let configurations = pages.iter().flat_map(|page| page.logging_configurations());
    let arns = ask
        .items(operation, configurations, |configuration| text(configuration.resource_arn(), "ResourceArn"));
    Ok(arns.sorted(Clone::clone))
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
            let operation = op::GetRuleGroup;
            let answer = ask.call(operation, Some(arn), || client.get_rule_group().arn(arn).send()).await?;
            let group =
                answer.rule_group().ok_or_else(|| ask.unreadable(operation, Some(arn), "no rule group"))?;
            let rules = sorted(group.rules().iter(), |rule| rule.priority());
            Ok(rules.into_iter().map(rule).collect())
        };
        RuleGroup { arn: arn.clone(), rules: ask.keep(rules.await) }
    });
    Ok(each_of(groups).await)
}

/// The ranges of the IP sets that rules of web ACLs allow: AWS WAF takes no range of all addresses, and two halves
/// of them are as good.
async fn ip_sets(
    ask: &Ask,
    client: &Client,
    scope: &Scope,
    acls: &[WebAcl],
) -> Result<BTreeMap<String, Collected<Vec<String>>>, CallError> {
    fn named<'a>(statement: &'a Statement, arns: &mut BTreeSet<&'a str>) {
        match statement {
            Statement::Addresses(arn) => {
                arns.insert(arn);
            }
            Statement::And(parts) | Statement::Or(parts) => parts.iter().for_each(|part| named(part, arns)),
            Statement::Not(part) => named(part, arns),
            _ => {}
        }
    }
    let mut arns = BTreeSet::new();
    for rule in rules(acls).filter(|rule| rule.action.as_deref() == Some("Allow")) {
        named(&rule.statement, &mut arns);
    }
    let sets = arns.into_iter().map(|arn| async move {
        let operation = op::GetIPSet;
        let addresses = async {
            // arn:aws:wafv2:REGION:ACCOUNT:SCOPE/ipset/NAME/ID
            let mut parts = arn.split('/').skip(2);
            let (Some(name), Some(id)) = (parts.next(), parts.next()) else {
                return Err(ask.unreadable(operation, Some(arn), "no ARN of an IP set"));
            };
            let send = || client.get_ip_set().name(name).id(id).scope(scope.clone()).send();
            let answer = ask.call(operation, Some(arn), send).await?;
            let set = answer.ip_set().ok_or_else(|| ask.unreadable(operation, Some(arn), "no IP set"))?;
            Ok(sorted(set.addresses().to_vec(), Clone::clone))
        };
        (arn.to_owned(), ask.keep(addresses.await))
    });
    Ok(each_of(sets).await.into_iter().collect())
}

/// The managed groups that cannot be judged by their name: those by vendors, and those of whose rules some
/// were changed, so that it matters which others there are.
async fn managed_rule_groups(
    ask: &Ask,
    client: &Client,
    scope: &Scope,
    acls: &[WebAcl],
) -> Result<Vec<ManagedRuleGroup>, CallError> {
    let names: BTreeSet<_> = rules(acls)
        .filter_map(|rule| match &rule.statement {
            Statement::ManagedRuleGroup { vendor, name, version, overrides, .. }
                if vendor != "AWS" || !overrides.is_empty() =>
            {
                Some((vendor, name, version))
            }
            _ => None,
        })
        .collect();
    let groups = names.into_iter().map(|(vendor, name, version)| async move {
        let send = || {
            let describe = client.describe_managed_rule_group().vendor_name(vendor).name(name);
            describe.set_version_name(version.clone()).scope(scope.clone()).send()
        };
        let operation = op::DescribeManagedRuleGroup;
        let answer = ask.call(operation, Some(name), send).await;
        let actions = answer.and_then(|answer| {
            let actions = ask.all_items(operation, Some(name), answer.rules(), |rule| {
                Ok((text(rule.name(), "Name")?, rule.action().map(action).unwrap_or_default()))
            });
            Ok(actions?.into_iter().collect())
        });
        let actions = ask.keep(actions);
        ManagedRuleGroup { vendor: vendor.clone(), name: name.clone(), version: version.clone(), actions }
    });
    Ok(each_of(groups).await)
}
