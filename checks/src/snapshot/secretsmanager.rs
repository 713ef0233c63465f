//! Secrets Manager. Metadata only: no value is ever asked for.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{ById, Judged, Place, Tags};

service! {
    /// Secrets of one region.
    SecretsManager, Regional;

    op("Secrets Manager", "secretsmanager", UNPUBLISHED) {
        SecretsManagerSecrets [ListSecrets] =>
            /// The secrets, without those that await deletion.
            secrets: Vec<StoredSecret>;
        SecretsManagerPolicies needs SecretsManagerSecrets [GetResourcePolicy] =>
            /// Each secret's resource policy as JSON text, by its ARN.
            policies: ById<Option<String>>;
    }
}

/// A secret.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StoredSecret {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// It is rotated by a schedule.
    pub rotation_enabled: bool,
    /// The service that manages it, e.g. `rds`.
    pub owning_service: Option<String>,
    /// It is a copy of a secret in another region, which is rotated there.
    pub is_replica: bool,
    /// When it was made.
    pub created: Option<Timestamp>,
    /// When it was last rotated.
    pub last_rotated: Option<Timestamp>,
    /// When it should next be rotated at the latest.
    pub next_rotation: Option<Timestamp>,
    /// The day that it was last read; none when it never was.
    pub last_accessed: Option<Timestamp>,
    /// Tags.
    pub tags: Tags,
}

impl Judged for StoredSecret {
    const TYPE: &'static str = "AWS::SecretsManager::Secret";
    fn id(&self) -> String {
        self.name.clone()
    }
    fn arn(&self, _: &Place<'_>) -> String {
        self.arn.clone()
    }
    fn tags(&self) -> Option<&Tags> {
        Some(&self.tags)
    }
}
