//! The virtual environment with the emulator and the AWS CLI, made when it is first needed.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::source;

/// The Python of the virtual environment, which this makes when it is missing (about a minute). It is
/// `$AWS_AUDIT_VENV`, or under `~/.cache/aws-audit/` with a name that depends on `testbed/requirements.txt`.
/// Processes that need it at the same time wait for the one that makes it.
pub fn python() -> io::Result<PathBuf> {
    let requirements = source("requirements.txt");
    let wanted = fs::read_to_string(&requirements)?;
    let directory = match std::env::var_os("AWS_AUDIT_VENV") {
        Some(directory) => PathBuf::from(directory),
        None => cache()?.join(format!("venv-{:016x}", hash(&wanted))),
    };
    let python = directory.join("bin/python");
    // Written last, so it says that the environment is whole and what is in it.
    let installed = directory.join("requirements.installed");
    let complete = || fs::read_to_string(&installed).is_ok_and(|is| is == wanted) && python.exists();
    if complete() {
        return Ok(python);
    }

    if let Some(parent) = directory.parent() {
        fs::create_dir_all(parent)?;
    }
    let lock = File::create(directory.with_added_extension("lock"))?;
    lock.lock()?;
    if !complete() {
        let base = std::env::var_os("PYTHON").unwrap_or_else(|| "python3".into());
        run(Command::new(base).args(["-m", "venv", "--clear"]).arg(&directory))?;
        run(Command::new(&python)
            .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"])
            .arg(&requirements))?;
        fs::write(&installed, &wanted)?;
    }
    Ok(python)
}

fn cache() -> io::Result<PathBuf> {
    let base = match std::env::var_os("XDG_CACHE_HOME") {
        Some(directory) => PathBuf::from(directory),
        None => std::env::home_dir().ok_or_else(|| io::Error::other("no home directory"))?.join(".cache"),
    };
    Ok(base.join("aws-audit"))
}

fn run(command: &mut Command) -> io::Result<()> {
    let program = Path::new(command.get_program()).display().to_string();
    let output = command.output().map_err(|error| {
        io::Error::new(error.kind(), format!("cannot run {program}: {error} (Python 3 is needed)"))
    })?;
    if output.status.success() {
        return Ok(());
    }
    Err(io::Error::other(format!(
        "{command:?} failed ({}):\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )))
}

/// FNV-1a: short, and the same in every Rust release.
fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
