//! Tags of resources.

use std::{collections::BTreeMap, sync::Arc};

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Tags by key, in the order of the keys. Hostile input, like every name in an account.
///
/// A large account has millions, and each finding tells those of its resource: they are kept in one piece, which
/// copies share. A map of the standard library takes half a kilobyte for one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tags(Arc<[Pair]>);

type Pair = (Box<str>, Box<str>);
type Iter<'a> = std::iter::Map<std::slice::Iter<'a, Pair>, fn(&Pair) -> (&str, &str)>;

impl Tags {
    /// None.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The value of that key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        let at = self.0.binary_search_by(|(own, _)| (**own).cmp(key)).ok()?;
        Some(&self.0[at].1)
    }

    /// Whether there is that key.
    #[must_use]
    pub fn contains_key(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Keys and values, by key.
    pub fn iter(&self) -> Iter<'_> {
        self.0.iter().map(|(key, value)| (key, value))
    }

    /// The keys.
    pub fn keys(&self) -> impl ExactSizeIterator<Item = &str> {
        self.iter().map(|(key, _)| key)
    }
}

impl<'a> IntoIterator for &'a Tags {
    type Item = (&'a str, &'a str);
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// Of two values of one key, the later one stays.
impl<K: Into<Box<str>>, V: Into<Box<str>>> FromIterator<(K, V)> for Tags {
    fn from_iter<T: IntoIterator<Item = (K, V)>>(pairs: T) -> Self {
        let pairs = pairs.into_iter().map(|(key, value)| (key.into(), value.into()));
        let by_key: BTreeMap<Box<str>, Box<str>> = pairs.collect();
        if by_key.is_empty() { Self::default() } else { Self(by_key.into_iter().collect()) }
    }
}

impl<const N: usize> From<[(&str, &str); N]> for Tags {
    fn from(pairs: [(&str, &str); N]) -> Self {
        pairs.into_iter().collect()
    }
}

impl Serialize for Tags {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl<'de> Deserialize<'de> for Tags {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        BTreeMap::<Box<str>, Box<str>>::deserialize(deserializer).map(Self::from_iter)
    }
}

impl JsonSchema for Tags {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Tags".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        BTreeMap::<String, String>::json_schema(generator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_a_map_and_copies_share_it() {
        let tags: Tags = serde_json::from_str(r#"{"b": "2", "a": "1", "b": "3", "": ""}"#).unwrap();
        assert_eq!(tags.iter().collect::<Vec<_>>(), [("", ""), ("a", "1"), ("b", "3")]);
        assert_eq!((tags.get("a"), tags.get("c"), tags.contains_key("")), (Some("1"), None, true));
        assert_eq!(serde_json::to_string(&tags).unwrap(), r#"{"":"","a":"1","b":"3"}"#);
        assert!(Arc::ptr_eq(&tags.0, &tags.clone().0) && tags.clone() == tags);
        assert!(Tags::new().is_empty() && serde_json::to_string(&Tags::new()).unwrap() == "{}");
    }
}
