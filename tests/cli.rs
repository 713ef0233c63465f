//! Arguments, files and errors: what the program says when it cannot do what it was asked for.

mod support;

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;
use support::{failing, program, run};

fn fails(arguments: &[&str], code: i32, words: &[&str]) {
    let run = run(program(arguments));
    assert_eq!(run.code, code, "{arguments:?}: {}", run.stderr);
    assert_eq!(run.stdout, "", "{arguments:?}: nothing but results on standard output");
    for word in words {
        assert!(run.stderr.contains(word), "{arguments:?} does not say {word:?}: {}", run.stderr);
    }
}

#[test]
fn wrong_arguments_exit_with_2() {
    fails(&["scan", "--nosuch"], 2, &["--nosuch"]);
    fails(
        &["scan", "--demo", "--checks", "iam-root-mfaa"],
        2,
        &["iam-root-mfaa", "did you mean `iam-root-mfa`"],
    );
    fails(&["scan", "--demo", "--framework", "iso"], 2, &["`iso`", "cis-6.0"]);
    fails(&["scan", "--demo", "--antipatterns", "22"], 2, &["anti-pattern 22"]);
    fails(&["scan", "--demo", "--fail-on", "terrible"], 2, &["critical", "never"]);
    fails(&["scan", "--demo", "--profile", "x"], 2, &["--profile"]);
    fails(&["scan", "--timeout", "soon"], 2, &["90s, 10m"]);
    fails(&["scan", "--api-budget", "200%"], 2, &["1% to 100%"]);
    fails(&["scan", "--regions", "EU West"], 2, &["`EU West`", "is no region"]);
    fails(
        &["scan", "--regions", "us-east-1,tokyo"],
        2,
        &["`tokyo` is no region", "`ap-northeast-1` (Tokyo)"],
    );
    fails(&["explain", "s3-bucket-publicread"], 2, &["did you mean `s3-bucket-public-read`"]);
}

#[test]
fn an_unknown_profile_is_named_with_the_known_ones() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("config");
    fs::write(&file, "[profile staging]\nregion = eu-west-1\n").unwrap();
    let mut command = program(&["scan", "--profile", "prod"]);
    command.env("AWS_CONFIG_FILE", &file);
    let run = run(command);
    assert_eq!(run.code, 2, "{}", run.stderr);
    assert!(run.stderr.contains("`prod`") && run.stderr.contains("staging"), "{}", run.stderr);
}

#[test]
fn a_profile_with_mfa_needs_a_terminal() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("config");
    let profiles = "[profile base]\naws_access_key_id = AKIAEXAMPLE\naws_secret_access_key = x\n\
        [profile prod]\nsource_profile = base\nrole_arn = arn:aws:iam::111122223333:role/audit\n\
        mfa_serial = arn:aws:iam::111122223333:mfa/alice\n";
    fs::write(&file, profiles).unwrap();
    let mut command = program(&["scan", "--profile", "prod"]);
    command.env("AWS_CONFIG_FILE", &file);
    let run = run(command);
    assert_eq!(run.code, 4, "{}", run.stderr);
    assert!(run.stderr.contains("mfa_serial") && run.stderr.contains("aws sso login"), "{}", run.stderr);
}

#[test]
fn no_credentials_exit_with_4() {
    fails(&["scan"], 4, &["no usable AWS credentials", "--profile", "--demo"]);
}

#[test]
fn an_endpoint_that_nobody_serves_exits_with_4() {
    let mut command = program(&["scan", "--endpoint-url", "http://127.0.0.1:1"]);
    command.env("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE").env("AWS_SECRET_ACCESS_KEY", "x");
    let run = run(command);
    assert_eq!(run.code, 4, "{}", run.stderr);
    assert!(run.stderr.contains("--endpoint-url"), "{}", run.stderr);
}

#[test]
fn a_wrong_configuration_names_file_key_and_choice() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("team.toml");
    fs::write(&file, "[settings]\nmax_key_days = 30\n").unwrap();
    let path = file.to_str().unwrap();
    fails(&["scan", "--demo", "--config", path], 2, &["team.toml", "max_key_days", "max_key_age_days"]);
    fs::write(&file, "fail-on = 'sometimes'\n").unwrap();
    fails(&["scan", "--demo", "--config", path], 2, &["team.toml", "fail-on", "never"]);
    fails(&["scan", "--demo", "--config", "/nosuch.toml"], 2, &["/nosuch.toml"]);
}

#[test]
fn a_wrong_snapshot_names_the_file_and_the_cause() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("account.json");
    let path = file.to_str().unwrap();
    fails(&["evaluate", path], 2, &["account.json"]);
    fs::write(&file, "{}").unwrap();
    fails(&["evaluate", path], 2, &["account.json", "not a snapshot", "aws-audit collect"]);
    fs::write(&file, r#"{"snapshot_version": 999}"#).unwrap();
    fails(&["evaluate", path], 2, &["version 999"]);
    fs::write(&file, [0x28, 0xb5, 0x2f, 0xfd, 0, 0, 0]).unwrap();
    fails(&["evaluate", path], 2, &["account.json"]);
}

#[test]
fn a_baseline_tells_what_has_changed() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("earlier.json");
    let path = file.to_str().unwrap();
    let demo = |arguments: &[&str]| {
        let run = run(program(&[&["scan", "--demo", "--format", "json"], arguments].concat()));
        assert_eq!(run.code, 1, "{}", run.stderr);
        run.report()
    };
    let states =
        |report: &Value, state: &str| support::findings(report).filter(|f| f["state"] == state).count();
    demo(&["--checks", "s3-*", "--output", path]);
    let report = demo(&["--checks", "s3-*,iam-*", "--baseline", path]);
    assert!(states(&report, "persisting") > 0);
    // What the baseline did not look at is not new.
    let of_iam = |f: &Value| f["check"].as_str().unwrap().starts_with("iam-");
    assert!(support::findings(&report).all(|f| f["state"].is_null() == of_iam(f)));
    // What is not listed is compared all the same: nothing has changed, so nothing is resolved.
    demo(&["--output", path]);
    let report = demo(&["--min-severity", "critical", "--baseline", path]);
    assert!(support::findings(&report).all(|f| f["state"] == "persisting" && f["severity"] == "critical"));
    assert!(report["scope"]["unlisted"].as_u64().unwrap() > 100);
    // A baseline that lists less does not make the rest new.
    demo(&["--min-severity", "critical", "--output", path]);
    let report = demo(&["--baseline", path]);
    assert!(support::findings(&report).all(|f| f["state"] != "new"));
    assert!(states(&report, "persisting") > 0);
    fs::write(&file, "[]").unwrap();
    fails(&["scan", "--demo", "--baseline", path], 2, &["earlier.json", "not a report"]);
}

#[test]
fn output_that_cannot_be_written_is_told_before_the_scan() {
    fails(&["scan", "--demo", "--output", "/nosuch/report.json"], 2, &["/nosuch/report.json"]);
    fails(&["scan", "--demo", "--output", "/proc/report.json"], 2, &["/proc/report.json"]);
    fails(&["scan", "--demo", "--output", "/tmp"], 2, &["/tmp", ".json"]);
    fails(&["scan", "--demo", "--output", "report.xslx"], 2, &["report.xslx", ".json", ".txt"]);
    fails(&["scan", "--demo", "--output", "report"], 2, &["report", ".json", ".txt"]);
}

#[test]
fn a_dash_is_standard_output() {
    let directory = tempfile::tempdir().unwrap();
    let mut command = program(&["scan", "--demo", "--format", "json", "--output", "-"]);
    command.current_dir(directory.path());
    run(command).report();
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
}

#[cfg(unix)]
#[test]
fn a_report_is_written_whole_or_not_at_all() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    let scan = |output: &Path| {
        run(program(&["scan", "--demo", "--checks", "iam-root-mfa", "--output", output.to_str().unwrap()]))
    };
    let is_report = |path: &Path| {
        assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
        serde_json::from_slice::<Value>(&fs::read(path).unwrap()).is_ok()
    };
    // Over an earlier one that others could read.
    fs::write(at("old.json"), "earlier").unwrap();
    fs::set_permissions(at("old.json"), fs::Permissions::from_mode(0o644)).unwrap();
    scan(&at("old.json"));
    assert!(is_report(&at("old.json")));
    // A link stays one, also where it leads to nothing yet.
    symlink("new.json", at("link.json")).unwrap();
    scan(&at("link.json"));
    assert!(fs::symlink_metadata(at("link.json")).unwrap().is_symlink() && is_report(&at("new.json")));
    // Nothing is left beside them.
    let mut names: Vec<_> =
        fs::read_dir(directory.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["link.json", "new.json", "old.json"]);
    // A disk that is full: the device is written to, not replaced.
    let run = scan(Path::new("/dev/full"));
    assert_eq!(run.code, 2, "{}", run.stderr);
    assert!(run.stderr.contains("/dev/full"), "{}", run.stderr);
}

#[cfg(target_os = "linux")]
#[test]
fn what_does_not_fit_leaves_the_earlier_report() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("report.json");
    fs::write(&file, "earlier").unwrap();
    let path = file.to_str().unwrap();
    // Files may have 8 blocks: less than the report.
    let mut shell = std::process::Command::new("sh");
    let script = "trap '' XFSZ; ulimit -f 8; exec \"$0\" scan --demo --output \"$1\"";
    shell.args(["-c", script, env!("CARGO_BIN_EXE_aws-audit"), path]);
    let run = run(shell);
    assert_eq!(run.code, 2, "{}", run.stderr);
    assert_eq!(fs::read_to_string(&file).unwrap(), "earlier");
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
}

#[cfg(unix)]
#[test]
fn a_named_pipe_is_written_to() {
    let directory = tempfile::tempdir().unwrap();
    let pipe = directory.path().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let reader = std::thread::spawn({
        let pipe = pipe.clone();
        move || fs::read_to_string(pipe).unwrap()
    });
    let path = pipe.to_str().unwrap();
    let run =
        run(program(&["scan", "--demo", "--checks", "iam-root-mfa", "--format", "json", "--output", path]));
    let read: Value = serde_json::from_str(&reader.join().unwrap()).unwrap();
    assert_eq!(read, run.report(), "in the format that is asked for");
    assert!(std::os::unix::fs::FileTypeExt::is_fifo(&fs::metadata(&pipe).unwrap().file_type()));
}

#[test]
fn lists_explains_and_completes() {
    let list = run(program(&["checks", "--checks", "iam-*", "--format", "json"]));
    let list: Value = serde_json::from_str(&list.stdout).unwrap();
    assert!(list.as_array().unwrap().iter().any(|check| check["id"] == "iam-access-key-rotation"));
    let page = run(program(&["explain", "iam-access-key-rotation"])).stdout;
    assert!(page.contains("## How to fix") && page.contains("iam-access-key-rotation"), "{page}");
    assert!(page.contains("\n## Controls\n\n- AWS security anti-patterns: 3\n- CIS Amazon"), "{page}");
    let page = run(program(&["explain", "iam-access-key-rotation", "--lang", "ja"])).stdout;
    assert!(page.contains("## 直し方"), "{page}");
    assert!(
        page.contains("\n## 対応するコントロール\n\n- AWSセキュリティのアンチパターン：3\n- CIS Amazon"),
        "{page}"
    );
    let policy = run(program(&["policy", "--checks", "ebs-default-encryption"])).stdout;
    let policies: Value = serde_json::from_str(&policy).unwrap();
    let actions = policies["aws-audit-read-1"]["Statement"][0]["Action"].as_array().unwrap();
    assert!(actions.contains(&"ec2:GetEbsEncryptionByDefault".into()), "{actions:?}");
    assert!(!actions.contains(&"ec2:DescribeVpcs".into()), "only what the selection needs: {actions:?}");
    assert!(run(program(&["completions", "bash"])).stdout.contains("aws-audit"));
}

#[test]
fn a_framework_is_shown_with_what_judges_it() {
    let list = run(program(&["checks", "--framework", "cis-3.0"])).stdout;
    assert!(
        list.contains("\n1.4 Ensure no 'root' user account access key exists\n    iam-root-access-key\n"),
        "{list}"
    );
    assert!(list.contains("\n    manual: Look into"), "{list}");
    let list = run(program(&["checks", "--framework", "fsbp", "--lang", "ja"])).stdout;
    assert!(list.contains("\n    対象外：Athenaは読み取っていません"), "{list}");
    let list = run(program(&["checks", "--framework", "cis-7.0", "--format", "json"])).stdout;
    let list: Value = serde_json::from_str(&list).unwrap();
    let control = |id: &str| list["controls"].as_array().unwrap().iter().find(|it| it["id"] == id).unwrap();
    assert_eq!(control("2.4")["checks"], serde_json::json!(["iam-root-access-key"]));
    assert!(control("2.1.3")["manual"].is_string() && control("2.1.3")["checks"].is_null());
    // With a selection of checks, these are listed.
    let list = run(program(&["checks", "--framework", "fsbp", "--checks", "iam-root-mfa"])).stdout;
    assert!(list.trim_start().starts_with("iam-root-mfa"), "{list}");
}

#[test]
fn what_no_check_judges_has_no_score() {
    let scan = |format: &str, lang: &str| {
        let arguments = ["scan", "--demo", "--framework", "cis-7.0", "--format", format, "--lang", lang];
        let run = run(program(&arguments));
        assert_eq!(run.code, 1, "{}", run.stderr);
        run
    };
    let report = scan("json", "en").report();
    let controls = report["score"]["controls"].as_array().unwrap();
    assert_eq!(controls.len(), 70);
    let unjudged = controls.iter().filter(|control| control["checks"] == serde_json::json!([]));
    for control in unjudged {
        assert!(control["score"].is_null(), "{control}");
        assert_ne!(control["manual"].is_string(), control["not_covered"].is_string(), "{control}");
    }
    assert!(controls.iter().any(|control| control["manual"].is_string()));
    for (lang, words) in
        [("en", ["5 manual", "--framework cis-7.0"]), ("ja", ["手動確認 5", "--framework cis-7.0"])]
    {
        let table = scan("table", lang).stdout;
        assert!(words.iter().all(|word| table.contains(word)), "{table}");
    }
}

#[test]
fn the_language_comes_from_argument_then_environment() {
    let list = |arguments: &[&str], variables: &[(&str, &str)]| {
        let mut command = program(&[&["checks", "--checks", "ebs-default-encryption"], arguments].concat());
        command.envs(variables.iter().copied());
        run(command).stdout
    };
    let is_japanese = |text: String| text.contains("暗号化");
    assert!(!is_japanese(list(&[], &[])));
    assert!(is_japanese(list(&["--lang", "ja"], &[])));
    assert!(is_japanese(list(&[], &[("LANG", "ja_JP.UTF-8")])));
    assert!(!is_japanese(list(&[], &[("LC_ALL", "en_US.UTF-8"), ("LANG", "ja_JP.UTF-8")])));
    assert!(!is_japanese(list(&["--lang", "en"], &[("LANG", "ja_JP.UTF-8")])));
}

/// What the program says in Japanese, with further variables.
fn fails_in_japanese(arguments: &[&str], variables: &[(&str, &str)], code: i32, words: &[&str]) {
    let mut command = program(arguments);
    command.env("LANG", "ja_JP.UTF-8").envs(variables.iter().copied());
    let run = run(command);
    assert_eq!(run.code, code, "{arguments:?}: {}", run.stderr);
    assert!(run.stderr.contains("エラー："), "{arguments:?}: {}", run.stderr);
    for word in words {
        assert!(run.stderr.contains(word), "{arguments:?} does not say {word:?}: {}", run.stderr);
    }
    for line in run.stderr.lines() {
        let is_english = ["error:", "help:", "note:", "warning:"].iter().any(|word| line.starts_with(word));
        assert!(!is_english && !line.contains("did you mean"), "{arguments:?}: {}", run.stderr);
    }
}

#[test]
fn errors_are_told_in_japanese() {
    let directory = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = directory.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let profiles =
        file("config", "[profile staging]\nregion = eu-west-1\n[profile half]\naws_access_key_id = A\n");
    let of_file = [("AWS_CONFIG_FILE", profiles.as_str())];
    fails_in_japanese(
        &["scan", "--profile", "stagign"],
        &of_file,
        2,
        &[
            "エラー：プロファイル `stagign`（--profile または aws-audit.toml）は",
            "ヒント：`staging` ではありませんか",
        ],
    );
    fails_in_japanese(
        &["scan", "--profile", "half"],
        &of_file,
        2,
        &["設定ファイルで、プロファイル `half` に"],
    );
    fails_in_japanese(
        &["scan", "--demo", "--checks", "iam-root-mfaa"],
        &[],
        2,
        &["エラー：`iam-root-mfaa` というチェックはありません\nヒント：`iam-root-mfa` ではありませんか"],
    );
    fails_in_japanese(
        &["scan", "--regions", "tokyo"],
        &[],
        2,
        &["エラー：`tokyo` はリージョンではありません\nヒント：`ap-northeast-1`"],
    );
    fails_in_japanese(
        &["scan"],
        &[("AWS_REGION", "EU West")],
        2,
        &["エラー：環境変数 AWS_REGION の値 `EU West` はリージョンではありません"],
    );
    fails_in_japanese(
        &["evaluate", &file("a.json", "{}")],
        &[],
        2,
        &["a.json：スナップショットではありません：", "ヒント："],
    );
    let later = file("b.json", r#"{"snapshot_version": 999}"#);
    fails_in_japanese(&["evaluate", &later], &[], 2, &["スナップショットのバージョンは 999"]);
    let settings = file("c.toml", "skip_checks = []\n");
    fails_in_japanese(
        &["scan", "--demo", "--config", &settings],
        &[],
        2,
        &[
            "c.toml：設定に誤りがあります",
            "`skip_checks` というキーはありません",
            "ヒント：`skip-checks` ではありませんか",
        ],
    );
    fails_in_japanese(&["scan"], &[], 4, &["エラー：使えるAWS認証情報がありません", "ヒント："]);
    let keys =
        [("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE"), ("AWS_SECRET_ACCESS_KEY", "x"), ("AWS_MAX_ATTEMPTS", "2")];
    fails_in_japanese(
        &["scan", "--endpoint-url", "http://127.0.0.1:1"],
        &keys,
        4,
        &["注意：環境変数 AWS_MAX_ATTEMPTS は使いません", "AWSに接続できません"],
    );
    // The argument goes before the environment, for errors too.
    let mut command = program(&["scan", "--lang", "en"]);
    command.env("LANG", "ja_JP.UTF-8");
    assert!(run(command).stderr.starts_with("error: no usable AWS credentials"));
}

/// The text up to the parenthesis that closes the one before it, cut at the first comma that stands in no other
/// brackets. Without the strings' contents, brackets are counted.
fn two_arguments(text: &str) -> (&str, &str) {
    let (mut depth, mut comma, mut in_string, mut escaped) = (0, None, false, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if in_string => escaped = true,
            '"' => in_string = !in_string,
            _ if in_string => {}
            '(' | '[' | '{' => depth += 1,
            ')' if depth == 0 => {
                let comma = comma.unwrap_or(at);
                return (&text[..comma], &text[comma..at]);
            }
            ')' | ']' | '}' => depth -= 1,
            ',' if depth == 0 && comma.is_none() => comma = Some(at),
            _ => {}
        }
    }
    panic!("no end: {text}");
}

/// The Rust files under a directory.
fn sources(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let mut files = Vec::new();
    for path in entries {
        if path.is_dir() {
            files.extend(sources(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            files.push(path);
        }
    }
    files
}

#[test]
fn what_is_said_is_said_in_both_languages() {
    let is_japanese =
        |c: char| matches!(c, '\u{3001}'..='\u{30ff}' | '\u{4e00}'..='\u{9fff}' | '\u{ff01}'..='\u{ff60}');
    let mut said = 0;
    for file in sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")) {
        let text = fs::read_to_string(&file).unwrap();
        // Tests come last, and speak English.
        let text = text.split("#[cfg(test)]\nmod tests").next().unwrap();
        let file = file.display();
        for call in ["said(", ".within("] {
            for (at, _) in text.match_indices(call) {
                let before = text[..at].chars().next_back().unwrap_or(' ');
                if call == "said(" && (before == '.' || before == '_' || text[..at].ends_with("fn ")) {
                    continue;
                }
                let (en, ja) = two_arguments(&text[at + call.len()..]);
                assert!(!en.contains(is_japanese), "{file}: English comes first: {en}");
                assert!(ja.contains(is_japanese), "{file}: no Japanese for {en}");
                said += 1;
            }
        }
        if !file.to_string().ends_with("src/error.rs") {
            // One form everywhere: `Said::with_help`.
            for own in ["help: ", "ヒント：", "\"error: ", "\"エラー："] {
                assert!(!text.contains(own), "{file}: writes {own:?} itself");
            }
        }
    }
    assert!(said > 80, "only {said} were found");
}

/// Of the repository.
fn example(name: &str) -> String {
    format!("{}/custom/examples/{name}", env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn checks_and_frameworks_of_the_users_own_are_like_the_others() {
    let (checks, framework) = (example("checks.d"), example("acme.toml"));
    let own = ["--checks-dir", &checks, "--framework-file", &framework, "--framework", "acme"];
    let run = run(program(&[&["scan", "--demo", "--format", "json"], &own[..]].concat()));
    let report = run.report();
    assert_eq!(report["score"]["framework"], "acme");
    let public = failing(&report, "acme-s3-public");
    assert!(public.contains("example-startup-assets"), "{public:?}");
    let explained = support::run(program(&["explain", "acme-s3-public", "--checks-dir", &checks]));
    assert!(explained.code == 0 && explained.stdout.contains("acme-s3-public"));

    let tests = support::run(program(&["checks", "test", &checks]));
    assert!(tests.code == 0 && tests.stdout.contains(" 0 failed"), "{}", tests.stdout);
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("a.toml"), "id = \"acme-a\"\nseverity = \"hgih\"\n").unwrap();
    let wrong = support::run(program(&["checks", "test", directory.path().to_str().unwrap()]));
    assert_eq!(wrong.code, 2);
    assert!(wrong.stderr.contains("a.toml:2") && wrong.stderr.contains("high"), "{}", wrong.stderr);
}
