//! Route 53.

mod query_logging;

super::checks! {
    query_logging
}
