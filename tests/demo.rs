//! `scan --demo`, as a newcomer runs it: no credentials, no network.

mod support;

use aws_audit_checks::registry;
use support::{checks, findings, program, run};

fn demo(arguments: &[&str]) -> support::Run {
    let mut command = program(&[&["scan", "--demo"], arguments].concat());
    // Nothing of the environment matters to it.
    command
        .env("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
        .env("AWS_PROFILE", "nosuch")
        .env("AWS_REGION", "mars-1");
    run(command)
}

#[test]
fn shows_something_of_every_check() {
    let run = demo(&["--format", "json", "--include-passed"]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    let report = run.report();
    assert_eq!(report["gaps"], serde_json::json!([]), "the recording answers everything");
    let judged: Vec<_> = checks(&report, "fail").into_iter().chain(checks(&report, "pass")).collect();
    for entry in registry::all().filter(|entry| entry.runs_by_default) {
        let id = entry.check.id;
        // The demo's account is not the management account of its organization.
        let for_management = [
            "cloudwatch-alarm-organization-changes",
            "iam-root-central-management",
            "organization-guardrails",
            "organization-permission-set-long-session",
            "organization-permission-set-management-account",
        ];
        assert_eq!(judged.contains(&id), !for_management.contains(&id), "{id} in the demo");
    }
    assert!(findings(&report).all(|finding| finding["status"] != "unknown"));
}

#[test]
fn is_the_same_every_time() {
    let report = || demo(&["--format", "json"]).stdout;
    assert_eq!(report(), report());
}

#[test]
fn each_check_reads_only_the_sources_that_it_names() {
    for entry in registry::all() {
        let id = entry.check.id;
        let report = demo(&["--format", "json", "--include-passed", "--checks", id]).report();
        for finding in findings(&report) {
            assert_ne!(finding["status"], "unknown", "{id}: {finding:#?}");
        }
    }
}

#[test]
fn fits_the_terminal_in_both_languages() {
    for (columns, lang) in [("80", "en"), ("80", "ja"), ("160", "en"), ("160", "ja")] {
        let mut command = program(&["scan", "--demo", "--lang", lang]);
        command.env("COLUMNS", columns);
        let table = run(command).stdout;
        assert!(table.contains("21"), "{table}");
        assert!(!table.contains('\u{1b}'), "no colour when piped");
    }
}

/// The block in a README that begins after the comment with the command, without its last line (`…`).
fn sample(readme: &str) -> &str {
    let (_, block) = readme.split_once("```text\n").unwrap();
    block.split_once("…\n```").unwrap().0
}

#[test]
fn the_readme_shows_what_the_program_prints() {
    for (readme, lang) in [(include_str!("../README.md"), "en"), (include_str!("../README.ja.md"), "ja")] {
        let mut command = program(&["scan", "--demo", "--lang", lang]);
        command.env("COLUMNS", "80");
        let output = run(command).stdout;
        assert!(output.starts_with(sample(readme)), "the sample of README ({lang}) is out of date");
    }
}
