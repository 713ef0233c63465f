use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

/// S3.14.
pub(super) const CHECK: Check = Check {
    id: "s3-bucket-versioning",
    severity: Severity::Low,
    sources: &[Source::S3BucketVersioning],
    run: |cx| {
        cx.each_known(&cx.snapshot.s3.buckets, |_, bucket| {
            Ok(Verdict::fail_if(!bucket.versioning.get()?.enabled))
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::with_bucket, CHECK};
    use crate::{
        snapshot::s3::Versioning,
        testing::{denied, fails, passes, read, unknown},
    };

    #[test]
    fn fails_when_suspended_or_never_set() {
        fails(&CHECK, &with_bucket(|bucket| bucket.versioning = read(Versioning::default())));
    }

    #[test]
    fn passes_when_enabled() {
        let versioning = Versioning { enabled: true, mfa_delete: false };
        passes(&CHECK, &with_bucket(|bucket| bucket.versioning = read(versioning)));
    }

    #[test]
    fn unknown_when_not_readable() {
        unknown(&CHECK, &with_bucket(|bucket| bucket.versioning = denied()));
    }
}
