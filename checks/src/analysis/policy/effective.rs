//! Effective permissions of a principal within its account: identity policies of its own and of its groups,
//! less explicit denies, cut by a permissions boundary and by service control policies (IAM User Guide,
//! "Policy evaluation logic").
//!
//! Asked is not about one request but about what the principal *can bring about*: a condition that it meets at
//! will does not take a permission away, and a deny that it can avoid does not either.

use std::{borrow::Cow, sync::Arc};

use super::{
    Chance, Condition, Effect, Known, Match, Policy, Statement,
    admin::{self, ESCALATING, all_resources},
    pattern,
};
use crate::snapshot::Tags;

/// A policy, and where it comes from.
#[derive(Clone, Debug)]
pub struct Source {
    /// The ARN of a managed policy, `HOLDER/POLICY` for an inline one, a service control policy's id.
    pub name: Arc<str>,
    /// The document.
    pub policy: Arc<Policy>,
}

/// A statement of some policy.
#[derive(Clone, Copy, Debug)]
pub struct Held<'a> {
    /// The policy.
    pub source: &'a Source,
    /// The statement.
    pub statement: &'a Statement,
}

/// What something is asked about.
#[derive(Clone, Copy, Debug)]
pub enum On<'a> {
    /// This very resource.
    Resource(&'a str),
    /// Any resource will do: the caller makes it, or chooses it.
    Any,
}

/// What is known of one request, beyond what is known of all that the principal makes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Request<'a> {
    /// Keys that have this value.
    pub keys: &'a [(&'a str, &'a str)],
    /// Keys that the request does not have.
    pub absent: &'a [&'a str],
    /// Keys that have one of these values, as the principal likes.
    pub choices: &'a [(&'static str, Vec<String>)],
    /// The tags of the resource.
    pub tags: ResourceTags<'a>,
    /// The caller gives the tags that it likes to what it makes: `aws:RequestTag/KEY` and `aws:TagKeys`.
    pub gives_tags: bool,
}

/// The tags of the resource that a request is about: `aws:ResourceTag/KEY`, and the services' own keys for it
/// (`iam:ResourceTag/KEY`, `ec2:ResourceTag/KEY`, …).
#[derive(Clone, Copy, Debug, Default)]
pub enum ResourceTags<'a> {
    /// Nobody knows.
    #[default]
    Unknown,
    /// These and no others.
    Are(&'a Tags),
    /// These, but the principal may change them first.
    AtWill(&'a Tags),
    /// These, but the principal may take them away first.
    Fewer(&'a Tags),
}

impl ResourceTags<'_> {
    /// What a tag can be; none when that is not known.
    fn choices(self, key: &str, conditions: &[&Condition], known: &Known) -> Option<Vec<Option<String>>> {
        let tag = tag_key(key)?;
        let (Self::Are(tags) | Self::AtWill(tags) | Self::Fewer(tags)) = self else { return None };
        // The keys of tags are case-sensitive; condition keys are not, and neither is what follows the slash.
        let present = tags.iter().find(|(name, _)| name.eq_ignore_ascii_case(tag));
        let mut choices = vec![present.map(|(_, value)| value.to_owned())];
        if matches!(self, Self::AtWill(_)) {
            let about = conditions.iter().filter(|condition| condition.key.eq_ignore_ascii_case(key));
            let values = about.flat_map(|condition| &condition.values);
            let values = values.filter_map(|value| known.resolve(value));
            choices.extend(values.map(|value| Some(value.replace(['*', '?'], "x"))));
            choices.push(Some("something else".into()));
        }
        if !matches!(self, Self::Are(_)) {
            choices.push(None);
        }
        Some(choices)
    }
}

/// The key of the tag that a condition key is about: `team` of `aws:ResourceTag/team`.
fn tag_key(condition_key: &str) -> Option<&str> {
    let (prefix, tag) = condition_key.split_once('/')?;
    let (_, name) = prefix.split_once(':')?;
    name.eq_ignore_ascii_case("ResourceTag").then_some(tag)
}

/// Whether the principal can bring it about.
#[derive(Clone, Debug)]
pub enum Answer<'a> {
    /// It can: the statement that allows it.
    Yes(Held<'a>),
    /// It depends on a condition that cannot be decided from here.
    Unclear(String),
    /// It cannot.
    No,
}

impl Answer<'_> {
    /// Whether it is sure that the principal can.
    #[must_use]
    pub const fn is_yes(&self) -> bool {
        matches!(self, Self::Yes(_))
    }
}

/// What a principal can do.
#[derive(Clone, Debug, Default)]
pub struct Permissions {
    /// Identity policies, of its own and of its groups.
    pub policies: Vec<Source>,
    /// The permissions boundary.
    pub boundary: Option<Source>,
    /// Service control policies, level by level; none where none apply or none could be read.
    pub controls: Vec<Vec<Source>>,
    /// What is known of its requests.
    pub known: Known,
}

impl Permissions {
    /// Whether the principal can use the action. Keys of this one request may be added to what is known.
    #[must_use]
    pub fn can(&self, action: &str, on: On<'_>, keys: &[(&str, &str)]) -> Answer<'_> {
        self.can_by(action, on, &Request { keys, ..Request::default() })
    }

    /// Whether the principal can use the action in a request like this.
    #[must_use]
    pub fn can_by(&self, action: &str, on: On<'_>, request: &Request<'_>) -> Answer<'_> {
        // Most principals can do few things: look before the request's keys are put together.
        let mentioned = self
            .policies
            .iter()
            .any(|source| source.policy.allows().any(|statement| statement.actions.selects_action(action)));
        if !mentioned {
            return Answer::No;
        }
        let about =
            self.policies.iter().chain(self.limits().flatten()).flat_map(|source| &source.policy.statements);
        let about = about.filter(|statement| statement.actions.selects_action(action));
        let conditions: Vec<_> = about.flat_map(|statement| &statement.conditions).collect();
        let known = self.known_of(action, request, &conditions);
        let mut unclear = None;
        for request in known.requests(conditions.into_iter()) {
            match self.allows(action, on, &request) {
                Answer::Unclear(cause) => unclear = Some(cause),
                Answer::No => {}
                yes => return yes,
            }
        }
        unclear.map_or(Answer::No, Answer::Unclear)
    }

    /// What is known of the request, as far as conditions ask for it.
    fn known_of(&self, action: &str, request: &Request<'_>, conditions: &[&Condition]) -> Cow<'_, Known> {
        let mut known = Cow::Borrowed(&self.known);
        if conditions.is_empty() {
            return known;
        }
        // No other request has it (IAM User Guide, "Available keys for IAM").
        if !action.eq_ignore_ascii_case("iam:PassRole") {
            known.to_mut().can_be("iam:PassedToService", [None]);
        }
        for (key, value) in request.keys {
            known.to_mut().is(key, *value);
        }
        if request.gives_tags {
            known.to_mut().chooses("aws:requesttag/");
            known.to_mut().chooses("aws:tagkeys");
        }
        for key in request.absent {
            known.to_mut().can_be(key, [None]);
        }
        for (key, values) in request.choices {
            known.to_mut().can_be(key, values.iter().cloned().map(Some));
        }
        for condition in conditions {
            if let Some(choices) = request.tags.choices(&condition.key, conditions, &self.known) {
                known.to_mut().can_be(&condition.key, choices);
            }
        }
        known
    }

    /// Whether requests of which this is known are allowed.
    fn allows(&self, action: &str, on: On<'_>, known: &Known) -> Answer<'_> {
        let answer = weigh(&self.policies, action, on, known);
        self.limits().fold(answer, |answer, limit| match answer {
            Answer::No => Answer::No,
            answer => match (answer, weigh(limit, action, on, known)) {
                (_, Answer::No) => Answer::No,
                (Answer::Unclear(cause), _) | (_, Answer::Unclear(cause)) => Answer::Unclear(cause),
                (yes, Answer::Yes(_)) => yes,
            },
        })
    }

    /// Whether an explicit deny, or a boundary or service control policy that does not allow it, keeps the principal
    /// from the action in every request that it can make, whoever else allows it.
    #[must_use]
    pub fn denies(&self, action: &str, resource: &str) -> bool {
        let about =
            self.policies.iter().chain(self.limits().flatten()).flat_map(|source| &source.policy.statements);
        let about = about.filter(|statement| statement.actions.selects_action(action));
        let conditions: Vec<_> = about.flat_map(|statement| &statement.conditions).collect();
        let known = self.known_of(action, &Request::default(), &conditions);
        let denied = |sources: &[Source], known: &Known| {
            let denies = sources.iter().flat_map(|source| source.policy.denies());
            let mut denies = denies.filter(|deny| deny.actions.selects_action(action));
            denies.any(|deny| may_take(deny, On::Resource(resource), known))
        };
        known.requests(conditions.into_iter()).iter().all(|known| {
            denied(&self.policies, known)
                || self.limits().any(|limit| {
                    denied(limit, known)
                        || matches!(weigh(limit, action, On::Resource(resource), known), Answer::No)
                })
        })
    }

    /// Whether these actions are allowed on the caller's own user only: `…${aws:username}`.
    #[must_use]
    pub fn only_on_itself(&self, actions: &[&str]) -> bool {
        let allows = self.policies.iter().flat_map(|source| source.policy.allows());
        let mut about = allows.filter(|s| actions.iter().any(|action| s.actions.selects_action(action)));
        about.all(|statement| match &statement.resources {
            Match::Any(patterns) => patterns.iter().all(|pattern| pattern.ends_with("${aws:username}")),
            Match::NoneOf(_) => false,
        })
    }

    /// What can only cut: the boundary, and each level of service control policies.
    pub(crate) fn limits(&self) -> impl Iterator<Item = &[Source]> {
        self.boundary.iter().map(std::slice::from_ref).chain(self.controls.iter().map(Vec::as_slice))
    }

    /// The statement that makes the principal an administrator: full administration by some policy, which no
    /// deny, boundary or service control policy takes back.
    #[must_use]
    pub fn administrator(&self) -> Option<Held<'_>> {
        let held = self.policies.iter().find_map(|source| {
            admin::full_admin(&source.policy).map(|statement| Held { source, statement })
        })?;
        if self.boundary.as_ref().is_some_and(|boundary| admin::full_admin(&boundary.policy).is_none()) {
            return None;
        }
        let everywhere = |sources: &[Source], action: &str| {
            let statements = || sources.iter().flat_map(|source| &source.policy.statements);
            let selects = |s: &&Statement| s.actions.selects_action(action) && all_resources(&s.resources);
            let mut denies = statements().filter(|s| s.effect == Effect::Deny).filter(selects);
            !denies.any(|deny| deny.conditions.iter().all(|c| c.chance(&self.known) == Chance::Always))
                && statements().filter(|s| s.effect == Effect::Allow).any(|s| selects(&s))
        };
        let left = |action: &&str| {
            everywhere(&self.policies, action) && self.controls.iter().all(|level| everywhere(level, action))
        };
        ESCALATING.iter().any(left).then_some(held)
    }

    /// Something that this principal is allowed and the other is not, but for what code needs to run: action and
    /// resource as the policy has them. None when the other has at least as many rights.
    #[must_use]
    pub fn exceeds(&self, other: &Self) -> Option<(&str, &str)> {
        self.exceeds_but(is_needed_to_run, other)
    }

    /// The same but for other actions, which give this principal no power.
    #[must_use]
    pub fn exceeds_but(&self, harmless: fn(&str) -> bool, other: &Self) -> Option<(&str, &str)> {
        // A boundary leaves what both name: the narrower of each two patterns.
        let bounds: Option<Vec<_>> =
            self.boundary.as_ref().map(|boundary| boundary.policy.allows().flat_map(rights_of).collect());
        let rights = self.policies.iter().flat_map(|source| source.policy.allows()).flat_map(rights_of);
        let mut left = rights.flat_map(|(action, resource)| match &bounds {
            None => vec![(action, resource)],
            Some(bounds) => bounds
                .iter()
                .filter_map(|(bound, on)| {
                    Some((
                        narrower(action, bound, pattern::covers_action)?,
                        narrower(resource, on, pattern::covers)?,
                    ))
                })
                .collect(),
        });
        left.find(|(action, resource)| {
            !harmless(action) && self.leaves(action) && !other.covers(action, resource)
        })
    }

    /// Whether denies, boundary and service control policies leave something of a right.
    fn leaves(&self, action: &str) -> bool {
        let denied = |sources: &[Source]| {
            let denies = sources.iter().flat_map(|source| source.policy.denies());
            let mut denies = denies.filter(|s| all_resources(&s.resources) && s.conditions.is_empty());
            denies.any(|deny| covers_action(&deny.actions, action))
        };
        let mentioned = |sources: &[Source]| {
            let mut allows = sources.iter().flat_map(|source| source.policy.allows());
            allows.any(|statement| overlaps_action(&statement.actions, action))
        };

        !denied(&self.policies) && self.limits().all(|limit| mentioned(limit) && !denied(limit))
    }

    /// Whether the principal surely has the whole right.
    fn covers(&self, action: &str, resource: &str) -> bool {
        let allowed = |sources: &[Source]| {
            let mut allows = sources.iter().flat_map(|source| source.policy.allows());
            allows.any(|statement| {
                covers_action(&statement.actions, action)
                    && statement.resources.covers(resource)
                    && statement.conditions.iter().all(|condition| {
                        matches!(condition.chance(&self.known), Chance::Always | Chance::AtWill)
                    })
            })
        };
        let denied = |sources: &[Source]| {
            let mut denies = sources.iter().flat_map(|source| source.policy.denies());
            denies.any(|deny| overlaps_action(&deny.actions, action))
        };

        std::iter::once(self.policies.as_slice())
            .chain(self.limits())
            .all(|sources| allowed(sources) && !denied(sources))
    }
}

/// What a statement allows: action and resource as it has them, `*` where it names what it does not allow.
fn rights_of(statement: &Statement) -> Vec<(&str, &str)> {
    fn patterns(selected: &Match) -> Vec<&str> {
        match selected {
            Match::Any(patterns) => patterns.iter().map(String::as_str).collect(),
            Match::NoneOf(_) => vec!["*"],
        }
    }
    let resources = patterns(&statement.resources);
    let mut rights = Vec::new();
    for action in patterns(&statement.actions) {
        rights.extend(resources.iter().map(|resource| (action, *resource)));
    }
    rights
}

/// The narrower of two patterns, the first where neither is; none where nothing matches both.
fn narrower<'p>(one: &'p str, other: &'p str, covers: fn(&str, &str) -> bool) -> Option<&'p str> {
    if covers(other, one) {
        Some(one)
    } else if covers(one, other) {
        Some(other)
    } else {
        // Actions are case-insensitive; taking resources for that too misses nothing.
        pattern::overlap(&one.to_ascii_lowercase(), &other.to_ascii_lowercase()).then_some(one)
    }
}

/// What code needs to run at all, and gives nobody power: logs, traces, its image, a network interface in a VPC
/// (the managed policies `AWSLambdaBasicExecutionRole`, `AWSLambdaVPCAccessExecutionRole`,
/// `AmazonECSTaskExecutionRolePolicy`, `AWSXRayDaemonWriteAccess`, and the messages of
/// `AmazonSSMManagedInstanceCore`).
fn is_needed_to_run(action: &str) -> bool {
    const PATTERNS: [&str; 16] = [
        "logs:*",
        "xray:Put*",
        "xray:Get*",
        "cloudwatch:PutMetricData",
        "ec2:*NetworkInterface*",
        "ec2:*PrivateIpAddresses",
        "ec2:Describe*",
        "ec2messages:*",
        "ssmmessages:*",
        "ssm:Update*",
        "ssm:Put*",
        "ssm:*Association*",
        "ecr:GetAuthorizationToken",
        "ecr:BatchCheckLayerAvailability",
        "ecr:GetDownloadUrlForLayer",
        "ecr:BatchGetImage",
    ];
    PATTERNS.iter().any(|pattern| pattern::covers_action(pattern, action))
}

/// Whether the document itself takes an action (or action pattern) back on all resources, whatever the request.
#[must_use]
pub fn denied_everywhere(policy: &Policy, action: &str) -> bool {
    policy.denies().any(|deny| {
        covers_action(&deny.actions, action) && all_resources(&deny.resources) && deny.conditions.is_empty()
    })
}

/// [`Match::covers`] for actions, which are case-insensitive.
pub(crate) fn covers_action(actions: &Match, narrower: &str) -> bool {
    match actions {
        Match::Any(patterns) => patterns.iter().any(|wider| pattern::covers_action(wider, narrower)),
        Match::NoneOf(_) => !overlaps_none_of(actions, narrower),
    }
}

/// Whether the action pattern meets one that the `NotAction` names.
fn overlaps_none_of(actions: &Match, pattern: &str) -> bool {
    let pattern = pattern.to_ascii_lowercase();
    actions.patterns().iter().any(|named| pattern::overlap(&named.to_ascii_lowercase(), &pattern))
}

fn overlaps_action(actions: &Match, pattern: &str) -> bool {
    match actions {
        Match::Any(_) => overlaps_none_of(actions, pattern),
        Match::NoneOf(named) => !named.iter().any(|named| pattern::covers_action(named, pattern)),
    }
}

/// What the statements of some policies, which count as one, say of an action.
fn weigh<'a>(sources: &'a [Source], action: &str, on: On<'_>, known: &Known) -> Answer<'a> {
    let about = |effect: Effect| {
        sources.iter().flat_map(move |source| {
            let statements = source.policy.statements.iter().filter(move |s| s.effect == effect);
            statements
                .filter(|s| s.actions.selects_action(action))
                .map(move |s| Held { source, statement: s })
        })
    };
    let mut unclear = None;
    let mut yes = None;
    for held in about(Effect::Allow) {
        if yes.is_some() {
            break;
        }
        let is_met = allows(held.statement, on, known);
        let is_taken = |deny: Held<'_>| takes_all(deny.statement, held.statement, on, known);
        if is_met == Some(false) || about(Effect::Deny).any(is_taken) {
            continue;
        }
        match is_met {
            None => unclear = Some(why_unclear(&held)),
            _ => yes = Some(held),
        }
    }
    let Some(held) = yes else { return unclear.map_or(Answer::No, Answer::Unclear) };
    let doubt = about(Effect::Deny).find(|deny| may_take(deny.statement, on, known));
    doubt.map_or(Answer::Yes(held), |deny| Answer::Unclear(why_unclear(&deny)))
}

fn why_unclear(held: &Held<'_>) -> String {
    let conditions: Vec<_> = held.statement.conditions.iter().map(Condition::text).collect();
    format!("{}, statement {}: {}", held.source.name, held.statement.label(), conditions.join(" and "))
}

/// Whether an allowing statement is about the resource and its conditions can be met; none when that cannot
/// be told.
fn allows(statement: &Statement, on: On<'_>, known: &Known) -> Option<bool> {
    let selected = match on {
        On::Resource(resource) => selects(&statement.resources, resource, known)?,
        On::Any => true,
    };
    if !selected {
        return Some(false);
    }
    let chances: Vec<_> = statement.conditions.iter().map(|condition| condition.chance(known)).collect();
    if chances.contains(&Chance::Never) {
        Some(false)
    } else {
        (!chances.contains(&Chance::Unclear)).then_some(true)
    }
}

/// Whether the resource is selected, with policy variables in the patterns; none when one is not known.
fn selects(resources: &Match, resource: &str, known: &Known) -> Option<bool> {
    let mut unresolved = false;
    let found = resources.patterns().iter().any(|pattern| {
        if !pattern.contains("${") {
            return pattern::matches(pattern, resource);
        }
        match known.resolve(pattern) {
            Some(pattern) => pattern::matches(&pattern, resource),
            None => {
                unresolved = true;
                false
            }
        }
    });
    if unresolved && !found {
        return None;
    }
    Some(found == matches!(resources, Match::Any(_)))
}

/// Whether a deny surely takes back what the statement allows.
fn takes_all(deny: &Statement, allow: &Statement, on: On<'_>, known: &Known) -> bool {
    let resources = match on {
        On::Resource(resource) => selects(&deny.resources, resource, known) == Some(true),
        On::Any => match &allow.resources {
            Match::Any(patterns) => patterns.iter().all(|pattern| deny.resources.covers(pattern)),
            Match::NoneOf(_) => all_resources(&deny.resources),
        },
    };
    resources && deny.conditions.iter().all(|condition| condition.chance(known) == Chance::Always)
}

/// Whether a deny may take it back, under a condition that cannot be decided. One that the caller can avoid
/// does not, and one about other resources leaves a choice.
fn may_take(deny: &Statement, on: On<'_>, known: &Known) -> bool {
    let resources = match on {
        On::Resource(resource) => selects(&deny.resources, resource, known) != Some(false),
        On::Any => all_resources(&deny.resources),
    };
    let chances: Vec<_> = deny.conditions.iter().map(|condition| condition.chance(known)).collect();
    let avoidable = chances.iter().any(|chance| matches!(chance, Chance::Never | Chance::AtWill));
    resources && !avoidable && (chances.contains(&Chance::Unclear) || matches!(on, On::Resource(_)))
}

#[cfg(test)]
mod tests;
