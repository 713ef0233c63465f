//! Attack paths drawn: as a tree for a terminal, as Mermaid and as DOT for documents.
//!
//! Every name comes from an account and is hostile input: each form escapes what could end a label, begin a directive
//! or act on a terminal.

pub mod answer;

use std::{collections::HashMap, fmt::Write as _};

use aws_audit_checks::{
    finding::Severity,
    page::Lang,
    report::ReportFinding,
    report_paths::{FixFirst, NodeKind, PathCertainty, PathNode, PathStep, ReportPath},
};

use crate::text::{cut, escape, width};

/// Most lines of a tree.
const MOST_LINES: usize = 8;

/// Most columns of a name in a diagram: what is longer tells nobody more.
const LONGEST_NAME: usize = 60;

/// Most columns of the words on an edge of a diagram.
const LONGEST_REASON: usize = 100;

/// Most edges of a Mermaid diagram: it draws no more than 500 unless it is told to (Mermaid, "maxEdges").
const MOST_EDGES: usize = 400;

/// How to draw a tree.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// Columns of the terminal.
    pub width: usize,
    /// Whether to use ASCII alone.
    pub ascii: bool,
    /// The language of the words between the names.
    pub lang: Lang,
}

impl Default for Style {
    fn default() -> Self {
        Self { width: 80, ascii: false, lang: Lang::En }
    }
}

impl Style {
    /// A text in characters that the terminal has.
    fn plain(&self, text: &str) -> String {
        let text = escape(text);
        if !self.ascii || text.is_ascii() {
            return text.into_owned();
        }
        let mut out = String::with_capacity(text.len());
        for c in text.chars() {
            match c {
                _ if c.is_ascii() => out.push(c),
                '→' => out.push_str("->"),
                '…' => out.push_str("..."),
                '─' => out.push('-'),
                _ => out.extend(c.escape_default()),
            }
        }
        out
    }

    /// A text of at most so many columns.
    fn fitted(&self, text: &str, columns: usize) -> String {
        // No more of it is looked at than could be shown.
        let most = text.char_indices().nth(columns + 1).map_or(text, |(at, _)| &text[..at]);
        let text = self.plain(most);
        if width(&text) <= columns {
            return text;
        }
        if self.ascii {
            let cut = cut(&text, columns.saturating_sub(2).max(1));
            return format!("{}...", cut.trim_end_matches('…'));
        }
        cut(&text, columns).into_owned()
    }
}

/// A path as a tree of at most eight lines: where it begins, and for each step why it can be taken and where it leads.
#[must_use]
pub fn tree(path: &ReportPath, style: &Style) -> Vec<String> {
    let columns = style.width.max(40);
    let mut lines = Vec::new();
    if let Some(first) = path.steps.first() {
        lines.push(style.fitted(&name(&first.from, style.lang), columns));
    }
    let left_out = (path.steps.len() + 1).saturating_sub(MOST_LINES);
    // What begins and what ends it says most: the middle goes.
    let kept = path.steps.len() - left_out - usize::from(left_out > 0);
    let (before, after) = if left_out == 0 { (path.steps.len(), 0) } else { (kept / 2 + kept % 2, kept / 2) };
    for (at, step) in path.steps.iter().enumerate() {
        if at == before && left_out > 0 {
            lines.push(format!(
                "{}{}",
                "  ".repeat(lines.len()),
                style.plain(&more_steps(left_out + 1, style.lang))
            ));
        }
        if at >= before && at < path.steps.len() - after {
            continue;
        }
        let is_last = at + 1 == path.steps.len();
        lines.push(line(step, if is_last { path.resources } else { 1 }, lines.len(), columns, style));
    }
    lines
}

fn line(step: &PathStep, resources: u64, depth: usize, columns: usize, style: &Style) -> String {
    let indent = "  ".repeat(depth);
    let (dash, arrow) = if style.ascii { ("- ", " -> ") } else { ("─ ", " → ") };
    let more = match (resources, style.lang) {
        (..=1, _) => String::new(),
        (count, Lang::En) => format!(" and {} more", count - 1),
        (count, Lang::Ja) => style.plain(&format!(" ほか{}件", count - 1)),
    };
    let room = columns.saturating_sub(width(&indent) + width(dash) + width(arrow) + width(&more));
    let end = style.fitted(&name(&step.to, style.lang), room * 2 / 3);
    let reason = match &step.condition {
        Some(condition) if style.lang == Lang::Ja => format!("{}（{condition}）", step.because),
        Some(condition) => format!("{} ({condition})", step.because),
        None => step.because.clone(),
    };
    let reason = style.fitted(&reason, room.saturating_sub(width(&end)));
    format!("{indent}{dash}{reason}{arrow}{end}{more}")
}

fn more_steps(count: usize, lang: Lang) -> String {
    match lang {
        Lang::En => format!("… {count} more steps"),
        Lang::Ja => format!("… ほか{count}段階"),
    }
}

/// A node by the name that a reader knows it by.
pub(crate) fn name(node: &PathNode, lang: Lang) -> String {
    match (node.kind, lang) {
        (NodeKind::Administrator, Lang::En) => format!("administrator of {}", node.id),
        (NodeKind::Administrator, Lang::Ja) => format!("{} の管理者", node.id),
        (NodeKind::ExternalAccount, Lang::En) if is_number(&node.id) => format!("AWS account {}", node.id),
        (NodeKind::ExternalAccount, Lang::Ja) if is_number(&node.id) => {
            format!("AWSアカウント {}", node.id)
        }
        (NodeKind::CiTenant, Lang::En) => format!("any customer of {}", node.id),
        (NodeKind::CiTenant, Lang::Ja) => format!("{} の任意の利用者", node.id),
        (NodeKind::Principal, _) => match node.arn.as_deref().and_then(|arn| arn.splitn(6, ':').nth(5)) {
            Some(resource) => {
                // The path in between says nothing.
                let kind = resource.split('/').next().unwrap_or_default();
                format!("{kind}/{}", node.id)
            }
            None => node.id.clone(),
        },
        _ => node.id.clone(),
    }
}

fn is_number(id: &str) -> bool {
    !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit())
}

/// What to change first, each change with what it cuts and the command of its finding, among those of the report.
#[must_use]
pub fn fix_first(fixes: &[FixFirst], findings: &[ReportFinding], style: &Style) -> Vec<String> {
    let by_id: HashMap<&str, &ReportFinding> =
        findings.iter().map(|finding| (finding.id.as_str(), finding)).collect();
    let mut lines = Vec::new();
    for (at, fix) in fixes.iter().enumerate() {
        let Some(finding) = by_id.get(fix.finding.as_str()) else { continue };
        let cuts = match style.lang {
            Lang::En if fix.of == 1 => "cuts the only path".to_owned(),
            Lang::En => format!("cuts {} of {} paths", fix.cuts, fix.of),
            Lang::Ja => format!("{}件中{}件の経路を断つ", fix.of, fix.cuts),
        };
        let label = format!("{}. ", at + 1);
        let cuts = style.plain(&cuts);
        let resource = finding.resource.name.as_deref().unwrap_or(&finding.resource.id);
        let text = format!("{}: {resource}", finding.check);
        let room = style.width.max(40).saturating_sub(width(&label) + width(&cuts) + 3);
        let dash = if style.ascii { "-" } else { "–" };
        lines.push(format!("{label}{} {dash} {cuts}", style.fitted(&text, room)));
        if let Some(command) = finding.fix.as_ref().and_then(|fix| fix.command.as_deref()) {
            // A command must survive copy and paste: it is whole, or not there.
            if command.len() <= 4096 {
                lines.push(format!("   {}", escape(command)));
            }
        }
    }
    lines
}

/// The nodes and edges of some paths, each once.
struct Drawing<'p> {
    nodes: Vec<(&'p PathNode, Option<Severity>)>,
    edges: Vec<(usize, usize, &'p PathStep)>,
}

impl<'p> Drawing<'p> {
    fn of(paths: &'p [ReportPath]) -> Self {
        let mut drawing = Self { nodes: Vec::new(), edges: Vec::new() };
        let mut known: HashMap<(NodeKind, &str, Option<&str>), usize> = HashMap::new();
        let mut drawn: HashMap<(usize, usize, &str), ()> = HashMap::new();
        for path in paths {
            // A path is drawn whole or not at all.
            if drawing.edges.len() + path.steps.len() > MOST_EDGES {
                break;
            }
            for (at, step) in path.steps.iter().enumerate() {
                let mut node = |node: &'p PathNode| {
                    *known.entry((node.kind, &node.id, node.arn.as_deref())).or_insert_with(|| {
                        drawing.nodes.push((node, None));
                        drawing.nodes.len() - 1
                    })
                };
                let (from, to) = (node(&step.from), node(&step.to));
                if at + 1 == path.steps.len() {
                    let severity = &mut drawing.nodes[to].1;
                    *severity = (*severity).max(Some(path.severity));
                }
                if drawn.insert((from, to, &step.because), ()).is_none() {
                    drawing.edges.push((from, to, step));
                }
            }
        }
        drawing
    }
}

/// Paths as a Mermaid flowchart, as far as Mermaid draws so many.
#[must_use]
pub fn mermaid(paths: &[ReportPath], lang: Lang) -> String {
    let drawing = Drawing::of(paths);
    let mut out = String::from("flowchart LR\n");
    for (at, (node, severity)) in drawing.nodes.iter().enumerate() {
        let label = in_mermaid(&name(node, lang), LONGEST_NAME);
        let class = severity.map_or(String::new(), |severity| format!(":::{}", severity.name()));
        let _ = writeln!(out, "    n{at}[\"{label}\"]{class}");
    }
    for (from, to, step) in &drawing.edges {
        let arrow = if step.certainty == PathCertainty::Certain { "-->" } else { "-.->" };
        let _ = writeln!(out, "    n{from} {arrow}|\"{}\"| n{to}", in_mermaid(&step.because, LONGEST_REASON));
    }
    for (severity, colour) in [
        ("critical", "#b91c1c"),
        ("high", "#c2410c"),
        ("medium", "#a16207"),
        ("low", "#4b5563"),
        ("info", "#4b5563"),
    ] {
        let is_drawn = drawing.nodes.iter().any(|(_, it)| it.is_some_and(|it| it.name() == severity));
        if is_drawn {
            let _ = writeln!(out, "    classDef {severity} stroke:{colour},stroke-width:3px");
        }
    }
    out
}

/// A text between quotes of Mermaid: everything but letters, digits and a few harmless marks as an entity, so that
/// nothing begins a directive (`%%{`), a tag, Markdown or another statement (Mermaid, "Entity codes to escape
/// characters").
fn in_mermaid(text: &str, columns: usize) -> String {
    let most = text.char_indices().nth(columns + 1).map_or(text, |(at, _)| &text[..at]);
    let shown = escape(most);
    let shown = cut(&shown, columns);
    let mut out = String::with_capacity(shown.len());
    for c in shown.chars() {
        if c.is_alphanumeric() || " -_./:+,…".contains(c) {
            out.push(c);
        } else {
            let _ = write!(out, "#{};", u32::from(c));
        }
    }
    out
}

/// Paths as a graph of Graphviz.
#[must_use]
pub fn dot(paths: &[ReportPath], lang: Lang) -> String {
    let drawing = Drawing::of(paths);
    let mut out = String::from("digraph paths {\n    rankdir=LR;\n    node [shape=box];\n");
    for (at, (node, severity)) in drawing.nodes.iter().enumerate() {
        let label = in_dot(&name(node, lang), LONGEST_NAME);
        let tip = in_dot(node.arn.as_deref().unwrap_or(&node.id), LONGEST_REASON);
        let style = severity.map_or("", |_| ", style=bold");
        let _ = writeln!(out, "    n{at} [label=\"{label}\", tooltip=\"{tip}\"{style}];");
    }
    for (from, to, step) in &drawing.edges {
        let style = if step.certainty == PathCertainty::Certain { "" } else { ", style=dashed" };
        let label = in_dot(&step.because, LONGEST_REASON);
        let _ = writeln!(out, "    n{from} -> n{to} [label=\"{label}\"{style}];");
    }
    out.push_str("}\n");
    out
}

/// A text between quotes of DOT: no quote ends it, no backslash begins one of its escapes (`\N`, `\l`), and no
/// ampersand an entity (Graphviz, "The DOT Language", "escString").
fn in_dot(text: &str, columns: usize) -> String {
    let most = text.char_indices().nth(columns + 1).map_or(text, |(at, _)| &text[..at]);
    let shown = escape(most);
    cut(&shown, columns).replace('\\', r"\\").replace('"', "\\\"").replace('&', "&amp;")
}

#[cfg(test)]
mod tests {
    use aws_audit_checks::report_paths::EdgeKind;

    use super::*;

    /// Names that try to end a label, begin a directive, act on the terminal or reorder what is shown.
    pub(super) const HOSTILE: [&str; 18] = [
        "a\"]; click n0 \"javascript:alert(1)\"",
        "%%{init: {\"securityLevel\": \"loose\"}}%%",
        "`**bold**`",
        "</text><script>alert(1)</script>",
        "a\nb --> c",
        "a\r\n}\ndigraph x {",
        "\\",
        "\\N\\G\\l",
        "a\\\"b",
        "&lt;b&gt;",
        "#quot;#35;",
        "\u{1b}[2J\u{1b}]0;title\u{7}",
        "\u{202e}gpj.exe",
        "|pipe|",
        "subgraph end",
        "日本語のバケット名がとても長いときにも幅を守る日本語のバケット名がとても長いときにも幅を守る",
        "e\u{301}\u{301}\u{301}\u{301}\u{301}",
        "",
    ];

    fn node(kind: NodeKind, id: &str) -> PathNode {
        PathNode { kind, id: id.into(), arn: None }
    }

    fn step(from: PathNode, to: PathNode, because: &str) -> PathStep {
        let (edge, certainty) = (EdgeKind::Reaches, PathCertainty::Certain);
        PathStep { from, to, edge, because: because.into(), certainty, condition: None, findings: vec![] }
    }

    fn path(steps: Vec<PathStep>) -> ReportPath {
        ReportPath {
            id: "1".into(),
            check: "path-internet-compute-admin".into(),
            severity: Severity::Critical,
            certainty: PathCertainty::Certain,
            entry: steps[0].to.clone(),
            target: steps[steps.len() - 1].to.clone(),
            resources: 1,
            steps,
        }
    }

    pub(super) fn story() -> ReportPath {
        let role = PathNode {
            kind: NodeKind::Principal,
            id: "web".into(),
            arn: Some("arn:aws:iam::111122223333:role/app/web".into()),
        };
        let instance = || node(NodeKind::Compute, "i-1");
        path(vec![
            step(node(NodeKind::Internet, "internet"), instance(), "tcp/22 (sg-web)"),
            step(instance(), role.clone(), "instance profile"),
            step(role, node(NodeKind::Administrator, "111122223333"), "iam:PassRole + lambda:CreateFunction"),
        ])
    }

    fn long(steps: usize) -> ReportPath {
        let role = |at: usize| node(NodeKind::Principal, &format!("role-{at}"));
        path((0..steps).map(|at| step(role(at), role(at + 1), "sts:AssumeRole")).collect())
    }

    #[test]
    fn a_tree_says_why_at_each_arrow() {
        let lines = tree(&story(), &Style::default());
        assert_eq!(
            lines,
            [
                "internet",
                "  ─ tcp/22 (sg-web) → i-1",
                "    ─ instance profile → role/web",
                "      ─ iam:PassRole + lambda:CreateFunction → administrator of 111122223333",
            ]
        );
        let ascii = tree(&story(), &Style { ascii: true, ..Style::default() });
        assert_eq!(ascii[1], "  - tcp/22 (sg-web) -> i-1");
        let japanese = tree(&story(), &Style { lang: Lang::Ja, ..Style::default() });
        assert!(japanese[3].ends_with("→ 111122223333 の管理者"));
    }

    #[test]
    fn a_tree_has_eight_lines_at_most() {
        for steps in 1..30 {
            let lines = tree(&long(steps), &Style::default());
            assert_eq!(lines.len(), (steps + 1).min(MOST_LINES), "{lines:#?}");
            assert!(lines.last().is_some_and(|line| line.ends_with(&format!("role-{steps}"))), "{lines:#?}");
            let left_out = lines.iter().find_map(|line| {
                let count = line.trim_start().strip_prefix("… ")?.split(' ').next()?;
                count.parse::<usize>().ok()
            });
            let told = lines.iter().filter(|line| line.contains('→')).count();
            assert_eq!(told + left_out.unwrap_or(0), steps, "{lines:#?}");
        }
    }

    #[test]
    fn no_name_gets_out_of_a_line_or_acts_on_the_terminal() {
        for name in HOSTILE {
            for style in [false, true].map(|ascii| Style { ascii, ..Style::default() }) {
                let name = name.repeat(3);
                let hostile = || node(NodeKind::DataStore, &name);
                let mut path = path(vec![step(hostile(), hostile(), &name), step(hostile(), hostile(), "x")]);
                path.resources = 7;
                path.steps[0].condition = Some(name.clone());
                let lines = tree(&path, &style);
                assert_eq!(lines.len(), 3);
                for line in lines {
                    assert!(width(&line) <= 80, "{line}");
                    assert!(!line.chars().any(char::is_control), "{line:?}");
                    assert!(!line.contains('\u{202e}') && (!style.ascii || line.is_ascii()), "{line:?}");
                }
            }
        }
    }

    /// The text with every quoted string taken out, as the grammars of both forms know them.
    fn outside_quotes(text: &str, escapes: bool) -> String {
        let mut out = String::new();
        let (mut inside, mut chars) = (false, text.chars());
        while let Some(c) = chars.next() {
            match c {
                '\\' if inside && escapes => {
                    chars.next();
                }
                '"' => inside = !inside,
                _ if !inside => out.push(c),
                _ => {}
            }
        }
        assert!(!inside, "a string that does not end: {text}");
        out
    }

    #[test]
    fn no_name_gets_out_of_a_label() {
        let harmless = path(vec![step(node(NodeKind::Compute, "a"), node(NodeKind::DataStore, "b"), "c")]);
        let harmless = std::slice::from_ref(&harmless);
        let mermaid_frame = outside_quotes(&mermaid(harmless, Lang::En), false);
        let dot_frame = outside_quotes(&dot(harmless, Lang::En), true);
        for name in HOSTILE {
            let other = format!("{name}2");
            let path =
                path(vec![step(node(NodeKind::Compute, name), node(NodeKind::DataStore, &other), name)]);
            let paths = std::slice::from_ref(&path);
            let diagram = mermaid(paths, Lang::En);
            assert_eq!(outside_quotes(&diagram, false), mermaid_frame, "{name:?}");
            assert!(
                !diagram.contains("%%") && !diagram.contains("#quot;") && !diagram.contains('`'),
                "{diagram}"
            );
            assert!(!diagram.contains("<") && !diagram.contains("\u{1b}"), "{diagram}");
            let graph = dot(paths, Lang::En);
            assert_eq!(outside_quotes(&graph, true), dot_frame, "{name:?}");
            assert_eq!(graph.lines().count(), dot(harmless, Lang::En).lines().count(), "{graph}");
        }
    }

    #[test]
    fn diagrams_draw_what_is_shared_once_and_stop_in_time() {
        let twice = [story(), story()];
        assert_eq!(mermaid(&twice, Lang::En).matches("-->").count(), 3);
        assert_eq!(dot(&twice, Lang::En).matches(" -> ").count(), 3);
        let many: Vec<_> = (0..300)
            .map(|at| {
                let mut path = long(3);
                for (number, step) in path.steps.iter_mut().enumerate() {
                    step.from.id = format!("{at}-{number}");
                    step.to.id = format!("{at}-{}", number + 1);
                }
                path
            })
            .collect();
        assert!(mermaid(&many, Lang::En).matches("-->").count() <= MOST_EDGES);
    }

    #[test]
    fn what_is_not_certain_is_dashed() {
        let mut path = story();
        path.steps[0].certainty = PathCertainty::Unknown;
        let paths = std::slice::from_ref(&path);
        assert!(mermaid(paths, Lang::En).contains("n0 -.->|"));
        assert!(dot(paths, Lang::En).contains("style=dashed"));
    }
}
