//! Exchanges, kept so that the demo can play them back.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Mutex;

use serde::{Deserialize, Serialize};

use super::answers::Answer;
use super::identify::{Call, base64};

/// A request and its answer. Headers are not kept, hence neither credentials nor signatures nor dates are;
/// answers that hand out credentials aren't kept either.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exchange {
    /// As in [`Call`].
    pub service: String,
    /// As in [`Call`].
    pub operation: String,
    /// As in [`Call`].
    pub region: String,
    /// HTTP method.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// The request's body.
    pub request: String,
    /// HTTP status of the answer.
    pub status: u16,
    /// The answer's content type.
    pub content_type: String,
    /// The answer's body; base 64 when it is not text.
    pub body: String,
    /// Whether `body` is in base 64.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub base64: bool,
}

type Key = (String, String, String, String, String, String);

/// Keeps the last answer to each different request, in the order of service, region and operation.
#[derive(Debug, Default)]
pub(super) struct Recording {
    exchanges: Mutex<BTreeMap<Key, Exchange>>,
}

impl Recording {
    pub(super) fn keep(&self, call: &Call, method: &str, path: &str, request: &[u8], answer: &Answer) {
        let credentials = ["AssumeRole", "GetSessionToken", "GetFederationToken", "GetRoleCredentials"];
        if credentials.iter().any(|prefix| call.operation.starts_with(prefix)) {
            return;
        }
        let request = String::from_utf8_lossy(request).into_owned();
        let text = std::str::from_utf8(&answer.body).ok();
        let exchange = Exchange {
            service: call.service.clone(),
            operation: call.operation.clone(),
            region: call.region.clone(),
            method: method.to_owned(),
            path: path.to_owned(),
            request: request.clone(),
            status: answer.status,
            content_type: answer.content_type().to_owned(),
            body: text.map_or_else(|| base64(&answer.body), without_request_id),
            base64: text.is_none(),
        };
        let key = (
            call.service.clone(),
            call.region.clone(),
            call.operation.clone(),
            path.to_owned(),
            request,
            method.to_owned(),
        );
        self.lock().insert(key, exchange);
    }

    pub(super) fn exchanges(&self) -> Vec<Exchange> {
        self.lock().values().cloned().collect()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<Key, Exchange>> {
        self.exchanges.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

/// Request ids are new every time; without them a recording changes only when the account does.
fn without_request_id(text: &str) -> String {
    let mut text = text.to_owned();
    for tag in ["requestId", "RequestId", "RequestID"] {
        let (open, close) = (format!("<{tag}>"), format!("</{tag}>"));
        let Some(start) = text.find(&open).map(|at| at + open.len()) else { continue };
        let Some(length) = text[start..].find(&close) else { continue };
        text.replace_range(start..start + length, "00000000-0000-4000-8000-000000000000");
    }
    text
}

/// Writes exchanges as JSON lines.
pub(super) fn write(path: &Path, exchanges: &[Exchange]) -> io::Result<()> {
    let mut file = io::BufWriter::new(std::fs::File::create(path)?);
    for exchange in exchanges {
        serde_json::to_writer(&mut file, exchange)?;
        file.write_all(b"\n")?;
    }
    file.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recording_is_sorted_without_doubles_and_without_secrets() {
        let recording = Recording::default();
        let call = |operation: &str, region: &str| Call {
            service: "iam".into(),
            operation: operation.into(),
            region: region.into(),
            account: None,
        };
        let answer = |body: &'static str| Answer::new(200, "text/xml", body);
        recording.keep(&call("ListUsers", "b"), "POST", "/", b"x", &answer("<RequestId>1</RequestId>"));
        recording.keep(&call("ListUsers", "a"), "POST", "/", b"x", &answer("first"));
        recording.keep(&call("ListUsers", "a"), "POST", "/", b"x", &answer("second"));
        recording.keep(&call("AssumeRole", "a"), "POST", "/", b"x", &answer("secret"));
        let found: Vec<_> =
            recording.exchanges().into_iter().map(|exchange| (exchange.region, exchange.body)).collect();
        let id = "<RequestId>00000000-0000-4000-8000-000000000000</RequestId>";
        assert_eq!(found, [("a".to_owned(), "second".to_owned()), ("b".to_owned(), id.to_owned())]);
    }
}
