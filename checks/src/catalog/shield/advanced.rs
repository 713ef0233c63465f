use crate::{
    check::{Check, Context},
    finding::{Severity, Verdict},
    gap::{Gaps, NotJudged},
    snapshot::{
        Judged as _, Place,
        ec2::{Address, Ec2},
    },
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "shield-advanced",
    severity: Severity::Info,
    sources: &[
        Source::ShieldSubscription,
        Source::ShieldProtections,
        Source::CloudFrontDistributions,
        Source::Elbv2LoadBalancers,
        Source::ElbLoadBalancers,
        Source::Ec2Addresses,
        Source::Ec2NetworkInterfaces,
        Source::Route53HostedZones,
    ],
    run: |cx| {
        let shield = &cx.snapshot.shield;
        cx.whole("AWS::Shield::Protection", |cx| {
            let Exposed { arns, unread } = Exposed::of(cx);
            if arns.is_empty() && unread.is_empty() {
                return Err(NotJudged::NotApplicable);
            }
            let subscribed = *shield.subscribed.get()?;
            let protections: &[String] = if subscribed { shield.protections.get()? } else { &[] };
            let left: Vec<_> = arns.iter().filter(|arn| !protections.contains(arn)).collect();
            // What is left out decides, though there may be more of it where something could not be read.
            unread.unless(!left.is_empty())?;
            let verdict = Verdict::fail_if(!left.is_empty()).with("internet_facing", arns.len());
            if !subscribed {
                return Ok(verdict);
            }
            Ok(verdict
                .with("unprotected", &left)
                .with("unprotected_count", left.len())
                .at(Severity::Medium)
                .told_as("unprotected"))
        });
    },
};

/// What Shield Advanced can protect and the internet reaches.
#[derive(Default)]
struct Exposed {
    arns: Vec<String>,
    /// Where more of it might be.
    unread: Gaps,
}

impl Exposed {
    fn of(cx: &Context<'_>) -> Self {
        let snapshot = cx.snapshot;
        let mut exposed = Self::default();
        let distributions = snapshot.cloudfront.distributions.get();
        exposed.add(distributions, |distribution| Ok(distribution.enabled.then(|| distribution.arn.clone())));
        let zones = snapshot.route53.hosted_zones.get();
        exposed.add(zones, |zone| Ok((!zone.is_private).then(|| zone.arn.clone())));
        for (name, region) in &snapshot.regions {
            let place = Place { region: name, ..cx.place() };
            exposed.add(region.elb.load_balancers.get(), |balancer| {
                // A Network Load Balancer is protected through its Elastic IP addresses.
                let application = balancer.kind == "application" && balancer.is_internet_facing();
                Ok(application.then(|| balancer.arn.clone()))
            });
            exposed.add(region.elb.classic_load_balancers.get(), |balancer| {
                Ok((balancer.scheme == "internet-facing").then(|| balancer.arn(&place)))
            });
            exposed.add(region.ec2.addresses.get(), |address| {
                let arn = || place.arn("ec2", &format!("eip-allocation/{}", address.id));
                Ok(takes_connections(address, &region.ec2)?.then(arn))
            });
        }
        exposed
    }

    /// Adds those of a list that have an ARN here.
    fn add<'a, T: 'a>(
        &mut self,
        list: Result<&'a Vec<T>, NotJudged>,
        arn: impl Fn(&'a T) -> Result<Option<String>, NotJudged>,
    ) {
        for thing in self.unread.known(list).into_iter().flatten() {
            self.arns.extend(self.unread.known(arn(thing)).flatten());
        }
    }
}

/// Whether the address is that of an instance or of a Network Load Balancer. Shield Advanced protects no other,
/// and a NAT gateway's takes no connections from outside.
fn takes_connections(address: &Address, ec2: &Ec2) -> Result<bool, NotJudged> {
    match &address.network_interface {
        _ if address.instance.is_some() => Ok(true),
        None => Ok(false),
        Some(id) => {
            let mut interfaces = ec2.network_interfaces.get()?.iter();
            Ok(interfaces.any(|interface| interface.id == *id && interface.kind == "network_load_balancer"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::{
        finding::Severity,
        snapshot::{
            Snapshot,
            cloudfront::Distribution,
            ec2::{Address, NetworkInterface},
            elb::LoadBalancer,
            route53::HostedZone,
        },
        testing::{denied, empty, fails, passes, read, region, silent, unknown},
    };

    fn with_zone() -> Snapshot {
        let mut account = empty();
        account.route53.hosted_zones =
            read(vec![HostedZone { arn: "arn:zone".into(), ..HostedZone::default() }]);
        account
    }

    /// An account with an Elastic IP address of such an interface.
    fn with_address(kind: &str) -> Snapshot {
        let mut account = empty();
        let ec2 = &mut region(&mut account).ec2;
        ec2.addresses = read(vec![Address {
            id: "eipalloc-1".into(),
            public_ip: "203.0.113.1".into(),
            network_interface: Some("eni-1".into()),
            instance: None,
        }]);
        ec2.network_interfaces = read(vec![NetworkInterface {
            id: "eni-1".into(),
            kind: kind.into(),
            description: String::new(),
            vpc: "vpc-1".into(),
            subnet: "subnet-1".into(),
            security_groups: vec![],
            instance: None,
            private_ips: vec![],
            public_ips: vec![],
            ipv6_addresses: vec![],
        }]);
        account
    }

    #[test]
    fn what_is_known_decides_though_one_list_is_not_readable() {
        let mut account = with_zone();
        region(&mut account).elb.load_balancers = denied();
        fails(&CHECK, &account);
        account.shield.subscribed = read(true);
        fails(&CHECK, &account);
        account.shield.protections = read(vec!["arn:zone".into()]);
        unknown(&CHECK, &account);
    }

    #[test]
    fn counts_addresses_that_take_connections() {
        fails(&CHECK, &with_address("network_load_balancer"));
        silent(&CHECK, &with_address("nat_gateway"));
        let mut account = with_address("interface");
        silent(&CHECK, &account);
        if let crate::gap::Collected::Value(addresses) = &mut region(&mut account).ec2.addresses {
            addresses[0].instance = Some("i-1".into());
        }
        account.shield.subscribed = read(true);
        let finding = fails(&CHECK, &account);
        let arn = "arn:aws:ec2:eu-west-1:111122223333:eip-allocation/eipalloc-1";
        assert_eq!(finding.evidence["unprotected"], serde_json::json!([arn]));
    }

    #[test]
    fn counts_distributions_and_load_balancers_that_are_on_and_public() {
        let mut account = empty();
        let distribution = |enabled| Distribution { arn: "arn:d".into(), enabled, ..Distribution::default() };
        account.cloudfront.distributions = read(vec![distribution(true), distribution(false)]);
        let balancer = |kind: &str, scheme: &str| LoadBalancer {
            arn: "arn:lb".into(),
            kind: kind.into(),
            scheme: scheme.into(),
            ..LoadBalancer::default()
        };
        region(&mut account).elb.load_balancers = read(vec![
            balancer("application", "internet-facing"),
            balancer("application", "internal"),
            balancer("network", "internet-facing"),
        ]);
        assert_eq!(fails(&CHECK, &account).evidence["internet_facing"], 2);
    }

    #[test]
    fn says_nothing_where_shield_does_not_exist() {
        let mut account = with_zone();
        account.shield.subscribed = crate::gap::Collected::NotOffered;
        silent(&CHECK, &account);
    }

    #[test]
    fn fails_without_a_subscription_and_with_what_it_leaves_out() {
        let mut account = with_zone();
        assert_eq!(fails(&CHECK, &account).severity, Severity::Info);
        account.shield.subscribed = read(true);
        assert_eq!(fails(&CHECK, &account).severity, Severity::Medium);
        account.shield.protections = read(vec!["arn:zone".into()]);
        passes(&CHECK, &account);
        account.shield.subscribed = denied();
        unknown(&CHECK, &account);
    }

    #[test]
    fn says_nothing_of_accounts_that_face_nobody() {
        silent(&CHECK, &empty());
    }
}
