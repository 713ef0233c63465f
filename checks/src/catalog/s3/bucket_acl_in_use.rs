use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "s3-bucket-acl-in-use",
    severity: Severity::Low,
    sources: &[Source::S3BucketOwnership],
    run: |cx| {
        cx.each_known(&cx.snapshot.s3.buckets, |_, bucket| {
            let ownership = bucket.object_ownership.get()?.as_deref();
            // A bucket from before the setting existed behaves as ObjectWriter.
            Ok(Verdict::fail_if(ownership != Some("BucketOwnerEnforced"))
                .with("object_ownership", ownership.unwrap_or("ObjectWriter")))
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::with_bucket, CHECK};
    use crate::testing::{fails, passes, read};

    #[test]
    fn fails_when_acls_count() {
        for (ownership, told) in [
            (Some("ObjectWriter"), "ObjectWriter"),
            (Some("BucketOwnerPreferred"), "BucketOwnerPreferred"),
            (None, "ObjectWriter"),
        ] {
            let finding =
                fails(&CHECK, &with_bucket(|b| b.object_ownership = read(ownership.map(Into::into))));
            assert_eq!(finding.evidence["object_ownership"], told);
        }
    }

    #[test]
    fn passes_when_they_are_disabled() {
        passes(&CHECK, &with_bucket(|b| b.object_ownership = read(Some("BucketOwnerEnforced".into()))));
    }
}
