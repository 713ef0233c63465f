//! Elastic Container Service.

use serde::{Deserialize, Serialize};

use super::{Judged, Place, Tags};
use crate::analysis::secrets::Secret;
use crate::gap::Collected;

/// Containers of one region.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Ecs {
    /// The latest active revision of each family.
    pub task_definitions: Collected<Vec<TaskDefinition>>,
    /// Services of all clusters.
    pub services: Collected<Vec<Service>>,
}

/// A revision of a task definition.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TaskDefinition {
    /// Its ARN.
    pub arn: String,
    /// The family.
    pub family: String,
    /// The revision in it.
    pub revision: i32,
    /// Its containers.
    pub containers: Vec<Container>,
    /// Tags.
    pub tags: Tags,
}

impl Judged for TaskDefinition {
    const TYPE: &'static str = "AWS::ECS::TaskDefinition";
    fn id(&self) -> String {
        format!("{}:{}", self.family, self.revision)
    }
    fn arn(&self, _: &Place<'_>) -> String {
        self.arn.clone()
    }
    fn tags(&self) -> Option<&Tags> {
        Some(&self.tags)
    }
}

/// A container of a task definition.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Container {
    /// Its name.
    pub name: String,
    /// Credentials in its plain environment variables, log options, labels and command.
    pub secrets: Vec<Secret>,
    /// `awslogs`, `awsfirelens`, `splunk`, …
    pub log_driver: Option<String>,
}

/// A service.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Service {
    /// Its ARN.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// Name of its cluster.
    pub cluster: String,
    /// Its tasks run on Fargate.
    pub on_fargate: bool,
    /// `LATEST`, `1.4.0`, …
    pub platform_version: Option<String>,
    /// `Linux`, or a family of Windows.
    pub platform_family: Option<String>,
    /// The security groups of its tasks, where they have interfaces of their own.
    pub security_groups: Vec<String>,
    /// Tags.
    pub tags: Tags,
}

impl Judged for Service {
    const TYPE: &'static str = "AWS::ECS::Service";
    fn id(&self) -> String {
        format!("{}/{}", self.cluster, self.name)
    }
    fn arn(&self, _: &Place<'_>) -> String {
        self.arn.clone()
    }
    fn name(&self) -> Option<&str> {
        Some(&self.name)
    }
    fn tags(&self) -> Option<&Tags> {
        Some(&self.tags)
    }
}
