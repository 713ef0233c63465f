use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "ec2-instance-public-ip",
    severity: Severity::Low,
    sources: &[Source::Ec2Instances],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.each_known(&region.ec2.instances, |_, instance| {
                Ok(Verdict::fail_if(instance.public_ip.is_some())
                    .with("public_ip", &instance.public_ip)
                    .with("subnet", &instance.subnet))
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::with_instance, CHECK};
    use crate::testing::{fails, passes};

    #[test]
    fn fails_with_a_public_address() {
        let finding =
            fails(&CHECK, &with_instance(|instance| instance.public_ip = Some("198.51.100.7".into())));
        assert_eq!(finding.evidence["public_ip"], "198.51.100.7");
    }

    #[test]
    fn passes_without() {
        passes(&CHECK, &with_instance(|_| ()));
    }
}
