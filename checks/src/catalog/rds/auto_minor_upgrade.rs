use super::{each_cluster, each_own_or_member};
use crate::{
    check::Check,
    finding::{Severity, Verdict},
    gap::NotJudged,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "rds-auto-minor-upgrade",
    severity: Severity::Low,
    sources: &[Source::RdsClusters, Source::RdsInstances],
    run: |cx| {
        cx.each_region(|cx, region| {
            each_own_or_member(cx, region, |_, instance| {
                // RDS Custom must have it off.
                if instance.engine.starts_with("custom-") {
                    return Err(NotJudged::NotApplicable);
                }
                Ok(Verdict::fail_if(!instance.auto_minor_version_upgrade)
                    .with("engine", &instance.engine)
                    .with("engine_version", &instance.engine_version))
            });
            each_cluster(cx, region, |_, cluster| {
                // Aurora's clusters leave the setting to their instances.
                if cluster.has_member_settings() {
                    return Err(NotJudged::NotApplicable);
                }
                Ok(Verdict::fail_if(!cluster.auto_minor_version_upgrade)
                    .with("engine", &cluster.engine)
                    .with("engine_version", &cluster.engine_version))
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{
        super::testing::{with_cluster, with_instance},
        CHECK,
    };
    use crate::testing::{fails, passes, silent};

    #[test]
    fn fails_when_off() {
        fails(&CHECK, &with_instance(|instance| instance.auto_minor_version_upgrade = false));
        let finding = fails(&CHECK, &with_cluster(|cluster| cluster.auto_minor_version_upgrade = false));
        assert_eq!(finding.resource.kind, "AWS::RDS::DBCluster");
    }

    #[test]
    fn passes_when_on() {
        passes(&CHECK, &with_instance(|_| ()));
        passes(&CHECK, &with_cluster(|_| ()));
    }

    #[test]
    fn says_nothing_of_clusters_that_leave_it_to_their_instances() {
        silent(
            &CHECK,
            &with_cluster(|cluster| {
                cluster.engine = "aurora-mysql".into();
                cluster.auto_minor_version_upgrade = false;
            }),
        );
    }

    #[test]
    fn says_nothing_of_engines_that_it_does_not_apply_to() {
        for engine in ["docdb", "custom-sqlserver-ee"] {
            silent(
                &CHECK,
                &with_instance(|instance| {
                    instance.engine = engine.into();
                    instance.auto_minor_version_upgrade = false;
                }),
            );
        }
    }
}
