//! The table.
use aws_audit_checks::{page::Lang, report::Report};
use std::io;
/// How to write.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// w
    pub width: usize,
    /// c
    pub colour: bool,
    /// l
    pub lang: Lang,
}
pub fn write(report: &Report, style: &Style, out: &mut dyn io::Write) -> io::Result<()> {
    writeln!(out, "{:?} {:?}", style, report.score)
}
