//! Systems Manager.

mod session_logging;

super::checks! {
    session_logging
}
