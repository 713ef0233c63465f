use std::time::{Duration, Instant};

use aws_audit_checks::{gap::GapKind, page::Lang, settings::Settings};
use serde_json::json;

use super::*;
use crate::facts::{Fact, Reach};

fn parsed(source: &str, noun: &str) -> Result<Expression, Vec<String>> {
    Expression::parse(source, view::find(noun).unwrap()).map_err(|faults| {
        let told = |fault: Fault| {
            let help = fault.help.map(|help| format!("; {}", help.get(Lang::En))).unwrap_or_default();
            format!("{}:{} {}{help}", fault.line, fault.column, fault.what.get(Lang::En))
        };
        faults.into_iter().map(told).collect()
    })
}

/// What the expression comes to on a bucket of which some is known.
fn of(noun: &str, resource: Json, source: &str) -> Answer<bool> {
    let expression = parsed(source, noun).unwrap_or_else(|faults| panic!("{source}: {faults:?}"));
    Machine::new().decide(&expression, &given(noun, resource))
}

fn given(noun: &str, resource: Json) -> Given {
    let resource = view::find(noun).unwrap().shape().read(&resource, "").unwrap();
    let mut facts = Facts::unknown("public");
    facts.reach = Reach { ports: vec![(20, 25)], rest: Fact::Known(()) };
    let variables = vec![
        ("account", Node::Text("111122223333".into())),
        ("now", Node::Text("2026-02-01T00:00:00Z".into())),
        ("region", Node::Text("eu-west-1".into())),
        ("settings", view::settings(&Settings::default())),
    ];
    Given { resource, facts, variables }
}

/// An instance with tags, and without anything else.
fn instance(source: &str) -> Answer<bool> {
    of("ec2.instance", json!({"id": "i-1", "tags": {"env": "prod"}, "key_name": null}), source)
}

fn is_unknown(answer: &Answer<bool>) -> bool {
    matches!(answer, Answer::Unread(gaps) if !gaps.is_empty())
}

#[test]
fn what_is_known_decides_and_what_is_not_read_is_unknown() {
    let (yes, no) = (Answer::Known(true), Answer::Known(false));
    for (source, expected) in [
        ("r.id == 'i-1' || r.state == 'x'", &yes),
        ("r.state == 'x' || r.id == 'i-1'", &yes),
        ("r.id == 'i-2' && r.state == 'x'", &no),
        ("r.state == 'x' && r.id == 'i-2'", &no),
        ("['a', 'i-1'].exists(x, x == r.id || x == r.state)", &yes),
        ("['a', 'i-1'].all(x, x == r.id || x == r.state) ? false : false", &no),
        ("['b', 'a'].all(x, x == r.id && x == r.state)", &no),
        ("has(r.id)", &yes),
        ("r.key_name == null", &yes),
        ("'env' in r.tags", &yes),
        ("'owner' in r.tags", &no),
        ("r.tags['env'] == 'prod'", &yes),
        ("r.tags.env == 'prod'", &yes),
        ("has(r.tags.owner)", &no),
        ("type(r.id) == string", &yes),
        ("r['id'] == 'i-1'", &yes),
        ("region == 'eu-west-1' && account.startsWith('1111')", &yes),
        ("settings.max_key_age_days == 90", &yes),
    ] {
        if source.contains("? false") {
            assert!(is_unknown(&instance(source)), "{source}");
        } else {
            assert_eq!(&instance(source), expected, "{source}");
        }
    }
    for source in [
        "r.state == 'x'",
        "r.state != 'x'",
        "!(r.state == 'x')",
        "r.id == 'i-1' && r.state == 'x'",
        "r.id == 'i-2' || r.state == 'x'",
        "has(r.state)",
        "!has(r.state)",
        "'x' in r.security_groups",
        "r.security_groups.all(x, x == 'a')",
        "size(r.security_groups) == 0",
        "r.security_groups == []",
        "[r.state] == ['x']",
        "r['state'] == 'x'",
        "['a'].exists_one(x, x == r.state)",
        "size(['a'].filter(x, x == r.state)) == 0",
        "[1].map(x, r.state) == ['x']",
        "{'a': r.state}['a'] == 'x'",
        "(r.id == 'i-1' ? r.state : r.id) == 'x'",
        "matches(r.state, 'x')",
    ] {
        assert!(is_unknown(&instance(source)), "{source}: {:?}", instance(source));
    }
}

#[test]
fn the_gap_is_told() {
    let Answer::Unread(gaps) = instance("r.state == 'x' || r.platform == 'windows'") else { panic!() };
    let messages: Vec<_> = gaps.iter().map(|gap| (gap.kind, gap.message.as_str())).collect();
    let of = |message| (GapKind::NotSelected, message);
    assert_eq!(messages, [of("`state` is not given"), of("`platform` is not given")]);
}

#[test]
fn comparing_things_that_were_not_wholly_read_is_unknown() {
    let keys = |known: Json| json!({"versioning": known});
    let whole = keys(json!({"enabled": true, "mfa_delete": false}));
    let part = keys(json!({"enabled": true}));
    for source in
        ["r.versioning == r.versioning", "[r.versioning] == [r.versioning]", "r.versioning in [r.versioning]"]
    {
        assert_eq!(of("s3.bucket", whole.clone(), source), Answer::Known(true), "{source}");
        assert!(is_unknown(&of("s3.bucket", part.clone(), source)), "{source}");
    }
    assert_eq!(of("s3.bucket", part, "r.versioning.enabled"), Answer::Known(true));
}

#[test]
fn what_aws_has_no_answer_for_is_not_applicable_unless_it_is_asked_for() {
    let mut given = given("kms.key", json!({}));
    let Node::Object(fields) = &mut given.resource else { panic!() };
    fields.insert("key_rotation_enabled".into(), Node::NotOffered);
    let answer = |source: &str| Machine::new().decide(&parsed(source, "kms.key").unwrap(), &given);
    assert_eq!(answer("!r.key_rotation_enabled"), Answer::NotOffered);
    assert_eq!(answer("has(r.key_rotation_enabled) && !r.key_rotation_enabled"), Answer::Known(false));
}

#[test]
fn what_cannot_be_evaluated_fails_with_a_reason() {
    for (source, reason) in [
        ("r.tags['owner'] == 'x'", "No such key: owner"),
        ("r.key_name.startsWith('a')", "startsWith"),
        ("r.id", "it comes to \"i-1\", not to true or false"),
        ("1 / 0 == 1", "ivision by zero"),
        ("age_days(r.id) > 1", "`i-1` is no time"),
        ("in_cidr(r.id, '10.0.0.0/8')", "neither an address nor a range"),
        ("matches(r.id, r.id + '(')", "no pattern"),
        ("allows(r.id, 's3:GetObject', '*')", "no policy"),
        ("reachable(r, 70000)", "a port is a number from 0 to 65535"),
    ] {
        match instance(source) {
            Answer::Failed(why) => assert!(why.contains(reason), "{source}: {why}"),
            other => panic!("{source}: {other:?}"),
        }
    }
}

#[test]
fn functions_answer() {
    let (yes, no) = (Answer::Known(true), Answer::Known(false));
    for (source, expected) in [
        ("in_cidr('10.1.2.3', '10.0.0.0/8')", &yes),
        ("in_cidr('10.0.0.0/9', '10.0.0.0/8')", &yes),
        ("in_cidr('0.0.0.0/0', '10.0.0.0/8')", &no),
        ("in_cidr('2001:db8::1', '2001:db8::/32')", &yes),
        ("in_cidr('10.0.0.1', '::/0')", &no),
        ("age_days('2026-01-01T00:00:00Z') == 31", &yes),
        ("age_days('2026-02-02T00:00:00Z') == -1", &yes),
        ("matches('web-1', '^web-[0-9]+$')", &yes),
        ("'web-x'.matches('^web-[0-9]+$')", &no),
        ("reachable(r, 22)", &yes),
        ("reachable(r, 80)", &no),
    ] {
        assert_eq!(&instance(source), expected, "{source}");
    }
    let policy = |statements: &str| format!(r#"allows('{{"Statement": [{statements}]}}'"#);
    let allow = r#"{"Effect": "Allow", "Action": "s3:Get*", "Resource": "arn:aws:s3:::b/*"}"#;
    let narrow = r#"{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "true"}}}"#;
    let deny = r#"{"Effect": "Deny", "Action": "s3:GetObject", "Resource": "*"}"#;
    let soft = r#"{"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}"#;
    let but =
        r#"{"Effect": "Deny", "NotPrincipal": {"AWS": "111122223333"}, "Action": "*", "Resource": "*"}"#;
    let all = |parts: &[&str]| parts.join(",");
    for (statements, action, expected) in [
        (all(&[allow]), "s3:GetObject", &yes),
        (all(&[allow]), "s3:PutObject", &no),
        (all(&[narrow]), "s3:PutObject", &yes),
        (all(&[allow, deny]), "s3:GetObject", &no),
        (all(&[allow, deny]), "s3:GetObjectAcl", &yes),
        (all(&[allow, soft]), "s3:GetObject", &yes),
        (all(&[allow, but]), "s3:GetObject", &yes),
    ] {
        let source = format!("{}, '{action}', 'arn:aws:s3:::b/k')", policy(&statements));
        assert_eq!(&instance(&source), expected, "{source}");
    }
    assert_eq!(instance("allows(null, 's3:GetObject', '*')"), no);
    assert!(is_unknown(&of("s3.bucket", json!({}), "public(r)")));
}

#[test]
fn mistakes_are_found_before_anything_runs() {
    for (source, fault) in [
        ("r.tagz['a'] == 'x'", "1:2 there is no field `tagz`; did you mean `tags`?"),
        ("r.id ==", "1:"),
        ("s.id == 'x'", "1:1 there is no variable `s`"),
        ("r.id.foo == 'x'", "1:5 `foo` is asked of a value that has no fields"),
        ("r.id.startWith('x')", "there is no function `startWith`; did you mean `startsWith`?"),
        ("publik(r)", "there is no function `publik`; did you mean `public`?"),
        ("public(r)", "`public` has no answer for `ec2.instance`"),
        ("reachable(r)", "`reachable` takes other arguments; write reachable(r, port)"),
        ("reachable(r.id, 22)", "`reachable` is about the resource itself; write `r`"),
        ("r == r", "`r` alone has no meaning here"),
        ("r.?id == 'x'", "1:"),
        ("matches(r.id, '(')", "no pattern"),
        ("r.id == 'x'\n && r.name2 == 'x'", "2:6 there is no field `name2`"),
        ("r.security_groups.exists(g, g.id == 'x')", "`id` is asked of a value that has no fields"),
        ("r.tags.exists(k, k.x == 'x')", "`x` is asked of a value that has no fields"),
    ] {
        let faults = parsed(source, "ec2.instance").expect_err(source);
        assert!(faults.iter().any(|it| it.contains(fault)), "{source}: {faults:?}");
    }
    let nested = "r.ingress.exists(p, p.cidr == 'x') || r.ingres == []";
    let faults = parsed(nested, "ec2.security_group").unwrap_err();
    assert_eq!(faults.len(), 2, "all are told: {faults:?}");
    assert!(faults[0].contains("did you mean `cidrs`?") && faults[1].contains("`ingress`"), "{faults:?}");
}

#[test]
fn too_large_expressions_are_refused() {
    let many = |part: &str, by: &str, times: usize| vec![part; times].join(by);
    for (source, fault) in [
        (many("r.id == 'i-1'", " || ", 400), "bytes"),
        (many("r.id", "+", 300) + " == 'x'", "nested more than 32 deep"),
        (format!("r.id in [{}]", many("'a'", ",", 250)), "more than 200 parts"),
        (many("['a'].all(x, x == r.id)", " && ", 9), "more than 8 loops"),
        (
            "['a'].all(a, ['a'].all(b, ['a'].all(c, ['a'].all(d, d == r.id))))".into(),
            "loops within each other",
        ),
        ("['a'].map(a, [a].map(b, b + b)) == []".into(), "a `map` in a `map`"),
        ("['a'].map(a, a + a).map(b, b + b) == []".into(), "a `map` in a `map`"),
        (format!("{}r.id{} == 'x'", "(".repeat(1500), ")".repeat(1500)), ""),
        (format!("{}true", "!".repeat(190)), ""),
        (format!("{}true", "!".repeat(4000)), ""),
        (format!("{}1{} == [1]", "[".repeat(90), "]".repeat(90)), ""),
        (format!("true{}", " ? true : true".repeat(100)), "nested more than 32 deep"),
        (format!("{}true", "(".repeat(40)), "nested more than 32 deep"),
    ] {
        let before = Instant::now();
        let faults = parsed(&source, "ec2.instance");
        assert!(before.elapsed() < Duration::from_secs(60), "{}", &source[..30]);
        match faults {
            Err(faults) => {
                assert!(faults.iter().any(|it| it.contains(fault)), "{}: {faults:?}", &source[..30]);
                assert!(!faults.iter().any(|it| it.contains("ParseError")), "{faults:?}");
            }
            // A row of `!` folds to one or none.
            Ok(_) => assert!(source.starts_with('!'), "{}", &source[..30]),
        }
    }
    assert!(parsed("['b'].filter(x, x != 'a').map(x, x + 'c') == ['bc']", "ec2.instance").is_ok());
}

#[test]
fn what_takes_too_long_fails_soon() {
    let ports: Vec<_> = (0..3000).map(|at| at.to_string()).collect();
    let resource = json!({"id": "i-1", "security_groups": ports, "tags": {}});
    for source in [
        "r.security_groups.all(a, r.security_groups.all(b, r.security_groups.all(c, a + b + c != '')))",
        "[r.security_groups].all(l, l.all(a, l.all(b, a + b != '')))",
        "[r.security_groups].all(l, l.all(a, l.all(b, a in l && b in l)))",
        "r.security_groups.all(a, a.matches(a + '(x{20}){20}') || true)",
        "r.security_groups.all(a, r.security_groups == r.security_groups)",
        "size(r.security_groups.map(a, r.security_groups)) > 0",
    ] {
        let before = Instant::now();
        match of("ec2.instance", resource.clone(), source) {
            Answer::Failed(why) => assert!(why.contains("steps"), "{source}: {why}"),
            other => panic!("{source}: {other:?}"),
        }
        assert!(before.elapsed() < Duration::from_secs(60), "{source}: {:?}", before.elapsed());
    }
}

/// Threads of tests, as those of async runtimes, have two megabytes of stack, and unoptimized code needs most of it.
#[test]
fn what_is_as_deep_as_may_be_runs() {
    let deep = |times: usize| format!("{}r.id == 'i-1'{}", "(".repeat(times), ")".repeat(times));
    assert_eq!(instance(&deep(20)), Answer::Known(true));
    let sum = vec!["r.id"; limits::DEPTH - 2].join(" + ");
    assert_eq!(instance(&format!("{sum} != 'i-1'")), Answer::Known(true));
    let choices = format!("false{}", " ? false : false".repeat(9)) + " ? false : true";
    assert_eq!(instance(&choices), Answer::Known(true));
}

#[test]
fn a_check_has_so_many_steps_over_all_resources() {
    let expression = parsed("r.id == 'i-1'", "ec2.instance").unwrap();
    let mut machine = Machine::new();
    machine.spent = limits::STEPS_OF_CHECK + 1;
    let answer = machine.decide(&expression, &given("ec2.instance", json!({"id": "i-1"})));
    assert!(matches!(answer, Answer::Failed(why) if why.contains("on all resources")));
}

#[test]
fn maps_are_walked_in_order() {
    let given = given("ec2.instance", json!({"tags": {"b": "1", "c": "2", "a": "3", "d": "4"}}));
    let expression = parsed("r.tags.map(k, k)", "ec2.instance").unwrap();
    assert_eq!(Machine::new().tell(&expression, &given), Answer::Known(json!(["a", "b", "c", "d"])));
}

#[test]
fn evidence_is_cut() {
    let long = "x".repeat(5000);
    let given = given("ec2.instance", json!({"id": long}));
    let Answer::Known(Json::String(told)) =
        Machine::new().tell(&parsed("r.id", "ec2.instance").unwrap(), &given)
    else {
        panic!()
    };
    assert_eq!(told.chars().count(), limits::EVIDENCE_CHARS + 1);
}

#[test]
fn only_what_is_read_is_asked_for() {
    let expression =
        parsed("public(r) || r.policy != null && settings.min_backup_days > 1", "s3.bucket").unwrap();
    assert_eq!(Vec::from_iter(expression.fields), ["policy"]);
    assert_eq!(Vec::from_iter(expression.functions), ["public"]);
    assert_eq!(Vec::from_iter(expression.variables), ["settings"]);
}
