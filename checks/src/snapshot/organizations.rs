//! AWS Organizations, as far as the account may see it.

use serde::{Deserialize, Serialize};

service! {
    /// What the account's organization says.
    Organizations, Global;

    op("Organizations", "organizations", UNPUBLISHED) {
        Organization [DescribeOrganization] =>
            /// The organization; `None` for an account that is in none.
            organization: Option<Organization>;
        OrganizationAccounts needs Organization [ListAccounts] =>
            /// Ids of its accounts; `None` where only the management account or a delegated administrator may know,
            /// and this account is neither.
            accounts: Option<Vec<String>>;
        ServiceControlPolicies needs Organization [ListParents, ListPoliciesForTarget, DescribePolicy] =>
            /// The service control policies over this account; `None` where they cannot be known, as with `accounts`.
            service_control_policies: Option<Vec<ControlLevel>>;
        OrganizationControlPolicies needs Organization [ListPolicies] =>
            /// Names of the organization's service control policies, for its management account; `None` elsewhere.
            control_policy_names: Option<Vec<String>>;
    }
}

/// An organization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Organization {
    /// `o-…`
    pub id: String,
    /// Account id of the management account.
    pub management_account: String,
}

/// The service control policies attached at one level between the root and the account. An action must be
/// allowed at every level. The management account is under none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ControlLevel {
    /// `r-…`, `ou-…` or the account's id.
    pub target: String,
    /// The attached policies.
    pub policies: Vec<ControlPolicy>,
}

/// A service control policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ControlPolicy {
    /// `p-…`
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its document, as JSON text.
    pub document: String,
}
