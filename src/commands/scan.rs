//! `scan`: collect, judge, report.

use aws_audit_checks::page::Lang;

use crate::{
    cli,
    config::Config,
    error::{Error, said},
    files, organization, output,
    pipeline::{Judge, from_account, from_recording, sources},
    select::Selection,
};

/// Runs the command, and tells the exit code.
///
/// # Errors
/// When arguments or configuration are wrong, nothing can be read, or a file cannot be written.
pub async fn run(arguments: cli::Scan, lang: Lang) -> Result<u8, Error> {
    if arguments.organization.is_wanted() {
        return organization::scan::run(arguments, lang).await;
    }
    if let Some(name) = arguments.organization.needless() {
        return Err(Error::usage(said(
            format!("{name} is for many accounts: --organization, --accounts-file or --resume is missing"),
            format!(
                "{name} は複数アカウント用です。--organization、--accounts-file、--resume のいずれかが必要です"
            ),
        )));
    }
    let config = Config::load(arguments.select.config.as_ref())?;
    let selection = Selection::new(&arguments.select, &config)?;
    let baseline = arguments.report.baseline.as_deref().map(files::read_report).transpose()?;
    output::writable(&arguments.report)?;
    if let Some(path) = &arguments.save_snapshot {
        files::writable(path)?;
    }
    let verbose = arguments.connect.verbose;
    let collection = if arguments.demo {
        from_recording(sources(&selection.checks)).await?
    } else {
        let sources = sources(&selection.checks);
        from_account(arguments.connect, &config, sources, lang).await?
    };
    if let Some(path) = &arguments.save_snapshot {
        files::write_snapshot(path, &collection.snapshot)?;
    }
    output::run(&collection.snapshot, verbose, lang);
    let judge = Judge { selection, config: &config, lang };
    judge.report(&collection.snapshot, collection.stopped, baseline.as_ref(), &arguments.report)
}
