use super::{each_running, sg_ports};
use crate::{
    analysis::network::reachability::Reach,
    check::{Check, Context},
    finding::{Severity, Verdict},
    snapshot::ec2::Instance,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "ec2-instance-internet-reachable",
    severity: Severity::High,
    sources: SOURCES,
    run: |cx| {
        cx.each_region(|cx, region| {
            let network = cx.analyses.network(cx.place().region, region);
            each_running(cx, region, |cx, instance| {
                let reaches =
                    network.of_instance(instance).filter(|reach| !dangerous_ports(reach).is_empty());
                let Some(first) = reaches.ways.first() else {
                    return reaches.unread.map_or_else(|| Ok(Verdict::pass()), Err);
                };
                let mut ports: Vec<_> = reaches.ways.iter().flat_map(dangerous_ports).collect();
                ports.sort_unstable();
                ports.dedup();
                let imdsv1 = allows_imdsv1(instance);
                let administrator = administrator_of(cx, instance);
                let worse = imdsv1 || administrator.is_some();
                let verdict = Verdict::fail()
                    .with("ports", &ports)
                    .with("through", first.through)
                    .with("internet_gateway", first.internet_gateway)
                    .with("imdsv1", imdsv1)
                    .with("administrator_role", administrator)
                    .with("ways", &reaches.ways);
                Ok(if worse { verdict.at(Severity::Critical) } else { verdict })
            });
        });
    },
};

const SOURCES: &[Source] = &[
    Source::Ec2Instances,
    Source::Ec2InternetGateways,
    Source::Ec2NetworkAcls,
    Source::Ec2NetworkInterfaces,
    Source::Ec2PrefixLists,
    Source::Ec2RouteTables,
    Source::Ec2SecurityGroups,
    Source::Ec2Subnets,
    Source::Ec2VpcBlockPublicAccess,
    Source::ElbLoadBalancers,
    Source::Elbv2LoadBalancers,
    Source::Elbv2TargetGroupAttributes,
    Source::IamAuthorization,
];

/// The ports that other checks call dangerous to open, among those that a way leads to: where it begins, and what it
/// leads to behind a load balancer, whose listener may have any number.
fn dangerous_ports(reach: &Reach<'_>) -> Vec<u16> {
    let dangerous = sg_ports::known().filter(|(port, protocol, service)| {
        let leads_to = reach.protocol == protocol.name() && reach.target_port == Some(*port);
        reach.meets(*protocol, &(*port..=*port)) || leads_to && !FOR_BALANCERS.contains(service)
    });
    dangerous.map(|(port, ..)| port).collect()
}

/// What web applications listen on that a load balancer publishes on purpose.
const FOR_BALANCERS: [&str; 2] = ["http_alternative", "development_server"];

fn allows_imdsv1(instance: &Instance) -> bool {
    instance.metadata_http_tokens.as_deref() != Some("required")
        && instance.metadata_http_endpoint.as_deref() != Some("disabled")
}

/// The ARN of the instance's role, if it is known to be an administrator.
fn administrator_of(cx: &Context<'_>, instance: &Instance) -> Option<String> {
    let profile = instance.instance_profile.as_ref()?;
    let identities = cx.analyses.identities().ok()?;
    let of_profile =
        identities.principals.iter().filter_map(|principal| Some((principal, principal.usable_role()?)));
    let mut of_profile = of_profile.filter(|(_, role)| role.instance_profiles.contains(profile));
    of_profile.find(|(principal, _)| principal.is_administrator()).map(|(_, role)| role.arn.clone())
}

#[cfg(test)]
mod tests {
    use super::{super::testing::reachable, CHECK};
    use crate::{
        finding::Severity,
        gap::Collected,
        snapshot::{
            Snapshot,
            elb::{Listener, LoadBalancer, Target, TargetGroup, TargetGroupAttributes},
            iam,
        },
        testing::{ago, denied, fails, passes, read, region},
    };

    #[test]
    fn fails_when_a_dangerous_port_is_reached() {
        let finding = fails(&CHECK, &reachable(22));
        assert_eq!(
            (finding.severity, &finding.evidence["ports"]),
            (Severity::High, &serde_json::json!([22]))
        );
        assert_eq!(finding.evidence["ways"][0]["route_table"], "rtb-1");
        fails(&CHECK, &reachable(5432));
        fails(&CHECK, &reachable(8080));
    }

    #[test]
    fn is_critical_with_imdsv1_or_an_administrators_role() {
        let mut account = reachable(22);
        if let Collected::Value(instances) = &mut region(&mut account).ec2.instances {
            instances[0].metadata_http_tokens = Some("optional".into());
        }
        assert_eq!(fails(&CHECK, &account).severity, Severity::Critical);
        let mut account = reachable(22);
        account.iam.authorization = read(iam::Authorization {
            roles: vec![iam::Role {
                name: "web".into(),
                arn: "arn:aws:iam::111122223333:role/web".into(),
                path: "/".into(),
                created: ago(10),
                assume_role_policy: r#"{"Statement": []}"#.into(),
                inline_policies: vec![iam::InlinePolicy {
                    name: "all".into(),
                    document: r#"{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#.into(),
                }],
                attached_policies: vec![],
                permissions_boundary: None,
                instance_profiles: vec!["arn:aws:iam::111122223333:instance-profile/web".into()],
                last_used: None,
                tags: [].into(),
            }],
            ..iam::Authorization::default()
        });
        let finding = fails(&CHECK, &account);
        assert_eq!(finding.severity, Severity::Critical);
        assert_eq!(finding.evidence["administrator_role"], "arn:aws:iam::111122223333:role/web");
    }

    #[test]
    fn passes_when_only_the_web_is_reached_or_nothing() {
        passes(&CHECK, &reachable(443));
        let mut account = reachable(22);
        if let Collected::Value(interfaces) = &mut region(&mut account).ec2.network_interfaces {
            interfaces[0].public_ips.clear();
        }
        passes(&CHECK, &account);
        let mut account = reachable(22);
        region(&mut account).ec2.internet_gateways = read(vec![]);
        passes(&CHECK, &account);
    }

    /// Behind a Network Load Balancer without groups.
    fn behind_balancer(listened: u16, target: u16) -> Snapshot {
        let mut account = reachable(i32::from(target));
        let region = region(&mut account);
        if let Collected::Value(interfaces) = &mut region.ec2.network_interfaces {
            interfaces[0].public_ips.clear();
        }
        region.elb.load_balancers = read(vec![LoadBalancer {
            arn: "lb".into(),
            name: "front".into(),
            kind: "network".into(),
            scheme: "internet-facing".into(),
            vpc: Some("vpc-1".into()),
            subnets: vec!["subnet-1".into()],
            listeners: read(vec![Listener {
                port: Some(listened),
                protocol: Some("TCP".into()),
                default_target_groups: vec!["targets".into()],
                ..Listener::default()
            }]),
            ..LoadBalancer::default()
        }]);
        region.elb.target_groups = read(vec![TargetGroup {
            arn: "targets".into(),
            target_type: "instance".into(),
            protocol: Some("TCP".into()),
            load_balancers: vec!["lb".into()],
            targets: read(vec![Target { id: "i-1".into(), port: Some(target), health: "healthy".into() }]),
            ..TargetGroup::default()
        }]);
        region.elb.target_group_attributes =
            read([("targets".into(), read(TargetGroupAttributes::default()))].into());
        account
    }

    #[test]
    fn behind_a_load_balancer_the_ports_of_both_ends_count() {
        let finding = fails(&CHECK, &behind_balancer(80, 22));
        assert_eq!(finding.evidence["ports"], serde_json::json!([22]));
        assert_eq!(finding.evidence["through"], "front");
        assert_eq!(fails(&CHECK, &behind_balancer(5432, 9999)).evidence["ports"], serde_json::json!([5432]));
        assert_eq!(fails(&CHECK, &behind_balancer(443, 9200)).evidence["ports"], serde_json::json!([9200]));
        // What load balancers are for.
        passes(&CHECK, &behind_balancer(443, 8080));
        passes(&CHECK, &behind_balancer(80, 443));
        fails(&CHECK, &behind_balancer(8080, 8080));
    }

    #[test]
    fn whose_group_lets_nobody_in_is_reached_by_nobody() {
        let mut account = reachable(22);
        if let Collected::Value(groups) = &mut region(&mut account).ec2.security_groups {
            groups[0].ingress.clear();
        }
        region(&mut account).ec2.route_tables = denied();
        passes(&CHECK, &account);
    }
}
