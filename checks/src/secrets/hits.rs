//! What was found in one text so far. Rules run from the surest to the least sure, and what one of them has
//! settled no later one touches.

use std::{collections::BTreeMap, ops::Range};

use super::SecretKind;

/// Where something begins → where it ends, and what it is; `None` for what is certainly no secret.
#[derive(Default)]
pub(super) struct Hits(BTreeMap<usize, (usize, Option<SecretKind>)>);

impl Hits {
    /// A secret was found, unless something else was found there before.
    pub(super) fn push(&mut self, kind: SecretKind, range: Range<usize>) -> bool {
        self.settle(range, Some(kind))
    }

    /// What is there looks like a secret and is none.
    pub(super) fn clear_of_suspicion(&mut self, range: Range<usize>) {
        self.settle(range, None);
    }

    fn settle(&mut self, range: Range<usize>, kind: Option<SecretKind>) -> bool {
        let free = !range.is_empty() && !self.is_settled(&range);
        if free {
            self.0.insert(range.start, (range.end, kind));
        }
        free
    }

    /// Whether something is settled about a part of the range.
    pub(super) fn is_settled(&self, range: &Range<usize>) -> bool {
        self.0.range(..range.end).next_back().is_some_and(|(_, (end, _))| *end > range.start)
    }

    /// Where the secrets of a kind end.
    pub(super) fn ends_of(&self, kind: SecretKind) -> Vec<usize> {
        self.0.values().filter(|(_, found)| *found == Some(kind)).map(|(end, _)| *end).collect()
    }

    /// The secrets, in the order of the text.
    pub(super) fn secrets(&self) -> impl Iterator<Item = (SecretKind, Range<usize>)> + '_ {
        self.0.iter().filter_map(|(start, (end, kind))| Some(((*kind)?, *start..*end)))
    }
}
