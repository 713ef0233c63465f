//! The formats of a report, one file each. They see the report and nothing else: not the snapshot, not the command
//! line, not the terminal.

mod cells;
mod csv;
#[cfg(test)]
mod hostile;
mod jsonl;
mod junit;
mod markdown;
mod table;
pub mod text;
mod words;
mod xlsx;

use std::io;

use aws_audit_checks::report::Report;

pub use self::table::Style;

/// A format of reports.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// For people.
    #[default]
    Table,
    /// For programs: schema version 1.
    Json,
    /// For spreadsheets and scripts.
    Csv,
    /// For auditors.
    Xlsx,
    /// For pull requests and issues.
    Markdown,
    /// For data lakes and logs.
    JsonLines,
    /// For CI servers.
    Junit,
}

impl Format {
    /// Every format.
    pub const ALL: &[Self] =
        &[Self::Table, Self::Json, Self::Csv, Self::Xlsx, Self::Markdown, Self::JsonLines, Self::Junit];

    /// Its name on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Json => "json",
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
            Self::Markdown => "markdown",
            Self::JsonLines => "jsonl",
            Self::Junit => "junit",
        }
    }

    /// What it is for, in half a sentence.
    #[must_use]
    pub const fn purpose(self) -> &'static str {
        match self {
            Self::Table => "For people",
            Self::Json => "For programs: schema version 1",
            Self::Csv => "For spreadsheets and scripts: a finding a row",
            Self::Xlsx => "For auditors: an Excel workbook with columns to fill in",
            Self::Markdown => "For pull requests and issues, within GitHub's limit",
            Self::JsonLines => "For data lakes and logs: a finding a line",
            Self::Junit => "For CI servers: checks as tests",
        }
    }

    /// The ending of its files, without the dot before it.
    #[must_use]
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Table => "txt",
            Self::Json => "json",
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
            Self::Markdown => "md",
            Self::JsonLines => "jsonl",
            Self::Junit => "junit.xml",
        }
    }

    /// The format of a file of that name, in any case: the one with the longest ending that fits, as
    /// `report.ocsf.json` ends in `.json` too.
    #[must_use]
    pub fn of_ending(file_name: &str) -> Option<Self> {
        let name = file_name.to_ascii_lowercase();
        // A name that is nothing but an ending is a hidden file, as `.json` is.
        let fits = |format: &Self| {
            name.strip_suffix(format.ending()).is_some_and(|stem| stem.len() > 1 && stem.ends_with('.'))
        };
        Self::ALL.iter().copied().filter(fits).max_by_key(|format| format.ending().len())
    }
}

/// Writes the report in a format.
///
/// # Errors
/// When it cannot be written.
pub fn write(report: &Report, format: Format, style: &Style, out: &mut dyn io::Write) -> io::Result<()> {
    match format {
        Format::Table => table::write(report, style, out),
        Format::Json => {
            serde_json::to_writer_pretty(&mut *out, report)?;
            out.write_all(b"\n")
        }
        Format::Csv => csv::write(report, style.lang, out),
        Format::Xlsx => xlsx::write(report, style.lang, out),
        Format::Markdown => markdown::write(report, style, out),
        Format::JsonLines => jsonl::write(report, out),
        Format::Junit => junit::write(report, style.lang, out),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_known_by_the_longest_ending_that_fits() {
        assert_eq!(Format::of_ending("report.json"), Some(Format::Json));
        assert_eq!(Format::of_ending("2026-11.REPORT.JSONL"), Some(Format::JsonLines));
        assert_eq!(Format::of_ending("report.junit.xml"), Some(Format::Junit));
        for name in ["report.xml", "junit.xml", "json", ".json", "reportjson", "report.json.gz", ""] {
            assert_eq!(Format::of_ending(name), None, "{name}");
        }
        for format in Format::ALL {
            assert_eq!(Format::of_ending(&format!("a.{}", format.ending())), Some(*format));
        }
    }

    #[test]
    fn no_two_formats_share_a_name_or_an_ending() {
        for (at, one) in Format::ALL.iter().enumerate() {
            for other in &Format::ALL[..at] {
                assert_ne!(one.name(), other.name());
                assert_ne!(one.ending(), other.ending());
            }
        }
    }

    /// The same report makes the same bytes: no clock, no order by chance.
    #[test]
    fn every_format_is_reproducible() {
        let report = hostile::report();
        for format in Format::ALL {
            let written = || {
                let mut out = vec![];
                write(&report, *format, &Style::default(), &mut out).unwrap();
                out
            };
            assert!(written() == written(), "{}", format.name());
        }
    }
}
