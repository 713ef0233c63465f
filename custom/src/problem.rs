//! What is wrong with the user's files, told so that it can be put right.

use std::fmt;

use aws_audit_checks::{likeness::nearest, page::Lang};

/// A text in both languages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    en: String,
    ja: String,
}

/// A text in both languages.
pub(crate) fn said(en: impl Into<String>, ja: impl Into<String>) -> Said {
    Said { en: en.into(), ja: ja.into() }
}

impl Said {
    /// The text in that language.
    #[must_use]
    pub fn get(&self, lang: Lang) -> &str {
        match lang {
            Lang::En => &self.en,
            Lang::Ja => &self.ja,
        }
    }
}

/// Something wrong in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file, as it was named.
    pub file: String,
    /// The line, counted from 1; none where the file as a whole is meant.
    pub line: Option<usize>,
    /// The key; empty where none is meant.
    pub key: String,
    /// What is wrong.
    pub what: Said,
    /// What to do about it.
    pub help: Option<Said>,
}

impl Problem {
    /// The whole in a language, in one or two lines: `FILE:LINE: KEY: what`, and below how to put it right.
    #[must_use]
    pub fn text(&self, lang: Lang) -> String {
        let mut text = self.file.clone();
        if let Some(line) = self.line {
            text.push_str(&format!(":{line}"));
        }
        text.push_str(": ");
        if !self.key.is_empty() {
            text.push_str(&format!("{}: ", self.key));
        }
        text.push_str(self.what.get(lang));
        if let Some(help) = &self.help {
            let label = if lang == Lang::Ja { "ヒント" } else { "help" };
            text.push_str(&format!("\n  {label}: {}", help.get(lang)));
        }
        text
    }
}

/// Everything that is wrong, of all files: at least one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problems(pub Vec<Problem>);

impl Problems {
    /// All in a language, one below the other.
    #[must_use]
    pub fn text(&self, lang: Lang) -> String {
        let texts: Vec<_> = self.0.iter().map(|problem| problem.text(lang)).collect();
        texts.join("\n")
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(Lang::En))
    }
}

impl std::error::Error for Problems {}

/// The advice to write what is most like it, else what there is.
pub(crate) fn instead<'a>(
    unknown: &str,
    known: impl IntoIterator<Item = &'a str, IntoIter: Clone> + Clone,
) -> Said {
    match nearest([unknown], known.clone()) {
        Some(nearest) => {
            said(format!("did you mean `{nearest}`?"), format!("`{nearest}` の間違いではありませんか？"))
        }
        None => {
            let known: Vec<_> = known.into_iter().collect();
            said(format!("there are {}", known.join(", ")), format!("使えるのは {} です", known.join("、")))
        }
    }
}
