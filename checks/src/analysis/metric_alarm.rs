//! Whether an alarm on metrics goes off by log events that metric filters count: the metric that the filter feeds
//! is the one that the alarm watches, dimensions and all, and what it then says is beyond the threshold, which
//! what it says otherwise is not.
//!
//! From the CloudWatch User Guide ("Alarm evaluation", "Configuring how CloudWatch alarms treat missing data",
//! "CloudWatch statistics definitions", "Percentile-based alarms and low data samples") and the CloudWatch Logs
//! User Guide ("Creating metrics from log events using filters").

use std::{cell::Cell, collections::BTreeMap};

use serde_json::Value;

use super::metric_math;
use crate::snapshot::{
    cloudwatch::{Alarm, Condition, Query, QueryKind, Statistic},
    logs::{FilterMetric, MetricFilter},
};

/// What a metric filter publishes of one metric when the event comes.
#[derive(Clone, Debug)]
pub(super) struct Feed<'a> {
    metric: &'a FilterMetric,
    /// The filter catches the event; otherwise it has a default value at most.
    caught: bool,
    /// What the event counts; none when the filter does not catch it, or finds no number in it.
    value: Result<Option<f64>, String>,
    /// The dimensions, each with its value when that is the same for every such event.
    dimensions: BTreeMap<&'a str, Option<String>>,
}

/// What metric filters publish when the event comes.
#[derive(Clone, Debug)]
pub(super) struct Feeds<'a> {
    all: Vec<Feed<'a>>,
    /// The places of those that catch it: there are many filters and many alarms, and few of these.
    caught: Vec<usize>,
}

impl<'a> Feeds<'a> {
    /// All of them.
    pub(super) fn of(all: Vec<Feed<'a>>) -> Self {
        let caught = (0..all.len()).filter(|at| all[*at].caught).collect();
        Self { all, caught }
    }
}

/// Where an event comes from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Origin<'a> {
    pub account: &'a str,
    pub region: &'a str,
}

impl<'a> Feed<'a> {
    /// What the filter feeds; `caught` is whether the event matches it.
    pub(super) fn of(
        filter: &'a MetricFilter,
        metric: &'a FilterMetric,
        caught: bool,
        event: &Value,
        origin: Origin<'_>,
    ) -> Self {
        let mut dimensions: BTreeMap<_, _> = metric
            .dimensions
            .iter()
            .map(|(name, selector)| (name.as_str(), same_for_all(selector, event)))
            .collect();
        for field in &filter.system_dimensions {
            let value = match field.as_str() {
                "@aws.account" => Some(origin.account.to_owned()),
                "@aws.region" => Some(origin.region.to_owned()),
                _ => None,
            };
            dimensions.insert(field, value);
        }
        let value = if caught { value(&metric.value, event) } else { Ok(None) };
        Self { metric, caught, value, dimensions }
    }

    /// Whether the alarm's query is for this metric, and not one that other dimensions make.
    fn is_asked_by(&self, query: &Query, of: &Statistic, account: &str) -> bool {
        let dimensions = self.dimensions.len() == of.dimensions.len()
            && of.dimensions.iter().all(|(name, value)| {
                self.dimensions.get(name.as_str()).is_some_and(|told| told.as_ref() == Some(value))
            });
        query.account.as_deref().is_none_or(|of| of == account)
            && (of.namespace.as_str(), of.name.as_str())
                == (self.metric.namespace.as_str(), self.metric.name.as_str())
            && dimensions
    }
}

/// What the event counts: a number, or the one that is at a place in it.
fn value(told: &str, event: &Value) -> Result<Option<f64>, String> {
    let Some(path) = told.strip_prefix("$.") else {
        return told
            .trim()
            .parse()
            .map(Some)
            .map_err(|_| format!("the metric's value {told} is not understood"));
    };
    match at(path, event) {
        Some(Value::Number(number)) => Ok(number.as_f64()),
        // No record has a number where this one has words.
        Some(Value::String(text)) if text.parse::<f64>().is_err() => Ok(None),
        _ => Err(format!("the metric's value is what an event has in {told}")),
    }
}

/// The value of the dimension, when it is the same for all events of that kind: an alarm watches one value.
fn same_for_all(selector: &str, event: &Value) -> Option<String> {
    let path = selector.strip_prefix("$.")?;
    let of_one_region = ["iam.amazonaws.com", "organizations.amazonaws.com", "signin.amazonaws.com"];
    let same = match path {
        "eventName" | "eventSource" | "eventType" | "eventCategory" | "recipientAccountId" => true,
        "awsRegion" => of_one_region.iter().any(|service| event["eventSource"] == *service),
        "userIdentity.type" => event["userIdentity"]["type"] == "Root",
        "userIdentity.accountId" => true,
        _ => false,
    };
    at(path, event)?.as_str().filter(|_| same).map(str::to_owned)
}

fn at<'v>(path: &str, event: &'v Value) -> Option<&'v Value> {
    path.split('.').try_fold(event, |value, step| value.get(step))
}

/// Whether the alarm goes off by so many of the events, within a minute, after nothing happened; none where it
/// watches other metrics.
///
/// # Errors
/// When CloudWatch makes something of the metric that this program does not know.
pub(super) fn goes_off(
    alarm: &Alarm,
    feeds: &Feeds<'_>,
    account: &str,
    events: u32,
) -> Result<Option<bool>, String> {
    let Some(condition) = &alarm.condition else { return Ok(None) };
    let watched = feeds.caught.iter().map(|at| &feeds.all[*at]).any(|feed| {
        condition.queries.iter().any(|query| match &query.of {
            QueryKind::Statistic(of) => feed.is_asked_by(query, of, account),
            // Metrics Insights names the metric in the text of its query.
            QueryKind::Expression(text) => is_insights(text) && text.contains(&feed.metric.name),
        })
    });
    if !watched {
        return Ok(None);
    }
    let beyond = match condition.comparison.as_str() {
        "GreaterThanOrEqualToThreshold" => |value: f64, threshold: f64| value >= threshold,
        "GreaterThanThreshold" => |value, threshold| value > threshold,
        "LessThanOrEqualToThreshold" => |value, threshold| value <= threshold,
        "LessThanThreshold" => |value, threshold| value < threshold,
        // An event is no less than what was expected.
        "LessThanLowerThreshold" => return Ok(Some(false)),
        other => return Err(format!("what {other} finds depends on what CloudWatch has learnt")),
    };
    let threshold = condition.threshold.ok_or("the alarm has no threshold")?;
    let mut returning = condition.queries.iter().filter(|query| query.returns_data);
    let (Some(query), None) = (returning.next(), returning.next()) else {
        return Err("not one query of the alarm returns data".into());
    };
    // What else the alarm watches may have no data meanwhile, or may be 0.
    let [without, zero] = [None, Some(0.0)].map(|others| {
        let beyond = |events| {
            let left = Cell::new(MOST_QUERIES);
            let value =
                Period { condition, feeds: &feeds.all, account, events, others, left }.value(query, 0)?;
            Ok::<_, String>(value.map(|value| beyond(value, threshold)))
        };
        Ok::<_, String>(changes(alarm, condition, beyond(0)?, beyond(events)?))
    });
    if without == zero { without.map(Some) } else { Err("the alarm depends on other metrics, too".into()) }
}

/// Whether the alarm goes off in a period that is busy after quiet ones; each is beyond the threshold or not, or
/// without data.
fn changes(alarm: &Alarm, condition: &Condition, quiet: Option<bool>, busy: Option<bool>) -> bool {
    let enough = condition.datapoints_to_alarm.unwrap_or(condition.evaluation_periods) <= 1;
    match (quiet, busy) {
        // Or it is always on.
        (_, None | Some(false)) | (Some(true), Some(true)) => false,
        (Some(false), Some(true)) => enough,
        (None, Some(true)) => match condition.missing_data.as_str() {
            "notBreaching" => enough,
            "breaching" => false,
            // Nothing ever ends the alarm that an earlier event raised.
            "ignore" => enough && alarm.state != "ALARM",
            // Periods without data are as if there were none: one beyond the threshold is enough.
            _ => true,
        },
    }
}

fn is_insights(expression: &str) -> bool {
    expression.trim_start().get(..6).is_some_and(|start| start.eq_ignore_ascii_case("select"))
}

/// A period in which so many of the events come.
struct Period<'a> {
    condition: &'a Condition,
    feeds: &'a [Feed<'a>],
    account: &'a str,
    events: u32,
    /// What all other metrics say.
    others: Option<f64>,
    /// How many queries may still be asked for: expressions of expressions could go on for ever.
    left: Cell<u32>,
}

/// More than the expressions of an alarm ask for, which may have ten queries.
const MOST_QUERIES: u32 = 10_000;

impl Period<'_> {
    /// What the query says; none without data.
    fn value(&self, query: &Query, depth: usize) -> Result<Option<f64>, String> {
        let text = match &query.of {
            QueryKind::Statistic(of) => return self.statistic(query, of),
            QueryKind::Expression(text) => text,
        };
        // CloudWatch lets no expression refer to itself.
        let left = self.left.get().checked_sub(1).filter(|_| depth <= self.condition.queries.len().min(8));
        self.left.set(left.ok_or("expressions refer to each other")?);
        if is_insights(text) {
            return Err("a query of Metrics Insights is not followed".into());
        }
        let queries = &self.condition.queries;
        let metrics = queries.iter().filter(|query| matches!(query.of, QueryKind::Statistic(_)));
        let metrics: Vec<_> = metrics.map(|query| query.id.as_str()).collect();
        let by_id = |id: &str| {
            let query = queries.iter().find(|query| query.id == id);
            self.value(query.ok_or_else(|| format!("{id} is not known"))?, depth + 1)
        };
        metric_math::evaluate(text, &by_id, &metrics)
    }

    fn statistic(&self, query: &Query, of: &Statistic) -> Result<Option<f64>, String> {
        let mut feeds = self.feeds.iter().filter(|feed| feed.is_asked_by(query, of, self.account)).peekable();
        if feeds.peek().is_none() {
            return Ok(self.others);
        }
        // Data of another unit is none of it.
        let feeds: Vec<_> =
            feeds.filter(|feed| of.unit.as_ref().is_none_or(|unit| *unit == feed.metric.unit)).collect();
        let mut samples = Vec::new();
        for feed in &feeds {
            if let Some(value) = feed.value.clone()? {
                samples.extend((0..self.events).map(|_| value));
            }
        }
        // A filter publishes its default value for each minute in which it caught nothing.
        let minutes = usize::try_from(of.period / 60).unwrap_or(1).max(1);
        let silent = if samples.is_empty() { minutes } else { minutes - 1 };
        for default in feeds.iter().filter_map(|feed| feed.metric.default_value) {
            samples.extend(std::iter::repeat_n(default, silent.min(24 * 60)));
        }
        statistic(&of.statistic, samples, self.condition.ignores_low_samples)
    }
}

/// A statistic of the samples; none when there are no samples.
fn statistic(name: &str, mut samples: Vec<f64>, ignores_few: bool) -> Result<Option<f64>, String> {
    samples.sort_by(f64::total_cmp);
    let (Some(&least), Some(&most)) = (samples.first(), samples.last()) else { return Ok(None) };
    #[expect(clippy::cast_precision_loss, reason = "a day has 1,440 minutes")]
    let count = samples.len() as f64;
    let sum: f64 = samples.iter().sum();
    let percentile = name.strip_prefix('p').and_then(|rank| rank.parse::<f64>().ok());
    Ok(Some(match (name, percentile) {
        ("Sum", _) => sum,
        ("Average", _) => sum / count,
        ("Minimum", _) => least,
        ("Maximum", _) => most,
        ("SampleCount", _) => count,
        (_, Some(rank)) => {
            let distance = if rank >= 50.0 { 100.0 - rank } else { rank };
            if ignores_few && count < 1000.0 / distance {
                return Ok(None);
            }
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a rank among samples"
            )]
            let at = (rank / 100.0 * count).ceil().max(1.0) as usize;
            samples.get(at - 1).copied().unwrap_or(most)
        }
        // Trimmed and winsorized means and the interquartile mean of equal values are that value.
        (name, None)
            if least.total_cmp(&most).is_eq()
                && (name == "IQM" || name.starts_with("tm") || name.starts_with("wm")) =>
        {
            most
        }
        _ => return Err(format!("the statistic {name} is not understood")),
    }))
}
