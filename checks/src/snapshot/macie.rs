//! Macie.

use serde::{Deserialize, Serialize};

use crate::gap::Collected;

/// Macie of one region.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Macie {
    /// `ENABLED` or `PAUSED`; none where it was never enabled.
    pub status: Collected<Option<String>>,
    /// It looks for sensitive data by itself; none where Macie is not enabled, or another account, its
    /// administrator, decides.
    pub automated_discovery: Collected<Option<bool>>,
}
