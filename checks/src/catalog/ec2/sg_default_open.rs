use crate::{
    check::Check,
    finding::{Severity, Verdict},
    snapshot::ec2::{SecurityGroup, SecurityGroupRule},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "ec2-sg-default-open",
    severity: Severity::Medium,
    sources: &[Source::Ec2SecurityGroups],
    run: |cx| {
        cx.each_region(|cx, region| {
            let groups = region.ec2.security_groups.get();
            cx.each(groups.map(|groups| groups.iter().filter(|group| is_default(group))), |_, group| {
                // CIS 6.5 and EC2.2: any rule in either direction, also those that AWS makes.
                Ok(Verdict::fail_if(!group.ingress.is_empty() || !group.egress.is_empty())
                    .with("vpc", &group.vpc)
                    .with("ingress", &group.ingress)
                    .with("egress", &group.egress)
                    .with("ingress_rules", count(&group.ingress))
                    .with("egress_rules", count(&group.egress)))
            });
        });
    },
};

/// Only AWS can make a group of that name.
fn is_default(group: &SecurityGroup) -> bool {
    group.name == "default" && group.vpc.is_some()
}

/// The number of rules as the console counts them: one for each peer.
fn count(rules: &[SecurityGroupRule]) -> usize {
    rules.iter().map(|rule| rule.cidrs.len() + rule.prefix_lists.len() + rule.groups.len()).sum()
}

#[cfg(test)]
mod tests {
    use super::{
        super::testing::{group, rule, tcp, with_groups},
        CHECK,
    };
    use crate::{
        snapshot::ec2::SecurityGroupRule,
        testing::{fails, passes, silent},
    };

    #[test]
    fn fails_as_aws_makes_it() {
        let mut default = group("default", vec![]);
        let itself =
            SecurityGroupRule { cidrs: vec![], groups: vec![default.id.clone()], ..rule("-1", None, "") };
        default.ingress = vec![itself];
        default.egress = vec![rule("-1", None, "0.0.0.0/0")];
        let finding = fails(&CHECK, &with_groups(vec![default]));
        assert_eq!(finding.evidence["ingress_rules"], 1);
        assert_eq!(finding.evidence["ingress"][0]["groups"][0], "sg-default");
        assert_eq!(finding.evidence["egress_rules"], 1);
    }

    #[test]
    fn fails_with_rules_in_one_direction() {
        fails(&CHECK, &with_groups(vec![group("default", vec![tcp(22, 22, "10.0.0.1/32")])]));
        let mut outbound = group("default", vec![]);
        outbound.egress = vec![tcp(443, 443, "10.0.0.0/8")];
        fails(&CHECK, &with_groups(vec![outbound]));
    }

    #[test]
    fn passes_without_rules() {
        passes(&CHECK, &with_groups(vec![group("default", vec![])]));
    }

    #[test]
    fn says_nothing_of_other_groups() {
        silent(&CHECK, &with_groups(vec![group("defaults", vec![tcp(22, 22, "0.0.0.0/0")])]));
    }
}
