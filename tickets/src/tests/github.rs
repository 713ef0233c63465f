use std::time::Duration;

use aws_audit_checks::{
    finding::{Severity, Status::*},
    page::Lang,
    report::Report,
};
use proptest::prelude::*;

use crate::{
    Action, Done, Failure, KEEP, Options, Outcome, OwnerRule, Plan, Why, apply,
    github::{API, GitHub, Settings},
    plan, rehearse,
    testing::{ACCOUNT, Fact, Fault, Stub, TOKEN, TestClock, finding, grouped, key, report},
    told, told_plan,
};

const CHECKS: [&str; 3] = ["critical-a", "high-b", "medium-c"];
const A1: Fact<'_> = ("critical-a", "a1", "eu-west-1", Fail);
const A2: Fact<'_> = ("critical-a", "a2", "us-east-1", Fail);
const B: Fact<'_> = ("high-b", "b", "", Fail);

fn day(day: i64, facts: &[Fact<'_>]) -> Report {
    report(day, &CHECKS, facts)
}

fn planned(now: &Report, before: Option<&Report>) -> Plan {
    plan(now, before, &Options::default()).unwrap()
}

fn settings() -> Settings<'static> {
    Settings {
        repository: "o/r",
        token: TOKEN,
        api: API,
        allow_public: false,
        patience: Duration::from_secs(900),
    }
}

/// Reads what there is, and does what is left to do. Nothing that is told has the token.
fn run_with(stub: &mut Stub, plan: &Plan, settings: Settings<'_>) -> Result<Vec<Outcome>, Failure> {
    let clock = TestClock::new();
    let outcome = GitHub::new(stub, &clock, settings).and_then(|mut github| {
        let left = rehearse(plan, &mut github)?;
        let _ = told_plan(&left, Lang::Ja);
        Ok(apply(&left, &mut github))
    });
    let text = match &outcome {
        Ok(outcomes) => told(outcomes, Lang::En) + &told(outcomes, Lang::Ja),
        Err(failure) => failure.told(Lang::En).to_owned() + failure.told(Lang::Ja),
    };
    assert!(!text.contains(TOKEN), "{text}");
    outcome
}

fn run(stub: &mut Stub, plan: &Plan) -> Vec<Outcome> {
    run_with(stub, plan, settings()).unwrap()
}

fn writes(stub: &Stub) -> usize {
    stub.log.iter().filter(|it| !it.starts_with("GET")).count()
}

#[test]
fn a_ticket_lives() {
    let mut stub = Stub::default();
    // Opened once, however often.
    let first = day(0, &[A1, B]);
    let plan = planned(&first, None);
    assert!(run(&mut stub, &plan).iter().all(Outcome::is_good));
    assert_eq!(stub.issues.len(), 2);
    assert_eq!(stub.issues[0].labels, ["aws-audit", "aws-audit:critical"]);
    let before = writes(&stub);
    run(&mut stub, &plan);
    assert_eq!((stub.issues.len(), writes(&stub)), (2, before));
    // A person writes above and below; a resource more is told in the text and in a comment, once.
    let body = &mut stub.issues[0].body;
    *body = format!("Mine.\n\n{}\nMore of mine.", body.replace('\n', "\r\n"));
    stub.issues[0].labels.push("team-a".into());
    let second = day(1, &[A1, A2, B]);
    let plan = planned(&second, Some(&first));
    run(&mut stub, &plan);
    let issue = &stub.issues[0];
    assert!(issue.body.starts_with("Mine.\n\n<!-- aws-audit:key=") && issue.body.ends_with("More of mine."));
    assert!(issue.body.contains("`a2`") && issue.body.matches("aws-audit:key=").count() == 1);
    assert!(issue.labels.contains(&"team-a".to_owned()));
    assert_eq!(issue.comments.len(), 1);
    assert!(issue.comments[0].contains("New: `a2`"));
    let before = writes(&stub);
    run(&mut stub, &plan);
    assert_eq!(writes(&stub), before);
    // Worse: another label of ours.
    let mut worse = day(2, &[A1, A2, B]);
    worse.findings[2].severity = Severity::Critical;
    grouped(&mut worse);
    run(&mut stub, &planned(&worse, Some(&second)));
    assert_eq!(stub.issues[1].labels, ["aws-audit", "aws-audit:critical"]);
    // Mended, then seen again: the same ticket.
    let third = day(3, &[]);
    let plan = planned(&third, Some(&worse));
    run(&mut stub, &plan);
    for issue in &stub.issues {
        assert_eq!((issue.state.as_str(), issue.reason.as_deref()), ("closed", Some("completed")));
        assert!(issue.comments.last().unwrap().contains("it fails no longer"));
    }
    let before = writes(&stub);
    run(&mut stub, &plan);
    assert_eq!(writes(&stub), before);
    let outcomes = run(&mut stub, &planned(&day(4, &[A1]), Some(&third)));
    assert_eq!((outcomes[0].item.action, stub.issues.len()), (Action::Reopen, 2));
    assert_eq!(stub.open(&key("critical-a")), [1]);
    assert!(stub.issues[0].comments.last().unwrap().contains("Seen again in the scan of 2026-11-05"));
}

#[test]
fn people_decide() {
    let mut stub = Stub::default();
    let first = day(0, &[A1, B]);
    run(&mut stub, &planned(&first, None));
    stub.issues[0].state = "closed".into();
    stub.issues[0].reason = Some("not_planned".into());
    stub.issues[1].labels.push(KEEP.into());
    let outcomes = run(&mut stub, &planned(&day(1, &[A1]), Some(&first)));
    assert_eq!(outcomes[0].item.why, Why::Declined);
    assert_eq!(outcomes[1].item.why, Why::Kept);
    assert_eq!((stub.issues[0].state.as_str(), stub.issues[1].state.as_str()), ("closed", "open"));
}

#[test]
fn every_page_is_read() {
    let mut stub = Stub { page: 2, ..Stub::default() };
    let names: Vec<String> = (0..9).map(|at| format!("high-{at}")).collect();
    let checks: Vec<&str> = names.iter().map(String::as_str).collect();
    let facts: Vec<Fact<'_>> = checks.iter().map(|check| (*check, "x", "", Fail)).collect();
    let plan = planned(&report(0, &checks, &facts), None);
    for _ in 0..2 {
        run(&mut stub, &plan);
        assert_eq!(stub.issues.len(), 9);
    }
    // A page that cannot be read: nothing is done rather than done twice.
    let before = writes(&stub);
    stub.faults = [Fault::None, Fault::None, Fault::None].into_iter().chain([Fault::Error; 5]).collect();
    let failure = run_with(&mut stub, &plan, settings()).unwrap_err();
    assert!(failure.what.contains("status 502"), "{failure:?}");
    assert_eq!(writes(&stub), before);
}

#[test]
fn a_pull_request_is_no_ticket() {
    let mut stub = Stub::default();
    let plan = planned(&day(0, &[A1]), None);
    run(&mut stub, &plan);
    stub.issues[0].is_pull_request = true;
    run(&mut stub, &plan);
    assert_eq!(stub.issues.len(), 2);
}

#[test]
fn it_waits_as_long_as_it_is_told_and_no_longer_than_it_may() {
    for (fault, waits) in [(Fault::RetryAfter(30), 30), (Fault::Reset(120), 121), (Fault::Secondary, 60)] {
        let mut stub = Stub { faults: [Fault::None, Fault::None, fault].into(), ..Stub::default() };
        let clock = TestClock::new();
        let mut github = GitHub::new(&mut stub, &clock, settings()).unwrap();
        let left = rehearse(&planned(&day(0, &[A1, B]), None), &mut github).unwrap();
        assert!(apply(&left, &mut github).iter().all(Outcome::is_good));
        // And a second between one write and the next.
        assert_eq!(*clock.slept.borrow(), [waits, 1, 1], "{fault:?}");
        assert_eq!(stub.issues.len(), 2);
    }
    let mut stub = Stub { faults: [Fault::None, Fault::None, Fault::Reset(3000)].into(), ..Stub::default() };
    let outcomes = run(&mut stub, &planned(&day(0, &[A1, B]), None));
    assert!(matches!(&outcomes[0].result, Some(Err(failure)) if failure.what.contains("wait 3001 s")));
    assert_eq!((&outcomes[1].result, stub.issues.len()), (&None, 0), "nothing more is tried");
    assert!(told(&outcomes, Lang::En).contains("not tried after that"));
}

/// The answer is lost, the issue made: it must not be made again.
#[test]
fn an_issue_that_may_have_been_made_is_looked_for_first() {
    for fault in [Fault::LostAfter, Fault::ErrorAfter, Fault::Lost, Fault::Error] {
        let mut stub = Stub { faults: [Fault::None, Fault::None, fault].into(), ..Stub::default() };
        let outcomes = run(&mut stub, &planned(&day(0, &[A1]), None));
        assert!(outcomes[0].is_good(), "{fault:?}: {outcomes:?}");
        assert_eq!(stub.issues.len(), 1, "{fault:?}");
    }
}

#[test]
fn a_comment_is_never_said_twice() {
    let (first, second) = (day(0, &[A1]), day(1, &[A1, A2]));
    let mut stub = Stub::default();
    run(&mut stub, &planned(&first, None));
    stub.faults = [Fault::None, Fault::None, Fault::None, Fault::LostAfter].into();
    let outcomes = run(&mut stub, &planned(&second, Some(&first)));
    let lost = Done::WithoutComment("#1".into(), "no answer in time".into());
    assert_eq!(outcomes[0].result, Some(Ok(lost)));
    assert!(told(&outcomes, Lang::En).contains(": #1, without a comment (no answer in time)\n"));
    run(&mut stub, &planned(&second, Some(&first)));
    assert_eq!(stub.issues[0].comments.len(), 1);
}

#[test]
fn one_that_fails_leaves_the_others() {
    let mut stub = Stub { faults: [Fault::None, Fault::None, Fault::Invalid].into(), ..Stub::default() };
    let outcomes = run(&mut stub, &planned(&day(0, &[A1, B]), None));
    assert_eq!(outcomes.iter().map(Outcome::is_good).collect::<Vec<_>>(), [false, true]);
    assert_eq!(stub.issues.len(), 1);
}

#[test]
fn where_anybody_reads_nothing_is_told() {
    let plan = planned(&day(0, &[A1]), None);
    for (repository, says) in [
        (serde_json::json!({ "private": false }), "anybody can read"),
        (serde_json::json!({}), "anybody can read"),
        (serde_json::json!({ "private": true, "has_issues": false }), "turned off"),
        (serde_json::json!({ "private": true, "archived": true }), "archived"),
    ] {
        let mut stub = Stub { repository, ..Stub::default() };
        let failure = run_with(&mut stub, &plan, settings()).unwrap_err();
        assert!(failure.what.contains(says) && stub.log.len() == 1, "{failure:?}");
    }
    let mut stub = Stub { repository: serde_json::json!({ "private": false }), ..Stub::default() };
    run_with(&mut stub, &plan, Settings { allow_public: true, ..settings() }).unwrap();
    assert_eq!(stub.issues.len(), 1);
}

/// Without the label the issue would not be found again, and the next run would make another one.
#[test]
fn a_token_that_may_not_set_labels_makes_no_second_issue() {
    let mut stub = Stub { drops_labels: true, ..Stub::default() };
    let outcomes = run(&mut stub, &planned(&day(0, &[A1, B]), None));
    assert!(matches!(&outcomes[0].result, Some(Err(it)) if it.is_final && it.what.contains("labels")));
    assert_eq!((stub.issues.len(), stub.issues[0].state.as_str()), (1, "closed"));
}

#[test]
fn owners_from_the_configuration_are_assigned_and_others_are_not() {
    let assigned = |owner: &str, tag: Option<&str>, known: &[&str]| {
        let mut now = day(0, &[A1]);
        now.findings[0].resource.tags = [("team", "@victim")].into();
        let rule = OwnerRule { owner: owner.into(), ..OwnerRule::default() };
        let owners = if owner.is_empty() { vec![] } else { vec![rule] };
        let options = Options { owners, owner_tag: tag.map(str::to_owned), ..Options::default() };
        let mut stub =
            Stub { known_logins: known.iter().map(|it| (*it).to_owned()).collect(), ..Stub::default() };
        run(&mut stub, &plan(&now, None, &options).unwrap());
        assert_eq!(stub.issues.len(), 1);
        stub.issues.remove(0).assignees
    };
    assert_eq!(assigned("@octo-cat", None, &["octo-cat"]), ["octo-cat"]);
    assert_eq!(assigned("@gone", None, &["octo-cat"]), Vec::<String>::new());
    assert_eq!(assigned("Team A", None, &[]), Vec::<String>::new());
    assert_eq!(assigned("", Some("team"), &["victim"]), Vec::<String>::new());
}

#[test]
fn what_cannot_be_right_is_told_before_anything_is_sent() {
    let refused = |settings: Settings<'_>| {
        let (mut stub, clock) = (Stub::default(), TestClock::new());
        let is_refused = GitHub::new(&mut stub, &clock, settings).is_err();
        assert!(stub.log.is_empty());
        is_refused
    };
    assert!(!refused(settings()));
    for repository in
        ["", "o", "o/", "/r", "o/r/x", "o/r?x", "../r", "o/..", "o r/r", "https://github.com/o/r"]
    {
        assert!(refused(Settings { repository, ..settings() }), "{repository}");
    }
    for api in ["http://github.example", "ftp://x", "https://a@b", "https://a?b", "https://api.github.com/"] {
        assert!(refused(Settings { api, ..settings() }), "{api}");
    }
    for token in ["", "a b", "a\nb", "日"] {
        assert!(refused(Settings { token, ..settings() }), "{token}");
    }
    for api in ["https://github.example/api/v3", "http://127.0.0.1:8080"] {
        assert!(!refused(Settings { api, ..settings() }), "{api}");
    }
}

/// A name that looks like the end of our part.
#[test]
fn a_name_that_looks_like_the_end_does_not_end_it() {
    let name = "<!-- aws-audit:end --> <!-- aws-audit:key=";
    let (first, second) =
        (day(0, &[("critical-a", name, "", Fail)]), day(1, &[("critical-a", name, "", Fail), A1]));
    let mut stub = Stub::default();
    run(&mut stub, &planned(&first, None));
    stub.issues[0].body += "Mine.";
    run(&mut stub, &planned(&second, Some(&first)));
    let body = &stub.issues[0].body;
    assert!(
        body.ends_with("<!-- aws-audit:end -->Mine.") || body.ends_with("<!-- aws-audit:end -->\nMine."),
        "{body}"
    );
    let markers = body.lines().filter(|line| line.starts_with("<!-- aws-audit:key="));
    assert_eq!(markers.count(), 1, "{body}");
}

#[test]
fn a_list_that_goes_on_elsewhere_is_not_followed() {
    struct Elsewhere(Vec<String>);
    impl crate::http::Transport for Elsewhere {
        fn send(
            &mut self,
            request: &crate::http::Request,
        ) -> Result<crate::http::Response, crate::http::NoAnswer> {
            self.0.push(request.url.clone());
            let body = if request.url.contains("/issues") { "[]" } else { r#"{"private": true}"# };
            let link = "<https://api.github.com.evil.example/x>; rel=\"next\"".to_owned();
            Ok(crate::http::Response { status: 200, headers: vec![("link".into(), link)], body: body.into() })
        }
    }
    let (mut transport, clock) = (Elsewhere(vec![]), TestClock::new());
    let mut github = GitHub::new(&mut transport, &clock, settings()).unwrap();
    assert!(rehearse(&planned(&day(0, &[A1]), None), &mut github).unwrap_err().what.contains("another host"));
    assert_eq!(transport.0.len(), 2);
}

/// One run of a history: what fails and what could not be read, whether the earlier report is at hand, what goes wrong, and
/// after how many requests everything does.
#[derive(Clone, Debug)]
struct Run {
    status: [u8; 4],
    has_previous: bool,
    faults: Vec<Fault>,
    dies_after: Option<usize>,
    max: u32,
}

fn runs() -> impl Strategy<Value = Vec<Run>> {
    let fault = prop_oneof![
        6 => Just(Fault::None),
        1 => Just(Fault::RetryAfter(5)),
        1 => Just(Fault::Reset(60)),
        1 => Just(Fault::Secondary),
        1 => Just(Fault::Error),
        2 => Just(Fault::ErrorAfter),
        1 => Just(Fault::Lost),
        2 => Just(Fault::LostAfter),
        1 => Just(Fault::Invalid),
    ];
    let run = (
        proptest::array::uniform4(0_u8..4),
        any::<bool>(),
        proptest::collection::vec(fault, 0..20),
        proptest::option::weighted(0.3, 0_usize..12),
        0_u32..4,
    );
    let run = run.prop_map(|(status, has_previous, faults, dies_after, max)| Run {
        status,
        has_previous,
        faults,
        dies_after,
        max,
    });
    proptest::collection::vec(run, 1..8)
}

/// What each of these is: failing, unknown, accepted or fine.
fn facts(status: [u8; 4]) -> Vec<Fact<'static>> {
    let all = [A1, A2, B, ("medium-c", "c", "eu-west-1", Fail)];
    let with = all.into_iter().zip(status).filter_map(|(fact, status)| {
        let status = [Some(Fail), Some(Unknown), Some(Suppressed), None][usize::from(status)]?;
        Some((fact.0, fact.1, fact.2, status))
    });
    with.collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    /// Whatever happens in whatever order: never two open tickets of one key, never one closed of what was not seen to be
    /// fine; and one run in which nothing goes wrong brings the tracker to what the report says.
    #[test]
    fn there_is_one_ticket_for_each_key_at_most(history in runs()) {
        let mut stub = Stub { page: 2, ..Stub::default() };
        let mut previous: Option<Report> = None;
        let keys = CHECKS.map(key);
        // What was last seen of each, and the tickets that were seen to tell of it since it fails.
        let (mut fails, mut told) = ([false; 4], std::collections::BTreeSet::new());
        for (at, run) in history.iter().enumerate() {
            let now = day(i64::try_from(at).unwrap(), &facts(run.status));
            let options = Options { max: run.max, ..Options::default() };
            let plan = plan(&now, previous.as_ref().filter(|_| run.has_previous), &options).unwrap();
            let open = keys.clone().map(|key| stub.open(&key));
            stub.faults = run.faults.iter().copied().collect();
            stub.dies_after = run.dies_after.map(|after| stub.log.len() + after);
            let _ = run_with(&mut stub, &plan, settings());
            for (key, before) in keys.iter().zip(open) {
                let after = stub.open(key);
                prop_assert!(after.len() <= 1, "{key}: {after:?}");
                let is_failing = now.groups.iter().any(|group| group.id == *key);
                prop_assert!(!is_failing || after.len() >= before.len(), "{key} was closed, and fails");
                let unread = (0..4).filter(|at| run.status[*at] == 1 && fails[*at]);
                for number in before {
                    let is_unread = unread.clone().any(|at| told.contains(&(number, at)));
                    prop_assert!(!is_unread || after.contains(&number), "{key} was closed unseen");
                }
            }
            for (at, name) in ["\n- `a1`", "\n- `a2`", "\n- `b`", "\n- `c`"].into_iter().enumerate() {
                match run.status[at] {
                    0 => fails[at] = true,
                    1 => {}
                    _ => {
                        fails[at] = false;
                        told.retain(|(_, of)| *of != at);
                    }
                }
                let tells = |number: &usize| {
                    let issue = &stub.issues[*number - 1];
                    fails[at] && issue.state == "open" && issue.body.contains(name)
                };
                told.extend((1..=stub.issues.len()).filter(tells).map(|number| (number, at)));
            }
            previous = Some(now);
        }
        (stub.faults, stub.dies_after) = (Default::default(), None);
        let last = previous.unwrap();
        let plan = plan(&last, None, &Options::default()).unwrap();
        let outcomes = run(&mut stub, &plan);
        prop_assert!(outcomes.iter().all(Outcome::is_good));
        for key in &keys {
            let of = |it: &&aws_audit_checks::report::ReportFinding| self::key(&it.check) == *key;
            let fails = last.findings.iter().filter(of).any(|it| it.status == Fail);
            let is_unread = last.findings.iter().filter(of).any(|it| it.status == Unknown);
            let open = stub.open(key).len();
            prop_assert!(if fails { open == 1 } else { is_unread || open == 0 }, "{key}: {open}");
        }
        let before = writes(&stub);
        run(&mut stub, &plan);
        prop_assert_eq!(writes(&stub), before, "applied twice it does nothing more");
    }
}

#[test]
fn the_stub_is_of_one_account() {
    assert_eq!(finding(A1).resource.account, ACCOUNT);
}
