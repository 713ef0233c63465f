use expect_test::expect;

use super::*;
use crate::samples::{self, HOSTILE};

fn text(report: &Report, lang: Lang) -> String {
    let mut out = vec![];
    write(report, lang, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn run(report: &Report) -> Value {
    let mut log: Value = serde_json::from_str(&text(report, Lang::En)).unwrap();
    assert_eq!(log["version"], "2.1.0");
    assert_eq!(log["runs"].as_array().unwrap().len(), 1);
    log["runs"][0].take()
}

/// The run, and how much of the findings there was room for.
fn run_within(report: &Report, most: usize, largest: u64) -> Value {
    let mut out = vec![];
    write_within(report, Lang::En, most, largest, &mut out).unwrap();
    let mut log: Value = serde_json::from_slice(&out).unwrap();
    log["runs"][0].take()
}

fn notified(run: &Value) -> Vec<String> {
    let notifications = run["invocations"][0]["toolExecutionNotifications"].as_array().unwrap();
    let told = |it: &Value| {
        format!("{}: {}", it["level"].as_str().unwrap(), it["message"]["text"].as_str().unwrap())
    };
    notifications.iter().map(told).collect()
}

fn gzip(text: &str) -> usize {
    let mut compressed = GzEncoder::new(vec![], Compression::default());
    compressed.write_all(text.as_bytes()).unwrap();
    compressed.finish().unwrap().len()
}

#[test]
fn a_failure() {
    let run = run(&samples::report(&samples::one_of_each()));
    expect![[r#"
            {
              "kind": "fail",
              "level": "error",
              "locations": [
                {
                  "logicalLocations": [
                    {
                      "fullyQualifiedName": "arn:aws:s3:::bucket-1",
                      "kind": "resource",
                      "name": "bucket-1"
                    }
                  ],
                  "physicalLocation": {
                    "artifactLocation": {
                      "uri": "aws/111122223333/eu-west-1/AWS-S3-Bucket/bucket-1",
                      "uriBaseId": "%SRCROOT%"
                    },
                    "region": {
                      "endColumn": 1,
                      "endLine": 1,
                      "startColumn": 1,
                      "startLine": 1
                    }
                  }
                }
              ],
              "message": {
                "text": "Anyone can read from bucket-1: policy statement Public.\n\nTurn on block public access for the bucket.\n\naws s3api put-public-access-block --bucket 'bucket-1'"
              },
              "partialFingerprints": {
                "primaryLocationLineHash": "00000000000000006275636b65742d31:1"
              },
              "properties": {
                "account": "111122223333",
                "antipatterns": [
                  6
                ],
                "controls": {
                  "fsbp": [
                    "S3.2"
                  ]
                },
                "id": "00000000000000006275636b65742d31",
                "region": "eu-west-1",
                "resourceType": "AWS::S3::Bucket",
                "severity": "critical",
                "state": "new"
              },
              "provenance": {
                "firstDetectionTimeUtc": "2026-11-01T12:00:00.000Z"
              },
              "ruleId": "s3-bucket-public-read",
              "ruleIndex": 1,
              "suppressions": []
            }"#]].assert_eq(&serde_json::to_string_pretty(&run["results"][0]).unwrap());
}

#[test]
fn the_run() {
    let mut run = run(&samples::report(&samples::one_of_each()));
    run["tool"]["driver"]["rules"].take();
    run["results"].take();
    expect![[r#"
            {
              "automationDetails": {
                "id": "aws-audit/111122223333/2026-11-01T12:00:00.000Z"
              },
              "columnKind": "unicodeCodePoints",
              "invocations": [
                {
                  "endTimeUtc": "2026-11-01T12:00:08.400Z",
                  "executionSuccessful": true,
                  "startTimeUtc": "2026-11-01T12:00:00.000Z",
                  "toolExecutionNotifications": [
                    {
                      "descriptor": {
                        "id": "not-read"
                      },
                      "level": "warning",
                      "message": {
                        "text": "s3:GetBucketPolicy eu-west-1 bucket-2: access denied. Not judged because of it: s3-bucket-public-read."
                      }
                    },
                    {
                      "descriptor": {
                        "id": "not-listed"
                      },
                      "level": "note",
                      "message": {
                        "text": "2 findings that pass are not listed: code scanning would open an alert for each."
                      }
                    }
                  ]
                }
              ],
              "language": "en",
              "originalUriBaseIds": {
                "%SRCROOT%": {
                  "description": {
                    "text": "No directory holds these files: their paths name resources of the account."
                  }
                }
              },
              "results": null,
              "tool": {
                "driver": {
                  "name": "aws-audit",
                  "notifications": [
                    {
                      "fullDescription": {
                        "text": "Something could not be read."
                      },
                      "help": {
                        "text": "Something could not be read."
                      },
                      "id": "not-read",
                      "name": "NotRead",
                      "shortDescription": {
                        "text": "Something could not be read."
                      }
                    },
                    {
                      "fullDescription": {
                        "text": "Not everything is listed."
                      },
                      "help": {
                        "text": "Not everything is listed."
                      },
                      "id": "not-listed",
                      "name": "NotListed",
                      "shortDescription": {
                        "text": "Not everything is listed."
                      }
                    }
                  ],
                  "rules": null,
                  "semanticVersion": "0.1.0",
                  "version": "0.1.0"
                }
              }
            }"#]].assert_eq(&serde_json::to_string_pretty(&run).unwrap());
}

#[test]
fn each_status_in_the_formats_own_words() {
    let run = run(&samples::report(&samples::one_of_each()));
    let told: Vec<_> = run["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| {
            let [kind, level] = [&it["kind"], &it["level"]].map(|it| it.as_str().unwrap());
            format!("{kind} {level} {} {}", it["suppressions"], it["properties"]["severity"])
        })
        .collect();
    expect![[r#"
            fail error [] "critical"
            open none [] "high"
            fail warning [{"justification":"Accepted by web@example.com until 2027-03-31: public on purpose (https://tickets.example.com/SEC-142)","kind":"external","status":"accepted"}] "medium""#]]
        .assert_eq(&told.join("\n"));
    // Passes are told, not listed.
    expect![[r#"
            warning: s3:GetBucketPolicy eu-west-1 bucket-2: access denied. Not judged because of it: s3-bucket-public-read.
            note: 2 findings that pass are not listed: code scanning would open an alert for each."#]]
        .assert_eq(&notified(&run).join("\n"));
}

#[test]
fn who_accepts_it_and_why() {
    let run = run(&samples::triaged());
    let told: Vec<_> = run["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| {
            let properties = &it["properties"];
            let [group, title, moved, suppressed] =
                ["group", "groupTitle", "severityReason", "suppressed"].map(|name| &properties[name]);
            format!("{}\n  {group} {title} {moved}\n  {suppressed}", it["suppressions"])
        })
        .collect();
    expect![[r#"
            []
              "0123456789abcdef0123456789abcdef" "S3 bucket bucket-1 is open" "published on purpose"
              null
            []
              null null null
              {"expires":"2027-03-31","owner":"web@example.com","reason":"public on purpose","source":"aws-audit.toml:12","ticket":"https://tickets.example.com/SEC-142"}
            [{"justification":"Accepted by web@example.com until 2027-03-31: public on purpose (https://tickets.example.com/SEC-142)","kind":"external","status":"accepted"}]
              null null null
              {"expires":"2027-03-31","owner":"web@example.com","reason":"public on purpose","source":"aws-audit.toml:12","ticket":"https://tickets.example.com/SEC-142"}"#]].assert_eq(&told.join("\n"));
}

#[test]
fn a_rule_says_what_github_needs() {
    let run = run(&samples::report(&samples::many(5)));
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    let ids: Vec<_> = rules.iter().map(|rule| rule["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["iam-root-mfa", "s3-bucket-public-read"]);
    for rule in rules {
        for pointer in
            ["/shortDescription/text", "/fullDescription/text", "/help/text", "/help/markdown", "/helpUri"]
        {
            let text = rule.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
            assert!(!text.trim().is_empty(), "{pointer} of {rule}");
        }
        assert_ne!(rule["name"], rule["id"]);
        assert!(rule["properties"]["tags"].as_array().unwrap().len() <= MOST_TAGS);
    }
    assert_eq!(rules[1]["properties"]["security-severity"], "9.5");
    for result in run["results"].as_array().unwrap() {
        assert_eq!(result["ruleIndex"], 1);
    }
}

#[test]
fn every_page_fits_a_rule() {
    for entry in registry::all() {
        for lang in [Lang::En, Lang::Ja] {
            let rule = rule(entry.check.id, None, lang);
            for pointer in ["/shortDescription/text", "/fullDescription/text"] {
                let text = rule.pointer(pointer).and_then(Value::as_str).unwrap();
                assert!(text.chars().count() <= LONGEST_DESCRIPTION, "{}: {text}", entry.check.id);
            }
            assert!(rule["name"].as_str().unwrap().len() <= 255);
        }
    }
}

#[test]
fn no_result_is_understated_by_its_rule() {
    let mut finding = samples::finding(Status::Fail, Severity::Critical, "bucket");
    finding.check = "iam-root-mfa".into();
    let own = registry::find("iam-root-mfa").unwrap().check.severity;
    let rule = rule(&finding.check, Some(&finding), Lang::En);
    assert_eq!(rule["properties"]["security-severity"], "9.5");
    assert_eq!(rule["defaultConfiguration"]["level"], level(own));
}

#[test]
fn a_check_that_this_version_does_not_know_has_a_rule() {
    let mut findings = samples::many(1);
    findings[0].check = "gone-check".into();
    let run = run(&samples::report(&findings));
    let rule = &run["tool"]["driver"]["rules"][0];
    assert_eq!(
        (&rule["id"], &rule["help"]["text"]),
        (&"gone-check".into(), &findings[0].title.clone().into())
    );
}

#[test]
fn the_least_results_are_left_out_and_counted() {
    let report = samples::report(&samples::many(10));
    let run = run_within(&report, 7, LARGEST);
    assert_eq!(run["results"].as_array().unwrap().len(), 7);
    expect!["warning: 3 results are left out, since code scanning takes at most 25000 of a run and 10 MB compressed: 1 low, 2 info. The JSON report has them all."]
            .assert_eq(&notified(&run).join("\n"));
}

#[test]
fn what_is_too_large_when_compressed_is_left_out_and_counted() {
    let mut findings = samples::many(2000);
    for (number, finding) in findings.iter_mut().enumerate() {
        // What no compressor makes smaller than half.
        finding.message = (0..30).map(|at| format!("{:x}", fingerprint(number * 30 + at))).collect();
    }
    let report = samples::report(&findings);
    assert!(gzip(&text(&report, Lang::En)) > 300_000);
    let run = run_within(&report, MOST_RESULTS, 300_000);
    let kept = run["results"].as_array().unwrap();
    assert!((100..1500).contains(&kept.len()), "{}", kept.len());
    // It holds for what is then written; the last 100 kB are what the compressor may keep back.
    assert!(gzip(&run.to_string()) < 400_000);
    assert!(notified(&run)[0].starts_with(&format!("warning: {} results are left out", 2000 - kept.len())));
    assert_eq!(kept[0]["properties"]["severity"], "critical");
}

/// Digits that look random.
fn fingerprint(number: usize) -> u64 {
    let mut x = number as u64 + 0x9e37_79b9_7f4a_7c15;
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

#[test]
fn an_account_of_20_000_findings_is_within_the_limits() {
    let report = samples::report(&samples::many(20_000));
    let text = text(&report, Lang::En);
    assert_eq!(text.matches("\"primaryLocationLineHash\"").count(), 20_000);
    assert!(gzip(&text) < 10_000_000);
}

#[test]
fn hostile_names_are_data_and_never_paths_or_links() {
    let run = run(&samples::report(&samples::hostile()));
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), HOSTILE.len());
    let mut paths = BTreeSet::new();
    // What is suppressed, every second one, comes last.
    let names = HOSTILE.iter().step_by(2).chain(HOSTILE.iter().skip(1).step_by(2));
    for (result, name) in results.iter().zip(names) {
        let location = &result["locations"][0];
        let path = location["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap();
        let segments: Vec<_> = path.split('/').collect();
        assert_eq!(segments.len(), 5, "{path}");
        assert!(segments.iter().all(|it| !it.is_empty() && !it.bytes().all(|byte| byte == b'.')), "{path}");
        let harmless = |c: char| c.is_ascii_alphanumeric() || "-._~%/".contains(c);
        assert!(path.chars().all(harmless), "{path}");
        assert!(paths.insert(path.to_owned()), "{path} twice");
        if !name.trim().is_empty() {
            assert_eq!(location["logicalLocations"][0]["name"], *name);
        }
        let message = result["message"]["text"].as_str().unwrap();
        assert!(!message.replace("\\](", "").contains("]("), "{message}");
        assert!(!message.replace("{{", "").contains("{0}"), "{message}");
        for text in [message, location["logicalLocations"][0]["fullyQualifiedName"].as_str().unwrap()] {
            assert!(!text.trim().is_empty(), "{name:?}");
        }
    }
}

#[test]
fn text_is_read_as_text() {
    assert_eq!(plain("${aws:username} {} {x} {"), "${aws:username} {} {x} {");
    assert_eq!(plain("{0} {12}{3} {{4}"), "{{0}} {{12}}{{3}} {{{4}}");
    assert_eq!(plain("[a](b) [c] (d)"), "[a\\](b) [c] (d)");
}

#[test]
fn long_texts_are_cut_and_say_so() {
    let mut findings = samples::many(1);
    findings[0].message = "名".repeat(100_000);
    findings[0].fix.as_mut().unwrap().command = Some("x".repeat(LONGEST_COMMAND + 1));
    let result = &run(&samples::report(&findings))["results"][0];
    let message = result["message"]["text"].as_str().unwrap();
    assert_eq!(message.find('…'), Some((LONGEST_MESSAGE - 1) * 3));
    assert!(!message.contains("xxx"));
    assert_eq!(result["properties"]["truncated"], true);
}

#[test]
fn a_scan_of_no_region_was_not_successful() {
    let mut report = samples::report(&[]);
    report.regions.clear();
    let run = run(&report);
    assert_eq!(run["invocations"][0]["executionSuccessful"], false);
    assert_eq!(notified(&run), ["error: No region was scanned."]);
    assert_eq!(run["results"], json!([]));
}

#[test]
fn many_gaps_are_summed_up() {
    let mut report = samples::report(&[]);
    report.gaps = (0..MOST_GAPS + 5).map(|number| samples::gap(&number.to_string())).collect();
    let told = notified(&run(&report));
    assert_eq!(told.len(), MOST_GAPS + 1);
    assert_eq!(told.last().unwrap(), "warning: 5 more operations gave no usable answer.");
}

#[test]
fn in_japanese() {
    let text = text(&samples::report(&samples::one_of_each()), Lang::Ja);
    let log: Value = serde_json::from_str(&text).unwrap();
    let run = &log["runs"][0];
    assert_eq!(run["language"], "ja");
    expect![[r#"
            warning: s3:GetBucketPolicy eu-west-1 bucket-2：アクセス拒否。このため判定できなかったチェック：s3-bucket-public-read。
            note: 合格した2件は記載していません。code scanningではすべてアラートになるためです。"#]].assert_eq(&notified(run).join("\n"));
    assert!(run["tool"]["driver"]["rules"][1]["help"]["markdown"].as_str().unwrap().contains("なぜ"));
}
