//! The report as one HTML file that people open, print and hand on: no network, no script needed to read it.
//!
//! Everything stands in the file as HTML, in the report's language. One script filters, sorts, copies, links, and
//! switches theme and language; for the other language, and for the evidence of very many findings, it unpacks what
//! [`packed`] holds. The content policy allows this one style and this one script by their hashes and nothing else, so
//! even a name that got through the escaping could not run or load anything.

mod about;
mod controls;
mod evidence;
mod findings;
pub(crate) mod organization;
mod packed;
mod paths;
mod picture;
mod services;
mod sheet;
mod summary;
#[cfg(test)]
mod tests;
mod told;
mod unknown;
mod words;

use std::{io, sync::LazyLock};

use aws_audit_checks::{
    finding::{Severity, Status},
    framework,
    page::Lang,
    report::{Report, ReportFinding, State},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};

use self::sheet::Sheet;

const CSS: &str = include_str!("html/page.css");
const JS: &str = include_str!("html/page.js");

/// A shield in the browser's tab. As data in the page: else browsers ask the server for an icon.
const ICON: &str = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Cpath \
                    d='M8 1l6 2v5c0 4-3 6-6 7-3-1-6-3-6-7V3z' fill='%232f5d8a'/%3E%3C/svg%3E";

/// What the browser lets the page do. `img-src` is for the icon. (W3C, "Content Security Policy Level 3": a `meta`
/// element cannot set `frame-ancestors`, `report-uri` and `sandbox`.)
static POLICY: LazyLock<String> = LazyLock::new(|| {
    let hash = |text: &str| STANDARD.encode(Sha256::digest(text));
    format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; img-src data:; base-uri 'none'; \
         form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
        hash(CSS),
        hash(JS)
    )
});

/// Writes the report as an HTML page. Its first language is that in which the report tells its findings; `lang` is
/// for a report that tells none.
///
/// # Errors
/// When `out` cannot be written to.
pub fn write(report: &Report, lang: Lang, out: &mut dyn io::Write) -> io::Result<()> {
    let mut page = Sheet::new(told::language(report).unwrap_or(lang), out);
    let sheet = &mut page;
    let parts = Parts::of(report);
    head(report, sheet)?;
    banner(report, &parts, sheet)?;
    sheet.raw("<main id=top>")?;
    summary::write(report, &parts, sheet)?;
    paths::write(report, sheet)?;
    summary::first(report, &parts, sheet)?;
    controls::write(report, &parts, sheet)?;
    services::write(&parts, sheet)?;
    findings::write(&parts, sheet)?;
    unknown::write(report, &parts, sheet)?;
    findings::others(&parts, sheet)?;
    about::write(report, sheet)?;
    sheet.raw("</main>\n<p id=say class=vh role=status></p>\n")?;
    page.finish(JS)
}

/// The findings by what they are.
struct Parts<'a> {
    failing: Vec<&'a ReportFinding>,
    unknown: Vec<&'a ReportFinding>,
    suppressed: Vec<&'a ReportFinding>,
    resolved: Vec<&'a ReportFinding>,
    passing: Vec<&'a ReportFinding>,
    /// Whether something could not be read.
    gaps: bool,
}

impl<'a> Parts<'a> {
    fn of(report: &'a Report) -> Self {
        let with = |status: Status, resolved: bool| {
            let fits = move |finding: &&ReportFinding| {
                finding.status == status && (finding.state == Some(State::Resolved)) == resolved
            };
            report.findings.iter().filter(fits).collect()
        };
        Self {
            failing: with(Status::Fail, false),
            unknown: with(Status::Unknown, false),
            suppressed: with(Status::Suppressed, false),
            resolved: with(Status::Pass, true),
            passing: with(Status::Pass, false),
            gaps: !report.gaps.is_empty(),
        }
    }

    /// How many fail with that severity.
    fn count(&self, severity: Severity) -> usize {
        self.failing.iter().filter(|finding| finding.severity == severity).count()
    }
}

fn head(report: &Report, sheet: &mut Sheet<'_>) -> io::Result<()> {
    let lang = sheet.lang();
    sheet.raw(&format!("<!doctype html>\n<html lang={lang}>\n<head>\n<meta charset=utf-8>\n"))?;
    sheet.raw(&format!("<meta http-equiv=Content-Security-Policy content=\"{}\">\n", *POLICY))?;
    sheet.raw(
        "<meta name=viewport content=\"width=device-width,initial-scale=1\">\n\
         <meta name=referrer content=no-referrer>\n<meta name=robots content=noindex>\n\
         <meta name=color-scheme content=\"light dark\">\n",
    )?;
    let title = sheet.filled(|words| &words.title, &[("account", &name(report))]);
    sheet.told("title", &title)?;
    sheet.raw(&format!("\n<link rel=icon href=\"{ICON}\">\n<style>{CSS}</style>\n</head>\n<body>\n"))
}

/// What stands above the page: where it leads, and how to look at it.
fn banner(report: &Report, parts: &Parts<'_>, sheet: &mut Sheet<'_>) -> io::Result<()> {
    sheet.word("a class=skip href=#findings", |words| &words.skip)?;
    sheet.raw("<header><div><a class=brand href=#top>aws-audit</a><nav aria-labelledby=contents>")?;
    sheet.word("h2 id=contents class=vh", |words| &words.contents)?;
    sheet.raw("<ul>")?;
    let mut entries: Vec<(&str, sheet::Pick)> = vec![];
    if !report.paths.is_empty() {
        entries.push(("paths", |words| &words.paths));
    }
    entries.push(("controls", |words| &words.controls));
    if !parts.failing.is_empty() {
        entries.push(("services", |words| &words.services));
    }
    entries.push(("findings", |words| &words.findings));
    if parts.gaps || !parts.unknown.is_empty() {
        entries.push(("not-judged", |words| &words.not_judged));
    }
    if !parts.suppressed.is_empty() {
        entries.push(("suppressed", |words| &words.suppressed));
    }
    entries.push(("about", |words| &words.about));
    for (id, word) in entries {
        sheet.raw("<li>")?;
        sheet.word(&format!("a href=#{id}"), word)?;
    }
    sheet.raw("</ul></nav><div id=tools hidden>")?;
    let other = if sheet.lang() == "en" { "ja" } else { "en" };
    sheet.word(&format!("button type=button id=lang lang={other}"), |words| &words.language)?;
    sheet.word("button type=button id=theme", |words| &words.theme)?;
    sheet.word("button type=button id=print", |words| &words.print)?;
    sheet.raw("</div></div></header>\n")
}

/// What people call the account.
fn name(report: &Report) -> String {
    report.account.alias.clone().unwrap_or_else(|| report.account.id.clone())
}

/// The title of the framework, in both languages.
fn framework_title(report: &Report, sheet: &Sheet<'_>) -> sheet::Both {
    let id = &report.score.framework;
    match framework::find(id) {
        Some(framework) => sheet.both(|lang| framework.title.get(lang).to_owned()),
        None => sheet::Both::one(id.clone()),
    }
}
