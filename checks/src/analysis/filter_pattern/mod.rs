//! Filter patterns of CloudWatch Logs: which log events a metric filter counts (CloudWatch Logs User Guide,
//! "Filter pattern syntax for metric filters, subscription filters, filter log events, and Live Tail").
//!
//! The events are CloudTrail records, which CloudTrail writes to a log group as one line of JSON each. What the
//! guide does not say for sure (address ranges, `EXISTS`, `*` within a value) is an error rather than a guess, and
//! so is a regular expression that globs cannot say.

mod parse;
#[cfg(test)]
mod tests;

use std::{borrow::Cow, cmp::Ordering, fmt};

use serde_json::Value;

/// A filter pattern.
#[derive(Clone, Debug, PartialEq)]
pub struct FilterPattern(Form);

/// A text that is no filter pattern, or one of which it is not known what it matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError(String);

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ParseError {}

#[derive(Clone, Debug, PartialEq)]
enum Form {
    Terms(Terms),
    /// `{ … }`
    Json(Expression),
    /// `[ … ]`: about the words of a line, which a JSON record does not consist of.
    SpaceDelimited,
}

/// What the text of an event contains, each as [`Operand::texts`].
#[derive(Clone, Debug, Default, PartialEq)]
struct Terms {
    all: Vec<Vec<Glob>>,
    none: Vec<Vec<Glob>>,
    any: Vec<Vec<Glob>>,
}

#[derive(Clone, Debug, PartialEq)]
enum Expression {
    Any(Vec<Self>),
    All(Vec<Self>),
    Condition { selector: Vec<Step>, test: Test },
}

/// A step from a JSON value to those in it.
#[derive(Clone, Debug, PartialEq)]
enum Step {
    Property(String),
    Element(usize),
    /// `*`: each property or element.
    Each,
}

#[derive(Clone, Debug, PartialEq)]
enum Test {
    Equal(Operand),
    NotEqual(Operand),
    /// How a number may compare with this one.
    Number(&'static [Ordering], f64),
    IsNull,
    Is(bool),
    NotExists,
}

/// What a string or number is compared with.
#[derive(Clone, Debug, PartialEq)]
struct Operand {
    /// One of them must match: several come of a regular expression with alternatives.
    texts: Vec<Glob>,
    /// Its value, when it is a number without quotes.
    number: Option<f64>,
}

/// Texts by their parts, between which anything may stand.
///
/// Policies' patterns ([`super::policy::pattern`]) have `?` too and no way to mean `*` itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Glob(Vec<String>);

impl FilterPattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// When the text is no pattern, or its meaning is not documented.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        parse::form(text).map(Self)
    }

    /// Whether the pattern matches the event, a CloudTrail record.
    #[must_use]
    pub fn matches(&self, event: &Value) -> bool {
        match &self.0 {
            Form::Terms(terms) => terms.match_text(&event.to_string()),
            Form::Json(expression) => expression.matches(event),
            Form::SpaceDelimited => false,
        }
    }
}

impl Terms {
    fn match_text(&self, text: &str) -> bool {
        let contains = |term: &Vec<Glob>| term.iter().any(|glob| glob.matches(text));
        // Next to other terms, those with a question mark are ignored: so the guide says.
        let any_counts = self.all.is_empty() && self.none.is_empty() && !self.any.is_empty();
        self.all.iter().all(contains)
            && !self.none.iter().any(contains)
            && (!any_counts || self.any.iter().any(contains))
    }
}

impl Expression {
    fn matches(&self, event: &Value) -> bool {
        match self {
            Self::Any(members) => members.iter().any(|member| member.matches(event)),
            Self::All(members) => members.iter().all(|member| member.matches(event)),
            Self::Condition { selector, test } => test.holds(&select(selector, event)),
        }
    }
}

/// The values that a selector points to.
fn select<'v>(selector: &[Step], event: &'v Value) -> Vec<&'v Value> {
    let mut selected = vec![event];
    for step in selector {
        selected = selected
            .into_iter()
            .flat_map(|value| -> Vec<_> {
                match (step, value) {
                    (Step::Property(name), Value::Object(object)) => object.get(name).into_iter().collect(),
                    (Step::Element(index), Value::Array(array)) => array.get(*index).into_iter().collect(),
                    (Step::Each, Value::Object(object)) => object.values().collect(),
                    (Step::Each, Value::Array(array)) => array.iter().collect(),
                    _ => Vec::new(),
                }
            })
            .collect();
    }
    selected
}

impl Test {
    /// Whether the test holds for one of the values. Where there is none, only [`Test::NotExists`] does: `!=`
    /// says that a property has another value, not that it has none.
    fn holds(&self, values: &[&Value]) -> bool {
        let mut values = values.iter();
        match self {
            Self::Equal(operand) => values.any(|value| operand.equals(value) == Some(true)),
            Self::NotEqual(operand) => values.any(|value| operand.equals(value) == Some(false)),
            Self::Number(wanted, with) => values.any(|value| {
                let value = scalar_text(value).and_then(|text| number(&text));
                value.and_then(|value| value.partial_cmp(with)).is_some_and(|order| wanted.contains(&order))
            }),
            Self::IsNull => values.any(|value| value.is_null()),
            Self::Is(wanted) => values.any(|value| value.as_bool() == Some(*wanted)),
            Self::NotExists => values.next().is_none(),
        }
    }
}

impl Operand {
    /// Whether the value is this one; none for what is neither a string nor a number.
    fn equals(&self, value: &Value) -> Option<bool> {
        let text = scalar_text(value)?;
        let same_number = || self.number.is_some() && self.number == number(&text);
        Some(self.texts.iter().any(|glob| glob.matches(&text)) || same_number())
    }
}

/// The text of a string or number: "the selector must point to a value node".
fn scalar_text(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::String(text) => Some(text.into()),
        Value::Number(number) => Some(number.to_string().into()),
        _ => None,
    }
}

/// An integer, a decimal or one of them with an exponent; not what Rust also reads as a number, like `inf`.
fn number(text: &str) -> Option<f64> {
    let plain = |c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.' | 'e' | 'E');
    text.chars().all(plain).then(|| text.parse().ok()).flatten().filter(|number: &f64| number.is_finite())
}

impl Glob {
    /// Each `*` is any run of characters, everything else stands for itself.
    fn with_stars(text: &str) -> Self {
        Self(text.split('*').map(str::to_owned).collect())
    }

    /// Texts with this in them.
    fn containing(text: &str) -> Self {
        Self(vec![String::new(), text.to_owned(), String::new()])
    }

    /// Texts that consist of these parts and anything between each two.
    pub(super) fn of_parts(parts: Vec<String>) -> Self {
        Self(parts)
    }

    /// Whether the text matches; takes time in the sum of the lengths, since the first place where a part
    /// occurs is as good as any later one.
    pub(super) fn matches<'t>(&self, text: &'t str) -> bool {
        let [first, middle @ .., last] = self.0.as_slice() else {
            return self.0.iter().all(|whole| whole == text);
        };
        let between = text.strip_prefix(first.as_str()).and_then(|rest| rest.strip_suffix(last.as_str()));
        let after = |rest: Option<&'t str>, part: &String| Some(rest?.split_once(part.as_str())?.1);
        middle.iter().fold(between, after).is_some()
    }
}
