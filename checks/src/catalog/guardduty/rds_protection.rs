use super::judge_plan;
use crate::{
    check::{Check, Context},
    finding::Severity,
    gap::NotJudged,
    snapshot::Region,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "guardduty-rds-protection",
    severity: Severity::Low,
    sources: &[Source::GuardDutyDetectors, Source::RdsInstances, Source::RdsClusters],
    run: |cx| {
        judge_plan(cx, "RDS_LOGIN_EVENTS", |detector, _| Ok(detector.has("RDS_LOGIN_EVENTS")), has);
    },
};

fn has(_: &Context<'_>, region: &Region) -> Result<bool, NotJudged> {
    let rds = &region.rds;
    Ok(rds.instances.get()?.iter().any(|instance| is_protected(&instance.engine))
        || rds.clusters.get()?.iter().any(|cluster| is_protected(&cluster.engine)))
}

/// The engines whose sign-ins GuardDuty sees.
fn is_protected(engine: &str) -> bool {
    ["aurora-mysql", "aurora-postgresql", "postgres"].contains(&engine)
}

#[cfg(test)]
mod tests {
    use super::{super::testing::with_feature, CHECK};
    use crate::{
        snapshot::{
            Snapshot,
            rds::{DbCluster, DbInstance},
        },
        testing::{empty, fails, passes, read, region, silent},
    };

    fn with_resources(on: bool) -> Snapshot {
        let mut account = with_feature("RDS_LOGIN_EVENTS", on);
        region(&mut account).rds.instances =
            read(vec![DbInstance { engine: "postgres".into(), ..DbInstance::default() }]);
        account
    }

    #[test]
    fn says_nothing_of_engines_that_it_does_not_protect() {
        let mut account = with_feature("RDS_LOGIN_EVENTS", false);
        region(&mut account).rds.instances =
            read(vec![DbInstance { engine: "docdb".into(), ..DbInstance::default() }]);
        region(&mut account).rds.clusters =
            read(vec![DbCluster { engine: "neptune".into(), ..DbCluster::default() }]);
        silent(&CHECK, &account);
        region(&mut account).rds.clusters =
            read(vec![DbCluster { engine: "aurora-mysql".into(), ..DbCluster::default() }]);
        fails(&CHECK, &account);
    }

    #[test]
    fn fails_when_off_and_needed() {
        fails(&CHECK, &with_resources(false));
        passes(&CHECK, &with_resources(true));
        silent(&CHECK, &with_feature("RDS_LOGIN_EVENTS", false));
        silent(&CHECK, &empty());
    }
}
