//! Moto's server, started for as long as it is needed.

use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard};

use crate::account::{self, Account};
use crate::{script, source, venv};

/// A running AWS emulator on a free port of 127.0.0.1. It ends when this is dropped, and also when this
/// process dies, since it watches a pipe from it.
pub struct Emulator {
    url: String,
    server: Child,
    /// None once it is to end.
    pipes: Mutex<Option<Pipes>>,
    accounts: Mutex<BTreeMap<String, Arc<Mutex<Option<Account>>>>>,
}

struct Pipes {
    orders: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Pipes {
    fn line(&mut self) -> io::Result<String> {
        let mut line = String::new();
        self.answers.read_line(&mut line)?;
        Ok(line.trim().to_owned())
    }
}

/// A copy of an emulator with everything that was in it, on a port of its own, until it is dropped. What is
/// done in one is seen in no other.
pub struct Fork<'a> {
    emulator: &'a Emulator,
    url: String,
    pid: String,
}

impl Fork<'_> {
    /// The endpoint, `http://127.0.0.1:PORT`.
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Fork<'_> {
    fn drop(&mut self) {
        if let Some(pipes) = self.emulator.pipes().as_mut() {
            let _ = writeln!(pipes.orders, "end {}", self.pid);
        }
    }
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
        let mut errors = server.stderr.take();
        let (Some(orders), Some(output)) = (server.stdin.take(), server.stdout.take()) else {
            return Err(io::Error::other("the emulator has no pipes"));
        };
        let mut pipes = Pipes { orders, answers: BufReader::new(output) };
        // The port is bound before it is told, so connections queue from here on.
        let Ok(port) = pipes.line()?.parse::<u16>() else {
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
        Ok(Self { url, server, pipes: Mutex::new(Some(pipes)), accounts: Mutex::default() })
    }

    /// A copy as it is now, in milliseconds. Nobody may be calling it meanwhile: what is under way is not
    /// copied.
    pub fn fork(&self) -> io::Result<Fork<'_>> {
        let mut pipes = self.pipes();
        let ended = || io::Error::other("the emulator has ended");
        let pipes = pipes.as_mut().ok_or_else(ended)?;
        writeln!(pipes.orders, "fork")?;
        let line = pipes.line()?;
        let (port, pid) = line.split_once(' ').ok_or_else(ended)?;
        Ok(Fork { emulator: self, url: format!("http://127.0.0.1:{port}"), pid: pid.to_owned() })
    }

    fn pipes(&self) -> MutexGuard<'_, Option<Pipes>> {
        self.pipes.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
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
        let script = account::script(name);
        let ran = script::run(&self.url, &id, &script, false)?;
        let credentials =
            ran.map_err(|said| io::Error::other(format!("cannot seed account {name}:\n{said}")))?.credentials;
        let account = Account { name: name.to_owned(), id, credentials };
        *slot = Some(account.clone());
        Ok(account)
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        self.pipes().take();
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
