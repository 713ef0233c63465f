//! Where results and words go: results to standard output and files, everything else to standard error.

use std::{
    fmt,
    io::{self, BufWriter, IsTerminal, Write},
    path::Path,
};

use aws_audit_checks::{
    page::Lang,
    report::Report,
    snapshot::{Calls, Snapshot, Time},
};
use aws_audit_report::{Format, Style};
use serde::Serialize;

use crate::{
    cli,
    collect::Stop,
    error::{Error, Said, said},
    files, history,
};

/// Columns when standard output is no terminal and COLUMNS says nothing.
const DEFAULT_WIDTH: usize = 80;

/// Prints to standard output. A reader that has gone (`| head`) wants no more, and is no error.
///
/// # Errors
/// When standard output cannot be written.
pub fn print(text: fmt::Arguments<'_>) -> Result<(), Error> {
    let mut out = io::stdout().lock();
    settled(out.write_fmt(text).and_then(|()| out.flush()))
}

/// Prints a value as indented JSON.
///
/// # Errors
/// As [`print()`].
pub fn json(value: &impl Serialize) -> Result<(), Error> {
    let text = serde_json::to_string_pretty(value).map_err(|error| Error::usage(Said::words(error)))?;
    print(format_args!("{text}\n"))
}

fn settled(written: io::Result<()>) -> Result<(), Error> {
    match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Error::usage(said(format!("standard output: {error}"), format!("標準出力：{error}"))))
        }
        _ => Ok(()),
    }
}

/// Columns that standard output has.
pub fn width() -> usize {
    let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    columns
        .or_else(|| terminal_size::terminal_size_of(io::stdout()).map(|(width, _)| usize::from(width.0)))
        .unwrap_or(DEFAULT_WIDTH)
}

/// Whether standard output shows colours: a terminal, and nobody said no (<https://no-color.org>).
fn colour() -> bool {
    let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let dumb = std::env::var_os("TERM").is_some_and(|terminal| terminal == "dumb");
    io::stdout().is_terminal() && !refused && !dumb
}

/// How text looks on standard output.
#[must_use]
pub fn style(lang: Lang) -> Style {
    Style { width: width(), colour: colour(), lang, ..Style::default() }
}

/// Everything is listed where that is asked for.
fn listing(style: Style, all: bool) -> Style {
    if all { Style { groups: usize::MAX, listed: usize::MAX, ..style } } else { style }
}

/// A place for a report, and the format that its name asks for.
enum Target<'a> {
    /// `-`: standard output.
    Standard,
    File(&'a Path, Format),
}

impl<'a> Target<'a> {
    fn of(path: &'a Path, arguments: &cli::Report) -> Result<Self, Error> {
        if path == Path::new("-") {
            return Ok(Self::Standard);
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        match Format::of_ending(&name) {
            Some(format) => Ok(Self::File(path, format)),
            // What is a pipe or a device already is not named after a format.
            None if files::is_stream(path) => Ok(Self::File(path, arguments.format.unwrap_or_default())),
            None => {
                let endings = Format::ALL.iter().map(|format| format!(".{}", format.ending()));
                let endings = endings.collect::<Vec<_>>().join(" ");
                Err(Error::file(
                    path,
                    said("no format goes by this name", "ファイル名から形式を判断できません").with_help(said(
                        format!(
                            "end it in one of {endings}, or write to standard output with --format and redirect it"
                        ),
                        format!(
                            "次のいずれかで終わる名前にするか（{endings}）、--format で標準出力に書いてリダイレクトしてください"
                        ),
                    )),
                ))
            }
        }
    }
}

/// Makes sure, before minutes of scanning, that the reports can be written.
///
/// # Errors
/// When one of them cannot be, or its name tells no format.
pub fn writable(arguments: &cli::Report) -> Result<(), Error> {
    if arguments.format == Some(Format::Xlsx) && io::stdout().is_terminal() {
        return Err(Error::usage(
            said(
                "an XLSX workbook is no text for a terminal",
                "XLSXはテキストではないため、端末には表示できません",
            )
            .with_help(said(
                "write it to a file: --output report.xlsx",
                "ファイルに書き出してください：--output report.xlsx",
            )),
        ));
    }
    for path in &arguments.output {
        if let Target::File(path, _) = Target::of(path, arguments)? {
            files::writable(path)?;
        }
    }
    if let Some(directory) = &arguments.history {
        history::writable(directory)?;
    }
    Ok(())
}

/// Writes the report to the files named, and to standard output where that is wanted.
///
/// # Errors
/// When it cannot be written.
pub fn write(report: &Report, arguments: &cli::Report, lang: Lang) -> Result<(), Error> {
    let mut standard = arguments.output.is_empty() || arguments.format.is_some();
    for path in &arguments.output {
        match Target::of(path, arguments)? {
            Target::Standard => standard = true,
            Target::File(path, format) => {
                let style = listing(Style { lang, ..Style::default() }, arguments.all);
                files::write(path, |out| aws_audit_report::write(report, format, &style, out))?;
                written(path, lang);
            }
        }
    }
    if standard {
        let style = listing(style(lang), arguments.all);
        let mut out = BufWriter::new(io::stdout().lock());
        let format = arguments.format.unwrap_or_default();
        settled(aws_audit_report::write(report, format, &style, &mut out).and_then(|()| out.flush()))?;
    }
    Ok(())
}

/// Tells that a file was written.
pub fn written(path: &Path, lang: Lang) {
    let path = path.display();
    match lang {
        Lang::En => crate::notice(format_args!("wrote {path}")),
        Lang::Ja => crate::notice(format_args!("{path} に書き出しました")),
    }
}

/// Tells, before anything else, which account is looked at, as whom, and where the credentials come from.
pub fn account(id: &str, alias: Option<&str>, arn: &str, source: &str, lang: Lang) {
    // All of this was named by somebody: nothing of it may steer the terminal.
    let plain = |text: &str| text.chars().filter(|c| !c.is_control()).collect::<String>();
    let (id, arn, source) = (plain(id), plain(arn), plain(source));
    let alias = alias.map(plain);
    let alias = |before, after| alias.map(|alias| format!("{before}{alias}{after}")).unwrap_or_default();
    match lang {
        Lang::En => {
            let alias = alias(" (", ")");
            crate::notice(format_args!("account {id}{alias} as {arn}; credentials: {source}"));
        }
        Lang::Ja => {
            let alias = alias("（", "）");
            crate::notice(format_args!("アカウント {id}{alias}、{arn} として接続。認証情報：{source}"));
        }
    }
}

/// The account of a run in a line: what was asked, and how it went; when verbose, also where the time went.
pub fn run(snapshot: &Snapshot, verbose: bool, lang: Lang) {
    if let Some(spent) = snapshot.calls.time.as_ref().filter(|_| verbose) {
        time(spent, lang);
    }
    let Calls { total, throttled, retried, denied, .. } = &snapshot.calls;
    let (regions, gaps) = (snapshot.regions.len(), snapshot.gaps.len());
    let time = snapshot.finished_at.duration_since(snapshot.started_at).as_secs_f64();
    match lang {
        Lang::En => crate::notice(format_args!(
            "{total} calls in {regions} regions, {time:.1} s: {throttled} throttled, {retried} retried, \
             {denied} denied, {gaps} gaps"
        )),
        Lang::Ja => crate::notice(format_args!(
            "{regions}リージョンで{total}回の呼び出し（{time:.1}秒）：スロットリング{throttled}、再試行{retried}、\
             拒否{denied}、読めなかったもの{gaps}件"
        )),
    }
}

/// Where the time of a scan went: the longest waits for a turn, and the end of the longest chain.
fn time(time: &Time, lang: Lang) {
    const MOST: usize = 12;
    #[expect(clippy::cast_precision_loss, reason = "to a tenth of a second")]
    let seconds = |milliseconds: u64| milliseconds as f64 / 1000.0;
    let mut waited: Vec<_> = time.waited.iter().collect();
    waited.sort_by_key(|(_, waited)| std::cmp::Reverse(waited.longest_milliseconds));
    for (operation, waited) in waited.into_iter().take(MOST) {
        let (calls, all) = (waited.calls, seconds(waited.milliseconds));
        let longest = seconds(waited.longest_milliseconds);
        match lang {
            Lang::En => crate::notice(format_args!(
                "{operation}: {calls} calls waited for their turn, {longest:.1} s at most, {all:.1} s in all"
            )),
            Lang::Ja => crate::notice(format_args!(
                "{operation}：{calls}回の呼び出しが順番を待ちました（最長{longest:.1}秒、合計{all:.1}秒）"
            )),
        }
    }
    let chain = &time.longest_chain;
    match lang {
        Lang::En => {
            crate::notice(format_args!("the scan ended with {} calls, each after another:", chain.len()))
        }
        Lang::Ja => crate::notice(format_args!("最後まで続いた一連の呼び出し（{}回）：", chain.len())),
    }
    for link in &chain[chain.len().saturating_sub(MOST)..] {
        let (operation, region) = (&link.operation, link.region.as_deref().unwrap_or("-"));
        let [waited, took] = [link.waited_milliseconds, link.milliseconds];
        match lang {
            Lang::En => {
                crate::notice(format_args!("  {operation} in {region}: waited {waited} ms, took {took} ms"))
            }
            Lang::Ja => {
                crate::notice(format_args!("  {operation}（{region}）：待ち{waited} ms、応答{took} ms"))
            }
        }
    }
}

/// Tells why the scan ended early.
pub fn stopped(why: Stop, lang: Lang) {
    let told = why.said().within(
        |en| format!("{en}; what was not read by then is reported as unknown"),
        |ja| format!("{ja}。読めなかったものは「判定不能」として報告しています"),
    );
    crate::warn(&told, lang);
}
