//! Is a resource policy public? Amazon S3's definition, with explicit denies subtracted.

use std::borrow::Cow;

use jiff::Timestamp;
use serde::Serialize;

use super::{Chance, Condition, Effect, Known, Match, Policy, Principals, Statement, condition::Pin};
use crate::{gap::Gap, source::Operation};

/// What a policy grants to everyone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exposure {
    /// Grants that anyone can use.
    pub grants: Vec<Grant>,
    /// Grants of which it cannot be told whether anyone can use them, and why.
    pub unclear: Vec<(Grant, String)>,
}

/// A statement that lets everyone in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Grant {
    /// The statement's `Sid`, else its number.
    pub statement: String,
    /// Its actions: those asked about that it allows, or its patterns when all were asked about, after
    /// `NotAction` where they are what it does not allow.
    pub actions: Vec<String>,
    /// Its resources.
    pub resources: Vec<String>,
    /// Its conditions, and why none of them keeps strangers out.
    pub conditions: Vec<String>,
    /// Conditions that AWS's definitions of "public" do not count, for a wildcard or a policy variable, but that
    /// name the account, organization, role, services or network all the same.
    pub limits: Vec<String>,
}

impl Grant {
    /// Whether no stranger can use it, although AWS's definitions call it public.
    #[must_use]
    pub const fn is_limited(&self) -> bool {
        !self.limits.is_empty()
    }
}

/// What everyone may do of these actions (whole names) at that time; of all actions when none are named.
#[must_use]
pub fn exposure(policy: &Policy, actions: &[&str], now: Timestamp) -> Exposure {
    let policy = &in_force(policy, now);
    let mut exposure = Exposure::default();
    let is_everyones = |it: &&Statement| it.principals.as_ref().is_some_and(Principals::is_everyone);
    let denies: Vec<_> = policy.denies().filter(is_everyones).collect();
    let to_everyone = policy.allows().filter(|s| s.principals.as_ref().is_some_and(reaches_strangers));
    for statement in to_everyone {
        let asked: Vec<Cow<'_, str>> = if actions.is_empty() {
            match &statement.actions {
                Match::Any(patterns) => patterns.iter().map(Cow::from).collect(),
                // What is named is what is not granted.
                Match::NoneOf(_) => vec!["*".into()],
            }
        } else {
            let allowed = actions.iter().filter(|action| statement.actions.selects_action(action));
            allowed.map(|action| Cow::from(*action)).collect()
        };
        let mut doubts: Vec<String> = Vec::new();
        let mut left = Vec::new();
        for action in asked {
            match denied(&denies, statement, &action) {
                Denied::Yes => {}
                Denied::No => left.push(action),
                Denied::Unclear(cause) => {
                    doubts.push(cause);
                    left.push(action);
                }
            }
        }
        if left.is_empty() {
            continue;
        }
        let present = keys_of_every_request(&denies, statement, &left);
        let pins: Vec<Pin> = statement.conditions.iter().map(|it| it.with_keys(&present).pins()).collect();
        if pins.contains(&Pin::Fixed) {
            continue;
        }
        let closed = Condition::close_the_network(&statement.conditions);
        let (mut limits, mut conditions) = (Vec::new(), Vec::new());
        for (condition, pin) in statement.conditions.iter().zip(pins) {
            if closed || matches!(pin, Pin::Pattern(_)) {
                limits.push(condition.text());
            }
            match pin {
                Pin::Open(cause) | Pin::Pattern(cause) => conditions.push(cause),
                Pin::Unclear(cause) => doubts.push(cause),
                Pin::Fixed => {}
            }
        }
        let named = match &statement.actions {
            Match::NoneOf(patterns) if actions.is_empty() => {
                patterns.iter().map(|pattern| format!("NotAction {pattern}")).collect()
            }
            _ => left.into_iter().map(Cow::into_owned).collect(),
        };
        let grant = Grant {
            statement: statement.label(),
            actions: named,
            resources: statement.resources.patterns().to_vec(),
            conditions,
            limits,
        };
        match doubts.into_iter().next() {
            None => exposure.grants.push(grant),
            Some(doubt) => exposure.unclear.push((grant, doubt)),
        }
    }
    exposure
}

/// The policy as it is at that time: without the grants whose time is over or has not come, and with the denies
/// that are in force, under their other conditions.
#[must_use]
pub fn in_force(policy: &Policy, now: Timestamp) -> Policy {
    let mut known = Known::default();
    known.is("aws:CurrentTime", now.to_string());
    known.is("aws:EpochTime", now.as_second().to_string());
    let mut policy = policy.clone();
    policy
        .statements
        .retain(|it| !it.conditions.iter().any(|condition| condition.chance(&known) == Chance::Never));
    for deny in policy.statements.iter_mut().filter(|it| it.effect == Effect::Deny) {
        deny.conditions.retain(|condition| condition.chance(&known) != Chance::Always);
    }
    policy
}

/// What a resource policy, as JSON text, grants to everyone at that time, the widest first; of all actions when
/// none are named.
///
/// # Errors
/// The gap, when the text cannot be read, or when it cannot be told whether its only grants are to everyone.
pub fn open_to_everyone(
    text: &str,
    actions: &[&str],
    now: Timestamp,
    (operation, region, resource): (&'static Operation, &str, &str),
) -> Result<Vec<Grant>, Gap> {
    let known_region = Some(region).filter(|region| !region.is_empty());
    let policy = Policy::read(text, operation, known_region, resource)?;
    opened(&policy, actions, now, (operation, region, resource))
}

/// What a resource policy grants to everyone at that time, as [`open_to_everyone`] does.
///
/// # Errors
/// The gap, when it cannot be told whether its only grants are to everyone.
pub fn opened(
    policy: &Policy,
    actions: &[&str],
    now: Timestamp,
    (operation, region, resource): (&'static Operation, &str, &str),
) -> Result<Vec<Grant>, Gap> {
    let region = Some(region).filter(|region| !region.is_empty());
    let mut exposure = exposure(policy, actions, now);
    match exposure.unclear.into_iter().next() {
        Some((_, why)) if exposure.grants.is_empty() => {
            Err(Gap::unreadable(operation, region, Some(resource), why))
        }
        _ => {
            exposure.grants.sort_by_key(Grant::is_limited);
            Ok(exposure.grants)
        }
    }
}

/// Whether strangers are among the principals. Besides everyone these are the users of a shared web identity
/// provider, e.g. `graph.facebook.com`: S3's page has a grant to it as its first example of a public policy.
fn reaches_strangers(principals: &Principals) -> bool {
    let shared_provider =
        |(kind, name): &(String, String)| kind.eq_ignore_ascii_case("Federated") && !name.starts_with("arn:");
    principals.is_everyone()
        || matches!(principals, Principals::Any(named) if named.iter().any(shared_provider))
}

enum Denied {
    Yes,
    No,
    Unclear(String),
}

/// The denies, under whatever conditions, of the action to everyone on every resource of the statement.
fn denies_of<'p>(
    denies: &'p [&'p Statement],
    statement: &'p Statement,
    action: &'p str,
) -> impl Iterator<Item = &'p Statement> {
    denies.iter().copied().filter(move |deny| {
        let covers = deny.actions.covers(action)
            || deny.actions.selects_action(action) && !action.contains(['*', '?']);
        let all_resources = match &statement.resources {
            Match::Any(patterns) => patterns.iter().all(|resource| deny.resources.covers(resource)),
            Match::NoneOf(_) => deny.resources.covers("*"),
        };
        covers && all_resources
    })
}

/// The keys that every request for these actions has, since those without are denied.
fn keys_of_every_request<'p>(
    denies: &'p [&'p Statement],
    statement: &'p Statement,
    actions: &'p [Cow<'_, str>],
) -> Vec<&'p str> {
    let asks_for = |action: &'p Cow<'_, str>| {
        denies_of(denies, statement, action).filter_map(|deny| match deny.conditions.as_slice() {
            [only] => only.denies_absence(),
            _ => None,
        })
    };
    let Some((first, others)) = actions.split_first() else { return Vec::new() };
    let in_all = |key: &&str| others.iter().all(|action| asks_for(action).any(|it| it == *key));
    asks_for(first).filter(in_all).collect()
}

/// Whether denies take the action back from strangers on every resource of the statement.
fn denied(denies: &[&Statement], statement: &Statement, action: &str) -> Denied {
    let mut unclear = None;
    let this = [Cow::from(action)];
    let present = keys_of_every_request(denies, statement, &this);
    for deny in denies_of(denies, statement, action) {
        // All conditions of the deny must reach every stranger.
        let pins: Vec<Pin> =
            deny.conditions.iter().map(|it| it.with_keys(&present).denies_strangers()).collect();
        if pins.iter().all(|pin| *pin == Pin::Fixed) {
            return Denied::Yes;
        }
        let open = pins.iter().any(|pin| matches!(pin, Pin::Open(_)));
        if let (false, Some(Pin::Unclear(cause))) =
            (open, pins.iter().find(|pin| matches!(pin, Pin::Unclear(_))))
        {
            unclear = Some(cause.clone());
        }
    }
    unclear.map_or(Denied::No, Denied::Unclear)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::now;

    fn read(statements: &str) -> Exposure {
        let policy = Policy::parse(&format!(r#"{{"Statement": [{statements}]}}"#)).unwrap();
        exposure(&policy, &["s3:GetObject", "s3:ListBucket"], now())
    }

    const PUBLIC: &str = r#"{"Sid": "Read", "Effect": "Allow", "Principal": "*", "Action": "s3:Get*",
        "Resource": "arn:aws:s3:::b/*"}"#;

    fn public_under(condition: &str) -> bool {
        let grant =
            r#"{"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*", "Condition": "#;
        !read(&format!("{grant}{condition}}}")).grants.is_empty()
    }

    fn public_despite(deny: &str) -> bool {
        !read(&format!(r#"{PUBLIC}, {{"Effect": "Deny", {deny}}}"#)).grants.is_empty()
    }

    #[test]
    fn tells_the_statement_and_what_it_opens() {
        let exposure = read(PUBLIC);
        assert_eq!(exposure.grants.len(), 1);
        assert_eq!(exposure.grants[0].statement, "Read");
        assert_eq!(exposure.grants[0].actions, ["s3:GetObject"]);
    }

    #[test]
    fn a_deny_of_what_is_not_granted_takes_nothing_back() {
        let all_but =
            r#"{"Effect": "Allow", "Principal": "*", "NotAction": "s3:DeleteBucket", "Resource": "*"}"#;
        let deny = r#"{"Effect": "Deny", "Principal": "*", "Action": "s3:DeleteBucket", "Resource": "*"}"#;
        let policy = Policy::parse(&format!(r#"{{"Statement": [{all_but}, {deny}]}}"#)).unwrap();
        assert_eq!(exposure(&policy, &[], now()).grants[0].actions, ["NotAction s3:DeleteBucket"]);
    }

    #[test]
    fn named_principals_are_not_everyone() {
        for principal in [r#"{"AWS": "111122223333"}"#, r#"{"Service": "cloudtrail.amazonaws.com"}"#] {
            let statement =
                format!(r#"{{"Effect": "Allow", "Principal": {principal}, "Action": "*", "Resource": "*"}}"#);
            assert_eq!(read(&statement), Exposure::default());
        }
    }

    #[test]
    fn users_of_a_shared_web_identity_provider_are_strangers() {
        let grants = |provider: &str| {
            let principal = format!(r#"{{"Federated": "{provider}"}}"#);
            let statement =
                format!(r#"{{"Effect": "Allow", "Principal": {principal}, "Action": "*", "Resource": "*"}}"#);
            read(&statement).grants.len()
        };
        assert_eq!(grants("graph.facebook.com"), 1);
        assert_eq!(grants("arn:aws:iam::111122223333:saml-provider/corporate"), 0);
    }

    #[test]
    fn one_pinning_condition_of_several_is_enough() {
        assert!(public_under(r#"{"Bool": {"aws:SecureTransport": "true"}}"#));
        assert!(!public_under(
            r#"{"Bool": {"aws:SecureTransport": "true"}, "StringEquals": {"aws:PrincipalOrgID": "o-a"}}"#
        ));
    }

    #[test]
    fn a_grant_whose_time_is_over_grants_nothing() {
        for (condition, public) in [
            (r#"{"DateLessThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}"#, false),
            (r#"{"DateLessThanEquals": {"aws:CurrentTime": "2020-01-01"}}"#, false),
            (r#"{"NumericLessThan": {"aws:EpochTime": "1577836800"}}"#, false),
            (r#"{"DateLessThan": {"aws:EpochTime": "1577836800"}}"#, false),
            (r#"{"DateGreaterThan": {"aws:CurrentTime": "2090-01-01T00:00Z"}}"#, false),
            (r#"{"DateLessThan": {"aws:CurrentTime": "2090-01-01T00:00:00Z"}}"#, true),
            (r#"{"DateGreaterThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}"#, true),
            // What is no time is not taken for one that is over.
            (r#"{"DateLessThan": {"aws:CurrentTime": "yesterday"}}"#, true),
        ] {
            assert_eq!(public_under(condition), public, "{condition}");
        }
        let deny = r#""Principal": "*", "Action": "s3:*", "Resource": "*", "Condition": "#;
        assert!(!public_despite(&format!(
            r#"{deny} {{"DateGreaterThan": {{"aws:CurrentTime": "2020-01-01"}}}}"#
        )));
        assert!(public_despite(&format!(
            r#"{deny} {{"DateLessThan": {{"aws:CurrentTime": "2020-01-01"}}}}"#
        )));
    }

    #[test]
    fn denies_of_all_others_leave_what_they_spare() {
        let deny = |condition: &str| {
            public_despite(&format!(
                r#""Principal": "*", "Action": "s3:*", "Resource": "*", "Condition": {condition}"#
            ))
        };
        assert!(!deny(r#"{"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/etl-*"}}"#));
        assert!(deny(r#"{"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/etl-*"}}"#));
        let organization = r#""StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-a"}"#;
        assert!(!deny(&format!(
            r#"{{{organization}, "BoolIfExists": {{"aws:PrincipalIsAWSService": "false"}}}}"#
        )));
        assert!(deny(&format!(r#"{{{organization}, "BoolIfExists": {{"aws:ViaAWSService": "false"}}}}"#)));
        assert!(deny(&format!(r#"{{{organization}, "Bool": {{"aws:PrincipalIsAWSService": "false"}}}}"#)));
    }

    #[test]
    fn a_deny_of_requests_without_a_key_closes_what_its_absence_opens() {
        let unsigned = r#"{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*",
            "Condition": {"Null": {"aws:PrincipalOrgPaths": "true"}}}"#;
        let others = r#"{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*", "Condition":
            {"ForAnyValue:StringNotLike": {"aws:PrincipalOrgPaths": "o-a/*"}}}"#;
        assert!(!read(&format!("{PUBLIC}, {others}")).grants.is_empty());
        assert!(read(&format!("{PUBLIC}, {others}, {unsigned}")).grants.is_empty());
        let grant = r#"{"Effect": "Allow", "Principal": "*", "Action": "s3:Get*", "Resource": "*", "Condition":
            {"ForAllValues:StringLike": {"aws:PrincipalOrgPaths": "o-a/*"}}}"#;
        assert!(!read(grant).grants.is_empty());
        assert!(read(&format!("{grant}, {unsigned}")).grants.is_empty());
    }

    #[test]
    fn a_request_comes_from_an_address_or_through_an_endpoint() {
        let limited = |condition: &str| {
            let exposure = read(&format!(
                r#"{{"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*", "Condition": {condition}}}"#
            ));
            exposure.grants[0].is_limited()
        };
        let address = r#""IpAddressIfExists": {"aws:SourceIp": "203.0.113.0/24"}"#;
        let network = r#""StringEqualsIfExists": {"aws:SourceVpc": "vpc-1"}"#;
        assert!(limited(&format!("{{{address}, {network}}}")));
        assert!(!limited(&format!("{{{address}}}")) && !limited(&format!("{{{network}}}")));
        let open = network.replace("Equals", "Like").replace("vpc-1", "vpc-*");
        assert!(!limited(&format!("{{{address}, {open}}}")));
    }

    #[test]
    fn wildcards_after_an_account_are_bound_to_it() {
        let bound = |condition: &str| {
            let grant =
                r#"{"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*", "Condition": "#;
            let exposure = read(&format!("{grant}{condition}}}"));
            assert_eq!(exposure.grants.len(), 1, "{condition}");
            exposure.grants[0].is_limited()
        };
        assert!(bound(r#"{"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:111122223333:*"}}"#));
        assert!(bound(r#"{"StringLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/*"}}"#));
        for open in [
            r#"{"StringLike": {"aws:SourceArn": "arn:aws:sns:*:111122223333:*"}}"#,
            r#"{"ArnLike": {"aws:SourceArn": "arn:aws:s3:::bucket*"}}"#,
            r#"{"ArnLike": {"aws:SourceArn": ["arn:aws:sns:eu-west-1:111122223333:*", "arn:aws:sns:*:*:*"]}}"#,
            r#"{"ArnLikeIfExists": {"aws:SourceArn": "arn:aws:sns:eu-west-1:111122223333:*"}}"#,
            r#"{"ArnNotLike": {"aws:SourceArn": "arn:aws:sns:eu-west-1:111122223333:*"}}"#,
        ] {
            assert!(!bound(open), "{open}");
        }
    }

    #[test]
    fn unknown_operators_of_pinning_keys_cannot_be_told() {
        let exposure = read(
            r#"{"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*",
                "Condition": {"StringResembles": {"aws:PrincipalOrgID": "o-a"}}}"#,
        );
        assert!(exposure.grants.is_empty() && exposure.unclear.len() == 1);
    }

    #[test]
    fn denies_are_subtracted() {
        assert!(!public_despite(r#""Principal": "*", "Action": "s3:*", "Resource": "*""#));
        assert!(!public_despite(
            r#""NotPrincipal": {"AWS": "111122223333"}, "Action": "*", "Resource": "*""#
        ));
        let outsiders = r#""Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-a"}}"#;
        assert!(!public_despite(&format!(
            r#""Principal": "*", "Action": "s3:GetObject", "Resource": "*", {outsiders}"#
        )));
        assert!(public_despite(r#""Principal": "*", "Action": "s3:Put*", "Resource": "*""#));
        assert!(public_despite(
            r#""Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::b/private/*""#
        ));
        assert!(public_despite(r#""Principal": {"AWS": "111122223333"}, "Action": "s3:*", "Resource": "*""#));
        let http = r#""Condition": {"Bool": {"aws:SecureTransport": "false"}}"#;
        assert!(public_despite(&format!(r#""Principal": "*", "Action": "s3:*", "Resource": "*", {http}"#)));
        let both = r#""Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-a"}, "Bool": {"aws:SecureTransport": "false"}}"#;
        assert!(public_despite(&format!(r#""Principal": "*", "Action": "s3:*", "Resource": "*", {both}"#)));
    }

    fn statement() -> impl Strategy<Value = String> {
        let effect = prop_oneof![Just("Allow"), Just("Deny")];
        let principal = prop_oneof![Just(r#""*""#), Just(r#"{"AWS": "111122223333"}"#)];
        let action = prop_oneof![Just("*"), Just("s3:Get*"), Just("s3:ListBucket"), Just("s3:Put*")];
        let condition = prop_oneof![
            Just("{}"),
            Just(r#"{"StringEquals": {"aws:PrincipalOrgID": "o-a"}}"#),
            Just(r#"{"StringNotEquals": {"aws:PrincipalOrgID": "o-a"}}"#),
        ];
        (effect, principal, action, condition).prop_map(|(effect, principal, action, condition)| {
            format!(
                r#"{{"Effect": "{effect}", "Principal": {principal}, "Action": "{action}", "Resource": "*",
                    "Condition": {condition}}}"#
            )
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]

        /// What strangers can do, tried with one request per action instead of reasoned about.
        #[test]
        fn agrees_with_a_request_of_a_stranger(statements in prop::collection::vec(statement(), 1..4)) {
            let policy = Policy::parse(&format!(r#"{{"Statement": [{}]}}"#, statements.join(","))).unwrap();
            let stranger = [("aws:principalorgid".to_owned(), vec!["o-other".to_owned()])].into();
            for action in ["s3:GetObject", "s3:ListBucket", "s3:PutObject"] {
                let applies = |s: &&Statement| {
                    s.principals.as_ref().is_some_and(Principals::is_everyone)
                        && s.actions.selects_action(action)
                        && s.conditions.iter().all(|c| c.holds(&stranger) == Some(true))
                };
                // A grant under a negated condition is one to strangers as well.
                let allowed = policy.allows().any(|s| applies(&s)) && !policy.denies().any(|s| applies(&s));
                prop_assert_eq!(!exposure(&policy, &[action], now()).grants.is_empty(), allowed);
            }
        }

        #[test]
        fn a_deny_of_everything_closes_everything(statements in prop::collection::vec(statement(), 1..4)) {
            let deny = r#"{"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}"#;
            let text = format!(r#"{{"Statement": [{}, {deny}]}}"#, statements.join(","));
            prop_assert_eq!(exposure(&Policy::parse(&text).unwrap(), &[], now()), Exposure::default());
        }
    }
}
