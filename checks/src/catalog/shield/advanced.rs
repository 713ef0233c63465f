use crate::{
    check::{Check, Context},
    finding::{Severity, Verdict},
    gap::NotJudged,
    snapshot::{Judged as _, Place},
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
        Source::Route53HostedZones,
    ],
    run: |cx| {
        let snapshot = cx.snapshot;
        cx.whole("AWS::Shield::Protection", |cx| {
            let exposed = internet_facing(cx)?;
            if exposed.is_empty() {
                return Err(NotJudged::NotApplicable);
            }
            if !*snapshot.shield.subscribed.get()? {
                return Ok(Verdict::fail().with("internet_facing", exposed.len()));
            }
            let protections = snapshot.shield.protections.get()?;
            let left: Vec<_> = exposed.iter().filter(|arn| !protections.contains(arn)).collect();
            Ok(Verdict::fail_if(!left.is_empty())
                .with("internet_facing", exposed.len())
                .with("unprotected", &left)
                .with("unprotected_count", left.len())
                .at(Severity::Medium)
                .told_as("unprotected"))
        });
    },
};

/// ARNs of what Shield Advanced can protect and the internet reaches.
fn internet_facing(cx: &Context<'_>) -> Result<Vec<String>, NotJudged> {
    let snapshot = cx.snapshot;
    let mut arns = Vec::new();
    let distributions = snapshot.cloudfront.distributions.get()?.iter();
    arns.extend(distributions.filter(|distribution| distribution.enabled).map(|d| d.arn.clone()));
    let zones = snapshot.route53.hosted_zones.get()?.iter();
    arns.extend(zones.filter(|zone| !zone.is_private).map(|zone| zone.arn.clone()));
    for (name, region) in &snapshot.regions {
        let place = Place { region: name, ..cx.place() };
        let balancers = region.elb.load_balancers.get()?.iter();
        // A Network Load Balancer is protected through its Elastic IP addresses.
        let application = balancers.filter(|b| b.kind == "application" && b.is_internet_facing());
        arns.extend(application.map(|balancer| balancer.arn.clone()));
        let classic = region.elb.classic_load_balancers.get()?.iter();
        arns.extend(classic.filter(|b| b.scheme == "internet-facing").map(|balancer| balancer.arn(&place)));
        let addresses = region.ec2.addresses.get()?.iter();
        let used = addresses.filter(|a| a.network_interface.is_some() || a.instance.is_some());
        arns.extend(used.map(|address| place.arn("ec2", &format!("eip-allocation/{}", address.id))));
    }
    Ok(arns)
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::{
        finding::Severity,
        snapshot::{Snapshot, route53::HostedZone},
        testing::{denied, empty, fails, passes, read, silent, unknown},
    };

    fn with_zone() -> Snapshot {
        let mut account = empty();
        account.route53.hosted_zones =
            read(vec![HostedZone { arn: "arn:zone".into(), ..HostedZone::default() }]);
        account
    }

    #[test]
    fn unknown_when_not_readable() {
        let mut account = empty();
        account.cloudfront.distributions = denied();
        unknown(&CHECK, &account);
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
