use expect_test::expect;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use super::*;
use crate::{hostile, text::is_harmful};

fn written(report: &Report, lang: Lang) -> String {
    let mut out = vec![];
    write(report, &Style { lang, ..Style::default() }, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn plain() -> Report {
    let mut report = hostile::empty();
    report.findings = hostile::plain_findings();
    report
}

#[test]
fn reads_well() {
    expect![[r#"
        <!-- aws-audit:111122223333 -->
        ## aws-audit: `111122223333`

        **Score 49 / 100** · 2 failing findings: 1 critical, 1 high · 1 new · 1 unknown · 1 suppressed

        Scanned 2026-11-01 12:00:00 UTC · Regions: `eu-west-1`, `us-east-1`

        > [!WARNING]
        > The scan is incomplete: do not take what is unknown for fine.

        ### Findings

        #### critical: Security group opens SSH to the internet

        `ec2-sg-open-ssh` · 2 resources

        - `bastion (sg-0a)` · `eu-west-1` · new: Port 22 is open to `0.0.0.0/0`.
        - `sg-0b` · `eu-west-1` · high: Port 22 is open to `0.0.0.0/0`.

        Fix: Remove the rule; use Session Manager.

        For example, `bastion (sg-0a)`:

        ```sh
        aws ec2 revoke-security-group-ingress --group-id sg-0a
        ```

        [AWS's documentation](<https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html>)

        <details><summary>Suppressed</summary>

        - `ec2-sg-open-ssh` (1): `accepted (sg-0d)` · Accepted by network team until `2027-03-31`: keys only (`https://tickets.example.com/SEC-142`)

        </details>

        <details><summary>Unknown: what could not be judged</summary>

        - `ec2-sg-open-rdp` (1): `sg-0c`

        </details>

    "#]]
    .assert_eq(&written(&plain(), Lang::En));
}

#[test]
fn reads_well_in_japanese() {
    expect![[r#"
        <!-- aws-audit:111122223333 -->
        ## aws-audit: `111122223333`

        **スコア 49 / 100** · NG 2件：重大 1、高 1 · 新規 1件 · 判定不能 1件 · 抑制 1件

        実行日時 2026-11-01 12:00:00 UTC · リージョン：`eu-west-1`、`us-east-1`

        > [!WARNING]
        > 一部の情報を取得できていません。「判定不能」は「問題なし」ではありません。

        ### 検出結果

        #### 重大：Security group opens SSH to the internet

        `ec2-sg-open-ssh` · 2件

        - `bastion (sg-0a)` · `eu-west-1` · 新規：Port 22 is open to `0.0.0.0/0`.
        - `sg-0b` · `eu-west-1` · 高：Port 22 is open to `0.0.0.0/0`.

        対処：Remove the rule; use Session Manager.

        例：`bastion (sg-0a)` の場合

        ```sh
        aws ec2 revoke-security-group-ingress --group-id sg-0a
        ```

        [AWSドキュメント](<https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html>)

        <details><summary>抑制したもの</summary>

        - `ec2-sg-open-ssh` (1): `accepted (sg-0d)` · 受容（責任者：network team、期限：`2027-03-31`）：keys only（`https://tickets.example.com/SEC-142`）

        </details>

        <details><summary>判定できなかったもの（判定不能）</summary>

        - `ec2-sg-open-rdp` (1): `sg-0c`

        </details>

    "#]]
    .assert_eq(&written(&plain(), Lang::Ja));
}

#[test]
fn nothing_found_is_short() {
    expect![[r#"
        <!-- aws-audit:111122223333 -->
        ## aws-audit: `111122223333`

        **Score 49 / 100** · no failing findings

        Scanned 2026-11-01 12:00:00 UTC · Regions: `eu-west-1`, `us-east-1`

    "#]]
    .assert_eq(&written(&hostile::empty(), Lang::En));
}

/// What GitHub makes of Markdown beyond CommonMark, it makes of text that is not code.
fn active(text: &str) -> Option<&'static str> {
    let lower = text.to_lowercase();
    let word = |word: &str| word.trim_matches(|c: char| !c.is_ascii_alphanumeric()).to_owned();
    let is_hash = |word: &str| word.len() >= 7 && word.chars().all(|c| c.is_ascii_hexdigit());
    let words: Vec<_> = lower.split_whitespace().map(word).collect();
    // Between two colons, or after the last one, which is stricter than need be.
    let is_name = |part: &str| part.starts_with(|c: char| c.is_ascii_alphabetic() || "+-".contains(c));
    [
        ("ping", text.contains('@')),
        // A header of the table of controls is that and no more.
        ("issue", text != "#" && text.contains('#') || lower.contains("gh-")),
        ("link", lower.contains("://") || lower.contains("www.")),
        ("commit", words.iter().any(|word| is_hash(word))),
        ("mathematics", text.contains('$')),
        ("emoji", text.split(':').skip(1).any(is_name)),
        ("harmful", text.chars().any(is_harmful)),
    ]
    .into_iter()
    .find_map(|(what, is)| is.then_some(what))
}

/// The HTML that this format writes itself.
fn is_ours(html: &str) -> bool {
    let html = html.trim();
    html.is_empty()
        || html == "</details>"
        || html.starts_with("<!-- aws-audit:") && html.ends_with(" -->") && html.matches('-').count() == 5
        || html
            .strip_prefix("<details><summary>")
            .and_then(|rest| rest.strip_suffix("</summary>"))
            .is_some_and(|title| !title.contains(['<', '>', '&', '@']))
}

/// The report with as many of the hostile names as fit, in turn, so that each of them is printed once.
fn pages(lang: Lang) -> Vec<(Report, String)> {
    let whole = hostile::report();
    let pages = whole.findings.chunks(60).zip(whole.gaps.chunks(20)).map(|(findings, gaps)| {
        let report = Report { findings: findings.to_vec(), gaps: gaps.to_vec(), ..whole.clone() };
        let text = written(&report, lang);
        (report, text)
    });
    pages.collect()
}

#[test]
fn nothing_of_a_name_acts() {
    for (_, text) in [pages(Lang::En), pages(Lang::Ja)].concat() {
        let mut code = false;
        let mut texts = String::new();
        for event in Parser::new_ext(&text, Options::all()) {
            match event {
                Event::Start(Tag::CodeBlock(_)) => code = true,
                Event::End(TagEnd::CodeBlock) => code = false,
                Event::Text(text) if !code => texts.push_str(&text),
                // Text goes on after code as if after a letter.
                Event::Code(_) => texts.push('x'),
                Event::Html(html) | Event::InlineHtml(html) => assert!(is_ours(&html), "{html}"),
                Event::Start(Tag::Link { dest_url, .. }) => {
                    assert!(dest_url.starts_with("https://docs.aws.amazon.com/"), "{dest_url}");
                }
                Event::Start(
                    tag @ (Tag::Image { .. }
                    | Tag::Strong
                    | Tag::Emphasis
                    | Tag::Strikethrough
                    | Tag::FootnoteDefinition(_)
                    | Tag::MetadataBlock(_)),
                ) => assert_eq!(tag, Tag::Strong),
                Event::End(TagEnd::Item | TagEnd::Paragraph | TagEnd::Heading(_) | TagEnd::TableCell) => {
                    assert_eq!(active(&texts), None, "{texts}");
                    texts.clear();
                }
                Event::TaskListMarker(_)
                | Event::FootnoteReference(_)
                | Event::InlineMath(_)
                | Event::DisplayMath(_)
                | Event::Rule => panic!("{event:?}"),
                _ => {}
            }
        }
    }
}

#[test]
fn names_survive_as_code() {
    for (report, text) in pages(Lang::En) {
        let spans: Vec<_> = Parser::new_ext(&text, Options::all())
            .filter_map(|event| match event {
                Event::Code(code) => Some(code.into_string()),
                _ => None,
            })
            .collect();
        for finding in report.findings.iter().filter(|finding| finding.status == Status::Fail) {
            let resource = words::resource(&finding.resource, Lang::En);
            let shown = table::shown(&resource, LONGEST_NAME);
            let shown = if shown.is_empty() { " " } else { &shown };
            assert!(spans.iter().any(|span| span == shown), "{shown:?}");
        }
    }
}

#[test]
fn what_does_not_fit_is_counted() {
    let mut report = plain();
    let first = report.findings[0].clone();
    report.findings = (0..20_000)
        .map(|at| {
            let mut finding = first.clone();
            finding.check = format!("check-{}", at % 700);
            finding.resource.id = format!("sg-{at}");
            finding.severity = Severity::WORST_FIRST[at % 5];
            finding.status = [Status::Fail, Status::Fail, Status::Unknown, Status::Suppressed][at / 5 % 4];
            finding
        })
        .collect();
    for lang in [Lang::En, Lang::Ja] {
        let text = written(&report, lang);
        assert!((LONGEST - 8_000..LONGEST).contains(&units(&text)), "{}", units(&text));
        assert_eq!(text.matches("<details>").count(), text.matches("</details>").count());
        let (told, untold) = match lang {
            Lang::En => {
                let note = text.split("**").find(|part| part.contains("did not fit")).unwrap();
                let numbers: Vec<usize> = note.split(' ').filter_map(|word| word.parse().ok()).collect();
                (text.matches("\n#### ").count(), numbers[0])
            }
            Lang::Ja => continue,
        };
        let groups = table::groups(&report).len();
        assert_eq!(told + untold, groups);
        assert!(text.contains("10000 failing findings"));
    }
}

#[test]
fn hostile_names_do_not_break_the_limit() {
    for lang in [Lang::En, Lang::Ja] {
        assert!(units(&written(&hostile::report(), lang)) <= LONGEST);
    }
}

#[test]
fn suppressed_findings_are_told_apart() {
    let text = written(&plain(), Lang::En);
    let (findings, rest) = text.split_once("<summary>Suppressed</summary>").unwrap();
    assert!(!findings.contains("sg-0d"));
    assert!(rest.contains("sg-0d"));
    assert!(findings.contains("2 failing findings: 1 critical, 1 high · 1 new · 1 unknown · 1 suppressed"));
}
