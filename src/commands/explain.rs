//! `explain`: a check's page, with the controls that it judges.

use aws_audit_checks::{framework, life_cycle, page::Lang, registry};

use crate::{cli, custom, error::Error, output, select::unknown_check};

/// Runs the command.
///
/// # Errors
/// When there is no such check.
pub fn run(arguments: &cli::Explain, lang: Lang) -> Result<u8, Error> {
    custom::load(&arguments.custom)?;
    let entry = registry::find(&arguments.id).ok_or_else(|| unknown_check(&arguments.id))?;
    let page = entry.page(lang);
    // Whoever has written a check knows since when.
    let life = if entry.is_custom() {
        String::new()
    } else {
        format!(" · {}", life_cycle::of(entry.check.id).line(lang))
    };
    let heading = match lang {
        Lang::En => "Controls",
        Lang::Ja => "対応するコントロール",
    };
    output::print(format_args!(
        "# {}\n\n{} · {}{life}\n\n{}\n\n## {heading}\n\n- {}\n",
        page.title,
        entry.check.id,
        entry.check.severity.name(),
        page.body,
        framework::lines_of(entry.check.id, lang).join("\n- ")
    ))?;
    Ok(0)
}
