//! Inspector. A region where it is off costs one call.

use std::collections::BTreeMap;

use aws_audit_checks::{
    snapshot::inspector::{Inspector, MOST_FINDINGS, Uncovered, Vulnerability, op},
    source::Source,
};
use aws_sdk_inspector2::{
    Client,
    types::{
        CoverageFilterCriteria, CoverageStringComparison, CoverageStringFilter, FilterCriteria,
        StringComparison, StringFilter,
    },
};

use crate::collect::{
    ask::{Ask, sorted, timestamp},
    call::CallError,
    items::{Lacks, text},
};

pub(in crate::collect) async fn collect(ask: &Ask, account: &str) -> Inspector {
    let client = &ask.aws.inspector();
    let status = ask.source(Source::InspectorStatus, status(ask, client, account)).await;
    let (critical_findings, uncovered) = tokio::join!(
        ask.after(Source::InspectorFindings, &status, |status| {
            critical_findings(ask, client, account, status)
        }),
        ask.after(Source::InspectorCoverage, &status, |status| { uncovered(ask, client, account, status) }),
    );
    Inspector { status, critical_findings, uncovered }
}

fn is_on(status: &BTreeMap<String, String>) -> bool {
    status.values().any(|status| status == "ENABLED")
}

async fn status(ask: &Ask, client: &Client, account: &str) -> Result<BTreeMap<String, String>, CallError> {
    let operation = op::BatchGetAccountStatus;
    let send = || client.batch_get_account_status().account_ids(account).send();
    let answer = ask.call(operation, None, send).await?;
    let Some(state) = answer.accounts().first().and_then(|account| account.resource_state()) else {
        let failed = answer.failed_accounts().first().map(|account| account.error_code().as_str());
        let message = format!("no status of the account: {}", failed.unwrap_or("not in the answer"));
        return Err(ask.unreadable(operation, None, message));
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

/// The findings of this account: a delegated administrator is also told those of its members.
async fn critical_findings(
    ask: &Ask,
    client: &Client,
    account: &str,
    status: &BTreeMap<String, String>,
) -> Result<Vec<Vulnerability>, CallError> {
    if !is_on(status) {
        return Ok(Vec::new());
    }
    let is = |value: &str| {
        let filter = StringFilter::builder().comparison(StringComparison::Equals).value(value);
        filter.build().map_err(|error| ask.unreadable(op::ListFindings, None, error.to_string()))
    };
    let criteria = FilterCriteria::builder()
        .aws_account_id(is(account)?)
        .severity(is("CRITICAL")?)
        .finding_status(is("ACTIVE")?)
        .fix_available(is("YES")?)
        .build();
    let pages = ask
        .pages_until(
            op::ListFindings,
            None,
            |token| {
                let list = client.list_findings().filter_criteria(criteria.clone());
                list.max_results(100).set_next_token(token).send()
            },
            |page| page.next_token(),
            |pages| pages.iter().map(|page| page.findings().len()).sum::<usize>() >= MOST_FINDINGS,
        )
        .await?;
    let findings = pages.iter().flat_map(|page| page.findings());
    let findings = ask.all_items(op::ListFindings, None, findings, |finding| {
        let package = finding.package_vulnerability_details();
        let id = package.map(|details| details.vulnerability_id()).or(finding.title());
        let resource = finding.resources().first().ok_or(Lacks::field("resources"))?;
        Ok(Vulnerability {
            id: text(id, "title")?,
            resource: text(resource.id(), "resources.id")?,
            resource_type: resource.r#type().as_str().to_owned(),
            first_observed: timestamp(finding.first_observed_at()),
        })
    })?;
    Ok(sorted(findings, |finding| (finding.resource.clone(), finding.id.clone())))
}

/// Instances and repositories of this account that are not scanned although their kind is.
async fn uncovered(
    ask: &Ask,
    client: &Client,
    account: &str,
    status: &BTreeMap<String, String>,
) -> Result<Vec<Uncovered>, CallError> {
    let kinds = [("ec2", "AWS_EC2_INSTANCE"), ("ecr", "AWS_ECR_REPOSITORY")];
    let on = |part: &str| status.get(part).is_some_and(|status| status == "ENABLED");
    let kinds: Vec<_> = kinds.into_iter().filter(|(part, _)| on(part)).map(|(_, kind)| kind).collect();
    if kinds.is_empty() {
        return Ok(Vec::new());
    }
    let is = |value: &str| {
        let filter = CoverageStringFilter::builder().comparison(CoverageStringComparison::Equals);
        let filter = filter.value(value).build();
        filter.map_err(|error| ask.unreadable(op::ListCoverage, None, error.to_string()))
    };
    let kinds = kinds.into_iter().map(is).collect::<Result<_, _>>()?;
    let criteria = CoverageFilterCriteria::builder()
        .account_id(is(account)?)
        .scan_status_code(is("INACTIVE")?)
        .set_resource_type(Some(kinds))
        .build();
    let pages = ask
        .pages(
            op::ListCoverage,
            None,
            |token| {
                let list = client.list_coverage().filter_criteria(criteria.clone());
                list.max_results(200).set_next_token(token).send()
            },
            |page| page.next_token(),
        )
        .await?;
    let covered = pages.iter().flat_map(|page| page.covered_resources());
    let resources = ask.all_items(op::ListCoverage, None, covered, |resource| {
        Ok(Uncovered {
            resource: text(resource.resource_id(), "resourceId")?,
            resource_type: resource.resource_type().as_str().to_owned(),
            reason: resource.scan_status().map_or("", |status| status.reason().as_str()).to_owned(),
        })
    });
    Ok(sorted(resources?, |resource| resource.resource.clone()))
}
