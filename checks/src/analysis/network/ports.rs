//! Exact sets of ports.

use std::ops::RangeInclusive;

/// Every port that TCP and UDP can use. Port 0 is reserved: nothing listens there, so a range that begins
/// at 1 is as open as one that begins at 0.
pub const EVERY_PORT: RangeInclusive<u16> = 1..=u16::MAX;

/// A set of ports: disjoint ranges in rising order, with a gap between each two.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ports(Vec<(u16, u16)>);

impl Ports {
    /// Adds a range.
    pub fn insert(&mut self, range: &RangeInclusive<u16>) {
        if range.is_empty() {
            return;
        }
        let (mut first, mut last) = (*range.start(), *range.end());
        self.0.retain(|&(from, to)| {
            let apart = to.checked_add(1).is_some_and(|after| after < first)
                || last.checked_add(1).is_some_and(|after| after < from);
            if !apart {
                (first, last) = (first.min(from), last.max(to));
            }
            apart
        });
        let at = self.0.partition_point(|&(from, _)| from < first);
        self.0.insert(at, (first, last));
    }

    /// The ports that the other set does not have.
    #[must_use]
    pub fn without(&self, other: &Self) -> Self {
        let mut left = Self::default();
        for &(first, last) in &self.0 {
            let mut next = Some(first);
            for &(from, to) in other.0.iter().filter(|(from, to)| *from <= last && first <= *to) {
                if let (Some(start), Some(end)) = (next, from.checked_sub(1)) {
                    left.insert(&(start..=end.min(last)));
                }
                next = to.checked_add(1);
            }
            if let Some(start) = next {
                left.insert(&(start..=last));
            }
        }
        left
    }

    /// Its ranges, in rising order.
    pub fn ranges(&self) -> impl Iterator<Item = RangeInclusive<u16>> {
        self.0.iter().map(|(first, last)| *first..=*last)
    }

    /// Whether it has every port of the range.
    #[must_use]
    pub fn covers(&self, range: &RangeInclusive<u16>) -> bool {
        let (first, last) = (*range.start(), *range.end());
        range.is_empty() || self.0.iter().any(|&(from, to)| from <= first && last <= to)
    }
}

impl FromIterator<RangeInclusive<u16>> for Ports {
    fn from_iter<I: IntoIterator<Item = RangeInclusive<u16>>>(ranges: I) -> Self {
        let mut set = Self::default();
        ranges.into_iter().for_each(|range| set.insert(&range));
        set
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ranges_that_touch_become_one() {
        let all: Ports = [1024..=65535, 0..=1023].into_iter().collect();
        assert_eq!(all.0, [(0, 65535)]);
        assert!(all.covers(&EVERY_PORT));
    }

    #[test]
    fn one_missing_port_is_missed() {
        let ports: Ports = [1..=442, 444..=65535].into_iter().collect();
        assert!(!ports.covers(&EVERY_PORT));
        assert!(ports.covers(&(444..=444)) && !ports.covers(&(443..=443)));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        #[test]
        fn is_the_difference(
            these in prop::collection::vec((0..12u16, 0..12u16), 0..5),
            others in prop::collection::vec((0..12u16, 0..12u16), 0..5),
            high in any::<bool>(),
        ) {
            let base = if high { u16::MAX - 11 } else { 0 };
            let set = |ranges: &[(u16, u16)]| -> Ports { ranges.iter().map(|(a, b)| base + a..=base + b).collect() };
            let left = set(&these).without(&set(&others));
            for port in base..=base + 11 {
                let has = |set: &Ports| set.covers(&(port..=port));
                prop_assert_eq!(has(&left), has(&set(&these)) && !has(&set(&others)), "{}", port);
            }
        }

        #[test]
        fn is_the_union(ranges in prop::collection::vec((0..12u16, 0..12u16), 0..6), high in any::<bool>()) {
            // Near either end of the ports, where arithmetic could overflow.
            let base = if high { u16::MAX - 11 } else { 0 };
            let ranges: Vec<_> = ranges.into_iter().map(|(a, b)| base + a..=base + b).collect();
            let set: Ports = ranges.iter().cloned().collect();
            for port in base..=base + 11 {
                let expected = ranges.iter().any(|range| range.contains(&port));
                prop_assert_eq!(set.covers(&(port..=port)), expected, "{}", port);
            }
            let parts = set.0.windows(2).all(|pair| u32::from(pair[0].1) + 1 < u32::from(pair[1].0));
            prop_assert!(parts, "{:?}", set);
        }
    }
}
