//! The report of an organization, made from the reports of its accounts one after the other: what is kept of each is a
//! line, so that memory grows with the lines and not with what was found. An account without a report is told first, with
//! its reason: it is never left out.

pub mod chains;
pub mod governance;
mod plan;
mod rollup;
#[cfg(test)]
mod tests;

use std::fmt;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    finding::Severity,
    report::{Account, Tool},
};

pub use self::{
    chains::Chain,
    governance::Governed,
    plan::{Item, MemberReport, Membership, PLAN_VERSION, Unit, path_of},
    rollup::{Refused, Rollup},
};

/// Version of the JSON report of an organization. Fields may be added to a version; none changes its meaning or goes
/// away.
pub const SCHEMA_VERSION: u32 = 1;

/// What tells the JSON of an organization's report from that of an account's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The report of an organization.
    OrganizationReport,
}

/// The report of an organization.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OrganizationReport {
    /// Always `organization_report`.
    pub kind: Kind,
    /// Version of this format.
    pub schema_version: u32,
    /// What made the report.
    pub tool: Tool,
    /// The run over the organization; none where the accounts were scanned each by itself.
    pub scan: Option<String>,
    /// `o-…`; none where Organizations was not asked.
    pub organization: Option<String>,
    /// Account id of the management account, where it is known.
    pub management_account: Option<String>,
    /// The framework's id, e.g. `antipatterns`.
    pub framework: String,
    /// When the first of the scans began (RFC 3339, UTC); none without a report.
    #[schemars(with = "Option<String>")]
    pub started_at: Option<Timestamp>,
    /// When the last of them ended (RFC 3339, UTC); none without a report.
    #[schemars(with = "Option<String>")]
    pub finished_at: Option<Timestamp>,
    /// Accounts that should have a report.
    pub planned: u64,
    /// Those of them that have none, with the reason.
    pub missing: Vec<Missing>,
    /// How the organization stands.
    pub standing: Standing,
    /// The framework's controls over all accounts, in its own order.
    pub controls: Vec<ControlAcross>,
    /// The organizational units, each with all that is below it, in the order of the tree.
    pub units: Vec<UnitReport>,
    /// The accounts, worst first.
    pub accounts: Vec<AccountLine>,
    /// What fails, over all accounts: worst first, then what fails in most of them.
    pub checks: Vec<CheckAcross>,
    /// Causes that are the same in several accounts, such as a role that a template made in each: mended where they
    /// are made.
    pub shared_causes: Vec<SharedCause>,
    /// What holds for the organization as a whole.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub governance: Vec<Governed>,
    /// Chains of roles over accounts: worst first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub chains: Vec<Chain>,
    /// Why there may be more of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub chains_incomplete: Vec<String>,
}

/// An account that should have a report and has none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Missing {
    /// Twelve digits.
    pub account: String,
    /// What Organizations calls it, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The organizational units that it is in, from the root down.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub units: Vec<Unit>,
    /// Why there is no report.
    pub reason: Reason,
    /// What AWS, the network or the system said of it.
    pub message: String,
    /// What to do about it.
    pub fix: String,
}

/// Why an account has no report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// AWS did not let the role be assumed: it is not there, or does not trust the caller.
    RoleRefused,
    /// The role was assumed, and what it leads to could not be read.
    NothingRead,
    /// There was no answer in time.
    NoAnswer,
    /// The credentials are of another account than the one that was planned.
    OtherAccount,
    /// The account is not active: suspended, closed, or not activated yet.
    NotActive,
    /// The scan was ended before this account was done.
    Interrupted,
    /// The program failed: a bug.
    InternalError,
    /// Its report is not among the files.
    NoReport,
}

/// How a set of accounts stands.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Standing {
    /// The mean of the accounts' scores, 0 to 100; none where less than half of the accounts have one.
    pub score: Option<f64>,
    /// The lowest of the accounts' scores.
    pub lowest: Option<f64>,
    /// Accounts that should have a report.
    pub accounts: u64,
    /// Those of them that have one.
    pub reported: u64,
    /// Those of them that have a score.
    pub scored: u64,
    /// Those of them in which something could not be read.
    pub incomplete: u64,
    /// Findings that fail.
    pub fail: BySeverity,
    /// Findings that could not be judged.
    pub unknown: u64,
}

/// Failing findings by severity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BySeverity {
    /// Open to anyone now.
    pub critical: u64,
    /// Dangerous by themselves.
    pub high: u64,
    /// Weaknesses that need others.
    pub medium: u64,
    /// Good practice not followed.
    pub low: u64,
    /// Worth knowing.
    pub info: u64,
}

impl BySeverity {
    /// How many there are of a severity.
    #[must_use]
    pub const fn get(&self, severity: Severity) -> u64 {
        match severity {
            Severity::Critical => self.critical,
            Severity::High => self.high,
            Severity::Medium => self.medium,
            Severity::Low => self.low,
            Severity::Info => self.info,
        }
    }

    /// One more of a severity.
    pub(crate) const fn count(&mut self, severity: Severity) {
        *match severity {
            Severity::Critical => &mut self.critical,
            Severity::High => &mut self.high,
            Severity::Medium => &mut self.medium,
            Severity::Low => &mut self.low,
            Severity::Info => &mut self.info,
        } += 1;
    }

    fn add(&mut self, other: Self) {
        self.critical += other.critical;
        self.high += other.high;
        self.medium += other.medium;
        self.low += other.low;
        self.info += other.info;
    }

    /// The worst of which there is one.
    #[must_use]
    pub fn worst(&self) -> Option<Severity> {
        Severity::WORST_FIRST.into_iter().find(|severity| self.get(*severity) > 0)
    }
}

/// How one control stands in one account: a cell of the table of accounts and controls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Cell {
    /// 0 to 100; none when nothing was judged that carries weight, or less than half could be.
    pub score: Option<f64>,
    /// Resources that pass.
    pub pass: u64,
    /// Resources that fail.
    pub fail: u64,
    /// Resources that could not be judged.
    pub unknown: u64,
    /// The worst severity among failing findings.
    pub worst: Option<Severity>,
}

/// How one control stands over all accounts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ControlAcross {
    /// Its id in the framework.
    pub id: String,
    /// Its title.
    pub title: String,
    /// The mean of the accounts' scores; none where no account has one.
    pub score: Option<f64>,
    /// Accounts in which something fails.
    pub failing: u64,
    /// Accounts in which something could not be judged, and nothing fails.
    pub unknown: u64,
    /// Accounts in which all that was judged is fine.
    pub passing: u64,
    /// The worst severity among failing findings.
    pub worst: Option<Severity>,
}

/// An account that has a report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AccountLine {
    /// Which account.
    #[serde(flatten)]
    pub account: Account,
    /// What Organizations calls it, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The organizational units that it is in, from the root down.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub units: Vec<Unit>,
    /// The file of its report, as it was given.
    pub report: String,
    /// When its scan began (RFC 3339, UTC).
    #[schemars(with = "String")]
    pub started_at: Timestamp,
    /// When its scan ended (RFC 3339, UTC).
    #[schemars(with = "String")]
    pub finished_at: Timestamp,
    /// 0 to 100; none when less than half of all resources could be judged.
    pub score: Option<f64>,
    /// The share of resources that could be judged, 0 to 1.
    pub judged: Option<f64>,
    /// Whether something could not be read.
    pub incomplete: bool,
    /// How much could not be read.
    pub gaps: u64,
    /// Findings that fail.
    pub fail: BySeverity,
    /// Findings that could not be judged.
    pub unknown: u64,
    /// Findings that are accepted.
    pub suppressed: u64,
    /// Attack paths.
    pub paths: u64,
    /// How the controls stand, in the order of the report's `controls`.
    pub controls: Vec<Cell>,
}

impl AccountLine {
    /// What a person calls the account: the name, else the alias; none where there is neither.
    #[must_use]
    pub fn called(&self) -> Option<&str> {
        let name = self.name.as_deref().or(self.account.alias.as_deref());
        name.filter(|name| !name.is_empty())
    }
}

/// An organizational unit with all that is below it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct UnitReport {
    /// From the root down to the unit.
    pub path: Vec<Unit>,
    /// How its accounts stand.
    pub standing: Standing,
    /// How the controls stand over its accounts, in the order of the report's `controls`: the worst of each, its counts
    /// added, and the mean of the scores.
    pub controls: Vec<Cell>,
}

/// A check that fails in some accounts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CheckAcross {
    /// The check's id.
    pub check: String,
    /// What is wrong where it fails.
    pub title: String,
    /// The worst severity among its failures.
    pub severity: Severity,
    /// Numbers of the anti-patterns that it belongs to.
    pub antipatterns: Vec<u32>,
    /// Findings that fail, over all accounts.
    pub findings: u64,
    /// Ids of the accounts in which it fails.
    pub accounts: Vec<String>,
}

/// A cause that is the same in several accounts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SharedCause {
    /// The name of the rule that tells causes, e.g. `policy`.
    pub cause: String,
    /// The thing that has to change, with `*` for the account's id.
    pub key: String,
    /// The cause in words.
    pub title: String,
    /// The worst severity among its failures.
    pub severity: Severity,
    /// Findings that fail because of it, over all accounts.
    pub findings: u64,
    /// The checks that tell of it.
    pub checks: Vec<String>,
    /// Ids of the accounts that it is in: two at least.
    pub accounts: Vec<String>,
}

impl OrganizationReport {
    /// Whether something that was asked for could not be looked at: a whole account, or something in one.
    #[must_use]
    pub fn is_incomplete(&self) -> bool {
        !self.missing.is_empty() || self.accounts.iter().any(|account| account.incomplete)
    }

    /// The worst severity among failing findings and chains over accounts.
    #[must_use]
    pub fn worst(&self) -> Option<Severity> {
        self.standing.fail.worst().max(self.chains.iter().map(|chain| chain.severity).max())
    }
}

/// The JSON Schema of an organization's report.
#[must_use]
pub fn json_schema() -> schemars::Schema {
    schemars::schema_for!(OrganizationReport)
}

/// Whether a text is an account's id: twelve digits.
#[must_use]
pub fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::RoleRefused => "role_refused",
            Self::NothingRead => "nothing_read",
            Self::NoAnswer => "no_answer",
            Self::OtherAccount => "other_account",
            Self::NotActive => "not_active",
            Self::Interrupted => "interrupted",
            Self::InternalError => "internal_error",
            Self::NoReport => "no_report",
        })
    }
}
