//! Frameworks: named lists of controls, each with the checks that judge it, or with why none does.

use std::{collections::BTreeMap, sync::LazyLock};

use serde::{Deserialize, Serialize};

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
#[serde(try_from = "Written")]
pub struct Control {
    /// Its number or id in the framework.
    pub id: String,
    /// Its title.
    pub title: Text,
    /// What judges it.
    pub coverage: Coverage,
}

/// What judges a control.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Coverage {
    /// These checks, by id; at least one.
    Checks(Vec<String>),
    /// A person: what to look at, and what the program can show for it.
    Manual(String),
    /// Nothing, and why.
    NotCovered(String),
}

impl Control {
    /// Ids of the checks that judge it.
    #[must_use]
    pub fn checks(&self) -> &[String] {
        match &self.coverage {
            Coverage::Checks(checks) => checks,
            Coverage::Manual(_) | Coverage::NotCovered(_) => &[],
        }
    }
}

/// A control as it stands in the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    id: String,
    title: Text,
    checks: Option<Vec<String>>,
    manual: Option<String>,
    not_covered: Option<String>,
}

impl TryFrom<Written> for Control {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        let Written { id, title, checks, manual, not_covered } = written;
        let coverage = match (checks, manual, not_covered) {
            (Some(checks), None, None) if !checks.is_empty() => Coverage::Checks(checks),
            (None, Some(what), None) if !what.is_empty() => Coverage::Manual(what),
            (None, None, Some(why)) if !why.is_empty() => Coverage::NotCovered(why),
            _ => return Err(format!("control {id} must have one of checks, manual and not_covered")),
        };
        Ok(Self { id, title, coverage })
    }
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
        include_str!("../frameworks/cis-3.0.toml"),
        include_str!("../frameworks/cis-5.0.toml"),
        include_str!("../frameworks/cis-6.0.toml"),
        include_str!("../frameworks/cis-7.0.toml"),
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
                for check in control.checks() {
                    let controls = by_check.entry(check).or_default().entry(&framework.id).or_default();
                    controls.push(&control.id);
                }
            }
        }
        by_check
    });
    BY_CHECK.get(check).cloned().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// The ids of a framework's controls.
    fn ids(framework: &Framework) -> Vec<&str> {
        framework.controls.iter().map(|control| control.id.as_str()).collect()
    }

    #[test]
    fn frameworks_have_all_their_controls() {
        let counts: Vec<_> = all().iter().map(|it| (it.id.as_str(), it.controls.len())).collect();
        let published = [
            ("antipatterns", 23),
            ("cis-3.0", 62),
            ("cis-5.0", 63),
            ("cis-6.0", 63),
            ("cis-7.0", 70),
            ("fsbp", 370),
        ];
        assert_eq!(counts, published);
    }

    #[test]
    fn controls_stand_once_and_with_their_titles() {
        for framework in all() {
            let distinct: BTreeSet<_> = ids(framework).into_iter().collect();
            assert_eq!(distinct.len(), framework.controls.len(), "{}", framework.id);
            for control in &framework.controls {
                for title in [control.title.get(Lang::En), control.title.get(Lang::Ja)] {
                    assert!(!title.trim().is_empty(), "{} {}", framework.id, control.id);
                }
                let distinct: BTreeSet<_> = control.checks().iter().collect();
                assert_eq!(distinct.len(), control.checks().len(), "{} {}", framework.id, control.id);
            }
        }
    }

    /// Letters and numbers of an id by turns, so that 2.9 comes before 2.10, whatever the case.
    fn natural(id: &str) -> Vec<(String, u32)> {
        let mut parts = Vec::new();
        let mut rest = id;
        while !rest.is_empty() {
            let letters = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
            let (text, number) = rest.split_at(letters);
            let digits = number.find(|c: char| !c.is_ascii_digit()).unwrap_or(number.len());
            parts.push((text.to_lowercase(), number[..digits].parse().unwrap_or_default()));
            rest = &number[digits..];
        }
        parts
    }

    #[test]
    fn published_controls_are_in_natural_order() {
        for framework in all().iter().filter(|framework| framework.id != DEFAULT) {
            assert!(ids(framework).is_sorted_by_key(|id| natural(id)), "{}", framework.id);
        }
    }

    #[test]
    fn cis_5_is_cis_6_renumbered() {
        let (five, six) = (find("cis-5.0").unwrap(), find("cis-6.0").unwrap());
        for (five, six) in five.controls.iter().zip(&six.controls) {
            let (section, rest) = five.id.split_once('.').unwrap();
            let section: u32 = section.parse().unwrap();
            assert_eq!(format!("{}.{rest}", section + 1), six.id);
            assert_eq!(five.title.get(Lang::En), six.title.get(Lang::En));
            assert_eq!(five.coverage, six.coverage, "{}", six.id);
        }
    }

    #[test]
    fn controls_of_every_framework_are_told() {
        let of = controls_of("iam-root-access-key");
        let expected = [
            ("antipatterns", vec!["4"]),
            ("cis-3.0", vec!["1.4"]),
            ("cis-5.0", vec!["1.3"]),
            ("cis-6.0", vec!["2.3"]),
            ("cis-7.0", vec!["2.4"]),
            ("fsbp", vec!["IAM.4"]),
        ];
        assert_eq!(of, expected.into());
    }

    #[test]
    fn a_control_has_exactly_one_of_three() {
        let parse = |lines: &str| toml::from_str::<Control>(&format!("id = '1'\ntitle.en = 't'\n{lines}"));
        let coverage = |lines: &str| parse(lines).unwrap().coverage;
        assert_eq!(coverage("checks = ['a']"), Coverage::Checks(vec!["a".into()]));
        assert_eq!(coverage("manual = 'look'"), Coverage::Manual("look".into()));
        assert_eq!(coverage("not_covered = 'why'"), Coverage::NotCovered("why".into()));
        for wrong in ["", "checks = []", "manual = ''", "checks = ['a']\nmanual = 'look'", "check = ['a']"] {
            assert!(parse(wrong).is_err(), "{wrong:?}");
        }
    }
}
