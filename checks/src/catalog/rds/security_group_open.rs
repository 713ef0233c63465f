use super::port_of;
use crate::{
    analysis::network::Protocol,
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "rds-security-group-open",
    severity: Severity::High,
    sources: &[Source::RdsInstances, Source::Ec2SecurityGroups, Source::Ec2PrefixLists],
    run: |cx| {
        cx.each_region(|cx, region| {
            let network = cx.analyses.network(cx.place().region, region);
            cx.each_known(&region.rds.instances, |_, instance| {
                let port = port_of(instance);
                let mut unread = None;
                for id in &instance.security_groups {
                    // A group of another account (a shared VPC) is not listed here.
                    match network.opening(id).and_then(|ingress| ingress.on(Protocol::Tcp, port)) {
                        Ok(rules) if rules.is_empty() => {}
                        Ok(rules) => {
                            return Ok(Verdict::fail()
                                .with("group", id)
                                .with("port", port)
                                .with(
                                    "ip_permissions",
                                    rules.iter().map(|it| it.ip_permission()).collect::<Vec<_>>(),
                                )
                                .with("rules", rules)
                                .with("publicly_accessible", instance.publicly_accessible));
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
    use super::{super::testing::with_instance, CHECK};
    use crate::{
        snapshot::{
            Snapshot,
            ec2::{SecurityGroup, SecurityGroupRule},
        },
        testing::{denied, empty, fails, passes, read, region, unknown},
    };

    fn with_rule(first: i32, last: i32, cidr: &str) -> Snapshot {
        let mut account = with_instance(|_| ());
        region(&mut account).ec2.security_groups = read(vec![SecurityGroup {
            id: "sg-1".into(),
            name: "database".into(),
            vpc: Some("vpc-1".into()),
            ingress: vec![SecurityGroupRule {
                protocol: "tcp".into(),
                ports: Some((first, last)),
                cidrs: vec![cidr.into()],
                ..SecurityGroupRule::default()
            }],
            egress: vec![],
            tags: [].into(),
        }]);
        account
    }

    #[test]
    fn fails_when_its_group_is_open_on_its_port() {
        let finding = fails(&CHECK, &with_rule(5432, 5432, "0.0.0.0/0"));
        assert_eq!((&finding.evidence["group"], &finding.evidence["port"]), (&"sg-1".into(), &5432.into()));
        fails(&CHECK, &with_rule(0, 65535, "::/0"));
    }

    #[test]
    fn passes_when_other_ports_or_others_are_meant() {
        passes(&CHECK, &with_rule(5433, 65535, "0.0.0.0/0"));
        passes(&CHECK, &with_rule(0, 5431, "0.0.0.0/0"));
        passes(&CHECK, &with_rule(5432, 5432, "10.0.0.0/8"));
    }

    #[test]
    fn the_engines_port_counts_where_none_is_told() {
        let mut account = with_rule(5432, 5432, "0.0.0.0/0");
        let instance = |account: &mut Snapshot, engine: &str| {
            let changed = with_instance(|instance| {
                instance.port = None;
                instance.engine = engine.into();
            });
            account.regions.get_mut("eu-west-1").unwrap().rds = changed.regions["eu-west-1"].rds.clone();
        };
        instance(&mut account, "postgres");
        fails(&CHECK, &account);
        instance(&mut account, "mysql");
        passes(&CHECK, &account);
    }

    #[test]
    fn unknown_when_not_readable() {
        let mut account = empty();
        region(&mut account).rds.instances = denied();
        unknown(&CHECK, &account);
        let mut account = with_rule(5432, 5432, "10.0.0.0/8");
        region(&mut account).ec2.security_groups = read(vec![]);
        unknown(&CHECK, &account);
        region(&mut account).ec2.security_groups = denied();
        unknown(&CHECK, &account);
    }
}
