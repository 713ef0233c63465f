//! An organization's report as one HTML file: who has no report, units and accounts by controls as a heat map, what fails
//! in how many accounts. No script, no network.

use std::{io, sync::LazyLock};

use aws_audit_checks::{
    finding::Severity,
    organization::{Cell, OrganizationReport, path_of},
    page::Lang,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};

use super::sheet::{markup, shown};
use crate::{
    chains,
    table::{
        self,
        organization::{letter, reason, scored, stands},
    },
    words::{self, say},
};

const CSS: &str = "\
:root{color-scheme:light dark}body{margin:0 auto;max-width:96rem;padding:1rem;font:1rem/1.5 system-ui,sans-serif}\
h1{font-size:1.4rem}h2{font-size:1.1rem;margin:2rem 0 .5rem}.box{overflow-x:auto}\
table{border-collapse:collapse;font-size:.875rem}th,td{padding:.2rem .45rem;text-align:left;vertical-align:top;\
border-bottom:1px solid light-dark(#ddd,#333)}th{font-weight:600}td.n{text-align:right}\
ol{margin:0;padding-left:1.2rem}td.c{text-align:center;min-width:1.6rem;font-weight:600}code{font-family:ui-monospace,Menlo,Consolas,monospace}\
.alarm{border:2px solid light-dark(#9f1239,#ff7d97);padding:0 1rem 1rem;border-radius:6px}\
.critical{background:#9f1239;color:#fff}.high{background:#d9480f;color:#fff}.medium{background:#e8b23a;color:#1b1d20}\
.low{background:#8ab4e8;color:#1b1d20}.info{background:#c4c9d1;color:#1b1d20}\
.unknown{background:repeating-linear-gradient(45deg,#9994,#9994 3px,#0000 3px,#0000 6px)}\
.good{color:light-dark(#17704a,#62c796)}.dim{color:light-dark(#565b63,#a7adb7)}";

static POLICY: LazyLock<String> = LazyLock::new(|| {
    let hash = STANDARD.encode(Sha256::digest(CSS));
    format!("default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'")
});

/// Characters of a name or message.
const LONGEST: usize = 600;

/// Writes the page.
///
/// # Errors
/// When `out` cannot be written to.
pub(crate) fn write(report: &OrganizationReport, lang: Lang, out: &mut dyn io::Write) -> io::Result<()> {
    let (code, title) = say(lang, ("en", "aws-audit: organization"), ("ja", "aws-audit：組織全体"));
    write!(
        out,
        "<!doctype html>\n<html lang={code}>\n<head>\n<meta charset=utf-8>\n\
         <meta http-equiv=Content-Security-Policy content=\"{}\">\n\
         <meta name=viewport content=\"width=device-width,initial-scale=1\">\n\
         <meta name=referrer content=no-referrer>\n<meta name=robots content=noindex>\n\
         <title>{title}</title>\n<style>{CSS}</style>\n</head>\n<body>\n<h1>{title}</h1>\n",
        *POLICY
    )?;
    missing(report, lang, out)?;
    let organization = report.organization.as_deref().map(|id| format!("<code>{}</code> ", text(id)));
    let when = report.started_at.map(|time| time.strftime("%Y-%m-%d %H:%M UTC").to_string());
    writeln!(
        out,
        "<p>{}{} <span class=dim>{}</span></p>",
        organization.unwrap_or_default(),
        text(&scored(&report.standing, lang)),
        when.unwrap_or_default()
    )?;
    if !report.governance.is_empty() {
        write!(out, "<h2>{}</h2>\n<ul>", say(lang, "The organization itself", "組織全体の設定"))?;
        for governed in &report.governance {
            let status = stands(governed.status, lang);
            write!(out, "<li><strong>{status}</strong> {}</li>", text(&governed.told))?;
        }
        writeln!(out, "</ul>")?;
    }
    heat(report, lang, out)?;
    controls(report, lang, out)?;
    ways(report, lang, out)?;
    checks(report, lang, out)?;
    causes(report, lang, out)?;
    writeln!(
        out,
        "<p class=dim>{} {}</p>\n</body>\n</html>",
        text(&report.tool.name),
        text(&report.tool.version)
    )
}

/// What somebody wrote, harmless in HTML.
fn text(text: &str) -> String {
    markup(&shown(text, LONGEST)).into_owned()
}

fn heading(out: &mut dyn io::Write, title: &str, heads: &[&str]) -> io::Result<()> {
    write!(out, "<h2>{title}</h2>\n<div class=box><table>\n<tr>")?;
    for head in heads {
        write!(out, "<th scope=col>{head}</th>")?;
    }
    writeln!(out, "</tr>")
}

const END: &str = "</table></div>";

fn missing(report: &OrganizationReport, lang: Lang, out: &mut dyn io::Write) -> io::Result<()> {
    if report.missing.is_empty() {
        return Ok(());
    }
    let (missing, planned) = (report.missing.len(), report.planned);
    let title = match lang {
        Lang::En => format!("No report of {missing} of {planned} accounts: nothing is known of them"),
        Lang::Ja => format!("{planned}アカウント中{missing}アカウントはレポートがなく、状態は不明です"),
    };
    let heads = say(
        lang,
        ["Account", "Name", "Why", "What was said", "Fix"],
        ["アカウント", "名前", "理由", "メッセージ", "対処"],
    );
    write!(out, "<section class=alarm>")?;
    heading(out, &title, &heads)?;
    for missing in &report.missing {
        writeln!(
            out,
            "<tr><td><code>{}</code></td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
            text(&missing.account),
            text(missing.name.as_deref().unwrap_or_default()),
            reason(missing.reason, lang),
            text(&missing.message),
            text(&missing.fix)
        )?;
    }
    writeln!(out, "{END}</section>")
}

fn score(score: Option<f64>) -> String {
    score.map_or_else(|| "–".to_owned(), |score| table::whole(score).to_string())
}

fn cells(cells: &[Cell], lang: Lang, out: &mut dyn io::Write) -> io::Result<()> {
    for cell in cells {
        let (class, mark, told) = match cell {
            Cell { fail: 1.., worst, .. } => {
                let worst = worst.unwrap_or(Severity::Info);
                (worst.name(), letter(worst), words::severity(worst, lang))
            }
            Cell { unknown: 1.., .. } => ("unknown", "?", say(lang, "could not be judged", "判定不能")),
            Cell { pass: 1.., .. } => ("good", "·", say(lang, "fine", "問題なし")),
            _ => ("", "", ""),
        };
        write!(
            out,
            "<td class=\"c {class}\" title=\"{told} {}/{}\">{mark}</td>",
            cell.fail,
            cell.fail + cell.pass
        )?;
    }
    Ok(())
}

fn heat(report: &OrganizationReport, lang: Lang, out: &mut dyn io::Write) -> io::Result<()> {
    if report.accounts.is_empty() {
        return Ok(());
    }
    let ids: Vec<String> = report
        .controls
        .iter()
        .map(|control| format!("<abbr title=\"{}\">{}</abbr>", text(&control.title), text(&control.id)))
        .collect();
    let heads = |first: [&'static str; 3]| -> Vec<String> {
        first.iter().map(|head| (*head).to_owned()).chain(ids.iter().cloned()).collect()
    };
    let borrowed = |heads: &[String]| heads.to_vec();
    if report.units.len() > 1 {
        let title = say(lang, "Organizational units", "組織単位（OU）");
        let first = say(lang, ["Unit", "Accounts", "Score"], ["OU", "アカウント", "点数"]);
        let heads = borrowed(&heads(first));
        heading(out, title, &heads.iter().map(String::as_str).collect::<Vec<_>>())?;
        for unit in &report.units {
            let standing = &unit.standing;
            write!(
                out,
                "<tr><th scope=row>{}</th><td class=n>{}/{}</td><td class=n>{}</td>",
                text(&path_of(&unit.path)),
                standing.reported,
                standing.accounts,
                score(standing.score)
            )?;
            cells(&unit.controls, lang, out)?;
            writeln!(out, "</tr>")?;
        }
        writeln!(out, "{END}")?;
    }
    let title = say(lang, "Accounts, worst first", "アカウント（悪い順）");
    let first = say(lang, ["Account", "Name", "Score"], ["アカウント", "名前", "点数"]);
    let heads = borrowed(&heads(first));
    heading(out, title, &heads.iter().map(String::as_str).collect::<Vec<_>>())?;
    for line in &report.accounts {
        write!(
            out,
            "<tr><th scope=row><code>{}</code>{}</th><td>{}</td><td class=n>{}</td>",
            text(&line.account.id),
            if line.incomplete { " !" } else { "" },
            text(line.called().unwrap_or_default()),
            score(line.score)
        )?;
        cells(&line.controls, lang, out)?;
        writeln!(out, "</tr>")?;
    }
    writeln!(out, "{END}")?;
    let severities = Severity::WORST_FIRST
        .map(|severity| format!("{} {}", letter(severity), words::severity(severity, lang)))
        .join(" · ");
    let rest = say(
        lang,
        "? could not be judged · ! not all could be read",
        "? 判定不能 · ! 一部を読み取れなかったアカウント",
    );
    writeln!(out, "<p class=dim>{severities} · {rest}</p>")
}

fn controls(report: &OrganizationReport, lang: Lang, out: &mut dyn io::Write) -> io::Result<()> {
    let title = say(lang, "Controls over all accounts", "項目ごとの状況（全アカウント）");
    let heads = say(
        lang,
        ["#", "Control", "Mean score", "Accounts that fail", "Unknown", "Worst"],
        ["#", "項目", "平均点", "NGのアカウント", "判定不能", "重要度"],
    );
    heading(out, title, &heads)?;
    for control in &report.controls {
        writeln!(
            out,
            "<tr><td class=n>{}</td><td>{}</td><td class=n>{}</td><td class=n>{}</td><td class=n>{}</td><td>{}</td></tr>",
            text(&control.id),
            text(&control.title),
            score(control.score),
            control.failing,
            control.unknown,
            control.worst.map_or("", |worst| words::severity(worst, lang))
        )?;
    }
    writeln!(out, "{END}")
}

fn ways(report: &OrganizationReport, lang: Lang, out: &mut dyn io::Write) -> io::Result<()> {
    if report.chains.is_empty() && report.chains_incomplete.is_empty() {
        return Ok(());
    }
    let heads =
        say(lang, ["Severity", "Where it leads", "Steps", "Fix"], ["重要度", "到達先", "段階", "対処"]);
    heading(out, chains::title(lang), &heads)?;
    for chain in &report.chains {
        let steps: String =
            chains::steps(chain, lang).iter().map(|step| format!("<li>{}</li>", text(step))).collect();
        writeln!(
            out,
            "<tr><td>{}</td><td>{}<br><code>{}</code></td><td><ol>{steps}</ol></td><td>{}</td></tr>",
            words::severity(chain.severity, lang),
            text(&chain.title),
            text(&chain.check),
            text(&chain.fix)
        )?;
    }
    writeln!(out, "{END}")?;
    for why in &report.chains_incomplete {
        writeln!(out, "<p>{}</p>", text(why))?;
    }
    Ok(())
}

fn checks(report: &OrganizationReport, lang: Lang, out: &mut dyn io::Write) -> io::Result<()> {
    let title = say(lang, "What fails in how many accounts", "NGの多いチェック");
    let heads = say(
        lang,
        ["Severity", "Accounts", "Findings", "What fails", "Check"],
        ["重要度", "アカウント", "検出", "内容", "チェック"],
    );
    heading(out, title, &heads)?;
    for check in &report.checks {
        writeln!(
            out,
            "<tr><td>{}</td><td class=n>{}</td><td class=n>{}</td><td>{}</td><td><code>{}</code></td></tr>",
            words::severity(check.severity, lang),
            check.accounts.len(),
            check.findings,
            text(&check.title),
            text(&check.check)
        )?;
    }
    writeln!(out, "{END}")
}

fn causes(report: &OrganizationReport, lang: Lang, out: &mut dyn io::Write) -> io::Result<()> {
    if report.shared_causes.is_empty() {
        return Ok(());
    }
    let title = say(lang, "The same in several accounts", "複数アカウントに共通する原因");
    let heads = say(
        lang,
        ["Severity", "Accounts", "Cause", "Thing to change"],
        ["重要度", "アカウント", "原因", "直すもの"],
    );
    heading(out, title, &heads)?;
    for cause in &report.shared_causes {
        writeln!(
            out,
            "<tr><td>{}</td><td class=n>{}</td><td>{}</td><td><code>{}</code></td></tr>",
            words::severity(cause.severity, lang),
            cause.accounts.len(),
            text(&cause.title),
            text(&cause.key)
        )?;
    }
    writeln!(out, "{END}")
}

#[cfg(test)]
mod tests {
    use scraper::{Html, Selector};

    use super::*;
    use crate::table::organization::tests::{hostile, report};

    fn page(report: &OrganizationReport, lang: Lang) -> String {
        let mut out = vec![];
        write(report, lang, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn accounts_without_a_report_come_first() {
        for lang in [Lang::En, Lang::Ja] {
            let page = Html::parse_document(&page(&report(), lang));
            let first = page.select(&Selector::parse("h2").unwrap()).next().unwrap();
            assert!(first.text().any(|text| text.contains('1') && text.contains('4')));
        }
    }

    #[test]
    fn names_of_others_make_no_element() {
        let count = |page: &str| Html::parse_document(page).select(&Selector::parse("*").unwrap()).count();
        let plain = count(&page(&hostile("plain"), Lang::En));
        for name in crate::hostile::names() {
            assert_eq!(count(&page(&hostile(&name), Lang::En)), plain, "{name:?}");
        }
    }
}
