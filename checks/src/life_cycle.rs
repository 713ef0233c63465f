//! The life of checks from release to release: since when there is one, whether it will go, and what takes its place.
//!
//! `data/life-cycle.toml` has it, for all checks in one place: pages say what is true of an account, not of us.

use std::{collections::BTreeMap, sync::LazyLock};

use serde::{Deserialize, Serialize};

use crate::{page::Lang, registry};

/// The version that is being made: what no release names came with it.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// A check's life so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct LifeCycle {
    /// The first release that had it, e.g. `0.1.0`.
    pub since: &'static str,
    /// That it will go, and why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deprecated: Option<&'static End>,
}

/// The end of a check: announced, or come.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct End {
    /// The release that announced it, or was the first without the check.
    pub since: String,
    /// The check that takes its place, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replaced_by: Option<String>,
    /// Why, in both languages.
    #[serde(skip_serializing)]
    why: Texts,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Texts {
    en: String,
    ja: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    /// Ids by release.
    released: BTreeMap<String, Vec<String>>,
    deprecated: BTreeMap<String, End>,
    removed: BTreeMap<String, End>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let text = include_str!("../data/life-cycle.toml");
    toml::from_str(text).unwrap_or_else(|error| panic!("checks/data/life-cycle.toml: {error}"))
});

/// The life of the check with this id.
///
/// # Panics
/// When the table is not well-formed, which a test rules out.
#[must_use]
pub fn of(id: &str) -> LifeCycle {
    TABLE.of(id)
}

/// What became of a check that is gone: there was one with this id.
///
/// # Panics
/// As [`of`].
#[must_use]
pub fn removed(id: &str) -> Option<&'static End> {
    TABLE.removed.get(id)
}

/// Checks that no release names yet, by id.
///
/// # Panics
/// As [`of`].
#[must_use]
pub fn unreleased() -> Vec<&'static str> {
    let ids = registry::all().map(|entry| entry.check.id);
    ids.filter(|id| TABLE.release(id).is_none()).collect()
}

impl Table {
    fn release(&self, id: &str) -> Option<&str> {
        let named = self.released.iter().find(|(_, ids)| ids.iter().any(|it| it == id));
        named.map(|(release, _)| release.as_str())
    }

    fn of(&'static self, id: &str) -> LifeCycle {
        LifeCycle { since: self.release(id).unwrap_or(VERSION), deprecated: self.deprecated.get(id) }
    }
}

impl LifeCycle {
    /// What `explain` says of it, in a line.
    #[must_use]
    pub fn line(self, lang: Lang) -> String {
        let since = match lang {
            Lang::En => format!("since {}", self.since),
            Lang::Ja => format!("{} 以降", self.since),
        };
        match (self.deprecated, lang) {
            (None, _) => since,
            (Some(end), Lang::En) => {
                format!("{since} · deprecated since {}: {}", end.since, end.told(lang))
            }
            (Some(end), Lang::Ja) => {
                format!("{since} · {} で非推奨: {}", end.since, end.told(lang))
            }
        }
    }
}

impl End {
    /// Why, and what to use instead.
    #[must_use]
    pub fn told(&self, lang: Lang) -> String {
        let why = match lang {
            Lang::En => &self.why.en,
            Lang::Ja => &self.why.ja,
        };
        match (&self.replaced_by, lang) {
            (None, _) => why.clone(),
            (Some(id), Lang::En) => format!("{why}; use {id}"),
            (Some(id), Lang::Ja) => format!("{why}（代わりに {id} を使用）"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is wrong with the table, given the checks that there are.
    fn faults(table: &Table, there: &[&str]) -> Vec<String> {
        let mut faults = Vec::new();
        let mut seen = std::collections::BTreeSet::new();
        for id in table.released.values().flatten() {
            if !seen.insert(id) {
                faults.push(format!("{id} is released twice"));
            }
            // The promise of docs/stability.md: an id that was released neither vanishes nor changes unannounced.
            if !there.contains(&id.as_str()) && !table.removed.contains_key(id) {
                faults.push(format!("{id} was released and is gone without a word"));
            }
        }
        for (id, end) in table.deprecated.iter().chain(&table.removed) {
            if there.contains(&id.as_str()) == table.removed.contains_key(id) {
                faults.push(format!("{id} is named, and is not what it is named as"));
            }
            if end.replaced_by.as_ref().is_some_and(|other| !there.contains(&other.as_str())) {
                faults.push(format!("{id} is replaced by what there is not"));
            }
        }
        let ends = table.deprecated.values().chain(table.removed.values()).map(|end| &end.since);
        for release in table.released.keys().chain(ends) {
            let numbers: Vec<_> = release.split('.').map(str::parse::<u32>).collect();
            if numbers.len() != 3 || numbers.iter().any(Result::is_err) {
                faults.push(format!("{release} is no version"));
            }
        }
        faults
    }

    #[test]
    fn the_table_is_true_of_the_checks() {
        let there: Vec<_> = registry::all().map(|entry| entry.check.id).collect();
        assert_eq!(faults(&TABLE, &there), Vec::<String>::new());
    }

    fn table() -> &'static Table {
        let text = r#"
            [released]
            "0.1.0" = ["a", "b", "gone", "lost"]
            "0.2.0" = ["c", "a"]
            [deprecated]
            b = { since = "0.3.0", replaced_by = "c", why = { en = "c sees more", ja = "c の方が正確" } }
            [removed]
            gone = { since = "0.x", replaced_by = "d", why = { en = "AWS closed it", ja = "サービス終了" } }
        "#;
        Box::leak(Box::new(toml::from_str(text).unwrap()))
    }

    #[test]
    fn what_was_released_does_not_vanish_silently() {
        assert_eq!(
            faults(table(), &["a", "b", "c", "new"]),
            [
                "lost was released and is gone without a word",
                "a is released twice",
                "gone is replaced by what there is not",
                "0.x is no version",
            ]
        );
        assert_eq!(
            faults(table(), &["a", "c", "gone", "lost", "d"])[0],
            "b was released and is gone without a word"
        );
    }

    #[test]
    fn the_life_of_a_check_is_told() {
        assert_eq!(table().of("new"), LifeCycle { since: VERSION, deprecated: None });
        assert_eq!(table().of("c").line(Lang::En), "since 0.2.0");
        assert_eq!(
            table().of("b").line(Lang::En),
            "since 0.1.0 · deprecated since 0.3.0: c sees more; use c"
        );
        assert_eq!(
            table().of("b").line(Lang::Ja),
            "0.1.0 以降 · 0.3.0 で非推奨: c の方が正確（代わりに c を使用）"
        );
        let json = serde_json::to_value(table().of("b")).unwrap();
        assert_eq!(json["deprecated"]["replaced_by"], "c");
    }
}
