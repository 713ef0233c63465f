//! Virtual Private Cloud.

mod endpoint_external_principal;
mod endpoint_full_access;
mod endpoint_security_group_open;
mod endpoint_service_any_principal;
mod endpoint_wildcard_action;
mod flow_logs;
mod gateway_endpoint_missing;
mod peering_broad_route;
mod subnet_auto_public_ip;

super::checks! {
    endpoint_external_principal
    endpoint_full_access
    endpoint_security_group_open
    endpoint_service_any_principal
    endpoint_wildcard_action
    flow_logs
    gateway_endpoint_missing
    peering_broad_route
    subnet_auto_public_ip
}

use crate::{
    analysis::policy::Policy,
    gap::NotJudged,
    snapshot::{Place, ec2::VpcEndpoint},
};

/// The policy of an endpoint that its owner may change. Endpoints of services that are not AWS's always let
/// everything through: PrivateLink guide, "Control access to VPC endpoints using endpoint policies".
fn policy_of(endpoint: &VpcEndpoint, place: &Place<'_>) -> Result<Policy, NotJudged> {
    let text = endpoint.policy.as_deref().filter(|_| !endpoint.service.contains(".vpce-svc-"));
    let text = text.ok_or(NotJudged::NotApplicable)?;
    Ok(Policy::read(text, "ec2:DescribeVpcEndpoints", Some(place.region), &endpoint.id)?)
}
