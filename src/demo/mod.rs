//! The demo: a small account whose answers were recorded, played back inside the process through the SDK's
//! HTTP client seam. No credentials, no network; collector, checks and reports are the real ones.
//!
//! `cargo run -p aws-audit-testbed -- record-demo` makes the recording anew.

use std::{
    collections::{BTreeSet, HashMap},
    fmt,
    sync::Arc,
};

use aws_audit_checks::source::Source;
use aws_smithy_runtime_api::client::{
    http::{
        HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
        SharedHttpConnector,
    },
    orchestrator::{HttpRequest, HttpResponse},
    runtime_components::RuntimeComponents,
};
use aws_smithy_types::{base64, body::SdkBody};
use jiff::Timestamp;
use serde::Deserialize;

use crate::{
    collect::{Aws, Collection, Connection, IN_FLIGHT, Request, collect},
    error::{Error, said},
};

/// A line for each exchange, after a first one that tells when they were recorded.
const ANSWERS: &str = include_str!("answers.jsonl");

/// The share of AWS's request limits to take ([`Request::api_share`]): a recording has no
/// limits, and must not be waited for.
const API_SHARE: f64 = 1_000.0;

/// A recorded account.
#[derive(Clone, Debug)]
pub struct Recording {
    /// When it was recorded; the scan's clock stands there, so that ages stay what they were.
    pub recorded_at: Timestamp,
    /// Everything that was asked and answered.
    pub exchanges: Vec<Exchange>,
}

/// One recorded request and its answer.
#[derive(Clone, Debug, Deserialize)]
pub struct Exchange {
    /// The service as in IAM actions, e.g. `ec2`.
    pub service: String,
    /// The operation's name.
    pub operation: String,
    /// The region that the request was signed for.
    pub region: String,
    method: String,
    path: String,
    request: String,
    /// The answer's HTTP status.
    pub status: u16,
    /// The answer's content type.
    pub content_type: String,
    /// The answer's body.
    pub body: String,
    /// The body is in base 64.
    #[serde(default)]
    base64: bool,
}

#[derive(Deserialize)]
struct Header {
    /// Seconds since 1970.
    recorded_at: i64,
}

impl Exchange {
    /// Whether the request is about that resource.
    #[must_use]
    pub fn is_about(&self, resource: &str) -> bool {
        self.path.contains(resource) || self.request.contains(resource)
    }
}

/// The built-in recording.
///
/// # Errors
/// When it is not well-formed, which the tests of the demo rule out.
pub fn recording() -> Result<Recording, Error> {
    let (header, lines) = ANSWERS.split_once('\n').unwrap_or((ANSWERS, ""));
    let Header { recorded_at } = serde_json::from_str(header).map_err(broken)?;
    Ok(Recording {
        recorded_at: Timestamp::from_second(recorded_at).map_err(broken)?,
        exchanges: lines.lines().map(serde_json::from_str).collect::<Result<_, _>>().map_err(broken)?,
    })
}

fn broken(error: impl fmt::Display) -> Error {
    Error::usage(said(
        format!("the built-in recording is broken: {error}"),
        format!("組み込みのデモデータが壊れています：{error}"),
    ))
}

impl Recording {
    /// Collects from the recording as from an account, at the time when it was recorded.
    ///
    /// # Errors
    /// When it has no answer to who is asking.
    pub async fn collect(self, sources: BTreeSet<Source>) -> Result<Collection, Error> {
        let request = Request {
            sources,
            regions: None,
            api_share: API_SHARE,
            timeout: None,
            in_flight: IN_FLIGHT,
            verbose: false,
            progress: false,
            announce: None,
            now: Some(self.recorded_at),
        };
        let http_client = Some(self.into_http_client());
        collect(Aws::connect(Connection { http_client, ..Connection::default() }).await?, request).await
    }

    /// A client that answers from the recording.
    #[must_use]
    pub fn into_http_client(self) -> SharedHttpClient {
        let answers = self.exchanges.into_iter().map(|exchange| (Key::of_exchange(&exchange), exchange));
        SharedHttpClient::new(Player { answers: Arc::new(answers.collect()) })
    }
}

/// What tells requests apart.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Key {
    /// The name that requests to the service are signed with.
    service: String,
    region: String,
    method: String,
    path: String,
    /// The operation, where neither path nor body names it (AWS's JSON protocols).
    target: String,
    body: String,
}

impl Key {
    fn of_exchange(exchange: &Exchange) -> Self {
        let json = exchange.path == "/" && exchange.request.starts_with('{');
        let service = match exchange.service.as_str() {
            "apigatewayv2" => "apigateway",
            "cloudwatch" => "monitoring",
            "elasticloadbalancing-classic" => "elasticloadbalancing",
            "s3control" => "s3",
            service => service,
        };
        Self {
            service: service.to_owned(),
            region: exchange.region.clone(),
            method: exchange.method.clone(),
            path: exchange.path.clone(),
            target: if json { exchange.operation.clone() } else { String::new() },
            body: normal(&exchange.request),
        }
    }

    fn of_request(request: &HttpRequest) -> Self {
        // `AWS4-HMAC-SHA256 Credential=KEY/DATE/REGION/SERVICE/aws4_request, …`
        let signature = request.headers().get("authorization").unwrap_or_default();
        let mut scope = signature.split('/').skip(2).map(str::to_owned);
        let (region, service) = (scope.next().unwrap_or_default(), scope.next().unwrap_or_default());
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        let path = request.uri().split_once("://").map_or(request.uri(), |(_, rest)| rest);
        Self {
            service,
            region,
            method: request.method().to_owned(),
            path: path.find('/').map_or("/", |at| &path[at..]).to_owned(),
            target: target.rsplit('.').next().unwrap_or_default().to_owned(),
            body: normal(&String::from_utf8_lossy(request.body().bytes().unwrap_or_default())),
        }
    }
}

/// JSON with its keys sorted, since the SDK writes maps in no order; everything else as it is.
fn normal(body: &str) -> String {
    serde_json::from_str::<serde_json::Value>(body).map_or_else(|_| body.to_owned(), |json| json.to_string())
}

#[derive(Clone, Debug)]
struct Player {
    answers: Arc<HashMap<Key, Exchange>>,
}

impl HttpClient for Player {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Player {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (status, content_type, body) = match self.answers.get(&Key::of_request(&request)) {
            Some(answer) if answer.base64 => {
                let body = base64::decode(&answer.body).unwrap_or_default();
                (answer.status, answer.content_type.as_str(), SdkBody::from(body))
            }
            Some(answer) => {
                (answer.status, answer.content_type.as_str(), SdkBody::from(answer.body.as_str()))
            }
            None => (501, "text/plain", SdkBody::from("not in the recording")),
        };
        // Every recorded status came over HTTP.
        let status = status.try_into().unwrap_or_else(|_| unreachable!("a recorded status is one"));
        let mut response = HttpResponse::new(status, body);
        if !content_type.is_empty() {
            response.headers_mut().insert("content-type", content_type.to_owned());
        }
        if content_type == "application/cbor" {
            response.headers_mut().insert("smithy-protocol", "rpc-v2-cbor");
        }
        HttpConnectorFuture::ready(Ok(response))
    }
}
