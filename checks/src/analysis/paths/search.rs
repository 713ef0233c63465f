//! The likeliest path from every entry to each target.
//!
//! The search goes backwards, from a target to all that lead to it: once for each target, however many entries there
//! are. Nodes and edges are looked at in the order in which they were made, so that two scans find the same paths.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BinaryHeap, HashMap, HashSet},
};

use super::{
    Class, Manner, Path, check_of,
    entries::{Entry, Prefix},
    graph::{Certainty, Graph, Impact},
    kind_of,
    rank::{self, Ease},
    steps, worst,
};
use crate::{finding::Severity, gap::Gaps};

/// What a target is, as far as it is told apart from others.
type Key<'g> = (Impact, &'g str, bool);

/// The next edge towards a target, and what the rest costs, by node.
type Next = Vec<Option<(u64, usize)>>;

/// How a path compares with others to the same target.
type Likely = (Severity, Reverse<u64>, Ease);

/// The data that guests of an identity pool may read in the enhanced flow.
const OF_GUESTS: [&str; 3] = ["AWS::S3::Bucket", "AWS::DynamoDB::Table", "AWS::SQS::Queue"];

/// What the group of databases that are reached inside a VPC begins with.
const DATABASE: &str = "AWS::RDS::DBInstance ";

/// What a search finds.
#[derive(Debug)]
pub(super) struct Found {
    /// The paths: worst first.
    pub(super) paths: Vec<Path>,
    /// What could not be read of paths that would be told if they were sure, and are not worth telling as it is: by the
    /// check that would tell of them.
    pub(super) doubtful: BTreeMap<&'static str, Gaps>,
}

/// The paths that are left without some edges.
pub(super) fn search(graph: &Graph, entries: &[Entry], removed: &HashSet<usize>) -> Found {
    let into = incoming(graph, removed);
    let mut ends: BTreeMap<Key<'_>, Vec<usize>> = BTreeMap::new();
    for (at, edge) in graph.edges.iter().enumerate() {
        if let Some(grant) = edge.grant.as_ref().filter(|_| !removed.contains(&at)) {
            ends.entry((grant.impact, &grant.group, grant.wide)).or_default().push(at);
        }
    }
    let mut best: BTreeMap<(&'static str, usize, String), (Likely, Path)> = BTreeMap::new();
    let mut doubtful = Vec::new();
    let mut administered: HashMap<(Class, usize), i8> = HashMap::new();
    // Administration first: whoever has that has everything else, and nobody wants to read it, but for what is surer.
    for ((impact, group, wide), edges) in &ends {
        let next = towards(graph, &into, edges);
        for entry in entries {
            let hides = administered.get(&(entry.class, entry.resource)).copied();
            if *impact != Impact::Administrator && hides == Some(Certainty::Certain.penalty()) {
                continue;
            }
            for prefix in &entry.prefixes {
                if prefix.edges.iter().any(|edge| removed.contains(edge)) {
                    continue;
                }
                let is_lateral = entry.class == Class::Compute && group.starts_with(DATABASE);
                // What the internet is meant to reach needs rights on its data; only what it needs not is told.
                let too_much = *wide || *impact == Impact::Administrator;
                if prefix.is_meant && !too_much {
                    continue;
                }
                let Some((cost, edges)) = follow(graph, entry.resource, &next, &prefix.edges) else {
                    continue;
                };
                // No forged request reaches a database; credentials that it gets may be those of what reaches one.
                if is_lateral && prefix.by_metadata && edges.len() == prefix.edges.len() + 1 {
                    continue;
                }
                // Guests in the enhanced flow have what their role and Cognito's own session policies both allow: data of
                // a few services, neither IAM nor STS nor secrets (Amazon Cognito Developer Guide, "IAM roles"; AWS
                // Managed Policy Reference, "AmazonCognitoUnAuthedIdentitiesSessionPolicy").
                let by_its_role = edges.len() == prefix.edges.len() + 2;
                if prefix.is_scoped && !(by_its_role && OF_GUESTS.iter().any(|kind| group.starts_with(kind)))
                {
                    continue;
                }
                let Some(last) = edges.last() else { continue };
                let certainty = worst(graph, &edges);
                if *impact != Impact::Administrator && hides.is_some_and(|it| it <= certainty.penalty()) {
                    continue;
                }
                let Prefix { by_metadata, bypasses, .. } = *prefix;
                let manner = Manner { by_metadata, bypasses, is_lateral };
                let Some(check) = check_of(entry.class, *impact, manner) else { continue };
                let length = steps(graph, &edges);
                let rank = |certainty: &Certainty| rank::severity(prefix.ease, *impact, certainty, length);
                let severity = match certainty {
                    Certainty::Unknown(_) if *impact == Impact::Other => None,
                    certainty => rank(certainty),
                };
                let Some(severity) = severity else {
                    if let (Certainty::Unknown(gap), Some(_)) = (certainty, rank(&Certainty::Certain)) {
                        doubtful.push(((kind_of(check, *impact), entry.resource, (*group).to_owned()), gap));
                    }
                    continue;
                };
                // What is to be verified may not be there: it hides nothing.
                if *impact == Impact::Administrator && !matches!(certainty, Certainty::Unknown(_)) {
                    let surest = administered.entry((entry.class, entry.resource)).or_insert(i8::MAX);
                    *surest = certainty.penalty().min(*surest);
                }
                let last = &graph.edges[*last];
                let stores = last.grant.as_ref().map_or(1, |grant| grant.stores.len().max(1));
                let towards = (*group).to_owned();
                let (target, impact) = (last.to, *impact);
                // Of two ways that differ in what stands before the same server, the worse one is told.
                let key = (kind_of(check, impact), entry.resource, towards.clone());
                let path =
                    Path { check, severity, entry: entry.resource, target, impact, stores, towards, edges };
                let likely = (path.severity, Reverse(cost), prefix.ease);
                if best.get(&key).is_none_or(|(old, _)| *old < likely) {
                    best.insert(key, (likely, path));
                }
            }
        }
    }
    let mut by_check: BTreeMap<&'static str, Gaps> = BTreeMap::new();
    for (key, gap) in doubtful {
        if !best.contains_key(&key) {
            by_check.entry(key.0).or_default().extend([(**gap).clone()]);
        }
    }
    let mut paths: Vec<_> = best.into_values().map(|(_, path)| path).collect();
    paths.sort_by(|a, b| {
        let name = |path: &Path| {
            let node = &graph.nodes[path.entry];
            (node.region.as_deref(), node.kind, node.id.as_str(), node.arn.as_str())
        };
        (Reverse(a.severity), a.impact, a.check)
            .cmp(&(Reverse(b.severity), b.impact, b.check))
            .then_with(|| name(a).cmp(&name(b)))
            .then_with(|| a.towards.cmp(&b.towards))
    });
    Found { paths, doubtful: by_check }
}

/// The edges into each node that do not end at a target.
fn incoming(graph: &Graph, removed: &HashSet<usize>) -> Vec<Vec<usize>> {
    let mut into = vec![Vec::new(); graph.nodes.len()];
    for (at, edge) in graph.edges.iter().enumerate() {
        if edge.grant.is_none() && !removed.contains(&at) {
            into[edge.to].push(at);
        }
    }
    into
}

/// From each node, the cheapest way to one of these last edges.
fn towards(graph: &Graph, into: &[Vec<usize>], last: &[usize]) -> Next {
    let mut next: Next = vec![None; graph.nodes.len()];
    let mut open = BinaryHeap::new();
    for at in last {
        open.push(Reverse((graph.edges[*at].certainty.cost(), *at)));
    }
    while let Some(Reverse((cost, at))) = open.pop() {
        let node = graph.edges[at].from;
        if next[node].is_some() {
            continue;
        }
        next[node] = Some((cost, at));
        for before in &into[node] {
            let edge = &graph.edges[*before];
            if next[edge.from].is_none() {
                open.push(Reverse((cost + edge.certainty.cost(), *before)));
            }
        }
    }
    next
}

/// The whole path behind a way in; none where it leads nowhere.
fn follow(graph: &Graph, from: usize, next: &Next, prefix: &[usize]) -> Option<(u64, Vec<usize>)> {
    let mut edges = prefix.to_vec();
    let mut cost: u64 = prefix.iter().map(|edge| graph.edges[*edge].certainty.cost()).sum();
    // A way in that ends at its target has its last edge already.
    if let Some(last) = prefix.last().filter(|edge| graph.edges[**edge].grant.is_some()) {
        let is_sought = next[graph.edges[*last].from].is_some_and(|(_, at)| {
            let (a, b) = (graph.edges[at].grant.as_ref(), graph.edges[*last].grant.as_ref());
            a.map(|it| (it.impact, &it.group, it.wide)) == b.map(|it| (it.impact, &it.group, it.wide))
        });
        return is_sought.then_some((cost, edges));
    }
    let (rest, _) = next[from]?;
    cost += rest;
    let mut at = from;
    while let Some((_, edge)) = next[at] {
        edges.push(edge);
        let edge = &graph.edges[edge];
        if edge.grant.is_some() {
            return Some((cost, edges));
        }
        at = edge.to;
    }
    None
}
