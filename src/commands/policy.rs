//! `policy`: the least-privilege IAM policy of a scan.

use std::collections::BTreeSet;

use aws_audit_checks::{
    registry,
    source::{self, Source},
};

use crate::{cli, config::Config, error::Error, output, select::Selection};

/// Runs the command.
///
/// # Errors
/// When arguments or configuration are wrong.
pub fn run(arguments: &cli::Policy) -> Result<u8, Error> {
    let select = &arguments.select;
    let everything = select.checks.is_empty()
        && select.skip_checks.is_empty()
        && select.antipatterns.is_empty()
        && select.framework.is_none();
    let sources: BTreeSet<_> = if everything {
        Source::ALL.iter().copied().collect()
    } else {
        let selection = Selection::new(select, &Config::load(select.config.as_ref())?)?;
        registry::sources(selection.checks).into_iter().chain(source::ALWAYS).collect()
    };
    output::json(&source::iam_policy(sources))?;
    Ok(0)
}
