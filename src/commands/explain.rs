//! `explain`: a check's page.

use aws_audit_checks::{framework, page::Lang, registry};

use crate::{cli, error::Error, output, select::unknown_check};

/// Runs the command.
///
/// # Errors
/// When there is no such check.
pub fn run(arguments: &cli::Explain, lang: Lang) -> Result<u8, Error> {
    let entry = registry::find(&arguments.id).ok_or_else(|| unknown_check(&arguments.id))?;
    let page = entry.page(lang);
    let controls = framework::controls_of(entry.check.id);
    let controls: Vec<_> = controls.iter().map(|(name, ids)| format!("{name} {}", ids.join(", "))).collect();
    output::print(format_args!(
        "# {}\n\n{} · {} · {}\n\n{}\n",
        page.title,
        entry.check.id,
        entry.check.severity.name(),
        controls.join(" · "),
        page.body
    ))?;
    Ok(0)
}
