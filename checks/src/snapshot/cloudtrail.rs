//! CloudTrail.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{ById, Judged, Place};
use crate::gap::Collected;

service! {
    /// Trails of one region.
    CloudTrail, Regional;

    op("CloudTrail", "cloudtrail", CLOUDTRAIL) {
        CloudTrailTrails [DescribeTrails, GetTrailStatus, GetEventSelectors] =>
            /// Trails that have this region as their home. A trail whose home region is not scanned is listed in the
            /// first scanned region that shows it.
            trails: Vec<Trail>;
        CloudTrailInsights needs CloudTrailTrails [GetInsightSelectors] =>
            /// The kinds of insights that each trail looks for, by its ARN.
            insights: ById<Vec<String>>;
    }
}

/// A trail.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trail {
    /// Its name.
    pub name: String,
    /// Its ARN; the account in it is the management account's for an organization trail.
    pub arn: String,
    /// The region that it was made in.
    pub home_region: String,
    /// It covers all regions.
    pub is_multi_region: bool,
    /// It records events of global services.
    pub include_global_service_events: bool,
    /// Digest files let tampering be noticed.
    pub log_file_validation: bool,
    /// The bucket that it delivers to.
    pub bucket: Option<String>,
    /// The KMS key that log files are encrypted with.
    pub kms_key: Option<String>,
    /// The log group that it delivers to.
    pub log_group_arn: Option<String>,
    /// Whether it logs now.
    pub status: Collected<TrailStatus>,
    /// Which events it logs.
    pub event_selectors: Collected<EventSelectors>,
}

impl Trail {
    /// The account that owns it.
    #[must_use]
    pub fn account(&self) -> &str {
        self.arn.split(':').nth(4).unwrap_or_default()
    }
}

impl Judged for Trail {
    const TYPE: &'static str = "AWS::CloudTrail::Trail";
    fn id(&self) -> String {
        self.name.clone()
    }
    fn arn(&self, _: &Place<'_>) -> String {
        self.arn.clone()
    }
    fn region(&self) -> Option<&str> {
        Some(&self.home_region)
    }
}

/// The answer of `GetTrailStatus`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrailStatus {
    /// Logging is on.
    pub is_logging: bool,
    /// The error of the latest delivery to S3; none when that went well.
    pub latest_delivery_error: Option<String>,
    /// When events last reached the log group.
    pub latest_cloudwatch_logs_delivery: Option<Timestamp>,
}

/// Which events a trail logs: the basic or the advanced selectors.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventSelectors {
    /// Basic selectors, of which each may log management events.
    Basic(Vec<EventSelector>),
    /// Advanced selectors, of which each logs the events that meet all of its fields.
    Advanced(Vec<AdvancedSelector>),
}

/// A basic event selector.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventSelector {
    /// It includes management events.
    pub management_events: bool,
    /// `All`, `ReadOnly` or `WriteOnly`.
    pub read_write_type: String,
    /// Services whose management events are left out, e.g. `kms.amazonaws.com`.
    pub excluded_sources: Vec<String>,
    /// Data resources by type: ARNs or prefixes.
    pub data_resources: Vec<DataResource>,
}

/// Data events of a basic selector.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataResource {
    /// `AWS::S3::Object`, …
    pub kind: String,
    /// ARNs or prefixes of ARNs.
    pub values: Vec<String>,
}

/// An advanced event selector: all fields must match.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdvancedSelector {
    /// The conditions, one per field.
    pub fields: Vec<FieldSelector>,
}

/// One condition of an advanced event selector.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldSelector {
    /// `eventCategory`, `readOnly`, `eventSource`, `resources.type`, …
    pub field: String,
    /// Any of these.
    pub equals: Vec<String>,
    /// None of these.
    pub not_equals: Vec<String>,
    /// Any of these prefixes.
    pub starts_with: Vec<String>,
    /// None of these prefixes.
    pub not_starts_with: Vec<String>,
    /// Any of these suffixes.
    pub ends_with: Vec<String>,
    /// None of these suffixes.
    pub not_ends_with: Vec<String>,
}
