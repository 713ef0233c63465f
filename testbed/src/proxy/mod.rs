//! The proxy between the program under test and the emulator.

pub(crate) mod answers;
mod behaviour;
pub(crate) mod identify;
mod operations;
mod overlay;
mod record;
mod repair;
mod replay;
pub(crate) mod server;
mod spoil;
#[cfg(test)]
mod tests;

pub use behaviour::{Behaviour, Fault, Rule, Spoiled};
pub use identify::{Call, Protocol};
pub use overlay::Overlay;
pub use record::Exchange;
pub use replay::Replay;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::sync::Arc;

use server::State;

/// A proxy on a free port of 127.0.0.1, on threads of its own, until it is dropped. Its methods do not block
/// and may be called from anywhere.
pub struct Proxy {
    url: String,
    state: Arc<State>,
    runtime: Option<tokio::runtime::Runtime>,
}

impl Proxy {
    /// Starts a proxy in front of an emulator (`http://HOST:PORT`), or of nothing, when only the overlay and
    /// rules are to answer.
    pub fn start(upstream: Option<&str>, behaviour: Behaviour) -> io::Result<Self> {
        let state = Arc::new(State::new(upstream, behaviour)?);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let url = format!("http://{}", listener.local_addr()?);
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("proxy")
            .enable_all()
            .build()?;
        let listener = {
            let _inside = runtime.enter();
            tokio::net::TcpListener::from_std(listener)?
        };
        runtime.spawn(server::serve(listener, Arc::clone(&state)));
        Ok(Self { url, state, runtime: Some(runtime) })
    }

    /// The endpoint, `http://127.0.0.1:PORT`: what `AWS_ENDPOINT_URL` has to be.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Adds a rule after those there are.
    pub fn add_rule(&self, rule: Rule) {
        self.state.rules().push(rule);
    }

    /// Puts these rules in the place of those there are.
    pub fn set_rules(&self, rules: impl IntoIterator<Item = Rule>) {
        *self.state.rules() = rules.into_iter().collect();
    }

    /// From now on nothing goes wrong.
    pub fn clear_rules(&self) {
        self.state.rules().clear();
    }

    /// How often what was called where, retries included.
    pub fn calls(&self) -> BTreeMap<Call, u64> {
        self.state.counters().calls.clone()
    }

    /// How many calls there were.
    pub fn total(&self) -> u64 {
        self.state.counters().calls.values().sum()
    }

    /// How often this operation was called, in all regions.
    pub fn count(&self, service: &str, operation: &str) -> u64 {
        let counters = self.state.counters();
        let like = |call: &Call| call.service == service && call.operation == operation;
        counters.calls.iter().filter(|(call, _)| like(call)).map(|(_, count)| count).sum()
    }

    /// Every operation seen, as `service:Operation`.
    pub fn operations(&self) -> BTreeSet<String> {
        let counters = self.state.counters();
        counters.calls.keys().map(|call| format!("{}:{}", call.service, call.operation)).collect()
    }

    /// Operations that neither the overlay nor the emulator could answer.
    pub fn unanswered(&self) -> BTreeSet<String> {
        self.state.counters().unanswered.clone()
    }

    /// The most calls that were under way at once.
    pub fn max_in_flight(&self) -> usize {
        self.state.counters().max_in_flight
    }

    /// How many requests met a fault.
    pub fn faults(&self) -> u64 {
        self.state.counters().faults
    }

    /// Starts counting anew.
    pub fn reset_counters(&self) {
        self.state.reset_counters();
    }

    /// What was recorded (see [`Behaviour::record`]), sorted, each different request once.
    pub fn recording(&self) -> Vec<Exchange> {
        self.state.recording.as_ref().map_or_else(Vec::new, record::Recording::exchanges)
    }

    /// Writes what was recorded as JSON lines.
    pub fn write_recording(&self, path: impl AsRef<Path>) -> io::Result<()> {
        record::write(path.as_ref(), &self.recording())
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        // Not waiting: this may run inside another runtime, and a hanging request would never end.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
