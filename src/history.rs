//! `--history DIR`: a file for each account with a line for each run. Formats get the last of them with the report.

use std::{fs, io, path::Path};

use aws_audit_checks::{
    history::{History, Run},
    page::Lang,
};

use crate::{
    error::{Error, said},
    files,
};

/// Makes sure, before minutes of scanning, that the directory is there and can be written to.
///
/// # Errors
/// When it cannot.
pub fn writable(directory: &Path) -> Result<(), Error> {
    fs::create_dir_all(directory).map_err(|error| Error::io(directory, error))?;
    files::writable(&directory.join("000000000000.jsonl"))
}

/// Adds a run to the file of its account, and tells the last runs up to it, oldest first. What the file holds that is
/// no run of this account is told and left as it is.
///
/// # Errors
/// When the file cannot be read or written.
pub fn add(directory: &Path, run: Run, lang: Lang) -> Result<Vec<Run>, Error> {
    // The name of a file comes from a snapshot that anybody may have written.
    if run.account.is_empty() || !run.account.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Error::file(
            directory,
            said(
                format!("`{}` is no account id", run.account.escape_default()),
                format!("`{}` はアカウントIDではありません", run.account.escape_default()),
            ),
        ));
    }
    let path = directory.join(format!("{}.jsonl", run.account));
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(Error::io(&path, error)),
    };
    let mut history = History::read(&text, &run.account);
    let name = path.display();
    if !history.unreadable.is_empty() {
        let lines = numbers(&history.unreadable);
        let told = said(
            format!("{name}: not a run: line {lines}"),
            format!("{name}：実行の記録ではない行：{lines}"),
        );
        crate::warn(&told, lang);
    }
    if !history.foreign.is_empty() {
        let lines = numbers(&history.foreign);
        let told = said(
            format!("{name}: of another account: line {lines}"),
            format!("{name}：別のアカウントの行：{lines}"),
        );
        crate::warn(&told, lang);
    }
    let started_at = run.started_at;
    history.add(run);
    files::write(&path, |out| out.write_all(history.text().as_bytes()))?;
    Ok(history.last(started_at))
}

/// `2, 5, 9, …`
fn numbers(lines: &[usize]) -> String {
    const MOST: usize = 5;
    let mut told: Vec<_> = lines.iter().take(MOST).map(ToString::to_string).collect();
    if lines.len() > MOST {
        told.push("…".to_owned());
    }
    told.join(", ")
}
