//! What to do about a report, without asking the tracker.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt, io,
};

use aws_audit_checks::{
    diff::{self, ChangeKind, Looked},
    finding::{Severity, Status},
    group::Group,
    page::Lang,
    report::{Report, ReportFinding, State},
    triage::{Tag, Where},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    marker::{Marker, report_of},
    tell::{self, Change},
    text::{Text, headline},
};

/// Version of the plan's JSON Lines. Fields may be added to a version; none changes its meaning or goes away.
pub const FORMAT_VERSION: u32 = 1;

/// The label of every ticket that is ours.
pub const LABEL: &str = "aws-audit";

/// The label with which a person keeps a ticket as it is: with it, nothing closes or reopens it.
pub const KEEP: &str = "aws-audit:keep";

/// What `aws-audit.toml` may say of tickets, under `[tickets]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Settings {
    /// As [`Options::min_severity`].
    pub min_severity: Option<Severity>,
    /// As [`Options::max`].
    pub max: Option<u32>,
    /// As [`Options::owners`]: `[[tickets.owners]]`.
    pub owners: Vec<OwnerRule>,
    /// As [`Options::owner_tag`].
    pub owner_tag: Option<String>,
}

/// How to plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// The language of what the tickets say besides the report's own words; best that of the report.
    pub lang: Lang,
    /// Groups below it get no ticket.
    pub min_severity: Severity,
    /// How many tickets to open at most. The other groups are listed in one more.
    pub max: u32,
    /// Whose a ticket is. Of several rules that match a resource, the first one holds.
    pub owners: Vec<OwnerRule>,
    /// The key of a tag whose value is the owner where no rule says.
    pub owner_tag: Option<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self { lang: Lang::En, min_severity: Severity::Medium, max: 20, owners: Vec::new(), owner_tag: None }
    }
}

/// Who owns what. Of the lists that are there, each must name the finding.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnerRule {
    /// Who: whatever the tracker's command makes of it. For GitHub `@login` is a person to assign.
    pub owner: String,
    /// Account ids.
    #[serde(default)]
    pub accounts: Vec<String>,
    /// Tags, as `key` or `key=value`, exact or as globs.
    #[serde(default)]
    pub tags: Vec<String>,
    /// Ids of checks, or globs.
    #[serde(default)]
    pub checks: Vec<String>,
}

impl OwnerRule {
    fn about(&self) -> Where {
        let tag = |text: &String| match text.split_once('=') {
            Some((key, value)) => Tag { key: key.to_owned(), value: Some(value.to_owned()) },
            None => Tag { key: text.clone(), value: None },
        };
        Where {
            accounts: self.accounts.clone(),
            tags: self.tags.iter().map(tag).collect(),
            checks: self.checks.clone(),
            ..Where::default()
        }
    }
}

/// What to do, and what there is to know for doing it.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// What holds for all of it.
    pub header: Header,
    /// What to do, in that order.
    pub items: Vec<Item>,
}

/// What holds for a plan as a whole: its first line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// [`FORMAT_VERSION`].
    pub plan: u32,
    /// The account: twelve digits.
    pub account: String,
    /// The language of the texts.
    pub lang: Lang,
    /// When the report's scan began.
    pub started_at: Timestamp,
    /// How many tickets to open at most.
    pub max: u32,
    /// Whether nothing may be closed because the report does not list everything that fails.
    pub closes_nothing: bool,
    /// Keys of what fails and is below the severity from which on there are tickets.
    pub below: BTreeSet<String>,
    /// What the report looked at.
    pub looked: Looked,
    /// What the report listed before this one.
    pub previous: Option<Previous>,
}

/// The earlier report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Previous {
    /// When its scan began.
    pub started_at: Timestamp,
}

/// What to do about one ticket.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Item {
    /// The key of the ticket: the id of the group of findings, in the ticket that lists others one made from the account.
    /// The same from run to run.
    pub key: String,
    /// What to do.
    pub action: Action,
    /// Why.
    pub why: Why,
    /// Whether the ticket may be opened, where it is not open.
    pub opens: bool,
    /// The tracker's name of the ticket; none before the tracker was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<String>,
    /// The account: twelve digits.
    pub account: String,
    /// What the findings have in common; none in the ticket that lists other groups.
    pub group: Option<Cause>,
    /// The headline: one line of at most 250 UTF-16 code units.
    pub title: String,
    /// The worst severity among the findings.
    pub severity: Severity,
    /// The same, in the words of trackers.
    pub priority: Priority,
    /// Labels, without spaces.
    pub labels: Vec<String>,
    /// Whose it is, where all findings have one owner.
    pub owner: Option<Owner>,
    /// How many resources it is about.
    pub resources: u64,
    /// The checks that tell of it.
    pub checks: Vec<String>,
    /// Ids of the findings.
    pub findings: Vec<String>,
    /// What the ticket carries to be found again; its text is in each form of the body.
    pub marker: Marker,
    /// What the ticket says; none where it stays as it is.
    pub body: Option<Text>,
    /// What to say about the change.
    pub comment: Option<Text>,
}

/// What to do about a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// Open a new one.
    Create,
    /// Bring the text up to date, and comment.
    Update,
    /// Open the one that was closed.
    Reopen,
    /// Close it.
    Close,
    /// Nothing.
    None,
}

/// Why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Why {
    /// It fails, and the earlier report does not list it or there is none.
    New,
    /// It fails again: the ticket was closed, or the earlier report had it as resolved or accepted.
    Again,
    /// It fails as before.
    Same,
    /// It fails with other findings, or another severity.
    Changed,
    /// It fails, with a severity for which there are no tickets any longer.
    Below,
    /// It fails no longer, and the scan looked.
    Fixed,
    /// It is accepted.
    Accepted,
    /// Its findings are told of in other tickets now.
    Moved,
    /// More tickets would be opened than may be: it is listed in one with others.
    Deferred,
    /// It lists the groups that got no ticket of their own.
    Others,
    /// A person has labelled the ticket with [`KEEP`].
    Kept,
    /// A person has closed the ticket as something that will not be done.
    Declined,
    /// Another open ticket has the same key.
    Duplicate,
}

/// What the findings of a ticket have in common.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cause {
    /// As `groups[].cause` in the report.
    pub cause: String,
    /// As `groups[].key` in the report: as the account has it, so not harmless.
    pub key: String,
}

/// A priority, as trackers have them. The names are Jira's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Priority {
    /// Of what is critical.
    Highest,
    /// Of what is high.
    High,
    /// Of what is medium.
    Medium,
    /// Of what is low.
    Low,
    /// Of what is worth knowing.
    Lowest,
}

impl From<Severity> for Priority {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Critical => Self::Highest,
            Severity::High => Self::High,
            Severity::Medium => Self::Medium,
            Severity::Low => Self::Low,
            Severity::Info => Self::Lowest,
        }
    }
}

/// Whose a ticket is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Owner {
    /// The name.
    pub name: String,
    /// Whether a tag of the resource says so. What stands in a tag anybody may have written: nobody is to be notified for
    /// it.
    pub from_tag: bool,
}

/// Why there is no plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlanError {
    /// The reports are of different accounts: the earlier one's, the later one's.
    Accounts(String, String),
    /// The earlier report is the later one.
    Order,
    /// The id of the account is not twelve digits.
    NoAccount,
}

impl fmt::Display for PlanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.told(Lang::En))
    }
}

impl std::error::Error for PlanError {}

impl PlanError {
    /// What is wrong, in words.
    #[must_use]
    pub fn told(&self, lang: Lang) -> String {
        match (self, lang) {
            (Self::Accounts(then, now), Lang::En) => {
                format!("the previous report is of account {then:?}, the report of {now:?}")
            }
            (Self::Accounts(then, now), Lang::Ja) => format!(
                "前のレポートはアカウント {then:?}、今回のレポートはアカウント {now:?} のもので、比較できません"
            ),
            (Self::Order, Lang::En) => "the previous report is later than the report".into(),
            (Self::Order, Lang::Ja) => "前のレポートのほうが今回のレポートより新しいものです".into(),
            (Self::NoAccount, Lang::En) => "the report's account id is not twelve digits".into(),
            (Self::NoAccount, Lang::Ja) => "レポートのアカウントIDが12桁の数字ではありません".into(),
        }
    }
}

/// The plan for a report: what fails gets a ticket, worst first; what failed in the earlier report and is seen to fail no
/// longer has its ticket closed. What could not be read, or was not looked at, is neither.
///
/// Without the tracker's tickets this is what the two reports say; [`crate::resolve()`] compares it with what there is.
///
/// # Errors
/// When the two reports have nothing to do with each other.
pub fn plan(report: &Report, previous: Option<&Report>, options: &Options) -> Result<Plan, PlanError> {
    let account = &report.account.id;
    if account.len() != 12 || !account.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(PlanError::NoAccount);
    }
    if let Some(previous) = previous {
        if previous.account.id != *account {
            return Err(PlanError::Accounts(previous.account.id.clone(), account.clone()));
        }
        if previous.started_at > report.started_at {
            return Err(PlanError::Order);
        }
    }
    let planner = Planner::new(report, previous, options);
    let mut header = Header {
        plan: FORMAT_VERSION,
        account: account.clone(),
        lang: options.lang,
        started_at: report.started_at,
        max: options.max,
        closes_nothing: report.scope.as_ref().is_some_and(|scope| scope.unlisted > 0),
        below: BTreeSet::new(),
        looked: Looked::of(report),
        previous: previous.map(|previous| Previous { started_at: previous.started_at }),
    };
    let mut items = Vec::new();
    for group in &report.groups {
        let before = planner.groups_before.get(group.id.as_str()).copied();
        if group.severity >= options.min_severity {
            items.push(planner.failing(group, before));
            continue;
        }
        header.below.insert(group.id.clone());
        if before.is_some_and(|before| before.severity >= options.min_severity) {
            let item = planner.failing(group, before);
            items.push(Item { opens: false, action: Action::Update, why: Why::Below, ..item });
        }
    }
    if !header.closes_nothing {
        let failing: BTreeSet<_> = report.groups.iter().map(|group| group.id.as_str()).collect();
        let gone = previous.into_iter().flat_map(|previous| &previous.groups);
        items.extend(
            gone.filter(|group| !failing.contains(group.id.as_str())).filter_map(|group| planner.gone(group)),
        );
    }
    let mut plan = Plan { header, items };
    plan.defer(options.max);
    Ok(plan)
}

impl Plan {
    /// Keeps the ceiling: what would open more tickets than may still be opened is listed in one ticket.
    pub(crate) fn defer(&mut self, mut left: u32) {
        let mut deferred = Vec::new();
        for item in &mut self.items {
            if !matches!(item.action, Action::Create | Action::Reopen) {
                continue;
            }
            match left.checked_sub(1) {
                Some(fewer) => left = fewer,
                None => {
                    (item.action, item.why) = (Action::None, Why::Deferred);
                    deferred.push(item.clone());
                }
            }
        }
        if !deferred.is_empty() {
            self.items.push(others(&self.header, &deferred));
        }
    }

    /// Writes the plan as JSON Lines: what holds for all of it, then an item a line.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, out: &mut dyn io::Write) -> io::Result<()> {
        serde_json::to_writer(&mut *out, &self.header)?;
        out.write_all(b"\n")?;
        for item in &self.items {
            serde_json::to_writer(&mut *out, item)?;
            out.write_all(b"\n")?;
        }
        Ok(())
    }

    /// Reads what [`Plan::write`] has written.
    ///
    /// # Errors
    /// When it is something else.
    pub fn read(text: &str) -> Result<Self, ReadError> {
        let mut lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
        let at =
            |at: usize| move |error: serde_json::Error| ReadError { line: at + 1, what: error.to_string() };
        let Some((first, line)) = lines.next() else {
            return Err(ReadError { line: 1, what: "there is nothing".into() });
        };
        let header: Header = serde_json::from_str(line).map_err(at(first))?;
        if header.plan != FORMAT_VERSION {
            let what = format!("the plan is of version {}, this program's is {FORMAT_VERSION}", header.plan);
            return Err(ReadError { line: first + 1, what });
        }
        let items = lines.map(|(number, line)| serde_json::from_str(line).map_err(at(number)));
        Ok(Self { header, items: items.collect::<Result<_, _>>()? })
    }
}

/// Why a text is no plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong, in the parser's words.
    pub what: String,
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.what)
    }
}

impl std::error::Error for ReadError {}

/// The labels of a ticket: what all have, and how bad it is.
pub(crate) fn labels(severity: Severity) -> Vec<String> {
    vec![LABEL.to_owned(), format!("{LABEL}:{}", severity.name())]
}

/// 16 hexadecimal digits: what a text is about, and in which language.
fn content<'a>(lang: Lang, severity: Severity, about: impl IntoIterator<Item = &'a str>) -> String {
    let lang = match lang {
        Lang::En => "en",
        Lang::Ja => "ja",
    };
    digest([lang, severity.name()].into_iter().chain(about), 8)
}

fn digest<'a>(parts: impl IntoIterator<Item = &'a str>, bytes: usize) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
        hash.update("\n");
    }
    hash.finalize().iter().take(bytes).map(|byte| format!("{byte:02x}")).collect()
}

/// The key of the ticket that lists the groups without one.
pub(crate) fn others_key(account: &str) -> String {
    digest(["others", account], 16)
}

/// The ticket that lists the groups without one.
fn others(header: &Header, deferred: &[Item]) -> Item {
    let severity = deferred.iter().map(|item| item.severity).max().unwrap_or(Severity::Info);
    let keys: BTreeSet<_> = deferred.iter().map(|item| item.key.as_str()).collect();
    let markers = || deferred.iter().map(|item| &item.marker);
    let marker = Marker {
        key: others_key(&header.account),
        account: header.account.clone(),
        content: content(header.lang, severity, keys),
        report: Some(report_of(header.started_at)),
        // Where all of them are: as long as some of that was not looked at, the list may stay.
        severity: markers().filter_map(|marker| marker.severity).min(),
        checks: markers().flat_map(|marker| marker.checks.clone()).collect(),
        regions: markers().flat_map(|marker| marker.regions.clone()).collect(),
    };
    Item {
        key: marker.key.clone(),
        action: Action::Create,
        why: Why::Others,
        opens: true,
        ticket: None,
        account: header.account.clone(),
        group: None,
        title: tell::others_title(&header.account, header.lang),
        severity,
        priority: severity.into(),
        labels: labels(severity),
        owner: None,
        resources: deferred.iter().map(|item| item.resources).sum(),
        checks: deferred
            .iter()
            .flat_map(|item| item.checks.clone())
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect(),
        findings: Vec::new(),
        body: Some(tell::others(header, deferred, &marker)),
        marker,
        comment: None,
    }
}

/// The two reports, with what is asked of them at hand.
struct Planner<'a> {
    report: &'a Report,
    options: &'a Options,
    owners: Vec<(Where, &'a str)>,
    findings: BTreeMap<&'a str, &'a ReportFinding>,
    findings_before: BTreeMap<&'a str, &'a ReportFinding>,
    groups_before: BTreeMap<&'a str, &'a Group>,
    /// How findings changed, by id.
    changes: BTreeMap<String, ChangeKind>,
}

impl<'a> Planner<'a> {
    fn new(report: &'a Report, previous: Option<&'a Report>, options: &'a Options) -> Self {
        let changes = previous.map(|previous| diff::diff(previous, report).changes).unwrap_or_default();
        let by_id = |report: &'a Report| report.findings.iter().map(|it| (it.id.as_str(), it));
        let groups = previous.into_iter().flat_map(|previous| &previous.groups);
        Self {
            report,
            options,
            owners: options.owners.iter().map(|rule| (rule.about(), rule.owner.as_str())).collect(),
            findings: by_id(report).collect(),
            findings_before: previous.into_iter().flat_map(by_id).collect(),
            groups_before: groups.map(|group| (group.id.as_str(), group)).collect(),
            changes: changes.into_iter().map(|change| (change.finding.id, change.kind)).collect(),
        }
    }

    fn fails(&self, id: &str) -> bool {
        self.findings.get(id).is_some_and(|finding| finding.status == Status::Fail)
    }

    /// The item of a group that fails.
    fn failing(&self, group: &Group, before: Option<&Group>) -> Item {
        let Options { lang, .. } = *self.options;
        let findings: Vec<&ReportFinding> =
            group.findings.iter().filter_map(|id| self.findings.get(id.as_str()).copied()).collect();
        // What it was about and what nobody could judge this time is neither there nor gone.
        let unseen: Vec<&ReportFinding> = before
            .into_iter()
            .flat_map(|before| &before.findings)
            .filter(|id| !self.fails(id) && !self.is_settled(id))
            .filter_map(|id| self.findings_before.get(id.as_str()).copied())
            .collect();
        let about = || findings.iter().chain(&unseen);
        let ids: BTreeSet<&str> = about().map(|finding| finding.id.as_str()).collect();
        let marker = Marker {
            key: group.id.clone(),
            account: self.report.account.id.clone(),
            content: content(lang, group.severity, ids),
            report: Some(report_of(self.report.started_at)),
            severity: about().map(|finding| finding.severity).min(),
            checks: about().map(|finding| finding.check.clone()).collect(),
            regions: about().map(|finding| finding.resource.region.clone().unwrap_or_default()).collect(),
        };
        let (action, why, comment) = match before {
            Some(before) => match self.changed(group, before) {
                Some(change) => {
                    let comment =
                        change.is_worth_a_comment().then(|| tell::change(&change, self.report, lang));
                    (Action::Update, Why::Changed, comment)
                }
                None => (Action::None, Why::Same, None),
            },
            None if self.was_settled(group) => {
                (Action::Reopen, Why::Again, Some(tell::again(self.report.started_at, lang)))
            }
            None => (Action::Create, Why::New, None),
        };
        let owners = self.owners_of(&findings);
        let body = tell::body(group, &findings, &unseen, &owners, self.report, &marker, lang);
        Item {
            key: group.id.clone(),
            action,
            why,
            opens: true,
            ticket: None,
            account: self.report.account.id.clone(),
            group: Some(Cause { cause: group.cause.clone(), key: group.key.clone() }),
            title: tell::title(group, &self.report.account.id),
            severity: group.severity,
            priority: group.severity.into(),
            labels: labels(group.severity),
            owner: match owners.first_key_value() {
                Some((owner, count)) if *count == findings.len() => Some(owner.clone()),
                _ => None,
            },
            resources: group.resources,
            checks: group.checks.clone(),
            findings: group.findings.clone(),
            marker,
            body: Some(body),
            comment,
        }
    }

    /// How a group that failed before has changed; none where it has not.
    fn changed(&self, group: &Group, before: &Group) -> Option<Change> {
        let had: BTreeSet<_> = before.findings.iter().collect();
        let added = group.findings.iter().filter(|id| !had.contains(id));
        let added = added.filter_map(|id| self.findings.get(id.as_str()).map(|it| it.resource.clone()));
        // Where the report does not list everything, what it does not list may fail all the same.
        let is_whole = self.report.scope.as_ref().is_none_or(|scope| scope.unlisted == 0);
        let gone = before.findings.iter().filter(|id| is_whole && self.is_settled(id));
        let gone = gone.filter_map(|id| self.findings_before.get(id.as_str()).map(|it| it.resource.clone()));
        let change = Change {
            severity: (group.severity != before.severity).then_some((before.severity, group.severity)),
            added: added.collect(),
            gone: gone.collect(),
        };
        let is_change = change.severity.is_some() || !change.added.is_empty() || !change.gone.is_empty();
        is_change.then_some(change)
    }

    /// Whether a finding that failed is seen to fail no longer, or is accepted.
    fn is_settled(&self, id: &str) -> bool {
        matches!(self.changes.get(id), Some(ChangeKind::Gone | ChangeKind::Accepted))
    }

    /// Whether the earlier report told of the group's findings that they were resolved or accepted.
    fn was_settled(&self, group: &Group) -> bool {
        let before = group.findings.iter().filter_map(|id| self.findings_before.get(id.as_str()));
        let mut before =
            before.map(|it| it.state == Some(State::Resolved) || it.status == Status::Suppressed);
        before.any(|is_settled| is_settled)
    }

    /// The item of a group that the report does not have any more; none where that says nothing.
    fn gone(&self, group: &Group) -> Option<Item> {
        let (mut is_moved, mut is_fixed) = (false, false);
        for id in &group.findings {
            match self.changes.get(id) {
                Some(ChangeKind::Gone) => is_fixed = true,
                Some(ChangeKind::Accepted) => {}
                _ if self.fails(id) => is_moved = true,
                _ => return None,
            }
        }
        let why = match (is_moved, is_fixed) {
            (true, _) => Why::Moved,
            (false, true) => Why::Fixed,
            (false, false) => Why::Accepted,
        };
        let lang = self.options.lang;
        let moved_to =
            group.findings.iter().filter_map(|id| self.findings.get(id.as_str())?.group.as_deref());
        let moved_to: BTreeSet<_> = moved_to.collect();
        let moved_to = self.report.groups.iter().filter(|group| moved_to.contains(group.id.as_str()));
        let titles: Vec<_> = moved_to.map(|group| group.title.as_str()).collect();
        let marker = Marker {
            key: group.id.clone(),
            account: self.report.account.id.clone(),
            content: content(lang, group.severity, ["closed"]),
            report: None,
            severity: None,
            checks: BTreeSet::new(),
            regions: BTreeSet::new(),
        };
        Some(closing(marker, why, &titles, Some(group), self.report.started_at, lang))
    }

    /// Who owns how many of the findings.
    fn owners_of(&self, findings: &[&ReportFinding]) -> BTreeMap<Owner, usize> {
        let mut owners = BTreeMap::new();
        for finding in findings {
            let resource = &finding.resource;
            // A resource whose tags are not read has none here: a rule that names tags is not about it.
            let is_about = |about: &Where| about.is_about_resource(&finding.check, resource, true);
            let by_rule = self.owners.iter().find(|(about, _)| is_about(about));
            let by_rule = by_rule.map(|(_, owner)| Owner { name: (*owner).to_owned(), from_tag: false });
            let by_tag = || {
                let name = headline(resource.tags.get(self.options.owner_tag.as_ref()?)?, 60);
                (!name.is_empty()).then_some(Owner { name, from_tag: true })
            };
            if let Some(owner) = by_rule.or_else(by_tag) {
                *owners.entry(owner).or_default() += 1;
            }
        }
        owners
    }
}

/// An item that closes a ticket.
pub(crate) fn closing(
    marker: Marker,
    why: Why,
    titles: &[&str],
    group: Option<&Group>,
    at: Timestamp,
    lang: Lang,
) -> Item {
    let severity = group.map_or(Severity::Info, |group| group.severity);
    Item {
        key: marker.key.clone(),
        action: Action::Close,
        why,
        opens: false,
        ticket: None,
        account: marker.account.clone(),
        group: group.map(|group| Cause { cause: group.cause.clone(), key: group.key.clone() }),
        title: group.map(|group| tell::title(group, &marker.account)).unwrap_or_default(),
        severity,
        priority: severity.into(),
        labels: labels(severity),
        owner: None,
        resources: group.map_or(0, |group| group.resources),
        checks: group.map(|group| group.checks.clone()).unwrap_or_default(),
        findings: group.map(|group| group.findings.clone()).unwrap_or_default(),
        body: None,
        comment: Some(tell::closed(why, titles, at, lang)),
        marker,
    }
}
