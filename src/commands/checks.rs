//! `checks`: list the checks.

use std::collections::{BTreeMap, BTreeSet};

use aws_audit_checks::{finding::Severity, framework, page::Lang, registry, source};
use comfy_table::{ContentArrangement, Table, presets};
use serde::Serialize;

use crate::{
    cli::{self, Format},
    config::Config,
    error::Error,
    output,
    select::Selection,
};

/// A check in the list.
#[derive(Debug, Serialize)]
struct Listed {
    id: &'static str,
    severity: Severity,
    title: String,
    controls: BTreeMap<&'static str, Vec<&'static str>>,
    /// IAM actions that it needs.
    actions: BTreeSet<&'static str>,
}

/// Runs the command.
///
/// # Errors
/// When arguments or configuration are wrong, or the list cannot be written.
pub fn run(arguments: &cli::Checks, lang: Lang) -> Result<u8, Error> {
    let config = Config::load(arguments.select.config.as_ref())?;
    let selection = Selection::new(&arguments.select, &config)?;
    let listed: Vec<_> = selection
        .checks
        .iter()
        .map(|entry| Listed {
            id: entry.check.id,
            severity: entry.check.severity,
            title: entry.page(lang).title.clone(),
            controls: framework::controls_of(entry.check.id),
            actions: source::actions(registry::sources([*entry])),
        })
        .collect();
    match arguments.format {
        Format::Json => output::json(&listed)?,
        Format::Table => {
            let mut table = Table::new();
            table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
            table.set_width(output::width().try_into().unwrap_or(u16::MAX));
            for check in &listed {
                table.add_row([check.id, check.severity.name(), &check.title]);
            }
            output::print(format_args!("{}\n", table.trim_fmt()))?;
        }
    }
    Ok(0)
}
