//! `tickets`: a report's plan carried out by the real binary, at a tracker on this machine.

mod support;

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpListener,
    sync::{Arc, Mutex},
    thread,
};

use serde_json::{Value, json};
use support::{program, run};

/// As much of GitHub's issues as the program asks for: a private repository, its issues, and new ones.
fn github() -> (String, Arc<Mutex<Vec<Value>>>) {
    let issues = Arc::new(Mutex::new(Vec::new()));
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let kept = Arc::clone(&issues);
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = BufReader::new(stream.unwrap());
            let mut head = String::new();
            while !head.ends_with("\r\n\r\n") {
                if stream.read_line(&mut head).unwrap() == 0 {
                    break;
                }
            }
            let lower = head.to_ascii_lowercase();
            let length =
                lower.split("content-length: ").nth(1).and_then(|it| it.lines().next()?.parse().ok());
            let mut body = vec![0; length.unwrap_or(0)];
            stream.read_exact(&mut body).unwrap();
            assert!(lower.contains("authorization: bearer s3cret-token"), "{head}");
            let mut issues = kept.lock().unwrap();
            let (status, answer) = if head.starts_with("POST /repos/o/r/issues ") {
                let mut issue: Value = serde_json::from_slice(&body).unwrap();
                issue["number"] = json!(issues.len() + 1);
                issue["state"] = json!("open");
                issue["html_url"] = json!(format!("https://example.com/{}", issues.len() + 1));
                issues.push(issue.clone());
                ("201 Created", issue)
            } else if head.starts_with("GET /repos/o/r/issues?") {
                ("200 OK", json!(*issues))
            } else if head.starts_with("GET /repos/o/r ") {
                ("200 OK", json!({"private": true, "has_issues": true, "archived": false}))
            } else {
                ("200 OK", json!({}))
            };
            let text = answer.to_string();
            let head =
                format!("HTTP/1.1 {status}\r\ncontent-type: application/json\r\nconnection: close\r\n");
            write!(stream.get_mut(), "{head}content-length: {}\r\n\r\n{text}", text.len()).unwrap();
        }
    });
    (url, issues)
}

#[test]
fn a_plan_is_carried_out_once() {
    let directory = tempfile::tempdir().unwrap();
    let (report, file) = (directory.path().join("now.json"), directory.path().join("plan.jsonl"));
    run(program(&["scan", "--demo", "--output", report.to_str().unwrap()]));
    let planned = run(program(&["tickets", "plan", "--report", report.to_str().unwrap(), "--max", "2"]));
    assert_eq!(planned.code, 0, "{}", planned.stderr);
    fs::write(&file, &planned.stdout).unwrap();

    let (url, issues) = github();
    let apply = |arguments: &[&str]| {
        let plan = ["tickets", "apply", "--plan", file.to_str().unwrap(), "--github", "o/r"];
        let mut command = program(&[&plan[..], arguments].concat());
        command.env("GITHUB_API_URL", &url).env("GITHUB_TOKEN", "s3cret-token");
        run(command)
    };
    let rehearsed = apply(&[]);
    assert!(rehearsed.code == 0 && rehearsed.stderr.contains("--yes"), "{}", rehearsed.stderr);
    assert_eq!(issues.lock().unwrap().len(), 0, "nothing is written unless told");

    let done = apply(&["--yes"]);
    assert_eq!(done.code, 0, "{}{}", done.stdout, done.stderr);
    // Two tickets, and the one that lists the rest.
    assert_eq!(issues.lock().unwrap().len(), 3);
    let again = apply(&["--yes"]);
    assert_eq!(again.code, 0, "{}{}", again.stdout, again.stderr);
    assert_eq!(issues.lock().unwrap().len(), 3, "applied twice, created once");
    for run in [&rehearsed, &done, &again] {
        assert!(!run.stdout.contains("s3cret") && !run.stderr.contains("s3cret"));
    }
}

#[test]
fn any_command_takes_the_tickets() {
    let directory = tempfile::tempdir().unwrap();
    let path = |name: &str| directory.path().join(name).to_str().unwrap().to_owned();
    run(program(&["scan", "--demo", "--output", &path("now.json")]));
    let planned =
        run(program(&["tickets", "plan", "--report", &path("now.json"), "--max", "2", "--lang", "ja"]));
    fs::write(path("plan.jsonl"), &planned.stdout).unwrap();
    let command = format!("cat >> '{}'; echo T-1", path("tickets"));
    let done =
        run(program(&["tickets", "apply", "--plan", &path("plan.jsonl"), "--exec", &command, "--yes"]));
    assert_eq!(done.code, 0, "{}{}", done.stdout, done.stderr);
    let tickets = fs::read_to_string(path("tickets")).unwrap();
    let tickets: Vec<Value> = tickets.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(tickets.len(), 3);
    assert!(tickets.iter().all(|ticket| ticket["action"] == "create" && ticket["key"].is_string()));
}
