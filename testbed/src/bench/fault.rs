//! Faults at a rate.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::str::FromStr;

/// What goes wrong with some requests, by chance that a seed decides: `500@0.1`, `reset:ec2:Describe*@0.05`.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    pub(super) kind: FaultKind,
    /// `service:Operation`, where `*` at the end stands for anything; empty for all.
    operation: String,
    rate: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum FaultKind {
    ServerError,
    Throttle,
    Denied,
    Reset,
    Truncate,
    Hang,
    Html,
    Empty,
}

const NAMES: [(&str, FaultKind); 8] = [
    ("500", FaultKind::ServerError),
    ("throttle", FaultKind::Throttle),
    ("denied", FaultKind::Denied),
    ("reset", FaultKind::Reset),
    ("truncate", FaultKind::Truncate),
    ("hang", FaultKind::Hang),
    ("html", FaultKind::Html),
    ("empty", FaultKind::Empty),
];

impl FromStr for Fault {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            let names: Vec<_> = NAMES.iter().map(|(name, _)| *name).collect();
            format!("{text} is not NAME[:SERVICE:OPERATION]@RATE with a NAME of {}", names.join(", "))
        };
        let (what, rate) = text.rsplit_once('@').ok_or_else(wrong)?;
        let (name, operation) = what.split_once(':').unwrap_or((what, ""));
        let kind = NAMES.iter().find(|(it, _)| *it == name).ok_or_else(wrong)?.1;
        let rate = rate.parse().ok().filter(|rate| (0.0..=1.0).contains(rate)).ok_or_else(wrong)?;
        Ok(Self { kind, operation: operation.to_owned(), rate })
    }
}

impl Fault {
    /// Whether it meets the `time`-th request that is like this one.
    pub(super) fn meets(&self, seed: u64, operation: &str, request: u64, time: u32) -> bool {
        let like = match self.operation.strip_suffix('*') {
            Some(start) => operation.starts_with(start),
            None => self.operation.is_empty() || self.operation == operation,
        };
        let mut hasher = DefaultHasher::new();
        (seed, self.kind, request, time).hash(&mut hasher);
        // 53 bits, as many as the fraction has.
        like && (hasher.finish() >> 11) as f64 / (1_u64 << 53) as f64 <= self.rate && self.rate > 0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_parsed_and_meet_their_part() {
        let fault: Fault = "reset:ec2:Describe*@0.2".parse().unwrap();
        let met = (0..1000).filter(|request| fault.meets(7, "ec2:DescribeVpcs", *request, 0)).count();
        assert!((150..250).contains(&met), "{met}");
        assert!((0..1000).all(|request| !fault.meets(7, "iam:ListUsers", request, 0)));
        let again = (0..1000).filter(|request| fault.meets(7, "ec2:DescribeVpcs", *request, 0)).count();
        assert_eq!(met, again, "the seed decides");
        assert!("500@1".parse::<Fault>().unwrap().meets(0, "a:B", 1, 3));
        assert!(!"500@0".parse::<Fault>().unwrap().meets(0, "a:B", 1, 3));
        for wrong in ["500", "500@2", "explode@0.1", "@", "500@x"] {
            assert!(wrong.parse::<Fault>().is_err(), "{wrong}");
        }
    }
}
