//! Lists by what their items are called, for what asks for many of them: looking each up from the start takes the square of
//! their number.

use std::collections::HashMap;

use crate::gap::{Collected, NotJudged};

/// The items of a list, by name.
#[derive(Clone, Debug)]
pub(crate) struct Index<'a, T>(Result<HashMap<&'a str, Vec<&'a T>>, NotJudged>);

impl<'a, T> Index<'a, T> {
    /// Those of a list that was read, or why it was not.
    pub(crate) fn of(list: &'a Collected<Vec<T>>, name: fn(&T) -> &str) -> Self {
        Self(list.get().map(|items| {
            let mut by_name = HashMap::<_, Vec<_>>::with_capacity(items.len());
            for item in items {
                by_name.entry(name(item)).or_default().push(item);
            }
            by_name
        }))
    }

    /// All of that name, in the list's order.
    ///
    /// # Errors
    /// When the list could not be read.
    pub(crate) fn all(&self, name: &str) -> Result<&[&'a T], NotJudged> {
        let by_name = self.0.as_ref().map_err(Clone::clone)?;
        Ok(by_name.get(name).map_or(&[], Vec::as_slice))
    }

    /// The first of that name.
    ///
    /// # Errors
    /// When the list could not be read.
    pub(crate) fn find(&self, name: &str) -> Result<Option<&'a T>, NotJudged> {
        Ok(self.all(name)?.first().copied())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gap::{Gap, GapKind};

    #[test]
    fn items_are_found_by_name_and_what_was_not_read_is_told() {
        let list = Collected::Value(vec![("a", 1), ("b", 2), ("a", 3)]);
        let index = Index::of(&list, |item| item.0);
        assert_eq!(index.all("a"), Ok(&[&("a", 1), &("a", 3)][..]));
        assert_eq!((index.find("a"), index.find("c")), (Ok(Some(&("a", 1))), Ok(None)));
        let gap = Gap {
            operation: "ec2:DescribeImages".into(),
            region: None,
            resource: None,
            kind: GapKind::AccessDenied,
            refused_by: None,
            message: String::new(),
        };
        // What was read in part may lack the one that is asked for.
        let part = Collected::Part { value: vec![("a", 1)], gap: gap.clone() };
        assert_eq!(Index::of(&part, |item: &(&str, i32)| item.0).find("a"), Err(gap.into()));
    }
}
