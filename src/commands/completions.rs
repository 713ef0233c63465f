//! `completions`: a completion script for a shell.

use clap::CommandFactory as _;

use crate::{
    cli::{Cli, Completions},
    error::Error,
    output,
};

/// Runs the command.
///
/// # Errors
/// When standard output cannot be written.
pub fn run(arguments: &Completions) -> Result<u8, Error> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Cli::command(), "aws-audit", &mut script);
    output::print(format_args!("{}", String::from_utf8_lossy(&script)))?;
    Ok(0)
}
