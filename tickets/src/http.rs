//! What this crate asks of an HTTP client, which the program brings.

use std::{fmt, time::Duration};

use jiff::Timestamp;

/// Sends requests, one after the other.
///
/// It must not follow redirects (they would take the credential along), and should give up after some 30 seconds.
pub trait Transport {
    /// Sends a request, and gives the answer whatever its status is.
    ///
    /// # Errors
    /// When there is no answer: it may or may not have been acted on.
    fn send(&mut self, request: &Request) -> Result<Response, NoAnswer>;
}

/// A request.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    /// `GET`, `POST`, `PATCH`.
    pub method: &'static str,
    /// The whole address.
    pub url: String,
    /// Names and values.
    pub headers: Vec<(&'static str, String)>,
    /// JSON.
    pub body: Option<String>,
}

impl fmt::Debug for Request {
    /// Without the values of headers, of which one is a credential.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.url)
    }
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// The status, e.g. 200.
    pub status: u16,
    /// Names, in any case, and values.
    pub headers: Vec<(String, String)>,
    /// The text.
    pub body: String,
}

impl Response {
    /// The value of a header.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let named = |(it, _): &&(String, String)| it.eq_ignore_ascii_case(name);
        self.headers.iter().find(named).map(|(_, value)| value.as_str())
    }
}

/// Why there is no answer, in words without a credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoAnswer(pub String);

/// The time, which tests make themselves.
pub trait Clock {
    /// What time it is.
    fn now(&self) -> Timestamp;

    /// Waits.
    fn sleep(&self, time: Duration);
}

/// The system's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn sleep(&self, time: Duration) {
        std::thread::sleep(time);
    }
}
