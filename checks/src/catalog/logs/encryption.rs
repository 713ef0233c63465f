use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "logs-encryption",
    severity: Severity::Info,
    sources: &[Source::LogsLogGroups],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.each_known(&region.logs.log_groups, |_, group| Ok(Verdict::fail_if(group.kms_key.is_none())));
        });
    },
};

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::{
        snapshot::{Snapshot, logs::LogGroup},
        testing::{empty, fails, passes, read, region},
    };

    fn with_group(change: impl FnOnce(&mut LogGroup)) -> Snapshot {
        let mut group = LogGroup {
            name: "/app".into(),
            arn: "arn:group".into(),
            retention_days: Some(365),
            kms_key: Some("arn:key".into()),
            class: "STANDARD".into(),
        };
        change(&mut group);
        let mut account = empty();
        region(&mut account).logs.log_groups = read(vec![group]);
        account
    }

    #[test]
    fn fails_without() {
        fails(&CHECK, &with_group(|g| g.kms_key = None));
    }

    #[test]
    fn passes_with() {
        passes(&CHECK, &with_group(|_| ()));
    }
}
