//! CloudWatch alarms.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Judged, Place};

service! {
    /// Alarms of one region.
    CloudWatch, Regional;

    op("CloudWatch", "cloudwatch", UNPUBLISHED) {
        CloudWatchAlarms [DescribeAlarms] =>
            /// Alarms on metrics, and composite alarms.
            alarms: Vec<Alarm>;
    }
}

/// An alarm.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Alarm {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// `OK`, `ALARM` or `INSUFFICIENT_DATA`.
    pub state: String,
    /// When it goes off; none for a composite alarm.
    pub condition: Option<Condition>,
    /// The rule of a composite alarm, which names other alarms.
    pub rule: Option<String>,
    /// The alarm, by name or ARN, that keeps a composite alarm from acting while it goes off.
    pub actions_suppressor: Option<String>,
    /// Its actions are not switched off.
    pub actions_enabled: bool,
    /// What happens when it goes off: ARNs.
    pub alarm_actions: Vec<String>,
    /// What happens when it is well again, or without data: ARNs.
    pub other_actions: Vec<String>,
}

/// When an alarm on metrics goes off.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Condition {
    /// The metrics that it watches and what it makes of them: one for an alarm on a single metric.
    pub queries: Vec<Query>,
    /// `GreaterThanOrEqualToThreshold`, ….
    pub comparison: String,
    /// What the value is compared with; none for an anomaly detection model.
    pub threshold: Option<f64>,
    /// How many periods are looked at.
    pub evaluation_periods: i32,
    /// How many of them must be beyond the threshold; all when not set.
    pub datapoints_to_alarm: Option<i32>,
    /// What periods without data count as: `missing`, `ignore`, `breaching` or `notBreaching`.
    pub missing_data: String,
    /// A percentile of too few data points does not count.
    pub ignores_low_samples: bool,
}

/// A metric that an alarm watches, or an expression over others.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Query {
    /// The name that expressions use.
    pub id: String,
    /// Its value is the one that is compared with the threshold.
    pub returns_data: bool,
    /// The account that has the metric, where it is another one.
    pub account: Option<String>,
    /// What it asks for.
    pub of: QueryKind,
}

/// What a query asks for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QueryKind {
    /// A statistic of a metric.
    Statistic(Statistic),
    /// A metric math expression, or a query of Metrics Insights.
    Expression(String),
}

impl Default for QueryKind {
    fn default() -> Self {
        Self::Expression(String::new())
    }
}

/// A statistic of a metric.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Statistic {
    /// The metric's namespace.
    pub namespace: String,
    /// The metric's name.
    pub name: String,
    /// The metric's dimensions. Other dimensions make another metric.
    pub dimensions: BTreeMap<String, String>,
    /// `Sum`, `Maximum`, `p99`, ….
    pub statistic: String,
    /// Seconds.
    pub period: i32,
    /// Data with this unit only.
    pub unit: Option<String>,
}

impl Judged for Alarm {
    const TYPE: &'static str = "AWS::CloudWatch::Alarm";
    fn id(&self) -> String {
        self.name.clone()
    }
    fn arn(&self, _: &Place<'_>) -> String {
        self.arn.clone()
    }
}
