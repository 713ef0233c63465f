//! The registry: every check with its pages; selection; evaluation.

use std::{
    collections::BTreeSet,
    rc::Rc,
    sync::{Arc, OnceLock},
};

use crate::{
    analysis::{Analyses, paths::Paths},
    catalog,
    check::{Check, Context},
    finding::{Finding, Status},
    page::{Lang, Page},
    score,
    settings::Settings,
    snapshot::Snapshot,
    source::Source,
};

/// A check with its pages.
#[derive(Debug)]
pub struct Entry {
    /// The check.
    pub check: &'static Check,
    text: [&'static str; 2],
    pages: [OnceLock<Page>; 2],
}

impl Entry {
    /// The entry of a check with its English and Japanese pages' text.
    #[must_use]
    pub const fn new(check: &'static Check, english: &'static str, japanese: &'static str) -> Self {
        Self { check, text: [english, japanese], pages: [OnceLock::new(), OnceLock::new()] }
    }

    /// The page in that language.
    ///
    /// # Panics
    /// When the page is not well-formed, which a test over all pages rules out.
    #[must_use]
    pub fn page(&self, lang: Lang) -> &Page {
        let at = lang as usize;
        self.pages[at].get_or_init(|| {
            Page::parse(self.text[at]).unwrap_or_else(|error| panic!("page of {}: {error}", self.check.id))
        })
    }
}

/// Every check, in the catalogue's order of services.
pub fn all() -> impl Iterator<Item = &'static Entry> {
    catalog::SERVICES.iter().copied().flatten().copied()
}

/// The check of that id.
#[must_use]
pub fn find(id: &str) -> Option<&'static Entry> {
    all().find(|entry| entry.check.id == id)
}

/// The sources that these checks read, with those that they need in turn.
pub fn sources<'a>(checks: impl IntoIterator<Item = &'a Entry>) -> BTreeSet<Source> {
    let mut sources = BTreeSet::new();
    let mut open: Vec<Source> = checks.into_iter().flat_map(|entry| entry.check.sources).copied().collect();
    while let Some(source) = open.pop() {
        if sources.insert(source) {
            open.extend(source.needs());
        }
    }
    sources
}

/// Everything that some checks say about an account.
#[derive(Debug)]
pub struct Evaluation {
    /// Findings: worst first, then by check, region and resource.
    pub findings: Vec<Finding>,
    /// For each check that ran, how many resources it judged and how.
    pub results: Vec<score::Result<'static>>,
    /// The attack paths, where a check that tells of them ran.
    pub paths: Option<Arc<Paths>>,
}

/// Judges an account.
///
/// Findings that pass are kept only when asked for; they always count.
#[must_use]
pub fn evaluate(
    checks: &[&'static Entry],
    snapshot: &Snapshot,
    settings: &Settings,
    keep_passed: bool,
) -> Evaluation {
    let mut findings = Vec::new();
    let mut results = Vec::new();
    let analyses = Rc::new(Analyses::of(snapshot));
    for entry in checks {
        let check = entry.check;
        let (of_check, passes) = Context::run(check, snapshot, settings, &analyses, keep_passed);
        let others = of_check.iter().filter(|finding| finding.status != Status::Pass).map(Into::into);
        results.push(score::Result {
            check: check.id,
            severity: check.severity,
            passes,
            others: others.collect(),
        });
        findings.extend(of_check);
    }
    sort(&mut findings);
    Evaluation { findings, results, paths: analyses.known_paths() }
}

fn sort(findings: &mut [Finding]) {
    let key = |finding: &Finding| (finding.status, std::cmp::Reverse(finding.severity), finding.check);
    findings.sort_by(|a, b| {
        key(a).cmp(&key(b)).then_with(|| {
            let (a, b) = (&a.resource, &b.resource);
            (&a.region, &a.kind, &a.id).cmp(&(&b.region, &b.kind, &b.id))
        })
    });
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, path::Path};

    use super::*;
    use crate::{framework, testing};

    /// Service and name of every file under `catalog/SERVICE/` with that ending, e.g. `(iam, root_mfa)`.
    fn catalog_files(ending: &str) -> BTreeSet<(String, String)> {
        let mut files = BTreeSet::new();
        let catalog = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/catalog");
        for service in fs::read_dir(catalog).unwrap().map(|entry| entry.unwrap().path()) {
            if !service.is_dir() {
                continue;
            }
            let directory = service.file_name().unwrap().to_str().unwrap();
            for file in fs::read_dir(&service).unwrap() {
                let name = file.unwrap().file_name().into_string().unwrap();
                if let Some(stem) = name.strip_suffix(ending).filter(|stem| !stem.contains('.')) {
                    files.insert((directory.to_owned(), stem.to_owned()));
                }
            }
        }
        files
    }

    fn id_of(service: &str, file: &str) -> String {
        format!("{service}_{file}").replace('_', "-")
    }

    #[test]
    fn every_file_is_a_check_and_every_page_belongs_to_one() {
        let ids: BTreeSet<_> = all().map(|entry| entry.check.id.to_owned()).collect();
        assert_eq!(ids.len(), all().count(), "two checks with one id");
        for ending in [".rs", ".md", ".ja.md"] {
            let files = catalog_files(ending).into_iter().filter(|(_, file)| file != "mod");
            let found: BTreeSet<_> = files.map(|(service, file)| id_of(&service, &file)).collect();
            assert_eq!(found, ids, "files ending in {ending}");
        }
    }

    #[test]
    fn pages_have_the_same_parts() {
        for entry in all() {
            for (lang, headings) in [
                (Lang::En, ["## Why it matters", "## How to fix", "## References"]),
                (Lang::Ja, ["## なぜ危険か", "## 直し方", "## 参考"]),
            ] {
                let page = entry.page(lang);
                let found: Vec<_> = page.body.lines().filter(|line| line.starts_with("## ")).collect();
                assert_eq!(found, headings, "{} in {lang:?}", entry.check.id);
                assert!(!page.title.is_empty() && !page.title.ends_with(['.', '。']), "{}", entry.check.id);
            }
            // The command and the address are on the English page.
            let (en, ja) = (entry.page(Lang::En), entry.page(Lang::Ja));
            assert!(en.variants().eq(ja.variants()), "variants of {}", entry.check.id);
            assert!(!ja.has_command() && ja.url.is_empty(), "{}", entry.check.id);
            let url = &en.url;
            assert!(url.starts_with("https://docs.aws.amazon.com/"), "{}: {url}", entry.check.id);
        }
    }

    #[test]
    fn every_check_is_proven_failing_passing_and_unknown() {
        for (service, file) in catalog_files(".rs").into_iter().filter(|(_, file)| file != "mod") {
            let path = format!("{}/src/catalog/{service}/{file}.rs", env!("CARGO_MANIFEST_DIR"));
            // Where a file would be too long, its tests are beside it: CHECK/tests.rs.
            let beside = fs::read_to_string(path.replace(".rs", "/tests.rs")).unwrap_or_default();
            let code = fs::read_to_string(&path).unwrap() + &beside;
            let code: String = code.split_whitespace().collect();
            // A finding of another tool is there or it is not.
            let only_tells = id_of(&service, &file) == "access-analyzer-findings";
            for proof in
                ["fails", "passes", "unknown"].into_iter().filter(|it| !only_tells || *it != "passes")
            {
                assert!(
                    code.contains(&format!("{proof}(&CHECK")),
                    "{path} has no test with {proof}(&CHECK, …)"
                );
            }
        }
    }

    /// An account of which nothing could be read.
    fn unread() -> Snapshot {
        let mut unread = testing::empty();
        (unread.iam, unread.organizations, unread.s3) = Default::default();
        (unread.cloudfront, unread.wafv2, unread.shield, unread.route53) = Default::default();
        (unread.account.alias, unread.account.security_contact) = Default::default();
        unread.account.has_contact_information = Default::default();
        *testing::region(&mut unread) = crate::snapshot::Region::default();
        unread
    }

    #[test]
    fn nothing_passes_where_nothing_was_read() {
        let checks: Vec<_> = all().collect();
        let evaluation = evaluate(&checks, &unread(), &Settings::default(), true);
        for finding in evaluation.findings {
            assert_eq!(finding.status, Status::Unknown, "{finding:#?}");
        }
        for result in evaluation.results {
            assert!(result.counts().unknown > 0, "{} says nothing when nothing is known", result.check);
        }
    }

    #[test]
    fn frameworks_name_checks_that_exist_and_every_check_is_an_antipattern() {
        let ids: BTreeSet<_> = all().map(|entry| entry.check.id).collect();
        for framework in framework::all() {
            for control in &framework.controls {
                for check in control.checks() {
                    assert!(ids.contains(check), "{} {}: {check}", framework.id, control.id);
                }
            }
        }
        for id in ids {
            assert!(framework::controls_of(id).contains_key(framework::DEFAULT), "{id} is in no row");
        }
    }

    #[test]
    fn types_and_aspects_in_frameworks_are_told_by_their_checks() {
        let checks: Vec<_> = all().collect();
        // A check that cannot read its lists tells of every type that they can hold.
        let findings = evaluate(&checks, &unread(), &Settings::default(), true).findings;
        let files = catalog_files(".rs");
        let mut seen = BTreeSet::new();
        for part in framework::all().iter().flat_map(|it| &it.controls).flat_map(|it| it.parts()) {
            if let Some(kind) = &part.kind {
                let mut of_check = findings.iter().filter(|finding| finding.check == part.check);
                assert!(of_check.any(|finding| finding.types.contains(&kind.as_str())), "{part}");
                seen.insert(part);
            }
            if let Some(aspect) = &part.aspect {
                let (service, _) =
                    files.iter().find(|(service, file)| id_of(service, file) == part.check).unwrap();
                // What a service's checks share stands in its `mod.rs`.
                let told = files.iter().filter(|(of, _)| of == service).any(|(service, file)| {
                    let path = format!("{}/src/catalog/{service}/{file}.rs", env!("CARGO_MANIFEST_DIR"));
                    let is_its = file == "mod" || id_of(service, file) == part.check;
                    is_its && fs::read_to_string(path).unwrap().contains(&format!("\"{aspect}\""))
                });
                assert!(told, "{part}");
                seen.insert(part);
            }
        }
        assert!(seen.len() > 20, "{seen:?}");
    }

    /// The controls with which the comment on a check begins, by framework, e.g. `/// CIS 2.14, IAM.2.`.
    fn commented_controls(code: &str) -> Vec<(&'static str, String)> {
        let lines: Vec<_> = code.lines().collect();
        let at = lines.iter().position(|line| line.starts_with("pub(super) const CHECK")).unwrap();
        let comment = lines[..at].iter().rev().take_while(|line| line.starts_with("///")).last();
        let words = comment.map_or("", |line| &line[3..]).split([' ', ',', ';', ':']);
        let words = words.map(|word| word.trim_end_matches('.')).filter(|word| !word.is_empty());
        let mut controls = Vec::new();
        for word in words.take_while(|word| *word == "CIS" || word.contains('.')) {
            if word != "CIS" {
                let is_cis = word.starts_with(|c: char| c.is_ascii_digit());
                controls.push((if is_cis { "cis-6.0" } else { "fsbp" }, word.to_owned()));
            }
        }
        controls
    }

    /// The controls that a page names in its last reference, e.g. `- CIS AWS Foundations Benchmark v6.0, 6.7; FSBP EC2.8`.
    fn referenced_controls(page: &str) -> BTreeSet<&str> {
        let own = ["- CIS AWS Foundations Benchmark v6.0", "- FSBP "];
        let line = page.lines().rfind(|line| own.iter().any(|start| line.starts_with(start)));
        // Notes follow in brackets; what only Security Hub as a whole has is in no framework here.
        let line = line.unwrap_or_default().split(['(', '（']).next().unwrap_or_default();
        let line = line.split("Security Hub").next().unwrap_or_default();
        line.split([' ', ',', ';', '、']).filter(|word| word.contains('.') && *word != "v6.0").collect()
    }

    #[test]
    fn references_name_the_controls_of_the_frameworks() {
        let mut wrong = Vec::new();
        for entry in all() {
            let controls = framework::controls_of(entry.check.id);
            let expected: BTreeSet<_> =
                ["cis-6.0", "fsbp"].iter().filter_map(|it| controls.get(it)).flatten().copied().collect();
            for lang in [Lang::En, Lang::Ja] {
                let page = entry.page(lang);
                let named = referenced_controls(&page.body);
                if named != expected {
                    wrong.push(format!("{} in {lang:?} names {named:?}, not {expected:?}", entry.check.id));
                }
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }

    #[test]
    fn controls_in_comments_are_in_the_frameworks() {
        let mut seen = 0;
        for (service, file) in catalog_files(".rs").into_iter().filter(|(_, file)| file != "mod") {
            let path = format!("{}/src/catalog/{service}/{file}.rs", env!("CARGO_MANIFEST_DIR"));
            let id = id_of(&service, &file);
            for (framework, control) in commented_controls(&fs::read_to_string(&path).unwrap()) {
                let controls = &framework::find(framework).unwrap().controls;
                // Some controls of Security Hub belong to other standards only.
                let Some(control) = controls.iter().find(|it| it.id == control) else {
                    assert_eq!(framework, "fsbp", "{id}: {control}");
                    continue;
                };
                assert!(control.checks().contains(&id.as_str()), "{framework} {}: {id}", control.id);
                seen += 1;
            }
        }
        assert!(seen > 50, "{seen}");
    }

    #[test]
    fn needed_sources_are_added() {
        let entry = find("iam-access-key-rotation").unwrap();
        let expected = [Source::IamCredentialReport, Source::IamAccessKeys];
        assert_eq!(sources([entry]), expected.into());
    }
}
