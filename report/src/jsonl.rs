//! JSON Lines: one finding a line, each of which tells whose account it is and when it was looked at, so that the
//! lines of many scans can lie in one table. (<https://jsonlines.org>: UTF-8, a value a line, `\n` after each.)

use std::io;

use aws_audit_checks::report::{Report, ReportFinding};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter, Serializer};

use crate::text::is_harmful;

/// A line. What the JSON report has too goes by the same name and means the same.
#[derive(Serialize)]
struct Line<'a> {
    schema_version: u32,
    tool_version: &'a str,
    /// Twelve digits, of the account that was scanned.
    account: &'a str,
    account_alias: Option<&'a str>,
    partition: &'a str,
    /// The region of the resource; none for what is global.
    region: Option<&'a str>,
    started_at: Timestamp,
    finished_at: Timestamp,
    #[serde(flatten)]
    finding: &'a ReportFinding,
}

pub(crate) fn write(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    for finding in &report.findings {
        let line = Line {
            schema_version: report.schema_version,
            tool_version: &report.tool.version,
            account: &report.account.id,
            account_alias: report.account.alias.as_deref(),
            partition: &report.account.partition,
            region: finding.resource.region.as_deref(),
            started_at: report.started_at,
            finished_at: report.finished_at,
            finding,
        };
        line.serialize(&mut Serializer::with_formatter(&mut *out, Plain))?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

/// Compact JSON in which nothing acts on a terminal, hides or breaks a line in a reader that takes U+2028 for one:
/// such characters are escaped, which changes nothing about the value.
struct Plain;

impl Formatter for Plain {
    fn write_string_fragment<W: io::Write + ?Sized>(
        &mut self,
        out: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut rest = fragment;
        while let Some((at, c)) = rest.char_indices().find(|(_, c)| is_harmful(*c)) {
            CompactFormatter.write_string_fragment(out, &rest[..at])?;
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(out, "\\u{unit:04x}")?;
            }
            rest = &rest[at + c.len_utf8()..];
        }
        CompactFormatter.write_string_fragment(out, rest)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::hostile;

    fn written(report: &Report) -> String {
        let mut out = vec![];
        write(report, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_line_is_a_finding_of_the_json_report_and_its_scan() {
        let report = hostile::report();
        let text = written(&report);
        let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines.len(), report.findings.len());
        for (line, finding) in lines.iter().zip(&report.findings) {
            // Whole and unchanged, hostile names as well.
            assert_eq!(serde_json::from_value::<ReportFinding>(line.clone()).unwrap(), *finding);
            assert_eq!(line["account"], report.account.id.as_str());
            assert_eq!(line["region"], line["resource"]["region"]);
            assert_eq!(line["started_at"], "2026-11-01T12:00:00Z");
            // No name of the scan hides one of the finding.
            assert_eq!(
                line.as_object().unwrap().len(),
                8 + serde_json::to_value(finding).unwrap().as_object().unwrap().len()
            );
        }
    }

    #[test]
    fn nothing_in_a_line_acts() {
        let text = written(&hostile::report());
        let acting: Vec<_> = text.chars().filter(|c| *c != '\n' && is_harmful(*c)).collect();
        assert_eq!(acting, [' '; 0]);
        assert!(text.ends_with("}\n"));
    }

    #[test]
    fn no_finding_makes_no_line() {
        assert_eq!(written(&hostile::empty()), "");
    }
}
