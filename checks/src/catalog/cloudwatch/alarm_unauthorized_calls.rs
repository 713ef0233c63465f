use super::{CHAIN, judge_attempts};
use crate::{analysis::record, check::Check, finding::Severity};

pub(super) const CHECK: Check = Check {
    id: "cloudwatch-alarm-unauthorized-calls",
    severity: Severity::Low,
    sources: CHAIN,
    run: |cx| {
        // Services differ in what they call it.
        let events = [
            ("ec2", "DescribeInstances", "Client.UnauthorizedOperation"),
            ("s3", "GetBucketPolicy", "AccessDenied"),
            ("secretsmanager", "GetSecretValue", "AccessDeniedException"),
        ];
        let events = events
            .map(|(service, name, code)| record::refused(record::call(cx.snapshot, service, name), code));
        judge_attempts(cx, &events);
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::with_filter, CHECK};
    use crate::{
        analysis::alarm,
        gap::Collected,
        testing::{empty, fails, passes, read, region},
    };

    const PATTERN: &str =
        r#"{ ($.errorCode = "*UnauthorizedOperation") || ($.errorCode = "AccessDenied*") }"#;
    const TOO_NARROW: &str = r#"{ $.errorCode = "AccessDenied*" }"#;
    const WITHOUT_STAR: &str =
        r#"{ ($.errorCode = "*UnauthorizedOperation") || ($.errorCode = "AccessDenied") }"#;

    #[test]
    fn passes_when_the_chain_is_complete() {
        passes(&CHECK, &with_filter(PATTERN));
    }

    #[test]
    fn fails_when_an_event_is_missed() {
        fails(&CHECK, &with_filter(TOO_NARROW));
        fails(&CHECK, &with_filter(WITHOUT_STAR));
        fails(&CHECK, &empty());
    }

    #[test]
    fn tells_which_link_is_missing() {
        let link = |change: fn(&mut crate::snapshot::Region)| {
            let mut account = with_filter(PATTERN);
            change(region(&mut account));
            fails(&CHECK, &account).evidence["missing_link"].clone()
        };
        assert_eq!(link(|region| region.cloudtrail.trails = read(vec![])), alarm::Link::Trail.name());
        assert_eq!(
            link(|region| region.logs.metric_filters = read(vec![])),
            alarm::Link::MetricFilter.name()
        );
        assert_eq!(link(|region| region.cloudwatch.alarms = read(vec![])), alarm::Link::Alarm.name());
        let mute = |region: &mut crate::snapshot::Region| {
            let Collected::Value(alarms) = &mut region.cloudwatch.alarms else { unreachable!() };
            alarms[0].actions_enabled = false;
        };
        assert_eq!(link(mute), alarm::Link::Action.name());
        let unconfirmed = |region: &mut crate::snapshot::Region| {
            let Collected::Value(topics) = &mut region.sns.topics else { unreachable!() };
            topics[0].attributes = read(crate::snapshot::sns::TopicAttributes::default());
        };
        assert_eq!(link(unconfirmed), alarm::Link::Subscription.name());
    }

    #[test]
    fn a_composite_alarm_acts_for_its_parts() {
        let mut account = with_filter(PATTERN);
        let Collected::Value(alarms) = &mut region(&mut account).cloudwatch.alarms else { unreachable!() };
        let actions = std::mem::take(&mut alarms[0].alarm_actions);
        alarms.push(crate::snapshot::cloudwatch::Alarm {
            arn: "arn:composite".into(),
            rule: Some("ALARM(\"alarm\") OR ALARM(other)".into()),
            actions_enabled: true,
            alarm_actions: actions,
            ..Default::default()
        });
        passes(&CHECK, &account);
    }
}
