//! The AWS Security Finding Format, as Security Hub's `BatchImportFindings` takes it: an array of findings, of which a
//! call takes at most 100. (Security Hub CSPM API reference, `AwsSecurityFinding` and `BatchImportFindings`: field
//! names, lengths; user guide, "BatchImportFindings for finding providers": 100 findings, 240 KB each, 6 MB a call.)
//!
//! What a field has no room for is cut off with `…` or left out, and `ProductFields` names the field under
//! `aws-audit/Truncated`.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    io,
};

use aws_audit_checks::{
    finding::{Resource, Severity, Status},
    report::{Report, ReportFinding, State},
};
use serde_json::{Map, Value, json};

use crate::{
    json::{array, time, without_nulls, word},
    limit::{filled, within},
    triaged::Groups,
};

const LONGEST_ID: usize = 512;
const LONGEST_TITLE: usize = 256;
const LONGEST_DESCRIPTION: usize = 1024;
/// `Recommendation.Text`: "Length Constraints: Minimum of 1 length. Maximum of 512 length."
const LONGEST_RECOMMENDATION: usize = 512;
/// `Note.Text`: "Length Constraints: Minimum of 1. Maximum of 512." The reference has none for `UpdatedBy`, which gets the
/// same.
const LONGEST_NOTE: usize = 512;
/// `ProductFields`: "Can contain up to 50 key-value pairs. For each key-value pair, the key can contain up to 128
/// characters, and the value can contain up to 2048 characters."
const MOST_FIELDS: usize = 50;
const LONGEST_KEY: usize = 128;
const LONGEST_VALUE: usize = 2048;
/// `Compliance.RelatedRequirements`: "Array Members: Maximum number of 32 items."
const MOST_REQUIREMENTS: usize = 32;
/// `BatchImportFindings`: "The maximum allowed size for a finding is 240 Kb." With a little room for a space here and
/// there that another program adds.
const LARGEST_FINDING: usize = 235_000;

/// One of the types that the user guide lists ("Types taxonomy for ASFF"): "Software and Configuration Checks" is the
/// namespace of what is not a behaviour, and this its category for configuration.
pub const TYPE: &str = "Software and Configuration Checks/AWS Security Best Practices";

/// Writes the findings of a report.
///
/// # Errors
/// When they cannot be written.
pub fn write(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    let groups = Groups::of(report);
    array(report.findings.iter().map(|finding| converted(report, finding, &groups)), out)
}

fn converted(report: &Report, finding: &ReportFinding, groups: &Groups<'_>) -> Value {
    let mut fit = Fit::default();
    let product = report.tool.name.as_str();
    let first_seen = finding.first_seen.map(time);
    // Security Hub takes an update only when it is later than what it has: the next scan's is.
    let updated = time(report.finished_at);
    let resolved = finding.state == Some(State::Resolved);
    let mut fields = fields(report, finding, groups, &mut fit);
    let mut resource = resource(report, &finding.resource);
    let value = |resource: &Value, fields: &BTreeMap<String, String>, fit: &mut Fit| {
        without_nulls(json!({
            "SchemaVersion": "2018-10-08",
            "Id": fit.text("Id", &finding.id, LONGEST_ID),
            "ProductArn": product_arn(report, &finding.resource),
            // Only a custom integration may name itself.
            "ProductName": product,
            "CompanyName": product,
            "GeneratorId": fit.text("GeneratorId", &format!("{product}/{}", finding.check), LONGEST_ID),
            "AwsAccountId": report.account.id,
            "FirstObservedAt": first_seen,
            "LastObservedAt": updated,
            "CreatedAt": first_seen.clone().unwrap_or_else(|| time(report.started_at)),
            "UpdatedAt": updated,
            "Title": fit.text("Title", filled(&[&finding.title, &finding.check]), LONGEST_TITLE),
            "Description": fit.text(
                "Description",
                filled(&[&finding.message, &finding.title, &finding.check]),
                LONGEST_DESCRIPTION,
            ),
            "Remediation": remediation(finding, fit),
            "Resources": [resource],
            "Compliance": compliance(finding, fit),
            // "SUPPRESSED - Indicates that you reviewed the finding and don't believe that any action is needed." Of a
            // finding that Security Hub has already, an import leaves it as it is, and so the note: of those, the product
            // fields tell.
            "Workflow": (finding.status == Status::Suppressed).then(|| json!({"Status": "SUPPRESSED"})),
            "Note": note(report, finding, fit),
            "RecordState": if resolved { "ARCHIVED" } else { "ACTIVE" },
            // Providers "should not use BatchImportFindings to update" the fields of these names outside of it.
            "FindingProviderFields": {
                "Severity": { "Label": severity(finding), "Original": finding.severity.name() },
                "Types": [TYPE],
            },
            "ProductFields": with_truncated(product, fields, fit),
        }))
    };
    loop {
        let whole = value(&resource, &fields, &mut fit);
        // Evidence of odd characters may be several bytes each: 50 values of it are more than a finding may have.
        if size(&whole) <= LARGEST_FINDING {
            return whole;
        }
        let evidence = format!("{product}/Evidence/");
        let last = fields.keys().rfind(|key| key.starts_with(&evidence)).cloned();
        if let Some(key) = last {
            fields.remove(&key);
            fit.missing.insert("ProductFields");
        } else if resource.as_object_mut().is_some_and(|members| members.remove("Tags").is_some()) {
            fit.missing.insert("Resources.Tags");
        } else {
            return whole;
        }
    }
}

fn size(value: &Value) -> usize {
    serde_json::to_vec(value).map_or(usize::MAX, |bytes| bytes.len())
}

/// What did not fit.
#[derive(Default)]
struct Fit {
    missing: BTreeSet<&'static str>,
}

impl Fit {
    /// The text on one line, and cut off where the field has no room for it.
    fn text(&mut self, field: &'static str, text: &str, most: usize) -> String {
        let line = one_line(text);
        match within(&line, most) {
            Cow::Borrowed(whole) => whole.to_owned(),
            Cow::Owned(cut) => {
                self.missing.insert(field);
                cut
            }
        }
    }
}

/// The text without line terminators and other control characters, which are written out (`\n`): texts must match
/// `.*\S.*` (API reference), whose dot stands for no line terminator.
fn one_line(text: &str) -> Cow<'_, str> {
    let breaks = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    if !text.contains(breaks) {
        return Cow::Borrowed(text);
    }
    let mut line = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if breaks(c) {
            line.extend(c.escape_default());
        } else {
            line.push(c);
        }
    }
    Cow::Owned(line)
}

/// The product that every account has for findings of its own: in the region that is called, which is where the
/// resource is; for global resources the partition's own region, or the first that was scanned. ("Integrating
/// Security Hub CSPM with custom products".)
fn product_arn(report: &Report, resource: &Resource) -> String {
    let (account, partition) = (&report.account.id, &report.account.partition);
    let home = match partition.as_str() {
        "aws-cn" => "cn-north-1",
        "aws-us-gov" => "us-gov-west-1",
        _ => "us-east-1",
    };
    let scanned = |region: &&str| report.regions.iter().any(|it| it == region);
    let region = resource
        .region
        .as_deref()
        .or(Some(home).filter(scanned))
        .or(report.regions.first().map(String::as_str))
        .unwrap_or(home);
    format!("arn:{partition}:securityhub:{region}:{account}:product/{account}/default")
}

/// "INFORMATIONAL - No issue was found." (API reference, `Severity`.)
const fn severity(finding: &ReportFinding) -> &'static str {
    match (finding.status, finding.severity) {
        (Status::Pass, _) | (_, Severity::Info) => "INFORMATIONAL",
        (_, Severity::Low) => "LOW",
        (_, Severity::Medium) => "MEDIUM",
        (_, Severity::High) => "HIGH",
        (_, Severity::Critical) => "CRITICAL",
    }
}

/// Why an accepted finding is, by whoever answers for it. (API reference, `Note`: all three members are required.)
fn note(report: &Report, finding: &ReportFinding, fit: &mut Fit) -> Value {
    let Some(it) = finding.suppressed.as_ref().filter(|_| finding.status == Status::Suppressed) else {
        return Value::Null;
    };
    let owner = filled(&[it.owner.as_deref().unwrap_or_default(), &report.tool.name]);
    json!({
        "Text": fit.text("Note", filled(&[&it.reason]), LONGEST_NOTE),
        "UpdatedBy": fit.text("Note", owner, LONGEST_NOTE),
        "UpdatedAt": time(report.finished_at),
    })
}

fn remediation(finding: &ReportFinding, fit: &mut Fit) -> Value {
    let text = finding.fix.as_ref().map(|fix| fix.summary.as_str()).filter(|text| !text.trim().is_empty());
    let recommendation = without_nulls(json!({
        "Text": text.map(|text| fit.text("Remediation", text, LONGEST_RECOMMENDATION)),
        "Url": Some(&finding.url).filter(|url| !url.trim().is_empty()),
    }));
    match &recommendation {
        Value::Object(members) if !members.is_empty() => json!({ "Recommendation": recommendation }),
        _ => Value::Null,
    }
}

fn compliance(finding: &ReportFinding, fit: &mut Fit) -> Value {
    let gap = finding.evidence.get("gap").and_then(Value::as_str);
    let status = match (finding.status, gap) {
        (Status::Fail | Status::Suppressed, _) => "FAILED",
        (Status::Pass, _) => "PASSED",
        // "WARNING - Some information is missing", "NOT_AVAILABLE - Check could not be performed due to a service
        // outage, API error" (API reference, `Compliance`): nobody asked, or there was no good answer.
        (Status::Unknown, Some("not_selected" | "interrupted") | None) => "WARNING",
        (Status::Unknown, Some(_)) => "NOT_AVAILABLE",
    };
    let reason = (finding.status == Status::Unknown).then(|| {
        let code = gap.unwrap_or("unknown").to_ascii_uppercase();
        let message = filled(&[&finding.message, &finding.title, &finding.check]);
        json!([{
            "ReasonCode": code,
            "Description": fit.text("Compliance.StatusReasons", message, LONGEST_DESCRIPTION),
        }])
    });
    let mut requirements = requirements(finding);
    if requirements.len() > MOST_REQUIREMENTS {
        requirements.truncate(MOST_REQUIREMENTS);
        fit.missing.insert("Compliance.RelatedRequirements");
    }
    without_nulls(json!({
        "Status": status,
        "StatusReasons": reason,
        "RelatedRequirements": Some(requirements).filter(|list| !list.is_empty()),
    }))
}

/// The controls that a finding is about, with their frameworks, as Security Hub writes its own (`NIST.800-53.r5 AC-2`).
pub fn requirements(finding: &ReportFinding) -> Vec<String> {
    let antipatterns = finding.antipatterns.iter().map(|number| format!("antipatterns {number}"));
    let others = finding.controls.iter().flat_map(|(framework, controls)| {
        controls.iter().map(move |control| format!("{framework} {control}"))
    });
    antipatterns.chain(others).collect()
}

fn resource(report: &Report, resource: &Resource) -> Value {
    let Resource { kind, arn, region, .. } = resource;
    let root = format!("arn:{}:iam::{}:root", report.account.partition, report.account.id);
    let (kind, id) = if *arn == root || arn.trim().is_empty() {
        // As Security Hub's own findings about an account.
        ("AwsAccount", format!("AWS::::Account:{}", report.account.id))
    } else {
        (type_of(kind), one_line(arn).into_owned())
    };
    // The API's words for the partitions that it knows.
    let partition = matches!(report.account.partition.as_str(), "aws" | "aws-cn" | "aws-us-gov")
        .then_some(&report.account.partition);
    let tags: Map<String, Value> = resource
        .tags
        .iter()
        // Names and values that say nothing are not taken.
        .filter(|(name, value)| !name.trim().is_empty() && !value.trim().is_empty())
        .map(|(name, value)| (one_line(name).into_owned(), one_line(value).into_owned().into()))
        .collect();
    without_nulls(json!({
        "Type": kind,
        "Id": id,
        "Partition": partition,
        "Region": region,
        "Tags": Some(tags).filter(|tags| !tags.is_empty()),
    }))
}

/// ASFF's name of a type, where it has one. ("Resources ASFF object": "If the resource does not match any of the
/// provided types, then set Type to Other.") What is told by the ARN of what it belongs to is that.
fn type_of(kind: &str) -> &'static str {
    match kind {
        "AWS::ApiGateway::Stage" => "AwsApiGatewayStage",
        "AWS::ApiGatewayV2::Stage" => "AwsApiGatewayV2Stage",
        "AWS::Backup::BackupPlan" => "AwsBackupBackupPlan",
        "AWS::Backup::BackupVault" => "AwsBackupBackupVault",
        "AWS::CertificateManager::Certificate" => "AwsCertificateManagerCertificate",
        "AWS::CloudFormation::Stack" => "AwsCloudFormationStack",
        "AWS::CloudFront::Distribution" => "AwsCloudFrontDistribution",
        "AWS::CloudTrail::Trail" => "AwsCloudTrailTrail",
        "AWS::CloudWatch::Alarm" => "AwsCloudWatchAlarm",
        "AWS::CodeBuild::Project" => "AwsCodeBuildProject",
        "AWS::DynamoDB::Table" => "AwsDynamoDbTable",
        "AWS::EC2::Instance" | "AWS::SSM::AssociationCompliance" | "AWS::SSM::ManagedInstance" => {
            "AwsEc2Instance"
        }
        "AWS::EC2::LaunchTemplate" => "AwsEc2LaunchTemplate",
        "AWS::EC2::NetworkAcl" => "AwsEc2NetworkAcl",
        "AWS::EC2::RouteTable" => "AwsEc2RouteTable",
        "AWS::EC2::SecurityGroup" => "AwsEc2SecurityGroup",
        "AWS::EC2::Subnet" => "AwsEc2Subnet",
        "AWS::EC2::VPC" => "AwsEc2Vpc",
        "AWS::EC2::VPCEndpointService" => "AwsEc2VpcEndpointService",
        "AWS::EC2::Volume" => "AwsEc2Volume",
        "AWS::ECR::Repository" => "AwsEcrRepository",
        "AWS::ECS::Service" => "AwsEcsService",
        "AWS::ECS::TaskDefinition" => "AwsEcsTaskDefinition",
        "AWS::EKS::Cluster" => "AwsEksCluster",
        "AWS::ElasticLoadBalancing::LoadBalancer" => "AwsElbLoadBalancer",
        "AWS::ElasticLoadBalancingV2::LoadBalancer" => "AwsElbv2LoadBalancer",
        "AWS::Elasticsearch::Domain" => "AwsElasticsearchDomain",
        "AWS::GuardDuty::Detector" => "AwsGuardDutyDetector",
        "AWS::IAM::Group" | "AWS::IAM::GroupPolicy" => "AwsIamGroup",
        "AWS::IAM::ManagedPolicy" | "AWS::IAM::Policy" => "AwsIamPolicy",
        "AWS::IAM::Role" | "AWS::IAM::RolePolicy" => "AwsIamRole",
        "AWS::IAM::AccessKey" | "AWS::IAM::User" | "AWS::IAM::UserPolicy" => "AwsIamUser",
        "AWS::KMS::Key" => "AwsKmsKey",
        "AWS::Lambda::Function" => "AwsLambdaFunction",
        "AWS::OpenSearchService::Domain" => "AwsOpenSearchServiceDomain",
        // Clusters of the three are Amazon RDS's to its API.
        "AWS::RDS::DBCluster" | "AWS::DocDB::DBCluster" | "AWS::Neptune::DBCluster" => "AwsRdsDbCluster",
        "AWS::RDS::DBClusterSnapshot"
        | "AWS::DocDB::DBClusterSnapshot"
        | "AWS::Neptune::DBClusterSnapshot" => "AwsRdsDbClusterSnapshot",
        "AWS::RDS::DBInstance" | "AWS::DocDB::DBInstance" | "AWS::Neptune::DBInstance" => "AwsRdsDbInstance",
        "AWS::RDS::DBSnapshot" => "AwsRdsDbSnapshot",
        "AWS::Redshift::Cluster" => "AwsRedshiftCluster",
        "AWS::Route53::HostedZone" => "AwsRoute53HostedZone",
        "AWS::S3::AccessPoint" => "AwsS3AccessPoint",
        "AWS::S3::Bucket" => "AwsS3Bucket",
        "AWS::S3::Object" => "AwsS3Object",
        "AWS::SNS::Topic" => "AwsSnsTopic",
        "AWS::SQS::Queue" => "AwsSqsQueue",
        "AWS::SecretsManager::Secret" => "AwsSecretsManagerSecret",
        "AWS::WAFv2::WebACL" => "AwsWafv2WebAcl",
        _ => "Other",
    }
}

/// What ASFF has no place for: `aws-audit/NAME`, as AWS's own products name theirs.
fn fields(
    report: &Report,
    finding: &ReportFinding,
    groups: &Groups<'_>,
    fit: &mut Fit,
) -> BTreeMap<String, String> {
    let product = &report.tool.name;
    let Resource { kind, id, name, .. } = &finding.resource;
    let command = finding.fix.as_ref().and_then(|fix| fix.command.as_deref()).map(one_line);
    // Cut off it would be another command.
    let command = match command {
        Some(command) if matches!(within(&command, LONGEST_VALUE), Cow::Owned(_)) => {
            fit.missing.insert("Command");
            None
        }
        command => command,
    };
    let suppressed = finding.suppressed.as_ref();
    let own = [
        ("Check", Some(Cow::from(&finding.check))),
        ("Command", command),
        ("Group", finding.group.as_ref().map(Cow::from)),
        ("GroupTitle", groups.title(finding).map(Cow::from)),
        ("ResourceId", Some(Cow::from(id))),
        ("ResourceName", name.as_ref().map(Cow::from)),
        ("ResourceType", Some(Cow::from(kind))),
        ("SeverityReason", finding.severity_reason.as_ref().map(Cow::from)),
        ("State", finding.state.map(|state| Cow::from(word(state)))),
        // Of an unknown finding too, which stays as it is.
        ("Suppressed/Reason", suppressed.map(|it| Cow::from(&it.reason))),
        ("Suppressed/Owner", suppressed.and_then(|it| it.owner.as_ref()).map(Cow::from)),
        ("Suppressed/Expires", suppressed.and_then(|it| it.expires).map(|day| Cow::from(day.to_string()))),
        ("Suppressed/Ticket", suppressed.and_then(|it| it.ticket.as_ref()).map(Cow::from)),
        ("Suppressed/Source", suppressed.map(|it| Cow::from(&it.source))),
        ("Version", Some(Cow::from(&report.tool.version))),
    ];
    let own = own.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?.into_owned())));
    let evidence = finding.evidence.iter().map(|(name, value)| {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        (format!("Evidence/{}", one_line(name)), value)
    });
    let mut fields = BTreeMap::new();
    for (key, value) in own.chain(evidence).filter(|(_, value)| !value.trim().is_empty()) {
        let key = fit.text("ProductFields", &format!("{product}/{key}"), LONGEST_KEY);
        // One is left for what did not fit.
        if fields.len() == MOST_FIELDS - 1 {
            fit.missing.insert("ProductFields");
            break;
        }
        fields.insert(key, fit.text("ProductFields", &value, LONGEST_VALUE));
    }
    fields
}

fn with_truncated(product: &str, fields: &BTreeMap<String, String>, fit: &Fit) -> BTreeMap<String, String> {
    let mut fields = fields.clone();
    if !fit.missing.is_empty() {
        let missing: Vec<_> = fit.missing.iter().copied().collect();
        fields.insert(format!("{product}/Truncated"), missing.join(", "));
    }
    fields
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;
    use crate::samples::{self, HOSTILE};

    fn written(report: &Report) -> Vec<Value> {
        let mut out = vec![];
        write(report, &mut out).unwrap();
        serde_json::from_slice(&out).unwrap()
    }

    fn one(finding: &ReportFinding) -> Value {
        written(&samples::report(std::slice::from_ref(finding))).remove(0)
    }

    /// Every text of a value, with the path to it.
    fn texts(value: &Value, path: &str, found: &mut Vec<(String, String)>) {
        match value {
            Value::String(text) => found.push((path.to_owned(), text.clone())),
            Value::Array(items) => items.iter().for_each(|item| texts(item, path, found)),
            Value::Object(members) => {
                for (name, member) in members {
                    texts(member, &format!("{path}.{name}"), found);
                }
            }
            _ => {}
        }
    }

    /// That every field is within the limits of the API reference.
    fn assert_within_limits(finding: &Value) {
        let limit = |path: &str| match path {
            ".Id" | ".GeneratorId" => LONGEST_ID,
            ".Title" => LONGEST_TITLE,
            ".Description" => LONGEST_DESCRIPTION,
            ".Remediation.Recommendation.Text" => LONGEST_RECOMMENDATION,
            ".Note.Text" | ".Note.UpdatedBy" => LONGEST_NOTE,
            _ => LONGEST_VALUE,
        };
        let mut found = vec![];
        texts(finding, "", &mut found);
        for (path, text) in found {
            assert!(text.encode_utf16().count() <= limit(&path), "{path}: {text}");
            assert!(!text.trim().is_empty(), "{path} says nothing");
            assert!(!text.contains(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}']), "{path}: {text:?}");
        }
        let fields = finding["ProductFields"].as_object().unwrap();
        assert!(fields.len() <= MOST_FIELDS && fields.keys().all(|key| key.chars().count() <= LONGEST_KEY));
        assert!(size(finding) <= 240_000);
    }

    #[test]
    fn a_failure() {
        let report = samples::report(&samples::one_of_each());
        let text = serde_json::to_string_pretty(&written(&report)[0]).unwrap();
        expect![[r#"
            {
              "AwsAccountId": "111122223333",
              "CompanyName": "aws-audit",
              "Compliance": {
                "RelatedRequirements": [
                  "antipatterns 6",
                  "fsbp S3.2"
                ],
                "Status": "FAILED"
              },
              "CreatedAt": "2026-11-01T12:00:00.000Z",
              "Description": "Anyone can read from bucket-1: policy statement Public.",
              "FindingProviderFields": {
                "Severity": {
                  "Label": "CRITICAL",
                  "Original": "critical"
                },
                "Types": [
                  "Software and Configuration Checks/AWS Security Best Practices"
                ]
              },
              "FirstObservedAt": "2026-11-01T12:00:00.000Z",
              "GeneratorId": "aws-audit/s3-bucket-public-read",
              "Id": "00000000000000006275636b65742d31",
              "LastObservedAt": "2026-11-01T12:00:08.400Z",
              "ProductArn": "arn:aws:securityhub:eu-west-1:111122223333:product/111122223333/default",
              "ProductFields": {
                "aws-audit/Check": "s3-bucket-public-read",
                "aws-audit/Command": "aws s3api put-public-access-block --bucket 'bucket-1'",
                "aws-audit/Evidence/opens": "[\"policy statement Public\"]",
                "aws-audit/ResourceId": "bucket-1",
                "aws-audit/ResourceType": "AWS::S3::Bucket",
                "aws-audit/State": "new",
                "aws-audit/Version": "0.1.0"
              },
              "ProductName": "aws-audit",
              "RecordState": "ACTIVE",
              "Remediation": {
                "Recommendation": {
                  "Text": "Turn on block public access for the bucket.",
                  "Url": "https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html"
                }
              },
              "Resources": [
                {
                  "Id": "arn:aws:s3:::bucket-1",
                  "Partition": "aws",
                  "Region": "eu-west-1",
                  "Tags": {
                    "owner": "bucket-1"
                  },
                  "Type": "AwsS3Bucket"
                }
              ],
              "SchemaVersion": "2018-10-08",
              "Title": "S3 bucket allows public read access",
              "UpdatedAt": "2026-11-01T12:00:08.400Z"
            }"#]]
        .assert_eq(&text);
    }

    #[test]
    fn each_status_in_the_formats_own_words() {
        let told: Vec<_> = written(&samples::report(&samples::one_of_each()))
            .iter()
            .map(|it| {
                [
                    &it["Compliance"]["Status"],
                    &it["Compliance"]["StatusReasons"][0]["ReasonCode"],
                    &it["Workflow"]["Status"],
                    &it["RecordState"],
                    &it["FindingProviderFields"]["Severity"]["Label"],
                ]
                .map(|value| value.as_str().unwrap_or("-").to_owned())
                .join(" ")
            })
            .collect();
        expect![[r#"
            FAILED - - ACTIVE CRITICAL
            NOT_AVAILABLE ACCESS_DENIED - ACTIVE HIGH
            FAILED - SUPPRESSED ACTIVE MEDIUM
            PASSED - - ACTIVE INFORMATIONAL
            PASSED - - ARCHIVED INFORMATIONAL"#]]
        .assert_eq(&told.join("\n"));
    }

    #[test]
    fn who_accepts_it_and_why() {
        let told = written(&samples::triaged());
        expect![[r#"
            {
              "Text": "public on purpose",
              "UpdatedAt": "2026-11-01T12:00:08.400Z",
              "UpdatedBy": "web@example.com"
            }"#]]
        .assert_eq(&serde_json::to_string_pretty(&told[2]["Note"]).unwrap());
        let fields = |at: usize| serde_json::to_string_pretty(&told[at]["ProductFields"]).unwrap();
        expect![[r#"
            {
              "aws-audit/Check": "s3-bucket-public-read",
              "aws-audit/Command": "aws s3api put-public-access-block --bucket 'bucket-1'",
              "aws-audit/Evidence/opens": "[\"policy statement Public\"]",
              "aws-audit/Group": "0123456789abcdef0123456789abcdef",
              "aws-audit/GroupTitle": "S3 bucket bucket-1 is open",
              "aws-audit/ResourceId": "bucket-1",
              "aws-audit/ResourceType": "AWS::S3::Bucket",
              "aws-audit/SeverityReason": "published on purpose",
              "aws-audit/Version": "0.1.0"
            }"#]]
        .assert_eq(&fields(0));
        // What could not be judged is not suppressed in Security Hub, whoever would accept it.
        assert!(told[1].get("Note").is_none() && told[1].get("Workflow").is_none());
        expect![[r#"
            {
              "aws-audit/Check": "s3-bucket-public-read",
              "aws-audit/Evidence/gap": "access_denied",
              "aws-audit/Evidence/operation": "s3:GetBucketPolicy",
              "aws-audit/ResourceId": "bucket-2",
              "aws-audit/ResourceType": "AWS::S3::Bucket",
              "aws-audit/Suppressed/Expires": "2027-03-31",
              "aws-audit/Suppressed/Owner": "web@example.com",
              "aws-audit/Suppressed/Reason": "public on purpose",
              "aws-audit/Suppressed/Source": "aws-audit.toml:12",
              "aws-audit/Suppressed/Ticket": "https://tickets.example.com/SEC-142",
              "aws-audit/Version": "0.1.0"
            }"#]]
        .assert_eq(&fields(1));
        let mut finding = samples::finding(Status::Suppressed, Severity::High, "bucket");
        let suppressed = finding.suppressed.as_mut().unwrap();
        (suppressed.owner, suppressed.reason) = (None, "名".repeat(LONGEST_NOTE + 1));
        let told = one(&finding);
        assert_eq!(told["Note"]["UpdatedBy"], "aws-audit");
        assert_eq!(told["Note"]["Text"].as_str().unwrap().chars().count(), LONGEST_NOTE);
        assert_eq!(told["ProductFields"]["aws-audit/Truncated"], "Note");
    }

    #[test]
    fn what_nobody_asked_for_is_missing_information() {
        let mut finding = samples::finding(Status::Unknown, Severity::Low, "bucket");
        for (gap, status) in [
            ("not_selected", "WARNING"),
            ("interrupted", "WARNING"),
            ("access_denied", "NOT_AVAILABLE"),
            ("server_error", "NOT_AVAILABLE"),
        ] {
            finding.evidence.insert("gap", gap.into());
            assert_eq!(one(&finding)["Compliance"]["Status"], status, "{gap}");
        }
    }

    #[test]
    fn the_product_is_in_the_region_that_is_called() {
        let mut report = samples::report(&samples::many(1));
        let region = |report: &Report| {
            let arn = written(report)[0]["ProductArn"].as_str().unwrap().to_owned();
            arn.split(':').nth(3).unwrap().to_owned()
        };
        assert_eq!(region(&report), "eu-west-1");
        report.findings[0].resource.region = None;
        assert_eq!(region(&report), "us-east-1");
        report.regions = vec!["ap-northeast-1".into(), "eu-west-1".into()];
        assert_eq!(region(&report), "ap-northeast-1");
        report.regions.clear();
        report.account.partition = "aws-cn".into();
        assert_eq!(region(&report), "cn-north-1");
    }

    #[test]
    fn the_account_and_a_regions_service_are_the_account() {
        let mut finding = samples::finding(Status::Fail, Severity::High, "eu-west-1");
        finding.resource.kind = "AWS::GuardDuty::Detector".into();
        finding.resource.arn = "arn:aws:iam::111122223333:root".into();
        let resource = &one(&finding)["Resources"][0];
        assert_eq!(resource["Type"], "AwsAccount");
        assert_eq!(resource["Id"], "AWS::::Account:111122223333");
        assert_eq!(resource["Region"], "eu-west-1");
    }

    #[test]
    fn what_does_not_fit_is_cut_and_named() {
        let long = "名前👍".repeat(5000);
        let mut finding = samples::finding(Status::Fail, Severity::High, "bucket");
        finding.title.clone_from(&long);
        finding.message.clone_from(&long);
        finding.fix.as_mut().unwrap().summary.clone_from(&long);
        finding.fix.as_mut().unwrap().command = Some(long.clone());
        finding.controls = BTreeMap::from([("f".into(), (0..40).map(|number| number.to_string()).collect())]);
        for number in 0..60 {
            finding.evidence.insert(format!("e{number:02}"), long.clone().into());
        }
        let told = one(&finding);
        assert_within_limits(&told);
        assert!(told["Title"].as_str().unwrap().ends_with('…'));
        let fields = &told["ProductFields"];
        expect!["Command, Compliance.RelatedRequirements, Description, ProductFields, Remediation, Title"]
            .assert_eq(fields["aws-audit/Truncated"].as_str().unwrap());
        // A command that was cut off would be another one.
        assert!(fields.get("aws-audit/Command").is_none());
        assert!(
            fields.get("aws-audit/Evidence/e00").is_some() && fields.get("aws-audit/Evidence/e59").is_none()
        );
    }

    #[test]
    fn a_finding_is_never_too_large_to_import() {
        let mut finding = samples::finding(Status::Fail, Severity::High, "bucket");
        // Three bytes each.
        let long = "名".repeat(LONGEST_VALUE);
        finding.evidence = (0..48).map(|number| (format!("e{number:02}"), long.clone().into())).collect();
        let told = one(&finding);
        assert_within_limits(&told);
        assert_eq!(told["ProductFields"]["aws-audit/Truncated"], "ProductFields");
        assert!(told["Resources"][0].get("Tags").is_some());
        finding.evidence = aws_audit_checks::finding::Evidence::new();
        finding.resource.tags = (0..50).map(|number| (format!("t{number:02}"), long.clone())).collect();
        let told = one(&finding);
        assert_within_limits_but_for_tags(&told);
        assert_eq!(told["ProductFields"]["aws-audit/Truncated"], "Resources.Tags");
    }

    fn assert_within_limits_but_for_tags(finding: &Value) {
        assert!(size(finding) <= 240_000 && finding["Resources"][0].get("Tags").is_none());
    }

    #[test]
    fn hostile_names_are_data() {
        let findings = written(&samples::report(&samples::hostile()));
        assert_eq!(findings.len(), HOSTILE.len());
        for (finding, name) in findings.iter().zip(HOSTILE) {
            assert_within_limits(finding);
            let named = finding["ProductFields"].get("aws-audit/ResourceName").and_then(Value::as_str);
            let expected = Some(one_line(name).into_owned()).filter(|name| !name.trim().is_empty());
            assert_eq!(named, expected.as_deref(), "{name:?}");
        }
    }

    #[test]
    fn ids_are_unique_and_all_findings_are_there() {
        let findings = written(&samples::report(&samples::many(2_000)));
        let ids: BTreeSet<_> = findings.iter().map(|finding| finding["Id"].as_str().unwrap()).collect();
        assert_eq!(ids.len(), 2_000);
    }

    #[test]
    fn nothing_found_is_an_empty_array() {
        assert_eq!(written(&samples::report(&[])), Vec::<Value>::new());
    }
}
