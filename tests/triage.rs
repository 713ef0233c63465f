//! What is done with a report, through the real binary on the demo's account: accept, move, compare, keep.

mod support;

use std::{fs, os::unix::fs::PermissionsExt as _, path::PathBuf};

use serde_json::Value;
use support::{Run, failing, findings, program, run};
use tempfile::TempDir;

/// A directory with a configuration.
struct Team(TempDir);

impl Team {
    fn new(config: &str) -> Self {
        let team = Self(tempfile::tempdir().unwrap());
        team.write("aws-audit.toml", config);
        team
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn run(&self, arguments: &[&str]) -> Run {
        let mut command = program(arguments);
        command.current_dir(self.0.path());
        run(command)
    }

    fn scan(&self, arguments: &[&str]) -> Run {
        self.run(&[&["scan", "--demo", "--format", "json"], arguments].concat())
    }
}

const SSH: &str = "ec2-sg-open-ssh";

/// The group that the demo leaves open for SSH.
fn open_group(report: &Value) -> String {
    failing(report, SSH).first().expect("the demo has a group that is open for SSH").to_string()
}

fn finding<'a>(report: &'a Value, check: &str) -> &'a Value {
    findings(report).find(|finding| finding["check"] == check).unwrap()
}

fn count(report: &Value, status: &str) -> usize {
    findings(report).filter(|finding| finding["status"] == status).count()
}

#[test]
fn accepted_findings_are_told_apart() {
    let team = Team::new("");
    let before = team.scan(&[]).report();
    let group = open_group(&before);
    team.write(
        "aws-audit.toml",
        &format!(
            "# Reviewed twice a year.\n[[suppress]]\nchecks = ['{SSH}']\nresources = ['{group}']\nreason = 'bastion'\n\
             owner = 'net@example.com'\nexpires = 2999-12-31\nticket = 'https://tickets.example.com/1'\n"
        ),
    );
    team.write(
        "suppressions/s3.toml",
        "[[suppress]]\nchecks = ['s3-bucket-versioning']\nreason = 'rebuilt daily'\n",
    );
    let run = team.scan(&["--strict-suppressions"]);
    assert_eq!((run.code, run.stderr.contains("warning")), (1, false), "{}", run.stderr);
    let report = run.report();
    let accepted = findings(&report)
        .find(|finding| finding["check"] == SSH && finding["resource"]["id"] == group.as_str())
        .unwrap();
    assert_eq!(accepted["status"], "suppressed");
    assert_eq!(
        accepted["suppressed"],
        serde_json::json!({
            "reason": "bastion", "owner": "net@example.com", "expires": "2999-12-31",
            "ticket": "https://tickets.example.com/1", "source": "aws-audit.toml:2",
        })
    );
    assert_eq!(finding(&report, "s3-bucket-versioning")["suppressed"]["source"], "suppressions/s3.toml:1");
    assert!(count(&report, "suppressed") >= 2);
    assert_eq!(count(&report, "fail") + count(&report, "suppressed"), count(&before, "fail"));
    // Neither fails nor passes.
    let row = |report: &Value, key: &str| {
        let controls = report["score"]["controls"].as_array().unwrap();
        let row = controls.iter().find(|row| row["checks"].as_array().unwrap().iter().any(|it| it == SSH));
        row.unwrap()[key].as_u64().unwrap_or(0)
    };
    assert_eq!(row(&report, "pass"), row(&before, "pass"));
    assert_eq!(row(&report, "fail") + row(&report, "suppressed"), row(&before, "fail"));
    let score = |report: &Value| {
        let controls = report["score"]["controls"].as_array().unwrap();
        let row = controls.iter().find(|row| row["checks"].as_array().unwrap().iter().any(|it| it == SSH));
        row.unwrap()["score"].as_f64()
    };
    assert!(score(&report) > score(&before));
    // The table counts them.
    let table = team.run(&["scan", "--demo"]).stdout;
    assert!(table.contains("suppressed"), "{table}");
    // Where everything is accepted, nothing makes the exit code 1.
    team.write("aws-audit.toml", "[[suppress]]\nchecks = ['*']\nreason = 'a demo'\n");
    let run = team.scan(&[]);
    assert_eq!((run.code, count(&run.report(), "fail")), (0, 0), "{}", run.stderr);
}

#[test]
fn what_matches_nothing_is_told_and_may_be_an_error() {
    let team = Team::new("[[suppress]]\nchecks = ['ec2-sg-opne-ssh']\nreason = 'r'\n");
    let run = team.scan(&[]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    let told = "warning: aws-audit.toml:1: no check is called `ec2-sg-opne-ssh`\nhelp: did you mean `ec2-sg-open-ssh`?";
    assert!(run.stderr.contains(told), "{}", run.stderr);
    let strict = team.scan(&["--strict-suppressions", "--lang", "ja"]);
    assert_eq!(strict.code, 2, "{}", strict.stderr);
    assert!(
        strict.stderr.contains("警告：aws-audit.toml:1：`ec2-sg-opne-ssh` というチェックはありません"),
        "{}",
        strict.stderr
    );
    assert!(strict.stderr.contains("エラー：一致しない抑制設定があります：1件"), "{}", strict.stderr);
    assert!(count(&strict.report(), "fail") > 0, "the report is written all the same");
    // Nothing is known of checks that did not run, and of other accounts.
    for about in ["checks = ['iam-root-mfa']", "checks = ['ec2-sg-open-ssh']\naccounts = ['999999999999']"] {
        team.write("aws-audit.toml", &format!("[[suppress]]\n{about}\nresources = ['x']\nreason = 'r'\n"));
        let run = team.scan(&["--strict-suppressions", "--checks", SSH]);
        assert_eq!(run.code, 1, "{about}: {}", run.stderr);
    }
    let group = open_group(&team.scan(&["--checks", SSH]).report());
    let nearly = format!("{}0", &group[..group.len() - 1]);
    team.write(
        "aws-audit.toml",
        &format!("[[suppress]]\nchecks = ['{SSH}']\nresources = ['{nearly}']\nreason = 'r'\n"),
    );
    let run = team.scan(&["--strict-suppressions"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("did you mean `sg-"), "{}", run.stderr);
}

#[test]
fn what_has_expired_accepts_nothing() {
    let text = format!("[[suppress]]\nchecks = ['{SSH}']\nexpires = 2020-01-31\nreason = 'until we move'\n");
    let team = Team::new(&text);
    let run = team.scan(&["--strict-suppressions"]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    let told = "note: aws-audit.toml:1: the suppression expired on 2020-01-31; 2 findings are told again";
    assert!(run.stderr.contains(told), "{}", run.stderr);
    assert_eq!(finding(&run.report(), SSH)["status"], "fail");
}

#[test]
fn wrong_entries_stop_the_scan() {
    let entry = |keys: &str| format!("[[suppress]]\nchecks = ['{SSH}']\n{keys}\n");
    for (keys, en, ja) in [
        ("", "missing field `reason`", "`reason` がありません"),
        ("reason = 'r'\nexpires = 'soon'", "a date such as 2026-12-31", "日付を指定してください"),
        ("reason = 'r'\nresource = ['x']", "did you mean `resources`?", "`resources` ではありませんか"),
        ("reason = 'r'\naccounts = ['prod']", "twelve digits", "12桁"),
    ] {
        for file in ["aws-audit.toml", "suppressions/team.toml"] {
            let team = Team::new("");
            team.write(file, &entry(keys));
            let run = team.scan(&[]);
            assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{}", run.stderr);
            assert!(run.stderr.contains(file) && run.stderr.contains(en), "{}", run.stderr);
            let run = team.scan(&["--lang", "ja"]);
            assert!(run.stderr.contains(file) && run.stderr.contains(ja), "{}", run.stderr);
        }
    }
}

#[test]
fn severities_are_moved() {
    let text = format!("[[severity]]\nchecks = ['{SSH}']\nto = 'low'\nreason = 'port knocking'\n");
    let report = Team::new(&text).scan(&["--checks", SSH]).report();
    let moved = finding(&report, SSH);
    assert_eq!((&moved["severity"], &moved["severity_reason"]), (&"low".into(), &"port knocking".into()));
    // What decides the exit code.
    let run = Team::new(&text).scan(&["--checks", SSH, "--fail-on", "medium"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let run = Team::new("").scan(&["--checks", SSH, "--fail-on", "medium"]);
    assert_eq!(run.code, 1, "{}", run.stderr);
}

#[test]
fn settings_hold_for_some_resources_only() {
    let check = "iam-access-key-rotation";
    let all = Team::new("").scan(&["--checks", check]).report();
    let keys: Vec<_> = failing(&all, check).into_iter().map(str::to_owned).collect();
    assert!(!keys.is_empty());
    let text = format!(
        "[[override]]\nchecks = ['{check}']\nresources = ['{}']\nreason = 'in a safe'\n\
         settings.max_key_age_days = 9999\n",
        keys[0]
    );
    let team = Team::new(&text);
    let report = team.scan(&["--checks", check]).report();
    assert_eq!(failing(&report, check).len(), keys.len() - 1);
    assert!(!failing(&report, check).contains(keys[0].as_str()));
    team.write("aws-audit.toml", &text.replace(&keys[0], "AKIANOSUCHKEY"));
    let run = team.scan(&["--checks", check]);
    assert!(run.stderr.contains("the override applies to no resource"), "{}", run.stderr);
}

#[test]
fn failures_are_grouped_by_cause() {
    let report = Team::new("").scan(&[]).report();
    let groups = report["groups"].as_array().unwrap();
    let failures: Vec<_> = findings(&report).filter(|finding| finding["status"] == "fail").collect();
    assert!(groups.len() < failures.len() * 3 / 4, "{} groups", groups.len());
    let listed: usize = groups.iter().map(|group| group["findings"].as_array().unwrap().len()).sum();
    assert_eq!(listed, failures.len(), "each failure is in one group");
    // One group that is open: told by several checks, mended once.
    let ssh = finding(&report, SSH);
    let group = groups.iter().find(|group| group["id"] == ssh["group"]).unwrap();
    assert_eq!((&group["cause"], &group["key"]), (&"security_group".into(), &ssh["resource"]["id"]));
    assert!(group["checks"].as_array().unwrap().len() >= 3, "{group:#}");
    let severities: Vec<_> = groups.iter().map(|group| group["severity"].as_str().unwrap()).collect();
    let mut sorted = severities.clone();
    let order = ["critical", "high", "medium", "low", "info"];
    sorted.sort_by_key(|severity| order.iter().position(|it| it == severity));
    assert_eq!(severities, sorted, "worst first");
    // Nor is one named that is not listed.
    let high = Team::new("").scan(&["--min-severity", "high"]).report();
    let ids: Vec<_> = findings(&high).map(|finding| finding["id"].clone()).collect();
    for group in high["groups"].as_array().unwrap() {
        assert!(group["findings"].as_array().unwrap().iter().all(|id| ids.contains(id)), "{group:#}");
    }
}

#[test]
fn two_reports_are_compared() {
    let team = Team::new("");
    team.run(&["scan", "--demo", "-o", "then.json"]);
    team.write("aws-audit.toml", &format!("[[suppress]]\nchecks = ['{SSH}']\nreason = 'r'\n[[severity]]\nchecks = ['s3-bucket-versioning']\nto = 'high'\nreason = 'r'\n"));
    team.run(&["scan", "--demo", "-o", "now.json"]);
    team.run(&["scan", "--demo", "--regions", "us-east-1", "--checks", "iam-*", "-o", "other.json"]);
    let json = |a: &str, b: &str| -> Value {
        let run = team.run(&["diff", a, b, "--format", "json"]);
        assert_eq!(run.code, 0, "{}", run.stderr);
        serde_json::from_str(&run.stdout).unwrap()
    };
    let diff = json("then.json", "now.json");
    assert_eq!(diff["counts"]["accepted"], 2, "{:#}", diff["counts"]);
    assert!(diff["counts"]["worse"].as_u64() > Some(0) && diff["counts"]["gone"] == 0);
    assert_eq!(diff["comparable"], true);
    let same = json("now.json", "now.json");
    assert_eq!((&same["changes"], &same["controls"]), (&serde_json::json!([]), &serde_json::json!([])));
    let back = json("now.json", "then.json");
    assert_eq!(
        (&back["counts"]["reinstated"], &back["counts"]["better"]),
        (&diff["counts"]["accepted"], &diff["counts"]["worse"])
    );

    let table = team.run(&["diff", "then.json", "now.json"]);
    assert!(table.stdout.contains("── Worse (") && table.stdout.contains("Score"), "{}", table.stdout);
    let run = team.run(&["diff", "then.json", "now.json", "-o", "diff.md", "--lang", "ja"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let markdown = fs::read_to_string(team.path("diff.md")).unwrap();
    assert!(markdown.starts_with("# aws-audit：前回からの変化"), "{markdown}");
    let mode = fs::metadata(team.path("diff.md")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    for (severity, code) in [("high", 1), ("critical", 0), ("never", 0)] {
        let run = team.run(&["diff", "then.json", "now.json", "--fail-on", severity]);
        assert_eq!(run.code, code, "{severity}");
    }
    assert_eq!(team.run(&["diff", "then.json", "now.json", "-o", "diff.xyz"]).code, 2);
}

#[test]
fn what_was_not_looked_at_is_neither_gone_nor_new() {
    let team = Team::new("");
    team.run(&["scan", "--demo", "-o", "all.json"]);
    let snapshot = team.run(&["scan", "--demo", "--checks", "iam-*", "-o", "iam.json"]);
    assert_eq!(snapshot.code, 1, "{}", snapshot.stderr);
    for (a, b) in [("all.json", "iam.json"), ("iam.json", "all.json")] {
        let run = team.run(&["diff", a, b, "--format", "json"]);
        let diff: Value = serde_json::from_str(&run.stdout).unwrap();
        assert_eq!(diff["changes"], serde_json::json!([]), "{a} {b}");
        assert_eq!(diff["comparable"], false);
        let not_compared = &diff["not_compared"];
        let left = not_compared["earlier_findings"].as_u64().unwrap()
            + not_compared["later_findings"].as_u64().unwrap();
        assert!(left > 100, "{not_compared:#}");
    }
    let mut foreign: Value =
        serde_json::from_str(&fs::read_to_string(team.path("all.json")).unwrap()).unwrap();
    foreign["account"]["id"] = "999999999999".into();
    team.write("foreign.json", &foreign.to_string());
    let run = team.run(&["diff", "all.json", "foreign.json"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("of account 123456789012, the later one of 999999999999"), "{}", run.stderr);
    // By the same rule, a baseline that saw less makes nothing new.
    let run = team.scan(&["--baseline", "iam.json"]);
    let report = run.report();
    assert!(findings(&report).all(|finding| finding["state"] != "new" && finding["state"] != "resolved"));
}

#[test]
fn runs_are_kept() {
    let team = Team::new("");
    let first = team.scan(&["--history", "runs/demo"]);
    assert_eq!(first.code, 1, "{}", first.stderr);
    let report = first.report();
    let history = report["history"].as_array().unwrap();
    assert_eq!((history.len(), &history[0]["overall"]), (1, &report["score"]["overall"]));
    let file = team.path("runs/demo/123456789012.jsonl");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let line = fs::read_to_string(&file).unwrap();
    assert_eq!((line.lines().count(), line.len() < 2000), (1, true), "{line}");
    // Earlier runs, one of another account, and something else.
    let mut run: Value = serde_json::from_str(&line).unwrap();
    let mut lines = Vec::new();
    for day in 1..=31 {
        run["started_at"] = format!("2020-01-{day:02}T00:00:00Z").into();
        lines.push(run.to_string());
    }
    run["account"] = "999999999999".into();
    lines.push(run.to_string());
    lines.push("what".into());
    fs::write(&file, lines.join("\n")).unwrap();
    let second = team.scan(&["--history", "runs/demo", "--min-severity", "critical"]);
    assert_eq!(second.code, 1);
    assert!(second.stderr.contains("of another account: line 32"), "{}", second.stderr);
    assert!(second.stderr.contains("not a run: line 33"), "{}", second.stderr);
    let report = second.report();
    let history = report["history"].as_array().unwrap();
    assert_eq!((history.len(), &history[0]["started_at"]), (30, &"2020-01-03T00:00:00Z".into()));
    // What is listed does not change what is kept.
    assert!(history[29]["fail"]["low"].as_u64() > Some(0));
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.lines().count() == 34 && text.contains("\nwhat\n"), "{text}");
    // A directory that cannot be is told before the scan.
    team.write("taken", "");
    let run = team.scan(&["--history", "taken"]);
    assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{}", run.stderr);
}
