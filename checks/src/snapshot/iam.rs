//! Identity and Access Management.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Judged, Place, Tags};
use crate::gap::Collected;

service! {
    /// What IAM says about the account.
    Iam, Global;

    op("IAM", "iam", IAM) {
        IamAuthorization [GetAccountAuthorizationDetails] =>
            /// Principals and policies.
            authorization: Authorization;
        IamSummary [GetAccountSummary] =>
            /// Counts for the account, by IAM's names: `AccountMFAEnabled`, `AccountAccessKeysPresent`, …
            summary: BTreeMap<String, i64> = [("AccountMFAEnabled".into(), 1), ("AccountAccessKeysPresent".into(), 0)].into();
        IamPasswordPolicy [GetAccountPasswordPolicy] =>
            /// The password policy; `None` when the account has none.
            password_policy: Option<PasswordPolicy>;
        IamCredentialReport [GenerateCredentialReport, GetCredentialReport] =>
            /// Credentials of every user and of root.
            credential_report: CredentialReport = crate::testing::credential_report();
        IamInstanceProfiles [ListInstanceProfiles] =>
            /// The instance profiles, those without a role too.
            instance_profiles: Vec<InstanceProfile>;
        IamAccessKeys needs IamCredentialReport [ListAccessKeys] =>
            /// Access keys of the users that have an active one.
            access_keys: Vec<UserAccessKeys>;
        IamVirtualMfaDevices [ListVirtualMFADevices] =>
            /// Virtual MFA devices.
            virtual_mfa_devices: Vec<VirtualMfaDevice>;
        IamServerCertificates [ListServerCertificates] =>
            /// Server certificates.
            server_certificates: Vec<ServerCertificate>;
        IamSamlProviders [ListSAMLProviders] =>
            /// ARNs of SAML providers.
            saml_providers: Vec<String>;
        IamOidcProviders [ListOpenIDConnectProviders, GetOpenIDConnectProvider] =>
            /// OpenID Connect providers, by ARN.
            oidc_providers: Vec<OidcProvider>;
        IamOrganizationsFeatures [ListOrganizationsFeatures] =>
            /// Features of centralized root access that are on: `RootCredentialsManagement`, `RootSessions`. `None`
            /// where only the organization's management account may know, and this account is not it.
            organizations_features: Option<Vec<String>>;
    }
}

/// An OpenID Connect identity provider.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OidcProvider {
    /// Its ARN, which ends in the issuer.
    pub arn: String,
    /// The audiences (client ids) whose tokens it accepts.
    pub client_ids: Collected<Vec<String>>,
}

/// The answer of `GetAccountAuthorizationDetails`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Authorization {
    /// Users, by name.
    pub users: Vec<User>,
    /// Groups, by name.
    pub groups: Vec<Group>,
    /// Roles, by name.
    pub roles: Vec<Role>,
    /// Customer-managed policies, and the AWS-managed ones that something is attached to, by ARN.
    pub policies: Vec<ManagedPolicy>,
}

impl Authorization {
    /// Whether the policy is used as a permissions boundary, and attached to nothing: it grants nothing.
    #[must_use]
    pub fn is_boundary_only(&self, policy: &ManagedPolicy) -> bool {
        let bounds = |boundary: &Option<String>| boundary.as_ref() == Some(&policy.arn);
        policy.attachment_count == 0
            && (policy.boundary_usage_count > 0
                || self.users.iter().any(|user| bounds(&user.permissions_boundary))
                || self.roles.iter().any(|role| bounds(&role.permissions_boundary)))
    }

    /// The managed policy of that ARN.
    #[must_use]
    pub fn policy(&self, arn: &str) -> Option<&ManagedPolicy> {
        self.policies
            .binary_search_by(|policy| policy.arn.as_str().cmp(arn))
            .ok()
            .map(|at| &self.policies[at])
    }
}

/// A user, group or role, as the holder of policies.
#[derive(Clone, Copy, Debug)]
pub struct Holder<'a> {
    /// Which of the three.
    pub kind: HolderKind,
    /// Its name.
    pub name: &'a str,
    /// Its ARN.
    pub arn: &'a str,
    /// Its inline policies.
    pub inline_policies: &'a [InlinePolicy],
    /// Managed policies attached to it.
    pub attached_policies: &'a [AttachedPolicy],
}

/// What can hold policies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HolderKind {
    /// A user.
    User,
    /// A group.
    Group,
    /// A role.
    Role,
}

impl HolderKind {
    /// As the AWS CLI writes it in commands: `user`, `group`, `role`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Group => "group",
            Self::Role => "role",
        }
    }
}

impl Authorization {
    /// Everything that can hold policies: users, then groups, then roles.
    pub fn holders(&self) -> impl Iterator<Item = Holder<'_>> {
        macro_rules! holders {
            ($list:ident, $kind:ident) => {
                self.$list.iter().map(|holder| Holder {
                    kind: HolderKind::$kind,
                    name: &holder.name,
                    arn: &holder.arn,
                    inline_policies: &holder.inline_policies,
                    attached_policies: &holder.attached_policies,
                })
            };
        }
        holders!(users, User).chain(holders!(groups, Group)).chain(holders!(roles, Role))
    }
}

impl Judged for Holder<'_> {
    const TYPE: &'static str = User::TYPE;
    const TYPES: &'static [&'static str] = &[User::TYPE, Group::TYPE, Role::TYPE];
    fn id(&self) -> String {
        self.name.to_owned()
    }
    fn arn(&self, _: &Place<'_>) -> String {
        self.arn.to_owned()
    }
    fn kind(&self) -> &'static str {
        match self.kind {
            HolderKind::User => User::TYPE,
            HolderKind::Group => Group::TYPE,
            HolderKind::Role => Role::TYPE,
        }
    }
}

/// An inline policy with its holder: `HOLDER/POLICY` is its id.
#[derive(Clone, Copy, Debug)]
pub struct HeldPolicy<'a> {
    /// The user, group or role.
    pub holder: Holder<'a>,
    /// The policy.
    pub policy: &'a InlinePolicy,
}

impl Judged for HeldPolicy<'_> {
    const TYPE: &'static str = "AWS::IAM::UserPolicy";
    const TYPES: &'static [&'static str] = &[Self::TYPE, "AWS::IAM::GroupPolicy", "AWS::IAM::RolePolicy"];
    fn id(&self) -> String {
        format!("{}/{}", self.holder.name, self.policy.name)
    }
    fn arn(&self, _: &Place<'_>) -> String {
        self.holder.arn.to_owned()
    }
    fn kind(&self) -> &'static str {
        match self.holder.kind {
            HolderKind::User => Self::TYPE,
            HolderKind::Group => "AWS::IAM::GroupPolicy",
            HolderKind::Role => "AWS::IAM::RolePolicy",
        }
    }
    fn name(&self) -> Option<&str> {
        Some(&self.policy.name)
    }
}

/// A policy in the body of a user, group or role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InlinePolicy {
    /// Its name, unique in the principal.
    pub name: String,
    /// The document, as JSON text.
    pub document: String,
}

/// A reference to a managed policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttachedPolicy {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
}

impl AttachedPolicy {
    /// Whether AWS owns the policy, so that its user cannot change it.
    #[must_use]
    pub fn is_aws_managed(&self) -> bool {
        is_aws_managed(&self.arn)
    }
}

/// An IAM user.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct User {
    /// Its name, unique in the account.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// When it was made.
    pub created: Timestamp,
    /// Names of the groups that it is in.
    pub groups: Vec<String>,
    /// Inline policies.
    pub inline_policies: Vec<InlinePolicy>,
    /// Managed policies attached to the user itself.
    pub attached_policies: Vec<AttachedPolicy>,
    /// ARN of the permissions boundary.
    pub permissions_boundary: Option<String>,
    /// Tags.
    pub tags: Tags,
}

impl Judged for User {
    const TYPE: &'static str = "AWS::IAM::User";
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

/// An IAM group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Group {
    /// Its name, unique in the account.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// Inline policies.
    pub inline_policies: Vec<InlinePolicy>,
    /// Managed policies attached to it.
    pub attached_policies: Vec<AttachedPolicy>,
}

impl Judged for Group {
    const TYPE: &'static str = "AWS::IAM::Group";
    fn id(&self) -> String {
        self.name.clone()
    }
    fn arn(&self, _: &Place<'_>) -> String {
        self.arn.clone()
    }
}

/// An IAM role.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Role {
    /// Its name, unique in the account.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// Its path: `/aws-service-role/…` for a service-linked role.
    pub path: String,
    /// When it was made.
    pub created: Timestamp,
    /// The trust policy, as JSON text.
    pub assume_role_policy: String,
    /// Inline policies.
    pub inline_policies: Vec<InlinePolicy>,
    /// Managed policies attached to it.
    pub attached_policies: Vec<AttachedPolicy>,
    /// ARN of the permissions boundary.
    pub permissions_boundary: Option<String>,
    /// ARNs of the instance profiles that hold it.
    pub instance_profiles: Vec<String>,
    /// When it was last used; none within the tracking period of 400 days.
    pub last_used: Option<Timestamp>,
    /// Tags.
    pub tags: Tags,
}

impl Role {
    /// Whether AWS owns the role, so that its user cannot change its policies.
    #[must_use]
    pub fn is_service_linked(&self) -> bool {
        self.path.starts_with("/aws-service-role/")
    }

    /// Whether IAM Identity Center made the role for a permission set.
    #[must_use]
    pub fn is_identity_center(&self) -> bool {
        self.path.starts_with("/aws-reserved/sso.amazonaws.com/")
    }
}

impl Judged for Role {
    const TYPE: &'static str = "AWS::IAM::Role";
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

/// An instance profile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstanceProfile {
    /// Its ARN.
    pub arn: String,
    /// ARN of the role in it.
    pub role: Option<String>,
}

/// A managed policy with its default version's document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ManagedPolicy {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// How many users, groups and roles it is attached to.
    pub attachment_count: i64,
    /// How many users and roles have it as their permissions boundary.
    pub boundary_usage_count: i64,
    /// Id of the default version, e.g. `v3`.
    pub default_version: String,
    /// The default version's document, as JSON text.
    pub document: String,
    /// Other versions' documents by id, which `iam:SetDefaultPolicyVersion` could bring back.
    pub other_versions: BTreeMap<String, String>,
}

impl ManagedPolicy {
    /// Whether AWS owns the policy, so that its user cannot change it.
    #[must_use]
    pub fn is_aws_managed(&self) -> bool {
        is_aws_managed(&self.arn)
    }
}

/// Whether AWS owns the policy of this ARN, which has `aws` where others have an account's number.
#[must_use]
pub fn is_aws_managed(policy_arn: &str) -> bool {
    policy_arn.split(':').nth(4) == Some("aws")
}

impl Judged for ManagedPolicy {
    const TYPE: &'static str = "AWS::IAM::ManagedPolicy";
    fn id(&self) -> String {
        self.name.clone()
    }
    fn arn(&self, _: &Place<'_>) -> String {
        self.arn.clone()
    }
}

/// The account's password policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasswordPolicy {
    /// Fewest characters.
    pub minimum_length: i64,
    /// An uppercase letter is required.
    pub require_uppercase: bool,
    /// A lowercase letter is required.
    pub require_lowercase: bool,
    /// A digit is required.
    pub require_numbers: bool,
    /// A symbol is required.
    pub require_symbols: bool,
    /// How many earlier passwords may not be used again.
    pub reuse_prevention: Option<i64>,
    /// Days until a password expires.
    pub max_age_days: Option<i64>,
    /// Whoever lets a password expire needs an administrator to sign in again.
    pub hard_expiry: bool,
    /// Users may change their own passwords.
    pub users_may_change: bool,
}

/// The credential report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CredentialReport {
    /// When AWS made the report: up to four hours ago.
    pub generated_at: Timestamp,
    /// The root user's row, which every report of AWS has.
    pub root: Option<Credentials>,
    /// Users' rows by name.
    pub users: BTreeMap<String, ReportedUser>,
}

/// A user as the credential report lists it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReportedUser {
    /// The user's name.
    pub name: String,
    /// The user's row.
    pub credentials: Credentials,
}

impl Judged for ReportedUser {
    const TYPE: &'static str = User::TYPE;
    fn id(&self) -> String {
        self.name.clone()
    }
    fn arn(&self, _: &Place<'_>) -> String {
        self.credentials.arn.clone()
    }
}

impl CredentialReport {
    /// Reads the report's CSV by the names of its columns (IAM User Guide, "Getting credential reports").
    ///
    /// # Errors
    /// What it lacks, or what is no CSV in it, in a few words.
    pub fn parse(content: &[u8], generated_at: Option<Timestamp>) -> Result<Self, String> {
        let mut reader = csv::Reader::from_reader(content);
        let columns = reader.headers().map_err(|error| error.to_string())?.clone();
        let mut report = Self {
            generated_at: generated_at.ok_or("the report does not tell when it was made")?,
            root: None,
            users: BTreeMap::new(),
        };
        for row in reader.records() {
            let row = row.map_err(|error| error.to_string())?;
            let field = |name: &str| {
                let at = columns.iter().position(|column| column == name);
                at.and_then(|at| row.get(at)).ok_or_else(|| format!("the report lacks the column {name}"))
            };
            let flag = |name: &str| Ok::<_, String>(field(name)?.eq_ignore_ascii_case("true"));
            // `N/A`, `no_information` and `not_supported` are no times.
            let time = |name: &str| Ok::<_, String>(field(name)?.parse().ok());
            let key = |number: u32| {
                Ok::<_, String>(ReportedKey {
                    active: flag(&format!("access_key_{number}_active"))?,
                    last_rotated: time(&format!("access_key_{number}_last_rotated"))?,
                    last_used: time(&format!("access_key_{number}_last_used_date"))?,
                })
            };
            let credentials = Credentials {
                arn: field("arn")?.to_owned(),
                created: time("user_creation_time")?,
                password_enabled: match field("password_enabled")? {
                    "not_supported" => None,
                    enabled => Some(enabled.eq_ignore_ascii_case("true")),
                },
                password_last_used: time("password_last_used")?,
                password_last_changed: time("password_last_changed")?,
                mfa_active: flag("mfa_active")?,
                access_keys: [key(1)?, key(2)?],
                certificate_active: flag("cert_1_active")? || flag("cert_2_active")?,
            };
            match field("user")? {
                "<root_account>" => report.root = Some(credentials),
                user => {
                    report.users.insert(user.to_owned(), ReportedUser { name: user.to_owned(), credentials });
                }
            }
        }
        Ok(report)
    }

    /// What the report says of one of a user's keys; none when it is not clear which entry is the key's.
    ///
    /// The report has no ids. `last_rotated` is when a key "was created or last changed" (IAM User Guide,
    /// "Generate credential reports"), so the entry of a key that was once deactivated is found by what the
    /// user's other keys leave over.
    #[must_use]
    pub fn key(&self, key: &AccessKey, keys_of_user: &[AccessKey]) -> Option<&ReportedKey> {
        let entries = &self.users.get(&key.user)?.credentials.access_keys;
        // The same moment, though it comes from another answer and is perhaps rounded otherwise.
        let apart = |entry: &ReportedKey, key: &AccessKey| {
            let apart = entry.last_rotated?.duration_since(key.created).abs();
            (apart < SignedDuration::from_mins(1)).then_some(apart)
        };
        let matching = entries.iter().filter_map(|entry| Some((apart(entry, key)?, entry)));
        if let Some((_, entry)) = matching.min_by_key(|(apart, _)| *apart) {
            return Some(entry);
        }
        let is_left = |entry: &&ReportedKey| {
            entry.active && !keys_of_user.iter().any(|other| apart(entry, other).is_some())
        };
        let mut left = entries.iter().filter(is_left);
        left.next().filter(|_| left.next().is_none() && key.created <= self.generated_at)
    }
}

/// One row of the credential report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Credentials {
    /// ARN of the user.
    pub arn: String,
    /// When the user was made.
    pub created: Option<Timestamp>,
    /// Whether there is a console password. AWS reports it for users, not for root.
    pub password_enabled: Option<bool>,
    /// When the password was last used.
    pub password_last_used: Option<Timestamp>,
    /// When the password was last set.
    pub password_last_changed: Option<Timestamp>,
    /// Whether any MFA device is active.
    pub mfa_active: bool,
    /// The two access keys that a user can have.
    pub access_keys: [ReportedKey; 2],
    /// Whether a signing certificate is active.
    pub certificate_active: bool,
}

/// An access key as the credential report lists it: without its id.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ReportedKey {
    /// Whether the key exists and is active.
    pub active: bool,
    /// When it was made.
    pub last_rotated: Option<Timestamp>,
    /// When it was last used.
    pub last_used: Option<Timestamp>,
}

/// The access keys of one user.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UserAccessKeys {
    /// The user's name.
    pub user: String,
    /// The user's ARN.
    pub user_arn: String,
    /// Its keys: two at most.
    pub keys: Collected<Vec<AccessKey>>,
}

impl Judged for UserAccessKeys {
    const TYPE: &'static str = User::TYPE;
    fn id(&self) -> String {
        self.user.clone()
    }
    fn arn(&self, _: &Place<'_>) -> String {
        self.user_arn.clone()
    }
}

/// An access key as `ListAccessKeys` returns it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AccessKey {
    /// `AKIA…`. An identifier, not a secret.
    pub id: String,
    /// The user's name.
    pub user: String,
    /// The user's ARN.
    pub user_arn: String,
    /// Whether it is active.
    pub active: bool,
    /// When it was made.
    pub created: Timestamp,
}

impl Judged for AccessKey {
    const TYPE: &'static str = "AWS::IAM::AccessKey";
    fn id(&self) -> String {
        self.id.clone()
    }
    fn arn(&self, _: &Place<'_>) -> String {
        self.user_arn.clone()
    }
    fn name(&self) -> Option<&str> {
        Some(&self.user)
    }
}

/// A virtual MFA device that is in use.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VirtualMfaDevice {
    /// Its serial number, an ARN.
    pub serial_number: String,
    /// ARN of the user, or of the account's root, that it belongs to.
    pub user_arn: String,
}

/// A server certificate kept in IAM.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ServerCertificate {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// When it expires.
    pub expires: Option<Timestamp>,
}

impl Judged for ServerCertificate {
    const TYPE: &'static str = "AWS::IAM::ServerCertificate";
    fn id(&self) -> String {
        self.name.clone()
    }
    fn arn(&self, _: &Place<'_>) -> String {
        self.arn.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,\
        password_next_rotation,mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,\
        access_key_1_last_used_region,access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,\
        access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,\
        cert_1_last_rotated,cert_2_active,cert_2_last_rotated";

    #[test]
    fn reads_root_and_users() {
        let text = format!(
            "{HEADER}\n<root_account>,arn:aws:iam::1:root,2020-01-01T00:00:00+00:00,not_supported,\
             2026-10-01T00:00:00+00:00,not_supported,not_supported,true,false,N/A,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,\
             false,N/A,false,N/A\n\
             alice,arn:aws:iam::1:user/alice,2020-01-01T00:00:00+00:00,true,no_information,\
             2020-01-02T00:00:00+00:00,N/A,false,true,2021-01-01T00:00:00+00:00,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,\
             false,N/A,true,2021-01-01T00:00:00+00:00\n"
        );
        let report = CredentialReport::parse(text.as_bytes(), Some(Timestamp::UNIX_EPOCH)).unwrap();
        let root = report.root.unwrap();
        assert!(root.mfa_active && root.password_enabled.is_none() && root.password_last_used.is_some());
        let alice = &report.users["alice"].credentials;
        assert!(alice.access_keys[0].active && !alice.access_keys[1].active && alice.certificate_active);
        assert_eq!((alice.password_enabled, alice.password_last_used), (Some(true), None));
    }

    #[test]
    fn refuses_half_a_report() {
        assert!(CredentialReport::parse(b"user,arn\nalice,arn\n", Some(Timestamp::UNIX_EPOCH)).is_err());
        assert!(
            CredentialReport::parse(format!("{HEADER}\nalice,arn").as_bytes(), Some(Timestamp::UNIX_EPOCH))
                .is_err()
        );
    }
}
