//! Reads the user's files.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
};

use aws_audit_checks::{framework::Framework, likeness::nearest, registry};

use crate::{
    definition::{self, Definition},
    limits,
    problem::{Problem, Problems, instead, said},
};

/// Reads the checks of a directory: every `*.toml` in it that does not begin with a dot, by name.
///
/// # Errors
/// All that is wrong with all files.
pub fn directory(directory: &Path) -> Result<Vec<Definition>, Problems> {
    let files = files_of(directory).map_err(|error| Problems(vec![unreadable(directory, &error)]))?;
    let (mut definitions, mut problems): (Vec<Definition>, Vec<Problem>) = (Vec::new(), Vec::new());
    let mut files_by_id: BTreeMap<String, String> = BTreeMap::new();
    for path in files {
        let file = path.display().to_string();
        let text = match text_of(&path) {
            Ok(text) => text,
            Err(error) => {
                problems.push(unreadable(&path, &error));
                continue;
            }
        };
        match definition::parse(&file, &text) {
            Ok(definition) => {
                if let Some(first) = files_by_id.insert(definition.id.clone(), file.clone()) {
                    let what = said(
                        format!("{first} has a check of that id too"),
                        format!("{first} に同じIDのチェックがあります"),
                    );
                    let help = said("give one of them another id", "どちらかのIDを変えてください");
                    problems.push(Problem { file, line: None, key: "id".into(), what, help: Some(help) });
                }
                definitions.push(definition);
            }
            Err(wrong) => problems.extend(wrong),
        }
    }
    if problems.is_empty() { Ok(definitions) } else { Err(Problems(problems)) }
}

/// Reads a framework of the user's own: TOML as under `checks/frameworks/`. It may name the checks that are defined.
///
/// # Errors
/// When it cannot be read, is no framework, or names a check that there is not.
pub fn framework(path: &Path, definitions: &[Definition]) -> Result<Framework, Problems> {
    let file = path.display().to_string();
    let text = text_of(path).map_err(|error| Problems(vec![unreadable(path, &error)]))?;
    let line =
        |at: usize| text.as_bytes()[..at.min(text.len())].iter().filter(|byte| **byte == b'\n').count() + 1;
    let framework: Framework = toml::from_str(&text).map_err(|error| {
        let message = error.message().trim().to_owned();
        let line = error.span().map(|at| line(at.start));
        let what = said(message.clone(), format!("フレームワークの誤り：{message}"));
        // "unknown field `a`, expected one of `b`, `c`"
        let mut quoted = message.split('`').skip(1).step_by(2);
        let unknown = quoted.next().filter(|_| message.starts_with("unknown field"));
        let help = unknown.map(|unknown| instead(unknown, quoted.collect::<Vec<_>>()));
        Problems(vec![Problem { file: file.clone(), line, key: String::new(), what, help }])
    })?;
    let known: Vec<_> =
        registry::all().map(|it| it.check.id).chain(definitions.iter().map(|it| it.id.as_str())).collect();
    let mut problems = Vec::new();
    for control in &framework.controls {
        for check in control.checks().into_iter().filter(|check| !known.contains(check)) {
            let what = said(
                format!("control {}: no check is called `{check}`", control.id),
                format!("コントロール {}：`{check}` というチェックはありません", control.id),
            );
            let help = match nearest([check], known.iter().copied()) {
                Some(_) => instead(check, known.iter().copied()),
                None => said(
                    "`aws-audit checks` lists them",
                    "チェックの一覧は `aws-audit checks` で確認できます",
                ),
            };
            let line = text.find(check).map(line);
            problems.push(Problem { file: file.clone(), line, key: String::new(), what, help: Some(help) });
        }
    }
    if problems.is_empty() { Ok(framework) } else { Err(Problems(problems)) }
}

/// The TOML files in a directory, by name. What begins with a dot is an editor's.
///
/// # Errors
/// When the directory cannot be read.
pub fn files_of(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        let is_hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if path.extension().is_some_and(|ending| ending == "toml") && !is_hidden {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// The text of a file of bounded size: what a name leads to may be anything.
fn text_of(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    File::open(path)?.take(limits::FILE_BYTES + 1).read_to_string(&mut text)?;
    if text.len() as u64 > limits::FILE_BYTES {
        return Err(io::Error::other(format!("larger than {} bytes", limits::FILE_BYTES)));
    }
    Ok(text)
}

fn unreadable(path: &Path, error: &io::Error) -> Problem {
    let what = said(format!("cannot be read: {error}"), format!("読み取れません：{error}"));
    Problem { file: path.display().to_string(), line: None, key: String::new(), what, help: None }
}
