//! Systems Manager.

use serde::{Deserialize, Serialize};

use crate::gap::Collected;

/// Systems Manager of one region.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Ssm {
    /// Nodes that the agent has registered.
    pub managed_nodes: Collected<Vec<ManagedNode>>,
    /// Where Session Manager sends session logs.
    pub session_preferences: Collected<SessionPreferences>,
}

/// A managed node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManagedNode {
    /// `i-…` for an instance, `mi-…` for a machine elsewhere.
    pub id: String,
    /// `Online`, `ConnectionLost` or `Inactive`.
    pub ping_status: String,
    /// The agent's version.
    pub agent_version: String,
    /// `Linux`, `MacOS` or `Windows`.
    pub platform: String,
}

/// Session Manager's preferences (the document `SSM-SessionManagerRunShell`), as far as they tell where
/// logs go. A region where nobody ever set them has no document, and logs go nowhere.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionPreferences {
    /// `s3BucketName`.
    pub s3_bucket: Option<String>,
    /// `cloudWatchLogGroupName`.
    pub cloudwatch_log_group: Option<String>,
}
