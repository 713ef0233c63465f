use std::collections::BTreeSet;

use ipnet::IpNet;

use crate::{
    analysis::network::{
        Protocol, parse,
        security_group::{InternetIngress, Opening, named},
    },
    check::Check,
    finding::{Severity, Verdict},
    gap::{self, Gap, NotJudged},
    snapshot::{
        Region,
        ec2::{VpcEndpoint, op},
    },
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "vpc-endpoint-security-group-open",
    severity: Severity::Low,
    sources: &[Source::Ec2VpcEndpoints, Source::Ec2Vpcs, Source::Ec2SecurityGroups, Source::Ec2PrefixLists],
    run: |cx| {
        cx.each_region(|cx, region| {
            let name = cx.place().region;
            super::each_endpoint(cx, region, |_, endpoint| {
                if endpoint.security_groups.is_empty() {
                    return Err(NotJudged::NotApplicable);
                }
                let inside = ranges_of(&endpoint.vpc, region, name)?;
                let open = gap::find(endpoint.security_groups.iter().map(|group| {
                    let rules = from_outside(group, endpoint, &inside, region, name)?;
                    Ok((!rules.is_empty()).then_some((group, rules)))
                }))?;
                let Some((group, rules)) = open else { return Ok(Verdict::pass()) };
                let sources: BTreeSet<_> = rules.iter().map(|rule| rule.source).collect();
                Ok(Verdict::fail()
                    .with("service", &endpoint.service)
                    .with("group", group)
                    .with("sources", sources)
                    .with("vpc_cidrs", inside)
                    .with("rules", rules))
            });
        });
    },
};

/// The ranges of a VPC.
fn ranges_of(vpc: &str, region: &Region, name: &str) -> Result<Vec<IpNet>, NotJudged> {
    let operation = op::DescribeVpcs;
    let known = region.ec2.vpcs.get()?.iter().find(|known| known.id == vpc).ok_or_else(|| {
        let message = "an endpoint names the VPC, but it is not among those described";
        Gap::unreadable(operation, Some(name), Some(vpc), message)
    })?;
    known.cidrs.iter().map(|cidr| parse(cidr, operation, name, vpc)).collect()
}

/// The group's rules for the endpoint's port that let more in than the ranges.
fn from_outside<'a>(
    group: &str,
    endpoint: &VpcEndpoint,
    inside: &[IpNet],
    region: &'a Region,
    name: &'a str,
) -> Result<Vec<Opening<'a>>, NotJudged> {
    let group = named(&region.ec2.security_groups, group, name)?;
    let ingress = InternetIngress::outside(group, &region.ec2.prefix_lists, name, inside);
    // AWS's services listen for HTTPS; what other vendors and own resources listen on is not documented.
    let is_aws = !endpoint.service.starts_with("arn:") && !endpoint.service.contains(".vpce-svc-");
    if is_aws {
        return Ok(ingress.on(Protocol::Tcp, 443)?.into_iter().cloned().collect());
    }
    let (open, unread) = ingress.ranges(Protocol::Tcp);
    unread.unless(!open.is_empty())?;
    Ok(open.into_iter().map(|(_, rule)| rule.clone()).collect())
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::{
        gap::Collected,
        snapshot::{
            Snapshot,
            ec2::{SecurityGroup, SecurityGroupRule, Vpc, VpcEndpoint},
        },
        testing::{empty, fails, passes, read, region, silent, unknown},
    };

    fn with_range(cidr: &str) -> Snapshot {
        let mut account = empty();
        let ec2 = &mut region(&mut account).ec2;
        ec2.vpcs = read(vec![Vpc {
            id: "vpc-1".into(),
            cidrs: vec!["10.0.0.0/16".into(), "2001:db8:1::/56".into()],
            ..Vpc::default()
        }]);
        ec2.vpc_endpoints = read(vec![VpcEndpoint {
            id: "vpce-1".into(),
            kind: "Interface".into(),
            service: "com.amazonaws.eu-west-1.ssm".into(),
            vpc: "vpc-1".into(),
            security_groups: vec!["sg-1".into()],
            ..VpcEndpoint::default()
        }]);
        ec2.security_groups = read(vec![SecurityGroup {
            id: "sg-1".into(),
            ingress: vec![SecurityGroupRule {
                protocol: "tcp".into(),
                ports: Some((443, 443)),
                cidrs: vec![cidr.into()],
                ..SecurityGroupRule::default()
            }],
            ..SecurityGroup::default()
        }]);
        account
    }

    #[test]
    fn fails_when_everyone_may_reach_it() {
        fails(&CHECK, &with_range("0.0.0.0/0"));
        fails(&CHECK, &with_range("::/0"));
    }

    #[test]
    fn fails_when_more_than_the_vpc_may() {
        let finding = fails(&CHECK, &with_range("10.0.0.0/8"));
        assert_eq!(finding.evidence["sources"], serde_json::json!(["10.0.0.0/8"]));
        fails(&CHECK, &with_range("10.1.0.0/16"));
    }

    #[test]
    fn takes_any_port_for_what_is_not_of_aws() {
        let on_database_port = |service: &str| {
            let mut account = with_range("0.0.0.0/0");
            let ec2 = &mut region(&mut account).ec2;
            let (Collected::Value(groups), Collected::Value(endpoints)) =
                (&mut ec2.security_groups, &mut ec2.vpc_endpoints)
            else {
                unreachable!()
            };
            groups[0].ingress[0].ports = Some((5432, 5432));
            endpoints[0].service = service.into();
            account
        };
        passes(&CHECK, &on_database_port("com.amazonaws.eu-west-1.ssm"));
        fails(&CHECK, &on_database_port("com.amazonaws.vpce.eu-west-1.vpce-svc-1"));
        fails(
            &CHECK,
            &on_database_port("arn:aws:vpc-lattice:eu-west-1:111122223333:resourceconfiguration/rcfg-1"),
        );
    }

    #[test]
    fn passes_when_the_vpc_may() {
        passes(&CHECK, &with_range("10.0.0.0/16"));
        passes(&CHECK, &with_range("10.0.7.0/24"));
        passes(&CHECK, &with_range("2001:db8:1::/64"));
    }

    #[test]
    fn a_vpc_or_group_that_is_not_described_is_not_fine() {
        let mut account = with_range("10.0.0.0/16");
        region(&mut account).ec2.vpcs = read(vec![]);
        unknown(&CHECK, &account);
        let mut account = with_range("10.0.0.0/16");
        region(&mut account).ec2.security_groups = read(vec![]);
        unknown(&CHECK, &account);
    }

    #[test]
    fn says_nothing_of_gateway_endpoints() {
        let mut account = empty();
        region(&mut account).ec2.vpc_endpoints = read(vec![VpcEndpoint::default()]);
        silent(&CHECK, &account);
    }
}
