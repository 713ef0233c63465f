//! Frameworks: named lists of controls, each with the checks that judge it, or with why none does.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{LazyLock, PoisonError, RwLock},
};

use serde::{Deserialize, Serialize, Serializer};

use crate::{
    finding::{Finding, Status},
    page::Lang,
};

/// A framework, a file under `frameworks/` or of the user's own.
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Coverage {
    /// These checks, or parts of what they say; at least one.
    Checks(Vec<Part>),
    /// A person: what to look at, and what the program can show for it.
    Manual(Text),
    /// Nothing, and why.
    NotCovered(Text),
}

impl Control {
    /// The parts of checks that judge it.
    #[must_use]
    pub fn parts(&self) -> &[Part] {
        match &self.coverage {
            Coverage::Checks(parts) => parts,
            Coverage::Manual(_) | Coverage::NotCovered(_) => &[],
        }
    }

    /// Ids of the checks that judge it, each once.
    #[must_use]
    pub fn checks(&self) -> Vec<&str> {
        let mut checks = Vec::new();
        for part in self.parts() {
            if !checks.contains(&part.check.as_str()) {
                checks.push(&part.check);
            }
        }
        checks
    }
}

/// What a control takes of a check. Written `check`, `check@TYPE`, `check#aspect` or `check@TYPE#aspect`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub struct Part {
    /// The check's id.
    pub check: String,
    /// The CloudFormation type of the resources that the control is about; none for all that the check judges.
    pub kind: Option<String>,
    /// The aspect that the control is about; none for all. A resource that fails in other aspects only
    /// passes here.
    pub aspect: Option<String>,
}

impl Part {
    /// Whether the control is about resources of that type.
    #[must_use]
    pub fn is_about(&self, kind: &str) -> bool {
        self.kind.as_ref().is_none_or(|it| it == kind)
    }

    /// Whether a failure in those aspects is a failure here.
    #[must_use]
    pub fn has_failed(&self, aspects: &[&str]) -> bool {
        self.aspect.as_ref().is_none_or(|it| aspects.contains(&it.as_str()))
    }
}

impl TryFrom<String> for Part {
    type Error = String;

    fn try_from(written: String) -> Result<Self, String> {
        let (rest, aspect) = match written.split_once('#') {
            Some((rest, aspect)) => (rest, Some(aspect)),
            None => (written.as_str(), None),
        };
        let (check, kind) = match rest.split_once('@') {
            Some((check, kind)) => (check, Some(kind)),
            None => (rest, None),
        };
        let is_name = |text: &str| {
            !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "-.".contains(c))
        };
        let is_type = |text: &str| text.split("::").count() == 3 && text.split("::").all(is_name);
        if is_name(check) && kind.is_none_or(is_type) && aspect.is_none_or(is_name) {
            let [kind, aspect] = [kind, aspect].map(|it| it.map(str::to_owned));
            Ok(Self { check: check.to_owned(), kind, aspect })
        } else {
            Err(format!("`{written}` is not of the form check, check@AWS::Service::Type or check#aspect"))
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.check)?;
        if let Some(kind) = &self.kind {
            write!(f, "@{kind}")?;
        }
        if let Some(aspect) = &self.aspect {
            write!(f, "#{aspect}")?;
        }
        Ok(())
    }
}

impl Serialize for Part {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A control as it stands in the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    id: String,
    title: Text,
    checks: Option<Vec<Part>>,
    manual: Option<Text>,
    not_covered: Option<Text>,
}

impl TryFrom<Written> for Control {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        let Written { id, title, checks, manual, not_covered } = written;
        let coverage = match (checks, manual, not_covered) {
            (Some(checks), None, None) if !checks.is_empty() => Coverage::Checks(checks),
            (None, Some(what), None) if what.is_written() => Coverage::Manual(what),
            (None, None, Some(why)) if why.is_written() => Coverage::NotCovered(why),
            _ => {
                return Err(format!(
                    "control {id} must have one of checks, manual and not_covered; the latter two as .en and .ja"
                ));
            }
        };
        Ok(Self { id, title, coverage })
    }
}

/// A text in the languages that the program speaks; frameworks published in English have no other.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    en: String,
    ja: Option<String>,
}

impl Text {
    /// A text that is the same in every language, as ids are.
    #[must_use]
    pub fn same(text: impl Into<String>) -> Self {
        Self { en: text.into(), ja: None }
    }

    /// Whether it says something in every language.
    pub(crate) fn is_written(&self) -> bool {
        !self.en.is_empty() && self.ja.as_ref().is_some_and(|ja| !ja.is_empty())
    }

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

/// The frameworks, and who judges what in them.
struct Known {
    frameworks: &'static [Framework],
    by_check: BTreeMap<&'static str, Vec<Taken>>,
}

/// Framework, control and part.
type Taken = (&'static str, &'static str, &'static Part);

impl Known {
    /// Frameworks are named by many for as long as the process runs, and change once at most: they are never freed.
    fn leaked(frameworks: Vec<Framework>) -> &'static Self {
        let frameworks: &'static [Framework] = Vec::leak(frameworks);
        let mut by_check: BTreeMap<&str, Vec<Taken>> = BTreeMap::new();
        for framework in frameworks {
            for control in &framework.controls {
                for part in control.parts() {
                    by_check.entry(&part.check).or_default().push((&framework.id, &control.id, part));
                }
            }
        }
        Box::leak(Box::new(Self { frameworks, by_check }))
    }
}

static KNOWN: LazyLock<RwLock<&'static Known>> = LazyLock::new(|| {
    let built_in = [
        include_str!("../frameworks/antipatterns.toml"),
        include_str!("../frameworks/cis-3.0.toml"),
        include_str!("../frameworks/cis-5.0.toml"),
        include_str!("../frameworks/cis-6.0.toml"),
        include_str!("../frameworks/cis-7.0.toml"),
        include_str!("../frameworks/fsbp.toml"),
    ];
    let built_in =
        built_in.map(|text| toml::from_str(text).expect("the built-in frameworks are well-formed"));
    RwLock::new(Known::leaked(built_in.into()))
});

fn known() -> &'static Known {
    *KNOWN.read().unwrap_or_else(PoisonError::into_inner)
}

/// The frameworks that the program knows: its own, then those that were added.
#[must_use]
pub fn all() -> &'static [Framework] {
    known().frameworks
}

/// A control that a check of the user's own judges.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Claim {
    /// The framework's id; one that no framework has makes a framework of what claims name.
    pub framework: String,
    /// The control's id.
    pub control: String,
    /// The check's id.
    pub check: String,
}

/// Why frameworks could not be added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AddError {
    /// There is a framework of that id.
    Taken(String),
    /// A claim names a control that its framework does not have.
    NoControl(Claim),
}

impl fmt::Display for AddError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Taken(id) => write!(f, "there is a framework `{id}` already"),
            Self::NoControl(Claim { framework, control, check }) => {
                write!(f, "check {check}: framework `{framework}` has no control `{control}`")
            }
        }
    }
}

impl std::error::Error for AddError {}

/// Adds frameworks and what the user's checks judge in frameworks, for this process. A control that only a person, or
/// nothing, judged so far is judged by the check that claims it.
///
/// # Errors
/// When an id is taken, or a framework lacks a claimed control; nothing is added then.
pub fn add(frameworks: Vec<Framework>, claims: &[Claim]) -> Result<(), AddError> {
    let mut guard = KNOWN.write().unwrap_or_else(PoisonError::into_inner);
    let mut all = guard.frameworks.to_vec();
    for framework in frameworks {
        if all.iter().any(|it| it.id == framework.id) {
            return Err(AddError::Taken(framework.id));
        }
        all.push(framework);
    }
    let known = all.len();
    for claim in claims {
        let at = all.iter().position(|it| it.id == claim.framework).unwrap_or_else(|| {
            let (id, title) = (claim.framework.clone(), Text::same(&claim.framework));
            all.push(Framework { id, title, controls: Vec::new() });
            all.len() - 1
        });
        let controls = &mut all[at].controls;
        let part = Part { check: claim.check.clone(), kind: None, aspect: None };
        match controls.iter_mut().find(|it| it.id == claim.control).map(|it| &mut it.coverage) {
            Some(Coverage::Checks(parts)) if parts.contains(&part) => {}
            Some(Coverage::Checks(parts)) => parts.push(part),
            Some(other) => *other = Coverage::Checks(vec![part]),
            None if at < known => return Err(AddError::NoControl(claim.clone())),
            None => {
                let (id, title) = (claim.control.clone(), Text::same(&claim.control));
                controls.push(Control { id, title, coverage: Coverage::Checks(vec![part]) });
            }
        }
    }
    *guard = Known::leaked(all);
    Ok(())
}

/// The framework of that id.
#[must_use]
pub fn find(id: &str) -> Option<&'static Framework> {
    all().iter().find(|framework| framework.id == id)
}

/// Ids of controls, by framework.
pub type ControlIds = BTreeMap<&'static str, Vec<&'static str>>;

/// Ids of the controls that a check judges.
#[must_use]
pub fn controls_of(check: &str) -> ControlIds {
    controls_with(check, |_| true)
}

/// The controls that a check judges, as its page lists them: a line for each framework.
#[must_use]
pub fn lines_of(check: &str, lang: Lang) -> Vec<String> {
    let controls = controls_of(check);
    let line = |framework: &Framework| {
        let (title, ids) = (framework.title.get(lang), controls.get(framework.id.as_str())?);
        Some(match lang {
            Lang::En => format!("{title}: {}", ids.join(", ")),
            Lang::Ja => format!("{title}：{}", ids.join("、")),
        })
    };
    all().iter().filter_map(line).collect()
}

/// Ids of the controls that a finding is about: of a failure, those that it fails.
#[must_use]
pub fn controls_of_finding(finding: &Finding) -> ControlIds {
    let fails = matches!(finding.status, Status::Fail | Status::Suppressed);
    controls_with(finding.check, |part| {
        finding.types.iter().any(|kind| part.is_about(kind)) && (!fails || part.has_failed(&finding.aspects))
    })
}

/// Ids of the controls that take a part of the check that is wanted.
fn controls_with(check: &str, wanted: impl Fn(&Part) -> bool) -> ControlIds {
    let mut ids = ControlIds::new();
    for (framework, control, part) in known().by_check.get(check).into_iter().flatten() {
        if wanted(part) {
            let controls = ids.entry(framework).or_default();
            // Two parts of one check in a control follow each other.
            if controls.last() != Some(control) {
                controls.push(control);
            }
        }
    }
    ids
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
            ("antipatterns", 24),
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
                let distinct: BTreeSet<_> = control.parts().iter().collect();
                assert_eq!(distinct.len(), control.parts().len(), "{} {}", framework.id, control.id);
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
    fn a_page_lists_the_controls_by_framework() {
        let lines = lines_of("rds-default-admin", Lang::En);
        assert_eq!(
            lines,
            ["AWS security anti-patterns: 7", "AWS Foundational Security Best Practices: RDS.24, RDS.25"]
        );
        let lines = lines_of("rds-default-admin", Lang::Ja);
        assert_eq!(
            lines,
            ["AWSセキュリティのアンチパターン：7", "AWS基礎セキュリティのベストプラクティス：RDS.24、RDS.25"]
        );
    }

    fn part(written: &str) -> Part {
        written.to_owned().try_into().unwrap()
    }

    #[test]
    fn parts_are_read_as_they_are_written() {
        let of = |check: &str, kind: Option<&str>, aspect: Option<&str>| Part {
            check: check.into(),
            kind: kind.map(str::to_owned),
            aspect: aspect.map(str::to_owned),
        };
        for (written, expected) in [
            ("a-check", of("a-check", None, None)),
            ("a-check@AWS::DocDB::DBCluster", of("a-check", Some("AWS::DocDB::DBCluster"), None)),
            ("a-check#ipv6", of("a-check", None, Some("ipv6"))),
            ("a-check@AWS::EC2::VPC#ipv6", of("a-check", Some("AWS::EC2::VPC"), Some("ipv6"))),
        ] {
            assert_eq!((part(written), part(written).to_string()), (expected, written.to_owned()));
        }
        for wrong in
            ["", "a b", "@AWS::EC2::VPC", "a@", "a@VPC", "a@AWS::EC2", "a#", "a#x#y", "a#x@AWS::EC2::VPC"]
        {
            assert!(Part::try_from(wrong.to_owned()).is_err(), "{wrong:?}");
            assert!(toml::from_str::<Control>(&format!("id='1'\ntitle.en='t'\nchecks=['{wrong}']")).is_err());
        }
    }

    #[test]
    fn parts_take_types_and_aspects() {
        let clusters = part("a@AWS::DocDB::DBCluster");
        assert!(clusters.is_about("AWS::DocDB::DBCluster") && !clusters.is_about("AWS::RDS::DBCluster"));
        assert!(part("a").is_about("AWS::RDS::DBCluster") && clusters.has_failed(&[]));
        let six = part("a#ipv6");
        assert!(six.has_failed(&["ipv4", "ipv6"]) && !six.has_failed(&["ipv4"]) && !six.has_failed(&[]));
    }

    #[test]
    fn a_control_has_exactly_one_of_three() {
        let parse = |lines: &str| toml::from_str::<Control>(&format!("id = '1'\ntitle.en = 't'\n{lines}"));
        let coverage = |lines: &str| parse(lines).unwrap().coverage;
        let text = |en: &str, ja: &str| Text { en: en.into(), ja: Some(ja.into()) };
        assert_eq!(coverage("checks = ['a']"), Coverage::Checks(vec![part("a")]));
        assert_eq!(
            coverage("manual.en = 'look'\nmanual.ja = '確認'"),
            Coverage::Manual(text("look", "確認"))
        );
        assert_eq!(
            coverage("not_covered.en = 'why'\nnot_covered.ja = '理由'"),
            Coverage::NotCovered(text("why", "理由"))
        );
        let both = "checks = ['a']\nmanual.en = 'look'\nmanual.ja = '確認'";
        for wrong in ["", "checks = []", "manual = 'look'", "manual.en = 'look'", both, "check = ['a']"] {
            assert!(parse(wrong).is_err(), "{wrong:?}");
        }
    }
}
