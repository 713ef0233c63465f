//! CloudWatch alarms.

use serde::{Deserialize, Serialize};

use super::{Judged, Place};
use crate::gap::Collected;

/// Alarms of one region.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CloudWatch {
    /// Alarms on metrics, and composite alarms.
    pub alarms: Collected<Vec<Alarm>>,
}

/// An alarm.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Alarm {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// The metrics that it watches; none for a composite alarm.
    pub metrics: Vec<super::logs::Metric>,
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

impl Judged for Alarm {
    const TYPE: &'static str = "AWS::CloudWatch::Alarm";
    fn id(&self) -> String {
        self.name.clone()
    }
    fn arn(&self, _: &Place<'_>) -> String {
        self.arn.clone()
    }
}
