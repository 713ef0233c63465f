use super::each_trail;
use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "cloudtrail-insights",
    severity: Severity::Info,
    sources: &[Source::CloudTrailTrails, Source::CloudTrailInsights],
    run: |cx| {
        each_trail(cx, |_, region, trail| {
            Ok(Verdict::fail_if(region.cloudtrail.insights.of(&trail.arn)?.is_empty()))
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::with_trail, CHECK};
    use crate::{
        snapshot::Snapshot,
        testing::{fails, passes, read, region},
    };

    fn with_insights(kinds: &[&str]) -> Snapshot {
        let mut account = with_trail(|_| ());
        let arn = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/audit".to_owned();
        let kinds = kinds.iter().map(|kind| (*kind).to_owned()).collect();
        region(&mut account).cloudtrail.insights = read([(arn, read(kinds))].into());
        account
    }

    #[test]
    fn fails_without() {
        fails(&CHECK, &with_insights(&[]));
    }

    #[test]
    fn passes_with() {
        passes(&CHECK, &with_insights(&["ApiCallRateInsight"]));
    }
}
