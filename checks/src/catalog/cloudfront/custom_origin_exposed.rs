use super::each_enabled;
use crate::{
    analysis::{
        cloudfront::{Server, ports, server},
        network::{Protocol, security_group::InternetIngress},
    },
    check::Check,
    finding::{Severity, Verdict},
    gap::NotJudged,
    snapshot::{Region, elb::LoadBalancer},
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
            let (mut any, mut unread) = (false, None);
            for origin in distribution.origins.iter().filter(|origin| !origin.is_vpc_origin) {
                let Some((name, region, server)) = server(cx.snapshot, origin) else { continue };
                any = true;
                for port in ports(distribution, origin) {
                    match is_exposed(name, region, server, port) {
                        Ok(None) => {}
                        Ok(Some(group)) => {
                            let (kind, id) = match server {
                                Server::LoadBalancer(balancer) => ("load balancer", &balancer.name),
                                Server::Classic(balancer) => ("load balancer", &balancer.name),
                                Server::Instance(instance) => ("instance", &instance.id),
                            };
                            return Ok(Verdict::fail()
                                .with("origin", &origin.id)
                                .with("server", format!("{kind} {id}"))
                                .with("region", name)
                                .with("port", port)
                                .with("group", group)
                                .with("custom_headers", &origin.custom_headers));
                        }
                        Err(why) => unread = Some(why),
                    }
                }
            }
            if let Some(why) = unread {
                return Err(why);
            }
            // Without these lists it is not known what an origin is.
            for region in cx.snapshot.regions.values() {
                region.elb.load_balancers.get()?;
                region.ec2.instances.get()?;
            }
            if any { Ok(Verdict::pass()) } else { Err(NotJudged::NotApplicable) }
        });
    },
};

/// The group that lets the internet reach the server on that port; `none` where it has no group to keep it
/// out.
fn is_exposed(
    name: &str,
    region: &Region,
    server: Server<'_>,
    port: u16,
) -> Result<Option<String>, NotJudged> {
    let groups = match server {
        Server::LoadBalancer(balancer) => {
            if !balancer.is_internet_facing() || asks_for_header(region, balancer, port)? {
                return Ok(None);
            }
            &balancer.security_groups
        }
        Server::Classic(balancer) if balancer.scheme != "internet-facing" => return Ok(None),
        Server::Classic(balancer) => &balancer.security_groups,
        Server::Instance(instance) => &instance.security_groups,
    };
    // Only a Network Load Balancer may have none.
    if groups.is_empty() {
        return Ok(Some("none".to_owned()));
    }
    let mut unread = None;
    for group in region.ec2.security_groups.get()?.iter().filter(|group| groups.contains(&group.id)) {
        match InternetIngress::of(group, &region.ec2.prefix_lists, name).on(Protocol::Tcp, port) {
            Ok(rules) if rules.is_empty() => {}
            Ok(_) => return Ok(Some(group.id.clone())),
            Err(why) => unread = Some(why),
        }
    }
    unread.map_or(Ok(None), Err)
}

/// Whether the load balancer passes on only requests with a header of a certain value: the way that CloudFront's
/// guide describes.
fn asks_for_header(region: &Region, balancer: &LoadBalancer, port: u16) -> Result<bool, NotJudged> {
    if balancer.kind != "application" {
        return Ok(false);
    }
    let listeners = balancer.listeners.get()?.iter().filter(|listener| listener.port == Some(port));
    for listener in listeners {
        let others_refused = listener.answers_itself
            && region
                .elb
                .rules
                .of(&listener.arn)?
                .iter()
                .all(|rule| rule.answers_itself || !rule.required_headers.is_empty());
        if !others_refused {
            return Ok(false);
        }
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::{super::testing::with_custom_origin, CHECK};
    use crate::{
        snapshot::{
            Snapshot,
            ec2::{PrefixList, SecurityGroup, SecurityGroupRule},
            elb::{Listener, ListenerRule, LoadBalancer},
        },
        testing::{denied, empty, fails, passes, read, region, silent, unknown},
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

    #[test]
    fn fails_when_its_group_is_open() {
        fails(&CHECK, &with_group(&["0.0.0.0/0"], &[], &[]));
    }

    #[test]
    fn passes_when_only_cloudfront_reaches_it() {
        passes(&CHECK, &with_group(&[], &["pl-1"], &[]));
    }

    #[test]
    fn passes_when_a_secret_header_is_asked_for() {
        passes(&CHECK, &with_group(&["0.0.0.0/0"], &[], &["X-Origin-Verify"]));
    }

    #[test]
    fn says_nothing_of_strangers() {
        silent(&CHECK, &with_custom_origin("www.example.com", "https-only", &[]));
    }

    #[test]
    fn unknown_when_not_readable() {
        let mut account = empty();
        account.cloudfront.distributions = denied();
        unknown(&CHECK, &account);
    }

    #[test]
    fn unknown_when_the_server_or_its_rules_are_not_readable() {
        let mut account = with_custom_origin("www.example.com", "https-only", &[]);
        region(&mut account).elb.load_balancers = denied();
        unknown(&CHECK, &account);
        let mut account = with_group(&["0.0.0.0/0"], &[], &["X-Origin-Verify"]);
        region(&mut account).elb.rules = denied();
        unknown(&CHECK, &account);
    }
}
