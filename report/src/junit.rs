//! JUnit XML: a test suite for each check, a test case for each resource, as Jenkins, GitLab, Azure Pipelines and
//! CircleCI read it.
//!
//! It keeps to the stricter of the schemas in use: that of Ant's tasks (windyroad, `JUnit.xsd`) wants each suite numbered,
//! with properties and with both outputs, and no attributes on the root; Jenkins' (xunit-plugin, `junit-10.xsd`) agrees
//! with all that.
//!
//! What is unknown is an `error`: in the schema's words a test with an unanticipated problem, unlike a `failure`, which is
//! what the test looked for. It is not `skipped`: GitLab showed skipped tests as successful (gitlab-org/gitlab#29032), and
//! what could not be read is never fine. What is suppressed is `skipped`.

use std::{collections::BTreeMap, io};

use aws_audit_checks::{
    finding::{Severity, Status},
    page::Lang,
    report::{Report, ReportFinding, ReportGap, cause, refused},
};

use crate::{
    cells,
    text::escape,
    triaged,
    words::{self, say},
};

/// The suite of what could not be read and is in no finding.
const SCAN: &str = "scan";

/// The case of a check.
enum Case<'a> {
    Finding(&'a ReportFinding),
    /// A check that ran and has no finding.
    Clean,
    Gap(&'a ReportGap),
    /// Nothing was looked at.
    NoRegion,
}

pub(crate) fn write(report: &Report, lang: Lang, out: &mut dyn io::Write) -> io::Result<()> {
    writeln!(out, r#"<?xml version="1.0" encoding="UTF-8"?>"#)?;
    writeln!(out, "<testsuites>")?;
    for (number, (check, cases)) in suites(report).iter().enumerate() {
        suite(number, check, cases, report, lang, out)?;
    }
    writeln!(out, "</testsuites>")
}

/// What could not be read, then the checks in the order of their first finding, then those without one.
fn suites(report: &Report) -> Vec<(&str, Vec<Case<'_>>)> {
    let mut suites: Vec<(&str, Vec<Case<'_>>)> = vec![];
    let untold = report.gaps.iter().filter(|gap| gap.checks.is_empty());
    let mut scan: Vec<_> = untold.map(Case::Gap).collect();
    if report.regions.is_empty() {
        scan.push(Case::NoRegion);
    }
    if !scan.is_empty() {
        suites.push((SCAN, scan));
    }
    let mut places = BTreeMap::new();
    for finding in &report.findings {
        let place = *places.entry(finding.check.as_str()).or_insert(suites.len());
        if place == suites.len() {
            suites.push((&finding.check, vec![]));
        }
        suites[place].1.push(Case::Finding(finding));
    }
    // Where no region was scanned, no finding says nothing.
    if !report.regions.is_empty() {
        let ran = report.scope.iter().flat_map(|scope| &scope.checks);
        let clean = ran.filter(|check| !places.contains_key(check.as_str()));
        suites.extend(clean.map(|check| (check.as_str(), vec![Case::Clean])));
    }
    suites
}

fn suite(
    number: usize,
    check: &str,
    cases: &[Case<'_>],
    report: &Report,
    lang: Lang,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let count = |what: fn(&Case<'_>) -> bool| cases.iter().filter(|case| what(case)).count();
    writeln!(
        out,
        r#"  <testsuite id="{number}" package="aws-audit" name="{}" tests="{}" failures="{}" errors="{}" skipped="{}" time="0" timestamp="{}" hostname="{}">"#,
        xml(check),
        cases.len(),
        count(|case| status(case) == Status::Fail),
        count(|case| status(case) == Status::Unknown),
        count(|case| status(case) == Status::Suppressed),
        // The schema allows no zone; it is UTC.
        report.started_at.strftime("%Y-%m-%dT%H:%M:%S"),
        xml(&report.account.id),
    )?;
    writeln!(out, "    <properties>")?;
    let title = cases.iter().find_map(|case| match case {
        Case::Finding(finding) => Some(finding.title.as_str()),
        _ => None,
    });
    let version = format!("{} {}", report.tool.name, report.tool.version);
    let properties = [
        ("tool", Some(version.as_str())),
        ("account", Some(report.account.id.as_str())),
        ("account_alias", report.account.alias.as_deref()),
        ("regions", Some(&*report.regions.join(" "))),
        ("title", title),
    ];
    for (name, value) in properties {
        if let Some(value) = value {
            writeln!(out, r#"      <property name="{name}" value="{}"/>"#, xml(value))?;
        }
    }
    writeln!(out, "    </properties>")?;
    for case in cases {
        write_case(check, case, report, lang, out)?;
    }
    writeln!(out, "    <system-out/>")?;
    writeln!(out, "    <system-err/>")?;
    writeln!(out, "  </testsuite>")
}

const fn status(case: &Case<'_>) -> Status {
    match case {
        Case::Finding(finding) => finding.status,
        Case::Clean => Status::Pass,
        Case::Gap(_) | Case::NoRegion => Status::Unknown,
    }
}

fn write_case(
    check: &str,
    case: &Case<'_>,
    report: &Report,
    lang: Lang,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let name = name(case, report, lang);
    write!(out, r#"    <testcase classname="aws-audit.{}" name="{}" time="0""#, xml(check), xml(&name))?;
    let (element, kind) = match (case, status(case)) {
        (_, Status::Pass) => return writeln!(out, "/>"),
        (Case::Finding(finding), Status::Fail) => ("failure", finding.severity.name()),
        (_, Status::Suppressed) => ("skipped", "suppressed"),
        _ => ("error", "unknown"),
    };
    let (message, details) = told(case, lang);
    writeln!(out, ">")?;
    writeln!(
        out,
        r#"      <{element} type="{kind}" message="{}">{}</{element}>"#,
        xml(&message),
        details.iter().map(|line| xml(line)).collect::<Vec<_>>().join("\n"),
    )?;
    writeln!(out, "    </testcase>")
}

/// The name of a case. CI servers follow a test by it from run to run: it has the resource's id and place only.
fn name(case: &Case<'_>, report: &Report, lang: Lang) -> String {
    let within = |id: &str, region: Option<&str>| match region {
        Some(region) if region != id => format!("{id} ({region})"),
        _ => id.to_owned(),
    };
    match case {
        Case::Finding(finding) => within(&finding.resource.id, finding.resource.region.as_deref()),
        Case::Clean => {
            let least = report.scope.as_ref().map_or(Severity::Info, |scope| scope.min_severity);
            let word = words::severity(least, lang);
            match (lang, least) {
                (Lang::En, Severity::Info) => "no findings".to_owned(),
                (Lang::Ja, Severity::Info) => "検出なし".to_owned(),
                (Lang::En, _) => format!("no findings of severity {word} or worse"),
                (Lang::Ja, _) => format!("重要度「{word}」以上の検出なし"),
            }
        }
        Case::Gap(gap) => {
            let place = gap.gap.resource.as_deref().or(gap.gap.region.as_deref());
            within(&gap.gap.operation, place)
        }
        Case::NoRegion => say(lang, "regions", "リージョン").to_owned(),
    }
}

/// What to say of it in a line, and in full.
fn told(case: &Case<'_>, lang: Lang) -> (String, Vec<String>) {
    let labelled = |english, japanese, text: &str| match lang {
        Lang::En => format!("{english}: {text}"),
        Lang::Ja => format!("{japanese}：{text}"),
    };
    match case {
        Case::Finding(finding) => {
            let mut lines = vec![finding.title.clone(), finding.message.clone()];
            lines.push(labelled("resource", "リソース", &words::resource(&finding.resource, lang)));
            lines.push(labelled("ARN", "ARN", &finding.resource.arn));
            if let Some(fix) = &finding.fix {
                lines.push(labelled("fix", "対処", &fix.summary));
                // Rewritten, it would be another command.
                let shown =
                    |command| if escape(command) == command { command } else { cells::see_json(lang) };
                lines.extend(fix.command.as_deref().map(|command| format!("  {}", shown(command))));
            }
            lines.extend(triaged::moved(finding, lang));
            let accepted = triaged::accepted(finding, lang);
            lines.extend(accepted.clone());
            lines.push(labelled("see", "参照", &finding.url));
            lines.push(labelled("finding", "検出結果ID", &finding.id));
            lines.retain(|line| !line.is_empty());
            let message = if finding.message.is_empty() { &finding.title } else { &finding.message };
            // Why a test is skipped is what its message is for.
            let accepted = accepted.filter(|_| finding.status == Status::Suppressed);
            (accepted.unwrap_or_else(|| message.clone()), lines)
        }
        Case::Gap(gap) => {
            let refusal = gap.gap.refused_by;
            let cause = refusal.map_or_else(|| cause(gap.gap.kind, lang), |refusal| refused(refusal, lang));
            let mut lines = vec![gap.gap.message.clone()];
            lines.push(labelled("IAM actions", "IAMアクション", &gap.actions.join(", ")));
            lines.retain(|line| !line.is_empty());
            (cause.to_owned(), lines)
        }
        Case::NoRegion => {
            (say(lang, "No region was scanned.", "スキャンしたリージョンがありません。").to_owned(), vec![])
        }
        Case::Clean => (String::new(), vec![]),
    }
}

/// The text in an element or an attribute: everything that XML 1.0 does not allow (control characters, U+FFFE), and
/// what acts or hides besides, is written out; so are line breaks, which parsers would make spaces of in attributes.
fn xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in escape(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            // `]]>` must not stand in text.
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use roxmltree::{Document, Node};

    use super::*;
    use crate::hostile;

    fn written(report: &Report, lang: Lang) -> String {
        let mut out = vec![];
        write(report, lang, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn named<'a>(node: Node<'a, 'a>, name: &'static str) -> impl Iterator<Item = Node<'a, 'a>> {
        node.descendants().filter(move |node| node.has_tag_name(name))
    }

    fn plain() -> Report {
        let mut report = hostile::empty();
        report.findings = hostile::plain_findings();
        report
    }

    #[test]
    fn a_suite_is_a_check_and_a_case_a_resource() {
        expect![[r#"
            <?xml version="1.0" encoding="UTF-8"?>
            <testsuites>
              <testsuite id="0" package="aws-audit" name="ec2-sg-open-ssh" tests="4" failures="2" errors="0" skipped="1" time="0" timestamp="2026-11-01T12:00:00" hostname="111122223333">
                <properties>
                  <property name="tool" value="aws-audit 0.1.0"/>
                  <property name="account" value="111122223333"/>
                  <property name="regions" value="eu-west-1 us-east-1"/>
                  <property name="title" value="Security group opens SSH to the internet"/>
                </properties>
                <testcase classname="aws-audit.ec2-sg-open-ssh" name="sg-0a (eu-west-1)" time="0">
                  <failure type="critical" message="Port 22 is open to 0.0.0.0/0.">Security group opens SSH to the internet
            Port 22 is open to 0.0.0.0/0.
            resource: bastion (sg-0a)
            ARN: arn:aws:ec2:eu-west-1:111122223333:security-group/sg-0a
            fix: Remove the rule; use Session Manager.
              aws ec2 revoke-security-group-ingress --group-id sg-0a
            see: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html
            finding: 2c91c7aebadde0c6522a55050212b5a0</failure>
                </testcase>
                <testcase classname="aws-audit.ec2-sg-open-ssh" name="sg-0b (eu-west-1)" time="0">
                  <failure type="high" message="Port 22 is open to 0.0.0.0/0.">Security group opens SSH to the internet
            Port 22 is open to 0.0.0.0/0.
            resource: sg-0b
            ARN: arn:aws:ec2:eu-west-1:111122223333:security-group/sg-0b
            fix: Remove the rule; use Session Manager.
              aws ec2 revoke-security-group-ingress --group-id sg-0b
            see: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html
            finding: 2c91c7aebadde0c6522a55050212b5a0</failure>
                </testcase>
                <testcase classname="aws-audit.ec2-sg-open-ssh" name="sg-0d (eu-west-1)" time="0">
                  <skipped type="suppressed" message="Accepted by network team until 2027-03-31: keys only (https://tickets.example.com/SEC-142)">Security group opens SSH to the internet
            Port 22 is open to 0.0.0.0/0.
            resource: accepted (sg-0d)
            ARN: arn:aws:ec2:eu-west-1:111122223333:security-group/sg-0d
            fix: Remove the rule; use Session Manager.
              aws ec2 revoke-security-group-ingress --group-id sg-0d
            Accepted by network team until 2027-03-31: keys only (https://tickets.example.com/SEC-142)
            see: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html
            finding: 2c91c7aebadde0c6522a55050212b5a0</skipped>
                </testcase>
                <testcase classname="aws-audit.ec2-sg-open-ssh" name="sg-0e (eu-west-1)" time="0"/>
                <system-out/>
                <system-err/>
              </testsuite>
              <testsuite id="1" package="aws-audit" name="ec2-sg-open-rdp" tests="1" failures="0" errors="1" skipped="0" time="0" timestamp="2026-11-01T12:00:00" hostname="111122223333">
                <properties>
                  <property name="tool" value="aws-audit 0.1.0"/>
                  <property name="account" value="111122223333"/>
                  <property name="regions" value="eu-west-1 us-east-1"/>
                  <property name="title" value="Security group opens SSH to the internet"/>
                </properties>
                <testcase classname="aws-audit.ec2-sg-open-rdp" name="sg-0c (eu-west-1)" time="0">
                  <error type="unknown" message="Could not be judged: ec2:DescribeSecurityGroups: access denied.">Security group opens SSH to the internet
            Could not be judged: ec2:DescribeSecurityGroups: access denied.
            resource: sg-0c
            ARN: arn:aws:ec2:eu-west-1:111122223333:security-group/sg-0c
            see: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html
            finding: 2c91c7aebadde0c6522a55050212b5a0</error>
                </testcase>
                <system-out/>
                <system-err/>
              </testsuite>
              <testsuite id="2" package="aws-audit" name="s3-bucket-public-read" tests="1" failures="0" errors="0" skipped="0" time="0" timestamp="2026-11-01T12:00:00" hostname="111122223333">
                <properties>
                  <property name="tool" value="aws-audit 0.1.0"/>
                  <property name="account" value="111122223333"/>
                  <property name="regions" value="eu-west-1 us-east-1"/>
                </properties>
                <testcase classname="aws-audit.s3-bucket-public-read" name="no findings" time="0"/>
                <system-out/>
                <system-err/>
              </testsuite>
            </testsuites>
        "#]].assert_eq(&written(&plain(), Lang::En));
    }

    #[test]
    fn counts_are_those_of_the_cases() {
        let text = written(&hostile::report(), Lang::En);
        let document = Document::parse(&text).unwrap();
        let names = hostile::names().len();
        let mut total = 0;
        for suite in named(document.root(), "testsuite") {
            for (attribute, count) in [
                ("tests", named(suite, "testcase").count()),
                ("failures", named(suite, "failure").count()),
                ("errors", named(suite, "error").count()),
                ("skipped", named(suite, "skipped").count()),
            ] {
                assert_eq!(suite.attribute(attribute), Some(&*count.to_string()), "{attribute}");
            }
            total += named(suite, "testcase").count();
        }
        // Three findings and a gap for each name, and two checks without a finding.
        assert_eq!(total, names * 4 + 2);
        assert_eq!(named(document.root(), "failure").count(), names);
        assert_eq!(named(document.root(), "skipped").count(), names);
        assert_eq!(named(document.root(), "error").count(), names * 2);
    }

    #[test]
    fn names_survive_as_text() {
        let report = hostile::report();
        let text = written(&report, Lang::En);
        assert!(!text.chars().any(|c| c != '\n' && crate::text::is_harmful(c)));
        let document = Document::parse(&text).unwrap();
        let elements = [
            "testsuites",
            "testsuite",
            "properties",
            "property",
            "testcase",
            "failure",
            "error",
            "skipped",
            "system-out",
            "system-err",
        ];
        for node in document.descendants() {
            assert!(!node.is_comment() && !node.is_pi(), "{node:?}");
            assert!(!node.is_element() || elements.contains(&node.tag_name().name()), "{node:?}");
        }
        let cases: Vec<_> = named(document.root(), "testcase").collect();
        for finding in &report.findings {
            let class = format!("aws-audit.{}", finding.check);
            let tag = match finding.status {
                Status::Fail => "failure",
                Status::Suppressed => "skipped",
                _ => "error",
            };
            let is_its = |case: &&Node<'_, '_>| {
                case.attribute("classname") == Some(&*class)
                    && case.first_element_child().is_some_and(|told| told.has_tag_name(tag))
            };
            let case = cases.iter().find(is_its).unwrap();
            assert_eq!(
                case.attribute("name"),
                Some(&*format!("{} (eu-west-1)", escape(&finding.resource.id)))
            );
            let told = case.first_element_child().unwrap();
            let message = if finding.message.is_empty() { &finding.title } else { &finding.message };
            let accepted = triaged::accepted(finding, Lang::En);
            let message = match (finding.status, &accepted) {
                (Status::Suppressed, Some(why)) => why,
                _ => message,
            };
            assert_eq!(told.attribute("message"), Some(&*escape(message)));
            for line in accepted.iter().chain(&triaged::moved(finding, Lang::En)) {
                assert!(told.text().unwrap().contains(&*escape(line)));
            }
            assert!(told.text().unwrap().contains(&*escape(finding.resource.name.as_deref().unwrap())));
        }
    }

    #[test]
    fn what_was_not_looked_at_passes_no_test() {
        let mut report = hostile::empty();
        let passed = |report: &Report| {
            let text = written(report, Lang::En);
            let document = Document::parse(&text).unwrap();
            let cases: Vec<_> = named(document.root(), "testcase")
                .map(|case| (case.attribute("name").unwrap().to_owned(), !case.has_children()))
                .collect();
            cases
        };
        assert_eq!(passed(&report), [("no findings".to_owned(), true), ("no findings".to_owned(), true)]);
        report.scope.as_mut().unwrap().min_severity = Severity::High;
        assert_eq!(passed(&report)[0], ("no findings of severity high or worse".to_owned(), true));
        report.regions.clear();
        assert_eq!(passed(&report), [("regions".to_owned(), false)]);
    }
}
