//! The endpoint itself.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::{Request, Response, header};
use tokio::time::sleep_until;

use super::answers::{Asked, Table};
use super::fault::{Fault, FaultKind};
use super::limits::{Buckets, Limit};
use super::measure::{Call, Outcome, Record, Words};
use super::members::{self, Members};
use crate::proxy::answers::{self, Answer};
use crate::proxy::identify;
use crate::proxy::server::{Failed, Payload, accept};

/// How an endpoint answers.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How many times "medium" the account is.
    pub scale: u64,
    /// The time from which the account's ages are counted. Two scans of one account see the same within a day of it.
    pub now: SystemTime,
    /// How long each answer takes.
    pub latency: Duration,
    /// The request limits, by operation.
    pub limits: Vec<Limit>,
    /// Whether requests beyond the limits are refused. Their use is measured in any case.
    pub throttles: bool,
    /// The share of each limit that another client takes.
    pub competitor: Option<f64>,
    /// What goes wrong.
    pub faults: Vec<Fault>,
    /// What decides which requests meet a fault.
    pub seed: u64,
    /// Accounts that do not answer as others do.
    pub members: Members,
}

/// An endpoint on a free port of 127.0.0.1, on a thread of its own, until it is dropped.
#[derive(Debug)]
pub struct Endpoint {
    url: String,
    state: Arc<State>,
    runtime: Option<tokio::runtime::Runtime>,
}

#[derive(Debug)]
struct State {
    settings: Settings,
    table: Table,
    /// By operation: the bucket it has.
    buckets_of: Vec<u16>,
    /// The limits that have a bucket.
    limits: Vec<Limit>,
    started: Instant,
    measured: Mutex<Measured>,
}

#[derive(Debug)]
struct Measured {
    buckets: Buckets,
    words: Words,
    calls: Vec<Call>,
    connections: u64,
    unknown: Vec<String>,
    /// How often each request came that a fault may meet.
    times: HashMap<u64, u32>,
}

impl Endpoint {
    /// Starts an endpoint.
    ///
    /// # Errors
    /// When there is no port, or the table of answers is wrong.
    pub fn start(settings: Settings) -> io::Result<Self> {
        let table = Table::new(settings.scale, settings.now)?;
        let (mut limits, mut buckets_of) = (Vec::<Limit>::new(), Vec::new());
        for operation in &table.operations {
            let mine = |limit: &&Limit| limit.sdk == operation.sdk && limit.operation == operation.own_name;
            let limit = settings.limits.iter().find(mine);
            let Some(limit) = limit else {
                // Nobody asks for it any more: it cannot be too often.
                buckets_of.push(u16::MAX);
                continue;
            };
            let same = |it: &Limit| !it.group.is_empty() && (it.sdk, it.group) == (limit.sdk, limit.group);
            let at = limits.iter().position(same).unwrap_or_else(|| {
                limits.push(limit.clone());
                limits.len() - 1
            });
            buckets_of.push(u16::try_from(at).map_err(io::Error::other)?);
        }
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let url = format!("http://{}", listener.local_addr()?);
        let words = Words::new(&table.account.home);
        let measured = Measured {
            buckets: Buckets::new(settings.competitor),
            words,
            calls: Vec::new(),
            connections: 0,
            unknown: Vec::new(),
            times: HashMap::new(),
        };
        let state = State {
            settings,
            table,
            buckets_of,
            limits,
            started: Instant::now(),
            measured: Mutex::new(measured),
        };
        let state = Arc::new(state);
        // One thread: the other core is for who asks.
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("endpoint")
            .enable_all()
            .build()?;
        let listener = {
            let _inside = runtime.enter();
            tokio::net::TcpListener::from_std(listener)?
        };
        runtime.spawn(serve(listener, Arc::clone(&state)));
        Ok(Self { url, state, runtime: Some(runtime) })
    }

    /// `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The region that the client is configured for.
    #[must_use]
    pub fn home(&self) -> &str {
        &self.state.table.account.home
    }

    /// What was asked since the start. Times are seconds since the first call.
    #[must_use]
    pub fn record(&self) -> Record {
        let measured = self.state.measured();
        let operations = self.state.table.operations.iter().map(|it| it.name.clone()).collect();
        Record {
            operations,
            regions: self.state.table.account.regions.clone(),
            buckets_of: self.state.buckets_of.clone(),
            limits: self.state.limits.clone(),
            calls: measured.calls.clone(),
            connections: measured.connections,
            unknown: measured.unknown.clone(),
            competing: measured.buckets.competing,
            latency: self.state.settings.latency,
        }
    }
}

impl Drop for Endpoint {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl State {
    fn measured(&self) -> MutexGuard<'_, Measured> {
        self.measured.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn serve(listener: tokio::net::TcpListener, state: Arc<State>) {
    let connected = || {
        state.measured().connections += 1;
        let state = Arc::clone(&state);
        move |connection, request| handle(Arc::clone(&state), connection, request)
    };
    accept(listener, connected).await;
}

async fn handle(
    state: Arc<State>,
    connection: Arc<TcpStream>,
    request: Request<Incoming>,
) -> Result<Response<Payload>, Failed> {
    let (head, body) = request.into_parts();
    let body = body.collect().await?.to_bytes();
    let arrived = Instant::now();
    let (path, query) = (head.uri.path(), head.uri.query().unwrap_or(""));
    let request = identify::identify(head.method.as_str(), path, query, &head.headers, &body);
    if request.call.operation == "AssumeRole"
        && let Some(answer) = members::assumed(&request, state.table.now)
    {
        sleep_until((arrived + state.settings.latency).into()).await;
        return respond(answer);
    }
    let member = members::of(&head.headers);
    if member.as_ref().is_some_and(|account| state.settings.members.hanging.contains(account)) {
        std::future::pending::<()>().await;
    }
    let Some(operation) = state.table.find(&request) else {
        let name = format!("{}:{}", request.call.service, request.call.operation);
        let message = format!("the table of the endpoint lacks {name}: see testbed/python/bench.py");
        let mut measured = state.measured();
        if !measured.unknown.contains(&name) {
            measured.unknown.push(name);
        }
        // Not 500, which clients would try again.
        return respond(answers::error(&request, 501, "NotImplemented", &message));
    };
    let asked = Asked::new(&request, path);
    let (at, fault, outcome, depth) =
        begin(&state, operation, &asked, query, &body, arrived, member.as_deref());

    let mut answer = match outcome {
        Outcome::Throttled => state.table.throttled(operation, &request),
        _ => match fault {
            None | Some(FaultKind::Reset | FaultKind::Truncate | FaultKind::Hang) => {
                state.table.answer(operation, &asked)
            }
            Some(FaultKind::ServerError) => answers::server_error(&request),
            Some(FaultKind::Throttle) => state.table.throttled(operation, &request),
            Some(FaultKind::Denied) => answers::denied(&request),
            Some(FaultKind::Html) => Answer::new(200, "text/html", "<!doctype html><title>Proxy</title>"),
            Some(FaultKind::Empty) => {
                Answer::new(200, state.table.answer(operation, &asked).content_type(), "")
            }
        },
    };
    if let Some(account) = &member {
        answer.body = members::renumbered(&answer.body, account);
    }
    // Making the answer is part of the latency, as long as it is shorter.
    sleep_until((arrived + state.settings.latency).into()).await;
    {
        let mut measured = state.measured();
        if outcome == Outcome::Answered && member.is_none() {
            measured.words.tell(&answer.body, depth, at);
        }
        measured.calls[at as usize].answered = state.started.elapsed().as_secs_f64();
    }
    match fault {
        Some(FaultKind::Hang) => std::future::pending().await,
        Some(FaultKind::Reset) => {
            socket2::SockRef::from(&*connection).set_linger(Some(Duration::ZERO))?;
            Err("reset on purpose".into())
        }
        Some(FaultKind::Truncate) => {
            let length = answer.body.len().max(1);
            let head = Response::builder().status(answer.status).header(header::CONTENT_LENGTH, length);
            Ok(head.body(Payload::cut(answer.body))?)
        }
        _ => respond(answer),
    }
}

/// Notes a call and decides what becomes of it: its number, its fault, its outcome, and its chain.
fn begin(
    state: &State,
    operation: u16,
    asked: &Asked<'_>,
    query: &str,
    body: &Bytes,
    arrived: Instant,
    member: Option<&str>,
) -> (u32, Option<FaultKind>, Outcome, u16) {
    let mut measured = state.measured();
    let now = arrived.duration_since(state.started).as_secs_f64();
    let regions = &state.table.account.regions;
    let region =
        regions.iter().position(|it| *it == asked.request.call.region).unwrap_or(regions.len()) as u16;
    let bucket = state.buckets_of[usize::from(operation)];
    let account = member.and_then(|account| account.parse().ok()).unwrap_or_default();
    let has_token = match state.limits.get(usize::from(bucket)) {
        _ if member.is_some() && member == state.settings.members.throttled.as_deref() => {
            measured.buckets.take(&members::THROTTLED, (0, 0, account), now)
        }
        Some(limit) if state.settings.throttles => {
            measured.buckets.take(limit, (bucket, region, account), now)
        }
        _ => true,
    };
    let name = &state.table.operations[usize::from(operation)].name;
    let fault = if state.settings.faults.is_empty() || !has_token {
        None
    } else {
        let mut hasher = DefaultHasher::new();
        (name, &asked.request.call.region, &asked.segments, query, body).hash(&mut hasher);
        let like = hasher.finish();
        let time = measured.times.entry(like).or_default();
        let (met, seed) = (*time, state.settings.seed);
        *time += 1;
        state.settings.faults.iter().find(|fault| fault.meets(seed, name, like, met)).map(|fault| fault.kind)
    };
    let outcome = match (has_token, fault) {
        (false, _) => Outcome::Throttled,
        (true, Some(_)) => Outcome::Faulty,
        (true, None) => Outcome::Answered,
    };
    // A chain is of one account; in many accounts nobody looks at them.
    let (depth, after) = match member {
        None => measured.words.chain(&asked.segments, query, body, &asked.request.call.region),
        Some(_) => (1, None),
    };
    let at = measured.calls.len() as u32;
    measured.calls.push(Call { operation, region, arrived: now, answered: f64::NAN, outcome, depth, after });
    (at, fault, outcome, depth)
}

fn respond(answer: Answer) -> Result<Response<Payload>, Failed> {
    let mut response = Response::builder().status(answer.status);
    for (name, value) in &answer.headers {
        response = response.header(name, value);
    }
    Ok(response.body(Payload::Whole(Full::new(answer.body)))?)
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};

    use super::*;

    fn endpoint(faults: Vec<Fault>) -> Endpoint {
        let limit =
            |operation| Limit { sdk: "KMS", operation, group: "", burst: 1.0, per_second: 0.1, spare: false };
        Endpoint::start(Settings {
            scale: 1,
            now: SystemTime::now(),
            latency: Duration::from_millis(5),
            limits: vec![limit("ListKeys"), limit("DescribeKey")],
            throttles: true,
            competitor: None,
            faults,
            seed: 1,
            members: Members { throttled: None, hanging: vec!["000000000009".to_owned()] },
        })
        .unwrap()
    }

    fn ask(endpoint: &Endpoint, region: &str, operation: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(endpoint.url().strip_prefix("http://").unwrap()).unwrap();
        let length = body.len();
        write!(
            stream,
            "POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {length}\r\n\
             authorization: AWS4-HMAC-SHA256 Credential=AKIA/20260101/{region}/kms/aws4_request, Signature=0\r\n\
             x-amz-target: TrentService.{operation}\r\n\r\n{body}"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    #[test]
    fn calls_are_answered_limited_and_measured() {
        let endpoint = endpoint(Vec::new());
        let keys = ask(&endpoint, "us-east-1", "ListKeys", "{}");
        assert!(keys.starts_with("HTTP/1.1 200 OK"), "{keys}");
        let id = keys.split("\"KeyId\":\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
        let key = ask(&endpoint, "us-east-1", "DescribeKey", &format!("{{\"KeyId\":\"{id}\"}}"));
        assert!(key.starts_with("HTTP/1.1 200 OK") && key.contains(&format!("key/{id}")), "{key}");
        let refused = ask(&endpoint, "us-east-1", "ListKeys", "{}");
        assert!(refused.starts_with("HTTP/1.1 400") && refused.contains("ThrottlingException"), "{refused}");
        assert!(ask(&endpoint, "eu-west-1", "ListKeys", "{}").starts_with("HTTP/1.1 200 OK"));
        let unknown = ask(&endpoint, "us-east-1", "ListGrants", "{}");
        assert!(unknown.starts_with("HTTP/1.1 501"), "{unknown}");

        let record = endpoint.record();
        assert_eq!((record.calls.len(), record.connections, record.throttled().0), (4, 5, 1));
        assert_eq!(record.chain(), ["kms:ListKeys in us-east-1", "kms:DescribeKey in us-east-1"]);
        assert_eq!(record.unknown, ["kms:ListGrants"]);
        assert!(record.calls.iter().all(|call| call.answered - call.arrived >= 0.005));
    }

    #[test]
    fn whoever_has_assumed_a_role_is_answered_in_its_account() {
        let endpoint = endpoint(Vec::new());
        let ask = |key: &str, service: &str, body: &str| {
            let mut stream = TcpStream::connect(endpoint.url().strip_prefix("http://").unwrap()).unwrap();
            stream.set_read_timeout(Some(Duration::from_millis(500))).unwrap();
            write!(
                stream,
                "POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {}\r\n\
                 content-type: application/x-www-form-urlencoded\r\nauthorization: AWS4-HMAC-SHA256 \
                 Credential={key}/20260101/us-east-1/{service}/aws4_request, Signature=0\r\n\r\n{body}",
                body.len()
            )
            .unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).map(|_| answer)
        };
        let assume = "Action=AssumeRole&Version=2011-06-15&RoleArn=arn:aws:iam::000000000007:role/audit";
        let assumed = ask("AKIA", "sts", assume).unwrap();
        assert!(assumed.contains("<AccessKeyId>ASIA0000000000000007</AccessKeyId>"), "{assumed}");
        let whose = "Action=GetCallerIdentity&Version=2011-06-15";
        let member = ask("ASIA0000000000000007", "sts", whose).unwrap();
        assert!(member.contains("<Account>000000000007</Account>"), "{member}");
        assert!(!ask("AKIA", "sts", whose).unwrap().contains("000000000007"));
        assert!(ask("ASIA0000000000000009", "sts", whose).is_err(), "hangs");
    }

    #[test]
    fn faults_are_what_they_are_called() {
        let met = |fault: &str| {
            let endpoint = endpoint(vec![fault.parse().unwrap()]);
            let answer = std::panic::catch_unwind(|| ask(&endpoint, "us-east-1", "ListKeys", "{}"));
            (answer.unwrap_or_default(), endpoint.record().calls[0].outcome)
        };
        assert!(met("500@1").0.starts_with("HTTP/1.1 500"));
        assert!(met("denied:kms:ListKeys@1").0.contains("AccessDeniedException"));
        assert!(met("html@1").0.contains("<!doctype html>"));
        assert_eq!(met("empty@1").0.split_once("\r\n\r\n").unwrap().1, "");
        assert_eq!(met("reset@1"), (String::new(), Outcome::Faulty));
        assert_eq!(met("500:kms:DescribeKey@1").1, Outcome::Answered);
    }
}
