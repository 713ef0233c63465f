//! Secrets Manager. Values are never asked for.

use aws_audit_checks::{
    analysis::policy::shared_secret::masked,
    snapshot::secretsmanager::{SecretsManager, StoredSecret, op},
    source::Source,
};
use aws_sdk_secretsmanager::Client;

use crate::collect::{
    ask::{Ask, tags, timestamp},
    call::CallError,
    items::{Lacks, Read, text},
};

pub(in crate::collect) async fn collect(ask: &Ask) -> SecretsManager {
    let client = &ask.aws.secretsmanager();
    let secrets = ask.list(Source::SecretsManagerSecrets, secrets(ask, client)).await;
    let policies = ask.each(
        Source::SecretsManagerPolicies,
        &secrets,
        |secret| &secret.arn,
        |arn| async move {
            let send = || client.get_resource_policy().secret_id(arn).send();
            let answer = ask.call(op::GetResourcePolicy, Some(arn), send).await?;
            Ok(answer.resource_policy().map(masked))
        },
    );
    let policies = policies.await;
    SecretsManager { secrets, policies }
}

async fn secrets(ask: &Ask, client: &Client) -> Result<Read<Vec<StoredSecret>>, CallError> {
    let operation = op::ListSecrets;
    let pages = ask
        .pages(
            operation,
            None,
            |token| client.list_secrets().max_results(100).set_next_token(token).send(),
            |page| page.next_token(),
        )
        .await?;
    let listed = pages.iter().flat_map(|page| page.secret_list());
    let listed = listed.filter(|secret| secret.deleted_date().is_none());
    let secrets = ask.items(operation, listed, |secret| {
        let primary = secret.primary_region().filter(|region| !region.is_empty());
        let name = text(secret.name(), "Name").map_err(Lacks::of(secret.arn().unwrap_or_default()))?;
        Ok(StoredSecret {
            arn: text(secret.arn(), "ARN").map_err(Lacks::of(&name))?,
            name,
            rotation_enabled: secret.rotation_enabled().unwrap_or_default(),
            owning_service: secret.owning_service().map(str::to_owned),
            is_replica: primary.is_some_and(|primary| primary != ask.region),
            created: secret.created_date().and_then(timestamp),
            last_rotated: secret.last_rotated_date().and_then(timestamp),
            next_rotation: secret.next_rotation_date().and_then(timestamp),
            last_accessed: secret.last_accessed_date().and_then(timestamp),
            tags: tags(secret.tags().iter().map(|tag| (tag.key(), tag.value()))),
        })
    });
    Ok(secrets.sorted(|secret| secret.arn.clone()))
}
