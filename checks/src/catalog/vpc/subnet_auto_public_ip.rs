use ipnet::Ipv6Net;

use crate::{
    analysis::network::prefixes::is_public,
    check::Check,
    finding::{Severity, Verdict},
    snapshot::ec2::Subnet,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "vpc-subnet-auto-public-ip",
    severity: Severity::Low,
    sources: &[Source::Ec2Subnets],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.each_known(&region.ec2.subnets, |_, subnet| {
                let (v4, v6) = (subnet.map_public_ip_on_launch, assigns_public_ipv6(subnet));
                let families = [("IPv4", v4), ("IPv6", v6)];
                let settings =
                    [("--no-map-public-ip-on-launch", v4), ("--no-assign-ipv6-address-on-creation", v6)];
                let on = |all: [(&'static str, bool); 2]| -> Vec<_> {
                    all.into_iter().filter(|(_, is_on)| *is_on).map(|(name, _)| name).collect()
                };
                Ok(Verdict::fail_if(v4 || v6)
                    .with("vpc", &subnet.vpc)
                    .with("cidrs", &subnet.cidrs)
                    .with("families", on(families))
                    // For the fix command.
                    .with("settings", on(settings)))
            });
        });
    },
};

/// Whether network interfaces get an IPv6 address by themselves that the internet can route to. Unique local addresses
/// are private, and so are those of ranges that are not announced (VPC User Guide, "IP addressing for your VPCs and
/// subnets").
fn assigns_public_ipv6(subnet: &Subnet) -> bool {
    let public = |cidr: &&String| cidr.parse().map_or(true, |range: Ipv6Net| is_public(range.into()));
    let mut v6 = subnet.cidrs.iter().filter(|cidr| cidr.contains(':'));
    let all_private = v6.clone().next().is_some()
        && v6.all(|cidr| subnet.private_ipv6_cidrs.contains(cidr) || !public(&cidr));
    subnet.assign_ipv6_address_on_creation && !all_private
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::{
        snapshot::{Snapshot, ec2::Subnet},
        testing::{empty, fails, passes, read, region, silent},
    };

    fn with(change: impl FnOnce(&mut Subnet)) -> Snapshot {
        let mut subnet = Subnet {
            id: "subnet-1".into(),
            vpc: "vpc-1".into(),
            cidrs: vec!["10.0.0.0/24".into()],
            owner: Some("111122223333".into()),
            ..Subnet::default()
        };
        change(&mut subnet);
        let mut account = empty();
        region(&mut account).ec2.subnets = read(vec![subnet]);
        account
    }

    fn with_ipv6(cidr: &str) -> Snapshot {
        with(|subnet| {
            subnet.cidrs.push(cidr.into());
            subnet.assign_ipv6_address_on_creation = true;
        })
    }

    #[test]
    fn fails_when_ipv4_addresses_are_assigned() {
        let finding = fails(&CHECK, &with(|subnet| subnet.map_public_ip_on_launch = true));
        assert_eq!(finding.evidence["vpc"], "vpc-1");
        assert_eq!(finding.evidence["settings"], serde_json::json!(["--no-map-public-ip-on-launch"]));
    }

    #[test]
    fn fails_when_ipv6_addresses_are_assigned() {
        let finding = fails(&CHECK, &with_ipv6("2600:1f18:1234:5600::/64"));
        assert_eq!(finding.evidence["families"], serde_json::json!(["IPv6"]));
        assert_eq!(finding.evidence["settings"], serde_json::json!(["--no-assign-ipv6-address-on-creation"]));
        // Also in a subnet of IPv6 only.
        fails(
            &CHECK,
            &with(|subnet| {
                subnet.cidrs = vec!["2600:1f18:1234:5600::/64".into()];
                subnet.assign_ipv6_address_on_creation = true;
            }),
        );
        let both = fails(
            &CHECK,
            &with(|subnet| {
                subnet.map_public_ip_on_launch = true;
                subnet.assign_ipv6_address_on_creation = true;
            }),
        );
        assert_eq!(both.evidence["families"], serde_json::json!(["IPv4", "IPv6"]));
    }

    #[test]
    fn passes_when_not() {
        passes(&CHECK, &with(|_| ()));
        passes(&CHECK, &with(|subnet| subnet.cidrs.push("2600:1f18:1234:5600::/64".into())));
    }

    #[test]
    fn passes_when_the_addresses_are_private() {
        passes(&CHECK, &with_ipv6("fd80::/64"));
        let private = |cidr: &str| {
            with(|subnet| {
                subnet.cidrs.push("2600:1f18:1234:5600::/64".into());
                subnet.private_ipv6_cidrs.push(cidr.into());
                subnet.assign_ipv6_address_on_creation = true;
            })
        };
        passes(&CHECK, &private("2600:1f18:1234:5600::/64"));
        fails(&CHECK, &private("2600:1f18:1234:5700::/64"));
    }

    #[test]
    fn says_nothing_of_subnets_of_other_accounts() {
        let shared = |subnet: &mut Subnet| {
            subnet.map_public_ip_on_launch = true;
            subnet.owner = Some("444455556666".into());
        };
        silent(&CHECK, &with(shared));
    }
}
