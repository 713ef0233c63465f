//! Whether an event of CloudTrail raises an alarm that somebody receives: trail → log group → metric filter →
//! metric → alarm → action → confirmed subscription, as CIS asks for in its section on monitoring.

use serde_json::Value;

use super::{
    filter_pattern::FilterPattern,
    notification::{is_live, with_composites},
    trail::{self, logs_management},
};
use crate::{
    gap::{Gap, GapKind, NotJudged},
    snapshot::{
        Region, Snapshot,
        cloudtrail::Trail,
        logs::{Metric, MetricFilter},
    },
};

/// The links of the chain, from the trail on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Link {
    /// A multi-region trail that logs all management events.
    Trail,
    /// The log group that it delivers to.
    LogGroup,
    /// A metric filter that catches the event.
    MetricFilter,
    /// An alarm on the filter's metric.
    Alarm,
    /// An action of the alarm.
    Action,
    /// Somebody who receives it.
    Subscription,
}

impl Link {
    /// In the words of evidence.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Trail => "a multi-region trail that logs all management events",
            Self::LogGroup => "a log group that the trail delivers to",
            Self::MetricFilter => "a metric filter that catches the event",
            Self::Alarm => "an alarm on the filter's metric",
            Self::Action => "an enabled action of the alarm",
            Self::Subscription => "a confirmed subscription of the topic",
        }
    }
}

/// The first link that is missing for the event on the way that gets furthest; none when an alarm reaches
/// somebody.
///
/// # Errors
/// When no complete chain is known, and not all that might be one could be read. Not applicable where another
/// account's trail is the only one that does: the filters and alarms on it are that account's.
pub fn missing(snapshot: &Snapshot, event: &Value) -> Result<Option<Link>, NotJudged> {
    let (trails, mut unread) = trail::all(snapshot);
    let mut furthest = Link::Trail;
    let mut elsewhere = false;
    for trail in trails {
        match after_trail(snapshot, trail, event) {
            Ok(None) => return Ok(None),
            Ok(Some(link)) => furthest = furthest.max(link),
            Err(NotJudged::NotApplicable) => elsewhere = true,
            Err(why) => unread = Some(why),
        }
    }
    match unread {
        Some(why) => Err(why),
        None if elsewhere && furthest == Link::Trail => Err(NotJudged::NotApplicable),
        None => Ok(Some(furthest)),
    }
}

fn after_trail(snapshot: &Snapshot, trail: &Trail, event: &Value) -> Result<Option<Link>, NotJudged> {
    let read_only = event["readOnly"] == true;
    let complete = trail.is_multi_region
        && trail::records(trail, |selectors| {
            logs_management(selectors, true, None)
                && logs_management(selectors, false, None)
                && logs_management(selectors, read_only, event["eventSource"].as_str())
        })?;
    if !complete {
        return Ok(Some(Link::Trail));
    }
    // arn:aws:logs:REGION:ACCOUNT:log-group:NAME:*
    let arn = trail.log_group_arn.as_deref().unwrap_or_default();
    let mut parts = arn.split(':').skip(3);
    let (region, owner, group) = match (parts.next(), parts.next(), parts.nth(1)) {
        (Some(region), Some(owner), Some(group)) => (region, owner, group),
        // A member may not see the log group of its organization's trail.
        _ if trail.account() != snapshot.account.id => return Err(NotJudged::NotApplicable),
        _ => return Ok(Some(Link::LogGroup)),
    };
    if owner != snapshot.account.id {
        return Err(NotJudged::NotApplicable);
    }
    let scanned = snapshot.regions.get(region).ok_or_else(|| Gap {
        operation: "logs:DescribeMetricFilters".into(),
        region: Some(region.into()),
        resource: Some(group.into()),
        kind: GapKind::NotSelected,
        refused_by: None,
        message: "the region was not scanned".into(),
    })?;
    after_log_group(region, scanned, group, event)
}

fn after_log_group(
    name: &str,
    region: &Region,
    group: &str,
    event: &Value,
) -> Result<Option<Link>, NotJudged> {
    let mut furthest = Link::MetricFilter;
    let mut unread = None;
    for filter in region.logs.metric_filters.get()?.iter().filter(|filter| filter.log_group == group) {
        let caught = catches(name, filter, event);
        if caught == Ok(false) {
            continue;
        }
        for metric in &filter.metrics {
            match (&caught, after_metric(region, metric)) {
                (Ok(_), Ok(None)) => return Ok(None),
                (Ok(_), Ok(Some(link))) => furthest = furthest.max(link),
                // Only before a chain that is complete does it matter what the filter catches.
                (Err(_), Ok(Some(_))) => {}
                (Err(why), Ok(None)) => unread = Some(why.clone()),
                (_, Err(why)) => unread = Some(why),
            }
        }
    }
    unread.map_or(Ok(Some(furthest)), Err)
}

fn catches(region: &str, filter: &MetricFilter, event: &Value) -> Result<bool, NotJudged> {
    match FilterPattern::parse(&filter.pattern) {
        Ok(pattern) => Ok(pattern.matches(event)),
        // CloudWatch Logs took the pattern, so it says something that this program does not understand.
        Err(error) => {
            let (operation, message) = ("logs:DescribeMetricFilters", error.to_string());
            Err(Gap::unreadable(operation, Some(region), Some(&filter.name), message).into())
        }
    }
}

fn after_metric(region: &Region, metric: &Metric) -> Result<Option<Link>, NotJudged> {
    let mut furthest = Link::Alarm;
    let mut unread = None;
    let alarms = region.cloudwatch.alarms.get()?;
    for alarm in alarms.iter().filter(|alarm| alarm.metrics.contains(metric)) {
        for alarm in with_composites(alarms, alarm) {
            furthest = furthest.max(Link::Action);
            for action in alarm.alarm_actions.iter().filter(|_| alarm.actions_enabled) {
                furthest = furthest.max(Link::Subscription);
                match is_live(region, &alarm.arn, action) {
                    Ok(true) => return Ok(None),
                    Ok(false) => {}
                    Err(why) => unread = Some(why),
                }
            }
        }
    }
    unread.map_or(Ok(Some(furthest)), Err)
}
