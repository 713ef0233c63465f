//! CloudFormation.

use serde::{Deserialize, Serialize};

use crate::gap::Collected;

/// Stacks of one region.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct CloudFormation {
    /// The stacks, by name.
    pub stacks: Collected<Vec<Stack>>,
}

/// A stack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stack {
    /// Its id, an ARN.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The role that CloudFormation changes its resources with; none when it uses the caller's rights.
    pub role: Option<String>,
}
