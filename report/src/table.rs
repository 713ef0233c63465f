//! The report as a person reads it in a terminal: how the account stands, what fails, what is unknown.

mod findings;
mod gaps;
pub(crate) mod organization;
mod paths;
mod scores;
#[cfg(test)]
mod tests;
mod words;

use std::{borrow::Cow, io};

use aws_audit_checks::{
    finding::{Severity, Status},
    framework,
    page::Lang,
    report::{Report, ReportFinding},
};

pub(crate) use self::findings::{Group, groups};
pub use self::scores::whole;

use self::words::Words;
use super::text::{cut, escape, padded, width, wrap};

/// The narrowest table that can be read.
const LEAST_WIDTH: usize = 72;

/// The least room for text beside a label.
const LEAST_TEXT: usize = 20;

/// Columns of a name, and of a message, after which the rest is cut off with a mark: one name of 100,000
/// characters must not scroll everything else away. The JSON has them whole.
const LONGEST_LABEL: usize = 300;
const LONGEST_TEXT: usize = 1200;

/// Bytes of a command that is printed. Cut off it would be another command.
const LONGEST_COMMAND: usize = 4096;

/// How to write the table.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// The width of the terminal in columns. Only commands and addresses are let out of it.
    pub width: usize,
    /// Whether to use colours.
    pub colour: bool,
    /// The language of the table's own words; best that of the report.
    pub lang: Lang,
    /// How many groups of findings to list, worst first; the others are only counted.
    pub groups: usize,
    /// How many findings of a group to list; the others are only counted.
    pub listed: usize,
}

impl Default for Style {
    fn default() -> Self {
        Self { width: 80, colour: false, lang: Lang::En, groups: 20, listed: 3 }
    }
}

/// Writes the report as a table with its findings below.
///
/// # Errors
/// When `out` cannot be written to.
pub fn write(report: &Report, style: &Style, out: &mut dyn io::Write) -> io::Result<()> {
    let style = Style { width: style.width.max(LEAST_WIDTH), ..*style };
    let mut sheet = Sheet { style, words: Words::of(style.lang), out };
    header(report, &mut sheet)?;
    scores::write(report, &mut sheet)?;
    paths::write(report, &mut sheet)?;
    findings::write(report, &mut sheet)?;
    gaps::unknown(report, &mut sheet)?;
    gaps::write(report, &mut sheet)?;
    totals(report, &mut sheet)?;
    next(report, &mut sheet)
}

fn header(report: &Report, sheet: &mut Sheet<'_>) -> io::Result<()> {
    let words = sheet.words;
    let framework = framework::find(&report.score.framework)
        .map_or(report.score.framework.as_str(), |framework| framework.title.get(sheet.style.lang));
    let title = format!("{} {} · {framework}", report.tool.name, report.tool.version);
    sheet.wrapped("", Tone::Strong, &title)?;
    sheet.blank()?;

    let account = match &report.account.alias {
        Some(alias) => words.with_aside(&report.account.id, alias),
        None => report.account.id.clone(),
    };
    let account = match report.account.partition.as_str() {
        "aws" => account,
        partition => format!("{account} {partition}"),
    };
    let count = report.regions.len();
    let names = report.regions.join(", ");
    let regions = match count {
        1.. if width(&names) + 20 <= sheet.style.width => words.with_aside(count, &names),
        _ => count.to_string(),
    };
    let duration = words.seconds(report.finished_at.duration_since(report.started_at));
    let scanned = words.with_aside(report.started_at.strftime("%Y-%m-%d %H:%M:%S UTC"), &duration);
    let refused = words.calls_refused(report.calls.throttled, report.calls.denied);
    let calls = match refused.as_slice() {
        [] => report.calls.total.to_string(),
        parts => words.with_aside(report.calls.total, &parts.join(words.comma)),
    };
    let rows =
        [(words.account, account), (words.regions, regions), (words.scanned, scanned), (words.calls, calls)];
    let column = rows.iter().map(|(label, _)| width(label)).max().unwrap_or(0) + 2;
    for (label, value) in &rows {
        sheet.wrapped(&padded(label, column), Tone::Plain, value)?;
    }
    sheet.blank()
}

fn totals(report: &Report, sheet: &mut Sheet<'_>) -> io::Result<()> {
    let words = sheet.words;
    let count = |status| report.findings.iter().filter(|finding| finding.status == status).count();
    let (fail, unknown, suppressed) =
        (count(Status::Fail), count(Status::Unknown), count(Status::Suppressed));
    let by_severity = Severity::WORST_FIRST.into_iter().filter_map(|severity| {
        let failing = |f: &&ReportFinding| f.status == Status::Fail && f.severity == severity;
        let count = report.findings.iter().filter(failing).count();
        (count > 0).then(|| words.severity_total(count, severity))
    });
    let mut line = match fail {
        0 => words.no_findings.to_owned(),
        _ => {
            let by_severity = by_severity.collect::<Vec<_>>().join(words.comma);
            format!("{}{}{by_severity}", words.fail_total(fail), words.colon)
        }
    };
    if unknown > 0 {
        line = line + " · " + &words.unknown_total(unknown);
    }
    if suppressed > 0 {
        line = line + " · " + &words.suppressed_total(suppressed);
    }
    if let Some(scope) = report.scope.as_ref().filter(|scope| scope.unlisted > 0) {
        line = line + " · " + &words.unlisted(scope.unlisted, scope.min_severity);
    }
    sheet.rule()?;
    let tone = report.worst().map_or(if unknown == 0 { Tone::Good } else { Tone::Strong }, Tone::of);
    sheet.wrapped("", tone, &line)?;
    if unknown > 0 || report.is_incomplete() {
        sheet.wrapped("", Tone::Plain, words.scan_incomplete)?;
    }
    Ok(())
}

/// What to do next, where something fails.
fn next(report: &Report, sheet: &mut Sheet<'_>) -> io::Result<()> {
    let Some(worst) = groups(report).first().map(|group| group.findings[0].check.clone()) else {
        return Ok(());
    };
    sheet.blank()?;
    for (what, how) in sheet.words.next(&shown(&worst, 80)) {
        sheet.wrapped(&format!("{what}{}", sheet.words.colon), Tone::Faint, &how)?;
    }
    Ok(())
}

/// The text without what could act on the terminal, cut off where it is longer than any reader wants.
pub fn shown(text: &str, longest: usize) -> Cow<'_, str> {
    // As many characters can take twice as many columns, or none: what is cut is little.
    let most = text.char_indices().nth(longest).map_or(text, |(at, _)| &text[..at]);
    let shown = escape(most);
    if most.len() == text.len() && width(&shown) <= longest {
        return shown;
    }
    let shown = cut(&shown, longest - 1);
    Cow::Owned(format!("{}…", shown.trim_end_matches('…')))
}

/// What a stretch of text should look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tone {
    Plain,
    Strong,
    Faint,
    Good,
    Fair,
    Bad,
    Worst,
    Note,
}

impl Tone {
    const fn of(severity: Severity) -> Self {
        match severity {
            Severity::Critical => Self::Worst,
            Severity::High => Self::Bad,
            Severity::Medium => Self::Fair,
            Severity::Low => Self::Note,
            Severity::Info => Self::Plain,
        }
    }

    /// Parameters of the terminal's "select graphic rendition".
    const fn code(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Strong => "1",
            Self::Faint => "2",
            Self::Good => "32",
            Self::Fair => "33",
            Self::Bad => "31",
            Self::Worst => "1;31",
            Self::Note => "36",
        }
    }
}

/// Where the report is written. All text passes through here, so that nothing unescaped, too wide or
/// unduly coloured gets out.
struct Sheet<'a> {
    style: Style,
    words: &'static Words,
    out: &'a mut dyn io::Write,
}

impl Sheet<'_> {
    /// The text in colour, where colours are wanted. It has to be escaped before.
    fn painted<'t>(&self, tone: Tone, text: &'t str) -> Cow<'t, str> {
        if !self.style.colour || tone == Tone::Plain || text.is_empty() {
            return Cow::Borrowed(text);
        }
        Cow::Owned(format!("\u{1b}[{}m{text}\u{1b}[0m", tone.code()))
    }

    fn blank(&mut self) -> io::Result<()> {
        writeln!(self.out)
    }

    fn rule(&mut self) -> io::Result<()> {
        let line = "─".repeat(self.style.width);
        writeln!(self.out, "{}", self.painted(Tone::Faint, &line))
    }

    /// The headline of a part of the report.
    fn heading(&mut self, title: &str) -> io::Result<()> {
        let rest = self.style.width.saturating_sub(width(title) + 4);
        let (left, rest) = ("── ", format!(" {}", "─".repeat(rest)));
        writeln!(
            self.out,
            "{}{}{}",
            self.painted(Tone::Faint, left),
            self.painted(Tone::Strong, title),
            self.painted(Tone::Faint, &rest)
        )
    }

    /// A label, and a text that is broken into lines beside it, or below where the label takes the room.
    fn wrapped(&mut self, label: &str, tone: Tone, text: &str) -> io::Result<()> {
        let (label, text) = (shown(label, LONGEST_LABEL), shown(text, LONGEST_TEXT));
        let mut indent = width(&label);
        if indent + LEAST_TEXT > self.style.width {
            let label_indent = label.len() - label.trim_start().len();
            for line in wrap(&label, self.style.width - label_indent) {
                writeln!(self.out, "{:label_indent$}{line}", "")?;
            }
            indent = label_indent + 2;
            for line in wrap(&text, self.style.width - indent) {
                writeln!(self.out, "{:indent$}{}", "", self.painted(tone, &line))?;
            }
            return Ok(());
        }
        for (at, line) in wrap(&text, self.style.width - indent).iter().enumerate() {
            let line = self.painted(tone, line);
            let line = if at == 0 { format!("{label}{line}") } else { format!("{:indent$}{line}", "") };
            writeln!(self.out, "{}", line.trim_end())?;
        }
        Ok(())
    }

    /// A text that must survive copy and paste: on lines of its own, however long.
    fn verbatim(&mut self, indent: &str, text: &str) -> io::Result<()> {
        if text.len() > LONGEST_COMMAND {
            return self.wrapped(indent, Tone::Faint, &self.words.long_command());
        }
        writeln!(self.out, "{indent}{}", self.painted(Tone::Note, &escape(text)))
    }
}
