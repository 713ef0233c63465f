//! Nodes and edges: who and what there is, and how one leads to the other.

use std::{collections::HashMap, sync::Arc};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::because::Because;
use crate::{
    gap::Gap,
    report_paths::PathCertainty,
    snapshot::{Judged, Place},
};

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NodeKind {
    /// Anyone, without credentials.
    Internet,
    /// Anyone with some AWS account.
    AnyAwsPrincipal,
    /// Another account.
    ExternalAccount,
    /// Any customer of an identity provider that many share, such as GitHub Actions.
    CiTenant,
    /// A load balancer.
    LoadBalancer,
    /// A distribution of CloudFront.
    Distribution,
    /// An API of API Gateway.
    Api,
    /// Something that runs code: an instance, a function.
    Compute,
    /// An identity pool of Amazon Cognito.
    IdentityPool,
    /// A user pool of Amazon Cognito.
    UserPool,
    /// A user or role.
    Principal,
    /// A password or access key.
    Credential,
    /// Something that holds data: a bucket, database, table, secret, parameter, queue or snapshot.
    DataStore,
    /// A key of KMS.
    Key,
    /// What tells of an attack: trails, detectors, recorders.
    Audit,
    /// Administration of the account.
    Administrator,
}

impl NodeKind {
    /// Every kind.
    pub const ALL: [Self; 16] = [
        Self::Internet,
        Self::AnyAwsPrincipal,
        Self::ExternalAccount,
        Self::CiTenant,
        Self::LoadBalancer,
        Self::Distribution,
        Self::Api,
        Self::Compute,
        Self::IdentityPool,
        Self::UserPool,
        Self::Principal,
        Self::Credential,
        Self::DataStore,
        Self::Key,
        Self::Audit,
        Self::Administrator,
    ];

    /// Its name, as reports write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Internet => "internet",
            Self::AnyAwsPrincipal => "any_aws_principal",
            Self::ExternalAccount => "external_account",
            Self::CiTenant => "ci_tenant",
            Self::LoadBalancer => "load_balancer",
            Self::Distribution => "distribution",
            Self::Api => "api",
            Self::Compute => "compute",
            Self::IdentityPool => "identity_pool",
            Self::UserPool => "user_pool",
            Self::Principal => "principal",
            Self::Credential => "credential",
            Self::DataStore => "data_store",
            Self::Key => "key",
            Self::Audit => "audit",
            Self::Administrator => "administrator",
        }
    }
}

/// A node of the graph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// What it is.
    pub kind: NodeKind,
    /// What AWS calls its id; for what is outside, a name.
    pub id: String,
    /// Its ARN; empty for what has none.
    pub arn: String,
    /// Its CloudFormation type; `AWS::::Account` for what has none.
    pub resource_type: &'static str,
    /// Its region; none for what is global.
    pub region: Option<String>,
}

impl Node {
    /// A resource of the account.
    pub(super) fn of<T: Judged>(kind: NodeKind, thing: &T, place: &Place<'_>) -> Self {
        Self {
            kind,
            id: thing.id(),
            arn: thing.arn(place),
            resource_type: thing.kind(),
            region: (!place.region.is_empty()).then(|| place.region.to_owned()),
        }
    }
}

/// How one node leads to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EdgeKind {
    /// Packets get there.
    Reaches,
    /// A load balancer sends requests on.
    Forwards,
    /// A resource-based policy, or what is without one, lets anyone use it.
    Opens,
    /// Code in it has the role's credentials.
    RunsAs,
    /// A trust policy lets somebody in.
    Assumes,
    /// A credential can be read in it.
    Holds,
    /// A credential is a user's.
    Is,
    /// What it runs can be changed.
    Controls,
    /// A method of privilege escalation.
    Escalates,
    /// It is an administrator.
    Administers,
    /// Data can be read.
    Reads,
    /// Data can be deleted for good.
    Deletes,
    /// What watches can be stopped.
    Stops,
}

/// How sure an edge is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Certainty {
    /// It is there.
    Certain,
    /// It is there under a condition that cannot be decided from here.
    Conditional(Doubt),
    /// What decides could not be read.
    Unknown(Box<Gap>),
}

/// A condition under which an edge is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// What listens must have a flaw.
    Flaw,
    /// The same where Inspector found a vulnerability, with this id.
    Vulnerable(String),
    /// The same where GuardDuty has a finding, of this type.
    Attacked(String),
    /// A password must be known.
    Password,
    /// A condition of a policy must be met.
    Policy(String),
    /// The caller must be allowed to decrypt with a key that is not known.
    Key,
    /// The account may be of the same organization.
    Member,
    /// A bucket of the name must be had.
    Bucket,
    /// A session policy must leave the rights.
    Session,
    /// A custom domain name must lead to the API.
    Domain,
    /// The repository must be one in which anyone may open pull requests.
    Repository,
    /// Strangers must be able to sign up.
    SignUp,
    /// AWS may let the account off the second permission that a function's URL needs.
    Exception,
}

impl Certainty {
    /// How reports tell it.
    #[must_use]
    pub const fn told(&self) -> PathCertainty {
        match self {
            Self::Certain => PathCertainty::Certain,
            Self::Conditional(_) => PathCertainty::Conditional,
            Self::Unknown(_) => PathCertainty::Unknown,
        }
    }

    /// What it takes from the score of a path: [`super::rank`].
    #[must_use]
    pub const fn penalty(&self) -> i8 {
        match self {
            Self::Certain => 0,
            Self::Conditional(_) => 1,
            Self::Unknown(_) => 2,
        }
    }

    /// What an edge of it costs in the search for the likeliest path.
    pub(super) const fn cost(&self) -> u64 {
        self.told().cost()
    }
}

/// What a path leads to, as far as its severity depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Impact {
    /// Administration of the account.
    Administrator,
    /// Data that is lost for good.
    Loss,
    /// Every secret of the account.
    Secrets,
    /// Data that tags or names mark as sensitive, or all there is where nothing is known.
    Sensitive,
    /// What watches is stopped.
    Blind,
    /// What a site's visitors see, and what their browsers send to it.
    Site,
    /// Other data.
    Other,
}

/// What an edge to a target adds: which others are reached in the same way, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// What is reached.
    pub impact: Impact,
    /// What the paths to it share, whatever the number of stores: `AWS::S3::Bucket sensitive`.
    pub group: String,
    /// The stores, by their nodes; the edge goes to the first.
    pub stores: Arc<[u32]>,
    /// The permission is on all resources of the type, not on some by name.
    pub wide: bool,
}

/// An edge of the graph, with its proof.
#[derive(Clone, Debug)]
pub struct Edge {
    /// From which node.
    pub from: usize,
    /// To which node.
    pub to: usize,
    /// How.
    pub kind: EdgeKind,
    /// What proves it.
    pub because: Because,
    /// How sure it is.
    pub certainty: Certainty,
    /// Ids of the findings that tell of it, should they be in the report: whoever mends one cuts the edge.
    pub findings: Vec<String>,
    /// For an edge to a target.
    pub grant: Option<Grant>,
}

/// The graph of an account.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    pub(super) nodes: Vec<Node>,
    pub(super) edges: Vec<Edge>,
    /// Edges from each node, in the order in which they were made.
    pub(super) out: Vec<Vec<usize>>,
    by_key: HashMap<(NodeKind, String), usize>,
}

impl Graph {
    /// The node of that kind and ARN (or id, where there is no ARN), made where it is new.
    pub(super) fn node(&mut self, node: Node) -> usize {
        let name = if node.arn.is_empty() { &node.id } else { &node.arn };
        let key = (node.kind, name.clone());
        let Self { nodes, out, by_key, .. } = self;
        *by_key.entry(key).or_insert_with(|| {
            nodes.push(node);
            out.push(Vec::new());
            nodes.len() - 1
        })
    }

    /// The node of that kind and ARN (or id, where there is no ARN), if there is one.
    pub(super) fn find(&self, kind: NodeKind, name: &str) -> Option<usize> {
        self.by_key.get(&(kind, name.to_owned())).copied()
    }

    /// Adds an edge; returns its number.
    pub(super) fn edge(&mut self, edge: Edge) -> usize {
        self.out[edge.from].push(self.edges.len());
        self.edges.push(edge);
        self.edges.len() - 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_have_the_names_that_reports_write() {
        for kind in NodeKind::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.name());
        }
    }
}
