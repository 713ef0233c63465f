//! Route 53.

use serde::{Deserialize, Serialize};

use super::{Judged, Place};
use crate::gap::Collected;

/// DNS zones of the account.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Route53 {
    /// Hosted zones.
    pub hosted_zones: Collected<Vec<HostedZone>>,
    /// Ids of the zones whose queries are logged.
    pub query_logging: Collected<Vec<String>>,
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
