//! CloudWatch Logs.

mod encryption;
mod retention;

super::checks! {
    encryption
    retention
}
