//! Elastic Load Balancing: load balancers of the present generation.

mod access_logs;
mod waf;

super::checks! {
    access_logs
    waf
}
