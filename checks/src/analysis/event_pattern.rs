//! Event patterns of EventBridge: which events a rule sends to its targets (EventBridge User Guide, "Creating
//! Amazon EventBridge event patterns" and "Comparison operators for use in event patterns").
//!
//! Where the guide is brief, this does as AWS's own matcher, <https://github.com/aws/event-ruler>.

use std::{fmt, net::IpAddr};

use ipnet::IpNet;
use serde_json::{Map, Value};

use super::filter_pattern::Glob;

/// An event pattern.
#[derive(Clone, Debug, PartialEq)]
pub struct EventPattern(Fields);

/// A text that is no event pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError(String);

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ParseError {}

/// The fields of an object; all must match.
#[derive(Clone, Debug, PartialEq)]
struct Fields(Vec<Field>);

#[derive(Clone, Debug, PartialEq)]
enum Field {
    /// The fields within one.
    Within(String, Fields),
    /// The values that one may have.
    Values(String, Vec<Test>),
    /// `$or`: one of them must match.
    Or(Vec<Fields>),
}

/// What a value may be.
#[derive(Clone, Debug, PartialEq)]
enum Test {
    /// A string, `true`, `false` or `null`.
    Exact(Value),
    Number(Vec<(Comparison, f64)>),
    IgnoringCase(String),
    Prefix(String),
    PrefixIgnoringCase(String),
    Suffix(String),
    SuffixIgnoringCase(String),
    Wildcard(Glob),
    Network(IpNet),
    /// None of these.
    AnythingBut(Vec<Self>),
    Exists(bool),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparison {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// Names that make `$or` a field like any other when an object in its list has one: event-ruler's list, of
/// operators there are and of those that it keeps for later.
const RESERVED_IN_OR: [&str; 24] = [
    "exactly",
    "equals-ignore-case",
    "prefix",
    "suffix",
    "anything-but",
    "exists",
    "wildcard",
    "numeric",
    "cidr",
    "=",
    "<",
    "<=",
    ">",
    ">=",
    "regex",
    "not-wildcard",
    "not-equals-ignore-case",
    "date-after",
    "date-on-or-after",
    "date-before",
    "date-on-or-before",
    "in-date-range",
    "ip-address-in-range",
    "ip-address-not-in-range",
];

impl EventPattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// When the text is no pattern, or has an operator that AWS has not documented so far.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        // Deep nesting, which would exhaust the stack below, is an error of the JSON reader.
        let pattern: Value = serde_json::from_str(text).map_err(|error| ParseError(error.to_string()))?;
        let pattern = pattern.as_object().ok_or_else(|| ParseError("not a JSON object".into()))?;
        fields(pattern).map(Self)
    }

    /// Whether the pattern matches the event, as EventBridge delivers it.
    #[must_use]
    pub fn matches(&self, event: &Value) -> bool {
        self.0.matches(Some(event))
    }
}

impl Fields {
    /// Whether an object, or one of those in a list, has these fields. Fields that are all in the elements of
    /// one list must be in the same element, and a field that must not exist must not in that one. Where there
    /// is no object, no field exists.
    fn matches(&self, value: Option<&Value>) -> bool {
        match value {
            Some(Value::Array(elements)) if !elements.is_empty() => {
                elements.iter().any(|element| self.matches(Some(element)))
            }
            _ => {
                let object = value.and_then(Value::as_object);
                self.0.iter().all(|field| field.matches(object))
            }
        }
    }
}

impl Field {
    fn matches(&self, object: Option<&Map<String, Value>>) -> bool {
        let value = |name: &String| object.and_then(|object| object.get(name));
        match self {
            Self::Within(name, fields) => fields.matches(value(name)),
            Self::Values(name, tests) => {
                let mut leaves = Vec::new();
                value(name).into_iter().for_each(|value| push_leaves(value, &mut leaves));
                tests.iter().any(|test| match test {
                    Test::Exists(wanted) => leaves.is_empty() != *wanted,
                    test => leaves.iter().any(|leaf| test.holds(leaf)),
                })
            }
            Self::Or(alternatives) => {
                alternatives.iter().any(|fields| fields.0.iter().all(|f| f.matches(object)))
            }
        }
    }
}

/// The values of a field: it, or what is in its list. An object is not a value but has some.
fn push_leaves<'v>(value: &'v Value, leaves: &mut Vec<&'v Value>) {
    match value {
        Value::Array(elements) => elements.iter().for_each(|element| push_leaves(element, leaves)),
        Value::Object(_) => {}
        leaf => leaves.push(leaf),
    }
}

impl Test {
    /// Whether a value that exists passes.
    fn holds(&self, value: &Value) -> bool {
        let string = |holds: &dyn Fn(&str) -> bool| value.as_str().is_some_and(holds);
        let lower = |holds: &dyn Fn(&str) -> bool| string(&|text| holds(&text.to_lowercase()));
        match self {
            Self::Exact(exact) => value == exact,
            Self::Number(all) => {
                value.as_f64().is_some_and(|value| all.iter().all(|(how, with)| how.holds(value, *with)))
            }
            Self::IgnoringCase(other) => lower(&|text| text == other),
            Self::Prefix(prefix) => string(&|text| text.starts_with(prefix)),
            Self::PrefixIgnoringCase(prefix) => lower(&|text| text.starts_with(prefix)),
            Self::Suffix(suffix) => string(&|text| text.ends_with(suffix)),
            Self::SuffixIgnoringCase(suffix) => lower(&|text| text.ends_with(suffix)),
            Self::Wildcard(glob) => string(&|text| glob.matches(text)),
            Self::Network(network) => {
                string(&|text| text.parse().is_ok_and(|address: IpAddr| network.contains(&address)))
            }
            Self::AnythingBut(tests) => !tests.iter().any(|test| test.holds(value)),
            Self::Exists(wanted) => *wanted,
        }
    }
}

impl Comparison {
    fn of(sign: &str) -> Option<Self> {
        Some(match sign {
            "=" => Self::Equal,
            "<" => Self::Less,
            "<=" => Self::LessOrEqual,
            ">" => Self::Greater,
            ">=" => Self::GreaterOrEqual,
            _ => return None,
        })
    }

    fn holds(self, value: f64, with: f64) -> bool {
        match self {
            Self::Equal => value == with,
            Self::Less => value < with,
            Self::LessOrEqual => value <= with,
            Self::Greater => value > with,
            Self::GreaterOrEqual => value >= with,
        }
    }
}

fn fields(object: &Map<String, Value>) -> Result<Fields, ParseError> {
    if object.is_empty() {
        return Err(ParseError("an empty object".into()));
    }
    let field = |(name, value): (&String, &Value)| match value {
        Value::Array(alternatives) if name == "$or" && is_or(alternatives) => {
            let alternatives = alternatives.iter().filter_map(Value::as_object);
            Ok(Field::Or(alternatives.map(fields).collect::<Result<_, _>>()?))
        }
        Value::Object(object) => Ok(Field::Within(name.clone(), fields(object)?)),
        Value::Array(values) if values.is_empty() => Err(ParseError(format!("{name}: an empty list"))),
        Value::Array(values) => {
            let tests = values.iter().map(test).collect::<Result<_, _>>();
            Ok(Field::Values(name.clone(), tests.map_err(|error| ParseError(format!("{name}: {error}")))?))
        }
        _ => Err(ParseError(format!("{name}: neither an object nor a list"))),
    };
    object.iter().map(field).collect::<Result<_, _>>().map(Fields)
}

/// Whether the list makes of `$or` what it says; else it is a field of that name.
fn is_or(alternatives: &[Value]) -> bool {
    let plain = |value: &Value| {
        value
            .as_object()
            .is_some_and(|object| object.keys().all(|key| !RESERVED_IN_OR.contains(&key.as_str())))
    };
    alternatives.len() > 1 && alternatives.iter().all(plain)
}

/// A member of a field's list.
fn test(value: &Value) -> Result<Test, ParseError> {
    match value {
        Value::Number(_) => Ok(Test::Number(vec![(Comparison::Equal, number(value)?)])),
        Value::Array(_) => Err(ParseError("a list within a list".into())),
        Value::Object(object) => {
            let (name, value) = only(object)?;
            operator(name, value).map_err(|error| ParseError(format!("{name}: {error}")))
        }
        exact => Ok(Test::Exact(exact.clone())),
    }
}

fn operator(name: &str, value: &Value) -> Result<Test, ParseError> {
    match name {
        "prefix" | "suffix" | "equals-ignore-case" | "wildcard" => on_text(name, value),
        "exactly" => Ok(Test::Exact(string(value)?.into())),
        "numeric" => numeric(value).map(Test::Number),
        "cidr" => {
            let network = string(value)?;
            network
                .parse()
                .map(Test::Network)
                .map_err(|_| ParseError(format!("{network:?} is no address range")))
        }
        "exists" => {
            value.as_bool().map(Test::Exists).ok_or_else(|| ParseError("neither true nor false".into()))
        }
        "anything-but" => anything_but(value),
        _ => Err(ParseError("an unknown operator".into())),
    }
}

/// The operators on texts, which are also those that `anything-but` takes.
fn on_text(name: &str, value: &Value) -> Result<Test, ParseError> {
    let ignoring_case = match value {
        Value::Object(object) => match only(object)? {
            ("equals-ignore-case", value) => Some(string(value)?.to_lowercase()),
            (other, _) => return Err(ParseError(format!("{other}: an unknown operator"))),
        },
        _ => None,
    };
    match (name, ignoring_case) {
        ("prefix", None) => Ok(Test::Prefix(string(value)?.to_owned())),
        ("prefix", Some(prefix)) => Ok(Test::PrefixIgnoringCase(prefix)),
        ("suffix", None) => Ok(Test::Suffix(string(value)?.to_owned())),
        ("suffix", Some(suffix)) => Ok(Test::SuffixIgnoringCase(suffix)),
        ("equals-ignore-case", None) => Ok(Test::IgnoringCase(string(value)?.to_lowercase())),
        ("wildcard", None) => wildcard(string(value)?).map(Test::Wildcard),
        _ => Err(ParseError("an unknown operator".into())),
    }
}

/// `anything-but`: a string or number, a list of one of the two, or an operator with a text or a list of texts.
fn anything_but(value: &Value) -> Result<Test, ParseError> {
    let tests = match value {
        Value::Object(object) => {
            let (name, value) = only(object)?;
            each(value).iter().map(|value| on_text(name, value)).collect::<Result<Vec<_>, _>>()
        }
        _ => each(value).iter().map(test).collect(),
    }?;
    let numbers = tests.iter().filter(|test| matches!(test, Test::Number(_))).count();
    let texts = each(value).iter().filter(|value| value.is_string()).count();
    if tests.is_empty() || !value.is_object() && numbers != tests.len() && texts != tests.len() {
        return Err(ParseError("neither strings nor numbers".into()));
    }
    Ok(Test::AnythingBut(tests))
}

/// `[">", 0, "<=", 5]`
fn numeric(value: &Value) -> Result<Vec<(Comparison, f64)>, ParseError> {
    let wrong = || ParseError("not one or two comparisons with numbers".into());
    let (pairs, rest) = value.as_array().ok_or_else(wrong)?.as_chunks::<2>();
    let pairs = pairs.iter().map(|[sign, with]| {
        let comparison = sign.as_str().and_then(Comparison::of).ok_or_else(wrong)?;
        Ok((comparison, number(with)?))
    });
    let pairs: Vec<_> = pairs.collect::<Result<_, _>>()?;
    if rest.is_empty() && matches!(pairs.len(), 1 | 2) { Ok(pairs) } else { Err(wrong()) }
}

/// `*` is any run of characters, a backslash makes it or another backslash stand for itself.
fn wildcard(text: &str) -> Result<Glob, ParseError> {
    let mut parts = Vec::new();
    let mut part = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '*' if chars.as_str().starts_with('*') => return Err(ParseError("two * in a row".into())),
            '*' => parts.push(std::mem::take(&mut part)),
            '\\' => match chars.next() {
                Some(c @ ('*' | '\\')) => part.push(c),
                _ => return Err(ParseError("a backslash before neither * nor another".into())),
            },
            _ => part.push(c),
        }
    }
    parts.push(part);
    Ok(Glob::of_parts(parts))
}

/// The one member of an operator's object.
fn only(object: &Map<String, Value>) -> Result<(&str, &Value), ParseError> {
    let mut members = object.iter();
    match (members.next(), members.next()) {
        (Some((name, value)), None) => Ok((name, value)),
        _ => Err(ParseError("not one operator".into())),
    }
}

/// The members of a list; what is no list is one of itself.
fn each(value: &Value) -> &[Value] {
    value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice)
}

fn string(value: &Value) -> Result<&str, ParseError> {
    value.as_str().ok_or_else(|| ParseError("not a string".into()))
}

fn number(value: &Value) -> Result<f64, ParseError> {
    value.as_f64().ok_or_else(|| ParseError("not a number".into()))
}

#[cfg(test)]
mod tests;
