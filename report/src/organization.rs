//! The formats of an organization's report: a table with a heat map of accounts and controls for terminals, Markdown,
//! HTML, and JSON.

use std::io;

use aws_audit_checks::organization::OrganizationReport;

use crate::{html, markdown, table};

pub use crate::table::Style;

/// A format of an organization's report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// For people.
    #[default]
    Table,
    /// For programs: schema version 1.
    Json,
    /// For people: a page to open, print and hand on.
    Html,
    /// For pull requests, issues and chats.
    Markdown,
}

impl Format {
    /// Every format, with its name on the command line and the ending of its files.
    pub const ALL: [(Self, &'static str, &'static str); 4] = [
        (Self::Table, "table", "txt"),
        (Self::Json, "json", "json"),
        (Self::Html, "html", "html"),
        (Self::Markdown, "markdown", "md"),
    ];

    /// The format of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known, _)| *known == name).map(|(format, ..)| *format)
    }

    /// The format of files that end so, in any case.
    #[must_use]
    pub fn of_ending(ending: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, _, known)| known.eq_ignore_ascii_case(ending)).map(|(format, ..)| *format)
    }
}

/// Writes the report. `ascii` is for terminals that show nothing else: the table's own marks are ASCII then.
///
/// # Errors
/// When it cannot be written.
pub fn write(
    report: &OrganizationReport,
    format: Format,
    style: &Style,
    ascii: bool,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    match format {
        Format::Table => table::organization::write(report, style, ascii, out),
        Format::Json => {
            serde_json::to_writer_pretty(&mut *out, report)?;
            out.write_all(b"\n")
        }
        Format::Html => html::organization::write(report, style.lang, out),
        Format::Markdown => markdown::organization::write(report, style.lang, out),
    }
}
