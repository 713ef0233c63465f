//! Simple Storage Service.

mod access_point_public_access_block;
mod account_public_access_block;
mod bucket_access_logging;
mod bucket_acl_in_use;
mod bucket_cross_account_write;
mod bucket_encryption;
mod bucket_insecure_transport;
mod bucket_mfa_delete;
mod bucket_public_access_block;
mod bucket_public_dormant;
mod bucket_public_read;
mod bucket_public_write;
mod bucket_versioning;

super::checks! {
    access_point_public_access_block
    account_public_access_block
    bucket_access_logging
    bucket_acl_in_use
    bucket_cross_account_write
    bucket_encryption
    bucket_insecure_transport
    bucket_mfa_delete
    bucket_public_access_block
    bucket_public_dormant
    bucket_public_read
    bucket_public_write
    bucket_versioning
}

use crate::{
    analysis::s3_exposure::{self, Access, Grant},
    catalog::unless_closed,
    check::Context,
    finding::{Judgement, Severity, Verdict},
    snapshot::s3::op,
    source::Source,
};

/// What decides whether the world gets at a bucket.
const EXPOSURE_SOURCES: &[Source] = &[
    Source::S3AccessPoints,
    Source::S3AccountPublicAccessBlock,
    Source::S3BucketAcl,
    Source::S3BucketOwnership,
    Source::S3BucketPolicy,
    Source::S3BucketPublicAccessBlock,
    Source::ServiceControlPolicies,
];

/// Judges each bucket: fails where the world has that access.
fn each_open_bucket(cx: &mut Context<'_>, access: Access) {
    cx.each_known(&cx.snapshot.s3.buckets, |cx, bucket| {
        let verdict = exposed(&s3_exposure::open(&cx.analyses, bucket, access)?)?;
        Ok(unless_closed(cx, verdict, op::GetBucketPolicy))
    });
}

/// Fails when there is a grant; as [`super::grant_verdict`] where there are only such.
fn exposed(grants: &[Grant]) -> Judgement {
    let summaries: Vec<_> = grants.iter().map(Grant::summary).collect();
    let verdict = Verdict::fail_if(!grants.is_empty()).with("opens", summaries).with("grants", grants);
    let limited = !grants.is_empty() && grants.iter().all(Grant::is_limited);
    Ok(if limited { verdict.at(Severity::Low).told_as("limited") } else { verdict })
}

#[cfg(test)]
mod testing {
    use crate::{
        snapshot::{
            Snapshot,
            s3::{AclGrant, Bucket, PublicAccessBlock, Versioning},
        },
        testing::{empty, read},
    };

    /// An account with one bucket, `reports`, that is as AWS makes it but without block-public-access.
    pub(super) fn with_bucket(change: impl FnOnce(&mut Bucket)) -> Snapshot {
        let mut bucket = Bucket {
            name: "reports".into(),
            region: "eu-west-1".into(),
            public_access_block: read(PublicAccessBlock::default()),
            policy: read(None),
            owner: read(None),
            acl: read(vec![grant("0123456789abcdef", "FULL_CONTROL")]),
            object_ownership: read(Some("BucketOwnerPreferred".into())),
            versioning: read(Versioning::default()),
            has_lifecycle: read(false),
            encryption: read(Some("AES256".into())),
            logging_target: read(None),
        };
        change(&mut bucket);
        let mut account = empty();
        account.s3.buckets = read(vec![bucket]);
        account
    }

    /// A grant of an access control list, to a group of S3's or to a canonical id.
    pub(super) fn grant(grantee: &str, permission: &str) -> AclGrant {
        let group = ["AllUsers", "AuthenticatedUsers"].contains(&grantee);
        let prefix = if group { "http://acs.amazonaws.com/groups/global/" } else { "" };
        AclGrant { grantee: format!("{prefix}{grantee}"), permission: permission.into() }
    }

    /// A policy with one statement.
    pub(super) fn policy(statement: &str) -> Option<String> {
        Some(format!(r#"{{"Version": "2012-10-17", "Statement": [{statement}]}}"#))
    }
}
