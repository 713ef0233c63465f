use crate::{
    catalog::{Family, row},
    check::Entry,
    check::{Check, Context},
    finding::{Severity, Verdict},
    gap::NotJudged,
    snapshot::{Region, ec2::Instance, guardduty::Detector},
    source::Source,
};

/// A protection plan.
struct Plan {
    /// The name by which AWS presents it, in every language.
    name: &'static str,
    /// AWS's page on it, in the user guide.
    page: &'static str,
    /// The name of the detector's feature.
    feature: &'static str,
    /// Whether the region has what it protects.
    has: fn(&Context<'_>, &Region) -> Result<bool, NotJudged>,
}

static PLANS: &Family<Plan> = &[
    (
        plan("guardduty-eks-protection", &[Source::GuardDutyDetectors, Source::EksClusters]),
        Plan {
            name: "EKS Protection",
            page: "kubernetes-protection",
            feature: "EKS_AUDIT_LOGS",
            has: |_, region| Ok(!region.eks.clusters.get()?.is_empty()),
        },
    ),
    (
        plan("guardduty-lambda-protection", &[Source::GuardDutyDetectors, Source::LambdaFunctions]),
        Plan {
            name: "Lambda Protection",
            page: "lambda-protection",
            feature: "LAMBDA_NETWORK_LOGS",
            has: |_, region| Ok(!region.lambda.functions.get()?.is_empty()),
        },
    ),
    (
        plan("guardduty-malware-protection", &[Source::GuardDutyDetectors, Source::Ec2Instances]),
        Plan {
            name: "Malware Protection for EC2",
            page: "malware-protection",
            feature: "EBS_MALWARE_PROTECTION",
            has: |_, region| Ok(!region.ec2.instances.get()?.is_empty()),
        },
    ),
    (
        plan(
            "guardduty-rds-protection",
            &[Source::GuardDutyDetectors, Source::RdsInstances, Source::RdsClusters],
        ),
        Plan {
            name: "RDS Protection",
            page: "rds-protection",
            feature: "RDS_LOGIN_EVENTS",
            has: |_, region| {
                let rds = &region.rds;
                Ok(rds.instances.get()?.iter().any(|instance| has_seen_sign_ins(&instance.engine))
                    || rds.clusters.get()?.iter().any(|cluster| has_seen_sign_ins(&cluster.engine)))
            },
        },
    ),
    (
        plan(
            "guardduty-runtime-monitoring",
            &[Source::GuardDutyDetectors, Source::EksClusters, Source::EcsServices, Source::Ec2Instances],
        ),
        Plan {
            name: "Runtime Monitoring",
            page: "runtime-monitoring",
            feature: RUNTIME_MONITORING,
            has: |_, region| {
                let containers =
                    !region.eks.clusters.get()?.is_empty() || !region.ecs.services.get()?.is_empty();
                Ok(containers || !region.ec2.instances.get()?.is_empty())
            },
        },
    ),
    (
        plan("guardduty-s3-protection", &[Source::GuardDutyDetectors, Source::S3Buckets]),
        Plan {
            name: "S3 Protection",
            page: "s3-protection",
            feature: "S3_DATA_EVENTS",
            has: |cx, _| {
                let name = cx.place().region;
                Ok(cx.snapshot.s3.buckets.get()?.iter().any(|bucket| bucket.region == name))
            },
        },
    ),
];

const fn plan(id: &'static str, sources: &'static [Source]) -> Check {
    Check { id, severity: Severity::Low, sources, run: judge }
}

pub(super) fn entries() -> impl Iterator<Item = Entry> {
    let (english, japanese) = (include_str!("plans.md"), include_str!("plans.ja.md"));
    PLANS.iter().map(move |(check, plan)| {
        let facts = vec![("plan", plan.name.to_owned()), ("page", plan.page.to_owned())];
        Entry::new(check, module_path!(), english, japanese).with_facts(facts)
    })
}

/// Judges a protection plan of each enabled detector, where the region has what it protects. A suspended
/// detector is told by guardduty-enabled.
fn judge(cx: &mut Context<'_>) {
    let plan = row(cx, PLANS);
    cx.each_region(|cx, region| {
        let detectors = region.guardduty.detectors.get();
        let enabled = |detector: &&Detector| detector.enabled;
        cx.each(detectors.map(|all| all.iter().filter(enabled)), |cx, detector| {
            if detector.has(plan.feature)
                || plan.feature == RUNTIME_MONITORING && has_older_monitoring(detector, region)?
            {
                return Ok(Verdict::pass());
            }
            if !(plan.has)(cx, region)? {
                return Err(NotJudged::NotApplicable);
            }
            Ok(Verdict::fail().with("feature", plan.feature))
        });
    });
}

const RUNTIME_MONITORING: &str = "RUNTIME_MONITORING";

/// The older plan for EKS counts where nothing but clusters runs.
fn has_older_monitoring(detector: &Detector, region: &Region) -> Result<bool, NotJudged> {
    Ok(detector.has("EKS_RUNTIME_MONITORING")
        && !region.eks.clusters.get()?.is_empty()
        && region.ecs.services.get()?.is_empty()
        && region.ec2.instances.get()?.iter().all(is_node))
}

/// Whether the instance is a node of a cluster of EKS.
fn is_node(instance: &Instance) -> bool {
    instance.tags.keys().any(|key| key == "eks:cluster-name" || key.starts_with("kubernetes.io/cluster/"))
}

/// Whether GuardDuty sees the sign-ins of databases of the engine.
fn has_seen_sign_ins(engine: &str) -> bool {
    ["aurora-mysql", "aurora-postgresql", "postgres"].contains(&engine)
}

#[cfg(test)]
mod tests {
    use super::{super::testing::with_feature, *};
    use crate::{
        snapshot::{
            Snapshot, eks, lambda,
            rds::{DbCluster, DbInstance},
            s3,
        },
        testing::{denied, empty, fails, passes, read, region, silent, unknown},
    };

    /// Adds one of what the plan protects.
    fn add_protected(feature: &str, account: &mut Snapshot) {
        let of_region = region(account);
        match feature {
            "EKS_AUDIT_LOGS" | RUNTIME_MONITORING => {
                of_region.eks.clusters = read(vec![eks::Cluster::default()]);
            }
            "LAMBDA_NETWORK_LOGS" => of_region.lambda.functions = read(vec![lambda::Function::default()]),
            "EBS_MALWARE_PROTECTION" => of_region.ec2.instances = read(vec![Instance::default()]),
            "RDS_LOGIN_EVENTS" => {
                of_region.rds.instances =
                    read(vec![DbInstance { engine: "postgres".into(), ..DbInstance::default() }]);
            }
            _ => {
                let bucket = s3::Bucket { region: "eu-west-1".into(), ..s3::Bucket::default() };
                account.s3.buckets = read(vec![bucket]);
            }
        }
    }

    fn the(feature: &str) -> &'static Check {
        &PLANS.iter().find(|(_, plan)| plan.feature == feature).unwrap().0
    }

    #[test]
    fn fails_when_off_and_needed() {
        for (check, plan) in PLANS {
            let mut account = with_feature(plan.feature, false);
            silent(check, &account);
            add_protected(plan.feature, &mut account);
            fails(check, &account);
            let mut account = with_feature(plan.feature, true);
            add_protected(plan.feature, &mut account);
            passes(check, &account);
            silent(check, &empty());
        }
    }

    #[test]
    fn says_nothing_of_engines_that_it_does_not_protect() {
        let check = the("RDS_LOGIN_EVENTS");
        let mut account = with_feature("RDS_LOGIN_EVENTS", false);
        region(&mut account).rds.instances =
            read(vec![DbInstance { engine: "docdb".into(), ..DbInstance::default() }]);
        let clusters = |engine: &str| read(vec![DbCluster { engine: engine.into(), ..DbCluster::default() }]);
        region(&mut account).rds.clusters = clusters("neptune");
        silent(check, &account);
        region(&mut account).rds.clusters = clusters("aurora-mysql");
        fails(check, &account);
    }

    #[test]
    fn the_older_plan_counts_for_clusters_and_their_nodes_only() {
        let check = the(RUNTIME_MONITORING);
        let mut account = with_feature("EKS_RUNTIME_MONITORING", true);
        add_protected(RUNTIME_MONITORING, &mut account);
        passes(check, &account);
        let node = Instance { tags: [("kubernetes.io/cluster/main", "owned")].into(), ..Instance::default() };
        region(&mut account).ec2.instances = read(vec![node.clone()]);
        passes(check, &account);
        region(&mut account).ec2.instances = read(vec![node, Instance::default()]);
        fails(check, &account);
        region(&mut account).ec2.instances = denied();
        unknown(check, &account);
    }
}
