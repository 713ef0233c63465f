//! Policy documents, read as tolerantly as AWS reads them.

use std::fmt;

use serde_json::{Map, Value};

use super::{condition::Condition, pattern};
use crate::{gap::Gap, source::Operation};

/// Longer texts are no policy documents, in bytes: IAM takes 131,072 characters (IAM API reference, `CreatePolicy`,
/// `PolicyDocument`), other services less, and URL encoding makes three of one. What is asked of a document takes time in
/// the product of its statements.
const LONGEST: usize = 3 * 131_072;

/// A policy document.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    /// Its statements, in order.
    pub statements: Vec<Statement>,
}

/// A statement.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// Its place in the document, from zero.
    pub index: usize,
    /// Its `Sid`.
    pub sid: Option<String>,
    /// Allow or deny.
    pub effect: Effect,
    /// Whom it is about; none in identity policies.
    pub principals: Option<Principals>,
    /// Which actions.
    pub actions: Match,
    /// On which resources; trust policies have none.
    pub resources: Match,
    /// Conditions; all must hold.
    pub conditions: Vec<Condition>,
}

/// `Effect`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// `Allow`.
    Allow,
    /// `Deny`.
    Deny,
}

/// What an element and its `Not…` twin select.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Match {
    /// What one of the patterns matches.
    Any(Vec<String>),
    /// What none of the patterns matches.
    NoneOf(Vec<String>),
}

/// `Principal` or `NotPrincipal`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Principals {
    /// These, by kind (`AWS`, `Service`, `Federated`, `CanonicalUser`) and name.
    Any(Vec<(String, String)>),
    /// Everyone but these.
    NoneOf(Vec<(String, String)>),
}

/// A text that is no policy document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError(String);

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ParseError {}

impl ParseError {
    /// Of a document that an operation returned: AWS accepted what this does not understand.
    pub(super) fn gap(&self, operation: &'static Operation, region: Option<&str>, resource: &str) -> Gap {
        Gap::unreadable(operation, region, Some(resource), format!("policy document: {self}"))
    }
}

impl Principals {
    /// Whether they are everyone, anonymous callers or any AWS principal: `*`, `{"AWS": "*"}`, or everyone
    /// but some. A service, a SAML or OIDC provider is not everyone, whatever the conditions.
    #[must_use]
    pub fn is_everyone(&self) -> bool {
        match self {
            Self::Any(named) => {
                named.iter().any(|(kind, name)| kind.eq_ignore_ascii_case("AWS") && name == "*")
            }
            Self::NoneOf(_) => true,
        }
    }
}

impl Principals {
    /// The names, whatever their kind, that `Principal` or `NotPrincipal` lists.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let (Self::Any(named) | Self::NoneOf(named)) = self;
        named.iter().map(|(_, name)| name.as_str())
    }
}

impl Match {
    /// Whether the action is selected; actions are case-insensitive.
    #[must_use]
    pub fn selects_action(&self, action: &str) -> bool {
        self.selects(action, pattern::matches_action)
    }

    /// Whether the resource is selected.
    #[must_use]
    pub fn selects_resource(&self, resource: &str) -> bool {
        self.selects(resource, pattern::matches)
    }

    fn selects(&self, text: &str, matches: fn(&str, &str) -> bool) -> bool {
        match self {
            Self::Any(patterns) => patterns.iter().any(|pattern| matches(pattern, text)),
            Self::NoneOf(patterns) => !patterns.iter().any(|pattern| matches(pattern, text)),
        }
    }

    /// Whether everything that the pattern matches is selected. Never yes where it is no.
    #[must_use]
    pub fn covers(&self, narrower: &str) -> bool {
        match self {
            Self::Any(patterns) => patterns.iter().any(|wider| pattern::covers(wider, narrower)),
            Self::NoneOf(patterns) => !patterns.iter().any(|pattern| pattern::overlap(pattern, narrower)),
        }
    }

    /// The patterns, as evidence.
    #[must_use]
    pub fn patterns(&self) -> &[String] {
        match self {
            Self::Any(patterns) | Self::NoneOf(patterns) => patterns,
        }
    }
}

impl Policy {
    /// Reads a document: JSON, or URL-encoded JSON as some IAM operations return it.
    ///
    /// # Errors
    /// When the text is no policy document.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        if text.len() > LONGEST {
            return Err(ParseError(format!("longer than {LONGEST} bytes")));
        }
        let document: Value = match serde_json::from_str(text) {
            Ok(document) => document,
            Err(error) => url_decoded(text)
                .and_then(|text| serde_json::from_str(&text).ok())
                .ok_or_else(|| ParseError(error.to_string()))?,
        };
        let document = document.as_object().ok_or_else(|| ParseError("not a JSON object".into()))?;
        let statements = match element(document, "Statement") {
            Some(Value::Array(statements)) => statements.iter().collect(),
            Some(statement) => vec![statement],
            None => return Err(ParseError("no Statement".into())),
        };
        let statements = statements.into_iter().enumerate().map(|(index, value)| statement(index, value));
        Ok(Self { statements: statements.collect::<Result<_, _>>()? })
    }

    /// Reads a document that an operation returned; one that AWS accepted and this does not understand is a
    /// gap, not a fault of the account.
    ///
    /// # Errors
    /// The gap, when the text is no policy document.
    pub fn read(
        text: &str,
        operation: &'static Operation,
        region: Option<&str>,
        resource: &str,
    ) -> Result<Self, Gap> {
        Self::parse(text).map_err(|error| error.gap(operation, region, resource))
    }

    /// The statements that allow.
    pub fn allows(&self) -> impl Iterator<Item = &Statement> {
        self.statements.iter().filter(|statement| statement.effect == Effect::Allow)
    }

    /// The statements that deny.
    pub fn denies(&self) -> impl Iterator<Item = &Statement> {
        self.statements.iter().filter(|statement| statement.effect == Effect::Deny)
    }
}

impl Statement {
    /// How a reader finds it: its `Sid`, else its number in the document, from one.
    #[must_use]
    pub fn label(&self) -> String {
        self.sid.clone().unwrap_or_else(|| format!("#{}", self.index + 1))
    }
}

/// An element by its name, in any case of letters.
fn element<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    object.get(name).or_else(|| object.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, v)| v))
}

fn statement(index: usize, value: &Value) -> Result<Statement, ParseError> {
    let wrong = |what: &str| ParseError(format!("statement {}: {what}", index + 1));
    let object = value.as_object().ok_or_else(|| wrong("not a JSON object"))?;
    let effect = match element(object, "Effect").and_then(Value::as_str) {
        Some(effect) if effect.eq_ignore_ascii_case("Allow") => Effect::Allow,
        Some(effect) if effect.eq_ignore_ascii_case("Deny") => Effect::Deny,
        _ => return Err(wrong("Effect is neither Allow nor Deny")),
    };
    let selection = |name: &str, negated: &str| match (element(object, name), element(object, negated)) {
        (Some(patterns), _) => Some(Match::Any(strings(patterns))),
        (None, Some(patterns)) => Some(Match::NoneOf(strings(patterns))),
        (None, None) => None,
    };
    let principals = match (element(object, "Principal"), element(object, "NotPrincipal")) {
        (Some(principal), _) => Some(Principals::Any(named(principal))),
        (None, Some(principal)) => Some(Principals::NoneOf(named(principal))),
        (None, None) => None,
    };
    Ok(Statement {
        index,
        sid: element(object, "Sid").and_then(Value::as_str).filter(|sid| !sid.is_empty()).map(str::to_owned),
        effect,
        principals,
        actions: selection("Action", "NotAction").ok_or_else(|| wrong("neither Action nor NotAction"))?,
        resources: selection("Resource", "NotResource").unwrap_or_else(|| Match::Any(vec!["*".into()])),
        conditions: conditions(element(object, "Condition")),
    })
}

/// A string, or a list of strings; numbers and booleans as they are written.
fn strings(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().flat_map(strings).collect(),
        Value::String(text) => vec![text.clone()],
        Value::Null => vec![],
        other => vec![other.to_string()],
    }
}

fn named(principal: &Value) -> Vec<(String, String)> {
    match principal {
        // A bare `*` is `{"AWS": "*"}`.
        Value::String(name) => vec![("AWS".to_owned(), name.clone())],
        Value::Array(names) => names.iter().flat_map(named).collect(),
        Value::Object(kinds) => kinds
            .iter()
            .flat_map(|(kind, names)| strings(names).into_iter().map(|name| (kind.clone(), name)))
            .collect(),
        _ => vec![],
    }
}

fn conditions(block: Option<&Value>) -> Vec<Condition> {
    let operators = block.and_then(Value::as_object).into_iter().flatten();
    let conditions = operators.flat_map(|(operator, keys)| {
        let keys = keys.as_object().into_iter().flatten();
        keys.map(|(key, values)| Condition::new(operator, key, strings(values)))
    });
    Condition::block(conditions.collect())
}

/// Undoes URL encoding; none when the text is not so encoded.
fn url_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        rest = tail;
        if byte == b'%' {
            let (digits, tail) = rest.split_at_checked(2)?;
            bytes.push(u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?);
            rest = tail;
        } else {
            bytes.push(if byte == b'+' { b' ' } else { byte });
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_strings_and_lists_in_any_case() {
        let policy = Policy::parse(
            r#"{"version": "2012-10-17", "statement": {"sid": "A", "effect": "allow", "principal": "*",
                "action": "s3:GetObject", "resource": ["arn:aws:s3:::b/*"],
                "condition": {"Bool": {"aws:SecureTransport": true}}}}"#,
        )
        .unwrap();
        let statement = &policy.statements[0];
        assert_eq!((statement.label().as_str(), statement.effect), ("A", Effect::Allow));
        assert!(statement.principals.as_ref().unwrap().is_everyone());
        assert!(
            statement.actions.selects_action("S3:getobject")
                && !statement.actions.selects_action("s3:PutObject")
        );
        assert_eq!(
            statement.conditions,
            [Condition::new("Bool", "aws:SecureTransport", vec!["true".into()])]
        );
    }

    #[test]
    fn reads_url_encoded_documents() {
        let text = "%7B%22Statement%22%3A%5B%7B%22Effect%22%3A%22Deny%22%2C%22Action%22%3A%22%2A%22%7D%5D%7D";
        assert_eq!(Policy::parse(text).unwrap().statements[0].effect, Effect::Deny);
    }

    #[test]
    fn tells_what_is_no_policy() {
        for (text, cause) in [
            ("", "EOF"),
            ("[]", "not a JSON object"),
            ("{}", "no Statement"),
            (r#"{"Statement": [{"Effect": "Maybe", "Action": "*"}]}"#, "statement 1: Effect"),
            (r#"{"Statement": [{"Effect": "Allow"}]}"#, "neither Action nor NotAction"),
        ] {
            let error = Policy::parse(text).unwrap_err().to_string();
            assert!(error.contains(cause), "{text}: {error}");
        }
    }

    #[test]
    fn everyone_is_a_star_of_aws_principals_or_everyone_but() {
        let everyone = |principal: &str| {
            let text = format!(r#"{{"Statement": {{"Effect": "Allow", "Action": "*", {principal}}}}}"#);
            Policy::parse(&text).unwrap().statements[0]
                .principals
                .as_ref()
                .is_some_and(Principals::is_everyone)
        };
        assert!(everyone(r#""Principal": "*""#));
        assert!(everyone(r#""Principal": {"AWS": ["arn:aws:iam::111122223333:root", "*"]}"#));
        assert!(everyone(r#""NotPrincipal": {"AWS": "arn:aws:iam::111122223333:root"}"#));
        assert!(!everyone(r#""Principal": {"Service": "*"}"#));
        assert!(!everyone(r#""Principal": {"AWS": "arn:aws:iam::111122223333:root"}"#));
        assert!(!everyone(r#""Principal": {"Federated": "accounts.google.com"}"#));
        assert!(!everyone(r#""Resource": "*""#));
    }

    #[test]
    fn not_elements_select_what_they_do_not_name() {
        let all_but = Match::NoneOf(vec!["iam:*".into()]);
        assert!(all_but.selects_action("s3:GetObject") && !all_but.selects_action("IAM:CreateUser"));
        assert!(all_but.covers("s3:*") && !all_but.covers("*"));
    }
}
