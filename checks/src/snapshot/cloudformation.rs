//! CloudFormation.

use serde::{Deserialize, Serialize};

use super::{Judged, Place};
use crate::{analysis::secrets::Secret, gap::Collected};

/// Stacks of one region.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CloudFormation {
    /// The stacks, by name.
    pub stacks: Collected<Vec<Stack>>,
}

/// A stack.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stack {
    /// Its id, an ARN.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The role that CloudFormation changes its resources with; none when it uses the caller's rights.
    pub role: Option<String>,
    /// Credentials in its outputs, and in parameters that are not `NoEcho`.
    pub secrets: Vec<Secret>,
}

impl Judged for Stack {
    const TYPE: &'static str = "AWS::CloudFormation::Stack";
    fn id(&self) -> String {
        self.name.clone()
    }
    fn arn(&self, _: &Place<'_>) -> String {
        self.id.clone()
    }
}
