//! Whose rights somebody may change, closed over everybody that is already held: who writes a policy and whom it
//! helps need not be the same.

use std::{collections::HashMap, sync::Arc};

use super::{
    About, End, Escalation, MOST_NAMES, Proof, Right, SOMEBODY, Step, everything, is_customer_managed,
    methods::{self, LeadsTo, Method, Need},
    more_rights, taken,
};
use crate::analysis::{
    identity::{Identities, Who},
    policy::{
        Match, Policy,
        effective::{On, Permissions, Source},
    },
};

/// More rights for somebody who is held, or for somebody new.
#[derive(Clone, Debug)]
pub(super) struct Change {
    /// Whom it helps; none when that is somebody new.
    subject: Option<usize>,
    pub(super) steps: Vec<ChangeStep>,
    pub(super) administrator: bool,
    pub(super) gains: Option<Right>,
}

/// One operation that changes somebody.
#[derive(Clone, Debug)]
pub(super) struct ChangeStep {
    by: usize,
    /// Others who do a part of it.
    with: Vec<usize>,
    method: &'static Method,
    proofs: Vec<Proof>,
    name: String,
}

impl Change {
    /// Everybody who must be held for it: whom it helps, then who does it.
    pub(super) fn nodes(&self) -> Vec<usize> {
        let doers =
            self.steps.iter().flat_map(|step| std::iter::once(step.by).chain(step.with.iter().copied()));
        self.subject.into_iter().chain(doers).collect()
    }
}

impl ChangeStep {
    pub(super) fn told(&self, identities: &Identities<'_>) -> Step {
        let (actions, statements) = taken(&identities.principals[self.by], self.method, &self.proofs);
        Step {
            from: identities.principals[self.by].arn().to_owned(),
            method: self.method.id,
            actions,
            statements,
            through: None,
            to: self.name.clone(),
        }
    }
}

/// What is known of changes on the way from one principal.
pub(super) struct Changes<'p> {
    /// What the start can do: more than that is gained.
    own: &'p Permissions,
    /// Everybody held whose edges were looked at.
    held: Vec<usize>,
    /// Those of them who may change somebody.
    changers: Vec<usize>,
    standings: HashMap<usize, Standing>,
    /// Who writes the policies of which group.
    group_writers: HashMap<usize, ChangeStep>,
}

/// How far somebody's rights can be changed.
#[derive(Clone, Debug, Default)]
struct Standing {
    /// Its policies are written at will.
    written: Option<Vec<ChangeStep>>,
    /// Its boundary goes, or bounds nothing any more.
    unbound: Option<ChangeStep>,
    /// Groups that it can be put into.
    joins: Vec<(usize, ChangeStep)>,
}

impl<'p> Changes<'p> {
    pub(super) fn new(own: &'p Permissions) -> Self {
        let (held, changers) = (Vec::new(), Vec::new());
        Self { own, held, changers, standings: HashMap::new(), group_writers: HashMap::new() }
    }
}

fn change_methods() -> impl Iterator<Item = (u64, &'static Method)> {
    let changing = methods::all().filter(|method| method.leads_to.is_change());
    changing.enumerate().map(|(at, method)| (1 << at, method))
}

impl<'a> Escalation<'a> {
    /// Which methods that change somebody the principal may begin. One that makes somebody may be begun by who has
    /// any permission of it: others may have the rest.
    fn change_bits(&self, at: usize) -> u64 {
        *self.changes[at].get_or_init(|| {
            let permissions = &self.identities.principals[at].permissions;
            let begins = |method: &&'static Method| match method.leads_to {
                LeadsTo::NewUser | LeadsTo::NewMember | LeadsTo::NewRole => method.needs.iter().any(|need| {
                    let statements = permissions.policies.iter().flat_map(|source| source.policy.allows());
                    let mut actions = statements.map(|statement| &statement.actions);
                    actions.any(|actions| actions.selects_action(need.action()))
                }),
                _ => self.may_begin(at, method),
            };
            change_methods().filter(|(_, method)| begins(method)).fold(0, |bits, (bit, _)| bits | bit)
        })
    }

    /// The changes that become possible now that this principal is held too.
    pub(super) fn changes(&self, node: usize, known: &mut Changes<'_>) -> Vec<Change> {
        let bits = self.change_bits(node);
        known.held.push(node);
        let mut touched = Vec::new();
        if bits != 0 {
            known.changers.push(node);
            self.write_groups(node, bits, known);
            for subject in known.held.clone() {
                self.change(node, subject, known);
                touched.push(subject);
            }
        }
        for changer in known.changers.clone() {
            if changer != node {
                self.change(changer, node, known);
                touched.push(node);
            }
        }
        let mut found: Vec<_> = touched.into_iter().flat_map(|subject| self.ends(subject, known)).collect();
        if bits != 0 {
            found.extend(self.somebody_new(known));
        }
        found.sort_by_key(|change| !change.administrator);
        found
    }

    fn write_groups(&self, changer: usize, bits: u64, known: &mut Changes<'_>) {
        for (bit, method) in change_methods() {
            if bits & bit == 0 || method.leads_to != LeadsTo::EverythingAsMember {
                continue;
            }
            for (at, (group, _)) in self.identities.groups.iter().enumerate() {
                let about = About { own: Some(&group.arn), ..About::default() };
                if known.group_writers.contains_key(&at) {
                    continue;
                }
                if let Some(proofs) = self.prove(changer, method, about) {
                    let name = group.arn.clone();
                    let step = ChangeStep { by: changer, with: Vec::new(), method, proofs, name };
                    known.group_writers.insert(at, step);
                }
            }
        }
    }

    /// Notes how one principal may change another, or itself.
    fn change(&self, changer: usize, subject: usize, known: &mut Changes<'_>) {
        let bits = self.change_bits(changer);
        let principal = &self.identities.principals[subject];
        let standing = known.standings.entry(subject).or_default();
        let boundary = principal.permissions.boundary.as_ref();
        let is_user = matches!(principal.who, Who::User(_));
        for (_, method) in change_methods().filter(|(bit, _)| bits & bit != 0) {
            let prove = |own: &str| {
                let about = About { own: Some(own), target: Some(subject), thing: None };
                let proofs = self.prove(changer, method, about)?;
                Some(ChangeStep { by: changer, with: Vec::new(), method, proofs, name: own.to_owned() })
            };
            match method.leads_to {
                LeadsTo::EverythingAsUser | LeadsTo::EverythingAsRole
                    if is_user == (method.leads_to == LeadsTo::EverythingAsUser)
                        && standing.written.is_none()
                        && self.is_changeable(subject) =>
                {
                    standing.written = prove(principal.arn()).map(|step| vec![step]);
                }
                LeadsTo::EverythingByPolicy => {
                    if standing.written.is_none() {
                        let step = Self::own_policies(principal).find_map(prove);
                        standing.written = step.map(|step| vec![step]);
                    }
                    let of_boundary = boundary.filter(|boundary| is_customer_managed(&boundary.name));
                    if let (None, Some(boundary)) = (&standing.unbound, of_boundary) {
                        standing.unbound = prove(&boundary.name);
                    }
                }
                LeadsTo::UserUnbound | LeadsTo::RoleUnbound
                    if is_user == (method.leads_to == LeadsTo::UserUnbound)
                        && boundary.is_some()
                        && standing.unbound.is_none()
                        && self.is_changeable(subject) =>
                {
                    standing.unbound = prove(principal.arn());
                }
                LeadsTo::Group => {
                    let Who::User(user) = principal.who else { continue };
                    for (at, (group, _)) in self.identities.groups.iter().enumerate() {
                        let is_new = !standing.joins.iter().any(|(joined, _)| *joined == at);
                        if is_new && !user.groups.contains(&group.name) {
                            let about = About { own: Some(&group.arn), ..About::default() };
                            let proofs = self.prove(changer, method, about);
                            let name = group.arn.clone();
                            let step =
                                |proofs| ChangeStep { by: changer, with: Vec::new(), method, proofs, name };
                            standing.joins.extend(proofs.map(|proofs| (at, step(proofs))));
                        }
                    }
                }
                _ => {}
            }
        }
        if let (Who::User(user), None) = (principal.who, &standing.written) {
            let groups = self.identities.groups.iter().enumerate();
            let mut written = groups.filter_map(|(at, (group, _))| {
                let writes = known.group_writers.get(&at)?.clone();
                if user.groups.contains(&group.name) {
                    return Some(vec![writes]);
                }
                let (_, joins) = standing.joins.iter().find(|(joined, _)| *joined == at)?;
                Some(vec![joins.clone(), writes])
            });
            standing.written = written.next();
        }
    }

    /// What the changes to somebody lead to.
    fn ends(&self, subject: usize, known: &Changes<'_>) -> Vec<Change> {
        let Some(standing) = known.standings.get(&subject) else { return Vec::new() };
        let principal = &self.identities.principals[subject];
        let permissions = &principal.permissions;
        let boundary = permissions.boundary.as_ref();
        let change = |steps: Vec<ChangeStep>, end: Option<End>| match end? {
            End::Rights { administrator, gains, .. } => {
                let gains = gains.filter(|_| !administrator);
                Some(Change { subject: Some(subject), steps, administrator, gains })
            }
            End::Principal(_) => None,
        };
        let mut found = Vec::new();
        if let Some(written) = &standing.written {
            let (steps, boundary) = match &standing.unbound {
                Some(unbound) if boundary.is_some() => {
                    (std::iter::once(unbound).chain(written).cloned().collect(), None)
                }
                _ => (written.clone(), boundary),
            };
            found.extend(change(steps, everything(known.own, boundary, "")));
        }
        if let Some(unbound) = &standing.unbound {
            let rights = Permissions { boundary: None, ..permissions.clone() };
            found.extend(change(vec![unbound.clone()], more_rights(&rights, known.own, "")));
        }
        for (group, joins) in &standing.joins {
            let (_, of_group) = &self.identities.groups[*group];
            let rights = Permissions { policies: of_group.policies.clone(), ..permissions.clone() };
            found.extend(change(vec![joins.clone()], more_rights(&rights, known.own, "")));
        }
        found.extend(self.earlier_versions(subject, known));
        found
    }

    /// Rights of earlier versions of a policy that somebody has.
    fn earlier_versions(&self, subject: usize, known: &Changes<'_>) -> Option<Change> {
        let principal = &self.identities.principals[subject];
        let (bit, method) =
            change_methods().find(|(_, method)| method.leads_to == LeadsTo::EarlierVersion)?;
        let changers = known.changers.iter().filter(|changer| self.change_bits(**changer) & bit != 0);
        let found = changers.flat_map(|changer| {
            Self::own_policies(principal).filter_map(move |arn| {
                let about = About { own: Some(arn), target: Some(subject), thing: None };
                let versions = &self.authorization.policy(arn)?.other_versions;
                let ends = versions.iter().filter_map(|(version, document)| {
                    let name = format!("{arn} {version}");
                    let policy = Arc::new(Policy::parse(document).ok()?);
                    let source = Source { name: name.as_str().into(), policy };
                    let rights = Permissions { policies: vec![source], ..principal.permissions.clone() };
                    more_rights(&rights, known.own, &name)
                });
                let end = ends.max_by_key(|end| matches!(end, End::Rights { administrator: true, .. }))?;
                let End::Rights { name, administrator, gains } = end else { return None };
                let proofs = self.prove(*changer, method, about)?;
                let step = ChangeStep { by: *changer, with: Vec::new(), method, proofs, name };
                Some(Change { subject: Some(subject), steps: vec![step], administrator, gains })
            })
        });
        found.max_by_key(|change| change.administrator)
    }

    /// Somebody who is made, by those who are held together.
    fn somebody_new(&self, known: &Changes<'_>) -> Option<Change> {
        change_methods().find_map(|(_, method)| {
            let kind = match method.leads_to {
                LeadsTo::NewRole => "role",
                LeadsTo::NewUser | LeadsTo::NewMember => "user",
                _ => return None,
            };
            let names = self.new_names(kind, method, known);
            names.into_iter().find_map(|name| self.made(method, &name, known))
        })
    }

    fn made(&self, method: &'static Method, name: &str, known: &Changes<'_>) -> Option<Change> {
        let by_somebody = |need: &Need, on: &str| {
            known
                .changers
                .iter()
                .find_map(|at| Some((*at, self.can(*at, *need, On::Resource(on), About::default())?)))
        };
        let mut doers = Vec::new();
        let mut end = End::Rights { name: shown(name), administrator: true, gains: None };
        for need in method.needs {
            doers.push(match need {
                Need::Target(_) => {
                    let mut groups = self.identities.groups.iter().filter_map(|(group, of_group)| {
                        let end = more_rights(of_group, known.own, &group.arn)?;
                        Some((by_somebody(need, &group.arn)?, end))
                    });
                    let (doer, rights) = groups.next()?;
                    end = rights;
                    doer
                }
                _ => by_somebody(need, name)?,
            });
        }
        // A role is assumed by whom its new trust policy names; a deny still holds.
        if method.leads_to == LeadsTo::NewRole {
            let denied =
                |at: &usize| self.identities.principals[*at].permissions.denies("sts:AssumeRole", name);
            if known.held.iter().all(denied) {
                return None;
            }
        }
        let End::Rights { administrator, gains, .. } = end else { return None };
        let mut proofs: Vec<Proof> = Vec::new();
        for (_, proof) in &doers {
            if !proofs.contains(proof) {
                proofs.push(proof.clone());
            }
        }
        let by = doers.first()?.0;
        let with = doers.into_iter().map(|(at, _)| at).collect();
        let step = ChangeStep { by, with, method, proofs, name: shown(name) };
        Some(Change { subject: None, steps: vec![step], administrator, gains })
    }

    /// ARNs that somebody new could have, as the policies of those who make them allow: the part that a wildcard
    /// leaves open is one that only a wildcard matches.
    fn new_names(&self, kind: &str, method: &Method, known: &Changes<'_>) -> Vec<String> {
        let Identities { partition, account, .. } = &*self.identities;
        let head = format!("arn:{partition}:iam::{account}:{kind}/");
        let marker = format!(":{kind}/");
        let mut names = Vec::new();
        for changer in &known.changers {
            let permissions = &self.identities.principals[*changer].permissions;
            let allows = permissions.policies.iter().flat_map(|source| source.policy.allows());
            let about = allows.filter(|statement| {
                method.needs.iter().any(|need| {
                    matches!(need, Need::New(_)) && statement.actions.selects_action(need.action())
                })
            });
            for pattern in about.flat_map(|statement| match &statement.resources {
                Match::Any(patterns) => patterns.as_slice(),
                Match::NoneOf(_) => &[],
            }) {
                let Some(pattern) = permissions.known.resolve(pattern) else { continue };
                let rest = pattern.split_once(&marker).map_or("*", |(_, rest)| rest);
                let name = format!("{head}{}", rest.replace(['*', '?'], SOMEBODY));
                let is_there = self.identities.find(&name).is_some();
                if !is_there && !names.contains(&name) && names.len() < MOST_NAMES {
                    names.push(name);
                }
            }
        }
        names.push(format!("{head}{SOMEBODY}"));
        names
    }
}

/// A name with the part that is left open as a wildcard.
fn shown(name: &str) -> String {
    name.replace(SOMEBODY, "*")
}
