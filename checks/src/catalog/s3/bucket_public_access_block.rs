use crate::{
    check::Check,
    finding::{Severity, Verdict},
    snapshot::s3::PublicAccessBlock,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "s3-bucket-public-access-block",
    severity: Severity::Medium,
    sources: &[Source::S3AccountPublicAccessBlock, Source::S3BucketPublicAccessBlock],
    run: |cx| {
        let s3 = &cx.snapshot.s3;
        cx.each(s3.buckets.get(), |_, bucket| {
            let (account, own) = (s3.public_access_block.get(), bucket.public_access_block.get());
            // One level that has all four on is enough, whatever the other says.
            let off = match (account, own) {
                (Ok(&PublicAccessBlock::ALL), _) | (_, Ok(&PublicAccessBlock::ALL)) => Vec::new(),
                (Ok(account), Ok(own)) => account.and(*own).off(),
                (Err(not_judged), _) | (_, Err(not_judged)) => return Err(not_judged),
            };
            Ok(Verdict::fail_if(!off.is_empty()).with("off", off))
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::with_bucket, CHECK};
    use crate::{
        snapshot::s3::PublicAccessBlock,
        testing::{denied, fails, passes, read},
    };

    const ACLS: PublicAccessBlock = PublicAccessBlock {
        block_public_policy: false,
        restrict_public_buckets: false,
        ..PublicAccessBlock::ALL
    };
    const POLICIES: PublicAccessBlock =
        PublicAccessBlock { block_public_acls: false, ignore_public_acls: false, ..PublicAccessBlock::ALL };

    #[test]
    fn fails_when_a_setting_is_off_at_both_levels() {
        let finding = fails(&CHECK, &with_bucket(|bucket| bucket.public_access_block = read(ACLS)));
        assert_eq!(
            finding.evidence["off"],
            serde_json::json!(["BlockPublicPolicy", "RestrictPublicBuckets"])
        );
    }

    #[test]
    fn passes_when_the_levels_complete_each_other() {
        let mut account = with_bucket(|bucket| bucket.public_access_block = read(ACLS));
        account.s3.public_access_block = read(POLICIES);
        passes(&CHECK, &account);
    }

    #[test]
    fn one_complete_level_is_enough() {
        let mut account = with_bucket(|bucket| bucket.public_access_block = denied());
        account.s3.public_access_block = read(PublicAccessBlock::ALL);
        passes(&CHECK, &account);
        let mut account = with_bucket(|bucket| bucket.public_access_block = read(PublicAccessBlock::ALL));
        account.s3.public_access_block = denied();
        passes(&CHECK, &account);
    }
}
