//! The shape of the view: what its JSON Schema says, what expressions may ask for, and what a hand-written resource may
//! hold. A shape is made by the type that makes the values ([`crate::view`]), so the two cannot differ.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use aws_audit_checks::likeness::nearest;

use crate::{
    node::Node,
    problem::{Said, instead, said},
};

/// The shape of a value.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// Yes or no.
    Bool,
    /// A whole number.
    Int,
    /// Text.
    Text,
    /// A time: text, as RFC 3339.
    Time,
    /// The shape, or `null` where nothing is set.
    Maybe(Box<Shape>),
    /// A list.
    List(Box<Shape>),
    /// Values by free keys.
    Map(Box<Shape>),
    /// A thing with fields.
    Object(Vec<Field>),
    /// Whatever an expression makes of other values.
    Any,
}

/// A field of a thing.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// What it is.
    pub about: &'static str,
    /// Its shape.
    pub shape: Shape,
}

/// Why a shape does not have what is asked of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoField {
    /// The field that is not there.
    pub name: String,
    /// The field that is most like it.
    pub nearest: Option<&'static str>,
    /// The fields that there are; none where the value has no fields at all.
    pub known: Vec<&'static str>,
}

impl NoField {
    /// What is wrong, and what to write instead.
    pub(crate) fn told(&self, noun: &str) -> (Said, Said) {
        let name = &self.name;
        if self.known.is_empty() {
            let what = said(
                format!("`{name}` is asked of a value that has no fields"),
                format!("フィールドのない値に `{name}` を求めています"),
            );
            return (what, schema_of(noun));
        }
        let what =
            said(format!("there is no field `{name}`"), format!("`{name}` というフィールドはありません"));
        let help = match self.nearest {
            Some(_) => instead(name, self.known.iter().copied()),
            None => schema_of(noun),
        };
        (what, help)
    }
}

fn schema_of(noun: &str) -> Said {
    said(
        format!("`aws-audit checks schema {noun}` shows the fields"),
        format!("フィールドは `aws-audit checks schema {noun}` で確認できます"),
    )
}

impl Shape {
    /// The JSON Schema of the shape. No field is required: one that could not be read is not there.
    #[must_use]
    pub fn schema(&self) -> Value {
        match self {
            Self::Bool => json!({"type": "boolean"}),
            Self::Int => json!({"type": "integer"}),
            Self::Text => json!({"type": "string"}),
            Self::Time => json!({"type": "string", "format": "date-time"}),
            Self::Maybe(inner) => json!({"anyOf": [inner.schema(), {"type": "null"}]}),
            Self::List(items) => json!({"type": "array", "items": items.schema()}),
            Self::Map(values) => json!({"type": "object", "additionalProperties": values.schema()}),
            Self::Object(fields) => {
                let property = |field: &Field| {
                    let mut schema = field.shape.schema();
                    schema["description"] = field.about.into();
                    (field.name.to_owned(), schema)
                };
                let properties: serde_json::Map<_, _> = fields.iter().map(property).collect();
                json!({"type": "object", "properties": properties, "additionalProperties": false})
            }
            Self::Any => json!({}),
        }
    }

    /// The shape in words, for tables: `text`, `list of text`, `integer or null`.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Bool => "bool".into(),
            Self::Int => "int".into(),
            Self::Text => "string".into(),
            Self::Time => "time".into(),
            Self::Maybe(inner) => format!("{} or null", inner.words()),
            Self::List(items) => format!("list of {}", items.words()),
            Self::Map(values) => format!("map of {}", values.words()),
            Self::Object(fields) => {
                let names: Vec<_> = fields.iter().map(|field| field.name).collect();
                format!("object ({})", names.join(", "))
            }
            Self::Any => "any".into(),
        }
    }

    /// The shape of a field.
    ///
    /// # Errors
    /// When there is none of that name.
    pub fn field(&self, name: &str) -> Result<&Self, NoField> {
        match self {
            Self::Any => Ok(self),
            Self::Map(values) => Ok(values),
            Self::Maybe(inner) => inner.field(name),
            Self::Object(fields) => {
                fields.iter().find(|field| field.name == name).map(|field| &field.shape).ok_or_else(|| {
                    let known: Vec<_> = fields.iter().map(|field| field.name).collect();
                    NoField { name: name.to_owned(), nearest: nearest([name], known.iter().copied()), known }
                })
            }
            Self::Bool | Self::Int | Self::Text | Self::Time | Self::List(_) => {
                Err(NoField { name: name.to_owned(), nearest: None, known: Vec::new() })
            }
        }
    }

    /// The shape of what a loop over it has: items of a list, keys of a map.
    #[must_use]
    pub fn item(&self) -> &Self {
        match self {
            Self::List(items) => items,
            Self::Map(_) => &Self::Text,
            Self::Maybe(inner) => inner.item(),
            _ => &Self::Any,
        }
    }

    /// The node of a hand-written value. Fields that it does not have are not read.
    ///
    /// # Errors
    /// All that does not fit the shape: the path, and what is wrong there.
    pub fn read(&self, value: &Value, path: &str) -> Result<Node, Vec<(String, Misfit)>> {
        let misfit = |wanted: &str| Err(vec![(path.to_owned(), Misfit::Type(wanted.to_owned()))]);
        Ok(match (self, value) {
            (Self::Maybe(_), Value::Null) => Node::Null,
            (Self::Maybe(inner), value) => inner.read(value, path)?,
            (Self::Bool, Value::Bool(value)) => Node::Bool(*value),
            (Self::Int, Value::Number(value)) if value.is_i64() => {
                Node::Int(value.as_i64().unwrap_or_default())
            }
            (Self::Text, Value::String(text)) => Node::Text(text.clone()),
            (Self::Time, Value::String(text)) => match text.parse::<jiff::Timestamp>() {
                Ok(time) => Node::Text(time.to_string()),
                Err(_) => return misfit("a time such as 2026-01-31T00:00:00Z"),
            },
            (Self::List(shape), Value::Array(items)) => {
                let items =
                    items.iter().enumerate().map(|(at, item)| shape.read(item, &format!("{path}[{at}]")));
                Node::List(all(items)?)
            }
            (Self::Map(shape), Value::Object(entries)) => {
                let entries = entries
                    .iter()
                    .map(|(key, value)| Ok((key.clone(), shape.read(value, &join(path, key))?)));
                Node::Map(all(entries)?.into_iter().collect())
            }
            (Self::Object(fields), Value::Object(given)) => {
                let known = fields.iter().map(|field| match given.get(field.name) {
                    Some(value) => {
                        Ok((field.name.to_owned(), field.shape.read(value, &join(path, field.name))?))
                    }
                    None => Ok((field.name.to_owned(), Node::not_given(&join(path, field.name)))),
                });
                let unknown = given.keys().map(|key| match self.field(key) {
                    Ok(_) => Ok(None),
                    Err(no_field) => Err(vec![(join(path, key), Misfit::NoField(no_field))]),
                });
                let (known, unknown) = (all(known), all(unknown));
                match (known, unknown) {
                    (Ok(known), Ok(_)) => Node::Object(known.into_iter().collect::<BTreeMap<_, _>>()),
                    (known, unknown) => {
                        let unknown = unknown.map(|_: Vec<Option<()>>| ());
                        return Err(known.err().into_iter().chain(unknown.err()).flatten().collect());
                    }
                }
            }
            (Self::Any, _) => return misfit("nothing"),
            (shape, _) => return misfit(&shape.words()),
        })
    }
}

/// What is wrong with a hand-written value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Misfit {
    /// It should be of this shape.
    Type(String),
    /// There is no such field.
    NoField(NoField),
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// All values, or all that is wrong.
fn all<T, E>(results: impl Iterator<Item = Result<T, Vec<E>>>) -> Result<Vec<T>, Vec<E>> {
    let (mut values, mut errors) = (Vec::new(), Vec::new());
    for result in results {
        match result {
            Ok(value) => values.push(value),
            Err(wrong) => errors.extend(wrong),
        }
    }
    if errors.is_empty() { Ok(values) } else { Err(errors) }
}
