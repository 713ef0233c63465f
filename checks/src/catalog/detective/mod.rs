//! Detective.

mod enabled;

super::checks! {
    enabled
}
