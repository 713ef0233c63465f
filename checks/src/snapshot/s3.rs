//! Simple Storage Service.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Judged, Place};
use crate::gap::Collected;

/// Buckets and the account's settings for them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct S3 {
    /// The account's block-public-access settings; all off when never set.
    pub public_access_block: Collected<PublicAccessBlock>,
    /// The canonical user id of the account, which owns the buckets.
    pub owner: Collected<Option<String>>,
    /// The buckets, by name.
    pub buckets: Collected<Vec<Bucket>>,
    /// Whether the buckets exist that origins of CloudFront and trails name and that are not the account's, by
    /// name.
    pub foreign_buckets: Collected<BTreeMap<String, Collected<bool>>>,
}

/// The four settings of S3 Block Public Access.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicAccessBlock {
    /// Refuses calls that would set a public ACL.
    pub block_public_acls: bool,
    /// Ignores the public ACLs there are.
    pub ignore_public_acls: bool,
    /// Refuses calls that would set a public policy.
    pub block_public_policy: bool,
    /// Cuts a public policy down to AWS services and the bucket's account.
    pub restrict_public_buckets: bool,
}

impl PublicAccessBlock {
    /// All four on.
    pub const ALL: Self = Self {
        block_public_acls: true,
        ignore_public_acls: true,
        block_public_policy: true,
        restrict_public_buckets: true,
    };

    /// What is in force when both apply: the most restrictive combination.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self {
            block_public_acls: self.block_public_acls || other.block_public_acls,
            ignore_public_acls: self.ignore_public_acls || other.ignore_public_acls,
            block_public_policy: self.block_public_policy || other.block_public_policy,
            restrict_public_buckets: self.restrict_public_buckets || other.restrict_public_buckets,
        }
    }

    /// The settings that are off, by AWS's names.
    #[must_use]
    pub fn off(self) -> Vec<&'static str> {
        [
            ("BlockPublicAcls", self.block_public_acls),
            ("IgnorePublicAcls", self.ignore_public_acls),
            ("BlockPublicPolicy", self.block_public_policy),
            ("RestrictPublicBuckets", self.restrict_public_buckets),
        ]
        .into_iter()
        .filter_map(|(name, on)| (!on).then_some(name))
        .collect()
    }
}

/// A bucket.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Bucket {
    /// Its name, unique in the partition.
    pub name: String,
    /// The region that it is in.
    pub region: String,
    /// Its block-public-access settings; all off when never set.
    pub public_access_block: Collected<PublicAccessBlock>,
    /// Its policy, as JSON text.
    pub policy: Collected<Option<String>>,
    /// The canonical user id that its access control list names as its owner.
    pub owner: Collected<Option<String>>,
    /// Grants of its access control list.
    pub acl: Collected<Vec<AclGrant>>,
    /// `BucketOwnerEnforced`, `BucketOwnerPreferred` or `ObjectWriter`; `None` for a bucket from before the
    /// setting existed, which AWS treats as `ObjectWriter`.
    pub object_ownership: Collected<Option<String>>,
    /// Versioning.
    pub versioning: Collected<Versioning>,
    /// It has lifecycle rules. Asked of versioned buckets without MFA delete only.
    pub has_lifecycle: Collected<bool>,
    /// Default encryption: `AES256`, `aws:kms`, `aws:kms:dsse`; `None` when there is none.
    pub encryption: Collected<Option<String>>,
    /// The bucket that server access logs go to.
    pub logging_target: Collected<Option<String>>,
}

impl Judged for Bucket {
    const TYPE: &'static str = "AWS::S3::Bucket";
    fn id(&self) -> String {
        self.name.clone()
    }
    fn arn(&self, place: &Place<'_>) -> String {
        format!("arn:{}:s3:::{}", place.partition, self.name)
    }
    fn region(&self) -> Option<&str> {
        Some(&self.region)
    }
}

/// One grant of an access control list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AclGrant {
    /// The group's URI, e.g. `http://acs.amazonaws.com/groups/global/AllUsers`, or the account's canonical
    /// id.
    pub grantee: String,
    /// `READ`, `WRITE`, `READ_ACP`, `WRITE_ACP` or `FULL_CONTROL`.
    pub permission: String,
}

/// A bucket's versioning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Versioning {
    /// Enabled (not suspended, not never set).
    pub enabled: bool,
    /// Deleting a version needs MFA.
    pub mfa_delete: bool,
}

/// An access point of a bucket.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AccessPoint {
    /// Its name, unique in account and region.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// The bucket that it leads to.
    pub bucket: String,
    /// Account that owns the bucket.
    pub bucket_account: Option<String>,
    /// The VPC that it is limited to; none when it can be reached from the internet.
    pub vpc: Option<String>,
    /// Its own block-public-access settings.
    pub public_access_block: Collected<PublicAccessBlock>,
    /// Its policy, as JSON text.
    pub policy: Collected<Option<String>>,
}

impl Judged for AccessPoint {
    const TYPE: &'static str = "AWS::S3::AccessPoint";
    fn id(&self) -> String {
        self.name.clone()
    }
    fn arn(&self, _: &Place<'_>) -> String {
        self.arn.clone()
    }
}
