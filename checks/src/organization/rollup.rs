//! From accounts' reports to the organization's.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use super::{
    AccountLine, BySeverity, Cell, CheckAcross, ControlAcross, Kind, Membership, Missing, OrganizationReport,
    Reason, SCHEMA_VERSION, SharedCause, Standing, Unit, UnitReport,
    chains::{self, Member},
    governance,
};
use crate::{
    finding::{Severity, Status},
    page::Lang,
    report::{self, Report, Tool},
    score::LEAST_JUDGED,
};

/// Why a report was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The account has a report already, or is there twice.
    Duplicate {
        /// The account.
        account: String,
        /// The file of the report that was taken.
        first: String,
    },
    /// It is of another run.
    OtherScan {
        /// The run of this report; none where it is of none.
        found: Option<String>,
        /// The run of the others.
        wanted: Option<String>,
        /// A file of the others; none where a plan says it.
        file: Option<String>,
    },
    /// It is scored along another framework.
    OtherFramework {
        /// This report's.
        found: String,
        /// The others'.
        wanted: String,
    },
    /// It is of another version of the format.
    OtherVersion {
        /// This report's.
        found: u32,
    },
    /// The plan does not have the account.
    NotPlanned {
        /// The account.
        account: String,
    },
    /// It names no account.
    NoAccount,
}

/// Takes accounts' reports, one after the other and in any order, and makes the organization's report.
#[derive(Debug, Default)]
pub struct Rollup {
    /// The run, once it is known.
    scan: Option<Option<String>>,
    first_file: Option<String>,
    organization: Option<String>,
    management_account: Option<String>,
    framework: Option<String>,
    /// Ids and titles of the framework's controls.
    controls: Vec<(String, String)>,
    /// Accounts that must have a report, by id; none where no plan says which.
    planned: Option<BTreeMap<String, super::Item>>,
    lines: BTreeMap<String, AccountLine>,
    missing: BTreeMap<String, Missing>,
    checks: BTreeMap<String, Across>,
    causes: BTreeMap<(String, String), Across>,
    /// What chains over accounts need to know of each.
    members: BTreeMap<String, Member>,
    /// The services that accounts administer for the organization, by account.
    delegated: BTreeMap<String, Vec<String>>,
    /// What tells of the organization as a whole.
    gathered: governance::Gathered,
    lang: Lang,
}

/// What fails in several accounts.
#[derive(Debug)]
struct Across {
    title: String,
    /// The account that the title is from: the lowest, so that the order of reports does not matter.
    title_from: String,
    severity: Severity,
    findings: u64,
    antipatterns: Vec<u32>,
    checks: BTreeSet<String>,
    accounts: BTreeSet<String>,
}

impl Across {
    fn new(title: &str, account: &str, severity: Severity) -> Self {
        Self {
            title: title.to_owned(),
            title_from: account.to_owned(),
            severity,
            findings: 0,
            antipatterns: Vec::new(),
            checks: BTreeSet::new(),
            accounts: BTreeSet::new(),
        }
    }

    fn seen(&mut self, title: &str, account: &str, severity: Severity, findings: u64) {
        if account < self.title_from.as_str() {
            title.clone_into(&mut self.title);
            account.clone_into(&mut self.title_from);
        }
        self.severity = self.severity.max(severity);
        self.findings += findings;
        if !self.accounts.contains(account) {
            self.accounts.insert(account.to_owned());
        }
    }
}

impl Rollup {
    /// Of these accounts: those of which no report is taken are told as missing.
    #[must_use]
    pub fn planned(items: impl IntoIterator<Item = super::Item>) -> Self {
        let planned: BTreeMap<_, _> = items.into_iter().map(|item| (item.account.clone(), item)).collect();
        let first = planned.values().next();
        let of_first = |get: fn(&super::Item) -> Option<&String>| first.and_then(get).cloned();
        Self {
            scan: first.map(|item| Some(item.scan.clone())),
            organization: of_first(|item| item.organization.as_ref()),
            management_account: of_first(|item| item.management_account.as_ref()),
            delegated: planned
                .values()
                .filter(|item| !item.delegated_services.is_empty())
                .map(|item| (item.account.clone(), item.delegated_services.clone()))
                .collect(),
            planned: Some(planned),
            ..Self::default()
        }
    }

    /// The same, with what it says of its own in that language; of accounts it says what their reports say.
    #[must_use]
    pub fn told_in(mut self, lang: Lang) -> Self {
        self.lang = lang;
        self
    }

    /// Whether the account has its report.
    #[must_use]
    pub fn has(&self, account: &str) -> bool {
        self.lines.contains_key(account)
    }

    /// Takes a report, which is in that file.
    ///
    /// # Errors
    /// Why it does not belong to the others; nothing of it is taken then.
    pub fn add(
        &mut self,
        report: &Report,
        membership: Option<&Membership>,
        file: &str,
    ) -> Result<(), Refused> {
        let account = report.account.id.as_str();
        self.accept(report, membership)?;
        if self.first_file.is_none() {
            self.first_file = Some(file.to_owned());
            self.scan.get_or_insert_with(|| membership.map(|it| it.scan.clone()));
            self.framework = Some(report.score.framework.clone());
            let controls = report.score.controls.iter();
            self.controls = controls.map(|control| (control.id.clone(), control.title.clone())).collect();
        }
        if let Some(membership) = membership {
            let Membership { organization, management_account, delegated_services, .. } = membership;
            if !delegated_services.is_empty() {
                self.delegated.insert(account.to_owned(), delegated_services.clone());
            }
            self.organization = self.organization.take().or_else(|| organization.clone());
            self.management_account = self.management_account.take().or_else(|| management_account.clone());
        }
        self.failures(report);
        let item = self.planned.as_ref().and_then(|planned| planned.get(account));
        let (name, units) = match (item, membership) {
            (Some(item), _) => (item.name.clone(), item.units.clone()),
            (None, Some(membership)) => (membership.name.clone(), membership.units.clone()),
            (None, None) => (None, Vec::new()),
        };
        let of_report = report.cross_account.as_deref().and_then(|it| it.management_account.as_deref());
        self.gathered.add(report, self.management_account.as_deref().or(of_report));
        let member = Member {
            part: report.cross_account.as_deref().cloned(),
            partition: report.account.partition.clone(),
            at: report.started_at,
            organization: membership.and_then(|it| it.organization.clone()),
            units: units.clone(),
        };
        self.members.insert(account.to_owned(), member);
        self.lines.insert(account.to_owned(), line(report, name, units, file));
        self.missing.remove(account);
        Ok(())
    }

    fn accept(&self, report: &Report, membership: Option<&Membership>) -> Result<(), Refused> {
        let account = report.account.id.as_str();
        if report.schema_version != report::SCHEMA_VERSION {
            return Err(Refused::OtherVersion { found: report.schema_version });
        }
        if !super::is_account_id(account) {
            return Err(Refused::NoAccount);
        }
        let found = membership.map(|it| it.scan.clone());
        if let Some(wanted) = self.scan.as_ref().filter(|scan| **scan != found) {
            return Err(Refused::OtherScan { found, wanted: wanted.clone(), file: self.first_file.clone() });
        }
        if let Some(line) = self.lines.get(account) {
            return Err(Refused::Duplicate { account: account.to_owned(), first: line.report.clone() });
        }
        if self.planned.as_ref().is_some_and(|planned| !planned.contains_key(account)) {
            return Err(Refused::NotPlanned { account: account.to_owned() });
        }
        match &self.framework {
            Some(wanted) if *wanted != report.score.framework => {
                Err(Refused::OtherFramework { found: report.score.framework.clone(), wanted: wanted.clone() })
            }
            _ => Ok(()),
        }
    }

    /// Notes that an account has no report, and why. A report of it, before or after, goes before that.
    pub fn miss(&mut self, missing: Missing) {
        if !self.has(&missing.account) {
            self.missing.insert(missing.account.clone(), missing);
        }
    }

    fn failures(&mut self, report: &Report) {
        let account = report.account.id.as_str();
        let fails = |finding: &&report::ReportFinding| finding.status == Status::Fail;
        for finding in report.findings.iter().filter(fails) {
            let across = self
                .checks
                .entry(finding.check.clone())
                .or_insert_with(|| Across::new(&finding.title, account, finding.severity));
            across.seen(&finding.title, account, finding.severity, 1);
            for number in &finding.antipatterns {
                if !across.antipatterns.contains(number) {
                    across.antipatterns.push(*number);
                }
            }
        }
        for group in &report.groups {
            let key = everywhere(&group.key, account);
            // What is one with its check, or with the account, is told by the check already.
            if group.cause == "check" || key == "*" {
                continue;
            }
            let title = group.title.replace(account, "*");
            let across = self
                .causes
                .entry((group.cause.clone(), key))
                .or_insert_with(|| Across::new(&title, account, group.severity));
            across.seen(&title, account, group.severity, group.findings.len() as u64);
            across.checks.extend(group.checks.iter().cloned());
        }
    }

    /// The report of the organization. `missing` tells what is to be said of a planned account of which there is
    /// nothing at all.
    #[must_use]
    pub fn finish(mut self, missing: impl Fn(&super::Item) -> Missing) -> OrganizationReport {
        for (account, item) in self.planned.iter().flatten() {
            if !self.lines.contains_key(account) && !self.missing.contains_key(account) {
                self.missing.insert(account.clone(), missing(item));
            }
        }
        let chains::Found { chains, incomplete } = self.chains();
        let governance = self.gathered.finish(self.manages().as_deref(), &self.delegated, self.lang);
        let count = self.controls.len();
        let mut whole = Sum::new(count);
        let mut units: BTreeMap<Vec<Unit>, Sum> = BTreeMap::new();
        for line in self.lines.values() {
            whole.line(line);
            for depth in 1..=line.units.len() {
                let sum = units.entry(line.units[..depth].to_vec()).or_insert_with(|| Sum::new(count));
                sum.line(line);
            }
        }
        for missing in self.missing.values() {
            whole.missing();
            for depth in 1..=missing.units.len() {
                let sum = units.entry(missing.units[..depth].to_vec()).or_insert_with(|| Sum::new(count));
                sum.missing();
            }
        }
        // The tree in the order of names: ids say nothing.
        let mut units: Vec<_> = units.into_iter().collect();
        let names = |path: &[Unit]| -> Vec<(String, String)> {
            path.iter().map(|unit| (unit.name.clone(), unit.id.clone())).collect()
        };
        units.sort_by_cached_key(|(path, _)| names(path));
        let controls = self.controls.iter().enumerate().map(|(at, (id, title))| {
            let cells = || self.lines.values().filter_map(|line| line.controls.get(at));
            let failing = cells().filter(|cell| cell.fail > 0).count() as u64;
            let unknown = cells().filter(|cell| cell.fail == 0 && cell.unknown > 0).count() as u64;
            let passing = cells().filter(|cell| cell.fail == 0 && cell.unknown == 0 && cell.pass > 0).count();
            ControlAcross {
                id: id.clone(),
                title: title.clone(),
                score: mean(cells().filter_map(|cell| cell.score)),
                failing,
                unknown,
                passing: passing as u64,
                worst: cells().filter_map(|cell| cell.worst).max(),
            }
        });
        let controls: Vec<_> = controls.collect();
        let started_at = self.lines.values().map(|line| line.started_at).min();
        let finished_at = self.lines.values().map(|line| line.finished_at).max();
        let mut accounts: Vec<_> = self.lines.into_values().collect();
        accounts.sort_by(worst_first);
        let mut checks: Vec<_> = self.checks.into_iter().map(check).collect();
        checks.sort_by_key(|it| (Reverse(it.severity), Reverse(it.accounts.len()), it.check.clone()));
        let shared = self.causes.into_iter().filter(|(_, across)| across.accounts.len() > 1);
        let mut shared_causes: Vec<_> = shared.map(cause).collect();
        shared_causes.sort_by_key(|it| {
            (Reverse(it.severity), Reverse(it.accounts.len()), it.cause.clone(), it.key.clone())
        });
        let mut missing: Vec<_> = self.missing.into_values().collect();
        missing.sort_by(|a, b| (a.reason, &a.account).cmp(&(b.reason, &b.account)));
        OrganizationReport {
            kind: Kind::OrganizationReport,
            schema_version: SCHEMA_VERSION,
            tool: Tool { name: "aws-audit".into(), version: env!("CARGO_PKG_VERSION").into() },
            scan: self.scan.flatten(),
            organization: self.organization,
            management_account: self.management_account,
            framework: self.framework.unwrap_or_else(|| crate::framework::DEFAULT.to_owned()),
            started_at,
            finished_at,
            planned: (accounts.len() + missing.len()) as u64,
            missing,
            standing: whole.standing(),
            controls,
            units: units
                .into_iter()
                .map(|(path, sum)| UnitReport { path, standing: sum.standing(), controls: sum.cells() })
                .collect(),
            accounts,
            checks,
            shared_causes,
            governance,
            chains,
            chains_incomplete: incomplete,
        }
    }

    /// The management account, as the run or a report tells.
    fn manages(&self) -> Option<String> {
        let told = self.members.values().filter_map(|member| member.part.as_ref());
        let of_reports = || told.filter_map(|part| part.management_account.clone()).next();
        self.management_account.clone().or_else(of_reports)
    }

    /// The chains over accounts. Nobody acts from within an account that is not active.
    fn chains(&self) -> chains::Found {
        let missing = self.missing.values().filter(|missing| missing.reason != Reason::NotActive);
        let manages = self.manages();
        chains::of(&chains::Asked {
            members: self.members.iter().map(|(id, member)| (id.as_str(), member)).collect(),
            missing: missing.map(|missing| missing.account.as_str()).collect(),
            management_account: manages.as_deref(),
            delegated: self.delegated.iter().map(|(id, it)| (id.as_str(), it.as_slice())).collect(),
            lang: self.lang,
        })
    }
}

/// Without a score first: what could not be judged is not fine. Then the lowest score, and the worst failures.
fn worst_first(a: &AccountLine, b: &AccountLine) -> std::cmp::Ordering {
    let score = |line: &AccountLine| line.score.unwrap_or(-1.0);
    let fails = |line: &AccountLine| (line.fail.critical, line.fail.high, line.fail.medium, line.fail.low);
    score(a)
        .total_cmp(&score(b))
        .then_with(|| fails(b).cmp(&fails(a)))
        .then_with(|| a.account.id.cmp(&b.account.id))
}

fn check((check, across): (String, Across)) -> CheckAcross {
    let Across { title, severity, findings, mut antipatterns, accounts, .. } = across;
    antipatterns.sort_unstable();
    CheckAcross { check, title, severity, antipatterns, findings, accounts: accounts.into_iter().collect() }
}

fn cause(((cause, key), across): ((String, String), Across)) -> SharedCause {
    let Across { title, severity, findings, checks, accounts, .. } = across;
    let (checks, accounts) = (checks.into_iter().collect(), accounts.into_iter().collect());
    SharedCause { cause, key, title, severity, findings, checks, accounts }
}

/// The key with `*` in the place of the account: `arn:aws:iam::*:role/deploy` is the same in all.
fn everywhere(key: &str, account: &str) -> String {
    if key.contains(account) { key.replace(account, "*") } else { key.to_owned() }
}

fn line(report: &Report, name: Option<String>, units: Vec<Unit>, file: &str) -> AccountLine {
    let count = |status| report.findings.iter().filter(|finding| finding.status == status).count() as u64;
    let mut fail = BySeverity::default();
    for finding in report.findings.iter().filter(|finding| finding.status == Status::Fail) {
        fail.count(finding.severity);
    }
    let controls = report.score.controls.iter().map(|control| Cell {
        score: control.score,
        pass: control.pass,
        fail: control.fail,
        unknown: control.unknown,
        worst: control.worst,
    });
    AccountLine {
        account: report.account.clone(),
        name,
        units,
        report: file.to_owned(),
        started_at: report.started_at,
        finished_at: report.finished_at,
        score: report.score.overall,
        judged: report.score.judged,
        incomplete: report.is_incomplete(),
        gaps: report.gaps.len() as u64,
        fail,
        unknown: count(Status::Unknown),
        suppressed: count(Status::Suppressed),
        paths: report.paths.len() as u64,
        controls: controls.collect(),
    }
}

/// Accounts added up.
struct Sum {
    standing: Standing,
    scores: f64,
    cells: Vec<(Cell, f64, u64)>,
}

impl Sum {
    fn new(controls: usize) -> Self {
        let cells = vec![(Cell::default(), 0.0, 0); controls];
        Self { standing: Standing::default(), scores: 0.0, cells }
    }

    fn missing(&mut self) {
        self.standing.accounts += 1;
    }

    fn line(&mut self, line: &AccountLine) {
        let standing = &mut self.standing;
        standing.accounts += 1;
        standing.reported += 1;
        standing.incomplete += u64::from(line.incomplete);
        standing.unknown += line.unknown;
        standing.fail.add(line.fail);
        if let Some(score) = line.score {
            standing.scored += 1;
            self.scores += score;
            standing.lowest = Some(standing.lowest.map_or(score, |lowest| lowest.min(score)));
        }
        for ((sum, scores, scored), cell) in self.cells.iter_mut().zip(&line.controls) {
            sum.pass += cell.pass;
            sum.fail += cell.fail;
            sum.unknown += cell.unknown;
            sum.worst = sum.worst.max(cell.worst);
            if let Some(score) = cell.score {
                *scores += score;
                *scored += 1;
            }
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "numbers of accounts are far below 2^52")]
    fn standing(&self) -> Standing {
        let mut standing = self.standing.clone();
        let (scored, accounts) = (standing.scored as f64, standing.accounts as f64);
        if scored > 0.0 && scored / accounts >= LEAST_JUDGED {
            standing.score = Some(rounded(self.scores / scored));
        }
        standing
    }

    #[expect(clippy::cast_precision_loss, reason = "numbers of accounts are far below 2^52")]
    fn cells(&self) -> Vec<Cell> {
        let cell = |(cell, scores, scored): &(Cell, f64, u64)| Cell {
            score: (*scored > 0).then(|| rounded(scores / *scored as f64)),
            ..*cell
        };
        self.cells.iter().map(cell).collect()
    }
}

#[expect(clippy::cast_precision_loss, reason = "numbers of accounts are far below 2^52")]
fn mean(scores: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, count) = scores.fold((0.0, 0_u64), |(sum, count), score| (sum + score, count + 1));
    (count > 0).then(|| rounded(sum / count as f64))
}

fn rounded(score: f64) -> f64 {
    (score * 10.0).round() / 10.0
}
