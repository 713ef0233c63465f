use super::judge_plan;
use crate::{
    check::{Check, Context},
    finding::Severity,
    gap::NotJudged,
    snapshot::Region,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "guardduty-eks-protection",
    severity: Severity::Low,
    sources: &[Source::GuardDutyDetectors, Source::EksClusters],
    run: |cx| {
        judge_plan(cx, "EKS_AUDIT_LOGS", |detector, _| Ok(detector.has("EKS_AUDIT_LOGS")), has);
    },
};

fn has(_: &Context<'_>, region: &Region) -> Result<bool, NotJudged> {
    Ok(!region.eks.clusters.get()?.is_empty())
}

#[cfg(test)]
mod tests {
    use super::{super::testing::with_feature, CHECK};
    use crate::{
        snapshot::Snapshot,
        testing::{empty, fails, passes, read, region, silent},
    };

    fn with_resources(on: bool) -> Snapshot {
        let mut account = with_feature("EKS_AUDIT_LOGS", on);
        region(&mut account).eks.clusters = read(vec![crate::snapshot::eks::Cluster::default()]);
        account
    }

    #[test]
    fn fails_when_off_and_needed() {
        fails(&CHECK, &with_resources(false));
        passes(&CHECK, &with_resources(true));
        silent(&CHECK, &with_feature("EKS_AUDIT_LOGS", false));
        silent(&CHECK, &empty());
    }
}
