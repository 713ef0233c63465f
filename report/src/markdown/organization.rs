//! An organization's report as Markdown: for a chat, an issue, a page of a wiki.

use std::{fmt::Write as _, io};

use aws_audit_checks::{
    finding::Severity,
    organization::{Cell, OrganizationReport, path_of},
    page::Lang,
};

use super::{
    LONGEST_NAME, LONGEST_TEXT,
    inline::{code, prose},
};
use crate::{
    chains,
    table::{
        self,
        organization::{letter, reason, scored, stands},
    },
    words::{self, say},
};

/// Rows of a table; the JSON has them all.
const MOST: usize = 100;

/// Writes the report.
///
/// # Errors
/// When `out` cannot be written to.
pub(crate) fn write(report: &OrganizationReport, lang: Lang, out: &mut dyn io::Write) -> io::Result<()> {
    out.write_all(page(report, lang).as_bytes())
}

fn page(report: &OrganizationReport, lang: Lang) -> String {
    let mut page = format!("## aws-audit: {}\n\n", say(lang, "organization", "組織全体"));
    if !report.missing.is_empty() {
        let (missing, planned) = (report.missing.len(), report.planned);
        let _ = match lang {
            Lang::En => write!(page, "### No report of {missing} of {planned} accounts\n\n"),
            Lang::Ja => write!(page, "### {planned}アカウント中{missing}アカウントはレポートなし\n\n"),
        };
        let heads = say(
            lang,
            ["Account", "Why", "What was said", "Fix"],
            ["アカウント", "理由", "メッセージ", "対処"],
        );
        table(&mut page, &heads);
        for missing in report.missing.iter().take(MOST) {
            let cells = [
                named(&missing.account, missing.name.as_deref()),
                reason(missing.reason, lang).to_owned(),
                prose(&missing.message, LONGEST_TEXT),
                prose(&missing.fix, LONGEST_TEXT),
            ];
            row(&mut page, &cells);
        }
        more(&mut page, report.missing.len(), lang);
    }
    let _ = write!(page, "**{}**\n\n", scored(&report.standing, lang));
    if report.units.len() > 1 {
        let heads = say(
            lang,
            ["Organizational unit", "Accounts", "Score", "Critical", "High", "Medium"],
            ["組織単位（OU）", "アカウント", "点数", "重大", "高", "中"],
        );
        table(&mut page, &heads);
        for unit in report.units.iter().take(MOST) {
            let standing = &unit.standing;
            let cells = [
                code(&path_of(&unit.path), LONGEST_NAME),
                format!("{}/{}", standing.reported, standing.accounts),
                score(standing.score),
                standing.fail.critical.to_string(),
                standing.fail.high.to_string(),
                standing.fail.medium.to_string(),
            ];
            row(&mut page, &cells);
        }
        more(&mut page, report.units.len(), lang);
    }
    if !report.governance.is_empty() {
        let _ = write!(page, "### {}\n\n", say(lang, "The organization itself", "組織全体の設定"));
        for governed in &report.governance {
            let (status, told) = (stands(governed.status, lang), prose(&governed.told, LONGEST_TEXT));
            let _ = writeln!(page, "- **{status}** {told}");
        }
        page.push('\n');
    }
    accounts(&mut page, report, lang);
    ways(&mut page, report, lang);
    let heads = say(
        lang,
        ["Severity", "Accounts", "What fails", "Check"],
        ["重要度", "アカウント", "内容", "チェック"],
    );
    if !report.checks.is_empty() {
        table(&mut page, &heads);
    }
    for check in report.checks.iter().take(MOST) {
        let cells = [
            words::severity(check.severity, lang).to_owned(),
            check.accounts.len().to_string(),
            prose(&check.title, LONGEST_TEXT),
            code(&check.check, LONGEST_NAME),
        ];
        row(&mut page, &cells);
    }
    more(&mut page, report.checks.len(), lang);
    page
}

fn accounts(page: &mut String, report: &OrganizationReport, lang: Lang) {
    if report.accounts.is_empty() {
        return;
    }
    let [account, points] = say(lang, ["Account, worst first", "Score"], ["アカウント（悪い順）", "点数"]);
    // Controls that nothing was judged for in any account would only make the table wider.
    let judged = |at: &usize| {
        let control = &report.controls[*at];
        control.failing + control.unknown + control.passing > 0
    };
    let columns: Vec<usize> = (0..report.controls.len()).filter(judged).take(30).collect();
    let ids = columns.iter().map(|at| prose(&report.controls[*at].id, 12));
    let heads: Vec<String> = [account.to_owned(), points.to_owned()].into_iter().chain(ids).collect();
    table(page, &heads.iter().map(String::as_str).collect::<Vec<_>>());
    for line in report.accounts.iter().take(MOST) {
        let cells = columns.iter().map(|at| line.controls.get(*at).map_or("", mark).to_owned());
        let mut start = named(&line.account.id, line.called());
        if line.incomplete {
            start.push('!');
        }
        let cells: Vec<_> = [start, score(line.score)].into_iter().chain(cells).collect();
        row(page, &cells);
    }
    more(page, report.accounts.len(), lang);
    let severities = Severity::WORST_FIRST
        .map(|severity| format!("{} {}", letter(severity), words::severity(severity, lang)))
        .join(", ");
    let rest = say(lang, "? could not be judged, · fine", "? 判定不能、· 問題なし");
    let _ = write!(page, "{severities}, {rest}\n\n");
}

fn ways(page: &mut String, report: &OrganizationReport, lang: Lang) {
    if report.chains.is_empty() && report.chains_incomplete.is_empty() {
        return;
    }
    let _ = write!(page, "### {}\n\n", chains::title(lang));
    if !report.chains.is_empty() {
        let heads =
            say(lang, ["Severity", "Where it leads", "Steps", "Fix"], ["重要度", "到達先", "段階", "対処"]);
        table(page, &heads);
    }
    for chain in report.chains.iter().take(MOST) {
        let steps = chains::steps(chain, lang).join("; ");
        let cells = [
            words::severity(chain.severity, lang).to_owned(),
            prose(&chain.title, LONGEST_TEXT),
            code(&steps, 2 * LONGEST_TEXT),
            prose(&chain.fix, LONGEST_TEXT),
        ];
        row(page, &cells);
    }
    more(page, report.chains.len(), lang);
    for why in &report.chains_incomplete {
        let _ = write!(page, "{}\n\n", prose(why, LONGEST_TEXT));
    }
}

fn mark(cell: &Cell) -> &'static str {
    match cell {
        Cell { fail: 1.., worst, .. } => worst.map_or("I", letter),
        Cell { unknown: 1.., .. } => "?",
        Cell { pass: 1.., .. } => "·",
        _ => "",
    }
}

fn score(score: Option<f64>) -> String {
    score.map_or_else(|| "–".to_owned(), |score| table::whole(score).to_string())
}

fn named(id: &str, name: Option<&str>) -> String {
    let id = code(id, LONGEST_NAME);
    name.filter(|name| !name.is_empty())
        .map_or_else(|| id.clone(), |name| format!("{id} {}", code(name, LONGEST_NAME)))
}

fn table(page: &mut String, heads: &[&str]) {
    let _ = writeln!(page, "| {} |", heads.join(" | "));
    let _ = writeln!(page, "|{}", " --- |".repeat(heads.len()));
}

fn row(page: &mut String, cells: &[String]) {
    // A bar ends a cell, in code too (GitHub Flavored Markdown, "Tables").
    let cells: Vec<_> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
    let _ = writeln!(page, "| {} |", cells.join(" | "));
}

/// Ends a table, with the number of rows that it has no room for.
fn more(page: &mut String, rows: usize, lang: Lang) {
    page.push('\n');
    if let Some(more) = rows.checked_sub(MOST).filter(|more| *more > 0) {
        let _ = match lang {
            Lang::En => write!(page, "… and {more} more (all are in the JSON)\n\n"),
            Lang::Ja => write!(page, "… 他{more}件（すべてはJSON出力にあります）\n\n"),
        };
    }
}

#[cfg(test)]
mod tests {
    use pulldown_cmark::{Event, Options, Parser, Tag};

    use super::*;
    use crate::table::organization::tests::{hostile, report};

    #[test]
    fn accounts_without_a_report_come_first_in_both_languages() {
        for (lang, first) in
            [(Lang::En, "### No report of 1 of 4"), (Lang::Ja, "### 4アカウント中1アカウント")]
        {
            let page = page(&report(), lang);
            assert!(page.lines().nth(2).unwrap().starts_with(first), "{page}");
        }
    }

    #[test]
    fn names_of_others_are_code_and_nothing_else() {
        for name in crate::hostile::names() {
            let page = page(&hostile(&name), Lang::En);
            let mut rows = 0;
            for event in Parser::new_ext(&page, Options::ENABLE_TABLES) {
                match event {
                    Event::Start(Tag::Link { .. } | Tag::Image { .. } | Tag::HtmlBlock) | Event::Html(_) => {
                        panic!("{name:?} acts:\n{page}")
                    }
                    Event::InlineHtml(_) => panic!("{name:?} is HTML:\n{page}"),
                    Event::Start(Tag::TableRow) => rows += 1,
                    _ => {}
                }
            }
            assert_eq!(rows, 1 + 2 + 2 + 1 + 1, "{name:?} breaks a table:\n{page}");
        }
    }
}
