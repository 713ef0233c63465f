//! Whether an event of CloudTrail raises an alarm that somebody receives: trail → log group → metric filter →
//! metric → alarm → action → confirmed subscription, as CIS asks for in its section on monitoring.

use serde_json::Value;

use super::{
    filter_pattern::FilterPattern,
    notification::{is_live, with_composites},
};
use crate::{
    gap::NotJudged,
    snapshot::{
        Region, Snapshot,
        cloudtrail::{EventSelectors, Trail},
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
/// When no complete chain is known, and not all that might be one could be read.
pub fn missing(snapshot: &Snapshot, event: &Value) -> Result<Option<Link>, NotJudged> {
    let mut furthest = Link::Trail;
    let mut unread = None;
    for region in snapshot.regions.values() {
        for trail in region.cloudtrail.trails.get()? {
            match after_trail(snapshot, trail, event) {
                Ok(None) => return Ok(None),
                Ok(Some(link)) => furthest = furthest.max(link),
                Err(why) => unread = Some(why),
            }
        }
    }
    unread.map_or(Ok(Some(furthest)), Err)
}

fn after_trail(snapshot: &Snapshot, trail: &Trail, event: &Value) -> Result<Option<Link>, NotJudged> {
    if !trail.is_multi_region
        || !trail.status.get()?.is_logging
        || !logs_management_events(trail.event_selectors.get()?)
    {
        return Ok(Some(Link::Trail));
    }
    // arn:aws:logs:REGION:ACCOUNT:log-group:NAME:*
    let Some(arn) = trail.log_group_arn.as_deref() else { return Ok(Some(Link::LogGroup)) };
    let mut parts = arn.split(':').skip(3);
    let (Some(name), Some(account), Some(group)) = (parts.next(), parts.next(), parts.nth(1)) else {
        return Ok(Some(Link::LogGroup));
    };
    let Some(region) = snapshot.regions.get(name) else { return Ok(Some(Link::LogGroup)) };
    if account != snapshot.account.id {
        // Filters on an organization's log group are in the management account.
        return Ok(Some(Link::MetricFilter));
    }
    after_log_group(region, group, event)
}

fn after_log_group(region: &Region, group: &str, event: &Value) -> Result<Option<Link>, NotJudged> {
    let filters = region.logs.metric_filters.get()?.iter().filter(|filter| filter.log_group == group);
    let catching = filters
        .filter(|filter| FilterPattern::parse(&filter.pattern).is_ok_and(|pattern| pattern.matches(event)));
    let mut furthest = Link::MetricFilter;
    let mut unread = None;
    for metric in catching.flat_map(|filter| &filter.metrics) {
        furthest = furthest.max(Link::Alarm);
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
    }
    unread.map_or(Ok(Some(furthest)), Err)
}

/// Whether reads and writes of management events are logged.
fn logs_management_events(selectors: &EventSelectors) -> bool {
    match selectors {
        EventSelectors::Basic(selectors) => {
            selectors.iter().any(|selector| selector.management_events && selector.read_write_type == "All")
        }
        EventSelectors::Advanced(selectors) => selectors.iter().any(|selector| {
            let management = |value: &String| value == "Management";
            let is_management = |field: &crate::snapshot::cloudtrail::FieldSelector| {
                field.field == "eventCategory" && field.equals.iter().any(management)
            };
            selector.fields.iter().any(is_management)
                && !selector.fields.iter().any(|field| field.field == "readOnly")
        }),
    }
}
