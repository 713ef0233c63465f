//! Privilege escalation: who can get more rights than it was given, and how.
//!
//! *Certain* is judged for each user and role by its effective permissions, with targets that exist in the
//! account now ([`Escalation::path`]): what it may *become* and whose rights it may *change*, closed over everybody
//! that it is by then. *Possible* is judged for a policy alone ([`Escalation::possible`]): it allows a method on
//! resources that could be a target.
//!
//! Session policies are not looked at: who begins a session chooses them, and they only take rights away (IAM User
//! Guide, "Policies and permissions", "Session policies").

mod becoming;
mod change;
pub mod methods;
mod possible;
mod proof;
#[cfg(test)]
mod tests;
mod things;

use std::{
    cell::OnceCell,
    collections::{BTreeSet, HashMap, HashSet, VecDeque},
    rc::Rc,
};

use serde::Serialize;

use self::{
    change::{Change, Changes},
    methods::{Kind, Method, Need},
    proof::About,
    things::Inventory,
};
use super::{
    identity::{Identities, Principal, Who},
    policy::{
        Chance, Known, Policy,
        effective::{Answer, Held, On, Permissions, Source},
    },
    trust,
};
use crate::{
    gap::{Gaps, NotJudged},
    snapshot::{
        Snapshot, Tags,
        iam::{Authorization, CredentialReport, op},
    },
};

/// A policy that the caller would attach, as it could choose any.
const CHOSEN_POLICY: &str = "arn:aws:iam::aws:policy/AdministratorAccess";

/// A name that only a wildcard matches, for the caller itself and for somebody else.
const MYSELF: &str = "\u{1}";
const SOMEBODY: &str = "\u{2}";

/// Most names that are tried for something or somebody new: policies are hostile input.
const MOST_NAMES: usize = 64;

/// A way from a principal to more rights.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Path {
    /// Where it ends: a user's or role's ARN, or what else has the rights.
    pub target: String,
    /// Whether the end is administration of the account.
    pub administrator: bool,
    /// A right that the principal lacks and the end has, for an end that is not administration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gains: Option<Right>,
    /// The steps, in order.
    pub chain: Vec<Step>,
}

/// A step of a way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// Who takes it.
    pub from: String,
    /// Id of the method.
    pub method: &'static str,
    /// The actions that it takes.
    pub actions: Vec<&'static str>,
    /// The statements that allow them.
    pub statements: Vec<Proof>,
    /// The instance, function, stack or the like that it goes through.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub through: Option<String>,
    /// Whose rights it leads to.
    pub to: String,
}

/// A statement that allows a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Proof {
    /// The ARN of a managed policy, `HOLDER/POLICY` of an inline one, or the trusting role's ARN.
    pub policy: String,
    /// The `Sid` or number of the statement.
    pub statement: String,
}

impl Proof {
    fn of(held: &Held<'_>) -> Self {
        Self { policy: held.source.name.to_string(), statement: held.statement.label() }
    }
}

/// What somebody may do, and with what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Right {
    /// The action, which may have wildcards.
    pub action: String,
    /// The resource, which may have wildcards.
    pub resource: String,
}

impl Right {
    fn of((action, resource): (&str, &str)) -> Self {
        Self { action: action.to_owned(), resource: resource.to_owned() }
    }
}

/// Where a step leads.
#[derive(Clone, Debug)]
enum End {
    /// The rights of a user or role.
    Principal(usize),
    /// More rights, by another way.
    Rights { name: String, administrator: bool, gains: Option<Right> },
}

/// A way in which one principal becomes another, or gets its rights.
#[derive(Clone, Debug)]
struct Edge {
    method: &'static Method,
    proofs: Vec<Proof>,
    through: Option<String>,
    end: End,
}

/// What could not be read and may hide edges, by what it is of: one gap may be in the way of everybody, and there
/// are many of both.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hidden {
    /// Things of these kinds.
    kinds: BTreeSet<Kind>,
    /// What the credential report tells of users.
    credentials: bool,
}

impl Hidden {
    /// Adds what hides edges elsewhere.
    pub(crate) fn extend(&mut self, other: &Self) {
        self.kinds.extend(&other.kinds);
        self.credentials |= other.credentials;
    }
}

/// What a user or role can do by itself to get other rights.
#[derive(Clone, Debug)]
pub(crate) struct SingleStep {
    /// The operations, in order.
    pub(crate) steps: Vec<Step>,
    /// Whose rights it gets.
    pub(crate) leads_to: Destination,
    /// It assumes a role that is meant for it.
    pub(crate) assumes: bool,
}

/// Where a single step leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Destination {
    /// The rights of a user or role, by its place in [`Identities::principals`].
    Principal(usize),
    /// Administration of the account.
    Administrator,
}

/// The edges from a principal, and what may hide more.
type Edges = (Vec<Edge>, Hidden);

/// How each principal was reached: from whom, and how.
type CameFrom<'e> = HashMap<usize, (usize, &'e Edge)>;

/// The account, prepared for the questions.
#[derive(Debug)]
pub struct Escalation<'a> {
    identities: Rc<Identities<'a>>,
    authorization: &'a Authorization,
    report: Result<&'a CredentialReport, NotJudged>,
    regions: Vec<&'a str>,
    administrators: Vec<bool>,
    /// Roles by the service that they trust; administrators first.
    trusting: HashMap<&'static str, Vec<usize>>,
    /// Roles that name a service in their trust policy, under whatever conditions.
    naming: HashMap<&'static str, Vec<usize>>,
    /// Roles by who may assume them: by name, and as any principal of the account.
    assumable: HashMap<usize, Vec<(usize, Proof)>>,
    assumable_by_account: Vec<(usize, Proof)>,
    /// Roles whose trust policies could not be read.
    trust_unread: Vec<usize>,
    inventory: Inventory<'a>,
    edges: Vec<OnceCell<Edges>>,
    /// Which methods that change somebody each principal may begin.
    changes: Vec<OnceCell<u64>>,
    /// What something has that was just made.
    no_tags: Tags,
}

/// The best end so far that is not administration.
struct SecondBest<'e> {
    nodes: Vec<usize>,
    last: Last<'e>,
    gains: Option<Right>,
}

/// The last steps of a way.
enum Last<'e> {
    Becoming(usize, &'e Edge),
    Changing(Change),
}

impl<'a> Escalation<'a> {
    /// Prepares the account.
    ///
    /// # Errors
    /// When the account's principals could not be read.
    pub fn of(identities: Rc<Identities<'a>>, snapshot: &'a Snapshot) -> Result<Self, NotJudged> {
        let principals = &identities.principals;
        let administrators: Vec<_> = principals.iter().map(Principal::is_administrator).collect();
        let edges = principals.iter().map(|_| OnceCell::new()).collect();
        let changes = principals.iter().map(|_| OnceCell::new()).collect();
        let inventory = Inventory::of(&identities, snapshot);
        let mut escalation = Self {
            identities,
            authorization: snapshot.iam.authorization.get()?,
            report: snapshot.iam.credential_report.get(),
            regions: snapshot.regions.keys().map(String::as_str).collect(),
            trusting: HashMap::new(),
            naming: HashMap::new(),
            assumable: HashMap::new(),
            assumable_by_account: Vec::new(),
            trust_unread: Vec::new(),
            inventory,
            edges,
            changes,
            administrators,
            no_tags: Tags::default(),
        };
        escalation.index_trust();
        Ok(escalation)
    }

    fn index_trust(&mut self) {
        let services: HashSet<_> = methods::all().filter_map(Method::passes_to).collect();
        let account = self.identities.account;
        for (at, role) in self.identities.principals.iter().enumerate() {
            if role.usable_role().is_none() {
                continue;
            }
            let Some(trust) = &role.trust else {
                self.trust_unread.push(at);
                continue;
            };
            for service in &services {
                if trust::names_service(trust, service) {
                    self.naming.entry(service).or_default().push(at);
                }
                if trust::service(trust, service, account).is_some() {
                    self.trusting.entry(service).or_default().push(at);
                }
            }
            let proof = |label: String| Proof { policy: role.arn().to_owned(), statement: label };
            // Who is named is looked up by name; the account's principals are asked for each role.
            let mut by_account = None;
            let named = trust.allows().filter_map(|statement| statement.principals.as_ref());
            let named = named.flat_map(super::policy::Principals::names);
            let mut callers: Vec<usize> = named.filter_map(|name| self.identities.find(name)).collect();
            callers.sort_unstable();
            callers.dedup();
            for caller in callers {
                let principal = &self.identities.principals[caller];
                let known = &principal.permissions.known;
                if let Some((trust::Entry::Named, statement)) =
                    trust::principal(trust, principal.arn(), account, known)
                {
                    let proof = proof(statement.label());
                    self.assumable.entry(caller).or_default().push((at, proof));
                }
            }
            if let Some((trust::Entry::Account, statement)) =
                trust::principal(trust, SOMEBODY, account, &Known::default())
            {
                by_account = Some(proof(statement.label()));
            }
            self.assumable_by_account.extend(by_account.map(|proof| (at, proof)));
        }
        let administrators = &self.administrators;
        for roles in self.trusting.values_mut() {
            roles.sort_by_key(|at| !administrators[*at]);
        }
    }

    /// The shortest sure way from a user or role (by its place in [`Identities::principals`]) to
    /// administration, else to more rights than its own; none when there is none.
    ///
    /// Assuming a role that was meant for it is no escalation by itself: such a step counts on the way to
    /// something else, or when the role is an administrator's.
    ///
    /// # Errors
    /// When something that could not be read might be a way, and no other was found.
    pub fn path(&self, start: usize) -> Result<Option<Path>, NotJudged> {
        let principals = &self.identities.principals;
        let own = &principals[start].permissions;
        let mut came_from = CameFrom::new();
        let mut open = VecDeque::from([start]);
        let mut hidden = Hidden::default();
        let mut changes = Changes::new(own);
        let mut second_best: Option<SecondBest<'_>> = None;
        while let Some(node) = open.pop_front() {
            for change in self.changes(node, &mut changes) {
                let gains = change.gains.clone();
                let done = change.administrator;
                let found = SecondBest { nodes: change.nodes(), last: Last::Changing(change), gains };
                if done {
                    return Ok(Some(self.told(start, found, &came_from)));
                }
                second_best.get_or_insert(found);
            }
            let (edges, hidden_here) = self.edges(node);
            hidden.extend(hidden_here);
            for edge in edges {
                let found = |gains| SecondBest { nodes: vec![node], last: Last::Becoming(node, edge), gains };
                match &edge.end {
                    End::Rights { administrator: true, .. } => {
                        return Ok(Some(self.told(start, found(None), &came_from)));
                    }
                    End::Rights { gains, .. } => {
                        second_best.get_or_insert_with(|| found(gains.clone()));
                    }
                    End::Principal(next) if self.administrators[*next] => {
                        return Ok(Some(self.told(start, found(None), &came_from)));
                    }
                    End::Principal(next) => {
                        if *next == start || came_from.contains_key(next) {
                            continue;
                        }
                        came_from.insert(*next, (node, edge));
                        open.push_back(*next);
                        if second_best.is_none() && !self.only_assumes(start, *next, &came_from) {
                            let gains = principals[*next].permissions.exceeds(own);
                            let gains = gains.map(Right::of);
                            second_best = gains.map(|gains| found(Some(gains)));
                        }
                    }
                }
            }
        }
        if let Some(found) = second_best {
            return Ok(Some(self.told(start, found, &came_from)));
        }
        let mut gaps = Gaps::default();
        for node in std::iter::once(start).chain(came_from.into_keys()) {
            gaps.known(principals[node].unread.clone().map_or(Ok(()), Err));
            self.unread_documents(node, own, &mut gaps);
        }
        self.unread(hidden, &mut gaps);
        gaps.unless(false).map(|()| None)
    }

    /// Notes documents that could not be read and may open a way from somebody who is held: trust policies of roles with
    /// more rights, policies of groups that it puts users into, earlier versions of policies that it can set.
    fn unread_documents(&self, held: usize, own: &Permissions, gaps: &mut Gaps) {
        let Principal { permissions, .. } = &self.identities.principals[held];
        for at in self.trust_unread.iter().copied().filter(|at| *at != held) {
            let role = &self.identities.principals[at];
            let has_more = self.administrators[at] || role.permissions.exceeds(own).is_some();
            let may =
                |action: &str| !matches!(permissions.can(action, On::Resource(role.arn()), &[]), Answer::No);
            if has_more && (!permissions.denies("sts:AssumeRole", role.arn()) || may("iam:PassRole")) {
                gaps.known(role.unread.clone().map_or(Ok(()), Err));
            }
        }
        for (at, why) in &self.identities.unread_groups {
            let arn = &self.identities.groups[*at].0.arn;
            if !matches!(permissions.can("iam:AddUserToGroup", On::Resource(arn), &[]), Answer::No) {
                gaps.known(Err::<(), _>(why.clone()));
            }
        }
        for arn in Self::own_policies(&self.identities.principals[held]) {
            let can = permissions.can("iam:SetDefaultPolicyVersion", On::Resource(arn), &[]);
            let Some(policy) = self.authorization.policy(arn) else { continue };
            if !matches!(can, Answer::No) {
                for (version, document) in &policy.other_versions {
                    let name = format!("{arn} {version}");
                    let read = Policy::read(document, op::GetAccountAuthorizationDetails, None, &name);
                    gaps.known(read.map_err(NotJudged::from));
                }
            }
        }
    }

    /// Notes all that could not be read of what may hide edges.
    pub(crate) fn unread(&self, hidden: Hidden, gaps: &mut Gaps) {
        if hidden.credentials {
            gaps.known(self.report.clone());
        }
        for kind in hidden.kinds {
            gaps.extend(self.inventory.things(kind).unread.iter().cloned());
        }
    }

    /// The single steps that a user or role can take by itself, and what may hide more: whom it may become by
    /// every method (not only by the first that ends in administration, as [`Escalation::path`] needs it), and the
    /// rights that it may change.
    pub(crate) fn steps(&self, from: usize) -> (Vec<SingleStep>, Hidden) {
        let mut edges = Vec::new();
        let mut hidden = Hidden::default();
        for method in methods::all() {
            let becomes = !method.leads_to.is_change() && method.leads_to != methods::LeadsTo::Elsewhere;
            if becomes && self.may_begin(from, method) {
                self.edges_by(from, method, &mut edges, &mut hidden);
            }
        }
        let mut steps = Vec::with_capacity(edges.len());
        for edge in &edges {
            let leads_to = match &edge.end {
                End::Principal(at) => Destination::Principal(*at),
                End::Rights { administrator: true, .. } => Destination::Administrator,
                End::Rights { .. } => continue,
            };
            let assumes = edge.method.needs == [Need::Assume];
            steps.push(SingleStep { steps: vec![self.step(from, edge)], leads_to, assumes });
        }
        let mut known = Changes::new(&self.identities.principals[from].permissions);
        for change in self.changes(from, &mut known).into_iter().filter(|change| change.administrator) {
            let told = change.steps.iter().map(|step| step.told(&self.identities)).collect();
            steps.push(SingleStep { steps: told, leads_to: Destination::Administrator, assumes: false });
        }
        (steps, hidden)
    }

    /// Whether the way to there is made of assumed roles only.
    fn only_assumes(&self, start: usize, end: usize, came_from: &CameFrom<'_>) -> bool {
        let mut at = end;
        while at != start {
            let Some((before, edge)) = came_from.get(&at) else { return false };
            if edge.method.needs != [Need::Assume] {
                return false;
            }
            at = *before;
        }
        true
    }

    fn told(&self, start: usize, found: SecondBest<'_>, came_from: &CameFrom<'_>) -> Path {
        let mut chain = Vec::new();
        let mut reached = HashSet::from([start]);
        for node in found.nodes {
            let mut way = Vec::new();
            let mut at = node;
            while reached.insert(at) {
                let Some((before, edge)) = came_from.get(&at) else { break };
                way.push(self.step(*before, edge));
                at = *before;
            }
            chain.extend(way.into_iter().rev());
        }
        let administrator = match found.last {
            Last::Becoming(from, edge) => {
                chain.push(self.step(from, edge));
                match &edge.end {
                    End::Principal(at) => self.administrators[*at],
                    End::Rights { administrator, .. } => *administrator,
                }
            }
            Last::Changing(change) => {
                chain.extend(change.steps.iter().map(|step| step.told(&self.identities)));
                change.administrator
            }
        };
        let target = chain.last().map(|step| step.to.clone()).unwrap_or_default();
        Path { target, administrator, gains: found.gains, chain }
    }

    fn step(&self, from: usize, edge: &Edge) -> Step {
        let (actions, statements) = taken(&self.identities.principals[from], edge.method, &edge.proofs);
        Step {
            from: self.identities.principals[from].arn().to_owned(),
            method: edge.method.id,
            actions,
            statements,
            through: edge.through.clone(),
            to: match &edge.end {
                End::Principal(at) => self.identities.principals[*at].arn().to_owned(),
                End::Rights { name, .. } => name.clone(),
            },
        }
    }

    /// ARNs of the customer-managed policies that a principal has, its own and its groups'.
    fn own_policies<'p>(principal: &'p Principal<'a>) -> impl Iterator<Item = &'p str> {
        let names = principal.permissions.policies.iter().map(|source| &*source.name);
        names.filter(|name| is_customer_managed(name))
    }

    /// Whether IAM's operations change the principal. Service-linked roles change only with their service (IAM User
    /// Guide, "Create a service-linked role"), and roles that Identity Center made only with it (IAM Identity
    /// Center User Guide, "Manage AWS accounts with permission sets": IAM answers `UnmodifiableEntity`).
    fn is_changeable(&self, at: usize) -> bool {
        match self.identities.principals[at].who {
            Who::User(_) => true,
            Who::Role(role) => !role.is_service_linked() && !role.is_identity_center(),
        }
    }
}

/// The actions of a step and the statements that allow them: first the change of the caller's own tags, where one of
/// them asks for tags that it has not yet.
fn taken(caller: &Principal<'_>, method: &Method, proofs: &[Proof]) -> (Vec<&'static str>, Vec<Proof>) {
    let (mut actions, mut statements) = (Vec::new(), Vec::new());
    if let Some((policy, statement)) = &caller.tags_itself {
        let mut has = Known::default();
        let tags = match caller.who {
            Who::User(user) => &user.tags,
            Who::Role(role) => &role.tags,
        };
        for (key, value) in tags {
            has.is(&format!("aws:PrincipalTag/{key}"), value);
        }
        has.has_no_other("aws:principaltag/");
        let sources = caller.permissions.policies.iter();
        let mut held = sources
            .flat_map(|source| source.policy.allows().map(move |allow| Held { source, statement: allow }));
        let asks = held.any(|held| {
            let mut conditions = held.statement.conditions.iter();
            proofs.contains(&Proof::of(&held))
                && conditions.any(|condition| condition.chance(&has) == Chance::Never)
        });
        if asks {
            actions.push(caller.tagging());
            statements.push(Proof { policy: policy.to_string(), statement: statement.clone() });
        }
    }
    actions.extend(method.needs.iter().map(|need| need.action()));
    for proof in proofs {
        if !statements.contains(proof) {
            statements.push(proof.clone());
        }
    }
    (actions, statements)
}

/// Policies of AWS's own have `aws` where others have an account's number.
fn is_customer_managed(name: &str) -> bool {
    name.starts_with("arn:") && name.split(':').nth(4) != Some("aws")
}

/// What writing its policies at will gives a principal that is under a boundary.
fn everything(caller: &Permissions, boundary: Option<&Source>, name: &str) -> Option<End> {
    let Some(boundary) = boundary else {
        return Some(End::Rights { name: name.to_owned(), administrator: true, gains: None });
    };
    let rights = Permissions { policies: vec![boundary.clone()], ..Permissions::default() };
    more_rights(&rights, caller, name)
}

fn more_rights(rights: &Permissions, than: &Permissions, name: &str) -> Option<End> {
    let administrator = rights.administrator().is_some();
    let gains = rights.exceeds(than).map(Right::of);
    (administrator || gains.is_some()).then(|| End::Rights { name: name.to_owned(), administrator, gains })
}
