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
    let other =
        json!({"Severity": {"Label": "LOW"}, "Workflow": {"Status": "NOTIFIED"}, "RecordState": "ARCHIVED"});
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
    let deeper =
        json!({"detail": {"findings": {"Resources": {"Type": ["AwsEc2Vpc"]}, "RecordState": ["ACTIVE"]}}});
    assert!(matches(&deeper, &security_hub(imported, "HIGH", "NEW")));
    // Those of the newer Security Hub have another format.
    let newer = finding_event::security_hub_ocsf(&PLACE);
    let of_newer = json!({
        "detail-type": ["Findings Imported V2"],
        "detail": {"findings": {"severity": ["High", "Critical"], "status": ["New"]}},
    });
    assert!(matches(&of_newer, &newer));
    assert!(!matches(&json!({"detail": {"findings": {"Severity": {"Label": [{"exists": true}]}}}}), &newer));
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
        (json!({"anything-but": "a"}), json!(["b", 1, null, ["a", "b"]]), json!(["a", ["a"], [], {"b": 1}])),
        (json!({"anything-but": 1}), json!([2, "1", "a"]), json!([1, 1.0])),
        (json!({"anything-but": ["a", "b"]}), json!(["c", "ab"]), json!(["a", "b"])),
        (json!({"anything-but": [1, 2]}), json!([3]), json!([1, 2.0])),
        (json!({"anything-but": {"prefix": "us-"}}), json!(["eu-", 1]), json!(["us-", "us-1"])),
        (json!({"anything-but": {"prefix": ["us-", "eu-"]}}), json!(["ap-"]), json!(["us-", "eu-1"])),
        (json!({"anything-but": {"suffix": ".png"}}), json!(["a.jpg"]), json!(["a.png"])),
        (json!({"anything-but": {"suffix": [".png", ".jpg"]}}), json!(["gif"]), json!(["a.png", "b.jpg"])),
        (json!({"anything-but": {"equals-ignore-case": "A"}}), json!(["b"]), json!(["a", "A"])),
        (json!({"anything-but": {"equals-ignore-case": ["A", "b"]}}), json!(["c"]), json!(["a", "B"])),
        (json!({"anything-but": {"wildcard": "*/lib/*"}}), json!(["/bin/"]), json!(["/lib/"])),
        (json!({"anything-but": {"wildcard": ["*/lib/*", "*x"]}}), json!(["/bin/"]), json!(["/lib/", "x"])),
    ] {
        for (values, expected) in [(yes, true), (no, false)] {
            for value in values.as_array().unwrap() {
                let event = json!({"detail": {"a": value}});
                assert_eq!(matches(&json!({"detail": {"a": [test]}}), &event), expected, "{test} {value}");
            }
        }
    }
}

#[test]
fn fields_that_are_not_there() {
    for event in [json!({}), json!({"detail": {}}), json!({"detail": {"b": "x"}}), json!({"detail": null})] {
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
