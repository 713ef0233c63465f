//! Scripts of AWS CLI commands: an account's own, or what a report says to run in it.

use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

use serde::Deserialize;

use crate::account::{Account, Credentials};
use crate::{source, venv};

/// What a script that ran to its end did.
#[derive(Deserialize)]
pub(crate) struct Ran {
    #[serde(flatten)]
    pub(crate) credentials: Credentials,
    operations: Vec<String>,
}

/// Runs a script of AWS CLI commands; what was said of the first that failed is the inner error.
pub(crate) fn run(
    endpoint: &str,
    account: &str,
    script: &Path,
    pretend: bool,
) -> io::Result<Result<Ran, String>> {
    let output = Command::new(venv::python()?)
        .arg(source("python/seed.py"))
        .args(["--endpoint", endpoint, "--account", account])
        .args(pretend.then_some("--pretend"))
        .arg(script)
        .stdin(Stdio::null())
        .output()?;
    if output.status.success() {
        Ok(Ok(serde_json::from_slice(&output.stdout)?))
    } else {
        Ok(Err(String::from_utf8_lossy(&output.stderr).into_owned()))
    }
}

impl Account {
    /// Runs AWS CLI commands in the account at this endpoint, as somebody would who pastes them into a shell whose
    /// region is us-east-1. Gives the operations that were called, as `service:Operation`; what was said of the
    /// first that failed is the inner error.
    pub fn run(&self, endpoint: &str, commands: &Path) -> io::Result<Result<Vec<String>, String>> {
        Ok(run(endpoint, &self.id, commands, false)?.map(|ran| ran.operations))
    }

    /// As [`Account::run`], but nothing is sent: the AWS CLI reads and validates each command, and every call
    /// succeeds with an empty answer.
    pub fn pretend(&self, endpoint: &str, commands: &Path) -> io::Result<Result<Vec<String>, String>> {
        Ok(run(endpoint, &self.id, commands, true)?.map(|ran| ran.operations))
    }
}
