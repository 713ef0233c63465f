//! From what was entered to whose rights that has, and what those reach.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    rc::Rc,
};

use super::{
    Builder, Stopped,
    because::{Because, Proof},
    graph::{Certainty, Edge, EdgeKind, Grant, Impact, Node, NodeKind},
    note,
    stores::{Stores, of_policy},
};
use crate::{
    analysis::{
        escalation::{Destination, Escalation, Hidden},
        identity::{Identities, Principal, Who},
        policy::{
            admin,
            effective::{Answer, On},
        },
    },
    finding,
    gap::NotJudged,
    snapshot::{Judged, iam},
};

/// The graph grows no further than this: roles that everyone may assume make edges by the square of their number.
const MOST_EDGES: usize = if cfg!(test) { 15_000 } else { 100_000 };

/// Ways that take several are looked for as long as the principals times the edges are no more than these.
const MOST_TOGETHER: usize = 20_000_000;

impl<'a> Builder<'_, 'a> {
    /// The node of a user or role.
    pub(super) fn principal(&mut self, identities: &Identities<'_>, at: usize) -> usize {
        let principal = &identities.principals[at];
        let resource_type = match principal.who {
            Who::User(_) => iam::User::TYPE,
            Who::Role(_) => iam::Role::TYPE,
        };
        self.graph.node(Node {
            kind: NodeKind::Principal,
            id: principal.name().to_owned(),
            arn: principal.arn().to_owned(),
            resource_type,
            region: None,
        })
    }

    /// Follows every entry to all that it leads to.
    pub(super) fn walk(&mut self) {
        let (Ok(identities), Ok(escalation)) = (self.analyses.identities(), self.analyses.escalation())
        else {
            return;
        };
        self.roles_of_compute(&identities);
        let holders = self.holders();
        let stores = Stores::of(self.snapshot, self.tuning.base(), &mut self.graph);
        self.unread.stores.clone_from(&stores.unread);
        self.unread.kept.clone_from(&stores.kept);
        let trails = self.trails();
        let mut clusters = self.clusters(&identities);
        let administrator = self.graph.node(Node {
            kind: NodeKind::Administrator,
            id: self.snapshot.account.id.clone(),
            arn: self.place("").root_arn(),
            resource_type: "AWS::::Account",
            region: None,
        });
        let principals = self.graph.nodes.iter().enumerate().filter(|(_, it)| it.kind == NodeKind::Principal);
        let mut open: VecDeque<_> = principals.filter_map(|(_, node)| identities.find(&node.arn)).collect();
        let mut seen: HashSet<usize> = open.iter().copied().collect();
        let mut walked = Vec::new();
        let mut hidden = Hidden::default();
        while let Some(at) = open.pop_front() {
            if self.graph.edges.len() > MOST_EDGES {
                self.stopped = Some(Stopped::AtEdges(self.graph.edges.len()));
                break;
            }
            let node = self.principal(&identities, at);
            let principal = &identities.principals[at];
            if self.administers(principal, node, administrator) {
                continue;
            }
            if let Some(why) = &principal.unread {
                note(&mut self.unread.inside, why);
            }
            walked.push(at);
            for next in self.escalates(&identities, &escalation, at, node, administrator, &mut hidden) {
                if seen.insert(next) {
                    open.push_back(next);
                }
            }
            let place = self.place("");
            stores.edges(principal, node, &mut self.graph, &place);
            self.reads(principal, node, &holders);
            self.stops(principal, node, &trails);
            for next in self.enters_clusters(&mut clusters, &identities, principal, node) {
                if seen.insert(next) {
                    open.push_back(next);
                }
            }
        }
        escalation.unread(hidden, &mut self.unread.inside);
        self.together(&identities, &escalation, &walked, administrator);
    }

    /// From instances and functions to the roles that they run with.
    fn roles_of_compute(&mut self, identities: &Rc<Identities<'a>>) {
        let mut by_profile = HashMap::new();
        for (at, principal) in identities.principals.iter().enumerate() {
            for profile in principal.usable_role().into_iter().flat_map(|role| &role.instance_profiles) {
                by_profile.insert(profile.as_str(), at);
            }
        }
        let compute: HashMap<String, usize> = self
            .graph
            .nodes
            .iter()
            .enumerate()
            .filter(|(_, node)| node.kind == NodeKind::Compute)
            .map(|(at, node)| (node.arn.clone(), at))
            .collect();
        let mut found = Vec::new();
        for (name, region) in &self.snapshot.regions {
            let place = self.place(name);
            for instance in region.ec2.instances.known().into_iter().flatten() {
                let Some(from) = compute.get(&instance.arn(&place)) else { continue };
                let Some(profile) = instance.instance_profile.as_deref() else { continue };
                if let Some(role) = by_profile.get(profile) {
                    found.push((*from, *role, Because::InstanceProfile(profile.to_owned())));
                }
            }
            let task_roles = region.ecs.task_roles.known();
            for service in region.ecs.services.known().into_iter().flatten() {
                let Some(from) = compute.get(&service.arn) else { continue };
                if let Err(why) = region.ecs.task_roles.get() {
                    note(&mut self.unread.inside, &why);
                }
                let definition = service.task_definition.as_ref();
                let role = definition.and_then(|arn| task_roles?.get(arn)?.as_deref());
                if let Some(role) = role.and_then(|role| identities.find(role)) {
                    found.push((*from, role, Because::ExecutionRole));
                }
            }
            for function in region.lambda.functions.known().into_iter().flatten() {
                let Some(from) = compute.get(&function.arn) else { continue };
                if let Some(role) = identities.find(&function.role) {
                    found.push((*from, role, Because::ExecutionRole));
                }
            }
            for project in region.codebuild.projects.known().into_iter().flatten() {
                let Some(from) = compute.get(&project.arn) else { continue };
                if let Some(role) = project.service_role.as_deref().and_then(|role| identities.find(role)) {
                    found.push((*from, role, Because::ExecutionRole));
                }
            }
        }
        for (from, role, because) in found {
            let to = self.principal(identities, role);
            let (kind, certainty) = (EdgeKind::RunsAs, Certainty::Certain);
            let findings = Vec::new();
            self.graph.edge(Edge { from, to, kind, because, certainty, findings, grant: None });
        }
    }

    /// Whether it is an administrator; then everything else is said. Each policy that makes one is an edge: who loses one
    /// of them may have another.
    fn administers(&mut self, principal: &Principal<'_>, from: usize, to: usize) -> bool {
        if principal.permissions.administrator().is_none() {
            return false;
        }
        for source in &principal.permissions.policies {
            let Some(statement) = admin::full_admin(&source.policy) else { continue };
            let proof = Proof { policy: source.name.to_string(), statement: statement.label() };
            self.administers_by(principal, proof, from, to);
        }
        true
    }

    fn administers_by(&mut self, principal: &Principal<'_>, proof: Proof, from: usize, to: usize) {
        let place = self.place("");
        let mut findings = of_policy(
            &proof.policy,
            principal,
            &place,
            &["iam-policy-full-admin", "iam-inline-policy-full-admin", "iam-policy-privilege-escalation"],
        );
        if proof.policy.starts_with("arn:") {
            let (kind, name) = kind_of(principal);
            let attached = |kind: &str, name: &str| {
                finding::id_of("iam-admin-policy-attached", place.account, kind, None, name, None)
            };
            findings.push(attached(kind, name));
            if let Who::User(user) = principal.who {
                findings.extend(user.groups.iter().map(|group| attached(iam::Group::TYPE, group)));
            }
        }
        self.graph.edge(Edge {
            from,
            to,
            kind: EdgeKind::Administers,
            because: Because::Administrator(proof),
            certainty: Certainty::Certain,
            findings,
            grant: Some(to_administrator()),
        });
    }

    /// The methods by which it gets other rights; returns whom it becomes.
    fn escalates(
        &mut self,
        identities: &Rc<Identities<'a>>,
        escalation: &Escalation<'a>,
        at: usize,
        from: usize,
        administrator: usize,
        hidden: &mut Hidden,
    ) -> Vec<usize> {
        let (steps, hidden_here) = escalation.steps(at);
        hidden.extend(&hidden_here);
        let mut next = Vec::new();
        for step in steps {
            let (to, grant) = match step.leads_to {
                Destination::Principal(to) => {
                    next.push(to);
                    (self.principal(identities, to), None)
                }
                Destination::Administrator => (administrator, Some(to_administrator())),
            };
            let findings = self.of_steps(identities, at, &step.steps);
            let through = step.steps.last().and_then(|step| step.through.as_deref());
            if let Some(instance) = through.and_then(|thing| self.beside(thing)) {
                self.graph.edge(Edge {
                    from,
                    to: instance,
                    kind: EdgeKind::Controls,
                    because: Because::Steps(step.steps.clone()),
                    certainty: Certainty::Certain,
                    findings: findings.clone(),
                    grant: None,
                });
            }
            self.graph.edge(Edge {
                from,
                to,
                kind: if step.assumes { EdgeKind::Assumes } else { EdgeKind::Escalates },
                because: Because::Steps(step.steps),
                certainty: Certainty::Certain,
                findings,
                grant,
            });
        }
        next
    }

    /// Ids of the findings that tell of an escalation: about who takes it, and about the policies that allow it.
    fn of_steps(
        &self,
        identities: &Identities<'_>,
        by: usize,
        steps: &[crate::analysis::escalation::Step],
    ) -> Vec<String> {
        const CHECK: &str = "iam-policy-privilege-escalation";
        let (place, principal) = (self.place(""), &identities.principals[by]);
        let (kind, name) = kind_of(principal);
        let mut findings = vec![finding::id_of(CHECK, place.account, kind, None, name, None)];
        let checks = [CHECK, "iam-policy-pass-role-any", "iam-policy-assume-role-any"];
        for proof in steps.iter().flat_map(|step| &step.statements) {
            for id in of_policy(&proof.policy, principal, &place, &checks) {
                if !findings.contains(&id) {
                    findings.push(id);
                }
            }
        }
        findings
    }

    /// Ways to administration that take several who are held by then: what one of them writes helps another.
    fn together(
        &mut self,
        identities: &Rc<Identities<'a>>,
        escalation: &Escalation<'a>,
        walked: &[usize],
        administrator: usize,
    ) {
        if self.stopped.is_some() || walked.len().saturating_mul(self.graph.edges.len()) > MOST_TOGETHER {
            self.stopped = Some(Stopped::AtEdges(self.graph.edges.len()));
            return;
        }
        // Who gets there by single steps needs no other way.
        let mut into: HashMap<usize, Vec<usize>> = HashMap::new();
        for edge in &self.graph.edges {
            into.entry(edge.to).or_default().push(edge.from);
        }
        let mut there = HashSet::from([administrator]);
        let mut open = vec![administrator];
        while let Some(node) = open.pop() {
            for from in into.get(&node).into_iter().flatten() {
                if there.insert(*from) {
                    open.push(*from);
                }
            }
        }
        for at in walked {
            let from = self.principal(identities, *at);
            if there.contains(&from) {
                continue;
            }
            let Ok(Some(path)) = escalation.path(*at) else { continue };
            if !path.administrator {
                continue;
            }
            let findings = self.of_steps(identities, *at, &path.chain);
            self.graph.edge(Edge {
                from,
                to: administrator,
                kind: EdgeKind::Escalates,
                because: Because::Steps(path.chain),
                certainty: Certainty::Certain,
                findings,
                grant: Some(to_administrator()),
            });
        }
    }

    /// The trails of the account's own, where they are all that watches; none where somebody else keeps one.
    fn trails(&mut self) -> Vec<usize> {
        let account = self.snapshot.account.id.as_str();
        let mut trails = Vec::new();
        for region in self.snapshot.regions.values() {
            // What could not be read may be a trail that stays.
            let listed = match region.cloudtrail.trails.get() {
                Ok(listed) => listed,
                Err(NotJudged::NotApplicable) => continue,
                Err(why) => {
                    note(&mut self.unread.trails, &why);
                    return Vec::new();
                }
            };
            for trail in listed {
                let status = match trail.status.get() {
                    Ok(status) => status,
                    Err(why) => {
                        note(&mut self.unread.trails, &why);
                        return Vec::new();
                    }
                };
                if !status.is_logging {
                    continue;
                }
                if trail.account() != account {
                    return Vec::new();
                }
                let node = self.graph.node(Node {
                    kind: NodeKind::Audit,
                    id: trail.name.clone(),
                    arn: trail.arn.clone(),
                    resource_type: "AWS::CloudTrail::Trail",
                    region: Some(trail.home_region.clone()),
                });
                if !trails.contains(&node) {
                    trails.push(node);
                }
            }
        }
        trails
    }

    /// Whether it can stop every trail.
    fn stops(&mut self, principal: &Principal<'_>, from: usize, trails: &[usize]) {
        let Some(first) = trails.first() else { return };
        let mut because = None;
        for trail in trails {
            let arn = &self.graph.nodes[*trail].arn;
            let actions = ["cloudtrail:StopLogging", "cloudtrail:DeleteTrail"];
            let allowed = actions.iter().find_map(|action| {
                match principal.permissions.can(action, On::Resource(arn), &[]) {
                    Answer::Yes(held) => Some(Because::Allowed { action, by: Proof::of(&held) }),
                    _ => None,
                }
            });
            let Some(allowed) = allowed else { return };
            because.get_or_insert(allowed);
        }
        let Some(because) = because else { return };
        let stores = trails.iter().filter_map(|trail| u32::try_from(*trail).ok()).collect();
        let group = "AWS::CloudTrail::Trail".to_owned();
        self.graph.edge(Edge {
            from,
            to: *first,
            kind: EdgeKind::Stops,
            because,
            certainty: Certainty::Certain,
            findings: Vec::new(),
            grant: Some(Grant { impact: Impact::Blind, group, stores, wide: false }),
        });
    }
}

fn to_administrator() -> Grant {
    let (impact, group) = (Impact::Administrator, "administrator".to_owned());
    Grant { impact, group, stores: [].into(), wide: false }
}

/// The CloudFormation type and the name of a user or role.
fn kind_of<'p>(principal: &Principal<'p>) -> (&'static str, &'p str) {
    match principal.who {
        Who::User(user) => (iam::User::TYPE, &user.name),
        Who::Role(role) => (iam::Role::TYPE, &role.name),
    }
}
