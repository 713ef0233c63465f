//! What is to be scanned, an account a line: the contract with every engine that runs the scans, from this program itself
//! to a job for each account.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Missing;
use crate::report::Report;

/// Version of the lines of a plan.
pub const PLAN_VERSION: u32 = 1;

/// An organizational unit, or the root.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Unit {
    /// `r-…` or `ou-…`; its path where a file names it.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// The names of units from the root down, as a path: `Root/Workloads/Production`.
#[must_use]
pub fn path_of(units: &[Unit]) -> String {
    units.iter().map(|unit| unit.name.as_str()).collect::<Vec<_>>().join("/")
}

/// One account to scan: a line of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// [`PLAN_VERSION`].
    pub v: u32,
    /// The run: the same in all lines of a plan.
    pub scan: String,
    /// Twelve digits.
    pub account: String,
    /// What Organizations calls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The organization's id, `o-…`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization: Option<String>,
    /// Account id of the organization's management account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub management_account: Option<String>,
    /// The organizational units that it is in, from the root down.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub units: Vec<Unit>,
    /// The role to assume; none for the caller's own account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role_arn: Option<String>,
    /// What the role's trust policy wants to hear.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// The regions; those that the arguments or the account name when none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub regions: Vec<String>,
    /// What Organizations says of an account that is not active, e.g. `SUSPENDED`: it is not scanned, and told as
    /// missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_active: Option<String>,
    /// The services that the account administers for the organization, e.g. `guardduty.amazonaws.com`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub delegated_services: Vec<String>,
}

impl Item {
    /// What an account's report says of the run.
    #[must_use]
    pub fn membership(&self) -> Membership {
        Membership {
            scan: self.scan.clone(),
            name: self.name.clone(),
            organization: self.organization.clone(),
            management_account: self.management_account.clone(),
            units: self.units.clone(),
            delegated_services: self.delegated_services.clone(),
        }
    }

    /// The account as one without a report.
    #[must_use]
    pub fn missing(&self, reason: super::Reason, message: String, fix: String) -> Missing {
        let (account, name, units) = (self.account.clone(), self.name.clone(), self.units.clone());
        Missing { account, name, units, reason, message, fix }
    }
}

/// Which run over an organization an account's report is of, and where in it the account is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Membership {
    /// The run.
    pub scan: String,
    /// What Organizations calls the account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The organization's id, `o-…`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization: Option<String>,
    /// Account id of the organization's management account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub management_account: Option<String>,
    /// The organizational units that the account is in, from the root down.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub units: Vec<Unit>,
    /// The services that the account administers for the organization.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub delegated_services: Vec<String>,
}

/// An account's report with the run that it is of: to readers of reports, a report like any other.
#[derive(Debug, Serialize)]
pub struct MemberReport<'a> {
    /// The run over the organization.
    pub organization_scan: &'a Membership,
    /// The report.
    #[serde(flatten)]
    pub report: &'a Report,
}
