use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "s3-access-point-public-access-block",
    severity: Severity::Medium,
    sources: &[Source::S3AccessPoints],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.each_known(&region.s3control.access_points, |_, point| {
                let off = point.public_access_block.get()?.off();
                Ok(Verdict::fail_if(!off.is_empty())
                    .with("off", off)
                    .with("bucket", &point.bucket)
                    .with("vpc", &point.vpc))
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::{
        gap::Collected,
        snapshot::{Snapshot, s3::PublicAccessBlock, s3control::AccessPoint},
        testing::{empty, fails, passes, read, region},
    };

    fn with(public_access_block: Collected<PublicAccessBlock>) -> Snapshot {
        let mut account = empty();
        region(&mut account).s3control.access_points = read(vec![AccessPoint {
            name: "web".into(),
            arn: "arn:aws:s3:eu-west-1:111122223333:accesspoint/web".into(),
            bucket: "reports".into(),
            bucket_account: None,
            vpc: None,
            public_access_block,
            policy: read(None),
        }]);
        account
    }

    #[test]
    fn fails_when_one_of_the_four_is_off() {
        let settings = PublicAccessBlock { block_public_policy: false, ..PublicAccessBlock::ALL };
        let finding = fails(&CHECK, &with(read(settings)));
        assert_eq!(finding.evidence["off"], serde_json::json!(["BlockPublicPolicy"]));
        fails(&CHECK, &with(read(PublicAccessBlock::default())));
    }

    #[test]
    fn passes_when_all_are_on() {
        passes(&CHECK, &with(read(PublicAccessBlock::ALL)));
    }
}
