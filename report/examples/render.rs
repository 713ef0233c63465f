//! Writes a JSON report in another format: `cargo run -p aws-audit-report --example render -- html < report.json`.

use std::{
    error::Error,
    io::{self, Write as _},
};

use aws_audit_report::{Format, Style, write};

fn main() -> Result<(), Box<dyn Error>> {
    let name = std::env::args().nth(1).unwrap_or_default();
    let names = Format::ALL.iter().map(|format| format.name()).collect::<Vec<_>>().join(", ");
    let format = Format::ALL.iter().copied().find(|format| format.name() == name);
    let format = format.ok_or_else(|| format!("name a format: {names}"))?;
    let report = serde_json::from_reader(io::stdin().lock())?;
    let mut out = io::BufWriter::new(io::stdout().lock());
    write(&report, format, &Style::default(), &mut out)?;
    Ok(out.flush()?)
}
