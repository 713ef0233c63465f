//! `diff`: what has changed between two reports.

use std::path::Path;

use aws_audit_checks::{
    diff::{self, ChangeKind, Diff},
    finding::Status,
    page::Lang,
    report::Report,
};
use aws_audit_report::{
    Style,
    diff::{Format, write},
};

use crate::{
    cli::{self, DiffFormat, FailOn},
    error::{EXIT_FINDINGS, Error, Said, said},
    files, output,
};

/// Runs the command, and tells the exit code.
///
/// # Errors
/// When a report cannot be read, the two are of different accounts, or the diff cannot be written.
pub fn run(arguments: &cli::Diff, lang: Lang) -> Result<u8, Error> {
    let format = format(arguments)?;
    let earlier = files::read_report(&arguments.earlier)?;
    let later = files::read_report(&arguments.later)?;
    of_one_account(&earlier, &later)?;
    if later.started_at < earlier.started_at {
        let told = said("the second report is the earlier one", "2つ目のレポートのほうが古いものです");
        crate::warn(&told, lang);
    }
    let diff = diff::diff(&earlier, &later);
    match &arguments.output {
        Some(path) => {
            let style = Style { lang, ..Style::default() };
            files::write(path, |out| write(&diff, format, &style, out))?;
            output::written(path, lang);
        }
        None => {
            let style = output::style(lang);
            let mut text = Vec::new();
            write(&diff, format, &style, &mut text).map_err(|error| Error::usage(Said::words(error)))?;
            output::print(format_args!("{}", String::from_utf8_lossy(&text)))?;
        }
    }
    Ok(if is_worse(&diff, arguments.fail_on.unwrap_or(FailOn::Never)) { EXIT_FINDINGS } else { 0 })
}

/// Whether something fails that did not, or fails more severely.
fn is_worse(diff: &Diff, fail_on: FailOn) -> bool {
    let FailOn::AtLeast(severity) = fail_on else { return false };
    let worse = [ChangeKind::New, ChangeKind::Worse, ChangeKind::Reinstated, ChangeKind::Judged];
    diff.changes.iter().filter(|change| worse.contains(&change.kind)).any(|change| {
        change.later.is_some_and(|later| later.status == Status::Fail && later.severity >= severity)
    })
}

/// The format that is asked for, else that of the file's name.
fn format(arguments: &cli::Diff) -> Result<Format, Error> {
    let of_name = |path: &Path| {
        let ending = path.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
        match ending.as_str() {
            "json" => Ok(Format::Json),
            "md" => Ok(Format::Markdown),
            "txt" => Ok(Format::Table),
            _ => Err(Error::file(
                path,
                said("no format goes by this name", "ファイル名から形式を判断できません").with_help(said(
                    "end it in .json, .md or .txt, or name one with --format",
                    "名前を .json、.md、.txt のいずれかで終えるか、--format で指定してください",
                )),
            )),
        }
    };
    match (arguments.format, &arguments.output) {
        (Some(DiffFormat::Table), _) => Ok(Format::Table),
        (Some(DiffFormat::Json), _) => Ok(Format::Json),
        (Some(DiffFormat::Markdown), _) => Ok(Format::Markdown),
        (None, Some(path)) => of_name(path),
        (None, None) => Ok(Format::Table),
    }
}

fn of_one_account(earlier: &Report, later: &Report) -> Result<(), Error> {
    let (then, now) = (&earlier.account.id, &later.account.id);
    if then == now {
        return Ok(());
    }
    Err(Error::usage(said(
        format!("the earlier report is of account {then}, the later one of {now}"),
        format!("前のレポートはアカウント {then}、後のレポートはアカウント {now} のもので、比較できません"),
    )))
}
