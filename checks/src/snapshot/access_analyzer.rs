//! IAM Access Analyzer.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Judged, Place};

service! {
    /// Analyzers of one region.
    AccessAnalyzer, Regional;

    op("AccessAnalyzer", "access-analyzer", UNPUBLISHED) {
        AccessAnalyzers [ListAnalyzers] =>
            /// The analyzers.
            analyzers: Vec<Analyzer>;
        AccessAnalyzerFindings needs AccessAnalyzers [ListFindings] =>
            /// Active findings of the active external-access analyzers.
            findings: Vec<AnalyzerFinding>;
    }
}

/// An analyzer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Analyzer {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// `ACCOUNT`, `ORGANIZATION`, `ACCOUNT_UNUSED_ACCESS`, `ACCOUNT_INTERNAL_ACCESS`, ….
    pub kind: String,
    /// `ACTIVE`, `CREATING`, `DISABLED` or `FAILED`.
    pub status: String,
}

/// An active finding: access to a resource from outside the zone of trust.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnalyzerFinding {
    /// Its id, a UUID.
    pub id: String,
    /// ARN of the analyzer.
    pub analyzer: String,
    /// ARN of the resource; none when the analyzer does not name it.
    pub resource: Option<String>,
    /// CloudFormation type of the resource, e.g. `AWS::S3::Bucket`.
    pub resource_type: String,
    /// Anyone may use it.
    pub is_public: bool,
    /// Who may, by kind, e.g. `AWS` and an account's number.
    pub principal: BTreeMap<String, String>,
    /// Which actions.
    pub actions: Vec<String>,
    /// Why the analyzer could not analyze the resource: `ACCESS_DENIED`, `INTERNAL_ERROR`.
    pub error: Option<String>,
    /// When the finding was made.
    pub created: Option<Timestamp>,
}

impl Judged for AnalyzerFinding {
    const TYPE: &'static str = "AWS::AccessAnalyzer::Finding";
    fn id(&self) -> String {
        self.id.clone()
    }
    /// Of the resource that the finding is about; findings have no ARN.
    fn arn(&self, _: &Place<'_>) -> String {
        self.resource.clone().unwrap_or_else(|| self.analyzer.clone())
    }
    fn name(&self) -> Option<&str> {
        self.resource.as_deref()
    }
}
