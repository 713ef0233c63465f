//! Systems Manager.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Judged, Place};
use crate::gap::Collected;

service! {
    /// Systems Manager of one region.
    Ssm, Regional;

    op("SSM", "ssm", UNPUBLISHED) {
        SsmManagedNodes [DescribeInstanceInformation] =>
            /// Nodes that the agent has registered.
            managed_nodes: Vec<ManagedNode>;
        SsmSessionPreferences [GetDocument] =>
            /// Where Session Manager sends session logs.
            session_preferences: SessionPreferences = SessionPreferences::default();
        SsmPatchStates needs SsmManagedNodes [DescribeInstancePatchStates] =>
            /// The latest patch operation of each managed node that ever had one.
            patch_states: Vec<PatchState>;
        SsmAssociationCompliance [ListResourceComplianceSummaries] =>
            /// How managed nodes comply with their associations.
            association_compliance: Vec<AssociationCompliance>;
        SsmParameters [DescribeParameters] =>
            /// Parameters, without their values.
            parameters: Vec<Parameter>;
        SsmDocuments [ListDocuments, DescribeDocumentPermission] =>
            /// Documents of the account's own.
            documents: Vec<Document>;
    }
}

/// A managed node.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManagedNode {
    /// `i-…` for an instance, `mi-…` for a machine elsewhere.
    pub id: String,
    /// `Online`, `ConnectionLost` or `Inactive`.
    pub ping_status: String,
    /// The agent's version.
    pub agent_version: String,
    /// `Linux`, `MacOS` or `Windows`.
    pub platform: String,
    /// Its operating system, e.g. `Ubuntu`; empty when not known.
    pub platform_name: String,
}

impl Judged for ManagedNode {
    const TYPE: &'static str = "AWS::SSM::ManagedInstance";
    fn id(&self) -> String {
        self.id.clone()
    }
    fn arn(&self, place: &Place<'_>) -> String {
        if self.id.starts_with("i-") {
            place.arn("ec2", &format!("instance/{}", self.id))
        } else {
            place.arn("ssm", &format!("managed-instance/{}", self.id))
        }
    }
}

/// The latest patch operation of a managed node.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PatchState {
    /// The managed node.
    pub node: String,
    /// Patches that the baseline approves and the node lacks.
    pub missing: i32,
    /// Patches that could not be installed.
    pub failed: i32,
    /// Patches that are installed and work after a restart only; none when not known.
    pub pending_reboot: Option<i32>,
    /// Patches that are installed and rejected by the baseline; none when not known.
    pub rejected: Option<i32>,
    /// When the operation ended.
    pub ended: Option<Timestamp>,
}

/// How a managed node complies with its associations.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssociationCompliance {
    /// The managed node.
    pub node: String,
    /// All associations are compliant.
    pub compliant: bool,
    /// How many are not.
    pub non_compliant: i32,
}

impl Judged for AssociationCompliance {
    const TYPE: &'static str = "AWS::SSM::AssociationCompliance";
    fn id(&self) -> String {
        self.node.clone()
    }
    fn arn(&self, place: &Place<'_>) -> String {
        ManagedNode { id: self.node.clone(), ..ManagedNode::default() }.arn(place)
    }
}

/// A parameter of Parameter Store, without its value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parameter {
    /// Its name, which may be a path.
    pub name: String,
    /// `String`, `StringList` or `SecureString`.
    pub kind: String,
    /// Its data type: `text`, `aws:ec2:image`, ….
    pub data_type: String,
}

impl Judged for Parameter {
    const TYPE: &'static str = "AWS::SSM::Parameter";
    fn id(&self) -> String {
        self.name.clone()
    }
    fn arn(&self, place: &Place<'_>) -> String {
        place.arn("ssm", &format!("parameter/{}", self.name.trim_start_matches('/')))
    }
}

/// A document of the account's own.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Document {
    /// Its name.
    pub name: String,
    /// Accounts that it is shared with; `all` is everyone.
    pub shared_with: Collected<Vec<String>>,
}

impl Judged for Document {
    const TYPE: &'static str = "AWS::SSM::Document";
    fn id(&self) -> String {
        self.name.clone()
    }
    fn arn(&self, place: &Place<'_>) -> String {
        place.arn("ssm", &format!("document/{}", self.name))
    }
}

/// Session Manager's preferences (the document `SSM-SessionManagerRunShell`), as far as they say where
/// logs go. A region where nobody ever set them has no document, and logs go nowhere.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionPreferences {
    /// `s3BucketName`.
    pub s3_bucket: Option<String>,
    /// `cloudWatchLogGroupName`.
    pub cloudwatch_log_group: Option<String>,
}
