//! XLSX: a workbook for auditors and for those who work through what was found, in Excel, LibreOffice or Google Sheets.
//!
//! Every text is written as a text: no spreadsheet takes it for a formula, a date or a number, so that account ids keep
//! their zeros.
//!
//! The rows of a sheet are written one after the other into a temporary file without a name, where the system gives one,
//! and from there into the workbook; otherwise they wait in memory.

#[cfg(test)]
mod tests;

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    io,
};

use aws_audit_checks::{
    finding::{Severity, Status},
    framework,
    page::Lang,
    report::{Report, ReportFinding, ReportGap, cause, refused},
    triage::Suppressed,
};
use rust_xlsxwriter::{
    Color, DataValidation, DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, IgnoreError,
    Workbook, Worksheet, XlsxError,
};

use crate::{
    cells,
    text::width,
    triaged::{self, Groups},
    words::{self, say},
};

/// Rows of a sheet. (Microsoft, "Excel specifications and limits".)
const ROWS: usize = 1_048_576;

/// Columns of text: the narrowest that can be read, and the widest before a text is broken into lines.
const NARROWEST: usize = 8;
const WIDEST: usize = 60;

/// A4, as the format numbers paper. (ECMA-376, `pageSetup/@paperSize`.)
const A4: u8 = 9;

pub(crate) fn write(report: &Report, lang: Lang, out: &mut dyn io::Write) -> io::Result<()> {
    let book = workbook(report, lang, ROWS).and_then(|mut book| book.save_to_buffer());
    out.write_all(&book.map_err(io::Error::other)?)
}

/// The workbook, with sheets of so many rows.
fn workbook(report: &Report, lang: Lang, rows: usize) -> Result<Workbook, XlsxError> {
    let mut book = Workbook::new();
    let style = Style::new(lang);
    if lang == Lang::Ja {
        // The height of its rows and the width of its columns in pixels.
        book.set_default_format(&style.plain, 25, 72)?;
    }
    let created = ExcelDateTime::from_timestamp(report.finished_at.as_second())?;
    let author = format!("{} {}", report.tool.name, report.tool.version);
    book.set_properties(&DocProperties::new().set_author(author).set_creation_datetime(&created));

    let with = |wanted: &[Status]| -> Vec<&ReportFinding> {
        report.findings.iter().filter(|finding| wanted.contains(&finding.status)).collect()
    };
    let findings = with(&[Status::Fail, Status::Pass]);
    let (unknown, suppressed) = (with(&[Status::Unknown]), with(&[Status::Suppressed]));

    let most = rows - 1;
    let sheets = [
        Part::findings(report, findings, lang),
        Part::suppressed(report, suppressed, lang),
        Part::unknown(unknown, lang),
        Part::gaps(report, lang),
        Part::frameworks(report, lang),
    ];
    summary(report, lang, &style, &sheets, most, book.add_worksheet())?;
    for sheet in sheets {
        // Where nothing was accepted, a sheet for it would only raise questions; the others say by being empty that
        // nothing is missing.
        if !(sheet.rows.len() == 0 && sheet.optional) {
            let frugal = book.add_worksheet_with_constant_memory().is_ok();
            let place = if frugal { last_sheet(&mut book)? } else { book.add_worksheet() };
            sheet.write(most, lang, &style, place)?;
        }
    }
    Ok(book)
}

/// How cells look.
struct Style {
    plain: Format,
    wrapped: Format,
    header: Format,
    to_fill_in: Format,
    title: Format,
    warning: Format,
    severities: BTreeMap<Severity, Format>,
}

impl Style {
    fn new(lang: Lang) -> Self {
        let base = match lang {
            Lang::En => Format::new(),
            // What Excel writes in Japanese; 128 is the character set of Japanese.
            Lang::Ja => Format::new().set_font_name("游ゴシック").set_font_charset(128),
        };
        let plain = base.clone().set_align(FormatAlign::Top);
        let filled = |background: u32, text: u32| {
            plain.clone().set_background_color(Color::RGB(background)).set_font_color(Color::RGB(text))
        };
        // Each with a contrast of 4.5 or more; the word is there besides.
        let severities = [
            (Severity::Critical, filled(0x8B_0000, 0xFF_FFFF)),
            (Severity::High, filled(0xF4_C7C3, 0x5F_0000)),
            (Severity::Medium, filled(0xFC_E8B2, 0x4A_3300)),
            (Severity::Low, filled(0xD9_E8F6, 0x0B_2E4F)),
            (Severity::Info, plain.clone()),
        ];
        Self {
            wrapped: plain.clone().set_text_wrap(),
            header: filled(0x26_3238, 0xFF_FFFF).set_bold().set_text_wrap(),
            to_fill_in: filled(0xFF_FDE7, 0x00_0000).set_border(FormatBorder::Hair).set_text_wrap(),
            title: base.set_bold().set_font_size(14),
            warning: filled(0xFC_E8B2, 0x4A_3300).set_bold(),
            severities: severities.into(),
            plain,
        }
    }
}

/// What stands in a cell.
enum Cell<'a> {
    Text(Cow<'a, str>),
    Number(f64),
    Severity(Severity),
    /// Left to the reader.
    ToFillIn,
    Nothing,
}

impl<'a> Cell<'a> {
    /// A text that came with the report.
    fn of(text: &'a str, lang: Lang) -> Self {
        Self::Text(cells::text(text, lang))
    }

    fn made(text: String, lang: Lang) -> Cell<'static> {
        Cell::Text(Cow::Owned(cells::text(&text, lang).into_owned()))
    }

    #[expect(clippy::cast_precision_loss, reason = "counts of resources")]
    fn count(count: u64) -> Self {
        Self::Number(count as f64)
    }
}

/// A column of a sheet: its header, and whether long texts of it are broken into lines.
type Column = (&'static str, bool);

/// A sheet that is one table.
struct Part<'a> {
    name: &'static str,
    optional: bool,
    columns: Vec<Column>,
    /// How many columns stay in sight.
    frozen: u16,
    rows: Box<dyn ExactSizeIterator<Item = Vec<Cell<'a>>> + 'a>,
    /// The column of the status that a person chooses, and its choices.
    choices: Option<(u16, &'static [&'static str])>,
}

/// Columns of findings, English and Japanese; whether they are broken into lines; whether a person fills them in.
const FINDING_COLUMNS: [(&str, &str, bool, bool); 26] = [
    ("Severity", "重要度", false, false),
    ("Result", "判定", false, false),
    ("Status", "対応状況", false, true),
    ("Title", "タイトル", true, false),
    ("Resource name", "リソース名", false, false),
    ("Resource ID", "リソースID", false, false),
    ("Region", "リージョン", false, false),
    ("Message", "詳細", true, false),
    ("Fix", "対処", true, false),
    ("Command", "コマンド", true, false),
    ("Check", "チェック", false, false),
    ("Resource type", "リソースの種類", false, false),
    ("ARN", "ARN", false, false),
    ("Account", "アカウント", false, false),
    ("Since last time", "前回との比較", false, false),
    ("First seen", "初回検出", false, false),
    ("Anti-patterns", "アンチパターン", false, false),
    ("Controls", "フレームワークの項目", true, false),
    ("Severity changed because", "重要度変更の理由", true, false),
    ("Group", "グループ", true, false),
    ("Group ID", "グループID", false, false),
    ("AWS documentation", "AWSドキュメント", false, false),
    ("Finding ID", "検出結果ID", false, false),
    ("Owner", "担当者", false, true),
    ("Due", "期限", false, true),
    ("Note", "備考", true, true),
];

/// Columns that accepted findings have besides, after the title: English and Japanese; whether they are broken into lines.
const ACCEPTED_COLUMNS: [(&str, &str, bool); 5] = [
    ("Accepted because", "受容の理由", true),
    ("Accepted by", "受容の責任者", false),
    ("Accepted until", "受容の期限", false),
    ("Ticket", "チケット", false),
    ("Accepted in", "受容の指定箇所", false),
];
const BEFORE_ACCEPTED: usize = 3;

const CHOICES: [&str; 5] = ["Open", "In progress", "Done", "Risk accepted", "False positive"];
const CHOICES_JA: [&str; 5] = ["未対応", "対応中", "対応済み", "リスク受容", "誤検知"];

impl<'a> Part<'a> {
    fn findings(report: &'a Report, findings: Vec<&'a ReportFinding>, lang: Lang) -> Self {
        let groups = Groups::of(report);
        let columns =
            FINDING_COLUMNS.map(|(english, japanese, wrapped, _)| (say(lang, english, japanese), wrapped));
        let status = FINDING_COLUMNS.iter().position(|(.., to_fill_in)| *to_fill_in);
        let choices: &[&str] = say(lang, &CHOICES, &CHOICES_JA);
        Self {
            name: say(lang, "Findings", "検出結果"),
            optional: false,
            columns: columns.into(),
            frozen: 4,
            rows: Box::new(
                findings.into_iter().map(move |finding| row(report, finding, &groups, lang).into()),
            ),
            choices: status.and_then(|at| u16::try_from(at).ok()).map(|at| (at, choices)),
        }
    }

    /// Findings that were accepted: apart from what fails, with nothing to fill in.
    fn suppressed(report: &'a Report, findings: Vec<&'a ReportFinding>, lang: Lang) -> Self {
        let accepted: Vec<_> = findings.iter().map(|finding| finding.suppressed.as_ref()).collect();
        let mut part = Self::findings(report, findings, lang);
        let mut kept = FINDING_COLUMNS.iter().map(|(.., to_fill_in)| !to_fill_in);
        part.columns.retain(|_| kept.next().unwrap_or(true));
        let own =
            ACCEPTED_COLUMNS.map(|(english, japanese, wrapped)| (say(lang, english, japanese), wrapped));
        part.columns.splice(BEFORE_ACCEPTED..BEFORE_ACCEPTED, own);
        let rows = part.rows.zip(accepted).map(move |(mut row, accepted)| {
            row.retain(|cell| !matches!(cell, Cell::ToFillIn));
            row.splice(BEFORE_ACCEPTED..BEFORE_ACCEPTED, acceptance(accepted, lang));
            row
        });
        let rows = Box::new(rows);
        Self {
            name: say(lang, "Suppressed", "抑制"), optional: true, frozen: 3, choices: None, rows, ..part
        }
    }

    fn unknown(findings: Vec<&'a ReportFinding>, lang: Lang) -> Self {
        let columns: [Column; 12] = match lang {
            Lang::En => [
                ("Severity", false),
                ("Title", true),
                ("Resource name", false),
                ("Resource ID", false),
                ("Region", false),
                ("Why it is unknown", true),
                ("Check", false),
                ("Resource type", false),
                ("Account", false),
                ("Finding ID", false),
                ("Severity changed because", true),
                ("Accepted if it fails", true),
            ],
            Lang::Ja => [
                ("重要度", false),
                ("タイトル", true),
                ("リソース名", false),
                ("リソースID", false),
                ("リージョン", false),
                ("判定できない理由", true),
                ("チェック", false),
                ("リソースの種類", false),
                ("アカウント", false),
                ("検出結果ID", false),
                ("重要度変更の理由", true),
                ("NGの場合の受容", true),
            ],
        };
        let row = move |finding: &'a ReportFinding| {
            let resource = &finding.resource;
            vec![
                Cell::Severity(finding.severity),
                Cell::of(&finding.title, lang),
                Cell::of(resource.name.as_deref().unwrap_or_default(), lang),
                Cell::of(&resource.id, lang),
                Cell::of(resource.region.as_deref().unwrap_or_default(), lang),
                Cell::of(&finding.message, lang),
                Cell::of(&finding.check, lang),
                Cell::of(&resource.kind, lang),
                Cell::of(&resource.account, lang),
                Cell::of(&finding.id, lang),
                Cell::of(finding.severity_reason.as_deref().unwrap_or_default(), lang),
                Cell::made(triaged::accepted(finding, lang).unwrap_or_default(), lang),
            ]
        };
        Self {
            name: say(lang, "Not judged", "判定不能"),
            optional: false,
            columns: columns.into(),
            frozen: 1,
            rows: Box::new(findings.into_iter().map(row)),
            choices: None,
        }
    }

    fn gaps(report: &'a Report, lang: Lang) -> Self {
        let columns: [Column; 7] = match lang {
            Lang::En => [
                ("Operation", false),
                ("Region", false),
                ("Resource", false),
                ("Cause", true),
                ("Answer", true),
                ("IAM actions", true),
                ("Checks", true),
            ],
            Lang::Ja => [
                ("オペレーション", false),
                ("リージョン", false),
                ("リソース", false),
                ("原因", true),
                ("応答", true),
                ("IAMアクション", true),
                ("チェック", true),
            ],
        };
        let row = move |told: &'a ReportGap| {
            let gap = &told.gap;
            let cause =
                gap.refused_by.map_or_else(|| cause(gap.kind, lang), |refusal| refused(refusal, lang));
            vec![
                Cell::of(&gap.operation, lang),
                Cell::of(gap.region.as_deref().unwrap_or_default(), lang),
                Cell::of(gap.resource.as_deref().unwrap_or_default(), lang),
                Cell::Text(cause.into()),
                Cell::of(&gap.message, lang),
                Cell::made(told.actions.join(", "), lang),
                Cell::made(told.checks.join(", "), lang),
            ]
        };
        Self {
            name: say(lang, "Not read", "取得不能"),
            optional: false,
            columns: columns.into(),
            frozen: 1,
            rows: Box::new(report.gaps.iter().map(row)),
            choices: None,
        }
    }

    /// The controls of the framework that the report is scored along, then those of others that findings are about.
    fn frameworks(report: &'a Report, lang: Lang) -> Self {
        let columns: [Column; 11] = match lang {
            Lang::En => [
                ("Framework", false),
                ("Control", false),
                ("Title", true),
                ("Score", false),
                ("Fail", false),
                ("Pass", false),
                ("Unknown", false),
                ("Worst", false),
                ("Checks", true),
                ("Not judged by checks", true),
                ("Suppressed", false),
            ],
            Lang::Ja => [
                ("フレームワーク", false),
                ("項目", false),
                ("タイトル", true),
                ("スコア", false),
                ("NG", false),
                ("OK", false),
                ("判定不能", false),
                ("重要度", false),
                ("チェック", true),
                ("チェックの対象外", true),
                ("抑制", false),
            ],
        };
        let severity = |worst: Option<Severity>| worst.map_or(Cell::Nothing, Cell::Severity);
        let mut rows = vec![];
        for control in &report.score.controls {
            let note = control.manual.as_deref().or(control.not_covered.as_deref()).unwrap_or_default();
            rows.push(vec![
                Cell::of(framework_title(&report.score.framework, lang), lang),
                Cell::of(&control.id, lang),
                Cell::of(&control.title, lang),
                control.score.map_or(Cell::Nothing, Cell::Number),
                Cell::count(control.fail),
                Cell::count(control.pass),
                Cell::count(control.unknown),
                severity(control.worst),
                Cell::made(control.checks.join(", "), lang),
                Cell::of(note, lang),
                Cell::count(control.suppressed),
            ]);
        }
        for (framework, controls) in others(report) {
            let known = framework::find(framework);
            for (id, control) in controls {
                let title = known.and_then(|known| known.controls.iter().find(|it| it.id == id));
                rows.push(vec![
                    Cell::of(framework_title(framework, lang), lang),
                    Cell::of(id, lang),
                    Cell::of(title.map_or("", |control| control.title.get(lang)), lang),
                    Cell::Nothing,
                    Cell::count(control.fail),
                    Cell::Nothing,
                    Cell::count(control.unknown),
                    severity(control.worst),
                    Cell::made(control.checks.into_iter().collect::<Vec<_>>().join(", "), lang),
                    Cell::Nothing,
                    Cell::count(control.suppressed),
                ]);
            }
        }
        Self {
            name: say(lang, "Frameworks", "フレームワーク"),
            optional: false,
            columns: columns.into(),
            frozen: 3,
            rows: Box::new(rows.into_iter()),
            choices: None,
        }
    }

    /// How many rows a sheet of so many does not hold.
    fn left_out(&self, most: usize) -> usize {
        self.rows.len().saturating_sub(most)
    }

    fn write(self, most: usize, lang: Lang, style: &Style, sheet: &mut Worksheet) -> Result<(), XlsxError> {
        sheet.set_name(self.name)?;
        let mut widths: Vec<_> = self.columns.iter().map(|(header, _)| width(header)).collect();
        for (at, (header, _)) in (0..).zip(&self.columns) {
            sheet.write_string_with_format(0, at, *header, &style.header)?;
        }
        let rows = self.rows.len().min(most);
        for (at, row) in (1..).zip(self.rows.take(rows)) {
            for (((column, cell), (_, wrapped)), widest) in
                (0..).zip(&row).zip(&self.columns).zip(&mut widths)
            {
                let format = if *wrapped { &style.wrapped } else { &style.plain };
                let columns = write_cell(cell, (at, column), format, lang, style, sheet)?;
                *widest = columns.max(*widest);
            }
        }
        for (at, widest) in (0..).zip(widths) {
            // Room for the button of the filter.
            sheet.set_column_width(
                at,
                u32::try_from((widest + 3).clamp(NARROWEST, WIDEST)).unwrap_or_default(),
            )?;
        }
        let (last_row, last_column) =
            (last(rows + 1), u16::try_from(self.columns.len() - 1).unwrap_or(u16::MAX));
        sheet.autofilter(0, 0, last_row, last_column)?;
        sheet.set_freeze_panes(1, self.frozen)?;
        sheet.set_repeat_rows(0, 0)?;
        if last_row > 0 {
            // Account ids are no numbers that somebody forgot to convert.
            sheet.ignore_error_range(1, 0, last_row, last_column, IgnoreError::NumberStoredAsText)?;
            if let Some((column, choices)) = self.choices {
                let choice = DataValidation::new().allow_list_strings(choices)?;
                sheet.add_data_validation(1, column, last_row, column, &choice)?;
            }
        }
        printed(sheet);
        Ok(())
    }
}

/// The row of a finding, in the order of [`FINDING_COLUMNS`].
fn row<'a>(
    report: &Report,
    finding: &'a ReportFinding,
    groups: &Groups<'a>,
    lang: Lang,
) -> [Cell<'a>; FINDING_COLUMNS.len()] {
    let text = |text: &'a str| Cell::of(text, lang);
    let resource = &finding.resource;
    // What passes needs no work.
    let to_fill_in = || if finding.status == Status::Pass { Cell::Nothing } else { Cell::ToFillIn };
    let account = match &report.account.alias {
        Some(alias) if resource.account == report.account.id => {
            Cell::made(format!("{} ({alias})", resource.account), lang)
        }
        _ => text(&resource.account),
    };
    [
        Cell::Severity(finding.severity),
        Cell::Text(words::status(finding.status, lang).into()),
        to_fill_in(),
        text(&finding.title),
        text(resource.name.as_deref().unwrap_or_default()),
        text(&resource.id),
        text(resource.region.as_deref().unwrap_or_default()),
        text(&finding.message),
        text(finding.fix.as_ref().map_or("", |fix| fix.summary.as_str())),
        Cell::Text(cells::command(finding, lang)),
        text(&finding.check),
        text(&resource.kind),
        text(&resource.arn),
        account,
        Cell::Text(finding.state.map_or("", |state| words::state(state, lang)).into()),
        Cell::Text(finding.first_seen.map(|time| time.to_string()).unwrap_or_default().into()),
        Cell::Text(cells::antipatterns(finding).into()),
        Cell::made(cells::controls(finding), lang),
        text(finding.severity_reason.as_deref().unwrap_or_default()),
        text(groups.title(finding).unwrap_or_default()),
        text(finding.group.as_deref().unwrap_or_default()),
        text(&finding.url),
        text(&finding.id),
        to_fill_in(),
        to_fill_in(),
        to_fill_in(),
    ]
}

/// Who accepts a finding and why, in the order of [`ACCEPTED_COLUMNS`].
fn acceptance(accepted: Option<&Suppressed>, lang: Lang) -> [Cell<'_>; ACCEPTED_COLUMNS.len()] {
    // A report that was made by something else may not tell.
    let Some(it) = accepted else { return ACCEPTED_COLUMNS.map(|_| Cell::Nothing) };
    [
        Cell::of(&it.reason, lang),
        Cell::of(it.owner.as_deref().unwrap_or_default(), lang),
        Cell::Text(it.expires.map(|day| day.to_string()).unwrap_or_default().into()),
        Cell::of(it.ticket.as_deref().unwrap_or_default(), lang),
        Cell::of(&it.source, lang),
    ]
}

/// What findings say of a control.
#[derive(Default)]
struct OtherControl<'a> {
    fail: u64,
    unknown: u64,
    suppressed: u64,
    worst: Option<Severity>,
    checks: BTreeSet<&'a str>,
}

/// Controls of frameworks that the report is not scored along, by framework, in the framework's own order.
fn others(report: &Report) -> BTreeMap<&str, Vec<(&str, OtherControl<'_>)>> {
    let mut found: BTreeMap<&str, BTreeMap<&str, OtherControl<'_>>> = BTreeMap::new();
    for finding in &report.findings {
        for (framework, ids) in finding.controls.iter().filter(|(id, _)| **id != report.score.framework) {
            for id in ids {
                let control = found.entry(framework).or_default().entry(id).or_default();
                match finding.status {
                    Status::Fail => {
                        control.fail += 1;
                        control.worst = control.worst.max(Some(finding.severity));
                    }
                    Status::Unknown => control.unknown += 1,
                    Status::Suppressed => control.suppressed += 1,
                    Status::Pass => {}
                }
                control.checks.insert(&finding.check);
            }
        }
    }
    let ordered = found.into_iter().map(|(framework, controls)| {
        let known = framework::find(framework);
        let place =
            |id: &str| known.and_then(|known| known.controls.iter().position(|control| control.id == id));
        let mut controls: Vec<_> = controls.into_iter().collect();
        controls.sort_by_key(|(id, _)| place(id).unwrap_or(usize::MAX));
        (framework, controls)
    });
    ordered.collect()
}

fn framework_title(id: &str, lang: Lang) -> &str {
    framework::find(id).map_or(id, |framework| framework.title.get(lang))
}

fn last_sheet(book: &mut Workbook) -> Result<&mut Worksheet, XlsxError> {
    let at = book.worksheets().len().saturating_sub(1);
    book.worksheet_from_index(at)
}

/// The index of the last of so many rows.
fn last(rows: usize) -> u32 {
    u32::try_from(rows).unwrap_or(u32::MAX).saturating_sub(1)
}

/// Writes a cell, and tells how many columns of text it takes.
fn write_cell(
    cell: &Cell<'_>,
    (row, column): (u32, u16),
    format: &Format,
    lang: Lang,
    style: &Style,
    sheet: &mut Worksheet,
) -> Result<usize, XlsxError> {
    match cell {
        Cell::Text(text) if !text.is_empty() => {
            sheet.write_string_with_format(row, column, &**text, format)?;
            // No column gets wider than that.
            return Ok(width(text.char_indices().nth(WIDEST).map_or(text, |(at, _)| &text[..at])));
        }
        Cell::Number(number) => {
            sheet.write_number_with_format(row, column, *number, &style.plain)?;
        }
        Cell::Severity(severity) => {
            let format = style.severities.get(severity).unwrap_or(format);
            sheet.write_string_with_format(row, column, words::severity(*severity, lang), format)?;
        }
        Cell::ToFillIn => {
            sheet.write_blank(row, column, &style.to_fill_in)?;
        }
        Cell::Text(_) | Cell::Nothing => {}
    }
    Ok(0)
}

/// For paper: A4, as wide as the page, with page numbers.
fn printed(sheet: &mut Worksheet) {
    sheet.set_paper_size(A4).set_landscape().set_print_fit_to_pages(1, 0).set_footer("&C&P / &N");
}

/// The first sheet: which account, how it stands, how much of what, and what the workbook does not hold.
fn summary(
    report: &Report,
    lang: Lang,
    style: &Style,
    sheets: &[Part<'_>],
    most: usize,
    sheet: &mut Worksheet,
) -> Result<(), XlsxError> {
    sheet.set_name(say(lang, "Summary", "概要"))?;
    sheet.set_column_width(0, 30)?.set_column_width(1, WIDEST as u32)?;
    printed(sheet);
    sheet.write_string_with_format(0, 0, say(lang, "AWS audit report", "AWS監査レポート"), &style.title)?;
    let text = |text: &str| Cell::made(text.to_owned(), lang);
    let seconds = |time: jiff::Timestamp| text(&time.strftime("%Y-%m-%d %H:%M:%S UTC").to_string());
    let count = |status: Status| report.findings.iter().filter(move |finding| finding.status == status);
    let total = |status: Status| Cell::count(count(status).count() as u64);
    let label = |english, japanese| Cow::Borrowed(say(lang, english, japanese));
    let mut rows: Vec<(Cow<'_, str>, Cell<'_>)> = vec![
        (label("Account", "アカウント"), text(&report.account.id)),
        (label("Alias", "エイリアス"), text(report.account.alias.as_deref().unwrap_or_default())),
        (label("Partition", "パーティション"), text(&report.account.partition)),
        (label("Regions", "リージョン"), text(&report.regions.join(", "))),
        (label("Scan began", "スキャン開始"), seconds(report.started_at)),
        (label("Scan ended", "スキャン終了"), seconds(report.finished_at)),
        (label("Made by", "作成ツール"), text(&format!("{} {}", report.tool.name, report.tool.version))),
        (label("Framework", "フレームワーク"), text(framework_title(&report.score.framework, lang))),
        (
            label("Score (0 to 100)", "総合スコア（0〜100）"),
            report.score.overall.map_or_else(|| text(say(lang, "none", "なし")), Cell::Number),
        ),
        (
            label("Judged (% of resources)", "判定率（%）"),
            report.score.judged.map_or(Cell::Nothing, |share| Cell::Number((share * 1e4).round() / 100.0)),
        ),
        (label("Failing findings", "NG"), total(Status::Fail)),
    ];
    for severity in Severity::WORST_FIRST {
        let failing = count(Status::Fail).filter(|finding| finding.severity == severity).count();
        let label = format!("{}{}", say(lang, "  ", "　"), words::severity(severity, lang));
        rows.push((label.into(), Cell::count(failing as u64)));
    }
    rows.extend([
        (label("Unknown (not judged)", "判定不能"), total(Status::Unknown)),
        (label("Suppressed (accepted)", "抑制（受容済み）"), total(Status::Suppressed)),
        (label("Not read (gaps)", "取得不能"), Cell::count(report.gaps.len() as u64)),
        (label("API calls", "API呼び出し"), Cell::count(report.calls.total)),
    ]);
    let mut at = 2;
    for (label, cell) in &rows {
        sheet.write_string_with_format(at, 0, &**label, &style.plain)?;
        write_cell(cell, (at, 1), &style.wrapped, lang, style, sheet)?;
        at += 1;
    }
    sheet.ignore_error_range(2, 1, at, 1, IgnoreError::NumberStoredAsText)?;
    for note in notes(report, lang, sheets, most) {
        at += 1;
        sheet.write_string_with_format(at, 0, note, &style.warning)?;
    }
    Ok(())
}

/// What a reader must know of what is not there.
fn notes(report: &Report, lang: Lang, sheets: &[Part<'_>], most: usize) -> Vec<String> {
    let mut notes = vec![];
    if report.is_incomplete() || report.findings.iter().any(|finding| finding.status == Status::Unknown) {
        notes.push(
            say(
                lang,
                "The scan is incomplete: do not take what is unknown for fine.",
                "一部の情報を取得できていません。「判定不能」は「問題なし」ではありません。",
            )
            .to_owned(),
        );
    }
    if let Some(scope) = report.scope.as_ref().filter(|scope| scope.unlisted > 0) {
        let (count, word) = (scope.unlisted, words::severity(scope.min_severity, lang));
        notes.push(match lang {
            Lang::En => format!("{count} failing findings below severity {word} are not listed."),
            Lang::Ja => format!("重要度が「{word}」未満の{count}件は一覧にありません。"),
        });
    }
    for sheet in sheets.iter().filter(|sheet| sheet.left_out(most) > 0) {
        let (name, count) = (sheet.name, sheet.left_out(most));
        notes.push(match lang {
            Lang::En => {
                format!("{count} rows do not fit on the sheet \"{name}\" ({most} rows); the JSON has them.")
            }
            Lang::Ja => {
                format!(
                    "シート「{name}」の上限（{most}行）を超える{count}行は省略しました。JSON出力にあります。"
                )
            }
        });
    }
    notes
}
