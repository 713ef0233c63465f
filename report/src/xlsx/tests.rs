use std::io::Cursor;

use calamine::{Data, Reader, Xlsx, open_workbook_from_rs};

use super::*;
use crate::{hostile, samples, text::escape};

fn opened(report: &Report, lang: Lang, rows: usize) -> Xlsx<Cursor<Vec<u8>>> {
    let file = workbook(report, lang, rows).unwrap().save_to_buffer().unwrap();
    open_workbook_from_rs(Cursor::new(file)).unwrap()
}

fn table(book: &mut Xlsx<Cursor<Vec<u8>>>, sheet: &str) -> Vec<Vec<Data>> {
    book.worksheet_range(sheet).unwrap().rows().map(<[Data]>::to_vec).collect()
}

/// The column under that header.
fn column(table: &[Vec<Data>], header: &str) -> Vec<Data> {
    let at = table[0].iter().position(|cell| *cell == header).unwrap();
    table[1..].iter().map(|row| row[at].clone()).collect()
}

fn texts(cells: &[&str]) -> Vec<Data> {
    let data = |text: &&str| if text.is_empty() { Data::Empty } else { Data::String((*text).into()) };
    cells.iter().map(data).collect()
}

fn plain() -> Report {
    let mut report = hostile::empty();
    report.findings = hostile::plain_findings();
    report
}

#[test]
fn each_kind_of_finding_has_its_sheet() {
    let mut book = opened(&plain(), Lang::En, ROWS);
    assert_eq!(
        book.sheet_names(),
        ["Summary", "Findings", "Suppressed", "Not judged", "Not read", "Frameworks"]
    );
    let findings = table(&mut book, "Findings");
    assert_eq!(column(&findings, "Resource ID"), texts(&["sg-0a", "sg-0b", "sg-0e"]));
    assert_eq!(column(&findings, "Result"), texts(&["fail", "fail", "pass"]));
    assert_eq!(column(&findings, "Since last time"), texts(&["new", "", ""]));
    assert_eq!(column(&findings, "Status"), texts(&["", "", ""]));
    let suppressed = table(&mut book, "Suppressed");
    assert_eq!(column(&suppressed, "Resource ID"), texts(&["sg-0d"]));
    assert!(!suppressed[0].contains(&Data::String("Status".into())));
    assert_eq!(column(&suppressed, "Finding ID"), texts(&["2c91c7aebadde0c6522a55050212b5a0"]));
    let unknown = table(&mut book, "Not judged");
    assert_eq!(column(&unknown, "Resource ID"), texts(&["sg-0c"]));
    let frameworks = table(&mut book, "Frameworks");
    assert_eq!(column(&frameworks, "Control"), texts(&["5.3", "5.4", "EC2.19"]));
    assert_eq!(column(&frameworks, "Fail"), vec![Data::Float(2.0); 3]);
    assert_eq!(column(&frameworks, "Unknown"), vec![Data::Float(1.0); 3]);
    assert_eq!(column(&frameworks, "Suppressed"), vec![Data::Float(1.0); 3]);
}

#[test]
fn what_the_configuration_said_stands_in_columns_of_its_own() {
    let report = samples::triaged();
    let mut book = opened(&report, Lang::En, ROWS);
    let suppressed = table(&mut book, "Suppressed");
    for (header, told) in [
        ("Title", "S3 bucket allows public read access"),
        ("Accepted because", "public on purpose"),
        ("Accepted by", "web@example.com"),
        ("Accepted until", "2027-03-31"),
        ("Ticket", "https://tickets.example.com/SEC-142"),
        ("Accepted in", "aws-audit.toml:12"),
        ("Resource ID", "bucket-3"),
    ] {
        assert_eq!(column(&suppressed, header), texts(&[told]), "{header}");
    }
    let findings = table(&mut book, "Findings");
    assert_eq!(column(&findings, "Severity changed because"), texts(&["published on purpose"]));
    assert_eq!(column(&findings, "Group"), texts(&["S3 bucket bucket-1 is open"]));
    assert_eq!(column(&findings, "Group ID"), texts(&["0123456789abcdef0123456789abcdef"]));
    assert!(!findings[0].contains(&Data::String("Accepted because".into())));
    let unknown = column(&table(&mut book, "Not judged"), "Accepted if it fails");
    assert!(unknown[0].to_string().ends_with("public on purpose (https://tickets.example.com/SEC-142)"));
    let mut book = opened(&report, Lang::Ja, ROWS);
    assert_eq!(column(&table(&mut book, "抑制"), "受容の責任者"), texts(&["web@example.com"]));
}

#[test]
fn ids_stay_texts() {
    let mut report = plain();
    report.account.id = "000000000012".into();
    for finding in &mut report.findings {
        finding.resource.account = "000000000012".into();
        finding.resource.id = "00123e5".into();
    }
    let mut book = opened(&report, Lang::En, ROWS);
    let findings = table(&mut book, "Findings");
    assert_eq!(column(&findings, "Account")[0], Data::String("000000000012".into()));
    assert_eq!(column(&findings, "Resource ID")[0], Data::String("00123e5".into()));
    assert_eq!(table(&mut book, "Summary")[2][1], Data::String("000000000012".into()));
}

#[test]
fn japanese_throughout() {
    let mut report = plain();
    report.findings.retain(|finding| finding.status != Status::Suppressed);
    let mut book = opened(&report, Lang::Ja, ROWS);
    // No sheet of suppressed findings, as there are none.
    assert_eq!(book.sheet_names(), ["概要", "検出結果", "判定不能", "取得不能", "フレームワーク"]);
    let findings = table(&mut book, "検出結果");
    assert_eq!(column(&findings, "重要度"), texts(&["重大", "高", "高"]));
    assert_eq!(column(&findings, "判定"), texts(&["NG", "NG", "OK"]));
    assert!(findings[0].contains(&Data::String("対応状況".into())));
}

#[test]
fn names_survive_as_text_and_nothing_is_a_formula() {
    let report = hostile::report();
    let mut book = opened(&report, Lang::En, ROWS);
    for sheet in book.sheet_names() {
        assert!(book.worksheet_formula(&sheet).unwrap().is_empty(), "{sheet}");
        for cell in table(&mut book, &sheet).iter().flatten() {
            if let Data::String(text) = cell {
                assert!(text.encode_utf16().count() <= cells::LONGEST);
                assert!(!text.chars().any(crate::text::is_harmful), "{text:.100}");
            }
        }
    }
    for (sheet, status) in
        [("Findings", Status::Fail), ("Suppressed", Status::Suppressed), ("Not judged", Status::Unknown)]
    {
        let shown = column(&table(&mut book, sheet), "Resource name");
        let names = report.findings.iter().filter(|finding| finding.status == status);
        let names: Vec<_> = names.map(|finding| finding.resource.name.clone().unwrap()).collect();
        assert_eq!(shown.len(), names.len());
        for (shown, name) in shown.iter().zip(names) {
            if name.chars().count() < hostile::LONG {
                assert_eq!(shown.to_string(), escape(&name), "{sheet}");
            } else {
                assert!(shown.to_string().contains("cut off: 40000 characters"));
            }
        }
    }
}

/// Nothing in the package but what this program put there: no link, no macro, no relation to elsewhere.
#[test]
fn nothing_leads_out_of_the_workbook() {
    let file = workbook(&hostile::report(), Lang::En, ROWS).unwrap().save_to_buffer().unwrap();
    // The names of the parts stand in the file as they are.
    let listed = String::from_utf8_lossy(&file);
    for part in ["vbaProject", "externalLink", "connections", "drawing", "hyperlink", "sheet1.xml.rels"] {
        assert!(!listed.contains(part), "{part}");
    }
}

#[test]
fn rows_that_do_not_fit_are_said() {
    let mut report = plain();
    let first = report.findings[0].clone();
    report.findings.extend((0..10).map(|_| first.clone()));
    let mut book = opened(&report, Lang::En, 6);
    assert_eq!(table(&mut book, "Findings").len(), 6);
    let summary = table(&mut book, "Summary");
    let notes: Vec<_> = summary.iter().map(|row| row[0].to_string()).collect();
    assert!(
        notes
            .contains(&"8 rows do not fit on the sheet \"Findings\" (5 rows); the JSON has them.".to_owned()),
        "{notes:#?}"
    );
    // All are counted all the same.
    let failing = summary.iter().find(|row| row[0] == "Failing findings").unwrap();
    assert_eq!(failing[1], Data::Float(12.0));
}
