//! `paths`: how somebody gets in, asked for by where a path begins and ends, and what would be left.

use std::path::Path;

use aws_audit_checks::{
    check::Entry,
    page::Lang,
    registry,
    report::{Options, Report},
    report_paths::query::{Found, Part, Query, Unmatched, query},
    snapshot::Snapshot,
};
use aws_audit_report::paths::{
    Style,
    answer::{Format, write},
};

use crate::{
    cli::{self, PathsFormat},
    config::Config,
    error::{Error, Said, did_you_mean, said},
    files, output,
    pipeline::{Judge, from_account, from_recording, outcome, sources},
    select::Selection,
};

/// Runs the command, and tells the exit code.
///
/// # Errors
/// When arguments, configuration or the snapshot are wrong, nothing can be read, an argument names nothing in the
/// account, or the paths cannot be written.
pub async fn run(arguments: cli::Paths, lang: Lang) -> Result<u8, Error> {
    let config = Config::load(arguments.config.as_ref())?;
    let format = format(&arguments)?;
    if let Some(path) = &arguments.output {
        files::writable(path)?;
    }
    let of_paths: Vec<_> = registry::all().filter(|entry| is_of_paths(entry)).collect();
    let needed = sources(&of_paths);
    // What is read for the paths is enough for every check that tells of a step.
    let judges =
        |entry: &Entry| arguments.snapshot.is_some() || registry::sources([entry]).is_subset(&needed);
    let checks: Vec<_> = registry::all().filter(|entry| judges(entry)).collect();
    let (snapshot, stopped) = match &arguments.snapshot {
        Some(path) => (files::read_snapshot(path)?, None),
        None => {
            let collection = if arguments.demo {
                from_recording(needed).await?
            } else {
                from_account(arguments.connect, &config, needed, lang).await?
            };
            (collection.snapshot, collection.stopped)
        }
    };
    let Selection { framework, .. } = Selection::new(&cli::Select::default(), &config)?;
    let judge = Judge { selection: Selection { checks, framework }, config: &config, lang };
    let (evaluation, _) = judge.evaluate(&snapshot, false);
    let asked = Query { from: arguments.from, to: arguments.to, without: arguments.without };
    let found = query(&evaluation, &snapshot.account.id, &asked, lang);
    if let Some(unmatched) = found.unmatched.first() {
        return Err(names_nothing(unmatched, &snapshot));
    }
    let report = Report::new(&snapshot, &evaluation, &Options { framework, lang });
    match &arguments.output {
        Some(path) => {
            let style = Style { lang, ..Style::default() };
            files::write(path, |out| write(&found, &report.findings, format, &style, out))?;
            output::written(path, lang);
        }
        None => {
            let style = Style { width: output::width(), ascii: !speaks_utf8(), lang };
            let mut text = Vec::new();
            write(&found, &report.findings, format, &style, &mut text)
                .map_err(|error| Error::usage(Said::words(error)))?;
            output::print(format_args!("{}", String::from_utf8_lossy(&text)))?;
        }
    }
    if let Some(why) = stopped {
        output::stopped(why, lang);
    }
    Ok(outcome(stopped, is_incomplete(&found)))
}

fn is_of_paths(entry: &Entry) -> bool {
    entry.check.id.starts_with("path-")
}

/// Whether there may be paths that were not found.
fn is_incomplete(found: &Found) -> bool {
    !found.unread.is_empty() || found.incomplete.is_some()
}

/// The error about an argument that names nothing.
fn names_nothing(unmatched: &Unmatched, snapshot: &Snapshot) -> Error {
    let Unmatched { part, text, nearest } = unmatched;
    let account = &snapshot.account.id;
    let what = match part {
        Part::From | Part::To => {
            let option = if *part == Part::From { "--from" } else { "--to" };
            said(
                format!("{option} {text}: nothing on a way into account {account} is called so"),
                format!("{option} {text}：アカウント {account} への経路上に該当するものがありません"),
            )
        }
        Part::Without => said(
            format!("--without {text}: no failing finding of account {account} has this id"),
            format!("--without {text}：アカウント {account} のNGの検出結果に該当するIDがありません"),
        ),
    };
    Error::usage(match nearest {
        Some(nearest) => what.with_help(did_you_mean(nearest)),
        None => what,
    })
}

/// The format that is asked for, else that of the file's name.
fn format(arguments: &cli::Paths) -> Result<Format, Error> {
    let of_name = |path: &Path| {
        let ending = path.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
        match ending.as_str() {
            "txt" => Ok(Format::Tree),
            "json" => Ok(Format::Json),
            "mmd" | "mermaid" => Ok(Format::Mermaid),
            "dot" | "gv" => Ok(Format::Dot),
            _ => Err(Error::file(
                path,
                said("no format goes by this name", "ファイル名から形式を判断できません").with_help(said(
                    "end it in .txt, .json, .mmd or .dot, or name one with --format",
                    "名前を .txt、.json、.mmd、.dot のいずれかで終えるか、--format で指定してください",
                )),
            )),
        }
    };
    match (arguments.format, &arguments.output) {
        (Some(PathsFormat::Tree), _) | (None, None) => Ok(Format::Tree),
        (Some(PathsFormat::Json), _) => Ok(Format::Json),
        (Some(PathsFormat::Mermaid), _) => Ok(Format::Mermaid),
        (Some(PathsFormat::Dot), _) => Ok(Format::Dot),
        (None, Some(path)) => of_name(path),
    }
}

/// Whether the environment speaks UTF-8, as POSIX says: the first variable that is set decides. Where none is set,
/// nobody has said no.
fn speaks_utf8() -> bool {
    let set = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(set);
    locale.is_none_or(|locale| {
        let locale = locale.to_ascii_lowercase().replace('-', "");
        locale.contains("utf8")
    })
}
