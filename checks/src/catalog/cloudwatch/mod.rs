//! CloudWatch alarms.

mod alarm_actions;
mod alarm_bucket_policy_changes;
mod alarm_cloudtrail_changes;
mod alarm_config_changes;
mod alarm_console_failures;
mod alarm_console_without_mfa;
mod alarm_gateway_changes;
mod alarm_iam_changes;
mod alarm_key_deletion;
mod alarm_nacl_changes;
mod alarm_organization_changes;
mod alarm_root_use;
mod alarm_route_changes;
mod alarm_security_group_changes;
mod alarm_unauthorized_calls;
mod alarm_vpc_changes;

super::checks! {
    alarm_actions
    alarm_bucket_policy_changes
    alarm_cloudtrail_changes
    alarm_config_changes
    alarm_console_failures
    alarm_console_without_mfa
    alarm_gateway_changes
    alarm_iam_changes
    alarm_key_deletion
    alarm_nacl_changes
    alarm_organization_changes
    alarm_root_use
    alarm_route_changes
    alarm_security_group_changes
    alarm_unauthorized_calls
    alarm_vpc_changes
}

use serde_json::Value;

use crate::{analysis::alarm, check::Context, finding::Verdict, source::Source};

/// What the chain from trail to subscription is read from.
const CHAIN: &[Source] =
    &[Source::CloudTrailTrails, Source::LogsMetricFilters, Source::CloudWatchAlarms, Source::SnsTopics];

/// Judges whether each of the events raises an alarm that somebody receives.
fn judge_chain(cx: &mut Context<'_>, events: &[Value]) {
    let snapshot = cx.snapshot;
    cx.whole("AWS::CloudWatch::Alarm", |_| {
        let (mut missed, mut first, mut unread) = (Vec::new(), None, None);
        for event in events {
            match alarm::missing(snapshot, event) {
                Ok(None) => {}
                Ok(Some(link)) => {
                    missed.push(event["eventName"].as_str().unwrap_or("any"));
                    first = Some(first.map_or(link, |first: alarm::Link| first.min(link)));
                }
                Err(why) => unread = Some(why),
            }
        }
        if let Some(why) = unread {
            return Err(why);
        }
        Ok(Verdict::fail_if(first.is_some())
            .with("missing_link", first.map(alarm::Link::name))
            .with("missed_events", missed))
    });
}

/// An event of CloudTrail.
fn call(source: &str, name: &str) -> Value {
    serde_json::json!({
        "eventSource": format!("{source}.amazonaws.com"),
        "eventName": name,
        "eventType": "AwsApiCall",
        "userIdentity": {"type": "IAMUser"},
        "sourceIPAddress": "203.0.113.7",
    })
}

#[cfg(test)]
mod testing {
    use crate::{
        snapshot::{
            Snapshot,
            cloudtrail::{EventSelector, EventSelectors, Trail, TrailStatus},
            cloudwatch::Alarm,
            logs::{Metric, MetricFilter},
            sns::{Topic, TopicAttributes},
        },
        testing::{empty, read, region},
    };

    /// An account with a complete chain behind a metric filter.
    pub(super) fn with_filter(pattern: &str) -> Snapshot {
        let topic = "arn:aws:sns:eu-west-1:111122223333:security";
        let metric = Metric { namespace: "CIS".into(), name: "events".into() };
        let mut account = empty();
        let region = region(&mut account);
        region.cloudtrail.trails = read(vec![Trail {
            name: "audit".into(),
            arn: "arn:aws:cloudtrail:eu-west-1:111122223333:trail/audit".into(),
            home_region: "eu-west-1".into(),
            is_multi_region: true,
            is_organization_trail: false,
            include_global_service_events: true,
            log_file_validation: true,
            bucket: None,
            kms_key: None,
            log_group_arn: Some("arn:aws:logs:eu-west-1:111122223333:log-group:trail:*".into()),
            status: read(TrailStatus { is_logging: true, ..TrailStatus::default() }),
            event_selectors: read(EventSelectors::Basic(vec![EventSelector {
                management_events: true,
                read_write_type: "All".into(),
                excluded_sources: vec![],
                data_resources: vec![],
            }])),
        }]);
        region.logs.metric_filters = read(vec![MetricFilter {
            name: "filter".into(),
            log_group: "trail".into(),
            pattern: pattern.into(),
            metrics: vec![metric.clone()],
        }]);
        region.cloudwatch.alarms = read(vec![Alarm {
            name: "alarm".into(),
            arn: "arn:aws:cloudwatch:eu-west-1:111122223333:alarm:alarm".into(),
            metrics: vec![metric],
            actions_enabled: true,
            alarm_actions: vec![topic.into()],
            ..Alarm::default()
        }]);
        region.sns.topics = read(vec![Topic {
            arn: topic.into(),
            attributes: read(TopicAttributes { confirmed_subscriptions: 1, ..TopicAttributes::default() }),
        }]);
        account
    }
}
