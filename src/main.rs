//! The program; everything is in the library.

use std::process::ExitCode;

use aws_audit::{cli::Cli, error::EXIT_NOTHING};
use clap::Parser as _;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let outcome = match aws_audit::runtime() {
        Ok(runtime) => {
            let outcome = runtime.block_on(aws_audit::run(cli));
            // A DNS look-up that hangs in a thread must not keep the finished program.
            runtime.shutdown_background();
            outcome
        }
        Err(error) => {
            aws_audit::notice(format_args!("error: the async runtime did not start: {error}"));
            return ExitCode::from(EXIT_NOTHING);
        }
    };
    match outcome {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            aws_audit::notice(format_args!("error: {error}"));
            ExitCode::from(error.exit_code)
        }
    }
}
