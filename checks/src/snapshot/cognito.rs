//! Amazon Cognito.

use serde::{Deserialize, Serialize};

use super::{Judged, Place, Tags};
use crate::gap::Collected;

service! {
    /// Cognito of one region.
    Cognito, Regional;

    user_pool_op("Cognito Identity Provider", "cognito-idp", UNPUBLISHED) {
        CognitoUserPools [ListUserPools, DescribeUserPool] =>
            /// User pools.
            user_pools: Vec<UserPool>;
    }

    identity_pool_op("Cognito Identity", "cognito-identity", UNPUBLISHED) {
        CognitoIdentityPools [ListIdentityPools, DescribeIdentityPool, GetIdentityPoolRoles] =>
            /// Identity pools.
            identity_pools: Vec<IdentityPool>;
    }
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
    /// Whoever wants to may sign up: `AllowAdminCreateUserOnly` is not set.
    pub allows_sign_up: bool,
    /// `MfaConfiguration`: `OFF`, `ON` or `OPTIONAL`.
    pub mfa: String,
    /// What passwords must be like; none where AWS did not say.
    pub password_policy: Option<PasswordPolicy>,
    /// `AdvancedSecurityMode`: `OFF`, `AUDIT` or `ENFORCED`.
    pub threat_protection: String,
    /// Tags.
    pub tags: Tags,
}

/// What passwords of a user pool must be like.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasswordPolicy {
    /// Characters at least.
    pub minimum_length: i32,
    /// An uppercase letter.
    pub require_uppercase: bool,
    /// A lowercase letter.
    pub require_lowercase: bool,
    /// A digit.
    pub require_numbers: bool,
    /// Another character.
    pub require_symbols: bool,
}

/// An identity pool.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct IdentityPool {
    /// `REGION:…`
    pub id: String,
    /// Its name.
    pub name: String,
    /// Unauthenticated identities get credentials.
    pub allows_guests: Collected<bool>,
    /// `AllowClassicFlow`: identities may choose among the roles that trust the pool.
    pub allows_classic_flow: Collected<bool>,
    /// ARN of the role that unauthenticated identities get.
    pub guest_role: Collected<Option<String>>,
    /// The app clients whose users get identities: `CognitoIdentityProviders`.
    pub clients: Collected<Vec<AppClient>>,
    /// ARN of the role that authenticated identities get where no mapping chooses another.
    pub user_role: Collected<Option<String>>,
    /// How identities of some providers get other roles: `RoleMappings`.
    pub role_mappings: Collected<Vec<RoleMapping>>,
}

/// An app client of a user pool.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppClient {
    /// The user pool: `cognito-idp.REGION.amazonaws.com/POOL`.
    pub provider: String,
    /// Its id.
    pub id: String,
}

/// How an identity pool chooses the role of those who have signed in with a provider.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleMapping {
    /// The provider; of a user pool with its app client: `cognito-idp.REGION.amazonaws.com/POOL:CLIENT`.
    pub provider: String,
    /// Who gets no other role gets the one of authenticated identities: `AmbiguousRoleResolution` is
    /// `AuthenticatedRole`.
    pub falls_back: bool,
    /// The rules; none where the token tells the role.
    pub rules: Vec<MappingRule>,
}

/// A rule by which a claim of the token gives a role.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MappingRule {
    /// The claim.
    pub claim: String,
    /// ARN of the role.
    pub role: String,
}

impl Judged for IdentityPool {
    const TYPE: &'static str = "AWS::Cognito::IdentityPool";
    fn id(&self) -> String {
        self.id.clone()
    }
    fn arn(&self, place: &Place<'_>) -> String {
        place.arn("cognito-identity", &format!("identitypool/{}", self.id))
    }
    fn name(&self) -> Option<&str> {
        Some(&self.name)
    }
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
