//! Moto's server, started for as long as it is needed.

use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Read};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Mutex};

use crate::account::{self, Account};
use crate::{source, venv};

/// A running AWS emulator on a free port of 127.0.0.1. It ends when this is dropped, and also when this
/// process dies, since it watches a pipe from it.
pub struct Emulator {
    url: String,
    server: Child,
    alive: Option<ChildStdin>,
    accounts: Mutex<BTreeMap<String, Arc<Mutex<Option<Account>>>>>,
}

impl Emulator {
    /// Starts the emulator and waits until it answers.
    pub fn start() -> io::Result<Self> {
        let mut server = Command::new(venv::python()?)
            .arg(source("python/emulator.py"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let alive = server.stdin.take();
        let mut errors = server.stderr.take();
        // The port is bound before it is told, so connections queue from here on.
        let mut line = String::new();
        if let Some(output) = server.stdout.take() {
            BufReader::new(output).read_line(&mut line)?;
        }
        let Ok(port) = line.trim().parse::<u16>() else {
            let mut said = String::new();
            if let Some(errors) = &mut errors {
                errors.read_to_string(&mut said)?;
            }
            let _ = server.wait();
            return Err(io::Error::other(format!("the emulator did not start:\n{said}")));
        };
        // Tracebacks of operations that the emulator lacks are its answer's business; keep the pipe empty.
        if let Some(mut errors) = errors {
            std::thread::spawn(move || io::copy(&mut errors, &mut io::sink()));
        }
        let url = format!("http://127.0.0.1:{port}");
        Ok(Self { url, server, alive, accounts: Mutex::default() })
    }

    /// The endpoint, `http://127.0.0.1:PORT`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Runs the script `testbed/accounts/NAME.sh` and gives the account that it made. A second time gives the
    /// same account without running it again; accounts with different names can be made at the same time.
    pub fn seed(&self, name: &str) -> io::Result<Account> {
        let slot = {
            let mut accounts = self.accounts.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
            Arc::clone(accounts.entry(name.to_owned()).or_default())
        };
        let mut slot = slot.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if let Some(account) = slot.as_ref() {
            return Ok(account.clone());
        }
        let id = account::id(name)?;
        let output = Command::new(venv::python()?)
            .arg(source("python/seed.py"))
            .args(["--endpoint", &self.url, "--account", &id])
            .arg(account::script(name))
            .stdin(Stdio::null())
            .output()?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            return Err(io::Error::other(format!("cannot seed account {name}:\n{said}")));
        }
        let account =
            Account { name: name.to_owned(), id, credentials: serde_json::from_slice(&output.stdout)? };
        *slot = Some(account.clone());
        Ok(account)
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        drop(self.alive.take());
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
