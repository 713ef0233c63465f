//! The Open Cybersecurity Schema Framework: an array of events of the class Compliance Finding (2003), with the
//! profiles Cloud and Date/Time. (schema.ocsf.io, "Compliance Finding", versions 1.6.0 and 1.3.0: what each attribute
//! and each of its numbers means.)
//!
//! Two versions: 1.6 is what Security Hub writes; for custom sources "Security Lake supports OCSF version 1.3 and
//! earlier" (Security Lake user guide, "Collecting data from custom sources").

use std::{borrow::Cow, io};

use aws_audit_checks::{
    finding::{Resource, Severity, Status},
    page::Lang,
    report::{Report, ReportFinding, State},
};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::{
    asff::{TYPE, requirements},
    json::{array, time, without_nulls},
    limit::{filled, within},
    triaged::{self, Groups},
};

/// Category "Findings".
const CATEGORY: u32 = 2;
/// Class "Compliance Finding".
const CLASS: u32 = 2003;
/// The longest text that 1.3 takes (its type `string_t`); 1.6 has no such limit.
const LONGEST_TEXT: usize = 65_535;
/// `account.type_id`: "AWS Account".
const AWS_ACCOUNT: u32 = 10;

/// A version of the schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// What Amazon Security Lake takes of custom sources.
    V1_3,
    /// What Security Hub writes.
    V1_6,
}

impl Version {
    const fn name(self) -> &'static str {
        match self {
            Self::V1_3 => "1.3.0",
            Self::V1_6 => "1.6.0",
        }
    }
}

/// Writes the findings of a report, in the language that it is written in.
///
/// # Errors
/// When they cannot be written.
pub fn write(report: &Report, version: Version, lang: Lang, out: &mut dyn io::Write) -> io::Result<()> {
    let groups = Groups::of(report);
    array(report.findings.iter().map(|finding| event(report, finding, &groups, version, lang)), out)
}

/// A number of an enumeration, and its caption.
type Enumerated = (u32, &'static str);

fn event(
    report: &Report,
    finding: &ReportFinding,
    groups: &Groups<'_>,
    version: Version,
    lang: Lang,
) -> Value {
    let (activity_id, activity) = activity(finding);
    let (status_id, status) = lifecycle(finding);
    let (severity_id, severity) = severity(finding);
    let mut event = json!({
        "activity_id": activity_id,
        "activity_name": activity,
        "category_uid": CATEGORY,
        "category_name": "Findings",
        "class_uid": CLASS,
        "class_name": "Compliance Finding",
        "type_uid": CLASS * 100 + activity_id,
        "type_name": format!("Compliance Finding: {activity}"),
        "time": millis(report.finished_at),
        "time_dt": time(report.finished_at),
        "severity_id": severity_id,
        "severity": severity,
        "status_id": status_id,
        "status": status,
        "message": filled(&[&finding.message, &finding.title, &finding.check]),
        // "A user provided comment about the finding."
        "comment": triaged::accepted(finding, lang),
        "metadata": metadata(report, finding, version, lang),
        "cloud": cloud(report, finding, version),
        "finding_info": finding_info(report, finding, groups, version),
        "compliance": compliance(finding, version),
        "resources": [resource(report, finding, version)],
        "remediation": remediation(finding),
        "unmapped": unmapped(finding, groups, version),
    });
    event = without_nulls(event);
    if version == Version::V1_3 && cut(&mut event) {
        // 1.6 says so in `is_truncated`; 1.3 has labels.
        event["metadata"]["labels"] = json!(["truncated"]);
    }
    event
}

/// "Create: A finding was created", "Update: A finding was updated", "Close: A finding was closed".
const fn activity(finding: &ReportFinding) -> (u32, &'static str) {
    match finding.state {
        Some(State::Resolved) => (3, "Close"),
        Some(State::Persisting) => (2, "Update"),
        Some(State::New) | None => (1, "Create"),
    }
}

/// What became of the finding, which is not what the check says (`compliance.status_id`). Of what could not be judged
/// nobody knows whether there is anything to do.
const fn lifecycle(finding: &ReportFinding) -> Enumerated {
    match finding.status {
        Status::Fail => (1, "New"),
        Status::Suppressed => (3, "Suppressed"),
        Status::Pass => (4, "Resolved"),
        Status::Unknown => (0, "Unknown"),
    }
}

/// "Warning: The compliance check did not yield a result due to missing information."
const fn verdict(status: Status) -> Enumerated {
    match status {
        Status::Fail | Status::Suppressed => (3, "Fail"),
        Status::Pass => (1, "Pass"),
        Status::Unknown => (2, "Warning"),
    }
}

/// "Informational: Informational message. No action required."
const fn severity(finding: &ReportFinding) -> Enumerated {
    match finding.status {
        Status::Pass => (1, "Informational"),
        _ => severity_of_check(finding.severity),
    }
}

const fn severity_of_check(severity: Severity) -> Enumerated {
    match severity {
        Severity::Info => (1, "Informational"),
        Severity::Low => (2, "Low"),
        Severity::Medium => (3, "Medium"),
        Severity::High => (4, "High"),
        Severity::Critical => (5, "Critical"),
    }
}

/// Milliseconds, which is what the schema's `timestamp_t` counts.
fn millis(time: Timestamp) -> i64 {
    time.as_millisecond()
}

fn metadata(report: &Report, finding: &ReportFinding, version: Version, lang: Lang) -> Value {
    let tool = &report.tool;
    let scan = format!("{}@{}", report.account.id, time(report.started_at));
    json!({
        "version": version.name(),
        "product": {
            "name": tool.name,
            "vendor_name": tool.name,
            "version": tool.version,
            "lang": match lang {
                Lang::En => "en",
                Lang::Ja => "ja",
            },
        },
        "profiles": ["cloud", "datetime"],
        "event_code": finding.check,
        // One event of each finding and scan; a report that is read twice gives the same.
        "uid": format!("{}@{}", finding.id, time(report.finished_at)),
        "correlation_uid": scan,
    })
}

fn cloud(report: &Report, finding: &ReportFinding, version: Version) -> Value {
    without_nulls(json!({
        "provider": "AWS",
        "region": finding.resource.region,
        "account": account(report),
        "cloud_partition": (version == Version::V1_6).then_some(&report.account.partition),
    }))
}

fn account(report: &Report) -> Value {
    without_nulls(json!({
        "uid": report.account.id,
        "name": report.account.alias,
        "type_id": AWS_ACCOUNT,
        "type": "AWS Account",
    }))
}

fn finding_info(report: &Report, finding: &ReportFinding, groups: &Groups<'_>, version: Version) -> Value {
    let created = finding.first_seen.unwrap_or(report.started_at);
    let title = filled(&[&finding.title, &finding.check]);
    without_nulls(json!({
        "uid": finding.id,
        "title": title,
        "desc": filled(&[&finding.message, &finding.title, &finding.check]),
        "types": [TYPE],
        "created_time": millis(created),
        "created_time_dt": time(created),
        "first_seen_time": finding.first_seen.map(millis),
        "first_seen_time_dt": finding.first_seen.map(time),
        "last_seen_time": millis(report.finished_at),
        "last_seen_time_dt": time(report.finished_at),
        "modified_time": millis(report.finished_at),
        "modified_time_dt": time(report.finished_at),
        "analytic": { "type_id": 1, "type": "Rule", "uid": finding.check, "name": title },
        // 1.3 has no such attribute: see `unmapped`.
        "tags": (version == Version::V1_6).then(|| group(finding, groups)).filter(|tags| !tags.is_empty()).map(|tags| {
            tags.into_iter().map(|(name, value)| json!({ "name": name, "value": value })).collect::<Vec<_>>()
        }),
    }))
}

/// The group of findings with the same cause: its id, and its cause in words.
fn group<'a>(finding: &'a ReportFinding, groups: &Groups<'a>) -> Vec<(&'static str, &'a str)> {
    let group = [("group", finding.group.as_deref()), ("group_title", groups.title(finding))];
    group.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}

fn compliance(finding: &ReportFinding, version: Version) -> Value {
    let (status_id, status) = verdict(finding.status);
    let mut standards: Vec<&str> = finding.controls.keys().map(String::as_str).collect();
    if !finding.antipatterns.is_empty() {
        standards.insert(0, "antipatterns");
    }
    let gap = finding.evidence.get("gap").filter(|_| finding.status == Status::Unknown);
    let message = filled(&[&finding.message, &finding.title, &finding.check]);
    let mut compliance = json!({
        "control": finding.check,
        // Required in 1.3, be it empty.
        "standards": standards,
        "requirements": requirements(finding),
        "status_id": status_id,
        "status": status,
        "status_code": gap,
    });
    match version {
        Version::V1_3 => compliance["status_detail"] = message.into(),
        Version::V1_6 => {
            let (severity_id, severity) = severity_of_check(finding.severity);
            compliance["status_details"] = json!([message]);
            // Tells the severity of what passes too, which the event's own does not.
            compliance["checks"] = json!([{
                "uid": finding.check,
                "name": filled(&[&finding.title, &finding.check]),
                "severity_id": severity_id,
                "severity": severity,
                "standards": standards,
                "status_id": status_id,
                "status": status,
            }]);
        }
    }
    without_nulls(compliance)
}

fn resource(report: &Report, finding: &ReportFinding, version: Version) -> Value {
    let Resource { kind, id, arn, region, name, tags, .. } = &finding.resource;
    let mut resource = json!({
        "uid": filled(&[arn, id]),
        "name": name.as_ref().unwrap_or(id),
        "type": kind,
        "region": region,
        "cloud_partition": report.account.partition,
        "owner": { "account": account(report) },
        // What decided it, and nothing else of the resource.
        "data": finding.evidence,
    });
    if !tags.is_empty() {
        match version {
            Version::V1_3 => {
                let labels: Vec<_> = tags.iter().map(|(name, value)| format!("{name}={value}")).collect();
                resource["labels"] = labels.into();
            }
            Version::V1_6 => {
                let pair = |(name, value): (&str, &str)| json!({ "name": name, "value": value });
                resource["tags"] = tags.iter().map(pair).collect();
            }
        }
    }
    without_nulls(resource)
}

fn remediation(finding: &ReportFinding) -> Value {
    let Some(fix) = &finding.fix else { return Value::Null };
    without_nulls(json!({
        "desc": fix.summary,
        "references": Some([&finding.url]).filter(|[url]| !url.is_empty()),
    }))
}

/// What the schema has no place for.
fn unmapped(finding: &ReportFinding, groups: &Groups<'_>, version: Version) -> Value {
    let mut unmapped = Map::new();
    unmapped.insert("resource_id".into(), finding.resource.id.as_str().into());
    if let Some(command) = finding.fix.as_ref().and_then(|fix| fix.command.as_deref()) {
        unmapped.insert("command".into(), command.into());
    }
    if finding.state == Some(State::Persisting) {
        unmapped.insert("state".into(), "persisting".into());
    }
    if version == Version::V1_3 {
        unmapped.extend(group(finding, groups).into_iter().map(|(name, value)| (name.into(), value.into())));
    }
    if let Some(reason) = &finding.severity_reason {
        unmapped.insert("severity_reason".into(), reason.as_str().into());
    }
    if let Some(suppressed) = &finding.suppressed {
        unmapped.insert("suppressed".into(), json!(suppressed));
    }
    unmapped.into()
}

/// Cuts off texts that are longer than the schema takes, but for those of `unmapped` and `data`, which it does not
/// look at. Whether there was one.
fn cut(value: &mut Value) -> bool {
    // All of them, hence no `any`, which stops at the first.
    match value {
        Value::String(text) => {
            let Cow::Owned(cut) = within(text, LONGEST_TEXT) else { return false };
            *text = cut;
            true
        }
        Value::Array(items) => items.iter_mut().filter_map(|item| cut(item).then_some(())).count() > 0,
        Value::Object(members) => {
            let looked_at =
                members.iter_mut().filter(|(name, _)| !matches!(name.as_str(), "unmapped" | "data"));
            looked_at.filter_map(|(_, member)| cut(member).then_some(())).count() > 0
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;
    use crate::samples::{self, HOSTILE};

    const VERSIONS: [Version; 2] = [Version::V1_3, Version::V1_6];

    fn written(report: &Report, version: Version) -> Vec<Value> {
        let mut out = vec![];
        write(report, version, Lang::En, &mut out).unwrap();
        serde_json::from_slice(&out).unwrap()
    }

    #[test]
    fn a_failure() {
        let report = samples::report(&samples::one_of_each());
        let text = serde_json::to_string_pretty(&written(&report, Version::V1_6)[0]).unwrap();
        expect![[r#"
            {
              "activity_id": 1,
              "activity_name": "Create",
              "category_name": "Findings",
              "category_uid": 2,
              "class_name": "Compliance Finding",
              "class_uid": 2003,
              "cloud": {
                "account": {
                  "name": "example-prod",
                  "type": "AWS Account",
                  "type_id": 10,
                  "uid": "111122223333"
                },
                "cloud_partition": "aws",
                "provider": "AWS",
                "region": "eu-west-1"
              },
              "compliance": {
                "checks": [
                  {
                    "name": "S3 bucket allows public read access",
                    "severity": "Critical",
                    "severity_id": 5,
                    "standards": [
                      "antipatterns",
                      "fsbp"
                    ],
                    "status": "Fail",
                    "status_id": 3,
                    "uid": "s3-bucket-public-read"
                  }
                ],
                "control": "s3-bucket-public-read",
                "requirements": [
                  "antipatterns 6",
                  "fsbp S3.2"
                ],
                "standards": [
                  "antipatterns",
                  "fsbp"
                ],
                "status": "Fail",
                "status_details": [
                  "Anyone can read from bucket-1: policy statement Public."
                ],
                "status_id": 3
              },
              "finding_info": {
                "analytic": {
                  "name": "S3 bucket allows public read access",
                  "type": "Rule",
                  "type_id": 1,
                  "uid": "s3-bucket-public-read"
                },
                "created_time": 1793534400000,
                "created_time_dt": "2026-11-01T12:00:00.000Z",
                "desc": "Anyone can read from bucket-1: policy statement Public.",
                "first_seen_time": 1793534400000,
                "first_seen_time_dt": "2026-11-01T12:00:00.000Z",
                "last_seen_time": 1793534408400,
                "last_seen_time_dt": "2026-11-01T12:00:08.400Z",
                "modified_time": 1793534408400,
                "modified_time_dt": "2026-11-01T12:00:08.400Z",
                "title": "S3 bucket allows public read access",
                "types": [
                  "Software and Configuration Checks/AWS Security Best Practices"
                ],
                "uid": "00000000000000006275636b65742d31"
              },
              "message": "Anyone can read from bucket-1: policy statement Public.",
              "metadata": {
                "correlation_uid": "111122223333@2026-11-01T12:00:00.000Z",
                "event_code": "s3-bucket-public-read",
                "product": {
                  "lang": "en",
                  "name": "aws-audit",
                  "vendor_name": "aws-audit",
                  "version": "0.1.0"
                },
                "profiles": [
                  "cloud",
                  "datetime"
                ],
                "uid": "00000000000000006275636b65742d31@2026-11-01T12:00:08.400Z",
                "version": "1.6.0"
              },
              "remediation": {
                "desc": "Turn on block public access for the bucket.",
                "references": [
                  "https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html"
                ]
              },
              "resources": [
                {
                  "cloud_partition": "aws",
                  "data": {
                    "opens": [
                      "policy statement Public"
                    ]
                  },
                  "name": "bucket-1",
                  "owner": {
                    "account": {
                      "name": "example-prod",
                      "type": "AWS Account",
                      "type_id": 10,
                      "uid": "111122223333"
                    }
                  },
                  "region": "eu-west-1",
                  "tags": [
                    {
                      "name": "owner",
                      "value": "bucket-1"
                    }
                  ],
                  "type": "AWS::S3::Bucket",
                  "uid": "arn:aws:s3:::bucket-1"
                }
              ],
              "severity": "Critical",
              "severity_id": 5,
              "status": "New",
              "status_id": 1,
              "time": 1793534408400,
              "time_dt": "2026-11-01T12:00:08.400Z",
              "type_name": "Compliance Finding: Create",
              "type_uid": 200301,
              "unmapped": {
                "command": "aws s3api put-public-access-block --bucket 'bucket-1'",
                "resource_id": "bucket-1"
              }
            }"#]].assert_eq(&text);
    }

    #[test]
    fn what_1_3_says_otherwise() {
        let report = samples::report(&samples::one_of_each());
        let event = &written(&report, Version::V1_3)[0];
        let (compliance, resource) = (&event["compliance"], &event["resources"][0]);
        assert_eq!(event["metadata"]["version"], "1.3.0");
        assert_eq!(compliance["status_detail"], "Anyone can read from bucket-1: policy statement Public.");
        assert_eq!(resource["labels"], json!(["owner=bucket-1"]));
        for (object, unknown) in [(compliance, "checks"), (compliance, "status_details"), (resource, "tags")]
        {
            assert!(object.get(unknown).is_none(), "{unknown}");
        }
        assert!(event["cloud"].get("cloud_partition").is_none());
    }

    #[test]
    fn each_status_in_the_formats_own_words() {
        for version in VERSIONS {
            let told: Vec<_> = written(&samples::report(&samples::one_of_each()), version)
                .iter()
                .map(|it| {
                    let (status, verdict) = (&it["status"], &it["compliance"]["status"]);
                    let code = it["compliance"]["status_code"].as_str().unwrap_or("-");
                    [
                        it["activity_name"].as_str(),
                        status.as_str(),
                        verdict.as_str(),
                        Some(code),
                        it["severity"].as_str(),
                    ]
                    .map(Option::unwrap)
                    .join(" ")
                })
                .collect();
            expect![[r#"
                Create New Fail - Critical
                Create Unknown Warning access_denied High
                Create Suppressed Fail - Medium
                Create Resolved Pass - Informational
                Close Resolved Pass - Informational"#]]
            .assert_eq(&told.join("\n"));
        }
    }

    #[test]
    fn a_failure_that_persists_is_an_update() {
        let mut findings = samples::many(1);
        findings[0].state = Some(State::Persisting);
        findings[0].first_seen = Some("2026-01-02T03:04:05.6Z".parse().unwrap());
        let event = &written(&samples::report(&findings), Version::V1_6)[0];
        assert_eq!(event["type_uid"], 200_302);
        assert_eq!(event["finding_info"]["first_seen_time"], 1_767_323_045_600_i64);
        assert_eq!(event["finding_info"]["first_seen_time_dt"], "2026-01-02T03:04:05.600Z");
        assert_eq!(event["time"], 1_793_534_408_400_i64);
    }

    #[test]
    fn what_the_configuration_said() {
        for version in VERSIONS {
            let events = written(&samples::triaged(), version);
            let told: Vec<_> = events
                .iter()
                .map(|it| {
                    let unmapped = &it["unmapped"];
                    let (comment, tags) = (&it["comment"], &it["finding_info"]["tags"]);
                    let [group, title, moved, suppressed] =
                        ["group", "group_title", "severity_reason", "suppressed"].map(|name| &unmapped[name]);
                    format!(
                        "{}: {comment}\n  {tags}\n  {group} {title} {moved}\n  {suppressed}",
                        it["status"].as_str().unwrap()
                    )
                })
                .collect();
            let expected = match version {
                Version::V1_3 => expect![[r#"
                    New: null
                      null
                      "0123456789abcdef0123456789abcdef" "S3 bucket bucket-1 is open" "published on purpose"
                      null
                    Unknown: "Accepted if it fails, by web@example.com until 2027-03-31: public on purpose (https://tickets.example.com/SEC-142)"
                      null
                      null null null
                      {"expires":"2027-03-31","owner":"web@example.com","reason":"public on purpose","source":"aws-audit.toml:12","ticket":"https://tickets.example.com/SEC-142"}
                    Suppressed: "Accepted by web@example.com until 2027-03-31: public on purpose (https://tickets.example.com/SEC-142)"
                      null
                      null null null
                      {"expires":"2027-03-31","owner":"web@example.com","reason":"public on purpose","source":"aws-audit.toml:12","ticket":"https://tickets.example.com/SEC-142"}"#]],
                Version::V1_6 => expect![[r#"
                    New: null
                      [{"name":"group","value":"0123456789abcdef0123456789abcdef"},{"name":"group_title","value":"S3 bucket bucket-1 is open"}]
                      null null "published on purpose"
                      null
                    Unknown: "Accepted if it fails, by web@example.com until 2027-03-31: public on purpose (https://tickets.example.com/SEC-142)"
                      null
                      null null null
                      {"expires":"2027-03-31","owner":"web@example.com","reason":"public on purpose","source":"aws-audit.toml:12","ticket":"https://tickets.example.com/SEC-142"}
                    Suppressed: "Accepted by web@example.com until 2027-03-31: public on purpose (https://tickets.example.com/SEC-142)"
                      null
                      null null null
                      {"expires":"2027-03-31","owner":"web@example.com","reason":"public on purpose","source":"aws-audit.toml:12","ticket":"https://tickets.example.com/SEC-142"}"#]],
            };
            expected.assert_eq(&told.join("\n"));
        }
    }

    #[test]
    fn what_is_too_long_for_1_3_is_cut_and_labelled() {
        let long = "名前".repeat(100_000);
        let mut findings = samples::many(1);
        findings[0].message.clone_from(&long);
        findings[0].evidence.insert("name", long.clone().into());
        let report = samples::report(&findings);
        let event = &written(&report, Version::V1_3)[0];
        for pointer in ["/message", "/finding_info/desc", "/compliance/status_detail"] {
            let text = event.pointer(pointer).and_then(Value::as_str).unwrap();
            assert_eq!(text.chars().count(), LONGEST_TEXT, "{pointer}");
            assert!(text.ends_with('…'), "{pointer}");
        }
        assert_eq!(event["metadata"]["labels"], json!(["truncated"]));
        // The schema does not look into `data`.
        assert_eq!(event["resources"][0]["data"]["name"], long.as_str());
        let event = &written(&report, Version::V1_6)[0];
        assert_eq!(event["message"], long.as_str());
        assert!(event["metadata"].get("labels").is_none());
    }

    #[test]
    fn hostile_names_are_data() {
        for version in VERSIONS {
            let events = written(&samples::report(&samples::hostile()), version);
            assert_eq!(events.len(), HOSTILE.len());
            for (event, name) in events.iter().zip(HOSTILE) {
                assert_eq!(event["resources"][0]["name"], *name);
                assert_eq!(event["resources"][0]["data"]["name"], *name);
                assert_eq!(event["unmapped"]["severity_reason"], *name);
                if event["status"] == "Suppressed" {
                    assert_eq!(event["unmapped"]["suppressed"]["owner"], *name);
                    assert!(event["comment"].as_str().unwrap().contains(*name));
                }
            }
        }
    }

    #[test]
    fn all_findings_are_there() {
        for version in VERSIONS {
            assert_eq!(written(&samples::report(&samples::many(2_000)), version).len(), 2_000);
            assert!(written(&samples::report(&[]), version).is_empty());
        }
    }
}
