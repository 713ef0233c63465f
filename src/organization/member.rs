//! One account of many: its credentials, what is seen with them, what is made of it, in files; or why not.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use aws_audit_checks::{
    finding::Severity,
    organization::{Item, Missing, Reason},
    page::Lang,
    report::Report,
    source::Source,
    triage::Notice,
};
use tokio::time::Instant;

use super::Directory;
use crate::{
    cli,
    collect::{Assume, Aws, Collection, NotAssumed, Request, Stop, collect, organization::Controls},
    config::Config,
    error::{Error, Said, said},
    files,
    pipeline::{Judge, Judged},
    select::Selection,
};

/// How long an account may take to say who it is, each of the times that it is asked.
const DOOR: Duration = Duration::from_secs(20);

/// What all accounts of a run have in common.
#[derive(Debug)]
pub struct Common {
    /// The way to AWS with the caller's own credentials.
    pub aws: Aws,
    /// The settings.
    pub config: Config,
    /// The checks.
    pub selection: Selection,
    /// What each account is asked for.
    pub sources: BTreeSet<Source>,
    /// The service control policies, and who belongs to the organization, where the caller may know.
    pub controls: Option<Controls>,
    /// What of a report is wanted.
    pub report: cli::Report,
    /// Who the sessions are for, and their name.
    pub role: cli::Role,
    /// The share of AWS's request limits to take.
    pub api_share: f64,
    /// Requests under way at once, of one account.
    pub in_flight: usize,
    /// The longest scan of one account.
    pub account_timeout: Option<Duration>,
    /// When the whole run ends.
    pub deadline: Option<Instant>,
    /// Keep snapshots too.
    pub save_snapshots: bool,
    /// Where everything goes.
    pub directory: Directory,
    /// Tell of each call.
    pub verbose: bool,
    /// What to speak.
    pub lang: Lang,
}

/// What came of an account that was read.
#[derive(Debug)]
pub struct Done {
    /// The report, which is written.
    pub report: Report,
    /// What the configuration says in vain, or no longer.
    pub notices: Vec<Notice>,
    /// The worst severity among failing findings, also of those that the report does not list.
    pub worst: Option<Severity>,
    /// Why its scan ended early, if it did.
    pub stopped: Option<Stop>,
}

/// What to ask each account for of what the checks read: not for what the organization tells.
#[must_use]
pub fn sources(mut sources: BTreeSet<Source>, controls: Option<&Controls>) -> BTreeSet<Source> {
    // Without this source nobody reads what comes of it.
    if controls.is_some() && sources.contains(&Source::Organization) {
        sources.retain(|source| !Controls::SOURCES.contains(source));
    }
    sources
}

/// Why there is no report.
#[derive(Debug)]
pub enum Failed {
    /// The account's own affair: the others go on.
    Missing(Box<Missing>),
    /// Nothing can be written: the run ends.
    Run(Error),
}

/// An account at whose door the caller stands with credentials that are the account's.
#[derive(Debug)]
pub struct Open(Aws);

/// Gets the credentials of the account, and sees that they are its own. Accounts that do not answer are found out here,
/// before they take the place of one that does.
///
/// # Errors
/// Why there are none.
pub async fn open(common: &Common, item: &Item) -> Result<Open, Box<Missing>> {
    let lang = common.lang;
    if let Some(state) = &item.not_active {
        let message = state.clone();
        return Err(Box::new(missing(item, Reason::NotActive, &Said::words(message), common)));
    }
    let aws = match &item.role_arn {
        None => common.aws.clone(),
        Some(arn) => {
            let role = Assume {
                arn: arn.clone(),
                external_id: item.external_id.clone(),
                source_identity: common.role.source_identity.clone(),
                session_name: common.role.session_name.clone(),
            };
            common.aws.assume(&role, lang).await.map_err(|why| {
                let (reason, told) = match &why {
                    NotAssumed::Refused(told) => (Reason::RoleRefused, told),
                    NotAssumed::NoAnswer(told) => (Reason::NoAnswer, told),
                    NotAssumed::Other(told) => (Reason::NothingRead, told),
                };
                Box::new(missing(item, reason, told, common))
            })?
        }
    };
    let client = aws.sts();
    for attempt in 1.. {
        match tokio::time::timeout(DOOR, client.get_caller_identity().send()).await {
            Ok(Ok(answer)) => match answer.account() {
                Some(account) if account == item.account => break,
                account => return Err(Box::new(other_account(item, account.unwrap_or_default(), common))),
            },
            // The scan asks the same again, knows what every error means, and sees whose the answer is.
            Ok(Err(error)) if error.as_service_error().is_some() => break,
            _ if attempt < 2 => {}
            Ok(Err(error)) => {
                let told = Said::words(crate::error::causes(&error));
                return Err(Box::new(missing(item, Reason::NoAnswer, &told, common)));
            }
            Err(_) => {
                let told = said(
                    "sts:GetCallerIdentity was not answered with the account's credentials",
                    "アカウントの認証情報による sts:GetCallerIdentity に応答がありません",
                );
                return Err(Box::new(missing(item, Reason::NoAnswer, &told, common)));
            }
        }
    }
    Ok(Open(aws))
}

/// Scans the account, judges it, and writes its files.
///
/// # Errors
/// Why there is no report.
pub async fn scan(common: &Arc<Common>, item: &Item, Open(aws): Open) -> Result<Done, Failed> {
    let left = common.deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
    let timeout = [common.account_timeout, left].into_iter().flatten().min();
    let request = Request {
        sources: common.sources.clone(),
        regions: (!item.regions.is_empty()).then(|| item.regions.clone()),
        api_share: common.api_share,
        timeout,
        in_flight: common.in_flight,
        verbose: common.verbose,
        progress: false,
        announce: None,
        now: None,
    };
    let collection = collect(aws, request).await.map_err(|error| {
        let reason = match &error {
            error if error.is_internal() => Reason::InternalError,
            _ if timeout.is_some_and(|limit| limit.is_zero()) => Reason::Interrupted,
            _ => Reason::NothingRead,
        };
        Failed::Missing(Box::new(missing(item, reason, error.said(), common)))
    })?;
    let account = &collection.snapshot.account.id;
    if *account != item.account {
        return Err(Failed::Missing(Box::new(other_account(item, account, common))));
    }
    let (of_task, item_of_task) = (Arc::clone(common), item.clone());
    // Judging takes the processor, not the network: on a thread of its own, whose panic is this account's alone.
    let judged = tokio::task::spawn_blocking(move || judge(&of_task, &item_of_task, collection)).await;
    match judged {
        Ok(done) => done.map_err(Failed::Run),
        Err(error) => {
            let told = said(
                format!("internal error while judging: {error}"),
                format!("判定中に内部エラーが発生しました：{error}"),
            );
            Err(Failed::Missing(Box::new(missing(item, Reason::InternalError, &told, common))))
        }
    }
}

fn judge(common: &Common, item: &Item, collection: Collection) -> Result<Done, Error> {
    let Common { directory, selection, lang, .. } = common;
    let Collection { mut snapshot, stopped } = collection;
    if let Some(controls) = &common.controls {
        controls.apply(&mut snapshot, Some(&item.units));
    }
    if common.save_snapshots {
        files::write_snapshot(&directory.snapshot(&item.account), &snapshot)?;
    }
    #[cfg(debug_assertions)]
    if std::env::var("AWS_AUDIT_TEST_PANIC").is_ok_and(|it| it == format!("{}:judging", item.account)) {
        panic!("AWS_AUDIT_TEST_PANIC");
    }
    let selection = Selection { checks: selection.checks.clone(), framework: selection.framework };
    let judge = Judge { selection, config: &common.config, lang: *lang };
    // The baseline of a run is the directory of another; an account that it lacks has none.
    let baseline = common.report.baseline.as_deref().map(|path| Directory::open(path).report(&item.account));
    let baseline = baseline.filter(|path| path.exists()).map(|path| files::read_report(&path)).transpose()?;
    let Judged { report, notices, worst } = judge.judged(&snapshot, baseline.as_ref(), &common.report)?;
    directory.write_report(item, &report)?;
    Ok(Done { report, notices, worst, stopped })
}

/// The account as one whose credentials are another's.
fn other_account(item: &Item, account: &str, common: &Common) -> Missing {
    let told = said(
        format!("the credentials are of account {account}"),
        format!("認証情報はアカウント {account} のものです"),
    );
    missing(item, Reason::OtherAccount, &told, common)
}

/// The account as one without a report, with what helps.
pub fn missing(item: &Item, reason: Reason, why: &Said, common: &Common) -> Missing {
    let message = why.without_help(common.lang).replace('\n', " ");
    item.missing(reason, message, fix(item, reason).get(common.lang).to_owned())
}

/// What to do about an account without a report.
#[must_use]
pub fn fix(item: &Item, reason: Reason) -> Said {
    // The same words for all accounts of one reason: a list of them is told once.
    match reason {
        Reason::RoleRefused => {
            let role =
                item.role_arn.as_deref().and_then(|arn| arn.split_once(":role/")).map_or("", |(_, it)| it);
            said(
                format!(
                    "create the role `{role}` in the account (deploy/member-role.yaml as a StackSet), let it trust the \
                     caller, with the external id if one is wanted, and allow the caller sts:AssumeRole on it; then scan \
                     again with --resume"
                ),
                format!(
                    "アカウントにロール `{role}` を作成し（deploy/member-role.yaml をStackSetで展開）、呼び出し元を信頼させ\
                     （必要なら外部IDも）、呼び出し元に sts:AssumeRole を許可してから、--resume でスキャンしてください"
                ),
            )
        }
        Reason::NotActive => said(
            "nothing can be read in an account that is not active: leave it out with --exclude-accounts, or reactivate it",
            "有効でないアカウントは読み取れません。--exclude-accounts で除外するか、再有効化してください",
        ),
        Reason::NoAnswer => said(
            "check the network and the proxy, and scan again with --resume",
            "ネットワークとプロキシを確認し、--resume でもう一度スキャンしてください",
        ),
        Reason::OtherAccount => said(
            "name a role of this account; its own credentials are needed for an account without a role in the plan",
            "このアカウントのロールを指定してください。計画にロールのないアカウントには、そのアカウント自身の認証情報が必要です",
        ),
        Reason::Interrupted => said("scan again with --resume", "--resume でもう一度スキャンしてください"),
        Reason::InternalError => said(
            "this is a bug: please report it with what was said; --resume tries again",
            "不具合です。メッセージを添えて報告してください。--resume で再試行できます",
        ),
        Reason::NothingRead | Reason::NoReport => said(
            "see what was said, and scan again with --resume",
            "メッセージを確認し、--resume でもう一度スキャンしてください",
        ),
    }
}
