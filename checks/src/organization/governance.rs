//! What holds for an organization as a whole, and is judged once: not in each of its accounts, where it would be the same
//! finding as often as there are accounts.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    finding::{Severity, Status},
    page::Lang,
    report::Report,
};

/// Checks that judge the organization in its management account, with what they are about.
const CHECKS: [(&str, Subject); 2] = [
    ("organization-guardrails", Subject::ServiceControlPolicies),
    ("iam-root-central-management", Subject::RootManagement),
];

/// Checks that judge its permission sets there, one by one.
const PERMISSION_SET_CHECKS: [&str; 2] =
    ["organization-permission-set-management-account", "organization-permission-set-long-session"];

/// Accounts named in a sentence.
const NAMED: usize = 10;

/// What of the organization is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// A trail of the organization records every account.
    Trail,
    /// Service control policies deny something.
    ServiceControlPolicies,
    /// Root users of members are managed centrally.
    RootManagement,
    /// Permission sets of IAM Identity Center: who administers the management account, and for how long at a time.
    PermissionSets,
    /// Accounts that administer services for the organization: who has one of them has that service everywhere.
    DelegatedAdministrators,
}

/// How the organization stands in one thing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Governed {
    /// What.
    pub subject: Subject,
    /// How it stands; `pass` for what is only told.
    pub status: Status,
    /// The check of which the management account's report has the finding, where one judges it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check: Option<String>,
    /// The same in words.
    pub told: String,
    /// Ids of the accounts that it is about: those without the trail, those that administer services.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accounts: Vec<String>,
}

/// What reports tell of the organization, gathered one after the other.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    /// What the management account's report says of each of [`CHECKS`]; none without its report.
    management: Option<BTreeMap<&'static str, (Status, String)>>,
    /// What it says of the organization's permission sets, by [`PERMISSION_SET_CHECKS`].
    permission_sets: Vec<(&'static str, Status, Told)>,
    /// By account: trails of other accounts that record it; none where that is not known.
    trails: BTreeMap<String, Option<Vec<String>>>,
}

/// What one check says of permission sets.
#[derive(Debug)]
enum Told {
    /// What it says of the worst, and of how many others.
    Message(String, usize),
    /// How many there are, none of which it reports.
    Fine(u64),
}

impl Gathered {
    pub(super) fn add(&mut self, report: &Report, management_account: Option<&str>) {
        let account = report.account.id.as_str();
        if let Some(part) = &report.cross_account {
            self.trails.insert(account.to_owned(), part.organization_trails.clone());
        }
        if management_account != Some(account) {
            return;
        }
        let mut said = BTreeMap::new();
        for (check, _) in CHECKS {
            let Some(scope) = report.scope.as_ref().filter(|scope| scope.checks.contains(check)) else {
                continue;
            };
            let finding = report.findings.iter().find(|finding| finding.check == check);
            let told = match finding {
                Some(finding) => (finding.status, finding.message.clone()),
                // What is not listed may fail all the same.
                None if scope.min_severity > Severity::Info => continue,
                None => (Status::Pass, String::new()),
            };
            said.insert(check, told);
        }
        self.management = Some(said);
        for check in PERMISSION_SET_CHECKS {
            if report.scope.as_ref().is_some_and(|scope| scope.checks.contains(check)) {
                self.permission_sets
                    .extend(of_permission_sets(report, check).map(|(status, told)| (check, status, told)));
            }
        }
    }

    /// How the organization stands.
    pub(super) fn finish(
        &self,
        management_account: Option<&str>,
        delegated: &BTreeMap<String, Vec<String>>,
        lang: Lang,
    ) -> Vec<Governed> {
        let Some(management_account) = management_account else { return Vec::new() };
        let mut governed: Vec<_> = self.trail(management_account, lang).into_iter().collect();
        for (check, subject) in CHECKS {
            let told = self.management.as_ref().map(|said| said.get(check));
            let (status, told) = match told {
                // It did not run.
                Some(None) => continue,
                Some(Some((status, message))) => (*status, in_words(subject, *status, message, lang)),
                None => (Status::Unknown, without_management(subject, management_account, lang)),
            };
            governed.push(Governed {
                subject,
                status,
                check: Some(check.to_owned()),
                told,
                accounts: Vec::new(),
            });
        }
        governed.extend(self.permission_sets(management_account, lang));
        if !delegated.is_empty() {
            let accounts =
                delegated.iter().map(|(account, services)| format!("{account} ({})", services.join(", ")));
            let accounts = accounts.take(NAMED).collect::<Vec<_>>().join(", ");
            governed.push(Governed {
                subject: Subject::DelegatedAdministrators,
                status: Status::Pass,
                check: None,
                told: match lang {
                    Lang::En => format!("Delegated administrators: {accounts}"),
                    Lang::Ja => format!("委任管理者：{accounts}"),
                },
                accounts: delegated.keys().cloned().collect(),
            });
        }
        governed
    }

    /// What is to be said of permission sets: nothing where there are none, or where nothing of them was asked.
    fn permission_sets(&self, management_account: &str, lang: Lang) -> Vec<Governed> {
        let subject = Subject::PermissionSets;
        let governed = |check: Option<&str>, status, told| Governed {
            subject,
            status,
            check: check.map(str::to_owned),
            told,
            accounts: Vec::new(),
        };
        if self.management.is_none() {
            let told = without_management(subject, management_account, lang);
            return vec![governed(None, Status::Unknown, told)];
        }
        let told = self.permission_sets.iter().map(|(check, status, told)| {
            let name = name(subject, lang);
            let told = match (told, lang) {
                (Told::Message(message, 0), Lang::En) => format!("{name}: {message}"),
                (Told::Message(message, 0), Lang::Ja) => format!("{name}：{message}"),
                (Told::Message(message, more), Lang::En) => {
                    format!("{name}: {message} (others of which the same is told: {more})")
                }
                (Told::Message(message, more), Lang::Ja) => {
                    format!("{name}：{message}（ほか{more}件も同様）")
                }
                (Told::Fine(count), Lang::En) => {
                    format!("{name}: `{check}` reports none (number of permission sets: {count})")
                }
                (Told::Fine(count), Lang::Ja) => {
                    format!("{name}：{count}件のうち `{check}` の検出はありません")
                }
            };
            governed(Some(check), *status, told)
        });
        told.collect()
    }

    /// Whether every member is recorded by a trail of another account.
    fn trail(&self, management_account: &str, lang: Lang) -> Option<Governed> {
        let members: Vec<_> =
            self.trails.iter().filter(|(account, _)| *account != management_account).collect();
        if members.is_empty() {
            return None;
        }
        let without: Vec<String> = members
            .iter()
            .filter(|(_, trails)| trails.as_ref().is_some_and(Vec::is_empty))
            .map(|(account, _)| (*account).clone())
            .collect();
        let unknown = members.iter().filter(|(_, trails)| trails.is_none()).count();
        let (count, of) = (without.len(), members.len());
        let shown = without.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
        let (status, told) = if count == of {
            let told = match lang {
                Lang::En => "No trail of the organization records its members".to_owned(),
                Lang::Ja => "組織の証跡がなく、メンバーアカウントは記録されていません".to_owned(),
            };
            (Status::Fail, told)
        } else if count > 0 {
            let told = match lang {
                Lang::En => format!("No trail of the organization records {count} of {of} members: {shown}"),
                Lang::Ja => {
                    format!("メンバー{of}アカウント中{count}アカウントに組織の証跡がありません：{shown}")
                }
            };
            (Status::Fail, told)
        } else if unknown > 0 {
            let told = match lang {
                Lang::En => format!(
                    "Of {unknown} of {of} members it is not known whether a trail of the organization records them"
                ),
                Lang::Ja => {
                    format!("メンバー{of}アカウント中{unknown}アカウントは、組織の証跡の有無が不明です")
                }
            };
            (Status::Unknown, told)
        } else {
            let trails: BTreeSet<&str> =
                members.iter().filter_map(|(_, it)| it.as_ref()?.first()).map(String::as_str).collect();
            let trails = trails.into_iter().take(NAMED).collect::<Vec<_>>().join(", ");
            let told = match lang {
                Lang::En => format!("A trail of the organization records all members: {trails}"),
                Lang::Ja => format!("組織の証跡がすべてのメンバーを記録しています：{trails}"),
            };
            (Status::Pass, told)
        };
        Some(Governed { subject: Subject::Trail, status, check: None, told, accounts: without })
    }
}

/// What a report says of the organization's permission sets by one check; nothing where there are none.
fn of_permission_sets(report: &Report, check: &str) -> Option<(Status, Told)> {
    let of_check = report.findings.iter().filter(|finding| finding.check == check);
    let worst = of_check.clone().min_by_key(|finding| finding.status).filter(|it| it.status != Status::Pass);
    if let Some(worst) = worst {
        let same = of_check.filter(|finding| finding.status == worst.status).count();
        return Some((worst.status, Told::Message(worst.message.clone(), same - 1)));
    }
    // What is not listed may fail all the same.
    let lists_all = report.scope.as_ref().is_some_and(|scope| scope.min_severity == Severity::Info);
    let count = report.cross_account.as_ref()?.permission_sets.filter(|count| *count > 0 && lists_all)?;
    Some((Status::Pass, Told::Fine(count)))
}

const fn name(subject: Subject, lang: Lang) -> &'static str {
    match (subject, lang) {
        (Subject::Trail, Lang::En) => "Trail of the organization",
        (Subject::Trail, Lang::Ja) => "組織の証跡",
        (Subject::ServiceControlPolicies, Lang::En) => "Service control policies",
        (Subject::ServiceControlPolicies, Lang::Ja) => "サービスコントロールポリシー（SCP）",
        (Subject::RootManagement, Lang::En) => "Central management of root users",
        (Subject::RootManagement, Lang::Ja) => "ルートユーザーの一元管理",
        (Subject::PermissionSets, Lang::En) => "Permission sets",
        (Subject::PermissionSets, Lang::Ja) => "許可セット",
        (Subject::DelegatedAdministrators, Lang::En) => "Delegated administrators",
        (Subject::DelegatedAdministrators, Lang::Ja) => "委任管理者",
    }
}

fn in_words(subject: Subject, status: Status, message: &str, lang: Lang) -> String {
    let name = name(subject, lang);
    match (status, lang) {
        (Status::Pass, Lang::En) => format!("{name}: in use"),
        (Status::Pass, Lang::Ja) => format!("{name}：使用中"),
        (_, Lang::En) => format!("{name}: {message}"),
        (_, Lang::Ja) => format!("{name}：{message}"),
    }
}

fn without_management(subject: Subject, management_account: &str, lang: Lang) -> String {
    let name = name(subject, lang);
    match lang {
        Lang::En => {
            format!("{name}: not known without a report of the management account {management_account}")
        }
        Lang::Ja => format!("{name}：管理アカウント {management_account} のレポートがないため不明です"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        cross_account::CrossAccount,
        framework, registry,
        report::Options,
        settings::Settings,
        testing::{empty, read, region},
    };

    const HUB: &str = "900000000001";

    fn report(id: &str, trails: Option<&[&str]>, policies: &[&str]) -> Report {
        let mut account = empty();
        account.account.id = id.into();
        let names = policies.iter().map(|it| (*it).to_owned()).collect();
        account.organizations.control_policy_names = read((id == HUB).then_some(names));
        let checks: Vec<_> = registry::find("organization-guardrails").into_iter().collect();
        let evaluation = registry::evaluate(&checks, &account, &Settings::default(), false);
        let options = Options { framework: framework::find(framework::DEFAULT).unwrap(), lang: Lang::En };
        let mut report = Report::new(&account, &evaluation, &options);
        let organization_trails = trails.map(|trails| trails.iter().map(|it| (*it).to_owned()).collect());
        report.cross_account =
            Some(Box::new(CrossAccount { organization_trails, ..CrossAccount::default() }));
        report
    }

    fn told(reports: &[Report]) -> BTreeMap<Subject, (Status, Vec<String>)> {
        let mut gathered = Gathered::default();
        for report in reports {
            gathered.add(report, Some(HUB));
        }
        let governed = gathered.finish(Some(HUB), &BTreeMap::new(), Lang::En);
        governed.into_iter().map(|it| (it.subject, (it.status, it.accounts))).collect()
    }

    #[test]
    fn a_trail_of_the_organization_is_told_once() {
        let trail = "arn:aws:cloudtrail:us-east-1:900000000001:trail/org";
        let trail = [trail];
        let (seen, none) = (Some(&trail[..]), Some(&[][..]));
        let one = |trails| report("111111111111", trails, &[]);
        let two = |trails| report("222222222222", trails, &[]);
        let of = |reports: &[Report]| told(reports)[&Subject::Trail].clone();
        assert_eq!(of(&[one(seen), two(seen)]), (Status::Pass, vec![]));
        let half = of(&[one(seen), two(none)]);
        assert_eq!(half, (Status::Fail, vec!["222222222222".to_owned()]));
        assert_eq!(of(&[one(none), two(none)]).0, Status::Fail);
        assert_eq!(of(&[one(seen), two(None)]).0, Status::Unknown);
        // The management account's own trail is no other account's.
        assert!(!told(&[report(HUB, Some(&[]), &[])]).contains_key(&Subject::Trail));
    }

    #[test]
    fn the_management_account_tells_of_guardrails_and_without_it_nothing_is_fine() {
        let hub = |policies: &[&str]| told(&[report(HUB, None, policies)]);
        assert_eq!(hub(&["FullAWSAccess"])[&Subject::ServiceControlPolicies].0, Status::Fail);
        assert_eq!(hub(&["FullAWSAccess", "deny"])[&Subject::ServiceControlPolicies].0, Status::Pass);
        let without = told(&[report("111111111111", None, &[])]);
        assert_eq!(without[&Subject::ServiceControlPolicies].0, Status::Unknown);
        // A check that was not asked for says nothing.
        assert!(!hub(&["deny"]).contains_key(&Subject::RootManagement));
    }

    #[test]
    fn permission_sets_are_told_by_check_and_only_where_there_are_some() {
        let administrator = |minutes: i64| {
            json!({"arn": "arn:aws:sso:::permissionSet/ssoins-1/ps-1", "instance": "arn:aws:sso:::instance/ssoins-1",
                "name": format!("Admin{minutes}"), "session_minutes": minutes, "customer_managed_policies": [],
                "managed_policies": ["arn:aws:iam::aws:policy/AdministratorAccess"], "inline_policy": null,
                "boundary": null})
        };
        let hub = |minutes: &[i64], count: Option<u64>| {
            let mut account = empty();
            account.account.id = HUB.into();
            let sets: Vec<_> = minutes.iter().map(|minutes| administrator(*minutes)).collect();
            region(&mut account).identity_center.permission_sets =
                read(serde_json::from_value(json!(sets)).unwrap());
            let checks: Vec<_> =
                registry::find("organization-permission-set-long-session").into_iter().collect();
            let evaluation = registry::evaluate(&checks, &account, &Settings::default(), false);
            let options = Options { framework: framework::find(framework::DEFAULT).unwrap(), lang: Lang::En };
            let mut report = Report::new(&account, &evaluation, &options);
            report.cross_account =
                Some(Box::new(CrossAccount { permission_sets: count, ..CrossAccount::default() }));
            let mut gathered = Gathered::default();
            gathered.add(&report, Some(HUB));
            gathered
        };
        let told = |gathered: &Gathered, lang| {
            let governed = gathered.finish(Some(HUB), &BTreeMap::new(), lang);
            let of_sets = governed.into_iter().filter(|it| it.subject == Subject::PermissionSets);
            of_sets.map(|it| (it.status, it.told)).collect::<Vec<_>>()
        };
        let long = hub(&[60, 720, 480], Some(3));
        assert_eq!(told(&long, Lang::Ja).len(), 1);
        let (status, words) = told(&long, Lang::En).remove(0);
        assert_eq!(status, Status::Fail);
        assert!(words.contains("Admin") && words.ends_with("told: 1)"), "{words}");
        assert_eq!(told(&hub(&[60], Some(1)), Lang::En)[0].0, Status::Pass);
        // Nothing is fine of which nothing is known, or there is none.
        assert!(told(&hub(&[], Some(0)), Lang::En).is_empty());
        assert!(told(&hub(&[], None), Lang::En).is_empty());
        assert_eq!(told(&Gathered::default(), Lang::En)[0].0, Status::Unknown);
    }

    #[test]
    fn delegated_administrators_are_named_with_their_services() {
        let delegated = BTreeMap::from([("222222222222".to_owned(), vec!["sso.amazonaws.com".to_owned()])]);
        for lang in [Lang::En, Lang::Ja] {
            let governed = Gathered::default().finish(Some(HUB), &delegated, lang);
            let last = governed.last().unwrap();
            assert_eq!(last.subject, Subject::DelegatedAdministrators);
            assert!(last.told.contains("222222222222 (sso.amazonaws.com)"), "{}", last.told);
        }
        // Outside an organization there is nothing to tell.
        assert!(Gathered::default().finish(None, &BTreeMap::new(), Lang::En).is_empty());
    }
}
