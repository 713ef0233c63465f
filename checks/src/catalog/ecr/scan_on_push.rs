use crate::{
    analysis::policy::pattern,
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "ecr-scan-on-push",
    severity: Severity::Medium,
    sources: &[Source::EcrRepositories, Source::EcrRegistryScanning],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.each_known(&region.ecr.repositories, |_, repository| {
                let scanning = region.ecr.scanning.get()?;
                let mut rules = scanning.rules.iter().filter(|rule| rule.frequency != "MANUAL");
                let covered =
                    rules.any(|rule| rule.filters.iter().any(|filter| selects(filter, &repository.name)));
                // The registry's rules, where there are any, replace the repositories' own settings; so does enhanced
                // scanning.
                let own_counts = scanning.rules.is_empty() && scanning.kind != "ENHANCED";
                let scanned = covered || own_counts && repository.scan_on_push;
                Ok(Verdict::fail_if(!scanned)
                    .with("scan_type", &scanning.kind)
                    .with("scan_on_push", repository.scan_on_push))
            });
        });
    },
};

/// Whether a filter of the scanning configuration selects a repository: without `*` it selects names that hold
/// it, as if there were one at both ends (Amazon ECR User Guide, "Filters").
fn selects(filter: &str, repository: &str) -> bool {
    if filter.contains('*') { pattern::matches(filter, repository) } else { repository.contains(filter) }
}

#[cfg(test)]
mod tests {
    use super::{super::testing::with_repository, CHECK};
    use crate::{
        snapshot::{
            Snapshot,
            ecr::{RegistryScanning, ScanningRule},
        },
        testing::{fails, passes, read, region},
    };

    fn with_rule(filter: &str, frequency: &str) -> Snapshot {
        let mut account = with_repository(|_| ());
        region(&mut account).ecr.scanning = read(RegistryScanning {
            kind: "ENHANCED".into(),
            rules: vec![ScanningRule { frequency: frequency.into(), filters: vec![filter.into()] }],
        });
        account
    }

    #[test]
    fn fails_when_nothing_scans_it() {
        fails(&CHECK, &with_repository(|r| r.scan_on_push = false));
        fails(&CHECK, &with_rule("other*", "SCAN_ON_PUSH"));
        fails(&CHECK, &with_rule("*", "MANUAL"));
    }

    #[test]
    fn passes_when_something_does() {
        passes(&CHECK, &with_repository(|_| ()));
        passes(&CHECK, &with_rule("*", "CONTINUOUS_SCAN"));
        passes(&CHECK, &with_rule("team/*", "SCAN_ON_PUSH"));
        passes(&CHECK, &with_rule("app", "SCAN_ON_PUSH"));
    }
}
