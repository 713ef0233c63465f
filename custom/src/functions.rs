//! Our functions: what no field alone answers.

use std::{borrow::Cow, net::IpAddr};

use aws_audit_checks::analysis::policy::{Effect, Policy, Principals, Statement, public::in_force};
use cel::{
    ExecutionError,
    common::{
        types::{CelInt, CelList, CelNull, CelString},
        value::Val,
    },
};
use ipnet::IpNet;
use jiff::Timestamp;

use crate::{
    facts::Fact,
    limits,
    problem::{Said, said},
    value::{Object, Run},
};

/// A function.
pub struct Function {
    /// Its name.
    pub name: &'static str,
    /// Its parameters; `r` is the resource itself.
    pub parameters: &'static [&'static str],
    about: [&'static str; 2],
    pub(crate) call: Call,
}

/// What it does: with the account of the evaluation, the time, and the arguments.
pub(crate) type Call = fn(&Run, Option<&str>, &[&dyn Val]) -> Result<Returned, ExecutionError>;

/// What a function returns.
pub(crate) enum Returned {
    Bool(bool),
    Int(i64),
}

impl Function {
    /// As it is written: `in_cidr(ip, cidr)`.
    #[must_use]
    pub fn signature(&self) -> String {
        format!("{}({})", self.name, self.parameters.join(", "))
    }

    /// What it answers.
    #[must_use]
    pub fn about(&self) -> Said {
        said(self.about[0], self.about[1])
    }
}

/// All functions, by name.
pub static ALL: [Function; 6] = [
    Function {
        name: "age_days",
        parameters: &["time"],
        about: [
            "Whole days from the time until the scan began; negative for what is to come.",
            "その日時からスキャン開始までの日数（端数は切り捨て）。未来の日時では負の値。",
        ],
        call: age_days,
    },
    Function {
        name: "allows",
        parameters: &["policy", "action", "resource"],
        about: [
            "Whether a policy document (or any of a list of them) allows the action on the resource in some request: a \
             statement allows it, under whatever conditions and to whomever, and none denies it without conditions. \
             `null` allows nothing.",
            "ポリシードキュメント（またはそのリスト）が、何らかのリクエストでリソースへのアクションを許可するか。条件やプリンシパルを問わず許可する\
             ステートメントがあり、条件なしで拒否するものがないときに真。`null` は何も許可しません。",
        ],
        call: allows,
    },
    Function {
        name: "in_cidr",
        parameters: &["ip", "cidr"],
        about: [
            "Whether an address, or the whole of a range, is within the range.",
            "アドレス（または範囲の全体）がCIDRに含まれるか。",
        ],
        call: in_cidr,
    },
    Function {
        name: "matches",
        parameters: &["text", "pattern"],
        about: [
            "Whether the regular expression (RE2 syntax) is found in the text; also `text.matches(pattern)`.",
            "正規表現（RE2の構文）がテキストに見つかるか。`text.matches(pattern)` とも書けます。",
        ],
        call: matches,
    },
    Function {
        name: "public",
        parameters: &["r"],
        about: [
            "Whether anyone on the internet can use the resource, by policies, access control lists, block public \
             access, sharing and the network together.",
            "ポリシー、ACL、ブロックパブリックアクセス、共有、ネットワークを合わせて、インターネット上の誰でもリソースを利用できるか。",
        ],
        call: public,
    },
    Function {
        name: "reachable",
        parameters: &["r", "port"],
        about: [
            "Whether the internet reaches the TCP or UDP port of the resource, through routes, network ACLs, security \
             groups and load balancers.",
            "ルート、ネットワークACL、セキュリティグループ、ロードバランサーを通って、インターネットからリソースのTCPまたはUDPポートに届くか。",
        ],
        call: reachable,
    },
];

fn error(function: &str, message: impl Into<String>) -> ExecutionError {
    ExecutionError::function_error(function, message.into())
}

fn text<'a>(function: &str, value: &'a dyn Val) -> Result<&'a str, ExecutionError> {
    value
        .downcast_ref::<CelString<'_>>()
        .map(CelString::inner)
        .ok_or_else(|| error(function, format!("{} is no string", value.get_type().name())))
}

/// The arguments; their number was checked when the expression was read.
fn arguments<'a, const N: usize>(
    function: &str,
    given: &[&'a dyn Val],
) -> Result<[&'a dyn Val; N], ExecutionError> {
    given.try_into().map_err(|_| error(function, "other arguments are wanted"))
}

fn facts<'a>(function: &str, value: &'a dyn Val) -> Result<&'a crate::facts::Facts, ExecutionError> {
    let facts = value.downcast_ref::<Object>().and_then(Object::facts);
    facts.ok_or_else(|| error(function, "it is about the resource itself"))
}

fn age_days(_: &Run, now: Option<&str>, given: &[&dyn Val]) -> Result<Returned, ExecutionError> {
    let [time] = arguments("age_days", given)?;
    let parse =
        |text: &str| text.parse::<Timestamp>().map_err(|_| error("age_days", format!("`{text}` is no time")));
    let now = parse(now.unwrap_or_default())?;
    let age = now.duration_since(parse(text("age_days", time)?)?);
    Ok(Returned::Int(age.as_secs().div_euclid(86_400)))
}

fn in_cidr(_: &Run, _: Option<&str>, given: &[&dyn Val]) -> Result<Returned, ExecutionError> {
    let [ip, cidr] = arguments("in_cidr", given)?;
    let range = |value: &dyn Val| {
        let text = text("in_cidr", value)?;
        let net = text.parse::<IpNet>().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from));
        net.ok_or_else(|| error("in_cidr", format!("`{text}` is neither an address nor a range")))
    };
    Ok(Returned::Bool(range(cidr)?.contains(&range(ip)?)))
}

fn matches(run: &Run, _: Option<&str>, given: &[&dyn Val]) -> Result<Returned, ExecutionError> {
    let [of, pattern] = arguments("matches", given)?;
    run.matches(text("matches", of)?, text("matches", pattern)?).map(Returned::Bool)
}

fn allows(run: &Run, now: Option<&str>, given: &[&dyn Val]) -> Result<Returned, ExecutionError> {
    let [policy, action, resource] = arguments("allows", given)?;
    let (action, resource) = (text("allows", action)?, text("allows", resource)?);
    if !action.contains(':') || action.contains(['*', '?']) {
        return Err(error("allows", format!("`{action}` is not one action, such as s3:GetObject")));
    }
    let documents: Vec<&dyn Val> = match policy.downcast_ref::<CelList<'_>>() {
        Some(list) => list.inner().iter().map(|item| &**item).collect(),
        None => vec![policy],
    };
    let mut statements: Vec<Statement> = Vec::new();
    for document in documents {
        if document.downcast_ref::<CelNull>().is_some() {
            continue;
        }
        let document = text("allows", document)?;
        run.spend(limits::POLICY_STEPS + document.len() / limits::BYTES_PER_STEP)?;
        let policy = Policy::parse(document).map_err(|why| error("allows", format!("no policy: {why}")))?;
        let policy = match now.and_then(|now| now.parse().ok()) {
            Some(now) => Cow::Owned(in_force(&policy, now)),
            None => Cow::Borrowed(&policy),
        };
        statements.extend(policy.statements.iter().cloned());
    }
    // The request is not known: what a condition allows is allowed in some request, and what it denies is not in all.
    let is_about =
        |it: &&Statement| it.actions.selects_action(action) && it.resources.selects_resource(resource);
    let mut about = statements.iter().filter(is_about).peekable();
    let is_allowed = about.clone().any(|it| it.effect == Effect::Allow);
    let is_denied =
        about.any(|it| it.effect == Effect::Deny && it.conditions.is_empty() && denies_everyone(it));
    Ok(Returned::Bool(is_allowed && !is_denied))
}

/// Whether a deny is for every principal; in an identity policy, which names none, it is for its holder.
fn denies_everyone(statement: &Statement) -> bool {
    // `NotPrincipal` spares somebody.
    let everyone = |it: &Principals| matches!(it, Principals::Any(_)) && it.is_everyone();
    statement.principals.as_ref().is_none_or(everyone)
}

fn public(run: &Run, _: Option<&str>, given: &[&dyn Val]) -> Result<Returned, ExecutionError> {
    let [resource] = arguments("public", given)?;
    match &facts("public", resource)?.public {
        Fact::Known(yes) => Ok(Returned::Bool(*yes)),
        Fact::Unread(gaps) => Err(run.unread(gaps)),
        Fact::NotOffered => Err(run.not_offered("public")),
    }
}

fn reachable(run: &Run, _: Option<&str>, given: &[&dyn Val]) -> Result<Returned, ExecutionError> {
    let [resource, port] = arguments("reachable", given)?;
    let port = port.downcast_ref::<CelInt>().and_then(|port| u16::try_from(*port.inner()).ok());
    let port = port.ok_or_else(|| error("reachable", "a port is a number from 0 to 65535"))?;
    let reach = &facts("reachable", resource)?.reach;
    if reach.ports.iter().any(|(first, last)| (*first..=*last).contains(&port)) {
        return Ok(Returned::Bool(true));
    }
    match &reach.rest {
        Fact::Known(()) => Ok(Returned::Bool(false)),
        Fact::Unread(gaps) => Err(run.unread(gaps)),
        Fact::NotOffered => Err(run.not_offered("reachable")),
    }
}
