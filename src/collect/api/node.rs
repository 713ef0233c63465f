//! What a service answers, JSON or XML: a tree whose fields are read one by one. A field that is absent is `None`; one
//! that is of another kind than it is read as is an error of the item that it belongs to, never an absent field.

use aws_audit_checks::snapshot::Tags;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::collect::items::{Lacks, known};

/// How deep an answer can be. Those of AWS have fewer than twenty levels.
const DEEPEST: usize = 100;

/// A value of an answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::collect) enum Node {
    /// Nothing, or JSON's `null`.
    #[default]
    Null,
    /// `true` or `false`, of JSON.
    Flag(bool),
    /// A number of JSON.
    Number(f64),
    /// A text; every value of XML.
    Text(String),
    /// A list of JSON.
    List(Vec<Node>),
    /// A structure or a map, in the order of the answer. XML has its lists as elements of one name.
    Fields(Vec<(String, Node)>),
}

impl Node {
    /// An answer in JSON, which is an object.
    pub(super) fn from_json(body: &[u8]) -> Result<Self, String> {
        match serde_json::from_slice(body).map_err(|error| error.to_string())? {
            answer @ Value::Object(_) => Ok(Self::from(answer)),
            _ => Err("the answer is no object".to_owned()),
        }
    }

    /// What the outermost element of an answer in XML holds.
    pub(in crate::collect) fn from_xml(body: &[u8]) -> Result<Self, String> {
        let text = std::str::from_utf8(body).map_err(|error| error.to_string())?;
        let document = roxmltree::Document::parse(text).map_err(|error| error.to_string())?;
        Self::of_element(document.root_element(), 0)
    }

    fn of_element(element: roxmltree::Node, depth: usize) -> Result<Self, String> {
        if depth > DEEPEST {
            return Err(format!("there are more than {DEEPEST} elements within each other"));
        }
        let mut fields = Vec::new();
        for child in element.children().filter(roxmltree::Node::is_element) {
            fields.push((child.tag_name().name().to_owned(), Self::of_element(child, depth + 1)?));
        }
        if fields.is_empty() {
            let texts = element.children().filter(roxmltree::Node::is_text);
            let text: String = texts.filter_map(|child| child.text()).collect();
            // What is between an element's two tags where it is empty, but for a line's end.
            return Ok(Self::Text(if text.trim().is_empty() { String::new() } else { text }));
        }
        Ok(Self::Fields(fields))
    }

    /// A field; nothing where there is none. What can have no fields stays what it is, so that reading what should be
    /// below it is an error.
    pub(in crate::collect) fn get(&self, field: &str) -> &Self {
        match self {
            Self::Fields(fields) => {
                fields.iter().find(|(name, _)| name == field).map_or(&Self::Null, |it| &it.1)
            }
            Self::Null => &Self::Null,
            // An empty element of XML.
            Self::Text(text) if text.is_empty() => &Self::Null,
            other => other,
        }
    }

    /// A field that is there.
    pub(in crate::collect) fn present(&self, field: &str) -> Option<&Self> {
        Some(self.get(field)).filter(|node| **node != Self::Null)
    }

    /// That field of it, if it has one, else all of it.
    pub(super) fn into_field(self, field: &str) -> Self {
        match self {
            Self::Fields(mut fields) => match fields.iter().position(|(name, _)| name == field) {
                Some(at) => fields.swap_remove(at).1,
                None => Self::Fields(fields),
            },
            other => other,
        }
    }

    /// A text.
    pub(in crate::collect) fn text(&self, field: &'static str) -> Result<Option<&str>, Lacks> {
        match self.field(field)? {
            Self::Null => Ok(None),
            Self::Text(text) => Ok(Some(text)),
            other => Err(other.wrong(field)),
        }
    }

    /// A text that the item must have, and that is not empty.
    pub(in crate::collect) fn required(&self, field: &'static str) -> Result<String, Lacks> {
        crate::collect::items::text(self.text(field)?, field)
    }

    /// A value of an enumeration on which something rests; see [`known`].
    pub(in crate::collect) fn known(
        &self,
        field: &'static str,
        values: &[&str],
    ) -> Result<Option<String>, Lacks> {
        known(self.text(field)?, values, field)
    }

    /// A flag.
    pub(in crate::collect) fn flag(&self, field: &'static str) -> Result<Option<bool>, Lacks> {
        match self.field(field)? {
            Self::Null => Ok(None),
            Self::Flag(flag) => Ok(Some(*flag)),
            Self::Text(text) if text == "true" => Ok(Some(true)),
            Self::Text(text) if text == "false" => Ok(Some(false)),
            other => Err(other.wrong(field)),
        }
    }

    /// Any number.
    pub(in crate::collect) fn float(&self, field: &'static str) -> Result<Option<f64>, Lacks> {
        match self.field(field)? {
            Self::Null => Ok(None),
            Self::Number(number) => Ok(Some(*number)),
            other @ Self::Text(text) => text.parse().map(Some).map_err(|_| other.wrong(field)),
            other => Err(other.wrong(field)),
        }
    }

    /// A whole number.
    pub(in crate::collect) fn number(&self, field: &'static str) -> Result<Option<i64>, Lacks> {
        match self.field(field)? {
            Self::Null => Ok(None),
            #[expect(clippy::cast_possible_truncation, reason = "whole, and far below where f64 is exact")]
            Self::Number(number) if number.fract() == 0.0 && number.abs() < 9e15 => Ok(Some(*number as i64)),
            other @ Self::Text(text) => text.parse().map(Some).map_err(|_| other.wrong(field)),
            other => Err(other.wrong(field)),
        }
    }

    /// A whole number of 32 bits.
    pub(in crate::collect) fn integer(&self, field: &'static str) -> Result<Option<i32>, Lacks> {
        let number = self.number(field)?;
        number.map(|number| i32::try_from(number).map_err(|_| self.get(field).wrong(field))).transpose()
    }

    /// A time: seconds since 1970, or a text of ISO 8601.
    pub(in crate::collect) fn time(&self, field: &'static str) -> Result<Option<Timestamp>, Lacks> {
        let node = self.field(field)?;
        let time = match node {
            Self::Null => return Ok(None),
            Self::Number(seconds) => SignedDuration::try_from_secs_f64(*seconds)
                .ok()
                .and_then(|since| Timestamp::from_duration(since).ok()),
            Self::Text(text) => text.parse().ok(),
            _ => None,
        };
        time.map(Some).ok_or_else(|| node.wrong(field))
    }

    /// The items of a list. An absent one is empty.
    pub(in crate::collect) fn list(&self, field: &'static str) -> Result<Vec<&Self>, Lacks> {
        self.field(field)?.items(field)
    }

    /// The items of a list that is itself an item of the list in that field.
    pub(in crate::collect) fn items(&self, field: &'static str) -> Result<Vec<&Self>, Lacks> {
        let items: Vec<_> = match self {
            Self::Null => Vec::new(),
            Self::List(items) => items.iter().collect(),
            Self::Fields(items) => items.iter().map(|(_, item)| item).collect(),
            Self::Text(text) if text.is_empty() => Vec::new(),
            other => return Err(other.wrong(field)),
        };
        // Lists of AWS have no holes; JSON can.
        Ok(items.into_iter().filter(|item| **item != Self::Null).collect())
    }

    /// The same, of a node that is of no further use.
    pub(in crate::collect) fn into_list(self, field: &'static str) -> Result<Vec<Self>, Lacks> {
        self.list(field)?;
        let Self::Fields(fields) = self else { return Ok(Vec::new()) };
        let list = fields.into_iter().find(|(name, _)| name == field).map(|(_, list)| list);
        let items: Vec<_> = match list.unwrap_or_default() {
            Self::List(items) => items,
            Self::Fields(items) => items.into_iter().map(|(_, item)| item).collect(),
            _ => Vec::new(),
        };
        Ok(items.into_iter().filter(|item| *item != Self::Null).collect())
    }

    /// A list of texts, any of which can be empty, such as arguments.
    pub(in crate::collect) fn words(&self, field: &'static str) -> Result<Vec<String>, Lacks> {
        let words = self.list(field)?.into_iter().map(|item| match item {
            Self::Text(word) => Ok(word.clone()),
            other => Err(other.wrong(field)),
        });
        words.collect()
    }

    /// A list of texts, none of which is empty.
    pub(in crate::collect) fn texts(&self, field: &'static str) -> Result<Vec<String>, Lacks> {
        let texts = self.list(field)?.into_iter().map(|item| match item {
            Self::Text(text) if !text.is_empty() => Ok(text.clone()),
            other => Err(other.wrong(field)),
        });
        texts.collect()
    }

    /// A text that each item of a list must have, and that is not empty.
    pub(in crate::collect) fn each(
        &self,
        list: &'static str,
        field: &'static str,
    ) -> Result<Vec<String>, Lacks> {
        self.list(list)?.into_iter().map(|item| item.required(field)).collect()
    }

    /// A text of those items of a list that have it.
    pub(in crate::collect) fn some(
        &self,
        list: &'static str,
        field: &'static str,
    ) -> Result<Vec<&str>, Lacks> {
        self.list(list)?.into_iter().filter_map(|item| item.text(field).transpose()).collect()
    }

    /// The pairs of a map, of JSON.
    pub(in crate::collect) fn entries(&self, field: &'static str) -> Result<Vec<(&str, &Self)>, Lacks> {
        let pairs = match self.field(field)? {
            Self::Null => return Ok(Vec::new()),
            Self::Fields(pairs) => pairs.iter(),
            other => return Err(other.wrong(field)),
        };
        Ok(pairs
            .filter(|(_, value)| *value != Self::Null)
            .map(|(key, value)| (key.as_str(), value))
            .collect())
    }

    /// The pairs of a map of texts, of JSON.
    pub(in crate::collect) fn map(&self, field: &'static str) -> Result<Vec<(&str, &str)>, Lacks> {
        let pairs = self.entries(field)?.into_iter().map(|(key, value)| match value {
            Self::Text(value) => Ok((key, value.as_str())),
            other => Err(other.wrong(field)),
        });
        pairs.collect()
    }

    /// Tags that are a map, and what has their form.
    pub(in crate::collect) fn tag_map(&self, field: &'static str) -> Result<Tags, Lacks> {
        Ok(self.map(field)?.into_iter().collect())
    }

    /// Tags that are a list of pairs: its field, and those of key and value. Maps have this form in XML.
    pub(in crate::collect) fn tags(
        &self,
        field: &'static str,
        key: &'static str,
        value: &'static str,
    ) -> Result<Tags, Lacks> {
        let mut tags = Vec::new();
        for tag in self.list(field)? {
            if let Some(key) = tag.text(key)? {
                tags.push((key, tag.text(value)?.unwrap_or_default()));
            }
        }
        Ok(tags.into_iter().collect())
    }

    /// A field of what can have fields.
    fn field(&self, field: &'static str) -> Result<&Self, Lacks> {
        match self {
            Self::Null | Self::Fields(_) => Ok(self.get(field)),
            Self::Text(text) if text.is_empty() => Ok(&Self::Null),
            other => Err(other.wrong(field)),
        }
    }

    fn wrong(&self, field: &'static str) -> Lacks {
        let told = match self {
            Self::Null => "null".to_owned(),
            Self::Flag(flag) => flag.to_string(),
            Self::Number(number) => number.to_string(),
            Self::Text(text) => text.clone(),
            Self::List(_) => "a list".to_owned(),
            Self::Fields(_) => "a structure".to_owned(),
        };
        Lacks::unknown(field, &told)
    }
}

impl From<Value> for Node {
    fn from(value: Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(flag) => Self::Flag(flag),
            Value::Number(number) => Self::Number(number.as_f64().unwrap_or(f64::NAN)),
            Value::String(text) => Self::Text(text),
            Value::Array(items) => Self::List(items.into_iter().map(Self::from).collect()),
            Value::Object(fields) => {
                Self::Fields(fields.into_iter().map(|(name, value)| (name, Self::from(value))).collect())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const XML: &str = "<?xml version=\"1.0\"?>
        <R xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\">
            <id>i-1 &amp; more</id><count>3</count><on>true</on><at>2026-11-29T05:00:00.000Z</at>
            <tagSet><item><key>a</key><value>b</value></item><item><key>c</key><value/></item></tagSet>
            <groupSet/><names><item>x</item><item>y</item></names>
        </R>";

    fn both() -> [Node; 2] {
        let json = r#"{"id": "i-1 & more", "count": 3, "on": true, "at": 1795928400, "none": null,
            "tagSet": [{"key": "a", "value": "b"}, null, {"key": "c", "value": ""}],
            "groupSet": [], "names": ["x", "y"]}"#;
        [Node::from_xml(XML.as_bytes()).unwrap(), Node::from_json(json.as_bytes()).unwrap()]
    }

    #[test]
    fn json_and_xml_are_read_alike() {
        for node in both() {
            assert_eq!(node.text("id").unwrap(), Some("i-1 & more"));
            assert_eq!(node.number("count").unwrap(), Some(3));
            assert_eq!(node.flag("on").unwrap(), Some(true));
            assert_eq!(node.time("at").unwrap(), "2026-11-29T05:00:00Z".parse().ok());
            let tags = node.tags("tagSet", "key", "value").unwrap();
            assert_eq!(tags.iter().collect::<Vec<_>>().len(), 2);
            assert!(node.list("groupSet").unwrap().is_empty() && node.list("absent").unwrap().is_empty());
            assert_eq!(node.texts("names").unwrap(), ["x", "y"]);
            assert_eq!(node.each("tagSet", "key").unwrap(), ["a", "c"]);
            assert_eq!(node.each("tagSet", "value").unwrap_err().told(), "lacks value");
            assert_eq!(node.some("tagSet", "value").unwrap(), ["b", ""]);
            assert_eq!(node.integer("count").unwrap(), Some(3));
            assert_eq!(node.clone().into_list("tagSet").unwrap().len(), 2);
            assert_eq!((node.text("none").unwrap(), node.get("absent").text("id").unwrap()), (None, None));
            assert_eq!(node.required("absent").unwrap_err().told(), "lacks absent");
        }
    }

    #[test]
    fn what_is_of_another_kind_is_an_error_and_never_absent() {
        for node in both() {
            assert!(node.flag("id").is_err() && node.number("id").is_err() && node.time("id").is_err());
            assert!(node.list("id").is_err() && node.map("id").is_err() && node.text("tagSet").is_err());
            assert!(node.get("id").text("below").is_err(), "a text has no fields");
            assert!(node.get("id").get("below").text("below").is_err() && node.some("names", "key").is_err());
            assert!(node.texts("tagSet").is_err());
        }
        let [_, json] = both();
        assert_eq!(json.text("count").unwrap_err().told(), "has a count that is not known: 3");
        let large = Node::from_xml(b"<R><port>4294967296</port></R>").unwrap();
        assert_eq!((large.number("port").unwrap(), large.integer("port").is_err()), (Some(1 << 32), true));
    }

    #[test]
    fn empty_elements_are_structures_and_lists_without_anything() {
        let xml =
            "<R><state/><set>\n </set><list><item/><item>\n</item></list><name> a<!-- b --> </name></R>";
        let node = Node::from_xml(xml.as_bytes()).unwrap();
        assert_eq!(node.get("state").get("inner").text("code").unwrap(), None);
        assert!(node.list("set").unwrap().is_empty() && node.number("state").is_err());
        assert_eq!((node.text("set").unwrap(), node.text("name").unwrap()), (Some(""), Some(" a ")));
        assert_eq!(node.list("list").unwrap().len(), 2);
        assert_eq!(node.each("list", "id").unwrap_err().told(), "lacks id");
        assert!(node.some("list", "id").unwrap().is_empty());
    }

    #[test]
    fn numbers_may_have_fractions_and_words_may_be_empty() {
        let node = Node::from_json(br#"{"half": 0.5, "words": ["a", ""], "mixed": ["a", 1]}"#).unwrap();
        assert_eq!(node.float("half").unwrap(), Some(0.5));
        assert!(node.number("half").is_err() && node.float("words").is_err());
        assert_eq!(node.words("words").unwrap(), ["a", ""]);
        assert!(node.texts("words").is_err() && node.words("mixed").is_err());
    }

    #[test]
    fn answers_in_json_are_objects() {
        for body in ["[]", "null", "\"x\"", "1", ""] {
            assert!(Node::from_json(body.as_bytes()).is_err(), "{body}");
        }
    }

    #[test]
    fn maps_are_pairs() {
        let node = Node::from_json(br#"{"tags": {"a": "b", "gone": null}, "bad": {"a": 1}}"#).unwrap();
        assert_eq!(node.map("tags").unwrap(), [("a", "b")]);
        assert_eq!(node.tag_map("tags").unwrap(), Tags::from([("a", "b")]));
        assert!(node.map("bad").is_err() && node.map("absent").unwrap().is_empty());
        assert_eq!(node.entries("bad").unwrap(), [("a", &Node::Number(1.0))]);
    }

    #[test]
    fn lists_can_be_items_of_lists() {
        let node = Node::from_json(br#"{"groups": [[{"a": "b"}, null], [], "c"]}"#).unwrap();
        let groups = node.list("groups").unwrap();
        let counts = groups.iter().map(|group| group.items("groups").map(|items| items.len()).ok());
        assert_eq!(counts.collect::<Vec<_>>(), [Some(1), Some(0), None]);
    }

    #[test]
    fn no_answer_is_deep_enough_to_end_the_program() {
        let deep = |levels: usize| format!("{}x{}", "<a>".repeat(levels), "</a>".repeat(levels));
        assert!(Node::from_xml(deep(50).as_bytes()).is_ok());
        assert!(Node::from_xml(deep(20_000).as_bytes()).is_err());
        let deep = format!("{}1{}", "[".repeat(20_000), "]".repeat(20_000));
        assert!(Node::from_json(deep.as_bytes()).is_err());
    }
}
