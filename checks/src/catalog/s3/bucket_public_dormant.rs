use super::{EXPOSURE_SOURCES, exposed};
use crate::{analysis::s3_exposure, check::Check, finding::Severity};

pub(super) const CHECK: Check = Check {
    id: "s3-bucket-public-dormant",
    severity: Severity::Medium,
    sources: EXPOSURE_SOURCES,
    run: |cx| {
        cx.each_known(&cx.snapshot.s3.buckets, |cx, bucket| {
            exposed(&s3_exposure::dormant(&cx.analyses, bucket)?)
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{
        super::testing::{grant, policy, with_bucket},
        CHECK,
    };
    use crate::{
        snapshot::s3::{Bucket, PublicAccessBlock},
        testing::{fails, passes, read},
    };

    const PUBLIC: &str = r#"{"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*"}"#;

    fn blocked(bucket: &mut Bucket) {
        bucket.public_access_block = read(PublicAccessBlock::ALL);
    }

    #[test]
    fn fails_when_only_a_setting_holds_a_public_policy_back() {
        fails(
            &CHECK,
            &with_bucket(|b| {
                b.policy = read(policy(PUBLIC));
                blocked(b);
            }),
        );
    }

    #[test]
    fn fails_when_only_a_setting_holds_a_public_acl_back() {
        let mut account = with_bucket(|b| b.acl = read(vec![grant("AllUsers", "READ")]));
        account.s3.public_access_block = read(PublicAccessBlock::ALL);
        fails(&CHECK, &account);
    }

    #[test]
    fn passes_when_nothing_is_held_back() {
        passes(&CHECK, &with_bucket(blocked));
        // Open now: s3-bucket-public-read reports it.
        passes(&CHECK, &with_bucket(|b| b.policy = read(policy(PUBLIC))));
    }

    #[test]
    fn passes_when_ownership_disables_the_acl_anyway() {
        passes(
            &CHECK,
            &with_bucket(|b| {
                b.acl = read(vec![grant("AllUsers", "READ")]);
                b.object_ownership = read(Some("BucketOwnerEnforced".into()));
                blocked(b);
            }),
        );
    }
}
