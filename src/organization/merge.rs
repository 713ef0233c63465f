//! `merge`: the organization's report, of accounts' reports that were made anywhere, at any time.

use std::{
    fs,
    path::{Path, PathBuf},
};

use aws_audit_checks::{
    finding::Severity,
    organization::{OrganizationReport, Reason, Refused, Rollup},
    page::Lang,
    report::SCHEMA_VERSION,
};

use super::{Directory, Found, member, plan};
use crate::error::{Error, said};

/// What was made of a directory.
#[derive(Debug)]
pub struct Merged {
    /// The report.
    pub report: OrganizationReport,
    /// The worst severity among failing findings.
    pub worst: Option<Severity>,
}

/// Makes the report of what is in the directory.
///
/// # Errors
/// When a file cannot be read, or does not belong to the others.
pub fn merge(path: &Path, plan_file: Option<&Path>, lang: Lang) -> Result<Merged, Error> {
    let directory = Directory::open(path);
    let of_directory = Some(directory.plan()).filter(|plan| plan.exists());
    let plan_file = plan_file.map(Path::to_owned).or(of_directory);
    let mut rollup = match &plan_file {
        Some(file) => Rollup::planned(plan::read(file)?),
        None => Rollup::default(),
    }
    .told_in(lang);
    let mut files = json_files(path)?;
    if directory.accounts().is_dir() {
        files.extend(json_files(&directory.accounts())?);
    }
    let mut gaps = Vec::new();
    let mut worst = None;
    let mut reports = 0;
    for file in &files {
        match super::read(file)? {
            Found::Report(report, membership) => {
                // What the reader finds: from the directory on.
                let name = file.strip_prefix(path).unwrap_or(file).display().to_string();
                rollup
                    .add(&report, membership.as_ref(), &name)
                    .map_err(|refused| self::refused(file, &refused))?;
                worst = worst.max(report.worst());
                reports += 1;
            }
            Found::Gap(gap) => gaps.push(gap),
            Found::Organization => {}
        }
    }
    if reports + gaps.len() == 0 && plan_file.is_none() {
        return Err(Error::file(
            path,
            said("there is no report in this directory", "このディレクトリにレポートがありません"),
        ));
    }
    for gap in gaps {
        rollup.miss(gap.missing);
    }
    let report = rollup.finish(|item| {
        let fix = member::fix(item, Reason::NoReport).get(lang).to_owned();
        item.missing(Reason::NoReport, String::new(), fix)
    });
    // What the reports do not list counts, and so do the chains over them.
    let worst = worst.max(report.worst());
    Ok(Merged { report, worst })
}

/// Whether a JSON file of that name is of a run, and tells of no account's state: a snapshot, the plan's policies.
fn is_other(name: &str) -> bool {
    name.ends_with(".snapshot.json") || name.ends_with(".policies.json")
}

/// The JSON files right in the directory, sorted by name; not what is hidden, nor snapshots.
fn json_files(path: &Path) -> Result<Vec<PathBuf>, Error> {
    let unreadable = |error| Error::io(path, error);
    let mut files = Vec::new();
    for entry in fs::read_dir(path).map_err(unreadable)? {
        let file = entry.map_err(unreadable)?.path();
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let is_report = name.ends_with(".json") && !name.starts_with('.') && !is_other(&name);
        if is_report && file.is_file() {
            files.push(file);
        }
    }
    files.sort();
    Ok(files)
}

/// The error about a report that does not belong to the others.
#[must_use]
pub fn refused(path: &Path, refused: &Refused) -> Error {
    let run = |scan: &Option<String>, lang: Lang| match (scan, lang) {
        (Some(scan), Lang::En) => format!("run {}", scan.escape_default()),
        (Some(scan), Lang::Ja) => format!("実行 {}", scan.escape_default()),
        (None, Lang::En) => "no run over an organization".to_owned(),
        (None, Lang::Ja) => "組織スキャンではない実行".to_owned(),
    };
    let what = match refused {
        Refused::Duplicate { account, first } => said(
            format!("account {account} has a report already: {first}"),
            format!("アカウント {account} のレポートは既にあります：{first}"),
        )
        .with_help(said("leave one of the two in the directory", "どちらか一方だけを残してください")),
        Refused::OtherScan { found, wanted, file } => {
            let others = file.as_deref().unwrap_or("plan.jsonl");
            said(
                format!("it is of {}, {others} of {}", run(found, Lang::En), run(wanted, Lang::En)),
                format!("これは{}のもの、{others} は{}のものです", run(found, Lang::Ja), run(wanted, Lang::Ja)),
            )
            .with_help(said(
                "merge the reports of one run; plain reports of `aws-audit scan` go with plain reports, without a plan",
                "同じ実行のレポートだけを統合してください。`aws-audit scan` の単独レポートは、単独レポート同士で計画なしに統合できます",
            ))
        }
        Refused::OtherFramework { found, wanted } => said(
            format!("it is scored along {found}, the others along {wanted}"),
            format!("フレームワークは {found} ですが、他のレポートは {wanted} です"),
        ),
        Refused::OtherVersion { found } => said(
            format!("the report is of schema version {found}, this program's is {SCHEMA_VERSION}"),
            format!(
                "レポートのスキーマバージョンは {found} ですが、このプログラムが扱うのは {SCHEMA_VERSION} です"
            ),
        ),
        Refused::NotPlanned { account } => said(
            format!("account {account} is not in the plan"),
            format!("アカウント {account} は計画にありません"),
        ),
        Refused::NoAccount => said("it names no account", "アカウントIDがありません"),
    };
    Error::file(path, what)
}
