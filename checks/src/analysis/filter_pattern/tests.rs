use proptest::prelude::*;
use serde_json::json;

use super::{parse::DEEPEST, *};
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
    let event = with(call("iam", "CreateUser"), json!({"errorCode": "AccessDenied", "message": "no way"}));
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
    assert_eq!(error, r#"expected a comparison, IS NULL, IS TRUE, IS FALSE or NOT EXISTS, found "EXISTS }""#);
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
