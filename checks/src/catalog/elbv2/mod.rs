//! Elastic Load Balancing: load balancers of the present generation.

mod waf;

super::checks! {
    waf
}
