//! Key Management Service.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{ById, Judged, Place};
use crate::gap::Collected;

service! {
    /// Keys of one region.
    Kms, Regional;

    op("KMS", "kms", KMS) {
        KmsKeys [ListKeys, DescribeKey, ListAliases] =>
            /// Keys.
            keys: Vec<Key>;
        KmsKeyRotation needs KmsKeys [GetKeyRotationStatus] =>
            /// Whether automatic rotation is on, for symmetric customer-managed keys, by key id.
            rotation: ById<bool>;
        KmsKeyPolicies needs KmsKeys [GetKeyPolicy] =>
            /// Key policies of customer-managed keys as JSON text, by key id.
            policies: ById<String>;
    }
}

/// A key.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Key {
    /// Its id.
    pub id: String,
    /// Its ARN.
    pub arn: String,
    /// Its aliases: `alias/…`.
    pub aliases: Vec<String>,
    /// What `DescribeKey` says of it.
    pub details: Collected<KeyDetails>,
}

/// Settings of a key. Of one that AWS manages nothing else is known: it is not asked about.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct KeyDetails {
    /// The customer manages it; otherwise AWS does.
    pub is_customer_managed: bool,
    /// `Enabled`, `Disabled`, `PendingDeletion`, ….
    pub state: String,
    /// `SYMMETRIC_DEFAULT`, `RSA_2048`, ….
    pub spec: String,
    /// `ENCRYPT_DECRYPT`, `SIGN_VERIFY`, ….
    pub usage: String,
    /// `AWS_KMS`, `EXTERNAL`, `AWS_CLOUDHSM` or `EXTERNAL_KEY_STORE`.
    pub origin: String,
    /// It is a replica of a multi-region key; rotation is set at the primary.
    pub is_replica: bool,
    /// When it is deleted.
    pub deletion_date: Option<Timestamp>,
}

impl Judged for Key {
    const TYPE: &'static str = "AWS::KMS::Key";
    fn id(&self) -> String {
        self.id.clone()
    }
    fn arn(&self, _: &Place<'_>) -> String {
        self.arn.clone()
    }
    fn name(&self) -> Option<&str> {
        self.aliases.first().map(String::as_str)
    }
}
