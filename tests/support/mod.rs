//! What the end-to-end tests share: the real binary, run against the emulator through the proxy.

// Each test binary uses its own part of this.
#![allow(dead_code)]

use std::{
    collections::BTreeSet,
    process::{Command, Output, Stdio},
    sync::LazyLock,
};

use aws_audit_testbed::{Account, Behaviour, Emulator, Proxy, Rule};
use serde_json::Value;

/// The emulator, started once for a test binary. A `static` is never dropped; the emulator watches a pipe
/// from this process and ends with it.
pub static EMULATOR: LazyLock<Emulator> = LazyLock::new(|| Emulator::start().expect("the emulator starts"));

/// A seeded account behind a proxy of its own.
pub struct Bed {
    pub account: Account,
    pub proxy: Proxy,
}

impl Bed {
    pub fn new(account: &str) -> Self {
        let account = EMULATOR.seed(account).expect("the account is seeded");
        let proxy = Proxy::start(Some(EMULATOR.url()), Behaviour::default()).expect("the proxy starts");
        Self { account, proxy }
    }

    pub fn with_rules(account: &str, rules: impl IntoIterator<Item = Rule>) -> Self {
        let bed = Self::new(account);
        bed.proxy.set_rules(rules);
        bed
    }

    /// The program in this account.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = program(arguments);
        command.envs(self.account.environment(self.proxy.url()));
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Run {
        run(self.command(arguments))
    }

    /// Scans, with the report as JSON.
    pub fn scan(&self, arguments: &[&str]) -> Run {
        self.run(&[&["scan", "--format", "json"], arguments].concat())
    }
}

/// The program, seeing nothing of the developer's own AWS configuration.
pub fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_aws-audit"));
    command.args(arguments).stdin(Stdio::null());
    for (name, _) in std::env::vars() {
        let leads_elsewhere =
            name.ends_with("_PROXY") || name.ends_with("_proxy") || name.contains("_CA_BUNDLE");
        if name.starts_with("AWS_")
            || name.starts_with("LC_")
            || name.starts_with("SSL_CERT_")
            || leads_elsewhere
        {
            command.env_remove(name);
        }
    }
    command
        .env("LANG", "C")
        .env("NO_PROXY", "*")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_CONFIG_FILE", "/dev/null")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null");
    command
}

/// A run that ended.
pub struct Run {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

pub fn run(mut command: Command) -> Run {
    Run::of(command.output().expect("the program runs"))
}

impl Run {
    pub fn of(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("the program writes UTF-8");
        let code = output.status.code().expect("the program exits by itself");
        Self { code, stdout: text(output.stdout), stderr: text(output.stderr) }
    }

    /// The report, which must fit the schema.
    pub fn report(&self) -> Value {
        let report = serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("exit {}, no JSON ({error}): {}", self.code, self.stderr));
        validate(&report);
        report
    }
}

/// Every JSON report that tests produce fits `docs/findings.schema.json`.
pub fn validate(report: &Value) {
    static SCHEMA: LazyLock<jsonschema::Validator> = LazyLock::new(|| {
        let schema = serde_json::from_str(include_str!("../../docs/findings.schema.json"))
            .expect("the schema is JSON");
        jsonschema::validator_for(&schema).expect("the schema is a schema")
    });
    let errors: Vec<_> = SCHEMA.iter_errors(report).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    let mut ids = BTreeSet::new();
    let twice: Vec<_> = findings(report).filter(|finding| !ids.insert(finding["id"].as_str())).collect();
    assert!(twice.is_empty(), "ids of findings are unique: {twice:#?}");
}

pub fn findings(report: &Value) -> impl Iterator<Item = &Value> {
    report["findings"].as_array().expect("findings").iter()
}

/// Ids of the checks that have a finding of that status.
pub fn checks<'a>(report: &'a Value, status: &str) -> BTreeSet<&'a str> {
    findings(report)
        .filter(|finding| finding["status"] == status)
        .map(|finding| finding["check"].as_str().unwrap())
        .collect()
}

/// The findings of a check that fail: ids of the resources.
pub fn failing<'a>(report: &'a Value, check: &str) -> BTreeSet<&'a str> {
    findings(report)
        .filter(|finding| finding["check"] == check && finding["status"] == "fail")
        .map(|finding| finding["resource"]["id"].as_str().unwrap())
        .collect()
}

/// The report without what differs from scan to scan.
pub fn lasting(mut report: Value) -> Value {
    for field in ["started_at", "finished_at", "calls"] {
        report.as_object_mut().unwrap().remove(field);
    }
    report
}
