//! IAM Identity Center.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Judged, Place};

service! {
    /// IAM Identity Center of one region.
    IdentityCenter, Regional;

    op("SSO Admin", "sso", IDENTITY_CENTER) {
        IdentityCenterInstances [ListInstances] =>
            /// ARNs of the instances that the account can see: its own, and the organization's.
            instances: Vec<String>,
            /// ARNs of those that the account owns: one of its own, or the organization's in its management account.
            own_instances: Vec<String>;
        IdentityCenterPermissionSets needs IdentityCenterInstances Organization [
            ListPermissionSets,
            DescribePermissionSet,
            ListManagedPoliciesInPermissionSet,
            ListCustomerManagedPolicyReferencesInPermissionSet,
            GetInlinePolicyForPermissionSet,
            GetPermissionsBoundaryForPermissionSet,
        ] =>
            /// The organization's permission sets, in its management account; none elsewhere. Of an instance that is in
            /// several regions, they are in the first that tells them.
            permission_sets: Vec<PermissionSet>;
        IdentityCenterAssignees needs IdentityCenterPermissionSets IamAuthorization [
            ListAccountAssignments,
            ListAccountAssignmentsForPrincipal,
        ] =>
            /// Whoever has, in the management account, one of these permission sets that may administer it.
            assignees: Vec<Assignee>;
    }
}

/// A permission set: what those to whom it is assigned can do in an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PermissionSet {
    /// Its ARN.
    pub arn: String,
    /// ARN of its instance.
    pub instance: String,
    /// Its name.
    pub name: String,
    /// How long its sessions last, in minutes; none where nothing is said.
    pub session_minutes: Option<i64>,
    /// ARNs of AWS's managed policies in it.
    pub managed_policies: Vec<String>,
    /// Paths and names (`/team/Developer`) of the policies that each account has of its own.
    pub customer_managed_policies: Vec<String>,
    /// Its inline policy, as JSON text.
    pub inline_policy: Option<String>,
    /// Its permissions boundary.
    pub boundary: Option<Boundary>,
}

impl PermissionSet {
    /// How long its sessions last, in minutes: an hour where nothing is said (IAM Identity Center User Guide, "Set session
    /// duration").
    #[must_use]
    pub fn session_minutes(&self) -> i64 {
        self.session_minutes.unwrap_or(Self::DEFAULT_SESSION_MINUTES)
    }

    /// How long the sessions of a new permission set last, in minutes, which is also the least.
    pub const DEFAULT_SESSION_MINUTES: i64 = 60;
}

impl Judged for PermissionSet {
    const TYPE: &'static str = "AWS::SSO::PermissionSet";

    fn id(&self) -> String {
        self.arn.clone()
    }

    fn arn(&self, _: &Place<'_>) -> String {
        self.arn.clone()
    }

    fn name(&self) -> Option<&str> {
        Some(&self.name)
    }
}

/// The permissions boundary of a permission set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Boundary {
    /// The ARN of a managed policy of AWS.
    Managed(String),
    /// Path and name of a policy that each account has of its own.
    CustomerManaged(String),
}

/// A user or group of IAM Identity Center, with all that is assigned to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assignee {
    /// `USER` or `GROUP`.
    pub kind: String,
    /// Its id in the identity store.
    pub id: String,
    /// Ids of accounts, by the ARN of the permission set that it has there.
    pub assignments: BTreeMap<String, Vec<String>>,
}
