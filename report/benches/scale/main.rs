//! What the evaluation of a large account and its report cost: time, and the most memory that the process holds.
//!
//!     cargo bench -p aws-audit-report --bench scale                    all rows of docs/performance.md
//!     cargo bench -p aws-audit-report --bench scale -- 1000000         the evaluation of so many resources
//!     cargo bench -p aws-audit-report --bench scale -- 100000 html     some 100,000 findings in a format, evaluation included
//!     cargo bench -p aws-audit-report --bench scale -- 10000 snapshot  the account, to compare versions by
//!     cargo bench -p aws-audit-report --bench scale -- 10000 report    what is reported of it, as JSON
//!
//! Each row is a process of its own, since the peak of one would hide the next one's.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "it reports to whoever runs it")]

mod account;
mod others;

use std::{
    env, fs,
    io::{self, Write},
    process::{Command, ExitCode},
    time::Instant,
};

use account::{Size, account};
use aws_audit_checks::{
    framework,
    page::Lang,
    registry::{self, Evaluation},
    report::{Options, Report},
    settings::Settings,
    snapshot::Snapshot,
};
use aws_audit_report::{Format, Style, write};
use serde::Serialize;

/// Failures of a copy of the demo's account.
const FAILURES: usize = 280;

fn main() -> ExitCode {
    let arguments: Vec<_> = env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let result = match &arguments[..] {
        [] => all(),
        [count] => number(count).and_then(evaluation),
        [count, what] => number(count).and_then(|count| match what.as_str() {
            "snapshot" => print(&account(Size::of(count))?),
            "report" => {
                let account = account(Size::of(count))?;
                print(&reported(&account, &judged(&account)))
            }
            name => {
                let format = Format::ALL.iter().find(|format| format.name() == name);
                format
                    .ok_or_else(|| io::Error::other(format!("no format is called {name}")))
                    .and_then(|it| report(count, *it))
            }
        }),
        _ => Err(io::Error::other("a number, and a format, `snapshot` or `report`")),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn number(text: &str) -> io::Result<usize> {
    text.parse().map_err(io::Error::other)
}

fn all() -> io::Result<()> {
    let program = env::current_exe()?;
    let run = |arguments: &[&str]| Command::new(&program).args(arguments).status().map(drop);
    for resources in ["10000", "100000", "1000000"] {
        run(&[resources])?;
    }
    for findings in ["20000", "100000"] {
        for format in Format::ALL {
            run(&[findings, format.name()])?;
        }
    }
    Ok(())
}

/// How long something takes, and how much memory.
struct Cost {
    wall: Instant,
    processor: f64,
}

impl Cost {
    fn begin() -> Self {
        // From here on the peak is of what follows (proc(5), "clear_refs").
        let _ = fs::write("/proc/self/clear_refs", "5");
        Self { wall: Instant::now(), processor: processor().unwrap_or_default() }
    }

    fn tell(&self, what: &str) {
        let (wall, processor) =
            (self.wall.elapsed().as_secs_f64(), processor().unwrap_or_default() - self.processor);
        let (peak, now) = (memory("VmHWM:").unwrap_or_default(), memory("VmRSS:").unwrap_or_default());
        println!("{what:44} {wall:7.2} s wall {processor:7.2} s CPU {peak:6} MB peak {now:6} MB then");
    }
}

/// Seconds that the process has had a processor for, where the system tells.
fn processor() -> Option<f64> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    // The name of the program, in brackets, may have spaces; the times are the 14th and 15th field (proc(5)), in hundredths
    // of a second on every Linux of today.
    let fields: Vec<_> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    Some((fields.get(11)?.parse::<f64>().ok()? + fields.get(12)?.parse::<f64>().ok()?) / 100.0)
}

/// A figure of the process's memory, in megabytes, where the system tells.
fn memory(field: &str) -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(field))?;
    Some(line.trim().strip_suffix(" kB")?.parse::<u64>().ok()? / 1024)
}

fn judged(account: &Snapshot) -> Evaluation {
    let checks: Vec<_> = registry::all().filter(|entry| entry.runs_by_default).collect();
    registry::evaluate(&checks, account, &Settings::default(), false)
}

fn reported(account: &Snapshot, evaluation: &Evaluation) -> Report {
    let framework = framework::find(framework::DEFAULT).expect("it is built in");
    Report::new(account, evaluation, &Options { framework, lang: Lang::En })
}

fn evaluated(size: Size) -> io::Result<(Snapshot, Evaluation)> {
    let cost = Cost::begin();
    let account = account(size)?;
    cost.tell(&format!("{} demos, {} others: read", size.demos, size.others));
    let cost = Cost::begin();
    let evaluation = judged(&account);
    cost.tell("  evaluation");
    if let Some(paths) = &evaluation.paths {
        println!("  {} paths, stopped {:?}", paths.paths().len(), paths.stopped());
    }
    println!("  {} findings", evaluation.findings.len());
    Ok((account, evaluation))
}

fn evaluation(resources: usize) -> io::Result<()> {
    evaluated(Size::of(resources)).map(drop)
}

/// So many findings in a format.
fn report(findings: usize, format: Format) -> io::Result<()> {
    let (account, evaluation) = evaluated(Size { demos: findings.div_ceil(FAILURES), others: 0 })?;
    let cost = Cost::begin();
    let report = reported(&account, &evaluation);
    cost.tell("  report");
    let mut out = io::BufWriter::new(Counter(0));
    let cost = Cost::begin();
    write(&report, format, &Style::default(), &mut out)?;
    out.flush()?;
    cost.tell(&format!("  {}, {} kB", format.name(), out.get_ref().0 / 1000));
    Ok(())
}

fn print(what: &impl Serialize) -> io::Result<()> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    serde_json::to_writer_pretty(&mut out, what)?;
    out.flush()
}

/// Counts what is written, as a file would take it.
struct Counter(u64);

impl Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
