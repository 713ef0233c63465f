//! Simple Notification Service.

use serde::{Deserialize, Serialize};

use super::{Judged, Place};
use crate::gap::Collected;

service! {
    /// Topics of one region.
    Sns, Regional;

    op("SNS", "sns", UNPUBLISHED) {
        SnsTopics [ListTopics, GetTopicAttributes] =>
            /// Topics.
            topics: Vec<Topic>;
    }
}

/// A topic.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Topic {
    /// Its ARN.
    pub arn: String,
    /// What `GetTopicAttributes` says of it.
    pub attributes: Collected<TopicAttributes>,
}

impl Judged for Topic {
    const TYPE: &'static str = "AWS::SNS::Topic";
    fn id(&self) -> String {
        self.arn.clone()
    }
    fn arn(&self, _: &Place<'_>) -> String {
        self.arn.clone()
    }
}

/// Attributes of a topic.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TopicAttributes {
    /// Its policy as JSON text.
    pub policy: Option<String>,
    /// The KMS key that messages are encrypted with.
    pub kms_key: Option<String>,
    /// Subscriptions that receive.
    pub confirmed_subscriptions: u64,
    /// Subscriptions that wait to be confirmed.
    pub pending_subscriptions: u64,
}
