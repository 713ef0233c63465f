//! CloudFront.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{ById, Judged, Place, logs::VendedLog};

service! {
    /// CloudFront, which knows no regions.
    CloudFront, Global, also {
        LogsDeliveries =>
            /// Their logs that CloudWatch Logs delivers, which it keeps in us-east-1.
            vended_logs: Vec<VendedLog>;
    };

    op("CloudFront", "cloudfront", UNPUBLISHED) {
        CloudFrontDistributions [ListDistributions] =>
            /// Distributions.
            distributions: Vec<Distribution>;
        CloudFrontDistributionConfigs needs CloudFrontDistributions [GetDistributionConfig] =>
            /// What the list lacks of each distribution, by its id.
            configs: ById<DistributionConfig>;
        CloudFrontOriginAccessControls needs CloudFrontDistributions [ListOriginAccessControls] =>
            /// Whether requests are signed by each origin access control, by its id: `always`, `never` or `no-override`.
            /// Not asked where no distribution has one.
            origin_access_controls: BTreeMap<String, String>;
        CloudFrontOriginAccessIdentities [ListCloudFrontOriginAccessIdentities] =>
            /// The canonical user ids of the legacy origin access identities.
            origin_access_identities: Vec<String>;
    }
}

/// A distribution.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Distribution {
    /// `E…`
    pub id: String,
    /// Its ARN.
    pub arn: String,
    /// `….cloudfront.net`
    pub domain_name: String,
    /// Its alternate domain names.
    pub aliases: Vec<String>,
    /// It answers requests.
    pub enabled: bool,
    /// The web ACL before it: an ARN, or the id of an ACL of AWS WAF Classic.
    pub web_acl: Option<String>,
    /// `TLSv1.2_2021`, …; none with CloudFront's own certificate, which allows TLS 1.0.
    pub minimum_protocol_version: Option<String>,
    /// The default cache behavior and the others.
    pub behaviors: Vec<CacheBehavior>,
    /// Its origins.
    pub origins: Vec<Origin>,
}

impl Judged for Distribution {
    const TYPE: &'static str = "AWS::CloudFront::Distribution";
    fn id(&self) -> String {
        self.id.clone()
    }
    fn arn(&self, _: &Place<'_>) -> String {
        self.arn.clone()
    }
    fn name(&self) -> Option<&str> {
        Some(&self.domain_name)
    }
}

/// A cache behavior.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CacheBehavior {
    /// The paths that it is for; `*` for the default one.
    pub path_pattern: String,
    /// `allow-all`, `https-only` or `redirect-to-https`.
    pub viewer_protocol_policy: String,
    /// Id of the origin, or of a group of origins.
    pub target_origin: String,
    /// It has a configuration for real-time logs.
    pub realtime_logs: bool,
}

/// An origin of a distribution.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Origin {
    /// Its id in the distribution.
    pub id: String,
    /// Where it is.
    pub domain_name: String,
    /// The origin access control that signs requests to it.
    pub origin_access_control: Option<String>,
    /// The legacy origin access identity.
    pub origin_access_identity: Option<String>,
    /// How it is spoken to, for everything that is not an S3 REST endpoint.
    pub custom: Option<CustomOrigin>,
    /// It is reached inside a VPC.
    pub is_vpc_origin: bool,
    /// Names of the headers that CloudFront adds. Their values may be secret and are not kept.
    pub custom_headers: Vec<String>,
}

/// How CloudFront speaks to a custom origin.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CustomOrigin {
    /// `http-only`, `https-only` or `match-viewer`.
    pub protocol_policy: String,
    /// Port for HTTP.
    pub http_port: i32,
    /// Port for HTTPS.
    pub https_port: i32,
    /// `SSLv3`, `TLSv1`, `TLSv1.1`, `TLSv1.2`.
    pub ssl_protocols: Vec<String>,
}

/// The part of a distribution's configuration that only `GetDistributionConfig` returns.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DistributionConfig {
    /// What a request for `/` gets.
    pub default_root_object: Option<String>,
    /// Standard logs (legacy) go to a bucket.
    pub standard_logging: bool,
}
