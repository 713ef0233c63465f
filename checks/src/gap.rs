//! What could be read, and what could not.
//!
//! A live account never answers everything. Everything collected is a [`Collected<T>`]: the value, or the
//! [`Gap`] that says which operation failed how. The value is reached only through [`Collected::get`], so
//! a check that hits a gap becomes `unknown` by way of `?` and can never take missing data for fine.

use std::{collections::BTreeMap, fmt};

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

use crate::source::Operation;

/// Why an operation gave no usable answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum GapKind {
    /// The call was refused: for lack of a permission, by a policy, or because the account may not use the
    /// service. [`Gap::refused_by`] tells which, where AWS does.
    AccessDenied,
    /// The region is not enabled for the account, or the session is not valid in it.
    RegionDisabled,
    /// The service refused for too many requests, and kept refusing.
    Throttled,
    /// No answer within the time limit.
    TimedOut,
    /// The service could not be reached: no route, no DNS answer, connection refused or broken.
    Unreachable,
    /// The service answered with an error of its own.
    ServerError,
    /// The answer could not be understood.
    UnreadableAnswer,
    /// The credentials are not, or no longer, valid.
    InvalidCredentials,
    /// The request was refused for its time: this machine's clock is wrong.
    WrongClock,
    /// The scan was ended (by Ctrl-C or `--timeout`) before the call was made.
    Interrupted,
    /// Not collected, because no selected check reads it.
    NotSelected,
    /// Read, but the expression of a custom check could not be evaluated on it; the message tells why.
    NotEvaluated,
}

/// What refused a call that no missing permission explains: adding permissions does not help against it. (IAM
/// User Guide, "Troubleshoot access denied error messages".)
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// An explicit deny, in an identity-based policy or where AWS does not say.
    Deny,
    /// A service control policy of the organization.
    ServiceControlPolicy,
    /// A resource control policy of the organization.
    ResourceControlPolicy,
    /// The permissions boundary of the user or role.
    PermissionsBoundary,
    /// The policy that the session was made with.
    SessionPolicy,
    /// The resource's own policy.
    ResourcePolicy,
    /// The policy of the VPC endpoint that the call went through.
    EndpointPolicy,
    /// No policy: the account is not subscribed to the service, not activated yet, or suspended.
    Account,
}

/// One thing that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Gap {
    /// The operation as in an IAM policy's namespace, e.g. `ec2:DescribeVpcs`.
    pub operation: String,
    /// The region asked; none for global services.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// The one resource asked about; none for a list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
    /// What went wrong.
    pub kind: GapKind,
    /// What refused the call; none where a permission may be missing, and for other kinds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused_by: Option<Refusal>,
    /// What the service, or the network, said of it.
    #[serde(default)]
    pub message: String,
}

impl Gap {
    /// An answer that came and could not be understood.
    #[must_use]
    pub fn unreadable(
        operation: &'static Operation,
        region: Option<&str>,
        resource: Option<&str>,
        message: impl Into<String>,
    ) -> Self {
        Self {
            operation: operation.id.to_owned(),
            region: region.map(str::to_owned),
            resource: resource.map(str::to_owned),
            kind: GapKind::UnreadableAnswer,
            refused_by: None,
            message: message.into(),
        }
    }

    /// What is of a region that the scan left out.
    #[must_use]
    pub fn not_scanned(operation: &'static Operation, region: &str, resource: Option<&str>) -> Self {
        let message = "the region was not scanned";
        let kind = GapKind::NotSelected;
        Self { kind, ..Self::unreadable(operation, Some(region), resource, message) }
    }
}

impl fmt::Display for Gap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.operation)?;
        if let Some(region) = &self.region {
            write!(f, " in {region}")?;
        }
        if let Some(resource) = &self.resource {
            write!(f, " on {resource}")?;
        }
        write!(f, ": {:?}", self.kind)
    }
}

/// Why something was not judged.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NotJudged {
    /// Something needed could not be read: the finding is `unknown`. At least one gap.
    Unread(Gaps),
    /// There is nothing to judge here (the service is not offered in the region, the resource is exempt or
    /// gone): no finding.
    NotApplicable,
}

impl From<Gap> for NotJudged {
    fn from(gap: Gap) -> Self {
        Self::Unread(Gaps(vec![gap]))
    }
}

/// What could not be read on the way to an answer, and how that weighs: what is known decides, and only where it does
/// not is the answer unknown, for want of all that might have decided.
///
/// [`any`], [`all`], [`find`] and [`collect`] are this rule for lists; take the steps of an answer that is none of these
/// by [`Gaps::known`], and end it with [`Gaps::unless`].
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Gaps(Vec<Gap>);

impl Gaps {
    /// The value; none where it could not be read, which is noted, or where there is nothing to read.
    pub fn known<T>(&mut self, answer: Result<T, NotJudged>) -> Option<T> {
        match answer {
            Ok(value) => Some(value),
            Err(NotJudged::NotApplicable) => None,
            Err(NotJudged::Unread(gaps)) => {
                self.extend(gaps.0);
                None
            }
        }
    }

    /// Ends the answer: by what is known, where that decides or all was read.
    ///
    /// # Errors
    /// All that was noted, where what is known does not decide.
    pub fn unless(self, decided: bool) -> Result<(), NotJudged> {
        if decided || self.0.is_empty() { Ok(()) } else { Err(NotJudged::Unread(self)) }
    }

    /// Whether all was read so far.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The gaps, in the order they were met.
    pub fn iter(&self) -> std::slice::Iter<'_, Gap> {
        self.0.iter()
    }

    /// The gaps, in the order they were met.
    #[must_use]
    pub fn into_vec(self) -> Vec<Gap> {
        self.0
    }
}

impl Extend<Gap> for Gaps {
    /// Notes each gap once.
    fn extend<I: IntoIterator<Item = Gap>>(&mut self, gaps: I) {
        for gap in gaps {
            if !self.0.contains(&gap) {
                self.0.push(gap);
            }
        }
    }
}

/// Whether one answer is yes.
///
/// # Errors
/// When none is known to be, and some could not be read.
pub fn any(answers: impl IntoIterator<Item = Result<bool, NotJudged>>) -> Result<bool, NotJudged> {
    Ok(find(answers.into_iter().map(|answer| Ok(answer?.then_some(()))))?.is_some())
}

/// Whether every answer is yes.
///
/// # Errors
/// When none is known to be no, and some could not be read.
pub fn all(answers: impl IntoIterator<Item = Result<bool, NotJudged>>) -> Result<bool, NotJudged> {
    Ok(!any(answers.into_iter().map(|answer| answer.map(|yes| !yes)))?)
}

/// The first that is there.
///
/// # Errors
/// When none is known to be, and some could not be read.
pub fn find<T>(
    answers: impl IntoIterator<Item = Result<Option<T>, NotJudged>>,
) -> Result<Option<T>, NotJudged> {
    let mut gaps = Gaps::default();
    for answer in answers {
        if let Some(found) = gaps.known(answer).flatten() {
            return Ok(Some(found));
        }
    }
    gaps.unless(false).map(|()| None)
}

/// All that are there. One that is known decides: others may be there that could not be read.
///
/// # Errors
/// When none is known to be there, and some could not be read.
pub fn collect<I: IntoIterator>(
    answers: impl IntoIterator<Item = Result<I, NotJudged>>,
) -> Result<Vec<I::Item>, NotJudged> {
    let mut gaps = Gaps::default();
    let found: Vec<_> = answers.into_iter().filter_map(|answer| gaps.known(answer)).flatten().collect();
    gaps.unless(!found.is_empty())?;
    Ok(found)
}

/// A collected value, or why there is none.
///
/// Where a snapshot lacks it (an earlier version's, that did not collect it yet), it is the default: not read.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Collected<T> {
    /// Read. "Not configured" answers (no bucket policy, no password policy) are values too.
    Value(T),
    /// Could not be read.
    Gap(Gap),
    /// Read but for some of it: items of a list lack what is needed to tell anything of them. What asks for the
    /// value as a whole meets the gap, since what was not read may decide ("none of them is public", "one of
    /// them logs"); only [`Collected::known`] gives the rest, for who judges each item by itself.
    Part {
        /// What could be read.
        value: T,
        /// The first of the gaps; the snapshot's list has all of them.
        gap: Gap,
    },
    /// There is nothing to read: AWS does not offer it in the region or to the account, or the resource went
    /// away after it was listed.
    NotOffered,
}

impl<T> Collected<T> {
    /// The value, or why there is none.
    ///
    /// # Errors
    /// The gap, or [`NotJudged::NotApplicable`] where there is nothing to read.
    pub fn get(&self) -> Result<&T, NotJudged> {
        match self {
            Self::Value(value) => Ok(value),
            Self::Gap(gap) | Self::Part { gap, .. } => Err(gap.clone().into()),
            Self::NotOffered => Err(NotJudged::NotApplicable),
        }
    }

    /// The value; none where there is nothing to read.
    ///
    /// # Errors
    /// The gap.
    pub fn offered(&self) -> Result<Option<&T>, NotJudged> {
        match self.get() {
            Err(NotJudged::NotApplicable) => Ok(None),
            value => value.map(Some),
        }
    }

    /// What could be read, be it all or a part; [`Collected::get`] tells whether more is there.
    #[must_use]
    pub const fn known(&self) -> Option<&T> {
        match self {
            Self::Value(value) | Self::Part { value, .. } => Some(value),
            Self::Gap(_) | Self::NotOffered => None,
        }
    }

    /// As [`Collected::known`], to be changed.
    pub const fn known_mut(&mut self) -> Option<&mut T> {
        match self {
            Self::Value(value) | Self::Part { value, .. } => Some(value),
            Self::Gap(_) | Self::NotOffered => None,
        }
    }

    /// The same of what is made from the value.
    pub fn map<U>(self, make: impl FnOnce(T) -> U) -> Collected<U> {
        match self {
            Self::Value(value) => Collected::Value(make(value)),
            Self::Part { value, gap } => Collected::Part { value: make(value), gap },
            Self::Gap(gap) => Collected::Gap(gap),
            Self::NotOffered => Collected::NotOffered,
        }
    }

    /// The same of a reference to the value.
    #[must_use]
    pub fn as_ref(&self) -> Collected<&T> {
        match self {
            Self::Value(value) => Collected::Value(value),
            Self::Part { value, gap } => Collected::Part { value, gap: gap.clone() },
            Self::Gap(gap) => Collected::Gap(gap.clone()),
            Self::NotOffered => Collected::NotOffered,
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Collected<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "snake_case")]
        enum Written<T> {
            Value(T),
            Gap(Gap),
            Part { value: T, gap: Gap },
            NotOffered,
        }
        // An `Option` is what serde takes a missing field for, so that no field needs to say so.
        Ok(match Option::<Written<T>>::deserialize(deserializer)? {
            Some(Written::Value(value)) => Self::Value(value),
            Some(Written::Gap(gap)) => Self::Gap(gap),
            Some(Written::Part { value, gap }) => Self::Part { value, gap },
            Some(Written::NotOffered) => Self::NotOffered,
            None => Self::default(),
        })
    }
}

impl<T> Collected<BTreeMap<String, Collected<T>>> {
    /// What was read of one resource, where each was asked about.
    ///
    /// # Errors
    /// The gap, of this resource or of the list; [`NotJudged::NotApplicable`] where the resource was not asked
    /// about, because AWS has no answer for its like.
    pub fn of(&self, id: &str) -> Result<&T, NotJudged> {
        match self.known().and_then(|answers| answers.get(id)) {
            Some(answer) => answer.get(),
            None => Err(self.get().err().unwrap_or(NotJudged::NotApplicable)),
        }
    }
}

impl<T> Default for Collected<T> {
    /// What no selected check reads is not collected.
    fn default() -> Self {
        Self::Gap(Gap {
            operation: String::new(),
            region: None,
            resource: None,
            kind: GapKind::NotSelected,
            refused_by: None,
            message: String::new(),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::{
        collection,
        prelude::{Just, Strategy, any as arbitrary},
        prop_assert_eq, prop_oneof, proptest,
    };

    use super::*;

    fn gap() -> Gap {
        Gap::unreadable(
            crate::snapshot::rds::op::DescribeDBInstances,
            None,
            None,
            "an item lacks DBInstanceIdentifier",
        )
    }

    #[test]
    fn a_part_is_no_whole() {
        let part = Collected::Part { value: vec![1], gap: gap() };
        assert_eq!(part.get(), Err(gap().into()));
        assert_eq!(part.known(), Some(&vec![1]));
        assert_eq!(part.as_ref().map(Vec::len), Collected::Part { value: 1, gap: gap() });
        assert_eq!(Collected::<u8>::Gap(gap()).known(), None);
    }

    #[test]
    fn what_was_not_asked_about_is_not_applicable_only_where_all_was() {
        let answers = BTreeMap::from([("a".to_owned(), Collected::Value(1))]);
        let part = Collected::Part { value: answers.clone(), gap: gap() };
        assert_eq!(part.of("a"), Ok(&1));
        assert_eq!(part.of("b"), Err(gap().into()));
        assert_eq!(Collected::Value(answers).of("b"), Err(NotJudged::NotApplicable));
    }

    #[test]
    fn a_snapshot_keeps_what_is_a_part() {
        let part = Collected::Part { value: vec![1], gap: gap() };
        let text = serde_json::to_string(&part).unwrap();
        assert_eq!(serde_json::from_str::<Collected<Vec<u8>>>(&text).unwrap(), part);
    }

    /// Yes, no, not applicable, or one of some gaps.
    fn answer() -> impl Strategy<Value = Result<bool, NotJudged>> {
        let of = |message: u8| Gap { message: message.to_string(), ..gap() };
        prop_oneof![
            arbitrary::<bool>().prop_map(Ok),
            Just(Err(NotJudged::NotApplicable)),
            (0_u8..3).prop_map(move |message| Err(of(message).into())),
        ]
    }

    /// What a question about the answers comes to, whatever the unread ones may be: the one result of all completions, or
    /// every gap among them.
    fn oracle(
        answers: &[Result<bool, NotJudged>],
        question: impl Fn(&[bool]) -> bool,
    ) -> Result<bool, BTreeSet<String>> {
        let unread = answers.iter().filter(|answer| matches!(answer, Err(NotJudged::Unread(_)))).count();
        let complete = |completion: usize| {
            let mut at = 0;
            let mut next = || {
                at += 1;
                completion >> (at - 1) & 1 == 1
            };
            let known = answers.iter().filter_map(|answer| match answer {
                Ok(known) => Some(*known),
                Err(NotJudged::Unread(_)) => Some(next()),
                Err(NotJudged::NotApplicable) => None,
            });
            question(&known.collect::<Vec<_>>())
        };
        let results: BTreeSet<bool> = (0..1_usize << unread).map(complete).collect();
        match results.into_iter().collect::<Vec<_>>()[..] {
            [result] => Ok(result),
            _ => {
                Err(answers.iter().filter_map(|answer| messages(answer.as_ref().err()?)).flatten().collect())
            }
        }
    }

    fn messages(not_judged: &NotJudged) -> Option<BTreeSet<String>> {
        match not_judged {
            NotJudged::Unread(gaps) => Some(gaps.iter().map(|gap| gap.message.clone()).collect()),
            NotJudged::NotApplicable => None,
        }
    }

    proptest! {
        #[test]
        fn what_is_known_decides_else_all_that_was_not_read_is_told(answers in collection::vec(answer(), 0..8)) {
            let told = |result: Result<bool, NotJudged>| result.map_err(|why| messages(&why).expect("gaps"));
            prop_assert_eq!(told(any(answers.clone())), oracle(&answers, |known| known.contains(&true)));
            prop_assert_eq!(told(all(answers.clone())), oracle(&answers, |known| !known.contains(&false)));
            let there = || answers.iter().cloned().map(|answer| Ok(answer?.then_some(1)));
            let is_there = |known: &[bool]| known.contains(&true);
            prop_assert_eq!(told(find(there()).map(|it| it.is_some())), oracle(&answers, is_there));
            prop_assert_eq!(told(collect(there()).map(|it| !it.is_empty())), oracle(&answers, is_there));
            if let Ok(found) = collect(there()) {
                let known = answers.iter().filter(|answer| **answer == Ok(true)).count();
                prop_assert_eq!(found.len(), known);
            }
        }
    }
}
