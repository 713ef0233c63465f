//! `org worker`: one account of a plan, in a job of its own.

use std::{path::Path, sync::Arc};

use aws_audit_checks::{
    organization::{Item, Reason},
    page::Lang,
};
use serde_json::{Value, json};

use super::{
    Directory, GapFile,
    member::{self, Common, Failed},
    plan,
    scan::quiet_panics,
};
use crate::{
    cli,
    collect::IN_FLIGHT,
    config::Config,
    error::{EXIT_INCOMPLETE, Error, said},
    output,
    pipeline::{self, sources},
    select::Selection,
};

/// Variables in which engines tell a job its number.
const INDEX: [&str; 2] = ["AWS_BATCH_JOB_ARRAY_INDEX", "JOB_COMPLETION_INDEX"];

/// Runs the command, and tells the exit code: 0 when there is a report, whatever it says: an engine takes everything else
/// for a failed job; 3 when there is none, with its reason in a file.
///
/// # Errors
/// When arguments are wrong, there are no credentials, or a file cannot be written.
pub async fn run(arguments: cli::OrgWorker, lang: Lang) -> Result<u8, Error> {
    let item = item(&arguments)?;
    let beside = arguments.plan.as_deref().map(plan::policies_beside).filter(|path| path.exists());
    let policies = arguments.policies.clone().or(beside);
    let controls = policies.map(|path| plan::read_policies(&path, &item.scan)).transpose()?;
    let config = Config::load(arguments.select.config.as_ref())?;
    let selection = Selection::new(&arguments.select, &config)?;
    let mut regions = pipeline::regions(&arguments.connect, &config)?;
    if !item.regions.is_empty() {
        regions.clone_from(&item.regions);
    }
    let item = Item { regions: regions.clone(), ..item };
    let directory = Directory::create(&arguments.output_dir)?;
    quiet_panics();
    let (api_share, verbose) = (pipeline::api_share(&arguments.connect, &config), arguments.connect.verbose);
    let account_timeout = arguments.connect.timeout.or(config.timeout);
    let aws = pipeline::connected(arguments.connect, &config, regions, lang).await?;
    let common = Arc::new(Common {
        aws,
        sources: member::sources(sources(&selection.checks), controls.as_ref()),
        controls,
        selection,
        config,
        report: cli::Report { min_severity: arguments.min_severity, ..cli::Report::default() },
        role: cli::Role {
            source_identity: arguments.source_identity,
            session_name: arguments.session_name,
            ..cli::Role::default()
        },
        api_share,
        in_flight: IN_FLIGHT,
        account_timeout,
        deadline: None,
        save_snapshots: arguments.save_snapshots,
        directory,
        verbose,
        lang,
    });
    let outcome = match member::open(&common, &item).await {
        Ok(open) => member::scan(&common, &item, open).await,
        Err(missing) => Err(Failed::Missing(missing)),
    };
    match outcome {
        Ok(done) => {
            let report = &done.report;
            tell(&json!({
                "account": item.account,
                "scan": item.scan,
                "report": common.directory.report(&item.account).display().to_string(),
                "score": report.score.overall,
                "worst": done.worst,
                "gaps": report.gaps.len(),
                "incomplete": report.is_incomplete() || done.stopped.is_some(),
            }))?;
            Ok(0)
        }
        Err(Failed::Missing(missing)) => {
            common.directory.write_gap(&item.scan, &missing)?;
            tell(
                &serde_json::to_value(GapFile { scan: item.scan, missing: (*missing).clone() })
                    .unwrap_or_default(),
            )?;
            // A job that is run again finds it the same.
            Ok(if missing.reason == Reason::NotActive { 0 } else { EXIT_INCOMPLETE })
        }
        Err(Failed::Run(error)) => Err(error),
    }
}

/// A line for the engine's log, far below what one takes as a job's result.
fn tell(result: &Value) -> Result<(), Error> {
    output::print(format_args!("{result}\n"))
}

fn item(arguments: &cli::OrgWorker) -> Result<Item, Error> {
    if let Some(line) = &arguments.item {
        return plan::item(line)
            .map_err(|error| Error::usage(said(format!("--item: {error}"), format!("--item：{error}"))));
    }
    let path = arguments.plan.as_deref().unwrap_or(Path::new("plan.jsonl"));
    let index = match (arguments.index, &arguments.index_env) {
        (Some(index), _) => index,
        (None, Some(name)) => of_environment(name)?.ok_or_else(|| {
            Error::usage(said(
                format!("{name} is not set (--index-env)"),
                format!("{name} が設定されていません（--index-env）"),
            ))
        })?,
        (None, None) => {
            let set = INDEX.into_iter().find_map(|name| of_environment(name).transpose());
            set.transpose()?.ok_or_else(|| {
                let names = INDEX.join(", ");
                Error::usage(said(
                    format!("which line of the plan? name it with --index, or with one of {names}"),
                    format!("計画の何行目か分かりません。--index か、環境変数 {names} のいずれかで指定してください"),
                ))
            })?
        }
    };
    let mut items = plan::read(path)?;
    let count = items.len();
    if index >= count {
        return Err(Error::file(
            path,
            said(
                format!("there is no line {index}: the plan has {count}, counted from 0"),
                format!("{index} 番の行はありません。計画は{count}行で、0から数えます"),
            ),
        ));
    }
    Ok(items.swap_remove(index))
}

fn of_environment(name: &str) -> Result<Option<usize>, Error> {
    let Some(value) = std::env::var(name).ok().filter(|value| !value.is_empty()) else { return Ok(None) };
    value.trim().parse().map(Some).map_err(|_| {
        let shown = value.escape_default();
        Error::usage(said(
            format!("{name} is `{shown}`, no number"),
            format!("{name} の値 `{shown}` は数値ではありません"),
        ))
    })
}
