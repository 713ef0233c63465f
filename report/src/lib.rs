//! The formats of a report, one file each. They see the report and nothing else: not the snapshot, not the command
//! line, not the terminal.

mod asff;
mod json;
mod limit;
mod ocsf;
mod prometheus;
#[cfg(test)]
mod samples;
mod sarif;
mod table;
pub mod text;

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
    /// For GitHub code scanning and SARIF viewers.
    Sarif,
    /// For SIEMs: OCSF 1.6.
    Ocsf,
    /// For Amazon Security Lake: OCSF 1.3.
    Ocsf13,
    /// For AWS Security Hub.
    Asff,
    /// For Prometheus.
    Prometheus,
}

impl Format {
    /// Every format.
    pub const ALL: &[Self] =
        &[Self::Table, Self::Json, Self::Sarif, Self::Ocsf, Self::Ocsf13, Self::Asff, Self::Prometheus];

    /// Its name on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Json => "json",
            Self::Sarif => "sarif",
            Self::Ocsf => "ocsf",
            Self::Ocsf13 => "ocsf-1.3",
            Self::Asff => "asff",
            Self::Prometheus => "prometheus",
        }
    }

    /// What it is for, in half a sentence.
    #[must_use]
    pub const fn purpose(self) -> &'static str {
        match self {
            Self::Table => "For people",
            Self::Json => "For programs: schema version 1",
            Self::Sarif => "For GitHub code scanning: SARIF 2.1.0",
            Self::Ocsf => "For SIEMs: OCSF 1.6 compliance findings",
            Self::Ocsf13 => "For Amazon Security Lake: OCSF 1.3 compliance findings",
            Self::Asff => "For AWS Security Hub: ready for BatchImportFindings",
            Self::Prometheus => "For the textfile collector of Prometheus's node exporter",
        }
    }

    /// The ending of its files, without the dot before it.
    #[must_use]
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Table => "txt",
            Self::Json => "json",
            Self::Sarif => "sarif",
            Self::Ocsf => "ocsf.json",
            Self::Ocsf13 => "ocsf-1.3.json",
            Self::Asff => "asff.json",
            Self::Prometheus => "prom",
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
        Format::Sarif => sarif::write(report, style.lang, out),
        Format::Ocsf => ocsf::write(report, ocsf::Version::V1_6, style.lang, out),
        Format::Ocsf13 => ocsf::write(report, ocsf::Version::V1_3, style.lang, out),
        Format::Asff => asff::write(report, out),
        Format::Prometheus => prometheus::write(report, out),
    }
}
