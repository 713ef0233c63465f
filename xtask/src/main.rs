//! `cargo xtask`: what contributors run. It needs no SDK, so it starts in seconds.

mod bench;
mod dist;
mod docs;
mod lines;
mod new_check;
mod new_service;
mod release;

use std::{env, path::Path, process::ExitCode};

const USAGE: &str = "\
usage: cargo xtask docs            write the generated files under docs/
       cargo xtask docs --check    fail when one of them is out of date
       cargo xtask dist [--bin PATH] [--out DIR] [--fast]
                                   build the program, or take that one, and make wheel, archive, .deb, SBOM and sums
       cargo xtask book [--bin PATH] [--out DIR] [--mdbook PATH] [--serve en|ja]
                                   make the documentation's site, with what the program says of its checks
       cargo xtask release-checks  name the checks that are new as those of the version in Cargo.toml
       cargo xtask new-check ID    make the files of a check and register it, e.g. rds-multi-az
       cargo xtask new-service NAME SDK-NAME TARGET OPERATION
                                   make the files of a service that speaks JSON and register it, e.g.
                                   dms 'Database Migration Service' AmazonDMSv20160101 DescribeReplicationInstances
       cargo xtask bench           measure the program at an endpoint of this machine; bench --help tells more";

#[expect(clippy::print_stderr, reason = "this is what a contributor reads")]
fn main() -> ExitCode {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."));
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments[..] {
        ["docs"] => docs::write(root),
        ["docs", "--check"] => docs::check(root),
        ["dist", ref options @ ..] => dist::make(root, options),
        ["book", ref options @ ..] => dist::book(root, options),
        ["release-checks"] => release::checks(root),
        ["new-check", id] => new_check::make(root, id),
        ["bench", ref rest @ ..] => bench::run(root, rest),
        ["new-service", name, sdk, target, operation] => {
            new_service::make(root, [name, sdk, target, operation])
        }
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
