//! `merge`: the report of an organization, of accounts' reports.

use aws_audit_checks::page::Lang;

use crate::{
    cli,
    error::{EXIT_NOTHING, Error},
    organization::{
        Directory,
        merge::{Merged, merge},
        report::{Targets, write_json},
    },
    output,
    pipeline::exit_code,
};

/// Runs the command, and tells the exit code.
///
/// # Errors
/// When a file cannot be read or written, or does not belong to the others.
pub fn run(arguments: &cli::Merge, lang: Lang) -> Result<u8, Error> {
    let targets = Targets::new(arguments.format.as_deref(), &arguments.output)?;
    let Merged { report, worst } = merge(&arguments.directory, arguments.plan.as_deref(), lang)?;
    if arguments.output.is_empty() {
        let path = Directory::open(&arguments.directory).organization();
        write_json(&path, &report)?;
        output::written(&path, lang);
    }
    targets.write(&report, lang)?;
    if report.accounts.is_empty() {
        return Ok(EXIT_NOTHING);
    }
    Ok(exit_code(arguments.fail_on, worst, None, report.is_incomplete()))
}
