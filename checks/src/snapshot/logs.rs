//! CloudWatch Logs.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Judged, Place};

service! {
    /// Logs of one region.
    Logs, Regional;

    op("CloudWatch Logs", "logs", UNPUBLISHED) {
        LogsLogGroups [DescribeLogGroups] =>
            /// Log groups.
            log_groups: Vec<LogGroup>;
        LogsMetricFilters [DescribeMetricFilters] =>
            /// Metric filters.
            metric_filters: Vec<MetricFilter>;
        LogsDeliveries [DescribeDeliveries, DescribeDeliverySources] =>
            /// Vended logs that are delivered somewhere.
            vended_logs: Vec<VendedLog>;
    }
}

/// A log group.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LogGroup {
    /// Its name.
    pub name: String,
    /// Its ARN, without the `:*` at the end.
    pub arn: String,
    /// Days that events are kept; none for ever.
    pub retention_days: Option<i32>,
    /// ARN of the KMS key that it is encrypted with, besides AWS's own encryption.
    pub kms_key: Option<String>,
    /// `STANDARD`, `INFREQUENT_ACCESS` or `DELIVERY`, which keeps two days.
    pub class: String,
}

impl Judged for LogGroup {
    const TYPE: &'static str = "AWS::Logs::LogGroup";
    fn id(&self) -> String {
        self.name.clone()
    }
    fn arn(&self, _: &Place<'_>) -> String {
        self.arn.clone()
    }
}

/// A metric filter.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MetricFilter {
    /// Its name.
    pub name: String,
    /// The log group that it reads.
    pub log_group: String,
    /// What it looks for.
    pub pattern: String,
    /// It looks at what the log group's transformer made of the events.
    pub on_transformed: bool,
    /// The accounts and regions whose events it looks at; none for those of all.
    pub selection: Option<String>,
    /// `@aws.account`, `@aws.region`: added to the dimensions of every metric.
    pub system_dimensions: Vec<String>,
    /// The metrics that it feeds.
    pub metrics: Vec<FilterMetric>,
}

/// A metric as a filter feeds it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FilterMetric {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// What each event counts: a number, or where in the event it is (`$.size`).
    pub value: String,
    /// What is told while other events come in and none matches.
    pub default_value: Option<f64>,
    /// Where in the event the value of each dimension is, by the dimension's name.
    pub dimensions: BTreeMap<String, String>,
    /// Its unit, `None` when the filter names none.
    pub unit: String,
}

/// A kind of log that a service delivers for one of its resources.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct VendedLog {
    /// ARN of the resource.
    pub resource: String,
    /// `ACCESS_LOGS`, `ALB_ACCESS_LOGS`, ….
    pub log_type: String,
}
