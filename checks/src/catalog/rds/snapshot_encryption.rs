use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "rds-snapshot-encryption",
    severity: Severity::Medium,
    sources: &[Source::RdsClusterSnapshots, Source::RdsSnapshots],
    run: |cx| {
        cx.each_region(|cx, region| {
            super::each_snapshot(cx, region, |_, snapshot| {
                Ok(Verdict::fail_if(!snapshot.encrypted).with("source", &snapshot.source))
            });
        });
    },
};

#[cfg(test)]
mod tests {

    use super::{super::testing::snapshot, CHECK};
    use crate::{
        snapshot::{Snapshot, rds::DbSnapshot},
        testing::{denied, empty, failing, fails, passes, read, region},
    };

    fn with(snapshots: Vec<DbSnapshot>) -> Snapshot {
        let mut account = empty();
        region(&mut account).rds.snapshots = read(snapshots);
        account
    }

    fn one(encrypted: bool) -> DbSnapshot {
        DbSnapshot { encrypted, ..snapshot("arn:aws:rds:eu-west-1:111122223333:snapshot:orders-1", &[]) }
    }

    #[test]
    fn fails_when_not_encrypted() {
        assert_eq!(fails(&CHECK, &with(vec![one(false)])).evidence["source"], "orders");
        let mut account = empty();
        let cluster = snapshot("arn:aws:rds:eu-west-1:111122223333:cluster-snapshot:events-1", &[]);
        region(&mut account).rds.cluster_snapshots = read(vec![cluster]);
        assert_eq!(fails(&CHECK, &account).resource.kind, "AWS::RDS::DBClusterSnapshot");
    }

    #[test]
    fn passes_when_encrypted() {
        passes(&CHECK, &with(vec![one(true)]));
    }

    #[test]
    fn one_unread_list_does_not_hide_the_other() {
        let mut account = empty();
        region(&mut account).rds.snapshots = denied();
        region(&mut account).rds.cluster_snapshots =
            read(vec![snapshot("arn:aws:rds:eu-west-1:111122223333:cluster-snapshot:events-1", &[])]);
        assert_eq!(failing(&CHECK, &account), ["events-1"]);
    }
}
