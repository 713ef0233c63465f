//! How long each format takes over a report of 20,000 findings, and how much memory the program then has used. Fails over
//! the limits of the project: 2 s, 150 MB.
//!
//!     cargo bench -p aws-audit-report
//!
//! Each format is written by a process of its own, of which the peak is read from /proc, and the time that it had a
//! processor for: what else the machine does is no fault of a format.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "it reports to whoever runs it")]

use std::{
    collections::BTreeMap,
    env, fs,
    io::{self, Write},
    process::{Command, ExitCode},
    time::Instant,
};

use aws_audit_checks::{
    finding::{Evidence, Resource, Severity, Status},
    gap::{Gap, GapKind},
    page::Lang,
    report::{
        Account, ControlReport, Fix, FrameworkScore, Report, ReportFinding, ReportGap, SCHEMA_VERSION, Scope,
        Tool,
    },
    snapshot::Calls,
};
use aws_audit_report::{Format, Style, write};

const FINDINGS: usize = 20_000;
const MOST_SECONDS: f64 = 2.0;
const MOST_MEGABYTES: f64 = 150.0;

/// Counts what is written, as a file would take it.
struct Counter(u64);

impl Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn main() -> ExitCode {
    let arguments: Vec<_> = env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    if let Some(name) = arguments.first() {
        return measure(name);
    }
    let mut worst = ExitCode::SUCCESS;
    println!("{:10} {:>8} {:>8} {:>8} {:>9}", "format", "CPU s", "wall s", "peak MB", "output MB");
    for format in Format::ALL {
        let program = env::current_exe().expect("the program knows where it is");
        let status = Command::new(program).arg(format.name()).status().expect("the program runs");
        if !status.success() {
            worst = ExitCode::FAILURE;
        }
    }
    worst
}

fn measure(name: &str) -> ExitCode {
    let Some(format) = Format::ALL.iter().find(|format| format.name() == name) else {
        eprintln!("no format goes by the name of {name}");
        return ExitCode::FAILURE;
    };
    let report = report();
    let mut out = io::BufWriter::new(Counter(0));
    let (began, cpu_before) = (Instant::now(), cpu());
    write(&report, *format, &Style { lang: Lang::Ja, ..Style::default() }, &mut out)
        .expect("it can be written");
    out.flush().expect("it can be written");
    let wall = began.elapsed().as_secs_f64();
    let seconds = cpu().zip(cpu_before).map_or(wall, |(after, before)| after - before);
    let written = out.get_ref().0 as f64 / 1e6;
    let megabytes = peak();
    let memory = megabytes.map_or_else(|| "?".to_owned(), |megabytes| format!("{megabytes:.0}"));
    println!("{name:10} {seconds:8.2} {wall:8.2} {memory:>8} {written:9.1}");
    if seconds > MOST_SECONDS || megabytes.is_some_and(|megabytes| megabytes > MOST_MEGABYTES) {
        eprintln!("{name}: over {MOST_SECONDS} s or {MOST_MEGABYTES} MB");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// Seconds that the process has had a processor for, where the system tells.
fn cpu() -> Option<f64> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    // The name of the program, in brackets, may have spaces; the times are the 14th and 15th field (proc(5)), in
    // hundredths of a second on every Linux of today.
    let fields: Vec<_> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = fields.get(11)?.parse::<f64>().ok()? + fields.get(12)?.parse::<f64>().ok()?;
    Some(ticks / 100.0)
}

/// The most memory that the process has had, in megabytes, where the system tells.
fn peak() -> Option<f64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix(" kB")?.parse::<f64>().ok()? / 1024.0)
}

/// An account with much to say of: findings as long as those of the demo are in the mean.
fn report() -> Report {
    Report {
        groups: vec![],
        history: vec![],
        paths: vec![],
        paths_incomplete: None,
        fix_first: vec![],
        cross_account: None,
        schema_version: SCHEMA_VERSION,
        tool: Tool { name: "aws-audit".into(), version: "0.1.0".into() },
        account: Account {
            id: "111122223333".into(),
            alias: Some("example".into()),
            partition: "aws".into(),
        },
        regions: (0..17).map(|at| format!("region-{at}")).collect(),
        scope: Some(Scope {
            checks: (0..600).map(|at| format!("service-{}-check-{at}", at % 60)).collect(),
            min_severity: Severity::Info,
            unlisted: 0,
        }),
        started_at: "2026-11-01T12:00:00Z".parse().expect("a time"),
        finished_at: "2026-11-01T12:01:00Z".parse().expect("a time"),
        score: FrameworkScore {
            framework: "antipatterns".into(),
            overall: Some(49.0),
            judged: Some(0.9),
            controls: (1..=22).map(control).collect(),
        },
        findings: (0..FINDINGS).map(finding).collect(),
        gaps: (0..1000).map(gap).collect(),
        calls: Calls { total: 40_000, ..Calls::default() },
    }
}

fn control(number: u64) -> ControlReport {
    ControlReport {
        suppressed: 0,
        id: number.to_string(),
        title: format!("Control number {number} of the framework"),
        score: Some(49.0),
        pass: 1000 * number,
        fail: 100 * number,
        unknown: number,
        worst: Some(Severity::Critical),
        checks: (0..20).map(|at| format!("service-{number}-check-{at}")).collect(),
        manual: None,
        not_covered: None,
    }
}

fn finding(at: usize) -> ReportFinding {
    let (check, region) = (format!("service-{}-check-{}", at % 60, at % 300), format!("region-{}", at % 17));
    let id = format!("i-{at:017x}");
    let name = format!("本番サーバー-{at}（東京リージョン）");
    ReportFinding {
        group: None,
        severity_reason: None,
        suppressed: None,
        id: format!("{at:032x}"),
        status: match at % 20 {
            0 => Status::Suppressed,
            1 | 2 => Status::Unknown,
            _ => Status::Fail,
        },
        severity: Severity::WORST_FIRST[at % 5],
        title: "セキュリティグループがインターネットにSSHを開放している".into(),
        message: format!(
            "{name}（{id}）のセキュリティグループ sg-{at:017x} で、ポート22が 0.0.0.0/0 と ::/0 に開放されています。"
        ),
        fix: Some(Fix {
            summary: "ルールを削除し、Session Managerを使ってください。接続元を限定できる場合はその範囲だけを許可します。"
                .into(),
            command: Some(format!(
                "aws ec2 revoke-security-group-ingress --region {region} --group-id sg-{at:017x} \
                 --ip-permissions IpProtocol=tcp,FromPort=22,ToPort=22,IpRanges='[{{CidrIp=0.0.0.0/0}}]'"
            )),
        }),
        url: "https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html".into(),
        resource: Resource {
            kind: "AWS::EC2::Instance".into(),
            arn: format!("arn:aws:ec2:{region}:111122223333:instance/{id}"),
            id,
            region: Some(region),
            account: "111122223333".into(),
            name: Some(name),
            tags: [("Name", format!("web-{at}").as_str()), ("Owner", "team-platform")].into(),
        },
        evidence: Evidence::from_iter([
            ("port", 22.into()),
            ("ranges", vec!["0.0.0.0/0", "::/0"].into()),
            ("group", format!("sg-{at:017x}").into()),
        ]),
        antipatterns: vec![8],
        controls: BTreeMap::from([
            ("cis-6.0".into(), vec!["5.3".into(), "5.4".into()]),
            ("fsbp".into(), vec!["EC2.19".into()]),
        ]),
        state: None,
        first_seen: None,
        check,
    }
}

fn gap(at: usize) -> ReportGap {
    ReportGap {
        gap: Gap {
            operation: "s3:GetBucketPolicy".into(),
            region: Some(format!("region-{}", at % 17)),
            resource: Some(format!("example-bucket-{at}")),
            kind: GapKind::AccessDenied,
            refused_by: None,
            message: "User: arn:aws:sts::111122223333:assumed-role/audit/scan is not authorized to perform"
                .into(),
        },
        actions: vec!["s3:GetBucketPolicy".into()],
        checks: vec!["service-1-check-1".into()],
    }
}
