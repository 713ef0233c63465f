//! Findings as EventBridge delivers them: with every field that a rule is likely to name, so that a pattern is
//! judged on what it asks for and not on what a sample left out (GuardDuty User Guide, "Processing GuardDuty
//! findings with Amazon EventBridge"; Security Hub User Guide, "EventBridge event formats").

use serde_json::{Value, json};

use crate::snapshot::Place;

const TIME: &str = "2026-11-01T12:00:00Z";
const ID: &str = "12abc34d567e8fa901bc2d34e56789f0";

fn event(
    place: &Place<'_>,
    source: &str,
    detail_type: &str,
    resource: Option<&str>,
    detail: &Value,
) -> Value {
    json!({
        "version": "0",
        "id": "cd2d702e-ab31-411b-9344-793ce56b1bc7",
        "detail-type": detail_type,
        "source": source,
        "account": place.account,
        "time": TIME,
        "region": place.region,
        "resources": resource.as_slice(),
        "detail": detail,
    })
}

/// A finding of GuardDuty in this account and region: its type, what it is about (`Instance`, `AccessKey`, …)
/// and its severity.
#[must_use]
pub fn guardduty(place: &Place<'_>, kind: &str, resource_type: &str, severity: f64) -> Value {
    let detail = json!({
        "schemaVersion": "2.0",
        "accountId": place.account,
        "region": place.region,
        "partition": place.partition,
        "id": ID,
        "arn": place.arn("guardduty", &format!("detector/{ID}/finding/{ID}")),
        "type": kind,
        "resource": {"resourceType": resource_type},
        "service": {
            "serviceName": "guardduty",
            "detectorId": ID,
            "resourceRole": "TARGET",
            "eventFirstSeen": TIME,
            "eventLastSeen": TIME,
            "archived": false,
            "count": 1,
            "additionalInfo": null,
        },
        "severity": severity,
        "createdAt": TIME,
        "updatedAt": TIME,
        "title": "A finding",
        "description": "A finding",
    });
    event(place, "aws.guardduty", "GuardDuty Finding", None, &detail)
}

/// A new critical finding of Security Hub (CSPM) in this account and region, in the format ASFF.
#[must_use]
pub fn security_hub(place: &Place<'_>) -> Value {
    let id = place.arn("securityhub", &format!("security-control/IAM.4/finding/{ID}"));
    // Products are nobody's: their ARNs have no account.
    let product = Place { account: "", ..*place }.arn("securityhub", "product/aws/securityhub");
    let finding = json!({
        "SchemaVersion": "2018-10-08",
        "Id": id,
        "ProductArn": product,
        "ProductName": "Security Hub",
        "CompanyName": "AWS",
        "Region": place.region,
        "GeneratorId": "security-control/IAM.4",
        "AwsAccountId": place.account,
        "Types": ["Software and Configuration Checks/Industry and Regulatory Standards"],
        "FirstObservedAt": TIME,
        "LastObservedAt": TIME,
        "CreatedAt": TIME,
        "UpdatedAt": TIME,
        "Severity": {"Label": "CRITICAL", "Normalized": 90, "Original": "CRITICAL"},
        "Title": "A finding",
        "Description": "A finding",
        "ProductFields": {
            "aws/securityhub/ProductName": "Security Hub",
            "aws/securityhub/CompanyName": "AWS",
            "aws/securityhub/FindingId": format!("{product}/{id}"),
        },
        "Resources": [{
            "Type": "AwsAccount",
            "Id": format!("AWS::::Account:{}", place.account),
            "Partition": place.partition,
            "Region": place.region,
        }],
        "Compliance": {
            "Status": "FAILED",
            "SecurityControlId": "IAM.4",
            "AssociatedStandards": [{"StandardsId": "standards/aws-foundational-security-best-practices/v/1.0.0"}],
        },
        "WorkflowState": "NEW",
        "Workflow": {"Status": "NEW"},
        "RecordState": "ACTIVE",
        "FindingProviderFields": {
            "Severity": {"Label": "CRITICAL", "Original": "CRITICAL"},
            "Types": ["Software and Configuration Checks/Industry and Regulatory Standards"],
        },
    });
    let resource = format!("{product}/{id}");
    let detail = json!({"findings": [finding]});
    event(place, "aws.securityhub", "Security Hub Findings - Imported", Some(&resource), &detail)
}

/// A new critical finding of the newer Security Hub in this account and region, in the format OCSF.
#[must_use]
pub fn security_hub_ocsf(place: &Place<'_>) -> Value {
    let product = Place { account: "", ..*place }.arn("securityhub", "productv2/aws/securityhub");
    let finding = json!({
        "activity_id": 1,
        "activity_name": "Create",
        "category_name": "Findings",
        "category_uid": 2,
        "class_name": "Compliance Finding",
        "class_uid": 2003,
        "cloud": {
            "account": {"type": "AWS Account", "type_id": 10, "uid": place.account},
            "provider": "AWS",
            "region": place.region,
        },
        "compliance": {"control": "IAM.4", "status": "Fail", "status_id": 3},
        "finding_info": {"title": "A finding", "desc": "A finding", "types": ["Posture Management"], "uid": ID},
        "metadata": {
            "product": {"name": "Security Hub", "uid": product, "vendor_name": "AWS"},
            "uid": ID,
        },
        "resources": [{
            "cloud_partition": place.partition,
            "region": place.region,
            "type": "AWS::::Account",
            "uid": place.account,
        }],
        "severity": "Critical",
        "severity_id": 5,
        "status": "New",
        "status_id": 1,
    });
    event(place, "aws.securityhub", "Findings Imported V2", None, &json!({"findings": [finding]}))
}
