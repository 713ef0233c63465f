//! Writes a JSON report in another format, with no more of the program than this crate:
//!
//!     aws-audit scan --format json | cargo run --package aws-audit-report --example convert -- sarif [ja]

use std::io::{self, BufWriter, Write as _};

use aws_audit_checks::page::Lang;
use aws_audit_report::{Format, Style, write};

fn main() -> io::Result<()> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let named = |format: &Format| arguments.first().is_some_and(|name| name == format.name());
    let format = Format::ALL.iter().copied().find(named).ok_or_else(|| io::Error::other("which format?"))?;
    let lang = if arguments.get(1).is_some_and(|lang| lang == "ja") { Lang::Ja } else { Lang::En };
    let report = serde_json::from_str(&io::read_to_string(io::stdin())?)?;
    let mut out = BufWriter::new(io::stdout().lock());
    write(&report, format, &Style { lang, ..Style::default() }, &mut out)?;
    out.flush()
}
