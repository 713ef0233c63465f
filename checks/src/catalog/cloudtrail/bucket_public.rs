use crate::{
    analysis::{
        cloudfront::own_bucket,
        s3_exposure::{self, Access, Grant},
    },
    check::Check,
    finding::{Severity, Verdict},
    gap::NotJudged,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "cloudtrail-bucket-public",
    severity: Severity::Critical,
    sources: &[
        Source::CloudTrailTrails,
        Source::S3Buckets,
        Source::S3BucketPublicAccessBlock,
        Source::S3AccountPublicAccessBlock,
        Source::S3BucketPolicy,
        Source::S3BucketAcl,
        Source::S3BucketOwnership,
        Source::S3AccessPoints,
    ],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.each(region.cloudtrail.trails.get(), |cx, trail| {
                let buckets = cx.snapshot.s3.buckets.get()?;
                let name = trail.bucket.as_deref().ok_or(NotJudged::NotApplicable)?;
                // A bucket of another account, such as a log archive, is judged there, whosever the trail is.
                let bucket = own_bucket(buckets, name).ok_or(NotJudged::NotApplicable)?;

                let mut grants = s3_exposure::open(&cx.analyses, bucket, Access::Read)?;
                grants.extend(s3_exposure::open(&cx.analyses, bucket, Access::Write)?);
                grants.sort_by_key(Grant::is_limited);
                let Some(first) = grants.first() else { return Ok(Verdict::pass()) };
                let verdict = Verdict::fail()
                    .with("bucket", name)
                    .with("through", first.summary())
                    .with("grants", &grants);
                Ok(if first.is_limited() { verdict.at(Severity::Low).told_as("limited") } else { verdict })
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::with_trail, CHECK};
    use crate::{
        snapshot::{
            Snapshot,
            s3::{AclGrant, Bucket, PublicAccessBlock},
        },
        testing::{fails, passes, read, silent},
    };

    fn with_bucket(bucket: Bucket) -> Snapshot {
        let mut account = with_trail(|_| ());
        account.s3.buckets = read(vec![Bucket { name: "audit-logs".into(), ..bucket }]);
        account
    }

    fn with_acl(grantee: &str) -> Snapshot {
        with_bucket(Bucket {
            public_access_block: read(PublicAccessBlock::default()),
            policy: read(None),
            acl: read(vec![AclGrant { grantee: grantee.into(), permission: "READ".into() }]),
            object_ownership: read(Some("ObjectWriter".into())),
            ..Bucket::default()
        })
    }

    #[test]
    fn fails_when_public() {
        fails(&CHECK, &with_acl("http://acs.amazonaws.com/groups/global/AllUsers"));
    }

    #[test]
    fn passes_when_private() {
        passes(&CHECK, &with_acl("somebody"));
    }

    #[test]
    fn says_nothing_of_others_buckets() {
        silent(&CHECK, &with_trail(|_| ()));
    }
}
