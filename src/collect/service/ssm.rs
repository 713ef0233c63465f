//! Systems Manager.

use aws_audit_checks::{
    snapshot::ssm::{
        AssociationCompliance, Document, ManagedNode, Parameter, PatchState, SessionPreferences, Ssm, op,
    },
    source::Source,
};
use futures_util::future::try_join_all;
use serde_json::json;

use crate::collect::{
    api::{Request, SSM, Token},
    ask::{Ask, is_empty, sorted, unless},
    call::CallError,
    items::Read,
};

/// Most nodes whose patch state one call tells.
const PATCH_STATES: usize = 50;
/// The document that Session Manager keeps its preferences in.
const SESSION_DOCUMENT: &str = "SSM-SessionManagerRunShell";
const NEXT: Token = Token::named("NextToken");

pub(in crate::collect) async fn collect(ask: &Ask) -> Ssm {
    let ((managed_nodes, patch_states, association_compliance), session_preferences, parameters, documents) = tokio::join!(
        async {
            let nodes = ask.list(Source::SsmManagedNodes, managed_nodes(ask)).await;
            let states = ask.after(Source::SsmPatchStates, &nodes, |nodes| patch_states(ask, nodes));
            let compliance = ask.list(Source::SsmAssociationCompliance, association_compliance(ask));
            let (states, compliance) = tokio::join!(states, unless(is_empty(&nodes), compliance));
            (nodes, states, compliance)
        },
        ask.source(Source::SsmSessionPreferences, session_preferences(ask)),
        ask.list(Source::SsmParameters, parameters(ask)),
        ask.list(Source::SsmDocuments, documents(ask)),
    );
    Ssm { managed_nodes, session_preferences, patch_states, association_compliance, parameters, documents }
}

async fn managed_nodes(ask: &Ask) -> Result<Read<Vec<ManagedNode>>, CallError> {
    let operation = op::DescribeInstanceInformation;
    let request = Request::new().with("MaxResults", 50);
    let listed = SSM.list(ask, operation, None, request, ("InstanceInformationList", NEXT)).await?;
    let nodes = ask.items(operation, &listed, |node| {
        Ok(ManagedNode {
            id: node.required("InstanceId")?,
            ping_status: node.text("PingStatus")?.unwrap_or_default().to_owned(),
            agent_version: node.text("AgentVersion")?.unwrap_or_default().to_owned(),
            platform: node.text("PlatformType")?.unwrap_or_default().to_owned(),
            platform_name: node.text("PlatformName")?.unwrap_or_default().to_owned(),
        })
    });
    Ok(nodes.sorted(|node| node.id.clone()))
}

async fn patch_states(ask: &Ask, nodes: &[ManagedNode]) -> Result<Vec<PatchState>, CallError> {
    let ids: Vec<_> = nodes.iter().map(|node| node.id.as_str()).collect();
    let operation = op::DescribeInstancePatchStates;
    let answers = try_join_all(ids.chunks(PATCH_STATES).map(|ids| {
        let request = Request::new().with("InstanceIds", ids).with("MaxResults", 100);
        SSM.list(ask, operation, None, request, ("InstancePatchStates", NEXT))
    }))
    .await?;
    let states = ask.all_items(operation, None, answers.iter().flatten(), |state| {
        Ok(PatchState {
            node: state.required("InstanceId")?,
            missing: state.integer("MissingCount")?.unwrap_or_default(),
            failed: state.integer("FailedCount")?.unwrap_or_default(),
            pending_reboot: Some(state.integer("InstalledPendingRebootCount")?.unwrap_or_default()),
            rejected: Some(state.integer("InstalledRejectedCount")?.unwrap_or_default()),
            ended: state.time("OperationEndTime")?,
        })
    });
    Ok(sorted(states?, |state| state.node.clone()))
}

async fn association_compliance(ask: &Ask) -> Result<Read<Vec<AssociationCompliance>>, CallError> {
    let operation = op::ListResourceComplianceSummaries;
    let association = json!([{"Key": "ComplianceType", "Values": ["Association"], "Type": "EQUAL"}]);
    let request = Request::new().with("Filters", association).with("MaxResults", 50);
    let listed = SSM.list(ask, operation, None, request, ("ResourceComplianceSummaryItems", NEXT)).await?;
    let items = ask.items(operation, &listed, |item| {
        let non_compliant = item.get("NonCompliantSummary").integer("NonCompliantCount")?;
        Ok(AssociationCompliance {
            node: item.required("ResourceId")?,
            compliant: item.text("Status")? == Some("COMPLIANT"),
            non_compliant: non_compliant.unwrap_or_default(),
        })
    });
    Ok(items.sorted(|item| item.node.clone()))
}

async fn parameters(ask: &Ask) -> Result<Read<Vec<Parameter>>, CallError> {
    let operation = op::DescribeParameters;
    let request = Request::new().with("MaxResults", 50);
    let listed = SSM.list(ask, operation, None, request, ("Parameters", NEXT)).await?;
    let parameters = ask.items(operation, &listed, |parameter| {
        Ok(Parameter {
            name: parameter.required("Name")?,
            kind: parameter.text("Type")?.unwrap_or_default().to_owned(),
            data_type: parameter.text("DataType")?.unwrap_or("text").to_owned(),
        })
    });
    Ok(parameters.sorted(|parameter| parameter.name.clone()))
}

async fn documents(ask: &Ask) -> Result<Read<Vec<Document>>, CallError> {
    let operation = op::ListDocuments;
    let own = json!([{"Key": "Owner", "Values": ["Self"]}]);
    let request = Request::new().with("Filters", own).with("MaxResults", 50);
    let listed = SSM.list(ask, operation, None, request, ("DocumentIdentifiers", NEXT)).await?;
    let names = ask.items(operation, &listed, |document| document.required("Name"));
    let documents = names
        .then(|name| async move { Document { shared_with: ask.keep(shared_with(ask, &name).await), name } });
    Ok(documents.await.sorted(|document| document.name.clone()))
}

async fn shared_with(ask: &Ask, document: &str) -> Result<Vec<String>, CallError> {
    let request =
        Request::new().with("Name", document).with("PermissionType", "Share").with("MaxResults", 200);
    let operation = op::DescribeDocumentPermission;
    let accounts = SSM.texts(ask, operation, Some(document), request, ("AccountIds", NEXT)).await?;
    Ok(sorted(accounts, Clone::clone))
}

async fn session_preferences(ask: &Ask) -> Result<SessionPreferences, CallError> {
    let operation = op::GetDocument;
    let request = Request::new().with("Name", SESSION_DOCUMENT);
    let answer = SSM.one(ask, operation, Some(SESSION_DOCUMENT), request).await;
    let Some(answer) = CallError::unless_absent(answer)? else {
        return Ok(SessionPreferences::default());
    };
    let content = ask.item(operation, Some(SESSION_DOCUMENT), answer.text("Content"))?;
    let content: serde_json::Value = serde_json::from_str(content.unwrap_or_default())
        .map_err(|error| ask.unreadable(operation, Some(SESSION_DOCUMENT), error.to_string()))?;
    let input = |name: &str| {
        let value = content["inputs"][name].as_str()?;
        (!value.is_empty()).then(|| value.to_owned())
    };
    Ok(SessionPreferences {
        s3_bucket: input("s3BucketName"),
        cloudwatch_log_group: input("cloudWatchLogGroupName"),
    })
}
