//! Where an organization's report goes, in which format.

use std::{
    io::{self, BufWriter, IsTerminal as _, Write as _},
    path::{Path, PathBuf},
};

use aws_audit_checks::{organization::OrganizationReport, page::Lang};
use aws_audit_report::{
    Style,
    organization::{Format, write},
};

use crate::{
    error::{Error, Said, said},
    files, output,
};

/// What is written where.
#[derive(Debug)]
pub struct Targets {
    files: Vec<(PathBuf, Format)>,
    standard: Option<Format>,
}

impl Targets {
    /// Of arguments: a format's name for standard output, and files that are named after theirs.
    ///
    /// # Errors
    /// When a name is no format of an organization's report, or a file cannot be written.
    pub fn new(format: Option<&str>, output: &[PathBuf]) -> Result<Self, Error> {
        let named = |name: &str| {
            Format::named(name).ok_or_else(|| {
                let what = said(
                    format!("`{name}` is no format of an organization's report"),
                    format!("`{name}` は組織レポートの形式ではありません"),
                );
                Error::usage(what.with_help(said(
                    "there are table, json, html and markdown; each account's report is JSON, of which `aws-audit` \
                     makes nothing else",
                    "使えるのは table、json、html、markdown です。各アカウントのレポートはJSONです",
                )))
            })
        };
        let mut standard = format.map(named).transpose()?;
        let mut files = Vec::new();
        for path in output {
            if path == Path::new("-") {
                standard = standard.or(Some(Format::default()));
                continue;
            }
            let ending = path.extension().unwrap_or_default().to_string_lossy();
            let format = Format::of_ending(&ending).ok_or_else(|| {
                Error::file(
                    path,
                    said("no format goes by this name", "ファイル名から形式を判断できません").with_help(
                        said(
                            "end it in .json, .html, .md or .txt",
                            "名前を .json、.html、.md、.txt のいずれかで終えてください",
                        ),
                    ),
                )
            })?;
            files::writable(path)?;
            files.push((path.clone(), format));
        }
        if files.is_empty() && standard.is_none() {
            standard = Some(Format::default());
        }
        Ok(Self { files, standard })
    }

    /// Writes the report.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, report: &OrganizationReport, lang: Lang) -> Result<(), Error> {
        for (path, format) in &self.files {
            let style = Style { lang, ..Style::default() };
            files::write(path, |out| write(report, *format, &style, false, out))?;
            output::written(path, lang);
        }
        if let Some(format) = self.standard {
            let style = output::style(lang);
            let mut out = BufWriter::new(io::stdout().lock());
            let written = write(report, format, &style, is_ascii(), &mut out).and_then(|()| out.flush());
            match written {
                Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                    return Err(Error::usage(Said::words(format!("standard output: {error}"))));
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// Writes an organization's report as JSON.
///
/// # Errors
/// When it cannot be written.
pub fn write_json(path: &Path, report: &OrganizationReport) -> Result<(), Error> {
    files::write(path, |out| write(report, Format::Json, &Style::default(), false, out))
}

/// Whether standard output is a terminal whose characters are ASCII alone: the locale names no UTF-8 (POSIX: the first
/// variable that is set decides).
fn is_ascii() -> bool {
    let set = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(set).unwrap_or_default();
    let locale = locale.to_ascii_lowercase();
    io::stdout().is_terminal() && !locale.contains("utf-8") && !locale.contains("utf8")
}
