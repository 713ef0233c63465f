//! Virtual Private Cloud.

mod flow_logs;

super::checks! {
    flow_logs
}
