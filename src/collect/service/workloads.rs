//! What runs with a role, of services of which nothing else is asked: AWS Glue, SageMaker AI, App Runner, Bedrock
//! AgentCore, Step Functions.

use aws_audit_checks::{
    snapshot::workloads::{
        Workload, Workloads, agentcore_op, app_runner_op, glue_op, sagemaker_op, step_functions_op,
    },
    source::{Operation, Source},
};
use futures_util::future::try_join_all;

use crate::collect::{
    api::{AGENTCORE, APP_RUNNER, GLUE, Node, Request, SAGEMAKER, STEP_FUNCTIONS, Token, encoded},
    ask::{Ask, sorted},
    call::CallError,
    items::Lacks,
};

const NEXT: Token = Token::named("NextToken");
const NEXT_IN_CAMEL_CASE: Token = Token::named("nextToken");

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
    let request = Request::new().with("MaxResults", 200);
    let jobs = GLUE.list(ask, operation, None, request, ("Jobs", NEXT)).await?;
    let jobs = ask.all_items(operation, None, &jobs, |job| {
        Ok(Workload {
            arn: format!("arn:{partition}:glue:{}:{account}:job/{}", ask.region, job.required("Name")?),
            role: job.text("Role")?.map(str::to_owned),
            status: None,
        })
    });
    Ok(sorted(jobs?, |workload| workload.arn.clone()))
}

async fn notebooks(ask: &Ask) -> Result<Vec<Workload>, CallError> {
    let (list, describe) = (sagemaker_op::ListNotebookInstances, sagemaker_op::DescribeNotebookInstance);
    let request = Request::new().with("MaxResults", 100);
    let notebooks = SAGEMAKER.list(ask, list, None, request, ("NotebookInstances", NEXT)).await?;
    each(ask, list, &notebooks, "NotebookInstanceName", |name| async move {
        let request = Request::new().with("NotebookInstanceName", name);
        // Of this code are other errors too, which do not mean that it is gone.
        let answer = match SAGEMAKER.one(ask, describe, Some(name), request).await {
            Err(error)
                if error.code.as_deref() == Some("ValidationException")
                    && error.gap.message.contains("RecordNotFound") =>
            {
                return Ok(None);
            }
            answer => answer?,
        };
        let role = answer.text("RoleArn");
        workload(ask, describe, &answer, "NotebookInstanceArn", role, "NotebookInstanceStatus")
    })
    .await
}

async fn app_runner_services(ask: &Ask) -> Result<Vec<Workload>, CallError> {
    let (list, describe) = (app_runner_op::ListServices, app_runner_op::DescribeService);
    let request = Request::new().with("MaxResults", 20);
    let services = APP_RUNNER.list(ask, list, None, request, ("ServiceSummaryList", NEXT)).await?;
    each(ask, list, &services, "ServiceArn", |arn| async move {
        let request = Request::new().with("ServiceArn", arn);
        let answer = APP_RUNNER.one(ask, describe, Some(arn), request).await;
        let Some(answer) = CallError::unless_code(answer, &["ResourceNotFoundException"])? else {
            return Ok(None);
        };
        let service = answer.get("Service");
        let role = service.get("InstanceConfiguration").text("InstanceRoleArn");
        workload(ask, describe, service, "ServiceArn", role, "Status")
    })
    .await
}

async fn code_interpreters(ask: &Ask) -> Result<Vec<Workload>, CallError> {
    let (list, get) = (agentcore_op::ListCodeInterpreters, agentcore_op::GetCodeInterpreter);
    // AWS's own have no role.
    let request = Request::post_query("/code-interpreters").with("maxResults", 100).with("type", "CUSTOM");
    let listed = ("codeInterpreterSummaries", NEXT_IN_CAMEL_CASE);
    let interpreters = AGENTCORE.list(ask, list, None, request, listed).await?;
    each(ask, list, &interpreters, "codeInterpreterId", |id| async move {
        let request = Request::get(format!("/code-interpreters/{}", encoded(id)));
        let answer = AGENTCORE.one(ask, get, Some(id), request).await;
        let Some(answer) = CallError::unless_code(answer, &["ResourceNotFoundException"])? else {
            return Ok(None);
        };
        workload(ask, get, &answer, "codeInterpreterArn", answer.text("executionRoleArn"), "status")
    })
    .await
}

async fn state_machines(ask: &Ask) -> Result<Vec<Workload>, CallError> {
    let (list, describe) = (step_functions_op::ListStateMachines, step_functions_op::DescribeStateMachine);
    let request = Request::new().with("maxResults", 1000);
    let listed = ("stateMachines", NEXT_IN_CAMEL_CASE);
    let machines = STEP_FUNCTIONS.list(ask, list, None, request, listed).await?;
    each(ask, list, &machines, "stateMachineArn", |arn| async move {
        // The definition, which may hold anything, is not asked for.
        let request = Request::new().with("stateMachineArn", arn).with("includedData", "METADATA_ONLY");
        let answer = STEP_FUNCTIONS.one(ask, describe, Some(arn), request).await;
        let Some(answer) = CallError::unless_code(answer, &["StateMachineDoesNotExist"])? else {
            return Ok(None);
        };
        workload(ask, describe, &answer, "stateMachineArn", answer.text("roleArn"), "status")
    })
    .await
}

/// Asks about each item of a list; those that are gone by now are left out.
async fn each<'v, Asked>(
    ask: &Ask,
    operation: &'static Operation,
    items: &'v [Node],
    field: &'static str,
    about: impl Fn(&'v str) -> Asked,
) -> Result<Vec<Workload>, CallError>
where
    Asked: Future<Output = Result<Option<Workload>, CallError>>,
{
    let names = ask.all_items(operation, None, items, |item| {
        item.text(field)?.filter(|name| !name.is_empty()).ok_or(Lacks::field(field))
    })?;
    let found = try_join_all(names.into_iter().map(about)).await?;
    Ok(sorted(found.into_iter().flatten(), |workload| workload.arn.clone()))
}

fn workload(
    ask: &Ask,
    operation: &'static Operation,
    described: &Node,
    arn: &'static str,
    role: Result<Option<&str>, Lacks>,
    status: &'static str,
) -> Result<Option<Workload>, CallError> {
    let read = || {
        Ok(Workload {
            arn: described.required(arn)?,
            role: role?.map(str::to_owned),
            status: described.text(status)?.map(str::to_owned),
        })
    };
    ask.item(operation, None, read()).map(Some)
}
