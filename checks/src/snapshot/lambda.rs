//! AWS Lambda.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Judged, Place};
use crate::{analysis::secrets::Secret, gap::Collected};

/// Functions of one region.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Lambda {
    /// The functions, by name.
    pub functions: Collected<Vec<Function>>,
    /// Each function's resource policy as JSON text, by its name.
    pub policies: Collected<BTreeMap<String, Collected<Option<String>>>>,
    /// `AuthType` of each function's URL (`NONE` or `AWS_IAM`), by its name; none without a URL.
    pub urls: Collected<BTreeMap<String, Collected<Option<String>>>>,
}

/// A function.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Function {
    /// Its name, unique in account and region.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// ARN of its execution role.
    pub role: String,
    /// Its runtime; none for a container image.
    pub runtime: Option<String>,
    /// Credentials in its environment variables.
    pub secrets: Collected<Vec<Secret>>,
    /// The log group that it writes to.
    pub log_group: Option<String>,
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
