//! Where the time of a scan goes: how long calls waited for their turn, and the chain of calls, each asked after
//! another's answer, that the scan ended with.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use aws_audit_checks::{
    snapshot::{Link, Time, Waited},
    source::Operation,
};

/// Waits below this are not worth telling.
const NOTABLE: Duration = Duration::from_millis(100);

/// What was answered when.
#[derive(Debug, Default)]
pub(super) struct Trace(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    waited: BTreeMap<&'static str, Waits>,
    /// The last answer from each region, with those that it came after; from global services under the empty name.
    latest: HashMap<String, Arc<Answer>>,
}

#[derive(Debug, Default)]
struct Waits {
    calls: u64,
    total: Duration,
    longest: Duration,
}

/// An answer, and the one before it in its chain.
#[derive(Debug)]
pub(super) struct Answer {
    operation: &'static Operation,
    region: String,
    waited: Duration,
    took: Duration,
    at: Instant,
    after: Option<Arc<Self>>,
}

impl Drop for Answer {
    /// Link by link: a chain of many pages would be more than the stack holds.
    fn drop(&mut self) {
        let mut next = self.after.take();
        while let Some(mut answer) = next.and_then(Arc::into_inner) {
            next = answer.after.take();
        }
    }
}

impl Trace {
    /// What a call that is asked for now comes after: the last answer from its region, or from a global service. Code
    /// that waits for an answer asks at once when it is there, so that hardly another can come between.
    pub(super) fn asked(&self, region: &str) -> Option<Arc<Answer>> {
        let inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let of = |region: &str| inner.latest.get(region);
        of(region).into_iter().chain(of("")).max_by_key(|answer| answer.at).cloned()
    }

    /// A call was asked for, waited for its turn, was sent, and is answered now.
    pub(super) fn answered(
        &self,
        operation: &'static Operation,
        region: &str,
        [asked, sent]: [Instant; 2],
        after: Option<Arc<Answer>>,
    ) {
        let at = Instant::now();
        let (waited, took) = (sent - asked, at - sent);
        let answer = Arc::new(Answer { operation, region: region.to_owned(), waited, took, at, after });
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if waited >= NOTABLE {
            let waits = inner.waited.entry(operation.id).or_default();
            waits.calls += 1;
            waits.total += waited;
            waits.longest = waits.longest.max(waited);
        }
        inner.latest.insert(region.to_owned(), answer);
    }

    /// All of it.
    pub(super) fn told(&self) -> Time {
        Time { waited: self.waited(), longest_chain: self.chain() }
    }

    /// The waits, by operation.
    fn waited(&self) -> BTreeMap<String, Waited> {
        let inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let told = |waits: &Waits| Waited {
            calls: waits.calls,
            milliseconds: millis(waits.total),
            longest_milliseconds: millis(waits.longest),
        };
        inner.waited.iter().map(|(id, waits)| ((*id).to_owned(), told(waits))).collect()
    }

    /// The chain of the last answer, from its beginning.
    fn chain(&self) -> Vec<Link> {
        let inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let last = inner.latest.values().max_by_key(|answer| answer.at);
        let back = std::iter::successors(last.map(Arc::as_ref), |answer| answer.after.as_deref());
        let mut chain: Vec<_> = back
            .map(|answer| Link {
                operation: answer.operation.id.to_owned(),
                region: (!answer.region.is_empty()).then(|| answer.region.clone()),
                waited_milliseconds: millis(answer.waited),
                milliseconds: millis(answer.took),
            })
            .collect();
        chain.reverse();
        chain
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use aws_audit_checks::snapshot::{ec2, iam};

    use super::*;

    #[test]
    fn a_chain_goes_back_to_what_was_answered_before_it_was_asked() {
        let trace = Trace::default();
        let call = |operation, region: &str| {
            let (after, asked) = (trace.asked(region), Instant::now());
            (operation, region.to_owned(), asked, after)
        };
        let answer = |(operation, region, asked, after): (_, String, _, _)| {
            trace.answered(operation, &region, [asked, asked], after);
        };
        answer(call(iam::op::GetAccountSummary, ""));
        let (vpcs, subnets) =
            (call(ec2::op::DescribeVpcs, "eu-west-1"), call(ec2::op::DescribeSubnets, "eu-west-1"));
        answer(vpcs);
        answer(call(ec2::op::DescribeVpcs, "us-east-1"));
        answer(subnets);
        let ids: Vec<_> = trace.chain().into_iter().map(|link| link.operation).collect();
        assert_eq!(ids, ["iam:GetAccountSummary", "ec2:DescribeSubnets"]);
    }

    #[test]
    fn long_chains_end_without_recursion() {
        let trace = Trace::default();
        for _ in 0..200_000 {
            let now = Instant::now();
            trace.answered(iam::op::GetAccountSummary, "", [now, now], trace.asked(""));
        }
        assert_eq!(trace.chain().len(), 200_000);
        drop(trace);
    }

    #[test]
    fn waits_are_told_by_operation() {
        let trace = Trace::default();
        let now = Instant::now();
        let before = |ms| now.checked_sub(Duration::from_millis(ms)).unwrap();
        for ms in [1, 250, 500] {
            trace.answered(iam::op::GetAccountSummary, "", [before(ms), now], None);
        }
        let waited = Waited { calls: 2, milliseconds: 750, longest_milliseconds: 500 };
        assert_eq!(trace.waited(), [("iam:GetAccountSummary".to_owned(), waited)].into());
    }
}
