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
    check::Context,
    finding::Judgement,
    gap::NotJudged,
    snapshot::{
        Place, Region,
        ec2::{VpcEndpoint, op},
    },
};

/// Judges the endpoints that carry something, or may come to.
fn each_endpoint<'a>(
    cx: &mut Context<'a>,
    region: &'a Region,
    judge: impl Fn(&Context<'a>, &'a VpcEndpoint) -> Judgement,
) {
    let endpoints = region.ec2.vpc_endpoints.get();
    cx.each(endpoints.map(|all| all.iter().filter(|endpoint| !endpoint.is_gone())), judge);
}

/// The policy of an endpoint that its owner may change. Endpoints of services that know no policies, which those
/// of other vendors never do, let everything through, and AWS shows the default policy for them: PrivateLink
/// guide, "Control access to VPC endpoints using endpoint policies".
fn policy_of(endpoint: &VpcEndpoint, region: &Region, place: &Place<'_>) -> Result<Policy, NotJudged> {
    let text = endpoint.policy.as_deref().ok_or(NotJudged::NotApplicable)?;
    if !*region.ec2.vpc_endpoint_policy_support.of(&endpoint.service)? {
        return Err(NotJudged::NotApplicable);
    }
    Ok(Policy::read(text, op::DescribeVpcEndpoints, Some(place.region), &endpoint.id)?)
}

#[cfg(test)]
mod testing {
    use crate::{
        snapshot::{Snapshot, ec2::VpcEndpoint},
        testing::{empty, read, region},
    };

    /// An account with a gateway endpoint of S3, changed.
    pub(super) fn with_endpoint(policy: Option<&str>, change: impl FnOnce(&mut VpcEndpoint)) -> Snapshot {
        let mut endpoint = VpcEndpoint {
            id: "vpce-1".into(),
            kind: "Gateway".into(),
            service: "com.amazonaws.eu-west-1.s3".into(),
            vpc: "vpc-1".into(),
            state: "available".into(),
            policy: policy.map(str::to_owned),
            ..VpcEndpoint::default()
        };
        change(&mut endpoint);
        let mut account = empty();
        let ec2 = &mut region(&mut account).ec2;
        ec2.vpc_endpoint_policy_support = read([("com.amazonaws.eu-west-1.s3".into(), read(true))].into());
        ec2.vpc_endpoints = read(vec![endpoint]);
        account
    }
}
