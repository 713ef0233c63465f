use crate::{
    check::Check,
    finding::{Severity, Verdict},
    gap::NotJudged,
    source::Source,
};

/// Engines with IAM database authentication (RDS User Guide, "Availability"; RDS.10 and RDS.12 name the same).
const SUPPORTING: [&str; 5] = ["aurora-mysql", "aurora-postgresql", "mariadb", "mysql", "postgres"];

pub(super) const CHECK: Check = Check {
    id: "rds-iam-authentication",
    severity: Severity::Low,
    sources: &[Source::RdsClusters, Source::RdsInstances],
    run: |cx| {
        cx.each_region(|cx, region| {
            // Members of a cluster have its setting.
            super::each_own_instance(cx, region, |_, instance| {
                if !SUPPORTING.contains(&instance.engine.as_str()) {
                    return Err(NotJudged::NotApplicable);
                }
                Ok(Verdict::fail_if(!instance.iam_authentication).with("engine", &instance.engine))
            });
            super::each_cluster(cx, region, |_, cluster| {
                if !SUPPORTING.contains(&cluster.engine.as_str()) {
                    return Err(NotJudged::NotApplicable);
                }
                Ok(Verdict::fail_if(!cluster.iam_authentication).with("engine", &cluster.engine))
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
        fails(&CHECK, &with_instance(|instance| instance.iam_authentication = false));
        fails(&CHECK, &with_cluster(|cluster| cluster.iam_authentication = false));
    }

    #[test]
    fn passes_when_on() {
        passes(&CHECK, &with_instance(|_| ()));
        passes(&CHECK, &with_cluster(|_| ()));
    }

    #[test]
    fn says_nothing_of_other_engines_and_of_members() {
        silent(
            &CHECK,
            &with_instance(|instance| {
                (instance.engine, instance.iam_authentication) = ("oracle-ee".into(), false);
            }),
        );
        silent(
            &CHECK,
            &with_instance(|instance| {
                (instance.cluster, instance.iam_authentication) = (Some("events".into()), false);
            }),
        );
        silent(
            &CHECK,
            &with_cluster(|cluster| {
                (cluster.engine, cluster.iam_authentication) = ("docdb".into(), false);
            }),
        );
    }
}
