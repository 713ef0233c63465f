//! Functions that a load balancer calls for whoever asks it.

use super::{
    Builder, Class,
    because::Because,
    entries::{Prefix, distinct},
    graph::{Certainty, Doubt, Edge, EdgeKind, Node, NodeKind},
    outside,
    rank::Ease,
};
use crate::{
    analysis::{network::reachability::Reaches, policy::Policy},
    snapshot::lambda,
};

impl Builder<'_, '_> {
    /// Functions that are targets of load balancers which the internet reaches. They are there to be asked.
    pub(super) fn balanced(&mut self) {
        for (name, region) in &self.snapshot.regions {
            let functions = region.lambda.functions.known().into_iter().flatten();
            let network = self.analyses.network(name, region);
            for function in functions {
                let Reaches { ways, unread } = network.of_function(&function.arn);
                if let (true, Some(why)) = (ways.is_empty(), unread) {
                    self.note(Class::Function, &why);
                }
                if ways.is_empty() {
                    continue;
                }
                // What could not be read is noted where functions are asked about that anyone may call.
                let Ok(Some(text)) = region.lambda.policies.of(&function.name) else { continue };
                let operation = lambda::op::GetPolicy;
                let Ok(policy) = Policy::read(text, operation, Some(name), &function.name) else { continue };
                // Application Load Balancers User Guide, "Lambda functions as targets".
                let Some(statement) = policy.allows().find(|it| {
                    let mut names = it.principals.iter().flat_map(|principals| principals.names());
                    it.actions.selects_action("lambda:InvokeFunction")
                        && names.any(|name| name == "elasticloadbalancing.amazonaws.com")
                }) else {
                    continue;
                };
                for way in distinct(&ways) {
                    let from = self.graph.node(outside(NodeKind::Internet, "internet"));
                    let balancer = self.graph.node(Node {
                        kind: NodeKind::LoadBalancer,
                        id: way.through.to_owned(),
                        // Its name is unique in its region.
                        arn: format!("{name}/{}", way.through),
                        resource_type: "AWS::ElasticLoadBalancingV2::LoadBalancer",
                        region: Some(name.clone()),
                    });
                    let to = self.graph.node(Node::of(NodeKind::Compute, function, &self.place(name)));
                    let reaches = self.graph.edge(Edge {
                        from,
                        to: balancer,
                        kind: EdgeKind::Reaches,
                        because: Because::Way {
                            protocol: way.protocol,
                            ports: way.ports,
                            security_group: way.security_group.map(str::to_owned),
                            route_table: way.route_table.to_owned(),
                            internet_gateway: way.internet_gateway.to_owned(),
                            network_acl: way.network_acl.to_owned(),
                        },
                        certainty: Certainty::Certain,
                        findings: Vec::new(),
                        grant: None,
                    });
                    let forwards = self.graph.edge(Edge {
                        from: balancer,
                        to,
                        kind: EdgeKind::Forwards,
                        because: Because::AllowedByResource {
                            action: "lambda:InvokeFunction",
                            statement: statement.label(),
                        },
                        certainty: Certainty::Conditional(Doubt::Flaw),
                        findings: Vec::new(),
                        grant: None,
                    });
                    let prefix =
                        Prefix { is_meant: true, ..Prefix::along(vec![reaches, forwards], Ease::Many) };
                    self.entry(Class::Function, to, prefix);
                }
            }
        }
    }
}
