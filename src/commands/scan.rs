//! `scan`: collect, judge, report.

use std::collections::BTreeSet;

use aws_audit_checks::{
    baseline,
    finding::Severity,
    framework::Framework,
    page::Lang,
    registry::{self, Entry},
    report::{self, Report},
    score,
    settings::Settings,
    snapshot::Snapshot,
    source::{self, Source},
};

use crate::{
    cli::{self, FailOn},
    collect::{Aws, Collection, Connection, Request, Stop, collect, region_names},
    config::Config,
    demo,
    error::{EXIT_FINDINGS, EXIT_INCOMPLETE, Error, said},
    files, output,
    select::Selection,
};

/// Runs the command, and tells the exit code.
///
/// # Errors
/// When arguments or configuration are wrong, nothing can be read, or a file cannot be written.
pub async fn run(arguments: cli::Scan, lang: Lang) -> Result<u8, Error> {
    let config = Config::load(arguments.select.config.as_ref())?;
    let selection = Selection::new(&arguments.select, &config)?;
    let baseline: Option<Report> =
        arguments.report.baseline.as_deref().map(files::read_report).transpose()?;
    output::writable(&arguments.report)?;
    if let Some(path) = &arguments.save_snapshot {
        files::writable(path)?;
    }
    let collection = if arguments.demo {
        from_recording(&selection.checks).await?
    } else {
        let sources = sources(&selection.checks);
        from_account(arguments.connect, &config, sources, lang).await?
    };
    if let Some(path) = &arguments.save_snapshot {
        files::write_snapshot(path, &collection.snapshot)?;
    }
    output::run(&collection.snapshot, lang);
    let judge = Judge { selection, settings: &config.settings, lang };
    judge.report(&collection.snapshot, collection.stopped, baseline.as_ref(), &arguments.report, &config)
}

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
    let regions = if connect.regions.is_empty() { config.regions.clone() } else { connect.regions };
    for region in &regions {
        region_names::check_form(region)?;
    }
    let connection = Connection {
        // An empty name is as none, as for the AWS CLI.
        profile: connect.profile.filter(|name| !name.is_empty()).or_else(|| config.profile.clone()),
        endpoint_url: connect.endpoint_url,
        regions: regions.clone(),
        http_client: None,
        lang,
    };
    let request = Request {
        sources,
        regions: (!regions.is_empty()).then_some(regions),
        api_share: connect.api_budget.or(config.api_budget).unwrap_or(0.5),
        timeout: connect.timeout.or(config.timeout),
        verbose: connect.verbose,
        progress: !connect.verbose,
        announce: Some(lang),
        now: None,
    };
    // The time limit is for all of it: a credential_process may wait for somebody.
    let connecting = Aws::connect(connection);
    let aws = match request.timeout {
        Some(limit) => tokio::time::timeout(limit, connecting).await.unwrap_or_else(|_| {
            Err(Error::nothing(said(
                "there were no credentials within the time limit (--timeout)",
                "制限時間（--timeout）内に認証情報を取得できませんでした",
            )))
        })?,
        None => connecting.await?,
    };
    collect(aws, request).await
}

/// Collects from the built-in recording.
async fn from_recording(checks: &[&'static Entry]) -> Result<Collection, Error> {
    let recording = demo::recording()?;
    recording.collect(sources(checks)).await
}

/// How a snapshot is judged and told.
#[derive(Debug)]
pub struct Judge<'a> {
    /// With which checks, along which framework.
    pub selection: Selection,
    /// With which numbers.
    pub settings: &'a Settings,
    /// In which language.
    pub lang: Lang,
}

impl Judge<'_> {
    /// Judges, writes the reports, and tells the exit code.
    ///
    /// # Errors
    /// When a report cannot be written.
    pub fn report(
        &self,
        snapshot: &Snapshot,
        stopped: Option<Stop>,
        baseline: Option<&Report>,
        arguments: &cli::Report,
        config: &Config,
    ) -> Result<u8, Error> {
        let keep_passed = arguments.include_passed;
        let evaluation = registry::evaluate(&self.selection.checks, snapshot, self.settings, keep_passed);
        let framework: &Framework = self.selection.framework;
        let options = report::Options { framework, lang: self.lang };
        let mut report = Report::new(snapshot, &evaluation, &options);
        if let Some(baseline) = baseline {
            if baseline.account.id != report.account.id {
                let (theirs, ours) = (&baseline.account.id, &report.account.id);
                return Err(Error::usage(said(
                    format!("the baseline is of account {theirs}, the scan of {ours}"),
                    format!(
                        "ベースラインはアカウント {theirs} のもので、スキャンしたアカウント {ours} と異なります"
                    ),
                )));
            }
            baseline::compare(&mut report, baseline);
        }
        let min_severity = arguments.min_severity.or(config.min_severity).unwrap_or(Severity::Info);
        let report = report.at_least(min_severity);
        output::write(&report, arguments, self.lang)?;
        if let Some(why) = stopped {
            output::stopped(why, self.lang);
        }
        let worst = evaluation.results.iter().filter_map(score::Result::worst).max();
        let fail_on = arguments.fail_on.or(config.fail_on).unwrap_or(FailOn::AtLeast(Severity::Info));
        Ok(match fail_on {
            FailOn::AtLeast(severity) if worst >= Some(severity) => EXIT_FINDINGS,
            _ if stopped.is_some() || report.is_incomplete() => EXIT_INCOMPLETE,
            _ => 0,
        })
    }
}
