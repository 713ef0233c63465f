use aws_audit_checks::{
    finding::{Severity, Status},
    group::Group,
    page::Lang,
};
use expect_test::{expect, expect_file};
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
    expect![[r#"
        <!-- aws-audit:key=d88d3da120329d0b0000000000000002 account=111122223333 content=eaf271c5af79293e report=20261101T120000Z severity=critical checks=critical-a regions=eu-west-1,us-east-1 -->
        **critical** · account `111122223333` · 2 resources

        ### What was found

        - `a1` · `eu-west-1`: a1 is open to `0.0.0.0/0`.
        - `a2` · `us-east-1`: a2 is open to `0.0.0.0/0`.

        ### What to do

        `critical-a`: Remove the rule. [AWS documentation](<https://docs.aws.amazon.com/page.html>)

        For example, `a1`:

        ```sh
        aws mend --name a1
        ```

        This text is kept up to date by aws-audit, which closes the ticket when a scan sees that it is mended. To accept it instead, write a suppression; to keep the ticket as it is, label it `aws-audit:keep`.
        <!-- aws-audit:end -->
    "#]].assert_eq(&body(Lang::En).markdown);
}

#[test]
fn reads_well_in_japanese() {
    expect![[r#"
        <!-- aws-audit:key=d88d3da120329d0b0000000000000002 account=111122223333 content=54190b820b63fa25 report=20261101T120000Z severity=critical checks=critical-a regions=eu-west-1,us-east-1 -->
        **重大** · アカウント `111122223333` · リソース 2件

        ### 検出内容

        - `a1` · `eu-west-1`：a1 is open to `0.0.0.0/0`.
        - `a2` · `us-east-1`：a2 is open to `0.0.0.0/0`.

        ### 対処

        `critical-a`：Remove the rule. [AWSドキュメント](<https://docs.aws.amazon.com/page.html>)

        例：`a1`

        ```sh
        aws mend --name a1
        ```

        この本文はaws-auditが更新し、スキャンで解消を確認するとチケットを閉じます。受け入れる場合は抑制（suppress）を設定してください。チケットを現状のまま残すには、次のラベルを付けてください：`aws-audit:keep`
        <!-- aws-audit:end -->
    "#]].assert_eq(&body(Lang::Ja).markdown);
}

#[test]
fn reads_well_without_markup() {
    expect![[r#"
        critical · account 111122223333 · 2 resources

        What was found

        - a1 · eu-west-1: a1 is open to 0.0.0.0/0.
        - a2 · us-east-1: a2 is open to 0.0.0.0/0.

        What to do

        critical-a: Remove the rule. AWS documentation https://docs.aws.amazon.com/page.html

        For example, a1:

            aws mend --name a1

        This text is kept up to date by aws-audit, which closes the ticket when a scan sees that it is mended. To accept it instead, write a suppression; to keep the ticket as it is, label it aws-audit:keep.

        aws-audit:key=d88d3da120329d0b0000000000000002 account=111122223333 content=eaf271c5af79293e report=20261101T120000Z severity=critical checks=critical-a regions=eu-west-1,us-east-1
    "#]].assert_eq(&body(Lang::En).text);
}

#[test]
fn is_a_document_of_atlassian() {
    expect![[r#"
        {
          "content": [
            {
              "content": [
                {
                  "marks": [
                    {
                      "type": "strong"
                    }
                  ],
                  "text": "critical",
                  "type": "text"
                },
                {
                  "text": " · account ",
                  "type": "text"
                },
                {
                  "marks": [
                    {
                      "type": "code"
                    }
                  ],
                  "text": "111122223333",
                  "type": "text"
                },
                {
                  "text": " · 2 resources",
                  "type": "text"
                }
              ],
              "type": "paragraph"
            },
            {
              "attrs": {
                "level": 3
              },
              "content": [
                {
                  "text": "What was found",
                  "type": "text"
                }
              ],
              "type": "heading"
            },
            {
              "content": [
                {
                  "content": [
                    {
                      "content": [
                        {
                          "marks": [
                            {
                              "type": "code"
                            }
                          ],
                          "text": "a1",
                          "type": "text"
                        },
                        {
                          "text": " · ",
                          "type": "text"
                        },
                        {
                          "marks": [
                            {
                              "type": "code"
                            }
                          ],
                          "text": "eu-west-1",
                          "type": "text"
                        },
                        {
                          "text": ": ",
                          "type": "text"
                        },
                        {
                          "text": "a1 is open to 0.0.0.0/0.",
                          "type": "text"
                        }
                      ],
                      "type": "paragraph"
                    }
                  ],
                  "type": "listItem"
                },
                {
                  "content": [
                    {
                      "content": [
                        {
                          "marks": [
                            {
                              "type": "code"
                            }
                          ],
                          "text": "a2",
                          "type": "text"
                        },
                        {
                          "text": " · ",
                          "type": "text"
                        },
                        {
                          "marks": [
                            {
                              "type": "code"
                            }
                          ],
                          "text": "us-east-1",
                          "type": "text"
                        },
                        {
                          "text": ": ",
                          "type": "text"
                        },
                        {
                          "text": "a2 is open to 0.0.0.0/0.",
                          "type": "text"
                        }
                      ],
                      "type": "paragraph"
                    }
                  ],
                  "type": "listItem"
                }
              ],
              "type": "bulletList"
            },
            {
              "attrs": {
                "level": 3
              },
              "content": [
                {
                  "text": "What to do",
                  "type": "text"
                }
              ],
              "type": "heading"
            },
            {
              "content": [
                {
                  "marks": [
                    {
                      "type": "code"
                    }
                  ],
                  "text": "critical-a",
                  "type": "text"
                },
                {
                  "text": ": ",
                  "type": "text"
                },
                {
                  "text": "Remove the rule.",
                  "type": "text"
                },
                {
                  "text": " ",
                  "type": "text"
                },
                {
                  "marks": [
                    {
                      "attrs": {
                        "href": "https://docs.aws.amazon.com/page.html"
                      },
                      "type": "link"
                    }
                  ],
                  "text": "AWS documentation",
                  "type": "text"
                }
              ],
              "type": "paragraph"
            },
            {
              "content": [
                {
                  "text": "For example, ",
                  "type": "text"
                },
                {
                  "marks": [
                    {
                      "type": "code"
                    }
                  ],
                  "text": "a1",
                  "type": "text"
                },
                {
                  "text": ":",
                  "type": "text"
                }
              ],
              "type": "paragraph"
            },
            {
              "attrs": {
                "language": "shell"
              },
              "content": [
                {
                  "text": "aws mend --name a1",
                  "type": "text"
                }
              ],
              "type": "codeBlock"
            },
            {
              "content": [
                {
                  "text": "This text is kept up to date by aws-audit, which closes the ticket when a scan sees that it is mended. To accept it instead, write a suppression; to keep the ticket as it is, label it ",
                  "type": "text"
                },
                {
                  "marks": [
                    {
                      "type": "code"
                    }
                  ],
                  "text": "aws-audit:keep",
                  "type": "text"
                },
                {
                  "text": ".",
                  "type": "text"
                }
              ],
              "type": "paragraph"
            },
            {
              "content": [
                {
                  "marks": [
                    {
                      "type": "code"
                    }
                  ],
                  "text": "aws-audit:key=d88d3da120329d0b0000000000000002 account=111122223333 content=eaf271c5af79293e report=20261101T120000Z severity=critical checks=critical-a regions=eu-west-1,us-east-1",
                  "type": "text"
                }
              ],
              "type": "paragraph"
            }
          ],
          "type": "doc",
          "version": 1
        }"#]].assert_eq(&format!("{:#}", body(Lang::En).adf));
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

/// What the recipes are tested with (`recipes/tickets/test_recipes.py`): a plan with each of the actions.
#[test]
fn the_recipes_are_tested_with_a_plan_as_it_is() {
    let checks = ["critical-a", "high-b", "high-d", "high-e", "medium-c"];
    let hostile = "<!channel> [To:1] [x](https://evil.example) @here & \"'`";
    let (d, e) = (("high-d", hostile, "", Status::Fail), ("high-e", "e", "", Status::Fail));
    let (b, c) = (("high-b", "b", "", Status::Fail), ("medium-c", "c", "", Status::Fail));
    let accepted = (e.0, e.1, e.2, Status::Suppressed);
    let before = report(0, &checks, &[FACTS[0], b, accepted]);
    let mut now = report(1, &checks, &[FACTS[0], FACTS[1], d, e, c]);
    let group = now.groups.iter_mut().find(|group| group.key == d.0).unwrap();
    group.title = format!("Group {hostile} is open");
    let options = Options { max: 2, ..Options::default() };
    let plan = plan(&now, Some(&before), &options).unwrap();
    let mut written = Vec::new();
    plan.write(&mut written).unwrap();
    let written = String::from_utf8(written).unwrap();
    for action in ["create", "update", "reopen", "close", "none"] {
        assert!(written.contains(&format!("\"action\":\"{action}\"")), "{action}");
    }
    expect_file!["../../../recipes/tickets/sample-plan.jsonl"].assert_eq(&written);
}
