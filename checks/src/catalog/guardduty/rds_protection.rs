use super::judge_plan;
use crate::{
    check::{Check, Context},
    finding::Severity,
    gap::NotJudged,
    snapshot::Region,
    source::Source,
};

/// GuardDuty.9.
pub(super) const CHECK: Check = Check {
    id: "guardduty-rds-protection",
    severity: Severity::Low,
    sources: &[Source::GuardDutyDetectors, Source::RdsInstances, Source::RdsClusters],
    run: |cx| {
        judge_plan(cx, &["RDS_LOGIN_EVENTS"], has);
    },
};

fn has(_: &Context<'_>, region: &Region) -> Result<bool, NotJudged> {
    let rds = &region.rds;
    Ok(!rds.instances.get()?.is_empty() || !rds.clusters.get()?.is_empty())
}

#[cfg(test)]
mod tests {
    use super::{super::testing::with_feature, CHECK};
    use crate::{
        snapshot::Snapshot,
        testing::{denied, empty, fails, passes, read, region, silent, unknown},
    };

    #[test]
    fn unknown_when_not_readable() {
        let mut account = empty();
        region(&mut account).guardduty.detectors = denied();
        unknown(&CHECK, &account);
    }

    fn with_resources(on: bool) -> Snapshot {
        let mut account = with_feature("RDS_LOGIN_EVENTS", on);
        region(&mut account).rds.instances = read(vec![crate::snapshot::rds::DbInstance::default()]);
        account
    }

    #[test]
    fn fails_when_off_and_needed() {
        fails(&CHECK, &with_resources(false));
        passes(&CHECK, &with_resources(true));
        silent(&CHECK, &with_feature("RDS_LOGIN_EVENTS", false));
        silent(&CHECK, &empty());
    }
}
