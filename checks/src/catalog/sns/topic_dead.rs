use crate::{
    analysis::notification::used_topics,
    check::Check,
    finding::{Severity, Verdict},
    gap::NotJudged,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "sns-topic-dead",
    severity: Severity::Low,
    sources: &[Source::SnsTopics, Source::CloudWatchAlarms, Source::EventBridgeRules],
    run: |cx| {
        cx.each_region(|cx, region| {
            let used = used_topics(region);
            cx.each_known(&region.sns.topics, |_, topic| {
                if !used.as_ref().map_err(Clone::clone)?.contains(topic.arn.as_str()) {
                    return Err(NotJudged::NotApplicable);
                }
                let attributes = topic.attributes.get()?;
                Ok(Verdict::fail_if(attributes.confirmed_subscriptions == 0)
                    .with("pending_subscriptions", attributes.pending_subscriptions))
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::with_topic, CHECK};
    use crate::{
        snapshot::{Snapshot, cloudwatch::Alarm},
        testing::{fails, passes, read, region, silent},
    };

    fn used(confirmed: u64) -> Snapshot {
        let mut account = with_topic(|topic| topic.confirmed_subscriptions = confirmed);
        region(&mut account).cloudwatch.alarms = read(vec![Alarm {
            actions_enabled: true,
            alarm_actions: vec!["arn:aws:sns:eu-west-1:111122223333:security".into()],
            ..Alarm::default()
        }]);
        account
    }

    #[test]
    fn fails_when_nobody_receives_it() {
        fails(&CHECK, &used(0));
        passes(&CHECK, &used(1));
    }

    #[test]
    fn says_nothing_of_topics_that_nothing_uses() {
        silent(&CHECK, &with_topic(|topic| topic.confirmed_subscriptions = 0));
    }
}
