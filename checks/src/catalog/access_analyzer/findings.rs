use crate::{
    check::Check,
    finding::{Severity, Verdict},
    gap::NotJudged,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "access-analyzer-findings",
    severity: Severity::High,
    sources: &[Source::AccessAnalyzers, Source::AccessAnalyzerFindings],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.each(region.access_analyzer.findings.get(), |cx, finding| {
                // A resource that the analyzer itself could not look at says nothing of access to it.
                if finding.error.is_some() {
                    return Err(NotJudged::NotApplicable);
                }
                let days = finding.created.map(|created| cx.days_since(created));
                let verdict = Verdict::fail()
                    .with("resource", finding.resource.as_ref().unwrap_or(&finding.id))
                    .with("resource_type", &finding.resource_type)
                    .with("principals", finding.principal.values().collect::<Vec<_>>())
                    .with("actions", &finding.actions)
                    .with("analyzer", &finding.analyzer)
                    .with("open_days", days);
                Ok(if finding.is_public { verdict.at(Severity::Critical).told_as("public") } else { verdict })
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::{
        finding::Severity,
        snapshot::{Snapshot, access_analyzer::AnalyzerFinding},
        testing::{ago, empty, fails, findings, read, region, silent},
    };

    fn with(change: impl FnOnce(&mut AnalyzerFinding)) -> Snapshot {
        let mut finding = AnalyzerFinding {
            id: "0a1b2c3d".into(),
            analyzer: "arn:aws:access-analyzer:eu-west-1:111122223333:analyzer/a".into(),
            resource: Some("arn:aws:s3:::reports".into()),
            resource_type: "AWS::S3::Bucket".into(),
            is_public: false,
            principal: [("AWS".to_owned(), "444455556666".to_owned())].into(),
            actions: vec!["s3:GetObject".into()],
            error: None,
            created: Some(ago(10)),
        };
        change(&mut finding);
        let mut account = empty();
        region(&mut account).access_analyzer.findings = read(vec![finding]);
        account
    }

    #[test]
    fn fails_for_each_active_finding() {
        let finding = fails(&CHECK, &with(|_| ()));
        assert_eq!((finding.severity, &finding.evidence["open_days"]), (Severity::High, &10.into()));
        assert_eq!(finding.resource.arn, "arn:aws:s3:::reports");
    }

    #[test]
    fn is_critical_when_public() {
        let account = with(|finding| finding.is_public = true);
        assert_eq!(findings(&CHECK, &account)[0].severity, Severity::Critical);
        fails(&CHECK, &account);
    }

    #[test]
    fn says_nothing_of_errors_and_where_nothing_was_found() {
        silent(&CHECK, &with(|finding| finding.error = Some("ACCESS_DENIED".into())));
        silent(&CHECK, &empty());
    }
}
