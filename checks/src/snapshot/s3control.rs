//! The regional half of Amazon S3: access points.

use serde::{Deserialize, Serialize};

use super::{Judged, Place, s3::PublicAccessBlock};
use crate::gap::Collected;

service! {
    /// Access points of one region.
    S3Control, Regional;

    op("S3 Control", "s3control", S3) {
        S3AccessPoints [
            ListAccessPoints("s3:ListAccessPoints"),
            GetAccessPoint("s3:GetAccessPoint"),
            GetAccessPointPolicy("s3:GetAccessPointPolicy"),
        ] =>
            /// Access points, with their settings and policies.
            access_points: Vec<AccessPoint>;
    }
}

/// An access point of a bucket.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AccessPoint {
    /// Its name, unique in account and region.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// The bucket that it leads to.
    pub bucket: String,
    /// Account that owns the bucket.
    pub bucket_account: Option<String>,
    /// The VPC that it is limited to; none when it can be reached from the internet.
    pub vpc: Option<String>,
    /// Its own block-public-access settings.
    pub public_access_block: Collected<PublicAccessBlock>,
    /// Its policy, as JSON text.
    pub policy: Collected<Option<String>>,
}

impl Judged for AccessPoint {
    const TYPE: &'static str = "AWS::S3::AccessPoint";
    fn id(&self) -> String {
        self.name.clone()
    }
    fn arn(&self, _: &Place<'_>) -> String {
        self.arn.clone()
    }
}
