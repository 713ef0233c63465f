//! The user's own checks and frameworks: loading them, and `checks test`, `checks schema`, `checks try`.

use std::path::{Path, PathBuf};

use aws_audit_checks::page::Lang;
use aws_audit_custom::{
    Answer, Problems, Unlisted, read, register, schema, test_directory, try_expression, view,
};

use aws_audit_report::text::escape;

use crate::{
    config::Config,
    error::{Error, Said, said},
    files, output,
};

/// Makes the user's checks and frameworks known, before anything is selected. To be called once.
///
/// # Errors
/// All that is wrong with all files.
pub fn load(directories: &[PathBuf], frameworks: &[PathBuf]) -> Result<(), Error> {
    if directories.is_empty() && frameworks.is_empty() {
        return Ok(());
    }
    let (mut definitions, mut problems) = (Vec::new(), Vec::new());
    for directory in directories {
        match read::directory(directory) {
            Ok(read) => definitions.extend(read),
            Err(Problems(wrong)) => problems.extend(wrong),
        }
    }
    let mut read_frameworks = Vec::new();
    // Without the checks that a framework may name, all of them would seem to be missing.
    if problems.is_empty() {
        for path in frameworks {
            match read::framework(path, &definitions) {
                Ok(framework) => read_frameworks.push(framework),
                Err(Problems(wrong)) => problems.extend(wrong),
            }
        }
    }
    if !problems.is_empty() {
        return Err(wrong(&Problems(problems)));
    }
    register(definitions, read_frameworks).map_err(|problems| wrong(&problems))
}

fn wrong(problems: &Problems) -> Error {
    Error::usage(Said::in_each(|lang| problems.text(lang)))
}

/// `checks test DIR`: runs the inline tests, and tells the exit code: 1 when one fails.
///
/// # Errors
/// All that is wrong with the files.
pub fn test(directory: &Path, lang: Lang) -> Result<u8, Error> {
    let results = test_directory(directory).map_err(|problems| wrong(&problems))?;
    let failed = results.iter().filter(|result| !result.is_passed()).count();
    for result in &results {
        output::print(format_args!("{}\n", result.text(lang)))?;
    }
    let passed = results.len() - failed;
    match lang {
        Lang::En => output::print(format_args!("\n{passed} passed, {failed} failed\n"))?,
        Lang::Ja => output::print(format_args!("\n成功 {passed}、失敗 {failed}\n"))?,
    }
    Ok(u8::from(failed > 0))
}

/// `checks schema [NOUN]`: the fields of a kind of resource as JSON Schema; without one, the kinds.
///
/// # Errors
/// When there is no such kind.
pub fn fields(noun: Option<&str>, lang: Lang) -> Result<u8, Error> {
    let Some(noun) = noun else {
        for noun in view::NOUNS {
            output::print(format_args!("{}  {}\n", noun.name, noun.title[lang as usize]))?;
        }
        return Ok(0);
    };
    let found = schema(noun).map_err(|help| {
        let what = said(
            format!("there is no kind of resource `{noun}`"),
            format!("`{noun}` という種類のリソースはありません"),
        );
        Error::usage(what.with_help(said(help.get(Lang::En), help.get(Lang::Ja))))
    })?;
    output::json(&found)?;
    Ok(0)
}

/// `checks try EXPRESSION --resource NOUN --snapshot FILE`: what the expression comes to for each resource.
///
/// # Errors
/// When the expression, the kind of resource or the snapshot is wrong.
pub fn attempt(
    expression: &str,
    noun: &str,
    snapshot: &Path,
    config: &Config,
    lang: Lang,
) -> Result<u8, Error> {
    let snapshot = files::read_snapshot(snapshot)?;
    let trial =
        try_expression(expression, noun, &snapshot, &config.settings).map_err(|problems| wrong(&problems))?;
    for it in &trial.tried {
        let answer = match (&it.answer, lang) {
            (Answer::Known(value), _) => value.to_string(),
            (Answer::Unread(gaps), _) => {
                let gaps: Vec<_> = gaps.iter().map(ToString::to_string).collect();
                format!("unknown ({})", gaps.join("; "))
            }
            (Answer::NotOffered, Lang::En) => "not applicable".to_owned(),
            (Answer::NotOffered, Lang::Ja) => "対象外".to_owned(),
            (Answer::Failed(why), Lang::En) => format!("unknown (could not be evaluated: {why})"),
            (Answer::Failed(why), Lang::Ja) => format!("unknown（評価できません：{why}）"),
        };
        output::print(format_args!("{}  {}\n", escape(&it.arn), escape(&answer)))?;
    }
    for Unlisted { resource, gaps } in &trial.unlisted {
        let gaps: Vec<_> = gaps.iter().map(ToString::to_string).collect();
        let (id, gaps) = (escape(&resource.id), gaps.join("; "));
        output::print(format_args!("{} {id}  unknown ({})\n", resource.kind, escape(&gaps)))?;
    }
    Ok(0)
}
