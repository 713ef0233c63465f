use crate::{
    check::Check,
    finding::{Severity, Verdict},
    gap::NotJudged,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "inspector-coverage",
    severity: Severity::Low,
    sources: &[Source::InspectorStatus, Source::InspectorCoverage],
    run: |cx| {
        cx.each_region(|cx, region| match region.inspector.uncovered.get() {
            Ok(uncovered) if uncovered.is_empty() => cx.whole("AWS::InspectorV2::Filter", |_| {
                let on = region.inspector.status.get()?.values().any(|status| status == "ENABLED");
                if on { Ok(Verdict::pass()) } else { Err(NotJudged::NotApplicable) }
            }),
            uncovered => cx.each(uncovered, |_, resource| {
                Ok(Verdict::fail()
                    .with("reason", &resource.reason)
                    .with("resource_type", &resource.resource_type))
            }),
        });
    },
};

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::{
        snapshot::{Snapshot, inspector::Uncovered},
        testing::{denied, empty, fails, passes, read, region, silent, unknown},
    };

    fn with_status(status: &str) -> Snapshot {
        let mut account = empty();
        region(&mut account).inspector.status = read([("ec2".to_owned(), status.to_owned())].into());
        account
    }

    #[test]
    fn passes_when_all_are_scanned() {
        passes(&CHECK, &with_status("ENABLED"));
    }

    #[test]
    fn says_nothing_where_it_is_off() {
        silent(&CHECK, &with_status("DISABLED"));
    }

    #[test]
    fn unknown_when_not_readable() {
        let mut account = empty();
        region(&mut account).inspector.uncovered = denied();
        unknown(&CHECK, &account);
    }

    #[test]
    fn fails_for_each_that_is_not() {
        let mut account = with_status("ENABLED");
        region(&mut account).inspector.uncovered = read(vec![Uncovered {
            resource: "i-1".into(),
            resource_type: "AWS_EC2_INSTANCE".into(),
            reason: "UNMANAGED_EC2_INSTANCE".into(),
        }]);
        fails(&CHECK, &account);
    }
}
