//! The answer to a question about paths ([`aws_audit_checks::report_paths::query`]), in a form for people or programs.

use std::{fmt::Write as _, io};

use aws_audit_checks::{page::Lang, report::ReportFinding, report_paths::query::Found};

use super::{Style, dot, fix_first, mermaid, tree};
use crate::words::{say, severity};

/// A format of paths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// For people: a tree for each path, and what to fix first.
    #[default]
    Tree,
    /// For programs: `paths` and `fix_first` as in the JSON report, `before` and `paths_incomplete`.
    Json,
    /// For Markdown: a flowchart of Mermaid.
    Mermaid,
    /// For Graphviz.
    Dot,
}

/// So many operations are named.
const MOST_NAMED: usize = 5;

/// Writes the paths that were found. The findings are those of the report: of them come the commands that fix.
///
/// # Errors
/// When it cannot be written.
pub fn write(
    found: &Found,
    findings: &[ReportFinding],
    format: Format,
    style: &Style,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    match format {
        Format::Tree => out.write_all(text(found, findings, style).as_bytes()),
        Format::Mermaid => out.write_all(mermaid(&found.paths, style.lang).as_bytes()),
        Format::Dot => out.write_all(dot(&found.paths, style.lang).as_bytes()),
        Format::Json => {
            serde_json::to_writer_pretty(&mut *out, found)?;
            out.write_all(b"\n")
        }
    }
}

fn text(found: &Found, findings: &[ReportFinding], style: &Style) -> String {
    let (lang, mut out) = (style.lang, String::new());
    let indented = Style { width: style.width.saturating_sub(2), ..*style };
    for path in &found.paths {
        let colon = say(lang, ": ", "：");
        let label = format!("{}{colon}{} ({})", severity(path.severity, lang), path.check, path.id);
        let _ = writeln!(out, "{}", style.plain(&label));
        for line in tree(path, &indented) {
            let _ = writeln!(out, "  {line}");
        }
        out.push('\n');
    }
    let _ = writeln!(out, "{}", style.plain(&counted(found, lang)));
    if let Some(why) = &found.incomplete {
        let _ = writeln!(out, "{}", style.plain(why));
    }
    if !found.unread.is_empty() {
        let most = found.unread.len().min(MOST_NAMED);
        let named = found.unread[..most].join(say(lang, ", ", "、"));
        let more = found.unread.len() - most;
        let told = match (lang, more) {
            (Lang::En, 0) => format!("There may be more paths; to be sure, allow {named}"),
            (Lang::En, _) => format!("There may be more paths; to be sure, allow {named} and {more} more"),
            (Lang::Ja, 0) => format!("ほかにも経路があるおそれがあります。確認には {named} の許可が必要です"),
            (Lang::Ja, _) => {
                format!("ほかにも経路があるおそれがあります。確認には {named} ほか{more}件の許可が必要です")
            }
        };
        let _ = writeln!(out, "{}", style.plain(&told));
    }
    let fixes = fix_first(&found.fix_first, findings, &indented);
    if !fixes.is_empty() {
        let _ = writeln!(out, "\n{}", style.plain(say(lang, "Fix first", "最初に直すもの")));
        for line in fixes {
            let _ = writeln!(out, "  {line}");
        }
    }
    out
}

fn counted(found: &Found, lang: Lang) -> String {
    let (left, before) = (found.paths.len() as u64, found.before);
    match lang {
        Lang::En if left != before => format!("{left} left, {before} as it is"),
        Lang::Ja if left != before => format!("残る経路 {left}件（現状 {before}件）"),
        Lang::En if left == 1 => "1 path".into(),
        Lang::En => format!("{left} paths"),
        Lang::Ja => format!("経路 {left}件"),
    }
}

#[cfg(test)]
mod tests {
    use aws_audit_checks::report_paths::FixFirst;

    use super::{
        super::tests::{HOSTILE, story},
        *,
    };

    fn written(found: &Found, format: Format, style: &Style) -> String {
        let mut out = Vec::new();
        write(found, &[], format, style, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn every_form_tells_the_paths() {
        let found = Found { paths: vec![story()], before: 3, ..Found::default() };
        let told = written(&found, Format::Tree, &Style::default());
        assert!(told.starts_with("critical: path-internet-compute-admin (1)\n  internet\n"), "{told}");
        assert!(told.ends_with("\n\n1 left, 3 as it is\n"), "{told}");
        let ja = written(&found, Format::Tree, &Style { lang: Lang::Ja, ..Style::default() });
        assert!(ja.ends_with("残る経路 1件（現状 3件）\n"), "{ja}");
        assert!(written(&found, Format::Mermaid, &Style::default()).starts_with("flowchart LR\n"));
        assert!(written(&found, Format::Dot, &Style::default()).starts_with("digraph paths {\n"));
        let json: serde_json::Value =
            serde_json::from_str(&written(&found, Format::Json, &Style::default())).unwrap();
        assert_eq!((&json["paths"][0]["id"], &json["before"]), (&"1".into(), &3.into()));
        assert!(json["fix_first"].as_array().is_some_and(Vec::is_empty) && json.get("unmatched").is_none());
    }

    #[test]
    fn no_paths_are_told_as_none() {
        let none = Found::default();
        assert_eq!(written(&none, Format::Tree, &Style::default()), "0 paths\n");
        let unread = Found { unread: vec!["ec2:DescribeInstances".into(); 7], ..Found::default() };
        let told = written(&unread, Format::Tree, &Style::default());
        assert!(
            told.ends_with(
                "to be sure, allow ec2:DescribeInstances, ec2:DescribeInstances, \
            ec2:DescribeInstances, ec2:DescribeInstances, ec2:DescribeInstances and 2 more\n"
            ),
            "{told}"
        );
        assert_eq!(written(&none, Format::Mermaid, &Style::default()), "flowchart LR\n");
    }

    #[test]
    fn a_terminal_without_utf8_gets_ascii() {
        for name in HOSTILE {
            let mut path = story();
            (path.entry.id, path.steps[0].to.id) = (name.into(), name.into());
            let fix_first = vec![FixFirst { finding: name.into(), cuts: 1, of: 1 }];
            let found = Found { paths: vec![path], fix_first, before: 1, ..Found::default() };
            for lang in [Lang::En, Lang::Ja] {
                let told = written(&found, Format::Tree, &Style { ascii: true, lang, ..Style::default() });
                assert!(told.is_ascii(), "{told}");
                assert!(!told.chars().any(|c| c.is_control() && c != '\n'), "{told:?}");
            }
        }
    }
}
