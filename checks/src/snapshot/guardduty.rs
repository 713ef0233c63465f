//! GuardDuty.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{ById, Judged, Place};

service! {
    /// Threat detection in one region.
    GuardDuty, Regional;

    op("GuardDuty", "guardduty", UNPUBLISHED) {
        GuardDutyDetectors [ListDetectors, GetDetector] =>
            /// Detectors: one at most.
            detectors: Vec<Detector>;
        GuardDutyFindings needs GuardDutyDetectors [ListFindings, GetFindings] =>
            /// High and critical findings that are not archived, by detector.
            findings: ById<HighFindings>;
        GuardDutyAdministrator needs GuardDutyDetectors [GetAdministratorAccount] =>
            /// The account that administers each detector, if another does.
            administrators: ById<Option<String>>;
    }
}

/// The findings of this account with a severity of 7 or more that are not archived.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct HighFindings {
    /// How many there are.
    pub count: usize,
    /// The worst of them, fifty at most.
    pub worst: Vec<HighFinding>,
}

/// A finding of GuardDuty.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct HighFinding {
    /// E.g. `UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS`.
    pub kind: String,
    /// 7.0 to 10.0.
    pub severity: f64,
    /// The instance, by its id, or the function, by its ARN, that it is about; none for what is about something else.
    pub resource: Option<String>,
    /// When it was first seen.
    pub created: Option<Timestamp>,
    /// When it was last seen.
    pub updated: Option<Timestamp>,
}

/// A detector.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Detector {
    /// Its id.
    pub id: String,
    /// It is enabled, not suspended.
    pub enabled: bool,
    /// Protection plans by name (`S3_DATA_EVENTS`, …), and whether they are on.
    pub features: BTreeMap<String, bool>,
}

impl Detector {
    /// Whether the protection plan is on.
    #[must_use]
    pub fn has(&self, feature: &str) -> bool {
        self.features.get(feature) == Some(&true)
    }
}

impl Judged for Detector {
    const TYPE: &'static str = "AWS::GuardDuty::Detector";
    fn id(&self) -> String {
        self.id.clone()
    }
    fn arn(&self, place: &Place<'_>) -> String {
        place.arn("guardduty", &format!("detector/{}", self.id))
    }
}
