//! The formats of a report, one file each. They see the report and nothing else.

mod table;
pub(crate) mod text;

use std::io;

use aws_audit_checks::report::Report;

pub use self::table::Style;
use crate::cli::Format;

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
