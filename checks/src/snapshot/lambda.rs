//! AWS Lambda.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Judged, Place};
use crate::{analysis::secrets::Secret, gap::Collected};

/// Functions of one region.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Lambda {
    /// The functions, by name.
    pub functions: Collected<Vec<Function>>,
    /// Each function's resource policy as JSON text, by its name.
    pub policies: Collected<BTreeMap<String, Collected<Option<String>>>>,
    /// The URLs of each function and of its aliases, by its name.
    pub function_urls: Collected<BTreeMap<String, Collected<Vec<FunctionUrl>>>>,
}

/// A function.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
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
    /// Its security groups, where it is attached to a VPC.
    pub security_groups: Vec<String>,
}

/// A URL that a function is called at.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FunctionUrl {
    /// `NONE` or `AWS_IAM`.
    pub auth_type: String,
    /// The alias that it calls; none for the function itself.
    pub alias: Option<Alias>,
}

/// An alias of a function.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Alias {
    /// Its name.
    pub name: String,
    /// Its resource policy as JSON text; the function's own does not hold for it.
    pub policy: Collected<Option<String>>,
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
