//! What runs with a role, of services of which nothing else is asked.

use serde::{Deserialize, Serialize};

service! {
    /// Workloads of one region.
    Workloads, Regional;

    glue_op("Glue", "glue", UNPUBLISHED) {
        GlueJobs [GetJobs] =>
            /// Jobs of AWS Glue.
            glue_jobs: Vec<Workload>;
    }

    sagemaker_op("SageMaker", "sagemaker", UNPUBLISHED) {
        SageMakerNotebooks [ListNotebookInstances, DescribeNotebookInstance] =>
            /// Notebook instances of Amazon SageMaker AI.
            notebooks: Vec<Workload>;
    }

    app_runner_op("AppRunner", "apprunner", UNPUBLISHED) {
        AppRunnerServices [ListServices, DescribeService] =>
            /// Services of AWS App Runner.
            app_runner_services: Vec<Workload>;
    }

    agentcore_op("Bedrock AgentCore Control", "bedrock-agentcore", UNPUBLISHED) {
        AgentCoreCodeInterpreters [ListCodeInterpreters, GetCodeInterpreter] =>
            /// Code interpreters of Amazon Bedrock AgentCore.
            code_interpreters: Vec<Workload>;
    }

    step_functions_op("SFN", "states", UNPUBLISHED) {
        StepFunctionsStateMachines [ListStateMachines, DescribeStateMachine] =>
            /// State machines of AWS Step Functions.
            state_machines: Vec<Workload>;
    }
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
