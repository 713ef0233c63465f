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
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::{analysis::finding_event, snapshot::Place};

    fn matches(pattern: &Value, event: &Value) -> bool {
        let text = pattern.to_string();
        EventPattern::parse(&text).unwrap_or_else(|error| panic!("{text}: {error}")).matches(event)
    }

    const PLACE: Place<'static> = Place { partition: "aws", account: "111122223333", region: "eu-west-1" };

    fn guardduty(severity: f64) -> Value {
        let kind = "UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS";
        finding_event::guardduty(&PLACE, kind, "AccessKey", severity)
    }

    fn security_hub(detail_type: &str, label: &str, workflow: &str) -> Value {
        let mut event = finding_event::security_hub(&PLACE);
        event["detail-type"] = detail_type.into();
        let findings = &mut event["detail"]["findings"];
        findings[0]["Severity"]["Label"] = label.into();
        findings[0]["Workflow"]["Status"] = workflow.into();
        findings[0]["Resources"] = json!([{"Type": "AwsEc2Instance"}, {"Type": "AwsEc2Vpc"}]);
        let other = json!({"Severity": {"Label": "LOW"}, "Workflow": {"Status": "NOTIFIED"}, "RecordState": "ARCHIVED"});
        findings.as_array_mut().unwrap().push(other);
        event
    }

    #[test]
    fn guardduty_findings() {
        for pattern in [
            json!({"source": ["aws.guardduty"]}),
            json!({"source": ["aws.guardduty"], "detail-type": ["GuardDuty Finding"]}),
            json!({"source": ["aws.guardduty"], "detail-type": ["GuardDuty Finding"], "detail": {"severity": [{"numeric": [">=", 7]}]}}),
            json!({"source": ["aws.guardduty"], "detail": {"severity": [4, 4.0, 8, 8.0, 8.5, 8.9]}}),
            json!({"source": [{"prefix": "aws."}], "detail": {"type": [{"wildcard": "*:IAMUser/*"}]}}),
            json!({"detail": {"service": {"archived": [false]}}}),
        ] {
            assert!(matches(&pattern, &guardduty(8.0)), "{pattern}");
        }
        for pattern in [
            json!({"source": ["aws.macie"]}),
            json!({"source": ["aws.guardduty"], "detail-type": ["GuardDuty Malware Protection Object Scan Result"]}),
            json!({"source": ["aws.guardduty"], "detail": {"severity": [{"numeric": [">", 8]}]}}),
            json!({"source": ["aws.guardduty"], "detail": {"severity": ["8"]}}),
            json!({"source": ["aws.guardduty"], "account": [{"anything-but": "111122223333"}]}),
            json!({"detail": {"service": {"archived": ["false"]}}}),
        ] {
            assert!(!matches(&pattern, &guardduty(8.0)), "{pattern}");
        }
        let high = json!({"detail": {"severity": [{"numeric": [">=", 7]}]}});
        assert!(matches(&high, &guardduty(7.0)) && !matches(&high, &guardduty(6.9)));
    }

    #[test]
    fn security_hub_findings() {
        let imported = "Security Hub Findings - Imported";
        let pattern = json!({
            "source": ["aws.securityhub"],
            "detail-type": [imported],
            "detail": {"findings": {
                "Severity": {"Label": ["HIGH", "CRITICAL"]},
                "Workflow": {"Status": ["NEW"]},
                "RecordState": ["ACTIVE"],
            }},
        });
        assert!(matches(&pattern, &security_hub(imported, "HIGH", "NEW")));
        assert!(!matches(&pattern, &security_hub(imported, "LOW", "NEW")));
        assert!(!matches(&pattern, &security_hub(imported, "HIGH", "RESOLVED")));
        assert!(!matches(&pattern, &security_hub("Security Hub Insight Results", "HIGH", "NEW")));
        // Each field is in some finding, but both are in none.
        let across =
            json!({"detail": {"findings": {"Severity": {"Label": ["HIGH"]}, "RecordState": ["ARCHIVED"]}}});
        assert!(!matches(&across, &security_hub(imported, "HIGH", "NEW")));
        let deeper = json!({"detail": {"findings": {"Resources": {"Type": ["AwsEc2Vpc"]}, "RecordState": ["ACTIVE"]}}});
        assert!(matches(&deeper, &security_hub(imported, "HIGH", "NEW")));
        // Those of the newer Security Hub have another format.
        let newer = finding_event::security_hub_ocsf(&PLACE);
        let of_newer = json!({
            "detail-type": ["Findings Imported V2"],
            "detail": {"findings": {"severity": ["High", "Critical"], "status": ["New"]}},
        });
        assert!(matches(&of_newer, &newer));
        assert!(!matches(
            &json!({"detail": {"findings": {"Severity": {"Label": [{"exists": true}]}}}}),
            &newer
        ));
    }

    #[test]
    fn operators() {
        // What a field's list holds, the values that it matches, and some that it does not.
        for (test, yes, no) in [
            (json!("a"), json!(["a", ["b", "a"], [["a"]]]), json!(["A", "", 1, null, ["b"], [], {"a": "a"}])),
            (json!(""), json!([""]), json!(["a", null])),
            (json!(null), json!([null, [null]]), json!(["", "null", 0, false])),
            (json!(true), json!([true]), json!(["true", 1, false])),
            (json!(300), json!([300, 300.0, 3.0e2]), json!(["300", 301, null])),
            (json!({"exactly": "a"}), json!(["a"]), json!(["b"])),
            (json!({"prefix": "eu-"}), json!(["eu-", "eu-west-1", ["us", "eu-1"]]), json!(["EU-", "us-", 1])),
            (json!({"prefix": {"equals-ignore-case": "Eu-"}}), json!(["eu-", "EU-west-1"]), json!(["us-"])),
            (json!({"suffix": ".png"}), json!(["a.png", ".png"]), json!(["a.PNG", "png"])),
            (json!({"suffix": {"equals-ignore-case": ".Png"}}), json!(["a.png", "b.PNG"]), json!([".jpg"])),
            (json!({"equals-ignore-case": "aLiCe"}), json!(["alice", "ALICE"]), json!(["alice ", 1])),
            (json!({"wildcard": "*.png"}), json!([".png", "a/b.png"]), json!(["a.png2"])),
            (json!({"wildcard": "a*b*c"}), json!(["abc", "axbxc", "abbc"]), json!(["ac", "acb", "abcd"])),
            (json!({"wildcard": "a*ba"}), json!(["aba", "axba"]), json!(["ab", "ba"])),
            (json!({"wildcard": r"\*\\*"}), json!([r"*\", r"*\x"]), json!(["x", r"\", "*"])),
            (json!({"wildcard": "a?"}), json!(["a?"]), json!(["ab"])),
            (
                json!({"cidr": "10.0.0.0/24"}),
                json!(["10.0.0.0", "10.0.0.255"]),
                json!(["10.0.1.0", "x", "::1", 1]),
            ),
            (json!({"cidr": "2001:db8::/32"}), json!(["2001:db8::1"]), json!(["2001:db9::1", "10.0.0.1"])),
            (json!({"numeric": ["=", 5]}), json!([5, 5.0]), json!([4, "5"])),
            (json!({"numeric": ["<", 5]}), json!([4.9, -5e9]), json!([5, "4"])),
            (json!({"numeric": ["<=", 5]}), json!([5]), json!([5.1])),
            (json!({"numeric": [">", 0, "<=", 5]}), json!([0.1, 5, [9, 3]]), json!([0, 5.5, null])),
            (json!({"exists": true}), json!(["a", null, 0, ["a"]]), json!([{"b": 1}, [], [{"b": 1}]])),
            (json!({"exists": false}), json!([{"b": 1}, []]), json!(["a", null, false])),
            (
                json!({"anything-but": "a"}),
                json!(["b", 1, null, ["a", "b"]]),
                json!(["a", ["a"], [], {"b": 1}]),
            ),
            (json!({"anything-but": 1}), json!([2, "1", "a"]), json!([1, 1.0])),
            (json!({"anything-but": ["a", "b"]}), json!(["c", "ab"]), json!(["a", "b"])),
            (json!({"anything-but": [1, 2]}), json!([3]), json!([1, 2.0])),
            (json!({"anything-but": {"prefix": "us-"}}), json!(["eu-", 1]), json!(["us-", "us-1"])),
            (json!({"anything-but": {"prefix": ["us-", "eu-"]}}), json!(["ap-"]), json!(["us-", "eu-1"])),
            (json!({"anything-but": {"suffix": ".png"}}), json!(["a.jpg"]), json!(["a.png"])),
            (
                json!({"anything-but": {"suffix": [".png", ".jpg"]}}),
                json!(["gif"]),
                json!(["a.png", "b.jpg"]),
            ),
            (json!({"anything-but": {"equals-ignore-case": "A"}}), json!(["b"]), json!(["a", "A"])),
            (json!({"anything-but": {"equals-ignore-case": ["A", "b"]}}), json!(["c"]), json!(["a", "B"])),
            (json!({"anything-but": {"wildcard": "*/lib/*"}}), json!(["/bin/"]), json!(["/lib/"])),
            (
                json!({"anything-but": {"wildcard": ["*/lib/*", "*x"]}}),
                json!(["/bin/"]),
                json!(["/lib/", "x"]),
            ),
        ] {
            for (values, expected) in [(yes, true), (no, false)] {
                for value in values.as_array().unwrap() {
                    let event = json!({"detail": {"a": value}});
                    assert_eq!(
                        matches(&json!({"detail": {"a": [test]}}), &event),
                        expected,
                        "{test} {value}"
                    );
                }
            }
        }
    }

    #[test]
    fn fields_that_are_not_there() {
        for event in
            [json!({}), json!({"detail": {}}), json!({"detail": {"b": "x"}}), json!({"detail": null})]
        {
            assert!(matches(&json!({"detail": {"a": [{"exists": false}]}}), &event), "{event}");
            assert!(matches(&json!({"detail": {"a": {"b": ["x", {"exists": false}]}}}), &event), "{event}");
            for test in [json!({"exists": true}), json!({"anything-but": "x"}), json!(null), json!("")] {
                assert!(!matches(&json!({"detail": {"a": [test]}}), &event), "{event} {test}");
            }
        }
        assert!(!matches(
            &json!({"detail": {"a": {"b": ["x", {"exists": false}]}}}),
            &json!({"detail": {"a": {"b": "y"}}})
        ));
    }

    #[test]
    fn or() {
        let pattern = json!({
            "source": ["aws.cloudwatch"],
            "$or": [
                {"metricName": ["CPUUtilization"]},
                {"metricType": ["T"], "$or": [{"metricId": [1234]}, {"spaceId": [1000]}]},
            ],
            "detail": {"$or": [{"a": [1]}, {"b": [2]}]},
        });
        for (more, expected) in [
            (json!({"metricName": "CPUUtilization", "detail": {"a": 1}}), true),
            (json!({"metricName": "CPUUtilization", "detail": {"b": 2}}), true),
            (json!({"metricType": "T", "spaceId": 1000, "detail": {"b": 2}}), true),
            (json!({"metricType": "T", "detail": {"b": 2}}), false),
            (json!({"spaceId": 1000, "detail": {"b": 2}}), false),
            (json!({"metricName": "CPUUtilization", "detail": {"a": 2}}), false),
            (json!({"metricName": "CPUUtilization"}), false),
        ] {
            let mut event = more;
            event["source"] = "aws.cloudwatch".into();
            assert_eq!(matches(&pattern, &event), expected, "{event}");
            event["source"] = "other".into();
            assert!(!matches(&pattern, &event), "{event}");
        }
        // A field of that name.
        for pattern in [json!({"$or": ["a", "b"]}), json!({"$or": [{"prefix": "a"}, {"suffix": "b"}]})] {
            assert!(matches(&pattern, &json!({"$or": "a"})) && !matches(&pattern, &json!({"a": "b"})));
        }
        assert!(matches(&json!({"$or": {"a": [1]}}), &json!({"$or": {"a": 1}})));
    }

    #[test]
    fn malformed_patterns() {
        for pattern in [
            "",
            "[]",
            "{}",
            r#"{"a": []}"#,
            r#"{"a": {}}"#,
            r#"{"a": "b"}"#,
            r#"{"a": 1}"#,
            r#"{"a": [["b"]]}"#,
            r#"{"a": [{}]}"#,
            r#"{"a": [{"prefix": "b", "suffix": "c"}]}"#,
            r#"{"a": [{"prefix": 1}]}"#,
            r#"{"a": [{"prefix": {"suffix": "b"}}]}"#,
            r#"{"a": [{"regex": "b"}]}"#,
            r#"{"a": [{"equals-ignore-case": {"equals-ignore-case": "b"}}]}"#,
            r#"{"a": [{"wildcard": "a**b"}]}"#,
            r#"{"a": [{"wildcard": "a\\b"}]}"#,
            r#"{"a": [{"wildcard": "a\\"}]}"#,
            r#"{"a": [{"numeric": 1}]}"#,
            r#"{"a": [{"numeric": []}]}"#,
            r#"{"a": [{"numeric": [">"]}]}"#,
            r#"{"a": [{"numeric": [">", "1"]}]}"#,
            r#"{"a": [{"numeric": ["!=", 1]}]}"#,
            r#"{"a": [{"numeric": [">", 1, "<"]}]}"#,
            r#"{"a": [{"numeric": [">", 1, "<", 2, "<", 3]}]}"#,
            r#"{"a": [{"exists": "true"}]}"#,
            r#"{"a": [{"cidr": "10.0.0.1"}]}"#,
            r#"{"a": [{"cidr": "10.0.0.0/33"}]}"#,
            r#"{"a": [{"anything-but": []}]}"#,
            r#"{"a": [{"anything-but": ["b", 1]}]}"#,
            r#"{"a": [{"anything-but": null}]}"#,
            r#"{"a": [{"anything-but": {"cidr": "10.0.0.0/8"}}]}"#,
            r#"{"a": [{"anything-but": {"prefix": []}}]}"#,
            r#"{"$or": [{"a": [1]}]}"#,
            r#"{"$or": [{"a": [1]}, {}]}"#,
        ] {
            assert!(EventPattern::parse(pattern).is_err(), "{pattern}");
        }
        let error = EventPattern::parse(r#"{"detail": {"a": [{"regex": "b"}]}}"#).unwrap_err();
        assert_eq!(error.to_string(), "a: regex: an unknown operator");
    }

    #[test]
    fn long_and_deep_hostile_patterns_end() {
        let nested = |depth| format!("{}[1]{}", r#"{"a": "#.repeat(depth), "}".repeat(depth));
        assert!(EventPattern::parse(&nested(100)).is_ok());
        assert!(EventPattern::parse(&nested(100_000)).is_err());
        let stars = json!({"a": [{"wildcard": format!("{}b", "*a".repeat(100_000))}]});
        assert!(!matches(&stars, &json!({"a": "a".repeat(200_000)})));
    }

    proptest! {
        #[test]
        fn anything_but_is_the_opposite_on_one_value(
            name in "prefix|suffix|equals-ignore-case|wildcard",
            text in "[aAbß*]{1,4}",
            value in "[aAbß*]{0,6}",
        ) {
            let plain = json!({"a": [{&name: text}]}).to_string();
            let opposite = json!({"a": [{"anything-but": {&name: [text]}}]}).to_string();
            let (plain, opposite) = (EventPattern::parse(&plain), EventPattern::parse(&opposite));
            prop_assert_eq!(plain.is_ok(), opposite.is_ok());
            if let (Ok(plain), Ok(opposite)) = (plain, opposite) {
                let event = json!({ "a": value });
                prop_assert!(plain.matches(&event) != opposite.matches(&event));
            }
        }

        #[test]
        fn nothing_makes_it_panic(
            text in r#"\{"(a|\$or)": ?[\[{]+("(prefix|numeric|anything-but|wildcard|exists)": ?)?["\[0-9a*\\,<=]{0,8}[\]}]{0,4}"#,
        ) {
            if let Ok(pattern) = EventPattern::parse(&text) {
                let _ = pattern.matches(&json!({"a": ["x", 1, null, {"a": []}]}));
            }
        }
    }
}
