//! The registry: every check with its pages; selection; evaluation.

use std::{collections::BTreeSet, rc::Rc};

use crate::{
    analysis::Analyses,
    catalog,
    check::{Context, Entry},
    finding::{Finding, Status},
    score::CheckResult,
    settings::Settings,
    snapshot::Snapshot,
    source::Source,
};

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
    pub results: Vec<CheckResult<'static>>,
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
        results.push(CheckResult {
            check: check.id,
            severity: check.severity,
            passes,
            others: others.collect(),
        });
        findings.extend(of_check);
    }
    sort(&mut findings);
    Evaluation { findings, results }
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
    use crate::{framework, page::Lang, testing};

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
                let last = page.body.lines().last();
                assert!(last.is_some_and(|line| line.starts_with("- [")), "references of {}", entry.check.id);
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
    fn every_check_is_proven_failing_and_passing() {
        for (service, file) in catalog_files(".rs").into_iter().filter(|(_, file)| file != "mod") {
            let path = format!("{}/src/catalog/{service}/{file}.rs", env!("CARGO_MANIFEST_DIR"));
            // Where a file would be too long, its tests are beside it: CHECK/tests.rs.
            let beside = fs::read_to_string(path.replace(".rs", "/tests.rs")).unwrap_or_default();
            let code = fs::read_to_string(&path).unwrap() + &beside;
            let code: String = code.split_whitespace().collect();
            // A finding of another tool is there or it is not.
            let only_tells = id_of(&service, &file) == "access-analyzer-findings";
            for proof in ["fails", "passes"].into_iter().filter(|it| !only_tells || *it != "passes") {
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
        testing::forget(&mut unread, Source::all());
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
    fn types_and_aspects_in_frameworks_are_named_by_their_checks() {
        let checks: Vec<_> = all().collect();
        // A check that cannot read its lists names every type that they can hold.
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
                let named = files.iter().filter(|(of, _)| of == service).any(|(service, file)| {
                    let path = format!("{}/src/catalog/{service}/{file}.rs", env!("CARGO_MANIFEST_DIR"));
                    let is_its = file == "mod" || id_of(service, file) == part.check;
                    is_its && fs::read_to_string(path).unwrap().contains(&format!("\"{aspect}\""))
                });
                assert!(named, "{part}");
                seen.insert(part);
            }
        }
        assert!(seen.len() > 20, "{seen:?}");
    }

    #[test]
    fn needed_sources_are_added() {
        let entry = find("iam-access-key-rotation").unwrap();
        let expected = [Source::IamCredentialReport, Source::IamAccessKeys];
        assert_eq!(sources([entry]), expected.into());
    }
}
