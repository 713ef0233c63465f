//! EventBridge: the default event bus.

use aws_audit_checks::{
    gap::Collected,
    snapshot::eventbridge::{EventBridge, Rule, op},
    source::Source,
};
use aws_sdk_eventbridge::{Client, types::RuleState};

use crate::collect::{
    ask::{Ask, sorted},
    call::CallError,
    items::{Lacks, Read, text},
};

pub(in crate::collect) async fn collect(ask: &Ask) -> EventBridge {
    let client = &ask.aws.eventbridge();
    EventBridge { rules: ask.list(Source::EventBridgeRules, rules(ask, client)).await }
}

async fn rules(ask: &Ask, client: &Client) -> Result<Read<Vec<Rule>>, CallError> {
    let operation = op::ListRules;
    let pages = ask
        .pages(
            operation,
            None,
            |token| client.list_rules().limit(100).set_next_token(token).send(),
            |page| page.next_token(),
        )
        .await?;
    let rules = ask.items(operation, pages.iter().flat_map(|page| page.rules()), |rule| {
        let name = text(rule.name(), "Name")?;
        let enabled = match rule.state() {
            Some(RuleState::Enabled | RuleState::EnabledWithAllCloudtrailManagementEvents) => true,
            Some(RuleState::Disabled) => false,
            _ => return Err(Lacks::of(&name)(Lacks::field("State"))),
        };
        Ok(Rule {
            arn: text(rule.arn(), "Arn").map_err(Lacks::of(&name))?,
            name,
            enabled,
            pattern: rule.event_pattern().map(str::to_owned),
            targets: Collected::Value(Vec::new()),
        })
    });
    let rules = rules.then(|mut rule| async move {
        if rule.enabled {
            rule.targets = ask.keep(targets(ask, client, &rule.name).await);
        }
        rule
    });
    Ok(rules.await.sorted(|rule| rule.name.clone()))
}

async fn targets(ask: &Ask, client: &Client, rule: &str) -> Result<Vec<String>, CallError> {
    let operation = op::ListTargetsByRule;
    let pages = ask
        .pages(
            operation,
            Some(rule),
            |token| client.list_targets_by_rule().rule(rule).limit(100).set_next_token(token).send(),
            |page| page.next_token(),
        )
        .await?;
    let targets = pages.iter().flat_map(|page| page.targets());
    let arns = ask.all_items(operation, Some(rule), targets, |target| text(target.arn(), "Arn"))?;
    Ok(sorted(arns, Clone::clone))
}
