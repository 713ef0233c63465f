use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

/// EC2.15.
pub(super) const CHECK: Check = Check {
    id: "vpc-subnet-auto-public-ip",
    severity: Severity::Low,
    sources: &[Source::Ec2Subnets],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.each_known(&region.ec2.subnets, |_, subnet| {
                Ok(Verdict::fail_if(subnet.map_public_ip_on_launch)
                    .with("vpc", &subnet.vpc)
                    .with("cidrs", &subnet.cidrs))
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::{
        snapshot::{Snapshot, ec2::Subnet},
        testing::{denied, empty, fails, passes, read, region, unknown},
    };

    fn with(map_public_ip_on_launch: bool) -> Snapshot {
        let mut account = empty();
        region(&mut account).ec2.subnets = read(vec![Subnet {
            id: "subnet-1".into(),
            vpc: "vpc-1".into(),
            cidrs: vec!["10.0.0.0/24".into()],
            map_public_ip_on_launch,
            tags: [].into(),
        }]);
        account
    }

    #[test]
    fn fails_when_addresses_are_assigned() {
        assert_eq!(fails(&CHECK, &with(true)).evidence["vpc"], "vpc-1");
    }

    #[test]
    fn passes_when_not() {
        passes(&CHECK, &with(false));
    }

    #[test]
    fn unknown_when_not_readable() {
        let mut account = empty();
        region(&mut account).ec2.subnets = denied();
        unknown(&CHECK, &account);
    }
}
