use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "ebs-snapshot-block-public-access",
    severity: Severity::Low,
    sources: &[Source::Ec2SnapshotBlockPublicAccess],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.whole("AWS::EC2::SnapshotBlockPublicAccess", |_| {
                let state = region.ec2.snapshot_block_public_access.get()?;
                Ok(Verdict::fail_if(state == "unblocked").with("state", state))
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::{
        snapshot::Snapshot,
        testing::{denied, empty, fails, passes, read, region, unknown},
    };

    fn with(state: &str) -> Snapshot {
        let mut account = empty();
        region(&mut account).ec2.snapshot_block_public_access = read(state.into());
        account
    }

    #[test]
    fn fails_when_unblocked() {
        assert_eq!(fails(&CHECK, &with("unblocked")).resource.id, "eu-west-1");
    }

    #[test]
    fn passes_when_blocked() {
        passes(&CHECK, &with("block-all-sharing"));
        passes(&CHECK, &with("block-new-sharing"));
    }

    #[test]
    fn unknown_when_not_readable() {
        let mut account = empty();
        region(&mut account).ec2.snapshot_block_public_access = denied();
        unknown(&CHECK, &account);
    }
}
