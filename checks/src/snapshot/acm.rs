//! Certificate Manager.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Judged, Place};

service! {
    /// Certificates of one region.
    Acm, Regional;

    op("ACM", "acm", UNPUBLISHED) {
        AcmCertificates [ListCertificates] =>
            /// Certificates of all key types.
            certificates: Vec<Certificate>;
    }
}

/// A certificate.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Certificate {
    /// Its ARN.
    pub arn: String,
    /// The domain that it is for.
    pub domain: String,
    /// `ISSUED`, `PENDING_VALIDATION`, `EXPIRED`, ….
    pub status: String,
    /// `AMAZON_ISSUED`, `IMPORTED` or `PRIVATE`.
    pub kind: String,
    /// A service of AWS uses it.
    pub in_use: bool,
    /// When it expires.
    pub not_after: Option<Timestamp>,
}

impl Judged for Certificate {
    const TYPE: &'static str = "AWS::CertificateManager::Certificate";
    fn id(&self) -> String {
        self.arn.clone()
    }
    fn arn(&self, _: &Place<'_>) -> String {
        self.arn.clone()
    }
    fn name(&self) -> Option<&str> {
        Some(&self.domain)
    }
}
