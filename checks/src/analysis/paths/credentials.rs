//! Credentials as a step: what somebody holds, and what somebody may read in which one was found.

use super::{
    Builder,
    because::{Because, Proof},
    graph::{Certainty, Edge, EdgeKind, Node, NodeKind},
    stores::unclear,
};
use crate::{
    analysis::{
        identity::Principal,
        policy::effective::{Answer, On},
    },
    snapshot::{
        Judged, cloudformation::Stack, codebuild::Project, ec2, ec2::Instance, ecs::TaskDefinition,
        lambda::Function,
    },
};

/// Something in whose configuration a credential was found.
#[derive(Clone, Debug)]
pub(super) struct Holder {
    /// It, as what holds data: whoever reads its configuration does not get its role.
    node: usize,
    arn: String,
    /// Actions of which one is enough to read its configuration.
    actions: &'static [&'static str],
}

/// Actions that tell of user data, variables, and outputs of a resource of that type (Service Authorization Reference).
fn reading(resource_type: &str) -> &'static [&'static str] {
    match resource_type {
        // The list has the variables of each.
        Function::TYPE => &["lambda:GetFunctionConfiguration", "lambda:GetFunction", "lambda:ListFunctions"],
        Instance::TYPE => &["ec2:DescribeInstanceAttribute"],
        ec2::LaunchTemplate::TYPE => &["ec2:DescribeLaunchTemplateVersions"],
        TaskDefinition::TYPE => &["ecs:DescribeTaskDefinition"],
        Project::TYPE => &["codebuild:BatchGetProjects"],
        Stack::TYPE => &["cloudformation:DescribeStacks"],
        _ => &[],
    }
}

impl<'a> Builder<'_, 'a> {
    /// Whether a credential was found in something that runs code.
    pub(super) fn holds(&self, arn: &str) -> bool {
        let at = self.graph.find(NodeKind::Compute, arn);
        at.is_some_and(|at| self.held_by(at).next().is_some())
    }

    fn held_by(&self, at: usize) -> impl Iterator<Item = &Edge> {
        let edges = self.graph.out[at].iter().map(|edge| &self.graph.edges[*edge]);
        edges.filter(|edge| edge.kind == EdgeKind::Holds)
    }

    /// Tasks of services hold what their task definitions do.
    pub(super) fn held_by_tasks(&mut self) {
        let mut found = Vec::new();
        for service in self.snapshot.regions.values().flat_map(|it| it.ecs.services.known()).flatten() {
            let definition = service.task_definition.as_deref();
            let ends = [Some(service.arn.as_str()), definition];
            let [Some(from), Some(definition)] =
                ends.map(|arn| arn.and_then(|arn| self.graph.find(NodeKind::Compute, arn)))
            else {
                continue;
            };
            found.extend(self.held_by(definition).map(|edge| Edge { from, ..edge.clone() }));
        }
        for edge in found {
            self.graph.edge(edge);
        }
    }

    /// Everything in whose configuration a credential was found.
    pub(super) fn holders(&mut self) -> Vec<Holder> {
        let held = self.graph.edges.iter().filter(|edge| edge.kind == EdgeKind::Holds).cloned();
        let mut holders: Vec<Holder> = Vec::new();
        for edge in held.collect::<Vec<_>>() {
            let holder = self.graph.nodes[edge.from].clone();
            let actions = reading(holder.resource_type);
            if actions.is_empty() {
                continue;
            }
            let arn = holder.arn.clone();
            let node = self.graph.node(Node { kind: NodeKind::DataStore, ..holder });
            self.graph.edge(Edge { from: node, ..edge });
            if !holders.iter().any(|holder| holder.node == node) {
                holders.push(Holder { node, arn, actions });
            }
        }
        holders
    }

    /// From somebody who may read it to what holds a credential.
    pub(super) fn reads(&mut self, principal: &Principal<'_>, from: usize, holders: &[Holder]) {
        for Holder { node, arn, actions } in holders {
            let mut found: Option<(Because, Certainty)> = None;
            for action in *actions {
                match principal.permissions.can(action, On::Resource(arn), &[]) {
                    Answer::Yes(held) => {
                        let because = Because::Allowed { action, by: Proof::of(&held) };
                        found = Some((because, Certainty::Certain));
                        break;
                    }
                    Answer::Unclear(cause) if found.is_none() => {
                        found = Some(unclear(action, cause));
                    }
                    _ => {}
                }
            }
            let Some((because, certainty)) = found else { continue };
            self.graph.edge(Edge {
                from,
                to: *node,
                kind: EdgeKind::Reads,
                because,
                certainty,
                findings: Vec::new(),
                grant: None,
            });
        }
    }
}
