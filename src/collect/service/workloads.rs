//! What runs with a role, of services of which nothing else is asked: AWS Glue, SageMaker AI, App Runner, Bedrock
//! AgentCore, Step Functions.

use aws_audit_checks::{
    snapshot::workloads::{
        Workload, Workloads, agentcore_op, app_runner_op, glue_op, sagemaker_op, step_functions_op,
    },
    source::{Operation, Source},
};
use futures_util::future::try_join_all;
use serde_json::{Value, json};

use crate::collect::{
    ask::{Ask, sorted},
    call::CallError,
    json_api::{JsonApi, JsonRequest, Protocol, encoded, text},
};

const GLUE: JsonApi = JsonApi {
    host: "glue",
    signing_name: "glue",
    protocol: Protocol::Target { prefix: "AWSGlue", content_type: "application/x-amz-json-1.1" },
};
const SAGEMAKER: JsonApi = JsonApi {
    host: "api.sagemaker",
    signing_name: "sagemaker",
    protocol: Protocol::Target { prefix: "SageMaker", content_type: "application/x-amz-json-1.1" },
};
const APP_RUNNER: JsonApi = JsonApi {
    host: "apprunner",
    signing_name: "apprunner",
    protocol: Protocol::Target { prefix: "AppRunner", content_type: "application/x-amz-json-1.0" },
};
pub(super) const AGENTCORE: JsonApi = JsonApi {
    host: "bedrock-agentcore-control",
    signing_name: "bedrock-agentcore",
    protocol: Protocol::Rest,
};
const STEP_FUNCTIONS: JsonApi = JsonApi {
    host: "states",
    signing_name: "states",
    protocol: Protocol::Target { prefix: "AWSStepFunctions", content_type: "application/x-amz-json-1.0" },
};

pub(in crate::collect) async fn collect(ask: &Ask, account: &str, partition: &str) -> Workloads {
    let (glue_jobs, notebooks, app_runner_services, code_interpreters, state_machines) = tokio::join!(
        ask.source(Source::GlueJobs, glue_jobs(ask, account, partition)),
        ask.source(Source::SageMakerNotebooks, notebooks(ask)),
        ask.source(Source::AppRunnerServices, app_runner_services(ask)),
        ask.source(Source::AgentCoreCodeInterpreters, code_interpreters(ask)),
        ask.source(Source::StepFunctionsStateMachines, state_machines(ask)),
    );
    Workloads { glue_jobs, notebooks, app_runner_services, code_interpreters, state_machines }
}

async fn glue_jobs(ask: &Ask, account: &str, partition: &str) -> Result<Vec<Workload>, CallError> {
    let operation = glue_op::GetJobs;
    let request = JsonRequest::body(json!({"MaxResults": 200}));
    let jobs = GLUE.list(ask, operation, request, ("Jobs", "NextToken")).await?;
    let jobs = jobs.iter().map(|job| {
        let name =
            text(job, "Name").ok_or_else(|| ask.unreadable(operation, None, "a job without a name"))?;
        Ok(Workload {
            arn: format!("arn:{partition}:glue:{}:{account}:job/{name}", ask.region),
            role: text(job, "Role").map(str::to_owned),
            status: None,
        })
    });
    in_order(jobs)
}

async fn notebooks(ask: &Ask) -> Result<Vec<Workload>, CallError> {
    let (list, describe) = (sagemaker_op::ListNotebookInstances, sagemaker_op::DescribeNotebookInstance);
    let request = JsonRequest::body(json!({"MaxResults": 100}));
    let notebooks = SAGEMAKER.list(ask, list, request, ("NotebookInstances", "NextToken")).await?;
    each(ask, list, &notebooks, "NotebookInstanceName", |name| async move {
        let request = JsonRequest::body(json!({"NotebookInstanceName": name}));
        // Of this code are other errors too, which do not mean that it is gone.
        let answer = match SAGEMAKER.one(ask, describe, name, request).await {
            Err(error)
                if error.code.as_deref() == Some("ValidationException")
                    && error.gap.message.contains("RecordNotFound") =>
            {
                return Ok(None);
            }
            answer => answer?,
        };
        let role = answer.get("RoleArn");
        workload(ask, describe, &answer, "NotebookInstanceArn", role, "NotebookInstanceStatus")
    })
    .await
}

async fn app_runner_services(ask: &Ask) -> Result<Vec<Workload>, CallError> {
    let (list, describe) = (app_runner_op::ListServices, app_runner_op::DescribeService);
    let request = JsonRequest::body(json!({"MaxResults": 20}));
    let services = APP_RUNNER.list(ask, list, request, ("ServiceSummaryList", "NextToken")).await?;
    each(ask, list, &services, "ServiceArn", |arn| async move {
        let answer = APP_RUNNER.one(ask, describe, arn, JsonRequest::body(json!({"ServiceArn": arn}))).await;
        let Some(answer) = CallError::unless_code(answer, &["ResourceNotFoundException"])? else {
            return Ok(None);
        };
        let service = answer.get("Service").unwrap_or(&Value::Null);
        let role = service.get("InstanceConfiguration").and_then(|instance| instance.get("InstanceRoleArn"));
        workload(ask, describe, service, "ServiceArn", role, "Status")
    })
    .await
}

async fn code_interpreters(ask: &Ask) -> Result<Vec<Workload>, CallError> {
    let (list, get) = (agentcore_op::ListCodeInterpreters, agentcore_op::GetCodeInterpreter);
    // AWS's own have no role.
    let request = JsonRequest::path("POST", "/code-interpreters?maxResults=100&type=CUSTOM".to_owned());
    let interpreters = AGENTCORE.list(ask, list, request, ("codeInterpreterSummaries", "nextToken")).await?;
    each(ask, list, &interpreters, "codeInterpreterId", |id| async move {
        let request = JsonRequest::path("GET", format!("/code-interpreters/{}", encoded(id)));
        let answer = AGENTCORE.one(ask, get, id, request).await;
        let Some(answer) = CallError::unless_code(answer, &["ResourceNotFoundException"])? else {
            return Ok(None);
        };
        workload(ask, get, &answer, "codeInterpreterArn", answer.get("executionRoleArn"), "status")
    })
    .await
}

async fn state_machines(ask: &Ask) -> Result<Vec<Workload>, CallError> {
    let (list, describe) = (step_functions_op::ListStateMachines, step_functions_op::DescribeStateMachine);
    let request = JsonRequest::body(json!({"maxResults": 1000}));
    let machines = STEP_FUNCTIONS.list(ask, list, request, ("stateMachines", "nextToken")).await?;
    each(ask, list, &machines, "stateMachineArn", |arn| async move {
        // The definition, which may hold anything, is not asked for.
        let body = json!({"stateMachineArn": arn, "includedData": "METADATA_ONLY"});
        let answer = STEP_FUNCTIONS.one(ask, describe, arn, JsonRequest::body(body)).await;
        let Some(answer) = CallError::unless_code(answer, &["StateMachineDoesNotExist"])? else {
            return Ok(None);
        };
        workload(ask, describe, &answer, "stateMachineArn", answer.get("roleArn"), "status")
    })
    .await
}

/// Asks about each item of a list; those that are gone by now are left out.
async fn each<'v, Asked>(
    ask: &Ask,
    operation: &'static Operation,
    items: &'v [Value],
    key: &str,
    about: impl Fn(&'v str) -> Asked,
) -> Result<Vec<Workload>, CallError>
where
    Asked: Future<Output = Result<Option<Workload>, CallError>>,
{
    let keys = items.iter().map(|item| {
        text(item, key).ok_or_else(|| ask.unreadable(operation, None, format!("an item without {key}")))
    });
    let keys = keys.collect::<Result<Vec<_>, _>>()?;
    let found = try_join_all(keys.into_iter().map(about)).await?;
    Ok(sorted(found.into_iter().flatten(), |workload| workload.arn.clone()))
}

fn workload(
    ask: &Ask,
    operation: &'static Operation,
    described: &Value,
    arn: &str,
    role: Option<&Value>,
    status: &str,
) -> Result<Option<Workload>, CallError> {
    let arn = text(described, arn)
        .ok_or_else(|| ask.unreadable(operation, None, format!("an answer without {arn}")))?;
    let role = role.and_then(Value::as_str).map(str::to_owned);
    Ok(Some(Workload { arn: arn.to_owned(), role, status: text(described, status).map(str::to_owned) }))
}

fn in_order(
    workloads: impl Iterator<Item = Result<Workload, CallError>>,
) -> Result<Vec<Workload>, CallError> {
    Ok(sorted(workloads.collect::<Result<Vec<_>, _>>()?, |workload| workload.arn.clone()))
}
