use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "s3-bucket-encryption",
    severity: Severity::Low,
    sources: &[Source::S3BucketEncryption],
    run: |cx| {
        cx.each_known(&cx.snapshot.s3.buckets, |_, bucket| {
            Ok(match bucket.encryption.get()?.as_deref() {
                // AWS has encrypted every new object since 2023; only S3-compatible stores answer so.
                None => Verdict::fail().at(Severity::Medium).told_as("none").with("sse_algorithm", "none"),
                Some(algorithm) if algorithm.starts_with("aws:kms") => Verdict::pass(),
                Some(algorithm) => Verdict::fail().at(Severity::Info).with("sse_algorithm", algorithm),
            })
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::with_bucket, CHECK};
    use crate::{
        finding::Severity,
        testing::{fails, passes, read},
    };

    #[test]
    fn fails_without_kms() {
        let finding = fails(&CHECK, &with_bucket(|b| b.encryption = read(Some("AES256".into()))));
        assert_eq!(
            (finding.severity, &finding.evidence["sse_algorithm"]),
            (Severity::Info, &"AES256".into())
        );
        assert_eq!(fails(&CHECK, &with_bucket(|b| b.encryption = read(None))).severity, Severity::Medium);
    }

    #[test]
    fn passes_with_kms() {
        passes(&CHECK, &with_bucket(|b| b.encryption = read(Some("aws:kms".into()))));
        passes(&CHECK, &with_bucket(|b| b.encryption = read(Some("aws:kms:dsse".into()))));
    }
}
