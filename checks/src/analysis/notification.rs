//! Whether what happens reaches anybody: actions of alarms and targets of rules, down to the topic's confirmed
//! subscription.

use crate::{
    gap::NotJudged,
    snapshot::{Region, cloudwatch::Alarm},
};

/// Whether the action or target, an ARN, reaches somebody. A topic does with a confirmed subscription; a topic
/// of another account or region, and everything else, is taken to.
///
/// # Errors
/// When the topic could not be read.
pub fn is_live(region: &Region, arn: &str) -> Result<bool, NotJudged> {
    if arn.split(':').nth(2) != Some("sns") {
        return Ok(true);
    }
    match region.sns.topics.get()?.iter().find(|topic| topic.arn == arn) {
        Some(topic) => Ok(topic.attributes.get()?.confirmed_subscriptions > 0),
        None => Ok(true),
    }
}

/// The alarms that go off with this one: itself, and composite alarms whose rule names it.
pub fn with_composites<'a>(alarms: &'a [Alarm], alarm: &'a Alarm) -> impl Iterator<Item = &'a Alarm> {
    let named = |rule: &str| {
        rule.contains(&format!("ALARM(\"{}\")", alarm.name))
            || rule.contains(&format!("ALARM({})", alarm.name))
            || rule.contains(&alarm.arn)
    };
    let composites =
        alarms.iter().filter(move |other| other.arn != alarm.arn && other.rule.as_deref().is_some_and(named));
    std::iter::once(alarm).chain(composites)
}

/// Topics that alarms and enabled rules of the region send to.
///
/// # Errors
/// When the alarms or rules could not be read.
pub fn used_topics(region: &Region) -> Result<Vec<&str>, NotJudged> {
    let alarms = region.cloudwatch.alarms.get()?.iter();
    let mut arns: Vec<&str> = alarms
        .filter(|alarm| alarm.actions_enabled)
        .flat_map(|alarm| alarm.alarm_actions.iter().chain(&alarm.other_actions))
        .map(String::as_str)
        .collect();
    for rule in region.eventbridge.rules.get()?.iter().filter(|rule| rule.enabled) {
        arns.extend(rule.targets.get()?.iter().map(String::as_str));
    }
    Ok(arns)
}

/// Whether an enabled rule of the region's default event bus matches one of these events and has a live target.
///
/// # Errors
/// When no rule is known to, and not all could be read.
pub fn notifies(region: &Region, events: &[serde_json::Value]) -> Result<bool, NotJudged> {
    let mut unread = None;
    for rule in region.eventbridge.rules.get()?.iter().filter(|rule| rule.enabled) {
        let pattern = rule.pattern.as_deref().map(super::event_pattern::EventPattern::parse);
        // A pattern that cannot be parsed matches nothing as far as anybody can tell.
        let Some(Ok(pattern)) = pattern else { continue };
        if !events.iter().any(|event| pattern.matches(event)) {
            continue;
        }
        match rule.targets.get() {
            Ok(targets) => {
                for target in targets {
                    match is_live(region, target) {
                        Ok(true) => return Ok(true),
                        Ok(false) => {}
                        Err(why) => unread = Some(why),
                    }
                }
            }
            Err(why) => unread = Some(why),
        }
    }
    unread.map_or(Ok(false), Err)
}
