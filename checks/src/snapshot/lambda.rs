//! AWS Lambda.

use serde::{Deserialize, Serialize};

use super::{Judged, Place};
use crate::gap::Collected;

/// Functions of one region.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Lambda {
    /// The functions, by name.
    pub functions: Collected<Vec<Function>>,
}

/// A function.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Function {
    /// Its name, unique in account and region.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// ARN of its execution role.
    pub role: String,
}

impl Judged for Function {
    const TYPE: &'static str = "AWS::Lambda::Function";
    fn id(&self) -> String {
        self.name.clone()
    }
    fn arn(&self, _: &Place<'_>) -> String {
        self.arn.clone()
    }
}
