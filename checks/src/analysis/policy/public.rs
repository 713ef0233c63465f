//! Is a resource policy public? Amazon S3's definition, with explicit denies subtracted.

use serde::Serialize;

use super::{Match, Policy, Principals, Statement, condition::Pin};
use crate::gap::Gap;

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
    /// Its actions: those asked about that it allows, or its patterns when all were asked about.
    pub actions: Vec<String>,
    /// Its resources.
    pub resources: Vec<String>,
    /// Its conditions, and why none of them keeps strangers out.
    pub conditions: Vec<String>,
    /// A condition with a wildcard, which S3's definition does not count, still names the accounts.
    pub account_bound: bool,
}

/// What everyone may do of these actions (whole names); of all actions when none are named.
#[must_use]
pub fn exposure(policy: &Policy, actions: &[&str]) -> Exposure {
    let mut exposure = Exposure::default();
    let to_everyone = policy.allows().filter(|s| s.principals.as_ref().is_some_and(reaches_strangers));
    for statement in to_everyone {
        let asked: Vec<String> = if actions.is_empty() {
            match &statement.actions {
                Match::Any(patterns) => patterns.clone(),
                // What is named is what is not granted.
                Match::NoneOf(_) => vec!["*".to_owned()],
            }
        } else {
            let allowed = actions.iter().filter(|action| statement.actions.selects_action(action));
            allowed.map(|action| (*action).to_owned()).collect()
        };
        if asked.is_empty() {
            continue;
        }
        let pins: Vec<Pin> = statement.conditions.iter().map(super::Condition::pins).collect();
        if pins.contains(&Pin::Fixed) {
            continue;
        }
        let mut doubts: Vec<String> = Vec::new();
        let mut conditions = Vec::new();
        for pin in pins {
            match pin {
                Pin::Open(cause) => conditions.push(cause),
                Pin::Unclear(cause) => doubts.push(cause),
                Pin::Fixed => {}
            }
        }
        let mut left = Vec::new();
        for action in asked {
            match denied(policy, statement, &action) {
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
        let grant = Grant {
            statement: statement.label(),
            actions: left,
            resources: statement.resources.patterns().to_vec(),
            conditions,
            account_bound: statement.conditions.iter().any(super::Condition::binds_account),
        };
        match doubts.into_iter().next() {
            None => exposure.grants.push(grant),
            Some(doubt) => exposure.unclear.push((grant, doubt)),
        }
    }
    exposure
}

/// What a resource policy, as JSON text, grants to everyone, the widest first; of all actions when none are named.
///
/// # Errors
/// The gap, when the text cannot be read, or when it cannot be told whether its only grants are to everyone.
pub fn open_to_everyone(
    text: &str,
    actions: &[&str],
    (operation, region, resource): (&str, &str, &str),
) -> Result<Vec<Grant>, Gap> {
    let region = Some(region).filter(|region| !region.is_empty());
    let mut exposure = exposure(&Policy::read(text, operation, region, resource)?, actions);
    match exposure.unclear.into_iter().next() {
        Some((_, why)) if exposure.grants.is_empty() => {
            Err(Gap::unreadable(operation, region, Some(resource), why))
        }
        _ => {
            exposure.grants.sort_by_key(|grant| grant.account_bound);
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

/// Whether denies take the action back from strangers on every resource of the statement.
fn denied(policy: &Policy, statement: &Statement, action: &str) -> Denied {
    let mut unclear = None;
    for deny in policy.denies() {
        let everyone = deny.principals.as_ref().is_some_and(Principals::is_everyone);
        let covers = deny.actions.covers(action)
            || deny.actions.selects_action(action) && !action.contains(['*', '?']);
        let all_resources = match &statement.resources {
            Match::Any(patterns) => patterns.iter().all(|resource| deny.resources.covers(resource)),
            Match::NoneOf(_) => deny.resources.covers("*"),
        };
        if !(everyone && covers && all_resources) {
            continue;
        }
        // All conditions of the deny must reach every stranger.
        let pins: Vec<Pin> = deny.conditions.iter().map(super::Condition::denies_strangers).collect();
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

    fn read(statements: &str) -> Exposure {
        let policy = Policy::parse(&format!(r#"{{"Statement": [{statements}]}}"#)).unwrap();
        exposure(&policy, &["s3:GetObject", "s3:ListBucket"])
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
        assert_eq!(exposure(&policy, &[]).grants[0].actions, ["*"]);
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
    fn wildcards_after_an_account_are_bound_to_it() {
        let bound = |condition: &str| {
            let grant =
                r#"{"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*", "Condition": "#;
            let exposure = read(&format!("{grant}{condition}}}"));
            assert_eq!(exposure.grants.len(), 1, "{condition}");
            exposure.grants[0].account_bound
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
                prop_assert_eq!(!exposure(&policy, &[action]).grants.is_empty(), allowed);
            }
        }

        #[test]
        fn a_deny_of_everything_closes_everything(statements in prop::collection::vec(statement(), 1..4)) {
            let deny = r#"{"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}"#;
            let text = format!(r#"{{"Statement": [{}, {deny}]}}"#, statements.join(","));
            prop_assert_eq!(exposure(&Policy::parse(&text).unwrap(), &[]), Exposure::default());
        }
    }
}
