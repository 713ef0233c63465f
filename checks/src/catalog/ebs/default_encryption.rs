use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "ebs-default-encryption",
    severity: Severity::Medium,
    sources: &[Source::Ec2EbsEncryptionByDefault],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.whole("AWS::EC2::Volume", |_| {
                Ok(Verdict::fail_if(!*region.ec2.ebs_encryption_by_default.get()?))
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::testing::{empty, fails, passes, read, region};

    #[test]
    fn fails_when_off() {
        let mut account = empty();
        region(&mut account).ec2.ebs_encryption_by_default = read(false);
        assert_eq!(fails(&CHECK, &account).resource.region.as_deref(), Some("eu-west-1"));
    }

    #[test]
    fn passes_when_on() {
        passes(&CHECK, &empty());
    }
}
