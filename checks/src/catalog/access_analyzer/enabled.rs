use crate::{
    check::Check,
    finding::{Severity, Verdict},
    snapshot::access_analyzer::Analyzer,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "access-analyzer-enabled",
    severity: Severity::Medium,
    sources: &[Source::AccessAnalyzers],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.whole("AWS::AccessAnalyzer::Analyzer", |_| {
                let analyzers = region.access_analyzer.analyzers.get()?;
                let external = || analyzers.iter().filter(|analyzer| finds_external_access(analyzer));
                let verdict = Verdict::fail_if(!external().any(|analyzer| analyzer.status == "ACTIVE"));
                Ok(match external().next() {
                    None => verdict.with("analyzers", analyzers),
                    Some(analyzer) => verdict
                        .told_as("not_active")
                        .with("analyzer", &analyzer.name)
                        .with("analyzer_status", &analyzer.status)
                        .with("analyzers", analyzers),
                })
            });
        });
    },
};

/// CIS 2.19 is about external access: analyzers of unused or internal access find other things.
fn finds_external_access(analyzer: &Analyzer) -> bool {
    ["ACCOUNT", "ORGANIZATION"].contains(&analyzer.kind.as_str())
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::{
        snapshot::{Snapshot, access_analyzer::Analyzer},
        testing::{denied, empty, fails, passes, read, region, unknown},
    };

    fn with_analyzers(analyzers: &[(&str, &str)]) -> Snapshot {
        let analyzers = analyzers.iter().map(|&(kind, status)| Analyzer {
            name: kind.to_lowercase(),
            arn: format!("arn:aws:access-analyzer:eu-west-1:111122223333:analyzer/{}", kind.to_lowercase()),
            kind: kind.into(),
            status: status.into(),
        });
        let mut account = empty();
        region(&mut account).access_analyzer.analyzers = read(analyzers.collect());
        account
    }

    #[test]
    fn fails_without_an_analyzer() {
        let finding = fails(&CHECK, &empty());
        assert_eq!((finding.resource.id.as_str(), finding.variant), ("eu-west-1", None));
    }

    #[test]
    fn fails_when_other_things_are_analyzed() {
        let others = [("ACCOUNT_UNUSED_ACCESS", "ACTIVE"), ("ORGANIZATION_INTERNAL_ACCESS", "ACTIVE")];
        assert_eq!(fails(&CHECK, &with_analyzers(&others)).variant, None);
    }

    #[test]
    fn fails_when_not_active() {
        for status in ["CREATING", "DISABLED", "FAILED"] {
            let finding = fails(&CHECK, &with_analyzers(&[("ACCOUNT", status)]));
            assert_eq!(
                (finding.variant, &finding.evidence["analyzer_status"]),
                (Some("not_active"), &status.into())
            );
        }
    }

    #[test]
    fn passes_with_an_active_one_of_the_account_or_the_organization() {
        passes(&CHECK, &with_analyzers(&[("ACCOUNT", "ACTIVE")]));
        passes(&CHECK, &with_analyzers(&[("ACCOUNT", "FAILED"), ("ORGANIZATION", "ACTIVE")]));
    }

    #[test]
    fn judges_every_region() {
        let mut account = empty();
        let mut second = account.regions["eu-west-1"].clone();
        second.access_analyzer =
            with_analyzers(&[("ACCOUNT", "ACTIVE")]).regions["eu-west-1"].access_analyzer.clone();
        account.regions.insert("eu-west-2".into(), second);
        assert_eq!(crate::testing::failing(&CHECK, &account), ["eu-west-1"]);
    }

    #[test]
    fn unknown_when_not_readable() {
        let mut account = empty();
        region(&mut account).access_analyzer.analyzers = denied();
        unknown(&CHECK, &account);
    }
}
