//! What could be read, and what could not.
//!
//! A live account never answers everything. Everything collected is a [`Collected<T>`]: the value, or the
//! [`Gap`] that says which operation failed how. The value is reached only through [`Collected::get`], so
//! a check that hits a gap becomes `unknown` by way of `?` and can never take missing data for fine.

use std::{collections::BTreeMap, fmt};

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

/// Why an operation gave no usable answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum GapKind {
    /// An IAM policy, service control policy or resource policy refused the call.
    AccessDenied,
    /// The region is not enabled for the account.
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
    /// The scan was ended (by Ctrl-C or `--timeout`) before the call was made.
    Interrupted,
    /// Not collected, because no selected check reads it.
    NotSelected,
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
    /// What the service, or the network, said of it.
    #[serde(default)]
    pub message: String,
}

impl Gap {
    /// An answer that came and could not be understood.
    #[must_use]
    pub fn unreadable(
        operation: &str,
        region: Option<&str>,
        resource: Option<&str>,
        message: impl Into<String>,
    ) -> Self {
        Self {
            operation: operation.to_owned(),
            region: region.map(str::to_owned),
            resource: resource.map(str::to_owned),
            kind: GapKind::UnreadableAnswer,
            message: message.into(),
        }
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
    /// There is nothing to judge here (the service is not offered in the region, the resource is exempt):
    /// no finding.
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
    /// The service does not exist in the region.
    NotOffered,
}

impl<T> Collected<T> {
    /// The value, or why there is none.
    ///
    /// # Errors
    /// The gap, or [`NotJudged::NotApplicable`] where the service does not exist.
    pub fn get(&self) -> Result<&T, NotJudged> {
        match self {
            Self::Value(value) => Ok(value),
            Self::Gap(gap) => Err(NotJudged::Gap(gap.clone())),
            Self::NotOffered => Err(NotJudged::NotApplicable),
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
            NotOffered,
        }
        // An `Option` is what serde takes a missing field for, so that no field needs to say so.
        Ok(match Option::<Written<T>>::deserialize(deserializer)? {
            Some(Written::Value(value)) => Self::Value(value),
            Some(Written::Gap(gap)) => Self::Gap(gap),
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
        self.get()?.get(id).ok_or(NotJudged::NotApplicable)?.get()
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
            message: String::new(),
        })
    }
}
