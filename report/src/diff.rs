//! What has changed between two reports: for a terminal, for a pull request, for programs.

use std::{fmt::Write as _, io};

use aws_audit_checks::{
    diff::{Change, ChangeKind, Diff, NotCompared, Side},
    finding::{Severity, Status},
    page::Lang,
};

use crate::{
    Style,
    text::{cut, escape, padded, width, wrap},
};

/// A format of diffs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// For people.
    #[default]
    Table,
    /// For programs: every change with its finding.
    Json,
    /// For pull requests and chats.
    Markdown,
}

/// The narrowest table that can be read.
const LEAST_WIDTH: usize = 60;

/// Columns of a name or message after which the rest is cut off with a mark; the JSON has them whole.
const LONGEST: usize = 300;

/// Bytes of Markdown: GitHub takes 65,536 characters in a comment. What is left out is counted.
const MOST_MARKDOWN: usize = 60_000;

/// Changes of one kind that a table lists; the others are only counted.
const MOST_LISTED: usize = 50;

/// Writes the diff in a format.
///
/// # Errors
/// When it cannot be written.
pub fn write(diff: &Diff, format: Format, style: &Style, out: &mut dyn io::Write) -> io::Result<()> {
    match format {
        Format::Table => out.write_all(table(diff, style).as_bytes()),
        Format::Markdown => out.write_all(markdown(diff, style.lang).as_bytes()),
        Format::Json => {
            serde_json::to_writer_pretty(&mut *out, diff)?;
            out.write_all(b"\n")
        }
    }
}

const fn say(lang: Lang, english: &'static str, japanese: &'static str) -> &'static str {
    match lang {
        Lang::En => english,
        Lang::Ja => japanese,
    }
}

const fn kind(kind: ChangeKind, lang: Lang) -> &'static str {
    match kind {
        ChangeKind::New => say(lang, "New", "新規"),
        ChangeKind::Worse => say(lang, "Worse", "悪化"),
        ChangeKind::Reinstated => say(lang, "No longer accepted", "抑制の解除"),
        ChangeKind::Judged => say(lang, "Unknown before, judged now", "判定不能から判定済み"),
        ChangeKind::Unjudged => say(lang, "Judged before, unknown now", "判定不能になったもの"),
        ChangeKind::Accepted => say(lang, "Accepted", "抑制"),
        ChangeKind::Better => say(lang, "Better", "改善"),
        ChangeKind::Gone => say(lang, "Gone", "解消"),
    }
}

const fn severity(severity: Severity, lang: Lang) -> &'static str {
    match (lang, severity) {
        (Lang::En, _) => severity.name(),
        (Lang::Ja, Severity::Critical) => "重大",
        (Lang::Ja, Severity::High) => "高",
        (Lang::Ja, Severity::Medium) => "中",
        (Lang::Ja, Severity::Low) => "低",
        (Lang::Ja, Severity::Info) => "情報",
    }
}

const fn status(status: Status, lang: Lang) -> &'static str {
    match status {
        Status::Fail => say(lang, "fails", "NG"),
        Status::Unknown => say(lang, "unknown", "判定不能"),
        Status::Suppressed => say(lang, "accepted", "抑制"),
        Status::Pass => say(lang, "passes", "OK"),
    }
}

fn score(score: Option<f64>) -> String {
    score.map_or_else(|| "–".to_owned(), |score| format!("{score:.1}"))
}

/// `51.7 → 55.0 (+3.3)`
fn moved(earlier: Option<f64>, later: Option<f64>) -> String {
    let by = match (earlier, later) {
        (Some(earlier), Some(later)) => format!(" ({:+.1})", later - earlier),
        _ => String::new(),
    };
    format!("{} → {}{by}", score(earlier), score(later))
}

fn side(side: &Side, lang: Lang) -> String {
    let Side { fail, unknown, suppressed, .. } = side;
    let when = side.started_at.strftime("%Y-%m-%d %H:%M UTC");
    match lang {
        Lang::En => format!("{when} · {fail} failing · {unknown} unknown · {suppressed} accepted"),
        Lang::Ja => format!("{when} · NG {fail}件 · 判定不能 {unknown}件 · 抑制 {suppressed}件"),
    }
}

/// How the finding stood and stands, where that is not what its kind says.
fn standing(change: &Change, lang: Lang) -> Option<String> {
    match (change.kind, change.earlier, change.later) {
        (ChangeKind::Worse | ChangeKind::Better, Some(earlier), Some(later)) => {
            Some(format!("{} → {}", severity(earlier.severity, lang), severity(later.severity, lang)))
        }
        (ChangeKind::Judged, _, later) => {
            Some(format!("→ {}", status(later.map_or(Status::Pass, |later| later.status), lang)))
        }
        _ => None,
    }
}

/// Counts of what changed, in a line.
fn summary(diff: &Diff, lang: Lang) -> String {
    let changed = diff.counts.iter().filter(|(_, count)| **count > 0);
    let mut parts: Vec<_> =
        changed.map(|(it, count)| format!("{}{}{count}", kind(*it, lang), say(lang, ": ", "："))).collect();
    if parts.is_empty() {
        parts.push(say(lang, "Nothing has changed", "変化はありません").to_owned());
    }
    parts.push(match lang {
        Lang::En => format!("{} unchanged", diff.unchanged),
        Lang::Ja => format!("変化なし{}件", diff.unchanged),
    });
    parts.join(" · ")
}

/// What only one of the reports looked at, in sentences.
fn not_compared(told: &NotCompared, lang: Lang) -> Vec<String> {
    let mut lines = Vec::new();
    let findings = told.earlier_findings + told.later_findings;
    let mut scope = |names: &[String], english: &str, japanese: &str| {
        if !names.is_empty() {
            let names = names.iter().map(|name| escape(name)).collect::<Vec<_>>().join(", ");
            lines.push(match lang {
                Lang::En => format!("{english}: {names}"),
                Lang::Ja => format!("{japanese}：{names}"),
            });
        }
    };
    scope(&told.earlier_regions, "Regions of the earlier report only", "前回のみのリージョン");
    scope(&told.later_regions, "Regions of the later report only", "今回のみのリージョン");
    scope(&told.earlier_checks, "Checks of the earlier report only", "前回のみのチェック");
    scope(&told.later_checks, "Checks of the later report only", "今回のみのチェック");
    let severities = (told.earlier_min_severity, told.later_min_severity);
    if let (Some(earlier), Some(later)) = severities
        && earlier != later
    {
        let (earlier, later) = (severity(earlier, lang), severity(later, lang));
        lines.push(match lang {
            Lang::En => format!("Listed from severity {earlier} on, and from {later} on"),
            Lang::Ja => format!("表示する重要度：前回は{earlier}以上、今回は{later}以上"),
        });
    }
    if findings > 0 {
        let (earlier, later) = (told.earlier_findings, told.later_findings);
        lines.insert(
            0,
            match lang {
                Lang::En => format!(
                    "Not compared, because only one of the reports looked there: {earlier} of the earlier report, \
                     {later} of the later one"
                ),
                Lang::Ja => format!(
                    "片方のレポートでしか調べていないため比較していないもの：前回{earlier}件、今回{later}件"
                ),
            },
        );
    }
    lines
}

fn not_comparable(lang: Lang) -> &'static str {
    say(
        lang,
        "The reports differ in framework, regions or checks: their scores cannot be compared.",
        "フレームワーク、リージョン、チェックのいずれかが異なるため、スコアは比較できません。",
    )
}

fn more(count: usize, lang: Lang) -> String {
    match lang {
        Lang::En => format!("… and {count} more (--format json has all)"),
        Lang::Ja => format!("… ほか{count}件（--format json ですべて出力できます）"),
    }
}

/// The changes of each kind that there are any of.
fn by_kind(diff: &Diff) -> impl Iterator<Item = (ChangeKind, Vec<&Change>)> {
    ChangeKind::ALL.into_iter().filter_map(|kind| {
        let changes: Vec<_> = diff.changes.iter().filter(|change| change.kind == kind).collect();
        (!changes.is_empty()).then_some((kind, changes))
    })
}

/// What was judged, and where.
fn resource(change: &Change) -> String {
    let resource = &change.finding.resource;
    let region = resource.region.as_deref().filter(|region| *region != resource.id);
    let region = region.map(|region| format!(" · {region}")).unwrap_or_default();
    format!("{}{region}", resource.id)
}

fn table(diff: &Diff, style: &Style) -> String {
    let (lang, columns) = (style.lang, style.width.max(LEAST_WIDTH));
    let paint = |code: &str, text: &str| match style.colour {
        true => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
        false => text.to_owned(),
    };
    let mut out = String::new();
    let labels =
        [say(lang, "Account", "アカウント"), say(lang, "Earlier", "前回"), say(lang, "Later", "今回")];
    let labels = [labels[0], labels[1], labels[2], say(lang, "Score", "スコア")];
    let column = labels.iter().map(|label| width(label)).max().unwrap_or_default() + 2;
    let values = [
        escape(&diff.account).into_owned(),
        side(&diff.earlier, lang),
        side(&diff.later, lang),
        moved(diff.earlier.overall, diff.later.overall),
    ];
    for (label, value) in labels.iter().zip(&values) {
        beside(&mut out, &padded(label, column), value, columns);
    }
    if !diff.comparable {
        beside(&mut out, &padded("", column), not_comparable(lang), columns);
    }
    for control in &diff.controls {
        let text = format!("{} {}", control.id, control.title);
        let text = format!("{}  {}", moved(control.earlier, control.later), shown(&text));
        beside(&mut out, &padded("", column), &text, columns);
    }
    for (of, changes) in by_kind(diff) {
        let title = format!("{} ({})", kind(of, lang), changes.len());
        let rule = "─".repeat(columns.saturating_sub(width(&title) + 4));
        let _ = writeln!(out, "\n── {} {rule}", paint("1", &title));
        for change in changes.iter().take(MOST_LISTED) {
            let of = change.finding.severity;
            let label = severity(of, lang);
            let code = match of {
                Severity::Critical | Severity::High => "31",
                Severity::Medium => "33",
                Severity::Low | Severity::Info => "36",
            };
            let standing = standing(change, lang).map(|it| format!(" ({it})")).unwrap_or_default();
            let name = shown(&format!("{} · {}", change.finding.check, resource(change))) + &standing;
            let column = if lang == Lang::En { 10 } else { 6 };
            for (at, line) in wrap(&name, columns.saturating_sub(column)).iter().enumerate() {
                let pad = " ".repeat(column.saturating_sub(if at == 0 { width(label) } else { 0 }));
                let label = if at == 0 { paint(code, label) } else { String::new() };
                let _ = writeln!(out, "{label}{pad}{line}");
            }
            if !matches!(change.kind, ChangeKind::Gone) {
                beside(&mut out, &" ".repeat(column), &shown(&change.finding.message), columns);
            }
        }
        if changes.len() > MOST_LISTED {
            let _ = writeln!(out, "{}", more(changes.len() - MOST_LISTED, lang));
        }
    }
    let _ = writeln!(out, "\n{}", "─".repeat(columns));
    beside(&mut out, "", &summary(diff, lang), columns);
    for line in not_compared(&diff.not_compared, lang) {
        beside(&mut out, "", &cut(&line, LONGEST), columns);
    }
    out
}

/// The text beside a label, broken into lines.
fn beside(out: &mut String, label: &str, text: &str, columns: usize) {
    let indent = width(label);
    for (at, line) in wrap(text, columns.saturating_sub(indent)).iter().enumerate() {
        let label = if at == 0 { label.to_owned() } else { " ".repeat(indent) };
        let _ = writeln!(out, "{}", format!("{label}{line}").trim_end());
    }
}

/// The text without what could act on the terminal, cut off where it is longer than any reader wants.
fn shown(text: &str) -> String {
    let most = text.char_indices().nth(LONGEST).map_or(text, |(at, _)| &text[..at]);
    let shown = escape(most);
    if most.len() < text.len() {
        format!("{}…", cut(&shown, LONGEST - 1))
    } else {
        cut(&shown, LONGEST).into_owned()
    }
}

fn markdown(diff: &Diff, lang: Lang) -> String {
    let mut out = String::new();
    let title = say(lang, "aws-audit: what has changed", "aws-audit：前回からの変化");
    let _ = writeln!(out, "# {title}\n");
    let rows = [
        (say(lang, "Account", "アカウント"), code(&diff.account)),
        (say(lang, "Earlier", "前回"), side(&diff.earlier, lang)),
        (say(lang, "Later", "今回"), side(&diff.later, lang)),
        (say(lang, "Score", "スコア"), format!("**{}**", moved(diff.earlier.overall, diff.later.overall))),
    ];
    let _ = writeln!(out, "| | |\n|---|---|");
    for (label, value) in rows {
        let _ = writeln!(out, "| {label} | {value} |");
    }
    let _ = writeln!(out, "\n{}", summary(diff, lang));
    if !diff.comparable {
        let _ = writeln!(out, "\n{}", not_comparable(lang));
    }
    if !diff.controls.is_empty() {
        let _ = writeln!(
            out,
            "\n| {} | {} |\n|---|---|",
            say(lang, "Control", "項目"),
            say(lang, "Score", "スコア")
        );
        for control in &diff.controls {
            let name = text(&format!("{} {}", control.id, control.title));
            let _ = writeln!(out, "| {name} | {} |", moved(control.earlier, control.later));
        }
    }
    // What stands below the changes must find room too.
    let mut below = String::new();
    let lines = not_compared(&diff.not_compared, lang);
    if !lines.is_empty() {
        let _ = writeln!(below, "\n## {}\n", say(lang, "Not compared", "比較していないもの"));
        for line in lines {
            let _ = writeln!(below, "- {}", text(&line));
        }
    }
    let mut left_out = 0;
    for (of, changes) in by_kind(diff) {
        let heading = format!("\n## {} ({})\n\n", kind(of, lang), changes.len());
        let columns = match lang {
            Lang::En => "| Severity | Check | Resource | |\n|---|---|---|---|\n",
            Lang::Ja => "| 重要度 | チェック | リソース | |\n|---|---|---|---|\n",
        };
        let mut begun = false;
        for change in changes {
            let mut words = standing(change, lang).unwrap_or_default();
            if !matches!(change.kind, ChangeKind::Gone) {
                let message = text(&change.finding.message);
                words = if words.is_empty() { message } else { format!("{words}: {message}") };
            }
            let (check, resource) = (code(&change.finding.check), code(&resource(change)));
            let label = severity(change.finding.severity, lang);
            let row = format!("| {label} | {check} | {resource} | {words} |\n");
            let head = if begun { String::new() } else { format!("{heading}{columns}") };
            if out.len() + head.len() + row.len() + below.len() > MOST_MARKDOWN {
                left_out += 1;
                continue;
            }
            begun = true;
            out.push_str(&head);
            out.push_str(&row);
        }
    }
    if left_out > 0 {
        let _ = writeln!(out, "\n{}", more(left_out, lang));
    }
    out + &below
}

/// Text in a table's cell as it is read: nothing in it marks up, links, or calls anybody.
fn text(written: &str) -> String {
    let mut out = String::new();
    for c in shown(written).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            // GitHub looks for names and addresses in what is left after Markdown is read.
            '@' => out.push_str("@<!-- -->"),
            ':' => out.push_str(":<!-- -->"),
            'w' | 'W' => {
                out.push(c);
                // `www.` begins an address, too.
                if out.to_ascii_lowercase().ends_with("www") {
                    out.push_str("<!-- -->");
                }
            }
            c if c.is_ascii_punctuation()
                && !matches!(c, '.' | ',' | ';' | '/' | '%' | '\'' | '"' | '?' | '=' | '$') =>
            {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}

/// A name in a table's cell, between as many backquotes as it takes.
fn code(name: &str) -> String {
    let name = shown(name).replace('|', "\\|");
    let longest = name.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest + 1);
    let space = if name.starts_with('`') || name.ends_with('`') || name.trim().is_empty() { " " } else { "" };
    format!("{fence}{space}{name}{space}{fence}")
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    /// A diff with one change of each of some kinds.
    fn diff(changes: Vec<Change>) -> Diff {
        let side = |at: &str, overall| Side {
            started_at: at.parse().unwrap(),
            version: "0.1.0".into(),
            framework: "antipatterns".into(),
            overall,
            judged: Some(1.0),
            fail: 3,
            unknown: 0,
            suppressed: 1,
        };
        let mut counts: std::collections::BTreeMap<_, _> = ChangeKind::ALL.map(|kind| (kind, 0)).into();
        for change in &changes {
            *counts.get_mut(&change.kind).unwrap() += 1;
        }
        Diff {
            schema_version: 1,
            account: "111122223333".into(),
            earlier: side("2026-11-01T12:00:00Z", Some(51.7)),
            later: side("2026-11-08T12:00:00Z", Some(55.0)),
            comparable: true,
            controls: vec![],
            counts,
            changes,
            unchanged: 2,
            not_compared: NotCompared::default(),
        }
    }

    fn change(kind: ChangeKind, id: &str, message: &str) -> Change {
        let finding = serde_json::json!({
            "id": id, "check": "ec2-sg-open-ssh", "status": "fail", "severity": "high", "title": "t", "message": message,
            "fix": null, "url": "", "evidence": {}, "antipatterns": [], "controls": {},
            "resource": {"type": "AWS::EC2::SecurityGroup", "id": id, "arn": "arn", "region": "eu-west-1",
                         "account": "111122223333", "name": null, "tags": {}}
        });
        let finding: aws_audit_checks::report::ReportFinding = serde_json::from_value(finding).unwrap();
        let now = aws_audit_checks::diff::Standing { status: Status::Fail, severity: Severity::High };
        let before = aws_audit_checks::diff::Standing { severity: Severity::Low, ..now };
        Change { kind, earlier: Some(before), later: Some(now), finding }
    }

    fn written(diff: &Diff, format: Format, style: &Style) -> String {
        let mut out = Vec::new();
        write(diff, format, style, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_table_for_people() {
        let diff = diff(vec![
            change(ChangeKind::New, "sg-1", "Group sg-1 lets the internet reach port 22."),
            change(ChangeKind::Worse, "sg-2", "Group sg-2 lets the internet reach port 22."),
            change(ChangeKind::Gone, "sg-3", "Group sg-3 lets the internet reach port 22."),
        ]);
        expect![[r#"
            Account  111122223333
            Earlier  2026-11-01 12:00 UTC · 3 failing · 0 unknown · 1 accepted
            Later    2026-11-08 12:00 UTC · 3 failing · 0 unknown · 1 accepted
            Score    51.7 → 55.0 (+3.3)

            ── New (1) ───────────────────────────────────────────────────────────
            high      ec2-sg-open-ssh · sg-1 · eu-west-1
                      Group sg-1 lets the internet reach port 22.

            ── Worse (1) ─────────────────────────────────────────────────────────
            high      ec2-sg-open-ssh · sg-2 · eu-west-1 (low → high)
                      Group sg-2 lets the internet reach port 22.

            ── Gone (1) ──────────────────────────────────────────────────────────
            high      ec2-sg-open-ssh · sg-3 · eu-west-1

            ──────────────────────────────────────────────────────────────────────
            New: 1 · Worse: 1 · Gone: 1 · 2 unchanged
        "#]]
        .assert_eq(&written(&diff, Format::Table, &Style { width: 70, ..Style::default() }));
    }

    #[test]
    fn markdown_for_a_pull_request() {
        let mut diff = diff(vec![change(ChangeKind::Worse, "sg-1", "Group sg-1 is open.")]);
        diff.not_compared.later_findings = 3;
        diff.not_compared.later_regions = vec!["us-east-1".into()];
        diff.comparable = false;
        expect![[r#"
            # aws-audit：前回からの変化

            | | |
            |---|---|
            | アカウント | `111122223333` |
            | 前回 | 2026-11-01 12:00 UTC · NG 3件 · 判定不能 0件 · 抑制 1件 |
            | 今回 | 2026-11-08 12:00 UTC · NG 3件 · 判定不能 0件 · 抑制 1件 |
            | スコア | **51.7 → 55.0 (+3.3)** |

            悪化：1 · 変化なし2件

            フレームワーク、リージョン、チェックのいずれかが異なるため、スコアは比較できません。

            ## 悪化 (1)

            | 重要度 | チェック | リソース | |
            |---|---|---|---|
            | 高 | `ec2-sg-open-ssh` | `sg-1 · eu-west-1` | 低 → 高: Group sg\-1 is open. |

            ## 比較していないもの

            - 片方のレポートでしか調べていないため比較していないもの：前回0件、今回3件
            - 今回のみのリージョン：us\-east\-1
        "#]]
        .assert_eq(&written(&diff, Format::Markdown, &Style { lang: Lang::Ja, ..Style::default() }));
    }

    #[test]
    fn names_are_text_whatever_they_hold() {
        let hostile = "a|b`c``\n@team <img src=x> [x](https://evil) www.evil *b* \u{1b}[31m\u{202e}";
        let diff = diff(vec![change(ChangeKind::New, hostile, hostile)]);
        for format in [Format::Table, Format::Markdown] {
            let text = written(&diff, format, &Style::default());
            assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text}");
        }
        let text = written(&diff, Format::Markdown, &Style::default());
        let row = text.lines().find(|line| line.starts_with("| high")).unwrap();
        assert!(row.contains(r"| ```a\|b`c``\n@team"), "{row}");
        let message = row.rsplit("` | ").next().unwrap();
        for harm in ["@team", "<img", "](http", "https://", "www.", "*b*\\"] {
            assert!(!message.contains(harm), "{harm}: {message}");
        }
        // Five cell borders: what is in a cell adds none.
        let borders = row.replace("\\|", "").matches('|').count();
        assert_eq!(borders, 5, "{row}");
    }

    #[test]
    fn what_does_not_fit_is_counted() {
        let many = (0..20_000).map(|at| change(ChangeKind::New, &format!("sg-{at}"), "Group is open."));
        let diff = diff(many.collect());
        let text = written(&diff, Format::Markdown, &Style::default());
        let listed = text.lines().filter(|line| line.starts_with("| high")).count();
        assert!(text.len() < 65_000 && listed > 300, "{} {listed}", text.len());
        assert!(text.contains(&format!("… and {} more", 20_000 - listed)));
        let text = written(&diff, Format::Table, &Style::default());
        assert!(text.contains("… and 19950 more"), "{}", text.len());
        let json: Diff = serde_json::from_str(&written(&diff, Format::Json, &Style::default())).unwrap();
        assert_eq!(json.changes.len(), 20_000);
    }

    #[test]
    fn no_line_is_too_wide() {
        let long = "x".repeat(5000);
        let mut diff = diff(vec![change(ChangeKind::New, &long, &"語".repeat(3000))]);
        diff.not_compared.later_checks = vec![long];
        for lang in [Lang::En, Lang::Ja] {
            let text = written(&diff, Format::Table, &Style { lang, ..Style::default() });
            assert_eq!(text.lines().find(|line| width(line) > 80), None, "{text}");
        }
    }
}
