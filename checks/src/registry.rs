//! The registry: every check with its pages; selection; evaluation.

use std::{
    collections::BTreeSet,
    rc::Rc,
    sync::{Arc, LazyLock, PoisonError, RwLock},
};

use crate::{
    analysis::{
        Analyses,
        paths::{Paths, crossing::Crossing},
    },
    catalog,
    check::{Context, Entry},
    finding::{Finding, Status},
    score::CheckResult,
    settings::Settings,
    snapshot::Snapshot,
    source::Source,
    triage::tuning::Tuning,
};

/// The checks that were added to those of this crate.
static ADDED: RwLock<Vec<&'static Entry>> = RwLock::new(Vec::new());

/// Adds checks that files define; from then on they are among [`all`], for this process. They are never freed: a check
/// is named by many for as long as the process runs, and is loaded once.
///
/// # Errors
/// The id that a check has already, and adds none then.
pub fn add(entries: Vec<Entry>) -> Result<(), &'static str> {
    let mut added = ADDED.write().unwrap_or_else(PoisonError::into_inner);
    let mut ids: BTreeSet<_> = built_in().iter().chain(added.iter().copied()).map(|it| it.check.id).collect();
    if let Some(taken) = entries.iter().find(|entry| !ids.insert(entry.check.id)) {
        return Err(taken.check.id);
    }
    added.extend(entries.into_iter().map(|entry| &*Box::leak(Box::new(entry))));
    Ok(())
}

/// Every check: those of this crate, by id, then those that were added.
pub fn all() -> impl Iterator<Item = &'static Entry> {
    built_in().iter().chain(ADDED.read().unwrap_or_else(PoisonError::into_inner).clone())
}

/// The checks of this crate, by id.
pub fn built_in() -> &'static [Entry] {
    static ALL: LazyLock<Vec<Entry>> = LazyLock::new(|| {
        let mut all: Vec<_> = catalog::SERVICES.iter().flat_map(|checks| checks()).collect();
        all.sort_by_key(|entry| entry.check.id);
        all
    });
    &ALL
}

/// The check of that id.
#[must_use]
pub fn find(id: &str) -> Option<&'static Entry> {
    let built_in = built_in();
    match built_in.binary_search_by(|entry| entry.check.id.cmp(id)) {
        Ok(at) => Some(&built_in[at]),
        Err(_) => {
            let added = ADDED.read().unwrap_or_else(PoisonError::into_inner);
            added.iter().copied().find(|entry| entry.check.id == id)
        }
    }
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
    /// The attack paths, where a check that tells of them ran.
    pub paths: Option<Arc<Paths>>,
    /// What the account adds to chains over accounts, where a check that tells of attack paths ran.
    pub crossing: Option<Crossing>,
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
    evaluate_tuned(checks, snapshot, &settings.clone().into(), keep_passed)
}

/// As [`evaluate`], with settings that are not the same for every resource.
#[must_use]
pub fn evaluate_tuned(
    checks: &[&'static Entry],
    snapshot: &Snapshot,
    tuning: &Tuning,
    keep_passed: bool,
) -> Evaluation {
    let mut findings = Vec::new();
    let mut results = Vec::new();
    let analyses = Rc::new(Analyses::of(snapshot));
    for entry in checks {
        let check = entry.check;
        let (of_check, passes) = Context::run(check, snapshot, tuning, &analyses, keep_passed);
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
    let paths = analyses.known_paths();
    let crossing = paths.as_ref().map(|paths| Crossing::of(snapshot, tuning, &analyses, paths));
    Evaluation { findings, results, paths, crossing }
}

/// Worst first, then by check, region, resource and where it leads: no two findings are the same in all of these.
pub(crate) fn sort(findings: &mut [Finding]) {
    let key = |finding: &Finding| (finding.status, std::cmp::Reverse(finding.severity), finding.check);
    findings.sort_unstable_by(|a, b| {
        key(a).cmp(&key(b)).then_with(|| {
            let (left, right) = (&a.resource, &b.resource);
            (&left.region, &left.kind, &left.id, &a.towards).cmp(&(
                &right.region,
                &right.kind,
                &right.id,
                &b.towards,
            ))
        })
    });
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, fs, path::Path};

    use super::*;
    use crate::{framework, page::Lang, testing};

    /// Every file under `catalog/SERVICE/` with that ending, but for the services' own, e.g. `iam/root_mfa`.
    fn catalog_files(ending: &str) -> BTreeSet<String> {
        let mut files = BTreeSet::new();
        let catalog = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/catalog");
        for service in fs::read_dir(catalog).unwrap().map(|entry| entry.unwrap().path()) {
            if !service.is_dir() {
                continue;
            }
            let directory = service.file_name().unwrap().to_str().unwrap();
            for file in fs::read_dir(&service).unwrap() {
                let name = file.unwrap().file_name().into_string().unwrap();
                let stem = name.strip_suffix(ending).filter(|stem| !stem.contains('.') && *stem != "mod");
                files.extend(stem.map(|stem| format!("{directory}/{stem}")));
            }
        }
        files
    }

    /// The file that declares the check, as `catalog_files` names it.
    fn file_of(entry: &Entry) -> String {
        entry.module.split_once("::catalog::").unwrap().1.replace("::", "/")
    }

    /// The files of checks and families, with what each declares.
    fn declared() -> BTreeMap<String, Vec<&'static str>> {
        let mut files = BTreeMap::<_, Vec<_>>::new();
        for entry in all() {
            files.entry(file_of(entry)).or_default().push(entry.check.id);
        }
        files
    }

    /// A file of the catalog; nothing where there is none.
    fn code(file: &str) -> String {
        let path = format!("{}/src/catalog/{file}.rs", env!("CARGO_MANIFEST_DIR"));
        fs::read_to_string(path).unwrap_or_default()
    }

    #[test]
    fn every_file_is_a_check_and_every_page_belongs_to_one() {
        let ids: BTreeSet<_> = all().map(|entry| entry.check.id).collect();
        assert_eq!(ids.len(), all().count(), "two checks with one id");
        let files = declared();
        for ending in [".rs", ".md", ".ja.md"] {
            assert!(catalog_files(ending).iter().eq(files.keys()), "files ending in {ending}");
        }
        for (file, ids) in files {
            let service = file.split('/').next().unwrap().replace('_', "-");
            let is_its = |id: &&str| id.strip_prefix(&service).is_some_and(|rest| rest.starts_with('-'));
            assert!(ids.iter().all(is_its), "{ids:?} in {file}");
            let is_called_so = |id: &str| id == file.replace(['/', '_'], "-");
            assert!(ids.len() > 1 || is_called_so(ids[0]), "{ids:?} in {file}");
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
        for (file, ids) in declared() {
            // Where a file would be too long, its tests are beside it: CHECK/tests.rs.
            let code = code(&file) + &code(&format!("{file}/tests"));
            let code: String = code.split_whitespace().collect();
            // A family's tests go through its table.
            let check = if ids.len() > 1 { "check" } else { "&CHECK" };
            // A finding of another tool is there or it is not.
            let only_tells = file == "access_analyzer/findings";
            for proof in ["fails", "passes"].into_iter().filter(|it| !only_tells || *it != "passes") {
                let proof = format!("{proof}({check},");
                assert!(code.contains(&proof), "{file} has no test with {proof} …)");
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
        let mut seen = BTreeSet::new();
        for part in framework::all().iter().flat_map(|it| &it.controls).flat_map(|it| it.parts()) {
            if let Some(kind) = &part.kind {
                let mut of_check = findings.iter().filter(|finding| finding.check == part.check);
                assert!(of_check.any(|finding| finding.types.contains(&kind.as_str())), "{part}");
                seen.insert(part);
            }
            if let Some(aspect) = &part.aspect {
                let file = file_of(find(&part.check).unwrap());
                let service = file.split('/').next().unwrap();
                // What a service's checks share stands in its `mod.rs`.
                let code = code(&file) + &code(&format!("{service}/mod"));
                assert!(code.contains(&format!("\"{aspect}\"")), "{part}");
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
