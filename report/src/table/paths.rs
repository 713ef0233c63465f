//! How somebody gets in, and what to change first: above the findings, since it says where to begin.

use std::io;

use aws_audit_checks::report::Report;

use super::{Sheet, Tone};
use crate::{paths, text::width};

/// So many paths are drawn; the others are counted.
const DRAWN: usize = 5;

pub(super) fn write(report: &Report, sheet: &mut Sheet<'_>) -> io::Result<()> {
    if report.paths.is_empty() {
        return Ok(());
    }
    let words = sheet.words;
    sheet.heading(words.paths)?;
    sheet.blank()?;
    let indent = "  ";
    let style =
        paths::Style { width: sheet.style.width - width(indent), ascii: false, lang: sheet.style.lang };
    let drawn = if sheet.style.groups == usize::MAX { usize::MAX } else { DRAWN };
    for path in report.paths.iter().take(drawn) {
        let label = format!("{}{}{}", words.severity(path.severity), words.colon, path.check);
        sheet.wrapped("", Tone::of(path.severity), &label)?;
        for line in paths::tree(path, &style) {
            // The tree is escaped and fitted; its indent is a part of it.
            writeln!(sheet.out, "{indent}{line}")?;
        }
        sheet.blank()?;
    }
    let more = report.paths.len().saturating_sub(drawn);
    if more > 0 {
        sheet.wrapped("", Tone::Faint, &words.more(more))?;
        sheet.blank()?;
    }
    if let Some(why) = &report.paths_incomplete {
        sheet.wrapped("", Tone::Fair, why)?;
        sheet.blank()?;
    }
    let fixes = paths::fix_first(&report.fix_first, &report.findings, &style);
    if !fixes.is_empty() {
        sheet.heading(words.fix_first)?;
        sheet.blank()?;
        for line in fixes {
            writeln!(sheet.out, "{indent}{line}")?;
        }
        sheet.blank()?;
    }
    Ok(())
}
