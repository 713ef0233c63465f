use crate::{
    check::Check,
    finding::{Severity, Verdict},
    gap::Gap,
    snapshot::opensearch::op,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "opensearch-software-update",
    severity: Severity::Low,
    sources: &[Source::OpenSearchDomains],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.each(region.opensearch.domains.get(), |cx, domain| {
                let Some(update) = &domain.update else { return Ok(Verdict::pass()) };
                let optional = update.optional.ok_or_else(|| {
                    let why = "an update of which is not said whether it is required";
                    Gap::unreadable(op::DescribeDomains, Some(cx.place().region), Some(&domain.name), why)
                })?;
                let verdict = Verdict::fail_if(!optional)
                    .with("new_version", &update.new_version)
                    .with("update_status", &update.status)
                    .with("applied_after", update.applied_after);
                Ok(if update.status == "NOT_ELIGIBLE" { verdict.told_as("blocked") } else { verdict })
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::with_domain, CHECK};
    use crate::{
        snapshot::{Snapshot, opensearch::SoftwareUpdate},
        testing::{fails, passes, unknown},
    };

    fn with_update(optional: Option<bool>, status: &str) -> Snapshot {
        let update = SoftwareUpdate {
            optional,
            new_version: "OpenSearch_2_19_R20260901".into(),
            status: status.into(),
            ..SoftwareUpdate::default()
        };
        with_domain(|domain| domain.update = Some(update))
    }

    #[test]
    fn fails_when_required() {
        assert_eq!(fails(&CHECK, &with_update(Some(false), "ELIGIBLE")).variant, None);
        assert_eq!(fails(&CHECK, &with_update(Some(false), "NOT_ELIGIBLE")).variant, Some("blocked"));
    }

    #[test]
    fn passes_when_none_or_optional() {
        passes(&CHECK, &with_update(Some(true), "ELIGIBLE"));
        passes(&CHECK, &with_domain(|_| ()));
    }

    #[test]
    fn an_update_that_may_be_optional_is_not_fine() {
        unknown(&CHECK, &with_update(None, "ELIGIBLE"));
    }
}
