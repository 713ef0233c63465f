use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "rds-snapshot-public",
    severity: Severity::Critical,
    sources: &[Source::RdsClusterSnapshots, Source::RdsSnapshots],
    run: |cx| {
        cx.each_region(|cx, region| {
            super::each_snapshot(cx, region, |_, snapshot| {
                let public = snapshot.restorable_by.get()?.iter().any(|account| account == "all");
                Ok(Verdict::fail_if(public)
                    .with("source", &snapshot.source)
                    .with("encrypted", snapshot.encrypted))
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::snapshot, CHECK};
    use crate::{
        snapshot::{Snapshot, rds::DbSnapshot},
        testing::{empty, fails, passes, read, region},
    };

    const OF_INSTANCE: &str = "arn:aws:rds:eu-west-1:111122223333:snapshot:before-migration";
    const OF_CLUSTER: &str = "arn:aws:rds:eu-west-1:111122223333:cluster-snapshot:before-migration";

    fn with(restorable_by: &[&str]) -> Snapshot {
        let mut account = empty();
        region(&mut account).rds.snapshots = read(vec![snapshot(OF_INSTANCE, restorable_by)]);
        account
    }

    #[test]
    fn fails_when_everyone_may_restore() {
        assert_eq!(fails(&CHECK, &with(&["all"])).resource.kind, "AWS::RDS::DBSnapshot");
        let mut account = empty();
        region(&mut account).rds.cluster_snapshots =
            read(vec![snapshot(OF_CLUSTER, &["444455556666", "all"])]);
        assert_eq!(fails(&CHECK, &account).resource.kind, "AWS::RDS::DBClusterSnapshot");
    }

    #[test]
    fn snapshots_of_clusters_are_of_their_service() {
        for (engine, kind) in [
            ("docdb", "AWS::DocDB::DBClusterSnapshot"),
            ("neptune", "AWS::Neptune::DBClusterSnapshot"),
            ("", "AWS::RDS::DBClusterSnapshot"),
        ] {
            let mut account = empty();
            let snapshot = DbSnapshot { engine: engine.into(), ..snapshot(OF_CLUSTER, &["all"]) };
            region(&mut account).rds.cluster_snapshots = read(vec![snapshot]);
            assert_eq!(fails(&CHECK, &account).resource.kind, kind);
        }
    }

    #[test]
    fn passes_when_shared_with_accounts_only() {
        passes(&CHECK, &with(&[]));
        passes(&CHECK, &with(&["444455556666"]));
    }
}
