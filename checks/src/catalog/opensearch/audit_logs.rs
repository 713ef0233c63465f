use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "opensearch-audit-logs",
    severity: Severity::Low,
    sources: &[Source::OpenSearchDomains],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.each_known(&region.opensearch.domains, |_, domain| {
                let on = domain.logs.iter().any(|log| log == "AUDIT_LOGS");
                Ok(Verdict::fail_if(!on).with("logs", &domain.logs))
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::with_domain, CHECK};
    use crate::testing::{fails, passes};

    #[test]
    fn fails_without() {
        fails(&CHECK, &with_domain(|d| d.logs = vec!["INDEX_SLOW_LOGS".into()]));
    }

    #[test]
    fn passes_with() {
        passes(&CHECK, &with_domain(|_| ()));
    }
}
