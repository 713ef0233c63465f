//! What the tests share: reports made by hand, a tracker that keeps tickets in memory and fails on demand, a clock.

use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, BTreeSet, VecDeque},
    hash::{DefaultHasher, Hash as _, Hasher as _},
    time::Duration,
};

use aws_audit_checks::{
    finding::{Evidence, Resource, Severity, Status},
    group::Group,
    report::{Account, Fix, FrameworkScore, Report, ReportFinding, SCHEMA_VERSION, Scope, Tool},
    snapshot::Calls,
};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::http::{Clock, NoAnswer, Request, Response, Transport};

pub(crate) const ACCOUNT: &str = "111122223333";
pub(crate) const TOKEN: &str = "ghp_secretsecretsecretsecretsecret";

/// A finding by check, resource and region, with its status.
pub(crate) type Fact<'a> = (&'a str, &'a str, &'a str, Status);

pub(crate) fn id(parts: &[&str]) -> String {
    let mut hash = DefaultHasher::new();
    parts.hash(&mut hash);
    format!("{:016x}{:016x}", hash.finish(), parts.len())
}

/// The key of the group of a check.
pub(crate) fn key(check: &str) -> String {
    id(&["group", check])
}

pub(crate) fn at(day: i64) -> Timestamp {
    let first: Timestamp = "2026-11-01T12:00:00Z".parse().unwrap();
    first + SignedDuration::from_hours(24 * day)
}

/// How bad a check is: by the first word of its name.
fn severity(check: &str) -> Severity {
    let named = |it: &Severity| check.starts_with(it.name());
    Severity::WORST_FIRST.into_iter().find(named).unwrap_or(Severity::High)
}

pub(crate) fn finding((check, resource, region, status): Fact<'_>) -> ReportFinding {
    ReportFinding {
        id: id(&[check, resource, region]),
        check: check.into(),
        status,
        severity: severity(check),
        title: format!("{check} is wrong"),
        message: format!("{resource} is open to 0.0.0.0/0."),
        fix: (status == Status::Fail).then(|| Fix {
            summary: "Remove the rule.".into(),
            command: Some(format!("aws mend --name {resource}")),
        }),
        url: "https://docs.aws.amazon.com/page.html".into(),
        resource: Resource {
            kind: "AWS::Test::Thing".into(),
            id: resource.into(),
            arn: format!("arn:aws:test:{region}:{ACCOUNT}:thing/{resource}"),
            region: (!region.is_empty()).then(|| region.to_owned()),
            account: ACCOUNT.into(),
            name: None,
            tags: aws_audit_checks::snapshot::Tags::new(),
        },
        evidence: Evidence::new(),
        antipatterns: vec![],
        controls: BTreeMap::new(),
        severity_reason: None,
        suppressed: None,
        group: None,
        state: None,
        first_seen: None,
    }
}

/// A report of that day: its checks ran in both regions. Each check is a group.
pub(crate) fn report(day: i64, checks: &[&str], facts: &[Fact<'_>]) -> Report {
    let mut report = Report {
        schema_version: SCHEMA_VERSION,
        tool: Tool { name: "aws-audit".into(), version: "0.1.0".into() },
        account: Account { id: ACCOUNT.into(), alias: None, partition: "aws".into() },
        regions: vec!["eu-west-1".into(), "us-east-1".into()],
        scope: Some(Scope {
            checks: checks.iter().map(|it| (*it).to_owned()).collect(),
            min_severity: Severity::Info,
            unlisted: 0,
        }),
        started_at: at(day),
        finished_at: at(day),
        score: FrameworkScore {
            framework: "antipatterns".into(),
            overall: None,
            judged: None,
            controls: vec![],
        },
        findings: facts.iter().map(|fact| finding(*fact)).collect(),
        groups: vec![],
        history: vec![],
        paths: vec![],
        paths_incomplete: None,
        fix_first: vec![],
        cross_account: None,
        gaps: vec![],
        calls: Calls::default(),
    };
    grouped(&mut report);
    report
}

/// Groups the failures by check, worst first, as reports do.
pub(crate) fn grouped(report: &mut Report) {
    let failing = |it: &&mut ReportFinding| it.status == Status::Fail;
    let mut groups: BTreeMap<String, Vec<&ReportFinding>> = BTreeMap::new();
    for finding in report.findings.iter_mut().filter(failing) {
        finding.group = Some(key(&finding.check));
    }
    for finding in report.findings.iter().filter(|it| it.status == Status::Fail) {
        groups.entry(finding.check.clone()).or_default().push(finding);
    }
    report.groups = groups
        .into_iter()
        .map(|(check, findings)| Group {
            id: key(&check),
            cause: "check".into(),
            key: check.clone(),
            title: findings[0].title.clone(),
            severity: findings.iter().map(|it| it.severity).max().unwrap(),
            resources: findings.len() as u64,
            checks: vec![check],
            findings: findings.iter().map(|it| it.id.clone()).collect(),
        })
        .collect();
    report.groups.sort_by_key(|group| std::cmp::Reverse((group.severity, group.resources)));
}

/// A clock that is moved by who sleeps.
pub(crate) struct TestClock {
    now: Cell<Timestamp>,
    pub(crate) slept: RefCell<Vec<u64>>,
}

impl TestClock {
    pub(crate) fn new() -> Self {
        Self { now: Cell::new(at(0)), slept: RefCell::default() }
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        self.now.get()
    }

    fn sleep(&self, time: Duration) {
        self.slept.borrow_mut().push(time.as_secs());
        self.now.set(self.now.get() + SignedDuration::try_from(time).unwrap());
    }
}

/// What goes wrong with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Nothing.
    None,
    /// 429 with `Retry-After`, in seconds.
    RetryAfter(u64),
    /// 403 with `x-ratelimit-reset`, in seconds from now.
    Reset(i64),
    /// 403 with nothing but a message.
    Secondary,
    /// 502, before anything was done.
    Error,
    /// 502, after everything was done.
    ErrorAfter,
    /// No answer, nothing done.
    Lost,
    /// No answer, everything done.
    LostAfter,
    /// 422.
    Invalid,
}

/// An issue of the stub.
#[derive(Clone, Debug)]
pub(crate) struct StubIssue {
    pub(crate) title: String,
    pub(crate) body: String,
    pub(crate) state: String,
    pub(crate) reason: Option<String>,
    pub(crate) labels: Vec<String>,
    pub(crate) assignees: Vec<String>,
    pub(crate) comments: Vec<String>,
    pub(crate) is_pull_request: bool,
}

/// A GitHub that keeps its issues in memory.
pub(crate) struct Stub {
    pub(crate) issues: Vec<StubIssue>,
    pub(crate) faults: VecDeque<Fault>,
    pub(crate) log: Vec<String>,
    pub(crate) repository: Value,
    pub(crate) page: usize,
    /// After so many requests nothing is answered or done any more: the process has died, or the network.
    pub(crate) dies_after: Option<usize>,
    pub(crate) drops_labels: bool,
    pub(crate) known_logins: BTreeSet<String>,
    pub(crate) now: Timestamp,
}

impl Default for Stub {
    fn default() -> Self {
        Self {
            issues: vec![],
            faults: VecDeque::new(),
            log: vec![],
            repository: json!({ "private": true, "has_issues": true, "archived": false }),
            page: 100,
            dies_after: None,
            drops_labels: false,
            known_logins: BTreeSet::new(),
            now: at(0),
        }
    }
}

fn answer(status: u16, body: &Value) -> Response {
    Response { status, headers: vec![], body: body.to_string() }
}

impl Stub {
    fn issue(&self, number: usize) -> Value {
        let issue = &self.issues[number - 1];
        let mut told = json!({
            "number": number,
            "html_url": format!("https://github.example/o/r/issues/{number}"),
            "title": issue.title,
            "body": issue.body,
            "state": issue.state,
            "state_reason": issue.reason,
            "labels": issue.labels.iter().map(|name| json!({ "name": name })).collect::<Vec<_>>(),
        });
        if issue.is_pull_request {
            told["pull_request"] = json!({});
        }
        told
    }

    /// Numbers of the open issues with that key.
    pub(crate) fn open(&self, key: &str) -> Vec<usize> {
        let marker = format!("aws-audit:key={key} ");
        let is_open = |it: &StubIssue| it.state == "open" && it.body.contains(&marker);
        (1..=self.issues.len()).filter(|number| is_open(&self.issues[number - 1])).collect()
    }

    fn act(&mut self, request: &Request) -> Response {
        let (path, query) = request.url.split_once('?').unwrap_or((&request.url, ""));
        let path = path.strip_prefix("https://api.github.com/repos/o/r").expect("our repository").to_owned();
        let query: BTreeMap<_, _> = query.split('&').filter_map(|it| it.split_once('=')).collect();
        let body: Value = request.body.as_ref().map_or(Value::Null, |it| serde_json::from_str(it).unwrap());
        let parts: Vec<_> = path.split('/').skip(1).collect();
        match (request.method, parts.as_slice()) {
            ("GET", []) => answer(200, &self.repository),
            ("GET", ["issues"]) => {
                let label = query["labels"];
                let mut numbers: Vec<usize> = (1..=self.issues.len()).collect();
                numbers.retain(|number| self.issues[number - 1].labels.iter().any(|it| it == label));
                if query["direction"] == "desc" {
                    numbers.reverse();
                }
                let page: usize = query.get("page").map_or(1, |page| page.parse().unwrap());
                let rest: Vec<_> = numbers.iter().skip((page - 1) * self.page).collect();
                let issues: Vec<_> = rest.iter().take(self.page).map(|number| self.issue(**number)).collect();
                let mut told = answer(200, &json!(issues));
                if rest.len() > self.page {
                    let (url, next) = (request.url.split("&page=").next().unwrap(), page + 1);
                    let link = format!("<{url}&page={next}>; rel=\"next\", <{url}&page=9>; rel=\"last\"");
                    told.headers.push(("Link".into(), link));
                }
                told
            }
            ("POST", ["issues"]) => {
                let texts = |value: &Value| -> Vec<String> {
                    value.as_array().into_iter().flatten().map(|it| it.as_str().unwrap().to_owned()).collect()
                };
                let (labels, assignees) = (texts(&body["labels"]), texts(&body["assignees"]));
                let title = body["title"].as_str().unwrap().to_owned();
                assert!(!title.is_empty() && title.encode_utf16().count() <= 256);
                let text = body["body"].as_str().unwrap().to_owned();
                assert!(text.encode_utf16().count() <= 65_536);
                if assignees.iter().any(|login| !self.known_logins.contains(login)) {
                    return answer(422, &json!({ "message": "Validation Failed" }));
                }
                self.issues.push(StubIssue {
                    title,
                    body: text,
                    state: "open".into(),
                    reason: None,
                    labels: if self.drops_labels { vec![] } else { labels },
                    assignees,
                    comments: vec![],
                    is_pull_request: false,
                });
                answer(201, &self.issue(self.issues.len()))
            }
            ("PATCH", ["issues", number]) => {
                let number: usize = number.parse().unwrap();
                let issue = &mut self.issues[number - 1];
                let text = |name: &str| body[name].as_str().map(str::to_owned);
                if let Some(body) = text("body") {
                    issue.body = body;
                }
                if let Some(state) = text("state") {
                    issue.state = state;
                    issue.reason = text("state_reason");
                }
                if let Some(labels) = body["labels"].as_array() {
                    issue.labels = labels.iter().map(|it| it.as_str().unwrap().to_owned()).collect();
                }
                answer(200, &self.issue(number))
            }
            ("POST", ["issues", number, "comments"]) => {
                let number: usize = number.parse().unwrap();
                self.issues[number - 1].comments.push(body["body"].as_str().unwrap().to_owned());
                answer(201, &json!({}))
            }
            _ => answer(404, &json!({ "message": "Not Found" })),
        }
    }
}

impl Transport for Stub {
    fn send(&mut self, request: &Request) -> Result<Response, NoAnswer> {
        let authorization = request.headers.iter().filter(|(name, _)| *name == "Authorization");
        assert_eq!(authorization.map(|(_, it)| it.as_str()).collect::<Vec<_>>(), [format!("Bearer {TOKEN}")]);
        assert!(!request.url.contains(TOKEN) && !request.body.as_ref().is_some_and(|it| it.contains(TOKEN)));
        assert!(!format!("{request:?}").contains(TOKEN));
        self.log.push(format!("{request:?}"));
        if self.dies_after.is_some_and(|after| self.log.len() > after) {
            return Err(NoAnswer("gone".into()));
        }
        match self.faults.pop_front().unwrap_or(Fault::None) {
            Fault::None => Ok(self.act(request)),
            Fault::RetryAfter(seconds) => {
                let mut told = answer(429, &json!({ "message": "slow down" }));
                told.headers.push(("retry-after".into(), seconds.to_string()));
                Ok(told)
            }
            Fault::Reset(seconds) => {
                let mut told = answer(403, &json!({ "message": "API rate limit exceeded" }));
                let reset = self.now.as_second() + seconds;
                told.headers.push(("X-RateLimit-Remaining".into(), "0".into()));
                told.headers.push(("X-RateLimit-Reset".into(), reset.to_string()));
                Ok(told)
            }
            Fault::Secondary => {
                Ok(answer(403, &json!({ "message": "You have exceeded a secondary rate limit." })))
            }
            Fault::Error => Ok(answer(502, &json!({ "message": "Bad Gateway" }))),
            Fault::ErrorAfter => {
                self.act(request);
                Ok(answer(502, &Value::Null))
            }
            Fault::Lost => Err(NoAnswer(format!("connection reset, sent Bearer {TOKEN}"))),
            Fault::LostAfter => {
                self.act(request);
                Err(NoAnswer("no answer in time".into()))
            }
            Fault::Invalid => Ok(answer(422, &json!({ "message": format!("Validation Failed {TOKEN}") }))),
        }
    }
}
