//! IAM Access Analyzer.

use aws_audit_checks::{
    snapshot::access_analyzer::{AccessAnalyzer, Analyzer, AnalyzerFinding, op},
    source::Source,
};
use aws_sdk_accessanalyzer::{Client, types};
use futures_util::future::try_join_all;

use crate::collect::{
    ask::{Ask, sorted, timestamp},
    call::CallError,
    items::{Read, text},
};

pub(in crate::collect) async fn collect(ask: &Ask) -> AccessAnalyzer {
    let client = &ask.aws.access_analyzer();
    let analyzers = ask.list(Source::AccessAnalyzers, analyzers(ask, client)).await;
    let findings = ask
        .after(Source::AccessAnalyzerFindings, &analyzers, |analyzers| findings(ask, client, analyzers))
        .await;
    AccessAnalyzer { analyzers, findings }
}

async fn analyzers(ask: &Ask, client: &Client) -> Result<Read<Vec<Analyzer>>, CallError> {
    let operation = op::ListAnalyzers;
    let pages = ask
        .pages(
            operation,
            None,
            |token| client.list_analyzers().max_results(100).set_next_token(token).send(),
            |page| page.next_token(),
        )
        .await?;
    let listed = pages.iter().flat_map(|page| page.analyzers());
    let analyzers = ask.items(operation, listed, |analyzer| {
        Ok(Analyzer {
            name: analyzer.name().to_owned(),
            arn: text(analyzer.arn(), "arn")?,
            kind: analyzer.r#type().as_str().to_owned(),
            status: analyzer.status().as_str().to_owned(),
        })
    });
    Ok(analyzers.sorted(|analyzer| analyzer.arn.clone()))
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
    let operation = op::ListFindings;
    let pages = ask
        .pages(
            operation,
            Some(analyzer),
            |token| {
                let findings = client.list_findings().analyzer_arn(analyzer);
                findings.filter("status", active.clone()).max_results(100).set_next_token(token).send()
            },
            |page| page.next_token(),
        )
        .await?;
    let listed = pages.iter().flat_map(|page| page.findings());
    // Those of a status that is none that is known are not known to be over.
    let over = |status: &types::FindingStatus| {
        matches!(status, types::FindingStatus::Archived | types::FindingStatus::Resolved)
    };
    let findings = listed.filter(|finding| !over(finding.status()));
    ask.all_items(operation, Some(analyzer), findings, |finding| {
        Ok(AnalyzerFinding {
            id: text(finding.id(), "id")?,
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
    })
}
