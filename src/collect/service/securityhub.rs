//! Security Hub. A region where it is off costs one call.

use aws_audit_checks::{
    snapshot::securityhub::{HubFinding, MOST_FINDINGS, SecurityHub, op},
    source::Source,
};
use aws_sdk_securityhub::{
    Client,
    types::{
        AwsSecurityFindingFilters, SortCriterion, SortOrder, StandardsStatus, StringFilter,
        StringFilterComparison,
    },
};

use crate::collect::{
    ask::Ask,
    call::CallError,
    items::{Lacks, text},
};

pub(in crate::collect) async fn collect(ask: &Ask, account: &str) -> SecurityHub {
    let client = &ask.aws.securityhub();
    let enabled = ask.source(Source::SecurityHub, async {
        let answer = ask.call(op::DescribeHub, None, || client.describe_hub().send()).await;
        Ok(CallError::unless_absent(answer)?.is_some())
    });
    let enabled = enabled.await;
    let (standards, critical_findings, administrator, sends_ocsf) = tokio::join!(
        ask.after(Source::SecurityHubStandards, &enabled, |enabled| standards(ask, client, *enabled)),
        ask.after(Source::SecurityHubFindings, &enabled, |enabled| {
            critical_findings(ask, client, account, *enabled)
        }),
        ask.after(Source::SecurityHubAdministrator, &enabled, |enabled| administrator(ask, client, *enabled)),
        ask.after(Source::SecurityHubV2, &enabled, |enabled| sends_ocsf(ask, client, *enabled)),
    );
    SecurityHub { enabled, standards, critical_findings, administrator, sends_ocsf }
}

async fn administrator(ask: &Ask, client: &Client, enabled: bool) -> Result<Option<String>, CallError> {
    if !enabled {
        return Ok(None);
    }
    let send = || client.get_administrator_account().send();
    let answer = ask.call(op::GetAdministratorAccount, None, send).await;
    // A hub without an administrator is answered with nothing, or with an error that says so.
    let answer = CallError::unless_absent(answer)?;
    let administrator = answer.as_ref().and_then(|answer| answer.administrator());
    Ok(administrator.and_then(|administrator| administrator.account_id()).map(str::to_owned))
}

async fn sends_ocsf(ask: &Ask, client: &Client, enabled: bool) -> Result<bool, CallError> {
    if !enabled {
        return Ok(false);
    }
    let send = || client.describe_security_hub_v2().send();
    let answer = ask.call(op::DescribeSecurityHubV2, None, send).await;
    Ok(CallError::unless_absent(answer)?.is_some())
}

async fn standards(ask: &Ask, client: &Client, enabled: bool) -> Result<Vec<String>, CallError> {
    if !enabled {
        return Ok(Vec::new());
    }
    let pages = ask
        .pages(
            op::GetEnabledStandards,
            None,
            |token| client.get_enabled_standards().max_results(100).set_next_token(token).send(),
            |page| page.next_token(),
        )
        .await?;
    let subscriptions = pages.iter().flat_map(|page| page.standards_subscriptions());
    let over = |status: Option<&StandardsStatus>| {
        matches!(status, Some(StandardsStatus::Failed | StandardsStatus::Deleting))
    };
    let alive = subscriptions.filter(|subscription| !over(subscription.standards_status()));
    ask.all_items(op::GetEnabledStandards, None, alive, |subscription| {
        let arn = text(subscription.standards_arn(), "StandardsArn")?;
        match subscription.standards_status() {
            Some(StandardsStatus::Ready | StandardsStatus::Pending | StandardsStatus::Incomplete) => Ok(arn),
            _ => Err(Lacks::of(&arn)(Lacks::field("StandardsStatus"))),
        }
    })
}

fn is(value: &str) -> StringFilter {
    StringFilter::builder().value(value).comparison(StringFilterComparison::Equals).build()
}

/// The findings of this account and region: an administrator is also told its members', and the home region
/// of an aggregator those of the regions linked to it.
async fn critical_findings(
    ask: &Ask,
    client: &Client,
    account: &str,
    enabled: bool,
) -> Result<Vec<HubFinding>, CallError> {
    if !enabled {
        return Ok(Vec::new());
    }
    let filters = AwsSecurityFindingFilters::builder()
        .aws_account_id(is(account))
        .region(is(&ask.region))
        .severity_label(is("CRITICAL"))
        .record_state(is("ACTIVE"))
        .workflow_status(is("NEW"))
        .workflow_status(is("NOTIFIED"))
        .build();
    let oldest_first = SortCriterion::builder().field("CreatedAt").sort_order(SortOrder::Ascending).build();
    let pages = ask
        .pages_until(
            op::GetFindings,
            None,
            |token| {
                let get = client.get_findings().filters(filters.clone()).sort_criteria(oldest_first.clone());
                get.max_results(100).set_next_token(token).send()
            },
            |page| page.next_token(),
            |pages| pages.iter().map(|page| page.findings().len()).sum::<usize>() >= MOST_FINDINGS,
        )
        .await?;
    let findings = pages.iter().flat_map(|page| page.findings()).map(|finding| HubFinding {
        title: finding.title().unwrap_or_default().to_owned(),
        product: finding.product_name().unwrap_or_default().to_owned(),
        resource: finding.resources().first().and_then(|resource| resource.id().map(str::to_owned)),
        created: finding.created_at().and_then(|created| created.parse().ok()),
    });
    Ok(findings.collect())
}
