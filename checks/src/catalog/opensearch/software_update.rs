use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

/// OpenSearch.10.
pub(super) const CHECK: Check = Check {
    id: "opensearch-software-update",
    severity: Severity::Low,
    sources: &[Source::OpenSearchDomains],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.each(region.opensearch.domains.get(), |_, domain| {
                let required = domain.update.as_ref().filter(|update| !update.optional);
                let Some(update) = required else { return Ok(Verdict::pass()) };
                Ok(Verdict::fail()
                    .with("new_version", &update.new_version)
                    .with("applied_after", update.applied_after))
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::with_domain, CHECK};
    use crate::{
        snapshot::{Snapshot, opensearch::SoftwareUpdate},
        testing::{denied, empty, fails, passes, region, unknown},
    };

    fn with_update(optional: bool) -> Snapshot {
        with_domain(|domain| domain.update = Some(SoftwareUpdate { optional, ..SoftwareUpdate::default() }))
    }

    #[test]
    fn fails_when_required() {
        fails(&CHECK, &with_update(false));
    }

    #[test]
    fn passes_when_none_or_optional() {
        passes(&CHECK, &with_update(true));
        passes(&CHECK, &with_domain(|_| ()));
    }

    #[test]
    fn unknown_when_not_readable() {
        let mut account = empty();
        region(&mut account).opensearch.domains = denied();
        unknown(&CHECK, &account);
    }
}
