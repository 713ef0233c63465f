use crate::{
    check::Check,
    finding::{Severity, Verdict},
    gap::NotJudged,
    snapshot::inspector::Uncovered,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "inspector-coverage",
    severity: Severity::Low,
    sources: &[Source::InspectorStatus, Source::InspectorCoverage],
    run: |cx| {
        cx.each_region(|cx, region| {
            let lacking = region.inspector.uncovered.get().map(|uncovered| {
                let lacks = |resource: &&Uncovered| !INTENDED.contains(&resource.reason.as_str());
                uncovered.iter().filter(lacks).collect::<Vec<_>>()
            });
            match lacking {
                Ok(lacking) if lacking.is_empty() => cx.whole("AWS::InspectorV2::Filter", |_| {
                    let status = region.inspector.status.get()?;
                    let on = |part| status.get(part).is_some_and(|status| status == "ENABLED");
                    if on("ec2") || on("ecr") { Ok(Verdict::pass()) } else { Err(NotJudged::NotApplicable) }
                }),
                lacking => cx.each(lacking, |_, resource| {
                    Ok(Verdict::fail()
                        .with("reason", &resource.reason)
                        .with("resource_type", &resource.resource_type))
                }),
            }
        });
    },
};

/// Reasons that are no lack: the resource does not run or is gone, somebody left it out, its scan is under
/// way, or Inspector mends it by itself.
const INTENDED: [&str; 9] = [
    "EC2_INSTANCE_STOPPED",
    "EXCLUDED_BY_TAG",
    "IMAGE_ARCHIVED",
    "INTERNAL_ERROR",
    "NO_RESOURCES_FOUND",
    "PENDING_DISABLE",
    "PENDING_INITIAL_SCAN",
    "RESOURCE_TERMINATED",
    "SCAN_IN_PROGRESS",
];

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::{
        snapshot::{Snapshot, inspector::Uncovered},
        testing::{empty, fails, passes, read, region, silent},
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
        let mut functions_only = with_status("DISABLED");
        let parts = [("ec2", "DISABLED"), ("ecr", "DISABLED"), ("lambda", "ENABLED")];
        let parts = parts.map(|(part, status)| (part.to_owned(), status.to_owned()));
        region(&mut functions_only).inspector.status = read(parts.into());
        silent(&CHECK, &functions_only);
    }

    #[test]
    fn fails_for_each_that_is_not() {
        for reason in ["UNMANAGED_EC2_INSTANCE", "STALE_INVENTORY", "NO_INVENTORY", "SCAN_FREQUENCY_MANUAL"] {
            assert_eq!(fails(&CHECK, &with_uncovered(reason)).evidence["reason"], reason);
        }
    }

    fn with_uncovered(reason: &str) -> Snapshot {
        let mut account = with_status("ENABLED");
        region(&mut account).inspector.uncovered = read(vec![Uncovered {
            resource: "i-1".into(),
            resource_type: "AWS_EC2_INSTANCE".into(),
            reason: reason.into(),
        }]);
        account
    }

    #[test]
    fn passes_when_the_reason_is_no_lack() {
        for reason in [
            // It does not run, or is gone.
            "EC2_INSTANCE_STOPPED",
            "RESOURCE_TERMINATED",
            "IMAGE_ARCHIVED",
            "NO_RESOURCES_FOUND",
            // Somebody wants it so.
            "EXCLUDED_BY_TAG",
            "PENDING_DISABLE",
            // It comes by itself.
            "PENDING_INITIAL_SCAN",
            "SCAN_IN_PROGRESS",
            "INTERNAL_ERROR",
        ] {
            passes(&CHECK, &with_uncovered(reason));
        }
    }
}
