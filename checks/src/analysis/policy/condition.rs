//! Conditions: whether one keeps strangers out, and whether it holds in a given request.

use std::collections::{BTreeMap, BTreeSet};

use ipnet::IpNet;

use super::{pattern, shared_secret};
use crate::analysis::{network::prefixes, secrets};

/// One operator and key of a condition block, with its values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// As written, e.g. `ForAnyValue:StringLikeIfExists`.
    pub operator: String,
    /// As written, e.g. `aws:PrincipalOrgID`. Keys are case-insensitive.
    pub key: String,
    /// One of them must match (none of them, for negated operators).
    pub values: Vec<String>,
    form: Form,
    /// `Null: false` on the same key in the same statement: requests without the key do not count.
    needs_key: bool,
}

/// The parts of an operator's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Form {
    set: Option<Set>,
    if_exists: bool,
    negated: bool,
    base: Base,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Set {
    Any,
    All,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Base {
    /// `StringEquals`, `StringEqualsIgnoreCase`: values are taken as they are.
    Exact {
        ignore_case: bool,
    },
    /// `StringLike`, `ArnLike` and `ArnEquals`, which is the same: `*` and `?` are wildcards.
    Like,
    IpAddress,
    Bool,
    Null,
    Numeric,
    Date,
    /// An operator that AWS has not documented so far.
    Unknown,
}

/// Keys whose fixed values keep strangers out: Amazon S3's list ("The meaning of public"), with
/// `aws:PrincipalAccount` and the like as the same page names principals, and each service's own key for the
/// caller.
const PINNING: [&str; 17] = [
    "aws:sourcearn",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:sourceaccount",
    "aws:sourceowner",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:principalaccount",
    "aws:principalarn",
    "aws:userid",
    "s3:dataaccesspointarn",
    "s3:dataaccesspointaccount",
    "s3:x-amz-server-side-encryption-aws-kms-key-id",
    "kms:calleraccount",
    "aws:sourceip",
];

/// Whether a client of a file system comes through its mount target, and so through the network of the VPC.
const MOUNT_TARGET: &str = "elasticfilesystem:accessedviamounttarget";

/// Keys that the holder of a permission meets at will: signing in with MFA, using TLS, choosing the region
/// or the program. A condition on them does not take a permission away.
const MET_AT_WILL: [&str; 7] = [
    "aws:multifactorauthage",
    "aws:multifactorauthpresent",
    "aws:referer",
    "aws:requestedregion",
    "aws:securetransport",
    "aws:tokenissuetime",
    "aws:useragent",
];

/// Those of them that are true or false.
const BOOLEAN: [&str; 2] = ["aws:multifactorauthpresent", "aws:securetransport"];

/// What is known of the requests that somebody can make. Key names are in lower case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// What each key can be: one of several values that the caller may choose between; `None` is a request
    /// without the key.
    keys: BTreeMap<String, Vec<Option<String>>>,
    /// Keys that start so and are not among `keys` are absent, e.g. `aws:principaltag/`.
    absent: BTreeSet<&'static str>,
}

impl Known {
    /// The key always has this value.
    pub fn is(&mut self, key: &str, value: impl Into<String>) {
        self.can_be(key, [Some(value.into())]);
    }

    /// The caller can choose between these; `None` is a request without the key.
    pub fn can_be(&mut self, key: &str, values: impl IntoIterator<Item = Option<String>>) {
        self.keys.insert(key.to_ascii_lowercase(), values.into_iter().collect());
    }

    /// Other keys that start so are never present.
    pub fn has_no_other(&mut self, prefix: &'static str) {
        self.absent.insert(prefix);
    }

    /// Every combination of choices that makes a difference to these conditions: requests in which nothing is
    /// left to choose. Where there are more than a few hundred, some stay open.
    pub(super) fn requests<'c>(&self, conditions: impl Iterator<Item = &'c Condition>) -> Vec<Self> {
        const MOST: usize = 256;
        let mut open: BTreeMap<String, BTreeSet<Option<String>>> = BTreeMap::new();
        for condition in conditions {
            let key = condition.key.to_ascii_lowercase();
            match self.keys.get(&key) {
                Some(choices) if choices.len() > 1 => {
                    open.entry(key).or_default().extend(choices.iter().cloned());
                }
                None if MET_AT_WILL.contains(&key.as_str()) => {
                    let is_boolean = BOOLEAN.contains(&key.as_str());
                    let choices = open.entry(key).or_default();
                    if is_boolean {
                        choices.extend([Some("true".into()), Some("false".into()), None]);
                        continue;
                    }
                    let plain = condition.values.iter().map(|value| value.replace(['*', '?'], "x"));
                    let others = ["0", "999999999", "something else"].map(str::to_owned);
                    choices.extend(plain.chain(others).map(Some).chain([None]));
                }
                _ => {}
            }
        }
        let mut requests = vec![self.clone()];
        for (key, choices) in open {
            if requests.len() * choices.len() > MOST {
                continue;
            }
            let fixed = |request: &Self, choice: &Option<String>| {
                let mut request = request.clone();
                request.keys.insert(key.clone(), vec![choice.clone()]);
                request
            };
            requests = requests
                .iter()
                .flat_map(|request| choices.iter().map(|choice| fixed(request, choice)))
                .collect();
        }
        requests
    }

    /// The requests' choices for a key; none when nothing is known of it.
    fn choices(&self, key: &str) -> Option<Vec<Option<&str>>> {
        match self.keys.get(key) {
            Some(choices) => Some(choices.iter().map(Option::as_deref).collect()),
            None => self.absent.iter().any(|prefix| key.starts_with(prefix)).then(|| vec![None]),
        }
    }

    /// The text with its policy variables replaced; none when one of them is not known.
    #[must_use]
    pub fn resolve(&self, text: &str) -> Option<String> {
        let mut resolved = String::new();
        let mut rest = text;
        while let Some((before, variable)) = rest.split_once("${") {
            let (name, after) = variable.split_once('}')?;
            let choices = self.choices(&name.to_ascii_lowercase())?;
            let [Some(value)] = choices.as_slice() else { return None };
            resolved.push_str(before);
            resolved.push_str(value);
            rest = after;
        }
        resolved.push_str(rest);
        Some(resolved)
    }
}

/// Whether a condition holds in the requests that somebody can make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chance {
    /// In every one.
    Always,
    /// In those where the caller wants it to.
    AtWill,
    /// In none.
    Never,
    /// Not known.
    Unclear,
}

/// The answer of a condition to "does this keep strangers out?".
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pin {
    /// Only callers with fixed values meet it.
    Fixed,
    /// Strangers can meet it, for this reason.
    Open(String),
    /// Cannot be told, for this reason.
    Unclear(String),
}

impl Condition {
    /// A condition as a document has it.
    #[must_use]
    pub fn new(operator: &str, key: &str, values: Vec<String>) -> Self {
        let (operator, form) = (operator.to_owned(), Form::of(operator));
        Self { operator, key: key.to_owned(), values, form, needs_key: false }
    }

    /// The conditions of one block, each aware of the others.
    pub(super) fn block(mut conditions: Vec<Self>) -> Vec<Self> {
        let is_false = |value: &String| value.eq_ignore_ascii_case("false");
        let needed: Vec<_> = conditions
            .iter()
            .filter(|condition| condition.form.base == Base::Null && condition.values.iter().all(is_false))
            .map(|condition| condition.key.to_ascii_lowercase())
            .collect();
        for condition in &mut conditions {
            condition.needs_key =
                condition.form.base != Base::Null && needed.contains(&condition.key.to_ascii_lowercase());
        }
        conditions
    }

    /// The values that a key must have, for an `Allow` under this condition: none when the condition is about
    /// another key, or lets requests with other values or without the key through. Values may have wildcards.
    #[must_use]
    pub fn requires(&self, key: &str) -> Option<&[String]> {
        let Form { set, if_exists, negated, base } = self.form;
        let restricts = !negated && (self.needs_key || !if_exists && set != Some(Set::All));
        let compares = matches!(base, Base::Exact { .. } | Base::Like);
        (self.key.eq_ignore_ascii_case(key) && restricts && compares).then_some(self.values.as_slice())
    }

    /// The values of a key that a `Deny` under this condition spares, and nobody else: none when the condition
    /// is about another key, or spares requests with other values or without the key. Values may have wildcards.
    #[must_use]
    pub fn spares(&self, key: &str) -> Option<&[String]> {
        let Form { set, negated, base, .. } = self.form;
        let compares = matches!(base, Base::Exact { .. } | Base::Like);
        // ForAnyValue is false without the key, so the deny misses who does not send it.
        let spares = negated && compares && set != Some(Set::Any);
        (self.key.eq_ignore_ascii_case(key) && spares).then_some(self.values.as_slice())
    }

    /// Whether an `Allow` under this condition lets only AWS services through, that call by themselves.
    #[must_use]
    pub fn requires_service(&self) -> bool {
        self.key.eq_ignore_ascii_case("aws:PrincipalIsAWSService")
            && self.form.base == Base::Bool
            && (self.needs_key || !self.form.if_exists)
            && self.values.iter().all(|value| value.eq_ignore_ascii_case("true"))
    }

    /// Whether a `Deny` under this condition spares only AWS services, that call by themselves or on somebody's
    /// behalf.
    #[must_use]
    pub fn spares_services(&self) -> bool {
        let key = self.key.to_ascii_lowercase();
        (key == "aws:principalisawsservice" || key == "aws:viaawsservice")
            && self.form.base == Base::Bool
            && self.values.iter().all(|value| value.eq_ignore_ascii_case("false"))
    }

    /// Whether the operator is one that AWS has documented so far.
    #[must_use]
    pub fn is_understood(&self) -> bool {
        self.form.base != Base::Unknown
    }

    /// Whether an `Allow` under this condition, wildcards or not, reaches only resources and principals of
    /// accounts that its values name.
    pub(super) fn binds_account(&self) -> bool {
        // An ARN operator compares part by part; to others a wildcard before the account may be anything.
        let by_part = self.operator.to_ascii_lowercase().contains("arn");
        let bound = |value: &String| {
            let before = value.split(':').take(4).any(|part| part.contains(['*', '?']));
            account_of(value).is_some() && (by_part || !before) && !value.contains("${")
        };
        ["aws:SourceArn", "aws:PrincipalArn"]
            .iter()
            .filter_map(|key| self.requires(key))
            .any(|values| !values.is_empty() && values.iter().all(bound))
    }

    /// Whether `*` and `?` in the values are wildcards.
    #[must_use]
    pub fn has_wildcards(&self) -> bool {
        self.form.base == Base::Like && self.values.iter().any(|value| value.contains(['*', '?']))
    }

    /// The condition in a line, as evidence. Values that callers are meant to keep secret are masked.
    #[must_use]
    pub fn text(&self) -> String {
        let values: Vec<_> = if shared_secret::is_key(&self.key) {
            self.values.iter().map(|value| secrets::hint(value)).collect()
        } else {
            self.values.clone()
        };
        format!("{} {} = {}", self.operator, self.key, values.join(" | "))
    }

    /// Whether an `Allow` under this condition reaches only callers with fixed values.
    pub(crate) fn pins(&self) -> Pin {
        let Form { set, if_exists, negated, .. } = self.form;
        if let Some(not_pinning) = self.key_pins_nothing() {
            return not_pinning;
        }
        if negated {
            return self.open("a negated operator lets everyone else through");
        }
        if if_exists && !self.needs_key {
            return self.open("IfExists lets requests without the key through");
        }
        if set == Some(Set::All) && !self.needs_key {
            return self.open("ForAllValues lets requests without the key through");
        }
        self.values_fixed()
    }

    /// Whether a `Deny` under this condition reaches every caller that lacks the fixed values.
    pub(super) fn denies_strangers(&self) -> Pin {
        let Form { set, negated, .. } = self.form;
        if self.spares_services() {
            return Pin::Fixed;
        }
        if let Some(not_pinning) = self.key_pins_nothing() {
            return not_pinning;
        }
        if !negated {
            return self.open("the deny spares everyone else");
        }
        // ForAnyValue is false without the key, so the deny misses who does not send it.
        if set == Some(Set::Any) {
            return self.open("ForAnyValue lets requests without the key through");
        }
        self.values_fixed()
    }

    fn key_pins_nothing(&self) -> Option<Pin> {
        let key = self.key.to_ascii_lowercase();
        if key == MOUNT_TARGET && matches!(self.form.base, Base::Bool | Base::Exact { .. }) {
            return None;
        }
        if !PINNING.contains(&key.as_str()) {
            return Some(self.open("the key does not tell who calls"));
        }
        match self.form.base {
            Base::Unknown => Some(Pin::Unclear(format!("{}: unknown operator", self.text()))),
            Base::Null | Base::Bool | Base::Numeric | Base::Date => {
                Some(self.open("the operator fixes no value of this key"))
            }
            _ => None,
        }
    }

    fn values_fixed(&self) -> Pin {
        if self.values.is_empty() {
            return Pin::Fixed;
        }
        for value in &self.values {
            if let Some(cause) = self.value_open(value) {
                return self.open(&cause);
            }
        }
        Pin::Fixed
    }

    /// Why strangers can have this value, if they can.
    fn value_open(&self, value: &str) -> Option<String> {
        let key = self.key.to_ascii_lowercase();
        match self.form.base {
            Base::IpAddress => match network(value) {
                Some(network) if prefixes::is_internet(network) => {
                    Some(format!("{value} is as good as the internet"))
                }
                Some(_) => None,
                None => Some(format!("{value} is no address range")),
            },
            Base::Bool | Base::Exact { .. } if key == MOUNT_TARGET => {
                (!value.eq_ignore_ascii_case("true")).then(|| format!("{value} is everyone else"))
            }
            Base::Exact { .. } if key == "aws:sourceip" => Some("aws:SourceIp needs IpAddress".into()),
            Base::Exact { .. } | Base::Like => {
                if value.contains("${") {
                    return Some(format!("{value} has a policy variable"));
                }
                let wild = self.form.base == Base::Like && value.contains(['*', '?']);
                if !wild {
                    return None;
                }
                // An ARN or id whose account is fixed lets nobody else's resources in.
                let account_fixed =
                    matches!(key.as_str(), "s3:dataaccesspointarn") && account_of(value).is_some();
                (!account_fixed).then(|| format!("{value} has a wildcard"))
            }
            _ => None,
        }
    }

    fn open(&self, cause: &str) -> Pin {
        Pin::Open(format!("{}: {cause}", self.text()))
    }

    /// Whether the condition holds in a request with these keys (lower case, with their values); none when
    /// that cannot be told. Absent keys count as the IAM User Guide says ("IAM JSON policy elements:
    /// Condition operators").
    #[must_use]
    pub fn holds(&self, request: &BTreeMap<String, Vec<String>>) -> Option<bool> {
        let Form { set, if_exists, negated, base } = self.form;
        let present = request.get(&self.key.to_ascii_lowercase());
        if base == Base::Null {
            let wants_absent = self.values.iter().any(|value| value.eq_ignore_ascii_case("true"));
            return Some(present.is_none() == wants_absent);
        }
        let Some(present) = present else {
            return Some(if_exists || set == Some(Set::All) || negated && set != Some(Set::Any));
        };
        let mut each = present.iter().map(|present| {
            let matched = self.values.iter().map(|value| self.value_matches(value, present));
            any(matched).map(|matched| matched != negated)
        });
        match set {
            Some(Set::Any) => any(each),
            _ => each.try_fold(true, |all, one| one.map(|one| all && one)),
        }
    }

    /// Whether the condition holds in requests of which this is known.
    #[must_use]
    pub fn chance(&self, known: &Known) -> Chance {
        let key = self.key.to_ascii_lowercase();
        let Some(choices) = known.choices(&key) else {
            return if MET_AT_WILL.contains(&key.as_str()) { Chance::AtWill } else { Chance::Unclear };
        };
        let Some(values) = self.values.iter().map(|value| known.resolve(value)).collect::<Option<Vec<_>>>()
        else {
            return Chance::Unclear;
        };
        let resolved = Self { values, ..self.clone() };
        let holds: Option<Vec<bool>> = choices
            .into_iter()
            .map(|choice| {
                let request = choice.map(|value| (key.clone(), vec![value.to_owned()])).into_iter().collect();
                resolved.holds(&request)
            })
            .collect();
        match holds {
            None => Chance::Unclear,
            Some(holds) if holds.iter().all(|holds| *holds) => Chance::Always,
            Some(holds) if holds.iter().any(|holds| *holds) => Chance::AtWill,
            Some(_) => Chance::Never,
        }
    }

    /// Whether the holder of a permission meets the condition at will, whatever its values.
    #[must_use]
    pub fn is_met_at_will(&self) -> bool {
        MET_AT_WILL.contains(&self.key.to_ascii_lowercase().as_str())
    }

    fn value_matches(&self, value: &str, present: &str) -> Option<bool> {
        if value.contains("${") {
            return None;
        }
        let number =
            |compare: fn(f64, f64) -> bool| Some(compare(present.parse().ok()?, value.parse().ok()?));
        let time = |compare: fn(&jiff::Timestamp, &jiff::Timestamp) -> bool| {
            Some(compare(&present.parse().ok()?, &value.parse().ok()?))
        };
        let operator = self.operator.to_ascii_lowercase();
        match self.form.base {
            Base::Exact { ignore_case: false } => Some(value == present),
            Base::Exact { ignore_case: true } | Base::Bool => Some(value.eq_ignore_ascii_case(present)),
            Base::Like => Some(pattern::matches(value, present)),
            Base::IpAddress => Some(network(value)?.contains(&network(present)?)),
            Base::Numeric if operator.contains("lessthanequals") => number(|a, b| a <= b),
            Base::Numeric if operator.contains("lessthan") => number(|a, b| a < b),
            Base::Numeric if operator.contains("greaterthanequals") => number(|a, b| a >= b),
            Base::Numeric if operator.contains("greaterthan") => number(|a, b| a > b),
            Base::Numeric => number(|a, b| (a - b).abs() < f64::EPSILON),
            Base::Date if operator.contains("lessthanequals") => time(|a, b| a <= b),
            Base::Date if operator.contains("lessthan") => time(|a, b| a < b),
            Base::Date if operator.contains("greaterthanequals") => time(|a, b| a >= b),
            Base::Date if operator.contains("greaterthan") => time(|a, b| a > b),
            Base::Date => time(|a, b| a == b),
            Base::Null | Base::Unknown => None,
        }
    }
}

/// True when one is, false when all are, else not known.
fn any(mut answers: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut known = true;
    let found = answers.any(|answer| {
        known &= answer.is_some();
        answer == Some(true)
    });
    if found { Some(true) } else { known.then_some(false) }
}

/// An address is a range of one.
fn network(text: &str) -> Option<IpNet> {
    text.parse().ok().or_else(|| text.parse::<std::net::IpAddr>().ok().map(IpNet::from))
}

/// The account in an ARN, when it is fixed.
pub(crate) fn account_of(arn: &str) -> Option<&str> {
    arn.split(':').nth(4).filter(|account| account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit()))
}

impl Form {
    fn of(operator: &str) -> Self {
        let name = operator.to_ascii_lowercase();
        let (set, name) = match name.split_once(':') {
            Some(("foranyvalue", rest)) => (Some(Set::Any), rest),
            Some(("forallvalues", rest)) => (Some(Set::All), rest),
            _ => (None, name.as_str()),
        };
        let (if_exists, name) = name.strip_suffix("ifexists").map_or((false, name), |name| (true, name));
        let (negated, base) = match name {
            "stringequals" => (false, Base::Exact { ignore_case: false }),
            "stringnotequals" => (true, Base::Exact { ignore_case: false }),
            "stringequalsignorecase" => (false, Base::Exact { ignore_case: true }),
            "stringnotequalsignorecase" => (true, Base::Exact { ignore_case: true }),
            "stringlike" | "arnlike" | "arnequals" => (false, Base::Like),
            "stringnotlike" | "arnnotlike" | "arnnotequals" => (true, Base::Like),
            "ipaddress" => (false, Base::IpAddress),
            "notipaddress" => (true, Base::IpAddress),
            "bool" => (false, Base::Bool),
            "null" => (false, Base::Null),
            "numericnotequals" => (true, Base::Numeric),
            name if name.starts_with("numeric") => (false, Base::Numeric),
            "datenotequals" => (true, Base::Date),
            name if name.starts_with("date") => (false, Base::Date),
            _ => (false, Base::Unknown),
        };
        Self { set, if_exists, negated, base }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn condition(operator: &str, key: &str, values: &[&str]) -> Condition {
        Condition::new(operator, key, values.iter().map(|value| (*value).to_owned()).collect())
    }

    #[test]
    fn fixed_values_of_listed_keys_pin() {
        for (operator, key, values) in [
            ("StringEquals", "aws:PrincipalOrgID", &["o-abc"][..]),
            ("StringEquals", "AWS:SOURCEVPCE", &["vpce-1", "vpce-2"]),
            ("StringLike", "aws:PrincipalArn", &["arn:aws:iam::111122223333:role/a"]),
            ("ArnEquals", "aws:SourceArn", &["arn:aws:sns:us-east-1:111122223333:topic"]),
            ("ForAnyValue:StringEquals", "aws:PrincipalOrgPaths", &["o-abc/r-1/"]),
            ("IpAddress", "aws:SourceIp", &["203.0.113.0/24", "2001:db8::/33", "10.0.0.0/8"]),
            ("IpAddress", "aws:SourceIp", &["203.0.113.7"]),
            ("ArnLike", "s3:DataAccessPointArn", &["arn:aws:s3:us-east-1:111122223333:accesspoint/*"]),
            ("Bool", "elasticfilesystem:AccessedViaMountTarget", &["true"]),
            ("StringEquals", "kms:CallerAccount", &["111122223333"]),
        ] {
            assert_eq!(condition(operator, key, values).pins(), Pin::Fixed, "{operator} {key} {values:?}");
        }
    }

    #[test]
    fn what_only_looks_like_a_limit_does_not_pin() {
        for (operator, key, values) in [
            ("StringEqualsIfExists", "aws:PrincipalOrgID", &["o-abc"][..]),
            ("ForAllValues:StringEquals", "aws:PrincipalOrgPaths", &["o-abc/r-1/"]),
            ("StringNotEquals", "aws:PrincipalOrgID", &["o-abc"]),
            ("StringLike", "aws:PrincipalArn", &["arn:aws:iam::*:role/a"]),
            ("StringEquals", "aws:SourceVpce", &["vpce-1", "${aws:PrincipalTag/vpce}"]),
            ("Null", "aws:PrincipalOrgID", &["false"]),
            ("IpAddress", "aws:SourceIp", &["0.0.0.0/0"]),
            ("IpAddress", "aws:SourceIp", &["203.0.113.0/24", "0.0.0.0/1"]),
            ("IpAddress", "aws:SourceIp", &["2000::/3"]),
            ("NotIpAddress", "aws:SourceIp", &["203.0.113.0/24"]),
            ("IpAddress", "aws:VpcSourceIp", &["10.0.0.0/8"]),
            ("Bool", "aws:SecureTransport", &["true"]),
            ("StringEquals", "aws:Referer", &["https://example.com"]),
            ("StringEquals", "kms:ViaService", &["s3.us-east-1.amazonaws.com"]),
        ] {
            let pin = condition(operator, key, values).pins();
            assert!(matches!(pin, Pin::Open(_)), "{operator} {key} {values:?}: {pin:?}");
        }
        assert!(matches!(condition("StringResembles", "aws:SourceArn", &["x"]).pins(), Pin::Unclear(_)));
    }

    #[test]
    fn a_key_that_must_be_there_closes_what_its_absence_opens() {
        for operator in ["StringEqualsIfExists", "ForAllValues:StringEquals"] {
            let block = Condition::block(vec![
                condition(operator, "aws:SourceVpce", &["vpce-1"]),
                condition("Null", "aws:sourcevpce", &["false"]),
            ]);
            assert_eq!(block[0].pins(), Pin::Fixed, "{operator}");
            assert!(matches!(block[1].pins(), Pin::Open(_)));
            let other = Condition::block(vec![
                condition(operator, "aws:SourceVpce", &["vpce-1"]),
                condition("Null", "aws:SourceVpc", &["false"]),
            ]);
            assert!(matches!(other[0].pins(), Pin::Open(_)), "{operator}");
        }
    }

    #[test]
    fn shared_secrets_are_masked() {
        let secret = "correct-horse-battery";
        for (key, shown) in [
            ("aws:Referer", false),
            ("aws:UserAgent", false),
            ("lambda:EventSourceToken", false),
            ("aws:PrincipalTag/team", true),
        ] {
            let condition = condition("StringEquals", key, &[secret]);
            assert_eq!(condition.text().contains(secret), shown, "{key}");
            let Pin::Open(cause) = condition.pins() else { panic!("{key}") };
            assert_eq!(cause.contains(secret), shown, "{key}");
        }
    }

    #[test]
    fn required_values() {
        let required = |operator: &str| {
            condition(operator, "sts:ExternalId", &["x"]).requires("STS:externalid").is_some()
        };
        assert!(required("StringEquals") && required("StringLike") && required("ForAnyValue:StringEquals"));
        for operator in
            ["StringNotEquals", "StringEqualsIfExists", "ForAllValues:StringEquals", "Null", "Bool"]
        {
            assert!(!required(operator), "{operator}");
        }
    }

    #[test]
    fn spared_values() {
        let spared = |operator: &str| {
            condition(operator, "aws:ResourceAccount", &["111122223333"])
                .spares("aws:resourceaccount")
                .is_some()
        };
        assert!(spared("StringNotEquals") && spared("StringNotEqualsIfExists") && spared("StringNotLike"));
        assert!(!spared("StringEquals") && !spared("ForAnyValue:StringNotEquals") && !spared("Null"));
    }

    #[test]
    fn services_only() {
        let service =
            |operator: &str, value: &str| condition(operator, "aws:PrincipalIsAWSService", &[value]);
        assert!(service("Bool", "true").requires_service());
        assert!(!service("BoolIfExists", "true").requires_service());
        assert!(!service("Bool", "false").requires_service());
        assert!(service("BoolIfExists", "false").spares_services());
        assert!(!service("Bool", "true").spares_services());
    }

    #[test]
    fn denies_of_all_others_pin() {
        for (operator, key, value) in [
            ("StringNotEquals", "aws:PrincipalOrgID", "o-abc"),
            ("StringNotEqualsIfExists", "aws:PrincipalOrgID", "o-abc"),
            ("NotIpAddress", "aws:SourceIp", "203.0.113.0/24"),
            ("BoolIfExists", "aws:PrincipalIsAWSService", "false"),
        ] {
            assert_eq!(condition(operator, key, &[value]).denies_strangers(), Pin::Fixed, "{operator} {key}");
        }
        for (operator, key, value) in [
            ("StringEquals", "aws:PrincipalOrgID", "o-abc"),
            ("ForAnyValue:StringNotEquals", "aws:PrincipalOrgPaths", "o-abc/r-1/"),
            ("NotIpAddress", "aws:SourceIp", "0.0.0.0/0"),
            ("Bool", "aws:SecureTransport", "false"),
            ("StringNotLike", "aws:PrincipalArn", "*"),
        ] {
            let pin = condition(operator, key, &[value]).denies_strangers();
            assert!(matches!(pin, Pin::Open(_)), "{operator} {key}: {pin:?}");
        }
    }

    #[test]
    fn absent_keys_count_as_documented() {
        let request = BTreeMap::new();
        for (operator, holds) in [
            ("StringEquals", false),
            ("StringNotEquals", true),
            ("StringEqualsIfExists", true),
            ("ForAllValues:StringEquals", true),
            ("ForAnyValue:StringEquals", false),
            ("ForAnyValue:StringNotEquals", false),
            ("NumericLessThan", false),
        ] {
            assert_eq!(condition(operator, "aws:x", &["1"]).holds(&request), Some(holds), "{operator}");
        }
        assert_eq!(condition("Null", "aws:x", &["true"]).holds(&request), Some(true));
    }

    #[test]
    fn present_keys_are_compared() {
        let request: BTreeMap<_, _> = [
            ("aws:sourceip".to_owned(), vec!["203.0.113.7".to_owned()]),
            ("aws:multifactorauthage".to_owned(), vec!["100".to_owned()]),
            ("aws:tagkeys".to_owned(), vec!["a".to_owned(), "b".to_owned()]),
            ("aws:currenttime".to_owned(), vec!["2026-11-01T00:00:00Z".to_owned()]),
        ]
        .into();
        for (operator, key, values, holds) in [
            ("IpAddress", "aws:SourceIp", &["203.0.113.0/24"][..], true),
            ("NotIpAddress", "aws:SourceIp", &["203.0.113.0/24"], false),
            ("NumericLessThan", "aws:MultiFactorAuthAge", &["3600"], true),
            ("NumericGreaterThanEquals", "aws:MultiFactorAuthAge", &["101"], false),
            ("ForAllValues:StringEquals", "aws:TagKeys", &["a"], false),
            ("ForAnyValue:StringLike", "aws:TagKeys", &["b*"], true),
            ("DateGreaterThan", "aws:CurrentTime", &["2026-01-01T00:00:00Z"], true),
            ("Null", "aws:SourceIp", &["true"], false),
        ] {
            assert_eq!(condition(operator, key, values).holds(&request), Some(holds), "{operator} {key}");
        }
        assert_eq!(condition("StringEquals", "aws:SourceIp", &["${aws:x}"]).holds(&request), None);
    }
}
