//! The command line.

use std::{path::PathBuf, time::Duration};

use aws_audit_checks::{finding::Severity, page::Lang};
use aws_audit_report::Format;
use clap::{
    Args, Parser, Subcommand, ValueEnum,
    builder::{PossibleValue, PossibleValuesParser, TypedValueParser},
};

/// Finds what is dangerous in a live AWS account, with read-only calls.
#[derive(Debug, Parser)]
#[command(name = "aws-audit", version, about, max_term_width = 100, after_help = AFTER_HELP)]
pub struct Cli {
    /// What to do
    #[command(subcommand)]
    pub command: Command,
    /// Language of the output [default: that of LC_ALL, LC_MESSAGES or LANG]
    #[arg(long, global = true, value_enum, value_name = "LANG")]
    pub lang: Option<LangArg>,
}

const AFTER_HELP: &str = "\
Exit codes: 0 nothing at or above --fail-on; 1 such findings; 2 wrong arguments, configuration or input
file; 3 no such findings, but the scan was incomplete; 4 nothing could be read.";

/// A subcommand.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Look at the account, judge it and report
    Scan(Scan),
    /// Look at the account and keep what was seen as a snapshot, to be judged later or elsewhere
    Collect(Collect),
    /// Judge a snapshot and report
    Evaluate(Evaluate),
    /// Tell how somebody could get in, by where a path begins and ends, and what would be left once findings are fixed
    Paths(Paths),
    /// Make the report of an organization of accounts' reports that are in a directory
    Merge(Merge),
    /// Parts of a scan over an organization, for engines that run a job for each account
    #[command(subcommand)]
    Org(Org),
    /// Compare two JSON reports of an account: what is new, gone, worse, better
    Diff(Diff),
    /// Look again at what findings of a report are about: fixed or not
    Verify(Verify),
    /// Plan what a report means for a ticket tracker, and carry it out: the only command that writes to another system
    Tickets(Tickets),
    /// List the checks, or with --framework its controls and what judges them
    Checks(Checks),
    /// Explain a check: what it finds, why it matters, how to fix it
    Explain(Explain),
    /// Print the least-privilege IAM policies that a scan needs, or what creates a role with them
    Policy(Policy),
    /// Print a completion script for a shell
    Completions(Completions),
}

/// `scan`
#[derive(Debug, Args)]
pub struct Scan {
    /// How to reach the account
    #[command(flatten)]
    pub connect: Connect,
    /// Which checks
    #[command(flatten)]
    pub select: Select,
    /// What to report, where
    #[command(flatten)]
    pub report: Report,
    /// Scan a small built-in account: no credentials, no network
    #[arg(long, conflicts_with_all = ["profile", "endpoint_url", "regions", "organization", "accounts_file", "resume"])]
    pub demo: bool,
    /// Also keep what was seen as a snapshot (compressed when the name ends in .zst)
    #[arg(long, value_name = "FILE", conflicts_with_all = ["organization", "accounts_file", "resume"])]
    pub save_snapshot: Option<PathBuf>,
    /// Many accounts
    #[command(flatten)]
    pub organization: Organization,
}

/// Many accounts in one run.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Organization")]
pub struct Organization {
    /// Which accounts
    #[command(flatten)]
    pub accounts: Accounts,
    /// The role in each
    #[command(flatten)]
    pub role: Role,
    /// Accounts that are scanned at once [default: 8]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=64))]
    pub parallel_accounts: Option<u16>,
    /// End the scan of one account after this long with what there is; --timeout is for all of them
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub account_timeout: Option<Duration>,
    /// Directory for the accounts' reports and organization.json [default: aws-audit-organization]
    #[arg(long, value_name = "DIR", conflicts_with = "resume")]
    pub output_dir: Option<PathBuf>,
    /// Also keep each account's snapshot in the directory
    #[arg(long)]
    pub save_snapshots: bool,
    /// Go on with the run that is in this directory: scan what has no report, or half of one
    #[arg(long, value_name = "DIR", conflicts_with_all = ["organization", "accounts_file"])]
    pub resume: Option<PathBuf>,
}

impl Organization {
    /// Whether many accounts are to be scanned.
    #[must_use]
    pub const fn is_wanted(&self) -> bool {
        self.accounts.organization || self.accounts.accounts_file.is_some() || self.resume.is_some()
    }

    /// An argument that says something about many accounts only.
    #[must_use]
    pub fn needless(&self) -> Option<&'static str> {
        let Self { accounts, role, .. } = self;
        [
            ("--accounts", !accounts.accounts.is_empty()),
            ("--exclude-accounts", !accounts.exclude_accounts.is_empty()),
            ("--ou", !accounts.ou.is_empty()),
            ("--role-name", role.role_name.is_some()),
            ("--external-id", role.external_id.is_some()),
            ("--source-identity", role.source_identity.is_some()),
            ("--session-name", role.session_name.is_some()),
            ("--parallel-accounts", self.parallel_accounts.is_some()),
            ("--account-timeout", self.account_timeout.is_some()),
            ("--output-dir", self.output_dir.is_some()),
            ("--save-snapshots", self.save_snapshots),
        ]
        .into_iter()
        .find(|(_, given)| *given)
        .map(|(name, _)| name)
    }
}

/// Which accounts of many.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Organization")]
pub struct Accounts {
    /// Scan all accounts of the organization, with a role in each
    #[arg(long, conflicts_with = "accounts_file")]
    pub organization: bool,
    /// Scan the accounts that a file names: JSON (as `aws organizations list-accounts` prints it), CSV, or an id a line
    #[arg(long, value_name = "FILE")]
    pub accounts_file: Option<PathBuf>,
    /// Of these accounts only
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub accounts: Vec<String>,
    /// Without these accounts
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub exclude_accounts: Vec<String>,
    /// Only the accounts of these organizational units and below: a path such as Workloads/Production, or an id
    #[arg(long, value_name = "PATH", value_delimiter = ',')]
    pub ou: Vec<String>,
}

/// The role in each account.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Organization")]
pub struct Role {
    /// Name of the role to assume in each account, with its path [default: aws-audit]
    #[arg(long, value_name = "NAME")]
    pub role_name: Option<String>,
    /// External id that the role's trust policy wants
    #[arg(long, value_name = "ID")]
    pub external_id: Option<String>,
    /// Who scans, for CloudTrail: stays through all roles
    #[arg(long, value_name = "NAME")]
    pub source_identity: Option<String>,
    /// Name of the sessions in CloudTrail [default: aws-audit]
    #[arg(long, value_name = "NAME")]
    pub session_name: Option<String>,
}

/// `merge`
#[derive(Debug, Args)]
pub struct Merge {
    /// The directory: reports in it and in its `accounts`
    pub directory: PathBuf,
    /// The plan: accounts of it without a report are told [default: plan.jsonl of the directory, if there is one]
    #[arg(long, value_name = "FILE")]
    pub plan: Option<PathBuf>,
    /// Format on standard output: table, json, html or markdown [default: table]
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<String>,
    /// Write the report to a file, in the format of its ending (.json, .html, .md, .txt); may be given several times
    /// [default: organization.json of the directory]
    #[arg(long, short, value_name = "FILE")]
    pub output: Vec<PathBuf>,
    /// Exit with 1 when there are findings of this severity or above, or never [default: info]
    #[arg(long, value_name = "SEVERITY", value_parser = fail_on)]
    pub fail_on: Option<FailOn>,
}

/// `org`
#[derive(Debug, Subcommand)]
pub enum Org {
    /// Write the plan of a run: a line of JSON for each account
    Plan(OrgPlan),
    /// Scan one account of a plan
    Worker(OrgWorker),
}

/// `org plan`
#[derive(Debug, Args)]
pub struct OrgPlan {
    /// How to reach the organization; regions go into the plan
    #[command(flatten)]
    pub connect: Connect,
    /// Which accounts
    #[command(flatten)]
    pub accounts: Accounts,
    /// The role in each
    #[command(flatten)]
    pub role: Role,
    /// Where to write the plan [default: standard output]
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Where to write the organization's control policies for the workers [default: beside the plan, as
    /// plan.policies.json; nowhere with standard output]
    #[arg(long, value_name = "FILE")]
    pub policies: Option<PathBuf>,
}

/// `org worker`
#[derive(Debug, Args)]
pub struct OrgWorker {
    /// How to reach AWS
    #[command(flatten)]
    pub connect: Connect,
    /// Which checks
    #[command(flatten)]
    pub select: Select,
    /// One line of a plan, as it is
    #[arg(long, value_name = "JSON", conflicts_with_all = ["plan", "index", "index_env"], required_unless_present = "plan")]
    pub item: Option<String>,
    /// The plan; which line of it, the index says
    #[arg(long, value_name = "FILE")]
    pub plan: Option<PathBuf>,
    /// The organization's control policies, as `org plan` wrote them [default: those beside the plan]
    #[arg(long, value_name = "FILE")]
    pub policies: Option<PathBuf>,
    /// The line of the plan, counted from 0
    #[arg(long, value_name = "N", conflicts_with = "index_env")]
    pub index: Option<usize>,
    /// Environment variable that has the line's number [default: AWS_BATCH_JOB_ARRAY_INDEX or JOB_COMPLETION_INDEX]
    #[arg(long, value_name = "NAME")]
    pub index_env: Option<String>,
    /// Directory for the account's files
    #[arg(long, value_name = "DIR")]
    pub output_dir: PathBuf,
    /// Also keep the account's snapshot in the directory
    #[arg(long)]
    pub save_snapshots: bool,
    /// Who scans, for CloudTrail: stays through all roles
    #[arg(long, value_name = "NAME")]
    pub source_identity: Option<String>,
    /// Name of the session in CloudTrail [default: aws-audit]
    #[arg(long, value_name = "NAME")]
    pub session_name: Option<String>,
    /// List only findings of this severity and above; the score counts all
    #[arg(long, value_name = "SEVERITY", value_parser = severity)]
    pub min_severity: Option<Severity>,
}

/// `collect`
#[derive(Debug, Args)]
pub struct Collect {
    /// How to reach the account
    #[command(flatten)]
    pub connect: Connect,
    /// Collect only what these checks read: ids or globs [default: everything]
    #[arg(long, value_name = "GLOB", value_delimiter = ',')]
    pub checks: Vec<String>,
    /// Where to write the snapshot (compressed when the name ends in .zst)
    #[arg(long, short, value_name = "FILE")]
    pub output: PathBuf,
    /// Configuration file [default: aws-audit.toml, if there is one]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// `evaluate`
#[derive(Debug, Args)]
pub struct Evaluate {
    /// The snapshot, as written by `collect` or `scan --save-snapshot`
    pub snapshot: PathBuf,
    /// Which checks
    #[command(flatten)]
    pub select: Select,
    /// What to report, where
    #[command(flatten)]
    pub report: Report,
}

/// `paths`
#[derive(Debug, Args)]
pub struct Paths {
    /// A snapshot to look at instead of the account, as written by `collect` or `scan --save-snapshot`
    #[arg(conflicts_with_all = ["profile", "endpoint_url", "regions", "demo"])]
    pub snapshot: Option<PathBuf>,
    /// How to reach the account
    #[command(flatten)]
    pub connect: Connect,
    /// Only paths that begin here: internet, credential or another kind, an id, an ARN, or a glob of these
    #[arg(long, value_name = "NODE", value_delimiter = ',')]
    pub from: Vec<String>,
    /// Only paths that end here: admin, data_store or another kind, an id, an ARN, or a glob of these
    #[arg(long, value_name = "NODE", value_delimiter = ',')]
    pub to: Vec<String>,
    /// Tell what would be left once these findings are fixed, by their ids
    #[arg(long, value_name = "FINDING", value_delimiter = ',', num_args = 1..)]
    pub without: Vec<String>,
    /// How to write them [default: tree, or what the name of --output says]
    #[arg(long, value_enum)]
    pub format: Option<PathsFormat>,
    /// Write them to a file (.txt for the tree, .json, .mmd or .dot) instead of standard output
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Look at a small built-in account: no credentials, no network
    #[arg(long, conflicts_with_all = ["profile", "endpoint_url", "regions"])]
    pub demo: bool,
    /// Configuration file [default: aws-audit.toml, if there is one]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// A form of paths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PathsFormat {
    /// For people: a tree for each path, and what to fix first
    Tree,
    /// For programs
    Json,
    /// For Markdown: a flowchart of Mermaid
    Mermaid,
    /// For Graphviz
    Dot,
}

/// `diff`
#[derive(Debug, Args)]
pub struct Diff {
    /// The earlier JSON report
    pub earlier: PathBuf,
    /// The later JSON report
    pub later: PathBuf,
    /// How to write it [default: table, or what the name of --output says]
    #[arg(long, value_enum)]
    pub format: Option<DiffFormat>,
    /// Write it to a file (.json, .md, or .txt for the table) instead of standard output
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Exit with 1 when something of this severity or above fails that did not, or fails more severely [default: never]
    #[arg(long, value_name = "SEVERITY", value_parser = fail_on)]
    pub fail_on: Option<FailOn>,
}

/// `verify`
#[derive(Debug, Args)]
pub struct Verify {
    /// The JSON report
    pub report: PathBuf,
    /// Ids of findings, or of groups of them; the beginning is enough
    #[arg(required = true, value_name = "ID")]
    pub ids: Vec<String>,
    /// How to reach the account
    #[command(flatten)]
    pub connect: Connect,
    /// Configuration file [default: aws-audit.toml in this directory, if it is there]
    #[arg(long, value_name = "FILE", help_heading = "Checks")]
    pub config: Option<PathBuf>,
    /// How to tell it
    #[arg(long, value_enum, default_value_t)]
    pub format: VerifyFormat,
}

/// `tickets`
#[derive(Debug, Args)]
pub struct Tickets {
    /// What to do
    #[command(subcommand)]
    pub command: TicketsCommand,
}

/// `tickets plan` and `tickets apply`
#[derive(Debug, Subcommand)]
pub enum TicketsCommand {
    /// Print what to open, update, reopen and close, as JSON Lines
    Plan(TicketsPlan),
    /// Carry out a plan: only tells what it would do, unless --yes is given
    Apply(TicketsApply),
}

/// `tickets plan`
#[derive(Debug, Args)]
pub struct TicketsPlan {
    /// The JSON report
    #[arg(long, value_name = "FILE")]
    pub report: PathBuf,
    /// An earlier JSON report: what is new, and what tickets of it may be closed
    #[arg(long, value_name = "FILE")]
    pub previous: Option<PathBuf>,
    /// Groups of findings below this severity get no ticket [default: medium]
    #[arg(long, value_name = "SEVERITY", value_parser = severity)]
    pub min_severity: Option<Severity>,
    /// Most tickets to open in one run; the other groups are listed in one more [default: 20]
    #[arg(long, value_name = "NUMBER")]
    pub max: Option<u32>,
    /// Configuration file [default: aws-audit.toml, if there is one]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// `tickets apply`
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("tracker").required(true))]
pub struct TicketsApply {
    /// The plan, as printed by `tickets plan`; - is standard input
    #[arg(long, value_name = "FILE")]
    pub plan: PathBuf,
    /// Issues of this repository on GitHub, with the token in GITHUB_TOKEN
    #[arg(long, value_name = "OWNER/REPOSITORY", group = "tracker")]
    pub github: Option<String>,
    /// Also where everybody can read the repository
    #[arg(long, requires = "github")]
    pub allow_public: bool,
    /// Any other tracker: this command is run for each ticket, with its line of JSON on standard input
    #[arg(long, value_name = "COMMAND", group = "tracker")]
    pub exec: Option<String>,
    /// A command that lists the tickets that there are
    #[arg(long, value_name = "COMMAND", requires = "exec")]
    pub list: Option<String>,
    /// Do it
    #[arg(long)]
    pub yes: bool,
}

/// A form of what `verify` tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum VerifyFormat {
    /// For people
    #[default]
    Table,
    /// For programs: one object for each finding
    Json,
}

/// A form of diffs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DiffFormat {
    /// For people
    Table,
    /// For programs: every change with its finding
    Json,
    /// For pull requests and chats
    Markdown,
}

/// `checks`
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct Checks {
    /// What to do with checks of your own
    #[command(subcommand)]
    pub command: Option<ChecksCommand>,
    /// Which checks
    #[command(flatten)]
    pub select: Select,
    /// How to print the list
    #[arg(long, value_enum, default_value_t)]
    pub format: ListFormat,
}

/// `checks test`, `checks schema` and `checks try`
#[derive(Debug, Subcommand)]
pub enum ChecksCommand {
    /// Run the tests in the files of a directory of checks of your own
    Test {
        /// The directory
        #[arg(default_value = "checks.d")]
        directory: PathBuf,
    },
    /// Print the fields of a kind of resource as JSON Schema, or the kinds
    Schema {
        /// The kind, e.g. s3.bucket
        resource: Option<String>,
    },
    /// Evaluate an expression for each resource of a snapshot
    Try {
        /// The expression, e.g. 'public(r)'
        expression: String,
        /// The kind of resource, e.g. s3.bucket
        #[arg(long)]
        resource: String,
        /// The snapshot, as written by `collect` or `scan --save-snapshot`
        #[arg(long, value_name = "FILE")]
        snapshot: PathBuf,
    },
}

/// `explain`
#[derive(Debug, Args)]
pub struct Explain {
    /// The check's id, e.g. iam-root-mfa
    pub id: String,
    /// Checks and frameworks of your own
    #[command(flatten)]
    pub custom: Custom,
}

/// `policy`
#[derive(Debug, Args)]
pub struct Policy {
    /// Which checks
    #[command(flatten)]
    pub select: Select,
    /// What to print
    #[arg(long, value_enum, default_value_t)]
    pub format: PolicyFormat,
}

/// A form of the policies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum PolicyFormat {
    /// The policy documents by name, to be attached together
    #[default]
    Json,
    /// Commands of the AWS CLI that create a role with the policies
    Cli,
    /// A CloudFormation template of a role with the policies
    Cloudformation,
    /// The same for Terraform
    Terraform,
}

/// `completions`
#[derive(Debug, Args)]
pub struct Completions {
    /// The shell
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}

/// How to reach the account.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Account")]
pub struct Connect {
    /// Profile of the AWS configuration files; goes before access keys in the environment
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
    /// Regions to scan [default: all that are enabled for the account]
    #[arg(long, value_name = "REGION", value_delimiter = ',')]
    pub regions: Vec<String>,
    /// Endpoint for all services instead of AWS's own
    #[arg(long, value_name = "URL")]
    pub endpoint_url: Option<String>,
    /// End the scan after this long with what there is, e.g. 90s, 10m [default: no limit]
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub timeout: Option<Duration>,
    /// Share of AWS's request limits to take at most; production shares them [default: 50%]
    #[arg(long, value_name = "SHARE", value_parser = share)]
    pub api_budget: Option<f64>,
    /// Tell of each call on standard error
    #[arg(long, short)]
    pub verbose: bool,
}

/// Which checks.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Checks")]
pub struct Select {
    /// Only these checks: ids or globs
    #[arg(long, value_name = "GLOB", value_delimiter = ',')]
    pub checks: Vec<String>,
    /// Not these checks: ids or globs
    #[arg(long, value_name = "GLOB", value_delimiter = ',')]
    pub skip_checks: Vec<String>,
    /// Only the checks of these anti-patterns, by number
    #[arg(long, value_name = "NUMBER", value_delimiter = ',')]
    pub antipatterns: Vec<u32>,
    /// Framework to score along, and whose checks to run: antipatterns, cis-3.0, cis-5.0,
    /// cis-6.0, cis-7.0 or fsbp [default: antipatterns]
    #[arg(long, value_name = "NAME")]
    pub framework: Option<String>,
    /// Checks and frameworks of your own
    #[command(flatten)]
    pub custom: Custom,
    /// Configuration file [default: aws-audit.toml, if there is one]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// Checks and frameworks of the user's own.
#[derive(Debug, Default, Args)]
pub struct Custom {
    /// Directory of checks of your own (docs/custom-checks.md)
    #[arg(long, value_name = "DIR")]
    pub checks_dir: Option<PathBuf>,
    /// File of a framework of your own
    #[arg(long, value_name = "FILE")]
    pub framework_file: Vec<PathBuf>,
}

/// What to report, where.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Report")]
pub struct Report {
    /// List only findings of this severity and above; the score counts all
    #[arg(long, value_name = "SEVERITY", value_parser = severity)]
    pub min_severity: Option<Severity>,
    /// Exit with 1 when there are findings of this severity or above, or never [default: info]
    #[arg(long, value_name = "SEVERITY", value_parser = fail_on)]
    pub fail_on: Option<FailOn>,
    /// Format on standard output [default: table]
    #[arg(long, value_parser = formats())]
    pub format: Option<Format>,
    /// Write the report to a file instead, in the format of its ending (.json, .xlsx, .md, …; .txt for the table; - is
    /// standard output); may be given several times, and with --format for standard output too
    #[arg(long, short, value_name = "FILE")]
    pub output: Vec<PathBuf>,
    /// An earlier JSON report: tell what is new, persisting and resolved since
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Keep a line on this run in a file of this directory, and show how the account stood in the last runs
    #[arg(long, value_name = "DIR")]
    pub history: Option<PathBuf>,
    /// Exit with 2, with the report written, when a suppression matches nothing
    #[arg(long)]
    pub strict_suppressions: bool,
    /// In the table, list every group of findings and all of its resources
    #[arg(long)]
    pub all: bool,
    /// Also list what passes, in formats that list every finding
    #[arg(long)]
    pub include_passed: bool,
}

/// A form of lists.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ListFormat {
    /// For people
    #[default]
    Table,
    /// For programs
    Json,
}

/// When findings make the exit code 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailOn {
    /// Findings of this severity or above.
    AtLeast(Severity),
    /// No finding does.
    Never,
}

/// [`Lang`] as an argument.
#[derive(Clone, Copy, Debug)]
pub struct LangArg(pub Lang);

impl ValueEnum for LangArg {
    fn value_variants<'a>() -> &'a [Self] {
        &[Self(Lang::En), Self(Lang::Ja)]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(match self.0 {
            Lang::En => "en",
            Lang::Ja => "ja",
        }))
    }
}

/// What [`duration`] says of other texts.
pub const NO_TIME: &str = "expected a time such as 90s, 10m or 1h";
/// What [`share`] says of other texts.
pub const NO_SHARE: &str = "expected a percentage from 1% to 100%";

/// The formats of reports by their names.
fn formats() -> impl TypedValueParser<Value = Format> {
    let values = Format::ALL.iter().map(|format| PossibleValue::new(format.name()).help(format.purpose()));
    PossibleValuesParser::new(values)
        .try_map(|name| Format::ALL.iter().copied().find(|format| format.name() == name).ok_or("no format"))
}

/// A severity by its name.
///
/// # Errors
/// When no severity has that name.
pub fn severity(text: &str) -> Result<Severity, String> {
    let named = |severity: &Severity| severity.name() == text.to_ascii_lowercase();
    Severity::WORST_FIRST.into_iter().find(named).ok_or_else(|| {
        let names: Vec<_> = Severity::WORST_FIRST.iter().map(|severity| severity.name()).collect();
        format!("expected one of {}", names.join(", "))
    })
}

/// A severity, or `never`.
///
/// # Errors
/// When it is neither.
pub fn fail_on(text: &str) -> Result<FailOn, String> {
    if text.eq_ignore_ascii_case("never") {
        return Ok(FailOn::Never);
    }
    severity(text).map(FailOn::AtLeast).map_err(|error| format!("{error}, or never"))
}

/// A time such as `90s`, `10m` or `1h`; a bare number is seconds.
///
/// # Errors
/// When it is no such time, or zero.
pub fn duration(text: &str) -> Result<Duration, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match &text[digits.len()..] {
        "" | "s" => 1,
        "m" => 60,
        "h" => 3600,
        _ => 0,
    };
    match digits.parse::<u64>().ok().and_then(|number| number.checked_mul(unit)) {
        Some(seconds) if seconds > 0 => Ok(Duration::from_secs(seconds)),
        _ => Err(NO_TIME.into()),
    }
}

/// A percentage, from 1% to 100%, as a share from 0 to 1.
///
/// # Errors
/// When it is no such percentage.
pub fn share(text: &str) -> Result<f64, String> {
    match text.trim_end_matches('%').parse::<f64>() {
        Ok(percent) if (1.0..=100.0).contains(&percent) => Ok(percent / 100.0),
        _ => Err(NO_SHARE.into()),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn times() {
        assert_eq!(duration("10m"), Ok(Duration::from_secs(600)));
        assert_eq!(duration("45"), Ok(Duration::from_secs(45)));
        for wrong in ["", "0", "m", "10x", "-1s", "18446744073709551615h"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn shares() {
        assert_eq!(share("50%"), Ok(0.5));
        assert!(share("0").is_err() && share("101%").is_err() && share("half").is_err());
    }
}
