//! Privilege escalation: who can get more rights than it was given, and how.
//!
//! *Certain* is judged for each user and role by its effective permissions, with targets that exist in the
//! account now, over chains of several steps ([`Escalation::path`]). *Possible* is judged for a policy alone
//! ([`Escalation::possible`]): it allows a method on resources that could be a target.

pub mod methods;

use std::{
    cell::OnceCell,
    collections::{HashMap, HashSet, VecDeque},
    rc::Rc,
    sync::Arc,
};

use serde::Serialize;

use self::methods::{LeadsTo, METHODS, Method, Need, Password};
use super::{
    identity::{Identities, Principal, Who},
    policy::{
        Known,
        effective::{Answer, Held, On, Permissions, Source},
    },
    trust,
};
use crate::{
    gap::NotJudged,
    snapshot::{
        Snapshot,
        iam::{Authorization, CredentialReport},
    },
};

/// A policy that the caller would attach, as it could choose any.
const CHOSEN_POLICY: &str = "arn:aws:iam::aws:policy/AdministratorAccess";

/// A name that only a wildcard matches, for the caller itself and for somebody else.
const MYSELF: &str = "\u{1}";
const SOMEBODY: &str = "\u{2}";

/// A way from a principal to more rights.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Path {
    /// Where it ends: a user's or role's ARN, or what else has the rights.
    pub target: String,
    /// Whether the end is administration of the account.
    pub administrator: bool,
    /// A right that the principal lacks and the end has, for an end that is not administration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gains: Option<String>,
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
    /// The instance, function, stack or project that it goes through.
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

/// Something that runs with a role.
#[derive(Debug)]
struct Thing {
    arn: String,
    role: usize,
    /// For an instance: whether Systems Manager manages it.
    managed: bool,
}

/// Things of a kind, and why they are not all known.
#[derive(Debug, Default)]
struct Things {
    known: Vec<Thing>,
    unread: Option<NotJudged>,
}

impl Things {
    fn add(&mut self, arn: String, role: Option<usize>, managed: bool) {
        self.known.extend(role.map(|role| Thing { arn, role, managed }));
    }
}

/// Where one step leads.
#[derive(Clone, Debug)]
enum End {
    /// The rights of a user or role.
    Principal(usize),
    /// More rights, by another way.
    Rights { name: String, administrator: bool, gains: Option<String> },
}

#[derive(Clone, Debug)]
struct Edge {
    method: &'static Method,
    proofs: Vec<Proof>,
    through: Option<String>,
    end: End,
}

/// The edges from a principal, and a gap that may hide more.
type Edges = (Vec<Edge>, Option<NotJudged>);

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
    /// Roles by who may assume them: by name, and as any principal of the account.
    assumable: HashMap<usize, Vec<(usize, Proof)>>,
    assumable_by_account: Vec<(usize, Proof)>,
    instances: Things,
    functions: Things,
    stacks: Things,
    projects: Things,
    edges: Vec<OnceCell<Edges>>,
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
        let mut escalation = Self {
            identities,
            authorization: snapshot.iam.authorization.get()?,
            report: snapshot.iam.credential_report.get(),
            regions: snapshot.regions.keys().map(String::as_str).collect(),
            trusting: HashMap::new(),
            assumable: HashMap::new(),
            assumable_by_account: Vec::new(),
            instances: Things::default(),
            functions: Things::default(),
            stacks: Things::default(),
            projects: Things::default(),
            edges,
            administrators,
        };
        escalation.index_trust();
        escalation.index_things(snapshot);
        Ok(escalation)
    }

    fn index_trust(&mut self) {
        let services: HashSet<_> = METHODS
            .iter()
            .flat_map(|method| method.needs)
            .filter_map(|need| if let Need::Pass(service) = need { Some(*service) } else { None })
            .collect();
        let account = self.identities.account;
        for (at, role) in self.identities.principals.iter().enumerate() {
            let (Some(trust), Some(_)) = (&role.trust, role.usable_role()) else { continue };
            for service in &services {
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

    fn index_things(&mut self, snapshot: &'a Snapshot) {
        let find = |arn: &str| self.identities.find(arn);
        let mut profiles = HashMap::new();
        for role in &self.authorization.roles {
            profiles
                .extend(role.instance_profiles.iter().map(|profile| (profile.as_str(), role.arn.as_str())));
        }
        for (name, region) in &snapshot.regions {
            let place = crate::snapshot::Place {
                partition: self.identities.partition,
                account: self.identities.account,
                region: name,
            };
            let nodes = region.ssm.managed_nodes.get();
            match region.ec2.instances.get() {
                Ok(instances) => {
                    for instance in instances {
                        let profile = instance.instance_profile.as_deref();
                        let role = profile.and_then(|profile| find(profiles.get(profile)?));
                        let managed =
                            nodes.as_ref().is_ok_and(|n| n.iter().any(|node| node.id == instance.id));
                        let arn = crate::snapshot::Judged::arn(instance, &place);
                        self.instances.add(arn, role, managed);
                    }
                }
                Err(why) => self.instances.unread = unreadable(why),
            }
            if let Err(why) = nodes {
                self.instances.unread = self.instances.unread.take().or(unreadable(why));
            }
            match region.lambda.functions.get() {
                Ok(functions) => {
                    for function in functions {
                        self.functions.add(function.arn.clone(), find(&function.role), false);
                    }
                }
                Err(why) => self.functions.unread = unreadable(why),
            }
            match region.cloudformation.stacks.get() {
                Ok(stacks) => {
                    for stack in stacks {
                        self.stacks.add(stack.id.clone(), stack.role.as_deref().and_then(find), false);
                    }
                }
                Err(why) => self.stacks.unread = unreadable(why),
            }
            match region.codebuild.projects.get() {
                Ok(projects) => {
                    for project in projects {
                        let role = project.service_role.as_deref().and_then(find);
                        self.projects.add(project.arn.clone(), role, false);
                    }
                }
                Err(why) => self.projects.unread = unreadable(why),
            }
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
        let mut came_from: HashMap<usize, (usize, &Edge)> = HashMap::new();
        let mut open = VecDeque::from([start]);
        let mut unread = principals[start].unread.clone();
        let mut second_best: Option<(usize, &Edge, Option<String>)> = None;
        while let Some(node) = open.pop_front() {
            let (edges, gap) = self.edges(node);
            unread = unread.or_else(|| gap.clone());
            for edge in edges {
                match &edge.end {
                    End::Rights { administrator: true, .. } => {
                        return Ok(Some(self.told(start, node, edge, None, &came_from)));
                    }
                    End::Rights { gains, .. } => {
                        second_best.get_or_insert_with(|| (node, edge, gains.clone()));
                    }
                    End::Principal(next) if self.administrators[*next] => {
                        return Ok(Some(self.told(start, node, edge, None, &came_from)));
                    }
                    End::Principal(next) => {
                        if *next == start || came_from.contains_key(next) {
                            continue;
                        }
                        came_from.insert(*next, (node, edge));
                        open.push_back(*next);
                        if second_best.is_none() && !self.only_assumes(start, *next, &came_from) {
                            let gains = principals[*next].permissions.exceeds(own);
                            let gains = gains.map(|(action, resource)| format!("{action} on {resource}"));
                            second_best = gains.map(|gains| (node, edge, Some(gains)));
                        }
                    }
                }
            }
        }
        match (second_best, unread) {
            (Some((node, edge, gains)), _) => Ok(Some(self.told(start, node, edge, gains, &came_from))),
            (None, Some(gap)) => Err(gap),
            (None, None) => Ok(None),
        }
    }

    /// Whether the way to there is made of assumed roles only.
    fn only_assumes(&self, start: usize, end: usize, came_from: &HashMap<usize, (usize, &Edge)>) -> bool {
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

    fn told(
        &self,
        start: usize,
        last: usize,
        edge: &Edge,
        gains: Option<String>,
        came_from: &HashMap<usize, (usize, &Edge)>,
    ) -> Path {
        let mut chain = vec![self.step(last, edge)];
        let mut at = last;
        while at != start {
            let Some((before, edge)) = came_from.get(&at) else { break };
            chain.push(self.step(*before, edge));
            at = *before;
        }
        chain.reverse();
        let administrator = match &edge.end {
            End::Principal(at) => self.administrators[*at],
            End::Rights { administrator, .. } => *administrator,
        };
        Path { target: self.name_of(&edge.end), administrator, gains, chain }
    }

    fn step(&self, from: usize, edge: &Edge) -> Step {
        Step {
            from: self.identities.principals[from].arn().to_owned(),
            method: edge.method.id,
            actions: edge.method.needs.iter().map(|need| need.action()).collect(),
            statements: edge.proofs.clone(),
            through: edge.through.clone(),
            to: self.name_of(&edge.end),
        }
    }

    fn name_of(&self, end: &End) -> String {
        match end {
            End::Principal(at) => self.identities.principals[*at].arn().to_owned(),
            End::Rights { name, .. } => name.clone(),
        }
    }

    fn edges(&self, from: usize) -> &Edges {
        self.edges[from].get_or_init(|| {
            let mut edges = Vec::new();
            let mut gap = None;
            for method in METHODS.iter().filter(|method| method.leads_to != LeadsTo::Elsewhere) {
                if !self.may_begin(from, method) {
                    continue;
                }
                let found = self.edges_by(from, method, &mut gap);
                let done = found.iter().any(|edge| match &edge.end {
                    End::Principal(at) => self.administrators[*at],
                    End::Rights { administrator, .. } => *administrator,
                });
                edges.extend(found);
                // There is no better end.
                if done {
                    break;
                }
            }
            (edges, gap)
        })
    }

    /// Whether the principal has, on something, every permission that the method takes.
    fn may_begin(&self, from: usize, method: &Method) -> bool {
        let permissions = &self.identities.principals[from].permissions;
        method.needs.iter().all(|need| match need {
            Need::Assume => self.assumable.contains_key(&from) || !self.assumable_by_account.is_empty(),
            need => !matches!(permissions.can(need.action(), On::Any, &request(*need)), Answer::No),
        })
    }

    #[expect(clippy::too_many_lines, reason = "one arm for each kind of target, side by side")]
    fn edges_by(&self, from: usize, method: &'static Method, gap: &mut Option<NotJudged>) -> Vec<Edge> {
        let principals = &self.identities.principals;
        let caller = &principals[from];
        let edge = |proofs: Option<Vec<Proof>>, end: End| {
            proofs.map(|proofs| Edge { method, proofs, through: None, end })
        };
        let to = |at: usize, through: Option<&Thing>| {
            let proofs = self.prove(from, method, None, Some(at), through.map(|thing| thing.arn.as_str()))?;
            let through = through.map(|thing| thing.arn.clone());
            Some(Edge { method, proofs, through, end: End::Principal(at) })
        };
        let others = |wanted: fn(&Principal<'_>) -> bool| {
            let mut others: Vec<_> =
                (0..principals.len()).filter(|at| *at != from && wanted(&principals[*at])).collect();
            others.sort_by_key(|at| !self.administrators[*at]);
            others
        };
        let is_user = matches!(caller.who, Who::User(_));
        match method.leads_to {
            LeadsTo::EverythingAsUser | LeadsTo::EverythingAsRole => {
                if is_user != (method.leads_to == LeadsTo::EverythingAsUser) {
                    return Vec::new();
                }
                let end = everything(&caller.permissions, caller.permissions.boundary.as_ref(), caller.arn());
                let found =
                    end.and_then(|end| edge(self.prove(from, method, Some(caller.arn()), None, None), end));
                found.into_iter().collect()
            }
            LeadsTo::EverythingAsMember => {
                let Who::User(user) = caller.who else { return Vec::new() };
                let groups =
                    self.authorization.groups.iter().filter(|group| user.groups.contains(&group.name));
                groups
                    .filter_map(|group| {
                        let end = everything(
                            &caller.permissions,
                            caller.permissions.boundary.as_ref(),
                            &group.arn,
                        )?;
                        edge(self.prove(from, method, Some(&group.arn), None, None), end)
                    })
                    .collect()
            }
            LeadsTo::EverythingByPolicy => Self::own_policies(caller)
                .filter_map(|arn| {
                    let end = everything(&caller.permissions, caller.permissions.boundary.as_ref(), arn)?;
                    edge(self.prove(from, method, Some(arn), None, None), end)
                })
                .collect(),
            LeadsTo::EarlierVersion => Self::own_policies(caller)
                .filter_map(|arn| {
                    let versions = &self.authorization.policy(arn)?.other_versions;
                    let ends = versions.iter().filter_map(|(version, document)| {
                        let policy = super::policy::Policy::parse(document).ok()?;
                        let name = format!("{arn} {version}");
                        let source = Source { name: name.as_str().into(), policy: Arc::new(policy) };
                        let rights = Permissions { policies: vec![source], ..caller.permissions.clone() };
                        more_rights(&rights, &caller.permissions, &name)
                    });
                    let end =
                        ends.max_by_key(|end| matches!(end, End::Rights { administrator: true, .. }))?;
                    edge(self.prove(from, method, Some(arn), None, None), end)
                })
                .collect(),
            LeadsTo::UserUnbound | LeadsTo::RoleUnbound => {
                if is_user != (method.leads_to == LeadsTo::UserUnbound)
                    || caller.permissions.boundary.is_none()
                {
                    return Vec::new();
                }
                let unbound = Permissions { boundary: None, ..caller.permissions.clone() };
                let end = more_rights(&unbound, &caller.permissions, caller.arn());
                let found =
                    end.and_then(|end| edge(self.prove(from, method, Some(caller.arn()), None, None), end));
                found.into_iter().collect()
            }
            LeadsTo::Group => {
                let Who::User(user) = caller.who else { return Vec::new() };
                let groups = self.identities.groups.iter();
                let groups = groups.filter(|(group, _)| !user.groups.contains(&group.name));
                groups
                    .filter_map(|(group, rights)| {
                        let rights =
                            Permissions { policies: rights.policies.clone(), ..caller.permissions.clone() };
                        let end = more_rights(&rights, &caller.permissions, &group.arn)?;
                        edge(self.prove(from, method, Some(&group.arn), None, None), end)
                    })
                    .collect()
            }
            LeadsTo::User(wanted) => others(|principal| matches!(principal.who, Who::User(_)))
                .into_iter()
                .filter(|at| match self.has_credentials(*at, wanted) {
                    Ok(has) => has,
                    Err(why) => {
                        if gap.is_none() && self.prove(from, method, None, Some(*at), None).is_some() {
                            *gap = unreadable(why);
                        }
                        false
                    }
                })
                .filter_map(|at| to(at, None))
                .collect(),
            LeadsTo::Role if method.needs == [Need::Assume] => self
                .assumed_by(from)
                .filter(|(at, _)| *at != from)
                .filter_map(|(at, _)| to(at, None))
                .collect(),
            LeadsTo::Role => others(|principal| principal.usable_role().is_some())
                .into_iter()
                .filter_map(|at| to(at, None))
                .collect(),
            LeadsTo::EverythingAsOtherRole | LeadsTo::EverythingAsOtherUser => {
                let wanted: fn(&Principal<'_>) -> bool = if method.leads_to == LeadsTo::EverythingAsOtherRole
                {
                    |principal| principal.usable_role().is_some()
                } else {
                    |principal| matches!(principal.who, Who::User(_))
                };
                let others = others(wanted).into_iter();
                let mut ends = others.filter_map(|at| {
                    let boundary = principals[at].permissions.boundary.as_ref();
                    let end = everything(&caller.permissions, boundary, principals[at].arn())?;
                    edge(self.prove(from, method, None, Some(at), None), end)
                });
                // One is as good as another.
                ends.next().into_iter().collect()
            }
            LeadsTo::PassedRole | LeadsTo::PassedInstanceRole => {
                let service = method.needs.iter().find_map(|need| match need {
                    Need::Pass(service) => Some(*service),
                    _ => None,
                });
                let roles = service.and_then(|service| self.trusting.get(service)).into_iter().flatten();
                let in_profile = |at: &usize| {
                    method.leads_to == LeadsTo::PassedRole
                        || principals[*at]
                            .usable_role()
                            .is_some_and(|role| !role.instance_profiles.is_empty())
                };
                roles
                    .copied()
                    .filter(|at| *at != from)
                    .filter(in_profile)
                    .filter_map(|at| to(at, None))
                    .collect()
            }
            LeadsTo::Instance => self
                .without(from, &self.instances, gap)
                .into_iter()
                .filter_map(|thing| to(thing.role, Some(thing)))
                .collect(),
            LeadsTo::ManagedNode => {
                let managed =
                    self.without(from, &self.instances, gap).into_iter().filter(|thing| thing.managed);
                managed.filter_map(|thing| to(thing.role, Some(thing))).collect()
            }
            LeadsTo::Function => self
                .without(from, &self.functions, gap)
                .into_iter()
                .filter_map(|thing| to(thing.role, Some(thing)))
                .collect(),
            LeadsTo::Stack => self
                .without(from, &self.stacks, gap)
                .into_iter()
                .filter_map(|thing| to(thing.role, Some(thing)))
                .collect(),
            LeadsTo::Project => self
                .without(from, &self.projects, gap)
                .into_iter()
                .filter_map(|thing| to(thing.role, Some(thing)))
                .collect(),
            LeadsTo::Elsewhere => Vec::new(),
        }
    }

    /// The things that run with another role than the principal itself; administrators' first.
    fn without<'t>(&self, from: usize, things: &'t Things, gap: &mut Option<NotJudged>) -> Vec<&'t Thing> {
        if gap.is_none() {
            gap.clone_from(&things.unread);
        }
        let mut known: Vec<_> = things.known.iter().filter(|thing| thing.role != from).collect();
        known.sort_by_key(|thing| !self.administrators[thing.role]);
        known
    }

    /// The statements that allow every need of a method; none when one need is not surely met.
    fn prove(
        &self,
        from: usize,
        method: &Method,
        own: Option<&str>,
        target: Option<usize>,
        thing: Option<&str>,
    ) -> Option<Vec<Proof>> {
        let permissions = &self.identities.principals[from].permissions;
        let target_arn = target.map(|at| self.identities.principals[at].arn());
        let can = |need: Need, on: On<'_>| match permissions.can(need.action(), on, &request(need)) {
            Answer::Yes(held) => Some(vec![Proof::of(&held)]),
            _ => None,
        };
        let mut proofs: Vec<Proof> = Vec::new();
        for need in method.needs {
            let proof = match need {
                Need::Some(_) => can(*need, On::Any),
                Need::Caller(_) => can(*need, On::Resource(own?)),
                Need::Target(_) => can(*need, On::Resource(target_arn.or(own)?)),
                Need::Pass(_) => can(*need, On::Resource(target_arn?)),
                Need::Thing(_) => can(*need, On::Resource(thing?)),
                Need::Policy(_) => {
                    let mut policies = Self::own_policies(&self.identities.principals[target?]);
                    policies.find_map(|arn| can(*need, On::Resource(arn)))
                }
                Need::Assume => self.proof_of_assuming(from, target?),
            };
            for proof in proof? {
                if !proofs.contains(&proof) {
                    proofs.push(proof);
                }
            }
        }
        Some(proofs)
    }

    fn assumed_by(&self, from: usize) -> impl Iterator<Item = (usize, &Proof)> {
        let named = self.assumable.get(&from).into_iter().flatten();
        named.chain(&self.assumable_by_account).map(|(at, proof)| (*at, proof))
    }

    fn proof_of_assuming(&self, from: usize, role: usize) -> Option<Vec<Proof>> {
        let find =
            |list: &[(usize, Proof)]| list.iter().find(|(at, _)| *at == role).map(|(_, proof)| proof.clone());
        let permissions = &self.identities.principals[from].permissions;
        let arn = self.identities.principals[role].arn();
        let own = permissions.can("sts:AssumeRole", On::Resource(arn), &[]);
        // Who is named needs no permission, but an explicit deny and a boundary still hold.
        if let Some(proof) = self.assumable.get(&from).and_then(|list| find(list)) {
            let denied = permissions.denies("sts:AssumeRole", arn);
            return (!denied).then(|| vec![proof]);
        }
        let Answer::Yes(held) = own else { return None };
        // The role's trust may hold for this caller only under conditions: ask again with what is known of it.
        let principal = &self.identities.principals[from];
        let trust = self.identities.principals[role].trust.as_ref()?;
        trust::principal(trust, principal.arn(), self.identities.account, &permissions.known)?;
        Some(vec![find(&self.assumable_by_account)?, Proof::of(&held)])
    }

    /// ARNs of the customer-managed policies that a principal has, its own and its groups'.
    fn own_policies<'p>(principal: &'p Principal<'a>) -> impl Iterator<Item = &'p str> {
        let names = principal.permissions.policies.iter().map(|source| &*source.name);
        names.filter(|name| name.starts_with("arn:") && name.split(':').nth(4) != Some("aws"))
    }

    fn has_credentials(&self, user: usize, wanted: Password) -> Result<bool, NotJudged> {
        if wanted == Password::Any {
            return Ok(true);
        }
        let report = self.report.clone()?;
        let name = self.identities.principals[user].name();
        // A user that is newer than the report has no credentials in it: nothing is sure.
        let Some(row) = report.users.get(name).map(|user| &user.credentials) else { return Ok(false) };
        let keys = row.access_keys.iter().filter(|key| key.active || key.last_rotated.is_some()).count();
        Ok(match wanted {
            Password::SpareKey => keys < 2,
            Password::No => row.password_enabled == Some(false),
            Password::Yes => row.password_enabled == Some(true),
            Password::Any => true,
        })
    }

    /// The methods that a policy allows by itself, on resources that could be a target: ones that a wildcard
    /// covers, or ones that exist and have more rights than the policy gives.
    #[must_use]
    pub fn possible(&self, source: &Source) -> Vec<&'static Method> {
        let mut known = Known::default();
        known.is("aws:username", MYSELF);
        let alone = Permissions { policies: vec![source.clone()], known, ..Permissions::default() };
        let allowed = |need: &Need| {
            *need == Need::Assume && alone.can("sts:AssumeRole", On::Any, &[]).is_yes()
                || alone.can(need.action(), On::Any, &request(*need)).is_yes()
        };
        METHODS
            .iter()
            .filter(|method| method.needs != [Need::Assume] && method.needs.iter().all(allowed))
            .filter(|method| self.could_target(&alone, source, method))
            .collect()
    }

    fn could_target(&self, alone: &Permissions, source: &Source, method: &Method) -> bool {
        let iam = |kind: &str, name: &str| {
            format!("arn:{}:iam::{}:{kind}/{name}", self.identities.partition, self.identities.account)
        };
        let (target_kind, own_kind) = match method.leads_to {
            LeadsTo::EverythingAsMember => ("group", "group"),
            LeadsTo::EverythingByPolicy | LeadsTo::EarlierVersion => ("policy", "policy"),
            LeadsTo::EverythingAsUser | LeadsTo::UserUnbound => ("user", "user"),
            LeadsTo::User(_) | LeadsTo::EverythingAsOtherUser => ("user", "user"),
            LeadsTo::Group => ("group", "group"),
            _ => ("role", "role"),
        };
        let can =
            |need: &Need, arn: &str| alone.can(need.action(), On::Resource(arn), &request(*need)).is_yes();
        let all = |target: &str, things: &[String]| {
            method.needs.iter().all(|need| match need {
                Need::Some(_) => true,
                Need::Caller(_) => can(need, &iam(own_kind, MYSELF)) || can(need, &source.name),
                Need::Target(_) | Need::Pass(_) | Need::Assume => can(need, target),
                Need::Policy(_) => can(need, &iam("policy", SOMEBODY)),
                Need::Thing(_) => things.iter().any(|thing| can(need, thing)),
            })
        };
        let any_thing = |service: &str, name: &str| -> Vec<String> {
            let Identities { partition, account, .. } = &*self.identities;
            let arn =
                |region: &&str| format!("arn:{partition}:{service}:{region}:{account}:{name}{SOMEBODY}");
            self.regions.iter().map(arn).collect()
        };
        let (things, any_thing) = match method.leads_to {
            LeadsTo::Instance | LeadsTo::ManagedNode => {
                (Some(&self.instances), any_thing("ec2", "instance/"))
            }
            LeadsTo::Function => (Some(&self.functions), any_thing("lambda", "function:")),
            LeadsTo::Stack => (Some(&self.stacks), any_thing("cloudformation", "stack/")),
            LeadsTo::Project => (Some(&self.projects), any_thing("codebuild", "project/")),
            _ => (None, Vec::new()),
        };
        if all(&iam(target_kind, SOMEBODY), &any_thing) {
            return true;
        }
        let has_more = |at: usize| self.identities.principals[at].permissions.exceeds(alone).is_some();
        if let Some(things) = things {
            let mut known = things.known.iter();
            return known.any(|thing| all("", std::slice::from_ref(&thing.arn)) && has_more(thing.role));
        }
        let existing: Vec<usize> = match method.leads_to {
            LeadsTo::PassedRole | LeadsTo::PassedInstanceRole => {
                let services = method.needs.iter().filter_map(|need| match need {
                    Need::Pass(service) => self.trusting.get(service),
                    _ => None,
                });
                services.flatten().copied().collect()
            }
            LeadsTo::Role
            | LeadsTo::User(_)
            | LeadsTo::EverythingAsOtherRole
            | LeadsTo::EverythingAsOtherUser => (0..self.identities.principals.len()).collect(),
            _ => Vec::new(),
        };
        existing.into_iter().any(|at| all(self.identities.principals[at].arn(), &[]) && has_more(at))
    }
}

/// What cannot be read; what does not exist in a region hides nothing.
fn unreadable(why: NotJudged) -> Option<NotJudged> {
    matches!(why, NotJudged::Gap(_)).then_some(why)
}

/// The keys of the request that a need makes.
fn request(need: Need) -> Vec<(&'static str, &'static str)> {
    match need {
        Need::Pass(service) => vec![("iam:PassedToService", service)],
        need if need.action().starts_with("iam:Attach") => vec![("iam:PolicyARN", CHOSEN_POLICY)],
        _ => Vec::new(),
    }
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
    let gains = rights.exceeds(than).map(|(action, resource)| format!("{action} on {resource}"));
    (administrator || gains.is_some()).then(|| End::Rights { name: name.to_owned(), administrator, gains })
}
