//! IAM Identity Center.

use serde::{Deserialize, Serialize};

use crate::gap::Collected;

/// IAM Identity Center of one region.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct IdentityCenter {
    /// ARNs of the instances that the account can see: its own, and the organization's.
    pub instances: Collected<Vec<String>>,
}
