//! Inspector.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Judged, Place};

/// Vulnerabilities that are read at most.
pub const MOST_FINDINGS: usize = 5000;

service! {
    /// Vulnerability scanning in one region.
    Inspector, Regional;

    op("Inspector2", "inspector2", UNPUBLISHED) {
        InspectorStatus [BatchGetAccountStatus] =>
            /// Status by what is scanned (`ec2`, `ecr`, `lambda`): `ENABLED`, `DISABLED`, ….
            status: BTreeMap<String, String>;
        InspectorFindings needs InspectorStatus [ListFindings] =>
            /// Active critical vulnerabilities of this account with a fix available; reading ends at
            /// [`MOST_FINDINGS`].
            critical_findings: Vec<Vulnerability>;
        InspectorCoverage needs InspectorStatus [ListCoverage] =>
            /// Instances and repositories of this account that are not scanned although scanning of their kind is on.
            uncovered: Vec<Uncovered>;
    }
}

/// A vulnerability of a resource.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Vulnerability {
    /// `CVE-…`, or the finding's title.
    pub id: String,
    /// The instance, image or function.
    pub resource: String,
    /// `AWS_EC2_INSTANCE`, `AWS_ECR_CONTAINER_IMAGE`, `AWS_LAMBDA_FUNCTION`, ….
    pub resource_type: String,
    /// When it was first seen.
    pub first_observed: Option<Timestamp>,
}

/// A resource without a scan.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Uncovered {
    /// The instance, repository, image or function.
    pub resource: String,
    /// `AWS_EC2_INSTANCE`, `AWS_ECR_REPOSITORY`, ….
    pub resource_type: String,
    /// Why: `UNMANAGED_EC2_INSTANCE`, `STALE_INVENTORY`, ….
    pub reason: String,
}

impl Judged for Vulnerability {
    const TYPE: &'static str = "AWS::InspectorV2::CoveredResource";
    const TYPES: &'static [&'static str] =
        &[Self::TYPE, "AWS::EC2::Instance", "AWS::ECR::Repository", "AWS::Lambda::Function"];
    fn id(&self) -> String {
        self.resource.clone()
    }
    fn arn(&self, place: &Place<'_>) -> String {
        arn_of(&self.resource, place)
    }
    fn kind(&self) -> &'static str {
        kind_of(&self.resource_type)
    }
}

impl Judged for Uncovered {
    const TYPE: &'static str = "AWS::InspectorV2::CoveredResource";
    const TYPES: &'static [&'static str] =
        &[Self::TYPE, "AWS::EC2::Instance", "AWS::ECR::Repository", "AWS::Lambda::Function"];
    fn id(&self) -> String {
        self.resource.clone()
    }
    fn arn(&self, place: &Place<'_>) -> String {
        arn_of(&self.resource, place)
    }
    fn kind(&self) -> &'static str {
        kind_of(&self.resource_type)
    }
}

/// Inspector names instances by their id and everything else by its ARN.
fn arn_of(resource: &str, place: &Place<'_>) -> String {
    if resource.starts_with("arn:") {
        resource.to_owned()
    } else {
        place.arn("ec2", &format!("instance/{resource}"))
    }
}

fn kind_of(resource_type: &str) -> &'static str {
    match resource_type {
        "AWS_EC2_INSTANCE" => "AWS::EC2::Instance",
        "AWS_ECR_CONTAINER_IMAGE" | "AWS_ECR_REPOSITORY" => "AWS::ECR::Repository",
        "AWS_LAMBDA_FUNCTION" => "AWS::Lambda::Function",
        _ => "AWS::InspectorV2::CoveredResource",
    }
}
