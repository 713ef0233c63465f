//! How many of what there is where.

use std::collections::BTreeMap;

use serde::Deserialize;

/// The account's number, in every answer.
pub(super) const ACCOUNT: &str = "444455556666";

/// The first line of the table: the shape of an account.
#[derive(Debug, Deserialize)]
pub(super) struct Shape {
    pub(super) home: String,
    /// Regions and the parts of the account that they have.
    regions: BTreeMap<String, u64>,
    kinds: BTreeMap<String, Kind>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kind {
    /// So many in the account, at scale 1.
    #[serde(default)]
    account: u64,
    /// So many in each region, at any scale.
    #[serde(default)]
    each: u64,
    /// So many in these regions, at any scale.
    #[serde(default)]
    places: BTreeMap<String, u64>,
    /// Listed in every region alike.
    #[serde(default)]
    global: bool,
}

/// An account of some scale: the items of a kind are numbered through, region by region.
#[derive(Debug)]
pub(super) struct Account {
    pub(super) home: String,
    pub(super) regions: Vec<String>,
    kinds: BTreeMap<String, (bool, Vec<u64>)>,
}

impl Account {
    pub(super) fn new(shape: Shape, scale: u64) -> Self {
        let parts: u64 = shape.regions.values().sum();
        let regions: Vec<_> = shape.regions.keys().cloned().collect();
        let kinds = shape.kinds.into_iter().map(|(name, kind)| {
            let (mut part, mut placed) = (0, 0);
            let mut starts = vec![0];
            for (at, (region, share)) in shape.regions.iter().enumerate() {
                part += share;
                placed += kind.places.get(region).copied().unwrap_or_default();
                starts.push(kind.account * scale * part / parts + kind.each * (at as u64 + 1) + placed);
            }
            (name, (kind.global, starts))
        });
        Self { home: shape.home, kinds: kinds.collect(), regions }
    }

    /// The numbers of the items of a kind that one sees in a region: the first, and the one after the last.
    pub(super) fn range(&self, kind: &str, region: &str) -> (u64, u64) {
        let Some((global, starts)) = self.kinds.get(kind) else { return (0, 0) };
        if *global {
            return (0, starts.last().copied().unwrap_or_default());
        }
        match self.regions.iter().position(|it| it == region) {
            Some(at) => (starts[at], starts[at + 1]),
            None => (0, 0),
        }
    }

    /// The region that an item is in.
    pub(super) fn region_of(&self, kind: &str, number: u64) -> &str {
        let starts = self.kinds.get(kind).map_or(&[][..], |(_, starts)| starts);
        let at = starts.iter().skip(1).position(|end| number < *end).unwrap_or_default();
        &self.regions[at]
    }

    /// How many of a kind there are.
    pub(super) fn count(&self, kind: &str) -> u64 {
        self.kinds.get(kind).and_then(|(_, starts)| starts.last()).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_spread_over_regions_without_a_rest() {
        let shape = |_| -> Shape {
            serde_json::from_str(
                r#"{"home": "b-1", "regions": {"a-1": 1, "b-1": 2, "c-1": 1}, "kinds": {
                    "group": {"account": 10}, "vpc": {"each": 2}, "acl": {"places": {"b-1": 11}},
                    "bucket": {"account": 4, "global": true}}}"#,
            )
            .unwrap()
        };
        let account = Account::new(shape(()), 1);
        let ranges = |kind| ["a-1", "b-1", "c-1"].map(|region| account.range(kind, region));
        assert_eq!(ranges("group"), [(0, 2), (2, 7), (7, 10)]);
        assert_eq!(ranges("vpc"), [(0, 2), (2, 4), (4, 6)]);
        assert_eq!(ranges("acl"), [(0, 0), (0, 11), (11, 11)]);
        assert_eq!(ranges("bucket"), [(0, 4); 3]);
        assert_eq!([0, 1, 2, 3].map(|n| account.region_of("bucket", n)), ["a-1", "b-1", "b-1", "c-1"]);
        let large = Account::new(shape(()), 100);
        assert_eq!((large.count("group"), large.count("vpc"), large.count("acl")), (1000, 6, 11));
    }
}
