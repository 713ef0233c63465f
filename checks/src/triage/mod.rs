//! What a team has decided about what checks say: findings that it accepts (`[[suppress]]`), severities that it sees
//! otherwise (`[[severity]]`), limits that are not the same everywhere (`[[override]]`). `docs/suppressions.md` has the
//! rules. Suppressions and severities work on an [`Evaluation`], before anything is counted; overrides work while
//! checks judge ([`tuning`]).

mod entry;
mod notice;
pub mod tuning;

use std::collections::{BTreeMap, BTreeSet};

use jiff::{civil::Date, tz::TimeZone};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use self::{
    entry::{MESSAGES, Move, Override, Suppress, Suppressions, Tag, Where},
    notice::Notice,
};
use crate::{
    analysis::policy::pattern,
    finding::{Finding, Resource, Status},
    likeness::nearest,
    registry::{self, Evaluation},
    score::Outcome,
    snapshot::Snapshot,
};

/// Who accepted a finding, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Suppressed {
    /// Why it is accepted.
    pub reason: String,
    /// Who answers for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// The last day on which it is accepted (UTC); none for good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub expires: Option<Date>,
    /// Where it was discussed: an `https` address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<String>,
    /// The file, and the line in it at which the entry begins, e.g. `aws-audit.toml:12`.
    pub source: String,
}

/// An entry, and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Placed<T> {
    /// The entry.
    pub entry: T,
    /// The file and the line, e.g. `suppressions/network.toml:1`.
    pub source: String,
}

/// What the configuration says about findings.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rules {
    /// What is accepted. Of several that match, the first one that has not expired is told.
    pub suppress: Vec<Placed<Suppress>>,
    /// Severities that are seen otherwise. Of several that match, the first one holds.
    pub severity: Vec<Placed<Move>>,
}

/// Applies the rules to what the checks said of an account.
///
/// An entry is judged as of when the scan began, so that a snapshot gives the same report on every day. `passed` gives
/// all findings of some checks, those that pass too; it is asked only to find out what an entry that matches nothing
/// may have meant.
pub fn apply(
    evaluation: &mut Evaluation,
    rules: &Rules,
    snapshot: &Snapshot,
    passed: impl FnOnce(&BTreeSet<&'static str>) -> Vec<Finding>,
) -> Vec<Notice> {
    if rules.suppress.is_empty() && rules.severity.is_empty() {
        return Vec::new();
    }
    move_severities(evaluation, &rules.severity, &snapshot.account.id);
    let today = TimeZone::UTC.to_datetime(snapshot.started_at).date();
    let matched = suppress(evaluation, &rules.suppress, today);
    let mut of_check: BTreeMap<&str, Vec<Outcome>> = BTreeMap::new();
    for finding in evaluation.findings.iter().filter(|finding| finding.status != Status::Pass) {
        of_check.entry(finding.check).or_default().push(finding.into());
    }
    for result in &mut evaluation.results {
        result.others = of_check.remove(result.check).unwrap_or_default();
    }
    registry::sort(&mut evaluation.findings);
    notices(evaluation, rules, &matched, today, snapshot, passed)
}

fn move_severities(evaluation: &mut Evaluation, moves: &[Placed<Move>], account: &str) {
    for finding in &mut evaluation.findings {
        let about = moves.iter().find(|placed| placed.entry.about.is_about(finding));
        if let Some(Placed { entry, .. }) = about.filter(|placed| placed.entry.to != finding.severity) {
            finding.severity = entry.to;
            finding.severity_reason = Some(entry.reason.clone());
        }
    }
    for result in &mut evaluation.results {
        // A check that is seen otherwise as a whole also weighs otherwise.
        let whole = moves.iter().find(|placed| placed.entry.about.is_all_of(result.check, account));
        if let Some(Placed { entry, .. }) = whole {
            result.severity = entry.to;
        }
    }
}

/// How many findings each entry matches.
fn suppress(evaluation: &mut Evaluation, entries: &[Placed<Suppress>], today: Date) -> Vec<usize> {
    let mut matched = vec![0; entries.len()];
    for finding in evaluation.findings.iter_mut().filter(|finding| finding.status != Status::Pass) {
        let mut suppressed = None;
        for (at, Placed { entry, source }) in entries.iter().enumerate() {
            if !entry.about.is_about(finding) {
                continue;
            }
            matched[at] += 1;
            if suppressed.is_none() && !entry.has_expired(today) {
                suppressed = Some(entry.told(source));
            }
        }
        // What could not be read stays unknown: nobody can accept what nobody has seen.
        if suppressed.is_some() && finding.status == Status::Fail {
            finding.status = Status::Suppressed;
        }
        finding.suppressed = suppressed.map(Box::new);
    }
    matched
}

fn notices(
    evaluation: &Evaluation,
    rules: &Rules,
    matched: &[usize],
    today: Date,
    snapshot: &Snapshot,
    passed: impl FnOnce(&BTreeSet<&'static str>) -> Vec<Finding>,
) -> Vec<Notice> {
    let mut notices = Vec::new();
    let mut unmatched = Vec::new();
    for (Placed { entry, source }, count) in rules.suppress.iter().zip(matched) {
        notices.extend(unknown_checks(&entry.about, source, true));
        match entry.expires.filter(|expires| *expires < today) {
            Some(expires) => {
                notices.push(Notice::Expired { source: source.clone(), expires, findings: *count })
            }
            None if *count == 0 && is_decided(&entry.about, evaluation, snapshot) => {
                unmatched.push((&entry.about, source));
            }
            None => {}
        }
    }
    for Placed { entry, source } in &rules.severity {
        notices.extend(unknown_checks(&entry.about, source, false));
    }
    if unmatched.is_empty() {
        return notices;
    }
    let named = |check: &&str| unmatched.iter().any(|(about, _)| about.names_check(check));
    let checks: BTreeSet<_> = evaluation.results.iter().map(|result| result.check).filter(named).collect();
    let findings = passed(&checks);
    notices.extend(unmatched.into_iter().enumerate().map(|(at, (about, source))| {
        let of_checks = findings.iter().filter(|finding| about.names_check(finding.check));
        let pattern = about.resources.first().cloned();
        let is_fine = of_checks.clone().any(|finding| about.is_about(finding));
        let is_guessed = !is_fine && at < MOST_GUESSES;
        let nearest = if is_guessed { nearest_resource(&about.resources, of_checks) } else { None };
        Notice::Unmatched { source: source.clone(), pattern, is_fine, nearest }
    }));
    notices
}

/// Patterns that name no check there is.
fn unknown_checks(about: &Where, source: &str, suppresses: bool) -> Vec<Notice> {
    let ids: Vec<_> = registry::all().map(|entry| entry.check.id).collect();
    let unknown = about.checks.iter().filter(|glob| !ids.iter().any(|id| pattern::matches(glob, id)));
    unknown
        .map(|glob| Notice::NoCheck {
            source: source.to_owned(),
            pattern: glob.clone(),
            nearest: nearest([glob.as_str()], ids.iter().copied()).map(str::to_owned),
            suppresses,
        })
        .collect()
}

/// Whether the scan has seen everything that the entry is about: otherwise it may match what was not seen.
fn is_decided(about: &Where, evaluation: &Evaluation, snapshot: &Snapshot) -> bool {
    let ran: BTreeSet<_> = evaluation.results.iter().map(|result| result.check).collect();
    let named = registry::all().filter(|entry| about.names_check(entry.check.id));
    let mut usual = named.filter(|entry| entry.runs_by_default);
    let names_any = ran.iter().any(|id| about.names_check(id));
    let regions = &mut snapshot.regions.keys().map(String::as_str).chain([entry::GLOBAL]);
    let unknown = |finding: &Finding| {
        finding.status == Status::Unknown
            && about.names_check(finding.check)
            && about.names_region(finding.resource.region.as_deref())
    };
    // Of those that a glob names, one that did not run leaves it open; one that seldom runs does not.
    usual.all(|entry| ran.contains(entry.check.id))
        && names_any
        && about.names_account(&snapshot.account.id)
        && regions.any(|region| about.names_region((region != entry::GLOBAL).then_some(region)))
        && (about.resources.is_empty() || about.resources.iter().any(|it| may_be_here(it, snapshot)))
        && !evaluation.findings.iter().any(unknown)
}

/// Whether the scan can have seen what a pattern names: not what an ARN puts into another account or region.
fn may_be_here(pattern: &str, snapshot: &Snapshot) -> bool {
    let Some(arn) = pattern.strip_prefix("arn:") else { return true };
    let mut parts = arn.split(':').skip(2);
    let (region, account) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let is_open = |part: &str| part.is_empty() || part.contains(['*', '?']);
    (is_open(region) || snapshot.regions.contains_key(region))
        && (is_open(account) || account == snapshot.account.id)
}

/// Entries for which the nearest resource is looked for, and patterns of each: it is compared with every resource, and
/// who has more such entries has another problem than a slip of the pen.
const MOST_GUESSES: usize = 20;

fn nearest_resource<'a>(
    patterns: &[String],
    findings: impl Iterator<Item = &'a Finding> + Clone,
) -> Option<String> {
    let names = findings.flat_map(|finding| {
        let Resource { id, arn, .. } = &finding.resource;
        [id.as_str(), arn.as_str()]
    });
    nearest(patterns.iter().take(MOST_GUESSES).map(String::as_str), names).map(str::to_owned)
}

#[cfg(test)]
mod tests;
