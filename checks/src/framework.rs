//! Frameworks: named lists of controls, each with the checks that judge it.

use std::{collections::BTreeMap, sync::LazyLock};

use serde::Deserialize;

use crate::page::Lang;

/// A framework, a file under `frameworks/`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Framework {
    /// Its name in arguments and JSON, e.g. `cis-6.0`.
    pub id: String,
    /// Its name for readers.
    pub title: Text,
    /// Its controls, in its own order.
    #[serde(rename = "control")]
    pub controls: Vec<Control>,
}

/// One control of a framework.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Control {
    /// Its number or id in the framework.
    pub id: String,
    /// Its title.
    pub title: Text,
    /// Ids of the checks that judge it; empty while there is none.
    #[serde(default)]
    pub checks: Vec<String>,
}

/// A text in the languages that the program speaks; frameworks published in English have no other.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    en: String,
    ja: Option<String>,
}

impl Text {
    /// The text in that language, or in English.
    #[must_use]
    pub fn get(&self, lang: Lang) -> &str {
        match lang {
            Lang::En => &self.en,
            Lang::Ja => self.ja.as_deref().unwrap_or(&self.en),
        }
    }
}

/// The framework that scans are scored along unless another is asked for: the article's anti-patterns.
pub const DEFAULT: &str = "antipatterns";

static FRAMEWORKS: LazyLock<Vec<Framework>> = LazyLock::new(|| {
    [
        include_str!("../frameworks/antipatterns.toml"),
        include_str!("../frameworks/cis-6.0.toml"),
        include_str!("../frameworks/fsbp.toml"),
    ]
    .map(|text| toml::from_str(text).expect("the built-in frameworks are well-formed"))
    .into()
});

/// The frameworks that the program knows.
#[must_use]
pub fn all() -> &'static [Framework] {
    &FRAMEWORKS
}

/// The framework of that id.
#[must_use]
pub fn find(id: &str) -> Option<&'static Framework> {
    all().iter().find(|framework| framework.id == id)
}

/// Ids of the controls that a check judges, by framework.
#[must_use]
pub fn controls_of(check: &str) -> BTreeMap<&'static str, Vec<&'static str>> {
    static BY_CHECK: LazyLock<BTreeMap<&str, BTreeMap<&str, Vec<&str>>>> = LazyLock::new(|| {
        let mut by_check: BTreeMap<&str, BTreeMap<&str, Vec<&str>>> = BTreeMap::new();
        for framework in all() {
            for control in &framework.controls {
                for check in &control.checks {
                    let controls = by_check.entry(check).or_default().entry(&framework.id).or_default();
                    controls.push(&control.id);
                }
            }
        }
        by_check
    });
    BY_CHECK.get(check).cloned().unwrap_or_default()
}
