use std::collections::BTreeMap;

use aws_audit_checks::{
    finding::{Evidence, Finding, Resource, Verdict},
    gap::{Gap, GapKind, Refusal},
    registry,
    report::{Account, ControlReport, Fix, FrameworkScore, ReportGap, SCHEMA_VERSION, Scope, Tool, cause},
    snapshot::Calls,
    triage::Suppressed,
};
use flate2::read::DeflateDecoder;
use scraper::{ElementRef, Html, Selector};

use super::*;

/// What people who can name things in an account would like a browser to make of the names.
pub(super) const HOSTILE: [&str; 13] = [
    "\"><img src=x onerror=alert(1)>",
    "'><script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "</title></style></summary></details></main><svg onload=alert(1)>",
    "javascript:alert(1)",
    "<!--<script>",
    "--></body></html>",
    "]]><a href=//evil.example>x</a>",
    "a\u{202e}gnp.exe\u{2066}\u{200b}\u{0}\u{1b}[31m\u{2028}",
    "x onmouseover=alert(1) y=",
    "&lt;b&gt; &#60;b&#62; &amp;quot;",
    "`${alert(1)}` {{7*7}}",
    "\u{3b1}\u{0}<b",
];

/// A report in which nothing was found, on the default framework.
pub(super) fn empty(lang: Lang) -> Report {
    let framework = framework::find(framework::DEFAULT).unwrap();
    let control = |control: &framework::Control| ControlReport {
        suppressed: 0,
        id: control.id.clone(),
        title: control.title.get(lang).to_owned(),
        score: Some(72.5),
        pass: 3,
        fail: 1,
        unknown: 0,
        worst: Some(Severity::High),
        checks: control.checks().into_iter().map(str::to_owned).collect(),
        manual: None,
        not_covered: None,
    };
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
        regions: vec!["eu-west-1".into()],
        scope: None,
        started_at: "2026-11-01T12:00:00Z".parse().unwrap(),
        finished_at: "2026-11-01T12:00:08.4Z".parse().unwrap(),
        score: FrameworkScore {
            framework: framework.id.clone(),
            overall: Some(72.5),
            judged: Some(1.0),
            controls: framework.controls.iter().map(control).collect(),
        },
        findings: vec![],
        gaps: vec![],
        calls: Calls { total: 96, ..Calls::default() },
    }
}

/// The finding that `ec2-sg-open-ssh` makes of a security group of that name, as a report in that language tells it.
pub(super) fn finding(at: usize, name: &str, lang: Lang) -> ReportFinding {
    let entry = registry::find("ec2-sg-open-ssh").unwrap();
    let id = format!("sg-{at:017x}");
    let resource = Resource {
        kind: "AWS::EC2::SecurityGroup".into(),
        arn: format!("arn:aws:ec2:eu-west-1:111122223333:security-group/{id}"),
        id,
        region: Some("eu-west-1".into()),
        account: "111122223333".into(),
        name: Some(name.into()),
        tags: aws_audit_checks::snapshot::Tags::new(),
    };
    let rule = "IpProtocol=tcp,FromPort=22,ToPort=22,IpRanges=[{CidrIp=0.0.0.0/0}]";
    let evidence = serde_json::json!({
        "attached_interfaces": 1, "port": 22, "sources": ["0.0.0.0/0"], "ip_permissions": [rule],
        "rules": [{"from_port": 22, "to_port": 22, "ip_protocol": "tcp", "source": "0.0.0.0/0"}],
    });
    let evidence: Evidence = serde_json::from_value(evidence).unwrap();
    let filled = filled(entry, None, &resource, &evidence);
    let page = entry.page(lang);
    ReportFinding {
        group: None,
        severity_reason: None,
        suppressed: None,
        id: filled.id(),
        check: entry.check.id.into(),
        status: Status::Fail,
        severity: Severity::High,
        title: page.title.clone(),
        message: page.message(&filled, lang).unwrap(),
        fix: Some(Fix {
            summary: page.fix(&filled, lang).unwrap(),
            command: Some(entry.page(Lang::En).command(&filled).unwrap()),
        }),
        url: entry.page(Lang::En).url.clone(),
        resource,
        evidence,
        antipatterns: vec![8],
        controls: BTreeMap::from([("cis-6.0".into(), vec!["6.3".into()])]),
        state: None,
        first_seen: None,
    }
}

/// What a check says when it fails.
fn filled(
    entry: &'static aws_audit_checks::check::Entry,
    variant: Option<&'static str>,
    resource: &Resource,
    evidence: &Evidence,
) -> Finding {
    let fails = Ok(Verdict::fail());
    let finding = Finding::new(entry.check.id, Severity::High, fails, &[], || resource.clone()).unwrap();
    Finding { variant, evidence: evidence.clone(), ..finding }
}

pub(super) fn html(report: &Report) -> String {
    let mut out = vec![];
    write(report, Lang::En, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

pub(super) fn all<'a>(page: &'a Html, selector: &str) -> Vec<ElementRef<'a>> {
    page.select(&Selector::parse(selector).unwrap()).collect()
}

pub(super) fn text(element: ElementRef<'_>) -> String {
    element.text().collect()
}

pub(super) fn only(page: &Html, selector: &str) -> String {
    let found = all(page, selector);
    assert_eq!(found.len(), 1, "{selector}");
    text(found[0])
}

/// What the script unpacks.
pub(super) fn unpacked(page: &Html) -> serde_json::Value {
    let packed = STANDARD.decode(only(page, "#packed")).unwrap();
    serde_json::from_reader(DeflateDecoder::new(packed.as_slice())).unwrap()
}

#[test]
fn the_words_are_the_same_in_both_languages() {
    let [english, japanese] = [Lang::En, Lang::Ja].map(words::Words::of);
    let names = |text: &str| {
        let names =
            text.split('{').skip(1).filter_map(|from| from.split_once('}').map(|(name, _)| name.to_owned()));
        names.collect::<std::collections::BTreeSet<_>>()
    };
    for ((word, english), (_, japanese)) in english.all().into_iter().zip(japanese.all()) {
        assert!(!english.is_empty() && !japanese.is_empty(), "{word}");
        assert_eq!(names(english), names(japanese), "{word}");
    }
    let kinds = |words: &'static words::Words| words.kinds.keys().copied().collect::<Vec<_>>();
    for words in [english, japanese] {
        assert_eq!(kinds(words).len(), aws_audit_checks::report_paths::NodeKind::ALL.len());
    }
    let keys = |words: &words::Words| {
        words
            .script
            .as_object()
            .unwrap()
            .iter()
            .map(|(key, text)| (key.clone(), names(text.as_str().unwrap())))
            .collect()
    };
    let [english, japanese]: [Vec<_>; 2] = [keys(english), keys(japanese)];
    assert_eq!(english, japanese);
}

#[test]
fn words_are_filled_in_once_and_in_number() {
    assert_eq!(words::fill("{n} finding|{n} findings", &[("n", "1")]), "1 finding");
    assert_eq!(words::fill("{n} finding|{n} findings", &[("n", "2")]), "2 findings");
    assert_eq!(words::fill("of {account}", &[("account", "{n}|x"), ("n", "1")]), "of {n}|x");
}

#[test]
fn the_policy_allows_the_style_and_the_script_and_nothing_else() {
    let mut report = empty(Lang::En);
    report.findings.push(finding(0, "web", Lang::En));
    let page = html(&report);
    let page = Html::parse_document(&page);
    let policy = all(&page, "meta[http-equiv=Content-Security-Policy]")[0].attr("content").unwrap();
    let hash = |text: &str| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)));
    let scripts: Vec<_> =
        all(&page, "script").into_iter().filter(|script| script.attr("type").is_none()).collect();
    assert_eq!((scripts.len(), all(&page, "style").len()), (1, 1));
    let style = only(&page, "style");
    assert!(policy.contains(&format!("script-src {};", hash(&text(scripts[0])))), "{policy}");
    assert!(policy.contains(&format!("style-src {};", hash(&style))), "{policy}");
    assert!(policy.starts_with("default-src 'none';") && !policy.contains("unsafe"), "{policy}");
    assert!(!style.contains("url(") && !style.contains("@import"));
    for sink in ["innerHTML", "outerHTML", "insertAdjacent", "document.write", "eval(", "fetch(", "XMLHttp"] {
        assert!(!JS.contains(sink), "{sink}");
    }
    assert!(
        all(&page, "[style], [src], [onclick], [onload], iframe, object, embed, form[action]").is_empty()
    );
    for link in all(&page, "[href]") {
        let href = link.attr("href").unwrap();
        let docs = href.starts_with("https://docs.aws.amazon.com/")
            && link.attr("rel") == Some("noopener noreferrer");
        assert!(docs || href.starts_with('#') || href == ICON, "{href}");
    }
}

#[test]
fn hostile_names_are_text() {
    let mut report = empty(Lang::En);
    let plain = {
        for at in 0..HOSTILE.len() {
            report.findings.push(spoiled(at, "plain"));
        }
        spoil(&mut report, "plain");
        html(&report)
    };
    let elements = |page: &Html| {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for element in all(page, "*") {
            let names = element.value().attrs().map(|(name, _)| name).collect::<Vec<_>>().join(" ");
            *counts.entry(format!("{} {names}", element.value().name())).or_default() += 1;
        }
        counts
    };
    let plain = elements(&Html::parse_document(&plain));
    for name in HOSTILE {
        report.findings = (0..HOSTILE.len()).map(|at| spoiled(at, name)).collect();
        spoil(&mut report, name);
        let written = html(&report);
        let page = Html::parse_document(&written);
        // However they are called: the same elements with the same attributes.
        let mut found = elements(&page);
        // An address that is none is no link.
        let links = |counts: &mut BTreeMap<String, usize>| counts.remove("a data-t href rel");
        assert_eq!(links(&mut found), None);
        let mut expected = plain.clone();
        links(&mut expected);
        assert_eq!(found, expected, "{name}");
        let name = crate::text::escape(name);
        assert!(all(&page, ".rows summary").iter().all(|row| text(*row).contains(&*name)), "{name}");
        assert!(all(&page, ".rows dd").iter().any(|fact| text(*fact) == *name), "{name}");
        assert!(
            all(&page, ".rows pre").iter().all(|command| text(*command) == format!("aws {name}")),
            "{name}"
        );
        assert_eq!(only(&page, "h1"), format!("Security audit of {name}"));
        for harmful in ['\u{202e}', '\u{2066}', '\u{200b}', '\u{0}', '\u{1b}', '\u{2028}'] {
            let at =
                written.find(harmful).map(|at| written[..at].chars().rev().take(200).collect::<String>());
            assert_eq!(at.map(|before| before.chars().rev().collect::<String>()), None, "{harmful:?}");
            assert!(!unpacked(&page).to_string().contains(harmful), "{name}: {harmful:?}");
        }
    }
}

/// A finding in which all that can be text is that.
fn spoiled(at: usize, name: &str) -> ReportFinding {
    let mut finding = finding(at, name, Lang::En);
    let text = || name.to_owned();
    finding.message = text();
    finding.fix = Some(Fix { summary: text(), command: Some(format!("aws {name}")) });
    finding.url = text();
    finding.resource.id = format!("{name} {at}");
    finding.resource.region = Some(text());
    finding.resource.arn = text();
    finding.resource.tags = [(text(), text())].into_iter().collect();
    finding.evidence = Evidence::from_iter([
        (text(), text().into()),
        ("list".to_owned(), serde_json::json!([{ name: [name, {name: name}] }])),
    ]);
    finding.controls = BTreeMap::from([(text(), vec![text()])]);
    match at % 3 {
        0 => {}
        1 => (finding.check, finding.title, finding.resource.kind) = (format!("{name} {at}"), text(), text()),
        _ => finding.id = format!("{name} {at}"),
    }
    finding
}

fn spoil(report: &mut Report, name: &str) {
    report.account.alias = Some(name.into());
    report.account.id = name.into();
    report.regions = vec![name.into()];
    report.score.framework = name.into();
    for (at, control) in report.score.controls.iter_mut().enumerate() {
        (control.id, control.title) = (format!("{name} {at} 1"), name.into());
        if at % 2 == 0 {
            (control.checks, control.manual) = (vec![], Some(name.into()));
        }
    }
    report.gaps = vec![ReportGap {
        gap: Gap {
            operation: name.into(),
            region: None,
            resource: Some(name.into()),
            kind: GapKind::AccessDenied,
            refused_by: None,
            message: name.into(),
        },
        actions: vec![name.into()],
        checks: vec![name.into()],
    }];
}

#[test]
fn the_other_language_is_in_the_file() {
    for (lang, other) in [(Lang::En, Lang::Ja), (Lang::Ja, Lang::En)] {
        let mut report = empty(lang);
        report.findings.push(finding(0, "web", lang));
        let mut unknown = finding(1, "db", lang);
        unknown.status = Status::Unknown;
        unknown.message = unread(lang).into();
        unknown.evidence = serde_json::from_value(
            serde_json::json!({"operation": "ec2:DescribeInstances", "gap": "access_denied"}),
        )
        .unwrap();
        report.findings.push(unknown);
        let mut own = finding(2, "mine", lang);
        own.message = "Told by another version.".into();
        report.findings.push(own);
        let page = html(&report);
        let page = Html::parse_document(&page);
        let code = sheet::code(lang);
        assert_eq!(all(&page, "html")[0].attr("lang"), Some(code));
        let packed = unpacked(&page);
        let rows = packed["rows"].as_array().unwrap();
        let messages: Vec<_> = rows.iter().map(|row| row[0].as_str().unwrap()).collect();
        let written = all(&page, ".rows > details").len();
        assert_eq!((rows.len(), written), (3, 3));
        assert_eq!(messages[0], finding(0, "web", other).message);
        assert_eq!(messages[1], "", "what is not of the page has no translation");
        assert_eq!(messages[2], unread(other));
        let texts = packed["texts"].as_array().unwrap();
        let marked = all(&page, "[data-t]");
        assert_eq!(texts.len(), marked.len());
        let pairs: Vec<_> = marked
            .iter()
            .zip(texts)
            .map(|(element, text)| (self::text(*element), text.as_str().unwrap()))
            .collect();
        let entry = registry::find("ec2-sg-open-ssh").unwrap();
        let [words, others] = [lang, other].map(words::Words::of);
        for (first, second) in [
            (&entry.page(lang).title, &entry.page(other).title),
            (&words.findings, &others.findings),
            (&words.filled_title(), &others.filled_title()),
            (&finding(0, "web", lang).fix.unwrap().summary, &finding(0, "web", other).fix.unwrap().summary),
        ] {
            assert!(pairs.iter().any(|(a, b)| a == first && b == second), "{first} → {second}");
        }
    }
}

/// As `checks/src/report.rs` tells it.
fn unread(lang: Lang) -> &'static str {
    match lang {
        Lang::En => {
            "Could not be judged: ec2:DescribeInstances: denied by a service control policy of the organization; \
             throttled."
        }
        Lang::Ja => {
            "判定できませんでした（ec2:DescribeInstances：組織のサービスコントロールポリシー（SCP）で拒否されています、\
             スロットリング）。"
        }
    }
}

impl words::Words {
    fn filled_title(&self) -> String {
        words::fill(&self.title, &[("account", "111122223333")])
    }
}

#[test]
fn each_way_to_tell_a_finding_is_recognised() {
    let langs = [Lang::En, Lang::Ja];
    let mut told_as = 0;
    for entry in registry::all() {
        let mut translator = told::Translator::new(Some(entry), langs);
        let [english, japanese] = langs.map(|lang| entry.page(lang));
        let variants = english.variants().map(|(name, _)| Some(name));
        for variant in std::iter::once(None).chain(variants) {
            let ReportFinding { resource, mut evidence, .. } = finding(0, "web", Lang::En);
            evidence.insert("name", "web".into());
            let filled = filled(entry, variant, &resource, &evidence);
            // What names facts of its own is not told here.
            let (Ok(message), Ok(fix)) = (english.message(&filled, Lang::En), english.fix(&filled, Lang::En))
            else {
                continue;
            };
            let report = ReportFinding {
                group: None,
                severity_reason: None,
                suppressed: None,
                message,
                fix: Some(Fix { summary: fix, command: None }),
                evidence: filled.evidence.clone(),
                ..finding(0, "web", Lang::En)
            };
            let told = translator.translate(&report);
            assert_eq!(
                told.message,
                japanese.message(&filled, Lang::Ja).ok(),
                "{} {variant:?}",
                entry.check.id
            );
            assert_eq!(told.fix, japanese.fix(&filled, Lang::Ja).ok(), "{} {variant:?}", entry.check.id);
            told_as += usize::from(variant.is_some());
        }
        let own = ReportFinding { message: "of no page".into(), ..finding(0, "web", Lang::En) };
        assert_eq!(translator.translate(&own), told::Told::default(), "{}", entry.check.id);
    }
    assert!(told_as > 10, "{told_as}");
}

#[test]
fn what_could_not_be_judged_says_what_to_allow() {
    let mut report = empty(Lang::En);
    let gap = |operation: &str, region: &str, kind, refused_by| ReportGap {
        gap: Gap {
            operation: operation.into(),
            region: Some(region.into()),
            resource: None,
            kind,
            refused_by,
            message: "User is not authorized".into(),
        },
        actions: vec![operation.into()],
        checks: vec![],
    };
    report.gaps = vec![
        gap("ec2:DescribeInstances", "eu-west-1", GapKind::AccessDenied, None),
        gap("kms:ListKeys", "eu-west-1", GapKind::AccessDenied, Some(Refusal::ServiceControlPolicy)),
        gap("rds:DescribeDBInstances", "eu-west-1", GapKind::Throttled, None),
    ];
    report.score.controls[0].unknown = 4;
    let page = html(&report);
    let page = Html::parse_document(&page);
    let statement: serde_json::Value = serde_json::from_str(&only(&page, "pre.policy")).unwrap();
    assert_eq!(
        statement,
        serde_json::json!({"Effect": "Allow", "Action": ["ec2:DescribeInstances"], "Resource": "*"}),
        "granting does not help against the others"
    );
    let gaps: Vec<_> = all(&page, ".gaps tbody tr").into_iter().map(text).collect();
    assert_eq!(gaps.len(), 3);
    assert!(gaps.iter().any(|gap| gap.contains("kms:ListKeys") && gap.contains("service control policy")));
    assert!(gaps.iter().any(|gap| gap.contains(cause(GapKind::Throttled, Lang::En))));
    assert_eq!(only(&page, ".shares svg title"), "4 of 8 not judged");
    assert!(only(&page, ".gaps caption").contains("could not be read"));
}

#[test]
fn who_accepts_it_and_why_the_severity_is_another() {
    let mut report = empty(Lang::En);
    let mut accepted = ReportFinding { status: Status::Suppressed, ..finding(0, "web", Lang::En) };
    accepted.suppressed = Some(Suppressed {
        reason: "<b>keys only</b>".into(),
        owner: Some("network team".into()),
        expires: Some("2027-03-31".parse().unwrap()),
        ticket: None,
        source: "aws-audit.toml:12".into(),
    });
    accepted.severity_reason = Some("nothing behind it".into());
    report.findings.push(accepted);
    let page = html(&report);
    let page = Html::parse_document(&page);
    let told: Vec<_> = all(&page, "[data-status=suppressed] .rows p").into_iter().map(text).collect();
    assert!(
        told.contains(&"Accepted by network team until 2027-03-31: <b>keys only</b>".to_owned()),
        "{told:?}"
    );
    assert!(told.contains(&"Severity set by the configuration: nothing behind it".to_owned()), "{told:?}");
}

#[test]
fn nothing_is_counted_twice_or_left_out() {
    let mut report = empty(Lang::En);
    report.scope = Some(Scope { checks: Default::default(), min_severity: Severity::Low, unlisted: 2 });
    for (at, status) in
        [Status::Fail, Status::Fail, Status::Unknown, Status::Suppressed, Status::Pass, Status::Pass]
            .into_iter()
            .enumerate()
    {
        report.findings.push(ReportFinding { status, ..finding(at, "web", Lang::En) });
    }
    report.findings[1].severity = Severity::Critical;
    report.findings[5].state = Some(State::Resolved);
    let page = html(&report);
    let page = Html::parse_document(&page);
    for (part, count) in [("fail", 2), ("unknown", 1), ("suppressed", 1), ("passed", 1), ("resolved", 1)] {
        assert_eq!(all(&page, &format!("[data-status={part}] .rows > details")).len(), count, "{part}");
    }
    assert_eq!(only(&page, ".wide .big"), "2");
    assert!(only(&page, ".wide").contains("2 failing findings below “Low” are not listed."));
    assert_eq!(all(&page, ".critical .rows > details").len(), 1);
    // Something is open to anyone: no score is good enough to say otherwise.
    assert_eq!(only(&page, ".says"), "Act now");
    let ids: Vec<_> =
        all(&page, "[id]").iter().map(|element| element.attr("id").unwrap().to_owned()).collect();
    let distinct: std::collections::BTreeSet<_> = ids.iter().collect();
    assert_eq!(ids.len(), distinct.len(), "{ids:?}");
    for link in all(&page, "a[href^='#']") {
        let id = &link.attr("href").unwrap()[1..];
        assert!(ids.iter().any(|known| known == id), "{id} is nowhere");
    }
}

#[test]
fn every_table_and_field_has_its_names() {
    let mut report = empty(Lang::Ja);
    for (at, status) in
        [Status::Fail, Status::Unknown, Status::Suppressed, Status::Pass].into_iter().enumerate()
    {
        report.findings.push(ReportFinding { status, ..finding(at, "web", Lang::Ja) });
    }
    report.score.controls[0].unknown = 1;
    report.gaps = vec![ReportGap {
        gap: Gap::unreadable(aws_audit_checks::snapshot::ec2::op::DescribeVpcs, Some("eu-west-1"), None, "x"),
        actions: vec![],
        checks: vec![],
    }];
    let page = html(&report);
    let page = Html::parse_document(&page);
    for table in all(&page, "table") {
        let columns = table.select(&Selector::parse("thead th[scope=col]").unwrap()).count();
        assert!(table.select(&Selector::parse("caption").unwrap()).any(|caption| !text(caption).is_empty()));
        for row in table.select(&Selector::parse("tbody tr").unwrap()) {
            let cells = row.child_elements();
            assert_eq!(cells.count(), columns, "{}", text(row));
            assert_eq!(row.select(&Selector::parse("th[scope=row]").unwrap()).count(), 1);
        }
    }
    let mut level = 0;
    for heading in all(&page, "h1, h2, h3, h4") {
        let next = heading.value().name()[1..].parse().unwrap();
        // The list of contents stands before the headline.
        assert!(level == 0 || next <= level + 1, "{}", text(heading));
        level = next;
    }
    for field in all(&page, "input, select") {
        let label = field.ancestors().find_map(ElementRef::wrap).unwrap();
        assert_eq!(label.value().name(), "label");
    }
    for picture in all(&page, "svg") {
        let title = picture.select(&Selector::parse("title").unwrap()).any(|title| !text(title).is_empty());
        assert!(title || picture.attr("aria-hidden") == Some("true"));
    }
    for labelled in all(&page, "[aria-labelledby]") {
        let id = labelled.attr("aria-labelledby").unwrap();
        assert_eq!(all(&page, &format!("[id='{id}']")).len(), 1, "{id}");
    }
}

/// Like the account that the limit is for: names, messages, commands and evidence of the usual length.
fn large(count: usize) -> Report {
    let mut report = empty(Lang::En);
    report.findings = (0..count).map(|at| finding(at, &format!("group-{at:x}"), Lang::En)).collect();
    report
}

#[test]
fn a_large_report_is_small_and_always_the_same() {
    let size = html(&large(20_000)).len();
    let limit = 150_000 + 400 * 20_000;
    assert!(size < limit, "{size} bytes, of {limit}");
    let report = large(2_000);
    let page = html(&report);
    assert!(page == html(&report));
    let page = Html::parse_document(&page);
    let rows = all(&page, ".rows > details");
    assert_eq!(rows.len(), report.findings.len());
    let with_evidence =
        rows.iter().filter(|row| row.child_elements().any(|child| child.value().name() == "dl")).count();
    assert!((500..5000).contains(&with_evidence), "{with_evidence}");
    // Of the others the script has it.
    let packed = unpacked(&page);
    let last = packed["rows"].as_array().unwrap().last().unwrap();
    let facts: Vec<_> = last.as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect();
    assert_eq!(facts[0], finding(1_999, "group-7cf", Lang::Ja).message);
    assert!(facts.contains(&"arn") && facts.contains(&"0.0.0.0/0"), "{facts:?}");
}

#[test]
fn one_long_name_does_not_bury_the_others() {
    let mut report = large(3);
    let usual = html(&report).len();
    let long = "x".repeat(100_000);
    report.findings[0] = spoiled(0, &long);
    report.account.alias = Some(long);
    let size = html(&report).len();
    assert!(size < usual + 50_000, "{size} bytes instead of {usual}");
}

#[test]
fn an_account_without_findings_has_a_page() {
    for lang in [Lang::En, Lang::Ja] {
        let mut report = empty(lang);
        (report.score.overall, report.score.judged) = (None, None);
        report.regions.clear();
        let page = html(&report);
        let page = Html::parse_document(&page);
        assert_eq!(only(&page, ".says"), words::Words::of(lang).no_score);
        assert!(only(&page, "[data-status=fail]").contains(&words::Words::of(lang).no_findings));
        assert!(all(&page, "form, .gaps, .rows").is_empty());
    }
}
