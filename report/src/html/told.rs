//! What a report says, in the other language.
//!
//! A report tells its findings in one language, and not by which of a page's messages. Filled in with the finding's
//! own facts, one of them gives the very text that the report has; the same message of the other page is the
//! translation. Where none does (another version's report), there is none.

use aws_audit_checks::{
    check::Entry,
    finding::{Finding, Status, Verdict},
    framework,
    gap::{GapKind, Refusal},
    page::Lang,
    registry,
    report::{Report, ReportFinding, cause, refused},
};

/// Everything that refuses calls.
const REFUSALS: [Refusal; 8] = [
    Refusal::Deny,
    Refusal::ServiceControlPolicy,
    Refusal::ResourceControlPolicy,
    Refusal::PermissionsBoundary,
    Refusal::SessionPolicy,
    Refusal::ResourcePolicy,
    Refusal::EndpointPolicy,
    Refusal::Account,
];

/// Every cause of a gap.
const KINDS: [GapKind; 12] = [
    GapKind::AccessDenied,
    GapKind::RegionDisabled,
    GapKind::Throttled,
    GapKind::TimedOut,
    GapKind::Unreachable,
    GapKind::ServerError,
    GapKind::UnreadableAnswer,
    GapKind::InvalidCredentials,
    GapKind::WrongClock,
    GapKind::Interrupted,
    GapKind::NotSelected,
    GapKind::NotEvaluated,
];

/// The language that the report tells its findings in; none where nothing in it differs between languages.
pub(super) fn language(report: &Report) -> Option<Lang> {
    let titles = report.findings.iter().find_map(|finding| {
        let entry = registry::find(&finding.check)?;
        spoken(&finding.title, |lang| &entry.page(lang).title)
    });
    titles.or_else(|| {
        let framework = framework::find(&report.score.framework)?;
        let controls = framework.controls.iter().zip(&report.score.controls);
        controls.into_iter().find_map(|(known, told)| spoken(&told.title, |lang| known.title.get(lang)))
    })
}

fn spoken(text: &str, known: impl Fn(Lang) -> &'static str) -> Option<Lang> {
    match [Lang::En, Lang::Ja].map(|lang| known(lang) == text) {
        [true, false] => Some(Lang::En),
        [false, true] => Some(Lang::Ja),
        _ => None,
    }
}

/// A finding's message and what to do, in another language.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Told {
    pub message: Option<String>,
    pub fix: Option<String>,
}

/// Translates the findings of one check.
pub(super) struct Translator {
    entry: Option<&'static Entry>,
    langs: [Lang; 2],
    /// The messages of the page, the one that fitted last before the others.
    variants: Vec<Option<&'static str>>,
}

impl Translator {
    /// From the first language to the second.
    pub fn new(entry: Option<&'static Entry>, langs: [Lang; 2]) -> Self {
        let named = entry.into_iter().flat_map(|entry| entry.page(Lang::En).variants());
        let variants = std::iter::once(None).chain(named.map(|(name, _)| Some(name))).collect();
        Self { entry, langs, variants }
    }

    pub fn translate(&mut self, finding: &ReportFinding) -> Told {
        if finding.status == Status::Unknown {
            return Told { message: self.unknown(finding), fix: None };
        }
        let Some(entry) = self.entry else { return Told::default() };
        let [first, second] = self.langs.map(|lang| entry.page(lang));
        let filled = Finding::new(entry.check.id, finding.severity, Ok(Verdict::fail()), &[], || {
            finding.resource.clone()
        });
        let Some(mut filled) = filled else { return Told::default() };
        filled.evidence = finding.evidence.clone();
        let fits = |filled: &Finding| {
            first.message(filled, self.langs[0]).is_ok_and(|message| message == finding.message)
                && finding.fix.as_ref().is_none_or(|fix| {
                    first.fix(filled, self.langs[0]).is_ok_and(|summary| summary == fix.summary)
                })
        };
        let found = self.variants.iter().position(|variant| {
            filled.variant = *variant;
            fits(&filled)
        });
        let Some(found) = found else { return Told::default() };
        self.variants.swap(0, found);
        let fix = finding.fix.as_ref().and_then(|_| second.fix(&filled, self.langs[1]).ok());
        Told { message: second.message(&filled, self.langs[1]).ok(), fix }
    }

    /// What an unknown finding says: one cause or several, of an operation each or of what was not asked for.
    fn unknown(&self, finding: &ReportFinding) -> Option<String> {
        let [from, to] = self.langs.map(unread);
        let reasons = finding.message.strip_prefix(from.start)?.strip_suffix(from.end)?;
        let reasons = reasons.split(from.between).map(|reason| {
            let (operation, told) = match reason.split_once(from.colon) {
                Some((operation, told)) => (Some(operation), told),
                None => (None, reason),
            };
            let told = cause_in(told, self.langs)?;
            Some(
                operation
                    .map_or_else(|| told.to_owned(), |operation| format!("{operation}{}{told}", to.colon)),
            )
        });
        let reasons = reasons.collect::<Option<Vec<_>>>()?;
        Some(format!("{}{}{}", to.start, reasons.join(to.between), to.end))
    }
}

/// A cause of a gap, told in the first language, in the second.
fn cause_in(told: &str, langs: [Lang; 2]) -> Option<&'static str> {
    let of_kinds = KINDS.map(|kind| langs.map(|lang| cause(kind, lang)));
    let of_refusals = REFUSALS.map(|refusal| langs.map(|lang| refused(refusal, lang)));
    of_kinds.into_iter().chain(of_refusals).find(|[known, _]| *known == told).map(|[_, other]| other)
}

/// Why a step of a path is not known: the operation, where there is one, and the cause
/// (`aws_audit_checks::analysis::paths::because`).
pub(super) fn unread_reason(text: &str, langs: [Lang; 2]) -> Option<String> {
    match text.split_once(": ") {
        Some((operation, told)) => Some(format!("{operation}: {}", cause_in(told, langs)?)),
        None => cause_in(text, langs).map(str::to_owned),
    }
}

/// How the report says why something could not be judged.
struct Unread {
    start: &'static str,
    colon: &'static str,
    between: &'static str,
    end: &'static str,
}

const fn unread(lang: Lang) -> Unread {
    match lang {
        Lang::En => Unread { start: "Could not be judged: ", colon: ": ", between: "; ", end: "." },
        Lang::Ja => {
            Unread { start: "判定できませんでした（", colon: "：", between: "、", end: "）。" }
        }
    }
}
