use crate::{
    check::Check,
    finding::{Severity, Verdict},
    gap::NotJudged,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "rds-multi-az",
    severity: Severity::Low,
    sources: &[Source::RdsClusters, Source::RdsInstances],
    run: |cx| {
        cx.each_region(|cx, region| {
            super::each_own_instance(cx, region, |_, instance| {
                // A replica is itself the second copy.
                if instance.read_replica_source.is_some() {
                    return Err(NotJudged::NotApplicable);
                }
                Ok(Verdict::fail_if(!instance.multi_az).with("engine", &instance.engine))
            });
            super::each_cluster(cx, region, |_, cluster| {
                Ok(Verdict::fail_if(!cluster.multi_az).with("engine", &cluster.engine))
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
    fn fails_in_a_single_zone() {
        fails(&CHECK, &with_instance(|instance| instance.multi_az = false));
        fails(&CHECK, &with_cluster(|cluster| cluster.multi_az = false));
    }

    #[test]
    fn passes_in_several() {
        passes(&CHECK, &with_instance(|_| ()));
        passes(&CHECK, &with_cluster(|_| ()));
    }

    #[test]
    fn says_nothing_of_replicas_and_members() {
        silent(
            &CHECK,
            &with_instance(|instance| {
                (instance.read_replica_source, instance.multi_az) = (Some("orders".into()), false);
            }),
        );
        silent(
            &CHECK,
            &with_instance(|instance| {
                (instance.cluster, instance.multi_az) = (Some("events".into()), false);
            }),
        );
    }
}
