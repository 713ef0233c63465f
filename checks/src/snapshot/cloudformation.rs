//! CloudFormation.

use serde::{Deserialize, Serialize};

use super::secret::Secret;
use super::{Judged, Place, Tags};

service! {
    /// Stacks of one region.
    CloudFormation, Regional;

    op("CloudFormation", "cloudformation", UNPUBLISHED) {
        CloudFormationStacks [DescribeStacks] =>
            /// The stacks, by name.
            stacks: Vec<Stack>;
        CloudFormationStackSets [ListStackSets] =>
            /// The stack sets whose permissions the account manages itself, by id.
            stack_sets: Vec<StackSet>;
    }
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
    /// Tags.
    pub tags: Tags,
}

/// A stack set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StackSet {
    /// `NAME:UUID`.
    pub id: String,
}

impl Judged for Stack {
    const TYPE: &'static str = "AWS::CloudFormation::Stack";
    fn id(&self) -> String {
        self.name.clone()
    }
    fn arn(&self, _: &Place<'_>) -> String {
        self.id.clone()
    }
    fn tags(&self) -> Option<&Tags> {
        Some(&self.tags)
    }
}
