//! Systems Manager.

use aws_audit_checks::{
    snapshot::ssm::{
        AssociationCompliance, Document, ManagedNode, Parameter, PatchState, SessionPreferences, Ssm, op,
    },
    source::Source,
};
use aws_sdk_ssm::{
    Client,
    types::{
        ComplianceQueryOperatorType, ComplianceStatus, ComplianceStringFilter, DocumentKeyValuesFilter,
        DocumentPermissionType,
    },
};
use futures_util::future::try_join_all;

use crate::collect::{
    ask::{Ask, is_empty, sorted, timestamp, unless},
    call::CallError,
    items::{Read, text},
};

/// Most nodes whose patch state one call tells.
const PATCH_STATES: usize = 50;
/// The document that Session Manager keeps its preferences in.
const SESSION_DOCUMENT: &str = "SSM-SessionManagerRunShell";

pub(in crate::collect) async fn collect(ask: &Ask) -> Ssm {
    let client = &ask.aws.ssm();
    let ((managed_nodes, patch_states, association_compliance), session_preferences, parameters, documents) = tokio::join!(
        async {
            let nodes = ask.list(Source::SsmManagedNodes, managed_nodes(ask, client)).await;
            let states = ask.after(Source::SsmPatchStates, &nodes, |nodes| patch_states(ask, client, nodes));
            let compliance = ask.list(Source::SsmAssociationCompliance, association_compliance(ask, client));
            let (states, compliance) = tokio::join!(states, unless(is_empty(&nodes), compliance));
            (nodes, states, compliance)
        },
        ask.source(Source::SsmSessionPreferences, session_preferences(ask, client)),
        ask.list(Source::SsmParameters, parameters(ask, client)),
        ask.list(Source::SsmDocuments, documents(ask, client)),
    );
    Ssm { managed_nodes, session_preferences, patch_states, association_compliance, parameters, documents }
}

async fn managed_nodes(ask: &Ask, client: &Client) -> Result<Read<Vec<ManagedNode>>, CallError> {
    let operation = op::DescribeInstanceInformation;
    let pages = ask
        .pages(
            operation,
            None,
            |token| client.describe_instance_information().max_results(50).set_next_token(token).send(),
            |page| page.next_token(),
        )
        .await?;
    let listed = pages.iter().flat_map(|page| page.instance_information_list());
    let nodes = ask.items(operation, listed, |node| {
        Ok(ManagedNode {
            id: text(node.instance_id(), "InstanceId")?,
            ping_status: node.ping_status().map_or("", |status| status.as_str()).to_owned(),
            agent_version: node.agent_version().unwrap_or_default().to_owned(),
            platform: node.platform_type().map_or("", |kind| kind.as_str()).to_owned(),
            platform_name: node.platform_name().unwrap_or_default().to_owned(),
        })
    });
    Ok(nodes.sorted(|node| node.id.clone()))
}

async fn patch_states(
    ask: &Ask,
    client: &Client,
    nodes: &[ManagedNode],
) -> Result<Vec<PatchState>, CallError> {
    let ids: Vec<_> = nodes.iter().map(|node| node.id.clone()).collect();
    let operation = op::DescribeInstancePatchStates;
    let answers = try_join_all(ids.chunks(PATCH_STATES).map(|ids| {
        ask.pages(
            operation,
            None,
            |token| {
                let describe = client.describe_instance_patch_states().set_instance_ids(Some(ids.to_vec()));
                describe.max_results(100).set_next_token(token).send()
            },
            |page| page.next_token(),
        )
    }))
    .await?;
    let listed = answers.iter().flatten().flat_map(|page| page.instance_patch_states());
    let states = ask.all_items(operation, None, listed, |state| {
        Ok(PatchState {
            node: text(state.instance_id(), "InstanceId")?,
            missing: state.missing_count(),
            failed: state.failed_count(),
            pending_reboot: Some(state.installed_pending_reboot_count().unwrap_or_default()),
            rejected: Some(state.installed_rejected_count().unwrap_or_default()),
            ended: timestamp(state.operation_end_time()),
        })
    });
    Ok(sorted(states?, |state| state.node.clone()))
}

async fn association_compliance(
    ask: &Ask,
    client: &Client,
) -> Result<Read<Vec<AssociationCompliance>>, CallError> {
    let operation = op::ListResourceComplianceSummaries;
    let association = ComplianceStringFilter::builder()
        .key("ComplianceType")
        .values("Association")
        .r#type(ComplianceQueryOperatorType::Equal)
        .build();
    let pages = ask
        .pages(
            operation,
            None,
            |token| {
                let list = client.list_resource_compliance_summaries().filters(association.clone());
                list.max_results(50).set_next_token(token).send()
            },
            |page| page.next_token(),
        )
        .await?;
    let listed = pages.iter().flat_map(|page| page.resource_compliance_summary_items());
    let items = ask.items(operation, listed, |item| {
        Ok(AssociationCompliance {
            node: text(item.resource_id(), "ResourceId")?,
            compliant: item.status() == Some(&ComplianceStatus::Compliant),
            non_compliant: item.non_compliant_summary().map_or(0, |summary| summary.non_compliant_count()),
        })
    });
    Ok(items.sorted(|item| item.node.clone()))
}

async fn parameters(ask: &Ask, client: &Client) -> Result<Read<Vec<Parameter>>, CallError> {
    let operation = op::DescribeParameters;
    let pages = ask
        .pages(
            operation,
            None,
            |token| client.describe_parameters().max_results(50).set_next_token(token).send(),
            |page| page.next_token(),
        )
        .await?;
    let parameters = ask.items(operation, pages.iter().flat_map(|page| page.parameters()), |parameter| {
        Ok(Parameter {
            name: text(parameter.name(), "Name")?,
            kind: parameter.r#type().map_or("", |kind| kind.as_str()).to_owned(),
            data_type: parameter.data_type().unwrap_or("text").to_owned(),
        })
    });
    Ok(parameters.sorted(|parameter| parameter.name.clone()))
}

async fn documents(ask: &Ask, client: &Client) -> Result<Read<Vec<Document>>, CallError> {
    let operation = op::ListDocuments;
    let own = DocumentKeyValuesFilter::builder().key("Owner").values("Self").build();
    let pages = ask
        .pages(
            operation,
            None,
            |token| {
                let list = client.list_documents().filters(own.clone());
                list.max_results(50).set_next_token(token).send()
            },
            |page| page.next_token(),
        )
        .await?;
    let listed = pages.iter().flat_map(|page| page.document_identifiers());
    let names = ask.items(operation, listed, |document| text(document.name(), "Name"));
    let documents = names.then(|name| async move {
        Document { shared_with: ask.keep(shared_with(ask, client, &name).await), name }
    });
    Ok(documents.await.sorted(|document| document.name.clone()))
}

async fn shared_with(ask: &Ask, client: &Client, document: &str) -> Result<Vec<String>, CallError> {
    let pages = ask
        .pages(
            op::DescribeDocumentPermission,
            Some(document),
            |token| {
                let describe = client.describe_document_permission().name(document);
                describe
                    .permission_type(DocumentPermissionType::Share)
                    .max_results(200)
                    .set_next_token(token)
                    .send()
            },
            |page| page.next_token(),
        )
        .await?;
    Ok(sorted(pages.iter().flat_map(|page| page.account_ids()).cloned(), Clone::clone))
}

async fn session_preferences(ask: &Ask, client: &Client) -> Result<SessionPreferences, CallError> {
    let operation = op::GetDocument;
    let send = || client.get_document().name(SESSION_DOCUMENT).send();
    let answer = ask.call(operation, Some(SESSION_DOCUMENT), send).await;
    let Some(answer) = CallError::unless_absent(answer)? else {
        return Ok(SessionPreferences::default());
    };
    let content: serde_json::Value = serde_json::from_str(answer.content().unwrap_or_default())
        .map_err(|error| ask.unreadable(operation, Some(SESSION_DOCUMENT), error.to_string()))?;
    let input = |name: &str| {
        let value = content.get("inputs")?.get(name)?.as_str()?;
        (!value.is_empty()).then(|| value.to_owned())
    };
    Ok(SessionPreferences {
        s3_bucket: input("s3BucketName"),
        cloudwatch_log_group: input("cloudWatchLogGroupName"),
    })
}
