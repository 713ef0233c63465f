use super::judge_plan;
use crate::{
    check::{Check, Context},
    finding::Severity,
    gap::NotJudged,
    snapshot::Region,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "guardduty-s3-protection",
    severity: Severity::Low,
    sources: &[Source::GuardDutyDetectors, Source::S3Buckets],
    run: |cx| {
        judge_plan(cx, "S3_DATA_EVENTS", |detector, _| Ok(detector.has("S3_DATA_EVENTS")), has);
    },
};

fn has(cx: &Context<'_>, _: &Region) -> Result<bool, NotJudged> {
    let name = cx.place().region;
    Ok(cx.snapshot.s3.buckets.get()?.iter().any(|bucket| bucket.region == name))
}

#[cfg(test)]
mod tests {
    use super::{super::testing::with_feature, CHECK};
    use crate::{
        snapshot::Snapshot,
        testing::{empty, fails, passes, read, silent},
    };

    fn with_resources(on: bool) -> Snapshot {
        let mut account = with_feature("S3_DATA_EVENTS", on);
        account.s3.buckets =
            read(vec![crate::snapshot::s3::Bucket { region: "eu-west-1".into(), ..Default::default() }]);
        account
    }

    #[test]
    fn fails_when_off_and_needed() {
        fails(&CHECK, &with_resources(false));
        passes(&CHECK, &with_resources(true));
        silent(&CHECK, &with_feature("S3_DATA_EVENTS", false));
        silent(&CHECK, &empty());
    }
}
