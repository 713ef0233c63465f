use std::time::Duration;

use aws_audit_checks::finding::Status::Fail;

use crate::{
    Done, Failure, Options, Outcome, Tracker as _, apply,
    exec::{Ended, Exec, Run, Shell},
    plan, rehearse,
    testing::{TestClock, key, report},
};

/// Commands that end as they are told to, and keep what they were given.
#[derive(Default)]
struct Scripted {
    ends: Vec<Ended>,
    given: Vec<(String, String)>,
}

impl Run for Scripted {
    fn run(&mut self, command: &str, input: &str, _: u64) -> Result<Ended, String> {
        self.given.push((command.to_owned(), input.to_owned()));
        if self.ends.is_empty() { Err("no such command".into()) } else { Ok(self.ends.remove(0)) }
    }
}

fn ended(code: i32, out: &str, err: &str) -> Ended {
    Ended { code: Some(code), out: out.into(), err: err.into() }
}

fn planned() -> crate::Plan {
    let checks = ["critical-a", "high-b"];
    let facts = [("critical-a", "a", "", Fail), ("high-b", "b", "", Fail)];
    plan(&report(0, &checks, &facts), None, &Options::default()).unwrap()
}

fn applied(ends: Vec<Ended>) -> (Vec<Outcome>, Scripted, Vec<u64>) {
    let (mut runner, clock) = (Scripted { ends, ..Scripted::default() }, TestClock::new());
    let mut exec = Exec::new(&mut runner, &clock, "send", None);
    let left = rehearse(&planned(), &mut exec).unwrap();
    let outcomes = apply(&left, &mut exec);
    let slept = clock.slept.borrow().clone();
    (outcomes, runner, slept)
}

#[test]
fn the_command_runs_once_for_each_item_with_one_line() {
    let (outcomes, runner, _) = applied(vec![ended(0, "SEC-1\nmore", ""), ended(10, "", "")]);
    assert_eq!(outcomes[0].result, Some(Ok(Done::Done("SEC-1".into()))));
    assert_eq!(outcomes[1].result, Some(Ok(Done::Already)));
    for ((command, line), check) in runner.given.iter().zip(["critical-a", "high-b"]) {
        assert_eq!((command.as_str(), line.matches('\n').count()), ("send", 1));
        let item: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(
            (item["key"].as_str(), item["action"].as_str()),
            (Some(key(check).as_str()), Some("create"))
        );
        assert!(item["body"]["markdown"].is_string() && item["body"]["adf"].is_object());
    }
}

#[test]
fn exit_codes_tell_what_came_of_it() {
    let (outcomes, _, slept) = applied(vec![
        ended(75, "", ""),
        ended(75, "", ""),
        ended(11, "somebody works on it", ""),
        ended(1, "", "Traceback\nValueError: no\n\n"),
    ]);
    assert_eq!(outcomes[0].result, Some(Ok(Done::LeftAlone("somebody works on it".into()))));
    assert_eq!(outcomes[1].result, Some(Err(Failure::one("exit code 1: ValueError: no"))));
    assert_eq!(slept, [15, 30]);
    let (outcomes, _, slept) = applied(vec![ended(75, "", "busy"); 4]);
    assert_eq!(outcomes[0].result, Some(Err(Failure::one("exit code 75: busy"))));
    assert_eq!(slept, [15, 30, 60]);
    let (outcomes, ..) = applied(vec![ended(78, "", "JIRA_TOKEN is not set")]);
    assert_eq!(outcomes[0].result, Some(Err(Failure::all("exit code 78: JIRA_TOKEN is not set"))));
    assert_eq!(outcomes[1].result, None);
}

#[test]
fn a_list_of_tickets_decides_what_is_left_to_do() {
    let line = format!(r#"{{"id": "SEC-1", "state": "open", "key": "{}", "extra": 1}}"#, key("critical-a"));
    let (mut runner, clock) = (Scripted::default(), TestClock::new());
    runner.ends = vec![ended(0, &(line + "\n\n"), ""), ended(0, "", "")];
    let mut exec = Exec::new(&mut runner, &clock, "send", Some("list"));
    let left = rehearse(&planned(), &mut exec).unwrap();
    assert_eq!(left.items[0].ticket.as_deref(), Some("SEC-1"));
    assert!(apply(&left, &mut exec).iter().all(Outcome::is_good));
    assert_eq!(
        runner.given.iter().map(|(command, _)| command.as_str()).collect::<Vec<_>>(),
        ["list", "send"]
    );
    for end in [ended(1, "", "no"), ended(0, "{}", ""), ended(0, "x", "")] {
        let (mut runner, clock) = (Scripted { ends: vec![end], ..Scripted::default() }, TestClock::new());
        let mut exec = Exec::new(&mut runner, &clock, "send", Some("list"));
        assert!(rehearse(&planned(), &mut exec).unwrap_err().is_final);
    }
}

#[cfg(unix)]
#[test]
fn commands_run_in_a_shell() {
    let mut shell = Shell { timeout: Duration::from_secs(30) };
    let long = "x".repeat(1 << 20);
    let end = shell.run("cat; echo why >&2; exit 3", &long, 1 << 21).unwrap();
    assert_eq!((end.code, end.out.len(), end.err.as_str()), (Some(3), long.len(), "why\n"));
    // Neither a command that reads nothing nor one that says too much holds anything up.
    assert_eq!(shell.run("true", &long, 10).unwrap().code, Some(0));
    assert_eq!(shell.run("yes | head -c 3000000", "", 10).unwrap().out, "y\ny\ny\ny\ny\n");
    assert_eq!(shell.run("kill -9 $$", "", 10).unwrap().code, None);
    let mut shell = Shell { timeout: Duration::from_millis(100) };
    assert!(shell.run("exec sleep 60", "", 10).unwrap_err().contains("did not end"));
}

#[cfg(unix)]
#[test]
fn a_command_that_is_not_there_ends_it() {
    let (mut shell, clock) = (Shell::default(), TestClock::new());
    let mut exec = Exec::new(&mut shell, &clock, "/nonexistent/command", None);
    assert!(exec.act(&planned().items[0]).unwrap_err().is_final);
}
