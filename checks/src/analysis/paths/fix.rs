//! What to change first: the findings whose mending cuts most paths, the worst paths weighing most. Not guessed: the
//! graph is searched again without the edges that a finding tells of.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::{MOST_PATHS, Path, Paths, kind_of, search};
use crate::finding::Severity;

/// So many changes are told.
const MOST_FIXES: usize = 5;

/// So many findings are tried, those on the most paths: each costs a search.
const MOST_TRIED: usize = 16;

/// A change, and what it cuts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// The id of the finding to mend.
    pub finding: String,
    /// How many paths are gone with it that those before it leave.
    pub cuts: usize,
    /// How many paths there are.
    pub of: usize,
}

/// What a path weighs.
const fn weight(severity: Severity) -> u64 {
    match severity {
        Severity::Critical => 100,
        Severity::High => 20,
        Severity::Medium => 4,
        Severity::Low | Severity::Info => 1,
    }
}

/// What a path is, whatever way it takes.
type Key<'p> = (&'static str, usize, &'p str);

fn key(path: &Path) -> Key<'_> {
    (kind_of(path.check, path.impact), path.entry, &path.towards)
}

impl Paths {
    /// The paths that are left once these findings are mended, by their ids.
    #[must_use]
    pub fn without<'f>(&self, findings: impl IntoIterator<Item = &'f str>) -> Vec<Path> {
        let mended: BTreeSet<&str> = findings.into_iter().collect();
        let mut left = search::search(&self.graph, &self.entries, &self.cut_by(&mended)).paths;
        left.truncate(MOST_PATHS);
        left
    }

    fn cut_by(&self, mended: &BTreeSet<&str>) -> HashSet<usize> {
        let edges = self.graph.edges.iter().enumerate();
        let cut = edges.filter(|(_, edge)| edge.findings.iter().any(|id| mended.contains(id.as_str())));
        cut.map(|(at, _)| at).collect()
    }

    /// What to change first, among these findings, to cut these paths, which are left once some are mended; of two that
    /// cut as much, the one that stands before the other.
    #[must_use]
    pub fn fix_first(&self, unwanted: &[&Path], mended: &BTreeSet<&str>, findings: &[String]) -> Vec<Fix> {
        let places: HashMap<&str, usize> =
            findings.iter().enumerate().map(|(at, id)| (id.as_str(), at)).collect();
        let all: BTreeMap<Key<'_>, u64> =
            unwanted.iter().map(|path| (key(path), weight(path.severity))).collect();
        let mut candidates: BTreeMap<&str, u64> = BTreeMap::new();
        for path in unwanted {
            let on_it = path.edges.iter().flat_map(|edge| &self.graph.edges[*edge].findings);
            let on_it: BTreeSet<&str> = on_it.map(String::as_str).collect();
            for id in on_it.into_iter().filter(|id| places.contains_key(id)) {
                *candidates.entry(id).or_default() += weight(path.severity);
            }
        }
        let mut candidates: Vec<_> = candidates.into_iter().collect();
        candidates.sort_by_key(|(id, weight)| (std::cmp::Reverse(*weight), places.get(id)));
        candidates.truncate(MOST_TRIED);
        // What a finding cut when it was last tried is about the most that it cuts beside others: who cut less need not
        // be tried again. What is told is what was tried.
        let (mut fixes, mut mended, mut left) = (Vec::new(), mended.clone(), all.clone());
        while fixes.len() < MOST_FIXES && !left.is_empty() {
            let mut best: Option<(u64, usize, Vec<Key<'_>>)> = None;
            for (at, (id, most)) in candidates.iter_mut().enumerate() {
                if best.as_ref().is_some_and(|(weight, ..)| *weight >= *most) {
                    break;
                }
                let with: BTreeSet<&str> = mended.iter().copied().chain([*id]).collect();
                let remaining = search::search(&self.graph, &self.entries, &self.cut_by(&with)).paths;
                let remaining: BTreeSet<_> = remaining.iter().map(key).collect();
                let gone: Vec<_> = left.keys().filter(|key| !remaining.contains(*key)).copied().collect();
                let weight = gone.iter().filter_map(|key| left.get(key)).sum();
                *most = weight;
                if best.as_ref().is_none_or(|(before, ..)| weight > *before) {
                    best = Some((weight, at, gone));
                }
            }
            let Some((_, at, gone)) = best.filter(|(weight, ..)| *weight > 0) else { break };
            let (id, _) = candidates.remove(at);
            // The sort keeps the order of those that cut as much.
            candidates.sort_by_key(|(_, weight)| std::cmp::Reverse(*weight));
            for key in &gone {
                left.remove(key);
            }
            mended.insert(id);
            fixes.push(Fix { finding: id.to_owned(), cuts: gone.len(), of: all.len() });
        }
        fixes
    }
}
