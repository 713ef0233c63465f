//! Whether what happens reaches anybody: actions of alarms and targets of rules, down to the topic's confirmed
//! subscription.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::{composite_alarm, event_pattern::EventPattern};
use crate::{
    gap::{self, Gap, NotJudged},
    snapshot::{Place, Region, cloudwatch::Alarm, eventbridge::op, sns::TopicAttributes},
};

/// Whether the action or target, an ARN, reaches somebody; the sender is the ARN of the alarm or rule. A topic
/// does with a confirmed subscription; a log group, a scaling policy and an action on an instance do not; a topic
/// of another account or region, and everything else, is taken to.
///
/// # Errors
/// When the topic could not be read.
pub fn is_live(region: &Region, sender: &str, arn: &str) -> Result<bool, NotJudged> {
    match arn.split(':').nth(2) {
        // What an alarm does to instances and their number, it does in silence.
        Some("logs" | "autoscaling" | "automate" | "swf") => return Ok(false),
        Some("sns") => {}
        _ => return Ok(true),
    }
    match region.sns.topics.offered()?.into_iter().flatten().find(|topic| topic.arn == arn) {
        // One that is gone by now delivers nothing.
        Some(topic) => Ok(topic.attributes.offered()?.is_some_and(delivers)),
        // It would be in the list if it were of this place: it was deleted.
        None => Ok(home(arn) != home(sender)),
    }
}

/// Whether somebody receives what alarms and rules send to the topic: neither service may use the key that AWS
/// manages for SNS, whose policy nobody can change.
fn delivers(topic: &TopicAttributes) -> bool {
    topic.confirmed_subscriptions > 0
        && topic.kms_key.as_deref().is_none_or(|key| !key.ends_with("alias/aws/sns"))
}

/// Region and account of an ARN.
fn home(arn: &str) -> (Option<&str>, Option<&str>) {
    let mut parts = arn.split(':').skip(3);
    (parts.next(), parts.next())
}

/// Composite alarms, by the alarms that they are about.
#[derive(Clone, Debug)]
pub struct Composites<'a>(HashMap<String, Vec<&'a Alarm>>);

impl<'a> Composites<'a> {
    /// Those among some alarms.
    #[must_use]
    pub fn of(alarms: &'a [Alarm]) -> Self {
        let mut by_name = HashMap::<_, Vec<_>>::new();
        for composite in alarms.iter().filter(|alarm| alarm.rule.is_some()) {
            let names = composite_alarm::names(composite.rule.as_deref().unwrap_or_default());
            for name in names.into_iter().chain(composite.actions_suppressor.clone()) {
                by_name.entry(name).or_default().push(composite);
            }
        }
        Self(by_name)
    }

    /// The alarms that do something about this one: itself, composite alarms whose rule names it in whatever way,
    /// and those that it keeps from acting.
    #[must_use]
    pub fn with_dependants(&self, alarm: &'a Alarm) -> Vec<&'a Alarm> {
        let (mut found, mut seen) = (vec![alarm], HashSet::from([alarm.arn.as_str()]));
        let mut next = 0;
        while let Some(part) = found.get(next).copied() {
            next += 1;
            let composites =
                [&part.name, &part.arn].into_iter().filter_map(|name| self.0.get(name)).flatten();
            found.extend(composites.filter(|composite| seen.insert(&composite.arn)));
        }
        found
    }
}

/// Topics that alarms and enabled rules of the region send to.
///
/// # Errors
/// When the alarms or rules could not be read.
pub fn used_topics(region: &Region) -> Result<HashSet<&str>, NotJudged> {
    let alarms = region.cloudwatch.alarms.get()?.iter();
    let mut arns: HashSet<&str> = alarms
        .filter(|alarm| alarm.actions_enabled)
        .flat_map(|alarm| alarm.alarm_actions.iter().chain(&alarm.other_actions))
        .map(String::as_str)
        .collect();
    for rule in region.eventbridge.rules.get()?.iter().filter(|rule| rule.enabled) {
        arns.extend(rule.targets.get()?.iter().map(String::as_str));
    }
    Ok(arns)
}

/// Whether an enabled rule of the region's default event bus matches the event and has a live target.
///
/// # Errors
/// When no rule is known to, and not all could be read, or understood.
pub fn notifies(region: &Region, place: &Place<'_>, event: &Value) -> Result<bool, NotJudged> {
    let rules = region.eventbridge.rules.get()?.iter().filter(|rule| rule.enabled);
    gap::any(rules.map(|rule| {
        // What an archive keeps, nobody is told.
        let Some(pattern) = rule.pattern.as_deref().filter(|_| !rule.name.starts_with("Events-Archive-"))
        else {
            return Ok(false);
        };
        let matches = EventPattern::parse(pattern).map(|pattern| pattern.matches(event)).map_err(|why| {
            Gap::unreadable(op::ListRules, Some(place.region), Some(&rule.name), why.to_string()).into()
        });
        let is_live = |targets: Option<&Vec<String>>| {
            gap::any(targets.into_iter().flatten().map(|target| is_live(region, &rule.arn, target)))
        };
        gap::all([matches, rule.targets.offered().and_then(is_live)])
    }))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        gap::Collected,
        snapshot::{eventbridge::Rule, sns::Topic},
        testing::{empty, read, region},
    };

    const PLACE: Place<'static> = Place { partition: "aws", account: "111122223333", region: "eu-west-1" };
    const TOPIC: &str = "arn:aws:sns:eu-west-1:111122223333:people";
    const SENDER: &str = "arn:aws:events:eu-west-1:111122223333:rule/findings";

    fn with_topic(arn: &str, change: impl FnOnce(&mut TopicAttributes)) -> Region {
        let mut account = empty();
        let mut attributes = TopicAttributes { confirmed_subscriptions: 1, ..TopicAttributes::default() };
        change(&mut attributes);
        region(&mut account).sns.topics = read(vec![Topic { arn: arn.into(), attributes: read(attributes) }]);
        region(&mut account).clone()
    }

    #[test]
    fn topics() {
        assert_eq!(is_live(&with_topic(TOPIC, |_| ()), SENDER, TOPIC), Ok(true));
        assert_eq!(is_live(&with_topic(TOPIC, |t| t.confirmed_subscriptions = 0), SENDER, TOPIC), Ok(false));
        for (key, expected) in [
            ("alias/aws/sns", false),
            ("arn:aws:kms:eu-west-1:111122223333:alias/aws/sns", false),
            ("arn:aws:kms:eu-west-1:111122223333:alias/topics", true),
        ] {
            let region = with_topic(TOPIC, |topic| topic.kms_key = Some(key.into()));
            assert_eq!(is_live(&region, SENDER, TOPIC), Ok(expected), "{key}");
        }
    }

    #[test]
    fn a_topic_that_is_gone_by_now_delivers_nothing() {
        let mut region = with_topic(TOPIC, |_| ());
        region.sns.topics = read(vec![Topic { arn: TOPIC.into(), attributes: Collected::NotOffered }]);
        assert_eq!(is_live(&region, SENDER, TOPIC), Ok(false));
    }

    #[test]
    fn a_topic_that_is_not_in_the_list_was_deleted_unless_it_is_elsewhere() {
        let region = with_topic("arn:aws:sns:eu-west-1:111122223333:other", |_| ());
        for (topic, expected) in [
            (TOPIC, false),
            ("arn:aws:sns:us-east-1:111122223333:people", true),
            ("arn:aws:sns:eu-west-1:444455556666:people", true),
        ] {
            assert_eq!(is_live(&region, SENDER, topic), Ok(expected), "{topic}");
        }
    }

    fn with_rules(rules: &[(&str, &str, &str)]) -> Region {
        let mut region = with_topic(TOPIC, |_| ());
        let rules = rules.iter().map(|(name, pattern, target)| Rule {
            name: (*name).into(),
            arn: SENDER.into(),
            enabled: true,
            pattern: Some((*pattern).into()),
            targets: read(vec![(*target).into()]),
        });
        region.eventbridge.rules = read(rules.collect());
        region
    }

    #[test]
    fn log_groups_and_archives_tell_nobody() {
        let (event, pattern) = (json!({"source": "aws.guardduty"}), r#"{"source": ["aws.guardduty"]}"#);
        let log_group = "arn:aws:logs:eu-west-1:111122223333:log-group:/aws/events/findings";
        for (rule, expected) in [
            (("findings", pattern, TOPIC), true),
            (("findings", pattern, log_group), false),
            (("Events-Archive-all", pattern, "arn:aws:events:eu-west-1:::"), false),
        ] {
            assert_eq!(notifies(&with_rules(&[rule]), &PLACE, &event), Ok(expected), "{rule:?}");
        }
    }

    #[test]
    fn a_rule_that_is_gone_by_now_tells_nobody() {
        let event = json!({"source": "aws.guardduty"});
        let mut region = with_rules(&[("findings", r#"{"source": ["aws.guardduty"]}"#, TOPIC)]);
        if let Collected::Value(rules) = &mut region.eventbridge.rules {
            rules[0].targets = Collected::NotOffered;
        }
        assert_eq!(notifies(&region, &PLACE, &event), Ok(false));
    }

    #[test]
    fn a_pattern_that_is_not_understood_is_unknown_unless_another_rule_matches() {
        let event = json!({"source": "aws.guardduty"});
        let odd = ("odd", r#"{"source": [{"regex": "aws.*"}]}"#, TOPIC);
        let Err(NotJudged::Unread(gaps)) = notifies(&with_rules(&[odd]), &PLACE, &event) else {
            panic!("a gap expected");
        };
        let gap = &gaps.into_vec()[0];
        assert_eq!((gap.operation.as_str(), gap.resource.as_deref()), ("events:ListRules", Some("odd")));
        let plain = ("plain", r#"{"source": ["aws.guardduty"]}"#, TOPIC);
        assert_eq!(notifies(&with_rules(&[odd, plain]), &PLACE, &event), Ok(true));
    }

    fn alarm(name: &str, rule: Option<&str>) -> Alarm {
        Alarm {
            name: name.into(),
            arn: format!("arn:aws:cloudwatch:eu-west-1:111122223333:alarm:{name}"),
            rule: rule.map(str::to_owned),
            ..Alarm::default()
        }
    }

    #[test]
    fn composite_alarms() {
        // The rule of a composite alarm, and whether it depends on the alarm `cpu`.
        for (rule, depends) in [
            (r#"ALARM( cpu )  OR (ALARM("disk (a)"))"#, true),
            ("ALARM(arn:aws:cloudwatch:eu-west-1:111122223333:alarm:cpu)", true),
            ("ALARM(arn:aws:cloudwatch:eu-west-1:111122223333:alarm:cpu-high)", false),
            (r#"ALARM("disk") AND NOT ALARM("cpu")"#, true),
            (r#"OK("cpu")"#, true),
            (r#"AT_LEAST(2, ALARM, (ALARM("cpu"), ALARM("disk")))"#, true),
            ("AT_LEAST(1, ALARM, (disk, cpu))", true),
            (r#"ALARM("disk") OR ALARM("ALARM(cpu)")"#, false),
            ("", false),
        ] {
            let alarms = [alarm("cpu", None), alarm("composite", Some(rule))];
            assert_eq!(Composites::of(&alarms).with_dependants(&alarms[0]).len() == 2, depends, "{rule}");
        }
    }

    #[test]
    fn composite_alarms_of_composite_alarms() {
        let alarms = [
            alarm("top", Some("ALARM(middle)")),
            alarm("middle", Some("ALARM(cpu) OR ALARM(top)")),
            alarm("cpu", None),
        ];
        assert_eq!(Composites::of(&alarms).with_dependants(&alarms[2]).len(), 3);
    }

    #[test]
    fn an_alarm_that_keeps_another_from_acting() {
        let mut alarms = [alarm("maintenance", None), alarm("composite", Some("ALARM(cpu)"))];
        alarms[1].actions_suppressor = Some(alarms[0].arn.clone());
        assert_eq!(Composites::of(&alarms).with_dependants(&alarms[0]).len(), 2);
    }
}
