use crate::{
    analysis::cloudfront::own_bucket,
    check::Check,
    finding::{Severity, Verdict},
    gap::NotJudged,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "cloudtrail-bucket-access-logging",
    severity: Severity::Low,
    sources: &[Source::CloudTrailTrails, Source::S3Buckets, Source::S3BucketLogging],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.each(region.cloudtrail.trails.get(), |cx, trail| {
                let buckets = cx.snapshot.s3.buckets.get()?;
                let name = trail.bucket.as_deref().ok_or(NotJudged::NotApplicable)?;
                // A bucket of another account, such as a log archive, is judged there, whosever the trail is.
                let bucket = own_bucket(buckets, name).ok_or(NotJudged::NotApplicable)?;

                Ok(Verdict::fail_if(bucket.logging_target.get()?.is_none()).with("bucket", name))
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::with_trail, CHECK};
    use crate::{
        snapshot::{Snapshot, s3::Bucket},
        testing::{fails, passes, read},
    };

    fn with_bucket(bucket: Bucket) -> Snapshot {
        let mut account = with_trail(|_| ());
        account.s3.buckets = read(vec![Bucket { name: "audit-logs".into(), ..bucket }]);
        account
    }

    #[test]
    fn fails_without() {
        fails(&CHECK, &with_bucket(Bucket { logging_target: read(None), ..Bucket::default() }));
    }

    #[test]
    fn passes_with() {
        passes(
            &CHECK,
            &with_bucket(Bucket { logging_target: read(Some("logs".into())), ..Bucket::default() }),
        );
    }
}
