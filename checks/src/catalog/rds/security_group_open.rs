use serde_json::json;

use super::port_of;
use crate::{
    analysis::network::{Protocol, security_group::ip_permissions},
    check::Check,
    finding::{Severity, Verdict},
    gap::Gaps,
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
                let (mut groups, mut open, mut told, mut gaps) = (vec![], vec![], vec![], Gaps::default());
                for id in &instance.security_groups {
                    // A group of another account (a shared VPC) is not listed here.
                    let rules = network.opening(id).and_then(|ingress| ingress.on(Protocol::Tcp, port));
                    if let Some(rules) = gaps.known(rules).filter(|rules| !rules.is_empty()) {
                        groups.push(id);
                        open.push(json!({"id": id, "ip_permissions": ip_permissions(&rules)}));
                        told.extend(rules.into_iter().cloned());
                    }
                }
                gaps.unless(!groups.is_empty())?;
                if groups.is_empty() {
                    return Ok(Verdict::pass());
                }
                Ok(Verdict::fail()
                    .with("groups", groups)
                    .with("port", port)
                    // For the fix command, which is there for each group.
                    .with("open_groups", open)
                    .with("rules", told)
                    .with("publicly_accessible", instance.publicly_accessible))
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::with_instance, CHECK};
    use crate::{
        gap::Collected,
        page::Lang,
        registry,
        snapshot::{
            Snapshot,
            ec2::{PrefixList, SecurityGroup, SecurityGroupRule},
        },
        testing::{fails, passes, read, region, unknown},
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
            ..SecurityGroup::default()
        }]);
        account
    }

    #[test]
    fn fails_when_its_group_is_open_on_its_port() {
        let finding = fails(&CHECK, &with_rule(5432, 5432, "0.0.0.0/0"));
        assert_eq!(finding.evidence["groups"], serde_json::json!(["sg-1"]));
        assert_eq!(finding.evidence["port"], 5432);
        fails(&CHECK, &with_rule(0, 65535, "::/0"));
    }

    #[test]
    fn the_fix_closes_every_group_in_every_way() {
        let mut account = with_rule(5432, 5432, "0.0.0.0/0");
        let ec2 = &mut region(&mut account).ec2;
        ec2.prefix_lists = read(vec![PrefixList {
            id: "pl-1".into(),
            name: "world".into(),
            owner: "111122223333".into(),
            cidrs: read(vec!["0.0.0.0/1".into(), "128.0.0.0/1".into()]),
        }]);
        let Collected::Value(groups) = &mut ec2.security_groups else { panic!() };
        let rule = |ports, cidrs: &[&str], lists: &[&str]| SecurityGroupRule {
            protocol: "tcp".into(),
            ports: Some(ports),
            cidrs: cidrs.iter().map(|&cidr| cidr.into()).collect(),
            prefix_lists: lists.iter().map(|&list| list.into()).collect(),
            ..SecurityGroupRule::default()
        };
        let named = |id: &str, ingress| SecurityGroup { id: id.into(), ingress, ..groups[0].clone() };
        let second = named(
            "sg-2",
            vec![
                rule((5000, 6000), &["::/0", "10.0.0.0/8"], &["pl-1"]),
                rule((443, 443), &["0.0.0.0/0"], &[]),
            ],
        );
        let closed = named("sg-3", vec![rule((5432, 5432), &["10.0.0.0/8"], &[])]);
        groups.extend([second, closed]);
        let instances =
            with_instance(|it| it.security_groups = ["sg-1", "sg-2", "sg-3"].map(Into::into).into());
        region(&mut account).rds = instances.regions["eu-west-1"].rds.clone();
        let command = registry::find(CHECK.id).unwrap().page(Lang::En).command(&fails(&CHECK, &account));
        let revoke = "aws ec2 revoke-security-group-ingress --region eu-west-1 --group-id";
        assert_eq!(
            command.unwrap(),
            format!(
                "{revoke} sg-1 --ip-permissions 'IpProtocol=tcp,FromPort=5432,ToPort=5432,IpRanges=[{{CidrIp=0.0.0.0/0}}]' && \
             {revoke} sg-2 --ip-permissions 'IpProtocol=tcp,FromPort=5000,ToPort=6000,Ipv6Ranges=[{{CidrIpv6=::/0}}]' \
             'IpProtocol=tcp,FromPort=5000,ToPort=6000,PrefixListIds=[{{PrefixListId=pl-1}}]'",
            )
        );
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
    fn a_group_that_is_not_described_is_not_fine() {
        let mut account = with_rule(5432, 5432, "10.0.0.0/8");
        region(&mut account).ec2.security_groups = read(vec![]);
        unknown(&CHECK, &account);
    }
}
