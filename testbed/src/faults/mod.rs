//! Every operation of the table of operations met by every fault, each through the real program, over the recorded
//! answers of the demo: nothing panics or hangs, the exit code is right, the gap names what is missing, nothing passes
//! on it, and every finding that does not need it stays.
//!
//! A new operation is covered by standing in the table, once the demo asks for it.

mod judge;
mod program;
mod table;
mod whole;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_audit_checks::registry;
use aws_audit_checks::source::{self, Operation, Source};

pub use judge::Outcome;
pub use table::{rows, table};

use crate::proxy::{Behaviour, Fault, Overlay, Proxy, Replay, Rule, Spoiled};
use judge::{Expected, judge};
use program::{Program, Run};

/// A fault that an operation can meet.
#[derive(Clone, Copy, Debug)]
pub struct Meeting {
    /// Its name: `--fault`, and the column of the table.
    pub name: &'static str,
    rule: fn(&str) -> Rule,
    expected: Expected,
    /// How long the program may take.
    limit: Duration,
}

/// A request is sent three times at most that meets a passing fault; waits between are short.
const SOON: Duration = Duration::from_secs(60);
/// Twice fifteen seconds without a byte, for lists one after another; thousands of pages at the pace that a service allows.
const LATE: Duration = Duration::from_secs(600);

const fn meeting(name: &'static str, rule: fn(&str) -> Rule, expected: Expected) -> Meeting {
    Meeting { name, rule, expected, limit: SOON }
}

/// The faults, in the order of the table's columns.
pub const MEETINGS: [Meeting; 13] = [
    meeting("denied", Rule::deny, Expected::Gap(&["access_denied"])),
    meeting("500-once", |it| Rule::new(it, Fault::ServerError).times_each(1), Expected::Same),
    meeting(
        "500-three-times",
        |it| Rule::new(it, Fault::ServerError).times_each(3),
        Expected::Gap(&["server_error"]),
    ),
    meeting("500-always", |it| Rule::new(it, Fault::ServerError), Expected::Gap(&["server_error"])),
    meeting("reset-before", |it| Rule::new(it, Fault::Reset), Expected::Gap(&["unreachable"])),
    meeting("reset-within", |it| Rule::new(it, Fault::Truncate), UNREADABLE),
    meeting("cut", |it| Rule::new(it, Fault::Spoiled(Spoiled::Cut)), UNREADABLE),
    meeting("half", |it| Rule::new(it, Fault::Spoiled(Spoiled::Half)), UNREADABLE),
    meeting("empty", |it| Rule::new(it, Fault::Spoiled(Spoiled::Empty)), UNREADABLE),
    meeting("html", |it| Rule::new(it, Fault::Spoiled(Spoiled::Html)), UNREADABLE),
    Meeting {
        name: "endless-pages",
        rule: |it| Rule::new(it, Fault::Spoiled(Spoiled::EndlessPages)),
        expected: PAGES,
        limit: LATE,
    },
    meeting("repeated-page", |it| Rule::new(it, Fault::Spoiled(Spoiled::RepeatedPage)), PAGES),
    Meeting {
        name: "hanging",
        rule: |it| Rule::new(it, Fault::Hang),
        expected: Expected::Gap(&["timed_out"]),
        limit: LATE,
    },
];

const UNREADABLE: Expected = Expected::Gap(&["unreadable_answer", "unreachable"]);
/// Who does not ask for pages does not see that there are more; who does must not take what it got for all.
const PAGES: Expected = Expected::GapOrSame(&["unreadable_answer"]);

/// What to try.
#[derive(Clone, Debug)]
pub struct Options {
    /// The program.
    pub program: PathBuf,
    /// Only this operation, as `s3:GetBucketPolicy`.
    pub operation: Option<String>,
    /// Only this fault, by its name.
    pub fault: Option<String>,
    /// How many programs run at once.
    pub jobs: usize,
    /// Only every so many of the pairs of operation and fault, so that a part of them takes seconds.
    pub every: usize,
    /// Not the faults that take minutes: what hangs, and pages without end.
    pub quick: bool,
}

/// What came of it: by operation and fault; whole scans under `scan`.
pub type Results = BTreeMap<(String, &'static str), Outcome>;

/// Tries them, and tells of each as soon as it is known.
///
/// # Errors
/// When there is no program or recording, or nothing is called like that.
pub fn run(options: &Options, tell: &(dyn Fn(&str, &str, &Outcome) + Sync)) -> io::Result<Results> {
    let bench = Bench::new(options)?;
    let wanted = |wish: &Option<String>, name: &str| wish.as_ref().is_none_or(|wish| wish == name);
    let operations: Vec<_> =
        source::operations().filter(|operation| wanted(&options.operation, operation.id)).collect();
    let mut cases: Vec<(String, &'static str, Case)> = Vec::new();
    let meetings = MEETINGS.iter().filter(|meeting| wanted(&options.fault, meeting.name));
    for meeting in meetings.filter(|meeting| !options.quick || meeting.limit < LATE) {
        for operation in &operations {
            cases.push((operation.id.to_owned(), meeting.name, Case::Operation(operation, meeting)));
        }
    }
    if wanted(&options.operation, whole::ROW) {
        let faults = whole::FAULTS.iter().filter(|_| !options.quick);
        for fault in faults.filter(|fault| wanted(&options.fault, fault.name)) {
            cases.push((whole::ROW.to_owned(), fault.name, Case::Scan(fault)));
        }
    }
    if cases.is_empty() {
        return Err(io::Error::other("no operation or no fault is called like that"));
    }
    // A step that shares no factor with the number of operations: no column is left out.
    let cases: Vec<_> = cases.into_iter().step_by(options.every.max(1)).collect();
    let next = Mutex::new(cases.into_iter());
    let results = Mutex::new(Results::new());
    let lock = || next.lock().unwrap_or_else(PoisonError::into_inner).next();
    std::thread::scope(|scope| {
        for _ in 0..options.jobs.max(1) {
            scope.spawn(|| {
                while let Some((row, column, case)) = lock() {
                    let outcome = match case {
                        Case::Operation(operation, meeting) => bench.meet(operation, meeting),
                        Case::Scan(fault) => whole::scan(&bench, fault),
                    };
                    let outcome = outcome.unwrap_or_else(|error| Outcome::Wrong(error.to_string()));
                    tell(&row, column, &outcome);
                    results.lock().unwrap_or_else(PoisonError::into_inner).insert((row, column), outcome);
                }
            });
        }
    });
    Ok(results.into_inner().unwrap_or_else(PoisonError::into_inner))
}

enum Case {
    Operation(&'static Operation, &'static Meeting),
    Scan(&'static whole::Fault),
}

/// What all cases share.
struct Bench {
    program: Program,
    recording: Arc<Replay>,
    /// Scans without a fault, by the checks that ran.
    clean: Mutex<BTreeMap<String, Arc<Run>>>,
}

impl Bench {
    fn new(options: &Options) -> io::Result<Self> {
        Ok(Self {
            program: Program::new(&options.program)?,
            recording: Arc::new(Replay::read(&crate::source("../src/demo/answers.jsonl"))?),
            clean: Mutex::default(),
        })
    }

    /// The recorded account, where these rules hold.
    fn account(&self, rules: impl IntoIterator<Item = Rule>) -> io::Result<Proxy> {
        let replay = Some(Arc::clone(&self.recording));
        let behaviour = Behaviour { overlay: Overlay::None, replay, ..Behaviour::default() };
        let proxy = Proxy::start(None, behaviour)?;
        proxy.set_rules(rules);
        Ok(proxy)
    }

    /// The scan without a fault.
    fn clean(&self, checks: &str) -> io::Result<Arc<Run>> {
        let lock = || self.clean.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(run) = lock().get(checks) {
            return Ok(Arc::clone(run));
        }
        let run = Arc::new(self.program.scan(&self.account([])?, checks, LATE, &[])?);
        if run.report().and_then(|report| report.get("gaps")?.as_array().map(Vec::len)) != Some(0) {
            return Err(io::Error::other(format!("without a fault: {}", run.told())));
        }
        lock().insert(checks.to_owned(), Arc::clone(&run));
        Ok(run)
    }

    fn meet(&self, operation: &'static Operation, meeting: &Meeting) -> io::Result<Outcome> {
        let readers = readers(operation);
        let checks = match readers.is_empty() {
            // Every scan asks for it: any check will do.
            true => "iam-root-mfa".to_owned(),
            false => readers.iter().copied().collect::<Vec<_>>().join(","),
        };
        let clean = self.clean(&checks)?;
        let name = format!("{}:{}", operation.prefix, operation.name);
        let proxy = self.account([(meeting.rule)(&name)])?;
        let run = self.program.scan(&proxy, &checks, meeting.limit, &[])?;
        if proxy.faults() == 0 {
            return Ok(match run.code == clean.code {
                true => Outcome::NotMet,
                false => Outcome::Wrong(format!("differs without a fault: {}", run.told())),
            });
        }
        Ok(judge(operation.id, &readers, meeting.expected, &clean, &run))
    }
}

/// Checks that read the operation, by way of their sources.
fn readers(operation: &'static Operation) -> BTreeSet<&'static str> {
    let reads = |source: &Source| source.operations().contains(&operation);
    registry::all()
        .filter(|entry| registry::sources([*entry]).iter().any(reads))
        .map(|entry| entry.check.id)
        .collect()
}
