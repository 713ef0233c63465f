use crate::{
    check::Check,
    finding::{Severity, Verdict},
    gap::NotJudged,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "ebs-volume-encryption",
    severity: Severity::Medium,
    sources: &[Source::Ec2Volumes],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.each_known(&region.ec2.volumes, |_, volume| {
                // EC2.3 is about attached volumes.
                if volume.attached_to.is_empty() {
                    return Err(NotJudged::NotApplicable);
                }
                Ok(Verdict::fail_if(!volume.encrypted).with("attached_to", &volume.attached_to))
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::{
        snapshot::{Snapshot, ec2::Volume},
        testing::{empty, fails, passes, read, region, silent},
    };

    fn with(encrypted: bool, attached_to: &[&str]) -> Snapshot {
        let attached_to = attached_to.iter().map(|id| (*id).to_owned()).collect();
        let mut account = empty();
        region(&mut account).ec2.volumes =
            read(vec![Volume { id: "vol-1".into(), encrypted, attached_to, tags: [].into() }]);
        account
    }

    #[test]
    fn fails_when_attached_and_not_encrypted() {
        for thing in ["i-1", "arn:aws:ecs:eu-west-1:111122223333:task/apps/1"] {
            assert_eq!(fails(&CHECK, &with(false, &[thing])).evidence["attached_to"][0], thing);
        }
    }

    #[test]
    fn passes_when_encrypted() {
        passes(&CHECK, &with(true, &["i-1"]));
    }

    #[test]
    fn says_nothing_of_volumes_that_nothing_uses() {
        silent(&CHECK, &with(false, &[]));
    }
}
