//! `tickets`: what to do in a ticket tracker about a report, and the doing of it. The only command that writes to another
//! system; it asks nothing of AWS. `docs/tickets.md` has its policy.

use std::{io::Read as _, path::Path, time::Duration};

use aws_audit_checks::page::Lang;
use aws_audit_tickets::{
    Options, Outcome, Plan, Tracker, apply,
    exec::{Exec, Shell},
    github::{self, GitHub},
    http::{SystemClock, Transport},
    plan, rehearse, told, told_plan,
};

use crate::{
    cli::{self, TicketsCommand},
    config::Config,
    error::{EXIT_FINDINGS, Error, Said, said},
    files, output,
};

/// How long to wait at most when GitHub says to wait.
const PATIENCE: Duration = Duration::from_secs(15 * 60);

/// Runs the command, and tells the exit code. `transport` is asked for when there is something to send.
///
/// It blocks, for minutes where a tracker says to wait: not for a thread that others wait for.
///
/// # Errors
/// When a report or plan cannot be read, or the tracker's tickets cannot.
pub fn run(
    arguments: &cli::Tickets,
    lang: Lang,
    transport: impl FnOnce() -> Result<Box<dyn Transport>, Error>,
) -> Result<u8, Error> {
    match &arguments.command {
        TicketsCommand::Plan(arguments) => print_plan(arguments, lang),
        TicketsCommand::Apply(arguments) => carry_out(arguments, lang, transport),
    }
}

fn print_plan(arguments: &cli::TicketsPlan, lang: Lang) -> Result<u8, Error> {
    let settings = Config::load(arguments.config.as_ref())?.tickets;
    let defaults = Options::default();
    let options = Options {
        lang,
        min_severity: arguments.min_severity.or(settings.min_severity).unwrap_or(defaults.min_severity),
        max: arguments.max.or(settings.max).unwrap_or(defaults.max),
        owners: settings.owners,
        owner_tag: settings.owner_tag,
    };
    let report = files::read_report(&arguments.report)?;
    let previous = arguments.previous.as_deref().map(files::read_report).transpose()?;
    let plan = plan(&report, previous.as_ref(), &options)
        .map_err(|error| Error::usage(Said::in_each(|lang| error.told(lang))))?;
    if plan.header.closes_nothing {
        let what = said(
            "the report does not list everything that fails, so nothing is closed",
            "レポートにすべてのNGが記載されていないため、チケットは閉じません",
        );
        crate::note(
            &what.with_help(said(
                "make it without --min-severity; `tickets plan` has its own",
                "--min-severity を付けずに作成してください（`tickets plan` には独自の --min-severity があります）",
            )),
            lang,
        );
    }
    let mut written = Vec::new();
    plan.write(&mut written).map_err(|error| Error::usage(Said::words(error)))?;
    output::print(format_args!("{}", String::from_utf8_lossy(&written)))?;
    Ok(0)
}

fn carry_out(
    arguments: &cli::TicketsApply,
    lang: Lang,
    transport: impl FnOnce() -> Result<Box<dyn Transport>, Error>,
) -> Result<u8, Error> {
    let plan = read_plan(&arguments.plan)?;
    let clock = SystemClock;
    if let Some(repository) = &arguments.github {
        let token = token()?;
        let api = std::env::var("GITHUB_API_URL").ok().filter(|url| !url.is_empty());
        let api = api.as_deref().unwrap_or(github::API).trim_end_matches('/');
        let settings = github::Settings {
            repository,
            token: &token,
            api,
            allow_public: arguments.allow_public,
            patience: PATIENCE,
        };
        let mut transport = transport()?;
        let mut github =
            GitHub::new(&mut *transport, &clock, settings).map_err(|failure| refused(&failure))?;
        return work(&plan, &mut github, arguments.yes, lang);
    }
    let command = arguments.exec.as_deref().unwrap_or_default();
    let mut shell = Shell::default();
    let mut exec = Exec::new(&mut shell, &clock, command, arguments.list.as_deref());
    work(&plan, &mut exec, arguments.yes, lang)
}

/// Tells what is left to do, and does it where that is wanted.
fn work(plan: &Plan, tracker: &mut dyn Tracker, is_wanted: bool, lang: Lang) -> Result<u8, Error> {
    let left = rehearse(plan, tracker).map_err(|failure| refused(&failure))?;
    if !is_wanted {
        output::print(format_args!("{}", told_plan(&left, lang)))?;
        crate::note(
            &said(
                "nothing was changed: --yes does it",
                "何も変更していません。実行するには --yes を付けてください",
            ),
            lang,
        );
        return Ok(0);
    }
    let outcomes = apply(&left, tracker);
    output::print(format_args!("{}", told(&outcomes, lang)))?;
    Ok(if outcomes.iter().all(Outcome::is_good) { 0 } else { EXIT_FINDINGS })
}

fn refused(failure: &aws_audit_tickets::Failure) -> Error {
    Error::nothing(Said::in_each(|lang| failure.told(lang).to_owned()))
}

/// The plan in a file, or on standard input where the path is `-`.
fn read_plan(path: &Path) -> Result<Plan, Error> {
    let text = if path == Path::new("-") {
        let mut text = String::new();
        std::io::stdin().lock().read_to_string(&mut text).map(|_| text)
    } else {
        std::fs::read_to_string(path)
    };
    let text = text.map_err(|error| Error::io(path, error))?;
    Plan::read(&text).map_err(|error| {
        let what = said(format!("not a plan: {error}"), format!("計画ではありません：{error}"));
        Error::file(
            path,
            what.with_help(said(
                "make one with `aws-audit tickets plan`",
                "`aws-audit tickets plan` で作成できます",
            )),
        )
    })
}

/// GitHub's token, from the environment alone: an argument would be seen by everybody on the machine.
fn token() -> Result<String, Error> {
    let set = |name| std::env::var(name).ok().filter(|value: &String| !value.is_empty());
    ["GITHUB_TOKEN", "GH_TOKEN"].into_iter().find_map(set).ok_or_else(|| {
        Error::usage(said("GITHUB_TOKEN is not set", "環境変数 GITHUB_TOKEN が設定されていません").with_help(
            said(
                "a token with \"Issues: read and write\" on that repository",
                "そのリポジトリの「Issues: read and write」を許可したトークンを設定してください",
            ),
        ))
    })
}
