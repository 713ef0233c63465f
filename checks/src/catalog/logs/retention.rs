use crate::{
    check::Check,
    finding::{Severity, Verdict},
    gap::NotJudged,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "logs-retention",
    severity: Severity::Low,
    sources: &[Source::LogsLogGroups],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.each(region.logs.log_groups.get(), |cx, group| {
                // Its class fixes how long it keeps.
                if group.class == "DELIVERY" {
                    return Err(NotJudged::NotApplicable);
                }
                let verdict = |failed| Verdict::fail_if(failed).with("retention_days", group.retention_days);
                Ok(match group.retention_days {
                    None => verdict(true).at(Severity::Info).told_as("forever"),
                    Some(days) => verdict(days < cx.settings.min_log_retention_days),
                })
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::{
        finding::Severity,
        snapshot::{Snapshot, logs::LogGroup},
        testing::{empty, fails, passes, read, region, silent},
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
    fn passes_when_long_enough() {
        passes(&CHECK, &with_group(|_| ()));
    }

    #[test]
    fn says_nothing_of_deliveries() {
        silent(
            &CHECK,
            &with_group(|g| {
                g.class = "DELIVERY".into();
                g.retention_days = Some(2);
            }),
        );
    }

    #[test]
    fn fails_when_short_and_tells_of_ever() {
        assert_eq!(fails(&CHECK, &with_group(|g| g.retention_days = Some(364))).severity, Severity::Low);
        assert_eq!(fails(&CHECK, &with_group(|g| g.retention_days = None)).severity, Severity::Info);
    }
}
