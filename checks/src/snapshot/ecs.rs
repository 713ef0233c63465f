//! Elastic Container Service.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::secret::Secret;
use super::{Judged, Place, Tags};

service! {
    /// Containers of one region.
    Ecs, Regional;

    op("ECS", "ecs", UNPUBLISHED) {
        EcsTaskDefinitions [ListTaskDefinitionFamilies, DescribeTaskDefinition] =>
            /// The latest active revision of each family.
            task_definitions: Vec<TaskDefinition>,
            /// The task role, if there is one, of each revision that a service runs, by the revision's ARN.
            task_roles: BTreeMap<String, Option<String>>;
        EcsClusters [ListClusters] =>
            /// ARNs of the clusters.
            clusters: Vec<String>;
        EcsClusterInstances needs EcsClusters [DescribeClusters] =>
            /// How many instances each cluster has, by its ARN.
            cluster_instances: BTreeMap<String, i64>;
        EcsServices needs EcsClusters [ListServices, DescribeServices] =>
            /// Services of all clusters.
            services: Vec<Service>;
    }
}

/// A revision of a task definition.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TaskDefinition {
    /// Its ARN.
    pub arn: String,
    /// The family.
    pub family: String,
    /// The revision in it.
    pub revision: i32,
    /// Its containers.
    pub containers: Vec<Container>,
    /// ARN of the role that its containers have.
    pub task_role: Option<String>,
    /// It can run on Fargate.
    pub for_fargate: bool,
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
pub struct Service {
    /// Its ARN.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// Name of its cluster.
    pub cluster: String,
    /// ARN of the task definition that it runs.
    pub task_definition: Option<String>,
    /// How many tasks it wants to run.
    pub desired_tasks: i64,
    /// Commands can be run in the containers of its tasks.
    pub execute_command: bool,
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
