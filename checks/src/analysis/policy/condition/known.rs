//! Whether a condition holds in the requests that somebody can make.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::{super::pattern, Base, Condition, Form, Set, network};

/// Keys that the holder of a permission meets at will: signing in with MFA, using TLS, choosing the region
/// or the program. A condition on them does not take a permission away.
const MET_AT_WILL: [&str; 7] = [
    "aws:multifactorauthage",
    "aws:multifactorauthpresent",
    "aws:referer",
    "aws:requestedregion",
    "aws:securetransport",
    "aws:tokenissuetime",
    "aws:useragent",
];

/// Those of them that are true or false.
const BOOLEAN: [&str; 2] = ["aws:multifactorauthpresent", "aws:securetransport"];

/// What is known of the requests that somebody can make. Key names are in lower case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// What each key can be: one of several values that the caller may choose between; `None` is a request
    /// without the key.
    keys: BTreeMap<String, Vec<Option<String>>>,
    /// Keys that start so and are not among `keys` are absent, e.g. `aws:principaltag/`.
    absent: BTreeSet<&'static str>,
    /// The caller chooses the values of keys that start so, and whether the request has them.
    chosen: BTreeSet<&'static str>,
}

impl Known {
    /// The key always has this value.
    pub fn is(&mut self, key: &str, value: impl Into<String>) {
        self.can_be(key, [Some(value.into())]);
    }

    /// The caller can choose between these; `None` is a request without the key.
    pub fn can_be(&mut self, key: &str, values: impl IntoIterator<Item = Option<String>>) {
        self.keys.insert(key.to_ascii_lowercase(), values.into_iter().collect());
    }

    /// Nothing is known of the key any more.
    pub fn forget(&mut self, key: &str) {
        self.keys.remove(&key.to_ascii_lowercase());
    }

    /// Other keys that start so are never present.
    pub fn has_no_other(&mut self, prefix: &'static str) {
        self.absent.insert(prefix);
    }

    /// The caller chooses keys that start so, e.g. `aws:requesttag/`, as it likes, but for those that are known.
    pub fn chooses(&mut self, prefix: &'static str) {
        self.chosen.insert(prefix);
    }

    /// Whether the caller chooses the key's value, of which nothing else is known.
    fn is_chosen(&self, key: &str) -> bool {
        MET_AT_WILL.contains(&key) || self.chosen.iter().any(|prefix| key.starts_with(prefix))
    }

    /// Every combination of choices that makes a difference to these conditions: requests in which nothing is
    /// left to choose. Where there are more than a few hundred, some stay open.
    pub(in crate::analysis::policy) fn requests<'c>(
        &self,
        conditions: impl Iterator<Item = &'c Condition>,
    ) -> Vec<Self> {
        const MOST: usize = 256;
        let mut open: BTreeMap<String, BTreeSet<Option<String>>> = BTreeMap::new();
        for condition in conditions {
            let key = condition.key.to_ascii_lowercase();
            match self.keys.get(&key) {
                Some(choices) if choices.len() > 1 => {
                    open.entry(key).or_default().extend(choices.iter().cloned());
                }
                None if self.is_chosen(&key) => {
                    let is_boolean = BOOLEAN.contains(&key.as_str());
                    let choices = open.entry(key).or_default();
                    if is_boolean {
                        choices.extend([Some("true".into()), Some("false".into()), None]);
                        continue;
                    }
                    let values = condition.values.iter().filter_map(|value| self.resolve(value));
                    let plain = values.map(|value| value.replace(['*', '?'], "x"));
                    let others = ["0", "999999999", "something else"].map(str::to_owned);
                    choices.extend(plain.chain(others).map(Some).chain([None]));
                }
                _ => {}
            }
        }
        let mut requests = vec![self.clone()];
        for (key, choices) in open {
            if requests.len() * choices.len() > MOST {
                continue;
            }
            let fixed = |request: &Self, choice: &Option<String>| {
                let mut request = request.clone();
                request.keys.insert(key.clone(), vec![choice.clone()]);
                request
            };
            requests = requests
                .iter()
                .flat_map(|request| choices.iter().map(|choice| fixed(request, choice)))
                .collect();
        }
        requests
    }

    /// The requests' choices for a key; none when nothing is known of it.
    fn choices(&self, key: &str) -> Option<Vec<Option<&str>>> {
        match self.keys.get(key) {
            Some(choices) => Some(choices.iter().map(Option::as_deref).collect()),
            None => self.absent.iter().any(|prefix| key.starts_with(prefix)).then(|| vec![None]),
        }
    }

    /// The text with its policy variables replaced; none when one of them is not known.
    #[must_use]
    pub fn resolve(&self, text: &str) -> Option<String> {
        let mut resolved = String::new();
        let mut rest = text;
        while let Some((before, variable)) = rest.split_once("${") {
            let (name, after) = variable.split_once('}')?;
            let choices = self.choices(&name.to_ascii_lowercase())?;
            let [Some(value)] = choices.as_slice() else { return None };
            resolved.push_str(before);
            resolved.push_str(value);
            rest = after;
        }
        resolved.push_str(rest);
        Some(resolved)
    }
}

/// Whether a condition holds in the requests that somebody can make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chance {
    /// In every one.
    Always,
    /// In those where the caller wants it to.
    AtWill,
    /// In none.
    Never,
    /// Not known.
    Unclear,
}

impl Condition {
    /// Whether the condition holds in a request with these keys (lower case, with their values); none when
    /// that cannot be told. Absent keys count as the IAM User Guide says ("IAM JSON policy elements:
    /// Condition operators").
    #[must_use]
    pub fn holds(&self, request: &BTreeMap<String, Vec<String>>) -> Option<bool> {
        let Form { set, if_exists, negated, base } = self.form;
        let present = request.get(&self.key.to_ascii_lowercase());
        if base == Base::Null {
            let wants_absent = self.values.iter().any(|value| value.eq_ignore_ascii_case("true"));
            return Some(present.is_none() == wants_absent);
        }
        let Some(present) = present else {
            return Some(if_exists || set == Some(Set::All) || negated && set != Some(Set::Any));
        };
        let mut each = present.iter().map(|present| {
            let matched = self.values.iter().map(|value| self.value_matches(value, present));
            any(matched).map(|matched| matched != negated)
        });
        match set {
            Some(Set::Any) => any(each),
            _ => each.try_fold(true, |all, one| one.map(|one| all && one)),
        }
    }

    /// Whether the condition holds in requests of which this is known.
    #[must_use]
    pub fn chance(&self, known: &Known) -> Chance {
        let key = self.key.to_ascii_lowercase();
        let Some(choices) = known.choices(&key) else {
            return if known.is_chosen(&key) { Chance::AtWill } else { Chance::Unclear };
        };
        let Some(values) = self.values.iter().map(|value| known.resolve(value)).collect::<Option<Vec<_>>>()
        else {
            return Chance::Unclear;
        };
        let resolved = Self { values, ..self.clone() };
        let holds: Option<Vec<bool>> = choices
            .into_iter()
            .map(|choice| {
                let request = choice.map(|value| (key.clone(), vec![value.to_owned()])).into_iter().collect();
                resolved.holds(&request)
            })
            .collect();
        match holds {
            None => Chance::Unclear,
            Some(holds) if holds.iter().all(|holds| *holds) => Chance::Always,
            Some(holds) if holds.iter().any(|holds| *holds) => Chance::AtWill,
            Some(_) => Chance::Never,
        }
    }

    /// Whether the holder of a permission meets the condition at will, whatever its values.
    #[must_use]
    pub fn is_met_at_will(&self) -> bool {
        MET_AT_WILL.contains(&self.key.to_ascii_lowercase().as_str())
    }

    fn value_matches(&self, value: &str, present: &str) -> Option<bool> {
        if value.contains("${") {
            return None;
        }
        let number =
            |compare: fn(f64, f64) -> bool| Some(compare(present.parse().ok()?, value.parse().ok()?));
        let time =
            |compare: fn(&Timestamp, &Timestamp) -> bool| Some(compare(&moment(present)?, &moment(value)?));
        let operator = self.operator.to_ascii_lowercase();
        match self.form.base {
            Base::Exact { ignore_case: false } => Some(value == present),
            Base::Exact { ignore_case: true } | Base::Bool => Some(value.eq_ignore_ascii_case(present)),
            Base::Like if operator.contains("arn") => Some(matches_arn(value, present)),
            Base::Like => Some(pattern::matches(value, present)),
            Base::IpAddress => Some(network(value)?.contains(&network(present)?)),
            Base::Numeric if operator.contains("lessthanequals") => number(|a, b| a <= b),
            Base::Numeric if operator.contains("lessthan") => number(|a, b| a < b),
            Base::Numeric if operator.contains("greaterthanequals") => number(|a, b| a >= b),
            Base::Numeric if operator.contains("greaterthan") => number(|a, b| a > b),
            Base::Numeric => number(|a, b| (a - b).abs() < f64::EPSILON),
            Base::Date if operator.contains("lessthanequals") => time(|a, b| a <= b),
            Base::Date if operator.contains("lessthan") => time(|a, b| a < b),
            Base::Date if operator.contains("greaterthanequals") => time(|a, b| a >= b),
            Base::Date if operator.contains("greaterthan") => time(|a, b| a > b),
            Base::Date => time(|a, b| a == b),
            Base::Binary | Base::Null | Base::Unknown => None,
        }
    }
}

/// True when one is, false when all are, else not known.
fn any(mut answers: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut known = true;
    let found = answers.any(|answer| {
        known &= answer.is_some();
        answer == Some(true)
    });
    if found { Some(true) } else { known.then_some(false) }
}

/// A time as conditions have it: ISO 8601 as far as the day, minute or second, or seconds since 1970 (IAM User
/// Guide, "Date condition operators").
fn moment(text: &str) -> Option<Timestamp> {
    if let Ok(seconds) = text.parse() {
        return Timestamp::from_second(seconds).ok();
    }
    let civil = |text: &str| {
        let day_or_time = text.strip_suffix(['Z', 'z']).unwrap_or(text);
        let time = day_or_time.parse::<jiff::civil::DateTime>().ok()?;
        jiff::tz::TimeZone::UTC.to_timestamp(time).ok()
    };
    text.parse().ok().or_else(|| civil(text))
}

/// Whether the pattern matches the ARN, part by part (IAM User Guide, "ARN condition operators").
fn matches_arn(value: &str, present: &str) -> bool {
    let parts = |text: &str| text.splitn(6, ':').map(str::to_owned).collect::<Vec<_>>();
    let (value_parts, present_parts) = (parts(value), parts(present));
    if value_parts.len() < 6 {
        return pattern::matches(value, present);
    }
    value_parts.len() == present_parts.len()
        && value_parts.iter().zip(&present_parts).all(|(value, present)| pattern::matches(value, present))
}
