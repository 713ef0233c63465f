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
                let verdict = Verdict::fail_if(state != "block-all-sharing").with("state", state);
                Ok(if state == "block-new-sharing" {
                    verdict.at(Severity::Info).told_as("new_only")
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
        snapshot::Snapshot,
        testing::{empty, fails, passes, read, region},
    };

    fn with(state: &str) -> Snapshot {
        let mut account = empty();
        region(&mut account).ec2.snapshot_block_public_access = read(state.into());
        account
    }

    #[test]
    fn fails_when_unblocked() {
        let finding = fails(&CHECK, &with("unblocked"));
        assert_eq!((finding.resource.id.as_str(), finding.severity), ("eu-west-1", Severity::Low));
    }

    #[test]
    fn tells_when_only_new_sharing_is_blocked() {
        let finding = fails(&CHECK, &with("block-new-sharing"));
        assert_eq!((finding.severity, finding.variant), (Severity::Info, Some("new_only")));
    }

    #[test]
    fn passes_when_blocked() {
        passes(&CHECK, &with("block-all-sharing"));
    }
}
