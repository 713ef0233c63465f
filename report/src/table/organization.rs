//! An organization as a person reads it in a terminal: the accounts of which nothing is known, then a heat map of units
//! and accounts by controls, then what fails in most accounts.

use std::{collections::BTreeMap, io};

use aws_audit_checks::{
    finding::{Severity, Status},
    framework,
    organization::{
        AccountLine, Cell, ControlAcross, Missing, OrganizationReport, Reason, Standing, UnitReport,
    },
    page::Lang,
};

use super::{LEAST_WIDTH, Sheet, Style, Tone, Words, whole};
use crate::{
    chains, paths,
    text::{cut, escape, padded, width, wrap},
    words::{self, say},
};

/// Accounts, and checks, that a screen lists at most; the JSON has them all.
const MOST_ACCOUNTS: usize = 60;
const MOST_CHECKS: usize = 15;
const MOST_CAUSES: usize = 10;
const MOST_CHAINS: usize = 10;
/// Accounts without a report, of one reason, that are told with their names.
const MOST_NAMED: usize = 12;
/// Accounts named in a line.
const NAMED: usize = 6;

/// Writes the report.
///
/// # Errors
/// When `out` cannot be written to.
pub(crate) fn write(
    report: &OrganizationReport,
    style: &Style,
    ascii: bool,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let style = Style { width: style.width.max(LEAST_WIDTH), ..*style };
    // Japanese cannot be written in ASCII at all.
    let ascii = ascii && style.lang == Lang::En;
    let mut text = Vec::new();
    let sheet = &mut Sheet { style, words: Words::of(style.lang), out: &mut text };
    missing(report, sheet)?;
    header(report, sheet)?;
    governance(report, sheet)?;
    heat(report, sheet)?;
    controls(report, sheet)?;
    ways(report, sheet)?;
    checks(report, sheet)?;
    causes(report, sheet)?;
    totals(report, sheet)?;
    if ascii {
        out.write_all(in_ascii(&String::from_utf8_lossy(&text)).as_bytes())
    } else {
        out.write_all(&text)
    }
}

/// What is drawn here in ASCII's marks, and what others named written out.
fn in_ascii(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '─' => plain.push('-'),
            '·' => plain.push('.'),
            '–' => plain.push('-'),
            '…' => plain.push('~'),
            c if c.is_ascii() => plain.push(c),
            c => plain.extend(c.escape_default()),
        }
    }
    plain
}

/// The accounts without a report, by reason: first, so that nobody takes the rest for the whole.
fn missing(report: &OrganizationReport, sheet: &mut Sheet<'_>) -> io::Result<()> {
    if report.missing.is_empty() {
        return Ok(());
    }
    let (missing, planned, lang) = (report.missing.len(), report.planned, sheet.style.lang);
    let title = match lang {
        Lang::En => format!("NO REPORT of {missing} of {planned} accounts: nothing is known of them"),
        Lang::Ja => format!("{planned}アカウント中{missing}アカウントはレポートがなく、状態は不明です"),
    };
    sheet.wrapped("", Tone::Worst, &title)?;
    sheet.blank()?;
    let mut reasons: BTreeMap<(Reason, &str), Vec<&Missing>> = BTreeMap::new();
    for missing in &report.missing {
        reasons.entry((missing.reason, &missing.fix)).or_default().push(missing);
    }
    for ((why, fix), accounts) in reasons {
        let count = accounts.len();
        let title = match lang {
            Lang::En => format!("{} ({count})", reason(why, lang)),
            Lang::Ja => format!("{}（{count}件）", reason(why, lang)),
        };
        sheet.wrapped("", Tone::Strong, &title)?;
        if count > MOST_NAMED {
            // A line each would push everything else off the screen.
            let ids: Vec<_> = accounts.iter().take(MOST_ACCOUNTS).map(|it| it.account.as_str()).collect();
            sheet.wrapped("  ", Tone::Plain, &ids.join(sheet.words.comma))?;
        }
        for missing in accounts.iter().take(if count > MOST_NAMED { 0 } else { count }) {
            let name = missing.name.as_deref().unwrap_or_default();
            sheet.wrapped(&format!("  {}  ", padded(&missing.account, 12)), Tone::Plain, name)?;
        }
        if let Some(more) = count.checked_sub(MOST_ACCOUNTS).filter(|more| *more > 0) {
            sheet.wrapped("  ", Tone::Faint, &sheet.words.more_in_json(more))?;
        }
        if let Some(message) = accounts.iter().map(|it| it.message.as_str()).find(|it| !it.is_empty()) {
            sheet.wrapped("  ", Tone::Faint, message)?;
        }
        if !fix.is_empty() {
            let label = format!("  {}{}", sheet.words.fix, sheet.words.colon);
            sheet.wrapped(&label, Tone::Plain, fix)?;
        }
        sheet.blank()?;
    }
    Ok(())
}

/// A reason in words.
pub(crate) const fn reason(reason: Reason, lang: Lang) -> &'static str {
    match reason {
        Reason::RoleRefused => say(lang, "The role could not be assumed", "ロールを引き受けられない"),
        Reason::NothingRead => say(lang, "Nothing could be read", "何も読み取れない"),
        Reason::NoAnswer => say(lang, "No answer in time", "時間内に応答がない"),
        Reason::OtherAccount => {
            say(lang, "The credentials are of another account", "認証情報が別のアカウントのもの")
        }
        Reason::NotActive => say(lang, "The account is not active", "アカウントが有効でない"),
        Reason::Interrupted => {
            say(lang, "The scan ended before its turn", "順番が来る前にスキャンが終了した")
        }
        Reason::InternalError => say(lang, "Internal error of aws-audit", "aws-auditの内部エラー"),
        Reason::NoReport => say(lang, "There is no report", "レポートがない"),
    }
}

fn header(report: &OrganizationReport, sheet: &mut Sheet<'_>) -> io::Result<()> {
    let lang = sheet.style.lang;
    let framework = framework::find(&report.framework)
        .map_or(report.framework.as_str(), |framework| framework.title.get(lang));
    let title = format!("{} {} · {framework}", report.tool.name, report.tool.version);
    sheet.wrapped("", Tone::Strong, &title)?;
    sheet.blank()?;
    let standing = &report.standing;
    let accounts = match lang {
        Lang::En => format!("{} of {} with a report", standing.reported, report.planned),
        Lang::Ja => format!("{}件中{}件にレポートあり", report.planned, standing.reported),
    };
    let mut rows = Vec::new();
    if let Some(organization) = &report.organization {
        rows.push((say(lang, "Organization", "組織"), organization.clone()));
    }
    rows.push((say(lang, "Accounts", "アカウント"), accounts));
    if let (Some(start), Some(end)) = (report.started_at, report.finished_at) {
        let duration = sheet.words.seconds(end.duration_since(start));
        let start = start.strftime("%Y-%m-%d %H:%M:%S UTC");
        rows.push((sheet.words.scanned, sheet.words.with_aside(start, &duration)));
    }
    rows.push((sheet.words.overall, scored(standing, lang)));
    let column = rows.iter().map(|(label, _)| width(label)).max().unwrap_or(0) + 2;
    for (label, value) in &rows {
        sheet.wrapped(&padded(label, column), Tone::Plain, value)?;
    }
    sheet.blank()
}

/// How a set of accounts stands, in words.
pub(crate) fn scored(standing: &Standing, lang: Lang) -> String {
    match (standing.score, standing.lowest, lang) {
        (Some(score), Some(lowest), Lang::En) => {
            format!(
                "{} of 100, the mean of {}; the lowest is {}",
                whole(score),
                standing.scored,
                whole(lowest)
            )
        }
        (Some(score), Some(lowest), Lang::Ja) => {
            format!("{}点（{}アカウントの平均。最低は{}点）", whole(score), standing.scored, whole(lowest))
        }
        (_, _, Lang::En) => "no score: less than half of the accounts have one".to_owned(),
        (_, _, Lang::Ja) => "スコアなし：スコアのあるアカウントが半数未満です".to_owned(),
    }
}

/// Which controls the heat map has, and how wide the rest of a line is.
struct Map<'a> {
    /// Places among the report's controls.
    columns: Vec<usize>,
    /// What stands above each, two characters at most.
    heads: Vec<String>,
    report: &'a OrganizationReport,
    label: usize,
}

/// Room for a score and the space before it.
const SCORE: usize = 5;
/// From so many columns on, all controls have one.
const ROOMY: usize = 100;

impl<'a> Map<'a> {
    fn new(report: &'a OrganizationReport, width: usize) -> Self {
        let room = (width.saturating_sub(SCORE + 28) / 2).min(49);
        let short = report.controls.iter().all(|control| number(control).len() <= 2);
        let mut columns: Vec<usize> = (0..report.controls.len()).collect();
        if short && width < ROOMY {
            // Names of accounts need the room more than what has no number.
            columns.retain(|at| number(&report.controls[*at]) != NO_NUMBER);
        }
        if !short || columns.len() > room {
            // Of frameworks with more controls than a line has room for: those that fail in most accounts.
            let control = |at: &usize| &report.controls[*at];
            columns.retain(|at| control(at).failing > 0 || control(at).unknown > 0);
            columns.sort_by_key(|at| {
                std::cmp::Reverse((control(at).worst, control(at).failing, control(at).unknown))
            });
            columns.truncate(room);
        }
        let heads = columns.iter().enumerate().map(|(at, column)| {
            if short { number(&report.controls[*column]).to_owned() } else { (at + 1).to_string() }
        });
        let heads: Vec<_> = heads.collect();
        let label = width - 2 * columns.len() - SCORE;
        Self { columns, heads, report, label }
    }

    /// The numbers above the columns, from top to bottom.
    fn heads(&self, sheet: &mut Sheet<'_>, title: &str) -> io::Result<()> {
        let digit = |head: &str, at: usize| head.chars().nth(at).unwrap_or(' ');
        let tens: String = self
            .heads
            .iter()
            .map(|head| format!(" {}", if head.len() > 1 { digit(head, 0) } else { ' ' }))
            .collect();
        let ones: String =
            self.heads.iter().map(|head| format!(" {}", digit(head, head.len().saturating_sub(1)))).collect();
        let blank = " ".repeat(self.label + SCORE);
        let first = format!("{blank}{tens}");
        if !tens.trim().is_empty() {
            writeln!(sheet.out, "{}", sheet.painted(Tone::Faint, first.trim_end()))?;
        }
        let score = say(sheet.style.lang, "Score", "点数");
        let title = format!("{}{}", padded(&cut(title, self.label), self.label), right(score, SCORE));
        writeln!(sheet.out, "{}{}", sheet.painted(Tone::Strong, &title), sheet.painted(Tone::Faint, &ones))
    }

    fn row(
        &self,
        sheet: &mut Sheet<'_>,
        label: &str,
        tone: Tone,
        score: Option<f64>,
        cells: &[Cell],
    ) -> io::Result<()> {
        let label = padded(&cut(label, self.label), self.label);
        let score = score.map_or_else(|| "–".to_owned(), |score| whole(score).to_string());
        let cells: String = self
            .columns
            .iter()
            .map(|at| {
                let (mark, tone) = cells.get(*at).map_or((" ", Tone::Plain), mark);
                format!(" {}", sheet.painted(tone, mark))
            })
            .collect();
        let line = format!("{}{}{cells}", sheet.painted(tone, &label), right(&score, SCORE));
        writeln!(sheet.out, "{}", line.trim_end())
    }

    fn legend(&self, sheet: &mut Sheet<'_>) -> io::Result<()> {
        let lang = sheet.style.lang;
        let severities = Severity::WORST_FIRST
            .map(|severity| format!("{} {}", letter(severity), words::severity(severity, lang)));
        let legend = format!(
            "{}  ? {}  · {}",
            severities.join("  "),
            say(lang, "could not be judged", "判定不能"),
            say(lang, "fine", "問題なし")
        );
        sheet.wrapped("", Tone::Faint, &legend)?;
        let left = self.report.controls.len() - self.columns.len();
        if left > 0 {
            let told = match lang {
                Lang::En => {
                    format!(
                        "{left} of {} controls have no column here: see the list below",
                        self.report.controls.len()
                    )
                }
                Lang::Ja => format!(
                    "{}項目中{left}項目は列を省略しています（下の一覧にあります）",
                    self.report.controls.len()
                ),
            };
            sheet.wrapped("", Tone::Faint, &told)?;
        }
        sheet.blank()
    }
}

/// What stands for an id without a digit: it is for machines, and the title says the same better.
const NO_NUMBER: &str = "+";

fn number(control: &ControlAcross) -> &str {
    if control.id.contains(|c: char| c.is_ascii_digit()) { &control.id } else { NO_NUMBER }
}

fn right(text: &str, columns: usize) -> String {
    format!("{}{text}", " ".repeat(columns.saturating_sub(width(text))))
}

pub(crate) const fn letter(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "C",
        Severity::High => "H",
        Severity::Medium => "M",
        Severity::Low => "L",
        Severity::Info => "I",
    }
}

/// How a control stands in a letter.
fn mark(cell: &Cell) -> (&'static str, Tone) {
    match cell {
        Cell { fail: 1.., worst: Some(severity), .. } => (letter(*severity), Tone::of(*severity)),
        Cell { fail: 1.., worst: None, .. } => ("I", Tone::Plain),
        Cell { unknown: 1.., .. } => ("?", Tone::Strong),
        Cell { pass: 1.., .. } => ("·", Tone::Good),
        _ => (" ", Tone::Plain),
    }
}

fn heat(report: &OrganizationReport, sheet: &mut Sheet<'_>) -> io::Result<()> {
    if report.accounts.is_empty() {
        return Ok(());
    }
    let map = Map::new(report, sheet.style.width);
    let lang = sheet.style.lang;
    if report.units.len() > 1 {
        map.heads(sheet, say(lang, "Organizational unit", "組織単位（OU）"))?;
        for unit in &report.units {
            let tone = if unit.path.len() == 1 { Tone::Strong } else { Tone::Plain };
            map.row(sheet, &unit_label(unit, map.label), tone, unit.standing.score, &unit.controls)?;
        }
        sheet.blank()?;
    }
    map.heads(sheet, say(lang, "Account, worst first", "アカウント（悪い順）"))?;
    for account in report.accounts.iter().take(MOST_ACCOUNTS) {
        let label = account_label(account, map.label);
        map.row(sheet, &label, Tone::Plain, account.score, &account.controls)?;
    }
    if let Some(more) = report.accounts.len().checked_sub(MOST_ACCOUNTS).filter(|more| *more > 0) {
        sheet.wrapped("", Tone::Faint, &sheet.words.more_in_json(more))?;
    }
    map.legend(sheet)
}

/// `  Production 11/12`: accounts with a report, of all.
fn unit_label(unit: &UnitReport, columns: usize) -> String {
    let indent = "  ".repeat(unit.path.len().saturating_sub(1).min(8));
    let name = unit.path.last().map_or("", |unit| unit.name.as_str());
    let count = format!(" {}/{}", unit.standing.reported, unit.standing.accounts);
    let room = columns.saturating_sub(width(&count) + 1);
    format!("{}{count}", cut(&format!("{indent}{}", escape(name)), room))
}

/// `payments-production 111122223333`; `!` where something could not be read.
fn account_label(account: &AccountLine, columns: usize) -> String {
    let mark = if account.incomplete { "!" } else { " " };
    let id = escape(&account.account.id);
    match account.called() {
        Some(name) => {
            let room = columns.saturating_sub(width(&id) + 3);
            format!("{} {id}{mark}", padded(&cut(&escape(name), room), room))
        }
        None => format!("{id}{mark}"),
    }
}

/// The controls over all accounts.
fn controls(report: &OrganizationReport, sheet: &mut Sheet<'_>) -> io::Result<()> {
    let lang = sheet.style.lang;
    let judged = |control: &&ControlAcross| control.failing + control.unknown + control.passing > 0;
    let listed: Vec<_> = report.controls.iter().filter(judged).collect();
    if listed.is_empty() {
        return Ok(());
    }
    sheet.heading(say(lang, "Controls over all accounts", "項目ごとの状況（全アカウント）"))?;
    sheet.blank()?;
    let ids = listed.iter().map(|control| width(number(control))).max().unwrap_or(0).min(12);
    let [fail, unknown] = [say(lang, "Fail", "NG"), say(lang, "Unkn", "不能")];
    let rest = 2 + SCORE + 1 + 5 + 1 + 5 + 2 + 8;
    let title = sheet.style.width.saturating_sub(ids + 1 + rest);
    let head = format!(
        "{} {}  {} {} {}  {}",
        right("#", ids),
        padded(sheet.words.control, title),
        right(say(lang, "Score", "点数"), SCORE),
        right(fail, 5),
        right(unknown, 5),
        sheet.words.worst,
    );
    writeln!(sheet.out, "{}", sheet.painted(Tone::Strong, &head))?;
    for control in listed {
        let score = control.score.map_or_else(|| "–".to_owned(), |score| whole(score).to_string());
        let lines = wrap(&escape(&control.title), title);
        for (at, line) in lines.iter().enumerate() {
            if at > 0 {
                writeln!(sheet.out, "{} {line}", " ".repeat(ids))?;
                continue;
            }
            let line = format!(
                "{} {}  {} {} {}",
                right(&cut(&escape(number(control)), ids), ids),
                padded(line, title),
                right(&score, SCORE),
                right(&control.failing.to_string(), 5),
                right(&control.unknown.to_string(), 5),
            );
            let worst = control
                .worst
                .map_or((Tone::Plain, ""), |worst| (Tone::of(worst), words::severity(worst, lang)));
            writeln!(sheet.out, "{}", format!("{line}  {}", sheet.painted(worst.0, worst.1)).trim_end())?;
        }
    }
    let note = say(
        lang,
        "Fail and unknown count accounts; the score is the mean of theirs.",
        "NGと不能はアカウント数、点数は各アカウントの平均です。",
    );
    sheet.wrapped("", Tone::Faint, note)?;
    sheet.blank()
}

/// What fails in most accounts, worst first.
fn checks(report: &OrganizationReport, sheet: &mut Sheet<'_>) -> io::Result<()> {
    if report.checks.is_empty() {
        return Ok(());
    }
    let lang = sheet.style.lang;
    sheet.heading(say(lang, "What fails in how many accounts", "NGの多いチェック"))?;
    sheet.blank()?;
    for check in report.checks.iter().take(MOST_CHECKS) {
        let tail = match lang {
            Lang::En => format!("{} · {}", check.check, findings(check.findings, lang)),
            Lang::Ja => format!("{}、{}", check.check, findings(check.findings, lang)),
        };
        entry(sheet, check.severity, &check.accounts, &check.title, &tail)?;
    }
    if let Some(more) = report.checks.len().checked_sub(MOST_CHECKS).filter(|more| *more > 0) {
        sheet.wrapped("", Tone::Faint, &sheet.words.more_in_json(more))?;
    }
    sheet.blank()
}

/// What holds for the organization as a whole.
fn governance(report: &OrganizationReport, sheet: &mut Sheet<'_>) -> io::Result<()> {
    if report.governance.is_empty() {
        return Ok(());
    }
    let lang = sheet.style.lang;
    sheet.heading(say(lang, "The organization itself", "組織全体の設定"))?;
    sheet.blank()?;
    for governed in &report.governance {
        let tone = match governed.status {
            Status::Fail => Tone::Worst,
            Status::Pass => Tone::Good,
            _ => Tone::Strong,
        };
        let label = format!("{}  ", padded(stands(governed.status, lang), 8));
        sheet.wrapped(&label, tone, &governed.told)?;
    }
    sheet.blank()
}

/// How something of the organization stands, in a word.
pub(crate) const fn stands(status: Status, lang: Lang) -> &'static str {
    match status {
        Status::Fail => say(lang, "fails", "NG"),
        Status::Pass => say(lang, "fine", "問題なし"),
        Status::Suppressed => say(lang, "accepted", "許容"),
        Status::Unknown => say(lang, "unknown", "不能"),
    }
}

/// How somebody gets from account to account.
fn ways(report: &OrganizationReport, sheet: &mut Sheet<'_>) -> io::Result<()> {
    if report.chains.is_empty() && report.chains_incomplete.is_empty() {
        return Ok(());
    }
    let (lang, indent) = (sheet.style.lang, "  ");
    sheet.heading(chains::title(lang))?;
    sheet.blank()?;
    let style = paths::Style { width: sheet.style.width - width(indent), ascii: false, lang };
    for chain in report.chains.iter().take(MOST_CHAINS) {
        let label = format!("{}{}", words::severity(chain.severity, lang), sheet.words.colon);
        sheet.wrapped(&label, Tone::of(chain.severity), &chain.title)?;
        for line in paths::tree(&chains::as_path(chain), &style) {
            // The tree is escaped and fitted; its indent is a part of it.
            writeln!(sheet.out, "{indent}{line}")?;
        }
        let label = format!("{indent}{}{}", sheet.words.fix, sheet.words.colon);
        sheet.wrapped(&label, Tone::Plain, &chain.fix)?;
        sheet.blank()?;
    }
    if let Some(more) = report.chains.len().checked_sub(MOST_CHAINS).filter(|more| *more > 0) {
        sheet.wrapped("", Tone::Faint, &sheet.words.more_in_json(more))?;
        sheet.blank()?;
    }
    if report.chains.is_empty() {
        sheet.wrapped("", Tone::Plain, say(lang, "None was found.", "見つかりませんでした。"))?;
    }
    for why in &report.chains_incomplete {
        sheet.wrapped("", Tone::Fair, why)?;
    }
    if !report.chains_incomplete.is_empty() {
        sheet.blank()?;
    }
    Ok(())
}

fn causes(report: &OrganizationReport, sheet: &mut Sheet<'_>) -> io::Result<()> {
    if report.shared_causes.is_empty() {
        return Ok(());
    }
    let lang = sheet.style.lang;
    sheet.heading(say(lang, "The same in several accounts", "複数アカウントに共通する原因"))?;
    sheet.blank()?;
    for cause in report.shared_causes.iter().take(MOST_CAUSES) {
        let tail = format!("{} · {}", cause.key, findings(cause.findings, lang));
        entry(sheet, cause.severity, &cause.accounts, &cause.title, &tail)?;
    }
    if let Some(more) = report.shared_causes.len().checked_sub(MOST_CAUSES).filter(|more| *more > 0) {
        sheet.wrapped("", Tone::Faint, &sheet.words.more_in_json(more))?;
    }
    let note = say(
        lang,
        "Mend these where they are made: the StackSet, the module, the script.",
        "StackSetやモジュールなど、作成元を直してください。",
    );
    sheet.wrapped("", Tone::Faint, note)?;
    sheet.blank()
}

fn findings(count: u64, lang: Lang) -> String {
    match (count, lang) {
        (1, Lang::En) => "1 finding".to_owned(),
        (count, Lang::En) => format!("{count} findings"),
        (count, Lang::Ja) => format!("検出{count}件"),
    }
}

fn entry(
    sheet: &mut Sheet<'_>,
    severity: Severity,
    accounts: &[String],
    title: &str,
    tail: &str,
) -> io::Result<()> {
    let lang = sheet.style.lang;
    let count = accounts.len();
    let accounts_text = match (count, lang) {
        (1, Lang::En) => "in 1 account".to_owned(),
        (count, Lang::En) => format!("in {count} accounts"),
        (count, Lang::Ja) => format!("{count}アカウント"),
    };
    let word = words::severity(severity, lang);
    // The severity alone is in colour, so that the text may be broken into lines.
    let label = format!("{}  ", padded(word, 8));
    let label_width = width(&label);
    let text = format!("{accounts_text}{}{}", sheet.words.colon, escape(title));
    for (at, line) in wrap(&text, sheet.style.width - label_width).iter().enumerate() {
        let start = if at == 0 {
            sheet.painted(Tone::of(severity), &label).into_owned()
        } else {
            " ".repeat(label_width)
        };
        writeln!(sheet.out, "{start}{line}")?;
    }
    let mut about = escape(tail).into_owned();
    if count <= NAMED {
        about = format!("{about} · {}", accounts.join(sheet.words.comma));
    }
    sheet.wrapped(&" ".repeat(label_width), Tone::Faint, &about)
}

fn totals(report: &OrganizationReport, sheet: &mut Sheet<'_>) -> io::Result<()> {
    let fail = &report.standing.fail;
    let lang = sheet.style.lang;
    let by_severity = Severity::WORST_FIRST.into_iter().filter(|severity| fail.get(*severity) > 0);
    let by_severity = by_severity.map(|severity| {
        let (count, word) = (fail.get(severity), words::severity(severity, lang));
        match lang {
            Lang::En => format!("{count} {word}"),
            Lang::Ja => format!("{word} {count}"),
        }
    });
    let by_severity = by_severity.collect::<Vec<_>>().join(sheet.words.comma);
    let mut line = if by_severity.is_empty() { sheet.words.no_findings.to_owned() } else { by_severity };
    if report.standing.unknown > 0 {
        let count = usize::try_from(report.standing.unknown).unwrap_or(usize::MAX);
        line = line + " · " + &sheet.words.unknown_total(count);
    }
    sheet.rule()?;
    let tone =
        report.worst().map_or(if report.is_incomplete() { Tone::Strong } else { Tone::Good }, Tone::of);
    sheet.wrapped("", tone, &line)?;
    if report.is_incomplete() {
        let (missing, incomplete) = (report.missing.len(), report.standing.incomplete);
        let told = match lang {
            Lang::En => format!(
                "Incomplete: {missing} accounts without a report, {incomplete} of which not all could be read (!). \
                 Do not take what is unknown for fine."
            ),
            Lang::Ja => format!(
                "不完全：レポートのないアカウント{missing}件、一部を読めなかったアカウント{incomplete}件（!）。\
                 不明なものは「問題なし」ではありません。"
            ),
        };
        sheet.wrapped("", Tone::Plain, &told)?;
    }
    Ok(())
}

#[cfg(test)]
pub(crate) mod tests;
