use crate::{
    check::Check,
    finding::{Severity, Verdict},
    gap::NotJudged,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "backup-plan",
    severity: Severity::Low,
    sources: &[
        Source::BackupPlans,
        Source::RdsInstances,
        Source::RdsClusters,
        Source::Ec2Volumes,
        Source::DynamoDbTables,
    ],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.whole("AWS::Backup::BackupPlan", |_| {
                let there = !region.rds.instances.get()?.is_empty()
                    || !region.rds.clusters.get()?.is_empty()
                    || !region.ec2.volumes.get()?.is_empty()
                    || !region.dynamodb.tables.get()?.is_empty();
                if !there {
                    return Err(NotJudged::NotApplicable);
                }
                Ok(Verdict::fail_if(region.backup.plans.get()?.is_empty()))
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::{
        snapshot::{Snapshot, dynamodb::Table},
        testing::{empty, fails, passes, read, region, silent},
    };

    fn with_table(plans: &[&str]) -> Snapshot {
        let mut account = empty();
        region(&mut account).dynamodb.tables = read(vec![Table { name: "orders".into() }]);
        region(&mut account).backup.plans = read(plans.iter().map(|plan| (*plan).to_owned()).collect());
        account
    }

    #[test]
    fn fails_without() {
        fails(&CHECK, &with_table(&[]));
    }

    #[test]
    fn passes_with() {
        passes(&CHECK, &with_table(&["p1"]));
    }

    #[test]
    fn says_nothing_without_data() {
        silent(&CHECK, &empty());
    }
}
