//! Inspector. A region where it is off costs one call.

use std::collections::BTreeMap;

use aws_audit_checks::{
    snapshot::inspector::{Inspector, MOST_FINDINGS, Uncovered, Vulnerability, op},
    source::Source,
};
use serde_json::{Value, json};

use crate::collect::{
    api::{INSPECTOR, Node, Request, Token},
    ask::{Ask, sorted},
    call::CallError,
    items::{Lacks, text},
};

const NEXT: Token = Token::named("nextToken");

pub(in crate::collect) async fn collect(ask: &Ask, account: &str) -> Inspector {
    let status = ask.source(Source::InspectorStatus, status(ask, account)).await;
    let (critical_findings, uncovered) = tokio::join!(
        ask.after(Source::InspectorFindings, &status, |status| critical_findings(ask, account, status)),
        ask.after(Source::InspectorCoverage, &status, |status| uncovered(ask, account, status)),
    );
    Inspector { status, critical_findings, uncovered }
}

fn is_on(status: &BTreeMap<String, String>) -> bool {
    status.values().any(|status| status == "ENABLED")
}

async fn status(ask: &Ask, account: &str) -> Result<BTreeMap<String, String>, CallError> {
    let operation = op::BatchGetAccountStatus;
    let request = Request::post("/status/batch/get").with("accountIds", json!([account]));
    let answer = INSPECTOR.one(ask, operation, None, request).await?;
    let accounts = ask.item(operation, None, answer.list("accounts"))?;
    let state = accounts.first().map_or(&Node::Null, |account| account.get("resourceState"));
    if *state == Node::Null {
        let failed = ask.item(operation, None, answer.list("failedAccounts"))?;
        let failed = failed.first().map_or(Ok(None), |account| account.text("errorCode"));
        let failed = ask.item(operation, None, failed)?;
        let message = format!("no status of the account: {}", failed.unwrap_or("not in the answer"));
        return Err(ask.unreadable(operation, None, message));
    }
    let parts = [
        ("ec2", state.get("ec2")),
        ("ecr", state.get("ecr")),
        ("lambda", state.get("lambda")),
        ("lambda_code", state.get("lambdaCode")),
    ];
    let told = parts.into_iter().filter(|(_, state)| **state != Node::Null);
    let told =
        told.map(|(part, state)| Ok((part.to_owned(), ask.item(operation, None, state.required("status"))?)));
    told.collect()
}

/// A filter for exactly that value.
fn is(value: &str) -> Value {
    json!([{"comparison": "EQUALS", "value": value}])
}

/// The findings of this account: a delegated administrator is also told those of its members.
async fn critical_findings(
    ask: &Ask,
    account: &str,
    status: &BTreeMap<String, String>,
) -> Result<Vec<Vulnerability>, CallError> {
    if !is_on(status) {
        return Ok(Vec::new());
    }
    let operation = op::ListFindings;
    let criteria = json!({
        "awsAccountId": is(account),
        "severity": is("CRITICAL"),
        "findingStatus": is("ACTIVE"),
        "fixAvailable": is("YES"),
    });
    let request = Request::post("/findings/list").with("filterCriteria", criteria).with("maxResults", 100);
    let findings = INSPECTOR.list_until(ask, operation, request, ("findings", NEXT), MOST_FINDINGS).await?;
    let findings = ask.all_items(operation, None, &findings, |finding| {
        let package = finding.get("packageVulnerabilityDetails");
        let id = package.text("vulnerabilityId")?.or(finding.text("title")?);
        let resources = finding.list("resources")?;
        let resource = resources.first().ok_or(Lacks::field("resources"))?;
        Ok(Vulnerability {
            id: text(id, "title")?,
            resource: text(resource.text("id")?, "resources.id")?,
            resource_type: resource.text("type")?.unwrap_or_default().to_owned(),
            first_observed: finding.time("firstObservedAt")?,
        })
    })?;
    Ok(sorted(findings, |finding| (finding.resource.clone(), finding.id.clone())))
}

/// Instances and repositories of this account that are not scanned although their kind is.
async fn uncovered(
    ask: &Ask,
    account: &str,
    status: &BTreeMap<String, String>,
) -> Result<Vec<Uncovered>, CallError> {
    let kinds = [("ec2", "AWS_EC2_INSTANCE"), ("ecr", "AWS_ECR_REPOSITORY")];
    let on = |part: &str| status.get(part).is_some_and(|status| status == "ENABLED");
    let kinds: Vec<_> = kinds.into_iter().filter(|(part, _)| on(part)).map(|(_, kind)| kind).collect();
    if kinds.is_empty() {
        return Ok(Vec::new());
    }
    let operation = op::ListCoverage;
    let kinds: Vec<_> =
        kinds.into_iter().map(|kind| json!({"comparison": "EQUALS", "value": kind})).collect();
    let criteria = json!({
        "accountId": is(account),
        "scanStatusCode": is("INACTIVE"),
        "resourceType": kinds,
    });
    let request = Request::post("/coverage/list").with("filterCriteria", criteria).with("maxResults", 200);
    let covered = INSPECTOR.list(ask, operation, None, request, ("coveredResources", NEXT)).await?;
    let resources = ask.all_items(operation, None, &covered, |resource| {
        Ok(Uncovered {
            resource: resource.required("resourceId")?,
            resource_type: resource.text("resourceType")?.unwrap_or_default().to_owned(),
            reason: resource.get("scanStatus").text("reason")?.unwrap_or_default().to_owned(),
        })
    });
    Ok(sorted(resources?, |resource| resource.resource.clone()))
}
