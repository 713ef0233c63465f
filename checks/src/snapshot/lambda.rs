//! AWS Lambda.

use serde::{Deserialize, Serialize};

use super::secret::Secret;
use super::{ById, Judged, Place};
use crate::gap::Collected;

service! {
    /// Functions of one region.
    Lambda, Regional;

    op("Lambda", "lambda", LAMBDA) {
        LambdaFunctions [ListFunctions] =>
            /// The functions, by name.
            functions: Vec<Function>;
        LambdaPolicies needs LambdaFunctions [GetPolicy at LAMBDA_POLICY] =>
            /// Each function's resource policy as JSON text, by its name.
            policies: ById<Option<String>>;
        LambdaUrls needs LambdaFunctions LambdaPolicies [ListFunctionUrlConfigs] =>
            /// The URLs of each function and of its aliases, by its name.
            function_urls: ById<Vec<FunctionUrl>>;
    }
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
