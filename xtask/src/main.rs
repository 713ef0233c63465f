//! `cargo xtask`: what contributors run. It needs no SDK, so it starts in seconds.

mod docs;
mod new_check;

use std::{env, path::Path, process::ExitCode};

const USAGE: &str = "\
usage: cargo xtask docs            write the generated files under docs/
       cargo xtask docs --check    fail when one of them is out of date
       cargo xtask new-check ID    make the files of a check and register it, e.g. rds-multi-az";

#[expect(clippy::print_stderr, reason = "this is what a contributor reads")]
fn main() -> ExitCode {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."));
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments[..] {
        ["docs"] => docs::write(root),
        ["docs", "--check"] => docs::check(root),
        ["new-check", id] => new_check::make(root, id),
        _ => Err(USAGE.into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
