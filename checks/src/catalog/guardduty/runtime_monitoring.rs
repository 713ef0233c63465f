use super::judge_plan;
use crate::{
    check::{Check, Context},
    finding::Severity,
    gap::NotJudged,
    snapshot::Region,
    source::Source,
};

/// GuardDuty.11.
pub(super) const CHECK: Check = Check {
    id: "guardduty-runtime-monitoring",
    severity: Severity::Low,
    sources: &[Source::GuardDutyDetectors, Source::EksClusters, Source::EcsServices, Source::Ec2Instances],
    run: |cx| {
        judge_plan(cx, &["RUNTIME_MONITORING", "EKS_RUNTIME_MONITORING"], has);
    },
};

fn has(_: &Context<'_>, region: &Region) -> Result<bool, NotJudged> {
    let containers = !region.eks.clusters.get()?.is_empty() || !region.ecs.services.get()?.is_empty();
    Ok(containers || !region.ec2.instances.get()?.is_empty())
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
        let mut account = with_feature("RUNTIME_MONITORING", on);
        region(&mut account).eks.clusters = read(vec![crate::snapshot::eks::Cluster::default()]);
        account
    }

    #[test]
    fn fails_when_off_and_needed() {
        fails(&CHECK, &with_resources(false));
        passes(&CHECK, &with_resources(true));
        silent(&CHECK, &with_feature("RUNTIME_MONITORING", false));
        silent(&CHECK, &empty());
    }
}
