//! What the endpoint saw, and what follows from it.

use std::collections::HashMap;
use std::time::Duration;

use super::limits::{Competing, Limit};

/// The shortest word that tells something by itself.
const SHORTEST: usize = 8;
/// The longest; what is longer is data.
const LONGEST: usize = 64;
/// Windows in which the use of a limit is measured, in seconds.
const WINDOW: f64 = 1.0;

/// What became of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was answered, be it with an error that is part of the account ("no such policy").
    Answered,
    /// It was one too many.
    Throttled,
    /// It met a fault that was asked for.
    Faulty,
}

/// A call as the endpoint saw it. Times are seconds since the endpoint started.
#[derive(Clone, Debug)]
pub struct Call {
    /// Its place in [`Record::operations`].
    pub operation: u16,
    /// Its place in [`Record::regions`], or one after the last for a region that the account does not have.
    pub region: u16,
    /// When the whole request was there.
    pub arrived: f64,
    /// When the answer was sent; not a number while it was not.
    pub answered: f64,
    /// What became of it.
    pub outcome: Outcome,
    /// How many calls had to be made one after the other for this one, itself included.
    pub depth: u16,
    /// The call that told what this one asks with.
    pub after: Option<u32>,
}

/// What answers told: for each word, the shortest chain that led to it, and the call that told it.
#[derive(Debug)]
pub(super) struct Words(HashMap<u64, (u16, Option<u32>)>);

impl Words {
    /// Of words that the client knows by itself.
    pub(super) fn new(known: &str) -> Self {
        let mut told = HashMap::new();
        words(known.as_bytes(), |word| {
            told.insert(word, (0, None));
        });
        Self(told)
    }

    /// The chain that a request ends, and the call before it.
    pub(super) fn chain(
        &self,
        segments: &[String],
        query: &str,
        body: &[u8],
        region: &str,
    ) -> (u16, Option<u32>) {
        let decode = |text: &[u8]| -> Vec<u8> {
            percent_encoding::percent_decode(text)
                .map(|byte| if byte == b'+' { b' ' } else { byte })
                .collect()
        };
        let (query, body) = (decode(query.as_bytes()), decode(body));
        let texts = segments.iter().map(String::as_bytes).chain([&*query, &*body, region.as_bytes()]);
        let mut last = (0, None);
        for text in texts {
            words(text, |word| match self.0.get(&word) {
                Some(told) if told.0 > last.0 => last = *told,
                _ => {}
            });
        }
        (last.0.saturating_add(1), last.1)
    }

    /// Notes what an answer tells.
    pub(super) fn tell(&mut self, body: &[u8], depth: u16, call: u32) {
        words(body, |word| {
            let told = self.0.entry(word).or_insert((depth, Some(call)));
            if depth < told.0 {
                *told = (depth, Some(call));
            }
        });
    }
}

/// The words of a text that can be told from others, as hashes (FNV-1a): of letters, digits, `-` and `_`, with a letter
/// and a digit. All that is answered goes through here, while the program wants the processor.
fn words(text: &[u8], mut found: impl FnMut(u64)) {
    const BASIS: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0100_0000_01b3;
    let (mut hash, mut length, mut has_letter, mut has_digit) = (BASIS, 0, false, false);
    for byte in text.iter().chain(b" ") {
        match byte {
            b'0'..=b'9' => has_digit = true,
            b'a'..=b'z' | b'A'..=b'Z' => has_letter = true,
            b'-' | b'_' => {}
            _ => {
                if has_letter && has_digit && (SHORTEST..=LONGEST).contains(&length) {
                    found(hash);
                }
                (hash, length, has_letter, has_digit) = (BASIS, 0, false, false);
                continue;
            }
        }
        hash = (hash ^ u64::from(*byte)).wrapping_mul(PRIME);
        length += 1;
    }
}

/// All that an endpoint saw.
#[derive(Clone, Debug)]
pub struct Record {
    /// The operations, as `service:Operation`.
    pub operations: Vec<String>,
    /// The account's regions.
    pub regions: Vec<String>,
    /// For each operation the place of its limit in [`Record::limits`]; beyond the last where it has none.
    pub buckets_of: Vec<u16>,
    /// The limits, one for each bucket of a region.
    pub limits: Vec<Limit>,
    /// Every call, in the order in which they came.
    pub calls: Vec<Call>,
    /// Connections that were made.
    pub connections: u64,
    /// Operations that the endpoint does not know.
    pub unknown: Vec<String>,
    /// How the competitor fared.
    pub competing: Competing,
    /// How long each answer took.
    pub latency: Duration,
}

/// A bucket of a region, and what was taken from it.
#[derive(Clone, Debug)]
pub struct Bucket {
    /// What it is for: an operation, or the name of a group.
    pub name: String,
    /// The region.
    pub region: String,
    /// Calls that were answered, or met a fault.
    pub calls: usize,
    /// Calls that were refused.
    pub throttled: usize,
    /// The most calls of any second, as a share of what the limit allows in a second that begins with a full bucket.
    pub peak_share: f64,
    /// The most calls that were made beyond the client's share of the rate, over any time: its share of the burst is
    /// what it may.
    pub peak_burst: f64,
    /// The limit's burst.
    pub burst: f64,
    /// The limit's rate.
    pub per_second: f64,
    /// [`Limit::spare`].
    pub spare: bool,
    /// Seconds from the first call to the last.
    pub span: f64,
    /// Seconds that a client of that share needs at least, from its start to the last answer.
    pub bound: f64,
}

/// An operation, and what was asked of it.
#[derive(Clone, Debug)]
pub struct Usage {
    /// `service:Operation`.
    pub operation: String,
    /// Calls, those that were refused too.
    pub calls: usize,
    /// Those that were refused.
    pub throttled: usize,
    /// Regions where it was asked for.
    pub regions: usize,
    /// The greatest [`Bucket::peak_share`] of its buckets.
    pub peak_share: f64,
}

impl Record {
    /// When the first call came.
    #[must_use]
    pub fn first(&self) -> f64 {
        self.calls.iter().map(|call| call.arrived).reduce(f64::min).unwrap_or_default()
    }

    /// How many calls were refused, and how many of them more than a second after the first call.
    #[must_use]
    pub fn throttled(&self) -> (usize, usize) {
        let first = self.first();
        let refused = || self.calls.iter().filter(|call| call.outcome == Outcome::Throttled);
        (refused().count(), refused().filter(|call| call.arrived > first + 1.0).count())
    }

    /// The most calls under way at once in each of so many parts of the time from the first call to the last answer.
    #[must_use]
    pub fn in_flight(&self, parts: usize) -> Vec<usize> {
        let mut edges = Vec::new();
        let first = self.first();
        let last =
            self.calls.iter().map(|call| call.answered).filter(|at| at.is_finite()).fold(first, f64::max);
        for call in &self.calls {
            edges.push((call.arrived, 1));
            edges.push((if call.answered.is_finite() { call.answered } else { last }, -1));
        }
        edges.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let width = ((last - first) / parts as f64).max(1e-9);
        let (mut most, mut now, mut part) = (vec![0; parts], 0_i64, 0);
        for (at, change) in edges {
            let here = (((at - first) / width) as usize).min(parts - 1);
            while part < here {
                part += 1;
                most[part] = now;
            }
            now += change;
            most[part] = most[part].max(now);
        }
        most.into_iter().map(|calls| usize::try_from(calls).unwrap_or_default()).collect()
    }

    /// The longest chain of calls that depend on each other, as `service:Operation in region`.
    #[must_use]
    pub fn chain(&self) -> Vec<String> {
        let mut chain = Vec::new();
        let mut at = self.calls.iter().enumerate().max_by_key(|(at, call)| (call.depth, usize::MAX - at));
        while let Some((_, call)) = at {
            let operation = &self.operations[usize::from(call.operation)];
            let region = self.regions.get(usize::from(call.region)).map_or("elsewhere", String::as_str);
            chain.push(format!("{operation} in {region}"));
            at = call.after.map(|after| (after as usize, &self.calls[after as usize]));
        }
        chain.reverse();
        chain
    }

    /// The seconds that the longest chain takes.
    #[must_use]
    pub fn chain_bound(&self) -> f64 {
        let longest = self.calls.iter().map(|call| call.depth).max().unwrap_or_default();
        f64::from(longest) * self.latency.as_secs_f64()
    }

    /// What was taken from each bucket, by a client that may take this share; the longest bounds first.
    #[must_use]
    pub fn buckets(&self, share: impl Fn(&Limit) -> f64) -> Vec<Bucket> {
        let mut calls: HashMap<(u16, u16), Vec<&Call>> = HashMap::new();
        for call in &self.calls {
            calls.entry((self.buckets_of[usize::from(call.operation)], call.region)).or_default().push(call);
        }
        let mut buckets: Vec<_> = calls
            .into_iter()
            .filter_map(|((bucket, region), calls)| {
                let limit = self.limits.get(usize::from(bucket))?;
                let share = share(limit);
                let name = if limit.group.is_empty() {
                    self.operations[usize::from(calls[0].operation)].clone()
                } else {
                    limit.group.to_owned()
                };
                let region =
                    self.regions.get(usize::from(region)).map_or("elsewhere", String::as_str).to_owned();
                let times: Vec<f64> = calls.iter().map(|call| call.arrived).collect();
                let throttled = calls.iter().filter(|call| call.outcome == Outcome::Throttled).count();
                let answered = calls.len() - throttled;
                let rate = share * limit.per_second;
                let depth = calls.iter().map(|call| call.depth).min().unwrap_or(1);
                let paced = (answered as f64 - (share * limit.burst).max(1.0)).max(0.0) / rate;
                let span = times.last().zip(times.first()).map_or(0.0, |(last, first)| last - first);
                Some(Bucket {
                    name,
                    region,
                    calls: answered,
                    throttled,
                    peak_share: most_within(&times, WINDOW) as f64
                        / (limit.burst + limit.per_second * WINDOW),
                    peak_burst: most_beyond(&times, rate),
                    burst: limit.burst,
                    per_second: limit.per_second,
                    spare: limit.spare,
                    span,
                    bound: f64::from(depth) * self.latency.as_secs_f64() + paced,
                })
            })
            .collect();
        buckets.sort_by(|a, b| b.bound.total_cmp(&a.bound).then_with(|| a.name.cmp(&b.name)));
        buckets
    }

    /// What was asked of each operation, most calls first.
    #[must_use]
    pub fn usage(&self, buckets: &[Bucket]) -> Vec<Usage> {
        let mut usage: HashMap<u16, (usize, usize, Vec<u16>)> = HashMap::new();
        for call in &self.calls {
            let (calls, throttled, regions) = usage.entry(call.operation).or_default();
            *calls += 1;
            *throttled += usize::from(call.outcome == Outcome::Throttled);
            if !regions.contains(&call.region) {
                regions.push(call.region);
            }
        }
        let mut usage: Vec<_> = usage
            .into_iter()
            .map(|(operation, (calls, throttled, regions))| {
                let name = &self.operations[usize::from(operation)];
                let limit = self.limits.get(usize::from(self.buckets_of[usize::from(operation)]));
                let mine = |bucket: &&Bucket| {
                    bucket.name == *name || limit.is_some_and(|limit| limit.group == bucket.name)
                };
                let peak_share = buckets.iter().filter(mine).map(|it| it.peak_share).fold(0.0, f64::max);
                Usage { operation: name.clone(), calls, throttled, regions: regions.len(), peak_share }
            })
            .collect();
        usage.sort_by(|a, b| b.calls.cmp(&a.calls).then_with(|| a.operation.cmp(&b.operation)));
        usage
    }
}

/// The most of these times, which are sorted, that any window of that length holds.
fn most_within(times: &[f64], window: f64) -> usize {
    let mut first = 0;
    (0..times.len())
        .map(|last| {
            while times[last] - times[first] >= window {
                first += 1;
            }
            last + 1 - first
        })
        .max()
        .unwrap_or_default()
}

/// The most calls beyond that rate, over any time: how large a bucket would have had to be.
fn most_beyond(times: &[f64], rate: f64) -> f64 {
    let (mut level, mut before, mut most) = (0.0_f64, f64::NEG_INFINITY, 0.0_f64);
    for at in times {
        level = (level - (at - before) * rate).max(0.0) + 1.0;
        before = *at;
        most = most.max(level);
    }
    most
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(operation: u16, arrived: f64, answered: f64) -> Call {
        Call { operation, region: 0, arrived, answered, outcome: Outcome::Answered, depth: 1, after: None }
    }

    fn record(calls: Vec<Call>) -> Record {
        let limit = |operation, per_second| Limit {
            sdk: "X",
            operation,
            group: "",
            burst: 2.0,
            per_second,
            spare: false,
        };
        Record {
            operations: vec!["x:List".into(), "x:Get".into()],
            regions: vec!["a-1".into()],
            buckets_of: vec![0, 1],
            limits: vec![limit("List", 1.0), limit("Get", 10.0)],
            calls,
            connections: 1,
            unknown: Vec::new(),
            competing: Competing::default(),
            latency: Duration::from_millis(100),
        }
    }

    #[test]
    fn a_chain_is_what_answers_told() {
        let mut words = Words::new("us-east-1");
        let none: &[String] = &[];
        assert_eq!(
            words.chain(none, "", b"Action=DescribeRegions&Version=2016-11-15", "us-east-1"),
            (1, None)
        );
        words.tell(b"<item><regionName>eu-west-1</regionName></item> us-east-1 2016-11-15", 1, 0);
        assert_eq!(words.chain(none, "", b"Action=ListKeys&Version=2016-11-15", "us-east-1"), (1, None));
        assert_eq!(words.chain(none, "", b"{}", "eu-west-1"), (2, Some(0)));
        words.tell(br#"{"Keys":[{"KeyId":"key-00001"}],"Next":"page0a-5"}"#, 2, 1);
        assert_eq!(words.chain(none, "", br#"{"Marker":"page0a-5"}"#, "eu-west-1"), (3, Some(1)));
        assert_eq!(words.chain(&["keys".into(), "key-00001".into()], "", b"", "us-east-1"), (3, Some(1)));
        assert_eq!(words.chain(none, "id=arn%3Aaws%3Akey-00001", b"", "us-east-1"), (3, Some(1)));
        words.tell(b"key-00001", 1, 5);
        assert_eq!(
            words.chain(none, "id=key-00001", b"", "us-east-1"),
            (2, Some(5)),
            "told earlier by another"
        );
    }

    #[test]
    fn bounds_follow_from_share_and_rate() {
        let calls = (0..5).map(|at| call(0, f64::from(at), f64::from(at) + 0.1)).collect();
        let record = record(calls);
        let buckets = record.buckets(|_| 0.5);
        // Five calls, one of them from the burst, the others at half a call a second.
        assert!((buckets[0].bound - (0.1 + 4.0 / 0.5)).abs() < 1e-9, "{buckets:?}");
        assert!((buckets[0].peak_share - 1.0 / 3.0).abs() < 1e-9);
        assert!((buckets[0].peak_burst - 3.0).abs() < 1e-9, "one a second is twice its share: {buckets:?}");
    }

    #[test]
    fn use_is_counted_in_any_second() {
        assert_eq!(most_within(&[0.0, 0.9, 1.0, 1.1, 5.0], 1.0), 3);
        assert_eq!(most_within(&[], 1.0), 0);
        assert!((most_beyond(&[0.0, 0.0, 1.0, 1.0, 1.0], 1.0) - 4.0).abs() < 1e-9);
    }

    #[test]
    fn calls_under_way_are_counted_over_time() {
        let record = record(vec![call(0, 1.0, 1.9), call(0, 1.5, 1.9), call(1, 3.0, 5.0)]);
        assert_eq!(record.in_flight(4), [2, 0, 1, 1]);
        assert_eq!(record.usage(&record.buckets(|_| 1.0))[0].calls, 2);
    }
}
