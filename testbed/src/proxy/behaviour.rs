//! What the proxy does to which requests.

use std::collections::BTreeMap;
use std::time::Duration;

use super::answers::{self, Answer};
use super::identify::{Call, Request};
use super::overlay::Overlay;

/// How a proxy starts.
#[derive(Clone, Debug)]
pub struct Behaviour {
    /// What it does to requests, changeable at run time.
    pub rules: Vec<Rule>,
    /// Answers for what the emulator lacks; the testbed's own by default.
    pub overlay: Overlay,
    /// Whether it keeps every exchange.
    pub record: bool,
}

impl Default for Behaviour {
    fn default() -> Self {
        Self { rules: Vec::new(), overlay: Overlay::Standard, record: false }
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
}

impl Rule {
    /// A rule for these operations in all regions.
    pub fn new(operation: &str, fault: Fault) -> Self {
        Self { operation: normal(operation), region: "*".to_owned(), fault, left: None }
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

    fn matches(&self, call: &Call) -> bool {
        self.left != Some(0)
            && glob(&self.operation, &normal(&format!("{}:{}", call.service, call.operation)))
            && glob(&self.region, &call.region)
    }

    fn used(&mut self) {
        self.left = self.left.map(|left| left.saturating_sub(1));
    }
}

/// What the rules say about a request: how long to wait, and what then goes wrong. Counts down rules that are
/// meant for some requests only.
pub(super) fn decide(rules: &mut [Rule], call: &Call) -> (Duration, Option<Fault>) {
    let (mut delay, mut fault) = (Duration::ZERO, None);
    for rule in rules.iter_mut().filter(|rule| rule.matches(call)) {
        match &rule.fault {
            Fault::Delay(more) => delay += *more,
            _ if fault.is_some() => continue,
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
            Self::Delay(_) | Self::Reset | Self::Truncate | Self::Hang => None,
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
        let delay = Duration::from_millis(12);
        assert_eq!(decide(&mut rules, &call), (delay, Some(Fault::Throttle)));
        assert_eq!(decide(&mut rules, &call), (delay, Some(Fault::Deny)));
    }
}
