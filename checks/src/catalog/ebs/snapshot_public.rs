use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "ebs-snapshot-public",
    severity: Severity::Critical,
    sources: &[Source::Ec2Snapshots, Source::Ec2SnapshotBlockPublicAccess],
    run: |cx| {
        cx.each_region(|cx, region| {
            // EC2.1 looks at the permission alone, but while all sharing is blocked nobody can use it. A block
            // that could not be read only ever lowers: without it the worst is assumed.
            let block = region.ec2.snapshot_block_public_access.get().ok();
            let blocked = block.is_some_and(|state| state == "block-all-sharing");
            cx.each_known(&region.ec2.snapshots, |_, snapshot| {
                let verdict = Verdict::fail_if(snapshot.public).with("encrypted", snapshot.encrypted);
                Ok(if snapshot.public && blocked {
                    verdict.at(Severity::Low).told_as("blocked")
                } else {
                    verdict
                })
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::{
        finding::Severity,
        snapshot::{Snapshot, ec2},
        testing::{denied, empty, fails, passes, read, region},
    };

    fn with(public: bool) -> Snapshot {
        let mut account = empty();
        region(&mut account).ec2.snapshots =
            read(vec![ec2::Snapshot { id: "snap-1".into(), encrypted: false, public, tags: [].into() }]);
        account
    }

    #[test]
    fn fails_when_anyone_may_restore_it() {
        let finding = fails(&CHECK, &with(true));
        assert_eq!((finding.resource.id.as_str(), finding.severity), ("snap-1", Severity::Critical));
        let mut account = with(true);
        region(&mut account).ec2.snapshot_block_public_access = read("block-new-sharing".into());
        assert_eq!(fails(&CHECK, &account).severity, Severity::Critical);
    }

    #[test]
    fn fails_lower_while_the_region_blocks_all_sharing() {
        let mut account = with(true);
        region(&mut account).ec2.snapshot_block_public_access = read("block-all-sharing".into());
        let finding = fails(&CHECK, &account);
        assert_eq!((finding.severity, finding.variant), (Severity::Low, Some("blocked")));
    }

    #[test]
    fn assumes_no_block_that_could_not_be_read() {
        let mut account = with(true);
        region(&mut account).ec2.snapshot_block_public_access = denied();
        assert_eq!(fails(&CHECK, &account).severity, Severity::Critical);
        let mut account = with(false);
        region(&mut account).ec2.snapshot_block_public_access = denied();
        passes(&CHECK, &account);
    }

    #[test]
    fn passes_when_not() {
        passes(&CHECK, &with(false));
    }
}
