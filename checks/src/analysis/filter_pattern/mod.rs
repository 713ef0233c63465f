//! Filter patterns of CloudWatch Logs: which log events a metric filter counts (CloudWatch Logs User Guide,
//! "Filter pattern syntax for metric filters, subscription filters, filter log events, and Live Tail").
//!
//! The events are CloudTrail records, which CloudTrail writes to a log group as one line of JSON each. What the
//! guide does not tell for sure (address ranges, `EXISTS`, `*` within a value) is an error rather than a guess, and
//! so is a regular expression that globs cannot say.

use std::{borrow::Cow, cmp::Ordering, fmt};

use ipnet::IpNet;
use serde_json::Value;

/// Parentheses within parentheses. CloudWatch Logs takes patterns of 1,024 characters at most, so nobody needs
/// more; a hostile one must not exhaust the stack.
const DEEPEST: usize = 64;

/// A filter pattern.
#[derive(Clone, Debug, PartialEq)]
pub struct FilterPattern(Form);

/// A text that is no filter pattern, or one that cannot be told what it matches.
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
        let text = text.trim();
        let form = if text.starts_with('{') {
            let mut parser = Parser { rest: text };
            parser.expect("{")?;
            let expression = parser.any(0)?;
            parser.expect("}")?;
            parser.end()?;
            Form::Json(expression)
        } else if text.starts_with('[') {
            if !text.ends_with(']') {
                return Err(ParseError("[ without ]".into()));
            }
            Form::SpaceDelimited
        } else {
            Form::Terms(Parser { rest: text }.terms()?)
        };
        Ok(Self(form))
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

/// The texts that a value stands for, where `*` before or after is any text. One within the value is an error:
/// the guide of 2022 says that `Ev*ent` only matches the string `Ev*ent`; whether that still holds is not known.
fn wildcards(value: &str) -> Result<Glob, ParseError> {
    if value.trim_matches('*').contains('*') {
        return Err(ParseError(format!("unsupported: * within {value:?}")));
    }
    Ok(Glob::with_stars(value))
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

/// What is left of a pattern to read.
struct Parser<'a> {
    rest: &'a str,
}

impl<'a> Parser<'a> {
    fn terms(mut self) -> Result<Terms, ParseError> {
        let mut terms = Terms::default();
        loop {
            self.rest = self.rest.trim_start();
            if self.rest.is_empty() {
                return Ok(terms);
            }
            let kind = if self.take("-") {
                &mut terms.none
            } else if self.take("?") {
                &mut terms.any
            } else {
                &mut terms.all
            };
            let globs = if self.take("\"") {
                vec![Glob::containing(&self.quoted()?)]
            } else if self.take("%") {
                self.regex()?
            } else {
                match self.take_while(|c| !c.is_whitespace()) {
                    "" => return Err(self.expected("a term")),
                    term => vec![Glob::containing(term)],
                }
            };
            kind.push(globs);
        }
    }

    /// Expressions between `||`, which binds less than `&&`.
    fn any(&mut self, depth: usize) -> Result<Expression, ParseError> {
        let mut members = vec![self.all(depth)?];
        while self.skip("||") {
            members.push(self.all(depth)?);
        }
        Ok(Expression::Any(members))
    }

    fn all(&mut self, depth: usize) -> Result<Expression, ParseError> {
        let mut members = vec![self.member(depth)?];
        while self.skip("&&") {
            members.push(self.member(depth)?);
        }
        Ok(Expression::All(members))
    }

    fn member(&mut self, depth: usize) -> Result<Expression, ParseError> {
        if !self.skip("(") {
            return Ok(Expression::Condition { selector: self.selector()?, test: self.test()? });
        }
        if depth == DEEPEST {
            return Err(ParseError(format!("more than {DEEPEST} parentheses within each other")));
        }
        let expression = self.any(depth + 1)?;
        self.expect(")")?;
        Ok(expression)
    }

    /// `$.a.b`, `$.a[0]`, `$.a[*]`, `$['a.b']` or `$.['a.b']`
    fn selector(&mut self) -> Result<Vec<Step>, ParseError> {
        self.expect("$")?;
        let mut steps = Vec::new();
        loop {
            let dot = self.take(".");
            if self.take("[") {
                steps.push(self.bracket()?);
            } else if dot {
                let name = self.take_while(|c| !c.is_whitespace() && !".[]()=!<>&|{}\"'%".contains(c));
                steps.push(match name {
                    "*" => Step::Each,
                    _ if name.is_empty() || name.contains('*') => {
                        return Err(self.expected("a property after the dot"));
                    }
                    _ => Step::Property(name.to_owned()),
                });
            } else if steps.is_empty() {
                return Err(self.expected("a property like $.eventName"));
            } else {
                return Ok(steps);
            }
        }
    }

    /// What follows `[` of a selector.
    fn bracket(&mut self) -> Result<Step, ParseError> {
        for quote in ["'", "\""] {
            if self.take(quote) {
                let name = self.until(quote)?.to_owned();
                self.expect("]")?;
                return Ok(Step::Property(name));
            }
        }
        match self.until("]")?.trim() {
            "*" => Ok(Step::Each),
            index => index.parse().map(Step::Element).map_err(|_| self.expected("a number in [ ]")),
        }
    }

    /// What a condition says of its property.
    fn test(&mut self) -> Result<Test, ParseError> {
        if self.skip("!=") {
            Ok(Test::NotEqual(self.operand()?))
        } else if self.skip("<=") {
            self.order(&[Ordering::Less, Ordering::Equal])
        } else if self.skip(">=") {
            self.order(&[Ordering::Greater, Ordering::Equal])
        } else if self.skip("<") {
            self.order(&[Ordering::Less])
        } else if self.skip(">") {
            self.order(&[Ordering::Greater])
        } else if self.skip("=") {
            Ok(Test::Equal(self.operand()?))
        } else {
            let condition = Self { rest: self.rest.trim_start() };
            match (self.word().as_str(), self.word().as_str()) {
                ("NOT", "EXISTS") => Ok(Test::NotExists),
                ("IS", "NULL") => Ok(Test::IsNull),
                ("IS", "TRUE") => Ok(Test::Is(true)),
                ("IS", "FALSE") => Ok(Test::Is(false)),
                _ => Err(condition.expected("a comparison, IS NULL, IS TRUE, IS FALSE or NOT EXISTS")),
            }
        }
    }

    fn order(&mut self, wanted: &'static [Ordering]) -> Result<Test, ParseError> {
        let number = self.operand()?.number.ok_or_else(|| self.expected("a number to compare with"))?;
        Ok(Test::Number(wanted, number))
    }

    fn operand(&mut self) -> Result<Operand, ParseError> {
        self.rest = self.rest.trim_start();
        if self.take("\"") {
            return Ok(Operand { texts: vec![wildcards(&self.quoted()?)?], number: None });
        }
        if self.take("%") {
            return Ok(Operand { texts: self.regex()?, number: None });
        }
        let text = self.take_while(|c| !c.is_whitespace() && !"(){}\"&|=<>!".contains(c));
        if text.is_empty() {
            return Err(self.expected("a value"));
        }
        if text.parse::<IpNet>().is_ok() {
            return Err(ParseError(format!("unsupported: the address range {text}")));
        }
        Ok(Operand { texts: vec![wildcards(text)?], number: number(text) })
    }

    /// What follows a quote, up to the next one. A backslash makes a quote or another backslash part of it.
    fn quoted(&mut self) -> Result<String, ParseError> {
        let mut text = String::new();
        let mut chars = self.rest.chars();
        while let Some(c) = chars.next() {
            match c {
                '"' => {
                    self.rest = chars.as_str();
                    return Ok(text);
                }
                '\\' if chars.as_str().starts_with(['"', '\\']) => text.extend(chars.next()),
                _ => text.push(c),
            }
        }
        Err(ParseError("a quote without its other".into()))
    }

    /// What follows `%`, a regular expression, as far as globs can say the same: alternatives of characters
    /// with `.*` between them, and the anchors.
    fn regex(&mut self) -> Result<Vec<Glob>, ParseError> {
        let regex = self.until("%")?;
        if regex.is_empty() {
            return Err(ParseError("an empty regular expression".into()));
        }
        let unsupported = || ParseError(format!("unsupported: the regular expression %{regex}%"));
        let mut globs = Vec::new();
        // A bar after a backslash leaves a backslash that escapes nothing, which is unsupported.
        for alternative in regex.split('|') {
            let (start, alternative) =
                alternative.strip_prefix('^').map_or((false, alternative), |rest| (true, rest));
            let mut parts = if start { Vec::new() } else { vec![String::new()] };
            let mut part = String::new();
            let mut end = false;
            let mut chars = alternative.chars();
            while let Some(c) = chars.next() {
                match c {
                    '.' if chars.as_str().starts_with('*') => {
                        chars.next();
                        parts.push(std::mem::take(&mut part));
                    }
                    '$' if chars.as_str().is_empty() => end = true,
                    '\\' => match chars.next() {
                        Some(c) if c.is_ascii_punctuation() => part.push(c),
                        _ => return Err(unsupported()),
                    },
                    '.' | '^' | '$' | '?' | '*' | '+' | '[' | ']' | '{' | '}' | '(' | ')' => {
                        return Err(unsupported());
                    }
                    _ => part.push(c),
                }
            }
            parts.push(part);
            if !end {
                parts.push(String::new());
            }
            globs.push(Glob::of_parts(parts));
        }
        Ok(globs)
    }

    /// Takes a word, in upper case, and the space before it.
    fn word(&mut self) -> String {
        self.rest = self.rest.trim_start();
        self.take_while(|c| c.is_ascii_alphabetic()).to_ascii_uppercase()
    }

    /// Takes the token if it comes next.
    fn take(&mut self, token: &str) -> bool {
        let after = self.rest.strip_prefix(token);
        self.rest = after.unwrap_or(self.rest);
        after.is_some()
    }

    /// Takes the token and the space before it if it comes next.
    fn skip(&mut self, token: &str) -> bool {
        self.rest = self.rest.trim_start();
        self.take(token)
    }

    fn expect(&mut self, token: &str) -> Result<(), ParseError> {
        if self.skip(token) { Ok(()) } else { Err(self.expected(token)) }
    }

    fn end(&mut self) -> Result<(), ParseError> {
        if self.rest.trim_start().is_empty() { Ok(()) } else { Err(self.expected("the end")) }
    }

    /// Takes what comes before the token, and the token.
    fn until(&mut self, token: &str) -> Result<&'a str, ParseError> {
        let (before, after) = self.rest.split_once(token).ok_or_else(|| self.expected(token))?;
        self.rest = after;
        Ok(before)
    }

    fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest.find(|c| !wanted(c)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        taken
    }

    fn expected(&self, what: &str) -> ParseError {
        const SHOWN: usize = 20;
        let found: String = self.rest.chars().take(SHOWN).collect();
        ParseError(match found.as_str() {
            "" => format!("expected {what}, found the end"),
            _ => format!("expected {what}, found {found:?}"),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::{
        analysis::{policy::pattern, record},
        testing::empty,
    };

    fn matches(pattern: &str, event: &Value) -> bool {
        FilterPattern::parse(pattern).unwrap_or_else(|error| panic!("{pattern}: {error}")).matches(event)
    }

    fn call(source: &str, name: &str) -> Value {
        record::call(&empty(), source, name)
    }

    /// The event with these properties added or replaced.
    fn with(mut event: Value, more: Value) -> Value {
        let (Some(event_object), Value::Object(more)) = (event.as_object_mut(), more) else {
            panic!("not an object")
        };
        event_object.extend(more);
        event
    }

    fn root(more: Value) -> Value {
        let mut event = record::by_root(&empty(), call("iam", "CreateAccessKey"));
        event["userIdentity"] = with(event["userIdentity"].take(), more);
        event
    }

    fn sign_in(mfa: Option<&str>, result: &str) -> Value {
        let event = record::sign_in(&empty(), result == "Success");
        with(event, json!({"additionalEventData": mfa.map_or(json!({}), |mfa| json!({"MFAUsed": mfa}))}))
    }

    #[test]
    fn unauthorized_calls() {
        let failed = |code: &str| with(call("ec2", "RunInstances"), json!({"errorCode": code}));
        let older = r#"{($.errorCode="*UnauthorizedOperation") || ($.errorCode="AccessDenied*")}"#;
        let newer = r#"{ ($.errorCode ="*UnauthorizedOperation") || ($.errorCode ="AccessDenied*") && ($.sourceIPAddress!="delivery.logs.amazonaws.com") && ($.eventName!="HeadBucket") }"#;
        for pattern in [older, newer] {
            for code in ["Client.UnauthorizedOperation", "AccessDenied", "AccessDeniedException"] {
                assert!(matches(pattern, &failed(code)), "{pattern} {code}");
            }
            for code in ["UnauthorizedOperationX", "Client.AccessDenied", "accessdenied", ""] {
                assert!(!matches(pattern, &failed(code)), "{pattern} {code}");
            }
            assert!(!matches(pattern, &call("ec2", "RunInstances")));
        }
        let noise = with(call("s3", "HeadBucket"), json!({"errorCode": "AccessDenied"}));
        assert!(matches(older, &noise) && !matches(newer, &noise));
        // `&&` binds tighter: only the second code has the exceptions.
        let noise = with(noise, json!({"errorCode": "Client.UnauthorizedOperation"}));
        assert!(matches(newer, &noise));
    }

    #[test]
    fn sign_in_without_mfa() {
        let older = r#"{ ($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes") }"#;
        let newer = r#"{ ($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes") && ($.userIdentity.type = "IAMUser") && ($.responseElements.ConsoleLogin = "Success") }"#;
        for pattern in [older, newer] {
            assert!(matches(pattern, &sign_in(Some("No"), "Success")));
            assert!(!matches(pattern, &sign_in(Some("Yes"), "Success")));
            // No property, no comparison.
            assert!(!matches(pattern, &sign_in(None, "Success")));
            let event = with(sign_in(Some("No"), "Success"), json!({"eventName": "SwitchRole"}));
            assert!(!matches(pattern, &event));
        }
        let failed = sign_in(Some("No"), "Failure");
        assert!(matches(older, &failed) && !matches(newer, &failed));
        let session = r#"{ $.userIdentity.sessionContext.attributes.mfaAuthenticated != "true" }"#;
        assert!(matches(session, &call("iam", "CreateUser")) && !matches(session, &root(json!({}))));
    }

    #[test]
    fn root_use() {
        let pattern = r#"{$.userIdentity.type="Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType !="AwsServiceEvent"}"#;
        assert!(matches(pattern, &root(json!({}))));
        assert!(!matches(pattern, &root(json!({"invokedBy": "support.amazonaws.com"}))));
        assert!(!matches(pattern, &root(json!({"type": "root"}))));
        assert!(!matches(pattern, &with(root(json!({})), json!({"eventType": "AwsServiceEvent"}))));
        assert!(!matches(pattern, &call("iam", "CreateAccessKey")));
    }

    #[test]
    fn failed_sign_in() {
        let pattern = r#"{ ($.eventName = ConsoleLogin) && ($.errorMessage = "Failed authentication") }"#;
        assert!(matches(pattern, &sign_in(Some("No"), "Failure")));
        assert!(!matches(pattern, &sign_in(Some("No"), "Success")));
        let other = with(sign_in(Some("No"), "Failure"), json!({"errorMessage": "Failed authentication!"}));
        assert!(!matches(pattern, &other));
    }

    /// 5.4, 5.5 and 5.7 to 5.15 of the CIS AWS Foundations Benchmark 6.0: a service, whether the pattern names
    /// it, and its calls.
    #[test]
    fn changes() {
        for (service, names_service, names) in [
            (
                "iam",
                false,
                "DeleteGroupPolicy DeleteRolePolicy DeleteUserPolicy PutGroupPolicy PutRolePolicy \
                 PutUserPolicy CreatePolicy DeletePolicy CreatePolicyVersion DeletePolicyVersion \
                 AttachRolePolicy DetachRolePolicy AttachUserPolicy DetachUserPolicy AttachGroupPolicy \
                 DetachGroupPolicy",
            ),
            ("cloudtrail", false, "CreateTrail UpdateTrail DeleteTrail StartLogging StopLogging"),
            ("kms", true, "DisableKey ScheduleKeyDeletion"),
            (
                "s3",
                true,
                "PutBucketAcl PutBucketPolicy PutBucketCors PutBucketLifecycle PutBucketReplication \
                 DeleteBucketPolicy DeleteBucketCors DeleteBucketLifecycle DeleteBucketReplication",
            ),
            (
                "config",
                true,
                "StopConfigurationRecorder DeleteDeliveryChannel PutDeliveryChannel \
                 PutConfigurationRecorder",
            ),
            (
                "ec2",
                false,
                "AuthorizeSecurityGroupIngress AuthorizeSecurityGroupEgress RevokeSecurityGroupIngress \
                 RevokeSecurityGroupEgress CreateSecurityGroup DeleteSecurityGroup \
                 ModifySecurityGroupRules",
            ),
            (
                "ec2",
                false,
                "CreateNetworkAcl CreateNetworkAclEntry DeleteNetworkAcl DeleteNetworkAclEntry \
                 ReplaceNetworkAclEntry ReplaceNetworkAclAssociation",
            ),
            (
                "ec2",
                false,
                "CreateCustomerGateway DeleteCustomerGateway AttachInternetGateway CreateInternetGateway \
                 DeleteInternetGateway DetachInternetGateway",
            ),
            (
                "ec2",
                true,
                "CreateRoute CreateRouteTable ReplaceRoute ReplaceRouteTableAssociation DeleteRouteTable \
                 DeleteRoute DisassociateRouteTable",
            ),
            (
                "ec2",
                false,
                "CreateVpc DeleteVpc ModifyVpcAttribute AcceptVpcPeeringConnection \
                 CreateVpcPeeringConnection DeleteVpcPeeringConnection RejectVpcPeeringConnection \
                 AttachClassicLinkVpc DetachClassicLinkVpc DisableVpcClassicLink EnableVpcClassicLink",
            ),
            (
                "organizations",
                true,
                "AcceptHandshake AttachPolicy CreateAccount CreateOrganizationalUnit CreatePolicy \
                 DeclineHandshake DeleteOrganization DeleteOrganizationalUnit DeletePolicy DetachPolicy \
                 DisablePolicyType EnablePolicyType InviteAccountToOrganization LeaveOrganization \
                 MoveAccount RemoveAccountFromOrganization UpdatePolicy UpdateOrganizationalUnit",
            ),
        ] {
            let names: Vec<_> = names.split_whitespace().collect();
            let calls: Vec<_> = names.iter().map(|name| format!("($.eventName = {name})")).collect();
            let calls = calls.join(" || ");
            let pattern = match names_service {
                true => format!("{{ ($.eventSource = {service}.amazonaws.com) && ({calls}) }}"),
                false => format!("{{{calls}}}"),
            };
            let pattern = FilterPattern::parse(&pattern).unwrap();
            for name in names {
                assert!(pattern.matches(&call(service, name)), "{service} {name}");
                assert!(!pattern.matches(&call(service, &name.to_lowercase())), "{service} {name}");
                assert!(!pattern.matches(&call(service, &format!("{name}2"))), "{service} {name}");
                assert_eq!(pattern.matches(&call("other", name)), !names_service, "{service} {name}");
            }
        }
    }

    /// The guide's own examples and what it says of them, and more of the same.
    #[test]
    fn json_patterns() {
        let event = json!({
            "eventType": "UpdateTrail",
            "sourceIPAddress": "111.111.111.111",
            "arrayKey": ["value", "another value"],
            "objectList": [{"name": "a", "id": 1}, {"name": "b", "id": 2}],
            "SomeObject": null,
            "cluster.name": "c",
            "ThisFlag": true,
            "latency": 55.5,
            "errorCode": 404,
            "account": "111122223333",
            "path": r#"C:\temp "x""#,
            "question": "why?",
            "user": {"id": 1, "email": "John.Stiles@example.com"},
            "users": [{"id": 2, "email": "John.Doe@example.com"}, {"id": 3, "email": "Jane.Doe@example.com"}],
            "actions": ["GET", "PUT", "DELETE"],
            "coordinates": [[0, 1, 2], [4, 5, 6], [7, 8, 9]],
        });
        for pattern in [
            r#"{ $.eventType = "UpdateTrail" }"#,
            r#"{$.eventType=UpdateTrail}"#,
            "{\n  $.eventType\t=\tUpdateTrail\n}\n",
            r#"{ $.eventType = *Trail }"#,
            r#"{ $.eventType = "*date*" }"#,
            r#"{ $.eventType = * }"#,
            r#"{ $.eventType = %Trail% }"#,
            r#"{ $.eventType = %^Up.*Trail$% }"#,
            r#"{ $.eventType = %Nothing|date% }"#,
            r#"{ $.sourceIPAddress != 123.123.* }"#,
            r#"{ $.sourceIPAddress = 111.111.* }"#,
            r#"{ $.sourceIPAddress = %111\.111% }"#,
            r#"{ $.sourceIPAddress != "111.0.0.0/8" }"#,
            r#"{ $.* = UpdateTrail }"#,
            r#"{ $.arrayKey[0] = "value" }"#,
            r#"{ $.arrayKey[*] = "another value" }"#,
            r#"{ $.arrayKey[*] != "another value" }"#,
            r#"{ $.objectList[1].id = 2 }"#,
            r#"{ $.objectList[*].id > 1 }"#,
            r#"{ $.['cluster.name'] = "c" }"#,
            r#"{ $['cluster.name'] = "c" }"#,
            r#"{ $["user"].id = 1 }"#,
            r#"{ $.SomeObject IS NULL }"#,
            r#"{ $.SomeOtherObject NOT EXISTS }"#,
            r#"{ $.eventType.deeper NOT EXISTS }"#,
            r#"{ $.ThisFlag IS TRUE }"#,
            r#"{ $.latency >= 55.5 }"#,
            r#"{ $.latency > +50 && $.latency < 1e2 }"#,
            r#"{ $.latency > -1 }"#,
            r#"{ $.latency = 5550e-2 }"#,
            r#"{ $.latency = * }"#,
            r#"{ $.errorCode = 4* }"#,
            r#"{ $.errorCode = 404.0 }"#,
            r#"{ $.errorCode = "404" }"#,
            r#"{ $.errorCode != 500 }"#,
            r#"{ $.account = 111122223333 }"#,
            r#"{ $.path = "C:\\temp \"x\"" }"#,
            r#"{ $.question = "why?" }"#,
            r#"{ ($.user.id = 1) && ($.users[0].email = "John.Doe@example.com") }"#,
            r#"{ $.user.email = "John.Stiles@example.com" || $.coordinates[0][1] = nonmatch && $.actions[2] = nomatch }"#,
            r#"{ $.coordinates[1][2] = 6 }"#,
            r#"{((($.user.id=1)))}"#,
        ] {
            assert!(matches(pattern, &event), "{pattern}");
        }
        for pattern in [
            r#"{ $.eventType = "updatetrail" }"#,
            r#"{ $.EventType = "UpdateTrail" }"#,
            r#"{ $.eventType = "Update" }"#,
            r#"{ $.eventType != "*Trail" }"#,
            r#"{ $.eventType = %^Trail% }"#,
            r#"{ $.eventType = %Update$% }"#,
            r#"{ $.eventType > 1 }"#,
            r#"{ $.eventType NOT EXISTS }"#,
            r#"{ $.SomeObject NOT EXISTS }"#,
            r#"{ $.SomeObject = "*" }"#,
            r#"{ $.SomeObject != "x" }"#,
            r#"{ $.SomeOtherObject IS NULL }"#,
            r#"{ $.SomeOtherObject != "x" }"#,
            r#"{ $.ThisFlag IS FALSE }"#,
            r#"{ $.ThisFlag = true }"#,
            r#"{ $.eventType IS TRUE }"#,
            r#"{ $.users = 1 }"#,
            r#"{ $.users != 1 }"#,
            r#"{ $.user != 1 }"#,
            r#"{ $.arrayKey[2] != "x" }"#,
            r#"{ $.eventType[0] = "U" }"#,
            r#"{ $.objectList.id = 1 }"#,
            r#"{ $.question = "wh??" }"#,
            r#"{ $.errorCode = "404.0" }"#,
            r#"{ ($.user.id = 2 && $.users[0].email = "nonmatch") || $.actions[2] = "GET" }"#,
            r#"{ ($.user.email = "John.Stiles@example.com" || $.coordinates[0][1] = nonmatch) && $.actions[2] = nomatch }"#,
        ] {
            assert!(!matches(pattern, &event), "{pattern}");
        }
    }

    #[test]
    fn terms() {
        let event =
            with(call("iam", "CreateUser"), json!({"errorCode": "AccessDenied", "message": "no way"}));
        for pattern in [
            "",
            "  ",
            "AccessDenied",
            "Denied CreateUser",
            r#""no way""#,
            r#""\"errorCode\":\"AccessDenied\"""#,
            "AccessDenied -DeleteUser",
            r#"-"way no""#,
            "?DeleteUser ?CreateUser",
            // The question mark is ignored next to other terms.
            "?DeleteUser CreateUser",
            "%Access|Forbidden%",
        ] {
            assert!(matches(pattern, &event), "{pattern}");
        }
        for pattern in [
            "accessdenied",
            "AccessDenied DeleteUser",
            "AccessDenied -CreateUser",
            "?DeleteUser ?DeleteRole",
            r#""way no""#,
            "%^Access%",
        ] {
            assert!(!matches(pattern, &event), "{pattern}");
        }
    }

    #[test]
    fn space_delimited_patterns_are_not_about_json() {
        let event = call("iam", "CreateUser");
        assert!(!matches("[ip, user, ..., status_code = 4*, bytes > 1000]", &event));
        assert!(!matches("[]", &event));
    }

    #[test]
    fn malformed_patterns() {
        for pattern in [
            "{",
            "{}",
            "{ }",
            "[a",
            r#""a"#,
            "%a",
            "%%",
            "-",
            "? a",
            "{ $ = 1 }",
            "{ $. = 1 }",
            "{ a = 1 }",
            "{ $.a }",
            "{ $.a = }",
            "{ $.a == 1 }",
            "{ $.a = 1",
            "{ $.a = 1 } more",
            "{ $.a = 1 && }",
            "{ && $.a = 1 }",
            "{ $.a = 1 & $.b = 2 }",
            "{ $.a = 1 $.b = 2 }",
            "{ ($.a = 1 }",
            "{ $.a = 1) }",
            "{ !($.a = 1) }",
            "{ $.a IS MAYBE }",
            "{ $.a EXISTS }",
            "{ $.a IS NOT NULL }",
            "{ $.a NOT }",
            "{ $.a[x] = 1 }",
            "{ $.a[ = 1 }",
            "{ $.a[99999999999999999999] = 1 }",
            "{ $.a['b = 1 }",
            "{ $.a* = 1 }",
            r#"{ $.a = "b }"#,
            r#"{ $.a = b"c" }"#,
            "{ $.a < b }",
            r#"{ $.a < "1" }"#,
            "{ $.a < inf }",
            "{ $.a > %1% }",
        ] {
            assert!(FilterPattern::parse(pattern).is_err(), "{pattern}");
        }
        let error = FilterPattern::parse("{ $.a EXISTS }").unwrap_err().to_string();
        assert_eq!(
            error,
            r#"expected a comparison, IS NULL, IS TRUE, IS FALSE or NOT EXISTS, found "EXISTS }""#
        );
    }

    #[test]
    fn what_is_not_documented_or_not_read_is_unsupported() {
        for pattern in [
            "{ $.sourceIPAddress = 10.0.0.0/8 }",
            r#"{ $.eventName = "Ev*ent" }"#,
            "{ $.sourceIPAddress = 10.*.0.1 }",
            "{ $.a = %[hc]at% }",
            "{ $.a = %a{3,5}% }",
            r"{ $.a = %\d% }",
            r"{ $.a = %a\|b% }",
            "%colou?r%",
            "%.at%",
        ] {
            let error = FilterPattern::parse(pattern).unwrap_err().to_string();
            assert!(error.starts_with("unsupported: "), "{pattern}: {error}");
        }
    }

    #[test]
    fn long_and_deep_hostile_patterns_end() {
        let nested = |depth| format!("{{{}$.a = 1{}}}", "(".repeat(depth), ")".repeat(depth));
        assert!(matches(&nested(DEEPEST), &json!({"a": 1})));
        let error = FilterPattern::parse(&nested(100_000)).unwrap_err().to_string();
        assert_eq!(error, "more than 64 parentheses within each other");
        let long = format!("{{ $.a = 1{} }}", " || $.a = 2 && $.a = 3".repeat(50_000));
        assert!(!matches(&long, &json!({"a": 2})));
        let stars = Glob::with_stars(&format!("{}b", "*a".repeat(100_000)));
        assert!(!stars.matches(&"a".repeat(200_000)));
        let steps = format!("{{ $.a{} NOT EXISTS }}", "[*]".repeat(100_000));
        assert!(matches(&steps, &json!({"a": [[1]]})));
    }

    proptest! {
        #[test]
        fn globs_match_as_policies_patterns_do(glob in "[ab*]{0,8}", text in "[ab]{0,8}") {
            prop_assert_eq!(Glob::with_stars(&glob).matches(&text), pattern::matches(&glob, &text));
        }

        #[test]
        fn nothing_makes_it_panic(
            text in r#"[{\[]? ?[($.a\["'\]*)=!<>&| %\\^1e+-]{0,40}(IS|NOT|NULL|EXISTS| )*[}\]]?"#,
            value in "\\PC{0,8}",
        ) {
            if let Ok(pattern) = FilterPattern::parse(&text) {
                let _ = pattern.matches(&json!({"a": value, "b": [1, {"a": null}]}));
            }
        }

        #[test]
        fn a_string_equals_itself_or_differs(a in "[a-z\"\\\\é ]{0,6}", b in "[a-z\"\\\\é ]{0,6}") {
            let quoted = a.replace('\\', "\\\\").replace('"', "\\\"");
            let event = json!({ "p": b });
            prop_assert_eq!(matches(&format!("{{$.p = \"{quoted}\"}}"), &event), a == b);
            prop_assert_eq!(matches(&format!("{{$.p != \"{quoted}\"}}"), &event), a != b);
        }
    }
}
