//! What our analyses say of a resource. `public` is what the built-in checks say, so that a custom check never has another
//! opinion of the same thing; `reachable` is what the analysis of networks says.

use std::collections::HashMap;

use aws_audit_checks::{
    analysis::network::{
        Protocol,
        reachability::{Network, Reaches},
    },
    check::Context,
    finding::{Finding, Status},
    gap::{Gap, NotJudged},
    registry,
    settings::Settings,
    snapshot::{Judged, ec2, rds},
    source::Source,
};

use crate::node::Node;

/// An answer of an analysis.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Fact<T> {
    Known(T),
    Unread(Vec<Gap>),
    NotOffered,
}

impl<T> Fact<T> {
    fn missing(why: NotJudged) -> Self {
        match Node::missing(why) {
            Node::Unread(gaps) => Self::Unread(gaps),
            _ => Self::NotOffered,
        }
    }
}

impl<T> From<Result<T, NotJudged>> for Fact<T> {
    fn from(answer: Result<T, NotJudged>) -> Self {
        answer.map_or_else(Self::missing, Self::Known)
    }
}

/// What the internet reaches.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Reach {
    /// First and last ports.
    pub(crate) ports: Vec<(u16, u16)>,
    /// Whether that is all.
    pub(crate) rest: Fact<()>,
}

/// What our analyses say of a resource.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Facts {
    pub(crate) public: Fact<bool>,
    pub(crate) reach: Reach,
}

impl Facts {
    /// Nothing is known.
    pub(crate) fn unknown(what: &str) -> Self {
        let gaps = || match Node::not_given(what) {
            Node::Unread(gaps) => gaps,
            _ => Vec::new(),
        };
        Self { public: Fact::Unread(gaps()), reach: Reach { ports: Vec::new(), rest: Fact::Unread(gaps()) } }
    }
}

/// Findings of the built-in checks that say whether something is public, by type, region and id.
#[derive(Debug, Default)]
pub(crate) struct Public(HashMap<Key, Vec<Finding>>);

type Key = (String, Option<String>, String);

impl Public {
    /// Asks the checks of those ids.
    pub(crate) fn of(cx: &Context<'_>, checks: &[&str]) -> Self {
        let entries: Vec<_> =
            registry::built_in().iter().filter(|it| checks.contains(&it.check.id)).collect();
        let evaluation = registry::evaluate(&entries, cx.snapshot, &Settings::default(), false);
        let mut by_resource: HashMap<Key, Vec<Finding>> = HashMap::new();
        for finding in evaluation.findings {
            let of = &finding.resource;
            by_resource.entry((of.kind.clone(), of.region.clone(), of.id.clone())).or_default().push(finding);
        }
        Self(by_resource)
    }

    /// Whether the resource is public. A failure that the check words as limited is a grant to everyone whose conditions
    /// let no stranger use it.
    pub(crate) fn fact<T: Judged>(&self, cx: &Context<'_>, thing: &T) -> Fact<bool> {
        let place = cx.place();
        let region = thing.region().unwrap_or(place.region);
        let key = (thing.kind().to_owned(), (!region.is_empty()).then(|| region.to_owned()), thing.id());
        let findings = self.0.get(&key).map_or(&[][..], Vec::as_slice);
        let is_public = |it: &Finding| it.status == Status::Fail && it.variant != Some("limited");
        if findings.iter().any(is_public) {
            return Fact::Known(true);
        }
        let unread = findings.iter().filter(|it| it.status == Status::Unknown).flat_map(|it| it.gaps.clone());
        let gaps: Vec<_> = unread.collect();
        if gaps.is_empty() { Fact::Known(false) } else { Fact::Unread(gaps) }
    }
}

/// The sources of built-in checks.
pub(crate) fn sources_of(checks: &[&str]) -> Vec<Source> {
    let entries = registry::built_in().iter().filter(|entry| checks.contains(&entry.check.id));
    entries.flat_map(|entry| entry.check.sources).copied().collect()
}

/// Kinds of resources that the internet may reach.
pub(crate) trait Reached {
    /// What the internet reaches of it.
    fn reach<'a>(&'a self, network: &Network<'a>) -> Reach;
}

fn of_ways(reaches: Reaches<'_>) -> Reach {
    let ports = reaches.ways.iter().map(|way| way.ports).collect();
    Reach { ports, rest: reaches.unread.map_or(Fact::Known(()), Fact::missing) }
}

impl Reached for ec2::Instance {
    fn reach<'a>(&'a self, network: &Network<'a>) -> Reach {
        of_ways(network.of_instance(self))
    }
}

/// What the group lets in; whether something behind it is reached is another question.
impl Reached for ec2::SecurityGroup {
    fn reach<'a>(&'a self, network: &Network<'a>) -> Reach {
        let opening = match network.opening(&self.id) {
            Ok(opening) => opening,
            Err(why) => return Reach { ports: Vec::new(), rest: Fact::missing(why) },
        };
        let (mut ports, mut gaps) = (Vec::new(), Vec::new());
        for protocol in [Protocol::Tcp, Protocol::Udp] {
            let (ranges, unread) = opening.ranges(protocol);
            ports.extend(ranges.iter().map(|(ports, _)| (*ports.start(), *ports.end())));
            gaps.extend(unread.into_vec());
        }
        Reach { ports, rest: if gaps.is_empty() { Fact::Known(()) } else { Fact::Unread(gaps) } }
    }
}

/// Its interface can be in any subnet of its group, and has a public address where it is publicly accessible.
impl Reached for rds::DbInstance {
    fn reach<'a>(&'a self, network: &Network<'a>) -> Reach {
        let mut all = Reaches::default();
        if self.publicly_accessible {
            let vpc = self.vpc.as_deref().unwrap_or_default();
            for subnet in &self.subnets {
                all.add(network.of_groups(&self.id, &self.security_groups, vpc, subnet, [true, false]));
            }
        }
        of_ways(all)
    }
}
