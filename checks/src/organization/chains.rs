//! Chains of roles over the accounts of an organization: from where somebody gets into one account to administration or
//! data of another, and from inside a member to the management account or a delegated administrator. Each account's
//! report has its own part ([`CrossAccount`]); what joins two parts is judged here, with both sides at hand: the trust
//! policy of the role and resource control policies over it, the identity policies, boundary and service control policies
//! of who assumes it (IAM User Guide, "Cross-account policy evaluation logic": both accounts must allow it).
//!
//! An account of which nothing is known stands in the middle of chains all the same: who may assume roles there, and what
//! roles elsewhere trust it by its number, is told as to be verified.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, BinaryHeap},
    sync::Arc,
};

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Unit;
use crate::{
    analysis::{
        paths::{graph::Impact, rank},
        policy::{
            Condition, Known, Match, Policy, Principals, account_of,
            effective::{Answer, On, Permissions, Request, ResourceTags, Source},
        },
        resource_controls::{Denied, denied},
        trust::{Admits, account_named, foreign},
    },
    cross_account::{Caller, CrossAccount, Document, Door, Ease, End, Lead, WayIn},
    finding::{Severity, id_of},
    page::Lang,
    report_paths::{EdgeKind, NodeKind, PathCertainty, PathNode, PathStep},
};

/// A way over accounts that ends in another account than it begins in.
pub const CHAIN: &str = "path-cross-account-chain";

/// A way that ends in administration of the management account or of a delegated administrator.
pub const MANAGEMENT: &str = "path-management-account";

/// Most chains that are told.
const MOST_CHAINS: usize = 500;

/// Most pairs of who assumes and what is assumed that are judged.
const MOST_PAIRS: usize = 400_000;

/// Accounts named in a sentence.
const NAMED: usize = 10;

const ASSUME: &str = "sts:AssumeRole";

/// A name that no role has and only a wildcard matches.
const SOMEBODY: &str = "\u{2}";

/// A chain over accounts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Chain {
    /// The key of a ticket: the same from run to run, from where it begins and what it leads to.
    pub id: String,
    /// `path-cross-account-chain` or `path-management-account`.
    pub check: String,
    /// What it leads to, in a sentence.
    pub title: String,
    /// The severity.
    pub severity: Severity,
    /// How sure it is: as sure as its least sure step.
    pub certainty: PathCertainty,
    /// Id of the account in which it begins.
    pub account: String,
    /// Where it enters that account; of one from inside, who begins it.
    pub entry: PathNode,
    /// Whether it begins with somebody inside the account.
    pub from_inside: bool,
    /// Where it ends.
    pub target: PathNode,
    /// Ids of the accounts to which it leads in the same way; the steps lead to the first.
    pub accounts: Vec<String>,
    /// The steps, from the outside to the target.
    pub steps: Vec<PathStep>,
    /// What to do.
    pub fix: String,
}

/// What a run knows of an account's place among the others.
#[derive(Clone, Debug)]
pub(super) struct Member {
    pub(super) part: Option<CrossAccount>,
    pub(super) partition: String,
    pub(super) at: Timestamp,
    pub(super) organization: Option<String>,
    pub(super) units: Vec<Unit>,
}

/// What chains are told of.
#[derive(Debug, Default)]
pub(super) struct Asked<'m> {
    /// Accounts with a report, by id.
    pub(super) members: BTreeMap<&'m str, &'m Member>,
    /// Accounts that should have one and have none.
    pub(super) missing: BTreeSet<&'m str>,
    pub(super) management_account: Option<&'m str>,
    /// The services that accounts administer for the organization, by account.
    pub(super) delegated: BTreeMap<&'m str, &'m [String]>,
    pub(super) lang: Lang,
}

/// The chains, worst first, and why there may be more.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) chains: Vec<Chain>,
    pub(super) incomplete: Vec<String>,
}

/// A place in the accounts, by their numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Node {
    Entry(usize, usize),
    /// Somebody in the account.
    Inside(usize),
    Caller(usize, usize),
    Door(usize, usize),
    Administrator(usize),
    Data(usize, Stakes),
    /// An account of which nothing is known.
    Unknown(usize),
}

/// What is read, or lost, without being an administrator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Stakes {
    Secrets,
    Loss,
    Sensitive,
}

impl Stakes {
    const fn impact(self) -> Impact {
        match self {
            Self::Secrets => Impact::Secrets,
            Self::Loss => Impact::Loss,
            Self::Sensitive => Impact::Sensitive,
        }
    }
}

/// How one place leads to the next.
#[derive(Clone, Debug)]
enum How<'m> {
    /// Inside the account.
    Leads(&'m Lead),
    /// Somebody who is there.
    Is,
    /// An administrator acts as others of the account.
    Acts,
    /// Over the border.
    Assumes { because: String, condition: Option<String> },
    /// Into an account of which nothing is known, or out of it.
    Unverified { because: String, by_name: bool },
}

#[derive(Clone, Debug)]
struct Edge<'m> {
    to: Node,
    cost: u64,
    how: How<'m>,
}

/// What is reached: at what cost, and from where by which edge.
type Reached<'w, 'm> = BTreeMap<Node, (u64, Option<(Node, &'w Edge<'m>)>)>;

/// A place where a chain may end: how bad that is, and at what cost it is reached.
type Candidate = (Severity, u64, Node);

/// An account with its documents read.
struct Side<'m> {
    id: &'m str,
    /// None of an account of which nothing is known.
    known: Option<Parts<'m>>,
}

struct Parts<'m> {
    member: &'m Member,
    part: &'m CrossAccount,
    /// By the part's rights.
    permissions: Vec<Option<Permissions>>,
    /// By the part's doors.
    trusts: Vec<Option<Policy>>,
    /// None where they are not known.
    denies: Option<Vec<Source>>,
}

/// Everything, joined.
struct World<'m> {
    sides: Vec<Side<'m>>,
    out: BTreeMap<Node, Vec<Edge<'m>>>,
    asked: &'m Asked<'m>,
    pairs: usize,
}

/// The chains over these accounts.
pub(super) fn of(asked: &Asked<'_>) -> Found {
    // Where no check that tells of attack paths ran, nobody asks.
    if asked.members.values().all(|member| member.part.is_none()) {
        return Found::default();
    }
    let mut world = World::new(asked);
    world.leads();
    world.borders();
    let mut chains = Vec::new();
    for at in 0..world.sides.len() {
        let entries = world.sides[at].known.as_ref().map_or(0, |known| known.part.entries.len());
        for entry in 0..entries {
            chains.extend(world.from(Node::Entry(at, entry)));
        }
    }
    // Who gets in tells more than that somebody inside could.
    let told: BTreeSet<(String, &str, Vec<String>)> = chains
        .iter()
        // From inside no others are told: one to mere data does not stand for one to administration.
        .filter(|it| matches!(it.target.kind, NodeKind::Administrator | NodeKind::ExternalAccount))
        .map(|it| (it.account.clone(), check(it), it.accounts.clone()))
        .collect();
    for at in 0..world.sides.len() {
        let inside = world.from(Node::Inside(at)).into_iter();
        chains.extend(
            inside.filter(|it| !told.contains(&(it.account.clone(), check(it), it.accounts.clone()))),
        );
    }
    chains.sort_by(|a, b| {
        let key = |it: &Chain| (Reverse(it.severity), Reverse(check(it)), it.from_inside);
        let name = |it: &Chain| (it.account.clone(), it.entry.id.clone(), it.id.clone());
        key(a).cmp(&key(b)).then_with(|| name(a).cmp(&name(b)))
    });
    let incomplete = world.incomplete(chains.len());
    chains.truncate(MOST_CHAINS);
    Found { chains, incomplete }
}

fn check(chain: &Chain) -> &'static str {
    if chain.check == MANAGEMENT { MANAGEMENT } else { CHAIN }
}

impl<'m> Parts<'m> {
    fn of(member: &'m Member, part: &'m CrossAccount) -> Self {
        let source = |document: &Document| {
            let policy = Arc::new(Policy::parse(&document.text).ok()?);
            Some(Source { name: document.name.as_str().into(), policy })
        };
        let sources = |documents: &[Document]| documents.iter().map(source).collect::<Option<Vec<_>>>();
        let controls = part.service_control_policies.as_deref().unwrap_or_default();
        let controls: Option<Vec<Vec<Source>>> = controls.iter().map(|level| sources(level)).collect();
        let permissions = part.rights.iter().map(|rights| {
            Some(Permissions {
                policies: sources(&rights.policies)?,
                boundary: match &rights.boundary {
                    Some(boundary) => Some(source(boundary)?),
                    None => None,
                },
                controls: controls.clone()?,
                known: Known::default(),
            })
        });
        Self {
            member,
            part,
            permissions: permissions.collect(),
            trusts: part.doors.iter().map(|door| Policy::parse(&door.trust).ok()).collect(),
            denies: part.resource_control_policies.as_deref().and_then(sources),
        }
    }

    fn organization(&self) -> Option<&'m str> {
        self.part.organization.as_deref().or(self.member.organization.as_deref())
    }
}

impl<'m> World<'m> {
    fn new(asked: &'m Asked<'m>) -> Self {
        let with_report = asked.members.iter().map(|(id, member)| {
            let part = member.part.as_ref().filter(|part| !part.is_unknown);
            Side { id, known: part.map(|part| Parts::of(member, part)) }
        });
        let missing = asked.missing.iter().filter(|id| !asked.members.contains_key(*id));
        let sides = with_report.chain(missing.map(|id| Side { id, known: None })).collect();
        Self { sides, out: BTreeMap::new(), asked, pairs: 0 }
    }

    fn edge(&mut self, from: Node, to: Node, cost: u64, how: How<'m>) {
        self.out.entry(from).or_default().push(Edge { to, cost, how });
    }

    /// Whether it is the management account or a delegated administrator.
    fn is_special(&self, side: usize) -> bool {
        self.manages(side) || self.asked.delegated.contains_key(self.sides[side].id)
    }

    /// Whether it is the management account.
    fn manages(&self, side: usize) -> bool {
        self.asked.management_account == Some(self.sides[side].id)
    }

    /// What leads somewhere inside each account.
    fn leads(&mut self) {
        for at in 0..self.sides.len() {
            let Some(Parts { part, .. }) = &self.sides[at].known else { continue };
            let part: &'m CrossAccount = part;
            let place = |arn: &str| part.callers.iter().position(|caller| caller.arn == arn);
            let mut edges = Vec::new();
            let mut follow = |from: Node, leads: &'m [Lead]| {
                for lead in leads {
                    let to = match &lead.to {
                        End::Caller(arn) => match place(arn) {
                            Some(caller) => Node::Caller(at, caller),
                            None => continue,
                        },
                        End::Administrator => Node::Administrator(at),
                        End::Secrets => Node::Data(at, Stakes::Secrets),
                        End::Loss => Node::Data(at, Stakes::Loss),
                        End::Sensitive => Node::Data(at, Stakes::Sensitive),
                    };
                    let cost = lead.steps.iter().map(|step| step.certainty.cost()).sum();
                    edges.push((from, to, cost, How::Leads(lead)));
                }
            };
            for (entry, way) in part.entries.iter().enumerate() {
                follow(Node::Entry(at, entry), &way.leads);
            }
            for (door, way) in part.doors.iter().enumerate() {
                follow(Node::Door(at, door), &way.leads);
            }
            for (caller, it) in part.callers.iter().enumerate() {
                // Somebody with few rights is worse to have there than an administrator.
                let cost = if it.is_administrator { 2 } else { 1 };
                edges.push((Node::Inside(at), Node::Caller(at, caller), cost, How::Is));
                if !it.is_fixed {
                    edges.push((Node::Administrator(at), Node::Caller(at, caller), 1, How::Acts));
                }
            }
            for (from, to, cost, how) in edges {
                self.edge(from, to, cost, how);
            }
        }
    }

    /// What leads from account to account.
    fn borders(&mut self) {
        let ids: BTreeMap<&'m str, usize> =
            self.sides.iter().enumerate().map(|(at, side)| (side.id, at)).collect();
        let mut edges = Vec::new();
        let mut pairs = 0;
        for (b, side) in self.sides.iter().enumerate() {
            let Some(role_side) = &side.known else { continue };
            for (d, (door, trust)) in role_side.part.doors.iter().zip(&role_side.trusts).enumerate() {
                let Some(trust) = trust else { continue };
                let trusted = trusted(trust);
                let accounts: Vec<usize> = match &trusted {
                    None => (0..self.sides.len()).collect(),
                    Some(named) => named.keys().filter_map(|id| ids.get(id).copied()).collect(),
                };
                for a in accounts.into_iter().filter(|a| *a != b) {
                    let caller_side = &self.sides[a];
                    let named = trusted.as_ref().and_then(|named| named.get(caller_side.id));
                    match &caller_side.known {
                        Some(parts) => {
                            for (c, caller) in parts.part.callers.iter().enumerate() {
                                // Where it trusts some by name, the others need not be asked.
                                let is_named = |names: &&Vec<&str>| {
                                    names.is_empty() || names.iter().any(|name| is_name_of(name, &caller.arn))
                                };
                                if named.is_some_and(|names| !is_named(&names)) {
                                    continue;
                                }
                                pairs += 1;
                                if pairs > MOST_PAIRS {
                                    continue;
                                }
                                let asks = Asks { caller, parts, account: caller_side.id };
                                let enters = Enters { door, trust, parts: role_side, account: side.id };
                                if let Some((cost, how)) = assumes(&asks, &enters, self.asked.lang) {
                                    edges.push((Node::Caller(a, c), Node::Door(b, d), cost, how));
                                }
                            }
                        }
                        // Of one of which nothing is known only what is named counts: everybody is everybody.
                        None => {
                            let Some(names) = named else { continue };
                            let (partition, account) = (&role_side.member.partition, caller_side.id);
                            let somebody = format!("arn:{partition}:iam::{account}:role/{SOMEBODY}");
                            let names = names.iter().copied().chain([somebody.as_str()]);
                            let mut known = Known::default();
                            known.is("aws:PrincipalAccount", caller_side.id);
                            if let Some(organization) = role_side.organization() {
                                known.is("aws:PrincipalOrgID", organization);
                            }
                            // One whom the role lets in is enough.
                            let admitted = names.into_iter().find_map(|arn| {
                                match foreign(trust, arn, caller_side.id, &known) {
                                    Admits::No => None,
                                    Admits::Yes(statement) | Admits::If(statement, _) => Some(statement),
                                }
                            });
                            let Some(statement) = admitted else { continue };
                            let because = trusts(&statement.label(), self.asked.lang);
                            let how = How::Unverified { because, by_name: true };
                            edges.push((Node::Unknown(a), Node::Door(b, d), UNKNOWN, how));
                        }
                    }
                }
            }
        }
        let unknown: Vec<usize> =
            (0..self.sides.len()).filter(|at| self.sides[*at].known.is_none()).collect();
        for (a, side) in self.sides.iter().enumerate() {
            let Some(parts) = &side.known else { continue };
            for (c, caller) in parts.part.callers.iter().enumerate() {
                for o in &unknown {
                    pairs += 1;
                    if pairs > MOST_PAIRS {
                        continue;
                    }
                    if let Some((because, by_name)) =
                        reaches_unknown(parts, side.id, caller, self.sides[*o].id)
                    {
                        let how = How::Unverified { because, by_name };
                        edges.push((Node::Caller(a, c), Node::Unknown(*o), UNKNOWN, how));
                    }
                }
            }
        }
        self.pairs = pairs;
        for (from, to, cost, how) in edges {
            self.edge(from, to, cost, how);
        }
        for at in unknown {
            self.edge(Node::Inside(at), Node::Unknown(at), 0, How::Is);
        }
    }

    /// The chains that begin there, those of a kind as one.
    fn from(&self, start: Node) -> Vec<Chain> {
        let (Node::Entry(home, _) | Node::Inside(home)) = start else { return Vec::new() };
        let is_inside = matches!(start, Node::Inside(_));
        // Who manages the organization has every account.
        if is_inside && self.manages(home) {
            return Vec::new();
        }
        let reached = self.search(start);
        // Who administers an account has its data; what is less sure hides nothing that is surer.
        let administered: BTreeMap<usize, PathCertainty> = reached
            .iter()
            .filter_map(|(node, (cost, _))| match node {
                Node::Administrator(at) => Some((*at, PathCertainty::of_cost(*cost))),
                _ => None,
            })
            .collect();
        let is_hidden = |at: &usize, cost: u64| {
            administered.get(at).is_some_and(|administers| *administers <= PathCertainty::of_cost(cost))
        };
        let mut groups: BTreeMap<(&'static str, String), Vec<Candidate>> = BTreeMap::new();
        for (node, (cost, _)) in &reached {
            let (side, impact, what) = match *node {
                Node::Administrator(at) if at != home || !is_inside && self.is_special(at) => {
                    (at, Impact::Administrator, "administrator")
                }
                Node::Data(at, stakes) if at != home && !is_hidden(&at, *cost) && !is_inside => {
                    let what = match stakes {
                        Stakes::Secrets => "secrets",
                        Stakes::Loss => "loss",
                        Stakes::Sensitive => "data",
                    };
                    (at, stakes.impact(), what)
                }
                Node::Unknown(at) if at != home => (at, Impact::Administrator, "no report"),
                _ => continue,
            };
            let entry = self.entry(start);
            if entry.is_some_and(|entry| entry.is_meant) && impact != Impact::Administrator {
                continue;
            }
            let steps = self.steps(&reached, *node);
            let ease = entry.map_or(Ease::Inside, |entry| entry.ease);
            let certainty = steps.iter().map(|step| step.certainty).max().unwrap_or(PathCertainty::Certain);
            let count = steps.iter().filter(|step| step.edge != EdgeKind::Administers).count();
            let is_special = self.is_special(side);
            let severity = match rank::by_certainty(ease, impact, certainty, count) {
                Some(severity) => severity,
                // It is there to be verified, as far as somebody wrote the account's number, or gets in.
                None if certainty == PathCertainty::Unknown && (!is_inside || is_special) => Severity::Low,
                None => continue,
            };
            let key = if is_special && impact == Impact::Administrator {
                (MANAGEMENT, format!("{what} {}", self.sides[side].id))
            } else {
                (CHAIN, format!("{what} of other accounts"))
            };
            groups.entry(key).or_default().push((severity, *cost, *node));
        }
        let told = groups.into_iter().filter_map(|((check, towards), mut ends)| {
            ends.sort_by_key(|(severity, cost, node)| (Reverse(*severity), *cost, *node));
            let (severity, _, node) = *ends.first()?;
            let mut accounts: Vec<String> = Vec::new();
            for (.., node) in &ends {
                let id = self.sides[side_of(*node)].id.to_owned();
                if !accounts.contains(&id) {
                    accounts.push(id);
                }
            }
            if let Some((_, others)) = accounts.split_first_mut() {
                others.sort();
            }
            self.told(start, check, &towards, severity, self.steps(&reached, node), node, accounts)
        });
        told.collect()
    }

    fn entry(&self, start: Node) -> Option<&'m WayIn> {
        let Node::Entry(home, at) = start else { return None };
        self.sides[home].known.as_ref().map(|known| &known.part.entries[at])
    }

    /// The cheapest way to each place.
    fn search(&self, start: Node) -> Reached<'_, 'm> {
        let is_inside = matches!(start, Node::Inside(_));
        let mut reached: Reached<'_, 'm> = BTreeMap::new();
        let mut open = BinaryHeap::from([Reverse((0_u64, start, None::<(Node, usize)>))]);
        while let Some(Reverse((cost, node, by))) = open.pop() {
            if reached.contains_key(&node) {
                continue;
            }
            let by = by.and_then(|(from, edge)| Some((from, self.out.get(&from)?.get(edge)?)));
            reached.insert(node, (cost, by));
            // Who manages the organization has every account: nothing more is to be told behind that.
            if matches!(node, Node::Administrator(at) if self.manages(at)) {
                continue;
            }
            for (at, edge) in self.out.get(&node).into_iter().flatten().enumerate() {
                let is_vague = matches!(edge.how, How::Unverified { by_name: false, .. });
                if (is_vague && is_inside) || reached.contains_key(&edge.to) {
                    continue;
                }
                open.push(Reverse((cost + edge.cost, edge.to, Some((node, at)))));
            }
        }
        reached
    }

    /// The steps to a place.
    fn steps(&self, reached: &Reached<'_, 'm>, to: Node) -> Vec<PathStep> {
        let mut parts: Vec<Vec<PathStep>> = Vec::new();
        let mut node = to;
        while let Some((_, Some((from, edge)))) = reached.get(&node) {
            let step =
                |kind: EdgeKind, because: &str, certainty: PathCertainty, condition: Option<String>| {
                    vec![PathStep {
                        from: self.node(*from),
                        to: self.node(edge.to),
                        edge: kind,
                        because: because.to_owned(),
                        certainty,
                        condition,
                        findings: Vec::new(),
                    }]
                };
            parts.push(match &edge.how {
                How::Leads(lead) => lead.steps.clone(),
                How::Is => Vec::new(),
                How::Acts => {
                    let because = match self.asked.lang {
                        Lang::En => "an administrator can act as it",
                        Lang::Ja => "管理者はこのプリンシパルとして操作できます",
                    };
                    step(EdgeKind::Escalates, because, PathCertainty::Certain, None)
                }
                How::Assumes { because, condition } => {
                    let certainty = match condition {
                        Some(_) => PathCertainty::Conditional,
                        None => PathCertainty::Certain,
                    };
                    step(EdgeKind::Assumes, because, certainty, condition.clone())
                }
                How::Unverified { because, .. } => {
                    let account = match (*from, edge.to) {
                        (Node::Unknown(at), _) | (_, Node::Unknown(at)) => self.sides[at].id,
                        _ => "",
                    };
                    let condition = match self.asked.lang {
                        Lang::En => format!("scan account {account} to be sure"),
                        Lang::Ja => format!("確認にはアカウント {account} のスキャンが必要です"),
                    };
                    step(EdgeKind::Assumes, because, PathCertainty::Unknown, Some(condition))
                }
            });
            node = *from;
        }
        parts.reverse();
        parts.concat()
    }

    fn node(&self, node: Node) -> PathNode {
        let id = self.sides[side_of(node)].id;
        let principal = |arn: &str| PathNode {
            kind: NodeKind::Principal,
            id: arn.rsplit('/').next().unwrap_or(arn).to_owned(),
            arn: Some(arn.to_owned()),
        };
        let account = |kind| PathNode { kind, id: id.to_owned(), arn: None };
        let part = |at: usize| self.sides[at].known.as_ref().map(|known| known.part);
        match node {
            Node::Caller(at, caller) => {
                part(at).map_or_else(|| account(NodeKind::Principal), |it| principal(&it.callers[caller].arn))
            }
            Node::Door(at, door) => {
                part(at).map_or_else(|| account(NodeKind::Principal), |it| principal(&it.doors[door].role))
            }
            Node::Administrator(_) => account(NodeKind::Administrator),
            Node::Entry(..) | Node::Inside(_) | Node::Data(..) | Node::Unknown(_) => {
                account(NodeKind::ExternalAccount)
            }
        }
    }

    #[expect(clippy::too_many_arguments, reason = "what a chain is made of")]
    fn told(
        &self,
        start: Node,
        check: &'static str,
        towards: &str,
        severity: Severity,
        steps: Vec<PathStep>,
        end: Node,
        accounts: Vec<String>,
    ) -> Option<Chain> {
        let account = self.sides[side_of(start)].id;
        let first = steps.first()?;
        let (entry, id) = match self.entry(start) {
            Some(way) => {
                let id = id_of(
                    check,
                    account,
                    &way.resource_type,
                    way.region.as_deref(),
                    &way.entry.id,
                    Some(towards),
                );
                (way.entry.clone(), id)
            }
            None => {
                let id = id_of(check, account, "AWS::::Account", None, account, Some(towards));
                (first.from.clone(), id)
            }
        };
        let target = steps.last()?.to.clone();
        let certainty = steps.iter().map(|step| step.certainty).max()?;
        let lang = self.asked.lang;
        let title = self.title(start, &entry, check, end, &accounts, certainty);
        let fix = fix(&steps, self.is_special(side_of(end)), lang);
        Some(Chain {
            id,
            check: check.to_owned(),
            title,
            severity,
            certainty,
            account: account.to_owned(),
            from_inside: matches!(start, Node::Inside(_)),
            entry,
            target,
            accounts,
            steps,
            fix,
        })
    }

    fn title(
        &self,
        start: Node,
        entry: &PathNode,
        check: &str,
        end: Node,
        accounts: &[String],
        certainty: PathCertainty,
    ) -> String {
        let (lang, home) = (self.asked.lang, self.sides[side_of(start)].id);
        let count = accounts.len();
        let first = accounts.first().map_or("", String::as_str);
        let which = match (lang, count) {
            (_, 1) if self.asked.management_account == Some(first) => match lang {
                Lang::En => format!("the management account {first}"),
                Lang::Ja => format!("管理アカウント {first} "),
            },
            (Lang::En, 1) if check == MANAGEMENT => format!(
                "account {first}, which administers {} for the organization",
                self.asked.delegated.get(first).map(|it| it.join(", ")).unwrap_or_default()
            ),
            (Lang::Ja, 1) if check == MANAGEMENT => format!(
                "組織の {} の委任管理者アカウント {first} ",
                self.asked.delegated.get(first).map(|it| it.join("、")).unwrap_or_default()
            ),
            (Lang::En, 1) => format!("account {first}"),
            (Lang::Ja, 1) => format!("アカウント {first} "),
            (Lang::En, _) => format!("{count} accounts"),
            (Lang::Ja, _) => format!("{count}アカウント"),
        };
        let what = match (end, lang) {
            (Node::Data(_, Stakes::Secrets), Lang::En) => "the secrets of ",
            (Node::Data(_, Stakes::Secrets), Lang::Ja) => "のシークレット",
            (Node::Data(_, Stakes::Loss), Lang::En) => "the loss of data of ",
            (Node::Data(_, Stakes::Loss), Lang::Ja) => "のデータの消失",
            (Node::Data(..), Lang::En) => "data of ",
            (Node::Data(..), Lang::Ja) => "のデータ",
            (Node::Unknown(_), Lang::En) => "roles of unknown rights in ",
            (Node::Unknown(_), Lang::Ja) => "の権限不明のロール",
            (_, Lang::En) => "administration of ",
            (_, Lang::Ja) => "の管理者権限",
        };
        let verify = match (certainty, lang) {
            (PathCertainty::Unknown, Lang::En) => " (to be verified)",
            (PathCertainty::Unknown, Lang::Ja) => "（要確認）",
            _ => "",
        };
        let from = match (start, lang) {
            (Node::Inside(_), Lang::En) => format!("Somebody inside account {home}"),
            (Node::Inside(_), Lang::Ja) => format!("アカウント {home} の内部"),
            (_, Lang::En) => format!("{} in account {home}", entry.id),
            (_, Lang::Ja) => format!("アカウント {home} の {}", entry.id),
        };
        match lang {
            Lang::En => format!("{from} leads to {what}{which}{verify}"),
            Lang::Ja => format!("{from}から{which}{what}に到達できます{verify}"),
        }
    }

    /// Why there may be more chains.
    fn incomplete(&self, found: usize) -> Vec<String> {
        let lang = self.asked.lang;
        let mut told = Vec::new();
        let named = |accounts: &[&str]| {
            let shown = accounts.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
            if accounts.len() > NAMED { format!("{shown}, …") } else { shown }
        };
        let unknown: Vec<&str> =
            self.sides.iter().filter(|side| side.known.is_none()).map(|side| side.id).collect();
        if !unknown.is_empty() {
            let (count, shown) = (unknown.len(), named(&unknown));
            told.push(match lang {
                Lang::En => format!("Of {count} accounts it is not known where roles lead: {shown}."),
                Lang::Ja => format!("{count}アカウントはロールの到達先が不明です：{shown}。"),
            });
        }
        let mut unread: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        let mut cut = Vec::new();
        for (id, member) in &self.asked.members {
            let Some(part) = &member.part else { continue };
            for operation in &part.unread {
                unread.entry(operation).or_default().push(id);
            }
            if part.is_cut {
                cut.push(*id);
            }
        }
        for (operation, accounts) in unread {
            let (count, shown) = (accounts.len(), named(&accounts));
            told.push(match lang {
                Lang::En => format!("{operation} could not be read in {count} accounts: {shown}."),
                Lang::Ja => format!("{operation} を{count}アカウントで読み取れませんでした：{shown}。"),
            });
        }
        if !cut.is_empty() {
            let (count, shown) = (cut.len(), named(&cut));
            told.push(match lang {
                Lang::En => format!("{count} accounts have more roles over accounts than are told: {shown}."),
                Lang::Ja => {
                    format!(
                        "{count}アカウントは、アカウント間のロールが多く一部だけを調べています：{shown}。"
                    )
                }
            });
        }
        if self.pairs > MOST_PAIRS {
            told.push(match lang {
                Lang::En => {
                    format!("Only {MOST_PAIRS} of {} pairs of caller and role were judged.", self.pairs)
                }
                Lang::Ja => {
                    format!("呼び出し元とロールの組{}件のうち{MOST_PAIRS}件だけを判定しました。", self.pairs)
                }
            });
        }
        if found > MOST_CHAINS {
            told.push(match lang {
                Lang::En => format!("There are {found} chains; only the worst are told."),
                Lang::Ja => format!("経路は{found}件あります。重大なものだけを示しています。"),
            });
        }
        told
    }
}

const UNKNOWN: u64 = PathCertainty::Unknown.cost();

const fn side_of(node: Node) -> usize {
    match node {
        Node::Entry(at, _)
        | Node::Inside(at)
        | Node::Caller(at, _)
        | Node::Door(at, _)
        | Node::Administrator(at)
        | Node::Data(at, _)
        | Node::Unknown(at) => at,
    }
}

/// The accounts that a trust policy lets in, each with the principals that it names there; none of them where it trusts
/// the account as a whole. None where it lets everyone in.
fn trusted(trust: &Policy) -> Option<BTreeMap<&str, Vec<&str>>> {
    let mut named: BTreeMap<&str, Option<Vec<&str>>> = BTreeMap::new();
    for statement in trust.allows() {
        let Some(Principals::Any(principals)) = &statement.principals else { return None };
        for (_, name) in principals {
            if name == "*" {
                return None;
            }
            match account_named(name) {
                Some(account) => {
                    named.insert(account, None);
                }
                None => {
                    let Some(account) = account_of(name) else { continue };
                    if let Some(names) = named.entry(account).or_insert_with(|| Some(Vec::new())) {
                        names.push(name);
                    }
                }
            }
        }
    }
    Some(named.into_iter().map(|(account, names)| (account, names.unwrap_or_default())).collect())
}

/// Whether a trust policy's name may be of a principal: the same, or a session of the role.
fn is_name_of(name: &str, arn: &str) -> bool {
    let last = |text: &str| text.rsplit('/').next().unwrap_or_default().to_owned();
    name == arn
        || name
            .split_once(":assumed-role/")
            .is_some_and(|(_, session)| session.split('/').next() == Some(last(arn).as_str()))
}

/// Who asks for a role.
struct Asks<'a, 'm> {
    caller: &'a Caller,
    parts: &'a Parts<'m>,
    account: &'a str,
}

/// The role, with who owns it.
struct Enters<'a, 'm> {
    door: &'a Door,
    trust: &'a Policy,
    parts: &'a Parts<'m>,
    account: &'a str,
}

/// What is known of a caller's requests for roles of another account.
fn known_of(asks: &Asks<'_, '_>) -> Known {
    let Asks { caller, parts, account } = asks;
    let is_user = caller.arn.contains(":user/");
    let mut known = Known::default();
    known.is("aws:PrincipalArn", caller.arn.as_str());
    known.is("aws:PrincipalAccount", *account);
    known.is("aws:PrincipalType", if is_user { "User" } else { "AssumedRole" });
    known.is("aws:PrincipalIsAWSService", "false");
    known.is("aws:ViaAWSService", "false");
    let now = parts.member.at;
    known.is("aws:CurrentTime", now.to_string());
    known.is("aws:EpochTime", now.as_second().to_string());
    if is_user {
        known.is("aws:username", caller.arn.rsplit('/').next().unwrap_or_default());
        known.can_be("aws:TokenIssueTime", [None, Some(now.to_string())]);
    } else {
        known.can_be("aws:username", [None]);
        known.is("aws:TokenIssueTime", now.to_string());
    }
    match parts.organization() {
        Some(organization) => {
            known.is("aws:PrincipalOrgID", organization);
            // The path is of ids (IAM User Guide, "aws:PrincipalOrgPaths"); units of an accounts file have names for ids.
            let is_tree = parts.member.units.split_first().is_some_and(|(root, below)| {
                root.id.starts_with("r-") && below.iter().all(|unit| unit.id.starts_with("ou-"))
            });
            if is_tree {
                let units = parts.member.units.iter().map(|unit| format!("{}/", unit.id)).collect::<String>();
                known.is("aws:PrincipalOrgPaths", format!("{organization}/{units}"));
            }
        }
        // An account that is in none can tell; one that may not know cannot.
        None if parts.part.service_control_policies.as_ref().is_some_and(Vec::is_empty) => {
            known.can_be("aws:PrincipalOrgID", [None]);
        }
        None => {}
    }
    for (key, value) in &caller.tags {
        known.is(&format!("aws:PrincipalTag/{key}"), value);
    }
    known.has_no_other("aws:principaltag/");
    // The caller names its session (STS API reference, "AssumeRole").
    known.chooses("sts:rolesessionname");
    known
}

/// Whether the caller can assume the role, and by what.
fn assumes<'m>(asks: &Asks<'_, 'm>, enters: &Enters<'_, 'm>, lang: Lang) -> Option<(u64, How<'m>)> {
    let mut known = known_of(asks);
    known.is("aws:ResourceAccount", enters.account);
    if let Some(organization) = enters.parts.organization() {
        known.is("aws:ResourceOrgID", organization);
    }
    for (key, value) in &enters.door.tags {
        known.is(&format!("aws:ResourceTag/{key}"), value);
        known.is(&format!("iam:ResourceTag/{key}"), value);
    }
    known.has_no_other("aws:resourcetag/");
    let mut conditions = Vec::new();
    let statement = match foreign(enters.trust, &asks.caller.arn, asks.account, &known) {
        Admits::No => return None,
        Admits::Yes(statement) => statement,
        Admits::If(statement, condition) => {
            conditions.push(under(condition, lang));
            statement
        }
    };
    let role = enters.door.role.as_str();
    match &enters.parts.denies {
        Some(policies) => {
            match denied(policies.iter().flat_map(|source| &source.policy.statements), ASSUME, role, &known) {
                Denied::Yes => return None,
                Denied::If(condition) => conditions.push(met(&condition, lang)),
                Denied::No => {}
            }
        }
        None => conditions.push(match lang {
            Lang::En => "unless a resource control policy forbids it".to_owned(),
            Lang::Ja => "リソースコントロールポリシー（RCP）で禁止されていない場合".to_owned(),
        }),
    }
    let permissions = asks.parts.permissions.get(asks.caller.rights)?.as_ref()?;
    let permissions = Permissions { known, ..permissions.clone() };
    let request = Request { tags: ResourceTags::Are(&enters.door.tags), ..Request::default() };
    let by = match permissions.can_by(ASSUME, On::Resource(role), &request) {
        Answer::No => return None,
        Answer::Yes(held) => format!("{} {}", held.source.name, held.statement.label()),
        Answer::Unclear(condition) => {
            conditions.push(met(&condition, lang));
            String::new()
        }
    };
    if asks.parts.part.service_control_policies.is_none() {
        conditions.push(match lang {
            Lang::En => "unless a service control policy forbids it".to_owned(),
            Lang::Ja => "サービスコントロールポリシー（SCP）で禁止されていない場合".to_owned(),
        });
    }
    let trusts = trusts(&statement.label(), lang);
    let because = match (by.is_empty(), lang) {
        (true, _) => trusts,
        (false, Lang::En) => format!("{trusts}; {ASSUME} by {by}"),
        (false, Lang::Ja) => format!("{trusts}、{by} による {ASSUME}"),
    };
    let condition = conditions.into_iter().next();
    let certainty = if condition.is_some() { PathCertainty::Conditional } else { PathCertainty::Certain };
    Some((certainty.cost(), How::Assumes { because, condition }))
}

/// The statement of a trust policy, in words.
fn trusts(statement: &str, lang: Lang) -> String {
    match lang {
        Lang::En => format!("trust policy, statement {statement}"),
        Lang::Ja => format!("信頼ポリシーのステートメント {statement}"),
    }
}

/// A condition that cannot be decided, in words.
fn under(condition: &Condition, lang: Lang) -> String {
    match (condition.key.eq_ignore_ascii_case("sts:ExternalId"), lang) {
        (true, Lang::En) => "if the external id is known".to_owned(),
        (true, Lang::Ja) => "外部IDを知っている場合".to_owned(),
        (false, _) => met(&condition.text(), lang),
    }
}

fn met(condition: &str, lang: Lang) -> String {
    match lang {
        Lang::En => format!("if this condition is met: {condition}"),
        Lang::Ja => format!("条件を満たす場合：{condition}"),
    }
}

/// Whether the caller may assume roles of an account of which nothing is known: by which statement, and whether that
/// names the account.
fn reaches_unknown(parts: &Parts<'_>, account: &str, caller: &Caller, other: &str) -> Option<(String, bool)> {
    let mut permissions = parts.permissions.get(caller.rights)?.clone()?;
    permissions.known = known_of(&Asks { caller, parts, account });
    permissions.known.is("aws:ResourceAccount", other);
    let named = permissions.policies.iter().flat_map(|source| source.policy.allows()).filter_map(|it| {
        match &it.resources {
            Match::Any(patterns) => Some(patterns),
            Match::NoneOf(_) => None,
        }
    });
    let named = named.flatten().filter(|pattern| account_of(pattern) == Some(other));
    let named: Vec<String> = named.map(|pattern| pattern.replace(['*', '?'], "x")).collect();
    let by = |role: &str| match permissions.can(ASSUME, On::Resource(role), &[]) {
        Answer::No => None,
        Answer::Yes(held) => Some(format!("{ASSUME}: {} {}", held.source.name, held.statement.label())),
        Answer::Unclear(condition) => Some(format!("{ASSUME}: {condition}")),
    };
    if let Some(because) = named.iter().find_map(|role| by(role)) {
        return Some((because, true));
    }
    by(&format!("arn:{}:iam::{other}:role/{SOMEBODY}", parts.member.partition))
        .map(|because| (because, false))
}

/// What cuts a chain: its last border.
fn fix(steps: &[PathStep], is_special: bool, lang: Lang) -> String {
    let account = |node: &PathNode| node.arn.as_deref().and_then(account_of).map(str::to_owned);
    let border = steps.iter().rev().find(|step| {
        step.edge == EdgeKind::Assumes
            && step.to.kind == NodeKind::Principal
            && account(&step.from) != account(&step.to)
            && account(&step.from).is_some()
    });
    let border = border.or_else(|| {
        steps.iter().rev().find(|step| step.condition.is_some() && step.edge == EdgeKind::Assumes)
    });
    let name = |node: &PathNode| node.arn.clone().unwrap_or_else(|| node.id.clone());
    match (border, lang) {
        (Some(step), Lang::En) => format!(
            "name in the trust policy of {} only the roles that need it, or take {ASSUME} on it from {}",
            name(&step.to),
            name(&step.from)
        ),
        (Some(step), Lang::Ja) => format!(
            "{} の信頼ポリシーで必要なロールだけを指定するか、{} からこのロールへの {ASSUME} を取り除いてください",
            name(&step.to),
            name(&step.from)
        ),
        (None, Lang::En) if is_special => {
            "close the way in, and keep workloads out of this account: who has it has the organization".to_owned()
        }
        (None, Lang::Ja) if is_special => {
            "侵入口を閉じ、ワークロードをこのアカウントに置かないでください。このアカウントの権限は組織全体に及びます".to_owned()
        }
        (None, Lang::En) => "close the way in".to_owned(),
        (None, Lang::Ja) => "侵入口を閉じてください".to_owned(),
    }
}

#[cfg(test)]
mod tests;
