//! Elastic Container Registry.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{ById, Judged, Place};

service! {
    /// The private registry of one region.
    Ecr, Regional;

    op("ECR", "ecr", UNPUBLISHED) {
        EcrRepositories [DescribeRepositories] =>
            /// Repositories.
            repositories: Vec<Repository>;
        EcrRegistryScanning [GetRegistryScanningConfiguration] =>
            /// How the registry scans.
            scanning: RegistryScanning = RegistryScanning { kind: "BASIC".into(), rules: vec![] };
        EcrLifecyclePolicies needs EcrRepositories [GetLifecyclePolicy] =>
            /// Whether each repository has a lifecycle policy, by its name.
            lifecycle_policies: ById<bool>;
        EcrRepositoryPolicies needs EcrRepositories [GetRepositoryPolicy] =>
            /// Each repository's policy as JSON text, by its name.
            policies: ById<Option<String>>;
        EcrNewestImages needs EcrRepositories [DescribeImages] =>
            /// Each repository's newest image, by the repository's name.
            newest_images: ById<Option<Image>>;
        EcrImageScans needs EcrRepositories EcrNewestImages [DescribeImageScanFindings] =>
            /// The scans of that image's platforms, by the repository's name and the digest: `team/app@sha256:…`.
            platform_scans: ById<Option<ImageScan>>;
    }
}

/// A repository.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Repository {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// Its own setting for scanning on push.
    pub scan_on_push: bool,
    /// `MUTABLE`, `IMMUTABLE`, or either with exclusions.
    pub tag_mutability: String,
    /// Tags for which the opposite holds, with `*` for anything.
    pub tag_exclusions: Vec<String>,
}

impl Judged for Repository {
    const TYPE: &'static str = "AWS::ECR::Repository";
    fn id(&self) -> String {
        self.name.clone()
    }
    fn arn(&self, _: &Place<'_>) -> String {
        self.arn.clone()
    }
}

/// The registry's scanning configuration.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RegistryScanning {
    /// `BASIC` or `ENHANCED`.
    pub kind: String,
    /// Which repositories are scanned when.
    pub rules: Vec<ScanningRule>,
}

/// A rule of the scanning configuration.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ScanningRule {
    /// `SCAN_ON_PUSH`, `CONTINUOUS_SCAN` or `MANUAL`.
    pub frequency: String,
    /// Names of repositories, with `*` for anything.
    pub filters: Vec<String>,
}

/// An image.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Image {
    /// `sha256:…`
    pub digest: String,
    /// Its tags.
    pub tags: Vec<String>,
    /// When it was pushed.
    pub pushed: Option<Timestamp>,
    /// Digests of what is scanned of it: its own or, of an index, those of the images pushed together with it
    /// (attestations among them). None where that is not known.
    pub platforms: Vec<String>,
}

/// The scan of an image.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ImageScan {
    /// `COMPLETE`, `ACTIVE` (scanned continuously), `FAILED`, `UNSUPPORTED_IMAGE`, ….
    pub status: String,
    /// When it last ended.
    pub completed: Option<Timestamp>,
    /// Findings by severity: `CRITICAL`, `HIGH`, ….
    pub severities: BTreeMap<String, i32>,
}

impl ImageScan {
    /// It ended well, or goes on.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.status == "COMPLETE" || self.is_continuous()
    }

    /// Inspector scans it whenever something new is known.
    #[must_use]
    pub fn is_continuous(&self) -> bool {
        self.status == "ACTIVE"
    }

    /// It may still find something.
    #[must_use]
    pub fn is_unfinished(&self) -> bool {
        ["PENDING", "IN_PROGRESS", "FINDINGS_UNAVAILABLE"].contains(&self.status.as_str())
    }
}
