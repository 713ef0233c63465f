use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "rds-deletion-protection",
    severity: Severity::Low,
    sources: &[Source::RdsClusters, Source::RdsInstances],
    run: |cx| {
        cx.each_region(|cx, region| {
            // Members of a cluster go with it.
            super::each_own_instance(cx, region, |_, instance| {
                Ok(Verdict::fail_if(!instance.deletion_protection).with("engine", &instance.engine))
            });
            super::each_cluster(cx, region, |_, cluster| {
                Ok(Verdict::fail_if(!cluster.deletion_protection).with("engine", &cluster.engine))
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
        fails(&CHECK, &with_instance(|instance| instance.deletion_protection = false));
        fails(&CHECK, &with_cluster(|cluster| cluster.deletion_protection = false));
    }

    #[test]
    fn passes_when_on() {
        passes(&CHECK, &with_instance(|_| ()));
        passes(&CHECK, &with_cluster(|_| ()));
    }

    #[test]
    fn says_nothing_of_members() {
        silent(
            &CHECK,
            &with_instance(|instance| {
                (instance.cluster, instance.deletion_protection) = (Some("events".into()), false);
            }),
        );
    }
}
