//! Systems Manager.

use aws_audit_checks::{
    snapshot::ssm::{ManagedNode, SessionPreferences, Ssm},
    source::Source,
};
use aws_sdk_ssm::Client;

use super::{Ask, CallError, sorted};

/// The document that Session Manager keeps its preferences in.
const SESSION_DOCUMENT: &str = "SSM-SessionManagerRunShell";

pub(super) async fn collect(ask: &Ask) -> Ssm {
    let client = &ask.aws.ssm();
    let (managed_nodes, session_preferences) = tokio::join!(
        ask.source(Source::SsmManagedNodes, managed_nodes(ask, client)),
        ask.source(Source::SsmSessionPreferences, session_preferences(ask, client)),
    );
    Ssm { managed_nodes, session_preferences }
}

async fn managed_nodes(ask: &Ask, client: &Client) -> Result<Vec<ManagedNode>, CallError> {
    let pages = ask
        .pages(
            "ssm:DescribeInstanceInformation",
            None,
            |token| client.describe_instance_information().max_results(50).set_next_token(token).send(),
            |page| page.next_token(),
        )
        .await?;
    let nodes = pages.iter().flat_map(|page| page.instance_information_list()).filter_map(|node| {
        Some(ManagedNode {
            id: node.instance_id()?.to_owned(),
            ping_status: node.ping_status().map_or("", |status| status.as_str()).to_owned(),
            agent_version: node.agent_version().unwrap_or_default().to_owned(),
            platform: node.platform_type().map_or("", |kind| kind.as_str()).to_owned(),
        })
    });
    Ok(sorted(nodes, |node| node.id.clone()))
}

async fn session_preferences(ask: &Ask, client: &Client) -> Result<SessionPreferences, CallError> {
    let operation = "ssm:GetDocument";
    let send = || client.get_document().name(SESSION_DOCUMENT).send();
    let answer = ask.call(operation, Some(SESSION_DOCUMENT), send).await;
    let Some(answer) = CallError::unless_absent(answer, &["InvalidDocument"])? else {
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
