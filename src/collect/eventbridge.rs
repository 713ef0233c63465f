//! EventBridge: the default event bus.

use aws_audit_checks::{
    gap::Collected,
    snapshot::eventbridge::{EventBridge, Rule},
    source::Source,
};
use aws_sdk_eventbridge::{Client, types::RuleState};
use futures_util::future::join_all;

use super::{Ask, CallError, sorted};

pub(super) async fn collect(ask: &Ask) -> EventBridge {
    let client = &ask.aws.eventbridge();
    EventBridge { rules: ask.source(Source::EventBridgeRules, rules(ask, client)).await }
}

async fn rules(ask: &Ask, client: &Client) -> Result<Vec<Rule>, CallError> {
    let pages = ask
        .pages(
            "events:ListRules",
            None,
            |token| client.list_rules().limit(100).set_next_token(token).send(),
            |page| page.next_token(),
        )
        .await?;
    let rules = join_all(pages.iter().flat_map(|page| page.rules()).filter_map(|rule| {
        let (name, arn) = (rule.name()?, rule.arn()?);
        let enabled = rule.state() != Some(&RuleState::Disabled);
        Some(async move {
            let targets = if enabled {
                ask.keep(targets(ask, client, name).await)
            } else {
                Collected::Value(Vec::new())
            };
            Rule {
                name: name.to_owned(),
                arn: arn.to_owned(),
                enabled,
                pattern: rule.event_pattern().map(str::to_owned),
                targets,
            }
        })
    }))
    .await;
    Ok(sorted(rules, |rule| rule.name.clone()))
}

async fn targets(ask: &Ask, client: &Client, rule: &str) -> Result<Vec<String>, CallError> {
    let pages = ask
        .pages(
            "events:ListTargetsByRule",
            Some(rule),
            |token| client.list_targets_by_rule().rule(rule).limit(100).set_next_token(token).send(),
            |page| page.next_token(),
        )
        .await?;
    let targets = pages.iter().flat_map(|page| page.targets());
    Ok(sorted(targets.map(|target| target.arn().to_owned()), Clone::clone))
}
