//! Simple Queue Service.

use serde::{Deserialize, Serialize};

use super::{Judged, Place};
use crate::gap::Collected;

service! {
    /// Queues of one region.
    Sqs, Regional;

    op("SQS", "sqs", UNPUBLISHED) {
        SqsQueues [ListQueues, GetQueueAttributes] =>
            /// Queues.
            queues: Vec<Queue>;
    }
}

/// A queue.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Queue {
    /// Its name, the last part of its URL.
    pub name: String,
    /// What `GetQueueAttributes` says of it.
    pub attributes: Collected<QueueAttributes>,
}

impl Judged for Queue {
    const TYPE: &'static str = "AWS::SQS::Queue";
    fn id(&self) -> String {
        self.name.clone()
    }
    fn arn(&self, place: &Place<'_>) -> String {
        place.arn("sqs", &self.name)
    }
}

/// Attributes of a queue.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct QueueAttributes {
    /// Its policy as JSON text.
    pub policy: Option<String>,
    /// The KMS key that messages are encrypted with.
    pub kms_key: Option<String>,
    /// Messages are encrypted with a key of SQS.
    pub sqs_managed_encryption: bool,
}
