//! Questions about paths: which of them begin or end somewhere, and which are left once findings are mended.

use std::collections::{BTreeSet, HashMap};

use serde::Serialize;

use super::{FixFirst, NodeKind, ReportPath, id_of_path, path_told, stopped_told};
use crate::{
    analysis::{
        paths::{Path, Paths, graph::Node},
        policy::pattern,
    },
    finding::{Finding, Status},
    likeness::nearest,
    page::Lang,
    registry::Evaluation,
};

/// A question about the paths of an account. The default asks for all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// Paths that begin at one of these, outside or where they enter the account: kinds of nodes (`internet`,
    /// `credential`), ids, ARNs, or globs of the latter two. All, where there are none.
    pub from: Vec<String>,
    /// Paths that end at one of these, as above; `admin` is `administrator`.
    pub to: Vec<String>,
    /// Ids of findings that are taken as mended.
    pub without: Vec<String>,
}

/// Which part of a [`Query`] something stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// [`Query::from`].
    From,
    /// [`Query::to`].
    To,
    /// [`Query::without`].
    Without,
}

/// Something in a [`Query`] that names nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unmatched {
    /// Where it stands.
    pub part: Part,
    /// What is written.
    pub text: String,
    /// What is most like it; none where nothing is.
    pub nearest: Option<String>,
}

/// The paths that a [`Query`] asks for, as a [`crate::report::Report`] tells them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Found {
    /// The paths: worst first.
    pub paths: Vec<ReportPath>,
    /// What to change first to cut most of them.
    pub fix_first: Vec<FixFirst>,
    /// Why there may be more paths, where the search stopped.
    #[serde(rename = "paths_incomplete", skip_serializing_if = "Option::is_none")]
    pub incomplete: Option<String>,
    /// How many there are between the same ends as it is, with nothing mended.
    pub before: u64,
    /// The operations to allow to be sure that there are no more, of any ends: sorted.
    pub unread: Vec<String>,
    /// What in the query names no node and no failing finding. It was left out of account.
    #[serde(skip)]
    pub unmatched: Vec<Unmatched>,
}

/// Answers a question about the paths of an evaluation of that account. What is left without some findings is not
/// guessed: the graph is searched again without the edges that they tell of. Nothing is found where no check that tells
/// of paths ran.
#[must_use]
pub fn query(evaluation: &Evaluation, account: &str, query: &Query, lang: Lang) -> Found {
    match &evaluation.paths {
        Some(paths) => found(paths, account, &evaluation.findings, query, lang),
        None => Found::default(),
    }
}

pub(crate) fn found(paths: &Paths, account: &str, findings: &[Finding], query: &Query, lang: Lang) -> Found {
    // What a team says of the finding that tells of a path, it says of the path: an accepted one is not told.
    let of_paths: HashMap<String, &Finding> =
        findings.iter().filter(|it| it.towards.is_some()).map(|finding| (finding.id(), finding)).collect();
    let of = |path: &Path| of_paths.get(&id_of_path(paths, path, account)).copied();
    let (mut unmatched, ends) = (Vec::new(), Ends::of(paths, query));
    ends.unmatched(paths, query, &mut unmatched);
    let is_asked_for = |path: &Path| {
        ends.begins(paths, path)
            && ends.ends(paths, path).is_some()
            && of(path).is_none_or(|finding| finding.status == Status::Fail)
    };
    // A path is no reason for itself.
    let failing = findings.iter().filter(|it| it.status == Status::Fail && !it.check.starts_with("path-"));
    let mut live: Vec<String> = failing.map(Finding::id).collect();
    let before = paths.paths().iter().filter(|path| is_asked_for(path));
    let mut found = Found {
        before: before.count() as u64,
        incomplete: paths.stopped().map(|stopped| stopped_told(stopped, lang)),
        ..Found::default()
    };
    let unknown = findings.iter().filter(|it| it.status == Status::Unknown && it.check.starts_with("path-"));
    let unread: BTreeSet<_> =
        unknown.flat_map(|finding| finding.gaps.iter().map(|gap| &gap.operation)).collect();
    found.unread = unread.into_iter().map(ToString::to_string).collect();
    for id in &query.without {
        if !live.contains(id) {
            let nearest = nearest([id.as_str()], live.iter().map(String::as_str)).map(str::to_owned);
            unmatched.push(Unmatched { part: Part::Without, text: id.clone(), nearest });
        }
    }
    found.unmatched = unmatched;
    let mended: BTreeSet<&str> = query.without.iter().map(String::as_str).collect();
    live.retain(|id| !mended.contains(id.as_str()));
    let searched;
    let left = if mended.is_empty() {
        paths.paths()
    } else {
        searched = paths.without(mended.iter().copied());
        &searched
    };
    let told: Vec<&Path> = left.iter().filter(|path| is_asked_for(path)).collect();
    let fixes = paths.fix_first(&told, &mended, &live).into_iter();
    found.fix_first = fixes
        .map(|fix| FixFirst { finding: fix.finding, cuts: fix.cuts as u64, of: fix.of as u64 })
        .collect();
    let live: BTreeSet<String> = live.into_iter().collect();
    let told = told.into_iter().map(|path| {
        let severity = of(path).map_or(path.severity, |finding| finding.severity);
        let target = ends.ends(paths, path).unwrap_or(path.target);
        ReportPath { severity, ..path_told(paths, path, target, account, &live, lang) }
    });
    found.paths = told.collect();
    found.paths.sort_by_key(|path| std::cmp::Reverse(path.severity));
    found
}

/// The nodes at which paths are to begin and to end; none where all are wanted.
struct Ends {
    from: Option<Vec<bool>>,
    to: Option<Vec<bool>>,
}

impl Ends {
    fn of(paths: &Paths, query: &Query) -> Self {
        let wanted = |written: &[String]| {
            let is_one = |node: &Node| written.iter().any(|written| names(written, node));
            // What names nothing at all asks for nothing.
            (!written.is_empty()).then(|| paths.nodes().iter().map(is_one).collect::<Vec<_>>())
        };
        Self { from: wanted(&query.from), to: wanted(&query.to) }
    }

    fn begins(&self, paths: &Paths, path: &Path) -> bool {
        let Some(from) = &self.from else { return true };
        from[path.entry] || from[paths.source_at(path)]
    }

    /// The node that is asked for among those where the path ends.
    fn ends(&self, paths: &Paths, path: &Path) -> Option<usize> {
        let Some(to) = &self.to else { return Some(path.target) };
        std::iter::once(path.target).chain(paths.others_at(path)).find(|node| to[*node])
    }

    fn unmatched(&self, paths: &Paths, query: &Query, unmatched: &mut Vec<Unmatched>) {
        for (part, written) in [(Part::From, &query.from), (Part::To, &query.to)] {
            for text in written {
                if is_kind(text) || paths.nodes().iter().any(|node| names(text, node)) {
                    continue;
                }
                let known = paths.nodes().iter().flat_map(|node| [node.id.as_str(), node.arn.as_str()]);
                let known =
                    known.chain(NodeKind::ALL.iter().map(|kind| kind.name())).filter(|name| !name.is_empty());
                let nearest = nearest([text.as_str()], known).map(str::to_owned);
                unmatched.push(Unmatched { part, text: text.clone(), nearest });
            }
        }
    }
}

/// What people write for [`NodeKind::Administrator`].
const ADMIN: &str = "admin";

/// Whether it is the name of a kind, with `_` or `-` between the words.
fn is_kind(written: &str) -> bool {
    written == ADMIN || NodeKind::ALL.iter().any(|kind| is_name_of(written, *kind))
}

fn is_name_of(written: &str, kind: NodeKind) -> bool {
    written.replace('-', "_") == kind.name()
}

/// Whether what is written names a node: by its kind, or its id, its ARN, or the last part of that (`role/web`) as a
/// glob.
fn names(written: &str, node: &Node) -> bool {
    if is_name_of(written, node.kind) || written == ADMIN && node.kind == NodeKind::Administrator {
        return true;
    }
    let resource = node.arn.splitn(6, ':').nth(5).unwrap_or_default();
    [node.id.as_str(), node.arn.as_str(), resource]
        .iter()
        .any(|name| !name.is_empty() && pattern::matches(written, name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        analysis::paths::testing::{ADMIN, Account, allow},
        finding::Severity,
        registry,
        settings::Settings,
    };

    /// An instance that leads to administration, and a function that reads two buckets.
    fn evaluated() -> Evaluation {
        let account = Account::new()
            .role("web", "ec2", ADMIN)
            .instance(22, "web")
            .role("job", "lambda", &allow("s3:GetObject", "*"))
            .function("job")
            .bucket("customer-data")
            .bucket("payments");
        let checks: Vec<_> = registry::all().collect();
        registry::evaluate(&checks, &account.0, &Settings::default(), false)
    }

    fn ask(from: &[&str], to: &[&str], without: &[&str]) -> Found {
        let own = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect();
        let asked = Query { from: own(from), to: own(to), without: own(without) };
        query(&evaluated(), "111122223333", &asked, Lang::En)
    }

    fn checks(found: &Found) -> Vec<&str> {
        found.paths.iter().map(|path| path.check.as_str()).collect()
    }

    const BOTH: [&str; 2] = ["path-internet-compute-admin", "path-public-function-data"];

    #[test]
    fn paths_are_asked_for_by_their_ends() {
        assert_eq!(checks(&ask(&[], &[], &[])), BOTH);
        for (from, to, expected) in [
            (&["internet"][..], &[][..], &BOTH[..]),
            (&["i-*"], &[], &BOTH[..1]),
            (&["arn:aws:lambda:*:function:api"], &[], &BOTH[1..]),
            (&["function:api", "i-1"], &[], &BOTH),
            (&["credential"], &[], &[]),
            (&[], &["admin"], &BOTH[..1]),
            (&[], &["administrator"], &BOTH[..1]),
            (&[], &["data-store"], &BOTH[1..]),
            (&[], &["payments"], &BOTH[1..]),
            (&["i-1"], &["payments"], &[]),
            // What lies on the way is no end.
            (&["web"], &[], &[]),
        ] {
            let found = ask(from, to, &[]);
            assert_eq!(checks(&found), expected, "{from:?} {to:?}");
            assert_eq!((found.before as usize, &found.unmatched[..]), (expected.len(), &[][..]));
        }
    }

    #[test]
    fn the_target_that_is_asked_for_is_the_one_that_is_told() {
        let [whole, one] = [&[][..], &["payments"]].map(|to| ask(&["api"], to, &[]).paths.remove(0));
        assert_eq!((whole.target.id.as_str(), one.target.id.as_str()), ("customer-data", "payments"));
        assert_eq!((whole.id, whole.resources), (one.id, one.resources));
        assert_eq!(one.steps.last().map(|step| step.to.id.as_str()), Some("payments"));
    }

    #[test]
    fn what_names_nothing_is_told_with_the_nearest() {
        let told = |from: &[&str], to: &[&str], without: &[&str]| {
            let found = ask(from, to, without);
            let [Unmatched { part, text, nearest }] = &found.unmatched[..] else { panic!("{found:?}") };
            (*part, text.clone(), nearest.clone())
        };
        let near = |part, text: &str, nearest: Option<&str>| (part, text.into(), nearest.map(Into::into));
        assert_eq!(told(&["intenet"], &[], &[]), near(Part::From, "intenet", Some("internet")));
        assert_eq!(told(&[], &["payment"], &[]), near(Part::To, "payment", Some("payments")));
        assert_eq!(told(&[], &["zzz"], &[]), near(Part::To, "zzz", None));
        let (part, _, nearest) = told(&[], &[], &["0"]);
        assert_eq!((part, nearest), (Part::Without, None));
        assert_eq!(checks(&ask(&[], &[], &["0"])), BOTH, "it cuts nothing");
    }

    #[test]
    fn what_could_not_be_read_is_told() {
        let account = Account::new().change(|it| it.iam.authorization = crate::testing::denied());
        let checks: Vec<_> = registry::all().collect();
        let evaluation = registry::evaluate(&checks, &account.0, &Settings::default(), false);
        let found = query(&evaluation, "111122223333", &Query::default(), Lang::En);
        assert_eq!((found.paths.len(), &found.unread[..]), (0, &["test:Operation".to_owned()][..]));
        assert!(ask(&[], &[], &[]).unread.is_empty());
    }

    #[test]
    fn what_is_left_is_searched_again() {
        let all = ask(&[], &[], &[]);
        let fixes: Vec<_> = all.fix_first.iter().map(|fix| fix.finding.as_str()).collect();
        assert_eq!(fixes.len(), 2);
        let one = ask(&[], &[], &fixes[..1]);
        assert_eq!((checks(&one).len(), one.before), (1, 2));
        assert_eq!(one.fix_first.iter().map(|fix| (fix.cuts, fix.of)).collect::<Vec<_>>(), [(1, 1)]);
        assert!(one.fix_first[0].finding != fixes[0]);
        assert!(
            one.paths.iter().flat_map(|it| &it.steps).all(|it| !it.findings.contains(&fixes[0].to_owned()))
        );
        let none = ask(&[], &[], &fixes);
        assert_eq!((checks(&none).len(), none.before, none.fix_first.len()), (0, 2, 0));
        assert_eq!(all.paths[0].severity, Severity::Critical);
    }
}
