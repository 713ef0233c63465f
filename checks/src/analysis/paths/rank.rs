//! How bad a path is: a table that fits on a page. The names of the factors are Security Hub's (AWS Security Hub User
//! Guide, "Severity levels for exposure findings"), the numbers our own.
//!
//! The score is ease + impact − certainty − 1 for more than three steps:
//!
//! | | 3 | 2 | 1 | 0 |
//! | --- | --- | --- | --- | --- |
//! | ease | the internet, without credentials | any AWS account, any CI tenant; the internet, by a flaw in what it is meant to reach | a foreign account, an old key | somebody inside |
//! | impact | administrator, loss of data, every secret | sensitive data, blindness, a site | other data | |
//! | certainty (of the worst edge) | | unknown | conditional | certain |
//!
//! 5 and more is critical (high where an edge is conditional), 4 is high, 2 and 3 are medium, less is not told. What
//! hangs on something that could not be read is medium at most.
//!
//! A flaw that Amazon Inspector or GuardDuty tells of makes what takes one easier by one.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::graph::{Certainty, Impact};
use crate::{finding::Severity, report_paths::PathCertainty};

/// How easily an attacker begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Ease {
    /// Somebody inside the account.
    Inside,
    /// A foreign account, or a key that may be in other hands.
    Few,
    /// Any AWS account or CI tenant; the internet, through a flaw in what it is meant to reach.
    Many,
    /// The internet, without credentials.
    Everyone,
}

impl Ease {
    /// The next easier one; nothing is easier than what everyone may do.
    #[must_use]
    pub const fn easier(self) -> Self {
        match self {
            Self::Inside => Self::Few,
            Self::Few => Self::Many,
            Self::Many | Self::Everyone => Self::Everyone,
        }
    }
}

/// More steps than these make a path less likely.
const FEW_STEPS: usize = 3;

const fn ease(ease: Ease) -> i8 {
    match ease {
        Ease::Inside => 0,
        Ease::Few => 1,
        Ease::Many => 2,
        Ease::Everyone => 3,
    }
}

const fn impact(impact: Impact) -> i8 {
    match impact {
        Impact::Administrator | Impact::Loss | Impact::Secrets => 3,
        Impact::Sensitive | Impact::Blind | Impact::Site => 2,
        Impact::Other => 1,
    }
}

/// The severity of a path; none for one that is not worth telling.
#[must_use]
pub fn severity(begins: Ease, ends: Impact, worst: &Certainty, steps: usize) -> Option<Severity> {
    by_certainty(begins, ends, worst.told(), steps)
}

/// The same, of a path of which is known how sure it is and not why.
#[must_use]
pub fn by_certainty(begins: Ease, ends: Impact, worst: PathCertainty, steps: usize) -> Option<Severity> {
    let long = if steps > FEW_STEPS { 1 } else { 0 };
    let penalty = match worst {
        PathCertainty::Certain => 0,
        PathCertainty::Conditional => 1,
        PathCertainty::Unknown => 2,
    };
    let score = ease(begins) + impact(ends) - penalty - long;
    let severity = match (score, worst) {
        (5.., PathCertainty::Certain) => Severity::Critical,
        (4.., PathCertainty::Certain | PathCertainty::Conditional) => Severity::High,
        (2.., _) => Severity::Medium,
        _ => return None,
    };
    Some(severity)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{analysis::paths::graph::Doubt, gap::Gap};

    #[test]
    fn every_row_of_the_table() {
        use Ease::{Everyone, Few, Inside, Many};
        use Impact::{Administrator, Blind, Loss, Other, Secrets, Sensitive, Site};
        use Severity::{Critical, High, Medium};
        for (begins, ends, expected) in [
            (Everyone, Administrator, Some(Critical)),
            (Everyone, Loss, Some(Critical)),
            (Everyone, Secrets, Some(Critical)),
            (Everyone, Sensitive, Some(Critical)),
            (Everyone, Blind, Some(Critical)),
            (Everyone, Other, Some(High)),
            (Many, Administrator, Some(Critical)),
            (Many, Secrets, Some(Critical)),
            (Many, Sensitive, Some(High)),
            (Many, Site, Some(High)),
            (Many, Other, Some(Medium)),
            (Few, Administrator, Some(High)),
            (Few, Secrets, Some(High)),
            (Few, Sensitive, Some(Medium)),
            (Few, Other, Some(Medium)),
            (Inside, Administrator, Some(Medium)),
            (Inside, Sensitive, Some(Medium)),
            (Inside, Other, None),
        ] {
            assert_eq!(severity(begins, ends, &Certainty::Certain, 3), expected, "{begins:?} {ends:?}");
        }
    }

    #[test]
    fn doubt_and_length_take_one_off() {
        let conditional = Certainty::Conditional(Doubt::Flaw);
        for (begins, certainty, steps, expected) in [
            (Ease::Everyone, &Certainty::Certain, 4, Some(Severity::Critical)),
            (Ease::Many, &Certainty::Certain, 4, Some(Severity::High)),
            (Ease::Everyone, &conditional, 3, Some(Severity::High)),
            (Ease::Many, &conditional, 3, Some(Severity::High)),
            (Ease::Many, &conditional, 4, Some(Severity::Medium)),
            (Ease::Inside, &conditional, 4, None),
        ] {
            let found = severity(begins, Impact::Administrator, certainty, steps);
            assert_eq!(found, expected, "{begins:?} {certainty:?} {steps}");
        }
    }

    #[test]
    fn what_hangs_on_a_gap_is_medium_at_most() {
        let gap = Gap::unreadable(crate::snapshot::ec2::op::DescribeRouteTables, None, None, "");
        let unknown = Certainty::Unknown(Box::new(gap));
        for begins in [Ease::Everyone, Ease::Many] {
            assert_eq!(severity(begins, Impact::Administrator, &unknown, 2), Some(Severity::Medium));
        }
        assert_eq!(severity(Ease::Few, Impact::Administrator, &unknown, 2), Some(Severity::Medium));
        assert_eq!(severity(Ease::Inside, Impact::Administrator, &unknown, 2), None);
    }
}
