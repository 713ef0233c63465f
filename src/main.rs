//! The program; everything is in the library.

use std::process::ExitCode;

use aws_audit::{
    cli::Cli,
    error::{Error, said},
};
use clap::Parser as _;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let lang = aws_audit::language_of(&cli);
    let outcome = match aws_audit::runtime() {
        Ok(runtime) => {
            let outcome = runtime.block_on(aws_audit::run(cli));
            // A DNS look-up that hangs in a thread must not keep the finished program.
            runtime.shutdown_background();
            outcome
        }
        Err(error) => Err(Error::nothing(said(
            format!("the async runtime did not start: {error}"),
            format!("非同期ランタイムを起動できません：{error}"),
        ))),
    };
    match outcome {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            aws_audit::notice(format_args!("{}", error.message(lang)));
            ExitCode::from(error.exit_code)
        }
    }
}
