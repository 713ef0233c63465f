//! Serves one of the testbed's accounts to whoever wants to try something on it by hand, and records the demo.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program: what it says is its result")]

use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use aws_audit_testbed::{Behaviour, Emulator, Proxy, Rule, faults};
use clap::{Parser, Subcommand};
use tokio::io::AsyncReadExt;

/// AWS accounts that exist on this machine only
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve an account until Ctrl-C or the end of standard input; prints the environment to use it with
    Serve {
        /// A name from testbed/accounts/
        #[arg(long, default_value = "bad")]
        account: String,
        /// Answer every call so much later
        #[arg(long, default_value_t = 0, value_name = "MILLISECONDS")]
        delay_ms: u64,
        /// Write every exchange to this file at the end, as JSON lines
        #[arg(long, value_name = "FILE")]
        record: Option<PathBuf>,
    },
    /// Record the account `demo` for `aws-audit scan --demo`
    RecordDemo {
        /// The program to scan with [default: the one built beside this]
        #[arg(long, value_name = "FILE")]
        program: Option<PathBuf>,
        /// Where the recording goes
        #[arg(long, value_name = "FILE", default_value = "src/demo/answers.jsonl")]
        output: PathBuf,
    },
    /// Have every operation meet every fault, over the recorded answers of the demo
    Faults {
        /// The program
        #[arg(long, value_name = "FILE")]
        bin: PathBuf,
        /// Only this operation, as s3:GetBucketPolicy; `scan` for what meets the whole of it
        #[arg(long)]
        operation: Option<String>,
        /// Only this fault
        #[arg(long)]
        fault: Option<String>,
        /// How many programs run at once
        #[arg(long, default_value_t = 8)]
        jobs: usize,
        /// Only every so many of all cases
        #[arg(long, default_value_t = 1, value_name = "NUMBER")]
        every: usize,
        /// Not the faults that take minutes
        #[arg(long)]
        quick: bool,
        /// Write what was tried into the table in this file
        #[arg(long, value_name = "FILE")]
        table: Option<PathBuf>,
    },
}

fn main() -> io::Result<()> {
    match Arguments::parse().command {
        Command::Serve { account, delay_ms, record } => serve(&account, delay_ms, record),
        Command::RecordDemo { program, output } => record_demo(program, &output),
        Command::Faults { bin, operation, fault, jobs, every, quick, table } => {
            // The program runs elsewhere.
            let program = std::path::absolute(bin)?;
            meet_faults(&faults::Options { program, operation, fault, jobs, every, quick }, table.as_deref())
        }
    }
}

/// Tells what went wrong, and writes the table.
fn meet_faults(options: &faults::Options, table: Option<&Path>) -> io::Result<()> {
    let few = options.operation.is_some();
    let results = faults::run(options, &|row, fault, outcome| {
        if few || matches!(outcome, faults::Outcome::Wrong(_)) {
            println!("{row} {fault}: {outcome}");
        }
    })?;
    if let Some(file) = table {
        let earlier = std::fs::read_to_string(file).unwrap_or_default();
        std::fs::write(file, faults::table(&results, &earlier))?;
    }
    let wrong = results.values().filter(|it| matches!(it, faults::Outcome::Wrong(_))).count();
    println!("{} tried, {wrong} wrong", results.len());
    if wrong == 0 { Ok(()) } else { Err(io::Error::other(format!("{wrong} wrong"))) }
}

/// Scans the account through the recording proxy with a program that collects everything.
fn record_demo(program: Option<PathBuf>, output: &Path) -> io::Result<()> {
    let program = match program {
        Some(program) => program,
        None => std::env::current_exe()?.with_file_name("aws-audit"),
    };
    let emulator = Emulator::start()?;
    let account = emulator.seed("demo")?;
    let proxy = Proxy::start(Some(emulator.url()), Behaviour { record: true, ..Behaviour::default() })?;
    let status = std::process::Command::new(&program)
        .args(["collect", "--output", "/dev/null"])
        .envs(account.environment(proxy.url()))
        .status()
        .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", program.display())))?;
    if !status.success() {
        return Err(io::Error::other(format!("the scan was incomplete ({status}); see what it says above")));
    }
    let recorded_at = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_err(io::Error::other)?;
    proxy.write_recording(output)?;
    // The scan's clock: ages in the demo stay what they are today.
    let exchanges = std::fs::read_to_string(output)?;
    std::fs::write(output, format!("{{\"recorded_at\":{}}}\n{exchanges}", recorded_at.as_secs()))
}

fn serve(account: &str, delay_ms: u64, record: Option<PathBuf>) -> io::Result<()> {
    let emulator = Emulator::start()?;
    let account = emulator.seed(account)?;
    let mut behaviour = Behaviour { record: record.is_some(), ..Behaviour::default() };
    if delay_ms > 0 {
        behaviour = behaviour.rule(Rule::delay("*", delay_ms));
    }
    let proxy = Proxy::start(Some(emulator.url()), behaviour)?;

    println!("# account {} ({})", account.name, account.id);
    for (name, value) in account.environment(proxy.url()) {
        println!("export {name}={value}");
    }
    wait()?;

    eprintln!("{} calls, at most {} at once", proxy.total(), proxy.max_in_flight());
    for operation in proxy.unanswered() {
        eprintln!("not answered: {operation}");
    }
    if let Some(file) = record {
        proxy.write_recording(&file)?;
    }
    Ok(())
}

/// Until Ctrl-C, or until whoever started this closes its input.
fn wait() -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut input = tokio::io::stdin();
        let mut buffer = [0; 1024];
        loop {
            tokio::select! {
                interrupted = tokio::signal::ctrl_c() => break interrupted,
                read = input.read(&mut buffer) => if read? == 0 { break Ok(()) },
            }
        }
    })?;
    // A blocked read of standard input must not keep the program.
    runtime.shutdown_background();
    Ok(())
}
