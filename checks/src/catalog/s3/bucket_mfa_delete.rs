use crate::{
    check::Check,
    finding::{Severity, Verdict},
    gap::NotJudged,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "s3-bucket-mfa-delete",
    severity: Severity::Low,
    sources: &[Source::S3BucketVersioning, Source::S3BucketLifecycle],
    run: |cx| {
        cx.each_known(&cx.snapshot.s3.buckets, |_, bucket| {
            let versioning = bucket.versioning.get()?;
            // MFA delete is a property of versioning.
            if !versioning.enabled {
                return Err(NotJudged::NotApplicable);
            }
            if versioning.mfa_delete {
                return Ok(Verdict::pass());
            }
            // It cannot be enabled beside lifecycle rules (Amazon S3 User Guide, "Configuring MFA delete"), and S3.20
            // has no findings for such buckets.
            if *bucket.has_lifecycle.get()? {
                return Err(NotJudged::NotApplicable);
            }
            Ok(Verdict::fail())
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::with_bucket, CHECK};
    use crate::{
        snapshot::s3::Versioning,
        testing::{denied, fails, passes, read, silent, unknown},
    };

    #[test]
    fn fails_when_off() {
        fails(&CHECK, &with_bucket(|b| b.versioning = read(Versioning { enabled: true, mfa_delete: false })));
    }

    #[test]
    fn passes_when_on() {
        passes(&CHECK, &with_bucket(|b| b.versioning = read(Versioning { enabled: true, mfa_delete: true })));
    }

    #[test]
    fn says_nothing_of_buckets_with_lifecycle_rules() {
        let with = |mfa_delete, has_lifecycle| {
            with_bucket(|b| {
                b.versioning = read(Versioning { enabled: true, mfa_delete });
                b.has_lifecycle = has_lifecycle;
            })
        };
        silent(&CHECK, &with(false, read(true)));
        unknown(&CHECK, &with(false, denied()));
        passes(&CHECK, &with(true, denied()));
    }

    #[test]
    fn says_nothing_without_versioning() {
        silent(&CHECK, &with_bucket(|_| ()));
    }
}
