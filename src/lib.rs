//! `aws-audit`: looks at a live AWS account with read-only calls, keeps what it saw as a snapshot, judges
//! the snapshot and prints a scored report.
//!
//! The way of the data: [`cli`] arguments → [`select`] → [`collect`] → `aws_audit_checks` → `aws_audit_report`.

pub mod cli;
pub mod collect;
pub mod commands;
pub mod config;
pub mod custom;
pub mod demo;
pub mod error;
pub mod files;
pub mod history;
mod interrupt;
pub mod organization;
pub mod output;
pub mod pipeline;
pub mod select;
mod transport;

use aws_audit_checks::page::Lang;
use aws_audit_tickets::http::Transport;
use tokio::runtime::Runtime;

use crate::{
    cli::{Cli, Command},
    error::{Error, Said},
};

/// Stack of a worker thread, in bytes. The futures of dozens of services are polled on it, and without optimization the
/// SDK's deserializers have large frames: 8 MB for one resource of a Security Hub finding, 0.3 MB for each level of a
/// nested statement of AWS WAF. What is not used costs address space only. `testbed/python/frames.py` lists the frames,
/// and holds each to an eighth of this.
const STACK: usize = 64 << 20;

/// The runtime for [`run`] and [`collect`].
///
/// # Errors
/// When the system gives no thread.
pub fn runtime() -> std::io::Result<Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().thread_stack_size(STACK).build()
}

/// Runs a command, and tells the exit code.
///
/// # Errors
/// What stops the program; the error has its exit code.
pub async fn run(cli: Cli) -> Result<u8, Error> {
    let lang = language_of(&cli);
    match cli.command {
        Command::Scan(arguments) => commands::scan::run(arguments, lang).await,
        Command::Collect(arguments) => commands::collect::run(arguments, lang).await,
        Command::Evaluate(arguments) => commands::evaluate::run(&arguments, lang),
        Command::Paths(arguments) => commands::paths::run(arguments, lang).await,
        Command::Merge(arguments) => commands::merge::run(&arguments, lang),
        Command::Org(cli::Org::Plan(arguments)) => commands::org::plan(arguments, lang).await,
        Command::Org(cli::Org::Worker(arguments)) => commands::org::worker(arguments, lang).await,
        Command::Diff(arguments) => commands::diff::run(&arguments, lang),
        Command::Verify(arguments) => commands::verify::run(arguments, lang).await,
        Command::Tickets(arguments) => commands::tickets::run(&arguments, lang, || {
            let transport: Box<dyn Transport> = Box::new(transport::Web::new()?);
            Ok(transport)
        }),
        Command::Checks(arguments) => commands::checks::run(&arguments, lang),
        Command::Explain(arguments) => commands::explain::run(&arguments, lang),
        Command::Policy(arguments) => commands::policy::run(&arguments),
        Command::Completions(arguments) => commands::completions::run(&arguments),
    }
}

/// The language to speak: the one that is asked for, else the environment's.
#[must_use]
pub fn language_of(cli: &Cli) -> Lang {
    cli.lang.map_or_else(language_of_environment, |lang| lang.0)
}

/// The language of messages in the environment, as POSIX says: the first variable that is set decides.
fn language_of_environment() -> Lang {
    let set = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find_map(set).unwrap_or_default();
    if locale.starts_with("ja") { Lang::Ja } else { Lang::En }
}

/// A warning on standard error: the run goes on.
pub fn warn(what: &Said, lang: Lang) {
    match lang {
        Lang::En => notice(format_args!("warning: {}", what.en)),
        Lang::Ja => notice(format_args!("警告：{}", what.ja)),
    }
}

/// Something worth knowing, on standard error.
pub fn note(what: &Said, lang: Lang) {
    match lang {
        Lang::En => notice(format_args!("note: {}", what.en)),
        Lang::Ja => notice(format_args!("注意：{}", what.ja)),
    }
}

/// A line on standard error, about the run and not of its result.
#[expect(clippy::print_stderr, reason = "the one place that writes to standard error")]
pub fn notice(line: std::fmt::Arguments<'_>) {
    eprintln!("{line}");
}
