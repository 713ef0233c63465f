//! IAM Access Analyzer.

use aws_audit_checks::{
    snapshot::access_analyzer::{AccessAnalyzer, Analyzer},
    source::Source,
};

use super::{Ask, sorted};

pub(super) async fn collect(ask: &Ask) -> AccessAnalyzer {
    let client = &ask.aws.access_analyzer();
    let analyzers = ask.source(Source::AccessAnalyzers, async {
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
    });
    AccessAnalyzer { analyzers: analyzers.await }
}
