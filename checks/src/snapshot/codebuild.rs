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
    /// Where its source is: `GITHUB`, `GITLAB`, `BITBUCKET`, `CODECOMMIT`, `S3`, `NO_SOURCE`, ….
    pub source_type: Option<String>,
    /// The webhook by which events in its repository start builds.
    pub webhook: Option<Webhook>,
}

/// A webhook of a project.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Webhook {
    /// An event that passes every filter of one of these groups starts a build; each does where there is none.
    pub filter_groups: Vec<Vec<WebhookFilter>>,
    /// Which pull requests need an approval: `DISABLED`, `ALL_PULL_REQUESTS` or `FORK_PULL_REQUESTS`; none where there
    /// is no pull request build policy.
    pub comment_approval: Option<String>,
    /// `ACTIVE`, `CREATING`, `CREATE_FAILED` or `DELETING`; none where the answer does not say.
    pub status: Option<String>,
}

/// A filter of a webhook.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookFilter {
    /// `EVENT`, `ACTOR_ACCOUNT_ID`, `HEAD_REF`, `BASE_REF`, `FILE_PATH`, ….
    pub kind: String,
    /// Events, with commas between, for `EVENT`; else a regular expression.
    pub pattern: String,
    /// What matches does not pass, and everything else does.
    pub excludes: bool,
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
