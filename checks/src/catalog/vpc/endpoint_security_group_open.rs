use crate::{
    analysis::network::{Protocol, security_group::InternetIngress},
    check::Check,
    finding::{Severity, Verdict},
    gap::NotJudged,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "vpc-endpoint-security-group-open",
    severity: Severity::Low,
    sources: &[Source::Ec2VpcEndpoints, Source::Ec2SecurityGroups, Source::Ec2PrefixLists],
    run: |cx| {
        cx.each_region(|cx, region| {
            let name = cx.place().region;
            cx.each(region.ec2.vpc_endpoints.get(), |_, endpoint| {
                if endpoint.security_groups.is_empty() {
                    return Err(NotJudged::NotApplicable);
                }
                let groups = region.ec2.security_groups.get()?;
                let mut unread = None;
                for group in groups.iter().filter(|group| endpoint.security_groups.contains(&group.id)) {
                    match InternetIngress::of(group, &region.ec2.prefix_lists, name).on(Protocol::Tcp, 443) {
                        Ok(rules) if rules.is_empty() => {}
                        Ok(rules) => {
                            return Ok(Verdict::fail()
                                .with("service", &endpoint.service)
                                .with("group", &group.id)
                                .with("rules", rules));
                        }
                        Err(why) => unread = Some(why),
                    }
                }
                unread.map_or_else(|| Ok(Verdict::pass()), Err)
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::{
        snapshot::{
            Snapshot,
            ec2::{SecurityGroup, SecurityGroupRule, VpcEndpoint},
        },
        testing::{denied, empty, fails, passes, read, region, silent, unknown},
    };

    fn with_range(cidr: &str) -> Snapshot {
        let mut account = empty();
        let ec2 = &mut region(&mut account).ec2;
        ec2.vpc_endpoints = read(vec![VpcEndpoint {
            id: "vpce-1".into(),
            kind: "Interface".into(),
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
    fn passes_when_the_vpc_may() {
        passes(&CHECK, &with_range("10.0.0.0/16"));
    }

    #[test]
    fn unknown_when_not_readable() {
        let mut account = empty();
        region(&mut account).ec2.vpc_endpoints = denied();
        unknown(&CHECK, &account);
    }

    #[test]
    fn says_nothing_of_gateway_endpoints() {
        let mut account = empty();
        region(&mut account).ec2.vpc_endpoints = read(vec![VpcEndpoint::default()]);
        silent(&CHECK, &account);
    }
}
