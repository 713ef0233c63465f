//! Reports for the tests and benches of formats: one finding of each status, and any number of findings.

use std::collections::{BTreeMap, BTreeSet};

use aws_audit_checks::{
    finding::{Evidence, Resource, Severity, Status},
    gap::{Gap, GapKind},
    group::Group,
    report::{
        Account, ControlReport, Fix, FrameworkScore, Report, ReportFinding, ReportGap, SCHEMA_VERSION, Scope,
        State, Tool,
    },
    snapshot::Calls,
    triage::Suppressed,
};

/// Names that somebody may give to a thing of theirs.
pub const HOSTILE: &[&str] = &[
    "=HYPERLINK(\"https://evil.example\")",
    "\"><img src=x onerror=alert(1)>",
    "</script><script>alert(1)</script>",
    "[click](https://evil.example) {0} {{1}} ](2",
    "a\nb\r\nc\td\u{b}e\u{85}f\u{2028}g\u{2029}h",
    "\u{0}\u{1}\u{7f}\u{1b}[31m",
    "\u{202e}gpj.exe\u{202c}\u{2066}\u{200b}\u{feff}",
    "@everyone #1 `code` | cell \\ ~~~",
    "'; DROP TABLE findings; --",
    "日本語の名前 👍\u{1f3fd} e\u{301}",
    "../../etc/passwd",
    "..",
    "%2e%2e/%00",
    "   ",
    "",
    "\"} 1\naws_audit_findings{account=\"x",
];

/// A finding of that status about a bucket of that name.
pub fn finding(status: Status, severity: Severity, bucket: &str) -> ReportFinding {
    let fails = matches!(status, Status::Fail | Status::Suppressed);
    let mut evidence = Evidence::new();
    if status == Status::Unknown {
        evidence.insert("gap", "access_denied".into());
        evidence.insert("operation", "s3:GetBucketPolicy".into());
    } else {
        evidence.insert("opens", serde_json::json!(["policy statement Public"]));
    }
    ReportFinding {
        group: None,
        severity_reason: None,
        suppressed: (status == Status::Suppressed).then(suppressed),
        id: format!("{:0>32}", bucket.bytes().map(|byte| format!("{byte:02x}")).collect::<String>()),
        check: "s3-bucket-public-read".into(),
        status,
        severity,
        title: "S3 bucket allows public read access".into(),
        message: match status {
            Status::Unknown => "Could not be judged: s3:GetBucketPolicy: access denied.".into(),
            Status::Pass => "Nothing wrong found.".into(),
            _ => format!("Anyone can read from {bucket}: policy statement Public."),
        },
        fix: fails.then(|| Fix {
            summary: "Turn on block public access for the bucket.".into(),
            command: Some(format!("aws s3api put-public-access-block --bucket '{bucket}'")),
        }),
        url: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html"
            .into(),
        resource: Resource {
            kind: "AWS::S3::Bucket".into(),
            id: bucket.into(),
            arn: format!("arn:aws:s3:::{bucket}"),
            region: Some("eu-west-1".into()),
            account: "111122223333".into(),
            name: None,
            tags: [("owner", bucket)].into(),
        },
        evidence,
        antipatterns: vec![6],
        controls: BTreeMap::from([("fsbp".into(), vec!["S3.2".into()])]),
        state: None,
        first_seen: None,
    }
}

/// Who accepts a finding, with everything that can be said of it.
pub fn suppressed() -> Suppressed {
    Suppressed {
        reason: "public on purpose".into(),
        owner: Some("web@example.com".into()),
        expires: Some("2027-03-31".parse().expect("a day")),
        ticket: Some("https://tickets.example.com/SEC-142".into()),
        source: "aws-audit.toml:12".into(),
    }
}

/// A group of that id and title; nothing looks at the rest of it.
pub fn group(id: &str, title: &str) -> Group {
    Group {
        id: id.into(),
        cause: "bucket".into(),
        key: "bucket-1".into(),
        title: title.into(),
        severity: Severity::Critical,
        resources: 1,
        checks: vec!["s3-bucket-public-read".into()],
        findings: vec![],
    }
}

/// Failures that are in a group and whose severity the configuration moved, and an accepted one; with their report.
pub fn triaged() -> Report {
    let mut failing = finding(Status::Fail, Severity::Low, "bucket-1");
    failing.group = Some("0123456789abcdef0123456789abcdef".into());
    failing.severity_reason = Some("published on purpose".into());
    let mut unknown = finding(Status::Unknown, Severity::High, "bucket-2");
    unknown.suppressed = Some(suppressed());
    let mut report = report(&[failing, unknown, finding(Status::Suppressed, Severity::Medium, "bucket-3")]);
    report.groups = vec![group("0123456789abcdef0123456789abcdef", "S3 bucket bucket-1 is open")];
    report
}

/// One finding of each status, and a failure that is resolved.
pub fn one_of_each() -> Vec<ReportFinding> {
    let mut new = finding(Status::Fail, Severity::Critical, "bucket-1");
    new.state = Some(State::New);
    new.first_seen = Some("2026-11-01T12:00:00Z".parse().expect("a time"));
    let mut resolved = finding(Status::Pass, Severity::High, "bucket-5");
    resolved.state = Some(State::Resolved);
    resolved.first_seen = Some("2026-10-01T00:00:00Z".parse().expect("a time"));
    vec![
        new,
        finding(Status::Unknown, Severity::High, "bucket-2"),
        finding(Status::Suppressed, Severity::Medium, "bucket-3"),
        finding(Status::Pass, Severity::Low, "bucket-4"),
        resolved,
    ]
}

/// That many failures, worst first.
pub fn many(count: usize) -> Vec<ReportFinding> {
    let severity = |number: usize| Severity::WORST_FIRST[number * 5 / count];
    (0..count)
        .map(|number| finding(Status::Fail, severity(number), &format!("bucket-{number:05}-of-the-account")))
        .collect()
}

/// A failure of each hostile name, in every text that may have it.
pub fn hostile() -> Vec<ReportFinding> {
    let named = |(number, name): (usize, &&str)| {
        let mut it = finding(Status::Fail, Severity::High, name);
        it.id = format!("{number:032x}");
        it.resource.name = Some((*name).to_owned());
        it.resource.tags = [(*name, *name)].into();
        it.evidence.insert("name", (*name).into());
        it.severity_reason = Some((*name).to_owned());
        it.group = Some((*name).to_owned());
        if number % 2 == 1 {
            it.status = Status::Suppressed;
            let text = || (*name).to_owned();
            it.suppressed = Some(Suppressed {
                reason: text(),
                owner: Some(text()),
                expires: None,
                ticket: Some(text()),
                source: text(),
            });
        }
        it
    };
    HOSTILE.iter().enumerate().map(named).collect()
}

/// The report of such findings.
pub fn report(findings: &[ReportFinding]) -> Report {
    let control = |id: &str, score, worst| ControlReport {
        suppressed: 0,
        id: id.into(),
        title: "S3 buckets open to the world".into(),
        score,
        pass: 3,
        fail: 1,
        unknown: 1,
        worst,
        checks: vec!["s3-bucket-public-read".into()],
        manual: None,
        not_covered: None,
    };
    let unknown = findings.iter().any(|finding| finding.status == Status::Unknown);
    Report {
        // As a hostile name is the id of its finding's group, so it is the group's title.
        groups: findings.iter().filter_map(|it| it.group.as_deref()).map(|id| group(id, id)).collect(),
        history: vec![],
        paths: vec![],
        paths_incomplete: None,
        fix_first: vec![],
        cross_account: None,
        schema_version: SCHEMA_VERSION,
        tool: Tool { name: "aws-audit".into(), version: "0.1.0".into() },
        account: Account {
            id: "111122223333".into(),
            alias: Some("example-prod".into()),
            partition: "aws".into(),
        },
        regions: vec!["eu-west-1".into(), "us-east-1".into()],
        scope: Some(Scope {
            checks: BTreeSet::from(["iam-root-mfa".into(), "s3-bucket-public-read".into()]),
            min_severity: Severity::Info,
            unlisted: 0,
        }),
        started_at: "2026-11-01T12:00:00Z".parse().expect("a time"),
        finished_at: "2026-11-01T12:00:08.4Z".parse().expect("a time"),
        score: FrameworkScore {
            framework: "antipatterns".into(),
            overall: Some(58.4),
            judged: Some(0.9781),
            controls: vec![control("6", Some(49.0), Some(Severity::Critical)), control("7", None, None)],
        },
        findings: findings.to_vec(),
        gaps: if unknown { vec![gap("bucket-2")] } else { vec![] },
        calls: Calls { total: 96, throttled: 3, retried: 3, denied: 1, ..Calls::default() },
    }
}

/// What could not be read of a bucket.
pub fn gap(bucket: &str) -> ReportGap {
    ReportGap {
        gap: Gap {
            operation: "s3:GetBucketPolicy".into(),
            region: Some("eu-west-1".into()),
            resource: Some(bucket.into()),
            kind: GapKind::AccessDenied,
            refused_by: None,
            message: "User is not authorized".into(),
        },
        actions: vec!["s3:GetBucketPolicy".into()],
        checks: vec!["s3-bucket-public-read".into()],
    }
}
