//! GuardDuty.

use aws_audit_checks::{
    snapshot::guardduty::{Detector, GuardDuty, HighFinding, HighFindings, op},
    source::Source,
};
use aws_sdk_guardduty::{
    Client,
    types::{Condition, DetectorStatus, FeatureStatus, FindingCriteria, OrderBy, Resource, SortCriteria},
};

use crate::collect::{
    ask::Ask,
    call::CallError,
    items::{Read, text},
};

/// Where GuardDuty begins to call a finding high.
const HIGH: i64 = 7;

pub(in crate::collect) async fn collect(ask: &Ask, account: &str) -> GuardDuty {
    let client = &ask.aws.guardduty();
    let detectors = ask.list(Source::GuardDutyDetectors, async {
        let pages = ask
            .pages(
                op::ListDetectors,
                None,
                |token| client.list_detectors().max_results(50).set_next_token(token).send(),
                |page| page.next_token(),
            )
            .await?;
        let ids = Read::from(pages.iter().flat_map(|page| page.detector_ids()).collect::<Vec<_>>());
        let detectors = ids.try_then(ask, |id| async move {
            let operation = op::GetDetector;
            let send = || client.get_detector().detector_id(id).send();
            let answer = ask.call(operation, Some(id), send).await;
            let Some(answer) = CallError::unless_gone(answer)? else { return Ok(None) };
            let features = ask.all_items(operation, Some(id), answer.features(), |feature| {
                let name = text(feature.name().map(|name| name.as_str()), "name")?;
                Ok((name, feature.status() == Some(&FeatureStatus::Enabled)))
            })?;
            Ok(Some(Detector {
                id: id.clone(),
                enabled: answer.status() == Some(&DetectorStatus::Enabled),
                features: features.into_iter().collect(),
            }))
        });
        Ok(detectors.await.sorted(|detector| detector.id.clone()))
    });
    let detectors = detectors.await;
    let findings = ask.each(
        Source::GuardDutyFindings,
        &detectors,
        |detector| &detector.id,
        |id| high_findings(ask, client, account, id),
    );
    let administrators = ask.each(
        Source::GuardDutyAdministrator,
        &detectors,
        |detector| &detector.id,
        |id| administrator(ask, client, id),
    );
    let (findings, administrators) = tokio::join!(findings, administrators);
    GuardDuty { detectors, findings, administrators }
}

async fn administrator(ask: &Ask, client: &Client, detector: &str) -> Result<Option<String>, CallError> {
    let send = || client.get_administrator_account().detector_id(detector).send();
    let answer = ask.call(op::GetAdministratorAccount, Some(detector), send).await;
    // A detector without an administrator is answered with nothing, or with an error that says so.
    let answer = CallError::unless_absent(answer)?;
    let administrator = answer.as_ref().and_then(|answer| answer.administrator()?.account_id());
    Ok(administrator.map(str::to_owned))
}

/// The findings of this account that nobody has archived, worst first: all are counted, the worst are told.
/// An administrator's detector also lists those of its members.
async fn high_findings(
    ask: &Ask,
    client: &Client,
    account: &str,
    detector: &str,
) -> Result<HighFindings, CallError> {
    let criteria = FindingCriteria::builder()
        .criterion("accountId", Condition::builder().equals(account).build())
        .criterion("severity", Condition::builder().greater_than_or_equal(HIGH).build())
        .criterion("service.archived", Condition::builder().equals("false").build())
        .build();
    let worst_first = SortCriteria::builder().attribute_name("severity").order_by(OrderBy::Desc).build();
    let pages = ask
        .pages(
            op::ListFindings,
            Some(detector),
            |token| {
                let list = client.list_findings().detector_id(detector).finding_criteria(criteria.clone());
                list.sort_criteria(worst_first.clone()).max_results(50).set_next_token(token).send()
            },
            |page| page.next_token(),
        )
        .await?;
    let count = pages.iter().map(|page| page.finding_ids().len()).sum();
    let worst = pages.first().map(|page| page.finding_ids().to_vec()).unwrap_or_default();
    if worst.is_empty() {
        return Ok(HighFindings { count, worst: Vec::new() });
    }
    let send = || client.get_findings().detector_id(detector).set_finding_ids(Some(worst.clone())).send();
    let answer = ask.call(op::GetFindings, Some(detector), send).await?;
    let time = |text: Option<&str>| text.and_then(|text| text.parse().ok());
    let worst = answer.findings().iter().map(|finding| HighFinding {
        kind: finding.r#type().unwrap_or_default().to_owned(),
        severity: finding.severity().unwrap_or_default(),
        resource: finding.resource().and_then(running).map(str::to_owned),
        created: time(finding.created_at()),
        updated: time(finding.updated_at()),
    });
    Ok(HighFindings { count, worst: worst.collect() })
}

/// The instance or function that a finding is about.
fn running(resource: &Resource) -> Option<&str> {
    let instance = resource.instance_details().and_then(|instance| instance.instance_id());
    instance.or_else(|| resource.lambda_details()?.function_arn())
}
