use super::judge_plan;
use crate::{
    check::{Check, Context},
    finding::Severity,
    gap::NotJudged,
    snapshot::{Region, ec2::Instance, guardduty::Detector},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "guardduty-runtime-monitoring",
    severity: Severity::Low,
    sources: &[Source::GuardDutyDetectors, Source::EksClusters, Source::EcsServices, Source::Ec2Instances],
    run: |cx| {
        judge_plan(cx, "RUNTIME_MONITORING", is_on, has);
    },
};

/// The older plan for EKS counts where nothing but clusters runs.
fn is_on(detector: &Detector, region: &Region) -> Result<bool, NotJudged> {
    if detector.has("RUNTIME_MONITORING") {
        return Ok(true);
    }
    Ok(detector.has("EKS_RUNTIME_MONITORING")
        && !region.eks.clusters.get()?.is_empty()
        && region.ecs.services.get()?.is_empty()
        && region.ec2.instances.get()?.iter().all(is_node))
}

/// Whether the instance is a node of a cluster of EKS.
fn is_node(instance: &Instance) -> bool {
    instance.tags.keys().any(|key| key == "eks:cluster-name" || key.starts_with("kubernetes.io/cluster/"))
}

fn has(_: &Context<'_>, region: &Region) -> Result<bool, NotJudged> {
    let containers = !region.eks.clusters.get()?.is_empty() || !region.ecs.services.get()?.is_empty();
    Ok(containers || !region.ec2.instances.get()?.is_empty())
}

#[cfg(test)]
mod tests {
    use super::{super::testing::with_feature, CHECK};
    use crate::{
        snapshot::{Snapshot, ec2::Instance},
        testing::{denied, empty, fails, passes, read, region, silent, unknown},
    };

    fn with_resources(on: bool) -> Snapshot {
        let mut account = with_feature("RUNTIME_MONITORING", on);
        region(&mut account).eks.clusters = read(vec![crate::snapshot::eks::Cluster::default()]);
        account
    }

    #[test]
    fn the_older_plan_counts_for_clusters_and_their_nodes_only() {
        let mut account = with_feature("EKS_RUNTIME_MONITORING", true);
        region(&mut account).eks.clusters = read(vec![crate::snapshot::eks::Cluster::default()]);
        passes(&CHECK, &account);
        let node = Instance {
            tags: [("kubernetes.io/cluster/main".to_owned(), "owned".to_owned())].into(),
            ..Instance::default()
        };
        region(&mut account).ec2.instances = read(vec![node.clone()]);
        passes(&CHECK, &account);
        region(&mut account).ec2.instances = read(vec![node, Instance::default()]);
        fails(&CHECK, &account);
        region(&mut account).ec2.instances = denied();
        unknown(&CHECK, &account);
    }

    #[test]
    fn fails_when_off_and_needed() {
        fails(&CHECK, &with_resources(false));
        passes(&CHECK, &with_resources(true));
        silent(&CHECK, &with_feature("RUNTIME_MONITORING", false));
        silent(&CHECK, &empty());
    }
}
