//! Detective.

use serde::{Deserialize, Serialize};

use crate::gap::Collected;

/// Detective of one region.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Detective {
    /// ARNs of the behavior graphs that the account owns or else has joined. Not asked where no detector of
    /// GuardDuty is enabled.
    pub graphs: Collected<Vec<String>>,
}
