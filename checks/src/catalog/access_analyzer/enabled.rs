use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

/// CIS 2.19.
pub(super) const CHECK: Check = Check {
    id: "access-analyzer-enabled",
    severity: Severity::Medium,
    sources: &[Source::AccessAnalyzers],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.whole("AWS::AccessAnalyzer::Analyzer", |_| {
                let analyzers = region.access_analyzer.analyzers.get()?;
                // The other kinds look for unused or internal access.
                let external = |kind: &str| kind == "ACCOUNT" || kind == "ORGANIZATION";
                let active = analyzers.iter().any(|a| a.status == "ACTIVE" && external(&a.kind));
                let others: Vec<_> =
                    analyzers.iter().map(|a| format!("{} ({}, {})", a.name, a.kind, a.status)).collect();
                let verdict = Verdict::fail_if(!active).with("analyzers", &others);
                Ok(if others.is_empty() { verdict } else { verdict.told_as("other_analyzers") })
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::{
        snapshot::{Snapshot, access_analyzer::Analyzer},
        testing::{denied, empty, fails, passes, read, region, unknown},
    };

    fn with(kind: &str, status: &str) -> Snapshot {
        let analyzer = Analyzer {
            name: "a".into(),
            arn: "arn:aws:access-analyzer:eu-west-1:111122223333:analyzer/a".into(),
            kind: kind.into(),
            status: status.into(),
        };
        let mut account = empty();
        region(&mut account).access_analyzer.analyzers = read(vec![analyzer]);
        account
    }

    #[test]
    fn fails_without_an_analyzer() {
        assert_eq!(fails(&CHECK, &empty()).resource.id, "eu-west-1");
    }

    #[test]
    fn fails_when_none_looks_for_external_access() {
        fails(&CHECK, &with("ACCOUNT_UNUSED_ACCESS", "ACTIVE"));
        fails(&CHECK, &with("ACCOUNT", "DISABLED"));
    }

    #[test]
    fn passes_with_an_active_one_of_account_or_organization() {
        passes(&CHECK, &with("ACCOUNT", "ACTIVE"));
        passes(&CHECK, &with("ORGANIZATION", "ACTIVE"));
    }

    #[test]
    fn unknown_when_not_readable() {
        let mut account = empty();
        region(&mut account).access_analyzer.analyzers = denied();
        unknown(&CHECK, &account);
    }
}
