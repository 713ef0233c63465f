//! The formats of a report, one file each. They see the report and nothing else: not the snapshot, not the command
//! line, not the terminal.

pub mod paths;
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
}

impl Format {
    /// Every format.
    pub const ALL: &[Self] = &[Self::Table, Self::Json];

    /// Its name on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Json => "json",
        }
    }

    /// What it is for, in half a sentence.
    #[must_use]
    pub const fn purpose(self) -> &'static str {
        match self {
            Self::Table => "For people",
            Self::Json => "For programs: schema version 1",
        }
    }

    /// The ending of its files, without the dot.
    #[must_use]
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Table => "txt",
            Self::Json => "json",
        }
    }

    /// The format of files with that ending, in any case.
    #[must_use]
    pub fn of_ending(ending: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|format| format.ending().eq_ignore_ascii_case(ending))
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
    }
}
