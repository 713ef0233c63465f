//! How long the formats for other programs take over 20,000 findings, and how much memory. The target is under two
//! seconds and 150 MB.
//!
//!     cargo bench --package aws-audit-report --bench integrations

use std::{
    fs,
    io::{self, Write as _},
    process::Command,
    time::Instant,
};

use aws_audit_report::{Format, Style, write};

#[allow(dead_code, reason = "the tests need more of it")]
#[path = "../src/samples.rs"]
mod samples;

const FORMATS: [Format; 5] = [Format::Sarif, Format::Ocsf, Format::Ocsf13, Format::Asff, Format::Prometheus];

fn main() -> io::Result<()> {
    let mut out = io::stdout().lock();
    // A process for each, since the peak of one hides the next one's.
    let name = std::env::args().skip(1).find(|argument| !argument.starts_with('-'));
    let Some(format) = FORMATS.into_iter().find(|format| name.as_deref() == Some(format.name())) else {
        for format in FORMATS {
            let output = Command::new(std::env::current_exe()?).arg(format.name()).output()?;
            out.write_all(&output.stdout)?;
        }
        return Ok(());
    };
    let mut report = samples::report(&[]);
    report.findings = samples::many(20_000);
    let before = peak()?;
    let started = Instant::now();
    let mut written = Count(0);
    write(&report, format, &Style::default(), &mut written)?;
    let (took, peak) = (started.elapsed(), peak()?);
    let (mb, name) = (written.0 / 1_000_000, format.name());
    writeln!(
        out,
        "{name}: {} ms, {mb} MB written, peak {} MB ({} MB before)",
        took.as_millis(),
        peak / 1000,
        before / 1000
    )
}

/// The most memory that the process has had so far, in kilobytes, where the system tells.
fn peak() -> io::Result<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let digits = line.unwrap_or_default().trim().trim_end_matches("kB").trim();
    digits.parse().map_err(io::Error::other)
}

/// Counts what is written to it.
struct Count(u64);

impl io::Write for Count {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
