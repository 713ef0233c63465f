//! IAM policy documents and the questions that checks ask of them: does this document allow action A on
//! resource R, is it full administration, is it public?
//!
//! The grammar and the evaluation logic are those of the IAM User Guide ("Grammar of the IAM JSON policy
//! language", "Policy evaluation logic"); "public" is Amazon S3's definition (S3 User Guide, "The meaning of
//! public").

pub mod admin;
mod condition;
mod document;
mod documents;
pub mod effective;
pub mod evaluate;
pub mod pattern;
pub mod public;
pub mod shared_secret;

pub(crate) use condition::account_of;
pub use condition::{Chance, Condition, Known, Pin};
pub use document::{Effect, Match, ParseError, Policy, Principals, Statement};
pub use documents::Documents;
