use serde_json::Value;

use crate::{
    analysis::{alarm, record},
    catalog::{Family, row},
    check::Entry,
    check::{Check, Context},
    finding::{Judgement, Severity, Verdict},
    gap::{Gaps, NotJudged},
    snapshot::{Snapshot, organizations::Organization},
    source::Source,
};

/// The events that have to raise an alarm.
enum Events {
    /// Calls of these operations of a service, which the control names.
    Calls(&'static str, &'static [&'static str]),
    /// Events that the pattern, AWS's own, catches.
    Of {
        records: fn(&Snapshot) -> Vec<Value>,
        /// How often they come within a minute before the alarm has to go off at the latest.
        how_often: u32,
        pattern: &'static str,
    },
}

/// What everybody does by mistake now and then: an alarm may wait until it comes often. AWS's example for failed
/// sign-ins waits for three (CloudTrail User Guide, "Creating CloudWatch alarms for CloudTrail events").
const MANY: u32 = 100;

static ALARMS: &Family<Events> = &[
    (
        alarm("cloudwatch-alarm-bucket-policy-changes"),
        Events::Calls(
            "s3",
            &[
                "PutBucketAcl",
                "PutBucketPolicy",
                "PutBucketCors",
                "PutBucketLifecycle",
                "PutBucketReplication",
                "DeleteBucketPolicy",
                "DeleteBucketCors",
                "DeleteBucketLifecycle",
                "DeleteBucketReplication",
            ],
        ),
    ),
    (
        alarm("cloudwatch-alarm-cloudtrail-changes"),
        Events::Calls(
            "cloudtrail",
            &["CreateTrail", "UpdateTrail", "DeleteTrail", "StartLogging", "StopLogging"],
        ),
    ),
    (
        alarm("cloudwatch-alarm-config-changes"),
        Events::Calls(
            "config",
            &[
                "StopConfigurationRecorder",
                "DeleteDeliveryChannel",
                "PutDeliveryChannel",
                "PutConfigurationRecorder",
            ],
        ),
    ),
    (
        alarm("cloudwatch-alarm-console-failures"),
        Events::Of {
            records: |snapshot| vec![record::sign_in(snapshot, false)],
            how_often: MANY,
            pattern: r#"{ ($.eventName = ConsoleLogin) && ($.errorMessage = "Failed authentication") }"#,
        },
    ),
    (
        alarm("cloudwatch-alarm-console-without-mfa"),
        Events::Of {
            records: |snapshot| vec![record::sign_in(snapshot, true)],
            how_often: 1,
            pattern: r#"{ ($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes") }"#,
        },
    ),
    (
        alarm("cloudwatch-alarm-gateway-changes"),
        Events::Calls(
            "ec2",
            &[
                "CreateCustomerGateway",
                "DeleteCustomerGateway",
                "AttachInternetGateway",
                "CreateInternetGateway",
                "DeleteInternetGateway",
                "DetachInternetGateway",
            ],
        ),
    ),
    (
        alarm("cloudwatch-alarm-iam-changes"),
        Events::Calls(
            "iam",
            &[
                "DeleteGroupPolicy",
                "DeleteRolePolicy",
                "DeleteUserPolicy",
                "PutGroupPolicy",
                "PutRolePolicy",
                "PutUserPolicy",
                "CreatePolicy",
                "DeletePolicy",
                "CreatePolicyVersion",
                "DeletePolicyVersion",
                "AttachRolePolicy",
                "DetachRolePolicy",
                "AttachUserPolicy",
                "DetachUserPolicy",
                "AttachGroupPolicy",
                "DetachGroupPolicy",
            ],
        ),
    ),
    (alarm("cloudwatch-alarm-key-deletion"), Events::Calls("kms", &["DisableKey", "ScheduleKeyDeletion"])),
    (
        alarm("cloudwatch-alarm-nacl-changes"),
        Events::Calls(
            "ec2",
            &[
                "CreateNetworkAcl",
                "CreateNetworkAclEntry",
                "DeleteNetworkAcl",
                "DeleteNetworkAclEntry",
                "ReplaceNetworkAclEntry",
                "ReplaceNetworkAclAssociation",
            ],
        ),
    ),
    (
        Check { sources: CHAIN_AND_ORGANIZATION, ..alarm("cloudwatch-alarm-organization-changes") },
        Events::Calls(
            "organizations",
            &[
                "AcceptHandshake",
                "AttachPolicy",
                "CreateAccount",
                "CreateOrganizationalUnit",
                "CreatePolicy",
                "DeclineHandshake",
                "DeleteOrganization",
                "DeleteOrganizationalUnit",
                "DeletePolicy",
                "DetachPolicy",
                "DisablePolicyType",
                "EnablePolicyType",
                "InviteAccountToOrganization",
                "LeaveOrganization",
                "MoveAccount",
                "RemoveAccountFromOrganization",
                "UpdateOrganizationalUnit",
                "UpdatePolicy",
            ],
        ),
    ),
    (
        alarm("cloudwatch-alarm-root-use"),
        Events::Of {
            records: used_by_root,
            how_often: 1,
            pattern: r#"{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType != "AwsServiceEvent" }"#,
        },
    ),
    (
        alarm("cloudwatch-alarm-route-changes"),
        Events::Calls(
            "ec2",
            &[
                "CreateRoute",
                "CreateRouteTable",
                "ReplaceRoute",
                "ReplaceRouteTableAssociation",
                "DeleteRouteTable",
                "DeleteRoute",
                "DisassociateRouteTable",
            ],
        ),
    ),
    (
        alarm("cloudwatch-alarm-security-group-changes"),
        Events::Calls(
            "ec2",
            &[
                "AuthorizeSecurityGroupIngress",
                "AuthorizeSecurityGroupEgress",
                "RevokeSecurityGroupIngress",
                "RevokeSecurityGroupEgress",
                "CreateSecurityGroup",
                "DeleteSecurityGroup",
                "ModifySecurityGroupRules",
            ],
        ),
    ),
    (
        alarm("cloudwatch-alarm-unauthorized-calls"),
        Events::Of {
            records: refused,
            how_often: MANY,
            pattern: r#"{ ($.errorCode = "*UnauthorizedOperation") || ($.errorCode = "AccessDenied*") }"#,
        },
    ),
    (
        alarm("cloudwatch-alarm-vpc-changes"),
        Events::Calls(
            "ec2",
            &[
                "CreateVpc",
                "DeleteVpc",
                "ModifyVpcAttribute",
                "AcceptVpcPeeringConnection",
                "CreateVpcPeeringConnection",
                "DeleteVpcPeeringConnection",
                "RejectVpcPeeringConnection",
            ],
        ),
    ),
];

const fn alarm(id: &'static str) -> Check {
    Check { id, severity: Severity::Low, sources: CHAIN, run: judge }
}

/// What the chain from trail to subscription is read from.
const CHAIN: &[Source] =
    &[Source::CloudTrailTrails, Source::LogsMetricFilters, Source::CloudWatchAlarms, Source::SnsTopics];

const CHAIN_AND_ORGANIZATION: &[Source] = &[Source::Organization, CHAIN[0], CHAIN[1], CHAIN[2], CHAIN[3]];

pub(super) fn entries() -> impl Iterator<Item = Entry> {
    let (english, japanese) = (include_str!("alarms.md"), include_str!("alarms.ja.md"));
    ALARMS.iter().map(move |(check, events)| {
        Entry::new(check, module_path!(), english, japanese).with_facts(vec![("pattern", events.pattern())])
    })
}

impl Events {
    /// The pattern of a metric filter that catches the events.
    fn pattern(&self) -> String {
        match self {
            Self::Of { pattern, .. } => (*pattern).to_owned(),
            Self::Calls(service, operations) => {
                let names: Vec<_> = operations.iter().map(|it| format!("($.eventName = {it})")).collect();
                let names = names.join(" || ");
                // No other service has operations of these names of EC2's.
                if *service == "ec2" {
                    return format!("{{ {names} }}");
                }
                format!("{{ ($.eventSource = {service}.amazonaws.com) && ({names}) }}")
            }
        }
    }

    fn records(&self, snapshot: &Snapshot) -> Vec<Value> {
        match self {
            Self::Of { records, .. } => records(snapshot),
            Self::Calls(service, operations) => {
                operations.iter().map(|name| record::call(snapshot, service, name)).collect()
            }
        }
    }
}

fn used_by_root(snapshot: &Snapshot) -> Vec<Value> {
    let events = [record::call(snapshot, "iam", "CreateAccessKey"), record::sign_in(snapshot, true)];
    events.map(|event| record::by_root(snapshot, event)).into()
}

fn refused(snapshot: &Snapshot) -> Vec<Value> {
    // Services differ in what they call it.
    let events = [
        ("ec2", "DescribeInstances", "Client.UnauthorizedOperation"),
        ("s3", "GetBucketPolicy", "AccessDenied"),
        ("secretsmanager", "GetSecretValue", "AccessDeniedException"),
    ];
    events.map(|(service, name, code)| record::refused(record::call(snapshot, service, name), code)).into()
}

/// Judges whether each of the events raises an alarm that somebody receives, though it comes once or, of those that
/// may, often.
fn judge(cx: &mut Context<'_>) {
    cx.whole("AWS::CloudWatch::Alarm", |cx| {
        let (wanted, snapshot) = (row(cx, ALARMS), cx.snapshot);
        if matches!(wanted, Events::Calls("organizations", _)) {
            // Members can do little of this but leave.
            let manages = |it: &Organization| it.management_account == snapshot.account.id;
            if !snapshot.organizations.organization.get()?.as_ref().is_some_and(manages) {
                return Err(NotJudged::NotApplicable);
            }
        }
        let events = wanted.records(snapshot);
        match (chain(snapshot, &events, 1), wanted) {
            (Ok(verdict), _) if verdict.passes() => Ok(verdict),
            (_, Events::Of { how_often, .. }) if *how_often > 1 => chain(snapshot, &events, *how_often),
            (judgement, _) => judgement,
        }
    });
}

fn chain(snapshot: &Snapshot, events: &[Value], how_often: u32) -> Judgement {
    let (mut missed, mut gaps, mut elsewhere) = (Vec::new(), Gaps::default(), false);
    for event in events {
        let missing = alarm::missing(snapshot, event, how_often);
        elsewhere |= missing == Err(NotJudged::NotApplicable);
        if let Some(link) = gaps.known(missing).flatten() {
            missed.push((link, event["eventName"].as_str().unwrap_or("any")));
        }
    }
    // One event that is surely missed decides.
    gaps.unless(!missed.is_empty())?;
    match missed.iter().map(|(link, _)| link).min() {
        Some(first) => {
            let events: Vec<_> = missed.iter().map(|(_, event)| event).collect();
            Ok(Verdict::fail().with("missing_link", first).with("missed_events", events))
        }
        None if elsewhere => Err(NotJudged::NotApplicable),
        None => Ok(Verdict::pass()),
    }
}

#[cfg(test)]
mod tests;
