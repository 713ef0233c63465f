//! GuardDuty.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::gap::Collected;

/// Threat detection in one region.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct GuardDuty {
    /// Detectors: one at most.
    pub detectors: Collected<Vec<Detector>>,
}

/// A detector.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Detector {
    /// Its id.
    pub id: String,
    /// It is enabled, not suspended.
    pub enabled: bool,
    /// Protection plans by name (`S3_DATA_EVENTS`, …), and whether they are on.
    pub features: BTreeMap<String, bool>,
}
