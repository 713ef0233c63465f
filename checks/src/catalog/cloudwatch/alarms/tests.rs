use super::*;
use crate::{
    analysis::alarm::Link,
    finding::Status,
    gap::{Collected, GapKind},
    snapshot::{
        Region,
        cloudtrail::{AdvancedSelector, EventSelector, EventSelectors, FieldSelector, Trail, TrailStatus},
        cloudwatch::{Alarm, Condition, Query, QueryKind, Statistic},
        logs::{FilterMetric, MetricFilter},
        sns::{Topic, TopicAttributes},
    },
    testing::{denied, empty, fails, findings, passes, read, region, silent, unknown},
};

/// The account's one trail.
fn trail(account: &mut Snapshot) -> &mut Trail {
    let Collected::Value(trails) = &mut region(account).cloudtrail.trails else { unreachable!() };
    &mut trails[0]
}

/// A statistic of a metric over five minutes.
fn statistic(name: &str, statistic: &str) -> Statistic {
    Statistic {
        namespace: "CIS".into(),
        name: name.into(),
        statistic: statistic.into(),
        period: 300,
        ..Statistic::default()
    }
}

/// At least 1 within one period.
fn condition(of: Statistic) -> Condition {
    Condition {
        queries: vec![Query { returns_data: true, of: QueryKind::Statistic(of), ..Query::default() }],
        comparison: "GreaterThanOrEqualToThreshold".into(),
        threshold: Some(1.0),
        evaluation_periods: 1,
        datapoints_to_alarm: None,
        missing_data: "missing".into(),
        ignores_low_samples: false,
    }
}

/// The account's alarms.
fn alarms(account: &mut Snapshot) -> &mut Vec<Alarm> {
    let Collected::Value(alarms) = &mut region(account).cloudwatch.alarms else { unreachable!() };
    alarms
}

/// The account's metric filters.
fn filters(account: &mut Snapshot) -> &mut Vec<MetricFilter> {
    let Collected::Value(filters) = &mut region(account).logs.metric_filters else { unreachable!() };
    filters
}

/// An account with a complete chain behind a metric filter.
fn with_filter(pattern: &str) -> Snapshot {
    let topic = "arn:aws:sns:eu-west-1:111122223333:security";
    let metric = FilterMetric {
        namespace: "CIS".into(),
        name: "events".into(),
        value: "1".into(),
        unit: "None".into(),
        ..FilterMetric::default()
    };
    let mut account = empty();
    let region = region(&mut account);
    region.cloudtrail.trails = read(vec![Trail {
        name: "audit".into(),
        arn: "arn:aws:cloudtrail:eu-west-1:111122223333:trail/audit".into(),
        home_region: "eu-west-1".into(),
        is_multi_region: true,
        include_global_service_events: true,
        log_file_validation: true,
        bucket: None,
        kms_key: None,
        log_group_arn: Some("arn:aws:logs:eu-west-1:111122223333:log-group:trail:*".into()),
        status: read(TrailStatus { is_logging: true, ..TrailStatus::default() }),
        event_selectors: read(EventSelectors::Basic(vec![EventSelector {
            management_events: true,
            read_write_type: "All".into(),
            excluded_sources: vec![],
            data_resources: vec![],
        }])),
    }]);
    region.logs.metric_filters = read(vec![MetricFilter {
        name: "filter".into(),
        log_group: "trail".into(),
        pattern: pattern.into(),
        metrics: vec![metric],
        ..MetricFilter::default()
    }]);
    region.cloudwatch.alarms = read(vec![Alarm {
        name: "alarm".into(),
        arn: "arn:aws:cloudwatch:eu-west-1:111122223333:alarm:alarm".into(),
        state: "OK".into(),
        condition: Some(condition(statistic("events", "Sum"))),
        actions_enabled: true,
        alarm_actions: vec![topic.into()],
        ..Alarm::default()
    }]);
    region.sns.topics = read(vec![Topic {
        arn: topic.into(),
        attributes: read(TopicAttributes { confirmed_subscriptions: 1, ..TopicAttributes::default() }),
    }]);
    account
}

/// The family's check of that name.
fn the(name: &str) -> &'static Check {
    let mut checks = ALARMS.iter().map(|(check, _)| check);
    checks.find(|check| check.id.strip_prefix("cloudwatch-alarm-") == Some(name)).unwrap()
}

/// The link in evidence.
fn id(link: Link) -> Value {
    serde_json::to_value(link).unwrap()
}

fn key_deletion() -> &'static Check {
    the("key-deletion")
}

/// The account with a complete chain behind a metric filter, which manages its organization where only such accounts
/// are judged.
fn as_judged(check: &Check, pattern: &str) -> Snapshot {
    let mut account = with_filter(pattern);
    if check.sources.contains(&Source::Organization) {
        let management_account = account.account.id.clone();
        let organization = Organization { id: "o-example".into(), management_account };
        account.organizations.organization = read(Some(organization));
    }
    account
}

#[test]
fn the_pattern_on_the_page_does() {
    for (check, events) in ALARMS {
        passes(check, &as_judged(check, &events.pattern()));
    }
    for (name, pattern) in [
        (
            "console-failures",
            r#"{ ($.eventName = ConsoleLogin) && ($.responseElements.ConsoleLogin = "Failure") }"#,
        ),
        (
            "console-without-mfa",
            r#"{ ($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes") && ($.userIdentity.arn != "*assumed-role*") }"#,
        ),
        ("root-use", r#"{ $.userIdentity.arn = "arn:aws:iam::111122223333:root" }"#),
    ] {
        passes(the(name), &with_filter(pattern));
    }
}

#[test]
fn a_pattern_that_misses_an_event_does_not() {
    for (check, events) in ALARMS {
        let mut account = as_judged(check, &events.pattern());
        region(&mut account).cloudtrail.trails = read(vec![]);
        fails(check, &account);
        let Events::Calls(service, operations) = events else { continue };
        for (at, missed) in operations.iter().enumerate() {
            let pattern = events.pattern().replace(&format!("= {missed})"), "= Other)");
            let account = as_judged(check, &pattern);
            let verdict = chain(&account, &events.records(&account), 1).unwrap();
            let expected = Verdict::fail().with("missing_link", Link::MetricFilter);
            assert_eq!(verdict, expected.with("missed_events", [missed]), "{service}");
            if at == 0 {
                fails(check, &account);
            }
        }
    }
    for (name, too_narrow) in [
        ("console-failures", r#"{ ($.eventName = ConsoleLogin) && ($.errorMessage = "Other") }"#),
        (
            "console-without-mfa",
            r#"{ ($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed = "Yes") }"#,
        ),
        ("root-use", r#"{ $.userIdentity.type = "Root" && $.eventType = "AwsConsoleSignIn" }"#),
        ("unauthorized-calls", r#"{ $.errorCode = "AccessDenied*" }"#),
        (
            "unauthorized-calls",
            r#"{ ($.errorCode = "*UnauthorizedOperation") || ($.errorCode = "AccessDenied") }"#,
        ),
    ] {
        fails(the(name), &with_filter(too_narrow));
    }
}

#[test]
fn changes_of_the_organization_are_for_its_management_account() {
    let check = the("organization-changes");
    let mut account = as_judged(check, "{ $.eventName = Other }");
    account.account.id = "444455556666".into();
    silent(check, &account);
    account.organizations.organization = read(None);
    silent(check, &account);
    account.organizations.organization = denied();
    unknown(check, &account);
}

#[test]
fn tells_which_link_is_missing() {
    let link = |change: fn(&mut Region)| {
        let mut account = with_filter(PATTERN);
        change(region(&mut account));
        fails(key_deletion(), &account).evidence["missing_link"].clone()
    };
    let mute = |region: &mut Region| {
        let Collected::Value(alarms) = &mut region.cloudwatch.alarms else { unreachable!() };
        alarms[0].actions_enabled = false;
    };
    let unconfirmed = |region: &mut Region| {
        let Collected::Value(topics) = &mut region.sns.topics else { unreachable!() };
        topics[0].attributes = read(TopicAttributes::default());
    };
    let told = [
        (link(|region| region.cloudtrail.trails = read(vec![])), Link::Trail),
        (link(|region| region.logs.metric_filters = read(vec![])), Link::MetricFilter),
        (link(|region| region.cloudwatch.alarms = read(vec![])), Link::Alarm),
        (link(mute), Link::AlarmAction),
        (link(unconfirmed), Link::Subscription),
    ];
    for (told, link) in told {
        assert_eq!(told, id(link));
    }
}

#[test]
fn a_composite_alarm_acts_for_its_parts() {
    let mut account = with_filter(PATTERN);
    let actions = std::mem::take(&mut alarms(&mut account)[0].alarm_actions);
    alarms(&mut account).push(Alarm {
        arn: "arn:composite".into(),
        rule: Some("ALARM(\"alarm\") OR ALARM(other)".into()),
        actions_enabled: true,
        alarm_actions: actions,
        ..Alarm::default()
    });
    passes(key_deletion(), &account);
}

const PATTERN: &str = "{ ($.eventSource = kms.amazonaws.com) && ($.eventName = DisableKey || $.eventName = ScheduleKeyDeletion) }";

/// The account with a complete chain, its trail having these advanced selectors.
fn with_selectors(selectors: &[&[FieldSelector]]) -> Snapshot {
    let mut account = with_filter(PATTERN);
    let selectors = selectors.iter().map(|fields| AdvancedSelector { fields: fields.to_vec() });
    trail(&mut account).event_selectors = read(EventSelectors::Advanced(selectors.collect()));
    account
}

fn equals(field: &str, value: &str) -> FieldSelector {
    FieldSelector { field: field.into(), equals: vec![value.into()], ..FieldSelector::default() }
}

fn of_another_account(account: &mut Snapshot) {
    let trail = trail(account);
    trail.arn = "arn:aws:cloudtrail:eu-west-1:999988887777:trail/organization".into();
    trail.log_group_arn = Some("arn:aws:logs:eu-west-1:999988887777:log-group:trail:*".into());
}

#[test]
fn a_trail_that_leaves_the_service_out_catches_nothing_of_it() {
    let mut account = with_filter(PATTERN);
    let Collected::Value(EventSelectors::Basic(selectors)) = &mut trail(&mut account).event_selectors else {
        unreachable!()
    };
    selectors[0].excluded_sources = vec!["rdsdata.amazonaws.com".into()];
    passes(key_deletion(), &account);
    let Collected::Value(EventSelectors::Basic(selectors)) = &mut trail(&mut account).event_selectors else {
        unreachable!()
    };
    selectors[0].excluded_sources = vec!["kms.amazonaws.com".into()];
    assert_eq!(fails(key_deletion(), &account).evidence["missing_link"], id(Link::Trail));

    let management = || equals("eventCategory", "Management");
    let without = FieldSelector {
        field: "eventSource".into(),
        not_equals: vec!["kms.amazonaws.com".into()],
        ..FieldSelector::default()
    };
    fails(key_deletion(), &with_selectors(&[&[management(), without]]));
    fails(key_deletion(), &with_selectors(&[&[management(), equals("eventName", "RunInstances")]]));
    fails(key_deletion(), &with_selectors(&[&[management(), equals("eventSource", "kms.amazonaws.com")]]));
    fails(key_deletion(), &with_selectors(&[&[management(), equals("readOnly", "false")]]));
}

#[test]
fn selectors_that_log_all_between_them_do() {
    let management = || equals("eventCategory", "Management");
    passes(
        key_deletion(),
        &with_selectors(&[
            &[management(), equals("readOnly", "true")],
            &[management(), equals("readOnly", "false")],
        ]),
    );
}

#[test]
fn another_accounts_trail_is_not_judged_here() {
    let mut account = with_filter(PATTERN);
    of_another_account(&mut account);
    silent(key_deletion(), &account);
    // A member may not be told the log group.
    trail(&mut account).log_group_arn = None;
    silent(key_deletion(), &account);
    // One that does not log the events cannot be what watches.
    trail(&mut account).is_multi_region = false;
    fails(key_deletion(), &account);
}

#[test]
fn a_gap_counts_beside_another_accounts_trail() {
    let mut account = with_filter(PATTERN);
    of_another_account(&mut account);
    account.regions.insert("us-east-1".into(), Region::default());
    unknown(key_deletion(), &account);
}

#[test]
fn an_own_trail_is_judged_beside_another_accounts() {
    let mut account = with_filter("{ $.eventName = DisableKey }");
    let own = trail(&mut account).clone();
    of_another_account(&mut account);
    let Collected::Value(trails) = &mut region(&mut account).cloudtrail.trails else { unreachable!() };
    trails.push(own);
    let finding = fails(key_deletion(), &account);
    assert_eq!(finding.evidence["missing_link"], id(Link::MetricFilter));
    assert_eq!(finding.evidence["missed_events"], serde_json::json!(["ScheduleKeyDeletion"]));
}

#[test]
fn an_organizations_trail_into_a_log_group_of_this_account_is_judged() {
    let mut account = with_filter(PATTERN);
    trail(&mut account).arn = "arn:aws:cloudtrail:eu-west-1:999988887777:trail/organization".into();
    passes(key_deletion(), &account);
    region(&mut account).logs.metric_filters = read(vec![]);
    fails(key_deletion(), &account);
}

#[test]
fn unknown_where_the_log_group_was_not_looked_at() {
    let mut account = with_filter(PATTERN);
    trail(&mut account).log_group_arn = Some("arn:aws:logs:us-east-1:111122223333:log-group:trail:*".into());
    let finding = unknown(key_deletion(), &account);
    let gap = &finding.gaps[0];
    assert_eq!((gap.kind, gap.region.as_deref()), (GapKind::NotSelected, Some("us-east-1")));
}

#[test]
fn a_complete_chain_decides_before_what_is_not_readable() {
    let mut account = with_filter(PATTERN);
    // Sorted before and after the region of the chain.
    account.regions.insert("af-south-1".into(), Region::default());
    account.regions.insert("us-east-1".into(), Region::default());
    passes(key_deletion(), &account);
    region(&mut account).logs.metric_filters = read(vec![]);
    unknown(key_deletion(), &account);
    let mut account = with_filter(PATTERN);
    let mut other = account.regions["eu-west-1"].clone();
    other.cloudtrail.trails = Collected::NotOffered;
    account.regions.insert("af-south-1".into(), other);
    passes(key_deletion(), &account);
}

#[test]
fn unknown_when_any_link_is_not_readable() {
    let denying: [fn(&mut Region); 3] = [
        |region| region.logs.metric_filters = denied(),
        |region| region.cloudwatch.alarms = denied(),
        |region| region.sns.topics = denied(),
    ];
    for deny in denying {
        let mut account = with_filter(PATTERN);
        deny(region(&mut account));
        unknown(key_deletion(), &account);
    }
    let mut account = with_filter(PATTERN);
    trail(&mut account).event_selectors = denied();
    unknown(key_deletion(), &account);
    let mut account = with_filter(PATTERN);
    trail(&mut account).status = denied();
    unknown(key_deletion(), &account);
    // A trail that does not log is none, whatever its selectors.
    trail(&mut account).status = read(TrailStatus::default());
    trail(&mut account).event_selectors = denied();
    fails(key_deletion(), &account);
}

#[test]
fn a_pattern_that_is_not_understood_may_be_the_one() {
    let strange = format!("{} && ($.sourceIPAddress != 10.0.0.0/8) }}", PATTERN.trim_end_matches(" }"));
    let mut account = with_filter(&strange);
    let gap = unknown(key_deletion(), &account).gaps.remove(0);
    assert_eq!(gap.resource.as_deref(), Some("filter"));
    // Another filter completes the chain.
    let Collected::Value(filters) = &mut region(&mut account).logs.metric_filters else { unreachable!() };
    filters.push(MetricFilter { pattern: PATTERN.into(), ..filters[0].clone() });
    passes(key_deletion(), &account);
    // Whatever it catches, nobody is told.
    let mut account = with_filter(&strange);
    let Collected::Value(topics) = &mut region(&mut account).sns.topics else { unreachable!() };
    topics[0].attributes = read(TopicAttributes::default());
    fails(key_deletion(), &account);
}

#[test]
fn an_event_that_is_surely_missed_decides() {
    // Only DisableKey goes a way of which the end is not known.
    let mut account = with_filter("{ $.eventName = DisableKey }");
    region(&mut account).sns.topics = denied();
    assert_eq!(
        fails(key_deletion(), &account).evidence["missed_events"],
        serde_json::json!(["ScheduleKeyDeletion"])
    );
}

/// The link that is missing after changes to the filter's metric and the alarm's condition; none when the
/// chain is complete.
fn link(
    metric: impl FnOnce(&mut FilterMetric),
    condition: impl FnOnce(&mut Condition, &mut Statistic),
) -> Option<Value> {
    let mut account = with_filter(PATTERN);
    metric(&mut filters(&mut account)[0].metrics[0]);
    let of = alarms(&mut account)[0].condition.as_mut().unwrap();
    let QueryKind::Statistic(mut statistic) = of.queries[0].of.clone() else { unreachable!() };
    condition(of, &mut statistic);
    of.queries[0].of = QueryKind::Statistic(statistic);
    missing(&account)
}

fn missing(account: &Snapshot) -> Option<Value> {
    let finding = findings(key_deletion(), account).remove(0);
    match finding.status {
        Status::Pass => None,
        Status::Fail => Some(finding.evidence["missing_link"].clone()),
        _ => Some("unknown".into()),
    }
}

#[test]
fn an_alarm_must_go_off_by_one_event() {
    let fine = |_: &mut FilterMetric| ();
    let never = Some(id(Link::AlarmCondition));
    let compare = |comparison: &'static str, threshold: f64| {
        link(fine, |c, _| (c.comparison, c.threshold) = (comparison.into(), Some(threshold)))
    };
    assert_eq!(compare("GreaterThanOrEqualToThreshold", 1.0), None);
    assert_eq!(compare("GreaterThanThreshold", 0.0), None);
    assert_eq!(compare("GreaterThanThreshold", 1.0), never);
    assert_eq!(compare("GreaterThanOrEqualToThreshold", 5.0), never);
    assert_eq!(compare("LessThanThreshold", 1.0), never);
    assert_eq!(compare("LessThanLowerThreshold", 1.0), never);
    assert_eq!(compare("GreaterThanUpperThreshold", 1.0), Some("unknown".into()));
    // What an event counts.
    let counting = |value: &'static str, threshold: f64| {
        link(|metric| metric.value = value.into(), |c, _| c.threshold = Some(threshold))
    };
    assert_eq!(counting("0", 1.0), never);
    assert_eq!(counting("5", 5.0), None);
    assert_eq!(counting("$.eventName", 1.0), never);
    assert_eq!(counting("$.requestParameters.size", 1.0), Some("unknown".into()));
    // The number of events is told by statistic.
    let zero = |metric: &mut FilterMetric| metric.value = "0".into();
    assert_eq!(link(zero, |_, of| of.statistic = "SampleCount".into()), None);
    // A value of 0 below a threshold of 1, where nothing else is told.
    assert_eq!(link(zero, |c, _| c.comparison = "LessThanThreshold".into()), None);
}

#[test]
fn other_statistics_and_periods() {
    let never = Some(id(Link::AlarmCondition));
    let with_default = |metric: &mut FilterMetric| metric.default_value = Some(0.0);
    for (statistic, period, alone, among_zeros) in [
        ("Sum", 300, true, true),
        ("Sum", 86_400, true, true),
        ("Maximum", 300, true, true),
        ("Average", 300, true, false),
        ("Average", 60, true, true),
        ("Minimum", 300, true, false),
        ("Minimum", 60, true, true),
        ("p99", 300, true, true),
        ("p50", 300, true, false),
        ("IQM", 60, true, true),
        // Each minute tells a sample, so the alarm is always on.
        ("SampleCount", 300, true, false),
    ] {
        let set = |_: &mut Condition, of: &mut Statistic| {
            (of.statistic, of.period) = (statistic.into(), period);
        };
        let expected = |goes_off| if goes_off { None } else { never.clone() };
        assert_eq!(link(|_| (), set), expected(alone), "{statistic} of {period}");
        assert_eq!(link(with_default, set), expected(among_zeros), "{statistic} of {period}");
    }
    let percentile = |c: &mut Condition, of: &mut Statistic| {
        (c.ignores_low_samples, of.statistic) = (true, "p99".into());
    };
    assert_eq!(link(|_| (), percentile), never);
    assert_eq!(link(|_| (), |_, of| of.statistic = "PR(1:)".into()), Some("unknown".into()));
    assert_eq!(link(|_| (), |_, of| of.unit = Some("Count".into())), never);
    assert_eq!(link(|m| m.unit = "Count".into(), |_, of| of.unit = Some("Count".into())), None);
}

#[test]
fn missing_data_and_several_periods() {
    let never = Some(id(Link::AlarmCondition));
    let with_default = |metric: &mut FilterMetric| metric.default_value = Some(0.0);
    for (missing_data, datapoints, without, with_zeros) in [
        ("missing", 1, true, true),
        ("notBreaching", 1, true, true),
        ("ignore", 1, true, true),
        ("breaching", 1, false, true),
        ("missing", 3, true, false),
        ("notBreaching", 3, false, false),
        ("ignore", 3, false, false),
    ] {
        let set = |c: &mut Condition, _: &mut Statistic| {
            (c.missing_data, c.evaluation_periods) = (missing_data.into(), 3);
            c.datapoints_to_alarm = (datapoints < 3).then_some(datapoints);
        };
        let expected = |goes_off| if goes_off { None } else { never.clone() };
        assert_eq!(link(|_| (), set), expected(without), "{missing_data} {datapoints}");
        assert_eq!(link(with_default, set), expected(with_zeros), "{missing_data} {datapoints}");
    }
    // Once on, it stays so, and tells nobody of the next event.
    let mut account = with_filter(PATTERN);
    alarms(&mut account)[0].state = "ALARM".into();
    assert_eq!(missing(&account), None);
    alarms(&mut account)[0].condition.as_mut().unwrap().missing_data = "ignore".into();
    assert_eq!(missing(&account), never);
}

#[test]
fn dimensions_make_other_metrics() {
    let none = Some(id(Link::Alarm));
    let by = |selector: &'static str| {
        move |metric: &mut FilterMetric| metric.dimensions = [("Name".into(), selector.into())].into()
    };
    let of = |value: &'static str| {
        move |_: &mut Condition, of: &mut Statistic| {
            of.dimensions = [("Name".into(), value.into())].into();
        }
    };
    assert_eq!(link(by("$.eventName"), |_, _| ()), none);
    assert_eq!(link(|_| (), of("DisableKey")), none);
    // One of the two events only.
    let some = link(by("$.eventName"), of("DisableKey"));
    assert_eq!(some, none);
    assert_eq!(link(by("$.eventSource"), of("kms.amazonaws.com")), None);
    assert_eq!(link(by("$.eventSource"), of("iam.amazonaws.com")), none);
    // Who calls from where is another one each time.
    assert_eq!(link(by("$.userIdentity.userName"), of("alice")), none);
    assert_eq!(link(by("$.awsRegion"), of("eu-west-1")), none);

    let mut account = with_filter(PATTERN);
    filters(&mut account)[0].system_dimensions = vec!["@aws.region".into()];
    assert_eq!(missing(&account), none);
    let dimensions = |account: &mut Snapshot, value: &str| {
        let condition = alarms(account)[0].condition.as_mut().unwrap();
        let QueryKind::Statistic(of) = &mut condition.queries[0].of else { unreachable!() };
        of.dimensions = [("@aws.region".into(), value.into())].into();
    };
    dimensions(&mut account, "eu-west-1");
    assert_eq!(missing(&account), None);
    dimensions(&mut account, "us-east-1");
    assert_eq!(missing(&account), none);
    let mut account = with_filter(PATTERN);
    alarms(&mut account)[0].condition.as_mut().unwrap().queries[0].account = Some("444455556666".into());
    assert_eq!(missing(&account), none);
}

#[test]
fn alarms_on_what_other_filters_feed() {
    let mut account = with_filter(PATTERN);
    let mut other = filters(&mut account)[0].clone();
    other.pattern = "{ $.eventName = CreateUser }".into();
    other.metrics[0].name = "users".into();
    filters(&mut account).push(other);
    assert_eq!(missing(&account), None);
    let condition = alarms(&mut account)[0].condition.as_mut().unwrap();
    condition.queries[0].of = QueryKind::Statistic(statistic("users", "Sum"));
    assert_eq!(missing(&account), Some(id(Link::Alarm)));
    // Into the same metric, whose default value the other tells meanwhile.
    let condition = alarms(&mut account)[0].condition.as_mut().unwrap();
    condition.queries[0].of = QueryKind::Statistic(statistic("events", "Average"));
    filters(&mut account)[1].metrics[0].name = "events".into();
    assert_eq!(missing(&account), None);
    filters(&mut account)[1].metrics[0].default_value = Some(0.0);
    assert_eq!(missing(&account), Some(id(Link::AlarmCondition)));
}

#[test]
fn metric_math() {
    let never = Some(id(Link::AlarmCondition));
    let with = |expression: &str, change: fn(&mut FilterMetric)| {
        let mut account = with_filter(PATTERN);
        change(&mut filters(&mut account)[0].metrics[0]);
        let query =
            |id: &str, of: QueryKind| Query { id: id.into(), returns_data: id == "e", account: None, of };
        alarms(&mut account)[0].condition.as_mut().unwrap().queries = vec![
            query("e", QueryKind::Expression(expression.into())),
            query("a", QueryKind::Statistic(statistic("events", "Sum"))),
            query("b", QueryKind::Statistic(statistic("other", "Sum"))),
            query("half", QueryKind::Expression("a / 2".into())),
        ];
        missing(&account)
    };
    let fine = |_: &mut FilterMetric| ();
    assert_eq!(with("SUM(METRICS())", fine), None);
    assert_eq!(with("FILL(a, 0)", fine), None);
    assert_eq!(with("IF(a > 0, 1, 0)", fine), None);
    assert_eq!(with("half * 2", fine), None);
    assert_eq!(with("half", fine), never);
    assert_eq!(with("a", |metric| metric.value = "0".into()), never);
    assert_eq!(with("1 - FILL(a, 0)", fine), never);
    assert_eq!(with("a + b", fine), Some("unknown".into()));
    assert_eq!(with("RATE(a)", fine), Some("unknown".into()));
    assert_eq!(with("SELECT SUM(events) FROM CIS", fine), Some("unknown".into()));
    let queries = (0..5).map(|at| format!("e{at}")).collect::<Vec<_>>();
    let mut account = with_filter(PATTERN);
    let condition = alarms(&mut account)[0].condition.as_mut().unwrap();
    condition.queries[0].returns_data = false;
    for (at, id) in queries.iter().enumerate() {
        let next = queries.get(at + 1).map_or("e", String::as_str);
        let of = QueryKind::Expression(vec![next; 1000].join("+"));
        condition.queries.push(Query { id: id.clone(), returns_data: at == 0, account: None, of });
    }
    assert_eq!(missing(&account), Some("unknown".into()), "it ends");
    // Other metrics only.
    assert_eq!(with("FILL(b, 1)", fine), never);
}

#[test]
fn composite_alarms_that_go_off_with_others() {
    let with = |rule: &str, change: fn(&mut Vec<Alarm>)| {
        let mut account = with_filter(PATTERN);
        let alarms = alarms(&mut account);
        let actions = std::mem::take(&mut alarms[0].alarm_actions);
        alarms.push(Alarm {
            name: "composite".into(),
            arn: "arn:composite".into(),
            rule: Some(rule.into()),
            actions_enabled: true,
            alarm_actions: actions,
            ..Alarm::default()
        });
        let maintenance = Alarm { name: "maintenance".into(), arn: "arn:m".into(), ..Alarm::default() };
        alarms.push(maintenance);
        change(alarms);
        missing(&account)
    };
    let none = Some(id(Link::AlarmAction));
    assert_eq!(with("ALARM(alarm) OR ALARM(maintenance)", |_| ()), None);
    assert_eq!(with("ALARM(alarm) AND NOT ALARM(maintenance)", |_| ()), None);
    assert_eq!(with("NOT OK(alarm) AND OK(maintenance)", |_| ()), None);
    assert_eq!(with("ALARM(alarm) AND ALARM(maintenance)", |_| ()), none);
    assert_eq!(with("OK(alarm)", |_| ()), none);
    assert_eq!(with("ALARM(alarm) OR TRUE", |_| ()), none, "it is always on");
    assert_eq!(with("ALARM(alarm) OR SOMETHING", |_| ()), Some("unknown".into()));
    assert_eq!(with("SOMETHING", |_| ()), none, "it says nothing of the alarm");
    assert_eq!(with("ALARM(alarm)", |alarms| alarms[1].actions_suppressor = Some("alarm".into())), none);
    assert_eq!(with("ALARM(alarm)", |alarms| alarms[1].actions_suppressor = Some("other".into())), None);
}

#[test]
fn actions_that_tell_nobody() {
    let mut account = with_filter(PATTERN);
    alarms(&mut account)[0].alarm_actions = vec!["arn:aws:automate:eu-west-1:ec2:stop".into()];
    assert_eq!(missing(&account), Some(id(Link::Subscription)));
    alarms(&mut account)[0].alarm_actions = vec!["arn:aws:ssm:eu-west-1:111122223333:opsitem:1".into()];
    assert_eq!(missing(&account), None);
}

#[test]
fn filters_that_look_at_other_events() {
    let mut account = with_filter(PATTERN);
    filters(&mut account)[0].on_transformed = true;
    unknown(key_deletion(), &account);
    let mut account = with_filter(PATTERN);
    filters(&mut account)[0].selection = Some(r#"@aws.account = "444455556666""#.into());
    unknown(key_deletion(), &account);
    // Whatever it catches, the alarm does not go off.
    filters(&mut account)[0].metrics[0].value = "0".into();
    fails(key_deletion(), &account);
}

#[test]
fn failed_attempts_may_come_several_times_before_an_alarm() {
    let check = the("console-failures");
    let mut account = with_filter("{ $.eventName = ConsoleLogin }");
    let threshold = |account: &mut Snapshot, threshold| {
        alarms(account)[0].condition.as_mut().unwrap().threshold = Some(threshold);
    };
    threshold(&mut account, 3.0);
    passes(check, &account);
    threshold(&mut account, 1_000_000.0);
    fails(check, &account);
}

#[test]
fn filters_may_ask_for_anything_that_records_tell() {
    for more in [
        "$.userIdentity.accountId = 111122223333",
        r#"$.recipientAccountId = "111122223333""#,
        r#"$.userIdentity.userName != "terraform""#,
        r#"$.userIdentity.arn != "*assumed-role*""#,
        r#"$.userAgent != "*terraform*""#,
        r#"$.awsRegion != "us-gov-*""#,
        "$.readOnly IS FALSE",
        "$.errorCode NOT EXISTS",
        "$.userIdentity.invokedBy NOT EXISTS",
    ] {
        passes(key_deletion(), &with_filter(&format!("{} && ({more}) }}", PATTERN.trim_end_matches(" }"))));
    }
    let other_account =
        format!("{} && ($.recipientAccountId = 444455556666) }}", PATTERN.trim_end_matches(" }"));
    fails(key_deletion(), &with_filter(&other_account));
}
