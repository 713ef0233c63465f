use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "rds-cluster-encryption",
    severity: Severity::Medium,
    sources: &[Source::RdsClusters],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.each_known(&region.rds.clusters, |_, cluster| {
                Ok(Verdict::fail_if(!cluster.storage_encrypted).with("engine", &cluster.engine))
            });
        });
    },
};

#[cfg(test)]
mod tests {

    use super::{super::testing::with_cluster, CHECK};
    use crate::testing::{denied, empty, fails, passes, region, unknown};

    #[test]
    fn fails_when_not_encrypted() {
        let finding = fails(&CHECK, &with_cluster(|cluster| cluster.storage_encrypted = false));
        assert_eq!(finding.evidence["engine"], "mysql");
    }

    #[test]
    fn passes_when_encrypted() {
        passes(&CHECK, &with_cluster(|_| ()));
    }

    #[test]
    fn clusters_are_of_their_service() {
        for (engine, kind) in [
            ("aurora-mysql", "AWS::RDS::DBCluster"),
            ("docdb", "AWS::DocDB::DBCluster"),
            ("neptune", "AWS::Neptune::DBCluster"),
        ] {
            let account = with_cluster(|cluster| {
                (cluster.storage_encrypted, cluster.engine) = (false, engine.into());
            });
            assert_eq!(fails(&CHECK, &account).types, [kind]);
        }
    }

    #[test]
    fn an_unread_list_may_hold_three_types() {
        let mut account = empty();
        region(&mut account).rds.clusters = denied();
        assert_eq!(unknown(&CHECK, &account).types.len(), 3);
    }
}
