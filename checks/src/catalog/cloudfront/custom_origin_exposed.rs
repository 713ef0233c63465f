use super::each_enabled;
use crate::{
    analysis::{
        cloudfront::{Server, ports, server},
        network::{
            Protocol,
            security_group::{InternetIngress, named},
        },
    },
    check::Check,
    finding::{Severity, Verdict},
    gap::{self, Gap, Gaps, NotJudged},
    snapshot::{
        Judged, Region,
        cloudfront::Origin,
        ec2::Instance,
        elb::{ClassicLoadBalancer, ListenerRule, LoadBalancer, Target, TargetGroup, op},
    },
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "cloudfront-custom-origin-exposed",
    severity: Severity::Medium,
    sources: &[
        Source::CloudFrontDistributions,
        Source::Elbv2LoadBalancers,
        Source::Elbv2ListenerRules,
        Source::ElbLoadBalancers,
        Source::Ec2Instances,
        Source::Ec2SecurityGroups,
        Source::Ec2PrefixLists,
    ],
    run: |cx| {
        each_enabled(cx, |cx, distribution| {
            let (mut any, mut gaps) = (false, Gaps::default());
            for origin in distribution.origins.iter().filter(|origin| !origin.is_vpc_origin) {
                let Some((name, region, server)) = gaps.known(server(cx.snapshot, origin)).flatten() else {
                    continue;
                };
                any = true;
                let (kind, id) = match server {
                    Server::LoadBalancer(balancer) => (LoadBalancer::TYPE, &balancer.name),
                    Server::Classic(balancer) => (ClassicLoadBalancer::TYPE, &balancer.name),
                    Server::Instance(instance) => (Instance::TYPE, &instance.id),
                };
                for port in ports(distribution, origin) {
                    let verdict = Verdict::fail()
                        .with("origin", &origin.id)
                        .with("server_type", kind)
                        .with("server_id", id)
                        .with("region", name)
                        .with("port", port)
                        .with("custom_headers", &origin.custom_headers);
                    match (gaps.known(way_in(name, region, server, port, origin)).flatten(), server) {
                        (None, _) => {}
                        (Some(Way::NoGroup), _) => return Ok(verdict.told_as("without_group")),
                        (Some(Way::Group(group)), Server::Instance(_)) => {
                            return Ok(verdict.with("group", group).told_as("instance"));
                        }
                        (Some(Way::Group(group)), _) => return Ok(verdict.with("group", group)),
                    }
                }
            }
            gaps.unless(false)?;
            if any { Ok(Verdict::pass()) } else { Err(NotJudged::NotApplicable) }
        });
    },
};

/// How the internet gets in.
enum Way<'a> {
    /// Through a security group of that id.
    Group(&'a str),
    /// There is no group to keep it out.
    NoGroup,
}

/// How the internet reaches the server on that port, if it does.
fn way_in<'a>(
    name: &str,
    region: &'a Region,
    server: Server<'a>,
    port: u16,
    origin: &Origin,
) -> Result<Option<Way<'a>>, NotJudged> {
    match server {
        Server::LoadBalancer(balancer) => {
            if !balancer.is_internet_facing() || asks_for_header(region, balancer, port, origin)? {
                return Ok(None);
            }
            // Only a Network Load Balancer may have none.
            if balancer.security_groups.is_empty() {
                return past_balancer(name, region, balancer, port);
            }
            through_groups(name, region, &balancer.security_groups, port)
        }
        Server::Classic(balancer) if balancer.scheme != "internet-facing" => Ok(None),
        Server::Classic(balancer) => through_groups(name, region, &balancer.security_groups, port),
        Server::Instance(instance) => through_groups(name, region, &instance.security_groups, port),
    }
}

fn through_groups<'a>(
    name: &str,
    region: &'a Region,
    groups: &'a [String],
    port: u16,
) -> Result<Option<Way<'a>>, NotJudged> {
    gap::find(groups.iter().map(|id| {
        let group = named(&region.ec2.security_groups, id, name)?;
        let ingress = InternetIngress::of(group, &region.ec2.prefix_lists, name);
        let is_open = !ingress.on(Protocol::Tcp, port)?.is_empty();
        Ok(is_open.then_some(Way::Group(id)))
    }))
}

/// The way through a Network Load Balancer without groups, which leaves it to its targets: instances and
/// Application Load Balancers see the caller's address, so that their groups decide.
fn past_balancer<'a>(
    name: &str,
    region: &'a Region,
    balancer: &LoadBalancer,
    port: u16,
) -> Result<Option<Way<'a>>, NotJudged> {
    let listeners = balancer.listeners.get()?.iter().filter(|listener| listener.port == Some(port));
    let all = region.elb.target_groups.get()?;
    gap::find(listeners.flat_map(|listener| &listener.default_target_groups).map(|arn| {
        let target_group = all.iter().find(|group| group.arn == *arn).ok_or_else(|| {
            let message = "a listener names the target group, but it is not among those described";
            Gap::unreadable(op::DescribeTargetGroups, Some(name), Some(arn), message)
        })?;
        let targets = target_group.targets.get()?.iter();
        gap::find(targets.map(|target| to_target(name, region, target_group, target, port)))
    }))
}

fn to_target<'a>(
    name: &str,
    region: &'a Region,
    group: &TargetGroup,
    target: &Target,
    port: u16,
) -> Result<Option<Way<'a>>, NotJudged> {
    let groups = match group.target_type.as_str() {
        "instance" => {
            let found = region.ec2.instances.get()?.iter().find(|instance| instance.id == target.id);
            found.map(|instance| &instance.security_groups)
        }
        "alb" => {
            let found = region.elb.load_balancers.get()?.iter().find(|balancer| balancer.arn == target.id);
            found.map(|balancer| &balancer.security_groups)
        }
        // An address sees the load balancer's, which it has to let in.
        _ => return Ok(Some(Way::NoGroup)),
    };
    let groups = groups.ok_or_else(|| {
        let message = "the target is not among the instances and load balancers described";
        let operation = op::DescribeTargetHealth;
        Gap::unreadable(operation, Some(name), Some(&target.id), message)
    })?;
    through_groups(name, region, groups, target.port.unwrap_or(port))
}

/// Whether the load balancer passes on only requests with a header that CloudFront adds: the way that its guide
/// describes.
fn asks_for_header(
    region: &Region,
    balancer: &LoadBalancer,
    port: u16,
    origin: &Origin,
) -> Result<bool, NotJudged> {
    if balancer.kind != "application" {
        return Ok(false);
    }
    let is_added = |header: &String| origin.custom_headers.iter().any(|it| it.eq_ignore_ascii_case(header));
    let listeners = balancer.listeners.get()?.iter().filter(|listener| listener.port == Some(port));
    gap::all(listeners.map(|listener| {
        let (rules, default) = ListenerRule::reached(region.elb.rules.of(&listener.arn)?);
        let refuses = |rule: &ListenerRule| rule.answers_itself || rule.required_headers.iter().any(is_added);
        Ok((listener.answers_itself || !default) && rules.iter().all(refuses))
    }))
}

#[cfg(test)]
mod tests {
    use super::{super::testing::with_custom_origin, CHECK};
    use crate::{
        gap::Collected,
        snapshot::{
            Snapshot,
            cloudfront::Origin,
            ec2::{Instance, PrefixList, SecurityGroup, SecurityGroupRule},
            elb::{Listener, ListenerRule, LoadBalancer, Target, TargetGroup},
        },
        testing::{denied, fails, passes, read, region, silent, unknown},
    };

    fn with_group(cidrs: &[&str], prefix_lists: &[&str], headers: &[&str]) -> Snapshot {
        let mut account = with_custom_origin("web-1.eu-west-1.elb.amazonaws.com", "https-only", &[]);
        let region = region(&mut account);
        region.elb.load_balancers = read(vec![LoadBalancer {
            name: "web".into(),
            dns_name: "web-1.eu-west-1.elb.amazonaws.com".into(),
            kind: "application".into(),
            scheme: "internet-facing".into(),
            security_groups: vec!["sg-1".into()],
            listeners: read(vec![Listener {
                arn: "listener".into(),
                port: Some(443),
                answers_itself: !headers.is_empty(),
                ..Listener::default()
            }]),
            ..LoadBalancer::default()
        }]);
        let rule = ListenerRule {
            required_headers: headers.iter().map(|header| (*header).to_owned()).collect(),
            ..ListenerRule::default()
        };
        region.elb.rules = read([("listener".to_owned(), read(vec![rule]))].into());
        region.ec2.security_groups = read(vec![SecurityGroup {
            id: "sg-1".into(),
            ingress: vec![SecurityGroupRule {
                protocol: "tcp".into(),
                ports: Some((443, 443)),
                cidrs: cidrs.iter().map(|cidr| (*cidr).to_owned()).collect(),
                prefix_lists: prefix_lists.iter().map(|list| (*list).to_owned()).collect(),
                ..SecurityGroupRule::default()
            }],
            ..SecurityGroup::default()
        }]);
        region.ec2.prefix_lists = read(vec![PrefixList {
            id: "pl-1".into(),
            name: "com.amazonaws.global.cloudfront.origin-facing".into(),
            owner: "AWS".into(),
            cidrs: read(vec![]),
        }]);
        account
    }

    fn origin(account: &mut Snapshot) -> &mut Origin {
        let Collected::Value(distributions) = &mut account.cloudfront.distributions else { unreachable!() };
        &mut distributions[0].origins[0]
    }

    #[test]
    fn fails_when_its_group_is_open() {
        let finding = fails(&CHECK, &with_group(&["0.0.0.0/0"], &[], &[]));
        assert_eq!(finding.evidence["server_type"], "AWS::ElasticLoadBalancingV2::LoadBalancer");
        assert_eq!(finding.evidence["server_id"], "web");
    }

    #[test]
    fn fails_when_an_instance_is_open() {
        let mut account = with_group(&["0.0.0.0/0"], &[], &[]);
        origin(&mut account).domain_name = "ec2-198-51-100-7.eu-west-1.compute.amazonaws.com".into();
        region(&mut account).ec2.instances = read(vec![Instance {
            id: "i-1".into(),
            public_dns: Some("ec2-198-51-100-7.eu-west-1.compute.amazonaws.com".into()),
            security_groups: vec!["sg-1".into()],
            ..Instance::default()
        }]);
        assert_eq!(fails(&CHECK, &account).variant, Some("instance"));
    }

    /// An account with a Network Load Balancer that has no groups, before targets of that type.
    fn before_targets(target_type: &str, cidrs: &[&str], prefix_lists: &[&str]) -> Snapshot {
        let mut account = with_group(cidrs, prefix_lists, &[]);
        let region = region(&mut account);
        if let Collected::Value(balancers) = &mut region.elb.load_balancers {
            balancers[0].kind = "network".into();
            balancers[0].security_groups.clear();
            balancers[0].listeners = read(vec![Listener {
                port: Some(443),
                default_target_groups: vec!["targets".into()],
                ..Listener::default()
            }]);
        }
        region.elb.target_groups = read(vec![TargetGroup {
            arn: "targets".into(),
            target_type: target_type.into(),
            targets: read(vec![Target { id: "i-1".into(), port: Some(443), ..Target::default() }]),
            ..TargetGroup::default()
        }]);
        region.ec2.instances = read(vec![Instance {
            id: "i-1".into(),
            security_groups: vec!["sg-1".into()],
            ..Instance::default()
        }]);
        account
    }

    #[test]
    fn groups_of_instances_decide_behind_a_balancer_without_any() {
        passes(&CHECK, &before_targets("instance", &[], &["pl-1"]));
        assert_eq!(fails(&CHECK, &before_targets("instance", &["0.0.0.0/0"], &[])).evidence["group"], "sg-1");
        assert_eq!(fails(&CHECK, &before_targets("ip", &[], &["pl-1"])).variant, Some("without_group"));
        let mut account = before_targets("instance", &[], &["pl-1"]);
        region(&mut account).elb.target_groups = denied();
        unknown(&CHECK, &account);
    }

    #[test]
    fn passes_when_only_cloudfront_reaches_it() {
        passes(&CHECK, &with_group(&[], &["pl-1"], &[]));
    }

    #[test]
    fn passes_when_a_secret_header_is_asked_for() {
        let mut account = with_group(&["0.0.0.0/0"], &[], &["X-Origin-Verify"]);
        origin(&mut account).custom_headers = vec!["x-origin-verify".into()];
        passes(&CHECK, &account);
    }

    #[test]
    fn fails_when_the_header_is_one_that_everybody_sends() {
        let mut account = with_group(&["0.0.0.0/0"], &[], &["User-Agent"]);
        origin(&mut account).custom_headers = vec!["x-origin-verify".into()];
        fails(&CHECK, &account);
    }

    #[test]
    fn says_nothing_of_strangers() {
        let mut account = with_custom_origin("www.example.com", "https-only", &[]);
        silent(&CHECK, &account);
        region(&mut account).elb.load_balancers = denied();
        region(&mut account).ec2.instances = denied();
        silent(&CHECK, &account);
    }

    #[test]
    fn a_group_that_is_not_described_is_not_fine() {
        let mut account = with_group(&[], &["pl-1"], &[]);
        region(&mut account).ec2.security_groups = read(vec![]);
        unknown(&CHECK, &account);
    }
}
