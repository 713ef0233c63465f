//! Answers from a recording.

use std::collections::HashMap;
use std::io;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::answers::Answer;
use super::identify::Call;
use super::record::Exchange;
use super::spoil::TOKEN;

/// A recording, by what was asked. A request for a page that [`super::Spoiled`] made up is one for the page before.
#[derive(Debug)]
pub struct Replay {
    answers: HashMap<(Call, String), Answer>,
}

impl Replay {
    /// Reads a recording: JSON lines of exchanges, after lines that are none.
    pub fn read(path: &Path) -> io::Result<Self> {
        let text = std::fs::read_to_string(path)?;
        let mut answers = HashMap::new();
        for line in text.lines() {
            let Ok(exchange) = serde_json::from_str::<Exchange>(line) else { continue };
            let call = Call {
                service: exchange.service,
                operation: exchange.operation,
                region: exchange.region,
                account: None,
            };
            let body = match exchange.base64 {
                true => STANDARD.decode(&exchange.body).map_err(io::Error::other)?,
                false => exchange.body.into_bytes(),
            };
            let mut answer = Answer::new(exchange.status, &exchange.content_type, body);
            if exchange.content_type == "application/cbor" {
                answer.headers.push(("smithy-protocol".to_owned(), "rpc-v2-cbor".to_owned()));
            }
            let key = key(&exchange.method, &exchange.path, &exchange.request);
            answers.insert((call, key), answer);
        }
        if answers.is_empty() {
            return Err(io::Error::other(format!("{}: no recording", path.display())));
        }
        Ok(Self { answers })
    }

    pub(super) fn find(&self, call: &Call, method: &str, path: &str, body: &[u8]) -> Option<Answer> {
        let call = Call { account: None, ..call.clone() };
        self.answers.get(&(call, key(method, path, &String::from_utf8_lossy(body)))).cloned()
    }
}

/// What tells requests apart that ask the same of the same service. The SDK writes maps in no order.
fn key(method: &str, path: &str, body: &str) -> String {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let fields = |text: &str| {
        let mut fields: Vec<_> = text.split('&').filter(|field| !field.contains(TOKEN)).collect();
        fields.sort_unstable();
        fields.join("&")
    };
    let body = match serde_json::from_str::<Value>(body) {
        Ok(Value::Object(mut members)) => {
            members.retain(|_, value| !value.as_str().is_some_and(|text| text.contains(TOKEN)));
            Value::Object(members).to_string()
        }
        _ => fields(body),
    };
    format!("{method} {path}?{} {body}", fields(query))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_the_same_in_any_order_and_for_any_made_up_page() {
        let token = format!("{TOKEN}7");
        for (one, other) in [
            (("/a?x=1&y=2", ""), (format!("/a?y=2&marker={token}&x=1"), String::new())),
            (("/", r#"{"a":1,"b":2}"#), ("/".into(), format!(r#"{{"b":2,"NextToken":"{token}","a":1}}"#))),
            (("/", "Action=A&Version=1"), ("/".into(), format!("Action=A&Marker={token}&Version=1"))),
        ] {
            assert_eq!(key("POST", one.0, one.1), key("POST", &other.0, &other.1));
        }
        assert_ne!(key("GET", "/a", ""), key("GET", "/b", ""));
    }
}
