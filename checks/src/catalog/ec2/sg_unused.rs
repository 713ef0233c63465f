use std::collections::HashSet;

use crate::{
    check::Check,
    finding::{Severity, Verdict},
    snapshot::ec2::SecurityGroup,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "ec2-sg-unused",
    severity: Severity::Info,
    sources: &[Source::Ec2SecurityGroups, Source::Ec2NetworkInterfaces],
    run: |cx| {
        cx.each_region(|cx, region| {
            let groups = region.ec2.security_groups.get();
            let all = groups.as_ref().map_or(&[][..], |groups| groups.as_slice());
            // Groups named by rules of other groups are in use as a sign of who may.
            let named: HashSet<(&str, &str)> = all.iter().flat_map(names_others).collect();
            let attached = region.ec2.network_interfaces.get().map(|interfaces| {
                interfaces
                    .iter()
                    .flat_map(|it| &it.security_groups)
                    .map(String::as_str)
                    .collect::<HashSet<_>>()
            });
            // A VPC's default group cannot be deleted.
            let not_default = |group: &&SecurityGroup| group.name != "default";
            cx.each(groups.map(|groups| groups.iter().filter(not_default)), |_, group| {
                if named.iter().any(|(id, by)| *id == group.id && *by != group.id) {
                    return Ok(Verdict::pass());
                }
                let attached = attached.as_ref().map_err(Clone::clone)?;
                Ok(Verdict::fail_if(!attached.contains(group.id.as_str()))
                    .with("vpc", &group.vpc)
                    .with("ingress_rules", group.ingress.len()))
            });
        });
    },
};

/// The groups that a group's rules name, with its own id.
fn names_others(group: &SecurityGroup) -> impl Iterator<Item = (&str, &str)> {
    let rules = group.ingress.iter().chain(&group.egress);
    rules.flat_map(|rule| &rule.groups).map(|named| (named.as_str(), group.id.as_str()))
}

#[cfg(test)]
mod tests {
    use super::{
        super::testing::{group, with_groups},
        CHECK,
    };
    use crate::{
        snapshot::{
            Snapshot,
            ec2::{NetworkInterface, SecurityGroupRule},
        },
        testing::{denied, empty, failing, fails, passes, read, region, silent, unknown},
    };

    fn attached(mut account: Snapshot, to: &str) -> Snapshot {
        region(&mut account).ec2.network_interfaces = read(vec![NetworkInterface {
            id: "eni-1".into(),
            kind: "interface".into(),
            description: String::new(),
            vpc: "vpc-1".into(),
            subnet: "subnet-1".into(),
            security_groups: vec![to.into()],
            instance: None,
            private_ips: vec![],
            public_ips: vec![],
            ipv6_addresses: vec![],
        }]);
        account
    }

    #[test]
    fn fails_when_nothing_has_it() {
        fails(&CHECK, &attached(with_groups(vec![group("web", vec![])]), "sg-other"));
        let itself = SecurityGroupRule { groups: vec!["sg-web".into()], ..SecurityGroupRule::default() };
        fails(&CHECK, &with_groups(vec![group("web", vec![itself])]));
    }

    #[test]
    fn passes_when_attached_or_named_by_another() {
        passes(&CHECK, &attached(with_groups(vec![group("web", vec![])]), "sg-web"));
        let names_web = SecurityGroupRule { groups: vec!["sg-web".into()], ..SecurityGroupRule::default() };
        let account = with_groups(vec![group("web", vec![]), group("db", vec![names_web])]);
        assert_eq!(failing(&CHECK, &account), ["sg-db"]);
    }

    #[test]
    fn says_nothing_of_the_default_group() {
        silent(&CHECK, &with_groups(vec![group("default", vec![])]));
    }

    #[test]
    fn unknown_when_not_readable() {
        let mut account = with_groups(vec![group("web", vec![])]);
        region(&mut account).ec2.network_interfaces = denied();
        unknown(&CHECK, &account);
        let mut account = empty();
        region(&mut account).ec2.security_groups = denied();
        unknown(&CHECK, &account);
    }
}
