//! The line that a ticket carries, by which it is found again and its fate decided.

use std::{collections::BTreeSet, fmt};

use aws_audit_checks::{
    diff::{Looked, Unlisted},
    finding::Severity,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What a ticket says of itself to programs, e.g. `aws-audit:key=2833… account=123456789012 content=0f3a… severity=high
/// checks=ec2-sg-open-ssh regions=eu-west-1,us-east-1`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marker {
    /// The key of the ticket: 32 hexadecimal digits.
    pub key: String,
    /// The account: twelve digits. Tickets of other accounts in the same tracker are left alone.
    pub account: String,
    /// What the text is about; another one means that the text is out of date.
    pub content: String,
    /// The report for which the ticket was opened, by the time at which its scan began, e.g. `20261101T120000Z`: what the
    /// ceiling of a plan counts when the plan is applied again. None where it is not told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report: Option<String>,
    /// The lowest severity among the findings; none where it is not told.
    pub severity: Option<Severity>,
    /// The checks that tell of it.
    pub checks: BTreeSet<String>,
    /// The regions of the resources; an empty one for what is global.
    pub regions: BTreeSet<String>,
}

const PREFIX: &str = "aws-audit:key=";

/// Nothing else gets into a marker: no space, no comma, nothing that ends an HTML comment.
fn is_word(text: &str) -> bool {
    !text.contains("--") && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}

fn listed(names: &BTreeSet<String>) -> String {
    names.iter().map(String::as_str).collect::<Vec<_>>().join(",")
}

impl fmt::Display for Marker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { key, account, content, report, severity, checks, regions } = self;
        write!(f, "{PREFIX}{key} account={account} content={content}")?;
        if let Some(report) = report.as_ref().filter(|report| is_word(report)) {
            write!(f, " report={report}")?;
        }
        // A name that is not fit to be written down leaves the fate of the ticket to people and to `--previous`.
        let is_fit = !checks.is_empty() && checks.iter().chain(regions).all(|name| is_word(name));
        match severity.filter(|_| is_fit) {
            Some(severity) => {
                let (severity, checks, regions) = (severity.name(), listed(checks), listed(regions));
                write!(f, " severity={severity} checks={checks} regions={regions}")
            }
            None => Ok(()),
        }
    }
}

/// A report, as a marker names it.
pub(crate) fn report_of(started_at: Timestamp) -> String {
    started_at.strftime("%Y%m%dT%H%M%SZ").to_string()
}

impl Marker {
    /// The first marker in a text.
    #[must_use]
    pub fn find(text: &str) -> Option<Self> {
        let at = text.find(PREFIX)?;
        // The first line of Markdown, the last line of plain text, a node of its own in an Atlassian document.
        let line = text[at..].lines().next()?;
        let line = line.split(" -->").next().unwrap_or(line);
        let fields: Vec<(&str, &str)> =
            line["aws-audit:".len()..].split(' ').filter_map(|field| field.split_once('=')).collect();
        let field = |name| fields.iter().find(|(it, _)| *it == name).map(|(_, value)| *value);
        let digits = |name, count| {
            let is_hex = |it: &&str| it.len() == count && it.bytes().all(|byte| byte.is_ascii_hexdigit());
            field(name).filter(is_hex).map(str::to_owned)
        };
        let list = |name| field(name).map(|list| list.split(',').map(str::to_owned).collect());
        let severity = field("severity");
        Some(Self {
            key: digits("key", 32)?,
            account: digits("account", 12)?,
            content: digits("content", 16)?,
            report: field("report").map(str::to_owned),
            severity: Severity::WORST_FIRST.into_iter().find(|it| Some(it.name()) == severity),
            checks: list("checks").unwrap_or_default(),
            regions: list("regions").unwrap_or_default(),
        })
    }

    /// Whether all that it is about was looked at by a report that lists none of it.
    pub(crate) fn is_fine(&self, looked: &Looked) -> bool {
        let Some(severity) = self.severity else { return false };
        !self.checks.is_empty()
            && !self.regions.is_empty()
            && self.places().all(|(check, region)| looked.unlisted(check, region, severity) == Unlisted::Fine)
    }

    /// With the places of an earlier marker of the same ticket that the report cannot tell of: what nobody has seen
    /// mended must not be forgotten.
    pub(crate) fn with_unseen_of(mut self, earlier: &Self, looked: &Looked) -> Self {
        let Some(severity) = earlier.severity else { return self };
        let unseen = |it: &(&str, Option<&str>)| looked.unlisted(it.0, it.1, severity) != Unlisted::Fine;
        for (check, region) in earlier.places().filter(unseen) {
            self.checks.insert(check.to_owned());
            self.regions.insert(region.unwrap_or_default().to_owned());
            self.severity = self.severity.map(|own| own.min(severity));
        }
        self
    }

    fn places(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        let regions = self.regions.iter().map(|region| Some(region.as_str()).filter(|it| !it.is_empty()));
        let regions: Vec<_> = regions.collect();
        self.checks
            .iter()
            .flat_map(move |check| regions.clone().into_iter().map(move |region| (check.as_str(), region)))
    }
}
