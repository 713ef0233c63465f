//! Checks and frameworks that the user writes.
//!
//! A check is a file, `checks.d/NAME.toml`: what kind of resource it is about, an expression in CEL that is true of what is
//! not fine, and the words for it. It sees a documented view of the snapshot ([`view`]) and asks this program's analyses
//! ([`functions`]). What could not be read is unknown, by the logic of CEL: an operand that decides, decides.
//!
//! ```text
//! read::directory ─→ Vec<Definition> ─→ register ─→ registry, evaluation, report
//! read::framework ─→ Framework ───────↗
//! ```
//!
//! Nothing here calls AWS; the sources that a check reads follow from its resource, fields and functions.

mod cel;
mod check;
mod definition;
pub mod docs;
mod facts;
pub mod functions;
pub mod limits;
mod node;
mod problem;
pub mod read;
mod shape;
mod trial;
mod value;
pub mod view;

pub use cel::{Answer, Expression};
pub use check::register;
pub use definition::{Definition, Expect, Test};
pub use node::Node;
pub use problem::{Problem, Problems, Said};
pub use shape::{Field, Shape};
pub use trial::{TestResult, Trial, Tried, Unlisted, test_directory, try_expression};

/// The JSON Schema of a kind of resource, as `aws-audit checks schema NOUN` prints it.
///
/// # Errors
/// When there is no such kind: what is wrong, with the nearest.
pub fn schema(noun: &str) -> Result<serde_json::Value, Said> {
    let nouns = view::NOUNS.iter().map(|it| it.name);
    view::find(noun).map(view::Noun::schema).ok_or_else(|| problem::instead(noun, nouns))
}
