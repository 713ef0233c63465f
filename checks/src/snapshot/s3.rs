//! Simple Storage Service.

use serde::{Deserialize, Serialize};

use super::{ById, Judged, Place};
use crate::gap::Collected;

service! {
    /// Buckets and the account's settings for them.
    S3, Global;

    control("S3 Control", "s3control", S3) {
        S3AccountPublicAccessBlock [GetPublicAccessBlock("s3:GetAccountPublicAccessBlock")] =>
            /// The account's block-public-access settings; all off when never set.
            public_access_block: PublicAccessBlock;
    }

    op("S3", "s3", S3) {
        S3Buckets [ListBuckets("s3:ListAllMyBuckets"), GetBucketLocation] =>
            /// The buckets, by name.
            buckets: Vec<Bucket>,
            /// The canonical user id of the account, which owns the buckets.
            owner: Option<String> = Some("79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be".into()),
            /// Whether the buckets exist that origins of CloudFront and trails name and that are not the account's, by
            /// name.
            foreign_buckets: ById<bool>;
        /// Each bucket's block-public-access settings.
        S3BucketPublicAccessBlock needs S3Buckets [
            GetPublicAccessBlock("s3:GetBucketPublicAccessBlock"),
        ] in buckets: public_access_block;
        /// Each bucket's policy.
        S3BucketPolicy needs S3Buckets [GetBucketPolicy] in buckets: policy;
        /// Each bucket's access control list.
        S3BucketAcl needs S3Buckets [GetBucketAcl] in buckets: owner, acl;
        /// Each bucket's object ownership.
        S3BucketOwnership needs S3Buckets [GetBucketOwnershipControls("s3:GetBucketOwnershipControls")] in buckets: object_ownership;
        /// Each bucket's versioning and MFA delete.
        S3BucketVersioning needs S3Buckets [GetBucketVersioning] in buckets: versioning;
        /// Whether versioned buckets have lifecycle rules.
        S3BucketLifecycle needs S3Buckets S3BucketVersioning [
            GetBucketLifecycleConfiguration("s3:GetLifecycleConfiguration"),
        ] in buckets: has_lifecycle;
        /// Each bucket's default encryption.
        S3BucketEncryption needs S3Buckets [GetBucketEncryption("s3:GetEncryptionConfiguration")] in buckets: encryption;
        /// Each bucket's server access logging.
        S3BucketLogging needs S3Buckets [GetBucketLogging] in buckets: logging_target;
    }
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
