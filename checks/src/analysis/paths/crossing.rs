//! What an account adds to chains over accounts ([`crate::cross_account`]): who may assume roles elsewhere, which roles
//! others may assume, and what leads to the ones and from the others. The ways from entries are those of the account's
//! own paths; from the roles that others may assume a graph of its own is walked, so that the account's paths are the
//! same whoever is trusted.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, BinaryHeap, HashSet},
    rc::Rc,
    sync::Arc,
};

use serde_json::{Map, Value, json};

use super::{
    Builder, Class, Paths,
    entries::Prefix,
    graph::{Graph, Impact},
    worst,
};
use crate::{
    analysis::{
        Analyses,
        identity::{Principal, Who},
        policy::{
            Condition, Effect, Match, Policy, Principals, Statement, account_of,
            effective::{Answer, On, Source},
            shared_secret,
        },
        resource_controls::denies_of,
        trust::account_named,
    },
    cross_account::{Caller, CrossAccount, Document, Ease, End, Rights},
    gap::{Gaps, NotJudged},
    report_paths::PathCertainty,
    snapshot::{Snapshot, Tags, organizations},
    triage::tuning::Tuning,
};

/// What one account tells at most: nobody reads more, and the report of a thousand accounts holds each.
const MOST_ENTRIES: usize = 100;
const MOST_DOORS: usize = 200;
const MOST_CALLERS: usize = 400;
const MOST_LEADS: usize = 20;
const MOST_UNREAD: usize = 20;

const ASSUME: &str = "sts:AssumeRole";

/// What stands for an external id: its value decides nothing here, and is not for reports.
const AN_EXTERNAL_ID: &str = "an external id";

/// A part of the chains over accounts, not yet in words.
#[derive(Clone, Debug)]
pub struct Crossing {
    /// What needs no words; without entries and doors.
    pub(crate) told: CrossAccount,
    pub(crate) entries: Vec<Entry>,
    pub(crate) doors: Vec<Door>,
    /// The ways from doors, as paths are told.
    pub(crate) inside: Paths,
}

/// An entry of the account's paths with where it leads.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) resource: usize,
    pub(crate) ease: Ease,
    pub(crate) is_meant: bool,
    pub(crate) leads: Vec<Lead>,
}

/// A role that others may assume.
#[derive(Clone, Debug)]
pub(crate) struct Door {
    pub(crate) role: String,
    pub(crate) trust: String,
    pub(crate) tags: Tags,
    pub(crate) leads: Vec<Lead>,
}

/// A way by the numbers of its edges.
#[derive(Clone, Debug)]
pub(crate) struct Lead {
    pub(crate) to: End,
    pub(crate) edges: Vec<usize>,
    pub(crate) resources: usize,
}

impl Crossing {
    /// What the account adds, beside its own paths.
    #[must_use]
    pub fn of<'a>(
        snapshot: &'a Snapshot,
        tuning: &'a Tuning,
        analyses: &Rc<Analyses<'a>>,
        paths: &Paths,
    ) -> Self {
        let mut told = CrossAccount::default();
        let mut gaps = Gaps::default();
        if let Ok(Some(organization)) = snapshot.organizations.organization.get() {
            told.organization = Some(organization.id.clone());
            told.management_account = Some(organization.management_account.clone());
        }
        told.organization_trails = organization_trails(snapshot);
        told.permission_sets = permission_sets(snapshot);
        let mut crossing = Self { told, entries: Vec::new(), doors: Vec::new(), inside: Paths::default() };
        let identities = match analyses.identities() {
            Ok(identities) => identities,
            Err(why) => {
                crossing.told.is_unknown = true;
                gaps.known(Err::<(), _>(why));
                crossing.told.unread = operations(&gaps);
                return crossing;
            }
        };
        crossing.told.service_control_policies = snapshot
            .organizations
            .service_control_policies
            .get()
            .ok()
            .and_then(Option::as_deref)
            .and_then(levels);
        crossing.told.resource_control_policies =
            snapshot.organizations.resource_control_policies().and_then(|policies| denies(&policies));
        let members = snapshot.organizations.accounts.get().ok().and_then(Option::as_deref);
        let account = snapshot.account.id.as_str();
        let mut rights: BTreeMap<Rights, usize> = BTreeMap::new();
        let mut callers: Vec<&Principal<'_>> =
            identities.principals.iter().filter(|principal| calls(principal, account)).collect();
        // Those who are nobody else already come first, should there be too many.
        callers.sort_by_key(|principal| principal.is_administrator());
        crossing.told.is_cut |= callers.len() > MOST_CALLERS;
        for principal in callers.into_iter().take(MOST_CALLERS) {
            let of_policy = |source: &Source| Document {
                name: source.name.to_string(),
                text: identity_document(&source.policy, account),
            };
            let policies = principal.permissions.policies.iter();
            let policies = policies
                .filter(|source| source.policy.statements.iter().any(|it| it.actions.selects_action(ASSUME)));
            let own = Rights {
                policies: policies.map(of_policy).collect(),
                boundary: principal.permissions.boundary.as_ref().map(of_policy),
            };
            let next = rights.len();
            let place = *rights.entry(own).or_insert(next);
            let (tags, is_fixed) = match principal.who {
                Who::User(user) => (&user.tags, false),
                Who::Role(role) => (&role.tags, role.is_identity_center()),
            };
            crossing.told.callers.push(Caller {
                arn: principal.arn().to_owned(),
                rights: place,
                tags: tags.clone(),
                is_administrator: principal.is_administrator(),
                is_fixed,
            });
        }
        let mut ordered: Vec<(Rights, usize)> = rights.into_iter().collect();
        ordered.sort_by_key(|(_, place)| *place);
        crossing.told.rights = ordered.into_iter().map(|(rights, _)| rights).collect();
        let callers: HashSet<&str> = crossing.told.callers.iter().map(|it| it.arn.as_str()).collect();

        let mut doors = Vec::new();
        for principal in &identities.principals {
            let Some(role) = principal.usable_role() else { continue };
            match &principal.trust {
                Some(trust) => doors.extend(
                    trust_document(trust, account, members).map(|text| (principal, &role.tags, text)),
                ),
                // It may let anybody in.
                None => gaps.known(principal.unread.clone().map_or(Ok(()), Err)).unwrap_or_default(),
            }
        }
        crossing.told.is_cut |= doors.len() > MOST_DOORS;
        doors.truncate(MOST_DOORS);
        if !doors.is_empty() {
            let mut builder = Builder::new(snapshot, tuning, analyses);
            for (principal, ..) in &doors {
                if let Some(at) = identities.find(principal.arn()) {
                    builder.principal(&identities, at);
                }
            }
            builder.walk();
            let Builder { graph, unread, stopped, .. } = builder;
            gaps.extend(unread.inside.iter().chain(unread.stores.iter()).cloned());
            crossing.told.is_cut |= stopped.is_some();
            for (principal, tags, trust) in doors {
                let node = graph.nodes.iter().position(|node| node.arn == principal.arn());
                let Some(node) = node else { continue };
                let (mut leads, cut) = leads(&graph, node, &[], &callers, true);
                crossing.told.is_cut |= cut;
                if callers.contains(principal.arn()) {
                    let to = End::Caller(principal.arn().to_owned());
                    leads.insert(0, Lead { to, edges: Vec::new(), resources: 1 });
                }
                if !leads.is_empty() {
                    let (role, tags) = (principal.arn().to_owned(), tags.clone());
                    crossing.doors.push(Door { role, trust, tags, leads });
                }
            }
            crossing.inside = Paths { graph, ..Paths::default() };
        }
        crossing.enter(paths, &mut gaps);
        crossing.told.unread = operations(&gaps);
        crossing
    }

    /// The ways from where somebody gets in to callers and to administration.
    fn enter(&mut self, paths: &Paths, gaps: &mut Gaps) {
        let callers: HashSet<&str> = self.told.callers.iter().map(|it| it.arn.as_str()).collect();
        for (class, unread) in &paths.unread.entries {
            if leads_on(*class) {
                gaps.extend(unread.iter().cloned());
            }
        }
        let mut found = Vec::new();
        for entry in paths.entries.iter().filter(|entry| leads_on(entry.class)) {
            // A session of Cognito's enhanced flow has no use for STS; see the search.
            let prefixes = entry.prefixes.iter().filter(|prefix| {
                let ends = prefix.edges.last().is_some_and(|it| paths.graph.edges[*it].grant.is_some());
                !prefix.is_scoped && !ends
            });
            let easy = |prefix: &&Prefix| {
                let doubt = worst(&paths.graph, &prefix.edges).penalty();
                (!prefix.is_meant, prefix.ease, Reverse(doubt), Reverse(prefix.edges.len()))
            };
            // Of two that are as easy the first, so that two scans tell the same.
            let Some(prefix) = prefixes.rev().max_by_key(easy) else { continue };
            let (leads, cut) = leads(&paths.graph, entry.resource, &prefix.edges, &callers, false);
            self.told.is_cut |= cut;
            if !leads.is_empty() {
                let (ease, is_meant) = (prefix.ease, prefix.is_meant);
                found.push(Entry { resource: entry.resource, ease, is_meant, leads });
            }
        }
        gaps.extend(paths.unread.inside.iter().cloned());
        found.sort_by_key(|entry| Reverse(entry.ease));
        self.told.is_cut |= found.len() > MOST_ENTRIES || paths.stopped.is_some();
        found.truncate(MOST_ENTRIES);
        self.entries = found;
    }
}

/// The trails of other accounts that record all regions of this one; none where that is not known.
fn organization_trails(snapshot: &Snapshot) -> Option<Vec<String>> {
    let mut found = BTreeSet::new();
    for region in snapshot.regions.values() {
        let trails = match region.cloudtrail.trails.get() {
            Ok(trails) => trails,
            Err(NotJudged::NotApplicable) => continue,
            Err(_) => return None,
        };
        for trail in trails.iter().filter(|it| it.account() != snapshot.account.id && it.is_multi_region) {
            if trail.status.get().ok()?.is_logging {
                found.insert(trail.arn.clone());
            }
        }
    }
    Some(found.into_iter().collect())
}

/// How many permission sets the organization has; none where its management account does not tell, or they were not read.
fn permission_sets(snapshot: &Snapshot) -> Option<u64> {
    let organization = snapshot.organizations.organization.get().ok()?.as_ref()?;
    if organization.management_account != snapshot.account.id {
        return None;
    }
    let mut count = 0;
    for region in snapshot.regions.values() {
        match region.identity_center.permission_sets.get() {
            Ok(sets) => count += sets.len() as u64,
            Err(NotJudged::NotApplicable) => {}
            Err(_) => return None,
        }
    }
    Some(count)
}

/// Whether what gets in so may go on to roles.
const fn leads_on(class: Class) -> bool {
    !matches!(class, Class::Database | Class::Bucket | Class::Origin | Class::Shared)
}

/// Whether the principal may be able to assume a role of another account.
fn calls(principal: &Principal<'_>, account: &str) -> bool {
    if matches!(principal.who, Who::Role(role) if role.is_service_linked()) {
        return false;
    }
    let mut allows = principal.permissions.policies.iter().flat_map(|source| source.policy.allows());
    let elsewhere = |statement: &Statement| {
        statement.actions.selects_action(ASSUME) && is_elsewhere(&statement.resources, account)
    };
    if !allows.any(elsewhere) {
        return false;
    }
    let mut permissions = principal.permissions.clone();
    // The role is another account's, whichever that is.
    permissions.known.forget("aws:ResourceAccount");
    !matches!(permissions.can(ASSUME, On::Any, &[]), Answer::No)
}

/// Whether some of the resources may be of another account.
fn is_elsewhere(resources: &Match, account: &str) -> bool {
    match resources {
        Match::Any(patterns) => patterns.iter().any(|pattern| account_of(pattern) != Some(account)),
        Match::NoneOf(_) => true,
    }
}

/// The operations of gaps, each once.
fn operations(gaps: &Gaps) -> Vec<String> {
    let operations: BTreeSet<_> = gaps.iter().map(|gap| gap.operation.to_string()).collect();
    operations.into_iter().filter(|it| !it.is_empty()).take(MOST_UNREAD).collect()
}

/// The likeliest ways from a node to administration, to callers and, where they are wanted, to data; and whether there
/// were more.
fn leads(
    graph: &Graph,
    from: usize,
    prefix: &[usize],
    callers: &HashSet<&str>,
    data: bool,
) -> (Vec<Lead>, bool) {
    let mut costs: BTreeMap<usize, (u64, Option<usize>)> = BTreeMap::new();
    let mut open = BinaryHeap::from([Reverse((0_u64, None::<usize>, from))]);
    let mut order = Vec::new();
    while let Some(Reverse((cost, by, node))) = open.pop() {
        if costs.contains_key(&node) {
            continue;
        }
        costs.insert(node, (cost, by));
        order.push(node);
        for edge in &graph.out[node] {
            let to = &graph.edges[*edge];
            if to.grant.is_none() && !costs.contains_key(&to.to) {
                open.push(Reverse((cost + to.certainty.cost(), Some(*edge), to.to)));
            }
        }
    }
    let way = |mut node: usize| {
        let mut edges = Vec::new();
        while let Some(edge) = costs.get(&node).and_then(|(_, by)| *by) {
            edges.push(edge);
            node = graph.edges[edge].from;
        }
        edges.extend(prefix.iter().rev());
        edges.reverse();
        edges
    };
    let mut best: BTreeMap<End, (u64, usize)> = BTreeMap::new();
    let mut found = Vec::new();
    for node in order {
        let cost = costs[&node].0;
        let arn = graph.nodes[node].arn.as_str();
        // A role that others may assume is itself told by who looks for its ways.
        if callers.contains(arn) && !(data && node == from) {
            found.push((cost, Lead { to: End::Caller(arn.to_owned()), edges: way(node), resources: 1 }));
        }
        for edge in &graph.out[node] {
            let Some(grant) = &graph.edges[*edge].grant else { continue };
            let end = match grant.impact {
                Impact::Administrator => End::Administrator,
                Impact::Secrets if data => End::Secrets,
                Impact::Loss if data => End::Loss,
                Impact::Sensitive if data => End::Sensitive,
                _ => continue,
            };
            let cost = cost + graph.edges[*edge].certainty.cost();
            if best.get(&end).is_none_or(|(least, _)| cost < *least) {
                best.insert(end, (cost, *edge));
            }
        }
    }
    // Who administers the account has its data; what is less sure hides nothing that is surer.
    if let Some(administers) = best.get(&End::Administrator).map(|(cost, _)| PathCertainty::of_cost(*cost)) {
        best.retain(|end, (cost, _)| {
            *end == End::Administrator || administers > PathCertainty::of_cost(*cost)
        });
    }
    let mut leads: Vec<Lead> = best
        .into_iter()
        .map(|(to, (_, edge))| {
            let mut edges = way(graph.edges[edge].from);
            edges.push(edge);
            let stores = graph.edges[edge].grant.as_ref().map_or(1, |grant| grant.stores.len().max(1));
            Lead { to, edges, resources: stores }
        })
        .collect();
    found.sort_by(|(a, one), (b, other)| (a, &one.to).cmp(&(b, &other.to)));
    let cut = found.len() > MOST_LEADS;
    leads.extend(found.into_iter().take(MOST_LEADS).map(|(_, lead)| lead));
    (leads, cut)
}

/// What the levels of service control policies say of assuming roles; none when one cannot be understood.
fn levels(levels: &[organizations::ControlLevel]) -> Option<Vec<Vec<Document>>> {
    let level = |level: &organizations::ControlLevel| {
        let policies = level.policies.iter().map(|policy| {
            let document = Policy::parse(&policy.document).ok()?;
            let statements = document.statements.iter().filter(|it| it.actions.selects_action(ASSUME));
            Some(Document { name: policy.id.clone(), text: text(statements.map(statement).collect()) })
        });
        policies.collect::<Option<Vec<_>>>()
    };
    organizations::turned_on(levels).map(level).collect()
}

/// What resource control policies deny of assuming roles; none when one cannot be understood.
fn denies(policies: &[&organizations::ControlPolicy]) -> Option<Vec<Document>> {
    let document = |policy: &&organizations::ControlPolicy| {
        let document = Policy::parse(&policy.document).ok()?;
        let denies: Vec<_> =
            denies_of(&document).filter(|it| it.actions.selects_action(ASSUME)).map(statement).collect();
        Some((!denies.is_empty()).then(|| Document { name: policy.id.clone(), text: text(denies) }))
    };
    Some(policies.iter().map(document).collect::<Option<Vec<_>>>()?.into_iter().flatten().collect())
}

/// What an identity policy says of assuming roles elsewhere.
fn identity_document(policy: &Arc<Policy>, account: &str) -> String {
    let about = policy.statements.iter().filter(|it| it.actions.selects_action(ASSUME));
    let about = about.filter(|it| it.effect == Effect::Deny || is_elsewhere(&it.resources, account));
    text(about.map(statement).collect())
}

/// What a trust policy says of principals of other accounts; none where it lets in none.
fn trust_document(trust: &Policy, account: &str, members: Option<&[String]>) -> Option<String> {
    let is_member = |other: &str| members.is_none_or(|members| members.iter().any(|it| it == other));
    let of_others = |(kind, name): &(String, String)| {
        kind.eq_ignore_ascii_case("AWS")
            && (name == "*"
                || account_named(name)
                    .or_else(|| account_of(name))
                    .is_some_and(|other| other != account && is_member(other)))
    };
    let mut statements = Vec::new();
    let mut lets_in = false;
    for it in trust.statements.iter().filter(|it| it.actions.selects_action(ASSUME)) {
        if it.effect == Effect::Deny {
            statements.push(statement(it));
            continue;
        }
        let principals = match &it.principals {
            Some(Principals::Any(named)) => {
                let others: Vec<_> = named.iter().filter(|it| of_others(it)).cloned().collect();
                if others.is_empty() {
                    continue;
                }
                Principals::Any(others)
            }
            Some(all) => all.clone(),
            None => continue,
        };
        lets_in = true;
        statements.push(statement(&Statement { principals: Some(principals), ..it.clone() }));
    }
    lets_in.then(|| text(statements))
}

/// A document of these statements. What callers are meant to keep secret is masked.
fn text(statements: Vec<Value>) -> String {
    shared_secret::masked(&json!({"Statement": statements}).to_string())
}

/// A statement as it is about assuming roles alone, with its label for a `Sid`.
fn statement(statement: &Statement) -> Value {
    let mut object = Map::new();
    object.insert("Sid".into(), statement.label().into());
    let effect = if statement.effect == Effect::Allow { "Allow" } else { "Deny" };
    object.insert("Effect".into(), effect.into());
    if let Some(principals) = &statement.principals {
        let (name, Principals::Any(named) | Principals::NoneOf(named)) = match principals {
            Principals::Any(_) => ("Principal", principals),
            Principals::NoneOf(_) => ("NotPrincipal", principals),
        };
        let mut kinds: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (kind, principal) in named {
            kinds.entry(kind).or_default().push(principal);
        }
        object.insert(name.into(), json!(kinds));
    }
    object.insert("Action".into(), ASSUME.into());
    let (name, patterns) = match &statement.resources {
        Match::Any(patterns) => ("Resource", patterns),
        Match::NoneOf(patterns) => ("NotResource", patterns),
    };
    object.insert(name.into(), json!(patterns));
    let mut conditions: BTreeMap<&str, BTreeMap<&str, Vec<&str>>> = BTreeMap::new();
    for condition in &statement.conditions {
        let values = conditions.entry(&condition.operator).or_default();
        values.insert(&condition.key, values_of(condition));
    }
    if !conditions.is_empty() {
        object.insert("Condition".into(), json!(conditions));
    }
    Value::Object(object)
}

fn values_of(condition: &Condition) -> Vec<&str> {
    let hides = condition.key.eq_ignore_ascii_case("sts:ExternalId");
    let shown =
        |value: &'_ String| !hides || value.contains('*') || ["true", "false"].contains(&value.as_str());
    condition.values.iter().map(|value| if shown(value) { value.as_str() } else { AN_EXTERNAL_ID }).collect()
}
