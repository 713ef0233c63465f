//! AWS Shield.

use serde::{Deserialize, Serialize};

use crate::gap::Collected;

/// Protection against denial of service, of the account as a whole.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Shield {
    /// The account is subscribed to Shield Advanced.
    pub subscribed: Collected<bool>,
    /// ARNs of the resources that Shield Advanced protects.
    pub protections: Collected<Vec<String>>,
}
