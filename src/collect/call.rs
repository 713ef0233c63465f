//! One call: its turn, its retries, its end. Everything that is sent to AWS goes through [`Caller::call`].
//!
//! The SDK's own retries are off: every attempt must wait for its turn at the [`Limits`], and every throttle
//! must slow the operation down, for this account alone.

use std::{
    collections::{BTreeMap, HashMap},
    error::Error as StdError,
    future::Future,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU32, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use aws_audit_checks::{
    gap::{Gap, GapKind},
    snapshot::Calls,
    source::{Operation, Source},
};
use aws_smithy_runtime_api::client::{orchestrator::HttpResponse, result::SdkError};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use tokio::sync::{Semaphore, watch};

use super::{aws::Identities, limits::Limits};
use crate::error::causes;

/// Requests under way at once, over all regions and services.
const IN_FLIGHT: usize = 160;
/// Times that a throttled request is sent.
const THROTTLED_ATTEMPTS: u32 = 8;
/// Times that a request is sent that met a passing fault: a broken connection, a 5xx, half an answer.
const FAULTY_ATTEMPTS: u32 = 3;
/// Times that a request is sent that was not answered in time: it has cost seconds already, but one slow
/// answer must not lose all that a list leads to.
const SLOW_ATTEMPTS: u32 = 2;
/// Times that a request is sent whose credentials were refused as expired.
const RENEWED_ATTEMPTS: u32 = 2;
/// Longest wait before a retry.
const LONGEST_BACKOFF: Duration = Duration::from_secs(20);
/// Calls to one service in one region that may end without an answer before the rest is not sent: a
/// hanging region costs seconds, not minutes.
const SILENT_CALLS: u32 = 2;
/// What is kept of an error message of AWS.
const MESSAGE_CHARS: usize = 300;

/// A region (empty for global services) and the SDK's name of a service in it.
type Service = (String, &'static str);

/// Why the scan ends early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// Ctrl-C.
    Interrupted,
    /// `--timeout`.
    TimedOut,
    /// The credentials have expired.
    CredentialsExpired,
}

/// What a call is about.
#[derive(Clone, Copy, Debug)]
pub(super) struct Target<'a> {
    pub(super) operation: &'static Operation,
    /// Empty for global services.
    pub(super) region: &'a str,
    pub(super) resource: Option<&'a str>,
}

/// A call that ended without an answer.
#[derive(Clone, Debug)]
pub(super) struct CallError {
    /// The service's error code; none when the service did not answer.
    pub(super) code: Option<String>,
    pub(super) gap: Box<Gap>,
    /// The service does not exist in the region: its endpoint has no address, and the region's others have.
    pub(super) not_offered: bool,
}

/// Sends calls, each in its turn, and counts them.
#[derive(Debug)]
pub(crate) struct Caller {
    limits: Limits,
    identities: Identities,
    in_flight: Semaphore,
    stop: watch::Sender<Option<Stop>>,
    verbose: bool,
    counts: Mutex<BTreeMap<String, u64>>,
    throttled: AtomicU64,
    retried: AtomicU64,
    denied: AtomicU64,
    /// Calls that ended without an answer since the last one that got one, by region and service.
    silent: Mutex<HashMap<Service, (u32, GapKind)>>,
    under_way: Mutex<BTreeMap<u32, (Instant, String)>>,
    next_ticket: AtomicU32,
}

impl Caller {
    /// A caller that takes at most this share of AWS's limits, and tells of each call on standard error
    /// when verbose.
    pub(super) fn new(share: f64, verbose: bool, identities: Identities) -> Self {
        Self {
            limits: Limits::new(share),
            identities,
            in_flight: Semaphore::new(IN_FLIGHT),
            stop: watch::Sender::new(None),
            verbose,
            counts: Mutex::default(),
            throttled: AtomicU64::default(),
            retried: AtomicU64::default(),
            denied: AtomicU64::default(),
            silent: Mutex::default(),
            under_way: Mutex::default(),
            next_ticket: AtomicU32::default(),
        }
    }

    /// Ends the scan: calls under way are dropped, and no more are sent. The first reason stays.
    pub(crate) fn stop(&self, why: Stop) {
        self.stop.send_if_modified(|stop| {
            let first = stop.is_none();
            stop.get_or_insert(why);
            first
        });
    }

    /// Why the scan ended early, if it did.
    pub(crate) fn stopped(&self) -> Option<Stop> {
        *self.stop.borrow()
    }

    /// What was called so far.
    pub(crate) fn calls(&self) -> Calls {
        let by_operation = lock(&self.counts).clone();
        Calls {
            total: by_operation.values().sum(),
            throttled: self.throttled.load(Ordering::Relaxed),
            retried: self.retried.load(Ordering::Relaxed),
            denied: self.denied.load(Ordering::Relaxed),
            by_operation,
        }
    }

    /// Counts a refusal. Only who called knows whether it is one: some services refuse where they are off.
    pub(super) fn denied(&self) {
        self.denied.fetch_add(1, Ordering::Relaxed);
    }

    /// How many calls are under way, and the one that is so for longest.
    pub(crate) fn slowest(&self) -> (usize, Option<(Duration, String)>) {
        let under_way = lock(&self.under_way);
        let slowest = under_way.values().min_by_key(|(since, _)| *since);
        (under_way.len(), slowest.map(|(since, what)| (since.elapsed(), what.clone())))
    }

    /// Sends until there is an answer, or no hope of one.
    pub(super) async fn call<T, E, Sent>(
        &self,
        target: Target<'_>,
        send: impl Fn() -> Sent,
    ) -> Result<T, CallError>
    where
        E: ProvideErrorMetadata + StdError + Send + Sync + 'static,
        Sent: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    {
        let service = (target.region.to_owned(), target.operation.service);
        let mut stop = self.stop.subscribe();
        let silent = lock(&self.silent).get(&service).copied();
        if let Some((_, kind)) = silent.filter(|(calls, _)| *calls >= SILENT_CALLS) {
            return Err(target.failed(kind, "not sent: earlier calls got no answer"));
        }
        for attempt in 1.. {
            let answer = tokio::select! {
                biased;
                why = stop.wait_for(Option::is_some) => {
                    let why = why.ok().and_then(|why| *why);
                    return Err(target.stopped(why.unwrap_or(Stop::Interrupted)));
                }
                answer = self.attempt(target, &send) => answer,
            };
            let error = match answer {
                Ok(answer) => {
                    self.limits.answered(target.operation, target.region);
                    lock(&self.silent).remove(&service);
                    return Ok(answer);
                }
                Err(error) => error,
            };
            let mut failure = Failure::of(&error);
            if failure.kind == GapKind::RegionDisabled && target.region.is_empty() {
                failure.kind = GapKind::InvalidCredentials;
            }
            match failure.kind {
                GapKind::Throttled => {
                    self.throttled.fetch_add(1, Ordering::Relaxed);
                    self.limits.throttled(target.operation, target.region);
                }
                // The provider may have others; those that are refused too are the last.
                GapKind::InvalidCredentials
                    if failure.expired && attempt == 1 && self.identities.are_temporary() =>
                {
                    self.identities.renew();
                }
                GapKind::InvalidCredentials if failure.expired => self.stop(Stop::CredentialsExpired),
                _ => {}
            }
            if attempt >= failure.attempts() {
                if matches!(failure.kind, GapKind::TimedOut | GapKind::Unreachable) {
                    lock(&self.silent).entry(service).or_insert((0, failure.kind)).0 += 1;
                }
                let not_offered = failure.unknown_host && region_exists(target.region).await;
                let error = target.failed(failure.kind, &failure.message);
                return Err(CallError { code: failure.code, not_offered, ..error });
            }
            self.retried.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(failure.backoff(attempt)).await;
        }
        unreachable!("the attempts are counted up to the failure's limit")
    }

    async fn attempt<T, E, Sent>(
        &self,
        target: Target<'_>,
        send: impl Fn() -> Sent,
    ) -> Result<T, SdkError<E, HttpResponse>>
    where
        E: ProvideErrorMetadata + StdError + Send + Sync + 'static,
        Sent: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    {
        self.limits.turn(target.operation, target.region).await;
        // The semaphore is never closed.
        let _permit = self.in_flight.acquire().await;
        *lock(&self.counts).entry(target.operation.id()).or_default() += 1;
        let started = Instant::now();
        let ticket = Ticket::new(self, &target, started);
        let answer = send().await;
        drop(ticket);
        if self.verbose {
            let outcome = answer
                .as_ref()
                .err()
                .map_or_else(|| "ok".to_owned(), |e| format!("{:?}", Failure::of(e).kind));
            crate::notice(format_args!("{target} {} ms: {outcome}", started.elapsed().as_millis()));
        }
        answer
    }
}

/// A call under way, for the progress line. Gone when dropped, so also when the call is.
struct Ticket<'a> {
    caller: &'a Caller,
    number: u32,
}

impl<'a> Ticket<'a> {
    fn new(caller: &'a Caller, target: &Target<'_>, started: Instant) -> Self {
        let number = caller.next_ticket.fetch_add(1, Ordering::Relaxed);
        lock(&caller.under_way).insert(number, (started, target.to_string()));
        Self { caller, number }
    }
}

impl Drop for Ticket<'_> {
    fn drop(&mut self) {
        lock(&self.caller.under_way).remove(&self.number);
    }
}

impl std::fmt::Display for Target<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.operation.id())?;
        if !self.region.is_empty() {
            write!(f, " in {}", self.region)?;
        }
        Ok(())
    }
}

impl Target<'_> {
    fn failed(&self, kind: GapKind, message: &str) -> CallError {
        let gap = Gap {
            operation: self.operation.id(),
            region: (!self.region.is_empty()).then(|| self.region.to_owned()),
            resource: self.resource.map(str::to_owned),
            kind,
            message: message.chars().take(MESSAGE_CHARS).collect(),
        };
        CallError { code: None, gap: Box::new(gap), not_offered: false }
    }

    fn stopped(&self, why: Stop) -> CallError {
        match why {
            Stop::Interrupted => self.failed(GapKind::Interrupted, "interrupted"),
            Stop::TimedOut => self.failed(GapKind::Interrupted, "the scan's time limit was reached"),
            Stop::CredentialsExpired => self.failed(GapKind::InvalidCredentials, "the credentials expired"),
        }
    }
}

/// What went wrong with one attempt.
struct Failure {
    kind: GapKind,
    code: Option<String>,
    message: String,
    expired: bool,
    /// The fault may be gone the next time.
    passing: bool,
    /// The endpoint's name has no address.
    unknown_host: bool,
    /// The service's own wish for the wait before the next attempt.
    retry_after: Option<Duration>,
}

impl Failure {
    fn of<E: ProvideErrorMetadata + StdError + Send + Sync + 'static>(
        error: &SdkError<E, HttpResponse>,
    ) -> Self {
        let other = |kind| {
            let message = causes(error);
            let unknown_host = message.contains(UNKNOWN_HOST);
            let passing = matches!(kind, GapKind::Unreachable | GapKind::UnreadableAnswer) && !unknown_host;
            Self { kind, code: None, message, expired: false, passing, unknown_host, retry_after: None }
        };
        match error {
            SdkError::TimeoutError(_) => other(GapKind::TimedOut),
            SdkError::DispatchFailure(failure) if failure.is_timeout() => other(GapKind::TimedOut),
            SdkError::DispatchFailure(failure) if failure.is_io() => other(GapKind::Unreachable),
            // What the SDK could not even send, for lack of credentials or a region.
            SdkError::DispatchFailure(_) => other(GapKind::InvalidCredentials),
            SdkError::ResponseError(_) => other(GapKind::UnreadableAnswer),
            SdkError::ServiceError(service) => {
                let status = service.raw().status().as_u16();
                let code = service.err().code().unwrap_or_default();
                let retry_after = service.raw().headers().get("x-amz-retry-after");
                Self {
                    // An error under a good status is the SDK's: it could not read the answer.
                    kind: if status < 300 { GapKind::UnreadableAnswer } else { kind_of(code, status) },
                    code: Some(code.to_owned()),
                    message: match service.err().message() {
                        Some(message) => format!("{code}: {message}"),
                        None if code.is_empty() => format!("HTTP status {status}"),
                        None => code.to_owned(),
                    },
                    expired: code.contains("Expired"),
                    passing: status >= 500,
                    unknown_host: false,
                    retry_after: retry_after.and_then(|ms| ms.parse().ok()).map(Duration::from_millis),
                }
            }
            _ => other(GapKind::ServerError),
        }
    }

    const fn attempts(&self) -> u32 {
        match self.kind {
            GapKind::Throttled => THROTTLED_ATTEMPTS,
            _ if self.passing => FAULTY_ATTEMPTS,
            GapKind::TimedOut => SLOW_ATTEMPTS,
            GapKind::InvalidCredentials if self.expired => RENEWED_ATTEMPTS,
            // A refusal stays one.
            _ => 1,
        }
    }

    /// Exponential with full jitter, so that calls throttled together do not come back together.
    fn backoff(&self, attempt: u32) -> Duration {
        let base = if self.kind == GapKind::Throttled { 1000 } else { 100 };
        let longest = Duration::from_millis(base << attempt.min(10)).min(LONGEST_BACKOFF);
        let wished = self.retry_after.unwrap_or_default().min(LONGEST_BACKOFF);
        wished.max(longest.mul_f64(fastrand::f64()))
    }
}

/// What the system's resolver says of a name that does not exist, as opposed to having no network.
const UNKNOWN_HOST: &str = "Name or service not known";

/// Whether the region has an endpoint for EC2, which every region has.
async fn region_exists(region: &str) -> bool {
    let suffix = if region.starts_with("cn-") { ".cn" } else { "" };
    let host = format!("ec2.{region}.amazonaws.com{suffix}:443");
    !region.is_empty()
        && tokio::net::lookup_host(host).await.is_ok_and(|mut addresses| addresses.next().is_some())
}

/// What an error code means. AWS's services do not agree on names: these are from their lists of common
/// errors.
fn kind_of(code: &str, status: u16) -> GapKind {
    match code {
        "Throttling"
        | "ThrottlingException"
        | "ThrottledException"
        | "RequestThrottled"
        | "RequestThrottledException"
        | "RequestLimitExceeded"
        | "TooManyRequestsException"
        | "LimitExceededException"
        | "SlowDown"
        | "BandwidthLimitExceeded"
        | "PriorRequestNotComplete" => GapKind::Throttled,
        "AccessDenied"
        | "AccessDeniedException"
        | "UnauthorizedOperation"
        | "AuthorizationError"
        | "UnauthorizedException"
        | "AllAccessDisabled" => GapKind::AccessDenied,
        "ExpiredToken"
        | "ExpiredTokenException"
        | "RequestExpired"
        | "SignatureDoesNotMatch"
        | "IncompleteSignature"
        | "InvalidAccessKeyId"
        | "MissingAuthenticationToken" => GapKind::InvalidCredentials,
        // How services answer where the region is not enabled: to them the account is unknown there.
        "OptInRequired"
        | "AuthFailure"
        | "UnrecognizedClientException"
        | "InvalidClientTokenId"
        | "SubscriptionRequiredException" => GapKind::RegionDisabled,
        _ if status == 429 || status == 503 && code.is_empty() => GapKind::Throttled,
        _ if status == 403 => GapKind::AccessDenied,
        _ => GapKind::ServerError,
    }
}

impl CallError {
    /// `None` for the error codes that mean "not configured": those are answers.
    pub(super) fn unless_absent<T>(result: Result<T, Self>, codes: &[&str]) -> Result<Option<T>, Self> {
        match result {
            Ok(value) => Ok(Some(value)),
            Err(error) if error.code.as_deref().is_some_and(|code| codes.contains(&code)) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// The operation of that id, e.g. `ec2:DescribeVpcs`.
///
/// # Panics
/// When there is none: a collector asks something that the table of read operations lacks.
pub(super) fn operation(id: &str) -> &'static Operation {
    let mut operations = Source::ALL.iter().flat_map(|source| source.operations());
    let found = operations.find(|operation| {
        id.strip_prefix(operation.prefix).and_then(|rest| rest.strip_prefix(':')) == Some(operation.name)
    });
    found.unwrap_or_else(|| panic!("{id} is not in the table of read operations"))
}

/// The lock's value, also after a panic elsewhere: the counters and maps here are whole at any time.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
