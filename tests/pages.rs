//! What pages, README and help text speak of exists: commands, flags, settings, ids of checks.

use std::{collections::BTreeSet, fs, path::PathBuf};

use aws_audit::cli::Cli;
use aws_audit_checks::{organization::chains, page::Lang, registry, settings::Settings};
use clap::Parser as _;

/// Texts for users with what to call them: the check pages, README and docs.
fn texts() -> Vec<(String, String)> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let mut texts = Vec::new();
    for file in walk(&root.join("checks/src/catalog")).into_iter().chain(walk(&root.join("docs"))) {
        texts.push((file.display().to_string(), fs::read_to_string(&file).unwrap()));
    }
    for name in ["README.md", "README.ja.md"] {
        texts.push((name.to_owned(), fs::read_to_string(root.join(name)).unwrap()));
    }
    // The checks of a family share their pages.
    let modules: BTreeSet<_> = registry::all().map(|entry| entry.module).collect();
    assert!(texts.len() > 2 * modules.len());
    texts
}

fn walk(directory: &std::path::Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(walk(&path));
        } else if path.extension().is_some_and(|ending| ending == "md") {
            files.push(path);
        }
    }
    files
}

/// The texts between backticks.
fn spans(text: &str) -> impl Iterator<Item = &str> {
    // Blocks of code have three, which leaves nothing between the first two.
    text.split('`').skip(1).step_by(2).filter(|span| !span.is_empty() && !span.contains('\n'))
}

/// Words as a shell splits them, as far as our examples go: quotes, no escapes; what follows a pipe, a redirection
/// or a comment is not the program's.
fn words(command: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quote = None;
    for c in command.chars() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '\'' | '"') => quote = Some(c),
            (None, ' ') => words.push(String::new()),
            _ => words.last_mut().unwrap().push(c),
        }
    }
    words.retain(|word| !word.is_empty());
    let end = words.iter().position(|word| ["|", ">", "#", "&&", ";", "\\"].contains(&word.as_str()));
    words.truncate(end.unwrap_or(words.len()));
    words
}

/// Commands of ours that a text shows: in backticks, or on a line of a block, with or without a schedule before it.
fn commands(text: &str) -> BTreeSet<String> {
    let lines = text.lines().filter(|line| !line.contains('`')).filter_map(|line| {
        let at = line.find("aws-audit ")?;
        let before = line[..at].trim();
        // "aws-audit 0.1.0" is what it says of itself.
        let names_a_command =
            line[at..].split(' ').nth(1).is_some_and(|word| word.starts_with(char::is_alphabetic));
        let is_command =
            before.is_empty() || before == "$" || before.ends_with('*') || before.ends_with("&&");
        let ended = line[at..].split(" -- ").next().unwrap_or_default();
        (is_command && names_a_command).then_some(ended)
    });
    let spans = spans(text).filter(|span| span.starts_with("aws-audit "));
    lines.chain(spans).map(str::to_owned).collect()
}

#[test]
fn every_command_that_is_shown_is_one() {
    let mut seen = 0;
    for (file, text) in texts() {
        for command in commands(&text) {
            // A placeholder in capitals or Japanese stands for any value.
            let words = words(&command);
            let problem = Cli::try_parse_from(&words).err().filter(|error| {
                use clap::error::ErrorKind::{DisplayHelp, DisplayVersion, InvalidValue, ValueValidation};
                !matches!(error.kind(), DisplayHelp | DisplayVersion | InvalidValue | ValueValidation)
            });
            assert!(problem.is_none(), "{file}: `{command}`: {}", problem.unwrap());
            seen += 1;
        }
    }
    assert!(seen > 20, "{seen}");
}

#[test]
fn every_setting_that_is_named_is_one() {
    let known: serde_json::Value = serde_json::to_value(Settings::default()).unwrap();
    let known: BTreeSet<_> = known.as_object().unwrap().keys().cloned().collect();
    let mut seen = 0;
    for (file, text) in texts() {
        for line in text.lines().filter(|line| line.contains("aws-audit.toml")) {
            let is_of_a_key = |c: char| c.is_ascii_lowercase() || c == '_';
            for key in line.split(|c| !is_of_a_key(c)).filter(|word| word.trim_matches('_').contains('_')) {
                assert!(known.contains(key), "{file}: no setting is called `{key}`: {line}");
                seen += 1;
            }
        }
    }
    assert!(seen >= 10, "{seen}");
}

#[test]
fn every_check_that_is_named_is_one() {
    let mut known: BTreeSet<_> = registry::all().map(|entry| entry.check.id).collect();
    // What only reports of organizations tell.
    known.extend([chains::CHAIN, chains::MANAGEMENT]);
    let services: BTreeSet<_> = known.iter().filter_map(|id| id.split('-').next()).collect();
    for (file, text) in texts() {
        for span in spans(&text) {
            let is_id = span.split('-').count() > 2
                && span.split('-').next().is_some_and(|service| services.contains(service))
                && span
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
            assert!(!is_id || known.contains(span), "{file}: no check is called `{span}`");
        }
    }
}

/// Only templates of messages are filled in; elsewhere two braces would be printed as they stand.
#[test]
fn prose_has_no_braces_of_templates() {
    for entry in registry::all() {
        for lang in [Lang::En, Lang::Ja] {
            // CloudFormation's dynamic references are written so.
            let body = entry.page(lang).body.replace("{{resolve:", "");
            assert!(!body.contains("{{"), "{} {lang:?}: {{{{", entry.check.id);
        }
    }
}
