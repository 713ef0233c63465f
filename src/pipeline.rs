//! What the commands have in common: from arguments to a snapshot, and from a snapshot to findings, a report and an exit
//! code.

use std::collections::BTreeSet;

use aws_audit_checks::{
    baseline,
    check::Entry,
    finding::Severity,
    history::Run,
    page::Lang,
    registry::{self, Evaluation},
    report::{Options, Report},
    score,
    snapshot::Snapshot,
    source::{self, Source},
    triage::{self, Notice, tuning::Tuning},
};

use crate::{
    cli::{self, FailOn},
    collect::{Aws, Collection, Connection, IN_FLIGHT, Request, Stop, collect, region_names},
    config::Config,
    demo,
    error::{EXIT_FINDINGS, EXIT_INCOMPLETE, Error, Said, said},
    history, output,
    select::Selection,
};

/// What to collect for these checks.
pub fn sources(checks: &[&'static Entry]) -> BTreeSet<Source> {
    registry::sources(checks.iter().copied()).into_iter().chain(source::ALWAYS).collect()
}

/// Collects from the account that arguments and configuration name.
///
/// # Errors
/// When there are no credentials, or nothing can be read with them.
pub async fn from_account(
    connect: cli::Connect,
    config: &Config,
    sources: BTreeSet<Source>,
    lang: Lang,
) -> Result<Collection, Error> {
    let regions = regions(&connect, config)?;
    let api_share = api_share(&connect, config);
    let timeout = connect.timeout.or(config.timeout);
    let request = Request {
        sources,
        regions: (!regions.is_empty()).then(|| regions.clone()),
        api_share,
        timeout,
        in_flight: IN_FLIGHT,
        verbose: connect.verbose,
        progress: !connect.verbose,
        announce: Some(lang),
        now: None,
    };
    collect(connected(connect, config, regions, lang).await?, request).await
}

/// The regions that arguments, else configuration, name; none for all.
///
/// # Errors
/// When a name has not the form of one.
pub fn regions(connect: &cli::Connect, config: &Config) -> Result<Vec<String>, Error> {
    let regions = if connect.regions.is_empty() { &config.regions } else { &connect.regions };
    for region in regions {
        region_names::check_form(region)?;
    }
    Ok(regions.clone())
}

/// The share of AWS's request limits to take.
pub fn api_share(connect: &cli::Connect, config: &Config) -> f64 {
    connect.api_budget.or(config.api_budget).unwrap_or(0.5)
}

/// The way to AWS with the credentials that arguments and configuration name.
///
/// # Errors
/// When there are none, or none in time.
pub async fn connected(
    connect: cli::Connect,
    config: &Config,
    regions: Vec<String>,
    lang: Lang,
) -> Result<Aws, Error> {
    let timeout = connect.timeout.or(config.timeout);
    let connecting = Aws::connect(Connection {
        // An empty name is as none, as for the AWS CLI.
        profile: connect.profile.filter(|name| !name.is_empty()).or_else(|| config.profile.clone()),
        endpoint_url: connect.endpoint_url,
        regions,
        http_client: None,
        lang,
    });
    // The time limit is for all of it: a credential_process may wait for somebody.
    match timeout {
        Some(limit) => tokio::time::timeout(limit, connecting).await.unwrap_or_else(|_| {
            Err(Error::nothing(said(
                "there were no credentials within the time limit (--timeout)",
                "制限時間（--timeout）内に認証情報を取得できませんでした",
            )))
        }),
        None => connecting.await,
    }
}

/// Collects from the built-in recording.
///
/// # Errors
/// When it cannot be unpacked.
pub async fn from_recording(sources: BTreeSet<Source>) -> Result<Collection, Error> {
    demo::recording()?.collect(sources).await
}

/// How a snapshot is judged and reported.
#[derive(Debug)]
pub struct Judge<'a> {
    /// With which checks, along which framework.
    pub selection: Selection,
    /// With which settings.
    pub config: &'a Config,
    /// In which language.
    pub lang: Lang,
}

impl Judge<'_> {
    /// Evaluates, and applies what the configuration says of findings; tells what in it is of no use.
    pub fn evaluate(&self, snapshot: &Snapshot, keep_passed: bool) -> (Evaluation, Vec<Notice>) {
        let Self { selection, config, .. } = self;
        let tuning = Tuning::new(config.settings.clone(), config.overrides.clone());
        let judge =
            |checks: &[&'static Entry], passed| registry::evaluate_tuned(checks, snapshot, &tuning, passed);
        let mut evaluation = judge(&selection.checks, keep_passed);
        let mut notices = triage::apply(&mut evaluation, &config.rules, snapshot, |ids| {
            let checks = selection.checks.iter().copied().filter(|entry| ids.contains(entry.check.id));
            judge(&checks.collect::<Vec<_>>(), true).findings
        });
        let ran: Vec<_> = evaluation.results.iter().map(|result| result.check).collect();
        notices.extend(tuning.unused(&ran));
        (evaluation, notices)
    }

    /// Evaluates, applies what the configuration says of findings, compares with the baseline, writes the reports, and
    /// tells the exit code.
    ///
    /// # Errors
    /// When the baseline is another account's, a report cannot be written, or suppressions that must match do not.
    pub fn report(
        &self,
        snapshot: &Snapshot,
        stopped: Option<Stop>,
        baseline: Option<&Report>,
        arguments: &cli::Report,
    ) -> Result<u8, Error> {
        let Self { config, lang, .. } = self;
        let Judged { report, notices, worst } = self.judged(snapshot, baseline, arguments)?;
        for notice in &notices {
            tell(notice, *lang);
        }
        output::write(&report, arguments, *lang)?;
        if let Some(why) = stopped {
            output::stopped(why, *lang);
        }
        let unmatched = notices.iter().filter(|notice| notice.is_unmatched()).count();
        if arguments.strict_suppressions && unmatched > 0 {
            return Err(unmatched_suppressions(unmatched));
        }
        Ok(exit_code(arguments.fail_on.or(config.fail_on), worst, stopped, report.is_incomplete()))
    }

    /// Evaluates, applies what the configuration says of findings, compares with the baseline, and keeps a line of
    /// history: everything but writing the report.
    ///
    /// # Errors
    /// When the baseline is another account's, or the history cannot be written.
    pub fn judged(
        &self,
        snapshot: &Snapshot,
        baseline: Option<&Report>,
        arguments: &cli::Report,
    ) -> Result<Judged, Error> {
        let Self { selection, config, lang } = self;
        let (evaluation, notices) = self.evaluate(snapshot, arguments.include_passed);
        let options = Options { framework: selection.framework, lang: *lang };
        let mut report = Report::new(snapshot, &evaluation, &options);
        if let Some(baseline) = baseline {
            of_one_account(&report, baseline)?;
            baseline::compare(&mut report, baseline);
        }
        if let Some(directory) = &arguments.history {
            report.history = history::add(directory, Run::of(&report), *lang)?;
        }
        let min_severity = arguments.min_severity.or(config.min_severity).unwrap_or(Severity::Info);
        let worst = evaluation.results.iter().filter_map(score::CheckResult::worst).max();
        Ok(Judged { report: report.at_least(min_severity), notices, worst })
    }
}

/// What came of judging an account.
#[derive(Debug)]
pub struct Judged {
    /// Its report.
    pub report: Report,
    /// What the configuration says in vain, or no longer.
    pub notices: Vec<Notice>,
    /// The worst severity among failing findings, also of those that the report does not list.
    pub worst: Option<Severity>,
}

/// The exit code of what was judged.
pub fn exit_code(
    fail_on: Option<FailOn>,
    worst: Option<Severity>,
    stopped: Option<Stop>,
    is_incomplete: bool,
) -> u8 {
    match fail_on.unwrap_or(FailOn::AtLeast(Severity::Info)) {
        FailOn::AtLeast(severity) if worst >= Some(severity) => EXIT_FINDINGS,
        _ => outcome(stopped, is_incomplete),
    }
}

/// The error of `--strict-suppressions`.
#[must_use]
pub fn unmatched_suppressions(unmatched: usize) -> Error {
    Error::usage(said(
        format!("suppressions that match nothing: {unmatched} (--strict-suppressions)"),
        format!("一致しない抑制設定があります：{unmatched}件（--strict-suppressions）"),
    ))
}

/// Tells what the configuration says in vain, or no longer.
pub fn tell(notice: &Notice, lang: Lang) {
    let mut told = Said::in_each(|lang| notice.text(lang));
    if notice.help(lang).is_some() {
        told = told.with_help(Said::in_each(|lang| notice.help(lang).unwrap_or_default()));
    }
    match notice {
        Notice::Expired { .. } => crate::note(&told, lang),
        _ => crate::warn(&told, lang),
    }
}

/// The exit code of a scan in which nothing was found, or that did not look for it.
pub const fn outcome(stopped: Option<Stop>, is_incomplete: bool) -> u8 {
    if stopped.is_some() || is_incomplete { EXIT_INCOMPLETE } else { 0 }
}

fn of_one_account(report: &Report, baseline: &Report) -> Result<(), Error> {
    let (theirs, ours) = (&baseline.account.id, &report.account.id);
    if theirs == ours {
        return Ok(());
    }
    Err(Error::usage(said(
        format!("the baseline is of account {theirs}, the scan of {ours}"),
        format!("ベースラインはアカウント {theirs} のもので、スキャンしたアカウント {ours} と異なります"),
    )))
}
