//! What the world can do with a bucket: policy and access control list, less what block-public-access (of
//! bucket and account, the stricter of the two) and object ownership hold back.

use serde::Serialize;

use super::policy::{Policy, public};
use crate::{
    gap::{Collected, Gap, NotJudged},
    snapshot::s3::{Bucket, PublicAccessBlock},
};

/// What is asked: reading or changing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Reading objects, listing them, reading the bucket's settings.
    Read,
    /// Writing, deleting, changing permissions or settings.
    Write,
}

/// One grant to the world, as evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "through", rename_all = "snake_case")]
pub enum Grant {
    /// A statement of the bucket policy.
    Policy {
        /// The `Sid` or number of the statement.
        statement: String,
        /// The actions that it opens.
        actions: Vec<String>,
        /// On which resources.
        resources: Vec<String>,
        /// Conditions that do not keep strangers out, and why.
        conditions: Vec<String>,
    },
    /// A grant of the access control list.
    Acl {
        /// `AllUsers` or `AuthenticatedUsers`.
        group: String,
        /// `READ`, `WRITE`, ….
        permission: String,
    },
}

impl Grant {
    /// The grant in a few words, for messages.
    #[must_use]
    pub fn summary(&self) -> String {
        match self {
            Self::Policy { statement, actions, .. } => {
                // A wildcard opens dozens of actions; the first few tell what it is about.
                let more = if actions.len() > 3 { ", …" } else { "" };
                let first = actions.iter().take(3).map(String::as_str).collect::<Vec<_>>().join(", ");
                format!("{first}{more} (policy statement {statement})")
            }
            Self::Acl { group, permission } => format!("{permission} (ACL, {group})"),
        }
    }
}

/// Actions that read, from the Service Authorization Reference for Amazon S3.
const READ: [&str; 14] = [
    "s3:GetObject",
    "s3:ListBucket",
    "s3:GetObjectVersion",
    "s3:ListBucketVersions",
    "s3:ListBucketMultipartUploads",
    "s3:ListMultipartUploadParts",
    "s3:GetObjectAcl",
    "s3:GetObjectVersionAcl",
    "s3:GetObjectTagging",
    "s3:GetObjectAttributes",
    "s3:GetObjectTorrent",
    "s3:GetBucketAcl",
    "s3:GetBucketPolicy",
    "s3:GetInventoryConfiguration",
];

/// Actions that write, delete or change permissions, from the same page.
const WRITE: [&str; 31] = [
    "s3:PutObject",
    "s3:DeleteObject",
    "s3:DeleteObjectVersion",
    "s3:PutObjectAcl",
    "s3:PutObjectVersionAcl",
    "s3:PutBucketAcl",
    "s3:PutBucketPolicy",
    "s3:DeleteBucketPolicy",
    "s3:DeleteBucket",
    "s3:AbortMultipartUpload",
    "s3:BypassGovernanceRetention",
    "s3:DeleteBucketWebsite",
    "s3:DeleteObjectTagging",
    "s3:DeleteObjectVersionTagging",
    "s3:ObjectOwnerOverrideToBucketOwner",
    "s3:PutBucketCORS",
    "s3:PutBucketLogging",
    "s3:PutBucketNotification",
    "s3:PutBucketObjectLockConfiguration",
    "s3:PutBucketOwnershipControls",
    "s3:PutBucketPublicAccessBlock",
    "s3:PutBucketVersioning",
    "s3:PutBucketWebsite",
    "s3:PutEncryptionConfiguration",
    "s3:PutLifecycleConfiguration",
    "s3:PutObjectLegalHold",
    "s3:PutObjectRetention",
    "s3:PutObjectTagging",
    "s3:PutReplicationConfiguration",
    "s3:ReplicateObject",
    "s3:RestoreObject",
];

/// Grants to the world, and whether a setting holds them back. Each part may be unreadable by itself.
struct Way {
    grants: Result<Vec<Grant>, NotJudged>,
    held_back: Result<bool, NotJudged>,
}

/// What the world can do with the bucket now.
///
/// # Errors
/// When it depends on something that could not be read.
pub fn open(
    bucket: &Bucket,
    account: &Collected<PublicAccessBlock>,
    access: Access,
) -> Result<Vec<Grant>, NotJudged> {
    combined(ways(bucket, account, access), |held_back| !held_back)
}

/// What the world could do but for a block-public-access setting.
///
/// # Errors
/// When it depends on something that could not be read.
pub fn dormant(bucket: &Bucket, account: &Collected<PublicAccessBlock>) -> Result<Vec<Grant>, NotJudged> {
    let [read, write] = [Access::Read, Access::Write].map(|access| ways(bucket, account, access));
    combined(read.into_iter().chain(write), |held_back| held_back)
}

/// The grants of the ways that are as wanted. A grant that is known decides; only when there is none does it
/// matter what could not be read.
fn combined(ways: impl IntoIterator<Item = Way>, wanted: fn(bool) -> bool) -> Result<Vec<Grant>, NotJudged> {
    let mut found = Vec::new();
    let mut unread = None;
    for Way { grants, held_back } in ways {
        match (grants, held_back) {
            // Without a grant, or held back otherwise than asked about, the rest does not matter.
            (Ok(grants), _) if grants.is_empty() => {}
            (_, Ok(held_back)) if !wanted(held_back) => {}
            (Ok(grants), Ok(_)) => found.extend(grants),
            (Err(not_judged), _) | (Ok(_), Err(not_judged)) => unread = Some(not_judged),
        }
    }
    match unread {
        Some(not_judged) if found.is_empty() => Err(not_judged),
        _ => Ok(found),
    }
}

fn ways(bucket: &Bucket, account: &Collected<PublicAccessBlock>, access: Access) -> [Way; 2] {
    let blocked = |setting: fn(&PublicAccessBlock) -> bool| {
        // One level that is on is enough, whatever the other says.
        match (account.get().map(setting), bucket.public_access_block.get().map(setting)) {
            (Ok(true), _) | (_, Ok(true)) => Ok(true),
            (Err(not_judged), _) | (_, Err(not_judged)) => Err(not_judged),
            (Ok(false), Ok(false)) => Ok(false),
        }
    };
    [
        Way {
            grants: by_policy(bucket, access),
            held_back: blocked(|settings| settings.restrict_public_buckets),
        },
        Way { grants: by_acl(bucket, access), held_back: blocked(|settings| settings.ignore_public_acls) },
    ]
}

fn by_policy(bucket: &Bucket, access: Access) -> Result<Vec<Grant>, NotJudged> {
    let Some(text) = bucket.policy.get()? else { return Ok(Vec::new()) };
    let policy = Policy::read(text, "s3:GetBucketPolicy", Some(&bucket.region), &bucket.name)?;
    let actions = match access {
        Access::Read => &READ[..],
        Access::Write => &WRITE[..],
    };
    let exposure = public::exposure(&policy, actions);
    match exposure.unclear.into_iter().next() {
        Some((_, cause)) if exposure.grants.is_empty() => {
            Err(Gap::unreadable("s3:GetBucketPolicy", Some(&bucket.region), Some(&bucket.name), cause).into())
        }
        _ => Ok(exposure.grants.into_iter().map(of_policy).collect()),
    }
}

fn of_policy(grant: public::Grant) -> Grant {
    let public::Grant { statement, actions, resources, conditions } = grant;
    Grant::Policy { statement, actions, resources, conditions }
}

fn by_acl(bucket: &Bucket, access: Access) -> Result<Vec<Grant>, NotJudged> {
    let permissions = match access {
        Access::Read => ["READ", "READ_ACP", "FULL_CONTROL"],
        Access::Write => ["WRITE", "WRITE_ACP", "FULL_CONTROL"],
    };
    let grants: Vec<_> = bucket
        .acl
        .get()?
        .iter()
        .filter(|grant| permissions.contains(&grant.permission.as_str()))
        .filter_map(|grant| {
            let group = grant.grantee.strip_prefix("http://acs.amazonaws.com/groups/global/")?;
            let permission = grant.permission.clone();
            ["AllUsers", "AuthenticatedUsers"]
                .contains(&group)
                .then(|| Grant::Acl { group: group.into(), permission })
        })
        .collect();
    // With ownership enforced ACLs are off, and what they say does not count.
    if grants.is_empty() || bucket.object_ownership.get()?.as_deref() == Some("BucketOwnerEnforced") {
        return Ok(Vec::new());
    }
    Ok(grants)
}
