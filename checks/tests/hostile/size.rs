//! Input so large that only work in proportion to its length ends in time.
//!
//! What is compared is the time that this thread had a processor, of one size and of twice that size: the machine's
//! load does not count. Twice the input takes twice the time; where each part is held against every other it is four
//! times, and the limit is three.

use std::time::Instant;

use crate::targets;

/// Sizes grow up to this one: larger than anything that AWS keeps.
const LARGEST: usize = 10 << 20;

/// What takes so long is measured, in nanoseconds.
const MEASURABLE: u64 = 20_000_000;

/// Nanoseconds that this thread has had a processor (Linux), else that have passed.
fn clock(began: Instant) -> u64 {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let on_processor = told.and_then(|text| text.split(' ').next()?.parse().ok());
    on_processor.unwrap_or_else(|| u64::try_from(began.elapsed().as_nanos()).unwrap_or(u64::MAX))
}

/// How long it takes, in nanoseconds: the best of some tries.
fn cost(run: fn(&[u8]), data: &[u8], tries: u32) -> u64 {
    let once = |_| {
        let began = Instant::now();
        let before = clock(began);
        run(data);
        clock(began) - before
    };
    (0..tries).map(once).min().unwrap_or_default()
}

/// Runs the target on what `make` makes of sizes in bytes.
#[track_caller]
fn grows_with_its_length(about: &str, run: fn(&[u8]), make: impl Fn(usize) -> String) {
    let mut size = 16 << 10;
    let mut single = cost(run, make(size).as_bytes(), 1);
    while single < MEASURABLE && size < LARGEST {
        size *= 2;
        single = cost(run, make(size).as_bytes(), 1);
    }
    if size >= LARGEST {
        return;
    }
    let mut told = (0, 0);
    for tries in [1, 2, 3] {
        let (one, two) =
            (cost(run, make(size).as_bytes(), tries), cost(run, make(2 * size).as_bytes(), tries));
        if two < 3 * one {
            return;
        }
        told = (one / 1_000_000, two / 1_000_000);
    }
    panic!("{about}: {size} bytes take {} ms, twice as many {} ms", told.0, told.1);
}

/// As many of the items as fill the size, each made with its number.
fn items(size: usize, separator: &str, item: impl Fn(usize) -> String) -> String {
    let length = item(10_000).len() + separator.len();
    (0..size / length).map(item).collect::<Vec<_>>().join(separator)
}

fn statement(rest: &str) -> String {
    format!(r#"{{"Statement":{{"Effect":"Allow","Principal":"*","Resource":"*",{rest}}}}}"#)
}

#[test]
#[ignore = "a minute of processor: .ci/run runs it"]
fn patterns() {
    for (about, pattern, text) in [
        ("stars", "*a", "a"),
        ("stars that fail", "*a", "b"),
        ("one of any", "*?", "a"),
        ("a run that almost matches", "*aaaaaaaaaaaaaaaaaaaaaaab", "a"),
        ("one of any within", "*a?a", "a"),
    ] {
        grows_with_its_length(about, targets::arn, |size| {
            format!("{}\n{}", pattern.repeat(size / 2 / pattern.len()), text.repeat(size / 2 / text.len()))
        });
    }
}

/// Documents longer than any that AWS keeps are not read; those that it may keep are judged in every place at once.
#[test]
#[ignore = "a minute of processor: .ci/run runs it"]
fn documents_of_an_account() {
    let long = statement(r#""Action":"*""#) + &" ".repeat(10 << 20);
    let began = Instant::now();
    let before = clock(began);
    targets::policy_of_everything(&long[..1 << 20]);
    let each = |n| format!(r#"{{"Effect":"Allow","Principal":"*","Action":"s3:Get{n}*","Resource":"*"}}"#);
    let largest = format!(r#"{{"Statement":[{}]}}"#, items(20_480, ",", each));
    targets::policy_of_everything(&largest);
    assert!(clock(began) - before < 60_000_000_000);
    let began = Instant::now();
    let before = clock(began);
    targets::policy(long.as_bytes());
    assert!(clock(began) - before < 5_000_000_000);
}

/// What allows is held against what denies: that is a product, of what a document of the length that is read can have.
#[test]
#[ignore = "a minute of processor: .ci/run runs it"]
fn policies() {
    let run = targets::policy;
    grows_with_its_length("statements", run, |size| {
        let each = |n| {
            format!(
                r#"{{"Sid":"s{n}","Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/{n}"}}"#
            )
        };
        format!(r#"{{"Statement":[{}]}}"#, items(size, ",", each))
    });
    grows_with_its_length("actions", run, |size| {
        statement(&format!(r#""Action":[{}]"#, items(size, ",", |n| format!(r#""s3:Get{n}*""#))))
    });
    grows_with_its_length("a long action", run, |size| {
        statement(&format!(r#""Action":"{}""#, "*a".repeat(size / 2)))
    });
    grows_with_its_length("values of a condition", run, |size| {
        let values = items(size, ",", |n| format!(r#""10.{}.{}.0/24""#, n / 256 % 256, n % 256));
        statement(&format!(r#""Action":"*","Condition":{{"IpAddress":{{"aws:SourceIp":[{values}]}}}}"#))
    });
    grows_with_its_length("texts of a condition", run, |size| {
        let values = items(size, ",", |n| format!(r#""arn:aws:iam::{n:012}:role/*""#));
        statement(&format!(r#""Action":"*","Condition":{{"ArnLike":{{"aws:PrincipalArn":[{values}]}}}}"#))
    });
    grows_with_its_length("keys of a condition", run, |size| {
        let keys = items(size, ",", |n| format!(r#""aws:PrincipalTag/{n}":"x""#));
        statement(&format!(r#""Action":"*","Condition":{{"StringEquals":{{{keys}}}}}"#))
    });
    grows_with_its_length("operators of a condition", run, |size| {
        let operators = items(size, ",", |n| format!(r#""Operator{n}":{{"aws:SourceIp":"10.0.0.0/8"}}"#));
        statement(&format!(r#""Action":"*","Condition":{{{operators}}}"#))
    });
    grows_with_its_length("principals", run, |size| {
        let names = items(size, ",", |n| format!(r#""arn:aws:iam::{n:012}:root""#));
        format!(
            r#"{{"Statement":{{"Effect":"Allow","Principal":{{"AWS":[{names}]}},"Action":"*","Resource":"*"}}}}"#
        )
    });
    grows_with_its_length("unknown elements", run, |size| {
        let elements = items(size, ",", |n| format!(r#""X{n}":"x""#));
        statement(&format!(r#""Action":"*",{elements}"#))
    });
    grows_with_its_length("white space", run, |size| statement(r#""Action":"*""#) + &" ".repeat(size));
    grows_with_its_length("percent signs", run, |size| "%7B".repeat(size / 3));
    grows_with_its_length("a long identifier", run, |size| {
        statement(&format!(r#""Action":"*","Sid":"{}""#, "é".repeat(size / 2)))
    });
}

#[test]
#[ignore = "a minute of processor: .ci/run runs it"]
fn patterns_of_filters_and_events() {
    let run = targets::filter_pattern;
    grows_with_its_length("terms", run, |size| items(size, " ", |n| format!("?a{n}")));
    grows_with_its_length("a long term", run, |size| "a".repeat(size));
    grows_with_its_length("conditions", run, |size| {
        format!("{{ {} }}", items(size, " || ", |n| format!("($.eventName = \"a{n}*\")")))
    });
    grows_with_its_length("steps", run, |size| format!("{{ ${} = 1 }}", ".*".repeat(size / 2)));
    grows_with_its_length("a long number", run, |size| format!("{{ $.a = {} }}", "1".repeat(size)));
    grows_with_its_length("alternatives", run, |size| format!("{{ $.a = %{}% }}", "a|".repeat(size / 2)));
    grows_with_its_length("space", run, |size| " ".repeat(size));
    grows_with_its_length("quotes", run, |size| "\"".repeat(size / 2 * 2));
    let run = targets::event_pattern;
    grows_with_its_length("values", run, |size| {
        format!(r#"{{"source":[{}]}}"#, items(size, ",", |n| format!(r#"{{"prefix":"a{n}"}}"#)))
    });
    grows_with_its_length("anything but", run, |size| {
        format!(r#"{{"source":[{{"anything-but":[{}]}}]}}"#, items(size, ",", |n| format!(r#""a{n}""#)))
    });
    grows_with_its_length("fields", run, |size| {
        format!(r#"{{"detail":{{{}}}}}"#, items(size, ",", |n| format!(r#""a{n}":[1]"#)))
    });
    grows_with_its_length("alternatives", run, |size| {
        format!(r#"{{"$or":[{}]}}"#, items(size, ",", |n| format!(r#"{{"a{n}":[1]}}"#)))
    });
    grows_with_its_length("stars", run, |size| {
        format!(r#"{{"source":[{{"wildcard":"{}"}}]}}"#, "*a".repeat(size / 2))
    });
}

#[test]
#[ignore = "a minute of processor: .ci/run runs it"]
fn user_data() {
    let run = targets::user_data;
    // Those that made something slow once, or that a rule looks further from than others.
    for piece in [
        "password=",
        "-----BEGIN RSA PRIVATE KEY-----",
        "eyJ",
        "https://a:b",
        "mysql -p",
        "chpasswd ",
        "\"",
        "--password ",
        "\n",
        "QUJD",
        "${",
        "Content-Type: multipart/mixed; boundary=X\n\n--X\n",
    ] {
        grows_with_its_length(piece, run, |size| piece.repeat(size / piece.len()));
    }
}

#[test]
#[ignore = "a minute of processor: .ci/run runs it"]
fn other_files() {
    let header = "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,mfa_active,\
        access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_2_active,\
        access_key_2_last_rotated,access_key_2_last_used_date,cert_1_active,cert_2_active";
    let run = targets::credential_report;
    grows_with_its_length("users", run, |size| {
        let each = |n| format!("u{n},arn,N/A,true,N/A,N/A,true,true,N/A,N/A,true,N/A,N/A,true,true");
        format!("{header}\n{}", items(size, "\n", each))
    });
    grows_with_its_length("columns", run, |size| {
        let more = size / 4;
        let row = |n: usize| format!("u{n},a,,,,,,,,,,,,,{}", ",".repeat(more / 8));
        format!("{header}{}\n{}", ",x".repeat(more / 8), items(size, "\n", row))
    });
    grows_with_its_length("quotes", run, |size| "\"".repeat(size));
    let run = targets::configuration;
    grows_with_its_length("an owner", run, |size| {
        format!("[[suppress]]\nchecks = ['*']\nreason = 'r'\nowner = '{}'", "o".repeat(size))
    });
    grows_with_its_length("a pattern", run, |size| {
        format!("[[suppress]]\nchecks = ['{}']\nreason = 'r'", "*a".repeat(size / 2))
    });
    grows_with_its_length("patterns of checks", run, |size| {
        let checks = items(size, ",", |n| format!("'iam-{n}*'"));
        format!("[[suppress]]\nchecks = [{checks}]\nreason = 'r'")
    });
    grows_with_its_length("entries", run, |size| {
        items(size, "\n", |n| format!("[[suppress]]\nchecks = ['iam-*']\nresources = ['u{n}']\nreason = 'r'"))
    });
    grows_with_its_length("overrides", run, |size| {
        let each =
            |n| format!("[[override]]\nresources = ['u{n}']\nreason = 'r'\nsettings.root_use_days = 3");
        items(size, "\n", each)
    });
}

/// The snapshot of an account, of a version of the program that wrote something else in each of so many things.
#[test]
#[ignore = "a minute of processor: .ci/run runs it"]
fn snapshots_of_other_versions() {
    grows_with_its_length("answers that do not fit", targets::account, |size| {
        let mut account: serde_json::Value = serde_json::from_str(targets::ACCOUNT).unwrap();
        account["shape"] = "another".into();
        let bucket = &mut account["s3"]["buckets"]["value"][0];
        bucket["policy"] = serde_json::json!({ "value": ["no text"] });
        let bucket = bucket.clone();
        let count = size / bucket.to_string().len() / 4;
        account["s3"]["buckets"]["value"] = (0..count)
            .map(|n| {
                let mut bucket = bucket.clone();
                bucket["name"] = format!("b{n}").into();
                bucket
            })
            .collect();
        account.to_string()
    });
}

/// A tag of every kind and a name of any length, wherever the account has one.
#[test]
#[ignore = "a minute of processor: .ci/run runs it"]
fn accounts() {
    grows_with_its_length("tags", targets::account, |size| {
        let (before, after) = targets::ACCOUNT.split_once("\"tags\":{").unwrap();
        let tags = items(size, ",", |n| format!("\"key{n}\":\"value\""));
        let comma = if after.starts_with('}') { "" } else { "," };
        format!("{before}\"tags\":{{{tags}{comma}{after}")
    });
    for key in ["name", "id", "arn", "pattern", "expression", "alarm_rule"] {
        grows_with_its_length(key, targets::account, |size| {
            let longest = account_texts(key).max(1);
            let text = "*a".repeat(size / 2 / longest);
            serde_json::to_string(&targets::account_with(|name, _| name == key, &text)).unwrap()
        });
    }
}

/// How many texts of the account are called so.
fn account_texts(key: &str) -> usize {
    targets::ACCOUNT.matches(&format!("\"{key}\":\"")).count()
}
