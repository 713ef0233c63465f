//! OpenSearch Service.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Judged, Place};

service! {
    /// Domains of one region.
    OpenSearch, Regional;

    op("OpenSearch", "es", UNPUBLISHED) {
        OpenSearchDomains [ListDomainNames, DescribeDomains] =>
            /// Domains, of Elasticsearch too.
            domains: Vec<Domain>;
    }
}

/// A domain.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Domain {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// `OpenSearch_2.19`, `Elasticsearch_7.10`, ….
    pub engine_version: String,
    /// Its endpoint is in a VPC.
    pub in_vpc: bool,
    /// Its security groups, where it is in a VPC.
    pub security_groups: Vec<String>,
    /// Its access policy as JSON text.
    pub access_policy: Option<String>,
    /// Fine-grained access control is on: users and roles of the domain itself.
    pub fine_grained_access: bool,
    /// Fine-grained access control still lets anonymous requests in, while it is being introduced.
    pub anonymous_access: bool,
    /// Storage is encrypted.
    pub encrypted_at_rest: bool,
    /// Traffic between nodes is encrypted.
    pub node_to_node_encryption: bool,
    /// Clients must use HTTPS.
    pub enforces_https: bool,
    /// Logs that are published to CloudWatch Logs: `AUDIT_LOGS`, ….
    pub logs: Vec<String>,
    /// A service software update that waits.
    pub update: Option<SoftwareUpdate>,
}

impl Judged for Domain {
    const TYPE: &'static str = "AWS::OpenSearchService::Domain";
    const TYPES: &'static [&'static str] = &[Self::TYPE, "AWS::Elasticsearch::Domain"];
    fn id(&self) -> String {
        self.name.clone()
    }
    fn arn(&self, _: &Place<'_>) -> String {
        self.arn.clone()
    }
    fn kind(&self) -> &'static str {
        if self.engine_version.starts_with("Elasticsearch_") { Self::TYPES[1] } else { Self::TYPE }
    }
}

/// A service software update.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SoftwareUpdate {
    /// The release.
    pub new_version: String,
    /// It may be left out; otherwise AWS applies it some day. None when AWS does not say.
    pub optional: Option<bool>,
    /// `ELIGIBLE`, `NOT_ELIGIBLE`, `IN_PROGRESS`, …
    pub status: String,
    /// When AWS applies it by itself.
    pub applied_after: Option<Timestamp>,
}
