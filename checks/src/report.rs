//! What a scan tells its reader: the report, schema version 1. Every output format is made from it alone.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    check::Entry,
    cross_account::CrossAccount,
    finding::{Evidence, Finding, Resource, Severity, Status},
    framework::{self, Coverage, Framework},
    gap::{Gap, GapKind, Refusal},
    group::{self, Group},
    history::Run,
    page::Lang,
    registry::{self, Evaluation},
    report_paths::{
        FixFirst, ReportPath, crossing_told,
        query::{self, Found, Query},
    },
    score::{self, Score},
    snapshot::{Calls, Snapshot},
    source,
    triage::Suppressed,
};

/// Version of the JSON report. Fields may be added to a version; none changes its meaning or goes away.
pub const SCHEMA_VERSION: u32 = 1;

/// The report of a scan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Report {
    /// Version of this format.
    pub schema_version: u32,
    /// What made the report.
    pub tool: Tool,
    /// Which account it is about.
    pub account: Account,
    /// The regions that were scanned.
    pub regions: Vec<String>,
    /// What the report is about, as far as a later one must know to compare with it; none in reports of
    /// versions that did not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<Scope>,
    /// When the scan began (RFC 3339, UTC).
    #[schemars(with = "String")]
    pub started_at: Timestamp,
    /// When the scan ended (RFC 3339, UTC).
    #[schemars(with = "String")]
    pub finished_at: Timestamp,
    /// How the account stands along a framework.
    pub score: FrameworkScore,
    /// What the checks say: failing first, worst first.
    pub findings: Vec<ReportFinding>,
    /// Failures with the same cause, which one change mends: worst first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<Group>,
    /// Earlier runs and, last, this one, as far as the directory of `--history` tells: the last
    /// thirty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub history: Vec<Run>,
    /// Attack paths: worst first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub paths: Vec<ReportPath>,
    /// Why there may be more paths, where the search stopped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paths_incomplete: Option<String>,
    /// What to change first: what cuts most paths.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fix_first: Vec<FixFirst>,
    /// What the account adds to chains of roles over several accounts: `aws-audit merge` makes them of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cross_account: Option<Box<CrossAccount>>,
    /// What could not be read.
    pub gaps: Vec<ReportGap>,
    /// Requests made.
    pub calls: Calls,
}

/// What a report was asked to tell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Scope {
    /// Ids of the checks that ran.
    pub checks: BTreeSet<String>,
    /// Findings below it are not listed.
    pub min_severity: Severity,
    /// How many failing findings are below it.
    pub unlisted: u64,
}

/// A program and its version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Tool {
    /// `aws-audit`.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// An account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Account {
    /// Twelve digits.
    pub id: String,
    /// The alias, where there is one and it could be read.
    pub alias: Option<String>,
    /// `aws`, `aws-cn`, `aws-us-gov`, ….
    pub partition: String,
}

/// Scores along a framework.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FrameworkScore {
    /// The framework's id, e.g. `antipatterns`.
    pub framework: String,
    /// 0 to 100; none when no region was scanned, or less than half of all resources could be judged.
    pub overall: Option<f64>,
    /// The share of resources that could be judged, 0 to 1.
    pub judged: Option<f64>,
    /// Its controls, in its own order.
    pub controls: Vec<ControlReport>,
}

/// How one control stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ControlReport {
    /// Its id in the framework.
    pub id: String,
    /// Its title.
    pub title: String,
    /// 0 to 100; none when nothing was judged that carries weight, or less than half could be.
    pub score: Option<f64>,
    /// Resources that pass, over all of its checks.
    pub pass: u64,
    /// Resources that fail.
    pub fail: u64,
    /// Resources that could not be judged.
    pub unknown: u64,
    /// Resources that fail and are accepted as such; they count neither as failures nor as passes.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub suppressed: u64,
    /// The worst severity among failing findings.
    pub worst: Option<Severity>,
    /// The checks that judge it; none where it is manual or not covered.
    pub checks: Vec<String>,
    /// What a person must look at, where only a person can judge it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manual: Option<String>,
    /// Why nothing judges it, where nothing does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_covered: Option<String>,
}

impl ControlReport {
    /// Whether neither a check nor a person judges it.
    #[must_use]
    pub fn is_not_covered(&self) -> bool {
        self.checks.is_empty() && self.manual.is_none()
    }
}

/// What one check says about one resource.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ReportFinding {
    /// The key of a ticket: the same from scan to scan, unique in the report. `docs/json.md` has the recipe.
    pub id: String,
    /// The check's id.
    pub check: String,
    /// The verdict.
    pub status: Status,
    /// The severity.
    pub severity: Severity,
    /// What is wrong when the check fails.
    pub title: String,
    /// What is wrong with this resource, or what could not be read.
    pub message: String,
    /// What to do; none for findings that do not fail.
    pub fix: Option<Fix>,
    /// AWS's page on it.
    pub url: String,
    /// What was judged.
    pub resource: Resource,
    /// Named facts that decided it.
    #[schemars(with = "BTreeMap<String, serde_json::Value>")]
    pub evidence: Evidence,
    /// Numbers of the anti-patterns that the check belongs to.
    pub antipatterns: Vec<u32>,
    /// Controls of other frameworks that it is about, by framework: of a failure, those that it fails.
    pub controls: BTreeMap<String, Vec<String>>,
    /// Why the severity is not the check's, where the configuration moved it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity_reason: Option<String>,
    /// Who accepts it and why, where a suppression of the configuration names it. An unknown finding stays `unknown` with
    /// it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suppressed: Option<Suppressed>,
    /// The id of the group of findings with the same cause, of a failure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// How a failure stands to the baseline; none without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<State>,
    /// When a scan first told of this failure, as far back as baselines tell (RFC 3339, UTC).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub first_seen: Option<Timestamp>,
}

/// How a failure stands to the baseline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Not in the baseline.
    New,
    /// In the baseline too.
    Persisting,
    /// In the baseline, and seen to be gone.
    Resolved,
}

/// What to do about a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Fix {
    /// In a sentence.
    pub summary: String,
    /// The command that does it, where one does.
    pub command: Option<String>,
}

/// What could not be read, and what stays unknown because of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReportGap {
    /// What failed how.
    #[serde(flatten)]
    pub gap: Gap,
    /// The IAM actions that allow the operation.
    pub actions: Vec<String>,
    /// Checks that said `unknown` because of it.
    pub checks: Vec<String>,
}

/// How to write a report.
#[derive(Clone, Copy, Debug)]
pub struct Options<'a> {
    /// The framework to score along.
    pub framework: &'a Framework,
    /// The language of titles and messages.
    pub lang: Lang,
}

impl Report {
    /// The report of an evaluated snapshot.
    #[must_use]
    pub fn new(snapshot: &Snapshot, evaluation: &Evaluation, options: &Options<'_>) -> Self {
        let mut score = framework_score(&score::score(options.framework, &evaluation.results), options);
        if snapshot.regions.is_empty() {
            (score.overall, score.judged) = (None, None);
        }
        let every = Query::default();
        let Found { paths, fix_first, incomplete, .. } =
            query::query(evaluation, &snapshot.account.id, &every, options.lang);
        let mut report = Self {
            schema_version: SCHEMA_VERSION,
            tool: Tool { name: "aws-audit".into(), version: env!("CARGO_PKG_VERSION").into() },
            account: Account {
                id: snapshot.account.id.clone(),
                alias: snapshot.account.alias.get().ok().cloned().flatten(),
                partition: snapshot.account.partition.clone(),
            },
            regions: snapshot.regions.keys().cloned().collect(),
            started_at: snapshot.started_at,
            finished_at: snapshot.finished_at,
            scope: Some(Scope {
                checks: evaluation.results.iter().map(|result| result.check.to_owned()).collect(),
                min_severity: Severity::Info,
                unlisted: 0,
            }),
            score,
            findings: evaluation.findings.iter().map(|finding| reported(finding, options.lang)).collect(),
            groups: Vec::new(),
            history: Vec::new(),
            paths,
            paths_incomplete: incomplete,
            fix_first,
            cross_account: match (&evaluation.crossing, &evaluation.paths) {
                (Some(crossing), Some(paths)) => {
                    Some(crossing_told(crossing, paths, &evaluation.findings, options.lang))
                }
                _ => None,
            },
            gaps: gaps(snapshot, evaluation),
            calls: snapshot.calls.clone(),
        };
        report.groups = group::assign(&mut report.findings, options.lang);
        report
    }

    /// Leaves out findings below a severity, after everything that needs them all: the score, the comparison with
    /// a baseline.
    #[must_use]
    pub fn at_least(mut self, min_severity: Severity) -> Self {
        let is_below = |finding: &ReportFinding| finding.severity < min_severity;
        let fails = |finding: &&ReportFinding| finding.status == Status::Fail;
        let unlisted = self.findings.iter().filter(fails).filter(|finding| is_below(finding)).count();
        self.findings.retain(|finding| !is_below(finding));
        let listed: BTreeSet<_> = self.findings.iter().map(|finding| finding.id.as_str()).collect();
        for group in &mut self.groups {
            group.findings.retain(|id| listed.contains(id.as_str()));
        }
        self.groups.retain(|group| !group.findings.is_empty());
        self.paths.retain(|path| path.severity >= min_severity);
        if let Some(scope) = &mut self.scope {
            scope.min_severity = min_severity;
            scope.unlisted += unlisted as u64;
        }
        self
    }

    /// Whether something that was asked for could not be looked at.
    #[must_use]
    pub fn is_incomplete(&self) -> bool {
        self.regions.is_empty() || !self.gaps.is_empty()
    }

    /// The worst severity among failing findings.
    #[must_use]
    pub fn worst(&self) -> Option<Severity> {
        let failing = self.findings.iter().filter(|finding| finding.status == Status::Fail);
        failing.map(|finding| finding.severity).max()
    }
}

/// The JSON Schema of a report.
#[must_use]
pub fn json_schema() -> schemars::Schema {
    schemars::schema_for!(Report)
}

fn framework_score(score: &Score, options: &Options<'_>) -> FrameworkScore {
    let controls =
        options.framework.controls.iter().zip(&score.controls).map(|(control, score)| ControlReport {
            id: control.id.clone(),
            title: control.title.get(options.lang).to_owned(),
            score: score.score.map(|score| rounded(score, 1)),
            pass: score.counts.pass,
            fail: score.counts.fail,
            unknown: score.counts.unknown,
            suppressed: score.counts.suppressed,
            worst: score.worst,
            checks: control.checks().into_iter().map(str::to_owned).collect(),
            manual: match &control.coverage {
                Coverage::Manual(what) => Some(what.get(options.lang).to_owned()),
                _ => None,
            },
            not_covered: match &control.coverage {
                Coverage::NotCovered(why) => Some(why.get(options.lang).to_owned()),
                _ => None,
            },
        });
    FrameworkScore {
        framework: options.framework.id.clone(),
        overall: score.overall.map(|score| rounded(score, 1)),
        judged: score.judged.map(|share| rounded(share, 4)),
        controls: controls.collect(),
    }
}

fn rounded(value: f64, decimals: i32) -> f64 {
    let scale = 10_f64.powi(decimals);
    (value * scale).round() / scale
}

fn reported(finding: &Finding, lang: Lang) -> ReportFinding {
    let entry = registry::find(finding.check);
    let page = entry.map(|entry| entry.page(lang));
    // The tests of the checks fill in every template; should one lack a name all the same, the title and
    // the evidence still tell what is wrong.
    let title = page.map(|page| page.title.clone()).unwrap_or_default();
    let message = match finding.status {
        Status::Unknown => not_judged(&finding.gaps, lang),
        Status::Pass => passed(lang).to_owned(),
        _ => page.and_then(|page| page.message(finding, lang).ok()).unwrap_or_else(|| title.clone()),
    };
    let mut evidence = finding.evidence.clone();
    if let [first, others @ ..] = &finding.gaps[..] {
        evidence.insert("operation", first.operation.clone().into());
        evidence.insert("gap", serde_json::to_value(first.kind).unwrap_or_default());
        let others: BTreeSet<&str> = others.iter().map(|gap| gap.operation.as_str()).collect();
        if others.iter().any(|other| *other != first.operation) {
            evidence.insert("other_operations", others.into_iter().collect());
        }
    }
    let mut controls = framework::controls_of_finding(finding);
    let antipatterns = controls.remove(framework::DEFAULT).unwrap_or_default();
    ReportFinding {
        id: finding.id(),
        check: finding.check.to_owned(),
        status: finding.status,
        severity: finding.severity,
        title,
        message,
        fix: fix(finding, entry, lang),
        url: entry.map(|entry| entry.page(Lang::En).url.clone()).unwrap_or_default(),
        resource: finding.resource.clone(),
        evidence,
        antipatterns: antipatterns.into_iter().filter_map(|id| id.parse().ok()).collect(),
        controls: controls
            .into_iter()
            .map(|(framework, ids)| (framework.to_owned(), ids.into_iter().map(str::to_owned).collect()))
            .collect(),
        severity_reason: finding.severity_reason.clone(),
        suppressed: finding.suppressed.as_deref().cloned(),
        group: None,
        state: None,
        first_seen: None,
    }
}

const fn is_zero(count: &u64) -> bool {
    *count == 0
}

fn fix(finding: &Finding, entry: Option<&Entry>, lang: Lang) -> Option<Fix> {
    let entry = entry.filter(|_| matches!(finding.status, Status::Fail | Status::Suppressed))?;
    let command = entry.page(Lang::En).command(finding).ok().filter(|command| !command.is_empty());
    Some(Fix { summary: entry.page(lang).fix(finding, lang).ok()?, command })
}

const fn passed(lang: Lang) -> &'static str {
    match lang {
        Lang::En => "Nothing wrong found.",
        Lang::Ja => "問題は見つかりませんでした。",
    }
}

fn not_judged(gaps: &[Gap], lang: Lang) -> String {
    let mut reasons: Vec<String> = Vec::new();
    for gap in gaps {
        let cause = gap.refused_by.map_or_else(|| cause(gap.kind, lang), |refusal| refused(refusal, lang));
        // What was not selected was not asked for with any operation.
        let reason = match (gap.operation.as_str(), lang) {
            // What the expression lacks only its author knows, by the message.
            ("", Lang::En) if gap.kind == GapKind::NotEvaluated => format!("{cause}: {}", gap.message),
            ("", Lang::Ja) if gap.kind == GapKind::NotEvaluated => format!("{cause}：{}", gap.message),
            ("", _) => cause.to_owned(),
            (operation, Lang::En) => format!("{operation}: {cause}"),
            (operation, Lang::Ja) => format!("{operation}：{cause}"),
        };
        if !reasons.contains(&reason) {
            reasons.push(reason);
        }
    }
    match lang {
        Lang::En => format!("Could not be judged: {}.", reasons.join("; ")),
        Lang::Ja => format!("判定できませんでした（{}）。", reasons.join("、")),
    }
}

/// Why an operation gave no usable answer, in words.
#[must_use]
pub const fn cause(kind: GapKind, lang: Lang) -> &'static str {
    match (kind, lang) {
        (GapKind::AccessDenied, Lang::En) => "access denied",
        (GapKind::AccessDenied, Lang::Ja) => "アクセス拒否",
        (GapKind::RegionDisabled, Lang::En) => "the region is not enabled",
        (GapKind::RegionDisabled, Lang::Ja) => "リージョンが有効化されていません",
        (GapKind::Throttled, Lang::En) => "throttled",
        (GapKind::Throttled, Lang::Ja) => "スロットリング",
        (GapKind::TimedOut, Lang::En) => "no answer in time",
        (GapKind::TimedOut, Lang::Ja) => "時間内に応答がありません",
        (GapKind::Unreachable, Lang::En) => "the service could not be reached",
        (GapKind::Unreachable, Lang::Ja) => "サービスに接続できません",
        (GapKind::ServerError, Lang::En) => "the service answered with an error",
        (GapKind::ServerError, Lang::Ja) => "サービスがエラーを返しました",
        (GapKind::UnreadableAnswer, Lang::En) => "the answer could not be understood",
        (GapKind::UnreadableAnswer, Lang::Ja) => "応答を解釈できません",
        (GapKind::InvalidCredentials, Lang::En) => "the credentials are not valid, or no longer",
        (GapKind::InvalidCredentials, Lang::Ja) => "認証情報が無効か、期限切れです",
        (GapKind::WrongClock, Lang::En) => "this machine's clock is wrong",
        (GapKind::WrongClock, Lang::Ja) => "このマシンの時計がずれています",
        (GapKind::Interrupted, Lang::En) => "the scan ended before it was asked",
        (GapKind::Interrupted, Lang::Ja) => "照会する前にスキャンが終了しました",
        (GapKind::NotSelected, Lang::En) => "not collected in this snapshot",
        (GapKind::NotSelected, Lang::Ja) => "このスナップショットには収集されていません",
        (GapKind::NotEvaluated, Lang::En) => "the check's expression could not be evaluated",
        (GapKind::NotEvaluated, Lang::Ja) => "チェックの式を評価できません",
    }
}

/// What refused a call although no permission is missing, in words.
#[must_use]
pub const fn refused(refusal: Refusal, lang: Lang) -> &'static str {
    match (refusal, lang) {
        (Refusal::Deny, Lang::En) => "denied explicitly by a policy",
        (Refusal::Deny, Lang::Ja) => "ポリシーで明示的に拒否されています",
        (Refusal::ServiceControlPolicy, Lang::En) => "denied by a service control policy of the organization",
        (Refusal::ServiceControlPolicy, Lang::Ja) => {
            "組織のサービスコントロールポリシー（SCP）で拒否されています"
        }
        (Refusal::ResourceControlPolicy, Lang::En) => {
            "denied by a resource control policy of the organization"
        }
        (Refusal::ResourceControlPolicy, Lang::Ja) => {
            "組織のリソースコントロールポリシー（RCP）で拒否されています"
        }
        (Refusal::PermissionsBoundary, Lang::En) => "denied by the permissions boundary",
        (Refusal::PermissionsBoundary, Lang::Ja) => "アクセス許可の境界で拒否されています",
        (Refusal::SessionPolicy, Lang::En) => "denied by the session policy",
        (Refusal::SessionPolicy, Lang::Ja) => "セッションポリシーで拒否されています",
        (Refusal::ResourcePolicy, Lang::En) => "denied by the resource's own policy",
        (Refusal::ResourcePolicy, Lang::Ja) => "リソースベースのポリシーで拒否されています",
        (Refusal::EndpointPolicy, Lang::En) => "denied by the policy of the VPC endpoint",
        (Refusal::EndpointPolicy, Lang::Ja) => "VPCエンドポイントのポリシーで拒否されています",
        (Refusal::Account, Lang::En) => {
            "the account cannot use the service: not subscribed, not activated yet, or suspended"
        }
        (Refusal::Account, Lang::Ja) => {
            "アカウントでこのサービスを利用できません（未登録、有効化の処理中、または停止中）"
        }
    }
}

fn gaps(snapshot: &Snapshot, evaluation: &Evaluation) -> Vec<ReportGap> {
    let mut checks: BTreeMap<&Gap, BTreeSet<&str>> = BTreeMap::new();
    for gap in &snapshot.gaps {
        checks.entry(gap).or_default();
    }
    for finding in &evaluation.findings {
        for gap in &finding.gaps {
            checks.entry(gap).or_default().insert(finding.check);
        }
    }
    checks
        .into_iter()
        .map(|(gap, checks)| ReportGap {
            gap: gap.clone(),
            actions: source::operations()
                .find(|operation| operation.id == gap.operation)
                .map(|operation| operation.actions.iter().map(|action| (*action).to_owned()).collect())
                .unwrap_or_default(),
            checks: checks.into_iter().map(str::to_owned).collect(),
        })
        .collect()
}
