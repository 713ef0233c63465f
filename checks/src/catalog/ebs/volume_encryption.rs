use crate::{
    check::Check,
    finding::{Severity, Verdict},
    gap::NotJudged,
    source::Source,
};

/// EC2.3.
pub(super) const CHECK: Check = Check {
    id: "ebs-volume-encryption",
    severity: Severity::Medium,
    sources: &[Source::Ec2Volumes],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.each(region.ec2.volumes.get(), |_, volume| {
                // EC2.3 is about attached volumes.
                if volume.instances.is_empty() {
                    return Err(NotJudged::NotApplicable);
                }
                Ok(Verdict::fail_if(!volume.encrypted).with("instances", &volume.instances))
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::{
        snapshot::{Snapshot, ec2::Volume},
        testing::{denied, empty, fails, passes, read, region, silent, unknown},
    };

    fn with(encrypted: bool, instances: &[&str]) -> Snapshot {
        let instances = instances.iter().map(|id| (*id).to_owned()).collect();
        let mut account = empty();
        region(&mut account).ec2.volumes =
            read(vec![Volume { id: "vol-1".into(), encrypted, instances, tags: [].into() }]);
        account
    }

    #[test]
    fn fails_when_attached_and_not_encrypted() {
        assert_eq!(fails(&CHECK, &with(false, &["i-1"])).evidence["instances"][0], "i-1");
    }

    #[test]
    fn passes_when_encrypted() {
        passes(&CHECK, &with(true, &["i-1"]));
    }

    #[test]
    fn says_nothing_of_volumes_that_nothing_uses() {
        silent(&CHECK, &with(false, &[]));
    }

    #[test]
    fn unknown_when_not_readable() {
        let mut account = empty();
        region(&mut account).ec2.volumes = denied();
        unknown(&CHECK, &account);
    }
}
