//! Virtual Private Cloud.

mod endpoint_full_access;
mod flow_logs;
mod peering_broad_route;
mod subnet_auto_public_ip;

super::checks! {
    endpoint_full_access
    flow_logs
    peering_broad_route
    subnet_auto_public_ip
}
