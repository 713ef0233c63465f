//! Lists in source files that a new item joins, in order.

use std::{error::Error, fs, path::Path};

/// A file's text, being edited.
pub(crate) struct Edit {
    text: String,
}

impl Edit {
    /// Of that text.
    pub(crate) fn new(text: &str) -> Self {
        Self { text: text.to_owned() }
    }

    /// Of a file.
    pub(crate) fn of(path: &Path) -> Result<Self, Box<dyn Error>> {
        let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(Self::new(&text))
    }

    /// Inserts an item of a few lines into the list between the first line that is `from` and the next that is `to`. Items
    /// are compared by the line that begins with `key`, up to the item's own.
    pub(crate) fn insert(
        mut self,
        (from, to): (&str, &str),
        key: &str,
        item: &str,
    ) -> Result<Self, Box<dyn Error>> {
        let lines: Vec<&str> = self.text.lines().collect();
        let begin = lines.iter().position(|line| *line == from).ok_or_else(|| format!("no line `{from}`"))?;
        let length = lines[begin + 1..].iter().position(|line| *line == to);
        let end = begin + 1 + length.ok_or_else(|| format!("no line `{to}` after `{from}`"))?;
        let is_item = |line: &&str| {
            line.strip_prefix(key).is_some_and(|rest| !rest.starts_with([' ', '}', '/', '#', ';']))
        };
        let own = item.lines().find(is_item).ok_or("an item without its key")?;
        let greater = (begin + 1..end).find(|at| is_item(&lines[*at]) && lines[*at] > own);
        // What describes the next item goes with it, as does the space before what follows the list.
        let mut at = greater.unwrap_or(end);
        let goes_with = |line: &str| match greater {
            Some(_) => line.trim_start().starts_with("///"),
            None => line.is_empty() || line.trim_start().starts_with(';'),
        };
        while at > begin + 1 && goes_with(lines[at - 1]) {
            at -= 1;
        }
        let new: Vec<&str> =
            lines[..at].iter().copied().chain(item.lines()).chain(lines[at..].iter().copied()).collect();
        self.text = new.join("\n") + "\n";
        Ok(self)
    }

    /// The text.
    pub(crate) fn text(self) -> String {
        self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edited(text: &str, key: &str, item: &str) -> String {
        Edit::new(text).insert(("list {", "}"), key, item).unwrap().text()
    }

    #[test]
    fn items_come_in_order() {
        let list = "list {\n    a\n    c\n}\n";
        assert_eq!(edited(list, "    ", "    b"), "list {\n    a\n    b\n    c\n}\n");
        assert_eq!(edited(list, "    ", "    d"), "list {\n    a\n    c\n    d\n}\n");
        assert_eq!(edited("list {\n}\n", "    ", "    a"), "list {\n    a\n}\n");
    }

    #[test]
    fn what_describes_an_item_stays_with_it() {
        let list = "list {\n    /// A.\n    a: A,\n    /// C.\n    c: C,\n}\n";
        let expected = "list {\n    /// A.\n    a: A,\n    /// B.\n    b: B,\n    /// C.\n    c: C,\n}\n";
        assert_eq!(edited(list, "    ", "    /// B.\n    b: B,"), expected);
    }
}
