//! AWS Organizations.

mod guardrails;

super::checks! {
    guardrails
}
