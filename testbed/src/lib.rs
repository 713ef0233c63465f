//! What tests, benches and the recording of the demo share: an AWS emulator that no one here wrote, accounts
//! in it that are described as scripts of AWS CLI commands, and a proxy in front that answers what the
//! emulator lacks, breaks what a test wants broken, and counts.
//!
//! ```no_run
//! use aws_audit_testbed::{Behaviour, Emulator, Proxy, Rule};
//!
//! # fn main() -> std::io::Result<()> {
//! let emulator = Emulator::start()?;
//! let account = emulator.seed("bad")?;
//! let proxy = Proxy::start(Some(emulator.url()), Behaviour::default())?;
//! proxy.add_rule(Rule::deny("iam:GetAccountAuthorizationDetails"));
//! let status = std::process::Command::new("aws-audit").arg("scan").envs(account.environment(proxy.url())).status()?;
//! # let _ = status;
//! assert!(proxy.calls().keys().any(|call| call.operation == "GetAccountAuthorizationDetails"));
//! # Ok(())
//! # }
//! ```

mod account;
pub mod bench;
mod emulator;
pub mod faults;
pub mod proxy;
mod script;
mod venv;

pub use account::{Account, Credentials, names};
pub use emulator::{Emulator, Fork};
pub use proxy::{Behaviour, Call, Exchange, Fault, Overlay, Proxy, Replay, Rule, Spoiled};
pub use venv::python;

use std::path::PathBuf;

/// A path below `testbed/` in the source tree.
fn source(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path)
}
