//! Elastic Load Balancing: load balancers of the present generation.

mod access_logs;
mod http_listener;
mod tls_policy;
mod waf;

super::checks! {
    access_logs
    http_listener
    tls_policy
    waf
}
