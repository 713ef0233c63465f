//! What decided a verdict.

use std::{borrow::Cow, collections::BTreeMap, ops::Index};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

/// Named facts that decided a verdict, in AWS's terms, in the order of their names.
///
/// A finding has one to five, and an account has a hundred thousand findings: a map of the standard library takes 600
/// bytes for one fact.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Evidence(Vec<(Cow<'static, str>, Value)>);

impl Evidence {
    /// None.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// The fact of that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.at(name).ok().map(|at| &self.0[at].1)
    }

    /// Whether there is a fact of that name.
    #[must_use]
    pub fn contains_key(&self, name: &str) -> bool {
        self.at(name).is_ok()
    }

    /// Adds a fact, in place of the one of that name.
    pub fn insert(&mut self, name: impl Into<Cow<'static, str>>, value: Value) {
        let name = name.into();
        match self.at(&name) {
            Ok(at) => self.0[at].1 = value,
            // One after the other: most have one or two.
            Err(at) => {
                self.0.reserve_exact(1);
                self.0.insert(at, (name, value));
            }
        }
    }

    /// Takes a fact out.
    pub fn remove(&mut self, name: &str) -> Option<Value> {
        self.at(name).ok().map(|at| self.0.remove(at).1)
    }

    /// Names and facts.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (&**name, value))
    }

    fn at(&self, name: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|(own, _)| (**own).cmp(name))
    }
}

impl Index<&str> for Evidence {
    type Output = Value;

    /// The fact of that name; `null` where there is none, as JSON's own values have it.
    fn index(&self, name: &str) -> &Value {
        self.get(name).unwrap_or(&Value::Null)
    }
}

impl<N: Into<Cow<'static, str>>> FromIterator<(N, Value)> for Evidence {
    fn from_iter<T: IntoIterator<Item = (N, Value)>>(facts: T) -> Self {
        let mut evidence = Self::new();
        for (name, value) in facts {
            evidence.insert(name, value);
        }
        evidence
    }
}

impl Serialize for Evidence {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl<'de> Deserialize<'de> for Evidence {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        BTreeMap::<String, Value>::deserialize(deserializer).map(Self::from_iter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_a_map() {
        let mut evidence: Evidence = serde_json::from_str(r#"{"b": 1, "a": "x", "b": 2}"#).unwrap();
        assert_eq!(serde_json::to_string(&evidence).unwrap(), r#"{"a":"x","b":2}"#);
        assert_eq!(evidence["b"], 2);
        assert_eq!((&evidence["c"], evidence.get("c")), (&Value::Null, None));
        evidence.insert("aa", 3.into());
        evidence.insert("a".to_owned(), 4.into());
        assert_eq!(evidence.iter().map(|(name, _)| name).collect::<Vec<_>>(), ["a", "aa", "b"]);
        assert_eq!((evidence.remove("a"), evidence.contains_key("a")), (Some(4.into()), false));
        assert_eq!(evidence, [("b", 2.into()), ("aa", 3.into())].into_iter().collect());
    }
}
