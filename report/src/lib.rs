//! The formats of a report, one file each. They see the report and nothing else: not the snapshot, not the command
//! line, not the terminal.

mod asff;
mod cells;
mod chains;
mod csv;
pub mod diff;
#[cfg(test)]
mod hostile;
mod html;
mod json;
mod jsonl;
mod junit;
mod limit;
pub mod markdown;
mod ocsf;
pub mod organization;
pub mod paths;
mod prometheus;
#[cfg(test)]
mod samples;
mod sarif;
mod table;
pub mod text;
mod triaged;
pub mod words;
mod xlsx;

use std::io;

use aws_audit_checks::report::Report;

pub use self::table::{Style, shown, whole};

/// A format of reports.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// For people.
    #[default]
    Table,
    /// For programs: schema version 1.
    Json,
    /// For people: a page to open, print and hand on; both languages in one file.
    Html,
    /// For pull requests and issues, within GitHub's limit.
    Markdown,
    /// For auditors: an Excel workbook with columns to fill in.
    Xlsx,
    /// For spreadsheets and scripts: a finding a row.
    Csv,
    /// For data lakes and logs: a finding a line.
    JsonLines,
    /// For CI servers: checks as tests.
    Junit,
    /// For GitHub code scanning: SARIF 2.1.0.
    Sarif,
    /// For SIEMs: OCSF 1.6 compliance findings.
    Ocsf,
    /// For Amazon Security Lake: OCSF 1.3 compliance findings.
    Ocsf13,
    /// For AWS Security Hub: ready for BatchImportFindings.
    Asff,
    /// For the textfile collector of Prometheus's node exporter.
    Prometheus,
}

impl Format {
    /// Every format.
    pub const ALL: &[Self] = &[
        Self::Table,
        Self::Json,
        Self::Html,
        Self::Markdown,
        Self::Xlsx,
        Self::Csv,
        Self::JsonLines,
        Self::Junit,
        Self::Sarif,
        Self::Ocsf,
        Self::Ocsf13,
        Self::Asff,
        Self::Prometheus,
    ];

    /// Name, purpose, ending.
    const fn about(self) -> [&'static str; 3] {
        match self {
            Self::Table => ["table", "For people", "txt"],
            Self::Json => ["json", "For programs: schema version 1", "json"],
            Self::Html => {
                ["html", "For people: a page to open, print and hand on; both languages in one file", "html"]
            }
            Self::Markdown => ["markdown", "For pull requests and issues, within GitHub's limit", "md"],
            Self::Xlsx => ["xlsx", "For auditors: an Excel workbook with columns to fill in", "xlsx"],
            Self::Csv => ["csv", "For spreadsheets and scripts: a finding a row", "csv"],
            Self::JsonLines => ["jsonl", "For data lakes and logs: a finding a line", "jsonl"],
            Self::Junit => ["junit", "For CI servers: checks as tests", "junit.xml"],
            Self::Sarif => ["sarif", "For GitHub code scanning: SARIF 2.1.0", "sarif"],
            Self::Ocsf => ["ocsf", "For SIEMs: OCSF 1.6 compliance findings", "ocsf.json"],
            Self::Ocsf13 => {
                ["ocsf-1.3", "For Amazon Security Lake: OCSF 1.3 compliance findings", "ocsf-1.3.json"]
            }
            Self::Asff => ["asff", "For AWS Security Hub: ready for BatchImportFindings", "asff.json"],
            Self::Prometheus => {
                ["prometheus", "For the textfile collector of Prometheus's node exporter", "prom"]
            }
        }
    }

    /// Its name on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.about()[0]
    }

    /// What it is for, in half a sentence.
    #[must_use]
    pub const fn purpose(self) -> &'static str {
        self.about()[1]
    }

    /// The ending of its files, without the dot before it.
    #[must_use]
    pub const fn ending(self) -> &'static str {
        self.about()[2]
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
        Format::Html => html::write(report, style.lang, out),
        Format::Markdown => markdown::write(report, style, out),
        Format::Xlsx => xlsx::write(report, style.lang, out),
        Format::Csv => csv::write(report, style.lang, out),
        Format::JsonLines => jsonl::write(report, out),
        Format::Junit => junit::write(report, style.lang, out),
        Format::Sarif => sarif::write(report, style.lang, out),
        Format::Ocsf => ocsf::write(report, ocsf::Version::V1_6, style.lang, out),
        Format::Ocsf13 => ocsf::write(report, ocsf::Version::V1_3, style.lang, out),
        Format::Asff => asff::write(report, out),
        Format::Prometheus => prometheus::write(report, out),
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
        assert_eq!(Format::of_ending("report.ocsf.json"), Some(Format::Ocsf));
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
