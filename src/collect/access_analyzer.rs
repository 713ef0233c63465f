//! IAM Access Analyzer.

use aws_audit_checks::{
    snapshot::access_analyzer::{AccessAnalyzer, Analyzer, AnalyzerFinding},
    source::Source,
};
use aws_sdk_accessanalyzer::{Client, types};
use futures_util::future::try_join_all;

use super::{Ask, CallError, sorted, timestamp};

pub(super) async fn collect(ask: &Ask) -> AccessAnalyzer {
    let client = &ask.aws.access_analyzer();
    let analyzers = ask.source(Source::AccessAnalyzers, analyzers(ask, client)).await;
    let findings = ask
        .after(Source::AccessAnalyzerFindings, &analyzers, |analyzers| findings(ask, client, analyzers))
        .await;
    AccessAnalyzer { analyzers, findings }
}

async fn analyzers(ask: &Ask, client: &Client) -> Result<Vec<Analyzer>, CallError> {
    let pages = ask
        .pages(
            "access-analyzer:ListAnalyzers",
            None,
            |token| client.list_analyzers().max_results(100).set_next_token(token).send(),
            |page| page.next_token(),
        )
        .await?;
    let analyzers = pages.iter().flat_map(|page| page.analyzers()).map(|analyzer| Analyzer {
        name: analyzer.name().to_owned(),
        arn: analyzer.arn().to_owned(),
        kind: analyzer.r#type().as_str().to_owned(),
        status: analyzer.status().as_str().to_owned(),
    });
    Ok(sorted(analyzers, |analyzer| analyzer.arn.clone()))
}

/// Of the analyzers of external access. (`ListFindings` rather than its successor: that one tells neither
/// who nor whether anyone, but for one more call for each finding.)
async fn findings(
    ask: &Ask,
    client: &Client,
    analyzers: &[Analyzer],
) -> Result<Vec<AnalyzerFinding>, CallError> {
    let external = analyzers.iter().filter(|analyzer| {
        analyzer.status == "ACTIVE" && matches!(analyzer.kind.as_str(), "ACCOUNT" | "ORGANIZATION")
    });
    let lists = try_join_all(
        external
            .map(|analyzer| async { CallError::unless_gone(findings_of(ask, client, &analyzer.arn).await) }),
    );
    Ok(sorted(lists.await?.into_iter().flatten().flatten(), |finding| finding.id.clone()))
}

async fn findings_of(ask: &Ask, client: &Client, analyzer: &str) -> Result<Vec<AnalyzerFinding>, CallError> {
    let active = types::Criterion::builder().eq("ACTIVE").build();
    let pages = ask
        .pages(
            "access-analyzer:ListFindings",
            Some(analyzer),
            |token| {
                let findings = client.list_findings().analyzer_arn(analyzer);
                findings.filter("status", active.clone()).max_results(100).set_next_token(token).send()
            },
            |page| page.next_token(),
        )
        .await?;
    let listed = pages.iter().flat_map(|page| page.findings());
    let findings = listed.filter(|finding| finding.status() == &types::FindingStatus::Active);
    Ok(findings
        .map(|finding| AnalyzerFinding {
            id: finding.id().to_owned(),
            analyzer: analyzer.to_owned(),
            resource: finding.resource().map(str::to_owned),
            resource_type: finding.resource_type().as_str().to_owned(),
            is_public: finding.is_public().unwrap_or_default(),
            principal: finding
                .principal()
                .into_iter()
                .flatten()
                .map(|(k, v)| (k.clone(), v.clone()))
                .collect(),
            actions: sorted(finding.action().to_vec(), Clone::clone),
            error: finding.error().map(str::to_owned),
            created: timestamp(finding.created_at()),
        })
        .collect())
}
