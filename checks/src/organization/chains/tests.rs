//! Chains over small organizations, put together from accounts' reports as a run does; and what is nearly one.

use super::{super::Rollup, *};
use crate::{
    analysis::paths::testing::{ACCOUNT, ADMIN, Account, allow},
    framework,
    organization::{Item, OrganizationReport, PLAN_VERSION, Reason},
    page::Lang,
    registry,
    report::{Options, Report},
    settings::Settings,
    snapshot::{
        Snapshot,
        organizations::{ControlLevel, ControlPolicy, Organization},
    },
    testing::read,
};

const HUB: &str = "900000000001";
const SHOP: &str = "111111111111";
const BANK: &str = "222222222222";
const GONE: &str = "333333333333";
const EVERYTHING: &str = r#"{"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}"#;

/// An account of the organization, of that number.
struct Built(Snapshot);

fn account(id: &str, account: Account) -> Built {
    let text = serde_json::to_string(&account.0).unwrap().replace(ACCOUNT, id);
    let mut snapshot: Snapshot = serde_json::from_str(&text).unwrap();
    let organizations = &mut snapshot.organizations;
    organizations.organization =
        read(Some(Organization { id: "o-1".into(), management_account: HUB.into() }));
    organizations.accounts = read(Some([HUB, SHOP, BANK, GONE].map(str::to_owned).to_vec()));
    let full = ControlPolicy { id: "p-Full".into(), name: "Full".into(), document: EVERYTHING.into() };
    let level = |target: &str| ControlLevel {
        target: target.into(),
        policies: vec![full.clone()],
        resource_policies: Some(vec![full.clone()]),
    };
    let levels = if id == HUB { vec![] } else { vec![level(id), level("r-1")] };
    organizations.service_control_policies = read(Some(levels));
    Built(snapshot)
}

impl Built {
    fn levels(&mut self) -> &mut Vec<ControlLevel> {
        let crate::gap::Collected::Value(Some(levels)) = &mut self.0.organizations.service_control_policies
        else {
            panic!("they were read");
        };
        levels
    }

    fn under_scp(mut self, statement: &str) -> Self {
        let document = format!(r#"{{"Statement": [{statement}]}}"#);
        let policy = ControlPolicy { id: "p-scp".into(), name: "x".into(), document };
        self.levels()[1].policies.push(policy);
        self
    }

    fn under_rcp(mut self, statement: &str) -> Self {
        let document = format!(r#"{{"Statement": [{statement}]}}"#);
        let policy = ControlPolicy { id: "p-rcp".into(), name: "x".into(), document };
        self.levels()[1].resource_policies.get_or_insert_default().push(policy);
        self
    }

    fn change(mut self, change: impl FnOnce(&mut Snapshot)) -> Self {
        change(&mut self.0);
        self
    }

    fn report(&self, lang: Lang) -> Report {
        let checks: Vec<_> = registry::all().filter(|it| it.check.id.starts_with("path-")).collect();
        let evaluation = registry::evaluate(&checks, &self.0, &Settings::default(), false);
        let framework = framework::find(framework::DEFAULT).unwrap();
        let report = Report::new(&self.0, &evaluation, &Options { framework, lang });
        // As from a file.
        serde_json::from_str(&serde_json::to_string(&report).unwrap()).unwrap()
    }
}

fn item(id: &str) -> Item {
    Item {
        v: PLAN_VERSION,
        scan: "s1".into(),
        account: id.into(),
        name: None,
        organization: Some("o-1".into()),
        management_account: Some(HUB.into()),
        units: vec![
            Unit { id: "r-1".into(), name: "Root".into() },
            Unit { id: "ou-1".into(), name: "A".into() },
        ],
        role_arn: None,
        external_id: None,
        regions: vec![],
        not_active: None,
        delegated_services: vec![],
    }
}

fn merged(accounts: &[&Built], missing: &[(&str, Reason)], change: impl Fn(&mut Item)) -> OrganizationReport {
    let mut items: Vec<Item> = accounts.iter().map(|it| item(&it.0.account.id)).collect();
    items.extend(missing.iter().map(|(id, _)| item(id)));
    items.iter_mut().for_each(change);
    let mut rollup = Rollup::planned(items.clone());
    for account in accounts {
        let report = account.report(Lang::En);
        let item = items.iter().find(|it| it.account == report.account.id).unwrap();
        rollup.add(&report, Some(&item.membership()), &report.account.id).unwrap();
    }
    for (id, reason) in missing {
        rollup.miss(item(id).missing(*reason, String::new(), String::new()));
    }
    rollup.finish(|_| unreachable!())
}

fn chains(accounts: &[&Built]) -> Vec<Chain> {
    merged(accounts, &[], |_| {}).chains
}

/// The steps in a line.
fn line(chain: &Chain) -> String {
    let mut line = String::new();
    for step in &chain.steps {
        if line.is_empty() {
            line = step.from.id.clone();
        }
        line = format!("{line} > {}", step.to.id);
    }
    line
}

fn deploy() -> String {
    allow("sts:AssumeRole", &format!("arn:aws:iam::{BANK}:role/deploy"))
}

/// A server that the internet reaches, with a role that may assume one of the bank's.
fn shop() -> Built {
    account(SHOP, Account::new().role("web", "ec2", &deploy()).instance(22, "web"))
}

fn bank_trusting(principal: &str, rights: &str, condition: &str) -> Built {
    let account_ = Account::new().trusted("deploy", principal, "sts:AssumeRole", rights).last_role(|role| {
        let more = format!(r#""sts:AssumeRole", "Condition": {condition}}}"#);
        role.assume_role_policy = role.assume_role_policy.replace(r#""sts:AssumeRole"}"#, &more);
    });
    account(BANK, account_)
}

fn bank(principal: &str) -> Built {
    bank_trusting(principal, ADMIN, "{}")
}

fn of_shop() -> String {
    format!(r#"{{"AWS": "arn:aws:iam::{SHOP}:root"}}"#)
}

#[test]
fn a_chain_of_roles_from_the_internet_to_another_account() {
    for principal in [
        of_shop(),
        format!(r#"{{"AWS": "arn:aws:iam::{SHOP}:role/web"}}"#),
        format!(r#"{{"AWS": "{SHOP}"}}"#),
    ] {
        let found = chains(&[&shop(), &bank(&principal)]);
        let [chain] = found.as_slice() else { panic!("{principal}: {found:#?}") };
        assert_eq!(line(chain), format!("internet > i-1 > web > deploy > {BANK}"));
        assert_eq!((chain.check.as_str(), chain.severity), (CHAIN, Severity::Critical));
        assert_eq!((chain.account.as_str(), chain.accounts.as_slice()), (SHOP, &[BANK.to_owned()][..]));
        assert_eq!(chain.certainty, PathCertainty::Certain);
        assert_eq!(chain.entry.id, "i-1");
        assert!(chain.steps[2].because.contains("sts:AssumeRole by web/rights #1"), "{chain:#?}");
        assert!(chain.fix.contains(&format!("arn:aws:iam::{BANK}:role/deploy")), "{}", chain.fix);
        assert!(!chain.from_inside);
    }
}

#[test]
fn both_sides_must_allow() {
    let other = account(
        SHOP,
        Account::new()
            .role("web", "ec2", &allow("sts:AssumeRole", &format!("arn:aws:iam::{BANK}:role/other")))
            .instance(22, "web"),
    );
    assert_eq!(chains(&[&other, &bank(&of_shop())]), [], "the caller may assume another role only");
    assert_eq!(
        chains(&[&shop(), &bank(&of_shop().replace(SHOP, GONE))]),
        [],
        "the role trusts another account"
    );
    let named = format!(r#"{{"AWS": "arn:aws:iam::{SHOP}:role/batch"}}"#);
    assert_eq!(chains(&[&shop(), &bank(&named)]), [], "the role trusts another role");
    // Being named is not enough between accounts.
    let nothing =
        account(SHOP, Account::new().role("web", "ec2", &allow("s3:ListBucket", "*")).instance(22, "web"));
    assert_eq!(chains(&[&nothing, &bank(&format!(r#"{{"AWS": "arn:aws:iam::{SHOP}:role/web"}}"#))]), []);
    // A role without rights leads nowhere.
    assert_eq!(chains(&[&shop(), &bank_trusting(&of_shop(), &allow("logs:PutLogEvents", "*"), "{}")]), []);
}

#[test]
fn control_policies_of_either_side_take_the_step_away() {
    let scp = r#"{"Effect": "Deny", "Action": "sts:AssumeRole", "Resource": "*"}"#;
    assert_eq!(chains(&[&shop().under_scp(scp), &bank(&of_shop())]), []);
    assert_eq!(
        chains(&[&shop(), &bank(&of_shop()).under_scp(scp)]).len(),
        1,
        "it is over the role's own calls"
    );
    let rcp = |condition: &str| {
        format!(
            r#"{{"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole", "Resource": "*", "Condition": {condition}}}"#
        )
    };
    let under = |condition: &str| chains(&[&shop(), &bank(&of_shop()).under_rcp(&rcp(condition))]);
    assert_eq!(under("{}"), []);
    assert_eq!(under(r#"{"StringNotEquals": {"aws:PrincipalAccount": "222222222222"}}"#), []);
    assert_eq!(
        under(r#"{"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-1"}}"#).len(),
        1,
        "it is a member"
    );
    assert_eq!(under(r#"{"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-2"}}"#), []);
    // What the bank's RCP says of it keeps nobody of the shop.
    assert_eq!(chains(&[&shop().under_rcp(&rcp("{}")), &bank(&of_shop())]).len(), 1);
    // Not known, the step may be forbidden.
    let unread = bank(&of_shop()).change(|it| {
        it.organizations.service_control_policies = read(None);
    });
    let found = chains(&[&shop(), &unread]);
    assert_eq!((found[0].certainty, found[0].severity), (PathCertainty::Conditional, Severity::High));
    let unread = shop().change(|it| it.organizations.service_control_policies = read(None));
    let found = chains(&[&unread, &bank(&of_shop())]);
    assert_eq!(found[0].certainty, PathCertainty::Conditional);
    assert!(found[0].steps[2].condition.as_deref().unwrap().contains("service control policy"));
}

#[test]
fn conditions_of_the_trust_are_met_or_not_or_not_known() {
    let under = |condition: &str| {
        let found = chains(&[&shop(), &bank_trusting(&of_shop(), ADMIN, condition)]);
        found.first().map(|chain| (chain.certainty, chain.severity))
    };
    let certain = Some((PathCertainty::Certain, Severity::Critical));
    let conditional = Some((PathCertainty::Conditional, Severity::High));
    for (condition, expected) in [
        (r#"{"StringEquals": {"aws:PrincipalOrgID": "o-1"}}"#, certain),
        (r#"{"StringEquals": {"aws:PrincipalOrgID": "o-2"}}"#, None),
        (r#"{"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-1/r-1/ou-1/*"}}"#, certain),
        (r#"{"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-1/r-1/ou-2/*"}}"#, None),
        (r#"{"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/web"}}"#, certain),
        (r#"{"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/batch"}}"#, None),
        (r#"{"StringEquals": {"aws:PrincipalTag/team": "bank"}}"#, None),
        (r#"{"Bool": {"aws:MultiFactorAuthPresent": "true"}}"#, None),
        (r#"{"StringEquals": {"sts:ExternalId": "correct-horse-battery"}}"#, conditional),
        (r#"{"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}"#, conditional),
        (r#"{"StringLike": {"sts:RoleSessionName": "ci-*"}}"#, certain),
        (r#"{"DateLessThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}"#, None),
    ] {
        assert_eq!(under(condition), expected, "{condition}");
    }
}

#[test]
fn an_external_id_is_in_no_report() {
    let secret = "correct-horse-battery";
    let condition = format!(r#"{{"StringEquals": {{"sts:ExternalId": "{secret}"}}}}"#);
    let bank = bank_trusting(&of_shop(), ADMIN, &condition);
    assert!(!serde_json::to_string(&bank.report(Lang::En)).unwrap().contains(secret));
    let found = chains(&[&shop(), &bank]);
    assert_eq!(found[0].steps[2].condition.as_deref(), Some("if the external id is known"));
}

#[test]
fn a_trust_in_the_whole_organization() {
    let open = |organization: &str| {
        let condition = format!(r#"{{"StringEquals": {{"aws:PrincipalOrgID": "{organization}"}}}}"#);
        chains(&[&shop(), &bank_trusting(r#""*""#, ADMIN, &condition)]).len()
    };
    assert_eq!((open("o-1"), open("o-2")), (1, 0));
}

#[test]
fn a_role_on_the_way_that_escalates() {
    let escalates = allow("iam:PutRolePolicy", &format!("arn:aws:iam::{BANK}:role/deploy"));
    let found = chains(&[&shop(), &bank_trusting(&of_shop(), &escalates, "{}")]);
    assert_eq!(line(&found[0]), format!("internet > i-1 > web > deploy > {BANK}"));
    assert_eq!(found[0].steps.last().unwrap().edge, EdgeKind::Escalates);
}

#[test]
fn a_chain_over_three_accounts_ends_in_the_management_account() {
    let hub = account(
        HUB,
        Account::new().trusted(
            "org-admin",
            &format!(r#"{{"AWS": "arn:aws:iam::{BANK}:role/deploy"}}"#),
            "sts:AssumeRole",
            ADMIN,
        ),
    );
    let onwards = allow("sts:AssumeRole", &format!("arn:aws:iam::{HUB}:role/*"));
    let bank = bank_trusting(&of_shop(), &onwards, "{}");
    let found = chains(&[&shop(), &bank, &hub]);
    let told: Vec<_> = found.iter().map(|it| (it.check.as_str(), it.severity, line(it))).collect();
    assert_eq!(
        told,
        [
            (MANAGEMENT, Severity::Critical, format!("internet > i-1 > web > deploy > org-admin > {HUB}")),
            // Whoever is in the bank gets there, too.
            (MANAGEMENT, Severity::Medium, format!("deploy > org-admin > {HUB}")),
        ]
    );
    assert!(found[1].from_inside && found[1].account == BANK, "{:#?}", found[1]);
}

#[test]
fn what_leads_to_administration_of_the_management_account_itself() {
    let hub = account(HUB, Account::new().role("web", "ec2", ADMIN).instance(22, "web"));
    let found = chains(&[&hub]);
    let [chain] = found.as_slice() else { panic!("{found:#?}") };
    assert_eq!((chain.check.as_str(), chain.account.as_str()), (MANAGEMENT, HUB));
    // In a member it is the account's own path.
    let member = account(SHOP, Account::new().role("web", "ec2", ADMIN).instance(22, "web"));
    assert_eq!(chains(&[&member]), []);
    let delegated = |item: &mut Item| item.delegated_services = vec!["guardduty.amazonaws.com".into()];
    let found = merged(&[&member], &[], delegated).chains;
    assert_eq!(found[0].check, MANAGEMENT);
    assert!(found[0].title.contains("guardduty.amazonaws.com"), "{}", found[0].title);
}

#[test]
fn an_administrator_acts_as_everybody_in_the_account() {
    let shop = account(
        SHOP,
        Account::new().role("web", "ec2", ADMIN).instance(22, "web").role("batch", "lambda", &deploy()),
    );
    let named = format!(r#"{{"AWS": "arn:aws:iam::{SHOP}:role/batch"}}"#);
    let found = chains(&[&shop, &bank(&named)]);
    assert_eq!(line(&found[0]), format!("internet > i-1 > web > {SHOP} > batch > deploy > {BANK}"));
    assert_eq!(found[0].severity, Severity::Critical);
}

#[test]
fn data_of_another_account() {
    let reader = Account::new()
        .trusted("deploy", &of_shop(), "sts:AssumeRole", &allow("s3:GetObject", "*"))
        .bucket("customer-data");
    let found = chains(&[&shop(), &account(BANK, reader)]);
    let [chain] = found.as_slice() else { panic!("{found:#?}") };
    assert_eq!((chain.severity, chain.target.id.as_str()), (Severity::High, "customer-data"));
    assert!(chain.title.contains(&format!("data of account {BANK}")), "{}", chain.title);
}

#[test]
fn from_inside_and_in_how_many_accounts() {
    let shop = account(SHOP, Account::new().user("ci", &allow("sts:AssumeRole", "*"), false, false));
    let [bank, gone] = [BANK, GONE]
        .map(|id| account(id, Account::new().trusted("deploy", &of_shop(), "sts:AssumeRole", ADMIN)));
    let found = chains(&[&shop, &bank, &gone]);
    let [chain] = found.as_slice() else { panic!("{found:#?}") };
    assert_eq!((chain.severity, chain.from_inside), (Severity::Medium, true));
    assert_eq!(chain.accounts, [BANK, GONE]);
    // The management account has its members anyway.
    let hub = account(HUB, Account::new().user("ci", &allow("sts:AssumeRole", "*"), false, false));
    let member = account(
        BANK,
        Account::new().trusted("deploy", &of_shop().replace(SHOP, HUB), "sts:AssumeRole", ADMIN),
    );
    assert_eq!(chains(&[&hub, &member]), []);
}

#[test]
fn an_account_without_a_report_is_to_be_verified() {
    let report = merged(&[&shop()], &[(BANK, Reason::RoleRefused)], |_| {});
    let [chain] = report.chains.as_slice() else { panic!("{:#?}", report.chains) };
    assert_eq!((chain.certainty, chain.severity), (PathCertainty::Unknown, Severity::Medium));
    assert_eq!(chain.accounts, [BANK]);
    assert!(chain.title.contains("to be verified"), "{}", chain.title);
    assert!(report.chains_incomplete[0].contains(BANK), "{:?}", report.chains_incomplete);
    // In an account that is not active nobody acts.
    let report = merged(&[&shop()], &[(BANK, Reason::NotActive)], |_| {});
    assert_eq!((report.chains.len(), report.chains_incomplete.len()), (0, 0), "{:#?}", report.chains);
    // In the middle of a chain.
    let hub = account(
        HUB,
        Account::new().trusted("org-admin", &of_shop().replace(SHOP, BANK), "sts:AssumeRole", ADMIN),
    );
    let report = merged(&[&shop(), &hub], &[(BANK, Reason::RoleRefused)], |_| {});
    let to_hub = report.chains.iter().find(|it| it.check == MANAGEMENT && it.account == SHOP).unwrap();
    assert_eq!(to_hub.certainty, PathCertainty::Unknown);
    assert!(line(to_hub).ends_with(&format!("{BANK} > org-admin > {HUB}")), "{}", line(to_hub));
    // Whoever is in it, of whom nothing is known, gets there as well.
    let inside = report.chains.iter().find(|it| it.account == BANK).unwrap();
    assert_eq!((inside.severity, inside.from_inside), (Severity::Low, true));
}

#[test]
fn an_account_whose_users_and_roles_could_not_be_read_is_as_one_without_a_report() {
    let unread = bank(&of_shop()).change(|it| it.iam.authorization = crate::testing::denied());
    let report = merged(&[&shop(), &unread], &[], |_| {});
    assert_eq!(report.chains[0].certainty, PathCertainty::Unknown, "{:#?}", report.chains);
    assert!(report.chains_incomplete.iter().any(|it| it.contains(BANK)));
}

#[test]
fn the_same_from_run_to_run_and_in_any_order() {
    let (shop, bank) = (shop(), bank(&of_shop()));
    let (one, other) = (chains(&[&shop, &bank]), chains(&[&bank, &shop]));
    assert_eq!(one, other);
    let renamed = bank_trusting(&of_shop(), EVERYTHING, r#"{"StringEquals": {"aws:PrincipalOrgID": "o-1"}}"#);
    assert_eq!(chains(&[&shop, &renamed])[0].id, one[0].id);
}

#[test]
fn where_no_check_of_paths_ran_nothing_is_told() {
    let mut report = shop().report(Lang::En);
    report.cross_account = None;
    let mut rollup = Rollup::default();
    rollup.add(&report, None, "a").unwrap();
    let told = rollup.finish(|_| unreachable!());
    assert!(told.chains.is_empty() && told.chains_incomplete.is_empty());
}

#[test]
fn japanese_has_its_own_words() {
    let mut rollup = Rollup::default().told_in(Lang::Ja);
    for account in [shop(), bank(&of_shop())] {
        let report = account.report(Lang::Ja);
        rollup.add(&report, None, &report.account.id).unwrap();
    }
    let told = rollup.finish(|_| unreachable!());
    assert_eq!(
        told.chains[0].title,
        format!("アカウント {SHOP} の i-1からアカウント {BANK} の管理者権限に到達できます")
    );
    assert!(told.chains[0].fix.contains("信頼ポリシー"));
}

#[test]
fn one_part_is_small() {
    // Five hundred administrators have one set of rights.
    let mut many = Account::new();
    for at in 0..500 {
        many = many.user(&format!("u{at}"), ADMIN, false, false);
    }
    let report = account(SHOP, many).report(Lang::En);
    let part = report.cross_account.unwrap();
    assert!(part.is_cut && part.callers.len() == 400, "{}", part.callers.len());
    let size = serde_json::to_string(&part).unwrap().len();
    assert!(size < 150_000, "{size}");
}

#[test]
fn rights_on_roles_of_other_accounts_alone_are_rights() {
    for condition in [
        r#"{"StringNotEquals": {"aws:ResourceAccount": "${aws:PrincipalAccount}"}}"#.to_owned(),
        format!(r#"{{"StringEquals": {{"aws:ResourceAccount": "{BANK}"}}}}"#),
    ] {
        let rights = format!(
            r#"{{"Statement": [{{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*", "Condition": {condition}}}]}}"#
        );
        let shop = account(SHOP, Account::new().role("web", "ec2", &rights).instance(22, "web"));
        assert_eq!(chains(&[&shop, &bank(&of_shop())]).len(), 1, "{condition}");
    }
}

#[test]
fn control_policies_that_are_off_forbid_nothing() {
    let mut shop = shop();
    shop.levels().iter_mut().for_each(|level| level.policies.clear());
    assert_eq!(chains(&[&shop, &bank(&of_shop())]).len(), 1);
}

#[test]
fn a_chain_to_data_does_not_stand_for_one_to_administration() {
    let reader = allow("sts:AssumeRole", &format!("arn:aws:iam::{BANK}:role/reader"));
    let shop = Account::new().role("web", "ec2", &reader).instance(22, "web").role("ci", "states", &deploy());
    let bank = Account::new()
        .trusted("deploy", &of_shop(), "sts:AssumeRole", ADMIN)
        .trusted("reader", &of_shop(), "sts:AssumeRole", &allow("s3:GetObject", "*"))
        .bucket("customer-data");
    let found = chains(&[&account(SHOP, shop), &account(BANK, bank)]);
    let ends: Vec<_> = found.iter().map(|chain| (chain.from_inside, chain.target.kind)).collect();
    assert!(ends.contains(&(true, NodeKind::Administrator)), "{ends:?}");
    assert!(
        ends.iter().any(|(from_inside, kind)| !from_inside && *kind != NodeKind::Administrator),
        "{ends:?}"
    );
}

#[test]
fn of_whom_nothing_is_known_one_who_is_let_in_is_enough() {
    let role = |name: &str| format!("arn:aws:iam::{GONE}:role/{name}");
    let of_gone = |denied: &str| {
        let principals = format!(r#"{{"AWS": ["{}", "{}"]}}"#, role("old"), role("new"));
        let hub = Account::new().trusted("org-admin", &principals, "sts:AssumeRole", ADMIN).last_role(|it| {
            let deny = format!(
                r#"[{{"Effect": "Deny", "Principal": {{"AWS": [{denied}]}}, "Action": "sts:AssumeRole"}}, {{"Effect""#
            );
            it.assume_role_policy = it.assume_role_policy.replacen(r#"[{"Effect""#, &deny, 1);
            assert!(it.assume_role_policy.contains("Deny"), "{}", it.assume_role_policy);
        });
        let found = merged(&[&account(HUB, hub)], &[(GONE, Reason::NoReport)], |_| {}).chains;
        found.iter().filter(|chain| chain.account == GONE).count()
    };
    let [old, new] = ["old", "new"].map(|name| format!("\"{}\"", role(name)));
    assert_eq!(of_gone(&old), 1);
    assert_eq!(of_gone(&new), 1);
    assert_eq!(of_gone(&format!("{old}, {new}")), 0);
}
