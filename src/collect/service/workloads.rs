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
    json_api::{JsonApi, JsonRequest, Protocol},
};

const GLUE: JsonApi = JsonApi {
    service: "Glue",
    host: "glue",
    signing_name: "glue",
    protocol: Protocol::Target { prefix: "AWSGlue", content_type: "application/x-amz-json-1.1" },
};
const SAGEMAKER: JsonApi = JsonApi {
    service: "SageMaker",
    host: "api.sagemaker",
    signing_name: "sagemaker",
    protocol: Protocol::Target { prefix: "SageMaker", content_type: "application/x-amz-json-1.1" },
};
const APP_RUNNER: JsonApi = JsonApi {
    service: "AppRunner",
    host: "apprunner",
    signing_name: "apprunner",
    protocol: Protocol::Target { prefix: "AppRunner", content_type: "application/x-amz-json-1.0" },
};
const AGENTCORE: JsonApi = JsonApi {
    service: "Bedrock AgentCore Control",
    host: "bedrock-agentcore-control",
    signing_name: "bedrock-agentcore",
    protocol: Protocol::Rest,
};
const STEP_FUNCTIONS: JsonApi = JsonApi {
    service: "SFN",
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
    let jobs = listed(ask, operation, "Jobs", "NextToken", |token| {
        (&GLUE, JsonRequest::target("GetJobs", with_token(json!({"MaxResults": 200}), "NextToken", token)))
    })
    .await?;
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
    let operation = sagemaker_op::ListNotebookInstances;
    let notebooks = listed(ask, operation, "NotebookInstances", "NextToken", |token| {
        let body = with_token(json!({"MaxResults": 100}), "NextToken", token);
        (&SAGEMAKER, JsonRequest::target("ListNotebookInstances", body))
    })
    .await?;
    each(ask, operation, &notebooks, "NotebookInstanceName", |name| async move {
        let body = json!({"NotebookInstanceName": name});
        let request = JsonRequest::target("DescribeNotebookInstance", body);
        let answer = one(ask, sagemaker_op::DescribeNotebookInstance, name, &SAGEMAKER, request).await;
        // Of this code are other errors too, which do not mean that it is gone.
        let answer = match answer {
            Err(error)
                if error.code.as_deref() == Some("ValidationException")
                    && error.gap.message.contains("RecordNotFound") =>
            {
                return Ok(None);
            }
            answer => answer?,
        };
        workload(
            ask,
            sagemaker_op::DescribeNotebookInstance,
            &answer,
            "NotebookInstanceArn",
            answer.get("RoleArn"),
            "NotebookInstanceStatus",
        )
    })
    .await
}

async fn app_runner_services(ask: &Ask) -> Result<Vec<Workload>, CallError> {
    let operation = app_runner_op::ListServices;
    let services = listed(ask, operation, "ServiceSummaryList", "NextToken", |token| {
        let body = with_token(json!({"MaxResults": 20}), "NextToken", token);
        (&APP_RUNNER, JsonRequest::target("ListServices", body))
    })
    .await?;
    each(ask, operation, &services, "ServiceArn", |arn| async move {
        let operation = app_runner_op::DescribeService;
        let request = JsonRequest::target("DescribeService", json!({"ServiceArn": arn}));
        let answer = one(ask, operation, arn, &APP_RUNNER, request).await;
        let Some(answer) = CallError::unless_code(answer, &["ResourceNotFoundException"])? else {
            return Ok(None);
        };
        let service = answer.get("Service").unwrap_or(&Value::Null);
        let role = service.get("InstanceConfiguration").and_then(|instance| instance.get("InstanceRoleArn"));
        workload(ask, operation, service, "ServiceArn", role, "Status")
    })
    .await
}

async fn code_interpreters(ask: &Ask) -> Result<Vec<Workload>, CallError> {
    let operation = agentcore_op::ListCodeInterpreters;
    let interpreters = listed(ask, operation, "codeInterpreterSummaries", "nextToken", |token| {
        // AWS's own have no role.
        let token = token.map(|token| format!("&nextToken={}", encoded(&token))).unwrap_or_default();
        let path = format!("/code-interpreters?maxResults=100&type=CUSTOM{token}");
        (&AGENTCORE, JsonRequest { operation: "ListCodeInterpreters", method: "POST", path, body: None })
    })
    .await?;
    each(ask, operation, &interpreters, "codeInterpreterId", |interpreter| async move {
        let operation = agentcore_op::GetCodeInterpreter;
        let path = format!("/code-interpreters/{}", encoded(interpreter));
        let request = JsonRequest { operation: "GetCodeInterpreter", method: "GET", path, body: None };
        let answer = one(ask, operation, interpreter, &AGENTCORE, request).await;
        let Some(answer) = CallError::unless_code(answer, &["ResourceNotFoundException"])? else {
            return Ok(None);
        };
        workload(ask, operation, &answer, "codeInterpreterArn", answer.get("executionRoleArn"), "status")
    })
    .await
}

async fn state_machines(ask: &Ask) -> Result<Vec<Workload>, CallError> {
    let operation = step_functions_op::ListStateMachines;
    let machines = listed(ask, operation, "stateMachines", "nextToken", |token| {
        let body = with_token(json!({"maxResults": 1000}), "nextToken", token);
        (&STEP_FUNCTIONS, JsonRequest::target("ListStateMachines", body))
    })
    .await?;
    each(ask, operation, &machines, "stateMachineArn", |arn| async move {
        let operation = step_functions_op::DescribeStateMachine;
        // The definition, which may hold anything, is not asked for.
        let body = json!({"stateMachineArn": arn, "includedData": "METADATA_ONLY"});
        let request = JsonRequest::target("DescribeStateMachine", body);
        let answer = one(ask, operation, arn, &STEP_FUNCTIONS, request).await;
        let Some(answer) = CallError::unless_code(answer, &["StateMachineDoesNotExist"])? else {
            return Ok(None);
        };
        workload(ask, operation, &answer, "stateMachineArn", answer.get("roleArn"), "status")
    })
    .await
}

/// Every item of a list, page by page.
async fn listed(
    ask: &Ask,
    operation: &'static Operation,
    list: &str,
    next: &str,
    request: impl Fn(Option<String>) -> (&'static JsonApi, JsonRequest) + Sync,
) -> Result<Vec<Value>, CallError> {
    let send = |token: Option<String>| {
        let (api, request) = request(token);
        api.send(ask.aws.sdk_config(), request)
    };
    let pages = ask.pages(operation, None, send, |page: &Value| text(page, next)).await?;
    let items = pages.into_iter().map(|mut page| match page.get_mut(list).map(Value::take) {
        Some(Value::Array(items)) => Ok(items),
        // An empty list may be left out.
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(_) => Err(ask.unreadable(operation, None, format!("{list} is no list"))),
    });
    Ok(items.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
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

async fn one(
    ask: &Ask,
    operation: &'static Operation,
    about: &str,
    api: &'static JsonApi,
    request: JsonRequest,
) -> Result<Value, CallError> {
    ask.call(operation, Some(about), || api.send(ask.aws.sdk_config(), request.clone())).await
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

fn text<'v>(value: &'v Value, key: &str) -> Option<&'v str> {
    value.get(key)?.as_str()
}

fn with_token(mut body: Value, key: &str, token: Option<String>) -> Value {
    if let (Some(token), Some(body)) = (token, body.as_object_mut()) {
        body.insert(key.to_owned(), token.into());
    }
    body
}

/// What a path or query can hold.
fn encoded(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}
