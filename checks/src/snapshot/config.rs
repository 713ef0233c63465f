//! AWS Config.

use serde::{Deserialize, Serialize};

use super::{Judged, Place};

service! {
    /// Recording of configurations in one region.
    Config, Regional;

    op("Config Service", "config", UNPUBLISHED) {
        ConfigRecorders [DescribeConfigurationRecorders, DescribeConfigurationRecorderStatus] =>
            /// Configuration recorders: one of the customer's own, and service-linked ones.
            recorders: Vec<Recorder>;
        ConfigDeliveryChannels needs ConfigRecorders [
            DescribeDeliveryChannels,
            DescribeDeliveryChannelStatus,
        ] =>
            /// Delivery channels: one at most. Not asked where there is no recorder.
            delivery_channels: Vec<DeliveryChannel>;
        ConfigRules [DescribeConfigRules, DescribeComplianceByConfigRule] =>
            /// Rules.
            rules: Vec<ConfigRule>;
    }
}

/// A rule, with what it found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfigRule {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// `COMPLIANT`, `NON_COMPLIANT`, `NOT_APPLICABLE` or `INSUFFICIENT_DATA`.
    pub compliance: Option<String>,
    /// How many resources are not compliant.
    pub non_compliant: i32,
    /// There are more than AWS counts.
    pub more: bool,
}

impl Judged for ConfigRule {
    const TYPE: &'static str = "AWS::Config::ConfigRule";
    fn id(&self) -> String {
        self.name.clone()
    }
    fn arn(&self, _: &Place<'_>) -> String {
        self.arn.clone()
    }
}

/// A configuration recorder with its status.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recorder {
    /// Its name, mostly `default`.
    pub name: String,
    /// It records now; none when AWS returned no status of it.
    pub recording: Option<bool>,
    /// `PENDING`, `SUCCESS`, `FAILURE` or `NOT_APPLICABLE`.
    pub last_status: Option<String>,
    /// The error of the last status.
    pub last_error: Option<String>,
    /// The service that owns a service-linked recorder, which records for that service only.
    pub service_principal: Option<String>,
    /// What `resource_types` or `excluded_types` are for: `ALL_SUPPORTED_RESOURCE_TYPES`,
    /// `INCLUSION_BY_RESOURCE_TYPES` or `EXCLUSION_BY_RESOURCE_TYPES`; none for one from before there were
    /// strategies.
    pub strategy: Option<String>,
    /// It records all supported types, present and future.
    pub all_supported: bool,
    /// It records global types too.
    pub include_global_resource_types: bool,
    /// The types that it records, where not all.
    pub resource_types: Vec<String>,
    /// The types that it leaves out.
    pub excluded_types: Vec<String>,
}

/// A delivery channel with its status.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryChannel {
    /// Its name, mostly `default`.
    pub name: String,
    /// The bucket that it delivers to.
    pub bucket: Option<String>,
    /// Status of the last delivery of configuration history: `SUCCESS`, `FAILURE` or `NOT_APPLICABLE`.
    pub history_status: Option<String>,
    /// The error of that delivery.
    pub history_error: Option<String>,
    /// Status of the last delivery of a configuration snapshot.
    pub snapshot_status: Option<String>,
    /// The error of that delivery.
    pub snapshot_error: Option<String>,
}
