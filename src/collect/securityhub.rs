//! Security Hub. A region where it is off costs one call.

use aws_audit_checks::{
    snapshot::securityhub::{HubFinding, SecurityHub},
    source::Source,
};
use aws_sdk_securityhub::{
    Client,
    types::{
        AwsSecurityFindingFilters, SortCriterion, SortOrder, StandardsStatus, StringFilter,
        StringFilterComparison,
    },
};

use super::{Ask, CallError};

/// Findings that are read at most: they are counted and summarised, and a thousand say enough.
const MOST_PAGES: usize = 10;

pub(super) async fn collect(ask: &Ask) -> SecurityHub {
    let client = &ask.aws.securityhub();
    let enabled = ask.source(Source::SecurityHub, async {
        let answer = ask.call("securityhub:DescribeHub", None, || client.describe_hub().send()).await;
        // How Security Hub says that the account is not subscribed to it.
        Ok(CallError::unless_absent(answer, &["InvalidAccessException", "ResourceNotFoundException"])?
            .is_some())
    });
    let enabled = enabled.await;
    let (standards, critical_findings) = tokio::join!(
        ask.after(Source::SecurityHubStandards, &enabled, |enabled| standards(ask, client, *enabled)),
        ask.after(Source::SecurityHubFindings, &enabled, |enabled| critical_findings(ask, client, *enabled)),
    );
    SecurityHub { enabled, standards, critical_findings }
}

async fn standards(ask: &Ask, client: &Client, enabled: bool) -> Result<Vec<String>, CallError> {
    if !enabled {
        return Ok(Vec::new());
    }
    let pages = ask
        .pages(
            "securityhub:GetEnabledStandards",
            None,
            |token| client.get_enabled_standards().max_results(100).set_next_token(token).send(),
            |page| page.next_token(),
        )
        .await?;
    let subscriptions = pages.iter().flat_map(|page| page.standards_subscriptions());
    let alive = subscriptions.filter(|subscription| {
        !matches!(subscription.standards_status(), Some(StandardsStatus::Failed | StandardsStatus::Deleting))
    });
    Ok(alive.filter_map(|subscription| subscription.standards_arn().map(str::to_owned)).collect())
}

fn is(value: &str) -> StringFilter {
    StringFilter::builder().value(value).comparison(StringFilterComparison::Equals).build()
}

async fn critical_findings(ask: &Ask, client: &Client, enabled: bool) -> Result<Vec<HubFinding>, CallError> {
    let mut findings = Vec::new();
    if !enabled {
        return Ok(findings);
    }
    let filters = AwsSecurityFindingFilters::builder()
        .severity_label(is("CRITICAL"))
        .record_state(is("ACTIVE"))
        .workflow_status(is("NEW"))
        .workflow_status(is("NOTIFIED"))
        .build();
    let oldest_first = SortCriterion::builder().field("CreatedAt").sort_order(SortOrder::Ascending).build();
    let mut token = None;
    for _ in 0..MOST_PAGES {
        let send = || {
            let get = client.get_findings().filters(filters.clone()).sort_criteria(oldest_first.clone());
            get.max_results(100).set_next_token(token.clone()).send()
        };
        let page = ask.call("securityhub:GetFindings", None, send).await?;
        findings.extend(page.findings().iter().map(|finding| HubFinding {
            title: finding.title().unwrap_or_default().to_owned(),
            product: finding.product_name().unwrap_or_default().to_owned(),
            resource: finding.resources().first().and_then(|resource| resource.id().map(str::to_owned)),
            created: finding.created_at().and_then(|created| created.parse().ok()),
        }));
        token = page.next_token().filter(|token| !token.is_empty()).map(str::to_owned);
        if token.is_none() {
            break;
        }
    }
    Ok(findings)
}
