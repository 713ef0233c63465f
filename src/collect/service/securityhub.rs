//! Security Hub. A region where it is off costs one call.

use aws_audit_checks::{
    snapshot::securityhub::{HubFinding, MOST_FINDINGS, SecurityHub, op},
    source::Source,
};
use serde_json::{Value, json};

use crate::collect::{
    api::{Node, Request, SECURITY_HUB, Token},
    ask::Ask,
    call::CallError,
    items::Lacks,
};

const NEXT: Token = Token::named("NextToken");

pub(in crate::collect) async fn collect(ask: &Ask, account: &str) -> SecurityHub {
    let enabled = ask.source(Source::SecurityHub, async {
        let answer = SECURITY_HUB.one(ask, op::DescribeHub, None, Request::get("/accounts")).await;
        Ok(CallError::unless_absent(answer)?.is_some())
    });
    let enabled = enabled.await;
    let (standards, critical_findings, administrator, sends_ocsf) = tokio::join!(
        ask.after(Source::SecurityHubStandards, &enabled, |enabled| standards(ask, *enabled)),
        ask.after(Source::SecurityHubFindings, &enabled, |enabled| critical_findings(ask, account, *enabled)),
        ask.after(Source::SecurityHubAdministrator, &enabled, |enabled| administrator(ask, *enabled)),
        ask.after(Source::SecurityHubV2, &enabled, |enabled| sends_ocsf(ask, *enabled)),
    );
    SecurityHub { enabled, standards, critical_findings, administrator, sends_ocsf }
}

async fn administrator(ask: &Ask, enabled: bool) -> Result<Option<String>, CallError> {
    if !enabled {
        return Ok(None);
    }
    let operation = op::GetAdministratorAccount;
    let answer = SECURITY_HUB.one(ask, operation, None, Request::get("/administrator")).await;
    // A hub without an administrator is answered with nothing, or with an error that says so.
    let answer = CallError::unless_absent(answer)?.unwrap_or_default();
    let administrator = ask.item(operation, None, answer.get("Administrator").text("AccountId"))?;
    Ok(administrator.map(str::to_owned))
}

async fn sends_ocsf(ask: &Ask, enabled: bool) -> Result<bool, CallError> {
    if !enabled {
        return Ok(false);
    }
    let answer = SECURITY_HUB.one(ask, op::DescribeSecurityHubV2, None, Request::get("/hubv2")).await;
    Ok(CallError::unless_absent(answer)?.is_some())
}

async fn standards(ask: &Ask, enabled: bool) -> Result<Vec<String>, CallError> {
    if !enabled {
        return Ok(Vec::new());
    }
    let operation = op::GetEnabledStandards;
    let request = Request::post("/standards/get").with("MaxResults", 100);
    let subscriptions = ("StandardsSubscriptions", NEXT);
    let subscriptions = SECURITY_HUB.list(ask, operation, None, request, subscriptions).await?;
    let is_over = |subscription: &&Node| {
        matches!(subscription.text("StandardsStatus"), Ok(Some("FAILED" | "DELETING")))
    };
    let alive = subscriptions.iter().filter(|subscription| !is_over(subscription));
    ask.all_items(operation, None, alive, |subscription| {
        let arn = subscription.required("StandardsArn")?;
        match subscription.text("StandardsStatus").map_err(Lacks::of(&arn))? {
            Some("READY" | "PENDING" | "INCOMPLETE") => Ok(arn),
            _ => Err(Lacks::of(&arn)(Lacks::field("StandardsStatus"))),
        }
    })
}

fn is(value: &str) -> Value {
    json!({"Value": value, "Comparison": "EQUALS"})
}

/// The findings of this account and region: an administrator is also told its members', and the home region
/// of an aggregator those of the regions linked to it.
async fn critical_findings(ask: &Ask, account: &str, enabled: bool) -> Result<Vec<HubFinding>, CallError> {
    if !enabled {
        return Ok(Vec::new());
    }
    let operation = op::GetFindings;
    let filters = json!({
        "AwsAccountId": [is(account)],
        "Region": [is(&ask.region)],
        "SeverityLabel": [is("CRITICAL")],
        "RecordState": [is("ACTIVE")],
        "WorkflowStatus": [is("NEW"), is("NOTIFIED")],
    });
    let oldest_first = json!([{"Field": "CreatedAt", "SortOrder": "asc"}]);
    let request = Request::post("/findings").with("Filters", filters).with("SortCriteria", oldest_first);
    let request = request.with("MaxResults", 100);
    let findings =
        SECURITY_HUB.list_until(ask, operation, request, ("Findings", NEXT), MOST_FINDINGS).await?;
    ask.all_items(operation, None, &findings, |finding| {
        let resources = finding.list("Resources")?;
        let resource = resources.first().map_or(Ok(None), |resource| resource.text("Id"))?;
        Ok(HubFinding {
            title: finding.text("Title")?.unwrap_or_default().to_owned(),
            product: finding.text("ProductName")?.unwrap_or_default().to_owned(),
            resource: resource.map(str::to_owned),
            // What integrations of others send may be no time.
            created: finding.text("CreatedAt")?.and_then(|created| created.parse().ok()),
        })
    })
}
