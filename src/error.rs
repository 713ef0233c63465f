//! What stops the program, and with which exit code.

use std::{fmt, path::Path};

use aws_audit_checks::page::Lang;

/// A reason to stop, told on standard error: what happened, where, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// What the process exits with.
    pub exit_code: u8,
    said: Said,
    /// Whether the program itself failed.
    is_internal: bool,
}

/// What is said, in each language. Words of others (the system's, AWS's, a parser's) stand in both as they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    pub(crate) en: String,
    pub(crate) ja: String,
}

/// Says something in both languages.
pub fn said(en: impl Into<String>, ja: impl Into<String>) -> Said {
    Said { en: en.into(), ja: ja.into() }
}

/// The help that names what may have been meant.
pub(crate) fn did_you_mean(known: &str) -> Said {
    said(format!("did you mean `{known}`?"), format!("`{known}` ではありませんか"))
}

impl Said {
    /// What others say, in their words.
    pub fn words(words: impl fmt::Display) -> Self {
        let words = words.to_string();
        Self { en: words.clone(), ja: words }
    }

    /// What is told in a language that is asked for.
    pub(crate) fn in_each(told: impl Fn(Lang) -> String) -> Self {
        Self { en: told(Lang::En), ja: told(Lang::Ja) }
    }

    /// In a sentence of each language that what is said stands in.
    pub(crate) fn within(&self, en: impl FnOnce(&str) -> String, ja: impl FnOnce(&str) -> String) -> Self {
        Self { en: en(&self.en), ja: ja(&self.ja) }
    }

    /// With what to do about it. Further lines of the help stand below its first one.
    #[must_use]
    pub fn with_help(self, help: Said) -> Self {
        let (en, ja) = (help.en.replace('\n', "\n      "), help.ja.replace('\n', "\n        "));
        Self { en: format!("{}\nhelp: {en}", self.en), ja: format!("{}\nヒント：{ja}", self.ja) }
    }

    /// With what is behind it, in the words of others.
    #[must_use]
    pub fn with_cause(self, words: &str) -> Self {
        Self { en: format!("{}\ncause: {words}", self.en), ja: format!("{}\n原因：{words}", self.ja) }
    }

    /// Whether it tells what to do.
    #[must_use]
    pub fn has_help(&self) -> bool {
        self.en.contains("\nhelp: ")
    }

    /// In that language, without what to do.
    #[must_use]
    pub fn without_help(&self, lang: Lang) -> &str {
        let help = if lang == Lang::Ja { "\nヒント：" } else { "\nhelp: " };
        self.get(lang).split(help).next().unwrap_or_default()
    }

    /// In that language.
    #[must_use]
    pub fn get(&self, lang: Lang) -> &str {
        match lang {
            Lang::En => &self.en,
            Lang::Ja => &self.ja,
        }
    }
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
    #[must_use]
    pub const fn usage(said: Said) -> Self {
        Self { exit_code: EXIT_USAGE, said, is_internal: false }
    }

    /// Nothing could be read: no credentials, no network.
    #[must_use]
    pub const fn nothing(said: Said) -> Self {
        Self { exit_code: EXIT_NOTHING, said, is_internal: false }
    }

    /// The program itself failed.
    #[must_use]
    pub const fn internal(said: Said) -> Self {
        Self { exit_code: EXIT_NOTHING, said, is_internal: true }
    }

    /// Whether the program itself failed: a bug.
    #[must_use]
    pub const fn is_internal(&self) -> bool {
        self.is_internal
    }

    /// What is said.
    #[must_use]
    pub const fn said(&self) -> &Said {
        &self.said
    }

    /// A file that makes no sense, or could not be written.
    #[must_use]
    pub fn file(path: &Path, what: Said) -> Self {
        let path = path.display();
        Self::usage(said(format!("{path}: {}", what.en), format!("{path}：{}", what.ja)))
    }

    /// A file that could not be read or written, in the system's or a parser's words.
    pub fn io(path: &Path, error: impl fmt::Display) -> Self {
        Self::file(path, Said::words(error))
    }

    /// The message as it goes to standard error.
    #[must_use]
    pub fn message(&self, lang: Lang) -> String {
        match lang {
            Lang::En => format!("error: {}", self.said.en),
            Lang::Ja => format!("エラー：{}", self.said.ja),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.said.en)
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
