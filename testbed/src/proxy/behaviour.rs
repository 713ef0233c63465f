//! What the proxy does to which requests.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;
use std::time::Duration;

use super::answers::{self, Answer};
use super::identify::{Call, Request};
use super::overlay::Overlay;
use super::replay::Replay;

/// How a proxy starts.
#[derive(Clone, Debug)]
pub struct Behaviour {
    /// What it does to requests, changeable at run time.
    pub rules: Vec<Rule>,
    /// Answers for what the emulator lacks; the testbed's own by default.
    pub overlay: Overlay,
    /// Whether it keeps every exchange.
    pub record: bool,
    /// Exchanges that were recorded: whatever they have is answered from them, before overlay and emulator.
    pub replay: Option<Arc<Replay>>,
}

impl Default for Behaviour {
    fn default() -> Self {
        Self { rules: Vec::new(), overlay: Overlay::Standard, record: false, replay: None }
    }
}

impl Behaviour {
    /// With this rule too.
    #[must_use]
    pub fn rule(mut self, rule: Rule) -> Self {
        self.rules.push(rule);
        self
    }
}

/// What can go wrong with a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The answer is so much later.
    Delay(Duration),
    /// Access denied, as the service's protocol says it.
    Deny,
    /// Too many requests.
    Throttle,
    /// An internal error, status 500.
    ServerError,
    /// The session's credentials have expired.
    ExpiredCredentials,
    /// The credentials are unknown: also what a region answers that is not enabled.
    UnrecognizedCredentials,
    /// This error.
    Error {
        /// HTTP status.
        status: u16,
        /// AWS's error code.
        code: String,
        /// AWS's message.
        message: String,
    },
    /// The connection is reset before anything is answered.
    Reset,
    /// The connection breaks in the middle of the body.
    Truncate,
    /// No answer, ever.
    Hang,
    /// Status 200 and a body that is not AWS's.
    Garbage,
    /// A good answer becomes this one.
    Spoiled(Spoiled),
}

/// What becomes of an answer on its way, under the status that says that all is well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spoiled {
    /// Its first half, cut within a tag or a value, and of a length that says that this is all.
    Cut,
    /// Its beginning, cut between two items of a list: XML that reads like a whole answer to who does not look for its
    /// end. Answers in other formats stay.
    Half,
    /// Nothing.
    Empty,
    /// A page for people, as proxies send it.
    Html,
    /// The answer, with a new token for the next page, and so on for ever.
    EndlessPages,
    /// The answer, with a token for the next page that is always the same, as is the page.
    RepeatedPage,
}

/// A fault, and the requests that meet it.
///
/// Operations are written `service:Operation` with `*` and `?` as wildcards; case and hyphens do not count,
/// and the names that the SDK and the AWS CLI give a service work too (`accessanalyzer`, `configservice`, …).
/// Of several matching rules every delay counts, and besides that the first one.
#[derive(Clone, Debug)]
pub struct Rule {
    operation: String,
    region: String,
    fault: Fault,
    left: Option<u32>,
    /// How many of the requests that are the same meet it, and how many have.
    of_each: Option<(u32, BTreeMap<String, u32>)>,
    /// How many requests pass before.
    after: u32,
    /// Who signed, when it matters.
    signed_by: Option<String>,
    /// The seed, and how many of a hundred.
    chance: Option<(u64, u64)>,
}

impl Rule {
    /// A rule for these operations in all regions.
    pub fn new(operation: &str, fault: Fault) -> Self {
        Self {
            operation: normal(operation),
            region: "*".to_owned(),
            fault,
            left: None,
            of_each: None,
            after: 0,
            signed_by: None,
            chance: None,
        }
    }

    /// Denies these operations.
    pub fn deny(operation: &str) -> Self {
        Self::new(operation, Fault::Deny)
    }

    /// Throttles these operations' next `times` requests, then lets them pass.
    pub fn throttle(operation: &str, times: u32) -> Self {
        Self::new(operation, Fault::Throttle).times(times)
    }

    /// Answers these operations later.
    pub fn delay(operation: &str, milliseconds: u64) -> Self {
        Self::new(operation, Fault::Delay(Duration::from_millis(milliseconds)))
    }

    /// Only in regions like this one (`ap-*`).
    #[must_use]
    pub fn region(mut self, region: &str) -> Self {
        self.region = region.to_owned();
        self
    }

    /// Only so many times.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.left = Some(times);
        self
    }

    /// Only the first so many of the requests that are the same but for their signature.
    #[must_use]
    pub fn times_each(mut self, times: u32) -> Self {
        self.of_each = Some((times, BTreeMap::new()));
        self
    }

    /// Only when so many requests have passed that it would have been for.
    #[must_use]
    pub fn after(mut self, requests: u32) -> Self {
        self.after = requests;
        self
    }

    /// Only requests that were signed with this access key.
    #[must_use]
    pub fn signed_by(mut self, key: &str) -> Self {
        self.signed_by = Some(key.to_owned());
        self
    }

    /// Only so many of a hundred requests: which ones, the seed decides with what they ask and how often they did.
    #[must_use]
    pub fn chance(mut self, seed: u64, percent: u64) -> Self {
        self.chance = Some((seed, percent));
        self.times_each(u32::MAX)
    }

    /// Whether the request, as [`Asked::key`] tells it from others, meets the fault now.
    fn meets(&mut self, asked: &Asked<'_>) -> bool {
        if !self.matches(asked.call) || self.signed_by.as_ref().is_some_and(|key| key != asked.signed_by) {
            return false;
        }
        if self.after > 0 {
            self.after -= 1;
            return false;
        }
        let Some((times, met)) = &mut self.of_each else { return true };
        let met = met.entry(asked.key.to_owned()).or_default();
        *met += 1;
        let by_chance = self.chance.is_none_or(|(seed, percent)| {
            let mut hasher = DefaultHasher::new();
            (seed, asked.key, *met).hash(&mut hasher);
            hasher.finish() % 100 < percent
        });
        *met <= *times && by_chance
    }

    fn matches(&self, call: &Call) -> bool {
        self.left != Some(0)
            && glob(&self.operation, &normal(&format!("{}:{}", call.service, call.operation)))
            && glob(&self.region, &call.region)
    }

    fn used(&mut self) {
        self.left = self.left.map(|left| left.saturating_sub(1));
    }
}

/// A request, as far as rules look at it.
pub(super) struct Asked<'a> {
    pub(super) call: &'a Call,
    /// The access key of the signature.
    pub(super) signed_by: &'a str,
    /// All of it but the signature.
    pub(super) key: &'a str,
}

/// What the rules say about a request: how long to wait, and what then goes wrong. Counts down rules that are
/// meant for some requests only.
pub(super) fn decide(rules: &mut [Rule], asked: &Asked<'_>) -> (Duration, Option<Fault>) {
    let (mut delay, mut fault) = (Duration::ZERO, None);
    for rule in rules {
        if fault.is_some() && !matches!(rule.fault, Fault::Delay(_)) || !rule.meets(asked) {
            continue;
        }
        match &rule.fault {
            Fault::Delay(more) => delay += *more,
            other => fault = Some(other.clone()),
        }
        rule.used();
    }
    (delay, fault)
}

impl Fault {
    /// The answer of a fault that is one.
    pub(super) fn answer(&self, request: &Request) -> Option<Answer> {
        match self {
            Self::Deny => Some(answers::denied(request)),
            Self::Throttle => Some(answers::throttled(request)),
            Self::ServerError => Some(answers::server_error(request)),
            Self::ExpiredCredentials => Some(answers::expired(request)),
            Self::UnrecognizedCredentials => Some(answers::unrecognized(request)),
            Self::Error { status, code, message } => Some(answers::error(request, *status, code, message)),
            Self::Garbage => Some(answers::garbage(request)),
            Self::Delay(_) | Self::Reset | Self::Truncate | Self::Hang | Self::Spoiled(_) => None,
        }
    }
}

/// `Service:Operation` in the one way in which names are compared.
fn normal(name: &str) -> String {
    let name = name.to_ascii_lowercase().replace(['-', ' '], "");
    let Some((service, operation)) = name.split_once(':') else { return name };
    let known = BTreeMap::from([
        ("cloudwatchlogs", "logs"),
        ("configservice", "config"),
        ("efs", "elasticfilesystem"),
        ("elb", "elasticloadbalancing"),
        ("elbv2", "elasticloadbalancing"),
        ("eventbridge", "events"),
        ("opensearch", "es"),
    ]);
    format!("{}:{operation}", known.get(service).copied().unwrap_or(service))
}

fn glob(pattern: &str, text: &str) -> bool {
    let mut rest = pattern.chars();
    match rest.next() {
        None => text.is_empty(),
        Some('*') => {
            let tails = text.char_indices().map(|(at, _)| &text[at..]).chain([""]);
            tails.into_iter().any(|tail| glob(rest.as_str(), tail))
        }
        Some(want) => {
            let mut text = text.chars();
            text.next().is_some_and(|is| want == '?' || want == is) && glob(rest.as_str(), text.as_str())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(service: &str, operation: &str, region: &str) -> Call {
        Call { service: service.into(), operation: operation.into(), region: region.into(), account: None }
    }

    #[test]
    fn rules_match_by_wildcards_whatever_the_service_is_called() {
        let users = call("iam", "ListUsers", "us-east-1");
        for (pattern, expected) in [
            ("iam:ListUsers", true),
            ("IAM:List*", true),
            ("*", true),
            ("iam:*s", true),
            ("iam:List", false),
            ("s3:*", false),
        ] {
            assert_eq!(Rule::deny(pattern).matches(&users), expected, "{pattern}");
        }
        assert!(Rule::deny("accessanalyzer:ListAnalyzers").matches(&call(
            "access-analyzer",
            "ListAnalyzers",
            "x"
        )));
        assert!(Rule::deny("configservice:*").matches(&call("config", "DescribeConfigRules", "x")));
        assert!(!Rule::deny("iam:*").region("ap-*").matches(&users));
    }

    #[test]
    fn delays_add_up_and_the_first_other_fault_counts() {
        let mut rules = [
            Rule::delay("*", 5),
            Rule::throttle("iam:*", 1),
            Rule::delay("iam:*", 7),
            Rule::deny("iam:ListUsers"),
        ];
        let call = call("iam", "ListUsers", "us-east-1");
        let asked = Asked { call: &call, signed_by: "", key: "" };
        let delay = Duration::from_millis(12);
        assert_eq!(decide(&mut rules, &asked), (delay, Some(Fault::Throttle)));
        assert_eq!(decide(&mut rules, &asked), (delay, Some(Fault::Deny)));
    }

    #[test]
    fn rules_are_for_each_request_or_by_chance() {
        let call = call("iam", "ListUsers", "us-east-1");
        let faults = |rule: Rule, keys: &[&str]| {
            let mut rules = [rule];
            let fault =
                |key: &&str| decide(&mut rules, &Asked { call: &call, signed_by: "A", key }).1.is_some();
            keys.iter().map(fault).collect::<Vec<_>>()
        };
        let deny = || Rule::deny("iam:*");
        assert_eq!(faults(deny().times_each(1), &["a", "b", "a"]), [true, true, false]);
        assert_eq!(faults(deny().after(2), &["a", "a", "a"]), [false, false, true]);
        assert_eq!(faults(deny().signed_by("B"), &["a"]), [false]);
        assert_eq!(faults(deny().signed_by("A"), &["a"]), [true]);
        let met = faults(deny().chance(7, 20), &["a"; 1000]);
        assert_eq!(met, faults(deny().chance(7, 20), &["a"; 1000]), "the same by the same seed");
        assert!((150..250).contains(&met.iter().filter(|met| **met).count()));
    }
}
