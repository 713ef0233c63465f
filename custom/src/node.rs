//! What an expression sees of a resource: a tree of values, each read, not read, or not there to be read.

use std::collections::BTreeMap;

use aws_audit_checks::gap::{Gap, GapKind, NotJudged};
use serde_json::{Map, Number, Value};

/// A value of the view.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// Nothing is set.
    Null,
    /// Yes or no.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number.
    Double(f64),
    /// Text; times are RFC 3339.
    Text(String),
    /// A list.
    List(Vec<Node>),
    /// Values by free keys, as tags are.
    Map(BTreeMap<String, Node>),
    /// A thing with the fields that its schema names.
    Object(BTreeMap<String, Node>),
    /// Could not be read.
    Unread(Vec<Gap>),
    /// There is nothing to read: AWS has no answer for the like of this resource.
    NotOffered,
}

impl Node {
    /// The node of what could not be judged.
    #[must_use]
    pub fn missing(why: NotJudged) -> Self {
        match why {
            NotJudged::Unread(gaps) => Self::Unread(gaps.into_vec()),
            NotJudged::NotApplicable => Self::NotOffered,
        }
    }

    /// What a hand-written resource does not tell.
    #[must_use]
    pub fn not_given(path: &str) -> Self {
        Self::Unread(vec![gap(GapKind::NotSelected, format!("`{path}` is not given"))])
    }

    /// The same as JSON; what was not read, or is not there to be read, is left out.
    #[must_use]
    pub fn to_json(&self) -> Option<Value> {
        let fields = |fields: &BTreeMap<String, Self>| {
            let known = fields.iter().filter_map(|(name, value)| Some((name.clone(), value.to_json()?)));
            Value::Object(known.collect::<Map<_, _>>())
        };
        Some(match self {
            Self::Null => Value::Null,
            Self::Bool(value) => Value::Bool(*value),
            Self::Int(value) => Value::Number((*value).into()),
            Self::Double(value) => Number::from_f64(*value).map_or(Value::Null, Value::Number),
            Self::Text(value) => Value::String(value.clone()),
            Self::List(items) => Value::Array(items.iter().filter_map(Self::to_json).collect()),
            Self::Map(entries) | Self::Object(entries) => fields(entries),
            Self::Unread(_) | Self::NotOffered => return None,
        })
    }
}

/// A gap that no operation of AWS is to blame for.
#[must_use]
pub(crate) fn gap(kind: GapKind, message: impl Into<String>) -> Gap {
    let (operation, message) = (String::new(), message.into());
    Gap { operation, region: None, resource: None, kind, refused_by: None, message }
}
