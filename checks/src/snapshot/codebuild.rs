//! CodeBuild.

use serde::{Deserialize, Serialize};

use super::secret::Secret;
use super::{Judged, Place, Tags};

service! {
    /// Projects of one region.
    CodeBuild, Regional;

    op("CodeBuild", "codebuild", UNPUBLISHED) {
        CodeBuildProjects [ListProjects, BatchGetProjects] =>
            /// The projects, by name.
            projects: Vec<Project>;
    }
}

/// A project.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Project {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// ARN of the role that builds run with.
    pub service_role: Option<String>,
    /// Credentials in its plain environment variables.
    pub secrets: Vec<Secret>,
    /// Tags.
    pub tags: Tags,
    /// The security groups of its builds, where they run in a VPC.
    pub security_groups: Vec<String>,
}

impl Judged for Project {
    const TYPE: &'static str = "AWS::CodeBuild::Project";
    fn id(&self) -> String {
        self.name.clone()
    }
    fn arn(&self, _: &Place<'_>) -> String {
        self.arn.clone()
    }
    fn tags(&self) -> Option<&Tags> {
        Some(&self.tags)
    }
}
