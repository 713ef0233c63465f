//! Serves one of the testbed's accounts to whoever wants to try something on it by hand.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program: what it says is its result")]

use std::io;
use std::path::PathBuf;

use aws_audit_testbed::{Behaviour, Emulator, Proxy, Rule};
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
}

fn main() -> io::Result<()> {
    let Command::Serve { account, delay_ms, record } = Arguments::parse().command;
    let emulator = Emulator::start()?;
    let account = emulator.seed(&account)?;
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
