//! The program under test, run to its end or to the end of its time.

use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::proxy::Proxy;

pub(super) struct Program(PathBuf);

/// A run, and what it wrote.
#[derive(Debug)]
pub(super) struct Run {
    /// None where a signal ended it, as an abort does.
    pub(super) code: Option<i32>,
    pub(super) stdout: String,
    pub(super) stderr: String,
    /// It did not end, and was ended.
    pub(super) ended: Option<Duration>,
}

impl Program {
    pub(super) fn new(path: &Path) -> io::Result<Self> {
        let there = path
            .metadata()
            .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())));
        there.map(|_| Self(path.to_owned()))
    }

    /// Scans what the proxy serves with these checks, all where none are named.
    pub(super) fn scan(
        &self,
        proxy: &Proxy,
        checks: &str,
        limit: Duration,
        environment: &[(&str, &str)],
    ) -> io::Result<Run> {
        let mut command = Command::new(&self.0);
        command.args(["scan", "--format", "json", "--include-passed", "--api-budget", "100%"]);
        if !checks.is_empty() {
            command.args(["--checks", checks]);
        }
        command
            .env_clear()
            .envs(std::env::vars().filter(|(name, _)| matches!(name.as_str(), "PATH" | "HOME" | "TMPDIR")));
        command
            .env("LANG", "C")
            .env("NO_PROXY", "*")
            .env("AWS_ENDPOINT_URL", proxy.url())
            .env("AWS_REGION", "us-east-1")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("AWS_CONFIG_FILE", "/dev/null")
            .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
            .env("AWS_ACCESS_KEY_ID", "testing")
            .env("AWS_SECRET_ACCESS_KEY", "testing")
            // No configuration of whoever runs this.
            .current_dir(std::env::temp_dir())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        for (name, value) in environment {
            if value.is_empty() {
                command.env_remove(name);
            } else {
                command.env(name, value);
            }
        }
        let mut child = command.spawn()?;
        let texts = (read(child.stdout.take()), read(child.stderr.take()));
        let ended = wait(&mut child, limit)?;
        let code = child.wait()?.code();
        let text = |thread: thread::JoinHandle<String>| thread.join().unwrap_or_default();
        Ok(Run { code, stdout: text(texts.0), stderr: text(texts.1), ended: ended.then_some(limit) })
    }
}

/// Waits until it ends, or ends it; tells whether it was that.
fn wait(child: &mut Child, limit: Duration) -> io::Result<bool> {
    let began = Instant::now();
    while child.try_wait()?.is_none() {
        if began.elapsed() > limit {
            child.kill()?;
            return Ok(true);
        }
        thread::sleep(Duration::from_millis(10));
    }
    Ok(false)
}

fn read(stream: Option<impl Read + Send + 'static>) -> thread::JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut stream) = stream {
            let _ = stream.read_to_end(&mut bytes);
        }
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

impl Run {
    pub(super) fn report(&self) -> Option<Value> {
        serde_json::from_str(&self.stdout).ok()
    }

    /// In a line: how it ended, and the last thing it said.
    pub(super) fn told(&self) -> String {
        let last = self.stderr.trim_end().lines().last().unwrap_or_default();
        match (self.ended, self.code) {
            (Some(limit), _) => format!("did not end within {} s", limit.as_secs()),
            (_, Some(code)) => format!("exit {code}: {last}"),
            _ => format!("ended by a signal: {last}"),
        }
    }
}
