//! Whether the program did right.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::Value;

use super::program::Run;

/// What came of a fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The report names what is missing.
    Gap,
    /// The report is the same: the program asked again, or does not need it.
    Same,
    /// Nothing can be read at all, and the program says so.
    Nothing,
    /// The demo does not ask for it, or its answer cannot be so.
    NotMet,
    /// What the program did wrong.
    Wrong(String),
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gap => f.write_str("gap"),
            Self::Same => f.write_str("same"),
            Self::Nothing => f.write_str("exit 4"),
            Self::NotMet => f.write_str("–"),
            Self::Wrong(what) => write!(f, "WRONG: {what}"),
        }
    }
}

/// What must come of a fault.
#[derive(Clone, Copy, Debug)]
pub(super) enum Expected {
    /// The same report.
    Same,
    /// A gap of one of these kinds.
    Gap(&'static [&'static str]),
    /// Either.
    GapOrSame(&'static [&'static str]),
    /// Nothing can be read.
    Nothing(&'static str),
}

/// Without who asks, nothing is asked.
const IDENTITY: &str = "sts:GetCallerIdentity";
/// Without the list of regions, others are scanned.
const REGIONS: &str = "ec2:DescribeRegions";
/// A bucket whose region is refused is known to be there.
const LOCATION: &str = "s3:GetBucketLocation";
/// Operations whose refusal is an answer: an organization refuses them to most of its accounts, and S3 refuses to tell
/// where another account's bucket is.
const REFUSED_IN_ANSWER: [&str; 5] = [
    "s3:GetBucketLocation",
    "organizations:DescribePolicy",
    "organizations:ListAccounts",
    "organizations:ListParents",
    "organizations:ListPoliciesForTarget",
];

/// Judges the run of an operation's readers in which it met the fault.
pub(super) fn judge(
    operation: &str,
    readers: &BTreeSet<&str>,
    expected: Expected,
    clean: &Run,
    run: &Run,
) -> Outcome {
    // A service that gives no answer, time after time, is not asked further (`src/collect/call.rs`).
    let service = operation.split(':').next().unwrap_or_default();
    let is_not_sent = |gap: &Value| {
        let of = gap["operation"].as_str().and_then(|other| other.split(':').next());
        of == Some(service) && gap["message"].as_str().is_some_and(|it| it.starts_with("not sent: "))
    };
    let about = |gap: &Value| gap["operation"] == operation || is_not_sent(gap);
    let expected = match expected {
        Expected::Gap(_) if operation == IDENTITY => Expected::Nothing(""),
        other => other,
    };
    let is_refused = matches!(expected, Expected::Gap(kinds) if is_answer(operation, kinds));
    let others = operation == REGIONS || operation == LOCATION && is_refused;
    match of_scan(&about, &|check| readers.contains(check), others, expected, clean, run) {
        Err(wrong) => Outcome::Wrong(wrong),
        Ok(Outcome::Same) if matches!(expected, Expected::Gap(_)) && !is_refused => {
            Outcome::Wrong("nothing is said of what was lost".to_owned())
        }
        Ok(outcome) => outcome,
    }
}

fn is_answer(operation: &str, kinds: &[&str]) -> bool {
    kinds.contains(&"access_denied") && REFUSED_IN_ANSWER.contains(&operation)
}

/// Judges a scan next to the one without a fault: `is_about` tells the gaps that the fault may make, `may_change` the
/// checks whose findings may be others; all may be, where `others` are looked at.
pub(super) fn of_scan(
    is_about: &dyn Fn(&Value) -> bool,
    may_change: &dyn Fn(&str) -> bool,
    others: bool,
    expected: Expected,
    clean: &Run,
    run: &Run,
) -> Result<Outcome, String> {
    if run.ended.is_some()
        || run.code.is_none()
        || run.stderr.contains("panicked")
        || run.stderr.contains("internal error while")
    {
        return Err(run.told());
    }
    if let Expected::Nothing(word) = expected {
        let is_right = run.code == Some(4) && run.stdout.is_empty() && run.stderr.contains(word);
        return if is_right { Ok(Outcome::Nothing) } else { Err(run.told()) };
    }
    let report = run.report().ok_or_else(|| format!("no report: {}", run.told()))?;
    let before = clean.report().ok_or("no report without a fault")?;
    let list = |report: &Value, key: &str| report[key].as_array().cloned().unwrap_or_default();
    let gaps = list(&report, "gaps");
    let (earlier, later) = (by_id(&list(&before, "findings"))?, by_id(&list(&report, "findings"))?);
    let fails = later.values().any(|finding| finding["status"] == "fail");
    let code = if fails { 1 } else { i32::from(!gaps.is_empty()) * 3 };
    if run.code != Some(code) {
        return Err(format!("exit {:?} instead of {code}", run.code));
    }
    if let Some(gap) = gaps.iter().find(|gap| !is_about(gap)) {
        return Err(format!("a gap of another operation: {gap}"));
    }
    if let Expected::Gap(kinds) | Expected::GapOrSame(kinds) = expected
        && let Some(gap) = gaps.iter().find(|gap| !kinds.iter().any(|kind| gap["kind"] == *kind))
    {
        return Err(format!("the gap is of another kind: {gap}"));
    }
    let told = |check: &str| gaps.iter().any(|gap| list(gap, "checks").iter().any(|it| it == check));
    let mut changed = false;
    for (id, finding) in &later {
        let same = earlier.get(id).is_some_and(|earlier| is_same(earlier, finding));
        changed |= !same;
        let check = finding["check"].as_str().unwrap_or_default();
        let is_right = same
            || others
            || may_change(check)
                && match finding["status"].as_str() {
                    // What is known already may decide.
                    Some("fail") => !gaps.is_empty(),
                    Some("unknown") => told(check),
                    _ => false,
                };
        if !is_right {
            let earlier = earlier.get(id).map_or("none", |it| it["status"].as_str().unwrap_or_default());
            return Err(format!(
                "{check} {} was {earlier} and is {}",
                finding["resource"]["id"], finding["status"]
            ));
        }
    }
    for (id, finding) in &earlier {
        let check = finding["check"].as_str().unwrap_or_default();
        if later.contains_key(id) || others {
            continue;
        }
        changed = true;
        if !may_change(check) || gaps.is_empty() {
            return Err(format!("{check} {} vanished", finding["resource"]["id"]));
        }
    }
    match (gaps.is_empty(), expected) {
        (false, Expected::Same) => Err(format!("a gap, although it passes: {}", gaps[0])),
        (false, _) => Ok(Outcome::Gap),
        (true, _) if changed && !others => Err("another report, and no gap".to_owned()),
        (true, _) => Ok(Outcome::Same),
    }
}

/// The same finding, whatever group it is in: groups are of all findings.
fn is_same(a: &Value, b: &Value) -> bool {
    let bare = |finding: &Value| {
        let mut finding = finding.clone();
        if let Some(fields) = finding.as_object_mut() {
            // Ages are as of the scan.
            for field in ["group", "evidence", "message", "first_seen", "fix"] {
                fields.remove(field);
            }
        }
        finding
    };
    bare(a) == bare(b)
}

fn by_id(findings: &[Value]) -> Result<BTreeMap<String, Value>, String> {
    let mut by_id = BTreeMap::new();
    for finding in findings {
        let id = finding["id"].as_str().unwrap_or_default();
        if by_id.insert(id.to_owned(), finding.clone()).is_some() {
            return Err(format!(
                "a finding is told twice: {} {}",
                finding["check"], finding["resource"]["id"]
            ));
        }
    }
    Ok(by_id)
}
