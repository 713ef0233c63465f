use aws_audit_checks::{
    finding::{Severity, Status},
    group::Group,
    page::Lang,
};
use expect_test::expect;
use pulldown_cmark::{Event, Options as Dialect, Parser, Tag};
use serde_json::Value;

use super::hostile;
use crate::{
    Marker, Options, Text, plan,
    testing::{Fact, id, report},
};

const FACTS: [Fact<'_>; 2] =
    [("critical-a", "a1", "eu-west-1", Status::Fail), ("critical-a", "a2", "us-east-1", Status::Fail)];

fn body(lang: Lang) -> Text {
    let options = Options { lang, ..Options::default() };
    plan(&report(0, &["critical-a"], &FACTS), None, &options).unwrap().items.remove(0).body.unwrap()
}

#[test]
fn reads_well() {
    expect![[r#""#]].assert_eq(&body(Lang::En).markdown);
}

#[test]
fn reads_well_in_japanese() {
    expect![[r#""#]].assert_eq(&body(Lang::Ja).markdown);
}

#[test]
fn reads_well_without_markup() {
    expect![[r#""#]].assert_eq(&body(Lang::En).text);
}

#[test]
fn is_a_document_of_atlassian() {
    expect![[r#""#]].assert_eq(&format!("{:#}", body(Lang::En).adf));
}

/// A report in which each hostile name is the title, the message, the resource and the command of a group of its own.
fn hostile_bodies() -> Vec<(String, Text, String)> {
    let mut report = hostile::report();
    let groups = report.findings.iter().filter(|it| it.status == Status::Fail).map(|finding| Group {
        id: id(&[&finding.id]),
        cause: "check".into(),
        key: finding.message.clone(),
        title: finding.title.clone(),
        severity: Severity::High,
        resources: 1,
        checks: vec![finding.check.clone()],
        findings: vec![finding.id.clone()],
    });
    report.groups = groups.collect();
    let options = Options { max: 1000, owner_tag: Some("x".into()), ..Options::default() };
    let plan = plan(&report, None, &options).unwrap();
    assert_eq!(plan.items.len(), hostile::names().len());
    plan.items.into_iter().map(|item| (item.title, item.body.unwrap(), item.key)).collect()
}

#[test]
fn nothing_in_a_name_acts_in_markdown() {
    for (title, body, key) in hostile_bodies() {
        assert!(title.encode_utf16().count() <= 250 && !title.contains('\n') && !title.is_empty());
        assert!(!title.chars().any(char::is_control), "{title:?}");
        assert!(body.markdown.encode_utf16().count() < 60_000, "{title}");
        assert_eq!(Marker::find(&body.markdown).unwrap().key, key);
        let mut in_code = 0;
        let mut lines_of_html = 0;
        for event in Parser::new_ext(&body.markdown, Dialect::all()) {
            match event {
                Event::Html(html) | Event::InlineHtml(html) => {
                    lines_of_html += 1;
                    assert!(html.starts_with("<!-- aws-audit:"), "{title}: {html}");
                }
                Event::Start(Tag::CodeBlock(_)) => in_code += 1,
                Event::End(pulldown_cmark::TagEnd::CodeBlock) => in_code -= 1,
                Event::Start(Tag::Link { dest_url, .. }) => {
                    assert!(dest_url.starts_with("https://docs.aws.amazon.com/"), "{title}: {dest_url}");
                }
                Event::Start(Tag::Image { .. } | Tag::Table(_) | Tag::BlockQuote(_)) => panic!("{title}"),
                // What GitHub acts on and a reader of CommonMark does not see.
                Event::Text(text) if in_code == 0 => {
                    for acts in ["@", "#", "http", "www.", ":tada", "$"] {
                        assert!(!text.contains(acts), "{title}: {text}");
                    }
                }
                _ => {}
            }
        }
        assert_eq!(lines_of_html, 2, "{title}: the marker and the end");
    }
}

#[test]
fn atlassian_documents_keep_to_their_schema_whatever_the_names_are() {
    fn look(node: &Value, parent: &str) {
        let kind = node["type"].as_str().unwrap();
        let allowed: &[&str] = match parent {
            "doc" => &["paragraph", "heading", "bulletList", "codeBlock"],
            "bulletList" => &["listItem"],
            "listItem" => &["paragraph"],
            "paragraph" | "heading" | "codeBlock" => &["text"],
            other => panic!("{other}"),
        };
        assert!(allowed.contains(&kind), "{kind} in {parent}");
        if kind == "text" {
            let text = node["text"].as_str().unwrap();
            assert!(!text.is_empty() && !text.chars().any(|c| c.is_control()), "{text:?}");
            let marks = node["marks"].as_array().map(Vec::as_slice).unwrap_or_default();
            assert!(marks.len() <= 1 && (marks.is_empty() || parent != "codeBlock"));
        } else {
            let content = node["content"].as_array().unwrap();
            assert!(!content.is_empty(), "{kind} of nothing");
            content.iter().for_each(|node| look(node, kind));
        }
    }
    for (title, body, key) in hostile_bodies() {
        assert_eq!(body.adf["version"], 1);
        body.adf["content"].as_array().unwrap().iter().for_each(|node| look(node, "doc"));
        let last = body.adf["content"].as_array().unwrap().last().unwrap();
        assert_eq!(Marker::find(last["content"][0]["text"].as_str().unwrap()).unwrap().key, key);
        // What Jira takes in a field of rich text.
        assert!(body.adf.to_string().encode_utf16().count() < 60_000, "{title}");
        let harmful = |c: char| c.is_control() && c != '\n';
        assert!(!body.text.contains(harmful) && body.text.encode_utf16().count() < 32_767, "{title}");
        assert_eq!(Marker::find(body.text.lines().last().unwrap()).unwrap().key, key);
    }
}

#[test]
fn the_largest_group_fits() {
    let names: Vec<String> = (0..20_000).map(|at| format!("{at}{}", "日<".repeat(500))).collect();
    let facts: Vec<Fact<'_>> =
        names.iter().map(|name| ("critical-a", name.as_str(), "eu-west-1", Status::Fail)).collect();
    let item = plan(&report(0, &["critical-a"], &facts), None, &Options::default()).unwrap().items.remove(0);
    let body = item.body.unwrap();
    assert!(body.markdown.encode_utf16().count() < 65_536 && body.text.encode_utf16().count() < 32_767);
    assert!(body.text.contains("And 19960 more"));
}
