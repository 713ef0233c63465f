//! CodeBuild.

use serde::{Deserialize, Serialize};

use crate::gap::Collected;

/// Projects of one region.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct CodeBuild {
    /// The projects, by name.
    pub projects: Collected<Vec<Project>>,
}

/// A project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Project {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// ARN of the role that builds run with.
    pub service_role: Option<String>,
}
