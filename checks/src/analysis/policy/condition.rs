//! Conditions: whether one keeps strangers out, and whether it holds in a given request.

mod known;
mod pins;
#[cfg(test)]
mod tests;

pub use known::{Chance, Known};
pub use pins::Pin;

use std::collections::HashMap;

use ipnet::IpNet;

use super::shared_secret;
use crate::secrets;

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
    /// `BinaryEquals`: values are taken as they are, in Base64.
    Binary,
    Null,
    Numeric,
    Date,
    /// An operator that AWS has not documented so far.
    Unknown,
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
        let mut needed = HashMap::<String, usize>::new();
        for key in conditions.iter().filter_map(Self::needs) {
            *needed.entry(key).or_default() += 1;
        }
        for condition in &mut conditions {
            let by_all = needed.get(&condition.key.to_ascii_lowercase()).copied().unwrap_or_default();
            let by_another = by_all > usize::from(condition.needs().is_some());
            condition.needs_key = condition.form.base != Base::Null && by_another;
        }
        conditions
    }

    /// The key without which a request does not meet the condition; none when it may be absent.
    fn needs(&self) -> Option<String> {
        let Form { set, if_exists, negated, base } = self.form;
        let needs = match base {
            Base::Null => {
                !self.values.is_empty() && self.values.iter().all(|value| value.eq_ignore_ascii_case("false"))
            }
            Base::Unknown => false,
            _ => !if_exists && set != Some(Set::All) && (!negated || set == Some(Set::Any)),
        };
        needs.then(|| self.key.to_ascii_lowercase())
    }

    /// The key that a `Deny` under this condition alone makes every request have: `Null: true`.
    pub(super) fn denies_absence(&self) -> Option<&str> {
        let wanted = |value: &String| value.eq_ignore_ascii_case("true");
        (self.form.base == Base::Null && self.values.iter().any(wanted)).then_some(&*self.key)
    }

    /// The same condition, where requests without these keys are denied elsewhere.
    pub(super) fn with_keys(&self, present: &[&str]) -> Self {
        let is_present = present.iter().any(|key| self.key.eq_ignore_ascii_case(key));
        Self { needs_key: self.needs_key || self.form.base != Base::Null && is_present, ..self.clone() }
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

    /// Whether the condition holds in every request that has its key, and in no other: `Null: false`.
    #[must_use]
    pub fn meets_present(&self) -> bool {
        self.form.base == Base::Null && self.needs().is_some()
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
            "binaryequals" => (false, Base::Binary),
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
