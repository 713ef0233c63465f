use super::port_of;
use crate::{
    analysis::network::{
        Protocol,
        reachability::{Network, Reaches},
    },
    check::Check,
    finding::{Severity, Verdict},
    snapshot::rds::DbInstance,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "rds-instance-public",
    severity: Severity::High,
    sources: &[
        Source::RdsInstances,
        Source::Ec2InternetGateways,
        Source::Ec2NetworkAcls,
        Source::Ec2PrefixLists,
        Source::Ec2RouteTables,
        Source::Ec2SecurityGroups,
        Source::Ec2Subnets,
        Source::Ec2VpcBlockPublicAccess,
    ],
    run: |cx| {
        cx.each_region(|cx, region| {
            let network = cx.analyses.network(cx.place().region, region);
            cx.each_known(&region.rds.instances, |_, instance| {
                if !instance.publicly_accessible {
                    return Ok(Verdict::pass());
                }
                let verdict = Verdict::fail()
                    .with("engine", &instance.engine)
                    .with("port", instance.port)
                    .with("security_groups", &instance.security_groups);
                let reaches = ways(&network, instance);
                // What could not be read leaves the severity as it is.
                Ok(match (reaches.ways.first(), reaches.unread) {
                    (Some(way), _) => verdict
                        .with("internet_gateway", way.internet_gateway)
                        .with("ways", &reaches.ways)
                        .at(Severity::Critical)
                        .told_as("reached"),
                    (None, None) => verdict.at(Severity::Medium).told_as("not_reached"),
                    (None, Some(_)) => verdict,
                })
            });
        });
    },
};

/// The ways from the internet to the instance's port. Its interface can be in any subnet of its group, tomorrow
/// in another one, and has a public address there.
fn ways<'a>(network: &Network<'a>, instance: &'a DbInstance) -> Reaches<'a> {
    let mut all = Reaches::default();
    let port = port_of(instance);
    for subnet in &instance.subnets {
        let vpc = instance.vpc.as_deref().unwrap_or_default();
        let ways = network.of_groups(&instance.id, &instance.security_groups, vpc, subnet, [true, false]);
        all.add(ways.filter(|way| way.meets(Protocol::Tcp, &(port..=port))));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::{super::testing::with_instance, CHECK};
    use crate::{
        finding::Severity,
        testing::{denied, fails, passes, read, region, security_groups},
    };

    #[test]
    fn fails_when_publicly_accessible() {
        let finding = fails(&CHECK, &with_instance(|instance| instance.publicly_accessible = true));
        assert_eq!((finding.resource.id.as_str(), &finding.evidence["port"]), ("orders", &5432.into()));
    }

    #[test]
    fn is_critical_when_the_internet_reaches_it_and_medium_when_nothing_does() {
        let mut account = with_instance(|instance| instance.publicly_accessible = true);
        let ec2 = &mut region(&mut account).ec2;
        let value = |value: serde_json::Value| serde_json::json!({ "value": value });
        *ec2 = serde_json::from_value(serde_json::json!({
            "subnets": value(serde_json::json!([{"id": "subnet-2", "vpc": "vpc-1", "cidrs": ["10.0.1.0/24"],
                "private_ipv6_cidrs": [], "map_public_ip_on_launch": false, "assign_ipv6_address_on_creation": false, "tags": {}}, {"id": "subnet-1", "vpc": "vpc-1",
                "cidrs": ["10.0.0.0/24"], "private_ipv6_cidrs": [], "map_public_ip_on_launch": false,
                "assign_ipv6_address_on_creation": false, "tags": {}}])),
            "route_tables": value(serde_json::json!([{"id": "rtb-1", "vpc": "vpc-1", "is_main": true, "subnets": [],
                "routes": [{"destination": "0.0.0.0/0", "target": "igw-1", "state": "active"}], "tags": {}}])),
            "internet_gateways": value(serde_json::json!([{"id": "igw-1", "vpcs": ["vpc-1"]}])),
            "network_acls": value(serde_json::json!([{"id": "acl-1", "vpc": "vpc-1", "is_default": true,
                "subnets": ["subnet-1", "subnet-2"], "tags": {}, "entries": [
                {"number": 100, "egress": false, "allow": true, "protocol": "-1", "cidr": "0.0.0.0/0", "ports": null},
                {"number": 100, "egress": true, "allow": true, "protocol": "-1", "cidr": "0.0.0.0/0", "ports": null}]}])),
            "prefix_lists": value(serde_json::json!([])),
            "vpc_block_public_access": value(serde_json::json!({"mode": "off", "exclusions": []})),
        }))
        .unwrap();
        ec2.security_groups =
            read(security_groups(serde_json::json!([{"id": "sg-1", "name": "db", "vpc": "vpc-1",
            "egress": [], "tags": {},
            "ingress": [{"protocol": "tcp", "ports": [5432, 5432], "cidrs": ["0.0.0.0/0"]}]}])));
        let finding = fails(&CHECK, &account);
        assert_eq!((finding.severity, finding.variant), (Severity::Critical, Some("reached")));
        region(&mut account).ec2.internet_gateways = read(vec![]);
        let finding = fails(&CHECK, &account);
        assert_eq!((finding.severity, finding.variant), (Severity::Medium, Some("not_reached")));
        region(&mut account).ec2.internet_gateways = denied();
        assert_eq!(fails(&CHECK, &account).severity, Severity::High);
    }

    #[test]
    fn passes_when_not() {
        passes(&CHECK, &with_instance(|_| ()));
    }
}
