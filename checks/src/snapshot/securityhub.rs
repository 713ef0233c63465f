//! Security Hub.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Critical findings that are read at most: they are counted and summarised, and a thousand say enough.
pub const MOST_FINDINGS: usize = 1000;

service! {
    /// Security Hub of one region.
    SecurityHub, Regional;

    op("SecurityHub", "securityhub", SECURITYHUB) {
        SecurityHub [DescribeHub] =>
            /// It is enabled.
            enabled: bool;
        SecurityHubStandards needs SecurityHub [GetEnabledStandards] =>
            /// ARNs of the standards that are enabled and not failed.
            standards: Vec<String>;
        SecurityHubFindings needs SecurityHub [GetFindings at SECURITYHUB_FINDINGS] =>
            /// Active critical findings of this account and region that nobody has resolved or suppressed, oldest
            /// first; reading ends at [`MOST_FINDINGS`].
            critical_findings: Vec<HubFinding>;
        SecurityHubAdministrator needs SecurityHub [GetAdministratorAccount] =>
            /// The account that administers Security Hub for this one, if another does.
            administrator: Option<String>;
        SecurityHubV2 needs SecurityHub [DescribeSecurityHubV2] =>
            /// The newer Security Hub is on as well, which sends its findings in the format OCSF.
            sends_ocsf: bool;
    }
}

/// A finding that Security Hub keeps.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct HubFinding {
    /// Its title.
    pub title: String,
    /// The product that found it.
    pub product: String,
    /// The resource that it is about.
    pub resource: Option<String>,
    /// When it was found.
    pub created: Option<Timestamp>,
}
