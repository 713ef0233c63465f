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
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotJudged {
    /// Something needed could not be read: the finding is `unknown`.
    Gap(Gap),
    /// There is nothing to judge here (the service is not offered in the region, the resource is exempt or
    /// gone): no finding.
    NotApplicable,
}

impl From<Gap> for NotJudged {
    fn from(gap: Gap) -> Self {
        Self::Gap(gap)
    }
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
            Self::Gap(gap) | Self::Part { gap, .. } => Err(NotJudged::Gap(gap.clone())),
            Self::NotOffered => Err(NotJudged::NotApplicable),
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
        assert_eq!(part.get(), Err(NotJudged::Gap(gap())));
        assert_eq!(part.known(), Some(&vec![1]));
        assert_eq!(part.as_ref().map(Vec::len), Collected::Part { value: 1, gap: gap() });
        assert_eq!(Collected::<u8>::Gap(gap()).known(), None);
    }

    #[test]
    fn what_was_not_asked_about_is_not_applicable_only_where_all_was() {
        let answers = BTreeMap::from([("a".to_owned(), Collected::Value(1))]);
        let part = Collected::Part { value: answers.clone(), gap: gap() };
        assert_eq!(part.of("a"), Ok(&1));
        assert_eq!(part.of("b"), Err(NotJudged::Gap(gap())));
        assert_eq!(Collected::Value(answers).of("b"), Err(NotJudged::NotApplicable));
    }

    #[test]
    fn a_snapshot_keeps_what_is_a_part() {
        let part = Collected::Part { value: vec![1], gap: gap() };
        let text = serde_json::to_string(&part).unwrap();
        assert_eq!(serde_json::from_str::<Collected<Vec<u8>>>(&text).unwrap(), part);
    }
}
