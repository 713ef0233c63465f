//! Token buckets, as AWS limits requests with them, and a client that takes from them beside the one that is measured.

use std::collections::HashMap;

/// A request limit that AWS has, in each region.
#[derive(Clone, Debug)]
pub struct Limit {
    /// The SDK's name of the service.
    pub sdk: &'static str,
    /// The operation.
    pub operation: &'static str,
    /// Operations of a service with one name share a bucket; each has its own where it is empty.
    pub group: &'static str,
    /// Most tokens.
    pub burst: f64,
    /// Tokens that come back in a second.
    pub per_second: f64,
    /// Production has no use for it.
    pub spare: bool,
}

/// The buckets of an account.
#[derive(Debug, Default)]
pub(super) struct Buckets {
    /// By limit, region and account.
    buckets: HashMap<(u16, u16, u64), Tokens>,
    /// The share of every limit that the competitor takes.
    competitor: Option<f64>,
    pub(super) competing: Competing,
}

/// What the competitor asked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Competing {
    /// Tokens that it wanted.
    pub wanted: u64,
    /// Tokens that were not there.
    pub refused: u64,
}

#[derive(Debug)]
struct Tokens {
    tokens: f64,
    at: f64,
    /// When the competitor comes next; it has not come yet.
    next: Option<f64>,
}

impl Buckets {
    pub(super) fn new(competitor: Option<f64>) -> Self {
        Self { competitor, ..Self::default() }
    }

    /// Takes a token of this limit in that region, `at` seconds after the start; whether there was one.
    pub(super) fn take(&mut self, limit: &Limit, key: (u16, u16, u64), at: f64) -> bool {
        let bucket =
            self.buckets.entry(key).or_insert_with(|| Tokens { tokens: limit.burst, at, next: None });
        // What production has no use for, it does not ask for.
        if let Some(share) = self.competitor.filter(|_| !limit.spare) {
            let pause = 1.0 / (limit.per_second * share);
            let mut next = bucket.next.unwrap_or_else(|| {
                let mut burst = limit.burst * share;
                while burst >= 1.0 {
                    self.competing.count(bucket.take(limit, at));
                    burst -= 1.0;
                }
                at + pause
            });
            while next <= at {
                self.competing.count(bucket.take(limit, next));
                next += pause;
            }
            bucket.next = Some(next);
        }
        bucket.take(limit, at)
    }
}

impl Competing {
    fn count(&mut self, got: bool) {
        self.wanted += 1;
        self.refused += u64::from(!got);
    }
}

impl Tokens {
    fn take(&mut self, limit: &Limit, at: f64) -> bool {
        self.tokens = (self.tokens + (at - self.at).max(0.0) * limit.per_second).min(limit.burst);
        self.at = self.at.max(at);
        // What a client that waits for its token just so does not have, by a rounding.
        let there = self.tokens >= 1.0 - 1e-9;
        if there {
            self.tokens -= 1.0;
        }
        there
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Limit =
        Limit { sdk: "X", operation: "List", group: "", burst: 4.0, per_second: 10.0, spare: false };

    #[test]
    fn a_bucket_gives_its_burst_and_then_its_rate() {
        let mut buckets = Buckets::new(None);
        let mut taken = |at| buckets.take(&LIMIT, (0, 0, 0), at);
        assert_eq!(
            [0.0, 0.0, 0.0, 0.0, 0.0, 0.05, 0.1, 0.1].map(&mut taken),
            [true, true, true, true, false, false, true, false]
        );
        assert_eq!([10.0; 5].map(&mut taken), [true, true, true, true, false], "never more than the burst");
        assert!(buckets.take(&LIMIT, (0, 1, 0), 10.0), "regions have buckets of their own");
    }

    #[test]
    fn two_clients_of_half_the_rate_have_enough() {
        let mut buckets = Buckets::new(Some(0.5));
        let burst: Vec<_> = (0..2).map(|_| buckets.take(&LIMIT, (0, 0, 0), 0.0)).collect();
        assert_eq!(burst, [true, true]);
        for call in 1_u32..=50 {
            assert!(buckets.take(&LIMIT, (0, 0, 0), f64::from(call) * 0.2 + 1e-6), "call {call}");
        }
        assert_eq!((buckets.competing.wanted, buckets.competing.refused), (52, 0));
    }

    #[test]
    fn production_does_not_take_what_it_has_no_use_for() {
        let mut buckets = Buckets::new(Some(0.5));
        let spare = Limit { spare: true, ..LIMIT };
        assert!((0..4).all(|_| buckets.take(&spare, (0, 0, 0), 0.0)));
        assert_eq!(buckets.competing.wanted, 0);
    }

    #[test]
    fn who_takes_all_starves_the_other() {
        let mut buckets = Buckets::new(Some(0.5));
        for call in 0_u32..500 {
            buckets.take(&LIMIT, (0, 0, 0), f64::from(call) * 0.01);
        }
        assert!(buckets.competing.refused > buckets.competing.wanted / 3, "{:?}", buckets.competing);
    }
}
