//! Amazon Cognito.

use serde::{Deserialize, Serialize};

use super::{Judged, Place, Tags};
use crate::gap::Collected;

/// Cognito of one region.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Cognito {
    /// User pools.
    pub user_pools: Collected<Vec<UserPool>>,
}

/// A user pool.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UserPool {
    /// `REGION_…`
    pub id: String,
    /// Its name.
    pub name: String,
    /// What `DescribeUserPool` says of it.
    pub settings: Collected<UserPoolSettings>,
}

/// Settings of a user pool.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserPoolSettings {
    /// `MfaConfiguration`: `OFF`, `ON` or `OPTIONAL`.
    pub mfa: String,
    /// Tags.
    pub tags: Tags,
}

impl Judged for UserPool {
    const TYPE: &'static str = "AWS::Cognito::UserPool";
    fn id(&self) -> String {
        self.id.clone()
    }
    fn arn(&self, place: &Place<'_>) -> String {
        place.arn("cognito-idp", &format!("userpool/{}", self.id))
    }
    fn name(&self) -> Option<&str> {
        Some(&self.name)
    }
    fn tags(&self) -> Option<&Tags> {
        self.settings.get().ok().map(|settings| &settings.tags)
    }
}
