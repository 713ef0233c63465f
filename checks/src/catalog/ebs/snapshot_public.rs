use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

/// EC2.1.
pub(super) const CHECK: Check = Check {
    id: "ebs-snapshot-public",
    severity: Severity::Critical,
    sources: &[Source::Ec2Snapshots],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.each(region.ec2.snapshots.get(), |_, snapshot| {
                Ok(Verdict::fail_if(snapshot.public).with("encrypted", snapshot.encrypted))
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::{
        snapshot::{Snapshot, ec2},
        testing::{denied, empty, fails, passes, read, region, unknown},
    };

    fn with(public: bool) -> Snapshot {
        let mut account = empty();
        region(&mut account).ec2.snapshots =
            read(vec![ec2::Snapshot { id: "snap-1".into(), encrypted: false, public, tags: [].into() }]);
        account
    }

    #[test]
    fn fails_when_anyone_may_restore_it() {
        assert_eq!(fails(&CHECK, &with(true)).resource.id, "snap-1");
    }

    #[test]
    fn passes_when_not() {
        passes(&CHECK, &with(false));
    }

    #[test]
    fn unknown_when_not_readable() {
        let mut account = empty();
        region(&mut account).ec2.snapshots = denied();
        unknown(&CHECK, &account);
    }
}
