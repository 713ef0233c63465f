//! Attack paths: how somebody gets in, and what he gets. Every step is proven by an analysis that checks use too.
//!
//! The graph ([`graph`]) is made from the entries inwards (`entries`, `principals`, `stores`): only what can be
//! reached at all is looked at. The search (`search`) finds for every entry the likeliest path to each target, and
//! [`rank`] says how bad it is. What a change would cut is not guessed: the graph is searched again without the edges
//! that the change takes away ([`fix`]).

mod alerts;
mod balanced;
pub mod because;
mod builds;
mod clusters;
mod credentials;
pub mod crossing;
mod entries;
mod events;
pub mod fix;
mod fronts;
pub mod graph;
#[cfg(test)]
mod labs_tests;
mod lateral;
mod open;
#[cfg(test)]
mod oracle;
mod principals;
pub mod rank;
mod search;
mod shared;
mod sign_up;
mod stores;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    rc::Rc,
};

use self::{
    entries::Entry,
    graph::{Certainty, Edge, Graph, Impact, Node, NodeKind},
};
use super::Analyses;
use crate::{
    check::Context,
    finding::{Finding, Severity, Status},
    gap::{Gap, Gaps, NotJudged},
    registry,
    snapshot::{Place, Snapshot},
    triage::tuning::Tuning,
};

/// How a path begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Something that runs code and that the internet reaches.
    Compute,
    /// A function that anyone may call.
    Function,
    /// A database that the internet reaches, or a snapshot of one that anyone may restore.
    Database,
    /// A bucket that anyone reads.
    Bucket,
    /// A bucket that anyone empties.
    Emptied,
    /// Something else that holds data, and that any AWS account reads.
    Store,
    /// A role that any customer of a shared identity provider may assume.
    Tenant,
    /// A role that other accounts may assume.
    External,
    /// Something that holds data, and that another account reads without a role.
    Shared,
    /// The guests of an identity pool, and users who sign themselves up.
    Guest,
    /// A user who signs in with one factor.
    User,
    /// An access key that is old, or that nobody uses.
    OldKey,
    /// An access key that can be read where it should not be.
    LeakedKey,
    /// A distribution whose content anyone may provide.
    Origin,
    /// A build project that builds what strangers ask to be merged.
    Build,
}

/// What a path is like besides where it begins and ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Manner {
    /// A forged request is enough to get the role's credentials: a web server with IMDSv1.
    by_metadata: bool,
    /// It goes around a distribution with a web ACL.
    bypasses: bool,
    /// It ends at a database that is reached inside the VPC.
    is_lateral: bool,
}

/// The check that tells of paths from an entry to a target; none for what is not told.
const fn check_of(class: Class, impact: Impact, manner: Manner) -> Option<&'static str> {
    match (class, impact) {
        (Class::User, Impact::Administrator) => Some("path-user-no-mfa-admin"),
        (Class::OldKey, Impact::Administrator) => Some("path-old-key-admin"),
        (Class::LeakedKey, Impact::Administrator) => Some("path-leaked-key-admin"),
        (Class::LeakedKey, Impact::Secrets | Impact::Sensitive | Impact::Other) => {
            Some("path-leaked-key-data")
        }
        (Class::LeakedKey, Impact::Loss) => Some("path-ransom"),
        (Class::LeakedKey, Impact::Blind) => Some("path-blind"),
        (Class::User | Class::OldKey | Class::LeakedKey, _) => None,
        (Class::Origin, _) => Some("path-takeover"),
        (Class::Database, _) => Some("path-internet-db"),
        (Class::Store, _) => Some("path-public-data"),
        (Class::Shared, _) => Some("path-external-account-data"),
        (Class::Emptied, _) => Some("path-ransom"),
        (Class::Bucket, _) => Some("path-public-bucket-secret"),
        (_, Impact::Loss) => Some("path-ransom"),
        (_, Impact::Blind) => Some("path-blind"),
        (Class::Guest, _) => Some("path-guest-role"),
        (Class::Build, _) => Some("path-build"),
        (Class::Compute, _) if manner.is_lateral => Some("path-lateral-db"),
        (Class::Compute, _) if manner.bypasses && !manner.by_metadata => Some("path-cdn-bypass"),
        (Class::Compute, Impact::Administrator) => Some("path-internet-compute-admin"),
        (Class::Compute, _) if manner.by_metadata => Some("path-imdsv1-ssrf"),
        (Class::Compute, _) => Some("path-internet-compute-data"),
        (Class::Function, Impact::Administrator) => Some("path-public-function-admin"),
        (Class::Function, _) => Some("path-public-function-data"),
        (Class::Tenant, Impact::Administrator) => Some("path-oidc-admin"),
        (Class::Tenant, _) => Some("path-oidc-data"),
        (Class::External, Impact::Administrator) => Some("path-external-account-admin"),
        (Class::External, _) => Some("path-external-account-data"),
    }
}

/// What a path is, whatever way it takes: one around a distribution leads where the one through it does.
fn kind_of(check: &'static str, impact: Impact) -> &'static str {
    match (check, impact) {
        ("path-cdn-bypass", Impact::Administrator) => "path-internet-compute-admin",
        ("path-cdn-bypass", _) => "path-internet-compute-data",
        (other, _) => other,
    }
}

/// The ways in on which the paths of a check begin.
fn classes_of(check: &str) -> &'static [Class] {
    const IN: [Class; 6] =
        [Class::Compute, Class::Function, Class::Tenant, Class::External, Class::Guest, Class::Build];
    const HARM: [Class; 7] = {
        let [a, b, c, d, e, f] = IN;
        [a, b, c, d, e, f, Class::LeakedKey]
    };
    const RANSOM: [Class; 8] = {
        let [a, b, c, d, e, f, g] = HARM;
        [a, b, c, d, e, f, g, Class::Emptied]
    };
    match check {
        "path-internet-compute-admin"
        | "path-internet-compute-data"
        | "path-imdsv1-ssrf"
        | "path-cdn-bypass"
        | "path-lateral-db" => &[Class::Compute],
        "path-takeover" => &[Class::Origin],
        "path-public-function-admin" | "path-public-function-data" => &[Class::Function],
        "path-internet-db" => &[Class::Database],
        "path-public-bucket-secret" => &[Class::Bucket],
        "path-public-data" => &[Class::Store],
        "path-ransom" => &RANSOM,
        "path-blind" => &HARM,
        "path-oidc-admin" | "path-oidc-data" => &[Class::Tenant],
        "path-external-account-admin" => &[Class::External],
        "path-external-account-data" => &[Class::External, Class::Shared],
        "path-guest-role" => &[Class::Guest],
        "path-build" => &[Class::Build],
        "path-user-no-mfa-admin" => &[Class::User],
        "path-old-key-admin" => &[Class::OldKey],
        "path-leaked-key-admin" | "path-leaked-key-data" => &[Class::LeakedKey],
        _ => &IN,
    }
}

/// A path from an entry to a target.
#[derive(Clone, Debug)]
pub struct Path {
    /// The check that tells of it.
    pub check: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// The node where it enters the account.
    pub entry: usize,
    /// The node where it ends.
    pub target: usize,
    /// What it reaches there.
    pub impact: Impact,
    /// How many stores it reaches in the same way; one for what is no store.
    pub stores: usize,
    /// What stays the same of the target from scan to scan: `administrator`, `AWS::S3::Bucket sensitive`.
    pub towards: String,
    /// Its edges, in order.
    pub edges: Vec<usize>,
}

/// Why the search did not look at everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// The graph has so many edges that more users and roles were not looked at.
    AtEdges(usize),
    /// There are more paths than are told.
    AtPaths(usize),
}

/// Every path of an account.
#[derive(Clone, Debug, Default)]
pub struct Paths {
    graph: Graph,
    entries: Vec<Entry>,
    paths: Vec<Path>,
    unread: Unread,
    stopped: Option<Stopped>,
}

/// What could not be read that may hide paths.
#[derive(Clone, Debug, Default)]
struct Unread {
    /// Of ways in.
    entries: BTreeMap<Class, Gaps>,
    /// Of the rights of those who are reached.
    inside: Gaps,
    /// Of what holds data.
    stores: Gaps,
    /// Of what is kept of data that is deleted.
    kept: Gaps,
    /// Of what watches.
    trails: Gaps,
    /// Of distributions before servers.
    fronts: Gaps,
    /// Of databases beside what is reached.
    lateral: Gaps,
    /// Of paths that are not worth telling as long as it is not known whether they are there, by check.
    doubtful: BTreeMap<&'static str, Gaps>,
}

/// What the graph is made from.
struct Builder<'b, 'a> {
    snapshot: &'a Snapshot,
    tuning: &'a Tuning,
    analyses: &'b Rc<Analyses<'a>>,
    graph: Graph,
    entries: Vec<Entry>,
    /// Their places.
    entry_of: HashMap<(Class, usize), usize>,
    unread: Unread,
    stopped: Option<Stopped>,
    /// What whoever controls an instance gets besides its role, by the instance's ARN.
    beside: HashMap<String, Option<usize>>,
}

impl<'b, 'a> Builder<'b, 'a> {
    fn new(snapshot: &'a Snapshot, tuning: &'a Tuning, analyses: &'b Rc<Analyses<'a>>) -> Self {
        Self {
            snapshot,
            tuning,
            analyses,
            graph: Graph::default(),
            entries: Vec::new(),
            entry_of: HashMap::new(),
            unread: Unread::default(),
            stopped: None,
            beside: HashMap::new(),
        }
    }

    fn place(&self, region: &'a str) -> Place<'a> {
        let account = &self.snapshot.account;
        Place { partition: &account.partition, account: &account.id, region }
    }

    /// What a check says of the account, but for what passes.
    fn findings(&self, check: &str) -> Vec<Finding> {
        let Some(entry) = registry::find(check) else { return Vec::new() };
        Context::run(entry.check, self.snapshot, self.tuning, self.analyses, false).0
    }

    /// Notes what may hide paths.
    fn note(&mut self, class: Class, why: &NotJudged) {
        note(self.unread.entries.entry(class).or_default(), why);
    }

    /// Notes what could not be judged of a resource that may be a way in.
    fn note_unknown(&mut self, class: Class, finding: &Finding) {
        self.unread.entries.entry(class).or_default().extend(finding.gaps.iter().cloned());
    }

    /// The failing findings of a check, and those about one resource that could not be judged; what could not be read
    /// as a whole is noted.
    fn told(&mut self, check: &str, class: Class) -> Vec<Finding> {
        let root = self.place("").root_arn();
        let mut told = Vec::new();
        for finding in self.findings(check) {
            match finding.status {
                Status::Unknown if finding.resource.arn == root => {
                    self.unread.entries.entry(class).or_default().extend(finding.gaps);
                }
                Status::Fail | Status::Unknown => told.push(finding),
                _ => {}
            }
        }
        told
    }
}

impl Paths {
    /// Looks for the paths of an account.
    #[must_use]
    pub fn of<'a>(snapshot: &'a Snapshot, tuning: &'a Tuning, analyses: &Rc<Analyses<'a>>) -> Self {
        let mut builder = Builder::new(snapshot, tuning, analyses);
        builder.enter();
        builder.walk();
        let Builder { graph, entries, mut unread, mut stopped, .. } = builder;
        let search::Found { mut paths, doubtful } = search::search(&graph, &entries, &HashSet::new());
        unread.doubtful = doubtful;
        if paths.len() > MOST_PATHS {
            stopped = stopped.or(Some(Stopped::AtPaths(paths.len())));
            paths.truncate(MOST_PATHS);
        }
        Self { graph, entries, paths, unread, stopped }
    }

    /// The paths: worst first.
    #[must_use]
    pub fn paths(&self) -> &[Path] {
        &self.paths
    }

    /// Why not everything was looked at, where that is so.
    #[must_use]
    pub const fn stopped(&self) -> Option<Stopped> {
        self.stopped
    }

    /// Why there may be more paths of a check. Where nobody gets in, it does not matter what is inside.
    #[must_use]
    pub fn unread(&self, check: &str) -> Option<NotJudged> {
        let (classes, unread) = (classes_of(check), &self.unread);
        let mut gaps = Gaps::default();
        for of_class in classes.iter().filter_map(|class| unread.entries.get(class)) {
            gaps.extend(of_class.iter().cloned());
        }
        if let Some(doubtful) = unread.doubtful.get(check) {
            gaps.extend(doubtful.iter().cloned());
        }
        let is_inside = !["path-lateral-db", "path-public-data"].contains(&check);
        if is_inside && self.entries.iter().any(|entry| classes.contains(&entry.class)) {
            gaps.extend(unread.inside.iter().cloned());
            if ["-data", "-ssrf", "-role", "-ransom", "-bypass", "-build"]
                .iter()
                .any(|end| check.ends_with(end))
            {
                gaps.extend(unread.stores.iter().cloned());
            }
            if check == "path-ransom" {
                gaps.extend(unread.kept.iter().cloned());
            }
            if check == "path-blind" {
                gaps.extend(unread.trails.iter().cloned());
            }
            if check == "path-cdn-bypass" {
                gaps.extend(unread.fronts.iter().cloned());
            }
        }
        // It is noted only of what the internet reaches, whether or not that has a role.
        if check == "path-lateral-db" {
            gaps.extend(unread.lateral.iter().cloned());
        }
        gaps.unless(false).err()
    }

    /// A node.
    #[must_use]
    pub fn node(&self, at: usize) -> &Node {
        &self.graph.nodes[at]
    }

    /// Every node.
    #[must_use]
    pub fn nodes(&self) -> &[Node] {
        &self.graph.nodes
    }

    /// An edge.
    #[must_use]
    pub fn edge(&self, at: usize) -> &Edge {
        &self.graph.edges[at]
    }

    /// How sure a path is: as sure as its least sure edge.
    #[must_use]
    pub fn certainty(&self, path: &Path) -> &Certainty {
        worst(&self.graph, &path.edges)
    }

    /// The node where a path begins: outside the account, or the credential.
    #[must_use]
    pub fn source(&self, path: &Path) -> &Node {
        &self.graph.nodes[self.source_at(path)]
    }

    /// The number of [`Self::source`].
    pub(crate) fn source_at(&self, path: &Path) -> usize {
        path.edges.first().map_or(path.entry, |edge| self.graph.edges[*edge].from)
    }

    /// The other stores that a path reaches in the same way, by their names, in their order.
    pub fn others<'p>(&'p self, path: &Path) -> impl Iterator<Item = &'p Node> + use<'p> {
        self.others_at(path).map(|at| &self.graph.nodes[at])
    }

    /// The numbers of [`Self::others`].
    pub(crate) fn others_at<'p>(&'p self, path: &Path) -> impl Iterator<Item = usize> + use<'p> {
        let grant = path.edges.last().and_then(|edge| self.graph.edges[*edge].grant.as_ref());
        let stores = grant.map_or(&[][..], |grant| &grant.stores[..]);
        stores.iter().skip(1).map(|at| *at as usize)
    }
}

/// More paths than these are not told: nobody reads them.
const MOST_PATHS: usize = 1_000;

/// Notes what could not be read.
fn note(gaps: &mut Gaps, why: &NotJudged) {
    gaps.known(Err::<(), _>(why.clone()));
}

/// The first of what could not be read, which stands for all of it where one is told.
fn first_of(why: NotJudged) -> Option<Gap> {
    match why {
        NotJudged::Unread(gaps) => gaps.into_vec().into_iter().next(),
        NotJudged::NotApplicable => None,
    }
}

/// The least sure of some edges.
fn worst<'g>(graph: &'g Graph, edges: &[usize]) -> &'g Certainty {
    let certainties = edges.iter().map(|edge| &graph.edges[*edge].certainty);
    certainties.max_by_key(|certainty| certainty.penalty()).unwrap_or(&Certainty::Certain)
}

/// How many steps a path has: that an administrator is one is no step.
fn steps(graph: &Graph, edges: &[usize]) -> usize {
    edges.iter().filter(|edge| graph.edges[**edge].kind != graph::EdgeKind::Administers).count()
}

/// The id of the node of an account whose number is not known.
pub(crate) const ANOTHER_ACCOUNT: &str = "another account";

/// What the id of a password's node begins with, before the user's name.
pub(crate) const PASSWORD_OF: &str = "password of ";

/// Nodes that stand for nobody in the account.
fn outside(kind: NodeKind, id: &str) -> Node {
    Node { kind, id: id.to_owned(), arn: String::new(), resource_type: "AWS::::Account", region: None }
}
