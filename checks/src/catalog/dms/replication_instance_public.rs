use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "dms-replication-instance-public",
    severity: Severity::Critical,
    sources: &[Source::DmsReplicationInstances],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.each_known(&region.dms.replication_instances, |_, instance| {
                Ok(Verdict::fail_if(instance.publicly_accessible)
                    .with("security_groups", &instance.security_groups))
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::{
        snapshot::{Snapshot, dms::ReplicationInstance},
        testing::{empty, fails, passes, read, region},
    };

    fn with_instance(publicly_accessible: bool) -> Snapshot {
        let mut account = empty();
        region(&mut account).dms.replication_instances = read(vec![ReplicationInstance {
            id: "orders".into(),
            arn: "arn:aws:dms:eu-west-1:111122223333:rep:ORDERS".into(),
            publicly_accessible,
            security_groups: vec!["sg-1".into()],
        }]);
        account
    }

    #[test]
    fn fails_with_a_public_address() {
        let finding = fails(&CHECK, &with_instance(true));
        assert_eq!(finding.evidence["security_groups"], serde_json::json!(["sg-1"]));
    }

    #[test]
    fn passes_without() {
        passes(&CHECK, &with_instance(false));
    }
}
