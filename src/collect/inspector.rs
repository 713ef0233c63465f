//! Inspector. A region where it is off costs one call.

use std::collections::BTreeMap;

use aws_audit_checks::{
    snapshot::inspector::{Inspector, Uncovered, Vulnerability},
    source::Source,
};
use aws_sdk_inspector2::{
    Client,
    types::{
        CoverageFilterCriteria, CoverageStringComparison, CoverageStringFilter, FilterCriteria,
        StringComparison, StringFilter,
    },
};

use super::{Ask, CallError, sorted, timestamp};

/// Findings that are read at most: each resource's are counted and summarised.
const MOST_PAGES: usize = 50;

pub(super) async fn collect(ask: &Ask, account: &str) -> Inspector {
    let client = &ask.aws.inspector();
    let status = ask.source(Source::InspectorStatus, status(ask, client, account)).await;
    let (critical_findings, uncovered) = tokio::join!(
        ask.after(Source::InspectorFindings, &status, |status| critical_findings(ask, client, status)),
        ask.after(Source::InspectorCoverage, &status, |status| uncovered(ask, client, status)),
    );
    Inspector { status, critical_findings, uncovered }
}

fn is_on(status: &BTreeMap<String, String>) -> bool {
    status.values().any(|status| status == "ENABLED")
}

async fn status(ask: &Ask, client: &Client, account: &str) -> Result<BTreeMap<String, String>, CallError> {
    let operation = "inspector2:BatchGetAccountStatus";
    let send = || client.batch_get_account_status().account_ids(account).send();
    let answer = ask.call(operation, None, send).await?;
    let Some(state) = answer.accounts().first().and_then(|account| account.resource_state()) else {
        return Err(ask.unreadable(operation, None, "no status of the account"));
    };
    let parts = [
        ("ec2", state.ec2()),
        ("ecr", state.ecr()),
        ("lambda", state.lambda()),
        ("lambda_code", state.lambda_code()),
    ];
    let told = parts.into_iter().filter_map(|(part, state)| Some((part, state?.status().as_str())));
    Ok(told.map(|(part, status)| (part.to_owned(), status.to_owned())).collect())
}

async fn critical_findings(
    ask: &Ask,
    client: &Client,
    status: &BTreeMap<String, String>,
) -> Result<Vec<Vulnerability>, CallError> {
    let mut findings = Vec::new();
    if !is_on(status) {
        return Ok(findings);
    }
    let mut criteria = FilterCriteria::builder();
    for (set, value) in [
        (FilterCriteriaField::Severity, "CRITICAL"),
        (FilterCriteriaField::Status, "ACTIVE"),
        (FilterCriteriaField::FixAvailable, "YES"),
    ] {
        let filter = StringFilter::builder().comparison(StringComparison::Equals).value(value);
        let filter =
            filter.build().map_err(|error| ask.unreadable(LIST_FINDINGS, None, error.to_string()))?;
        criteria = match set {
            FilterCriteriaField::Severity => criteria.severity(filter),
            FilterCriteriaField::Status => criteria.finding_status(filter),
            FilterCriteriaField::FixAvailable => criteria.fix_available(filter),
        };
    }
    let criteria = criteria.build();
    let mut token = None;
    for _ in 0..MOST_PAGES {
        let send = || {
            let list = client.list_findings().filter_criteria(criteria.clone());
            list.max_results(100).set_next_token(token.clone()).send()
        };
        let page = ask.call(LIST_FINDINGS, None, send).await?;
        findings.extend(page.findings().iter().filter_map(|finding| {
            let package = finding.package_vulnerability_details();
            let id = package.map(|details| details.vulnerability_id()).or(finding.title());
            let resource = finding.resources().first()?;
            Some(Vulnerability {
                id: id.unwrap_or_default().to_owned(),
                resource: resource.id().to_owned(),
                resource_type: resource.r#type().as_str().to_owned(),
                first_observed: timestamp(finding.first_observed_at()),
            })
        }));
        token = page.next_token().filter(|token| !token.is_empty()).map(str::to_owned);
        if token.is_none() {
            break;
        }
    }
    Ok(sorted(findings, |finding| (finding.resource.clone(), finding.id.clone())))
}

const LIST_FINDINGS: &str = "inspector2:ListFindings";

/// The fields of a finding that are asked for.
enum FilterCriteriaField {
    Severity,
    Status,
    FixAvailable,
}

async fn uncovered(
    ask: &Ask,
    client: &Client,
    status: &BTreeMap<String, String>,
) -> Result<Vec<Uncovered>, CallError> {
    if !is_on(status) {
        return Ok(Vec::new());
    }
    let operation = "inspector2:ListCoverage";
    let inactive =
        CoverageStringFilter::builder().comparison(CoverageStringComparison::Equals).value("INACTIVE");
    let inactive = inactive.build().map_err(|error| ask.unreadable(operation, None, error.to_string()))?;
    let criteria = CoverageFilterCriteria::builder().scan_status_code(inactive).build();
    let pages = ask
        .pages(
            operation,
            None,
            |token| {
                let list = client.list_coverage().filter_criteria(criteria.clone());
                list.max_results(200).set_next_token(token).send()
            },
            |page| page.next_token(),
        )
        .await?;
    let resources = pages.iter().flat_map(|page| page.covered_resources()).map(|resource| Uncovered {
        resource: resource.resource_id().to_owned(),
        resource_type: resource.resource_type().as_str().to_owned(),
        reason: resource.scan_status().map_or("", |status| status.reason().as_str()).to_owned(),
    });
    Ok(sorted(resources, |resource| resource.resource.clone()))
}
