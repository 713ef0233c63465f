//! Route 53.

use serde::{Deserialize, Serialize};

use super::{Judged, Place};

service! {
    /// DNS zones of the account.
    Route53, Global;

    op("Route 53", "route53", ROUTE53) {
        Route53HostedZones [ListHostedZones] =>
            /// Hosted zones.
            hosted_zones: Vec<HostedZone>;
        Route53QueryLogging [ListQueryLoggingConfigs] =>
            /// Ids of the zones whose queries are logged.
            query_logging: Vec<String>;
    }
}

/// A hosted zone.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct HostedZone {
    /// Its id, without `/hostedzone/`.
    pub id: String,
    /// Its ARN.
    pub arn: String,
    /// The domain, with the dot at the end.
    pub name: String,
    /// Only VPCs ask it.
    pub is_private: bool,
}

impl Judged for HostedZone {
    const TYPE: &'static str = "AWS::Route53::HostedZone";
    fn id(&self) -> String {
        self.id.clone()
    }
    fn arn(&self, _: &Place<'_>) -> String {
        self.arn.clone()
    }
    fn name(&self) -> Option<&str> {
        Some(&self.name)
    }
}
