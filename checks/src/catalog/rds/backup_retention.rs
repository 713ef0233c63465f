use crate::{
    check::{Check, Context},
    finding::{Severity, Verdict},
    gap::NotJudged,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "rds-backup-retention",
    severity: Severity::Medium,
    sources: &[Source::RdsClusters, Source::RdsInstances],
    run: |cx| {
        cx.each_region(|cx, region| {
            super::each_own_instance(cx, region, |cx, instance| {
                // A replica's data is its source's, which has the backups.
                if instance.read_replica_source.is_some() {
                    return Err(NotJudged::NotApplicable);
                }
                Ok(kept_for(instance.backup_retention_days, cx))
            });
            super::each_cluster(cx, region, |cx, cluster| Ok(kept_for(cluster.backup_retention_days, cx)));
        });
    },
};

fn kept_for(days: i32, cx: &Context<'_>) -> Verdict {
    let limit = cx.settings.min_backup_days;
    Verdict::fail_if(days < limit).with("days", days).with("limit_days", limit)
}

#[cfg(test)]
mod tests {

    use super::{
        super::testing::{with_cluster, with_instance},
        CHECK,
    };
    use crate::testing::{fails, passes, silent};
    use crate::{settings::Settings, testing::fails_with};

    #[test]
    fn fails_when_kept_for_too_short() {
        let finding = fails(&CHECK, &with_instance(|instance| instance.backup_retention_days = 6));
        assert_eq!((&finding.evidence["days"], &finding.evidence["limit_days"]), (&6.into(), &7.into()));
        fails(&CHECK, &with_instance(|instance| instance.backup_retention_days = 0));
        fails(&CHECK, &with_cluster(|cluster| cluster.backup_retention_days = 1));
        let settings = Settings { min_backup_days: 14, ..Settings::default() };
        fails_with(&settings, &CHECK, &with_instance(|_| ()));
    }

    #[test]
    fn passes_at_the_limit() {
        passes(&CHECK, &with_instance(|instance| instance.backup_retention_days = 7));
        passes(&CHECK, &with_cluster(|_| ()));
    }

    #[test]
    fn says_nothing_of_replicas_and_members() {
        silent(
            &CHECK,
            &with_instance(|instance| {
                (instance.read_replica_source, instance.backup_retention_days) = (Some("orders".into()), 0);
            }),
        );
        silent(
            &CHECK,
            &with_instance(|instance| {
                (instance.cluster, instance.backup_retention_days) = (Some("events".into()), 1);
            }),
        );
    }
}
