//! Faults that are not of one operation.

use std::io;
use std::time::Duration;

use serde_json::Value;

use super::Bench;
use super::judge::{Expected, Outcome, of_scan};
use crate::proxy::{self, Rule};

/// What whole scans are called where operations have their names.
pub(super) const ROW: &str = "scan";

/// A fault that meets the scan.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    rules: fn() -> Vec<Rule>,
    expected: Expected,
    /// Which gaps may come of it.
    may_be: fn(&Value) -> bool,
    /// `credential_process`, where the credentials are not in the environment.
    credentials: Option<&'static str>,
}

/// The region of the demo where its resources are.
const REGION: &str = "ap-northeast-1";
/// How long a scan may take.
const LIMIT: Duration = Duration::from_secs(300);

fn error(status: u16, code: &str, message: &str) -> proxy::Fault {
    proxy::Fault::Error { status, code: code.into(), message: message.into() }
}

fn in_region(gap: &Value) -> bool {
    gap["region"] == REGION
}

/// The faults.
pub(super) static FAULTS: [Fault; 9] = [
    Fault {
        name: "clock",
        about: "this machine's clock is wrong",
        rules: || {
            vec![Rule::new(
                "*",
                error(
                    403,
                    "RequestTimeTooSkewed",
                    "The difference between the request time and the current time is too large.",
                ),
            )]
        },
        expected: Expected::Nothing("clock"),
        may_be: |_| true,
        credentials: None,
    },
    Fault {
        name: "expired",
        about: "the credentials expire half-way, and there are no others",
        rules: || vec![Rule::new("*", proxy::Fault::ExpiredCredentials).after(150)],
        expected: Expected::Gap(&["invalid_credentials"]),
        may_be: |gap| gap["kind"] == "invalid_credentials",
        credentials: None,
    },
    Fault {
        name: "renewed",
        about: "the credentials expire half-way, and `credential_process` gives others",
        rules: || vec![Rule::new("*", proxy::Fault::ExpiredCredentials).signed_by("ASIAFIRST").after(150)],
        expected: Expected::Same,
        may_be: |_| true,
        credentials: Some(
            "sh -c 'test -e DIRECTORY/asked && key=ASIASECOND || key=ASIAFIRST; touch DIRECTORY/asked; \
             echo \"{\\\"Version\\\":1,\\\"AccessKeyId\\\":\\\"$key\\\",\\\"SecretAccessKey\\\":\\\"s\\\",\\\"SessionToken\\\":\\\"t\\\",\
             \\\"Expiration\\\":\\\"2099-01-01T00:00:00Z\\\"}\"'",
        ),
    },
    Fault {
        name: "not-renewed",
        about: "the credentials expire half-way, and `credential_process` gives the same",
        rules: || vec![Rule::new("*", proxy::Fault::ExpiredCredentials).after(150)],
        expected: Expected::Gap(&["invalid_credentials"]),
        may_be: |gap| gap["kind"] == "invalid_credentials",
        credentials: Some(
            "sh -c 'echo \"{\\\"Version\\\":1,\\\"AccessKeyId\\\":\\\"ASIAFIRST\\\",\\\"SecretAccessKey\\\":\\\"s\\\",\
             \\\"SessionToken\\\":\\\"t\\\",\\\"Expiration\\\":\\\"2099-01-01T00:00:00Z\\\"}\"'",
        ),
    },
    Fault {
        name: "region-denied",
        about: "a policy denies everything in a region",
        rules: || vec![Rule::deny("*").region(REGION)],
        expected: Expected::Gap(&["access_denied"]),
        may_be: in_region,
        credentials: None,
    },
    Fault {
        name: "region-unreachable",
        about: "every connection to a region breaks",
        rules: || vec![Rule::new("*", proxy::Fault::Reset).region(REGION)],
        // Where connections break while a request is on its way, the SDK also says that nothing is received.
        expected: Expected::Gap(&["unreachable", "timed_out"]),
        may_be: in_region,
        credentials: None,
    },
    Fault {
        name: "region-hanging",
        about: "a region answers nothing",
        rules: || vec![Rule::new("*", proxy::Fault::Hang).region(REGION)],
        expected: Expected::Gap(&["timed_out"]),
        may_be: in_region,
        credentials: None,
    },
    Fault {
        name: "chance",
        about: "one request in five fails, by chance with a fixed seed",
        rules: || {
            let one_in_twenty = |seed, fault| Rule::new("*", fault).chance(seed, 5);
            vec![
                one_in_twenty(20_261_128, proxy::Fault::ServerError),
                one_in_twenty(20_261_129, proxy::Fault::Reset),
                one_in_twenty(20_261_130, proxy::Fault::Truncate),
                one_in_twenty(20_261_131, proxy::Fault::Throttle),
            ]
        },
        expected: Expected::GapOrSame(&["server_error", "unreachable", "unreadable_answer", "throttled"]),
        may_be: |_| true,
        credentials: None,
    },
    Fault {
        name: "throttled",
        about: "the first request of every kind is throttled",
        rules: || vec![Rule::new("*", proxy::Fault::Throttle).times_each(1)],
        expected: Expected::Same,
        may_be: |_| true,
        credentials: None,
    },
];

pub(super) fn scan(bench: &Bench, fault: &Fault) -> io::Result<Outcome> {
    let clean = bench.clean("")?;
    let proxy = bench.account((fault.rules)())?;
    let directory =
        std::env::temp_dir().join(format!("aws-audit-faults-{}-{}", std::process::id(), fault.name));
    // Of a session: others do not expire.
    let mut environment = vec![("AWS_SESSION_TOKEN", "t")];
    let file = directory.join("config").to_string_lossy().into_owned();
    if let Some(process) = fault.credentials {
        std::fs::create_dir_all(&directory)?;
        let process = process.replace("DIRECTORY", &directory.to_string_lossy());
        std::fs::write(&file, format!("[default]\ncredential_process = {process}\n"))?;
        environment = vec![
            ("AWS_CONFIG_FILE", file.as_str()),
            ("AWS_ACCESS_KEY_ID", ""),
            ("AWS_SECRET_ACCESS_KEY", ""),
        ];
    }
    let run = bench.program.scan(&proxy, "", LIMIT, &environment);
    if fault.credentials.is_some() {
        std::fs::remove_dir_all(&directory)?;
    }
    let run = run?;
    if proxy.faults() == 0 {
        return Ok(Outcome::Wrong("the fault was not met".to_owned()));
    }
    let outcome = of_scan(&fault.may_be, &|_| true, false, fault.expected, &clean, &run);
    Ok(match outcome {
        Ok(Outcome::Same) if matches!(fault.expected, Expected::Gap(_)) => {
            Outcome::Wrong("nothing is said of what was lost".to_owned())
        }
        Ok(outcome) => outcome,
        Err(wrong) => Outcome::Wrong(wrong),
    })
}
