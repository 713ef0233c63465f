//! Key Management Service.

use std::collections::BTreeMap;

use aws_audit_checks::{
    analysis::policy::shared_secret::masked,
    gap::Collected,
    snapshot::kms::{Key, KeyDetails, Kms, op},
    source::Source,
};
use aws_sdk_kms::{
    Client,
    types::{KeyManagerType, KeyState, MultiRegionKeyType},
};

use crate::collect::{
    ask::{Ask, sorted, timestamp},
    call::CallError,
    items::{Lacks, Read, known, text},
};

pub(in crate::collect) async fn collect(ask: &Ask) -> Kms {
    let client = &ask.aws.kms();
    let keys = ask.list(Source::KmsKeys, keys(ask, client)).await;
    let ids = |wanted: fn(&KeyDetails) -> bool| {
        keys.as_ref().map(|keys| {
            let wanted = keys.iter().filter(|key| key.details.get().is_ok_and(wanted));
            wanted.map(|key| key.id.clone()).collect::<Vec<_>>()
        })
    };
    let rotatable = ids(|key| {
        let own = key.is_customer_managed && !key.is_replica && key.origin == "AWS_KMS";
        own && key.spec == "SYMMETRIC_DEFAULT" && key.state == "Enabled"
    });
    let own = ids(|key| key.is_customer_managed);
    let (rotation, policies) = tokio::join!(
        ask.each(
            Source::KmsKeyRotation,
            &rotatable,
            |id| id,
            |id| async move {
                let send = || client.get_key_rotation_status().key_id(id).send();
                Ok(ask.call(op::GetKeyRotationStatus, Some(id), send).await?.key_rotation_enabled())
            }
        ),
        ask.each(
            Source::KmsKeyPolicies,
            &own,
            |id| id,
            |id| async move {
                let operation = op::GetKeyPolicy;
                let send = || client.get_key_policy().key_id(id).policy_name("default").send();
                let answer = ask.call(operation, Some(id), send).await?;
                let policy =
                    answer.policy().ok_or_else(|| ask.unreadable(operation, Some(id), "no policy"))?;
                Ok(masked(policy))
            }
        ),
    );
    Kms { keys, rotation, policies }
}

async fn keys(ask: &Ask, client: &Client) -> Result<Read<Vec<Key>>, CallError> {
    let keys = ask
        .pages(
            op::ListKeys,
            None,
            |marker| client.list_keys().limit(1000).set_marker(marker).send(),
            |page| page.next_marker(),
        )
        .await?;
    if keys.iter().all(|page| page.keys().is_empty()) {
        return Ok(ask.items(op::ListKeys, [], |key: Key| Ok(key)));
    }
    let aliases = ask
        .pages(
            op::ListAliases,
            None,
            |marker| client.list_aliases().limit(100).set_marker(marker).send(),
            |page| page.next_marker(),
        )
        .await?;
    let mut names: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for alias in aliases.iter().flat_map(|page| page.aliases()) {
        if let (Some(key), Some(name)) = (alias.target_key_id(), alias.alias_name()) {
            names.entry(key).or_default().push(name.to_owned());
        }
    }
    let names = &names;
    let listed = ask.items(op::ListKeys, keys.iter().flat_map(|page| page.keys()), |key| {
        let id = text(key.key_id(), "KeyId")?;
        Ok((text(key.key_arn(), "KeyArn").map_err(Lacks::of(&id))?, id))
    });
    let keys = listed.then(|(arn, id)| async move {
        let aliases = sorted(names.get(id.as_str()).cloned().unwrap_or_default(), Clone::clone);
        // "The alias/aws/ prefix is reserved for AWS managed keys" (API reference, CreateAlias): nothing is judged of
        // these but who manages them.
        let details = match aliases.iter().any(|alias| alias.starts_with("alias/aws/")) {
            true => Collected::Value(KeyDetails { is_customer_managed: false, ..KeyDetails::default() }),
            false => ask.keep(details(ask, client, &id).await),
        };
        Key { arn, aliases, details, id }
    });
    Ok(keys.await.sorted(|key| key.id.clone()))
}

async fn details(ask: &Ask, client: &Client, id: &str) -> Result<KeyDetails, CallError> {
    let operation = op::DescribeKey;
    let answer = ask.call(operation, Some(id), || client.describe_key().key_id(id).send()).await?;
    let key = answer.key_metadata().ok_or_else(|| ask.unreadable(operation, Some(id), "no metadata"))?;
    let multi_region = key.multi_region_configuration();
    let state = known(key.key_state().map(|state| state.as_str()), KeyState::values(), "KeyState");
    Ok(KeyDetails {
        is_customer_managed: match key.key_manager() {
            Some(KeyManagerType::Aws) => false,
            // KMS said nothing of managers until 2017; such a key is judged rather than left out.
            Some(KeyManagerType::Customer) | None => true,
            _ => return Err(ask.unreadable(operation, Some(id), "not told who manages the key")),
        },
        state: ask.item(operation, Some(id), state)?.unwrap_or_default(),
        spec: key.key_spec().map_or("", |spec| spec.as_str()).to_owned(),
        usage: key.key_usage().map_or("", |usage| usage.as_str()).to_owned(),
        origin: key.origin().map_or("", |origin| origin.as_str()).to_owned(),
        is_replica: multi_region
            .is_some_and(|config| config.multi_region_key_type() == Some(&MultiRegionKeyType::Replica)),
        deletion_date: key.deletion_date().and_then(timestamp),
    })
}
