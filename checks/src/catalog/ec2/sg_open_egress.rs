use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "ec2-sg-open-egress",
    severity: Severity::Info,
    sources: &[Source::Ec2SecurityGroups],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.each_known(&region.ec2.security_groups, |_, group| {
                let all = group.egress.iter().filter(|rule| rule.protocol == "-1");
                let anywhere: Vec<_> = all
                    .flat_map(|rule| &rule.cidrs)
                    .filter(|cidr| *cidr == "0.0.0.0/0" || *cidr == "::/0")
                    .collect();
                Ok(Verdict::fail_if(!anywhere.is_empty()).with("destinations", anywhere))
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{
        super::testing::{group, rule, with_groups},
        CHECK,
    };
    use crate::{
        snapshot::{Snapshot, ec2::SecurityGroupRule},
        testing::{denied, empty, fails, passes, region, unknown},
    };

    fn with_egress(egress: Vec<SecurityGroupRule>) -> Snapshot {
        let mut web = group("web", vec![]);
        web.egress = egress;
        with_groups(vec![web])
    }

    #[test]
    fn fails_when_everything_may_go_anywhere() {
        assert_eq!(
            fails(&CHECK, &with_egress(vec![rule("-1", None, "0.0.0.0/0")])).evidence["destinations"][0],
            "0.0.0.0/0"
        );
        fails(&CHECK, &with_egress(vec![rule("-1", None, "::/0")]));
    }

    #[test]
    fn passes_when_ports_or_destinations_are_named() {
        passes(&CHECK, &with_egress(vec![rule("tcp", Some((443, 443)), "0.0.0.0/0")]));
        passes(&CHECK, &with_egress(vec![rule("-1", None, "10.0.0.0/8")]));
        passes(&CHECK, &with_egress(vec![]));
    }

    #[test]
    fn unknown_when_not_readable() {
        let mut account = empty();
        region(&mut account).ec2.security_groups = denied();
        unknown(&CHECK, &account);
    }
}
