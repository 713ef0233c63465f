use crate::{
    check::Check,
    finding::{Severity, Verdict},
    gap::NotJudged,
    source::Source,
};

/// CIS 3.1.2, S3.20.
pub(super) const CHECK: Check = Check {
    id: "s3-bucket-mfa-delete",
    severity: Severity::Low,
    sources: &[Source::S3BucketVersioning],
    run: |cx| {
        cx.each_known(&cx.snapshot.s3.buckets, |_, bucket| {
            let versioning = bucket.versioning.get()?;
            // MFA delete is a property of versioning.
            if !versioning.enabled {
                return Err(NotJudged::NotApplicable);
            }
            Ok(Verdict::fail_if(!versioning.mfa_delete))
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
    fn says_nothing_without_versioning() {
        silent(&CHECK, &with_bucket(|_| ()));
    }

    #[test]
    fn unknown_when_not_readable() {
        unknown(&CHECK, &with_bucket(|b| b.versioning = denied()));
    }
}
