use std::collections::BTreeMap;

use proptest::prelude::*;

use super::{super::evaluate, *};

fn source(name: &str, statements: &str) -> Source {
    let policy = Policy::parse(&format!(r#"{{"Statement": [{statements}]}}"#)).unwrap();
    Source { name: name.into(), policy: Arc::new(policy) }
}

fn permissions(statements: &str) -> Permissions {
    let mut known = Known::default();
    known.is("aws:username", "alice");
    known.is("aws:PrincipalTag/team", "red");
    known.has_no_other("aws:principaltag/");
    known.can_be("aws:TokenIssueTime", [None, Some("2026-11-01T12:00:00Z".into())]);
    Permissions { policies: vec![source("p", statements)], known, ..Permissions::default() }
}

const ALICE: &str = "arn:aws:iam::111122223333:user/alice";
const BOB: &str = "arn:aws:iam::111122223333:user/bob";
const ALL: &str = r#"{"Effect": "Allow", "Action": "*", "Resource": "*"}"#;

fn can(permissions: &Permissions, on: On<'_>) -> &'static str {
    match permissions.can("iam:PutUserPolicy", on, &[]) {
        Answer::Yes(_) => "yes",
        Answer::Unclear(_) => "unclear",
        Answer::No => "no",
    }
}

fn under(condition: &str) -> &'static str {
    let allow = r#"{"Effect": "Allow", "Action": "iam:Put*", "Resource": "*", "Condition": "#;
    can(&permissions(&format!("{allow}{condition}}}")), On::Resource(BOB))
}

fn despite(deny: &str) -> &'static str {
    can(&permissions(&format!(r#"{ALL}, {{"Effect": "Deny", {deny}}}"#)), On::Resource(BOB))
}

#[test]
fn resources_and_policy_variables_count() {
    let own = permissions(
        r#"{"Effect": "Allow", "Action": "iam:*", "Resource": "arn:aws:iam::*:user/${aws:username}"}"#,
    );
    assert_eq!(can(&own, On::Resource(ALICE)), "yes");
    assert_eq!(can(&own, On::Resource(BOB)), "no");
    assert_eq!(can(&own, On::Any), "yes");
    let by_id = permissions(
        r#"{"Effect": "Allow", "Action": "iam:*", "Resource": "arn:aws:iam::*:user/${aws:userid}"}"#,
    );
    assert_eq!(can(&by_id, On::Resource(BOB)), "unclear");
}

#[test]
fn conditions_count_as_far_as_they_are_known() {
    for (condition, expected) in [
        (r#"{"Bool": {"aws:MultiFactorAuthPresent": "true"}}"#, "yes"),
        (r#"{"StringEquals": {"aws:PrincipalTag/team": "red"}}"#, "yes"),
        (r#"{"StringEquals": {"aws:PrincipalTag/team": "blue"}}"#, "no"),
        (r#"{"StringEquals": {"aws:PrincipalTag/unit": "red"}}"#, "no"),
        (r#"{"StringEquals": {"aws:PrincipalTag/team": "${aws:PrincipalTag/team}"}}"#, "yes"),
        (r#"{"StringEquals": {"aws:ResourceTag/team": "red"}}"#, "unclear"),
        (r#"{"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}"#, "unclear"),
        (r#"{"DateLessThan": {"aws:TokenIssueTime": "2020-01-01T00:00:00Z"}}"#, "no"),
        (r#"{"DateGreaterThan": {"aws:TokenIssueTime": "2020-01-01T00:00:00Z"}}"#, "yes"),
    ] {
        assert_eq!(under(condition), expected, "{condition}");
    }
}

#[test]
fn a_deny_takes_back_what_depends_on_a_condition_too() {
    const OFFICE: &str = r#""Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}"#;
    let with = |deny: &str| {
        let allow = r#"{"Effect": "Allow", "Action": "iam:*", "Resource": "*", "#;
        can(&permissions(&format!("{allow}{OFFICE}}}, {deny}")), On::Resource(BOB))
    };
    let deny =
        |resource: &str| format!(r#"{{"Effect": "Deny", "Action": "iam:*", "Resource": "{resource}"}}"#);
    assert_eq!(with(&deny("*")), "no");
    assert_eq!(with(&deny(BOB)), "no");
    assert_eq!(with(&deny(ALICE)), "unclear");
    let mfa = r#"{"Effect": "Deny", "Action": "iam:*", "Resource": "*",
        "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}}"#;
    assert_eq!(with(mfa), "unclear", "the caller can avoid it");
}

#[test]
fn a_deny_counts_unless_the_caller_can_avoid_it() {
    for (deny, expected) in [
        (r#""Action": "iam:*", "Resource": "*""#, "no"),
        (r#""NotAction": "s3:*", "Resource": "*""#, "no"),
        (r#""Action": "iam:*", "Resource": "arn:aws:iam::*:user/alice""#, "yes"),
        (
            r#""Action": "iam:*", "Resource": "*", "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}"#,
            "yes",
        ),
        (
            r#""Action": "iam:*", "Resource": "*", "Condition": {"StringEquals": {"aws:PrincipalTag/team": "red"}}"#,
            "no",
        ),
        (
            r#""Action": "iam:*", "Resource": "*", "Condition": {"StringNotEquals": {"aws:PrincipalTag/team": "red"}}"#,
            "yes",
        ),
        (
            r#""Action": "iam:*", "Resource": "*", "Condition": {"StringEquals": {"aws:ResourceTag/x": "y"}}"#,
            "unclear",
        ),
    ] {
        assert_eq!(despite(deny), expected, "{deny}");
    }
}

#[test]
fn any_resource_is_left_unless_a_deny_takes_them_all() {
    let with = |deny: &str| can(&permissions(&format!("{ALL}, {deny}")), On::Any);
    assert_eq!(
        with(r#"{"Effect": "Deny", "Action": "iam:*", "Resource": "arn:aws:iam::*:user/alice"}"#),
        "yes"
    );
    assert_eq!(with(r#"{"Effect": "Deny", "Action": "iam:*", "Resource": "*"}"#), "no");
}

#[test]
fn boundary_and_control_policies_cut() {
    let mut cut = permissions(ALL);
    cut.boundary = Some(source("b", r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}"#));
    assert_eq!(can(&cut, On::Resource(BOB)), "no");
    assert!(cut.administrator().is_none());
    cut.boundary = Some(source("b", ALL));
    assert_eq!(can(&cut, On::Resource(BOB)), "yes");
    assert!(cut.administrator().is_some());
    cut.controls = vec![
        vec![source("p-root", ALL)],
        vec![
            source("p-unit", ALL),
            source("p-no-iam", r#"{"Effect": "Deny", "Action": "iam:*", "Resource": "*"}"#),
        ],
    ];
    assert_eq!(can(&cut, On::Resource(BOB)), "no");
    assert!(cut.administrator().is_none());
}

#[test]
fn administrators_stay_so_despite_denies_of_other_things() {
    let admin = |deny: &str| permissions(&format!("{ALL}, {deny}")).administrator().is_some();
    assert!(admin(r#"{"Effect": "Deny", "Action": "organizations:LeaveOrganization", "Resource": "*"}"#));
    assert!(admin(
        r#"{"Effect": "Deny", "NotAction": "sts:*", "Resource": "*", "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}}"#
    ));
    assert!(!admin(r#"{"Effect": "Deny", "Action": "iam:*", "Resource": "*"}"#));
}

#[test]
fn rights_are_compared() {
    let s3 = r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::b/*"}"#;
    let read = r#"{"Effect": "Allow", "Action": "S3:Get*", "Resource": "arn:aws:s3:::b/*"}"#;
    let logs =
        r#"{"Effect": "Allow", "Action": ["logs:PutLogEvents", "xray:PutTraceSegments"], "Resource": "*"}"#;
    let exceeds = |a: &str, b: &str| permissions(a).exceeds(&permissions(b)).is_some();
    assert!(exceeds(s3, read) && !exceeds(read, s3));
    assert!(exceeds(ALL, s3) && !exceeds(s3, ALL));
    assert!(!exceeds(logs, read), "what code needs to run gives no power");
    assert!(permissions(logs).exceeds_but(|_| false, &permissions(read)).is_some());
    assert!(!exceeds(&format!(r#"{s3}, {{"Effect": "Deny", "Action": "*", "Resource": "*"}}"#), read));
    assert!(exceeds(
        s3,
        &format!(r#"{s3}, {{"Effect": "Deny", "Action": "s3:PutObject", "Resource": "*"}}"#)
    ));
}

/// A statement over a tiny world of two actions, two resources and three keys.
fn statement() -> impl Strategy<Value = String> {
    let effect = prop_oneof![3 => Just("Allow"), 1 => Just("Deny")];
    let action = prop_oneof![Just("a:X"), Just("a:*"), Just("*"), Just("a:Y")];
    let resource = prop_oneof![Just("r1"), Just("r2"), Just("*"), Just("r?")];
    let condition = prop_oneof![
        4 => Just("{}"),
        1 => Just(r#"{"Bool": {"aws:MultiFactorAuthPresent": "true"}}"#),
        1 => Just(r#"{"Bool": {"aws:MultiFactorAuthPresent": "false"}}"#),
        1 => Just(r#"{"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}"#),
        1 => Just(r#"{"Null": {"aws:MultiFactorAuthPresent": "true"}}"#),
        1 => Just(r#"{"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}"#),
        1 => Just(r#"{"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1", "us-east-1"]}}"#),
        1 => Just(r#"{"StringEquals": {"aws:PrincipalTag/team": "red"}}"#),
        1 => Just(r#"{"StringNotEquals": {"aws:PrincipalTag/team": "red"}}"#),
    ];
    (effect, action, resource, condition).prop_map(|(effect, action, resource, condition)| {
        format!(
            r#"{{"Effect": "{effect}", "Action": "{action}", "Resource": "{resource}", "Condition": {condition}}}"#
        )
    })
}

fn policy() -> impl Strategy<Value = String> {
    prop::collection::vec(statement(), 0..4).prop_map(|statements| statements.join(", "))
}

/// Whether some request is allowed: every one of the world is tried.
fn some_request_is_allowed(permissions: &Permissions, action: &str, resource: &str) -> bool {
    let one = |value: &str| Some(vec![value.to_owned()]);
    [None, one("true"), one("false")].into_iter().any(|mfa| {
        ["eu-west-1", "us-east-1", "ap-northeast-1"].into_iter().any(|region| {
            let mut request: BTreeMap<String, Vec<String>> = [
                ("aws:requestedregion".to_owned(), vec![region.to_owned()]),
                ("aws:principaltag/team".to_owned(), vec!["red".to_owned()]),
            ]
            .into();
            request.extend(mfa.clone().map(|mfa| ("aws:multifactorauthpresent".to_owned(), mfa)));
            std::iter::once(permissions.policies.as_slice()).chain(permissions.limits()).all(|sources| {
                let policies = sources.iter().map(|source| &*source.policy);
                evaluate::decide(policies, action, resource, &request) == evaluate::Decision::Allowed
            })
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn agrees_with_trying_every_request(
        policies in prop::collection::vec(policy(), 1..3),
        boundary in prop::option::of(policy()),
        controls in prop::option::of(policy()),
    ) {
        let mut permissions = permissions("");
        permissions.policies = policies.iter().map(|policy| source("p", policy)).collect();
        permissions.boundary = boundary.map(|policy| source("b", &policy));
        permissions.controls = controls.iter().map(|policy| vec![source("c", policy)]).collect();
        for action in ["a:X", "a:Y"] {
            let expected = ["r1", "r2"].map(|resource| some_request_is_allowed(&permissions, action, resource));
            for (resource, expected) in ["r1", "r2"].into_iter().zip(expected) {
                let answer = permissions.can(action, On::Resource(resource), &[]);
                prop_assert_eq!(answer.is_yes(), expected, "{} on {}: {:?}", action, resource, answer);
            }
            // "On anything" may be taken for possible where it is not, never the other way round.
            if expected.contains(&true) {
                prop_assert!(!matches!(permissions.can(action, On::Any, &[]), Answer::No));
            }
        }
    }

    /// What another principal surely has gives nobody more rights.
    #[test]
    fn nobody_exceeds_itself(policies in prop::collection::vec(policy(), 1..3)) {
        let mut one = permissions("");
        one.policies = policies.iter().map(|policy| source("p", policy)).collect();
        let allows_only = one.policies.iter().all(|source| source.policy.denies().next().is_none());
        let unconditional = one.policies.iter().all(|s| s.policy.allows().all(|a| a.conditions.is_empty()));
        if allows_only && unconditional {
            prop_assert_eq!(one.exceeds(&one), None);
        }
    }
}
