//! Whether an event of CloudTrail raises an alarm that somebody receives: trail → log group → metric filter →
//! metric → alarm → action → confirmed subscription, as CIS asks for in its section on monitoring.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;
use serde_json::Value;

use super::{
    composite_alarm::{self, State},
    filter_pattern::FilterPattern,
    metric_alarm::{self, Feed, Feeds, Origin},
    notification::is_live,
    trail::{self, logs_management},
};
use crate::{
    gap::{self, Gap, Gaps, NotJudged},
    snapshot::{
        Region, Snapshot,
        cloudtrail::Trail,
        cloudwatch::{self, Alarm},
        logs::{self, MetricFilter},
    },
};

/// The links of the chain, from the trail on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Link {
    /// A multi-region trail that logs all management events.
    Trail,
    /// The log group that it delivers to.
    LogGroup,
    /// A metric filter that catches the event.
    MetricFilter,
    /// An alarm on the filter's metric.
    Alarm,
    /// An alarm on it that goes off by the event.
    AlarmCondition,
    /// An action of the alarm.
    AlarmAction,
    /// Somebody who receives it.
    Subscription,
}

/// The first link that is missing for the event, so many times within a minute, on the way that gets furthest;
/// none when an alarm reaches somebody.
///
/// # Errors
/// When no complete chain is known, and not all that might be one could be read. Not applicable where another
/// account's trail is the only one that does: the filters and alarms on it are that account's.
pub fn missing(snapshot: &Snapshot, event: &Value, how_often: u32) -> Result<Option<Link>, NotJudged> {
    let (trails, mut gaps) = trail::all(snapshot);
    let mut furthest = Link::Trail;
    let mut elsewhere = false;
    for trail in trails {
        let missing = after_trail(snapshot, trail, event, how_often);
        elsewhere |= missing == Err(NotJudged::NotApplicable);
        match gaps.known(missing) {
            Some(None) => return Ok(None),
            Some(Some(link)) => furthest = furthest.max(link),
            None => {}
        }
    }
    gaps.unless(false)?;
    // Another account's trail is not nothing: whether an alarm follows it is for that account to know.
    if elsewhere && furthest == Link::Trail { Err(NotJudged::NotApplicable) } else { Ok(Some(furthest)) }
}

fn after_trail(
    snapshot: &Snapshot,
    trail: &Trail,
    event: &Value,
    how_often: u32,
) -> Result<Option<Link>, NotJudged> {
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
    let scanned = snapshot
        .regions
        .get(region)
        .ok_or_else(|| Gap::not_scanned(logs::op::DescribeMetricFilters, region, Some(group)))?;
    let origin = Origin { account: owner, region };
    after_log_group(origin, scanned, group, event, how_often)
}

fn after_log_group(
    origin: Origin<'_>,
    region: &Region,
    group: &str,
    event: &Value,
    how_often: u32,
) -> Result<Option<Link>, NotJudged> {
    // What the filters feed for sure, and what they feed if those that are not understood catch the event.
    let (mut sure, mut possible, mut doubt) = (Vec::new(), Vec::new(), Gaps::default());
    let mut any_catches = false;
    for filter in region.logs.metric_filters.get()? {
        // Filters of other log groups may feed the same metric its default value.
        let caught = if filter.log_group == group { catches(origin, filter, event) } else { Ok(false) };
        any_catches |= caught == Ok(true);
        for metric in &filter.metrics {
            let feed = |caught| Feed::of(filter, metric, caught, event, origin);
            sure.push(feed(caught == Ok(true)));
            // Only if all else is there does it matter what the filter counts.
            possible.push(feed(caught != Ok(false)));
        }
        doubt.known(caught);
    }
    if !any_catches && doubt.is_empty() {
        return Ok(Some(Link::MetricFilter));
    }
    let alarms = region.cloudwatch.alarms.get()?;
    let events = Events { origin, how_often, alarms };
    let (certain, furthest) = events.go_off(&Feeds::of(sure), &Feeds::of(possible), &doubt);
    let furthest = if any_catches { furthest } else { Link::MetricFilter };
    after_alarms(region, alarms, &certain, furthest)
}

fn catches(origin: Origin<'_>, filter: &MetricFilter, event: &Value) -> Result<bool, NotJudged> {
    let unclear = |why: String| {
        Gap::unreadable(logs::op::DescribeMetricFilters, Some(origin.region), Some(&filter.name), why).into()
    };
    if filter.on_transformed {
        return Err(unclear("the filter looks at what a log transformer makes of the events".into()));
    }
    match FilterPattern::parse(&filter.pattern) {
        Ok(pattern) if !pattern.matches(event) => Ok(false),
        Ok(_) => match &filter.selection {
            None => Ok(true),
            Some(criteria) => Err(unclear(format!("{criteria} may leave events out"))),
        },
        // CloudWatch Logs took the pattern, so it says something that this program does not understand.
        Err(error) => Err(unclear(error.to_string())),
    }
}

/// Events that come so often within a minute, and the alarms that may go off by them.
struct Events<'a> {
    origin: Origin<'a>,
    how_often: u32,
    alarms: &'a [Alarm],
}

/// The alarms that go off, by their ARN; with a reason, they only may.
type GoingOff<'a> = BTreeMap<&'a str, Result<(), NotJudged>>;

impl<'a> Events<'a> {
    /// The alarms that go off, and the furthest link that is missing without their actions.
    fn go_off(&self, sure: &Feeds<'_>, possible: &Feeds<'_>, doubt: &Gaps) -> (GoingOff<'a>, Link) {
        let (mut going_off, mut furthest) = (GoingOff::new(), Link::Alarm);
        for alarm in self.alarms {
            let by = |feeds| metric_alarm::goes_off(alarm, feeds, self.origin.account, self.how_often);
            match by(sure) {
                Ok(Some(true)) => {
                    going_off.insert(&alarm.arn, Ok(()));
                    continue;
                }
                Ok(Some(false)) => furthest = furthest.max(Link::AlarmCondition),
                Ok(None) => {}
                Err(why) => {
                    going_off.insert(&alarm.arn, Err(self.unclear(alarm, why)));
                    continue;
                }
            }
            if doubt.is_empty() {
                continue;
            }
            match by(possible) {
                Err(why) => {
                    going_off.insert(&alarm.arn, Err(self.unclear(alarm, why)));
                }
                Ok(Some(true)) => {
                    going_off.insert(&alarm.arn, Err(NotJudged::Unread(doubt.clone())));
                }
                Ok(_) => {}
            }
        }
        self.add_composites(&mut going_off);
        (going_off, furthest)
    }

    /// Adds the composite alarms that go off with these, and with each other.
    fn add_composites(&self, going_off: &mut GoingOff<'a>) {
        // Where none goes off, every rule says afterwards what it said before.
        if going_off.is_empty() {
            return;
        }
        let mut by_name = HashMap::new();
        for alarm in self.alarms {
            for name in [&alarm.arn, &alarm.name] {
                by_name.entry(name.as_str()).or_insert(alarm);
            }
        }
        loop {
            let before = going_off.len();
            for alarm in self.alarms {
                let Some(rule) =
                    alarm.rule.as_deref().filter(|_| !going_off.contains_key(alarm.arn.as_str()))
                else {
                    continue;
                };
                let state = |name: &str, now: bool| {
                    let of = by_name.get(name);
                    let goes_off = of.and_then(|alarm| going_off.get(alarm.arn.as_str())).filter(|_| now);
                    match (goes_off, of.map(|alarm| alarm.state.as_str())) {
                        (Some(Ok(())), _) => State::Alarm,
                        (Some(Err(_)), _) => State::Unclear,
                        (None, Some("INSUFFICIENT_DATA")) => State::InsufficientData,
                        // What is on at the moment is over by and by.
                        (None, _) => State::Ok,
                    }
                };
                let after = composite_alarm::holds(rule, &|name| state(name, true));
                let quiet = composite_alarm::holds(rule, &|name| state(name, false));
                let suppressor = alarm.actions_suppressor.as_deref().map(|name| state(name, true));
                match (quiet, after, suppressor) {
                    (Some(true), ..) | (_, Some(false), _) | (.., Some(State::Alarm)) => {}
                    (Some(false), Some(true), None | Some(State::Ok | State::InsufficientData)) => {
                        going_off.insert(&alarm.arn, Ok(()));
                    }
                    // A rule that is about none of them says nothing of the event.
                    _ if !self.is_about(rule, going_off) => {}
                    _ => {
                        let why = "whether its rule holds could not be told";
                        going_off.insert(&alarm.arn, Err(self.unclear(alarm, why.into())));
                    }
                }
            }
            if going_off.len() == before {
                return;
            }
        }
    }

    fn is_about(&self, rule: &str, going_off: &GoingOff<'_>) -> bool {
        let mut alarms = self.alarms.iter().filter(|alarm| going_off.contains_key(alarm.arn.as_str()));
        alarms.any(|alarm| rule.contains(&alarm.name))
    }

    fn unclear(&self, alarm: &Alarm, why: String) -> NotJudged {
        let (operation, region) = (cloudwatch::op::DescribeAlarms, Some(self.origin.region));
        Gap::unreadable(operation, region, Some(&alarm.name), why).into()
    }
}

/// Whether an alarm that goes off reaches somebody.
fn after_alarms(
    region: &Region,
    alarms: &[Alarm],
    going_off: &GoingOff<'_>,
    mut furthest: Link,
) -> Result<Option<Link>, NotJudged> {
    let mut gaps = Gaps::default();
    for alarm in alarms {
        let Some(goes_off) = going_off.get(alarm.arn.as_str()) else { continue };
        let mut reach = |link| {
            if goes_off.is_ok() {
                furthest = furthest.max(link);
            }
        };
        reach(Link::AlarmAction);
        for action in alarm.alarm_actions.iter().filter(|_| alarm.actions_enabled) {
            reach(Link::Subscription);
            let goes_off = goes_off.clone().map(|()| true);
            if gaps.known(gap::all([is_live(region, &alarm.arn, action), goes_off])) == Some(true) {
                return Ok(None);
            }
        }
    }
    gaps.unless(false).map(|()| Some(furthest))
}
