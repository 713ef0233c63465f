//! S3. Buckets are listed once and asked one by one, each in its own region.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use aws_audit_checks::{
    analysis::policy::shared_secret::masked,
    gap::{Collected, GapKind},
    snapshot::s3::{AclGrant, Bucket, PublicAccessBlock, S3, Versioning, control, op},
    source::Source,
};
use aws_sdk_s3::types;

use super::s3control;
use crate::collect::{
    ask::{Ask, Run, each_of, sorted},
    call::CallError,
    items::{Lacks, Read, text},
    meaning::Meaning,
};

pub(in crate::collect) async fn collect(run: &Arc<Run>, account: &str) -> S3 {
    let ask = Ask::global(run);
    let (public_access_block, buckets) = tokio::join!(
        ask.source(Source::S3AccountPublicAccessBlock, account_public_access_block(&ask, account)),
        ask.list(Source::S3Buckets, list(&ask)),
    );
    let owner = buckets.as_ref().map(|(owner, _)| owner.clone());
    let told = owner.known().cloned().flatten();
    let named = buckets.known().into_iter().flat_map(|(_, named)| named).cloned();
    let read = each_of(named.map(|(name, region)| bucket(run, name, region, told.as_deref()))).await;
    let buckets = buckets.map(|_| read);
    S3 { public_access_block, owner, buckets, foreign_buckets: Collected::default() }
}

/// Whether buckets exist that others of the account's resources name and that are not the account's own. S3
/// answers with "no such bucket" to everybody, and refuses, or names another region, only where there is one.
pub(in crate::collect) async fn foreign_buckets(
    ask: &Ask,
    names: BTreeSet<String>,
) -> BTreeMap<String, Collected<bool>> {
    let answers = names.into_iter().map(|name| async move {
        let answer = location(ask, &name).await;
        let exists = match answer {
            Ok(_) => Ok(true),
            // Nor can there be one of a name that S3 does not take.
            Err(error) if matches!(error.code.as_deref(), Some("NoSuchBucket" | "InvalidBucketName")) => {
                Ok(false)
            }
            Err(error) if error.gap.kind == GapKind::AccessDenied || error.meaning == Meaning::Elsewhere => {
                Ok(true)
            }
            Err(error) => Err(error),
        };
        (name, ask.keep(exists))
    });
    each_of(answers).await.into_iter().collect()
}

async fn account_public_access_block(ask: &Ask, account: &str) -> Result<PublicAccessBlock, CallError> {
    let client = ask.aws.s3_control();
    let answer = ask
        .call(control::GetPublicAccessBlock, None, || {
            client.get_public_access_block().account_id(account).send()
        })
        .await;
    let answer = CallError::unless_absent(answer)?;
    let settings = answer.as_ref().and_then(|answer| answer.public_access_block_configuration());
    Ok(settings.map(s3control::block).unwrap_or_default())
}

/// The owner of the buckets, and their names with their regions.
async fn list(ask: &Ask) -> Result<Read<(Option<String>, Vec<(String, String)>)>, CallError> {
    let client = ask.aws.s3();
    let operation = op::ListBuckets;
    // A page size makes AWS tell each bucket's region.
    let pages = ask
        .pages(
            operation,
            None,
            |token| client.list_buckets().max_buckets(1000).set_continuation_token(token).send(),
            |page| page.continuation_token(),
        )
        .await?;
    let owner = pages.iter().find_map(|page| page.owner()?.id()).map(str::to_owned);
    let listed = pages.iter().flat_map(|page| page.buckets());
    let buckets = ask.items(operation, listed, |bucket| Ok((text(bucket.name(), "Name")?, bucket)));
    let buckets = buckets.then(|(name, bucket)| async move {
        let region = match bucket.bucket_region() {
            Some(region) => Some(region.to_owned()),
            None => found(ask, &name).await,
        };
        Some((name, region?))
    });
    Ok(buckets.await.map(|named| (owner, sorted(named.into_iter().flatten(), |(name, _)| name.clone()))))
}

/// The region of a bucket that the list does not tell; none when the bucket is gone by now. Who may not ask for it
/// asks for something else: whatever S3 answers, it names the region to who asked in another one ("Error
/// responses", `AuthorizationHeaderMalformed` and `PermanentRedirect`).
async fn found(ask: &Ask, name: &str) -> Option<String> {
    let error = match location(ask, name).await {
        Ok(region) => return Some(region),
        Err(error) => error,
    };
    let is_gone = |error: &CallError| error.meaning == Meaning::Gone;
    if is_gone(&error) {
        return None;
    }
    if error.bucket_region.is_some() {
        return error.bucket_region;
    }
    // The gap tells which permission is missing, and that the region may be a guess.
    let _ = ask.keep::<()>(Err(error));
    let client = ask.aws.s3();
    let send = || client.get_bucket_versioning().bucket(name).send();
    match ask.call(op::GetBucketVersioning, Some(name), send).await {
        Err(other) if is_gone(&other) => None,
        Err(other) if other.bucket_region.is_some() => other.bucket_region,
        Ok(_) | Err(_) => Some(ask.aws.region().to_owned()),
    }
}

async fn location(ask: &Ask, bucket: &str) -> Result<String, CallError> {
    let client = ask.aws.s3();
    let answer = ask
        .call(op::GetBucketLocation, Some(bucket), || client.get_bucket_location().bucket(bucket).send())
        .await?;
    // GetBucketLocation's documentation: no constraint is us-east-1, and EU is an old name of eu-west-1.
    Ok(match answer.location_constraint().map(|constraint| constraint.as_str()) {
        None | Some("") => "us-east-1".to_owned(),
        Some("EU") => "eu-west-1".to_owned(),
        Some(region) => region.to_owned(),
    })
}

async fn bucket(run: &Arc<Run>, name: String, region: String, account: Option<&str>) -> Bucket {
    let ask = Ask::regional(run, &region);
    let client = ask.aws.s3();
    let (name_ref, client) = (name.as_str(), &client);
    let (public_access_block, policy, (object_ownership, acl), versioning, encryption, logging_target) = tokio::join!(
        ask.of_one(Source::S3BucketPublicAccessBlock, public_access_block(&ask, client, name_ref)),
        ask.of_one(Source::S3BucketPolicy, policy(&ask, client, name_ref)),
        async {
            let ownership =
                ask.of_one(Source::S3BucketOwnership, object_ownership(&ask, client, name_ref)).await;
            let enforced = ownership.get().is_ok_and(|it| it.as_deref() == Some("BucketOwnerEnforced"));
            let acl = match account {
                // S3 tells no other list then than that of the owner, who is the account ("Controlling ownership of
                // objects and disabling ACLs for your bucket").
                Some(owner) if enforced => Collected::Value((Some(owner.to_owned()), Vec::new())),
                _ => ask.of_one(Source::S3BucketAcl, acl(&ask, client, name_ref)).await,
            };
            (ownership, acl)
        },
        ask.of_one(Source::S3BucketVersioning, versioning(&ask, client, name_ref)),
        ask.of_one(Source::S3BucketEncryption, encryption(&ask, client, name_ref)),
        ask.of_one(Source::S3BucketLogging, logging_target(&ask, client, name_ref)),
    );
    // MFA delete and lifecycle rules exclude each other, and only versioned buckets have either to lose.
    let matters = versioning.known().is_some_and(|versioning| versioning.enabled && !versioning.mfa_delete);
    let has_lifecycle = if matters {
        ask.of_one(Source::S3BucketLifecycle, has_lifecycle(&ask, client, name_ref)).await
    } else {
        versioning.as_ref().map(|_| false)
    };
    let owner = acl.as_ref().map(|(owner, _)| owner.clone());
    let acl = acl.map(|(_, grants)| grants);
    Bucket {
        name,
        region,
        public_access_block,
        policy,
        owner,
        acl,
        object_ownership,
        versioning,
        has_lifecycle,
        encryption,
        logging_target,
    }
}

async fn public_access_block(
    ask: &Ask,
    client: &aws_sdk_s3::Client,
    bucket: &str,
) -> Result<PublicAccessBlock, CallError> {
    let answer = ask
        .call(op::GetPublicAccessBlock, Some(bucket), || {
            client.get_public_access_block().bucket(bucket).send()
        })
        .await;
    let answer = CallError::unless_absent(answer)?;
    let settings = answer.as_ref().and_then(|answer| answer.public_access_block_configuration());
    Ok(settings
        .map(|settings| PublicAccessBlock {
            block_public_acls: settings.block_public_acls().unwrap_or_default(),
            ignore_public_acls: settings.ignore_public_acls().unwrap_or_default(),
            block_public_policy: settings.block_public_policy().unwrap_or_default(),
            restrict_public_buckets: settings.restrict_public_buckets().unwrap_or_default(),
        })
        .unwrap_or_default())
}

async fn policy(ask: &Ask, client: &aws_sdk_s3::Client, bucket: &str) -> Result<Option<String>, CallError> {
    let answer = ask
        .call(op::GetBucketPolicy, Some(bucket), || client.get_bucket_policy().bucket(bucket).send())
        .await;
    let answer = CallError::unless_absent(answer)?;
    Ok(answer.and_then(|answer| answer.policy().map(masked)))
}

async fn has_lifecycle(ask: &Ask, client: &aws_sdk_s3::Client, bucket: &str) -> Result<bool, CallError> {
    let answer = ask
        .call(op::GetBucketLifecycleConfiguration, Some(bucket), || {
            client.get_bucket_lifecycle_configuration().bucket(bucket).send()
        })
        .await;
    let answer = CallError::unless_absent(answer)?;
    Ok(answer.is_some_and(|answer| !answer.rules().is_empty()))
}

/// The owner that the access control list tells, and its grants.
async fn acl(
    ask: &Ask,
    client: &aws_sdk_s3::Client,
    bucket: &str,
) -> Result<(Option<String>, Vec<AclGrant>), CallError> {
    let operation = op::GetBucketAcl;
    let answer = ask.call(operation, Some(bucket), || client.get_bucket_acl().bucket(bucket).send()).await?;
    let grants = ask.all_items(operation, Some(bucket), answer.grants(), |grant| {
        let grantee = grant.grantee().ok_or(Lacks::field("Grantee"))?;
        Ok(AclGrant {
            grantee: text(grantee.uri().or(grantee.id()).or(grantee.email_address()), "Grantee")?,
            permission: text(grant.permission().map(|it| it.as_str()), "Permission")?,
        })
    });
    let owner = answer.owner().and_then(|owner| owner.id()).map(str::to_owned);
    Ok((owner, sorted(grants?, |grant| (grant.grantee.clone(), grant.permission.clone()))))
}

async fn object_ownership(
    ask: &Ask,
    client: &aws_sdk_s3::Client,
    bucket: &str,
) -> Result<Option<String>, CallError> {
    let answer = ask
        .call(op::GetBucketOwnershipControls, Some(bucket), || {
            client.get_bucket_ownership_controls().bucket(bucket).send()
        })
        .await;
    let answer = CallError::unless_absent(answer)?;
    let controls = answer.as_ref().and_then(|answer| answer.ownership_controls());
    Ok(controls
        .and_then(|controls| controls.rules().first())
        .map(|rule| rule.object_ownership().as_str().to_owned()))
}

async fn versioning(ask: &Ask, client: &aws_sdk_s3::Client, bucket: &str) -> Result<Versioning, CallError> {
    let answer = ask
        .call(op::GetBucketVersioning, Some(bucket), || client.get_bucket_versioning().bucket(bucket).send())
        .await?;
    Ok(Versioning {
        enabled: answer.status() == Some(&types::BucketVersioningStatus::Enabled),
        mfa_delete: answer.mfa_delete() == Some(&types::MfaDeleteStatus::Enabled),
    })
}

async fn encryption(
    ask: &Ask,
    client: &aws_sdk_s3::Client,
    bucket: &str,
) -> Result<Option<String>, CallError> {
    let answer = ask
        .call(op::GetBucketEncryption, Some(bucket), || client.get_bucket_encryption().bucket(bucket).send())
        .await;
    let answer = CallError::unless_absent(answer)?;
    let configuration = answer.as_ref().and_then(|answer| answer.server_side_encryption_configuration());
    let default = configuration
        .and_then(|configuration| configuration.rules().first())
        .and_then(|rule| rule.apply_server_side_encryption_by_default());
    Ok(default.map(|default| default.sse_algorithm().as_str().to_owned()))
}

async fn logging_target(
    ask: &Ask,
    client: &aws_sdk_s3::Client,
    bucket: &str,
) -> Result<Option<String>, CallError> {
    let answer = ask
        .call(op::GetBucketLogging, Some(bucket), || client.get_bucket_logging().bucket(bucket).send())
        .await?;
    Ok(answer.logging_enabled().map(|logging| logging.target_bucket().to_owned()))
}
