//! Which checks to run, from arguments and configuration.

use aws_audit_checks::{
    check::Entry,
    framework::{self, Framework},
    life_cycle,
    likeness::nearest,
    registry,
};

use crate::{
    cli,
    config::Config,
    custom,
    error::{Error, Said, did_you_mean, said},
};

/// The checks to run, and the framework to score them along.
#[derive(Debug)]
pub struct Selection {
    /// The checks, in the registry's order.
    pub checks: Vec<&'static Entry>,
    /// The framework.
    pub framework: &'static Framework,
}

impl Selection {
    /// What the arguments select; what they leave open, the configuration does.
    ///
    /// # Errors
    /// When checks or frameworks of the user's own are wrong, or a glob, number or framework names nothing.
    pub fn new(arguments: &cli::Select, config: &Config) -> Result<Self, Error> {
        custom::load(&cli::Custom {
            checks_dir: arguments.custom.checks_dir.clone().or_else(|| config.checks_dir.clone()),
            framework_file: if arguments.custom.framework_file.is_empty() {
                config.framework_files.clone()
            } else {
                arguments.custom.framework_file.clone()
            },
        })?;
        let framework = find_framework(arguments.framework.as_ref().or(config.framework.as_ref()))?;
        let wanted = if arguments.checks.is_empty() { &config.checks } else { &arguments.checks };
        let skipped: Vec<_> = arguments.skip_checks.iter().chain(&config.skip_checks).collect();
        for glob in wanted.iter().chain(skipped.iter().copied()) {
            known(glob)?;
        }
        let numbered = numbered(&arguments.antipatterns)?;
        let in_framework = |id: &str| framework::controls_of(id).contains_key(framework.id.as_str());
        let checks = registry::all().filter(|entry| {
            let id = entry.check.id;
            // A check that is named outright runs, whatever framework it belongs to.
            let named = wanted.iter().any(|glob| matches(glob, id));
            // Whoever loads checks of their own wants them to run, whatever framework they belong to.
            let by_default = entry.is_custom() || in_framework(id) && entry.runs_by_default;
            let wanted = if wanted.is_empty() { by_default } else { named };
            wanted
                && !skipped.iter().any(|glob| matches(glob, id))
                && (arguments.antipatterns.is_empty() || numbered.contains(&id))
        });
        let checks: Vec<_> = checks.collect();
        if checks.is_empty() {
            return Err(Error::usage(
                said("no check is left to run", "実行するチェックがありません").with_help(list_of_checks()),
            ));
        }
        Ok(Self { checks, framework })
    }
}

fn find_framework(id: Option<&String>) -> Result<&'static Framework, Error> {
    let id = id.map_or(framework::DEFAULT, String::as_str);
    framework::find(id).ok_or_else(|| {
        let known: Vec<_> = framework::all().iter().map(|framework| framework.id.as_str()).collect();
        let what = said(
            format!("no framework is called `{id}`"),
            format!("`{id}` というフレームワークはありません"),
        );
        let known = (known.join(", "), known.join("、"));
        let help = said(format!("there are {}", known.0), format!("使えるのは {} です", known.1));
        Error::usage(what.with_help(help))
    })
}

/// The checks of the anti-patterns of those numbers.
fn numbered(numbers: &[u32]) -> Result<Vec<&'static str>, Error> {
    let framework = find_framework(None)?;
    let mut checks = Vec::new();
    for number in numbers {
        let control = framework.controls.iter().find(|control| control.id == number.to_string());
        let control = control.ok_or_else(|| {
            let what = said(
                format!("there is no anti-pattern {number}"),
                format!("アンチパターン {number} はありません"),
            );
            Error::usage(what.with_help(said("they are numbered 1 to 21", "番号は 1 から 21 までです")))
        })?;
        if control.checks().is_empty() {
            return Err(Error::usage(said(
                format!("anti-pattern {number} has no check yet"),
                format!("アンチパターン {number} を判定するチェックはまだありません"),
            )));
        }
        checks.extend(control.checks());
    }
    Ok(checks)
}

fn known(glob: &str) -> Result<(), Error> {
    if registry::all().any(|entry| matches(glob, entry.check.id)) { Ok(()) } else { Err(unknown_check(glob)) }
}

/// The error about an id or glob that names no check, with the nearest id.
pub fn unknown_check(id: &str) -> Error {
    let ids: Vec<_> = registry::all().map(|entry| entry.check.id).collect();
    let nearest = nearest([id], ids);
    if let Some(end) = life_cycle::removed(id) {
        return Error::usage(Said::in_each(|lang| end.told(lang)));
    }
    let what = said(format!("no check is called `{id}`"), format!("`{id}` というチェックはありません"));
    let help = nearest.map_or_else(list_of_checks, did_you_mean);
    Error::usage(what.with_help(help))
}

fn list_of_checks() -> Said {
    said("`aws-audit checks` lists them", "チェックの一覧は `aws-audit checks` で確認できます")
}

fn matches(glob: &str, id: &str) -> bool {
    aws_audit_checks::analysis::policy::pattern::matches(glob, id)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(select: &cli::Select) -> Vec<&'static str> {
        let selection = Selection::new(select, &Config::default()).unwrap();
        selection.checks.iter().map(|entry| entry.check.id).collect()
    }

    fn globs(globs: &[&str]) -> Vec<String> {
        globs.iter().map(|glob| (*glob).to_owned()).collect()
    }

    #[test]
    fn globs_select_and_skip() {
        let select = cli::Select {
            checks: globs(&["iam-access-key-*", "ebs-default-encryption"]),
            skip_checks: globs(&["*-unused"]),
            ..cli::Select::default()
        };
        let ids = ids(&select);
        assert!(ids.contains(&"iam-access-key-rotation") && ids.contains(&"ebs-default-encryption"));
        assert!(!ids.contains(&"iam-access-key-unused"));
    }

    #[test]
    fn numbers_select_the_checks_of_antipatterns() {
        let select = cli::Select { antipatterns: vec![3], ..cli::Select::default() };
        assert!(ids(&select).contains(&"iam-access-key-rotation"));
        assert!(!ids(&select).contains(&"ebs-default-encryption"));
    }

    #[test]
    fn wrong_names_are_told_with_the_nearest() {
        let select = cli::Select { checks: globs(&["iam-access-key-rotatoin"]), ..cli::Select::default() };
        let error = Selection::new(&select, &Config::default()).unwrap_err().to_string();
        assert!(error.contains("did you mean `iam-access-key-rotation`"), "{error}");
        let select = cli::Select { antipatterns: vec![22], ..cli::Select::default() };
        assert!(Selection::new(&select, &Config::default()).is_err());
        let select = cli::Select { framework: Some("cis".into()), ..cli::Select::default() };
        assert!(Selection::new(&select, &Config::default()).unwrap_err().to_string().contains("cis-6.0"));
    }
}
