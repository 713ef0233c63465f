//! Macie.

mod discovery;
mod enabled;

super::checks! {
    discovery
    enabled
}
