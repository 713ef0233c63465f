//! Request limits: a token bucket for each region and operation (or group of operations that AWS limits
//! together). The limits are shared with production, so only a share of each is taken, twice that of what production
//! has no use for; a throttle halves the rate, and answers slowly bring it back.

use std::{
    collections::HashMap,
    sync::Mutex,
    time::{Duration, Instant},
};

use aws_audit_checks::source::{Operation, Rate};

/// A throttled rate never falls below this many requests a second, unless its share is less.
const SLOWEST: f64 = 0.5;
/// Part of the full rate that an answered request gives back after a throttle.
const RECOVERY: f64 = 0.02;

/// Most of a limit that is taken: requests do not arrive as evenly as they are sent.
const MOST: f64 = 0.95;

/// The token buckets of one account.
#[derive(Debug)]
pub(super) struct Limits {
    share: f64,
    buckets: Mutex<HashMap<Key, Bucket>>,
}

/// Region (empty for global services), SDK service, operation or group.
type Key = (String, &'static str, &'static str);

#[derive(Debug)]
struct Bucket {
    /// Turns to give out; below zero while calls wait for theirs.
    tokens: f64,
    /// What may leave now. A call whose turn has come can be kept from leaving, and then must not leave together with
    /// those after it.
    departures: f64,
    capacity: f64,
    per_second: f64,
    full_per_second: f64,
    updated: Instant,
    slowed: Option<Instant>,
}

/// A turn that has come has earned its token but for this.
const ROUNDING: f64 = 1e-6;

/// Throttles within this time are of one burst: they tell of one rate that is too high.
const BURST: Duration = Duration::from_secs(1);

impl Bucket {
    fn new(rate: Rate, share: f64, now: Instant) -> Self {
        let share = if rate.spare { share * 2.0 } else { share }.min(MOST);
        let capacity = (rate.burst * share).max(1.0);
        let per_second = rate.per_second * share;
        Self {
            tokens: capacity,
            departures: capacity,
            capacity,
            per_second,
            full_per_second: per_second,
            updated: now,
            slowed: None,
        }
    }

    /// Takes a token, and tells how long to wait until it is there. Later callers wait behind this one.
    fn take(&mut self, now: Instant) -> Duration {
        self.earn(now);
        self.tokens -= 1.0;
        self.time_for(-self.tokens)
    }

    /// Lets a call leave whose turn has come, or tells how long it must wait still.
    fn depart(&mut self, now: Instant) -> Duration {
        self.earn(now);
        if self.departures >= 1.0 - ROUNDING {
            self.departures -= 1.0;
            return Duration::ZERO;
        }
        self.time_for(1.0 - self.departures)
    }

    fn earn(&mut self, now: Instant) {
        let earned = now.duration_since(self.updated).as_secs_f64() * self.per_second;
        self.tokens = (self.tokens + earned).min(self.capacity);
        self.departures = (self.departures + earned).min(self.capacity);
        self.updated = now;
    }

    /// How long it takes to earn so many tokens.
    fn time_for(&self, tokens: f64) -> Duration {
        Duration::from_secs_f64((tokens / self.per_second).max(0.0))
    }

    fn throttled(&mut self, now: Instant) {
        self.tokens = self.tokens.min(0.0);
        self.departures = self.departures.min(0.0);
        if self.slowed.is_some_and(|slowed| now.duration_since(slowed) < BURST) {
            return;
        }
        self.slowed = Some(now);
        self.per_second = (self.per_second / 2.0).max(SLOWEST.min(self.full_per_second));
    }

    fn answered(&mut self) {
        self.per_second = (self.per_second + self.full_per_second * RECOVERY).min(self.full_per_second);
    }
}

impl Limits {
    /// Buckets that take at most this share (0 to 1) of each limit.
    pub(super) fn new(share: f64) -> Self {
        Self { share, buckets: Mutex::default() }
    }

    /// Waits for a turn to send.
    pub(super) async fn turn(&self, operation: &Operation, region: &str) {
        let wait = self.bucket(operation, region, |bucket| bucket.take(Instant::now()));
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
    }

    /// Lets a request leave whose turn has come, or tells how long it must wait still, because others leave late.
    pub(super) fn depart(&self, operation: &Operation, region: &str) -> Duration {
        self.bucket(operation, region, |bucket| bucket.depart(Instant::now()))
    }

    /// AWS refused a request as one too many.
    pub(super) fn throttled(&self, operation: &Operation, region: &str) {
        self.bucket(operation, region, |bucket| bucket.throttled(Instant::now()));
    }

    /// AWS answered a request.
    pub(super) fn answered(&self, operation: &Operation, region: &str) {
        self.bucket(operation, region, Bucket::answered);
    }

    fn bucket<R>(&self, operation: &Operation, region: &str, work: impl FnOnce(&mut Bucket) -> R) -> R {
        let group = if operation.rate.group.is_empty() { operation.name } else { operation.rate.group };
        let key = (region.to_owned(), operation.service, group);
        let mut buckets = self.buckets.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        work(buckets.entry(key).or_insert_with(|| Bucket::new(operation.rate, self.share, Instant::now())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate { group: "", burst: 4.0, per_second: 10.0, spare: false };

    #[test]
    fn takes_its_share_of_the_burst_then_paces() {
        let now = Instant::now();
        let mut bucket = Bucket::new(RATE, 0.5, now);
        assert_eq!([bucket.take(now), bucket.take(now)], [Duration::ZERO; 2]);
        assert_eq!(bucket.take(now), Duration::from_millis(200));
        assert_eq!(bucket.take(now), Duration::from_millis(400), "waits behind the one before");
    }

    #[test]
    fn what_is_late_does_not_leave_with_what_comes_after() {
        let now = Instant::now();
        let mut bucket = Bucket::new(RATE, 0.5, now);
        let turns: Vec<_> = (0..8).map(|_| bucket.take(now)).collect();
        assert_eq!(turns[7], Duration::from_millis(1200));
        // Nothing could leave for so long; all eight would like to now.
        let late = now + Duration::from_secs(2);
        let leave: Vec<_> = (0..8).map(|_| bucket.depart(late)).collect();
        assert_eq!(leave[..3], [Duration::ZERO, Duration::ZERO, Duration::from_millis(200)]);
        assert_eq!(leave[7], Duration::from_millis(200), "asks again then");
        assert_eq!(bucket.depart(late + Duration::from_millis(200)), Duration::ZERO);
        assert!(!bucket.depart(late + Duration::from_millis(200)).is_zero());
    }

    #[test]
    fn tokens_come_back_up_to_the_burst() {
        let now = Instant::now();
        let mut bucket = Bucket::new(RATE, 1.0, now);
        let later = now + Duration::from_secs(60);
        let free = (0..10).take_while(|_| bucket.take(later).is_zero()).count();
        assert_eq!(free, 3, "never all of it");
    }

    #[test]
    fn what_production_has_no_use_for_is_taken_whole() {
        let spare = Rate { spare: true, ..RATE };
        let per_second = |rate, share| Bucket::new(rate, share, Instant::now()).per_second;
        assert!((per_second(RATE, 0.5) - 5.0).abs() < 1e-9);
        assert!((per_second(spare, 0.5) - 9.5).abs() < 1e-9);
        assert!((per_second(spare, 0.1) - 2.0).abs() < 1e-9, "as far as --api-budget allows");
    }

    #[test]
    fn throttles_halve_the_rate_and_answers_bring_it_back() {
        let now = Instant::now();
        let mut bucket = Bucket::new(RATE, 0.5, now);
        bucket.throttled(now);
        bucket.throttled(now + BURST / 2);
        assert!((bucket.per_second - 2.5).abs() < 1e-9 && bucket.tokens <= 0.0);
        for later in 1..20 {
            bucket.throttled(now + BURST * later);
        }
        assert!((bucket.per_second - SLOWEST).abs() < 1e-9);
        for _ in 0..100 {
            bucket.answered();
        }
        assert!((bucket.per_second - 5.0).abs() < 1e-9);
    }

    #[test]
    fn a_throttle_never_makes_faster() {
        let mut bucket = Bucket::new(Rate { per_second: 1.0, ..RATE }, 0.25, Instant::now());
        bucket.throttled(Instant::now());
        assert!((bucket.per_second - 0.25).abs() < 1e-9);
    }
}
