//! `verify`: look again at what findings are about.

use aws_audit_checks::{
    check::Entry,
    framework,
    page::Lang,
    registry,
    report::{Options, Report, ReportFinding},
    triage::tuning::Tuning,
    verify::{Outcome, Verified, verify},
};

use aws_audit_report::text::escape;

use crate::{
    cli::{self, VerifyFormat},
    config::Config,
    error::{EXIT_FINDINGS, EXIT_INCOMPLETE, Error, said},
    files, output,
    pipeline::{from_account, sources},
};

/// Fewer characters of an id may be anything's.
const SHORTEST_ID: usize = 6;

/// Runs the command, and tells the exit code.
///
/// # Errors
/// When arguments, configuration or the report are wrong, the account is another one, or nothing can be read.
pub async fn run(mut arguments: cli::Verify, lang: Lang) -> Result<u8, Error> {
    let config = Config::load(arguments.config.as_ref())?;
    let report = files::read_report(&arguments.report)?;
    let findings = named(&report, &arguments.ids)?;
    let checks = checks(&findings)?;
    if arguments.connect.regions.is_empty() {
        arguments.connect.regions = regions(&report, &findings);
    }
    let verbose = arguments.connect.verbose;
    let collection = from_account(arguments.connect, &config, sources(&checks), lang).await?;
    let snapshot = collection.snapshot;
    output::run(&snapshot, verbose, lang);
    if snapshot.account.id != report.account.id {
        let (theirs, ours) = (&report.account.id, &snapshot.account.id);
        return Err(Error::usage(said(
            format!("the report is of account {theirs}, these credentials of {ours}"),
            format!("レポートはアカウント {theirs} のもので、認証情報のアカウント {ours} と異なります"),
        )));
    }
    let tuning = Tuning::new(config.settings.clone(), config.overrides.clone());
    let evaluation = registry::evaluate_tuned(&checks, &snapshot, &tuning, true);
    let framework = framework::find(framework::DEFAULT).unwrap_or(&framework::all()[0]);
    let now = Report::new(&snapshot, &evaluation, &Options { framework, lang });
    let verified = verify(findings, &now);
    print(&verified, arguments.format, lang)?;
    if let Some(why) = collection.stopped {
        output::stopped(why, lang);
    }
    let has = |outcome| verified.iter().any(|verified| verified.outcome == outcome);
    Ok(if has(Outcome::Open) {
        EXIT_FINDINGS
    } else if has(Outcome::Unknown) {
        EXIT_INCOMPLETE
    } else {
        0
    })
}

/// The findings that the ids name, each once, in the report's order.
fn named<'r>(report: &'r Report, ids: &[String]) -> Result<Vec<&'r ReportFinding>, Error> {
    for id in ids {
        let mut known: Vec<_> = report.findings.iter().map(|finding| &finding.id).collect();
        known.extend(report.groups.iter().map(|group| &group.id));
        known.retain(|known| is(known, id));
        match known.as_slice() {
            [_] => {}
            [] => {
                return Err(Error::usage(
                    said(
                        format!("the report has no finding and no group `{id}`"),
                        format!("レポートに `{id}` という検出結果やグループはありません"),
                    )
                    .with_help(said(
                        format!("ids are `id` of `findings` and `groups`, {SHORTEST_ID} characters of one at least"),
                        format!("`findings` と `groups` の `id` を、先頭から{SHORTEST_ID}文字以上で指定してください"),
                    )),
                ));
            }
            several => {
                let count = several.len();
                return Err(Error::usage(said(
                    format!("{count} ids begin with `{id}`: give more of it"),
                    format!("`{id}` で始まるIDは{count}件あります。もっと長く指定してください"),
                )));
            }
        }
    }
    let is_named = |finding: &&ReportFinding| {
        ids.iter().any(|id| is(&finding.id, id) || finding.group.as_ref().is_some_and(|group| is(group, id)))
    };
    Ok(report.findings.iter().filter(is_named).collect())
}

fn is(known: &str, id: &str) -> bool {
    known == id || (id.len() >= SHORTEST_ID && known.starts_with(id))
}

fn checks(findings: &[&ReportFinding]) -> Result<Vec<&'static Entry>, Error> {
    let mut checks: Vec<&'static Entry> = Vec::new();
    for finding in findings {
        let check = registry::find(&finding.check).ok_or_else(|| {
            let id = &finding.check;
            Error::usage(said(
                format!("this version of aws-audit has no check `{id}`"),
                format!("このバージョンの aws-audit には `{id}` というチェックがありません"),
            ))
        })?;
        if !checks.iter().any(|known| known.check.id == check.check.id) {
            checks.push(check);
        }
    }
    Ok(checks)
}

/// The regions that the findings are about; all that were scanned where one is about all of them.
fn regions(report: &Report, findings: &[&ReportFinding]) -> Vec<String> {
    let mut regions: Vec<_> = findings.iter().map(|finding| finding.resource.region.clone()).collect();
    regions.sort();
    regions.dedup();
    regions.into_iter().collect::<Option<Vec<_>>>().unwrap_or_else(|| report.regions.clone())
}

fn print(verified: &[Verified], format: VerifyFormat, lang: Lang) -> Result<(), Error> {
    match format {
        VerifyFormat::Json => output::json(&verified),
        VerifyFormat::Table => {
            for one in verified {
                let word = word(one.outcome, lang);
                let place = one.resource.region.as_deref().unwrap_or("-");
                let about = format!(
                    "{word}  {}  {}  {place}  {}",
                    &one.id[..12.min(one.id.len())],
                    one.check,
                    one.resource.id
                );
                output::print(format_args!("{}\n", escape(&about)))?;
                if let Some(message) = &one.message {
                    output::print(format_args!("        {}\n", escape(message)))?;
                }
            }
            Ok(())
        }
    }
}

fn word(outcome: Outcome, lang: Lang) -> &'static str {
    match (outcome, lang) {
        (Outcome::Fixed, Lang::En) => "fixed  ",
        (Outcome::Open, Lang::En) => "open   ",
        (Outcome::Unknown, Lang::En) => "unknown",
        (Outcome::Fixed, Lang::Ja) => "解消  ",
        (Outcome::Open, Lang::Ja) => "未解消",
        (Outcome::Unknown, Lang::Ja) => "不明  ",
    }
}
