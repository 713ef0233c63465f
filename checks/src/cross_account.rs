//! What chains of roles over several accounts need to know of one of them. It stands in the account's report, so that
//! reports that were made anywhere, at any time, can be put together: who in the account may assume roles elsewhere, which
//! of its roles other accounts may assume, and what these lead to. What decides on a border stands here as policy
//! documents, cut down to `sts:AssumeRole`, since neither side knows the other: [`crate::organization::chains`] judges both
//! together.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use crate::analysis::paths::rank::Ease;
use crate::{
    report_paths::{PathCertainty, PathNode, PathStep},
    snapshot::Tags,
};

/// One account's part of the chains over accounts. It is bounded, whatever the number of resources.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CrossAccount {
    /// The organization's id, `o-…`; none where the account is in none, or may not know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization: Option<String>,
    /// Account id of the management account, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub management_account: Option<String>,
    /// Where somebody gets in and gets as far as a caller or administration.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub entries: Vec<WayIn>,
    /// Roles that principals of other accounts may be able to assume.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub doors: Vec<Door>,
    /// Users and roles that may be able to assume roles of other accounts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub callers: Vec<Caller>,
    /// What callers may assume; many have the same.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rights: Vec<Rights>,
    /// What service control policies say of `sts:AssumeRole`, level by level; none where they could not be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_control_policies: Option<Vec<Vec<Document>>>,
    /// What resource control policies deny of `sts:AssumeRole` on the account's roles; none where they could not be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource_control_policies: Option<Vec<Document>>,
    /// ARNs of trails of other accounts that record this one, as the organization's do; none where that could not be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization_trails: Option<Vec<String>>,
    /// How many permission sets the organization has; none where that is not known, as outside its management account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permission_sets: Option<u64>,
    /// Operations that could not be read and may hide chains.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unread: Vec<String>,
    /// Whether nothing is known of the account's users and roles.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_unknown: bool,
    /// Whether there was more than is told here.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_cut: bool,
}

/// Somewhere to get in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WayIn {
    /// Where it enters the account.
    pub entry: PathNode,
    /// Its CloudFormation type.
    pub resource_type: String,
    /// Its region; none for what is global.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// How easily an attacker begins.
    pub ease: Ease,
    /// It is what the entry is there for, and takes a flaw to be misused.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_meant: bool,
    /// Where it leads; each from the outside.
    pub leads: Vec<Lead>,
}

/// A role that other accounts may be able to assume.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Door {
    /// Its ARN.
    pub role: String,
    /// Its trust policy, as far as it is about `sts:AssumeRole` by users and roles.
    pub trust: String,
    /// Its tags, of which the policies of callers may ask.
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub tags: Tags,
    /// Where it leads inside its account; each from the role.
    pub leads: Vec<Lead>,
}

/// Where something leads inside an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Lead {
    /// Where it ends.
    pub to: End,
    /// How sure it is.
    pub certainty: PathCertainty,
    /// How many resources are reached in the same way.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub resources: u64,
    /// The steps, in order; none where it ends where it begins.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<PathStep>,
}

/// Where a lead ends.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// One of the callers, by its ARN.
    Caller(String),
    /// Administration of the account.
    Administrator,
    /// Every secret of the account.
    Secrets,
    /// Data that is lost for good.
    Loss,
    /// Data that tags or names mark as sensitive, or all there is where nothing is known.
    Sensitive,
}

/// A user or role that may be able to assume roles of other accounts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Caller {
    /// Its ARN.
    pub arn: String,
    /// Its place among the account's `rights`.
    pub rights: usize,
    /// Its tags, of which policies may ask.
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub tags: Tags,
    /// It is an administrator of its account.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_administrator: bool,
    /// Administrators of its account cannot act as it: AWS made it and keeps it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_fixed: bool,
}

/// What a caller may assume.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Rights {
    /// What its identity policies say of `sts:AssumeRole`.
    pub policies: Vec<Document>,
    /// What its permissions boundary says of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub boundary: Option<Document>,
}

/// A policy, cut down to what it says of `sts:AssumeRole`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Document {
    /// The ARN of a managed policy, `HOLDER/POLICY` of an inline one, the id of a control policy.
    pub name: String,
    /// The document, as JSON text; each statement has the label of the original as its `Sid`.
    pub text: String,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
const fn is_one(count: &u64) -> bool {
    *count == 1
}

const fn one() -> u64 {
    1
}
