//! Elastic File System.

use aws_audit_checks::{
    snapshot::efs::{Efs, FileSystem, op},
    source::Source,
};
use aws_sdk_efs::Client;

use crate::collect::{
    ask::{Ask, tags},
    call::CallError,
    items::{Read, text},
};

pub(in crate::collect) async fn collect(ask: &Ask, account: &str, partition: &str) -> Efs {
    let client = &ask.aws.efs();
    let file_systems = ask.list(Source::EfsFileSystems, file_systems(ask, client, account, partition)).await;
    let policies = ask.each(
        Source::EfsPolicies,
        &file_systems,
        |system| &system.id,
        |id| async move {
            let operation = op::DescribeFileSystemPolicy;
            let send = || client.describe_file_system_policy().file_system_id(id).send();
            let answer = ask.call(operation, Some(id), send).await;
            let Some(answer) = CallError::unless_absent(answer)? else {
                return Ok(None);
            };
            let policy = answer.policy().ok_or_else(|| ask.unreadable(operation, Some(id), "no policy"))?;
            Ok(Some(policy.to_owned()))
        },
    );
    let policies = policies.await;
    Efs { file_systems, policies }
}

async fn file_systems(
    ask: &Ask,
    client: &Client,
    account: &str,
    partition: &str,
) -> Result<Read<Vec<FileSystem>>, CallError> {
    let operation = op::DescribeFileSystems;
    let pages = ask
        .pages(
            operation,
            None,
            |marker| client.describe_file_systems().max_items(100).set_marker(marker).send(),
            |page| page.next_marker(),
        )
        .await?;
    let systems = ask.items(operation, pages.iter().flat_map(|page| page.file_systems()), |system| {
        let id = text(system.file_system_id(), "FileSystemId")?;
        let made = || format!("arn:{partition}:elasticfilesystem:{}:{account}:file-system/{id}", ask.region);
        Ok(FileSystem {
            arn: system.file_system_arn().map_or_else(made, str::to_owned),
            encrypted: system.encrypted().unwrap_or_default(),
            mount_targets: system.number_of_mount_targets(),
            tags: tags(system.tags().iter().map(|tag| (Some(tag.key()), Some(tag.value())))),
            id,
        })
    });
    Ok(systems.sorted(|system| system.id.clone()))
}
