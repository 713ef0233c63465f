//! What a report says, in the other language.
//!
//! A report tells its findings in one language, and not by which of a page's messages. Filled in with the finding's
//! own facts, one of them gives the very text that the report has; the same message of the other page is the
//! translation. Where none does (another version's report), there is none.

use aws_audit_checks::{
    finding::{Evidence, Finding, Status},
    framework,
    gap::{Gap, GapKind, Refusal},
    page::Lang,
    registry::{self, Entry},
    report::{Report, ReportFinding, not_judged},
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
        let mut filled = Finding {
            check: entry.check.id,
            status: finding.status,
            severity: finding.severity,
            resource: finding.resource.clone(),
            types: vec![],
            aspects: vec![],
            evidence: finding.evidence.clone(),
            variant: None,
            gap: None,
        };
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

    fn unknown(&self, finding: &ReportFinding) -> Option<String> {
        let [first, second] = self.langs;
        let refusals = REFUSALS.into_iter().map(Some);
        let mut gap = gap(&finding.evidence)?;
        std::iter::once(None).chain(refusals).find_map(|refused_by| {
            gap.refused_by = refused_by;
            (not_judged(&gap, first) == finding.message).then(|| not_judged(&gap, second))
        })
    }
}

/// What could not be read, as far as an unknown finding tells.
pub(super) fn gap(evidence: &Evidence) -> Option<Gap> {
    let kind: GapKind = serde_json::from_value(evidence.get("gap")?.clone()).ok()?;
    let operation = evidence.get("operation")?.as_str()?.to_owned();
    Some(Gap { operation, region: None, resource: None, kind, refused_by: None, message: String::new() })
}
