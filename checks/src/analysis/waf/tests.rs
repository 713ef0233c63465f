use super::*;
use crate::{
    gap::Collected,
    snapshot::{
        apigateway::{Api, Stage},
        wafv2::{ManagedRuleGroup, RuleGroup},
    },
    testing::{denied, empty, read, region},
};

const REPUTATION_GROUP: &str = "AWSManagedRulesAmazonIpReputationList";

fn actions(of: &[(&str, &str)]) -> BTreeMap<String, String> {
    of.iter().map(|(rule, action)| ((*rule).to_owned(), (*action).to_owned())).collect()
}

fn by_vendor(vendor: &str, name: &str, overrides: &[(&str, &str)]) -> Statement {
    Statement::ManagedRuleGroup {
        vendor: vendor.into(),
        name: name.into(),
        version: None,
        overrides: actions(overrides),
        scope: None,
    }
}

fn managed(name: &str, overrides: &[(&str, &str)]) -> Statement {
    by_vendor("AWS", name, overrides)
}

fn own(arn: &str, overrides: &[(&str, &str)]) -> Statement {
    Statement::RuleGroup { arn: arn.into(), overrides: actions(overrides) }
}

fn rule(action: Option<&str>, statement: Statement) -> Rule {
    Rule { name: "r".into(), action: action.map(str::to_owned), group_counts: false, statement }
}

fn counting(statement: Statement) -> Rule {
    Rule { group_counts: true, ..rule(None, statement) }
}

fn blocks(rules: Vec<Rule>) -> Blocks {
    let described = |vendor: &str, name: &str, of: &[(&str, &str)]| ManagedRuleGroup {
        vendor: vendor.into(),
        name: name.into(),
        version: None,
        actions: read(actions(of)),
    };
    let waf = Wafv2 {
        managed_rule_groups: read(vec![
            described(
                "AWS",
                CORE_GROUP,
                &[
                    ("NoUserAgent_HEADER", "Block"),
                    ("CrossSiteScripting_COOKIE", "Block"),
                    ("CrossSiteScripting_BODY", "Block"),
                ],
            ),
            described(
                "AWS",
                REPUTATION_GROUP,
                &[("AWSManagedIPReputationList", "Block"), ("AWSManagedIPDDoSList", "Count")],
            ),
            ManagedRuleGroup { vendor: "AWS".into(), name: "Hidden".into(), ..ManagedRuleGroup::default() },
            described("Vendor", "Web", &[("SQLi_Body", "Block"), ("XSS_Body", "Count")]),
            described("Vendor", "OWASP_Top10", &[("a", "Block")]),
            described("Vendor", "Bots", &[("BadBots", "Block")]),
        ]),
        rule_groups: read(vec![
            RuleGroup { arn: "own".into(), rules: read(vec![rule(Some("Block"), Statement::SqlInjection)]) },
            RuleGroup {
                arn: "trial".into(),
                rules: read(vec![rule(Some("Count"), Statement::SqlInjection)]),
            },
            RuleGroup { arn: "hidden".into(), rules: denied() },
        ]),
        ..with_sets()
    };
    Blocks::of(&WebAclDetails { allows_by_default: true, rules, ..WebAclDetails::default() }, &waf)
}

#[test]
fn managed_groups_block_but_for_what_is_counted() {
    let all = blocks(vec![rule(None, managed(CORE_GROUP, &[]))]);
    assert!(all.anything && all.cross_site_scripting.is_most() && !all.sql_injection.is_most());
    let scripting = ("CrossSiteScripting_BODY", "Count");
    let less = blocks(vec![rule(None, managed(CORE_GROUP, &[scripting]))]);
    assert!(less.anything && !less.cross_site_scripting.is_most());
    assert_eq!(less.cross_site_scripting, Share::Few, "cookies are still looked at");
    let none = [scripting, ("CrossSiteScripting_COOKIE", "Count"), ("NoUserAgent_HEADER", "Allow")];
    assert!(!blocks(vec![rule(None, managed(CORE_GROUP, &none))]).anything);
    let other = [("CrossSiteScripting_BODY", "Captcha")];
    assert!(blocks(vec![rule(None, managed(CORE_GROUP, &other))]).cross_site_scripting.is_most());
    assert!(!blocks(vec![counting(managed(CORE_GROUP, &[]))]).anything);
    assert!(blocks(vec![rule(None, managed(SQL_INJECTION_GROUP, &[]))]).sql_injection.is_most());
}

#[test]
fn rules_of_managed_groups_that_count_by_themselves_block_nothing() {
    let counted = ("AWSManagedIPReputationList", "Count");
    assert!(!blocks(vec![rule(None, managed(REPUTATION_GROUP, &[counted]))]).anything);
    let stricter = [counted, ("AWSManagedIPDDoSList", "Block")];
    assert!(blocks(vec![rule(None, managed(REPUTATION_GROUP, &stricter))]).anything);
}

#[test]
fn managed_groups_that_were_not_read_are_told() {
    for name in ["Hidden", "Unlisted"] {
        let found = blocks(vec![rule(None, managed(name, &[("a", "Count")]))]);
        assert!(!found.unread.is_empty() && !found.anything, "{name}");
    }
}

#[test]
fn vendors_groups_block_what_their_names_tell() {
    let web = blocks(vec![rule(None, by_vendor("Vendor", "Web", &[]))]);
    assert!(web.sql_injection.is_most() && !web.cross_site_scripting.is_most() && web.unclear.is_empty());
    let both = blocks(vec![rule(None, by_vendor("Vendor", "OWASP_Top10", &[]))]);
    assert!(both.sql_injection.is_most() && both.cross_site_scripting.is_most());
    let bots = blocks(vec![rule(None, by_vendor("Vendor", "Bots", &[]))]);
    assert!(bots.anything && !bots.sql_injection.is_most() && !bots.unclear.is_empty());
    let counted = blocks(vec![rule(None, by_vendor("Vendor", "Bots", &[("BadBots", "Count")]))]);
    assert!(!counted.anything && counted.unclear.is_empty());
}

#[test]
fn labels_of_a_group_that_counts_are_blocked_after_it() {
    let label = |label: &str| {
        let not = Statement::Not(Box::new(Statement::Text("UriPath".into())));
        rule(Some("Block"), Statement::And(vec![Statement::Label(label.into()), not]))
    };
    let sql = || label("awswaf:managed:aws:sql-database:");
    assert!(blocks(vec![counting(managed(SQL_INJECTION_GROUP, &[])), sql()]).sql_injection.is_most());
    assert!(!blocks(vec![sql(), counting(managed(SQL_INJECTION_GROUP, &[]))]).sql_injection.is_most());
    let core = |of: &str| {
        let label = label(&format!("awswaf:managed:aws:core-rule-set:{of}"));
        blocks(vec![counting(managed(CORE_GROUP, &[])), label]).cross_site_scripting.is_most()
    };
    assert!(core("") && core("CrossSiteScripting_Body") && !core("NoUserAgent_Header"));
}

#[test]
fn own_rules_block_what_their_statements_find() {
    let both = Statement::Or(vec![Statement::SqlInjection, Statement::CrossSiteScripting]);
    let found = blocks(vec![rule(Some("Block"), both.clone())]);
    assert!(found.sql_injection.is_most() && found.cross_site_scripting.is_most() && !found.rate.is_most());
    assert!(!blocks(vec![rule(Some("Count"), both)]).anything);
    assert!(blocks(vec![rule(Some("Challenge"), Statement::RateBased { scope: None })]).rate.is_most());
}

#[test]
fn own_groups_are_read_through() {
    assert!(blocks(vec![rule(None, own("own", &[]))]).sql_injection.is_most());
    assert!(!blocks(vec![rule(None, own("own", &[("r", "Count")]))]).sql_injection.is_most());
    assert!(!blocks(vec![rule(None, own("trial", &[]))]).anything);
    assert!(blocks(vec![rule(None, own("trial", &[("r", "Block")]))]).sql_injection.is_most());
    assert!(blocks(vec![rule(None, own("hidden", &[]))]).unread.iter().next().is_some());
}

fn addresses_of(set: &str) -> Statement {
    Statement::Addresses(set.into())
}

fn with_sets() -> Wafv2 {
    let set = |name: &str, ranges: &[&str]| {
        (name.to_owned(), read(ranges.iter().map(|range| (*range).to_owned()).collect()))
    };
    let sets = [
        set("office", &["198.51.100.0/24", "203.0.113.7/32"]),
        set("halves", &["0.0.0.0/1", "128.0.0.0/1"]),
        set("quarter", &["0.0.0.0/2"]),
        set("all_ipv6", &["::/1", "8000::/1"]),
        ("hidden".to_owned(), denied()),
    ];
    Wafv2 { ip_sets: read(sets.into()), ..Wafv2::default() }
}

#[test]
fn sets_of_all_addresses() {
    let with = |set| {
        let group = rule(None, managed(SQL_INJECTION_GROUP, &[]));
        blocks(vec![rule(Some("Allow"), addresses_of(set)), group])
    };
    for (set, left) in
        [("office", Share::Most), ("halves", Share::Few), ("quarter", Share::Part), ("all_ipv6", Share::Few)]
    {
        let found = with(set);
        assert_eq!((found.sql_injection, found.unread_before_attacks), (left, Gaps::default()), "{set}");
    }
    for set in ["hidden", "other"] {
        assert!(!with(set).unread_before_rate.is_empty(), "{set}");
    }
    let admits = |set| {
        let rules = vec![rule(Some("Allow"), addresses_of(set))];
        admits_addresses_only(&WebAclDetails { rules, ..WebAclDetails::default() }, &with_sets())
    };
    assert!(admits("office") && !admits("halves"));
}

fn text(part: &str) -> Statement {
    Statement::Text(part.into())
}

fn other(name: &str) -> Statement {
    Statement::Other(name.into())
}

fn not(statement: Statement) -> Statement {
    Statement::Not(Box::new(statement))
}

#[test]
fn what_rules_are_scoped_down_to() {
    let addresses = || addresses_of("office");
    for (scope, expected) in [
        (Statement::Everything, Share::All),
        (text("UriPath"), Share::Few),
        (addresses(), Share::Few),
        (text("Method"), Share::Part),
        (text("header user-agent"), Share::Part),
        (text("header x-origin-secret"), Share::Few),
        (other("GeoMatchStatement"), Share::Part),
        (not(other("GeoMatchStatement")), Share::Part),
        (not(text("UriPath")), Share::Most),
        (not(addresses()), Share::Most),
        (Statement::And(vec![not(addresses()), not(text("UriPath"))]), Share::Most),
        (Statement::And(vec![not(addresses()), text("UriPath")]), Share::Few),
        (Statement::Or(vec![text("UriPath"), text("UriPath")]), Share::Few),
        (Statement::Or(vec![text("UriPath"), not(addresses())]), Share::Most),
        (not(not(text("UriPath"))), Share::Few),
        (not(Statement::Everything), Share::Nothing),
    ] {
        let scope = Some(Box::new(scope));
        let group = Statement::ManagedRuleGroup {
            vendor: "AWS".into(),
            name: SQL_INJECTION_GROUP.into(),
            version: None,
            overrides: [].into(),
            scope: scope.clone(),
        };
        let found = blocks(vec![rule(None, group.clone())]);
        assert_eq!(found.sql_injection, expected, "{scope:?}");
        let label = Statement::Label("awswaf:managed:aws:sql-database:".into());
        let found = blocks(vec![counting(group), rule(Some("Block"), label)]);
        assert_eq!(found.sql_injection, expected, "{scope:?}");
        let rate = blocks(vec![rule(Some("Block"), Statement::RateBased { scope: scope.clone() })]);
        assert_eq!(rate.rate, expected, "{scope:?}");
    }
}

#[test]
fn own_rules_that_look_for_attacks_in_some_requests() {
    let with = |statement| blocks(vec![rule(Some("Block"), statement)]).sql_injection;
    let and = |statement| Statement::And(vec![Statement::SqlInjection, statement]);
    assert_eq!(with(and(addresses_of("office"))), Share::Few);
    assert_eq!(with(and(not(addresses_of("office")))), Share::Most);
    assert_eq!(with(and(Statement::CrossSiteScripting)), Share::Few);
    assert_eq!(with(Statement::Or(vec![Statement::SqlInjection, text("UriPath")])), Share::All);
    assert_eq!(with(Statement::InOneField(Box::new(Statement::SqlInjection))), Share::Few);
    assert_eq!(with(not(Statement::SqlInjection)), Share::Nothing);
    // It blocks much, and looks for nothing.
    assert_eq!(with(not(text("UriPath"))), Share::Nothing);
    assert_eq!(with(Statement::Everything), Share::All);
}

#[test]
fn what_is_allowed_before_is_not_inspected() {
    let with = |allowed| {
        blocks(vec![
            rule(Some("Allow"), allowed),
            rule(None, managed(SQL_INJECTION_GROUP, &[])),
            rule(Some("Block"), Statement::RateBased { scope: None }),
        ])
    };
    for (allowed, left) in [
        (addresses_of("office"), Share::Most),
        (text("UriPath"), Share::Most),
        (text("header x-origin-secret"), Share::Most),
        (text("Method"), Share::Part),
        (text("header user-agent"), Share::Part),
        (other("GeoMatchStatement"), Share::Part),
        (not(addresses_of("office")), Share::Few),
        (Statement::Or(vec![not(text("UriPath")), addresses_of("office")]), Share::Few),
        (Statement::Everything, Share::Nothing),
    ] {
        let found = with(allowed.clone());
        assert_eq!((found.sql_injection, found.rate), (left, left), "{allowed:?}");
        let told = found.much_allowed_by.is_some() || found.all_allowed_by.is_some();
        assert_eq!(told, !left.is_most(), "{allowed:?}");
    }
    // Only clean requests are allowed.
    let clean = with(not(Statement::SqlInjection));
    assert_eq!((clean.sql_injection, clean.rate), (Share::All, Share::Few));
    // Rules of own groups allow, too.
    let allowing = |overrides: &[(&str, &str)]| {
        blocks(vec![rule(None, own("own", overrides)), rule(None, managed(SQL_INJECTION_GROUP, &[]))])
    };
    assert_eq!(allowing(&[("r", "Allow")]).sql_injection, Share::Nothing);
}

#[test]
fn what_no_rule_allows_is_blocked_by_default() {
    let closed = |rules| {
        let acl = WebAclDetails { allows_by_default: false, rules, ..WebAclDetails::default() };
        Blocks::of(&acl, &with_sets())
    };
    let clean = vec![not(Statement::SqlInjection), not(Statement::CrossSiteScripting)];
    let found = closed(vec![rule(Some("Allow"), Statement::And(clean))]);
    assert_eq!((found.sql_injection, found.cross_site_scripting), (Share::All, Share::All));
    assert!(!found.rate.is_most());
    let found = closed(vec![rule(Some("Allow"), not(Statement::SqlInjection))]);
    assert_eq!((found.sql_injection, found.cross_site_scripting), (Share::All, Share::Nothing));
}

#[test]
fn web_acls_for_some_addresses() {
    let addresses = || addresses_of("office");
    let admits = |allows_by_default, rules| {
        let acl = WebAclDetails { allows_by_default, rules, ..WebAclDetails::default() };
        admits_addresses_only(&acl, &with_sets())
    };
    assert!(admits(false, vec![rule(Some("Allow"), addresses())]));
    assert!(!admits(false, vec![rule(Some("Allow"), not(addresses()))]));
    assert!(admits(true, vec![rule(Some("Block"), not(addresses()))]));
    assert!(!admits(true, vec![rule(Some("Count"), not(addresses()))]));
    assert!(!admits(true, vec![rule(Some("Block"), addresses())]));
    let path = rule(Some("Allow"), text("UriPath"));
    assert!(!admits(true, vec![path.clone(), rule(Some("Block"), not(addresses()))]));
    assert!(admits(true, vec![rule(Some("Block"), not(addresses())), path]));
    assert!(!admits(true, vec![rule(None, own("own", &[])), rule(Some("Block"), not(addresses()))]));
}

#[test]
fn nothing_is_tried_after_everything_was_allowed() {
    let all = rule(Some("Allow"), Statement::Everything);
    let sqli = rule(Some("Block"), Statement::SqlInjection);
    let found = blocks(vec![all.clone(), sqli.clone()]);
    assert_eq!((found.anything, found.all_allowed_by.as_deref()), (false, Some("r")));
    assert!(blocks(vec![sqli, all]).sql_injection.is_most());
    let some = rule(Some("Allow"), Statement::Other("ByteMatchStatement".into()));
    assert_eq!(blocks(vec![some]).all_allowed_by, None);
}

#[test]
fn one_type_that_was_not_read_does_not_spoil_the_others() {
    let with = |types: [(&str, Collected<Vec<String>>); 2]| {
        let mut account = empty();
        let types = types.map(|(kind, resources)| (kind.to_owned(), resources)).into();
        let acl = WebAcl { protects: read(types), ..WebAcl::default() };
        region(&mut account).wafv2.web_acls = read(vec![acl.clone()]);
        let protects = protects(&account.regions["eu-west-1"], "APPLICATION_LOAD_BALANCER", "arn:lb");
        (protects.ok(), is_in_use(&account, &acl).ok())
    };
    let balancers = |arns: &[&str]| {
        ("APPLICATION_LOAD_BALANCER", read(arns.iter().map(|arn| (*arn).to_owned()).collect()))
    };
    assert_eq!(with([balancers(&["arn:lb"]), ("APP_RUNNER_SERVICE", denied())]), (Some(true), Some(true)));
    assert_eq!(with([balancers(&["arn:2"]), ("APP_RUNNER_SERVICE", denied())]), (Some(false), Some(true)));
    assert_eq!(with([balancers(&[]), ("APP_RUNNER_SERVICE", denied())]), (Some(false), None));
    assert_eq!(with([balancers(&[]), ("APP_RUNNER_SERVICE", read(vec![]))]), (Some(false), Some(false)));
    let denied = ("APPLICATION_LOAD_BALANCER", denied());
    assert_eq!(with([denied, ("COGNITO_USER_POOL", read(vec!["arn:pool".into()]))]), (None, Some(true)));
}

#[test]
fn stages_name_their_web_acl_themselves() {
    let acl = |arn: &str| WebAcl { arn: arn.to_owned(), protects: read([].into()), ..WebAcl::default() };
    let here = acl("arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/edge/1");
    let used = |named: Option<&str>, acl: &WebAcl| {
        let mut account = empty();
        let stage = Stage { web_acl: named.map(str::to_owned), ..Stage::default() };
        let api = Api { stages: read(vec![stage]), ..Api::default() };
        region(&mut account).apigateway.rest_apis = read(vec![api]);
        is_in_use(&account, acl).ok()
    };
    assert_eq!(used(Some(&here.arn), &here), Some(true));
    assert_eq!(used(None, &here), Some(false));
    let elsewhere = acl("arn:aws:wafv2:us-west-2:111122223333:regional/webacl/edge/1");
    assert_eq!(used(Some(&here.arn), &elsewhere), Some(false));
    let mut account = empty();
    region(&mut account).apigateway.rest_apis = denied();
    assert_eq!(is_in_use(&account, &here).ok(), None, "a stage that could not be read may be behind it");
}
