use aws_audit_checks::{
    finding::{Severity, Status, Status::*},
    page::Lang,
    report::{Report, State as Standing},
};

use crate::{
    Action, KEEP, Marker, Options, OwnerRule, Plan, PlanError, Settings, State, Ticket, Why, plan, resolve,
    testing::{ACCOUNT, Fact, at, finding, grouped, id, key, report},
    told_plan,
};

const CHECKS: [&str; 3] = ["critical-a", "high-b", "medium-c"];

const A1: Fact<'_> = ("critical-a", "a1", "eu-west-1", Fail);
const A2: Fact<'_> = ("critical-a", "a2", "us-east-1", Fail);
const B: Fact<'_> = ("high-b", "b", "", Fail);

fn day(day: i64, facts: &[Fact<'_>]) -> Report {
    report(day, &CHECKS, facts)
}

fn but(fact: Fact<'static>, status: Status) -> Fact<'static> {
    (fact.0, fact.1, fact.2, status)
}

fn planned(now: &Report, before: Option<&Report>) -> Plan {
    let plan = plan(now, before, &Options::default()).unwrap();
    // As it is written, so it is read; and the same reports make the same bytes.
    let mut written = Vec::new();
    plan.write(&mut written).unwrap();
    let mut again = Vec::new();
    super::super::plan(now, before, &Options::default()).unwrap().write(&mut again).unwrap();
    assert_eq!(written, again);
    assert_eq!(Plan::read(std::str::from_utf8(&written).unwrap()).unwrap(), plan);
    plan
}

/// The check, what to do about it and why.
fn actions(plan: &Plan) -> Vec<(String, Action, Why)> {
    let check = |key: &str| CHECKS.into_iter().find(|check| self::key(check) == key).unwrap_or("others");
    plan.items.iter().map(|item| (check(&item.key).to_owned(), item.action, item.why)).collect()
}

fn told(now: &[Fact<'_>], before: &[Fact<'_>]) -> Vec<(String, Action, Why)> {
    actions(&planned(&day(1, now), Some(&day(0, before))))
}

fn one(check: &str, action: Action, why: Why) -> Vec<(String, Action, Why)> {
    vec![(check.to_owned(), action, why)]
}

/// What a tracker has after the plan was applied to it.
fn tracked(plan: &Plan) -> Vec<Ticket> {
    let opened = plan.items.iter().filter(|item| matches!(item.action, Action::Create | Action::Reopen));
    opened
        .enumerate()
        .map(|(at, item)| Ticket {
            id: at.to_string(),
            state: State::Open,
            labels: item.labels.clone(),
            title: item.title.clone(),
            text: item.body.as_ref().unwrap().markdown.clone(),
            key: None,
        })
        .collect()
}

#[test]
fn what_fails_gets_a_ticket_worst_first() {
    let plan = planned(&day(0, &[B, A1, A2]), None);
    assert_eq!(
        actions(&plan),
        [("critical-a".into(), Action::Create, Why::New), ("high-b".into(), Action::Create, Why::New)]
    );
    assert_eq!(plan.items[0].labels, ["aws-audit", "aws-audit:critical"]);
    assert_eq!(plan.items[0].resources, 2);
    assert_eq!(plan.items[0].findings.len(), 2);
}

#[test]
fn what_stays_as_it_is_is_left() {
    assert_eq!(told(&[A1], &[A1]), one("critical-a", Action::None, Why::Same));
}

#[test]
fn another_resource_is_an_update_with_a_comment() {
    let plan = planned(&day(1, &[A1, A2]), Some(&day(0, &[A1])));
    assert_eq!(actions(&plan), one("critical-a", Action::Update, Why::Changed));
    let comment = plan.items[0].comment.as_ref().unwrap();
    assert_eq!(comment.text, "Changed in the scan of 2026-11-02 12:00 UTC.\n\n- New: a2\n\n");
    let plan = planned(&day(1, &[A2]), Some(&day(0, &[A1, A2])));
    assert!(plan.items[0].comment.as_ref().unwrap().text.contains("- Mended or accepted: a1\n"));
}

#[test]
fn a_severity_that_rises_is_worth_a_comment_and_one_that_falls_is_not() {
    let moved = |severity| {
        let mut report = day(1, &[B]);
        report.findings[0].severity = severity;
        grouped(&mut report);
        planned(&report, Some(&day(0, &[B])))
    };
    let worse = moved(Severity::Critical);
    assert_eq!(actions(&worse), one("high-b", Action::Update, Why::Changed));
    assert!(worse.items[0].comment.as_ref().unwrap().text.contains("- Severity: high, now critical\n"));
    let better = moved(Severity::Medium);
    assert_eq!(actions(&better), one("high-b", Action::Update, Why::Changed));
    assert_eq!(better.items[0].comment, None);
    // Below what gets tickets: told in the one that there is, and nothing is opened for it.
    let below = moved(Severity::Low);
    assert_eq!(actions(&below), one("high-b", Action::Update, Why::Below));
    assert!(!below.items[0].opens);
    assert_eq!(resolve(&below, &[]).items, []);
}

#[test]
fn what_is_seen_to_be_mended_is_closed_and_what_is_not_seen_is_not() {
    assert_eq!(told(&[], &[A1]), one("critical-a", Action::Close, Why::Fixed));
    assert_eq!(told(&[but(A1, Suppressed)], &[A1]), one("critical-a", Action::Close, Why::Accepted));
    // Not read; its list not read, here and everywhere; a part of it not read.
    for unread in [A1, ("critical-a", "eu-west-1", "eu-west-1", Fail), ("critical-a", ACCOUNT, "", Fail)] {
        assert_eq!(told(&[but(unread, Unknown)], &[A1]), []);
        assert_eq!(told(&[but(unread, Unknown)], &[A1, A2]), []);
    }
    // Not scanned; not checked; not listed.
    let before = day(0, &[A1, A2]);
    let mut elsewhere = day(1, &[]);
    elsewhere.regions = vec!["us-east-1".into()];
    assert_eq!(actions(&planned(&elsewhere, Some(&before))), []);
    assert_eq!(actions(&planned(&report(1, &["high-b"], &[]), Some(&before))), []);
    let mut unlisted = day(1, &[]);
    unlisted.scope.as_mut().unwrap().unlisted = 1;
    let plan = planned(&unlisted, Some(&before));
    assert!(plan.header.closes_nothing);
    assert_eq!(actions(&plan), []);
    assert_eq!(resolve(&plan, &tracked(&planned(&before, None))).items, [], "nor by what the tickets say");
}

#[test]
fn a_part_that_was_not_read_stays_in_the_ticket() {
    let plan = planned(&day(1, &[A1, but(A2, Unknown)]), Some(&day(0, &[A1, A2])));
    assert_eq!(actions(&plan), one("critical-a", Action::None, Why::Same));
    let body = plan.items[0].body.as_ref().unwrap();
    assert!(
        body.text.contains("Not judged in this scan, and not to be taken for fine: a2\n"),
        "{}",
        body.text
    );
    assert!(plan.items[0].marker.regions.contains("us-east-1"));
    let before = planned(&day(0, &[A1, A2]), None);
    let marker = |plan: &Plan| Marker { report: None, ..plan.items[0].marker.clone() };
    assert_eq!(marker(&plan), marker(&before), "but for the report that it would be opened for");
}

#[test]
fn findings_that_move_to_another_group_close_the_ticket_and_say_where() {
    let before = day(0, &[A1]);
    let mut now = day(1, &[A1]);
    now.groups[0].id = "f".repeat(32);
    now.groups[0].title = "Security group a1".into();
    now.findings[0].group = Some("f".repeat(32));
    let plan = planned(&now, Some(&before));
    assert_eq!((plan.items[0].action, plan.items[1].action), (Action::Create, Action::Close));
    assert_eq!(plan.items[1].why, Why::Moved);
    let comment = &plan.items[1].comment.as_ref().unwrap().markdown;
    assert!(comment.ends_with("this is told of in: `Security group a1`\n\n"), "{comment}");
}

#[test]
fn what_comes_again_opens_its_ticket_again() {
    assert_eq!(told(&[A1], &[but(A1, Suppressed)]), one("critical-a", Action::Reopen, Why::Again));
    let mut resolved = day(0, &[but(A1, Pass)]);
    resolved.findings[0].state = Some(Standing::Resolved);
    let plan = planned(&day(1, &[A1]), Some(&resolved));
    assert_eq!(actions(&plan), one("critical-a", Action::Reopen, Why::Again));
}

#[test]
fn reports_that_have_nothing_to_do_with_each_other_make_no_plan() {
    let (mut other, now) = (day(0, &[A1]), day(1, &[]));
    other.account.id = "999999999999".into();
    let plan = |now: &Report, before: &Report| plan(now, Some(before), &Options::default()).unwrap_err();
    assert_eq!(plan(&now, &other), PlanError::Accounts("999999999999".into(), ACCOUNT.into()));
    assert_eq!(plan(&now, &day(2, &[A1])), PlanError::Order);
    let mut hostile = day(0, &[]);
    hostile.account.id = "1 --> x".into();
    assert_eq!(super::super::plan(&hostile, None, &Options::default()).unwrap_err(), PlanError::NoAccount);
}

#[test]
fn no_more_than_the_ceiling_is_opened_and_one_ticket_lists_the_rest() {
    let names: Vec<String> = (0..30).map(|at| format!("high-{at:02}")).collect();
    let checks: Vec<&str> = names.iter().map(String::as_str).collect();
    let facts: Vec<Fact<'_>> = checks.iter().map(|check| (*check, "x", "", Fail)).collect();
    let plan = planned(&report(0, &checks, &facts), None);
    let count = |plan: &Plan, action| plan.items.iter().filter(|item| item.action == action).count();
    assert_eq!((count(&plan, Action::Create), count(&plan, Action::None)), (21, 10));
    let others = plan.items.last().unwrap();
    assert_eq!((others.why, others.resources), (Why::Others, 10));
    let body = &others.body.as_ref().unwrap().text;
    assert!(body.starts_with("At most 20 tickets are opened in one run. These 10 groups"), "{body}");
    let first = resolve(&plan, &[]);
    assert!(told_plan(&first, Lang::En).ends_with(
        "21 to create, 0 to update, 0 to reopen, 0 to close, 0 as they are; 10 beyond the ceiling of this run\n"
    ));
    assert_eq!(told_plan(&first, Lang::Ja).lines().count(), 22);
    assert_eq!(count(&first, Action::Create), 21);
    let tickets = tracked(&first);
    // Applied again, the plan opens no more.
    let again = resolve(&plan, &tickets);
    assert!(again.items.iter().all(|item| item.action == Action::None), "{again:#?}");
    // The next run opens the rest, and closes the list.
    let second = resolve(&planned(&report(1, &checks, &facts), None), &tickets);
    assert_eq!((count(&second, Action::Create), count(&second, Action::Close)), (10, 1));
    assert_eq!(second.items.last().unwrap().why, Why::Others);
    // Part of what it lists could not be looked at: it stays.
    let mut partial = report(2, &checks, &facts[..25]);
    partial.findings.push(finding(("high-29", "x", "", Unknown)));
    let second = resolve(&planned(&partial, None), &tickets);
    assert_eq!((count(&second, Action::Create), count(&second, Action::Close)), (5, 0));
}

#[test]
fn what_is_there_already_is_not_made_again() {
    let plan = planned(&day(0, &[A1, B]), None);
    let left = resolve(&plan, &tracked(&plan));
    assert_eq!(
        actions(&left),
        [("critical-a".into(), Action::None, Why::Same), ("high-b".into(), Action::None, Why::Same)]
    );
}

#[test]
fn a_closed_ticket_is_opened_again_unless_a_person_has_said_otherwise() {
    let plan = planned(&day(0, &[A1]), None);
    let ticket = &tracked(&plan)[0];
    let with = |state, label: Option<&str>| {
        let mut ticket = Ticket { state, ..ticket.clone() };
        ticket.labels.extend(label.map(str::to_owned));
        actions(&resolve(&plan, &[ticket]))
    };
    assert_eq!(with(State::Closed, None), one("critical-a", Action::Reopen, Why::Again));
    assert_eq!(with(State::Declined, None), one("critical-a", Action::None, Why::Declined));
    assert_eq!(with(State::Closed, Some(KEEP)), one("critical-a", Action::None, Why::Kept));
}

#[test]
fn a_ticket_that_is_kept_is_not_closed() {
    let plan = planned(&day(1, &[]), Some(&day(0, &[A1])));
    let mut tickets = tracked(&planned(&day(0, &[A1]), None));
    assert_eq!(actions(&resolve(&plan, &tickets)), one("critical-a", Action::Close, Why::Fixed));
    tickets[0].labels.push(KEEP.into());
    assert_eq!(actions(&resolve(&plan, &tickets)), one("critical-a", Action::None, Why::Kept));
    let alone = planned(&day(1, &[]), None);
    assert_eq!(actions(&resolve(&alone, &tickets)), one("critical-a", Action::None, Why::Kept));
}

/// What a lost run, or a report that was not kept, would leave open for ever.
#[test]
fn tickets_say_where_they_are_from_and_are_closed_without_an_earlier_report() {
    let tickets = tracked(&planned(&day(0, &[A1, A2]), None));
    let left = |now: &Report| actions(&resolve(&planned(now, None), &tickets));
    assert_eq!(left(&day(5, &[])), one("critical-a", Action::Close, Why::Fixed));
    for unread in [A2, ("critical-a", "us-east-1", "us-east-1", Fail), ("critical-a", ACCOUNT, "", Fail)] {
        assert_eq!(left(&day(5, &[but(unread, Unknown)])), []);
    }
    let mut elsewhere = day(5, &[]);
    elsewhere.regions.pop();
    assert_eq!(left(&elsewhere), []);
    assert_eq!(left(&report(5, &["high-b"], &[])), []);
    // Failing, but below what gets tickets: not mended.
    let options = Options { min_severity: Severity::Critical, ..Options::default() };
    let tickets = tracked(&planned(&day(0, &[B]), None));
    let plan = plan(&day(5, &[B]), None, &options).unwrap();
    assert_eq!(resolve(&plan, &tickets).items, []);
}

#[test]
fn an_update_does_not_forget_places_that_were_not_seen() {
    let tickets = tracked(&planned(&day(0, &[A1, A2]), None));
    // Of a scan of one region, without the earlier report.
    let mut one_region = day(1, &[A1]);
    one_region.regions = vec!["eu-west-1".into()];
    let left = resolve(&planned(&one_region, None), &tickets);
    assert_eq!(actions(&left), one("critical-a", Action::Update, Why::Changed));
    let body = left.items[0].body.as_ref().unwrap();
    let marker = Marker::find(&body.markdown).unwrap();
    assert!(marker.regions.contains("us-east-1"), "{marker}");
    assert_eq!(Marker::find(&body.text).as_ref(), Some(&marker));
    let adf = body.adf["content"].as_array().unwrap().last().unwrap()["content"][0]["text"].as_str().unwrap();
    assert_eq!(Marker::find(adf).as_ref(), Some(&marker));
}

/// The earlier report did not see it either, so its group does not have it; the ticket does.
#[test]
fn what_was_not_seen_twice_keeps_the_ticket_open() {
    let tickets = tracked(&planned(&day(0, &[A1, A2]), None));
    let (second, third) = (day(1, &[A1, but(A2, Unknown)]), day(2, &[but(A2, Unknown)]));
    let plan = planned(&third, Some(&second));
    assert_eq!(actions(&plan), one("critical-a", Action::Close, Why::Fixed));
    assert_eq!(resolve(&plan, &tickets).items, []);
    let plan = planned(&day(3, &[]), Some(&third));
    assert_eq!(actions(&resolve(&plan, &tickets)), one("critical-a", Action::Close, Why::Fixed));
}

#[test]
fn other_accounts_tickets_are_left_alone() {
    let mut other = day(0, &[A1]);
    other.account.id = "999999999999".into();
    let tickets = tracked(&planned(&other, None));
    assert_eq!(resolve(&planned(&day(1, &[]), None), &tickets).items, []);
}

#[test]
fn of_two_open_tickets_the_first_one_stays() {
    let plan = planned(&day(0, &[A1]), None);
    let first = tracked(&plan).remove(0);
    let second = Ticket { id: "second".into(), ..first.clone() };
    let left = resolve(&plan, &[first, second]);
    assert_eq!(left.items[1].ticket.as_deref(), Some("second"));
    assert_eq!((left.items[1].action, left.items[1].why), (Action::Close, Why::Duplicate));
}

#[test]
fn trackers_that_tell_no_text_are_told_by_key() {
    let (before, now) = (day(0, &[A1]), day(1, &[A1, A2]));
    let ticket = Ticket {
        id: "7".into(),
        state: State::Open,
        labels: vec![],
        title: String::new(),
        text: String::new(),
        key: Some(key("critical-a")),
    };
    let left = |now: &Report| actions(&resolve(&planned(now, Some(&before)), std::slice::from_ref(&ticket)));
    assert_eq!(left(&now), one("critical-a", Action::Update, Why::Changed));
    assert_eq!(left(&day(1, &[A1])), one("critical-a", Action::None, Why::Same));
    assert_eq!(left(&day(1, &[])), one("critical-a", Action::Close, Why::Fixed));
}

#[test]
fn owners_by_rule_then_by_tag() {
    let rule = |owner: &str, tags: &[&str], accounts: &[&str]| OwnerRule {
        owner: owner.into(),
        tags: tags.iter().map(|it| (*it).to_owned()).collect(),
        accounts: accounts.iter().map(|it| (*it).to_owned()).collect(),
        ..OwnerRule::default()
    };
    let mut tagged = day(0, &[A1, A2]);
    tagged.findings[0].resource.tags = [("team", "pay")].into();
    tagged.findings[1].resource.tags = [("team", "web\u{202e}")].into();
    let owner = |owners: Vec<OwnerRule>, tag: Option<&str>| {
        let options = Options { owners, owner_tag: tag.map(str::to_owned), ..Options::default() };
        let item = plan(&tagged, None, &options).unwrap().items.remove(0);
        (item.owner.map(|owner| (owner.name, owner.from_tag)), item.body.unwrap().text)
    };
    let all = owner(vec![rule("@boss", &[], &[ACCOUNT])], None);
    assert_eq!(all.0, Some(("@boss".into(), false)));
    assert!(!all.1.contains("Owners"));
    let both = owner(vec![rule("@pay", &["team=p*"], &[]), rule("@web", &["team"], &[])], None);
    assert_eq!(both.0, None);
    assert!(both.1.contains("Owners: @pay (1), @web (1)\n"), "{}", both.1);
    let by_tag = owner(vec![rule("@pay", &["team=pay"], &["999999999999"])], Some("team"));
    assert!(by_tag.1.contains(r"Owners: pay (1), web\u{202e} (1)"), "{}", by_tag.1);
    assert_eq!(owner(vec![], Some("Team")).0, None, "tags are exact");
}

#[test]
fn settings_are_read_and_unknown_keys_are_told() {
    let settings: Settings = serde_json::from_str(
        r#"{"min-severity": "high", "max": 5, "owner-tag": "team", "owners": [{"owner": "@a", "tags": ["t=x"]}]}"#,
    )
    .unwrap();
    assert_eq!((settings.max, settings.owners[0].tags[0].as_str()), (Some(5), "t=x"));
    assert!(serde_json::from_str::<Settings>(r#"{"maximum": 5}"#).is_err());
}

#[test]
fn a_text_that_is_no_plan_is_told_with_its_line() {
    assert_eq!(Plan::read("").unwrap_err().line, 1);
    assert_eq!(Plan::read("\n{}").unwrap_err().line, 2);
    let mut written = Vec::new();
    planned(&day(0, &[A1]), None).write(&mut written).unwrap();
    let written = String::from_utf8(written).unwrap();
    assert_eq!(Plan::read(&(written.clone() + "{}\n")).unwrap_err().line, 3);
    let newer = written.replacen("\"plan\":1", "\"plan\":2", 1);
    assert!(Plan::read(&newer).unwrap_err().what.contains("version 2"));
}

#[test]
fn markers_are_read_as_they_are_written() {
    let marker = planned(&day(0, &[A1, B]), None).items[0].marker.clone();
    let text = marker.to_string();
    assert_eq!(Marker::find(&format!("x\n<!-- {text} -->\ny")), Some(marker.clone()));
    assert_eq!(Marker::find("aws-audit:key=1234"), None);
    // A name that could end the comment is not written; the ticket is then not closed by what it says.
    let hostile = Marker { checks: ["a-->".to_owned()].into(), ..marker };
    let read = Marker::find(&format!("<!-- {hostile} -->")).unwrap();
    assert_eq!((read.severity, read.checks.len()), (None, 0));
    assert_eq!(id(&["a"]).len(), 32);
    assert_eq!(at(0).to_string(), "2026-11-01T12:00:00Z");
    assert_eq!(Lang::default(), Lang::En);
}
