use super::each_trail;
use crate::{
    analysis::cloudfront::own_bucket,
    check::Check,
    finding::{Severity, Verdict},
    gap::NotJudged,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "cloudtrail-bucket-missing",
    severity: Severity::High,
    sources: &[Source::CloudTrailTrails, Source::S3Buckets],
    run: |cx| {
        each_trail(cx, |cx, _, trail| {
            let s3 = &cx.snapshot.s3;
            let name = trail.bucket.as_deref().ok_or(NotJudged::NotApplicable)?;
            let exists = own_bucket(s3.buckets.get()?, name).is_some() || *s3.foreign_buckets.of(name)?;
            Ok(Verdict::fail_if(!exists).with("bucket", name))
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::with_trail, CHECK};
    use crate::{
        snapshot::Snapshot,
        testing::{fails, passes, read},
    };

    fn with_foreign(exists: bool) -> Snapshot {
        let mut account = with_trail(|_| ());
        account.s3.foreign_buckets = read([("audit-logs".to_owned(), read(exists))].into());
        account
    }

    #[test]
    fn fails_when_nobody_has_it() {
        fails(&CHECK, &with_foreign(false));
    }

    #[test]
    fn passes_when_somebody_does() {
        passes(&CHECK, &with_foreign(true));
    }
}
