//! What stops the program, and with which exit code.

use std::{fmt, path::Path};

/// A reason to stop, told on standard error: what happened, where, and what to do.
#[derive(Debug)]
pub struct Error {
    /// What the process exits with.
    pub exit_code: u8,
    message: String,
}

/// Exit code: findings at or above `--fail-on`.
pub const EXIT_FINDINGS: u8 = 1;
/// Exit code: wrong arguments, configuration or input file.
pub const EXIT_USAGE: u8 = 2;
/// Exit code: no such findings, but the scan was incomplete.
pub const EXIT_INCOMPLETE: u8 = 3;
/// Exit code: nothing could be read.
pub const EXIT_NOTHING: u8 = 4;

impl Error {
    /// Wrong arguments, configuration or input file.
    pub fn usage(message: impl Into<String>) -> Self {
        Self { exit_code: EXIT_USAGE, message: message.into() }
    }

    /// Nothing could be read: no credentials, no network.
    pub fn nothing(message: impl Into<String>) -> Self {
        Self { exit_code: EXIT_NOTHING, message: message.into() }
    }

    /// A file that could not be read or written, or makes no sense.
    pub fn file(path: &Path, what: impl fmt::Display) -> Self {
        Self::usage(format!("{}: {what}", path.display()))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

/// The error of that type among an error and what caused it.
#[must_use]
pub fn find<'a, E: std::error::Error + 'static>(
    error: &'a (dyn std::error::Error + 'static),
) -> Option<&'a E> {
    std::iter::successors(Some(error), |error| error.source()).find_map(|error| error.downcast_ref())
}

/// An error with what caused it, from the outside in. Only what errors say of themselves for readers: their
/// insides may hold requests and answers.
#[must_use]
pub fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let message = error.to_string();
        if !text.contains(&message) {
            text.push_str(": ");
            text.push_str(&message);
        }
        cause = error.source();
    }
    text
}
