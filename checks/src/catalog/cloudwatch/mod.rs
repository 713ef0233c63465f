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

use crate::{
    analysis::{
        alarm::{self, Link},
        record,
    },
    check::Context,
    finding::{Judgement, Verdict},
    gap::NotJudged,
    snapshot::Snapshot,
    source::Source,
};

/// What the chain from trail to subscription is read from.
const CHAIN: &[Source] =
    &[Source::CloudTrailTrails, Source::LogsMetricFilters, Source::CloudWatchAlarms, Source::SnsTopics];

/// Judges whether calls of these operations of a service raise an alarm that somebody receives.
fn judge_calls(cx: &mut Context<'_>, service: &str, operations: &[&str]) {
    let calls: Vec<_> = operations.iter().map(|name| record::call(cx.snapshot, service, name)).collect();
    judge_chain(cx, &calls);
}

/// Judges whether each of the events raises an alarm that somebody receives.
fn judge_chain(cx: &mut Context<'_>, events: &[Value]) {
    cx.whole("AWS::CloudWatch::Alarm", |cx| chain(cx.snapshot, events));
}

fn chain(snapshot: &Snapshot, events: &[Value]) -> Judgement {
    let (mut missed, mut first, mut unread, mut elsewhere) = (Vec::new(), None, None, false);
    for event in events {
        match alarm::missing(snapshot, event) {
            Ok(None) => {}
            Ok(Some(link)) => {
                missed.push(event["eventName"].as_str().unwrap_or("any"));
                first = Some(first.map_or(link, |first: Link| first.min(link)));
            }
            Err(NotJudged::NotApplicable) => elsewhere = true,
            Err(why) => unread = Some(why),
        }
    }
    // One event that is surely missed decides.
    match (first, unread) {
        (Some(link), _) => {
            Ok(Verdict::fail().with("missing_link", link.name()).with("missed_events", missed))
        }
        (None, Some(why)) => Err(why),
        (None, None) if elsewhere => Err(NotJudged::NotApplicable),
        (None, None) => Ok(Verdict::pass()),
    }
}

#[cfg(test)]
mod testing {
    use crate::{
        gap::Collected,
        snapshot::{
            Snapshot,
            cloudtrail::{EventSelector, EventSelectors, Trail, TrailStatus},
            cloudwatch::Alarm,
            logs::{Metric, MetricFilter},
            sns::{Topic, TopicAttributes},
        },
        testing::{empty, read, region},
    };

    /// The account's one trail.
    pub(super) fn trail(account: &mut Snapshot) -> &mut Trail {
        let Collected::Value(trails) = &mut region(account).cloudtrail.trails else { unreachable!() };
        &mut trails[0]
    }

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

#[cfg(test)]
mod tests {
    use super::{
        alarm_key_deletion::CHECK,
        testing::{trail, with_filter},
        *,
    };
    use crate::{
        gap::{Collected, GapKind},
        snapshot::{
            Region,
            cloudtrail::{AdvancedSelector, EventSelectors, FieldSelector, TrailStatus},
            logs::MetricFilter,
            sns::TopicAttributes,
        },
        testing::{denied, fails, passes, read, region, silent, unknown},
    };

    const PATTERN: &str = "{ ($.eventSource = kms.amazonaws.com) && ($.eventName = DisableKey || $.eventName = ScheduleKeyDeletion) }";

    /// The account with a complete chain, its trail having these advanced selectors.
    fn with_selectors(selectors: &[&[FieldSelector]]) -> Snapshot {
        let mut account = with_filter(PATTERN);
        let selectors = selectors.iter().map(|fields| AdvancedSelector { fields: fields.to_vec() });
        trail(&mut account).event_selectors = read(EventSelectors::Advanced(selectors.collect()));
        account
    }

    fn equals(field: &str, value: &str) -> FieldSelector {
        FieldSelector { field: field.into(), equals: vec![value.into()], ..FieldSelector::default() }
    }

    fn of_another_account(account: &mut Snapshot) {
        let trail = trail(account);
        trail.arn = "arn:aws:cloudtrail:eu-west-1:999988887777:trail/organization".into();
        trail.log_group_arn = Some("arn:aws:logs:eu-west-1:999988887777:log-group:trail:*".into());
    }

    #[test]
    fn a_trail_that_leaves_the_service_out_catches_nothing_of_it() {
        let mut account = with_filter(PATTERN);
        let Collected::Value(EventSelectors::Basic(selectors)) = &mut trail(&mut account).event_selectors
        else {
            unreachable!()
        };
        selectors[0].excluded_sources = vec!["rdsdata.amazonaws.com".into()];
        passes(&CHECK, &account);
        let Collected::Value(EventSelectors::Basic(selectors)) = &mut trail(&mut account).event_selectors
        else {
            unreachable!()
        };
        selectors[0].excluded_sources = vec!["kms.amazonaws.com".into()];
        assert_eq!(fails(&CHECK, &account).evidence["missing_link"], Link::Trail.name());

        let management = || equals("eventCategory", "Management");
        let without = FieldSelector {
            field: "eventSource".into(),
            not_equals: vec!["kms.amazonaws.com".into()],
            ..FieldSelector::default()
        };
        fails(&CHECK, &with_selectors(&[&[management(), without]]));
        fails(&CHECK, &with_selectors(&[&[management(), equals("eventName", "RunInstances")]]));
        fails(&CHECK, &with_selectors(&[&[management(), equals("eventSource", "kms.amazonaws.com")]]));
        fails(&CHECK, &with_selectors(&[&[management(), equals("readOnly", "false")]]));
    }

    #[test]
    fn selectors_that_log_all_between_them_do() {
        let management = || equals("eventCategory", "Management");
        passes(
            &CHECK,
            &with_selectors(&[
                &[management(), equals("readOnly", "true")],
                &[management(), equals("readOnly", "false")],
            ]),
        );
    }

    #[test]
    fn another_accounts_trail_is_not_judged_here() {
        let mut account = with_filter(PATTERN);
        of_another_account(&mut account);
        silent(&CHECK, &account);
        // A member may not be told the log group.
        trail(&mut account).log_group_arn = None;
        silent(&CHECK, &account);
        // One that does not log the events cannot be what watches.
        trail(&mut account).is_multi_region = false;
        fails(&CHECK, &account);
    }

    #[test]
    fn a_gap_counts_beside_another_accounts_trail() {
        let mut account = with_filter(PATTERN);
        of_another_account(&mut account);
        account.regions.insert("us-east-1".into(), Region::default());
        unknown(&CHECK, &account);
    }

    #[test]
    fn an_own_trail_is_judged_beside_another_accounts() {
        let mut account = with_filter("{ $.eventName = DisableKey }");
        let own = trail(&mut account).clone();
        of_another_account(&mut account);
        let Collected::Value(trails) = &mut region(&mut account).cloudtrail.trails else { unreachable!() };
        trails.push(own);
        let finding = fails(&CHECK, &account);
        assert_eq!(finding.evidence["missing_link"], Link::MetricFilter.name());
        assert_eq!(finding.evidence["missed_events"], serde_json::json!(["ScheduleKeyDeletion"]));
    }

    #[test]
    fn an_organizations_trail_into_a_log_group_of_this_account_is_judged() {
        let mut account = with_filter(PATTERN);
        trail(&mut account).arn = "arn:aws:cloudtrail:eu-west-1:999988887777:trail/organization".into();
        passes(&CHECK, &account);
        region(&mut account).logs.metric_filters = read(vec![]);
        fails(&CHECK, &account);
    }

    #[test]
    fn unknown_where_the_log_group_was_not_looked_at() {
        let mut account = with_filter(PATTERN);
        trail(&mut account).log_group_arn =
            Some("arn:aws:logs:us-east-1:111122223333:log-group:trail:*".into());
        let finding = unknown(&CHECK, &account);
        let gap = finding.gap.expect("a gap");
        assert_eq!((gap.kind, gap.region.as_deref()), (GapKind::NotSelected, Some("us-east-1")));
    }

    #[test]
    fn a_complete_chain_decides_before_what_is_not_readable() {
        let mut account = with_filter(PATTERN);
        // Sorted before and after the region of the chain.
        account.regions.insert("af-south-1".into(), Region::default());
        account.regions.insert("us-east-1".into(), Region::default());
        passes(&CHECK, &account);
        region(&mut account).logs.metric_filters = read(vec![]);
        unknown(&CHECK, &account);
        let mut account = with_filter(PATTERN);
        let mut other = account.regions["eu-west-1"].clone();
        other.cloudtrail.trails = Collected::NotOffered;
        account.regions.insert("af-south-1".into(), other);
        passes(&CHECK, &account);
    }

    #[test]
    fn unknown_when_any_link_is_not_readable() {
        let denying: [fn(&mut Region); 3] = [
            |region| region.logs.metric_filters = denied(),
            |region| region.cloudwatch.alarms = denied(),
            |region| region.sns.topics = denied(),
        ];
        for deny in denying {
            let mut account = with_filter(PATTERN);
            deny(region(&mut account));
            unknown(&CHECK, &account);
        }
        let mut account = with_filter(PATTERN);
        trail(&mut account).event_selectors = denied();
        unknown(&CHECK, &account);
        let mut account = with_filter(PATTERN);
        trail(&mut account).status = denied();
        unknown(&CHECK, &account);
        // A trail that does not log is none, whatever its selectors.
        trail(&mut account).status = read(TrailStatus::default());
        trail(&mut account).event_selectors = denied();
        fails(&CHECK, &account);
    }

    #[test]
    fn a_pattern_that_is_not_understood_may_be_the_one() {
        let strange = format!("{} && ($.sourceIPAddress != 10.0.0.0/8) }}", PATTERN.trim_end_matches(" }"));
        let mut account = with_filter(&strange);
        let gap = unknown(&CHECK, &account).gap.expect("a gap");
        assert_eq!(gap.resource.as_deref(), Some("filter"));
        // Another filter completes the chain.
        let Collected::Value(filters) = &mut region(&mut account).logs.metric_filters else { unreachable!() };
        filters.push(MetricFilter { pattern: PATTERN.into(), ..filters[0].clone() });
        passes(&CHECK, &account);
        // Whatever it catches, nobody is told.
        let mut account = with_filter(&strange);
        let Collected::Value(topics) = &mut region(&mut account).sns.topics else { unreachable!() };
        topics[0].attributes = read(TopicAttributes::default());
        fails(&CHECK, &account);
    }

    #[test]
    fn an_event_that_is_surely_missed_decides() {
        // Only DisableKey goes a way of which the end is not known.
        let mut account = with_filter("{ $.eventName = DisableKey }");
        region(&mut account).sns.topics = denied();
        assert_eq!(
            fails(&CHECK, &account).evidence["missed_events"],
            serde_json::json!(["ScheduleKeyDeletion"])
        );
    }

    #[test]
    fn filters_may_ask_for_anything_that_records_tell() {
        for more in [
            "$.userIdentity.accountId = 111122223333",
            r#"$.recipientAccountId = "111122223333""#,
            r#"$.userIdentity.userName != "terraform""#,
            r#"$.userIdentity.arn != "*assumed-role*""#,
            r#"$.userAgent != "*terraform*""#,
            r#"$.awsRegion != "us-gov-*""#,
            "$.readOnly IS FALSE",
            "$.errorCode NOT EXISTS",
            "$.userIdentity.invokedBy NOT EXISTS",
        ] {
            passes(&CHECK, &with_filter(&format!("{} && ({more}) }}", PATTERN.trim_end_matches(" }"))));
        }
        let other_account =
            format!("{} && ($.recipientAccountId = 444455556666) }}", PATTERN.trim_end_matches(" }"));
        fails(&CHECK, &with_filter(&other_account));
    }
}
