//! What a check says: verdicts, findings, severities, evidence.

mod evidence;

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

pub use self::evidence::Evidence;
use crate::{
    gap::{Gap, NotJudged},
    snapshot::{Judged, Place, Tags},
    triage::Suppressed,
};

/// How bad a failing finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Good practice is not followed.
    Low,
    /// A weakness that needs another one to be dangerous.
    Medium,
    /// Dangerous by itself, or to everyone who holds some access.
    High,
    /// Open to anyone now.
    Critical,
}

impl Severity {
    /// All, worst first.
    pub const WORST_FIRST: [Self; 5] = [Self::Critical, Self::High, Self::Medium, Self::Low, Self::Info];

    /// One step worse, as far as there is one.
    #[must_use]
    pub const fn higher(self) -> Self {
        match self {
            Self::Info => Self::Low,
            Self::Low => Self::Medium,
            Self::Medium => Self::High,
            Self::High | Self::Critical => Self::Critical,
        }
    }

    /// One step less bad, as far as there is one.
    #[must_use]
    pub const fn lower(self) -> Self {
        match self {
            Self::Info | Self::Low => Self::Info,
            Self::Medium => Self::Low,
            Self::High => Self::Medium,
            Self::Critical => Self::High,
        }
    }

    /// Its name in arguments, JSON and pages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
            Self::Info => "info",
        }
    }
}

/// What a check says about one resource.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    outcome: Outcome,
    /// The variant of the page's message that fits it; none for the plain one.
    variant: Option<&'static str>,
    /// What of it fails, where controls ask for one thing each; see [`Verdict::in_aspects`].
    aspects: Vec<&'static str>,
    /// What tells several failures of one resource apart; see [`Verdict::towards`].
    towards: Option<String>,
    evidence: Evidence,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Outcome {
    Pass,
    /// With a severity where it is not the check's own.
    Fail(Option<Severity>),
}

/// A verdict, or why there is none. `?` on [`crate::gap::Collected::get`] makes the finding `unknown`.
pub type Judgement = Result<Verdict, NotJudged>;

impl Verdict {
    /// The resource is fine.
    #[must_use]
    pub const fn pass() -> Self {
        Self {
            outcome: Outcome::Pass,
            variant: None,
            aspects: Vec::new(),
            towards: None,
            evidence: Evidence::new(),
        }
    }

    /// The resource is not fine, with the check's own severity.
    #[must_use]
    pub const fn fail() -> Self {
        Self {
            outcome: Outcome::Fail(None),
            variant: None,
            aspects: Vec::new(),
            towards: None,
            evidence: Evidence::new(),
        }
    }

    /// Fails when the condition holds, else passes.
    #[must_use]
    pub const fn fail_if(condition: bool) -> Self {
        if condition { Self::fail() } else { Self::pass() }
    }

    /// Whether the resource is fine.
    #[must_use]
    pub fn passes(&self) -> bool {
        self.outcome == Outcome::Pass
    }

    /// Adds a fact that decided the verdict.
    ///
    /// # Panics
    /// When the value has no JSON form, which no type used as evidence lacks.
    #[must_use]
    pub fn with(mut self, name: impl Into<Cow<'static, str>>, value: impl Serialize) -> Self {
        let value = serde_json::to_value(value).expect("evidence has a JSON form");
        self.evidence.insert(name, value);
        self
    }

    /// Gives this failure a severity other than the check's own.
    #[must_use]
    pub fn at(mut self, severity: Severity) -> Self {
        if let Outcome::Fail(own) = &mut self.outcome {
            *own = Some(severity);
        }
        self
    }

    /// Tells this failure with a variant of the page's message. A pass has no message.
    #[must_use]
    pub const fn told_as(mut self, variant: &'static str) -> Self {
        if matches!(self.outcome, Outcome::Fail(_)) {
            self.variant = Some(variant);
        }
        self
    }

    /// Names the aspects in which this fails, for controls that are about one of them (`check#aspect` in a
    /// framework): in a control with another aspect the resource passes.
    #[must_use]
    pub fn in_aspects(mut self, aspects: &[&'static str]) -> Self {
        self.aspects = aspects.to_vec();
        self
    }

    /// Names where this failure leads, of a resource that can fail the check once for each end.
    #[must_use]
    pub fn towards(mut self, end: impl Into<String>) -> Self {
        self.towards = Some(end.into());
        self
    }
}

/// What was judged, as AWS names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Resource {
    /// The CloudFormation type, e.g. `AWS::EC2::SecurityGroup`.
    #[serde(rename = "type")]
    pub kind: String,
    /// What AWS calls the id: `sg-…`, a bucket's name, a user's name. For an account its number, for a
    /// region's service the region.
    pub id: String,
    /// The Amazon Resource Name; the root's for an account and for a region's service.
    pub arn: String,
    /// The region; none for what is global.
    pub region: Option<String>,
    /// The account.
    pub account: String,
    /// The name, where it is not the id.
    pub name: Option<String>,
    /// The tags.
    pub tags: Tags,
}

impl Resource {
    /// The resource that a judged thing is.
    #[must_use]
    pub fn of<T: Judged>(thing: &T, place: &Place<'_>) -> Self {
        let region = thing.region().unwrap_or(place.region);
        Self {
            kind: thing.kind().to_owned(),
            id: thing.id(),
            arn: thing.arn(place),
            region: (!region.is_empty()).then(|| region.to_owned()),
            account: place.account.to_owned(),
            name: thing.name().map(str::to_owned),
            tags: thing.tags().cloned().unwrap_or_default(),
        }
    }

    /// The account as a whole, or the region's share of a service when the place has a region.
    #[must_use]
    pub fn whole(kind: &str, place: &Place<'_>) -> Self {
        let regional = !place.region.is_empty();
        Self {
            kind: kind.to_owned(),
            id: if regional { place.region } else { place.account }.to_owned(),
            arn: place.root_arn(),
            region: regional.then(|| place.region.to_owned()),
            account: place.account.to_owned(),
            name: None,
            tags: Tags::new(),
        }
    }
}

/// The status of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// The resource is not fine.
    Fail,
    /// Something needed could not be read.
    Unknown,
    /// Not fine, and accepted as such by the account's owner.
    Suppressed,
    /// The resource is fine.
    Pass,
}

/// What one check says about one resource.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// The check's id.
    pub check: &'static str,
    /// The verdict.
    pub status: Status,
    /// The severity: the check's own unless the verdict moved it.
    pub severity: Severity,
    /// What was judged.
    pub resource: Resource,
    /// The resource's type; of a list that could not be read, the types that it can hold.
    pub types: Vec<&'static str>,
    /// In which aspects it fails, where the check names them.
    pub aspects: Vec<&'static str>,
    /// Where it leads, of a resource that can fail the check once for each end.
    pub towards: Option<String>,
    /// What decided it.
    pub evidence: Evidence,
    /// The variant of the page's message that fits it.
    pub variant: Option<&'static str>,
    /// What could not be read, when the status is unknown.
    pub gaps: Vec<Gap>,
    /// Whether the resource's tags were read: what has no tags among those that are read may have some.
    pub tags_known: bool,
    /// Why the severity is not the check's, where the configuration moved it.
    pub severity_reason: Option<String>,
    /// Who accepts it, where somebody does; of an unknown finding too, which stays unknown.
    pub suppressed: Option<Box<Suppressed>>,
}

impl Finding {
    /// The finding that a judgement makes; none when there is nothing to judge.
    #[must_use]
    pub fn new(
        check: &'static str,
        severity: Severity,
        judgement: Judgement,
        types: &[&'static str],
        resource: impl FnOnce() -> Resource,
    ) -> Option<Self> {
        let (status, severity, verdict, gaps) = match judgement {
            Ok(verdict) => match verdict.outcome {
                Outcome::Pass => (Status::Pass, severity, verdict, Vec::new()),
                Outcome::Fail(own) => (Status::Fail, own.unwrap_or(severity), verdict, Vec::new()),
            },
            Err(NotJudged::Unread(gaps)) => (Status::Unknown, severity, Verdict::pass(), gaps.into_vec()),
            Err(NotJudged::NotApplicable) => return None,
        };
        let Verdict { variant, aspects, towards, evidence, .. } = verdict;
        let (resource, types) = (resource(), types.to_vec());
        let (tags_known, severity_reason, suppressed) = (false, None, None);
        Some(Self {
            check,
            status,
            severity,
            resource,
            types,
            aspects,
            towards,
            evidence,
            variant,
            gaps,
            tags_known,
            severity_reason,
            suppressed,
        })
    }

    /// The key of a ticket: stays the same from scan to scan, and is unique in a report.
    ///
    /// 32 hexadecimal digits: the first half of SHA-256 over check, account, resource type, region (empty
    /// for what is global by its id) and resource id, and where the failure leads if a resource can fail the check
    /// once for each end, each followed by a line feed.
    #[must_use]
    pub fn id(&self) -> String {
        let Resource { kind, id, region, account, .. } = &self.resource;
        id_of(self.check, account, kind, region.as_deref(), id, self.towards.as_deref())
    }
}

/// The id of a finding; see [`Finding::id`].
#[must_use]
pub(crate) fn id_of(
    check: &str,
    account: &str,
    kind: &str,
    region: Option<&str>,
    id: &str,
    towards: Option<&str>,
) -> String {
    // A bucket's name is the same bucket in whatever region; so is a trail's, but for its home.
    let region = region.filter(|_| kind != "AWS::S3::Bucket").unwrap_or_default();
    let mut hash = Sha256::new();
    for part in [check, account, kind, region, id].into_iter().chain(towards) {
        hash.update(part);
        hash.update("\n");
    }
    hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}
