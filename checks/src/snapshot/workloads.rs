//! What runs with a role, of services of which nothing else is asked.

use serde::{Deserialize, Serialize};

use crate::gap::Collected;

/// Workloads of one region.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Workloads {
    /// Jobs of AWS Glue.
    pub glue_jobs: Collected<Vec<Workload>>,
    /// Notebook instances of Amazon SageMaker AI.
    pub notebooks: Collected<Vec<Workload>>,
    /// Services of AWS App Runner.
    pub app_runner_services: Collected<Vec<Workload>>,
    /// Code interpreters of Amazon Bedrock AgentCore.
    pub code_interpreters: Collected<Vec<Workload>>,
    /// State machines of AWS Step Functions.
    pub state_machines: Collected<Vec<Workload>>,
}

/// Something that runs with a role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Workload {
    /// Its ARN.
    pub arn: String,
    /// ARN of the role that it runs with.
    pub role: Option<String>,
    /// What the service says of its state, in the service's own words; none where it says nothing.
    pub status: Option<String>,
}
