//! EventBridge.

use serde::{Deserialize, Serialize};

use super::{Judged, Place};
use crate::gap::Collected;

service! {
    /// The default event bus of one region, where services of AWS send their events.
    EventBridge, Regional;

    op("EventBridge", "events", UNPUBLISHED) {
        EventBridgeRules [ListRules, ListTargetsByRule] =>
            /// Rules of the default event bus.
            rules: Vec<Rule>;
    }
}

/// A rule.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// It is enabled.
    pub enabled: bool,
    /// The events that it is for, as JSON text; none for a schedule.
    pub pattern: Option<String>,
    /// ARNs of its targets. Not asked where it is disabled.
    pub targets: Collected<Vec<String>>,
}

impl Judged for Rule {
    const TYPE: &'static str = "AWS::Events::Rule";
    fn id(&self) -> String {
        self.name.clone()
    }
    fn arn(&self, _: &Place<'_>) -> String {
        self.arn.clone()
    }
}
