//! What identity policies allow in a given request (IAM User Guide, "Policy evaluation logic"): an explicit deny
//! wins, else an allow does, else nothing is allowed.

use std::collections::BTreeMap;

use super::{Effect, Policy, Statement};

/// What some policies say of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// A statement allows it, and none denies it.
    Allowed,
    /// A statement denies it.
    Denied,
    /// No statement is about it.
    NotAllowed,
    /// It depends on a condition that cannot be decided (a policy variable, an unknown operator).
    CannotTell,
}

/// Decides about an action on a resource in a request with these condition keys (lower case, with values).
#[must_use]
pub fn decide<'a>(
    policies: impl IntoIterator<Item = &'a Policy>,
    action: &str,
    resource: &str,
    request: &BTreeMap<String, Vec<String>>,
) -> Decision {
    let (mut allowed, mut unclear) = (false, false);
    for statement in policies.into_iter().flat_map(|policy| &policy.statements) {
        match (applies(statement, action, resource, request), statement.effect) {
            (Some(true), Effect::Deny) => return Decision::Denied,
            (Some(true), Effect::Allow) => allowed = true,
            (Some(false), _) => {}
            (None, _) => unclear = true,
        }
    }
    match (unclear, allowed) {
        (true, _) => Decision::CannotTell,
        (false, true) => Decision::Allowed,
        (false, false) => Decision::NotAllowed,
    }
}

/// Whether the statement is about the request; none when that cannot be told.
fn applies(
    statement: &Statement,
    action: &str,
    resource: &str,
    request: &BTreeMap<String, Vec<String>>,
) -> Option<bool> {
    if !(statement.actions.selects_action(action) && statement.resources.selects_resource(resource)) {
        return Some(false);
    }
    let mut known = true;
    for condition in &statement.conditions {
        match condition.holds(request) {
            Some(false) => return Some(false),
            Some(true) => {}
            None => known = false,
        }
    }
    known.then_some(true)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn decide_one(statements: &str, action: &str, resource: &str, keys: &[(&str, &str)]) -> Decision {
        let policy = Policy::parse(&format!(r#"{{"Statement": [{statements}]}}"#)).unwrap();
        let request =
            keys.iter().map(|(key, value)| ((*key).to_owned(), vec![(*value).to_owned()])).collect();
        decide([&policy], action, resource, &request)
    }

    const READ: &str = r#"{"Effect": "Allow", "Action": "s3:Get*", "NotResource": "arn:aws:s3:::secret/*"}"#;
    const DENY: &str = r#"{"Effect": "Deny", "NotAction": "s3:*", "Resource": "*",
        "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}}"#;

    #[test]
    fn allows_what_a_statement_names() {
        let object = "arn:aws:s3:::b/key";
        assert_eq!(decide_one(READ, "S3:getobject", object, &[]), Decision::Allowed);
        assert_eq!(decide_one(READ, "s3:PutObject", object, &[]), Decision::NotAllowed);
        assert_eq!(decide_one(READ, "s3:GetObject", "arn:aws:s3:::secret/key", &[]), Decision::NotAllowed);
    }

    #[test]
    fn a_deny_wins_where_its_condition_holds() {
        let both = format!(r#"{{"Effect": "Allow", "Action": "*", "Resource": "*"}}, {DENY}"#);
        let mfa = |present| [("aws:multifactorauthpresent", present)];
        assert_eq!(decide_one(&both, "iam:CreateUser", "*", &mfa("false")), Decision::Denied);
        assert_eq!(decide_one(&both, "iam:CreateUser", "*", &mfa("true")), Decision::Allowed);
        assert_eq!(
            decide_one(&both, "iam:CreateUser", "*", &[]),
            Decision::Denied,
            "IfExists holds without the key"
        );
        assert_eq!(decide_one(&both, "s3:GetObject", "*", &mfa("false")), Decision::Allowed);
    }

    #[test]
    fn policies_add_up() {
        let parse = |statement: &str| Policy::parse(&format!(r#"{{"Statement": {statement}}}"#)).unwrap();
        let policies =
            [parse(READ), parse(r#"{"Effect": "Deny", "Action": "s3:GetObject", "Resource": "*"}"#)];
        let decision = |action| decide(&policies, action, "arn:aws:s3:::b/key", &BTreeMap::new());
        assert_eq!(
            (decision("s3:GetObject"), decision("s3:GetObjectAcl")),
            (Decision::Denied, Decision::Allowed)
        );
    }

    #[test]
    fn a_policy_variable_cannot_be_told() {
        let statement = r#"{"Effect": "Allow", "Action": "*", "Resource": "*",
            "Condition": {"StringEquals": {"aws:PrincipalTag/team": "${aws:ResourceTag/team}"}}}"#;
        let decision = decide_one(statement, "s3:GetObject", "*", &[("aws:principaltag/team", "a")]);
        assert_eq!(decision, Decision::CannotTell);
    }

    /// A statement over a tiny world: the actions `a:X` and `a:Y` on the resources `r1` and `r2`.
    fn statement() -> impl Strategy<Value = (bool, &'static str, &'static str)> {
        let actions =
            prop_oneof![Just("a:X"), Just("a:Y"), Just("a:*"), Just("A:x"), Just("?:X"), Just("b:*")];
        let resources = prop_oneof![Just("r1"), Just("r2"), Just("r*"), Just("*"), Just("r?")];
        (any::<bool>(), actions, resources)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]

        /// Against lists of what each pattern matches, written out by hand.
        #[test]
        fn agrees_with_the_world_written_out(statements in prop::collection::vec(statement(), 0..5)) {
            let text: Vec<_> = statements
                .iter()
                .map(|(allow, action, resource)| {
                    let effect = if *allow { "Allow" } else { "Deny" };
                    format!(r#"{{"Effect": "{effect}", "Action": "{action}", "Resource": "{resource}"}}"#)
                })
                .collect();
            for action in ["a:X", "a:Y"] {
                for resource in ["r1", "r2"] {
                    let about = |(_, a, r): &&(bool, &str, &str)| {
                        let actions: &[&str] = match *a {
                            "a:X" | "A:x" | "?:X" => &["a:X"],
                            "a:Y" => &["a:Y"],
                            "a:*" => &["a:X", "a:Y"],
                            _ => &[],
                        };
                        let resources: &[&str] = if r.len() == 2 && r.ends_with(['1', '2']) { &[r] } else { &["r1", "r2"] };
                        actions.contains(&action) && resources.contains(&resource)
                    };
                    let expected = match statements.iter().filter(about).map(|(allow, ..)| *allow).min() {
                        None => Decision::NotAllowed,
                        Some(false) => Decision::Denied,
                        Some(true) => Decision::Allowed,
                    };
                    prop_assert_eq!(decide_one(&text.join(","), action, resource, &[]), expected);
                }
            }
        }
    }
}
