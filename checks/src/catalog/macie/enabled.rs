use crate::{
    check::Check,
    finding::{Severity, Verdict},
    gap::NotJudged,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "macie-enabled",
    severity: Severity::Low,
    sources: &[Source::MacieSession, Source::S3Buckets],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.whole("AWS::Macie::Session", |cx| {
                let name = cx.place().region;
                let buckets =
                    cx.snapshot.s3.buckets.get()?.iter().filter(|bucket| bucket.region == name).count();
                if buckets == 0 {
                    return Err(NotJudged::NotApplicable);
                }
                let status = region.macie.status.get()?.as_deref();
                let verdict = Verdict::fail_if(status != Some("ENABLED"))
                    .with("status", status)
                    .with("buckets", buckets);
                Ok(if status == Some("PAUSED") { verdict.told_as("paused") } else { verdict })
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::{
        snapshot::{Snapshot, s3::Bucket},
        testing::{empty, fails, passes, read, region, silent},
    };

    fn with_macie(status: Option<&str>) -> Snapshot {
        let mut account = empty();
        account.s3.buckets = read(vec![Bucket { region: "eu-west-1".into(), ..Bucket::default() }]);
        region(&mut account).macie.status = read(status.map(str::to_owned));
        account
    }

    #[test]
    fn fails_when_off_or_paused() {
        assert_eq!(fails(&CHECK, &with_macie(None)).variant, None);
        assert_eq!(fails(&CHECK, &with_macie(Some("PAUSED"))).variant, Some("paused"));
    }

    #[test]
    fn passes_when_on() {
        passes(&CHECK, &with_macie(Some("ENABLED")));
    }

    #[test]
    fn says_nothing_without_buckets() {
        silent(&CHECK, &empty());
    }
}
