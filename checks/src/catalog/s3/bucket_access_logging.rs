use std::collections::HashSet;

use crate::{
    check::Check,
    finding::{Severity, Verdict},
    gap::NotJudged,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "s3-bucket-access-logging",
    severity: Severity::Low,
    sources: &[Source::S3BucketLogging],
    run: |cx| {
        let buckets = cx.snapshot.s3.buckets.get();
        // Logs about the logs' bucket would be logs about themselves.
        let targets: HashSet<_> = buckets
            .iter()
            .flat_map(|buckets| buckets.iter())
            .filter_map(|bucket| bucket.logging_target.get().ok()?.as_deref())
            .collect();
        cx.each(buckets, |_, bucket| {
            let target = bucket.logging_target.get()?;
            if targets.contains(bucket.name.as_str()) {
                return Err(NotJudged::NotApplicable);
            }
            Ok(Verdict::fail_if(target.is_none()).with("target_bucket", target))
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::with_bucket, CHECK};
    use crate::{
        gap::Collected,
        testing::{fails, findings, passes, read},
    };

    #[test]
    fn fails_when_off() {
        fails(&CHECK, &with_bucket(|_| ()));
    }

    #[test]
    fn passes_when_on() {
        passes(&CHECK, &with_bucket(|b| b.logging_target = read(Some("logs".into()))));
    }

    #[test]
    fn says_nothing_of_the_buckets_that_logs_go_to() {
        let mut account = with_bucket(|b| b.logging_target = read(Some("logs".into())));
        let mut logs = with_bucket(|b| b.name = "logs".into());
        if let (Collected::Value(buckets), Collected::Value(more)) =
            (&mut account.s3.buckets, &mut logs.s3.buckets)
        {
            buckets.append(more);
        }
        let judged: Vec<_> =
            findings(&CHECK, &account).into_iter().map(|finding| finding.resource.id).collect();
        assert_eq!(judged, ["reports"]);
    }
}
