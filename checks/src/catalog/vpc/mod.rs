//! Virtual Private Cloud.

mod endpoint_full_access;
mod flow_logs;

super::checks! {
    endpoint_full_access
    flow_logs
}
