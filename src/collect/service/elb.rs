//! Elastic Load Balancing, both generations.

use std::collections::BTreeMap;

use aws_audit_checks::{
    gap::Collected,
    snapshot::elb::{
        ClassicListener, ClassicLoadBalancer, Elb, Listener, ListenerRule, LoadBalancer, Target, TargetGroup,
        TargetGroupAttributes, classic_op, op,
    },
    source::Source,
};
use aws_sdk_elasticloadbalancing as classic;
use aws_sdk_elasticloadbalancingv2::{Client, types};

use crate::collect::{
    ask::{Ask, each_of, sorted},
    call::CallError,
    items::{Lacks, Read, known, text, texts},
};

/// Most that one page holds, for both generations.
const PAGE: i32 = 400;

pub(in crate::collect) async fn collect(ask: &Ask) -> Elb {
    let client = &ask.aws.elbv2();
    let (load_balancers, target_groups, classic_load_balancers) = tokio::join!(
        ask.list(Source::Elbv2LoadBalancers, load_balancers(ask, client)),
        ask.list(Source::Elbv2LoadBalancers, target_groups(ask, client)),
        ask.list(Source::ElbLoadBalancers, classic_load_balancers(ask)),
    );
    let (rules, target_group_attributes, access_logs, classic_access_logs) = tokio::join!(
        ask.after(Source::Elbv2ListenerRules, &load_balancers, |balancers| rules(ask, client, balancers)),
        ask.after(Source::Elbv2TargetGroupAttributes, &target_groups, |groups| {
            target_group_attributes(ask, client, groups)
        }),
        ask.after(Source::Elbv2Attributes, &load_balancers, |balancers| access_logs(ask, client, balancers)),
        ask.each(
            Source::ElbAttributes,
            &classic_load_balancers,
            |balancer| &balancer.name,
            |name| classic_access_log(ask, name)
        ),
    );
    Elb {
        load_balancers,
        target_groups,
        classic_load_balancers,
        rules,
        target_group_attributes,
        access_logs,
        classic_access_logs,
    }
}

async fn load_balancers(ask: &Ask, client: &Client) -> Result<Read<Vec<LoadBalancer>>, CallError> {
    let operation = op::DescribeLoadBalancers;
    let pages = ask
        .pages(
            operation,
            None,
            |marker| client.describe_load_balancers().page_size(PAGE).set_marker(marker).send(),
            |page| page.next_marker(),
        )
        .await?;
    let listed = pages.iter().flat_map(|page| page.load_balancers());
    let balancers = ask.items(operation, listed, load_balancer).then(|balancer| async move {
        let listeners = ask.keep(listeners(ask, client, &balancer.arn).await);
        LoadBalancer { listeners, ..balancer }
    });
    Ok(balancers.await.sorted(|balancer| balancer.arn.clone()))
}

/// A load balancer, whose listeners are asked for later.
fn load_balancer(balancer: &types::LoadBalancer) -> Result<LoadBalancer, Lacks> {
    let lacking = Lacks::of(balancer.load_balancer_name().unwrap_or_default());
    let subnets = balancer.availability_zones().iter().map(|zone| zone.subnet_id());
    let kind = balancer.r#type().map(|kind| kind.as_str());
    // Gateway Load Balancers have no scheme: they are reached from within.
    let is_gateway = balancer.r#type() == Some(&types::LoadBalancerTypeEnum::Gateway);
    // The others face the internet unless they were made otherwise (Elastic Load Balancing API reference,
    // "CreateLoadBalancer").
    let by_default = if is_gateway { "internal" } else { "internet-facing" };
    let scheme = balancer.scheme().map_or(by_default, |scheme| scheme.as_str());
    Ok(LoadBalancer {
        arn: text(balancer.load_balancer_arn(), "LoadBalancerArn").map_err(&lacking)?,
        name: balancer.load_balancer_name().unwrap_or_default().to_owned(),
        dns_name: balancer.dns_name().unwrap_or_default().to_owned(),
        kind: known(kind, types::LoadBalancerTypeEnum::values(), "Type")
            .map_err(&lacking)?
            .unwrap_or_default(),
        scheme: known(scheme, types::LoadBalancerSchemeEnum::values(), "Scheme")
            .map_err(&lacking)?
            .unwrap_or_default(),
        ip_address_type: balancer.ip_address_type().map_or("ipv4", |kind| kind.as_str()).to_owned(),
        vpc: balancer.vpc_id().map(str::to_owned),
        subnets: sorted(texts(subnets, "SubnetId").map_err(&lacking)?, Clone::clone),
        security_groups: sorted(balancer.security_groups().to_vec(), Clone::clone),
        listeners: Collected::default(),
    })
}

async fn listeners(ask: &Ask, client: &Client, balancer: &str) -> Result<Vec<Listener>, CallError> {
    let operation = op::DescribeListeners;
    let pages = ask
        .pages(
            operation,
            Some(balancer),
            |marker| {
                let listeners = client.describe_listeners().load_balancer_arn(balancer);
                listeners.page_size(PAGE).set_marker(marker).send()
            },
            |page| page.next_marker(),
        )
        .await?;
    let listed = pages.iter().flat_map(|page| page.listeners());
    let listeners = ask.all_items(operation, Some(balancer), listed, |listener| {
        let forwards = listener.default_actions().iter().flat_map(|action| {
            let several = action.forward_config().into_iter().flat_map(|config| config.target_groups());
            action.target_group_arn().into_iter().chain(several.filter_map(|tuple| tuple.target_group_arn()))
        });
        let mut default_target_groups = sorted(forwards.map(str::to_owned), Clone::clone);
        default_target_groups.dedup();
        Ok(Listener {
            arn: text(listener.listener_arn(), "ListenerArn")?,
            port: listener.port().and_then(|port| port.try_into().ok()),
            protocol: listener.protocol().map(|protocol| protocol.as_str().to_owned()),
            default_target_groups,
            ssl_policy: listener.ssl_policy().map(str::to_owned),
            redirects_to_https: listener.default_actions().iter().any(redirects_to_https),
            answers_itself: listener.default_actions().iter().any(answers_itself),
            refuses: listener.default_actions().iter().any(refuses),
        })
    });
    Ok(sorted(listeners?, |listener| listener.arn.clone()))
}

fn redirects_to_https(action: &types::Action) -> bool {
    action.redirect_config().is_some_and(|redirect| redirect.protocol() == Some("HTTPS"))
}

fn answers_itself(action: &types::Action) -> bool {
    action.redirect_config().is_some() || action.fixed_response_config().is_some()
}

fn refuses(action: &types::Action) -> bool {
    let status = action.fixed_response_config().and_then(|response| response.status_code());
    status.is_some_and(|status| status.starts_with(['4', '5']))
}

/// Rules of the listeners of Application Load Balancers, by the listener's ARN.
async fn rules(
    ask: &Ask,
    client: &Client,
    balancers: &[LoadBalancer],
) -> Result<BTreeMap<String, Collected<Vec<ListenerRule>>>, CallError> {
    let balancers = balancers.iter().filter(|balancer| balancer.kind == "application");
    let listeners = balancers.filter_map(|balancer| balancer.listeners.known()).flatten();
    let rules = each_of(listeners.map(|listener| async move {
        (listener.arn.clone(), ask.keep(rules_of(ask, client, &listener.arn).await))
    }));
    Ok(rules.await.into_iter().collect())
}

async fn rules_of(ask: &Ask, client: &Client, listener: &str) -> Result<Vec<ListenerRule>, CallError> {
    let pages = ask
        .pages(
            op::DescribeRules,
            Some(listener),
            |marker| client.describe_rules().listener_arn(listener).page_size(PAGE).set_marker(marker).send(),
            |page| page.next_marker(),
        )
        .await?;
    let rules = pages.iter().flat_map(|page| page.rules()).filter(|rule| rule.is_default() != Some(true));
    // AWS tells priorities as text, and not that it tells the rules in their order.
    let by_priority = sorted(rules, |rule| {
        rule.priority().and_then(|priority| priority.parse::<u32>().ok()).unwrap_or(u32::MAX)
    });
    let rules = by_priority.into_iter().map(|rule| {
        let headers = rule.conditions().iter().filter_map(|condition| condition.http_header_config());
        let certain = headers.filter(|header| !takes_any(header.values(), header.regex_values()));
        ListenerRule {
            takes_all: rule.conditions().iter().all(takes_all),
            required_headers: certain
                .filter_map(|header| header.http_header_name().map(str::to_owned))
                .collect(),
            answers_itself: rule.actions().iter().any(answers_itself),
            refuses: rule.actions().iter().any(refuses),
            redirects_to_https: rule.actions().iter().any(redirects_to_https),
        }
    });
    Ok(rules.collect())
}

/// Whether every request meets the condition: each has a path and a host.
fn takes_all(condition: &types::RuleCondition) -> bool {
    let (values, regexes) = match condition.field() {
        Some("path-pattern") => {
            let of = condition.path_pattern_config();
            (of.map(|of| of.values()), of.map(|of| of.regex_values()))
        }
        Some("host-header") => {
            let of = condition.host_header_config();
            (of.map(|of| of.values()), of.map(|of| of.regex_values()))
        }
        Some("source-ip") => {
            let addresses = condition.source_ip_config().map(|of| of.values()).unwrap_or_default();
            let all = |of: &str| addresses.iter().any(|address| address == of);
            return all("0.0.0.0/0") && all("::/0");
        }
        _ => return false,
    };
    // The older form tells the values beside the field.
    let values = values.filter(|values| !values.is_empty()).unwrap_or(condition.values());
    let regexes = regexes.filter(|regexes| !regexes.is_empty()).unwrap_or(condition.regex_values());
    let every_path = condition.field() == Some("path-pattern") && values.iter().any(|value| value == "/*");
    every_path || takes_any(values, regexes)
}

/// Whether any value at all fits.
fn takes_any(values: &[String], regexes: &[String]) -> bool {
    let stars = |value: &String| !value.is_empty() && value.chars().all(|c| c == '*');
    values.iter().any(stars)
        || regexes
            .iter()
            .any(|regex| ["", ".*", "^.*", "^.*$", "^/", "^/.*", "^/.*$"].contains(&regex.as_str()))
}

/// Whether load balancers write access logs, by ARN. Gateway Load Balancers have none.
async fn access_logs(
    ask: &Ask,
    client: &Client,
    balancers: &[LoadBalancer],
) -> Result<BTreeMap<String, Collected<bool>>, CallError> {
    let balancers = balancers.iter().filter(|balancer| balancer.kind != "gateway");
    let logs = each_of(balancers.map(|balancer| async move {
        let arn = balancer.arn.as_str();
        let send = || client.describe_load_balancer_attributes().load_balancer_arn(arn).send();
        let answer = ask.call(op::DescribeLoadBalancerAttributes, Some(arn), send).await;
        let enabled = answer.map(|answer| {
            let mut attributes = answer.attributes().iter();
            let is_on = |attribute: &types::LoadBalancerAttribute| {
                attribute.key() == Some("access_logs.s3.enabled") && attribute.value() == Some("true")
            };
            attributes.any(is_on)
        });
        (arn.to_owned(), ask.keep(enabled))
    }));
    Ok(logs.await.into_iter().collect())
}

async fn classic_access_log(ask: &Ask, name: &str) -> Result<bool, CallError> {
    let client = ask.aws.elb();
    let send = || client.describe_load_balancer_attributes().load_balancer_name(name).send();
    let answer = ask.call(classic_op::DescribeLoadBalancerAttributes, Some(name), send).await?;
    let attributes = answer.load_balancer_attributes();
    Ok(attributes.and_then(|attributes| attributes.access_log()).is_some_and(|log| log.enabled()))
}

async fn target_groups(ask: &Ask, client: &Client) -> Result<Read<Vec<TargetGroup>>, CallError> {
    let operation = op::DescribeTargetGroups;
    let pages = ask
        .pages(
            operation,
            None,
            |marker| client.describe_target_groups().page_size(PAGE).set_marker(marker).send(),
            |page| page.next_marker(),
        )
        .await?;
    let listed = pages.iter().flat_map(|page| page.target_groups());
    let listed = ask.items(operation, listed, |group| {
        let arn = text(group.target_group_arn(), "TargetGroupArn");
        Ok((arn.map_err(Lacks::of(group.target_group_name().unwrap_or_default()))?, group))
    });
    let groups = listed.then(|(arn, group)| async move {
        TargetGroup {
            name: group.target_group_name().unwrap_or_default().to_owned(),
            target_type: group.target_type().map_or("instance", |kind| kind.as_str()).to_owned(),
            protocol: group.protocol().map(|protocol| protocol.as_str().to_owned()),
            ip_address_type: group.ip_address_type().map_or("ipv4", |kind| kind.as_str()).to_owned(),
            load_balancers: sorted(group.load_balancer_arns().to_vec(), Clone::clone),
            targets: ask.keep(targets(ask, client, &arn).await),
            arn,
        }
    });
    Ok(groups.await.sorted(|group| group.arn.clone()))
}

async fn targets(ask: &Ask, client: &Client, group: &str) -> Result<Vec<Target>, CallError> {
    let send = || client.describe_target_health().target_group_arn(group).send();
    let operation = op::DescribeTargetHealth;
    let answer = ask.call(operation, Some(group), send).await?;
    let targets = ask.all_items(operation, Some(group), answer.target_health_descriptions(), |registered| {
        let target = registered.target().ok_or(Lacks::field("Target"))?;
        let state = registered.target_health().and_then(|health| health.state());
        Ok(Target {
            id: text(target.id(), "Id")?,
            port: target.port().and_then(|port| port.try_into().ok()),
            health: state.map_or("", |state| state.as_str()).to_owned(),
        })
    });
    Ok(sorted(targets?, |target| (target.id.clone(), target.port)))
}

/// Attributes of the target groups for which a Network Load Balancer may keep clients' addresses or not: for other
/// protocols it always does, and load balancers of other types never do.
async fn target_group_attributes(
    ask: &Ask,
    client: &Client,
    groups: &[TargetGroup],
) -> Result<BTreeMap<String, Collected<TargetGroupAttributes>>, CallError> {
    let groups = groups.iter().filter(|group| {
        !group.load_balancers.is_empty() && matches!(group.protocol.as_deref(), Some("TCP" | "TLS"))
    });
    let attributes = each_of(groups.map(|group| async move {
        let arn = group.arn.as_str();
        let send = || client.describe_target_group_attributes().target_group_arn(arn).send();
        let answer = ask.call(op::DescribeTargetGroupAttributes, Some(arn), send).await;
        let attributes = answer.map(|answer| {
            let mut all = answer.attributes().iter();
            let preserves = all.find(|it| it.key() == Some("preserve_client_ip.enabled"));
            let preserve_client_ip = preserves.and_then(|it| it.value()?.parse().ok());
            TargetGroupAttributes { preserve_client_ip }
        });
        (arn.to_owned(), ask.keep(attributes))
    }));
    Ok(attributes.await.into_iter().collect())
}

async fn classic_load_balancers(ask: &Ask) -> Result<Read<Vec<ClassicLoadBalancer>>, CallError> {
    let client = ask.aws.elb();
    let operation = classic_op::DescribeLoadBalancers;
    let pages = ask
        .pages(
            operation,
            None,
            |marker| client.describe_load_balancers().page_size(PAGE).set_marker(marker).send(),
            |page| page.next_marker(),
        )
        .await?;
    let listed = pages.iter().flat_map(|page| page.load_balancer_descriptions());
    Ok(ask.items(operation, listed, classic_load_balancer).sorted(|balancer| balancer.name.clone()))
}

fn classic_load_balancer(
    balancer: &classic::types::LoadBalancerDescription,
) -> Result<ClassicLoadBalancer, Lacks> {
    let port = |port: i32, field| u16::try_from(port).map_err(|_| Lacks::field(field));
    let listeners = balancer.listener_descriptions().iter().map(|description| {
        let listener = description.listener().ok_or(Lacks::field("Listener"))?;
        Ok(ClassicListener {
            protocol: text(listener.protocol(), "Protocol")?,
            port: port(listener.load_balancer_port(), "LoadBalancerPort")?,
            instance_port: port(listener.instance_port(), "InstancePort")?,
        })
    });
    let instances = balancer.instances().iter().map(|instance| instance.instance_id());
    let name = text(balancer.load_balancer_name(), "LoadBalancerName")?;
    let lacking = Lacks::of(&name);
    Ok(ClassicLoadBalancer {
        dns_name: balancer.dns_name().unwrap_or_default().to_owned(),
        // Outside VPCs there was no scheme, and every load balancer faced the internet.
        scheme: balancer.scheme().unwrap_or("internet-facing").to_owned(),
        vpc: balancer.vpc_id().map(str::to_owned),
        subnets: sorted(balancer.subnets().to_vec(), Clone::clone),
        security_groups: sorted(balancer.security_groups().to_vec(), Clone::clone),
        listeners: listeners.collect::<Result<_, Lacks>>().map_err(&lacking)?,
        instances: sorted(texts(instances, "InstanceId").map_err(&lacking)?, Clone::clone),
        name,
    })
}
