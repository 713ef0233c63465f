//! Checks and frameworks of the user's own: read once, before anything is selected.

use aws_audit_custom::{Problems, read, register};

use crate::{
    cli,
    error::{Error, Said},
};

/// Reads them, and adds them to the program's own.
///
/// # Errors
/// All that is wrong with the files.
pub fn load(files: &cli::Custom) -> Result<(), Error> {
    let definitions = match &files.checks_dir {
        Some(directory) => read::directory(directory).map_err(wrong)?,
        None => Vec::new(),
    };
    let frameworks = files.framework_file.iter().map(|file| read::framework(file, &definitions));
    let frameworks = frameworks.collect::<Result<Vec<_>, _>>().map_err(wrong)?;
    if definitions.is_empty() && frameworks.is_empty() {
        return Ok(());
    }
    register(definitions, frameworks).map_err(wrong)
}

/// The error that tells all of it.
#[expect(clippy::needless_pass_by_value, reason = "what map_err gives")]
pub(crate) fn wrong(problems: Problems) -> Error {
    Error::usage(Said::in_each(|lang| problems.text(lang)))
}
