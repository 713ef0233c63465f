//! CSV (RFC 4180): a finding a row, under a header that only ever grows at its end.
//!
//! Spreadsheets run what looks like a formula, in CSV too (CWE-1236; OWASP, "CSV Injection"), and names and tags are
//! whatever somebody else made them: such cells get an apostrophe in front.

use std::{borrow::Cow, io};

use ::csv::{Terminator, WriterBuilder};
use aws_audit_checks::{
    page::Lang,
    report::{Report, ReportFinding},
};

use crate::{cells, triaged::Groups, words};

/// The columns, in their order. New ones come last.
const COLUMNS: [&str; 28] = [
    "id",
    "status",
    "state",
    "severity",
    "check",
    "title",
    "account",
    "account_alias",
    "region",
    "resource_type",
    "resource_id",
    "resource_arn",
    "resource_name",
    "message",
    "fix",
    "command",
    "url",
    "antipatterns",
    "controls",
    "first_seen",
    "severity_reason",
    "group",
    "group_title",
    "suppressed_reason",
    "suppressed_owner",
    "suppressed_expires",
    "suppressed_ticket",
    "suppressed_source",
];

/// Without it, Excel takes a file for one in the legacy encoding of the system: Shift_JIS in Japan.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// What begins a formula; the full-width forms do in Japanese Excel.
const FORMULA: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];

pub(crate) fn write(report: &Report, lang: Lang, out: &mut dyn io::Write) -> io::Result<()> {
    if lang == Lang::Ja {
        out.write_all(BYTE_ORDER_MARK.as_bytes())?;
    }
    let mut rows = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(out);
    rows.write_record(COLUMNS)?;
    let groups = Groups::of(report);
    for finding in &report.findings {
        let cells = row(report, finding, &groups, lang);
        let cells = cells.iter().map(|cell| guarded(cell));
        rows.write_record(cells.map(|cell| cell.into_owned().into_bytes()))?;
    }
    rows.flush()
}

fn row<'a>(
    report: &'a Report,
    finding: &'a ReportFinding,
    groups: &Groups<'a>,
    lang: Lang,
) -> [Cow<'a, str>; COLUMNS.len()] {
    let text = |text: &'a str| cells::text(text, lang);
    let resource = &finding.resource;
    let alias = report.account.alias.as_deref().filter(|_| resource.account == report.account.id);
    let command = cells::command(finding, lang);
    let accepted = finding.suppressed.as_ref();
    let optional = |it: Option<&'a str>| text(it.unwrap_or_default());
    [
        text(&finding.id),
        // For scripts: the names that the JSON has, in every language.
        words::status(finding.status, Lang::En).into(),
        finding.state.map_or("", |state| words::state(state, Lang::En)).into(),
        finding.severity.name().into(),
        text(&finding.check),
        text(&finding.title),
        text(&resource.account),
        text(alias.unwrap_or_default()),
        text(resource.region.as_deref().unwrap_or_default()),
        text(&resource.kind),
        text(&resource.id),
        text(&resource.arn),
        text(resource.name.as_deref().unwrap_or_default()),
        text(&finding.message),
        text(finding.fix.as_ref().map_or("", |fix| fix.summary.as_str())),
        // With an apostrophe in it, it would be another command.
        if guarded(&command) == command { command } else { cells::see_json(lang).into() },
        text(&finding.url),
        cells::antipatterns(finding).into(),
        cells::text(&cells::controls(finding), lang).into_owned().into(),
        finding.first_seen.map(|time| time.to_string()).unwrap_or_default().into(),
        optional(finding.severity_reason.as_deref()),
        optional(finding.group.as_deref()),
        optional(groups.title(finding)),
        // Of an unknown finding too, which is no accepted one: `status` tells.
        optional(accepted.map(|it| it.reason.as_str())),
        optional(accepted.and_then(|it| it.owner.as_deref())),
        accepted.and_then(|it| it.expires).map(|day| day.to_string()).unwrap_or_default().into(),
        optional(accepted.and_then(|it| it.ticket.as_deref())),
        optional(accepted.map(|it| it.source.as_str())),
    ]
}

/// The cell with an apostrophe before everything that a spreadsheet would take for a formula: at its start, and after
/// each semicolon, at which a cell ends where the system's list separator is one (most of Europe).
fn guarded(cell: &str) -> Cow<'_, str> {
    let is_formula = |text: &str| {
        // Leading spaces and quotation marks are not always part of the text to a spreadsheet.
        text.trim_start_matches(|c: char| c.is_whitespace() || c == '"').starts_with(FORMULA)
    };
    // A cell with a comma or a quotation mark is written in quotation marks. To a reader that ends cells at semicolons,
    // one that stands right after a semicolon begins a cell, which may go on over the next rows.
    let is_quoted = cell.contains(['"', ',']);
    let parts: Vec<_> = cell.split(';').collect();
    let opens = |at: usize| {
        let part = parts[at].trim_start();
        at > 0 && is_quoted && (part.starts_with('"') || part.is_empty() && at + 1 == parts.len())
    };
    let is_harmful = |at: usize| is_formula(parts[at]) || opens(at);
    if !(0..parts.len()).any(is_harmful) {
        return Cow::Borrowed(cell);
    }
    let guarded = |at: usize| if is_harmful(at) { format!("'{}", parts[at]) } else { parts[at].to_owned() };
    Cow::Owned((0..parts.len()).map(guarded).collect::<Vec<_>>().join(";"))
}

#[cfg(test)]
mod tests {
    use ::csv::ReaderBuilder;
    use expect_test::expect;

    use super::*;
    use crate::{hostile, samples, text::escape};

    fn written(report: &Report, lang: Lang) -> String {
        let mut out = vec![];
        write(report, lang, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn rows(text: &str, delimiter: u8) -> Vec<Vec<String>> {
        let mut reader = ReaderBuilder::new()
            .delimiter(delimiter)
            .has_headers(false)
            .flexible(true)
            .from_reader(text.as_bytes());
        reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
    }

    #[test]
    fn a_row_is_a_finding() {
        let mut report = hostile::empty();
        report.findings = hostile::plain_findings();
        expect![[r#"
            id,status,state,severity,check,title,account,account_alias,region,resource_type,resource_id,resource_arn,resource_name,message,fix,command,url,antipatterns,controls,first_seen,severity_reason,group,group_title,suppressed_reason,suppressed_owner,suppressed_expires,suppressed_ticket,suppressed_source
            2c91c7aebadde0c6522a55050212b5a0,fail,new,critical,ec2-sg-open-ssh,Security group opens SSH to the internet,111122223333,,eu-west-1,AWS::EC2::SecurityGroup,sg-0a,arn:aws:ec2:eu-west-1:111122223333:security-group/sg-0a,bastion,Port 22 is open to 0.0.0.0/0.,Remove the rule; use Session Manager.,aws ec2 revoke-security-group-ingress --group-id sg-0a,https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html,8,"cis-6.0 5.3, 5.4; fsbp EC2.19",2026-11-01T12:00:00Z,,,,,,,,
            2c91c7aebadde0c6522a55050212b5a0,fail,,high,ec2-sg-open-ssh,Security group opens SSH to the internet,111122223333,,eu-west-1,AWS::EC2::SecurityGroup,sg-0b,arn:aws:ec2:eu-west-1:111122223333:security-group/sg-0b,,Port 22 is open to 0.0.0.0/0.,Remove the rule; use Session Manager.,aws ec2 revoke-security-group-ingress --group-id sg-0b,https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html,8,"cis-6.0 5.3, 5.4; fsbp EC2.19",,,,,,,,,
            2c91c7aebadde0c6522a55050212b5a0,unknown,,high,ec2-sg-open-rdp,Security group opens SSH to the internet,111122223333,,eu-west-1,AWS::EC2::SecurityGroup,sg-0c,arn:aws:ec2:eu-west-1:111122223333:security-group/sg-0c,,Could not be judged: ec2:DescribeSecurityGroups: access denied.,,,https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html,8,"cis-6.0 5.3, 5.4; fsbp EC2.19",,,,,,,,,
            2c91c7aebadde0c6522a55050212b5a0,suppressed,,high,ec2-sg-open-ssh,Security group opens SSH to the internet,111122223333,,eu-west-1,AWS::EC2::SecurityGroup,sg-0d,arn:aws:ec2:eu-west-1:111122223333:security-group/sg-0d,accepted,Port 22 is open to 0.0.0.0/0.,Remove the rule; use Session Manager.,aws ec2 revoke-security-group-ingress --group-id sg-0d,https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html,8,"cis-6.0 5.3, 5.4; fsbp EC2.19",,,,,keys only,network team,2027-03-31,https://tickets.example.com/SEC-142,aws-audit.toml:12
            2c91c7aebadde0c6522a55050212b5a0,pass,,high,ec2-sg-open-ssh,Security group opens SSH to the internet,111122223333,,eu-west-1,AWS::EC2::SecurityGroup,sg-0e,arn:aws:ec2:eu-west-1:111122223333:security-group/sg-0e,,Nothing wrong found.,,,https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html,8,"cis-6.0 5.3, 5.4; fsbp EC2.19",,,,,,,,,
        "#]].assert_eq(&written(&report, Lang::En).replace("\r\n", "\n"));
    }

    #[test]
    fn what_the_configuration_said_stands_in_columns_of_its_own() {
        let text = written(&samples::triaged(), Lang::En);
        let told: Vec<_> = rows(&text, b',').iter().map(|row| row[20..].join(" | ")).collect();
        expect![[r#"
            severity_reason | group | group_title | suppressed_reason | suppressed_owner | suppressed_expires | suppressed_ticket | suppressed_source
            published on purpose | 0123456789abcdef0123456789abcdef | S3 bucket bucket-1 is open |  |  |  |  | 
             |  |  | public on purpose | web@example.com | 2027-03-31 | https://tickets.example.com/SEC-142 | aws-audit.toml:12
             |  |  | public on purpose | web@example.com | 2027-03-31 | https://tickets.example.com/SEC-142 | aws-audit.toml:12"#]]
        .assert_eq(&told.join("\n"));
    }

    #[test]
    fn japanese_excel_is_told_the_encoding() {
        let report = hostile::empty();
        assert!(written(&report, Lang::Ja).starts_with("\u{feff}id,status,"));
        assert!(written(&report, Lang::En).starts_with("id,status,"));
    }

    #[test]
    fn names_survive_as_text_and_nothing_is_a_formula() {
        let report = hostile::report();
        let text = written(&report, Lang::En);
        let rows = rows(&text, b',');
        assert_eq!(rows.len(), report.findings.len() + 1);
        // A row is a line, to readers that know no quotation marks as well.
        assert_eq!(text.matches("\r\n").count(), rows.len());
        assert_eq!(text.lines().count(), rows.len());
        let column = |name: &str| COLUMNS.iter().position(|column| *column == name).unwrap();
        for (row, finding) in rows[1..].iter().zip(&report.findings) {
            assert_eq!(row.len(), COLUMNS.len());
            let name = finding.resource.name.as_deref().unwrap();
            let shown = &row[column("resource_name")];
            if name.chars().count() < hostile::LONG {
                assert_eq!(shown.replace('\'', ""), escape(name).replace('\'', ""));
            } else {
                assert!(shown.contains("cut off: 40000 characters"), "{}", &shown[shown.len() - 100..]);
            }
            assert_eq!(row[column("account")], "111122223333");
            if name.chars().count() < hostile::LONG {
                let shown = escape(name).replace('\'', "");
                assert_eq!(row[column("severity_reason")].replace('\'', ""), shown);
                let accepted = if finding.suppressed.is_some() { &*shown } else { "" };
                for column in
                    ["reason", "owner", "ticket", "source"].map(|it| column(&format!("suppressed_{it}")))
                {
                    assert_eq!(row[column].replace('\'', ""), accepted);
                }
                let group = if finding.group.is_some() { format!("Group {shown}") } else { String::new() };
                assert_eq!(row[column("group_title")].replace('\'', ""), group);
            }
        }
    }

    /// Whatever a spreadsheet takes for the separator.
    #[test]
    fn no_cell_is_a_formula_whatever_separates_cells() {
        let mut report = hostile::report();
        for finding in &mut report.findings {
            let name = finding.resource.name.clone().unwrap();
            finding.resource.id = format!("x;{name}");
            finding.title = format!("x; \"\"{name}");
        }
        let text = written(&report, Lang::En);
        for delimiter in [b',', b';'] {
            for cell in rows(&text, delimiter).iter().flatten() {
                let start = cell.trim_start_matches([' ', '"', '\u{3000}', '\u{a0}']);
                assert!(!start.starts_with(FORMULA), "{delimiter}: {cell}");
                assert!(!cell.contains(['\t', '\r', '\n', '\0', '\u{202e}', '\u{feff}']), "{cell}");
            }
        }
    }

    #[test]
    fn guards_what_looks_like_a_formula_and_nothing_else() {
        for (cell, shown) in [
            ("=1+1", "'=1+1"),
            ("  @SUM(A1)", "'  @SUM(A1)"),
            ("\"=1\"", "'\"=1\""),
            ("＝１", "'＝１"),
            ("a; =HYPERLINK(\"x\")", "a;' =HYPERLINK(\"x\")"),
            ("web-1 (i-0a=b)", "web-1 (i-0a=b)"),
            ("a, b;", "a, b;'"),
            ("a;\"b\"", "a;'\"b\""),
            ("a;b;", "a;b;"),
            ("cis-6.0 5.3, 5.4; fsbp EC2.19", "cis-6.0 5.3, 5.4; fsbp EC2.19"),
            ("", ""),
        ] {
            assert_eq!(guarded(cell), shown);
        }
    }
}
