//! `checks`: list the checks, or the controls of a framework with what judges them.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    path::Path,
};

use aws_audit_checks::{
    finding::Severity,
    framework::{self, Coverage, Framework, Part},
    gap::Gap,
    life_cycle::{self, LifeCycle},
    page::Lang,
    registry, source,
};
use aws_audit_custom::Answer;
use aws_audit_report::text::{escape, wrap};
use comfy_table::{ContentArrangement, Table, presets};
use serde::Serialize;

use crate::{
    cli::{self, ChecksCommand, ListFormat},
    config::Config,
    custom,
    error::{EXIT_FINDINGS, Error, Said, said},
    files, output,
    select::Selection,
};

/// A check in the list.
#[derive(Debug, Serialize)]
struct Listed {
    id: &'static str,
    severity: Severity,
    title: String,
    #[serde(flatten)]
    life_cycle: LifeCycle,
    controls: BTreeMap<&'static str, Vec<&'static str>>,
    /// IAM actions that it needs.
    actions: BTreeSet<&'static str>,
}

/// A framework with its controls.
#[derive(Debug, Serialize)]
struct Mapping<'a> {
    id: &'a str,
    title: &'a str,
    controls: Vec<Mapped<'a>>,
}

/// A control, and what judges it: `checks`, `manual` or `not_covered`.
#[derive(Debug, Serialize)]
struct Mapped<'a> {
    id: &'a str,
    title: &'a str,
    #[serde(flatten)]
    coverage: JudgedBy<'a>,
}

/// [`Coverage`] in one language.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
enum JudgedBy<'a> {
    Checks(&'a [Part]),
    Manual(&'a str),
    NotCovered(&'a str),
}

/// Runs the command.
///
/// # Errors
/// When arguments or configuration are wrong, or the list cannot be written.
pub fn run(arguments: &cli::Checks, lang: Lang) -> Result<u8, Error> {
    match &arguments.command {
        Some(ChecksCommand::Test { directory }) => return test(directory, lang),
        Some(ChecksCommand::Schema { resource }) => return schema(resource.as_deref(), lang),
        Some(ChecksCommand::Try { expression, resource, snapshot }) => {
            return attempt(expression, resource, snapshot, lang);
        }
        None => {}
    }
    let select = &arguments.select;
    let config = Config::load(select.config.as_ref())?;
    let selection = Selection::new(select, &config)?;
    // A selection of checks is what was asked for then, not the framework as a whole.
    let narrowed =
        !(select.checks.is_empty() && select.skip_checks.is_empty() && select.antipatterns.is_empty());
    if select.framework.is_some() && !narrowed {
        mapping(selection.framework, arguments.format, lang)?;
    } else {
        list(&selection, arguments.format, lang)?;
    }
    Ok(0)
}

/// Runs the tests of a directory: exit code 1 when one fails.
fn test(directory: &Path, lang: Lang) -> Result<u8, Error> {
    let results = aws_audit_custom::test_directory(directory).map_err(custom::wrong)?;
    for result in &results {
        output::print(format_args!("{}\n", escape(&result.text(lang))))?;
    }
    let (all, failed) = (results.len(), results.iter().filter(|result| !result.is_passed()).count());
    match lang {
        Lang::En => output::print(format_args!("{all} tests, {failed} failed\n"))?,
        Lang::Ja => output::print(format_args!("テスト{all}件、失敗{failed}件\n"))?,
    }
    Ok(if failed > 0 { EXIT_FINDINGS } else { 0 })
}

fn schema(resource: Option<&str>, lang: Lang) -> Result<u8, Error> {
    match resource {
        Some(resource) => {
            let schema = aws_audit_custom::schema(resource).map_err(|help| {
                let what = said(
                    format!("there is no kind of resource `{resource}`"),
                    format!("`{resource}` という種類のリソースはありません"),
                );
                Error::usage(what.with_help(Said::in_each(|lang| help.get(lang).to_owned())))
            })?;
            output::json(&schema)?;
        }
        None => {
            for noun in aws_audit_custom::view::NOUNS {
                output::print(format_args!(
                    "{:28}{}\n",
                    noun.name,
                    noun.title[usize::from(lang == Lang::Ja)]
                ))?;
            }
        }
    }
    Ok(0)
}

/// What the expression comes to for each resource, in a line each.
fn attempt(expression: &str, resource: &str, snapshot: &Path, lang: Lang) -> Result<u8, Error> {
    let snapshot = files::read_snapshot(snapshot)?;
    let settings = Config::load(None)?.settings;
    let trial = aws_audit_custom::try_expression(expression, resource, &snapshot, &settings)
        .map_err(custom::wrong)?;
    for one in trial.tried {
        let answer = match one.answer {
            Answer::Known(value) => value.to_string(),
            Answer::Unread(gaps) => unread(&gaps, lang),
            Answer::NotOffered => said("not applicable", "対象外").get(lang).to_owned(),
            Answer::Failed(why) => format!("{}: {why}", said("unknown", "不明").get(lang)),
        };
        output::print(format_args!("{}\n", escape(&format!("{}  {answer}", one.arn))))?;
    }
    for one in trial.unlisted {
        let text = format!("{}  {}", one.resource.arn, unread(&one.gaps, lang));
        output::print(format_args!("{}\n", escape(&text)))?;
    }
    Ok(0)
}

fn unread(gaps: &[Gap], lang: Lang) -> String {
    let operations = gaps.iter().map(|gap| gap.operation.as_str()).collect::<Vec<_>>().join(", ");
    format!("{}: {operations}", said("unknown", "不明").get(lang))
}

fn list(selection: &Selection, format: ListFormat, lang: Lang) -> Result<(), Error> {
    let listed: Vec<_> = selection
        .checks
        .iter()
        .map(|entry| Listed {
            id: entry.check.id,
            severity: entry.check.severity,
            title: entry.page(lang).title.clone(),
            life_cycle: life_cycle::of(entry.check.id),
            controls: framework::controls_of(entry.check.id),
            actions: source::actions(registry::sources([*entry])),
        })
        .collect();
    match format {
        ListFormat::Json => output::json(&listed),
        ListFormat::Table => {
            let mut table = Table::new();
            table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
            table.set_width(output::width().try_into().unwrap_or(u16::MAX));
            for check in &listed {
                table.add_row([check.id, check.severity.name(), &check.title]);
            }
            output::print(format_args!("{}\n", table.trim_fmt()))
        }
    }
}

fn mapping(framework: &Framework, format: ListFormat, lang: Lang) -> Result<(), Error> {
    match format {
        ListFormat::Json => output::json(&Mapping {
            id: &framework.id,
            title: framework.title.get(lang),
            controls: framework
                .controls
                .iter()
                .map(|control| Mapped {
                    id: &control.id,
                    title: control.title.get(lang),
                    coverage: match &control.coverage {
                        Coverage::Checks(parts) => JudgedBy::Checks(parts),
                        Coverage::Manual(what) => JudgedBy::Manual(what.get(lang)),
                        Coverage::NotCovered(why) => JudgedBy::NotCovered(why.get(lang)),
                    },
                })
                .collect(),
        }),
        ListFormat::Table => {
            output::print(format_args!("{}", mapping_text(framework, lang, output::width())))
        }
    }
}

/// Each control with its title and, below, its checks or why it has none.
fn mapping_text(framework: &Framework, lang: Lang, width: usize) -> String {
    let mut text = format!("{}\n\n", framework.title.get(lang));
    let mut counts = [0; 3];
    for control in &framework.controls {
        let (kind, below) = match &control.coverage {
            Coverage::Checks(parts) => {
                (0, parts.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))
            }
            Coverage::Manual(what) => (1, labelled("manual", "手動確認", what.get(lang), lang)),
            Coverage::NotCovered(why) => (2, labelled("not covered", "対象外", why.get(lang), lang)),
        };
        counts[kind] += 1;
        let title = format!("{} {}", control.id, control.title.get(lang));
        for (at, line) in wrap(&title, width.saturating_sub(INDENT.len())).iter().enumerate() {
            let indent = if at == 0 { "" } else { INDENT };
            let _ = writeln!(text, "{indent}{line}");
        }
        for line in wrap(&below, width.saturating_sub(INDENT.len())) {
            let _ = writeln!(text, "{INDENT}{line}");
        }
    }
    let [judged, manual, not_covered] = counts;
    let _ = match lang {
        Lang::En => writeln!(text, "\n{judged} judged by checks, {manual} manual, {not_covered} not covered"),
        Lang::Ja => writeln!(text, "\nチェックで判定 {judged}、手動確認 {manual}、対象外 {not_covered}"),
    };
    text
}

const INDENT: &str = "    ";

fn labelled(english: &str, japanese: &str, text: &str, lang: Lang) -> String {
    match lang {
        Lang::En => format!("{english}: {text}"),
        Lang::Ja => format!("{japanese}：{text}"),
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;
    use aws_audit_report::text::width;

    fn small() -> Framework {
        let text = |en: &str, ja: &str| toml::from_str(&format!("en = '{en}'\nja = '{ja}'")).unwrap();
        let control = |id: &str, title: &str, coverage| framework::Control {
            id: id.into(),
            title: toml::from_str(&format!("en = '{title}'")).unwrap(),
            coverage,
        };
        Framework {
            id: "small".into(),
            title: toml::from_str("en = 'Small v1'\nja = '小'").unwrap(),
            controls: vec![
                control(
                    "1.9",
                    "Ensure that credentials which nobody uses any more are disabled",
                    Coverage::Checks(
                        ["iam-access-key-unused", "iam-password-unused@AWS::IAM::User"]
                            .map(|written| written.to_owned().try_into().unwrap())
                            .into(),
                    ),
                ),
                control(
                    "1.10",
                    "Ensure questions",
                    Coverage::Manual(text("Look into the console.", "コンソールを確認")),
                ),
                control(
                    "1.11",
                    "Ensure queues",
                    Coverage::NotCovered(text("queues are not read", "キューは対象外")),
                ),
            ],
        }
    }

    #[test]
    fn controls_are_shown_with_what_judges_them() {
        expect![[r#"
            Small v1

            1.9 Ensure that credentials which nobody
                uses any more are disabled
                iam-access-key-unused,
                iam-password-unused@AWS::IAM::User
            1.10 Ensure questions
                manual: Look into the console.
            1.11 Ensure queues
                not covered: queues are not read

            1 judged by checks, 1 manual, 1 not covered
        "#]]
        .assert_eq(&mapping_text(&small(), Lang::En, 44));
        let japanese = mapping_text(&small(), Lang::Ja, 80);
        for words in
            ["手動確認：コンソールを確認", "対象外：キューは対象外", "チェックで判定 1、手動確認 1、対象外 1"]
        {
            assert!(japanese.contains(words), "{japanese}");
        }
    }

    #[test]
    fn no_line_is_too_wide() {
        for framework in framework::all() {
            for lang in [Lang::En, Lang::Ja] {
                let text = mapping_text(framework, lang, 80);
                assert_eq!(text.lines().find(|line| width(line) > 80), None, "{}", framework.id);
            }
        }
    }
}
