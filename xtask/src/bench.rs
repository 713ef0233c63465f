//! `cargo xtask bench`: runs the program against an endpoint that answers for a generated account, and tells what it
//! cost. What is measured how is in the documentation of `aws_audit_testbed::bench`.

use std::{
    error::Error,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant, SystemTime},
};

use aws_audit_checks::source;
use aws_audit_testbed::bench::{Bucket, Call, Endpoint, Fault, Limit, Members, Record, Settings, Usage};
use serde_json::{Value, json};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

pub(crate) const USAGE: &str = "\
usage: cargo xtask bench [OPTION]... [-- ARGUMENT-OF-SCAN...]
                                   scan a generated account through an endpoint of this machine, and tell what it cost
       cargo xtask bench --check   fail when calls or memory are more than testbed/bench/medium.json says
       cargo xtask bench --update  write that file
       cargo xtask bench --limits  prove that AWS's request limits are kept
       cargo xtask bench --serve   answer whoever asks, until the end of standard input
       cargo xtask bench --operations
                                   what testbed/python/bench.py makes answers for

  --bin FILE        the program [default: debug/aws-audit of the target directory]
  --release         release/aws-audit of the target directory
  --scale N         how many times \"medium\" the account is [default: 1]; 0 for what every account has
  --latency MS      how long each answer takes [default: 40]
  --budget SHARE    the share of AWS's limits that the scan may take [default: 0.5]
  --no-limits       answer also what is beyond AWS's limits
  --fault FAULT     NAME[:SERVICE:OPERATION]@RATE, several times: 500, throttle, denied, reset, truncate, hang, html, empty
  --seed N          what decides which requests meet a fault [default: 1]
  --accounts N      so many accounts in one run, each with a role to assume
  --hanging N       of these, so many answer nothing
  --throttled       of these, one answers two requests a second
  --killed N        kill the program when so many have a report, and let it go on with --resume
  --threads N       threads of the program [default: one for each processor]
  --json FILE       write the figures
  --calls FILE      write every call as a line of JSON; times are seconds since the endpoint started
  --report FILE     keep the scan's JSON report
  --top N           how many operations and waits to print [default: 12]";

/// More calls than the committed figures by this factor fail `--check`.
const MORE_CALLS: f64 = 1.05;
/// More memory. The rest of a percent is the allocator's and the system's.
const MORE_MEMORY: f64 = 1.15;
/// The part of the calls that may be refused, after the first second.
const REFUSED: f64 = 0.02;
/// The part of what production asks for that may be refused because of us.
const STARVED: f64 = 0.02;
/// How often the child's memory is looked at. Its peak only grows; what it adds in its last moments is not seen.
const LOOK: Duration = Duration::from_millis(5);
const COLUMNS: usize = 64;
const FIGURES: &str = "testbed/bench/medium.json";

#[derive(Clone, Debug)]
struct Options {
    program: Option<PathBuf>,
    release: bool,
    scale: u64,
    /// The time of the account: the same for all runs that are compared.
    now: SystemTime,
    latency: u64,
    budget: f64,
    throttles: bool,
    competitor: Option<f64>,
    faults: Vec<Fault>,
    seed: u64,
    accounts: usize,
    hanging: usize,
    killed: usize,
    throttled: bool,
    threads: Option<usize>,
    json: Option<PathBuf>,
    calls: Option<PathBuf>,
    report: Option<PathBuf>,
    top: usize,
    rest: Vec<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            program: None,
            release: false,
            scale: 1,
            now: SystemTime::now(),
            latency: 40,
            budget: 0.5,
            throttles: true,
            competitor: None,
            faults: Vec::new(),
            seed: 1,
            accounts: 0,
            hanging: 0,
            killed: 0,
            throttled: false,
            threads: None,
            json: None,
            calls: None,
            report: None,
            top: 12,
            rest: Vec::new(),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Run,
    Check,
    Update,
    Limits,
    Serve,
    Operations,
}

/// Does what the arguments say.
#[expect(clippy::print_stdout, reason = "this is what a contributor reads")]
pub(crate) fn run(root: &Path, arguments: &[&str]) -> Result<()> {
    let (mode, options) = parse(arguments)?;
    match mode {
        Mode::Operations => {
            for operation in source::operations() {
                println!("{}\t{}", operation.service, operation.name);
            }
            Ok(())
        }
        Mode::Serve => serve(&options),
        Mode::Run => {
            let run = measure(root, &options)?;
            print!("{}", run.text(&options));
            if let Some(file) = &options.json {
                fs::write(file, format!("{:#}\n", run.json()))?;
            }
            if let Some(file) = &options.calls {
                fs::write(file, run.calls())?;
            }
            run.must_have_known_all()
        }
        Mode::Update => {
            let options = options.comparable();
            let run = measure(root, &options)?;
            print!("{}", run.text(&options));
            run.must_have_known_all()?;
            fs::write(root.join(FIGURES), format!("{:#}\n", run.figures()))?;
            Ok(())
        }
        Mode::Check => check(root, &options.comparable()),
        Mode::Limits => limits(root, &options),
    }
}

fn parse(arguments: &[&str]) -> Result<(Mode, Options)> {
    let (mut mode, mut options) = (Mode::Run, Options::default());
    let mut rest = arguments.iter().copied();
    while let Some(argument) = rest.next() {
        let mut value = || rest.next().ok_or_else(|| format!("{argument} wants a value\n\n{USAGE}"));
        match argument {
            "--help" => return Err(USAGE.into()),
            "--check" => mode = Mode::Check,
            "--update" => mode = Mode::Update,
            "--limits" => mode = Mode::Limits,
            "--serve" => mode = Mode::Serve,
            "--operations" => mode = Mode::Operations,
            "--bin" => options.program = Some(value()?.into()),
            "--release" => options.release = true,
            "--scale" => options.scale = value()?.parse()?,
            "--latency" => options.latency = value()?.parse()?,
            "--budget" => options.budget = value()?.parse()?,
            "--no-limits" => options.throttles = false,
            "--fault" => options.faults.push(value()?.parse()?),
            "--seed" => options.seed = value()?.parse()?,
            "--accounts" => options.accounts = value()?.parse()?,
            "--hanging" => options.hanging = value()?.parse()?,
            "--killed" => options.killed = value()?.parse()?,
            "--throttled" => options.throttled = true,
            "--threads" => options.threads = Some(value()?.parse()?),
            "--json" => options.json = Some(value()?.into()),
            "--calls" => options.calls = Some(value()?.into()),
            "--report" => options.report = Some(value()?.into()),
            "--top" => options.top = value()?.parse()?,
            "--" => options.rest = rest.by_ref().map(str::to_owned).collect(),
            other => return Err(format!("{other}?\n\n{USAGE}").into()),
        }
    }
    let others = options.hanging + usize::from(options.throttled);
    if !(options.budget > 0.0 && options.budget <= 1.0) || others.max(options.killed) > options.accounts {
        return Err(USAGE.into());
    }
    Ok((mode, options))
}

/// AWS's request limits, as the table of operations has them.
fn published() -> Vec<Limit> {
    let limits = source::operations().map(|operation| Limit {
        sdk: operation.service,
        operation: operation.name,
        group: operation.rate.group,
        burst: operation.rate.burst,
        per_second: operation.rate.per_second,
        spare: operation.rate.spare,
    });
    limits.collect()
}

impl Options {
    fn endpoint(&self) -> Result<Endpoint> {
        Ok(Endpoint::start(Settings {
            scale: self.scale,
            now: self.now,
            latency: Duration::from_millis(self.latency),
            limits: published(),
            throttles: self.throttles,
            competitor: self.competitor,
            faults: self.faults.clone(),
            seed: self.seed,
            members: Members {
                throttled: self.throttled.then(|| account(0)),
                hanging: (1..=self.hanging).map(account).collect(),
            },
        })?)
    }

    /// For figures that are compared with those of another day and machine: nothing is refused, what may be taken is
    /// taken whole, so that nothing waits for long, and there are as many threads everywhere.
    fn comparable(self) -> Self {
        Self { scale: 1, throttles: false, budget: 1.0, faults: Vec::new(), threads: Some(2), ..self }
    }

    /// The share of a limit that the scan may take.
    fn share(&self, is_spare: bool) -> f64 {
        if is_spare { 1.0 } else { self.budget }
    }

    fn program(&self, root: &Path) -> PathBuf {
        if let Some(program) = &self.program {
            return program.clone();
        }
        let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
        target.join(if self.release { "release" } else { "debug" }).join("aws-audit")
    }
}

/// What a run cost.
struct Run {
    /// Seconds from start to exit, of both parts of a run that was killed; all else is of the second.
    wall: f64,
    /// Seconds of processor time, of the program itself and of the system for it; none where it cannot be told.
    cpu: Option<f64>,
    /// The most memory that the program had, in bytes; none where it cannot be told.
    memory: Option<u64>,
    /// The memory that it had, in bytes, in equal parts of the time.
    over_time: Vec<usize>,
    code: Option<i32>,
    record: Record,
    buckets: Vec<Bucket>,
    usage: Vec<Usage>,
    report: String,
    scale: u64,
    /// How many reports were there when the program was killed, and after how many seconds that was.
    killed: Option<(usize, f64)>,
}

/// Runs the program once.
fn measure(root: &Path, options: &Options) -> Result<Run> {
    let program = options.program(root);
    let directory = std::env::temp_dir().join(format!("aws-audit-bench-{}", std::process::id()));
    fs::create_dir_all(&directory)?;
    let endpoint = options.endpoint()?;
    let mut command = scan(&program, options, &endpoint, &directory);
    let report = if options.accounts == 0 {
        let report = directory.join("report.json");
        command.args(["--include-passed", "--output"]).arg(&report);
        report
    } else {
        let (list, out) = (directory.join("accounts.txt"), directory.join("out"));
        fs::write(&list, (0..options.accounts).map(|n| account(n) + "\n").collect::<String>())?;
        command.arg("--accounts-file").arg(&list).arg("--output-dir").arg(&out);
        out.join("organization.json")
    };
    let started = Instant::now();
    let killed = match options.killed {
        0 => None,
        reports => {
            let out = directory.join("out");
            let killed = kill(&mut command, &out.join("accounts"), reports)?;
            command = scan(&program, options, &endpoint, &directory);
            command.arg("--resume").arg(&out);
            Some((killed, started.elapsed().as_secs_f64()))
        }
    };
    let mut child = command.spawn().map_err(|error| format!("{}: {error}", program.display()))?;
    let Watched { cpu, memory, over_time } = watch(&mut child)?;
    let status = child.wait()?;
    let wall = started.elapsed().as_secs_f64();
    let record = endpoint.record();
    let text = fs::read_to_string(&report);
    if let (Some(to), Ok(text)) = (&options.report, &text) {
        fs::write(to, text)?;
    }
    fs::remove_dir_all(&directory)?;
    let report = text.map_err(|error| format!("{status}, and no report: {error}"))?;
    let buckets = record.buckets(|limit| options.share(limit.spare));
    let usage = record.usage(&buckets);
    let (code, scale) = (status.code(), options.scale);
    if let Some((kept, _)) = &killed {
        let told: Value = serde_json::from_str(&report)?;
        let accounts = told["accounts"].as_array().map_or(0, Vec::len);
        let missing = told["missing"].as_array().map_or(0, Vec::len);
        if accounts + missing != options.accounts || *kept >= options.accounts {
            return Err(format!("{kept} were kept, and {accounts} and {missing} told of").into());
        }
    }
    Ok(Run { wall, cpu, memory, over_time, code, record, buckets, usage, report, scale, killed })
}

/// A scan at the endpoint.
fn scan(program: &Path, options: &Options, endpoint: &Endpoint, directory: &Path) -> Command {
    let mut command = Command::new(program);
    command.args(["scan", "--endpoint-url", endpoint.url()]);
    command.arg(format!("--api-budget={}%", options.budget * 100.0)).args(&options.rest);
    // Nothing of who runs this: no profile, no proxy, no configuration.
    command.env_clear().envs(environment(endpoint.home())).current_dir(directory);
    if let Some(threads) = options.threads {
        // Of Tokio; the allocator keeps memory for each thread.
        command.env("TOKIO_WORKER_THREADS", threads.to_string());
    }
    command.stdin(Stdio::null()).stdout(Stdio::null());
    command
}

/// Kills the program when so many reports are there; tells how many there are then, all of them whole.
fn kill(command: &mut Command, accounts: &Path, enough: usize) -> Result<usize> {
    let reports = || {
        let files = fs::read_dir(accounts).into_iter().flatten().flatten().map(|file| file.path());
        files.filter(|path| path.extension().is_some_and(|ending| ending == "json"))
    };
    let mut child = command.spawn()?;
    while reports().count() < enough {
        if let Some(status) = child.try_wait()? {
            return Err(format!("{status} before {enough} accounts had a report").into());
        }
        sleep(LOOK);
    }
    child.kill()?;
    child.wait()?;
    for report in reports() {
        serde_json::from_str::<Value>(&fs::read_to_string(&report)?)
            .map_err(|error| format!("{}: {error}", report.display()))?;
    }
    Ok(reports().count())
}

/// The number of the n-th account of many.
fn account(n: usize) -> String {
    format!("{:012}", 100_000_000_000 + n)
}

fn environment(home: &str) -> [(&'static str, String); 8] {
    [
        ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "not a secret".to_owned()),
        ("AWS_REGION", home.to_owned()),
        ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
        ("AWS_CONFIG_FILE", "/nonexistent".to_owned()),
        ("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent".to_owned()),
        ("HOME", "/nonexistent".to_owned()),
        ("LC_ALL", "C.UTF-8".to_owned()),
    ]
}

/// What was seen of a process.
struct Watched {
    /// Its processor time, in seconds.
    cpu: Option<f64>,
    /// Its greatest memory, in bytes.
    memory: Option<u64>,
    /// Its memory in equal parts of the time.
    over_time: Vec<usize>,
}

/// Waits for the end of a process; what the system tells of it (Linux, proc(5)). A process that has ended and was not
/// waited for still tells its times.
fn watch(child: &mut Child) -> Result<Watched> {
    const TICKS_PER_SECOND: f64 = 100.0;
    let directory = PathBuf::from(format!("/proc/{}", child.id()));
    let (mut cpu, mut memory, mut resident) = (None, None, Vec::new());
    while directory.exists() {
        if let Ok(status) = fs::read_to_string(directory.join("status")) {
            let told = |name: &str| {
                let line = status.lines().find_map(|line| line.strip_prefix(name))?;
                line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok().map(|kib| kib * 1024)
            };
            memory = told("VmHWM:").max(memory);
            resident.extend(told("VmRSS:").map(|bytes| bytes as usize));
        }
        // After the name in parentheses: state, …, utime (the twelfth), stime.
        let Ok(stat) = fs::read_to_string(directory.join("stat")) else { break };
        let fields: Vec<&str> =
            stat.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace().collect();
        let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<f64>().ok());
        cpu = ticks(11).zip(ticks(12)).map(|(user, system)| (user + system) / TICKS_PER_SECOND).or(cpu);
        if fields.first().is_none_or(|state| matches!(*state, "Z" | "X")) {
            break;
        }
        sleep(LOOK);
    }
    let part = resident.len().div_ceil(COLUMNS).max(1);
    let over_time = resident.chunks(part).filter_map(|part| part.iter().copied().max()).collect();
    Ok(Watched { cpu, memory, over_time })
}

impl Run {
    fn bound(&self) -> f64 {
        let buckets = self.buckets.iter().map(|bucket| bucket.bound).fold(0.0, f64::max);
        self.record.chain_bound().max(buckets)
    }

    fn text(&self, options: &Options) -> String {
        let mut out = String::new();
        let mebibytes = |bytes: u64| bytes as f64 / f64::from(1 << 20);
        let in_flight = self.record.in_flight(COLUMNS);
        let most = in_flight.iter().copied().max().unwrap_or_default();
        let (throttled, later) = self.record.throttled();
        let told = |value: Option<String>| value.unwrap_or_else(|| "not told".to_owned());
        let mut line = |name: &str, value: String| writeln!(out, "{name:<12} {value}");
        let _ = line("account", format!("{} × medium, {} ms", self.scale, options.latency));
        let _ = line("exit code", told(self.code.map(|code| code.to_string())));
        let _ = line("wall", format!("{:.2} s", self.wall));
        let _ = line("processor", told(self.cpu.map(|cpu| format!("{cpu:.2} s"))));
        let _ =
            line("memory", told(self.memory.map(|memory| format!("{:.1} MiB at most", mebibytes(memory)))));
        let most_resident = self.over_time.iter().copied().max().unwrap_or_default();
        let over_time =
            format!("{} at most {:.1} MiB", sparkline(&self.over_time), mebibytes(most_resident as u64));
        let _ = line("over time", over_time);
        let _ = line("calls", self.record.calls.len().to_string());
        let _ = line("connections", self.record.connections.to_string());
        let _ = match options.accounts {
            0 => line("gaps", told(self.gaps().map(|gaps| gaps.to_string()))),
            planned => line("accounts", self.accounts(planned)),
        };
        if let Some((reports, after)) = self.killed {
            let _ = line("killed", format!("after {after:.1} s, when {reports} had a report"));
        }
        let _ = line("throttled", format!("{throttled}, {later} of them after the first second"));
        let _ = line("in flight", format!("{} at most {most}", sparkline(&in_flight)));
        // Calls of many accounts share no limit and no chain.
        if options.accounts > 0 {
            return out;
        }
        let longest = self.buckets.first().map_or(0.0, |bucket| bucket.bound);
        let _ = line(
            "bound",
            format!(
                "{:.2} s: the longest chain {:.2} s, the fullest bucket {longest:.2} s; wall is {:.2} times it",
                self.bound(),
                self.record.chain_bound(),
                self.wall / self.bound().max(f64::MIN_POSITIVE)
            ),
        );
        let _ = line("chain", self.record.chain().join("\n             "));
        if self.record.competing.wanted > 0 {
            let competing = self.record.competing;
            let _ =
                line("production", format!("{} of {} calls refused", competing.refused, competing.wanted));
        }
        let _ = writeln!(out, "\nfullest buckets{:>50} {:>8} {:>8}  of limit", "calls", "bound", "took");
        for bucket in self.buckets.iter().take(options.top) {
            let name = format!("{} in {}", bucket.name, bucket.region);
            let (calls, bound, span) = (bucket.calls, bucket.bound, bucket.span);
            let _ = writeln!(
                out,
                "{name:<58} {calls:>6} {bound:>6.2} s {span:>6.2} s  {:>5.0} %",
                bucket.peak_share * 100.0
            );
        }
        let _ = writeln!(out, "\nmost calls{:>55} {:>8} {:>8}  of limit", "calls", "refused", "regions");
        for usage in self.usage.iter().take(options.top) {
            let Usage { operation, calls, throttled, regions, peak_share } = usage;
            let _ = writeln!(
                out,
                "{operation:<58} {calls:>6} {throttled:>8} {regions:>8}  {:>5.0} %",
                peak_share * 100.0
            );
        }
        out
    }

    fn json(&self) -> Value {
        let (throttled, later) = self.record.throttled();
        let buckets = self.buckets.iter().map(|bucket| {
            json!({
                "name": bucket.name, "region": bucket.region, "calls": bucket.calls, "throttled": bucket.throttled,
                "bound_seconds": bucket.bound, "span_seconds": bucket.span, "peak_share": bucket.peak_share,
            })
        });
        let usage = self.usage.iter().map(|usage| {
            let value = json!({
                "calls": usage.calls, "throttled": usage.throttled, "regions": usage.regions,
                "peak_share": usage.peak_share,
            });
            (usage.operation.clone(), value)
        });
        json!({
            "scale": self.scale,
            "exit_code": self.code,
            "wall_seconds": self.wall,
            "cpu_seconds": self.cpu,
            "peak_memory_bytes": self.memory,
            "memory_over_time": self.over_time,
            "calls": self.record.calls.len(),
            "connections": self.record.connections,
            "throttled": throttled,
            "throttled_after_first_second": later,
            "in_flight": self.record.in_flight(COLUMNS),
            "bound_seconds": self.bound(),
            "chain_bound_seconds": self.record.chain_bound(),
            "chain": self.record.chain(),
            "buckets": buckets.collect::<Vec<_>>(),
            "operations": usage.collect::<serde_json::Map<_, _>>(),
        })
    }

    /// How much could not be read: without faults, nothing, but what a busy machine kept waiting for too long.
    fn gaps(&self) -> Option<usize> {
        let report: Value = serde_json::from_str(&self.report).ok()?;
        report["gaps"].as_array().map(Vec::len)
    }

    /// How many of the accounts have a report, and why the others have none.
    fn accounts(&self, planned: usize) -> String {
        let report: Value = serde_json::from_str(&self.report).unwrap_or_default();
        let mut reasons = std::collections::BTreeMap::<&str, usize>::new();
        for missing in report["missing"].as_array().into_iter().flatten() {
            *reasons.entry(missing["reason"].as_str().unwrap_or_default()).or_default() += 1;
        }
        let reasons: String = reasons.iter().map(|(reason, count)| format!(", {count} {reason}")).collect();
        format!("{} of {planned} with a report{reasons}", report["accounts"].as_array().map_or(0, Vec::len))
    }

    /// Every call, a line for each.
    fn calls(&self) -> String {
        let record = &self.record;
        let line = |call: &Call| {
            let value = json!({
                "operation": record.operations[usize::from(call.operation)],
                "region": record.regions.get(usize::from(call.region)),
                "arrived": call.arrived,
                "answered": call.answered.is_finite().then_some(call.answered),
                "outcome": format!("{:?}", call.outcome),
                "chain": call.depth,
                "after": call.after,
            });
            format!("{value}\n")
        };
        record.calls.iter().map(line).collect()
    }

    /// What `--check` compares with.
    fn figures(&self) -> Value {
        let calls = self.usage.iter().map(|usage| (usage.operation.clone(), usage.calls.into()));
        json!({
            "calls": self.record.calls.len(),
            "peak_memory_bytes": self.memory,
            "by_operation": calls.collect::<serde_json::Map<String, Value>>(),
        })
    }

    fn must_have_known_all(&self) -> Result<()> {
        match self.record.unknown.as_slice() {
            [] => Ok(()),
            unknown => Err(format!(
                "the endpoint has no answer for {}: see testbed/python/bench.py",
                unknown.join(", ")
            )
            .into()),
        }
    }

    /// The findings: the report without what depends on the clock and on how calls went.
    fn findings(&self) -> Result<Value> {
        let mut report: Value = serde_json::from_str(&self.report)?;
        without_times(&mut report);
        Ok(report)
    }
}

/// Takes away from a report what two scans of one account do not share.
fn without_times(value: &mut Value) {
    const TIMES: [&str; 5] = ["started_at", "finished_at", "evaluated_at", "calls", "duration_seconds"];
    match value {
        Value::Object(fields) => {
            fields.retain(|name, _| !TIMES.contains(&name.as_str()));
            fields.values_mut().for_each(without_times);
        }
        Value::Array(items) => items.iter_mut().for_each(without_times),
        _ => {}
    }
}

/// A line of bars, as high as the values.
fn sparkline(values: &[usize]) -> String {
    const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let most = values.iter().copied().max().unwrap_or_default().max(1);
    values
        .iter()
        .map(
            |value| if *value == 0 { ' ' } else { BARS[(value * BARS.len() - 1) / most.max(1) % BARS.len()] },
        )
        .collect()
}

/// Compares calls and memory with the committed figures; times say as much of the machine.
#[expect(clippy::print_stdout, reason = "this is what a contributor reads")]
fn check(root: &Path, options: &Options) -> Result<()> {
    let before: Value = serde_json::from_str(&fs::read_to_string(root.join(FIGURES))?)?;
    let run = measure(root, options)?;
    run.must_have_known_all()?;
    let (calls, more_calls) = compare("calls", &before["calls"], run.record.calls.len() as u64, MORE_CALLS)?;
    println!("{calls}");
    let mut wrong = Vec::new();
    if more_calls {
        let grown = run.usage.iter().filter_map(|usage| {
            let then = before["by_operation"][&usage.operation].as_u64().unwrap_or_default();
            (usage.calls as u64 > then).then(|| format!("  {}: {then} → {}", usage.operation, usage.calls))
        });
        wrong.push(format!("{calls}\n{}", grown.collect::<Vec<_>>().join("\n")));
    }
    if let Some(memory) = run.memory {
        let (memory, more) = compare("bytes of memory", &before["peak_memory_bytes"], memory, MORE_MEMORY)?;
        println!("{memory}");
        if more {
            wrong.push(memory);
        }
    }
    if wrong.is_empty() {
        return Ok(());
    }
    Err(format!("{}\nIf that is worth it: cargo xtask bench --update", wrong.join("\n")).into())
}

fn compare(what: &str, before: &Value, now: u64, factor: f64) -> Result<(String, bool)> {
    let before = before.as_u64().ok_or_else(|| format!("{FIGURES} has no {what}"))?;
    let change = (now as f64 / before as f64 - 1.0) * 100.0;
    Ok((format!("{what}: {before} → {now} ({change:+.1} %)"), now as f64 > before as f64 * factor))
}

/// Proves the limiter: three scans, of which the findings must be the same. One without limits, one within them, and one
/// beside a client that takes the other half.
#[expect(clippy::print_stdout, reason = "this is what a contributor reads")]
fn limits(root: &Path, options: &Options) -> Result<()> {
    let mut wrong = Vec::new();
    let free = measure(root, &Options { throttles: false, ..options.clone() })?;
    free.must_have_known_all()?;
    let expected = free.findings()?;
    for (name, competitor) in
        [("within AWS's limits", None), ("beside production", Some(1.0 - options.budget))]
    {
        let options = Options { throttles: true, competitor, ..options.clone() };
        let run = measure(root, &options)?;
        println!("{name}\n\n{}", run.text(&options));
        let (_, later) = run.record.throttled();
        let part = later as f64 / run.record.calls.len().max(1) as f64;
        if part >= REFUSED {
            wrong.push(format!(
                "{name}: {:.1} % of the calls were refused after the first second",
                part * 100.0
            ));
        }
        for bucket in &run.buckets {
            // A call is whole: one more than its share may always be under way.
            let may = (options.share(bucket.spare) * bucket.burst).max(1.0) + 1.0;
            if bucket.peak_burst > may {
                wrong.push(format!(
                    "{name}: {} in {} took {:.1} calls at once beyond its share of the rate, where {may:.1} are its part",
                    bucket.name, bucket.region, bucket.peak_burst
                ));
            }
        }
        let competing = run.record.competing;
        if competing.refused as f64 > competing.wanted as f64 * STARVED {
            wrong.push(format!(
                "{name}: production lost {} of its {} calls",
                competing.refused, competing.wanted
            ));
        }
        if run.findings()? != expected {
            let (was, is) = (format!("{expected:#}"), format!("{:#}", run.findings()?));
            let differs = was.lines().zip(is.lines()).find(|(was, is)| was != is);
            wrong.push(format!("{name}: the findings differ, first here: {differs:?}"));
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n").into()) }
}

/// Answers until whoever started this closes its input.
#[expect(clippy::print_stdout, reason = "this is what a contributor reads")]
fn serve(options: &Options) -> Result<()> {
    let endpoint = options.endpoint()?;
    for (name, value) in environment(endpoint.home()) {
        println!("export {name}='{value}'");
    }
    println!("export AWS_ENDPOINT_URL={}", endpoint.url());
    std::io::copy(&mut std::io::stdin().lock(), &mut std::io::sink())?;
    println!("{} calls, {} connections", endpoint.record().calls.len(), endpoint.record().connections);
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use aws_audit_testbed::bench::known;

    use super::*;

    #[test]
    fn the_endpoint_answers_every_operation() {
        let known: BTreeSet<_> = known().unwrap().into_iter().collect();
        let asked = source::operations().map(|it| (it.service.to_owned(), it.name.to_owned()));
        let lacking: Vec<_> = asked.filter(|operation| !known.contains(operation)).collect();
        assert!(
            lacking.is_empty(),
            "make testbed/bench/answers.jsonl anew, see testbed/python/bench.py: {lacking:?}"
        );
    }

    #[test]
    fn arguments_are_understood() {
        let (mode, options) =
            parse(&["--limits", "--scale", "10", "--fault", "500@0.1", "--", "--checks", "s3-*"]).unwrap();
        assert_eq!((mode, options.scale, options.faults.len()), (Mode::Limits, 10, 1));
        assert_eq!(options.rest, ["--checks", "s3-*"]);
        for wrong in [&["--scale"][..], &["--budget", "2"], &["--fault", "x"], &["what"]] {
            assert!(parse(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn figures_fail_when_they_grow() {
        let of = |now| compare("calls", &json!(1000), now, MORE_CALLS).unwrap();
        assert_eq!(of(1050), ("calls: 1000 → 1050 (+5.0 %)".to_owned(), false));
        assert!(of(1051).1 && !of(10).1);
        assert!(compare("calls", &json!(null), 1, MORE_CALLS).is_err());
    }

    #[test]
    fn bars_are_as_high_as_values() {
        assert_eq!(sparkline(&[0, 1, 4, 8]), " ▁▄█");
        assert_eq!(sparkline(&[]), "");
    }

    #[test]
    fn times_are_no_findings() {
        let mut report =
            json!({"started_at": 1, "findings": [{"id": "a", "evaluated_at": 2}], "calls": {"total": 3}});
        without_times(&mut report);
        assert_eq!(report, json!({"findings": [{"id": "a"}]}));
    }
}
