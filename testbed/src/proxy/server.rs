//! Takes requests, answers or passes them on.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::net::TcpStream;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use hyper::service::service_fn;
use hyper::{HeaderMap, Method, Request, Response, Uri, header};
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::time::{Sleep, sleep};

use super::answers::{self, Answer};
use super::behaviour::{Asked, Behaviour, Fault, Rule, decide};
use super::identify::{self, Call};
use super::overlay::Answers;
use super::record::Recording;
use super::repair;
use super::replay::Replay;
use super::spoil;

/// What all connections of a proxy share.
pub(super) struct State {
    pub(super) upstream: Option<Upstream>,
    rules: Mutex<Vec<Rule>>,
    overlay: Answers,
    replay: Option<Arc<Replay>>,
    counters: Mutex<Counters>,
    pub(super) recording: Option<Recording>,
}

#[derive(Debug, Default)]
pub(super) struct Counters {
    pub(super) calls: BTreeMap<Call, u64>,
    pub(super) unanswered: BTreeSet<String>,
    pub(super) faults: u64,
    in_flight: usize,
    pub(super) max_in_flight: usize,
}

impl State {
    pub(super) fn new(upstream: Option<&str>, behaviour: Behaviour) -> io::Result<Self> {
        Ok(Self {
            upstream: upstream.map(Upstream::new).transpose()?,
            rules: Mutex::new(behaviour.rules),
            overlay: Answers::read(&behaviour.overlay)?,
            replay: behaviour.replay,
            counters: Mutex::default(),
            recording: behaviour.record.then(Recording::default),
        })
    }

    pub(super) fn rules(&self) -> MutexGuard<'_, Vec<Rule>> {
        self.rules.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    pub(super) fn counters(&self) -> MutexGuard<'_, Counters> {
        self.counters.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    pub(super) fn reset_counters(&self) {
        let mut counters = self.counters();
        let in_flight = counters.in_flight;
        *counters = Counters { in_flight, max_in_flight: in_flight, ..Counters::default() };
    }

    fn begin(self: &Arc<Self>, call: &Call) -> InFlight {
        let mut counters = self.counters();
        *counters.calls.entry(call.clone()).or_default() += 1;
        counters.in_flight += 1;
        counters.max_in_flight = counters.max_in_flight.max(counters.in_flight);
        InFlight(Arc::clone(self))
    }
}

/// A call under way, until its answer has been made or its client has gone.
struct InFlight(Arc<State>);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.counters().in_flight -= 1;
    }
}

/// Answers for ever.
pub(super) async fn serve(listener: TcpListener, state: Arc<State>) {
    let connected = || {
        let state = Arc::clone(&state);
        move |connection, request| handle(Arc::clone(&state), connection, request)
    };
    accept(listener, connected).await;
}

/// Accepts connections for ever, and asks of each what answers its requests. That gets a handle on the connection, which
/// can be made to end in a reset.
pub(crate) async fn accept<Answer, Answered>(listener: TcpListener, connected: impl Fn() -> Answer)
where
    Answer: Fn(Arc<TcpStream>, Request<Incoming>) -> Answered + Send + 'static,
    Answered: Future<Output = Result<Response<Payload>, Failed>> + Send + 'static,
{
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            sleep(Duration::from_millis(10)).await;
            continue;
        };
        let answer = connected();
        tokio::spawn(async move {
            let _ = stream.set_nodelay(true);
            let Ok((stream, reset)) = with_reset(stream) else { return };
            let reset = Arc::new(reset);
            let service = service_fn(move |request| answer(Arc::clone(&reset), request));
            // An error here is a client that went away, or a fault that was asked for.
            let _ = hyper::server::conn::http1::Builder::new()
                .timer(TokioTimer::new())
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

/// Why a request has no answer.
pub(crate) type Failed = Box<dyn std::error::Error + Send + Sync>;

/// The stream, and a second handle on it with which it can be made to end in a reset.
fn with_reset(stream: tokio::net::TcpStream) -> io::Result<(tokio::net::TcpStream, TcpStream)> {
    let stream = stream.into_std()?;
    let reset = stream.try_clone()?;
    Ok((tokio::net::TcpStream::from_std(stream)?, reset))
}

async fn handle(
    state: Arc<State>,
    connection: Arc<TcpStream>,
    request: Request<Incoming>,
) -> Result<Response<Payload>, Failed> {
    let (head, body) = request.into_parts();
    let body = body.collect().await?.to_bytes();
    let (path, query) = (head.uri.path(), head.uri.query().unwrap_or(""));
    let request = identify::identify(head.method.as_str(), path, query, &head.headers, &body);
    let _in_flight = state.begin(&request.call);

    let uri = head.uri.path_and_query().map_or("/", |path| path.as_str());
    let key = format!(
        "{} {} {} {uri} {}",
        request.call,
        head.method,
        request.call.operation,
        String::from_utf8_lossy(&body)
    );
    let asked = Asked { call: &request.call, signed_by: identify::key(&head.headers), key: &key };
    let (delay, fault) = decide(&mut state.rules(), &asked);
    if !delay.is_zero() {
        sleep(delay).await;
    }
    if matches!(&fault, Some(fault) if !matches!(fault, Fault::Spoiled(_))) {
        state.counters().faults += 1;
    }
    match fault {
        Some(Fault::Hang) => std::future::pending().await,
        Some(Fault::Reset) => {
            socket2::SockRef::from(&*connection).set_linger(Some(Duration::ZERO))?;
            return Err("reset on purpose".into());
        }
        _ => {}
    }
    let mut answer = match fault.as_ref().and_then(|fault| fault.answer(&request)) {
        Some(answer) => answer,
        None => answer(&state, &request, &head.method, &head.uri, &head.headers, &body).await,
    };
    if let Some(Fault::Spoiled(how)) = &fault
        && spoil::spoil(*how, &mut answer)
    {
        state.counters().faults += 1;
    }
    if let Some(recording) = &state.recording {
        recording.keep(&request.call, head.method.as_str(), uri, &body, &answer);
    }
    let mut response = Response::builder().status(answer.status);
    for (name, value) in &answer.headers {
        response = response.header(name, value);
    }
    if fault == Some(Fault::Truncate) {
        response = response.header(header::CONTENT_LENGTH, answer.body.len().max(1));
        return Ok(response.body(Payload::cut(answer.body))?);
    }
    Ok(response.body(Payload::Whole(Full::new(answer.body)))?)
}

/// The overlay's answer, else the emulator's.
async fn answer(
    state: &State,
    request: &identify::Request,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
    body: &Bytes,
) -> Answer {
    if let Some(answer) = state.replay.as_ref().and_then(|replay| {
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        replay.find(&request.call, method.as_str(), path, body)
    }) {
        return answer;
    }
    match state.overlay.find(request) {
        Ok(Some(answer)) => return answer,
        Ok(None) => {}
        Err(error) => return lacking(state, request, &format!("its overlay is wrong: {error}")),
    }
    let Some(upstream) = &state.upstream else {
        return lacking(state, request, "there is no emulator, and nothing in testbed/overlay/ answers it");
    };
    if let Some(answer) = repair::made(upstream, request, uri, headers).await {
        return answer;
    }
    match upstream.ask(method, uri, headers, repair::request(request, body)).await {
        // Moto's way of saying that it has no such operation: a page for a browser.
        Ok(answer)
            if answer.status >= 400 && answer.content_type().starts_with("text/html") && is_page(&answer) =>
        {
            lacking(state, request, "the emulator lacks it; its answer belongs into testbed/overlay/")
        }
        Ok(answer) => repair::answer(upstream, request, headers, answer).await,
        Err(error) => {
            answers::error(request, 502, "BadGateway", &format!("the emulator is not there: {error}"))
        }
    }
}

fn is_page(answer: &Answer) -> bool {
    answer.body.get(..15).is_some_and(|start| start.eq_ignore_ascii_case(b"<!doctype html>"))
}

fn lacking(state: &State, request: &identify::Request, why: &str) -> Answer {
    let operation = format!("{}:{}", request.call.service, request.call.operation);
    let message = format!("the testbed cannot answer {operation}: {why}");
    state.counters().unanswered.insert(operation);
    // Not 500, which clients would try again.
    answers::error(request, 501, "NotImplemented", &message)
}

/// The emulator.
pub(super) struct Upstream {
    authority: String,
    client: Client<HttpConnector, Full<Bytes>>,
}

impl Upstream {
    fn new(url: &str) -> io::Result<Self> {
        let authority = url
            .strip_prefix("http://")
            .map(|rest| rest.trim_end_matches('/').to_owned())
            .filter(|rest| !rest.is_empty() && !rest.contains('/'))
            .ok_or_else(|| io::Error::other(format!("not http://HOST:PORT: {url}")))?;
        let client = Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build_http();
        Ok(Self { authority, client })
    }

    /// Passes a request on, whole.
    pub(super) async fn ask(
        &self,
        method: &Method,
        uri: &Uri,
        headers: &HeaderMap,
        body: Bytes,
    ) -> Result<Answer, Box<dyn std::error::Error + Send + Sync>> {
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        let mut request = Request::builder().method(method).uri(format!("http://{}{path}", self.authority));
        for (name, value) in headers {
            if !matches!(name.as_str(), "connection" | "content-length" | "transfer-encoding" | "expect") {
                request = request.header(name, value);
            }
        }
        // Where there is no body hyper says nothing of its length, and the emulator answers 411 to some.
        if matches!(*method, Method::PUT | Method::POST) {
            request = request.header(header::CONTENT_LENGTH, body.len());
        }
        let response = self.client.request(request.body(Full::new(body))?).await?;
        let (head, body) = response.into_parts();
        let headers = head.headers.iter().filter(|(name, _)| {
            !matches!(
                name.as_str(),
                "connection" | "content-length" | "transfer-encoding" | "date" | "server"
            )
        });
        let headers = headers.map(|(name, value)| {
            (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        });
        Ok(Answer {
            status: head.status.as_u16(),
            headers: headers.collect(),
            body: body.collect().await?.to_bytes(),
        })
    }
}

/// A body, or the first half of one.
pub(crate) enum Payload {
    Whole(Full<Bytes>),
    Cut { half: Option<Bytes>, length: u64, pause: Pin<Box<Sleep>> },
}

impl Payload {
    pub(crate) fn cut(body: Bytes) -> Self {
        let half = body.slice(..body.len() / 2);
        // Time for the first half to leave.
        let pause = Box::pin(sleep(Duration::from_millis(20)));
        Self::Cut { half: Some(half), length: body.len().max(1) as u64, pause }
    }
}

impl Body for Payload {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        match self.get_mut() {
            Self::Whole(body) => Pin::new(body).poll_frame(context).map_err(|never| match never {}),
            Self::Cut { half, pause, .. } => match half.take() {
                Some(half) => Poll::Ready(Some(Ok(Frame::data(half)))),
                None => {
                    ready!(pause.as_mut().poll(context));
                    Poll::Ready(Some(Err(io::Error::other("cut on purpose"))))
                }
            },
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(body) => body.size_hint(),
            Self::Cut { length, .. } => SizeHint::with_exact(*length),
        }
    }
}
