//! Each operation of the table of operations denied in turn, over the recorded answers of the demo: the gap
//! is told, what needs the operation is unknown, everything else stays as it was.

mod support;

use std::collections::{BTreeMap, BTreeSet};

use aws_audit::demo::{self, Recording};
use aws_audit_checks::{
    finding::{Finding, Status},
    gap::GapKind,
    registry,
    settings::Settings,
    snapshot::Snapshot,
    source::{self, Operation, Source},
};

async fn scan(
    recording: Recording,
) -> Result<(Snapshot, BTreeMap<String, Finding>), aws_audit::error::Error> {
    let snapshot = recording.collect(Source::all().collect()).await?.snapshot;
    let checks: Vec<_> = registry::all().collect();
    let findings = registry::evaluate(&checks, &snapshot, &Settings::default(), true).findings;
    Ok((snapshot, findings.into_iter().map(|finding| (finding.id(), finding)).collect()))
}

/// Answers as the service would to a caller without the permission.
fn deny(recording: &mut Recording, operation: &Operation) -> usize {
    let mut denied = 0;
    for exchange in &mut recording.exchanges {
        if exchange.service == operation.prefix && exchange.operation == operation.name {
            exchange.status = 403;
            exchange.body = match operation.service {
                _ if exchange.body.trim_start().starts_with('{') => {
                    r#"{"__type": "AccessDeniedException", "message": "no"}"#
                }
                "EC2" => {
                    "<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>no</Message></Error></Errors>\
                     <RequestID>1</RequestID></Response>"
                }
                "S3" => "<Error><Code>AccessDenied</Code><Message>no</Message></Error>",
                _ => "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>",
            }
            .to_owned();
            denied += 1;
        }
    }
    denied
}

/// Checks that read the operation, by way of their sources.
fn readers(operation: &Operation) -> BTreeSet<&'static str> {
    let source = Source::all().find(|source| source.operations().contains(&operation)).unwrap();
    registry::all()
        .filter(|entry| registry::sources([*entry]).contains(&source))
        .map(|entry| entry.check.id)
        .collect()
}

#[test]
fn each_operation_denied_in_turn() {
    let runtime = aws_audit::runtime().unwrap();
    runtime.block_on(runtime.spawn(deny_each_operation())).unwrap();
}

async fn deny_each_operation() {
    let recording = demo::recording().unwrap();
    let (whole, before) = scan(recording.clone()).await.unwrap();
    assert_eq!(whole.gaps, [], "the recording answers everything");
    for operation in source::operations() {
        let id = operation.id;
        let mut recording = recording.clone();
        if deny(&mut recording, operation) == 0 {
            assert!(NEVER_ASKED.contains(&id), "{id} is not in the recording");
            continue;
        }
        let (snapshot, after) = match scan(recording).await {
            Ok(scan) => scan,
            Err(error) => {
                assert_eq!((id, error.exit_code), ("sts:GetCallerIdentity", 4), "{error}");
                continue;
            }
        };
        let named = snapshot.gaps.iter().any(|gap| gap.operation == id && gap.kind == GapKind::AccessDenied);
        assert_eq!(named, !REFUSED_IN_ANSWER.contains(&id), "{id}: {:#?}", snapshot.gaps);
        if id == "ec2:DescribeRegions" {
            // All regions that every account has are scanned then, and the recording has few of them.
            assert_eq!(snapshot.regions.len(), 17);
            continue;
        }
        if id == "s3:GetBucketLocation" {
            // The bucket is known to be there, then.
            continue;
        }
        let readers = readers(operation);
        for (key, finding) in &after {
            match before.get(key) {
                Some(earlier) if earlier == finding => {}
                // Where a list could not be read, one finding about the whole stands for those about its parts.
                _ => {
                    assert!(readers.contains(finding.check), "{id} changed {finding:#?}");
                    let told = match finding.status {
                        // What is known already may decide; then it is known to be wrong, or of lower severity.
                        Status::Fail => true,
                        Status::Unknown => finding.gaps.iter().any(|gap| gap.operation == id),
                        Status::Pass | Status::Suppressed => false,
                    };
                    assert!(told, "with {id} denied: {finding:#?}");
                }
            }
        }
        for (key, finding) in &before {
            let gone = !after.contains_key(key);
            assert!(!gone || readers.contains(finding.check), "{id} lost {finding:#?}");
        }
    }
}

/// Operations that the demo has nothing to ask about.
const NEVER_ASKED: [&str; 20] = [
    "appsync:ListGraphqlApis",
    "bedrock-agentcore:ListGateways",
    "ec2:DescribeVerifiedAccessInstances",
    "ec2:DescribeVpcBlockPublicAccessExclusions",
    "elasticloadbalancing-classic:DescribeLoadBalancerAttributes",
    "logs:DescribeDeliveries",
    "organizations:ListPolicies",
    "shield:ListProtections",
    "sso:DescribePermissionSet",
    "sso:GetInlinePolicyForPermissionSet",
    "sso:GetPermissionsBoundaryForPermissionSet",
    "sso:ListAccountAssignments",
    "sso:ListAccountAssignmentsForPrincipal",
    "sso:ListCustomerManagedPolicyReferencesInPermissionSet",
    "sso:ListManagedPoliciesInPermissionSet",
    "sso:ListPermissionSets",
    "wafv2:DescribeManagedRuleGroup",
    "wafv2:GetIPSet",
    "wafv2:GetRuleGroup",
    "wafv2:GetWebACLForResource",
];

/// Operations whose refusal is an answer: an organization refuses them to most of its accounts, and S3 refuses
/// to tell where another account's bucket is.
const REFUSED_IN_ANSWER: [&str; 5] = [
    "s3:GetBucketLocation",
    "organizations:DescribePolicy",
    "organizations:ListAccounts",
    "organizations:ListParents",
    "organizations:ListPoliciesForTarget",
];
