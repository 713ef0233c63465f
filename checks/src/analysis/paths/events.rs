//! Functions that are called for what everyone may write: messages of a topic, objects of a bucket.

use super::{
    Builder, Class,
    because::Because,
    entries::{Prefix, node},
    graph::{Certainty, Doubt, Edge, EdgeKind, Node, NodeKind},
    open, outside,
    rank::Ease,
};
use crate::{
    analysis::{
        policy::{Policy, Statement, pattern, public::open_to_everyone},
        s3_exposure::{self, Access},
    },
    finding::{self, Finding, Status},
    gap::NotJudged,
    snapshot::{
        Judged, Region,
        lambda::{self, Function},
        s3::Bucket,
        sns::{self, Topic},
    },
};

/// A function, and the statement of its policy that lets a service call it for some of its resources.
struct Called<'a> {
    function: &'a Function,
    statement: String,
    /// The services.
    services: Vec<String>,
    /// Patterns of the resources' ARNs.
    sources: Vec<String>,
}

impl Called<'_> {
    fn is_for(&self, service: &str, arn: &str) -> bool {
        self.services.iter().any(|it| it == service)
            && self.sources.iter().any(|source| pattern::matches(source, arn))
    }
}

impl<'a> Builder<'_, 'a> {
    /// Functions that are called for what everyone publishes or uploads: it takes a flaw in what reads it.
    pub(super) fn events(&mut self) {
        let mut uploads = None;
        for (name, region) in &self.snapshot.regions {
            let called = called(region, name);
            if called.is_empty() {
                continue;
            }
            self.published(name, region, &called);
            if called.iter().any(|it| it.services.iter().any(|service| service == "s3.amazonaws.com")) {
                let findings = uploads.get_or_insert_with(|| self.uploads());
                for (bucket, finding) in findings.iter().filter(|(bucket, _)| bucket.region == *name) {
                    let arn = bucket.arn(&self.place(name));
                    self.uploaded(name, arn, finding, &called);
                }
            }
        }
    }

    /// Messages that anyone publishes to a topic.
    fn published(&mut self, region: &'a str, of: &'a Region, called: &[Called<'a>]) {
        const SERVICE: &str = "sns.amazonaws.com";
        if !called.iter().any(|it| it.services.iter().any(|service| service == SERVICE)) {
            return;
        }
        if let Err(why) = of.sns.topics.get() {
            self.note(Class::Function, &why);
        }
        for topic in of.sns.topics.known().into_iter().flatten() {
            if !called.iter().any(|it| it.is_for(SERVICE, &topic.arn)) {
                continue;
            }
            let text = match topic.attributes.get() {
                Ok(attributes) => attributes.policy.as_deref(),
                Err(NotJudged::NotApplicable) => None,
                Err(why) => {
                    self.note(Class::Function, &why);
                    None
                }
            };
            let place = (sns::op::GetTopicAttributes, region, topic.arn.as_str());
            let now = self.snapshot.started_at;
            let grants =
                text.map_or(Ok(Vec::new()), |text| open_to_everyone(text, &["sns:Publish"], now, place));
            let grants = match grants {
                Ok(grants) => grants,
                Err(gap) => {
                    self.note(Class::Function, &gap.into());
                    continue;
                }
            };
            let Some(grant) = grants.iter().find(|it| !it.is_limited()) else { continue };
            let account = self.place(region).account;
            let told =
                finding::id_of("sns-topic-public", account, Topic::TYPE, Some(region), &topic.arn, None);
            let source = Node::of(NodeKind::DataStore, topic, &self.place(region));
            let statement = grant.statement.clone();
            let way = Way {
                from: outside(NodeKind::AnyAwsPrincipal, "any AWS account"),
                because: Because::AllowedByResource { action: "sns:Publish", statement },
                findings: vec![told],
                source,
                ease: Ease::Many,
            };
            self.called_for(way, SERVICE, region, called);
        }
    }

    /// Buckets into which anyone puts objects.
    fn uploads(&mut self) -> Vec<(&'a Bucket, Finding)> {
        let mut found = Vec::new();
        for finding in self.told("s3-bucket-public-write", Class::Function) {
            let Some(bucket) = self.bucket(&finding.resource.id) else { continue };
            if finding.status != Status::Fail {
                self.note_unknown(Class::Function, &finding);
                continue;
            }
            let grants = s3_exposure::open(self.analyses, bucket, Access::Write).unwrap_or_default();
            if grants.iter().any(open::puts_objects) {
                found.push((bucket, finding));
            }
        }
        found
    }

    /// Objects that anyone puts into a bucket.
    fn uploaded(&mut self, region: &'a str, arn: String, finding: &Finding, called: &[Called<'a>]) {
        let way = Way {
            from: outside(NodeKind::Internet, "internet"),
            because: Because::Finding(Box::new(finding.clone())),
            findings: vec![finding.id()],
            source: Node { arn, ..node(NodeKind::DataStore, finding) },
            ease: Ease::Everyone,
        };
        self.called_for(way, "s3.amazonaws.com", region, called);
    }

    fn called_for(&mut self, way: Way, service: &str, region: &'a str, called: &[Called<'a>]) {
        let [from, source] = [way.from, way.source.clone()].map(|node| self.graph.node(node));
        let mut opens = None;
        for it in called.iter().filter(|it| it.is_for(service, &way.source.arn)) {
            let opens = *opens.get_or_insert_with(|| {
                self.graph.edge(Edge {
                    from,
                    to: source,
                    kind: EdgeKind::Opens,
                    because: way.because.clone(),
                    certainty: Certainty::Certain,
                    findings: way.findings.clone(),
                    grant: None,
                })
            });
            let to = self.graph.node(Node::of(NodeKind::Compute, it.function, &self.place(region)));
            let forwards = self.graph.edge(Edge {
                from: source,
                to,
                kind: EdgeKind::Forwards,
                because: Because::AllowedByResource {
                    action: "lambda:InvokeFunction",
                    statement: it.statement.clone(),
                },
                certainty: Certainty::Conditional(Doubt::Flaw),
                findings: Vec::new(),
                grant: None,
            });
            self.entry(Class::Function, to, Prefix::along(vec![opens, forwards], way.ease));
        }
    }
}

/// How something gets to what a function is called for.
struct Way {
    from: Node,
    because: Because,
    findings: Vec<String>,
    source: Node,
    ease: Ease,
}

/// The functions of a region that services call for resources which their policies name (Lambda Developer Guide, "Using
/// AWS Lambda with Amazon SNS", "Process Amazon S3 event notifications with Lambda"). What could not be read is noted
/// where functions are asked about that anyone may call.
fn called<'a>(region: &'a Region, name: &str) -> Vec<Called<'a>> {
    let mut called = Vec::new();
    for function in region.lambda.functions.known().into_iter().flatten() {
        let Ok(Some(text)) = region.lambda.policies.of(&function.name) else { continue };
        let Ok(policy) = Policy::read(text, lambda::op::GetPolicy, Some(name), &function.name) else {
            continue;
        };
        for statement in policy.allows().filter(|it| it.actions.selects_action("lambda:InvokeFunction")) {
            let names = statement.principals.iter().flat_map(|principals| principals.names());
            let services: Vec<_> =
                names.filter(|name| name.ends_with(".amazonaws.com")).map(ToString::to_string).collect();
            let sources = sources(statement);
            if !services.is_empty() && !sources.is_empty() {
                called.push(Called { function, statement: statement.label(), services, sources });
            }
        }
    }
    called
}

/// Patterns of the ARNs for which a statement lets a service call.
fn sources(statement: &Statement) -> Vec<String> {
    let of_source = statement.conditions.iter().filter(|it| {
        it.key.eq_ignore_ascii_case("aws:SourceArn") && !it.operator.to_ascii_lowercase().contains("not")
    });
    of_source.flat_map(|it| it.values.iter().cloned()).collect()
}
