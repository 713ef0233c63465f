use super::each_enabled;
use crate::{
    analysis::{
        cloudfront::{own_bucket, s3_endpoint},
        s3_exposure::{self, Access, Grant},
    },
    check::Check,
    finding::{Severity, Verdict},
    gap::{self, NotJudged},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "cloudfront-s3-origin-public",
    severity: Severity::High,
    sources: &[
        Source::CloudFrontDistributions,
        Source::S3Buckets,
        Source::S3BucketPublicAccessBlock,
        Source::S3AccountPublicAccessBlock,
        Source::S3BucketPolicy,
        Source::S3BucketAcl,
        Source::S3BucketOwnership,
        Source::S3AccessPoints,
    ],
    run: |cx| {
        each_enabled(cx, |cx, distribution| {
            let buckets = cx.snapshot.s3.buckets.get()?;
            let names = distribution.origins.iter().filter_map(|it| s3_endpoint(&it.domain_name)?.bucket);
            let own: Vec<_> = names.filter_map(|name| own_bucket(buckets, name)).collect();
            if own.is_empty() {
                return Err(NotJudged::NotApplicable);
            }
            let open = gap::find(own.into_iter().map(|bucket| {
                let grants = s3_exposure::open(&cx.analyses, bucket, Access::Read)?;
                // Who is named by a pattern is no stranger: `s3-bucket-public-read` reports it.
                let open = grants.iter().find(|grant| !grant.is_limited()).map(Grant::summary);
                Ok(open.map(|through| (bucket, through, grants)))
            }))?;
            Ok(match open {
                Some((bucket, through, grants)) => Verdict::fail()
                    .with("bucket", &bucket.name)
                    .with("through", through)
                    .with("grants", grants),
                None => Verdict::pass(),
            })
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{
        super::testing::{with_custom_origin, with_distribution},
        CHECK,
    };
    use crate::{
        snapshot::{
            Snapshot,
            s3::{Bucket, PublicAccessBlock},
        },
        testing::{fails, passes, read, silent},
    };

    fn with_bucket_policy(policy: &str, restrict: bool) -> Snapshot {
        let mut account = with_distribution(|_| ());
        account.s3.buckets = read(vec![Bucket {
            name: "assets".into(),
            public_access_block: read(PublicAccessBlock {
                block_public_policy: restrict,
                restrict_public_buckets: restrict,
                ..PublicAccessBlock::default()
            }),
            policy: read(Some(policy.into())),
            acl: read(vec![]),
            object_ownership: read(Some("BucketOwnerEnforced".into())),
            ..Bucket::default()
        }]);
        account
    }

    const PUBLIC: &str = r#"{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::assets/*"}]}"#;
    const CLOUDFRONT: &str = r#"{"Statement": [{"Effect": "Allow", "Principal": {"Service": "cloudfront.amazonaws.com"}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::assets/*", "Condition": {"StringEquals": {"aws:SourceArn": "arn:aws:cloudfront::111122223333:distribution/E1"}}}]}"#;

    #[test]
    fn fails_when_the_world_reads_the_bucket() {
        fails(&CHECK, &with_bucket_policy(PUBLIC, false));
    }

    #[test]
    fn passes_when_only_cloudfront_does() {
        passes(&CHECK, &with_bucket_policy(PUBLIC, true));
        passes(&CHECK, &with_bucket_policy(CLOUDFRONT, false));
    }

    #[test]
    fn says_nothing_of_other_origins() {
        silent(&CHECK, &with_custom_origin("www.example.com", "https-only", &[]));
    }
}
