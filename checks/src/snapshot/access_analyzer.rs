//! IAM Access Analyzer.

use serde::{Deserialize, Serialize};

use crate::gap::Collected;

/// Analyzers of one region.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct AccessAnalyzer {
    /// The analyzers.
    pub analyzers: Collected<Vec<Analyzer>>,
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
