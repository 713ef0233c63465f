//! `collect`: look at the account and keep a snapshot.

use std::collections::BTreeSet;

use aws_audit_checks::{page::Lang, source::Source};

use crate::{
    cli,
    config::Config,
    error::Error,
    files, output,
    pipeline::{from_account, outcome, sources},
    select::Selection,
};

/// Runs the command, and tells the exit code.
///
/// # Errors
/// When arguments or configuration are wrong, nothing can be read, or the snapshot cannot be written.
pub async fn run(arguments: cli::Collect, lang: Lang) -> Result<u8, Error> {
    let config = Config::load(arguments.config.as_ref())?;
    let sources: BTreeSet<Source> = if arguments.checks.is_empty() {
        // Also what no check reads today: a newer version's checks may.
        Source::all().collect()
    } else {
        let select = cli::Select { checks: arguments.checks, ..cli::Select::default() };
        sources(&Selection::new(&select, &config)?.checks)
    };
    files::writable(&arguments.output)?;
    let verbose = arguments.connect.verbose;
    let collection = from_account(arguments.connect, &config, sources, lang).await?;
    files::write_snapshot(&arguments.output, &collection.snapshot)?;
    output::written(&arguments.output, lang);
    output::run(&collection.snapshot, verbose, lang);
    if let Some(why) = collection.stopped {
        output::stopped(why, lang);
    }
    Ok(outcome(collection.stopped, collection.snapshot.is_incomplete()))
}
