//! What an AWS account looks like ([`snapshot`]), what takes thinking about it ([`analysis`]) and the
//! checks that judge it ([`registry`]). Everything here is pure: no AWS SDK, no async, no I/O.

pub mod analysis;
pub mod baseline;
mod catalog;
pub mod check;
pub mod cross_account;
pub mod diff;
pub mod finding;
pub mod framework;
pub mod gap;
pub mod group;
pub mod history;
pub mod iam_policy;
mod index;
pub mod life_cycle;
pub mod likeness;
pub mod organization;
pub mod page;
pub mod registry;
pub mod report;
pub mod report_paths;
pub mod score;
pub mod secrets;
pub mod settings;
pub mod snapshot;
pub mod source;
#[cfg(test)]
mod testing;
pub mod triage;
pub mod verify;
pub mod wording;
mod words;
