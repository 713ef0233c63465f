//! `scan --organization`: all accounts in one process, a few at once.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use aws_audit_checks::{
    finding::Severity,
    gap::GapKind,
    organization::{Item, Missing, Reason, Rollup},
    page::Lang,
    report::Report,
    triage::Notice,
};
use futures_util::{StreamExt as _, stream};
use tokio::{
    sync::{Semaphore, watch},
    time::Instant,
};

use super::{
    Directory, Found as FoundFile, PARALLEL_ACCOUNTS,
    member::{self, Common, Done, Failed},
    merge, open_files, plan,
    report::{Targets, write_json},
};
use crate::{
    cli,
    collect::{IN_FLIGHT, Stop, organization::Hub},
    config::Config,
    error::{EXIT_NOTHING, Error, Said, said},
    history,
    interrupt::Interruptible,
    output,
    pipeline::{self, exit_code, sources, tell, unmatched_suppressions},
    select::Selection,
};

/// Where everything goes, unless the arguments say otherwise.
const DIRECTORY: &str = "aws-audit-organization";

/// Accounts beyond those that are being scanned whose credentials are being asked for: those that do not answer are
/// waited for here, and take no other's place.
const AT_THE_DOOR: usize = 16;

/// The least that an account may have under way: one with less would wait for itself.
const LEAST_IN_FLIGHT: usize = 16;

/// Runs the command, and tells the exit code.
///
/// # Errors
/// When arguments or configuration are wrong, the accounts cannot be listed, or a file cannot be written.
pub async fn run(arguments: cli::Scan, lang: Lang) -> Result<u8, Error> {
    let cli::Scan { connect, select, report, organization, .. } = arguments;
    let config = Config::load(select.config.as_ref())?;
    let selection = Selection::new(&select, &config)?;
    let targets = Targets::new(report.format.map(aws_audit_report::Format::name), &report.output)?;
    if let Some(directory) = &report.history {
        history::writable(directory)?;
    }
    let baseline = report.baseline.as_ref().filter(|path| !path.join("accounts").is_dir());
    if let Some(path) = baseline {
        return Err(Error::file(
            path,
            said(
                "the baseline of many accounts is the directory of an earlier run",
                "複数アカウントのベースラインには、以前の実行のディレクトリを指定してください",
            ),
        ));
    }
    let (fail_on, strict) = (report.fail_on.or(config.fail_on), report.strict_suppressions);
    let regions = pipeline::regions(&connect, &config)?;
    let (api_share, verbose) = (pipeline::api_share(&connect, &config), connect.verbose);
    let deadline = connect.timeout.or(config.timeout).map(|limit| Instant::now() + limit);
    let resumed = organization.resume.as_deref().map(Directory::open);
    let planned = resumed.as_ref().map(|directory| plan::read(&directory.plan())).transpose()?;
    let new = match &resumed {
        Some(_) => None,
        None => {
            let path = organization.output_dir.as_deref().unwrap_or_else(|| DIRECTORY.as_ref());
            let directory = Directory::create(path)?;
            if directory.plan().exists() {
                let path = directory.path().display().to_string();
                let what = said("there is a run in this directory", "このディレクトリには既に実行があります");
                return Err(Error::file(
                    directory.path(),
                    what.with_help(said(
                        format!(
                            "go on with it (--resume {path}), or name another directory with --output-dir"
                        ),
                        format!(
                            "--resume {path} で続けるか、--output-dir で別のディレクトリを指定してください"
                        ),
                    )),
                ));
            }
            Some(directory)
        }
    };
    quiet_panics();
    let aws = pipeline::connected(connect, &config, regions.clone(), lang).await?;
    let hub = Hub::new(&aws, api_share, verbose).await?;
    let (directory, items, found) = match (resumed, planned, new) {
        (Some(directory), Some(items), _) => {
            let is_organization = items.iter().any(|item| item.organization.is_some());
            let found = if is_organization { Some(hub.organization().await?) } else { None };
            (directory, items, found)
        }
        (_, _, new) => {
            let directory = new.unwrap_or_else(|| Directory::open(DIRECTORY.as_ref()));
            let (items, found) =
                plan::items(&organization.accounts, &organization.role, &regions, &hub, lang).await?;
            plan::write(&directory.plan(), &items)?;
            (directory, items, found)
        }
    };
    let controls = match &found {
        Some(found) => plan::controls(&hub, found, lang).await,
        None => None,
    };
    let wanted = organization.parallel_accounts.map_or(PARALLEL_ACCOUNTS, usize::from).min(items.len());
    let limit = open_files::limit();
    let parallel = open_files::accounts(wanted, limit, LEAST_IN_FLIGHT);
    if let (Some(limit), true) = (limit, parallel < wanted) {
        let told = said(
            format!(
                "{parallel} accounts at once, not {wanted}: the process may have {limit} files open; \
                 `ulimit -n 1024` leaves room for more"
            ),
            format!(
                "同時にスキャンするのは{wanted}ではなく{parallel}アカウントです。開けるファイル数の上限が {limit} のため\
                 です（`ulimit -n 1024` で増やせます）"
            ),
        );
        crate::note(&told, lang);
    }
    let common = Arc::new(Common {
        aws,
        sources: member::sources(sources(&selection.checks), controls.as_ref()),
        controls,
        selection,
        config,
        report,
        role: organization.role,
        api_share,
        in_flight: (open_files::in_flight(limit) / parallel.max(1)).clamp(LEAST_IN_FLIGHT, IN_FLIGHT),
        account_timeout: organization.account_timeout,
        deadline,
        save_snapshots: organization.save_snapshots,
        directory,
        verbose,
        lang,
    });
    let mut run = Running::new(items, lang);
    run.take_finished(&common)?;
    let (stop, stopped) = watch::channel(None);
    let interruptible = Interruptible::begin();
    let watchdog = tokio::spawn(async move {
        let why = tokio::select! {
            () = interruptible.interrupted() => Stop::Interrupted,
            () = until(deadline) => Stop::TimedOut,
        };
        // The receivers may be gone already.
        let _ = stop.send(Some(why));
        // Whatever ends by itself now is still interruptible.
        std::future::pending::<()>().await;
        drop(interruptible);
    });
    run.everything(&common, parallel, &stopped).await?;
    let why = *stopped.borrow();
    watchdog.abort();
    run.finish(&common, &targets, fail_on, strict, why)
}

async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}

/// A panic is one account's gap; on standard error it is a line, and no trace that looks like the end of the program.
pub(super) fn quiet_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let told = panic.to_string().replace('\n', " ");
        crate::notice(format_args!("internal error: {told}"));
    }));
}

/// A run on its way.
struct Running {
    lang: Lang,
    items: Vec<Item>,
    rollup: Rollup,
    /// The worst of all findings, also of those that reports do not list.
    worst: Option<Severity>,
    /// Accounts that are done with, one way or the other.
    done: usize,
    judged: usize,
    /// What the configuration says in vain, by its words, and in how many accounts.
    notices: BTreeMap<String, (Notice, usize)>,
    stopped: Option<Stop>,
}

impl Running {
    fn new(items: Vec<Item>, lang: Lang) -> Self {
        Self {
            lang,
            rollup: Rollup::planned(items.clone()).told_in(lang),
            items,
            worst: None,
            done: 0,
            judged: 0,
            notices: BTreeMap::new(),
            stopped: None,
        }
    }

    /// Takes the reports of an earlier part of the run that are whole, and leaves the others to be made anew.
    fn take_finished(&mut self, common: &Common) -> Result<(), Error> {
        for item in &self.items {
            let path = common.directory.report(&item.account);
            if !path.exists() {
                continue;
            }
            let FoundFile::Report(report, membership) = super::read(&path)? else { continue };
            if was_stopped(&report) {
                continue;
            }
            let file = relative(&item.account);
            self.rollup
                .add(&report, membership.as_ref(), &file)
                .map_err(|refused| merge::refused(&path, &refused))?;
            self.worst = self.worst.max(report.worst());
            self.done += 1;
        }
        if self.done > 0 {
            let (done, all) = (self.done, self.items.len());
            let told = said(
                format!("{done} of {all} accounts have their report already"),
                format!("{all}アカウント中{done}件は既にレポートがあります"),
            );
            crate::note(&told, self.lang);
        }
        Ok(())
    }

    async fn everything(
        &mut self,
        common: &Arc<Common>,
        parallel: usize,
        stopped: &watch::Receiver<Option<Stop>>,
    ) -> Result<(), Error> {
        let slots = Arc::new(Semaphore::new(parallel.max(1)));
        let wanted: Vec<Item> =
            self.items.iter().filter(|item| !self.rollup.has(&item.account)).cloned().collect();
        let mut outcomes = stream::iter(wanted)
            .map(|item| {
                let task = one(Arc::clone(common), item.clone(), Arc::clone(&slots), stopped.clone());
                let common = Arc::clone(common);
                async move {
                    let started = Instant::now();
                    let outcome = tokio::spawn(task).await.unwrap_or_else(|error| {
                        let told = Said::words(format!("internal error: {error}"));
                        let missing = member::missing(&item, Reason::InternalError, &told, &common);
                        Err(Failed::Missing(Box::new(missing)))
                    });
                    (item, outcome, started.elapsed())
                }
            })
            .buffer_unordered(parallel + AT_THE_DOOR);
        while let Some((item, outcome, took)) = outcomes.next().await {
            self.take(common, &item, outcome, took)?;
        }
        Ok(())
    }

    fn take(
        &mut self,
        common: &Common,
        item: &Item,
        outcome: Result<Done, Failed>,
        took: Duration,
    ) -> Result<(), Error> {
        self.done += 1;
        match outcome {
            Ok(Done { report, notices, worst, stopped }) => {
                let file = relative(&item.account);
                self.rollup
                    .add(&report, Some(&item.membership()), &file)
                    .map_err(|refused| merge::refused(&common.directory.report(&item.account), &refused))?;
                self.worst = self.worst.max(worst);
                self.judged += 1;
                self.stopped = self.stopped.or(stopped);
                // One of a kind counts once in an account.
                let notices: BTreeMap<_, _> =
                    notices.into_iter().map(|notice| (notice.text(Lang::En), notice)).collect();
                for (text, notice) in notices {
                    self.notices.entry(text).or_insert((notice, 0)).1 += 1;
                }
                self.tell(item, &told_of(&report, took, self.lang));
            }
            Err(Failed::Missing(missing)) => {
                // An account whose turn did not come is in the plan: that says it.
                if missing.reason != Reason::Interrupted {
                    common.directory.write_gap(&item.scan, &missing)?;
                    self.tell(item, &told_of_missing(&missing, self.lang));
                }
                self.rollup.miss(*missing);
            }
            Err(Failed::Run(error)) => return Err(error),
        }
        Ok(())
    }

    /// Tells on standard error how an account went.
    fn tell(&self, item: &Item, what: &str) {
        let plain = |text: &str| text.chars().filter(|c| !c.is_control()).collect::<String>();
        let name = item.name.as_deref().map(|name| format!(" {}", plain(name))).unwrap_or_default();
        let (done, all) = (self.done, self.items.len());
        crate::notice(format_args!("[{done}/{all}] {}{name}: {}", item.account, plain(what)));
    }

    fn finish(
        self,
        common: &Common,
        targets: &Targets,
        fail_on: Option<cli::FailOn>,
        strict: bool,
        why: Option<Stop>,
    ) -> Result<u8, Error> {
        let lang = self.lang;
        // Of an older part of the run nothing is known of what matched.
        let everywhere = self.judged == self.items.len();
        let mut unmatched = 0;
        for (notice, count) in self.notices.into_values() {
            if !notice.is_unmatched() || (everywhere && count == self.judged) {
                unmatched += usize::from(notice.is_unmatched());
                tell(&notice, lang);
            }
        }
        let report =
            self.rollup.finish(|item| member::missing(item, Reason::NoReport, &Said::words(""), common));
        let path = common.directory.organization();
        write_json(&path, &report)?;
        output::written(&path, lang);
        targets.write(&report, lang)?;
        let stopped = why.or(self.stopped);
        if let Some(why) = stopped {
            let directory = common.directory.path().display();
            let told = why.said().within(
                |why| format!("{why}; go on with `aws-audit scan --resume {directory}`"),
                |why| format!("{why}。`aws-audit scan --resume {directory}` で続けられます"),
            );
            crate::warn(&told, lang);
        }
        if strict && unmatched > 0 {
            return Err(unmatched_suppressions(unmatched));
        }
        if report.accounts.is_empty() {
            return Ok(EXIT_NOTHING);
        }
        Ok(exit_code(fail_on, self.worst.max(report.worst()), stopped, report.is_incomplete()))
    }
}

/// The file of an account's report, from the directory of the run.
fn relative(account: &str) -> String {
    format!("accounts/{account}.json")
}

/// Whether the scan that a report is of was ended before its end.
fn was_stopped(report: &Report) -> bool {
    let ends = BTreeSet::from([GapKind::Interrupted, GapKind::InvalidCredentials]);
    report.gaps.iter().any(|gap| ends.contains(&gap.gap.kind))
}

async fn one(
    common: Arc<Common>,
    item: Item,
    slots: Arc<Semaphore>,
    mut stopped: watch::Receiver<Option<Stop>>,
) -> Result<Done, Failed> {
    let interrupted = |stop: Option<Stop>| {
        let why = stop.unwrap_or(Stop::Interrupted);
        Failed::Missing(Box::new(member::missing(&item, Reason::Interrupted, &why.said(), &common)))
    };
    let open = tokio::select! {
        biased;
        stop = stopped.wait_for(Option::is_some) => return Err(interrupted(stop.ok().and_then(|it| *it))),
        open = member::open(&common, &item) => open.map_err(Failed::Missing)?,
    };
    let _slot = tokio::select! {
        biased;
        stop = stopped.wait_for(Option::is_some) => return Err(interrupted(stop.ok().and_then(|it| *it))),
        // The semaphore is never closed.
        slot = slots.acquire_owned() => slot,
    };
    match member::scan(&common, &item, open).await {
        Err(Failed::Missing(missing))
            if stopped.borrow().is_some() && missing.reason == Reason::NothingRead =>
        {
            Err(interrupted(*stopped.borrow()))
        }
        outcome => outcome,
    }
}

/// How an account stands, in half a line.
fn told_of(report: &Report, took: Duration, lang: Lang) -> String {
    let count = |severity| {
        let fails = |finding: &&aws_audit_checks::report::ReportFinding| {
            finding.status == aws_audit_checks::finding::Status::Fail && finding.severity == severity
        };
        report.findings.iter().filter(fails).count()
    };
    let (critical, high, gaps) = (count(Severity::Critical), count(Severity::High), report.gaps.len());
    let (calls, seconds) = (report.calls.total, took.as_secs_f64());
    let score = report
        .score
        .overall
        .map_or_else(|| "–".to_owned(), |score| aws_audit_report::whole(score).to_string());
    match lang {
        Lang::En => format!(
            "score {score}, {critical} critical, {high} high, {gaps} gaps ({calls} calls, {seconds:.1} s)"
        ),
        Lang::Ja => format!(
            "スコア {score}、重大 {critical}、高 {high}、読めなかったもの{gaps}件（呼び出し{calls}回、{seconds:.1}秒）"
        ),
    }
}

fn told_of_missing(missing: &Missing, lang: Lang) -> String {
    let Missing { reason, message, .. } = missing;
    match lang {
        Lang::En => format!("NO REPORT ({reason}): {message}"),
        Lang::Ja => format!("レポートなし（{reason}）：{message}"),
    }
}
