//! Trackers that a command talks to: any but GitHub. `docs/tickets.md` has the contract, `recipes/tickets/` commands.
//!
//! The command runs once for each item, with the item as one line of JSON on its standard input, and tells by its exit code
//! what came of it:
//!
//! | code | meaning |
//! |---|---|
//! | 0 | done; the first line of its standard output may name the ticket |
//! | 10 | nothing was to be done: it is so already |
//! | 11 | left alone, for a reason on the first line of its standard output |
//! | 75 | not now (`EX_TEMPFAIL`): it is run again after a while, so it must be able to tell what it has done already |
//! | 78 | nothing will work (`EX_CONFIG`), e.g. no credential: the other items are not tried |
//! | other | failed, for the reason on the last line of its standard error |
//!
//! A second command may list the tickets that there are, a [`Ticket`] a line. Without it, what the two reports say is
//! all that is known.

use std::{
    io::{Read as _, Write as _},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::{
    apply::{Done, Failure, Result, Ticket, Tracker},
    http::Clock,
    plan::Item,
};

/// Times that an item is tried at most.
const MOST_TRIES: u32 = 4;

/// Before an item is tried again; doubled each time.
const BACKOFF: Duration = Duration::from_secs(15);

/// Bytes of output that are kept, so that a command that never ends its output does not fill the memory: of a list of
/// tickets, and of what an item's command says.
const MOST_LISTED: u64 = 64 << 20;
const MOST_SAID: u64 = 1 << 20;

/// How often to look whether a command has ended.
const GLANCE: Duration = Duration::from_millis(20);

/// What a command has said, and how it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// Its exit code; none where a signal has ended it.
    pub code: Option<i32>,
    /// Its standard output.
    pub out: String,
    /// Its standard error.
    pub err: String,
}

/// Runs commands.
pub trait Run {
    /// Runs a command with that on its standard input, and keeps so many bytes of its output.
    ///
    /// # Errors
    /// When it cannot be run, or does not end in time.
    fn run(&mut self, command: &str, input: &str, most: u64) -> std::result::Result<Ended, String>;
}

/// Runs commands in the system's shell, each for so long at most.
#[derive(Clone, Copy, Debug)]
pub struct Shell {
    /// After which a command is ended.
    pub timeout: Duration,
}

impl Default for Shell {
    fn default() -> Self {
        Self { timeout: Duration::from_secs(600) }
    }
}

impl Run for Shell {
    fn run(&mut self, command: &str, input: &str, most: u64) -> std::result::Result<Ended, String> {
        let mut shell = if cfg!(windows) { Command::new("cmd") } else { Command::new("sh") };
        let child = shell
            .args([if cfg!(windows) { "/C" } else { "-c" }, command])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        let mut child = child.map_err(|error| error.to_string())?;
        let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        // Threads of their own: a command that writes before it has read everything would wait for us, and we for it. One
        // that hands its output to a process that outlives it keeps no more than its thread waiting.
        let input = input.to_owned();
        thread::spawn(move || {
            // A command that does not read its input has its reason: its exit code tells.
            stdin.map(|mut stdin| stdin.write_all(input.as_bytes()))
        });
        let read = |stream: Option<Box<dyn std::io::Read + Send>>| {
            let (send, receive) = std::sync::mpsc::channel();
            thread::spawn(move || {
                let mut bytes = Vec::new();
                if let Some(mut stream) = stream {
                    _ = stream.by_ref().take(most).read_to_end(&mut bytes);
                    // The rest is read and dropped, so that the command can end.
                    _ = std::io::copy(&mut stream, &mut std::io::sink());
                }
                _ = send.send(String::from_utf8_lossy(&bytes).into_owned());
            });
            receive
        };
        let out = read(stdout.map(|it| Box::new(it) as _));
        let err = read(stderr.map(|it| Box::new(it) as _));
        let code = ended(&mut child, self.timeout)?;
        let grace = Duration::from_secs(5);
        let take = |text: std::sync::mpsc::Receiver<String>| text.recv_timeout(grace).unwrap_or_default();
        Ok(Ended { code, out: take(out), err: take(err) })
    }
}

/// Waits for a command, and ends it when its time is over.
fn ended(child: &mut Child, timeout: Duration) -> std::result::Result<Option<i32>, String> {
    let began = Instant::now();
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Ok(status.code()),
            Ok(None) if began.elapsed() < timeout => thread::sleep(GLANCE),
            Ok(None) => {
                _ = child.kill();
                _ = child.wait();
                return Err(format!("did not end within {} s", timeout.as_secs()));
            }
            Err(error) => return Err(error.to_string()),
        }
    }
}

/// A tracker behind a command.
pub struct Exec<'a> {
    runner: &'a mut dyn Run,
    clock: &'a dyn Clock,
    command: &'a str,
    list: Option<&'a str>,
}

impl<'a> Exec<'a> {
    /// The tracker that `command` talks to; `list` lists its tickets.
    pub fn new(
        runner: &'a mut dyn Run,
        clock: &'a dyn Clock,
        command: &'a str,
        list: Option<&'a str>,
    ) -> Self {
        Self { runner, clock, command, list }
    }
}

impl Tracker for Exec<'_> {
    fn tickets(&mut self) -> Result<Option<Vec<Ticket>>> {
        let Some(list) = self.list else { return Ok(None) };
        let ended = self.runner.run(list, "", MOST_LISTED).map_err(Failure::all)?;
        if ended.code != Some(0) {
            let reason = reason(&ended);
            return Err(Failure::all(format!("the list of tickets: {reason}"))
                .in_japanese(format!("チケットの一覧を取得できません：{reason}")));
        }
        if ended.out.len() as u64 >= MOST_LISTED {
            return Err(
                Failure::all("the list of tickets is too long").in_japanese("チケットの一覧が長すぎます")
            );
        }
        let lines = ended.out.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
        let tickets = lines.map(|(at, line)| {
            let at = at + 1;
            let told = |error| {
                Failure::all(format!("the list of tickets, line {at}: {error}"))
                    .in_japanese(format!("チケットの一覧の{at}行目：{error}"))
            };
            serde_json::from_str(line).map_err(told)
        });
        tickets.collect::<Result<_>>().map(Some)
    }

    fn act(&mut self, item: &Item) -> Result<Done> {
        let mut line = serde_json::to_string(item).map_err(|error| Failure::one(error.to_string()))?;
        line.push('\n');
        let mut wait = BACKOFF;
        for attempt in 1.. {
            let ended = self.runner.run(self.command, &line, MOST_SAID).map_err(Failure::one)?;
            let said = || ended.out.lines().next().unwrap_or_default().trim().to_owned();
            match ended.code {
                Some(0) => return Ok(Done::Done(said())),
                Some(10) => return Ok(Done::Already),
                Some(11) => return Ok(Done::LeftAlone(said())),
                Some(75) if attempt < MOST_TRIES => {
                    self.clock.sleep(wait);
                    wait *= 2;
                }
                // The shell's own: the command is not there, or cannot be run.
                Some(78 | 126 | 127) => return Err(Failure::all(reason(&ended))),
                _ => return Err(Failure::one(reason(&ended))),
            }
        }
        unreachable!("the loop ends by returning")
    }
}

/// Why a command has failed, in its last words.
fn reason(ended: &Ended) -> String {
    let last = ended.err.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default().trim();
    let last: String = last.chars().take(500).collect();
    match (ended.code, last.is_empty()) {
        (Some(code), true) => format!("exit code {code}"),
        (Some(code), false) => format!("exit code {code}: {last}"),
        (None, _) => "ended by a signal".to_owned(),
    }
}
