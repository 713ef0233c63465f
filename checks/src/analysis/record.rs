//! Records of CloudTrail, as it would write them for the account: what metric filters are tried on.

use serde_json::{Value, json};

use crate::snapshot::{Snapshot, account::Account};

/// A user without MFA calls an operation of a service.
#[must_use]
pub fn call(snapshot: &Snapshot, service: &str, operation: &str) -> Value {
    let Account { id, partition, .. } = &snapshot.account;
    let read_only = ["Describe", "Get", "List"].iter().any(|start| operation.starts_with(start));
    json!({
        "eventVersion": "1.11",
        "userIdentity": {
            "type": "IAMUser",
            "principalId": "AIDACKCEVSQ6C2EXAMPLE",
            "arn": format!("arn:{partition}:iam::{id}:user/alice"),
            "accountId": id,
            "accessKeyId": "ASIAIOSFODNN7EXAMPLE",
            "userName": "alice",
            "sessionContext": {
                "attributes": {"creationDate": "2026-11-01T11:00:00Z", "mfaAuthenticated": "false"},
            },
        },
        "eventTime": "2026-11-01T12:00:00Z",
        "eventSource": format!("{service}.amazonaws.com"),
        "eventName": operation,
        "awsRegion": region(snapshot, service),
        "sourceIPAddress": "203.0.113.7",
        "userAgent": "aws-cli/2.31.0",
        "requestParameters": null,
        "responseElements": null,
        "requestID": "0f1c2d3e-4a5b-4c6d-8e7f-901234567890",
        "eventID": "1a2b3c4d-5e6f-4a7b-8c9d-0e1f2a3b4c5d",
        "readOnly": read_only,
        "eventType": "AwsApiCall",
        "managementEvent": true,
        "recipientAccountId": id,
        "eventCategory": "Management",
    })
}

/// The same, refused.
#[must_use]
pub fn refused(mut record: Value, code: &str) -> Value {
    record["errorCode"] = code.into();
    record["errorMessage"] = "You are not authorized to perform this operation.".into();
    record
}

/// A user signs in to the console without MFA, or tries to.
#[must_use]
pub fn sign_in(snapshot: &Snapshot, succeeds: bool) -> Value {
    let mut record = call(snapshot, "signin", "ConsoleLogin");
    let Account { id, partition, .. } = &snapshot.account;
    record["userIdentity"] = json!({
        "type": "IAMUser",
        "principalId": "AIDACKCEVSQ6C2EXAMPLE",
        "accountId": id,
        "accessKeyId": "",
        "userName": "alice",
    });
    if succeeds {
        record["userIdentity"]["arn"] = format!("arn:{partition}:iam::{id}:user/alice").into();
    } else {
        record["errorMessage"] = "Failed authentication".into();
    }
    record["eventType"] = "AwsConsoleSignIn".into();
    record["userAgent"] = "Mozilla/5.0".into();
    record["responseElements"] = json!({"ConsoleLogin": if succeeds { "Success" } else { "Failure" }});
    record["additionalEventData"] = json!({
        "LoginTo": "https://console.aws.amazon.com/console/home",
        "MobileVersion": "No",
        "MFAUsed": "No",
    });
    record
}

/// The same, done by root.
#[must_use]
pub fn by_root(snapshot: &Snapshot, mut record: Value) -> Value {
    let Account { id, partition, .. } = &snapshot.account;
    record["userIdentity"] = json!({
        "type": "Root",
        "principalId": id,
        "arn": format!("arn:{partition}:iam::{id}:root"),
        "accountId": id,
    });
    record
}

/// Where the service records: one that knows no regions in the partition's own, the others in any.
fn region<'a>(snapshot: &'a Snapshot, service: &str) -> &'a str {
    let any = snapshot.regions.keys().next().map_or("us-east-1", String::as_str);
    match (service, snapshot.account.partition.as_str()) {
        ("iam" | "organizations" | "signin", "aws-cn") => "cn-north-1",
        ("iam" | "organizations" | "signin", "aws-us-gov") => "us-gov-west-1",
        ("iam" | "organizations" | "signin", _) => "us-east-1",
        _ => any,
    }
}
