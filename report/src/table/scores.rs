//! The score table: one row for each control of the framework.

use std::{collections::BTreeSet, io};

use aws_audit_checks::{
    finding::Status,
    framework,
    report::{ControlReport, Report},
};
use comfy_table::{CellAlignment, LineStyle, Table, TableStyle};

use super::{Sheet, Tone};
use crate::text::{escape, padded, width, wrap};

/// One light line around and below the header: rows of a few words need no more to be told apart.
const LINES: TableStyle = TableStyle::new()
    .top_border(LineStyle::none().fill('─').junction('─'))
    .header_separator(LineStyle::none().fill('─').junction('─'))
    .bottom_border(LineStyle::none().fill('─').junction('─'));

/// Room for failing checks makes the table wide enough to fill such a terminal.
const ROOMY: usize = 120;

/// How the columns share the width.
struct Layout {
    id: usize,
    title: usize,
    bar: usize,
    counts: [usize; 3],
    worst: usize,
    /// The ids of failing checks, where there is room for them.
    checks: Option<usize>,
    /// Which of two forms of a word to use.
    form: usize,
}

impl Layout {
    fn new(rows: &[Row<'_>], sheet: &Sheet<'_>) -> Self {
        let words = sheet.words;
        let widest = |header: &str, cells: &mut dyn Iterator<Item = usize>| {
            cells.max().unwrap_or(0).max(width(header))
        };
        let roomy = sheet.style.width >= ROOMY;
        let form = usize::from(roomy);
        let notes = [words.manual, words.not_covered, words.nothing_judged[form]].map(width);
        let notes = notes.into_iter().max().unwrap_or_default();
        let bar = if roomy { 20 } else { notes.saturating_sub(4).max(8) };
        let id = widest("#", &mut rows.iter().map(|row| width(&row.id)));
        let counts = [(words.fail, 0), (words.pass, 1), (words.unknown[form], 2)]
            .map(|(header, at)| widest(header, &mut rows.iter().map(|row| width(&row.counts[at]))).max(4));
        let worst = widest(words.worst, &mut rows.iter().map(|row| width(row.worst)));
        let taken = id + 1 + 2 + (4 + bar) + 2 + counts.iter().sum::<usize>() + 2 + 2 + worst;
        let left = sheet.style.width.saturating_sub(taken);
        let wanted = widest(words.control, &mut rows.iter().map(|row| width(&row.title)));
        let title = wanted.min(if roomy { left / 2 } else { left }).max(10);
        let checks = left.saturating_sub(title + 2);
        Self { id, title, bar, counts, worst, checks: roomy.then_some(checks), form }
    }
}

struct Row<'a> {
    id: String,
    title: String,
    counts: [String; 3],
    worst: &'static str,
    control: &'a ControlReport,
}

impl<'a> Row<'a> {
    fn new(control: &'a ControlReport, sheet: &Sheet<'_>) -> Self {
        let counts = [control.fail, control.pass, control.unknown];
        Self {
            // Ids without a digit are for machines; their titles say the same better.
            id: match control.id.contains(|c: char| c.is_ascii_digit()) {
                true => escape(&control.id).into_owned(),
                false => "+".to_owned(),
            },
            title: escape(&control.title).into_owned(),
            counts: if counts == [0; 3] { Default::default() } else { counts.map(|n| n.to_string()) },
            worst: control.worst.map_or("", |severity| sheet.words.severity(severity)),
            control,
        }
    }

    /// What stands in the column of scores.
    fn score(&self, layout: &Layout, sheet: &Sheet<'_>) -> String {
        let words = sheet.words;
        match self.control {
            ControlReport { manual: Some(_), .. } => words.manual.to_owned(),
            control if control.is_not_covered() => words.not_covered.to_owned(),
            ControlReport { score: Some(score), .. } => {
                format!("{:>3} {}", whole(*score), bar(*score, layout.bar))
            }
            ControlReport { fail: 0, pass: 0, unknown: 0, suppressed: 0, .. } => {
                words.nothing_judged[layout.form].to_owned()
            }
            // Unknown or accepted only, or only what weighs nothing: the counts tell.
            _ => "  –".to_owned(),
        }
    }
}

pub(super) fn write(report: &Report, sheet: &mut Sheet<'_>) -> io::Result<()> {
    // Of frameworks with hundreds of controls, those without a check would hide the others.
    let listed = |control: &&ControlReport| is_default(report) || !control.is_not_covered();
    let rows: Vec<_> =
        report.score.controls.iter().filter(listed).map(|control| Row::new(control, sheet)).collect();
    let layout = Layout::new(&rows, sheet);
    // Checks with the controls in which they fail. Anti-patterns take all that their checks say.
    let mut failing = BTreeSet::new();
    for finding in report.findings.iter().filter(|finding| finding.status == Status::Fail) {
        let check = finding.check.as_str();
        if is_default(report) {
            failing.extend(rows.iter().map(|row| (check, row.control.id.as_str())));
        }
        let controls = finding.controls.get(&report.score.framework);
        failing.extend(controls.into_iter().flatten().map(|control| (check, control.as_str())));
    }
    let mut table = new_table(&layout, sheet);
    // How many lines each row takes: colours come after the layout, which would count them as text.
    let mut lines_of = vec![];
    for row in &rows {
        let title = wrap(&row.title, layout.title);
        lines_of.push(title.len());
        let [fail, pass, unknown] = row.counts.clone();
        let mut cells =
            vec![row.id.clone(), title.join("\n"), row.score(&layout, sheet), fail, pass, unknown];
        cells.push(row.worst.to_owned());
        if let Some(columns) = layout.checks {
            let fails = |id: &&String| failing.contains(&(id.as_str(), row.control.id.as_str()));
            let names: Vec<_> = row.control.checks.iter().filter(fails).collect();
            cells.push(sheet.words.fitted(&names, columns));
        }
        table.add_row(cells);
    }
    let mut painted = rows.iter().zip(lines_of).flat_map(|(row, lines)| std::iter::repeat_n(row, lines));
    for (at, line) in table.lines().enumerate() {
        let line = line.trim_end();
        let line = match at {
            0 | 2 => sheet.painted(Tone::Faint, line).into_owned(),
            1 => sheet.painted(Tone::Strong, line).into_owned(),
            _ => match painted.next() {
                Some(row) => paint(line, row, sheet),
                None => sheet.painted(Tone::Faint, line).into_owned(),
            },
        };
        writeln!(sheet.out, "{line}")?;
    }
    overall(report, &layout, sheet)
}

fn new_table(layout: &Layout, sheet: &Sheet<'_>) -> Table {
    let words = sheet.words;
    let mut table = Table::new();
    table.load_style(LINES);
    let right = |text, columns: usize| format!("{}{text}", " ".repeat(columns.saturating_sub(width(text))));
    let [fail, pass, unknown] = layout.counts;
    let mut header = vec![
        right("#", layout.id),
        padded(words.control, layout.title),
        padded(words.score, layout.bar + 4),
        right(words.fail, fail),
        right(words.pass, pass),
        right(words.unknown[layout.form], unknown),
        padded(words.worst, layout.worst),
    ];
    if let Some(columns) = layout.checks {
        header.push(padded(words.failing_checks, columns));
    }
    table.set_header(header);
    let (left, right) = (CellAlignment::Left, CellAlignment::Right);
    // One more space is where the line between two columns would be.
    let last = u16::from(layout.checks.is_some());
    let columns =
        [(right, 0), (left, 1), (left, 1), (right, 0), (right, 0), (right, 1), (left, last), (left, 0)];
    for (column, (alignment, space)) in table.column_iter_mut().zip(columns) {
        column.set_cell_alignment(alignment);
        column.set_padding((0, space));
    }
    table
}

/// A line of the table in colour.
fn paint(line: &str, row: &Row<'_>, sheet: &Sheet<'_>) -> String {
    if row.counts[0].is_empty() {
        return sheet.painted(Tone::Faint, line).into_owned();
    }
    let mut line = line.to_owned();
    // From the right: the places further left stay where they are.
    if let Some(severity) = row.control.worst
        && let Some(at) = line.rfind(&format!("  {}", row.worst))
    {
        let word = at + 2..at + 2 + row.worst.len();
        line.replace_range(word, &sheet.painted(Tone::of(severity), row.worst));
    }
    let drawn = |c: char| c == FULL || c == EMPTY;
    if let (Some(score), Some(from), Some(to)) = (row.control.score, line.find(drawn), line.rfind(drawn)) {
        let bar = line[from..to].to_owned() + &line[to..].chars().take(1).collect::<String>();
        line.replace_range(from..from + bar.len(), &sheet.painted(tone(score), &bar));
    }
    line
}

fn overall(report: &Report, layout: &Layout, sheet: &mut Sheet<'_>) -> io::Result<()> {
    let words = sheet.words;
    let label = padded("", layout.id + 1) + words.overall;
    let text = match report.score.overall {
        Some(score) => {
            let bar = bar(score, layout.bar);
            let bar = sheet.painted(tone(score), &bar);
            format!("{:>3} {bar}", whole(score))
        }
        None => words.no_score(report),
    };
    let label = padded(&label, layout.id + 1 + layout.title + 2);
    let judged = report.score.judged.map(|share| words.judged(whole(100.0 * share))).unwrap_or_default();
    let label = sheet.painted(Tone::Strong, &label);
    writeln!(sheet.out, "{}", format!("{label}{text}  {judged}").trim_end())?;
    trend(report, layout, sheet)?;
    not_judged_by_checks(report, layout, sheet)?;
    sheet.blank()
}

/// The scores of the last runs that looked at the same, this one last, where there was more than one.
fn trend(report: &Report, layout: &Layout, sheet: &mut Sheet<'_>) -> io::Result<()> {
    let Some(this) = report.history.last() else { return Ok(()) };
    let same =
        report.history.iter().filter(|run| (&run.scope, &run.framework) == (&this.scope, &this.framework));
    let scores: Vec<_> = same
        .map(|run| run.overall.map_or_else(|| "–".to_owned(), |score| whole(score).to_string()))
        .collect();
    if scores.len() < 2 {
        return Ok(());
    }
    let text = scores[scores.len().saturating_sub(RUNS)..].join(" → ");
    let label = padded(&(padded("", layout.id + 1) + sheet.words.trend), layout.id + 1 + layout.title + 2);
    sheet.wrapped(&label, Tone::Plain, &text)
}

/// How many controls no check judges; the default framework has a row for each.
fn not_judged_by_checks(report: &Report, layout: &Layout, sheet: &mut Sheet<'_>) -> io::Result<()> {
    let controls = &report.score.controls;
    let manual = controls.iter().filter(|control| control.manual.is_some()).count();
    let not_covered = controls.iter().filter(|control| control.is_not_covered()).count();
    if is_default(report) || manual + not_covered == 0 {
        return Ok(());
    }
    let text = sheet.words.not_judged_by_checks(manual, not_covered, &escape(&report.score.framework));
    let indent = padded("", layout.id + 1);
    for line in wrap(&text, sheet.style.width.saturating_sub(layout.id + 1)) {
        writeln!(sheet.out, "{}", sheet.painted(Tone::Faint, &format!("{indent}{line}")))?;
    }
    Ok(())
}

fn is_default(report: &Report) -> bool {
    report.score.framework == framework::DEFAULT
}

/// Runs whose score is told.
const RUNS: usize = 8;

const FULL: char = '█';
const EMPTY: char = '░';

/// A score as a bar. Only 100 fills it and only 0 leaves it empty.
fn bar(score: f64, columns: usize) -> String {
    let full = share(score, columns);
    std::iter::repeat_n(FULL, full).chain(std::iter::repeat_n(EMPTY, columns - full)).collect()
}

/// A score or percentage without decimals: never better than it is, and only 0 reads 0.
#[must_use]
pub fn whole(percent: f64) -> u32 {
    u32::try_from(share(percent.floor().max(percent.min(1.0)), 100)).unwrap_or(100)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "between 0 and the number of columns"
)]
fn share(percent: f64, of: usize) -> usize {
    let rounded = (percent.clamp(0.0, 100.0) / 100.0 * of as f64).round() as usize;
    match percent {
        100.0.. => of,
        ..=0.0 => 0,
        _ => rounded.clamp(1, of - 1),
    }
}

const fn tone(score: f64) -> Tone {
    match score {
        80.0.. => Tone::Good,
        50.0..80.0 => Tone::Fair,
        _ => Tone::Bad,
    }
}
