//! Security Hub.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::gap::Collected;

/// Critical findings that are read at most: they are counted and summarised, and a thousand say enough.
pub const MOST_FINDINGS: usize = 1000;

/// Security Hub of one region.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SecurityHub {
    /// It is enabled.
    pub enabled: Collected<bool>,
    /// ARNs of the standards that are enabled and not failed.
    pub standards: Collected<Vec<String>>,
    /// Active critical findings of this account and region that nobody has resolved or suppressed, oldest
    /// first; reading ends at [`MOST_FINDINGS`].
    pub critical_findings: Collected<Vec<HubFinding>>,
    /// The account that administers Security Hub for this one, if another does.
    pub administrator: Collected<Option<String>>,
    /// The newer Security Hub is on as well, which sends its findings in the format OCSF.
    pub sends_ocsf: Collected<bool>,
}

/// A finding that Security Hub keeps.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
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
