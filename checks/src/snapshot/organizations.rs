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

impl Organizations {
    /// The resource control policies over the account's resources; none where they are not known. The management account
    /// and one outside organizations are under none.
    #[must_use]
    pub fn resource_control_policies(&self) -> Option<Vec<&ControlPolicy>> {
        if matches!(self.organization.get(), Ok(None)) {
            return Some(Vec::new());
        }
        let levels = self.service_control_policies.get().ok()?.as_deref()?;
        let levels = levels.iter().map(|level| level.resource_policies.as_deref());
        Some(levels.collect::<Option<Vec<_>>>()?.into_iter().flatten().collect())
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

/// The service and resource control policies attached at one level between the root and the account. An action must be
/// allowed at every level. The management account is under none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ControlLevel {
    /// `r-…`, `ou-…` or the account's id.
    pub target: String,
    /// The attached service control policies.
    pub policies: Vec<ControlPolicy>,
    /// The attached resource control policies; none where they could not be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource_policies: Option<Vec<ControlPolicy>>,
}

/// The levels whose service control policies count. While they are turned on each level has one at least (AWS
/// Organizations API reference, "DetachPolicy"): one without any says that they are off, and forbid nothing.
pub fn turned_on(levels: &[ControlLevel]) -> impl Iterator<Item = &ControlLevel> {
    levels.iter().filter(|level| !level.policies.is_empty())
}

/// A service or resource control policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ControlPolicy {
    /// `p-…`
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its document, as JSON text.
    pub document: String,
}
