use crate::{
    check::Check,
    finding::{Severity, Verdict},
    snapshot::ec2::NetworkAcl,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "ec2-nacl-unused",
    severity: Severity::Info,
    sources: &[Source::Ec2NetworkAcls],
    run: |cx| {
        cx.each_region(|cx, region| {
            // The default ACL cannot be deleted.
            let own = |acl: &&NetworkAcl| !acl.is_default;
            cx.each(region.ec2.network_acls.get().map(|acls| acls.iter().filter(own)), |_, acl| {
                Ok(Verdict::fail_if(acl.subnets.is_empty()).with("vpc", &acl.vpc))
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::with_changed_acl, CHECK};
    use crate::testing::{fails, passes, silent};

    #[test]
    fn fails_without_a_subnet() {
        assert_eq!(
            fails(&CHECK, &with_changed_acl(vec![], |acl| acl.subnets.clear())).evidence["vpc"],
            "vpc-1"
        );
    }

    #[test]
    fn passes_with_one() {
        passes(&CHECK, &with_changed_acl(vec![], |_| ()));
    }

    #[test]
    fn says_nothing_of_the_default_acl() {
        silent(
            &CHECK,
            &with_changed_acl(vec![], |acl| {
                acl.subnets.clear();
                acl.is_default = true;
            }),
        );
    }
}
