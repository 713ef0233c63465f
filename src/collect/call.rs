//! One call: its turn, its retries, its end. Everything that is sent to AWS goes through [`Caller::call`].
//!
//! The SDK's own retries are off: every attempt must wait for its turn at the [`Limits`], and every throttle
//! must slow the operation down, for this account alone.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    error::Error as StdError,
    future::Future,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU32, AtomicU64, Ordering},
    },
    time::{Duration, Instant, SystemTime},
};

use aws_audit_checks::{
    gap::{Gap, GapKind},
    page::Lang,
    snapshot::Calls,
    source::Operation,
};
use aws_smithy_runtime_api::client::{orchestrator::HttpResponse, result::SdkError};
use aws_smithy_types::{DateTime, date_time::Format, error::metadata::ProvideErrorMetadata};
use tokio::sync::{Semaphore, watch};

use super::{
    aws::{Identities, Unresolved},
    limits::Limits,
    meaning::{Answer, Meaning, expected_region},
    regions,
    trace::Trace,
};
use crate::error::{Said, causes, find, said};

/// Requests under way at once, over all regions and services, of an account that is scanned by itself.
pub const IN_FLIGHT: usize = 160;
/// Times that a throttled request is sent.
const THROTTLED_ATTEMPTS: u32 = 8;
/// Times that a request is sent that met a passing fault: a broken connection, a 5xx, half an answer.
const FAULTY_ATTEMPTS: u32 = 3;
/// Times that a request is sent that was not answered in time: it has cost seconds already, but one slow
/// answer must not lose all that a list leads to.
const SLOW_ATTEMPTS: u32 = 2;
/// Times that a request is sent whose credentials were refused as expired: once more, with new ones.
const EXPIRED_ATTEMPTS: u32 = 2;
/// HTTP status of an endpoint that does not have the operation.
const NOT_IMPLEMENTED: u16 = 501;
/// Longest wait before a retry.
const LONGEST_BACKOFF: Duration = Duration::from_secs(20);
/// Calls to one service in one region that may end without an answer before the rest is not sent: a
/// hanging region costs seconds, not minutes.
const SILENT_CALLS: u32 = 2;
/// What is kept of an error message of AWS: its beginning and its end, where IAM tells who refused.
const MESSAGE_CHARS: usize = 600;
/// AWS refuses requests whose time differs by more than five minutes, or fifteen; clocks that differ by less are
/// not what is wrong.
const CLOCK_TOLERANCE: Duration = Duration::from_secs(4 * 60);
/// How long to wait for another service of a region to answer, before a name without an address there is taken for
/// a fault of the network.
const REGION_ANSWERS: Duration = Duration::from_secs(10);

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

impl Stop {
    /// As a reason.
    #[must_use]
    pub fn said(self) -> Said {
        match self {
            Self::Interrupted => said("interrupted", "中断されました"),
            Self::TimedOut => said("the scan's time limit was reached", "スキャンの制限時間に達しました"),
            Self::CredentialsExpired => said("the credentials expired", "認証情報の期限が切れました"),
        }
    }
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
    pub(super) meaning: Meaning,
    /// Where the bucket is that was asked about, as S3 names it to who asks elsewhere.
    pub(super) bucket_region: Option<String>,
    pub(super) gap: Box<Gap>,
}

/// Sends calls, each in its turn, and counts them.
#[derive(Debug)]
pub(crate) struct Caller {
    limits: Limits,
    identities: Identities,
    /// When new credentials were last asked for, because AWS refused others.
    renewed: Mutex<Option<Instant>>,
    /// Regions where a service has answered.
    answering: watch::Sender<BTreeSet<String>>,
    in_flight: Semaphore,
    stop: watch::Sender<Option<Stop>>,
    verbose: bool,
    trace: Trace,
    counts: Mutex<BTreeMap<String, u64>>,
    throttled: AtomicU64,
    retried: AtomicU64,
    denied: AtomicU64,
    /// Calls that ended without an answer since the last one that got one, by region and service.
    silent: Mutex<HashMap<Service, (u32, GapKind)>>,
    /// Services that are not offered in a region.
    without_endpoint: Mutex<HashSet<Service>>,
    under_way: Mutex<BTreeMap<u32, (Instant, String)>>,
    next_ticket: AtomicU32,
}

impl Caller {
    /// A caller that takes at most this share of AWS's limits, has at most so many requests under way, and tells of each
    /// call on standard error when verbose.
    pub(super) fn new(share: f64, verbose: bool, identities: Identities, in_flight: usize) -> Self {
        Self {
            limits: Limits::new(share),
            identities,
            renewed: Mutex::default(),
            answering: watch::Sender::default(),
            in_flight: Semaphore::new(in_flight),
            stop: watch::Sender::new(None),
            verbose,
            trace: Trace::default(),
            counts: Mutex::default(),
            throttled: AtomicU64::default(),
            retried: AtomicU64::default(),
            denied: AtomicU64::default(),
            silent: Mutex::default(),
            without_endpoint: Mutex::default(),
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
            time: Some(self.trace.told()),
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
        if lock(&self.without_endpoint).contains(&service) {
            let error = target.failed(GapKind::Unreachable, "not sent: the service has no endpoint here");
            return Err(CallError { meaning: Meaning::NotOffered, ..error });
        }
        let silent = lock(&self.silent).get(&service).copied();
        if let Some((_, kind)) = silent.filter(|(calls, _)| *calls >= SILENT_CALLS) {
            return Err(target.failed(kind, "not sent: earlier calls got no answer"));
        }
        let mut expired = false;
        for attempt in 1.. {
            let started = Instant::now();
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
                    self.answers(target.region);
                    return Ok(answer);
                }
                Err(error) => error,
            };
            let mut failure = Failure::of(&error, &target);
            if failure.error.code.is_some() {
                self.answers(target.region);
            }
            if failure.error.meaning == Meaning::Stale {
                failure.decide_stale(self.identities.are_temporary());
            }
            match failure.kind() {
                GapKind::Throttled => {
                    self.throttled.fetch_add(1, Ordering::Relaxed);
                    self.limits.throttled(target.operation, target.region);
                }
                // The provider may have others; those that are refused too, or cannot be had, are the last.
                GapKind::InvalidCredentials if expired => self.stop(Stop::CredentialsExpired),
                GapKind::InvalidCredentials if failure.error.meaning == Meaning::Expired => {
                    expired = true;
                    self.renew(started);
                }
                _ => {}
            }
            if attempt >= failure.attempts() {
                if failure.kind() == GapKind::Unreachable && self.has_no_endpoint(&target, &failure).await {
                    failure.error.meaning = Meaning::NotOffered;
                    lock(&self.without_endpoint).insert(service);
                } else if matches!(failure.kind(), GapKind::TimedOut | GapKind::Unreachable) {
                    lock(&self.silent).entry(service).or_insert((0, failure.kind())).0 += 1;
                }
                return Err(failure.into_error());
            }
            self.retried.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(failure.backoff(attempt)).await;
        }
        unreachable!("the attempts are counted up to the failure's limit")
    }

    /// Notes that a service answers in the region, whatever it says.
    fn answers(&self, region: &str) {
        self.answering.send_if_modified(|regions| {
            let first = !regions.contains(region);
            first && regions.insert(region.to_owned())
        });
    }

    /// Gives up the credentials that a request was refused with as expired, which was sent then: once for all that
    /// were under way with them.
    fn renew(&self, sent: Instant) {
        let mut renewed = lock(&self.renewed);
        if renewed.is_none_or(|renewed| renewed <= sent) {
            self.identities.renew();
            *renewed = Some(Instant::now());
        }
    }

    /// Whether an endpoint that cannot be reached is none: the service is not offered in the region.
    async fn has_no_endpoint(&self, target: &Target<'_>, failure: &Failure) -> bool {
        match regions::has_endpoint(target.operation.prefix, target.region) {
            Some(there) => !there,
            // Nothing is known of the service in this region. Where its own name has no address and others of the
            // region answer, it is not there; a name that another resolver looks up (a proxy's) says nothing.
            None => {
                let is_own = |name: &str| {
                    name.split('.').any(|label| label == target.region) && !name.contains("-fips.")
                };
                if target.region.is_empty() || !failure.unresolved.as_deref().is_some_and(is_own) {
                    return false;
                }
                let mut answering = self.answering.subscribe();
                let others = answering.wait_for(|regions| regions.contains(target.region));
                tokio::time::timeout(REGION_ANSWERS, others).await.is_ok()
            }
        }
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
        let (after, asked) = (self.trace.asked(target.region), Instant::now());
        self.limits.turn(target.operation, target.region).await;
        let _permit = loop {
            // The semaphore is never closed.
            let permit = self.in_flight.acquire().await;
            let wait = self.limits.depart(target.operation, target.region);
            if wait.is_zero() {
                break permit;
            }
            drop(permit);
            tokio::time::sleep(wait).await;
        };
        *lock(&self.counts).entry(target.operation.id.to_owned()).or_default() += 1;
        let started = Instant::now();
        let ticket = Ticket::new(self, &target, started);
        let answer = send().await;
        drop(ticket);
        self.trace.answered(target.operation, target.region, [asked, started], after);
        if self.verbose {
            let outcome = answer
                .as_ref()
                .err()
                .map_or_else(|| "ok".to_owned(), |e| format!("{:?}", Failure::of(e, &target).kind()));
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
        f.write_str(self.operation.id)?;
        if !self.region.is_empty() {
            write!(f, " in {}", self.region)?;
        }
        Ok(())
    }
}

impl Target<'_> {
    fn failed(&self, kind: GapKind, message: &str) -> CallError {
        let gap = Gap {
            operation: self.operation.id.to_owned(),
            region: (!self.region.is_empty()).then(|| self.region.to_owned()),
            resource: self.resource.map(str::to_owned),
            kind,
            refused_by: None,
            message: shortened(message),
        };
        CallError { code: None, meaning: Meaning::Other, bucket_region: None, gap: Box::new(gap) }
    }

    fn stopped(&self, why: Stop) -> CallError {
        let kind = match why {
            Stop::Interrupted | Stop::TimedOut => GapKind::Interrupted,
            Stop::CredentialsExpired => GapKind::InvalidCredentials,
        };
        self.failed(kind, why.said().get(Lang::En))
    }
}

/// What went wrong with one attempt, and whether another is worth while.
struct Failure {
    error: CallError,
    /// The fault may be gone the next time.
    passing: bool,
    /// The name that has no address: of the endpoint, or of the proxy.
    unresolved: Option<String>,
    /// The service's own wish for the wait before the next attempt.
    retry_after: Option<Duration>,
    /// How far this machine's clock is before that of the service (behind it when negative), in seconds.
    ahead: Option<i64>,
}

impl Failure {
    fn of<E: ProvideErrorMetadata + StdError + Send + Sync + 'static>(
        error: &SdkError<E, HttpResponse>,
        target: &Target<'_>,
    ) -> Self {
        let other = |kind| Self {
            error: target.failed(kind, &causes(error)),
            passing: matches!(kind, GapKind::Unreachable | GapKind::UnreadableAnswer),
            unresolved: find::<Unresolved>(error).map(|unresolved| unresolved.name.clone()),
            retry_after: None,
            ahead: None,
        };
        match error {
            SdkError::TimeoutError(_) => other(GapKind::TimedOut),
            SdkError::DispatchFailure(failure) if failure.is_timeout() => other(GapKind::TimedOut),
            SdkError::DispatchFailure(failure) if failure.is_io() => other(GapKind::Unreachable),
            // What the SDK could not even send, for lack of credentials or a region.
            SdkError::DispatchFailure(_) => other(GapKind::InvalidCredentials),
            // Said by the status alone, without a body that the SDK could read.
            SdkError::ResponseError(response) if response.raw().status().as_u16() == NOT_IMPLEMENTED => {
                Self::answered(target, NOT_IMPLEMENTED, "", "")
            }
            SdkError::ResponseError(_) => other(GapKind::UnreadableAnswer),
            SdkError::ServiceError(service) => {
                let (error, headers) = (service.err(), service.raw().headers());
                let (code, message) = (error.code().unwrap_or_default(), error.message().unwrap_or_default());
                let mut failure = Self::answered(target, service.raw().status().as_u16(), code, message);
                let retry_after = headers.get("x-amz-retry-after").and_then(|ms| ms.parse().ok());
                failure.retry_after = retry_after.map(Duration::from_millis);
                failure.ahead = headers.get("date").and_then(ahead_of);
                let region = headers.get("x-amz-bucket-region").or_else(|| expected_region(message));
                failure.error.bucket_region = region.map(str::to_owned);
                // A signature is also wrong when the time in it is.
                if failure.error.meaning == Meaning::BadCredentials && failure.clock_is_off() {
                    failure.blame_clock();
                }
                failure
            }
            _ => other(GapKind::ServerError),
        }
    }

    fn answered(target: &Target<'_>, status: u16, code: &str, said: &str) -> Self {
        let answer = Answer {
            operation: target.operation,
            on_resource: target.resource.is_some(),
            status,
            code,
            message: said,
        };
        // An error under a good status is the SDK's: it could not read the answer.
        let meaning = if status < 300 { Meaning::Other } else { answer.meaning() };
        let mut kind = if status < 300 { GapKind::UnreadableAnswer } else { answer.kind(meaning) };
        if kind == GapKind::RegionDisabled && target.region.is_empty() {
            kind = GapKind::InvalidCredentials;
        }
        let message = match said {
            "" if code.is_empty() => format!("HTTP status {status}"),
            "" => code.to_owned(),
            said => format!("{code}: {said}"),
        };
        let mut error = CallError { code: Some(code.to_owned()), meaning, ..target.failed(kind, &message) };
        if let (GapKind::AccessDenied, Meaning::Denied(refusal)) = (kind, meaning) {
            error.gap.refused_by = refusal;
        }
        Self {
            error,
            // A request may have waited between its signature and its way, as on a machine that slept.
            passing: (status >= 500 && meaning != Meaning::NotOffered) || meaning == Meaning::WrongClock,
            unresolved: None,
            retry_after: None,
            ahead: None,
        }
    }

    fn kind(&self) -> GapKind {
        self.error.gap.kind
    }

    fn clock_is_off(&self) -> bool {
        self.ahead.is_some_and(|seconds| seconds.unsigned_abs() >= CLOCK_TOLERANCE.as_secs())
    }

    fn blame_clock(&mut self) {
        (self.error.meaning, self.error.gap.kind) = (Meaning::WrongClock, GapKind::WrongClock);
    }

    /// Decides what EC2 has one code for (its API reference, "Error codes", `RequestExpired`): the service's own
    /// time tells whether the clock is wrong, and only sessions expire.
    fn decide_stale(&mut self, is_session: bool) {
        if self.clock_is_off() || !is_session {
            self.blame_clock();
        } else {
            (self.error.meaning, self.error.gap.kind) = (Meaning::Expired, GapKind::InvalidCredentials);
        }
    }

    fn into_error(mut self) -> CallError {
        if let (GapKind::WrongClock, true, Some(seconds)) = (self.kind(), self.clock_is_off(), self.ahead) {
            let (minutes, side) =
                (seconds.unsigned_abs() / 60, if seconds < 0 { "behind" } else { "ahead of" });
            self.error.gap.message += &format!(" (this machine's clock is {minutes} minutes {side} AWS's)");
        }
        self.error
    }

    fn attempts(&self) -> u32 {
        match self.kind() {
            GapKind::Throttled => THROTTLED_ATTEMPTS,
            GapKind::InvalidCredentials if self.error.meaning == Meaning::Expired => EXPIRED_ATTEMPTS,
            _ if self.passing => FAULTY_ATTEMPTS,
            GapKind::TimedOut => SLOW_ATTEMPTS,
            // A refusal stays one.
            _ => 1,
        }
    }

    /// Exponential with full jitter, so that calls throttled together do not come back together.
    fn backoff(&self, attempt: u32) -> Duration {
        let base = if self.kind() == GapKind::Throttled { 1000 } else { 100 };
        let longest = Duration::from_millis(base << attempt.min(10)).min(LONGEST_BACKOFF);
        let wished = self.retry_after.unwrap_or_default().min(LONGEST_BACKOFF);
        wished.max(longest.mul_f64(fastrand::f64()))
    }
}

/// How many seconds this machine's clock is ahead of the time that an answer names.
fn ahead_of(date: &str) -> Option<i64> {
    let theirs = DateTime::from_str(date, Format::HttpDate).ok()?.secs();
    let ours = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).ok()?.as_secs();
    i64::try_from(ours).ok()?.checked_sub(theirs)
}

/// A message as a gap keeps it: without what only AWS can read, and with its middle left out where it is long.
fn shortened(message: &str) -> String {
    const ENCODED: &str = "Encoded authorization failure message:";
    let message = match message.split_once(ENCODED) {
        Some((before, rest)) => {
            let after = rest.trim_start().split_once(char::is_whitespace).map_or("", |(_, after)| after);
            format!("{} {after}", before.trim_end())
        }
        None => message.to_owned(),
    };
    let message = message.trim_end();
    let count = message.chars().count();
    if count <= MESSAGE_CHARS {
        return message.to_owned();
    }
    let half = MESSAGE_CHARS / 2;
    let start: String = message.chars().take(half).collect();
    let end: String = message.chars().skip(count - half).collect();
    format!("{start} … {end}")
}

impl CallError {
    /// `None` for errors that mean "not configured": those are answers.
    pub(super) fn unless_absent<T>(result: Result<T, Self>) -> Result<Option<T>, Self> {
        Self::unless(result, |error| error.meaning == Meaning::Absent)
    }

    /// `None` for what went away since it was listed.
    pub(super) fn unless_gone<T>(result: Result<T, Self>) -> Result<Option<T>, Self> {
        Self::unless(result, |error| error.meaning == Meaning::Gone)
    }

    /// `None` for errors with these codes.
    pub(super) fn unless_code<T>(result: Result<T, Self>, codes: &[&str]) -> Result<Option<T>, Self> {
        Self::unless(result, |error| error.code.as_deref().is_some_and(|code| codes.contains(&code)))
    }

    fn unless<T>(result: Result<T, Self>, is_answer: impl Fn(&Self) -> bool) -> Result<Option<T>, Self> {
        match result {
            Ok(value) => Ok(Some(value)),
            Err(error) if is_answer(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// Whether operations have that prefix.
#[cfg(test)]
pub(super) fn is_prefix(prefix: &str) -> bool {
    aws_audit_checks::source::operations().any(|operation| operation.prefix == prefix)
}

/// The lock's value, also after a panic elsewhere: the counters and maps here are whole at any time.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
