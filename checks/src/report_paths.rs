//! Attack paths as a report tells them.

pub mod query;

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use crate::analysis::paths::graph::{EdgeKind, NodeKind};
use crate::{
    analysis::paths::{
        ANOTHER_ACCOUNT, PASSWORD_OF, Path, Paths, Stopped,
        crossing::{self, Crossing},
        graph::{Certainty, Doubt, Edge, Node},
    },
    cross_account::{self, CrossAccount, Door, WayIn},
    finding::{Finding, Severity, Status, id_of},
    page::Lang,
};

/// A way from outside the account, or from a credential, to administration or data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReportPath {
    /// The id of the finding that tells of it: the same from scan to scan, from the entry and the target.
    pub id: String,
    /// The id of the check.
    pub check: String,
    /// The severity.
    pub severity: Severity,
    /// How sure it is: as sure as its least sure step.
    pub certainty: PathCertainty,
    /// Where it enters the account.
    pub entry: PathNode,
    /// Where it ends.
    pub target: PathNode,
    /// How many resources are reached in the same way, the target among them.
    pub resources: u64,
    /// The steps, from the outside to the target.
    pub steps: Vec<PathStep>,
}

/// How sure a path or step is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum PathCertainty {
    /// It is there.
    Certain,
    /// It is there under a condition.
    Conditional,
    /// What decides could not be read: to be verified.
    Unknown,
}

impl PathCertainty {
    /// What a step of it costs in searches for the likeliest path: one step that is less sure costs more than any number
    /// that are surer, since a path is as sure as its least sure step.
    pub(crate) const fn cost(self) -> u64 {
        match self {
            Self::Certain => 1,
            Self::Conditional => 1_000,
            Self::Unknown => 1_000_000,
        }
    }

    /// How sure a path of that cost is.
    pub(crate) const fn of_cost(cost: u64) -> Self {
        if cost >= Self::Unknown.cost() {
            Self::Unknown
        } else if cost >= Self::Conditional.cost() {
            Self::Conditional
        } else {
            Self::Certain
        }
    }
}

/// One end of a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PathNode {
    /// What it is.
    pub kind: NodeKind,
    /// What AWS calls its id; for what is outside, a name.
    pub id: String,
    /// Its ARN; none for what has none.
    pub arn: Option<String>,
}

/// A step of a path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PathStep {
    /// From where.
    pub from: PathNode,
    /// To where.
    pub to: PathNode,
    /// How.
    pub edge: EdgeKind,
    /// What proves it, in words.
    pub because: String,
    /// How sure it is.
    pub certainty: PathCertainty,
    /// The condition under which it is there, or what must be allowed to be sure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<String>,
    /// Ids of the failing findings that tell of it.
    pub findings: Vec<String>,
}

/// A change that cuts paths.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FixFirst {
    /// The id of the finding to mend.
    pub finding: String,
    /// How many paths are gone then, of those that the changes before it leave.
    pub cuts: u64,
    /// How many paths there are.
    pub of: u64,
}

/// The id of the finding that tells of a path.
fn id_of_path(paths: &Paths, path: &Path, account: &str) -> String {
    let entry = paths.node(path.entry);
    let (kind, region) = (entry.resource_type, entry.region.as_deref());
    id_of(path.check, account, kind, region, &entry.id, Some(&path.towards))
}

/// A path to that target, which is one of those where it ends.
fn path_told(
    paths: &Paths,
    path: &Path,
    target: usize,
    account: &str,
    live: &BTreeSet<String>,
    lang: Lang,
) -> ReportPath {
    let entry = paths.node(path.entry);
    let id = id_of_path(paths, path, account);
    let step = |edge: &usize| {
        let edge = paths.edge(*edge);
        let to = if edge.to == path.target { target } else { edge.to };
        PathStep { to: node(paths.node(to), lang), ..step_told(paths, edge, live, lang) }
    };
    ReportPath {
        id,
        check: path.check.to_owned(),
        severity: path.severity,
        certainty: paths.certainty(path).told(),
        entry: node(entry, lang),
        target: node(paths.node(target), lang),
        resources: path.stores as u64,
        steps: path.edges.iter().map(step).collect(),
    }
}

fn step_told(paths: &Paths, edge: &Edge, live: &BTreeSet<String>, lang: Lang) -> PathStep {
    PathStep {
        from: node(paths.node(edge.from), lang),
        to: node(paths.node(edge.to), lang),
        edge: edge.kind,
        because: edge.because.text(lang),
        certainty: edge.certainty.told(),
        condition: condition(&edge.certainty, lang),
        findings: edge.findings.iter().filter(|id| live.contains(*id)).cloned().collect(),
    }
}

/// An account's part of the chains over accounts, in words.
pub(crate) fn crossing_told(
    crossing: &Crossing,
    paths: &Paths,
    findings: &[Finding],
    lang: Lang,
) -> Box<CrossAccount> {
    let failing = findings.iter().filter(|it| it.status == Status::Fail && !it.check.starts_with("path-"));
    let live: BTreeSet<String> = failing.map(Finding::id).collect();
    let leads = |paths: &Paths, leads: &[crossing::Lead]| {
        let lead = |lead: &crossing::Lead| {
            let steps: Vec<_> =
                lead.edges.iter().map(|it| step_told(paths, paths.edge(*it), &live, lang)).collect();
            let certainty = steps.iter().map(|step| step.certainty).max();
            cross_account::Lead {
                to: lead.to.clone(),
                certainty: certainty.unwrap_or(PathCertainty::Certain),
                resources: lead.resources as u64,
                steps,
            }
        };
        leads.iter().map(lead).collect::<Vec<_>>()
    };
    let mut told = crossing.told.clone();
    told.entries = crossing
        .entries
        .iter()
        .map(|entry| {
            let at = paths.node(entry.resource);
            WayIn {
                entry: node(at, lang),
                resource_type: at.resource_type.to_owned(),
                region: at.region.clone(),
                ease: entry.ease,
                is_meant: entry.is_meant,
                leads: leads(paths, &entry.leads),
            }
        })
        .collect();
    told.doors = crossing
        .doors
        .iter()
        .map(|door| Door {
            role: door.role.clone(),
            trust: door.trust.clone(),
            tags: door.tags.clone(),
            leads: leads(&crossing.inside, &door.leads),
        })
        .collect();
    Box::new(told)
}

fn node(node: &Node, lang: Lang) -> PathNode {
    let user = node.id.strip_prefix(PASSWORD_OF).filter(|_| node.kind == NodeKind::Credential);
    let id = match (node.kind, user, lang) {
        (NodeKind::Internet, _, Lang::Ja) => "インターネット".to_owned(),
        (NodeKind::AnyAwsPrincipal, _, Lang::Ja) => "任意のAWSアカウント".to_owned(),
        (NodeKind::ExternalAccount, _, Lang::Ja) if node.id == ANOTHER_ACCOUNT => "別のアカウント".to_owned(),
        (_, Some(user), Lang::Ja) => format!("{user} のパスワード"),
        _ => node.id.clone(),
    };
    let arn = node.arn.starts_with("arn:").then(|| node.arn.clone());
    PathNode { kind: node.kind, id, arn }
}

fn condition(certainty: &Certainty, lang: Lang) -> Option<String> {
    let text = match (certainty, lang) {
        (Certainty::Certain, _) => return None,
        (Certainty::Unknown(gap), Lang::En) => {
            format!("allow {} to be sure", operation(&gap.operation, lang))
        }
        (Certainty::Unknown(gap), Lang::Ja) => {
            format!("確認には {} の許可が必要です", operation(&gap.operation, lang))
        }
        (Certainty::Conditional(doubt), _) => match (doubt, lang) {
            (Doubt::Flaw, Lang::En) => "if what listens there has a flaw".into(),
            (Doubt::Flaw, Lang::Ja) => "待ち受けるソフトウェアに欠陥がある場合".into(),
            (Doubt::Vulnerable(id), Lang::En) => {
                format!("with a flaw such as {id}, which Inspector found there")
            }
            (Doubt::Vulnerable(id), Lang::Ja) => {
                format!("Inspectorが検出した {id} などの欠陥が悪用された場合")
            }
            (Doubt::Attacked(kind), Lang::En) => {
                format!("if what GuardDuty found there is an attack: {kind}")
            }
            (Doubt::Attacked(kind), Lang::Ja) => format!("GuardDutyの検出が実際の攻撃である場合：{kind}"),
            (Doubt::Password, Lang::En) => "with a password".into(),
            (Doubt::Password, Lang::Ja) => "パスワードを知っている場合".into(),
            (Doubt::Policy(text), Lang::En) => format!("if this condition is met: {text}"),
            (Doubt::Policy(text), Lang::Ja) => format!("条件を満たす場合：{text}"),
            (Doubt::Key, Lang::En) => "if the KMS key lets the caller decrypt".into(),
            (Doubt::Key, Lang::Ja) => "KMSキーでの復号が許可されている場合".into(),
            (Doubt::Member, Lang::En) => "unless the account is one of the organization".into(),
            (Doubt::Member, Lang::Ja) => "アカウントが同じ組織に属していない場合".into(),
            (Doubt::Session, Lang::En) => "as far as the session policy allows".into(),
            (Doubt::Session, Lang::Ja) => "セッションポリシーで許可される範囲に限る".into(),
            (Doubt::Domain, Lang::En) => "if a custom domain name leads to the API".into(),
            (Doubt::Domain, Lang::Ja) => "APIにカスタムドメイン名が割り当てられている場合".into(),
            (Doubt::Repository, Lang::En) => "if strangers may open pull requests in the repository".into(),
            (Doubt::Repository, Lang::Ja) => "リポジトリで第三者がプルリクエストを作成できる場合".into(),
            (Doubt::SignUp, Lang::En) => "if strangers may sign up with one of its app clients".into(),
            (Doubt::SignUp, Lang::Ja) => "アプリクライアントで第三者がサインアップできる場合".into(),
            (Doubt::Exception, Lang::En) => {
                "if AWS still lets the account off granting lambda:InvokeFunction as well".into()
            }
            (Doubt::Exception, Lang::Ja) => {
                "AWSの経過措置により、lambda:InvokeFunction の許可がなくても呼び出せる場合".into()
            }
            (Doubt::Bucket, Lang::En) => "with a bucket of a name that the policy lets in".into(),
            (Doubt::Bucket, Lang::Ja) => "ポリシーが許可する名前のバケットを作成できる場合".into(),
        },
    };
    Some(text)
}

fn operation(name: &str, lang: Lang) -> &str {
    match (name, lang) {
        ("", Lang::En) => "what decides",
        ("", Lang::Ja) => "判定に必要な操作",
        (name, _) => name,
    }
}

fn stopped_told(stopped: Stopped, lang: Lang) -> String {
    match (stopped, lang) {
        (Stopped::AtEdges(edges), Lang::En) => {
            format!("The search stopped at {edges} steps; some users and roles were not looked at.")
        }
        (Stopped::AtEdges(edges), Lang::Ja) => {
            format!("{edges}段階に達したため探索を打ち切りました。一部のユーザーとロールは調べていません。")
        }
        (Stopped::AtPaths(paths), Lang::En) => {
            format!("There are {paths} paths; only the worst are told.")
        }
        (Stopped::AtPaths(paths), Lang::Ja) => {
            format!("経路は{paths}件あります。重大なものだけを示しています。")
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::{
        analysis::paths::testing::{ADMIN, Account, allow},
        finding::Status,
        framework,
        registry::{self, Evaluation},
        report::{Options, Report},
        settings::Settings,
        snapshot::Snapshot,
    };

    fn evaluated(account: &Snapshot) -> Evaluation {
        let checks: Vec<_> = registry::all().collect();
        registry::evaluate(&checks, account, &Settings::default(), false)
    }

    fn reported(account: &Snapshot, lang: Lang) -> Report {
        let framework = framework::find("antipatterns").unwrap();
        Report::new(account, &evaluated(account), &Options { framework, lang })
    }

    fn story() -> Account {
        let document = allow("iam:PutRolePolicy", "arn:aws:iam::111122223333:role/web");
        Account::new().role("web", "ec2", &document).instance(22, "web").bucket("customer-data")
    }

    #[test]
    fn a_path_cites_the_findings_that_it_is_made_of_and_shares_the_id_of_its_own() {
        let report = reported(&story().0, Lang::En);
        let [path] = report.paths.as_slice() else { panic!("{:#?}", report.paths) };
        assert_eq!((path.check.as_str(), path.severity), ("path-internet-compute-admin", Severity::Critical));
        assert_eq!((path.entry.kind, path.entry.id.as_str()), (NodeKind::Compute, "i-1"));
        assert_eq!(path.target.kind, NodeKind::Administrator);
        let told: BTreeSet<_> = report.findings.iter().map(|it| it.id.as_str()).collect();
        assert!(told.contains(path.id.as_str()));
        let because: Vec<_> = path.steps.iter().map(|step| step.because.as_str()).collect();
        assert_eq!(because, ["tcp/22 (sg-web)", "instance profile", "iam:PutRolePolicy"]);
        let cited: Vec<Vec<&str>> = path
            .steps
            .iter()
            .map(|step| {
                let found = |id: &String| report.findings.iter().find(|it| it.id == *id).unwrap();
                step.findings.iter().map(|id| found(id).check.as_str()).collect()
            })
            .collect();
        assert!(cited[0].contains(&"ec2-sg-open-ssh"), "{cited:?}");
        assert!(cited[0].contains(&"ec2-instance-internet-reachable"), "{cited:?}");
        assert!(cited[2].contains(&"iam-policy-privilege-escalation"), "{cited:?}");
    }

    #[test]
    fn what_to_fix_first_is_proven_by_another_search() {
        let account = story().role("job", "lambda", ADMIN).function("job");
        let report = reported(&account.0, Lang::En);
        assert_eq!(report.paths.len(), 2, "{:#?}", report.paths);
        assert_eq!(report.fix_first.iter().map(|fix| (fix.cuts, fix.of)).collect::<Vec<_>>(), [(1, 2); 2]);
        for fix in &report.fix_first {
            assert!(report.findings.iter().any(|it| it.id == fix.finding && it.status == Status::Fail));
        }
        let paths = evaluated(&account.0).paths.unwrap();
        let fixes: Vec<_> = report.fix_first.iter().map(|fix| fix.finding.as_str()).collect();
        assert_eq!(paths.without(fixes.iter().copied()).len(), 0);
        assert_eq!(paths.without(fixes.iter().copied().take(1)).len(), 1);
        assert_eq!(paths.without(["nothing"]).len(), 2);
    }

    #[test]
    fn many_findings_on_one_path_leave_room_for_the_others() {
        // The instance's path has many findings, and each of the others one or two.
        let account = story()
            .role("job", "lambda", ADMIN)
            .function("job")
            .trusted("vendor", r#"{"AWS": "arn:aws:iam::444455556666:root"}"#, "sts:AssumeRole", ADMIN)
            .trusted("open", r#""*""#, "sts:AssumeRole", ADMIN)
            .user("alice", ADMIN, false, false)
            .key("alice", 400);
        let report = reported(&account.0, Lang::En);
        assert_eq!(report.paths.len(), 5, "{:#?}", report.paths);
        let cuts: u64 = report.fix_first.iter().map(|fix| fix.cuts).sum();
        assert_eq!((cuts, report.fix_first.len()), (5, 5), "{:#?}", report.fix_first);
    }

    #[test]
    fn what_a_team_says_of_the_finding_holds_of_the_path() {
        let account = story().role("job", "lambda", ADMIN).function("job");
        let mut evaluation = evaluated(&account.0);
        let options = Options { framework: framework::find("antipatterns").unwrap(), lang: Lang::En };
        for finding in evaluation.findings.iter_mut().filter(|it| it.towards.is_some()) {
            match finding.check {
                "path-public-function-admin" => finding.status = Status::Suppressed,
                _ => finding.severity = Severity::Low,
            }
        }
        let report = Report::new(&account.0, &evaluation, &options);
        let [path] = report.paths.as_slice() else { panic!("{:#?}", report.paths) };
        assert_eq!((path.check.as_str(), path.severity), ("path-internet-compute-admin", Severity::Low));
        assert_eq!(report.fix_first.iter().map(|fix| (fix.cuts, fix.of)).collect::<Vec<_>>(), [(1, 1)]);
    }

    #[test]
    fn both_languages_tell_it() {
        let report = reported(&story().0, Lang::Ja);
        assert_eq!(report.paths[0].steps[0].from.id, "インターネット");
        assert_eq!(report.paths[0].steps[1].because, "インスタンスプロファイル");
    }

    #[test]
    fn the_score_does_not_count_paths() {
        let with = reported(&story().0, Lang::En).score;
        let row = with.controls.iter().find(|it| it.id == "paths").unwrap();
        assert_eq!((row.score, row.worst), (None, Some(Severity::Critical)));
        let framework = framework::find("antipatterns").unwrap();
        let checks: Vec<_> = registry::all().filter(|it| !it.check.id.starts_with("path-")).collect();
        let account = story();
        let evaluation = registry::evaluate(&checks, &account.0, &Settings::default(), false);
        let options = Options { framework, lang: Lang::En };
        assert_eq!(Report::new(&account.0, &evaluation, &options).score.overall, with.overall);
    }
}
