//! GuardDuty.

use aws_audit_checks::{
    snapshot::guardduty::{Detector, GuardDuty, HighFinding, HighFindings, op},
    source::Source,
};
use serde_json::{Map, json};

use crate::collect::{
    api::{GUARDDUTY, Node, Request, Token, encoded},
    ask::Ask,
    call::CallError,
    items::{Lacks, Read},
};

/// Where GuardDuty begins to call a finding high.
const HIGH: i64 = 7;
/// Most findings that one call tells (API Reference, GetFindings).
const WORST: usize = 50;
const NEXT: Token = Token::named("nextToken");

pub(in crate::collect) async fn collect(ask: &Ask, account: &str) -> GuardDuty {
    let detectors = ask.list(Source::GuardDutyDetectors, async {
        let request = Request::get("/detector").with("maxResults", 50);
        let ids = GUARDDUTY.texts(ask, op::ListDetectors, None, request, ("detectorIds", NEXT)).await?;
        let detectors = Read::from(ids).try_then(ask, |id| detector(ask, id));
        Ok(detectors.await.sorted(|detector| detector.id.clone()))
    });
    let detectors = detectors.await;
    let findings = ask.each(
        Source::GuardDutyFindings,
        &detectors,
        |detector| &detector.id,
        |id| high_findings(ask, account, id),
    );
    let administrators = ask.each(
        Source::GuardDutyAdministrator,
        &detectors,
        |detector| &detector.id,
        |id| administrator(ask, id),
    );
    let (findings, administrators) = tokio::join!(findings, administrators);
    GuardDuty { detectors, findings, administrators }
}

/// The path of a detector.
fn path(detector: &str) -> String {
    format!("/detector/{}", encoded(detector))
}

/// None where it went away since it was listed.
async fn detector(ask: &Ask, id: String) -> Result<Option<Detector>, CallError> {
    let operation = op::GetDetector;
    let answer = GUARDDUTY.one(ask, operation, Some(&id), Request::get(path(&id))).await;
    let Some(answer) = CallError::unless_gone(answer)? else { return Ok(None) };
    let features = ask.item(operation, Some(&id), answer.list("features"))?;
    let features = ask.all_items(operation, Some(&id), features, |feature| {
        Ok((feature.required("name")?, feature.text("status")? == Some("ENABLED")))
    })?;
    Ok(Some(Detector {
        enabled: ask.item(operation, Some(&id), answer.text("status"))? == Some("ENABLED"),
        features: features.into_iter().collect(),
        id,
    }))
}

async fn administrator(ask: &Ask, detector: &str) -> Result<Option<String>, CallError> {
    let operation = op::GetAdministratorAccount;
    let request = Request::get(format!("{}/administrator", path(detector)));
    let answer = GUARDDUTY.one(ask, operation, Some(detector), request).await;
    // A detector without an administrator is answered with nothing, or with an error that says so.
    let answer = CallError::unless_absent(answer)?.unwrap_or_default();
    let administrator = ask.item(operation, Some(detector), answer.get("administrator").text("accountId"))?;
    Ok(administrator.map(str::to_owned))
}

/// The findings of this account that nobody has archived, worst first: all are counted, the worst are told.
/// An administrator's detector also lists those of its members.
async fn high_findings(ask: &Ask, account: &str, detector: &str) -> Result<HighFindings, CallError> {
    let operation = op::ListFindings;
    let criteria: Map<_, _> = [
        ("accountId", json!({"equals": [account]})),
        ("severity", json!({"greaterThanOrEqual": HIGH})),
        ("service.archived", json!({"equals": ["false"]})),
    ]
    .map(|(attribute, condition)| (attribute.to_owned(), condition))
    .into_iter()
    .collect();
    let request = Request::post(format!("{}/findings", path(detector)))
        .with("findingCriteria", json!({"criterion": criteria}))
        .with("sortCriteria", json!({"attributeName": "severity", "orderBy": "DESC"}))
        .with("maxResults", WORST);
    let mut ids = GUARDDUTY.texts(ask, operation, Some(detector), request, ("findingIds", NEXT)).await?;
    let count = ids.len();
    if ids.is_empty() {
        return Ok(HighFindings::default());
    }
    ids.truncate(WORST);
    let operation = op::GetFindings;
    let request = Request::post(format!("{}/findings/get", path(detector))).with("findingIds", ids);
    let answer = GUARDDUTY.one(ask, operation, Some(detector), request).await?;
    let findings = ask.item(operation, Some(detector), answer.list("findings"))?;
    let worst = ask.all_items(operation, Some(detector), findings, |finding| {
        let time = |text: Option<&str>| text.and_then(|text| text.parse().ok());
        Ok(HighFinding {
            kind: finding.text("type")?.unwrap_or_default().to_owned(),
            severity: finding.float("severity")?.unwrap_or_default(),
            resource: running(finding.get("resource"))?,
            created: time(finding.text("createdAt")?),
            updated: time(finding.text("updatedAt")?),
        })
    })?;
    Ok(HighFindings { count, worst })
}

/// The instance or function that a finding is about.
fn running(resource: &Node) -> Result<Option<String>, Lacks> {
    let instance = resource.get("instanceDetails").text("instanceId")?;
    let function = resource.get("lambdaDetails").text("functionArn")?;
    Ok(instance.or(function).map(str::to_owned))
}
