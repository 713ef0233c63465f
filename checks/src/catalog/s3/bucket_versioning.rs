use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "s3-bucket-versioning",
    severity: Severity::Low,
    sources: &[Source::S3BucketVersioning],
    run: |cx| {
        cx.each_known(&cx.snapshot.s3.buckets, |_, bucket| {
            let versioning = bucket.versioning.get()?;
            let verdict = Verdict::fail_if(!versioning.enabled);
            // Then the state cannot be changed without a code (S3 user guide, Configuring MFA delete).
            Ok(if versioning.mfa_delete { verdict.told_as("mfa_delete") } else { verdict })
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::with_bucket, CHECK};
    use crate::{
        page::Lang,
        registry,
        snapshot::s3::Versioning,
        testing::{fails, passes, read},
    };

    #[test]
    fn fails_when_suspended_or_never_set() {
        for mfa_delete in [false, true] {
            let versioning = Versioning { enabled: false, mfa_delete };
            let finding = fails(&CHECK, &with_bucket(|bucket| bucket.versioning = read(versioning)));
            let command = registry::find(CHECK.id).unwrap().page(Lang::En).command(&finding).unwrap();
            assert_eq!(command.is_empty(), mfa_delete, "it takes a code that only the owner has");
        }
    }

    #[test]
    fn passes_when_enabled() {
        let versioning = Versioning { enabled: true, mfa_delete: false };
        passes(&CHECK, &with_bucket(|bucket| bucket.versioning = read(versioning)));
    }
}
