//! Security Hub.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::gap::Collected;

/// Security Hub of one region.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SecurityHub {
    /// It is enabled.
    pub enabled: Collected<bool>,
    /// ARNs of the standards that are enabled and not failed.
    pub standards: Collected<Vec<String>>,
    /// Active critical findings that nobody has resolved or suppressed, oldest first.
    pub critical_findings: Collected<Vec<HubFinding>>,
}

/// A finding that Security Hub keeps.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct HubFinding {
    /// Its title.
    pub title: String,
    /// The product that found it.
    pub product: String,
    /// The resource that it is about.
    pub resource: Option<String>,
    /// When it was found.
    pub created: Option<Timestamp>,
}
