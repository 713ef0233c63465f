use super::{each_own_instance, is_rds};
use crate::{
    check::Check,
    finding::{Severity, Verdict},
    snapshot::rds::DbCluster,
    source::Source,
};

/// RDS.9.
pub(super) const CHECK: Check = Check {
    id: "rds-log-exports",
    severity: Severity::Low,
    sources: &[Source::RdsInstances, Source::RdsClusters],
    run: |cx| {
        cx.each_region(|cx, region| {
            // Members of Aurora clusters export with their cluster.
            each_own_instance(cx, region, |_, instance| {
                Ok(Verdict::fail_if(instance.log_exports.is_empty()).with("engine", &instance.engine))
            });
            let clusters = region.rds.clusters.get();
            let own = |cluster: &&DbCluster| is_rds(&cluster.engine);
            cx.each(clusters.map(|clusters| clusters.iter().filter(own)), |_, cluster| {
                Ok(Verdict::fail_if(cluster.log_exports.is_empty()).with("engine", &cluster.engine))
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::{
        snapshot::{Snapshot, rds::DbInstance},
        testing::{denied, empty, fails, passes, read, region, unknown},
    };

    fn with_exports(exports: &[&str]) -> Snapshot {
        let mut account = empty();
        region(&mut account).rds.instances = read(vec![DbInstance {
            id: "db".into(),
            engine: "mysql".into(),
            log_exports: exports.iter().map(|log| (*log).to_owned()).collect(),
            ..DbInstance::default()
        }]);
        account
    }

    #[test]
    fn fails_without() {
        fails(&CHECK, &with_exports(&[]));
    }

    #[test]
    fn passes_with() {
        passes(&CHECK, &with_exports(&["audit"]));
    }

    #[test]
    fn unknown_when_not_readable() {
        let mut account = with_exports(&["audit"]);
        region(&mut account).rds.instances = denied();
        unknown(&CHECK, &account);
    }
}
