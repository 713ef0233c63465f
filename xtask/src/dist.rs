//! What people install and read: `packaging/dist.py` and `book/build.py` make it with a binary, which is built first
//! unless one is given.

use std::{
    env,
    error::Error,
    ffi::OsString,
    path::{Path, PathBuf},
    process::Command,
};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Makes wheel, archive, Debian package, bill of materials and their sums; see `packaging/dist.py`. `options` are its
/// own, each optional: `--bin PATH`, `--out DIR` (default: `dist` in the target directory), `--fast`.
pub(crate) fn make(root: &Path, options: &[&str]) -> Result<()> {
    // Where `cargo auditable` is installed, with the list of its crates inside, which `cargo audit bin`, Trivy and
    // Grype read.
    let mut asked = Command::new(cargo());
    let auditable = asked.args(["auditable", "--version"]).output().is_ok_and(|it| it.status.success());
    let build: &[&str] = if auditable { &["auditable", "build"] } else { &["build"] };
    script(root, "packaging/dist.py", options, "dist", "release", &[build, &["--release"]].concat())
}

/// Makes the documentation's site; see `book/build.py`. `options` are its own, each optional: `--bin PATH`,
/// `--out DIR` (default: `book` in the target directory), `--mdbook PATH`, `--serve en|ja`.
pub(crate) fn book(root: &Path, options: &[&str]) -> Result<()> {
    script(root, "book/build.py", options, "book", "debug", &["build"])
}

/// Runs the script with what it needs: the program, which cargo makes in `profile`'s directory by `build`, and `out` in
/// the target directory, unless the options say otherwise.
fn script(root: &Path, path: &str, options: &[&str], out: &str, profile: &str, build: &[&str]) -> Result<()> {
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let mut script = Command::new(env::var_os("PYTHON").unwrap_or("python3".into()));
    script.arg(root.join(path)).args(options).env("CARGO", cargo());
    if !options.contains(&"--bin") {
        let mut command = Command::new(cargo());
        command.current_dir(root).args(build).args(["--locked", "--package", "aws-audit"]);
        run(command)?;
        let program = format!("aws-audit{}", env::consts::EXE_SUFFIX);
        script.arg("--bin").arg(target.join(profile).join(program));
    }
    if !options.contains(&"--out") {
        script.arg("--out").arg(target.join(out));
    }
    run(script)
}

fn cargo() -> OsString {
    env::var_os("CARGO").unwrap_or("cargo".into())
}

fn run(mut command: Command) -> Result<()> {
    let program = command.get_program().display().to_string();
    let status = command.status().map_err(|error| format!("{program} could not be started: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("{program} failed: {status}").into()) }
}
