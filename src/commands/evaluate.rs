//! `evaluate`: judge a snapshot.

use aws_audit_checks::page::Lang;

use crate::{cli, config::Config, error::Error, files, output, pipeline::Judge, select::Selection};

/// Runs the command, and tells the exit code.
///
/// # Errors
/// When arguments, configuration or the snapshot are wrong, or a report cannot be written.
pub fn run(arguments: &cli::Evaluate, lang: Lang) -> Result<u8, Error> {
    let config = Config::load(arguments.select.config.as_ref())?;
    let selection = Selection::new(&arguments.select, &config)?;
    let baseline = arguments.report.baseline.as_deref().map(files::read_report).transpose()?;
    output::writable(&arguments.report)?;
    let snapshot = files::read_snapshot(&arguments.snapshot)?;
    let judge = Judge { selection, config: &config, lang };
    judge.report(&snapshot, None, baseline.as_ref(), &arguments.report)
}
