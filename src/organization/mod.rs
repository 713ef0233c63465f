//! Many accounts: which ([`plan`]), one after the other in one process ([`scan`]), one of them in a job of its own
//! ([`worker`]), and what comes of all of them ([`merge`]).
//!
//! The directory of a run holds `plan.jsonl`, and in `accounts/` a file for each account: `ID.json`, its report, or
//! `ID.gap.json`, why there is none; `organization.json` is made of these.

pub mod accounts_file;
pub mod member;
pub mod merge;
mod open_files;
pub mod plan;
pub mod report;
pub mod scan;
pub mod worker;

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use aws_audit_checks::organization::{Item, MemberReport, Membership, Missing};
use aws_audit_checks::report::Report;
use serde::{Deserialize, Serialize};

use crate::{
    error::{Error, said},
    files,
};

/// Accounts that are scanned at once, unless the arguments say otherwise: memory grows by each, and each has its part of
/// the requests under way.
pub const PARALLEL_ACCOUNTS: usize = 8;

/// Requests under way at once in the whole process. Each takes a socket, and 1,024 files are what a process may commonly
/// have open. Each account has its part, so that one whose requests hang takes none of another's.
pub const MOST_IN_FLIGHT: usize = 320;

/// The files of a run.
#[derive(Clone, Debug)]
pub struct Directory(PathBuf);

/// Why an account has no report, as a file.
#[derive(Debug, Serialize, Deserialize)]
pub struct GapFile {
    /// The run.
    pub scan: String,
    /// The account and the reason.
    #[serde(flatten)]
    pub missing: Missing,
}

/// As much of an account's report as tells what it is.
#[derive(Debug, Deserialize)]
struct Head {
    #[serde(default)]
    kind: Option<serde_json::Value>,
    #[serde(default)]
    organization_scan: Option<Membership>,
}

impl Directory {
    /// The directory, which is made where it is not there. Only its owner can read it.
    ///
    /// # Errors
    /// When it cannot be made or written to.
    pub fn create(path: &Path) -> Result<Self, Error> {
        let directory = Self(path.to_owned());
        let accounts = directory.accounts();
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&accounts).map_err(|error| Error::io(&accounts, error))?;
        files::writable(&directory.report("000000000000"))?;
        Ok(directory)
    }

    /// The directory, which is there.
    #[must_use]
    pub fn open(path: &Path) -> Self {
        Self(path.to_owned())
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The plan of the run.
    #[must_use]
    pub fn plan(&self) -> PathBuf {
        self.0.join("plan.jsonl")
    }

    /// The report of the organization.
    #[must_use]
    pub fn organization(&self) -> PathBuf {
        self.0.join("organization.json")
    }

    /// Where the accounts' files are.
    #[must_use]
    pub fn accounts(&self) -> PathBuf {
        self.0.join("accounts")
    }

    /// The report of an account.
    #[must_use]
    pub fn report(&self, account: &str) -> PathBuf {
        self.accounts().join(format!("{account}.json"))
    }

    /// Why an account has no report.
    #[must_use]
    pub fn gap(&self, account: &str) -> PathBuf {
        self.accounts().join(format!("{account}.gap.json"))
    }

    /// The snapshot of an account.
    #[must_use]
    pub fn snapshot(&self, account: &str) -> PathBuf {
        self.accounts().join(format!("{account}.snapshot.json.zst"))
    }

    /// Writes the report of an account; what was written of why there was none goes.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write_report(&self, item: &Item, report: &Report) -> Result<(), Error> {
        let path = self.report(&item.account);
        let membership = item.membership();
        let member = MemberReport { organization_scan: &membership, report };
        files::write(&path, |out| {
            serde_json::to_writer_pretty(&mut *out, &member)?;
            out.write_all(b"\n")
        })?;
        let gap = self.gap(&item.account);
        match fs::remove_file(&gap) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Error::io(&gap, error)),
            _ => Ok(()),
        }
    }

    /// Writes why an account has no report.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write_gap(&self, scan: &str, missing: &Missing) -> Result<(), Error> {
        let file = GapFile { scan: scan.to_owned(), missing: missing.clone() };
        files::write(&self.gap(&missing.account), |out| {
            serde_json::to_writer_pretty(&mut *out, &file)?;
            out.write_all(b"\n")
        })
    }
}

/// What a JSON file of a run is.
#[derive(Debug)]
pub enum Found {
    /// An account's report.
    Report(Box<Report>, Option<Membership>),
    /// Why an account has none.
    Gap(GapFile),
    /// An organization's report.
    Organization,
}

/// Reads a JSON file of a run.
///
/// # Errors
/// When it cannot be read, or is none.
pub fn read(path: &Path) -> Result<Found, Error> {
    let text = fs::read(path).map_err(|error| Error::io(path, error))?;
    let no_report = |error: serde_json::Error| {
        Error::file(
            path,
            said(
                format!("not a report of aws-audit: {error}"),
                format!("aws-auditのレポートではありません：{error}"),
            ),
        )
    };
    if path.file_name().is_some_and(|name| name.to_string_lossy().ends_with(".gap.json")) {
        return serde_json::from_slice(&text).map(Found::Gap).map_err(no_report);
    }
    let head: Head = serde_json::from_slice(&text).map_err(no_report)?;
    if head.kind.is_some_and(|kind| kind == "organization_report") {
        return Ok(Found::Organization);
    }
    // The version first: a report of another one may lack what this one has.
    #[derive(Deserialize)]
    struct Version {
        schema_version: u32,
    }
    let version: Version = serde_json::from_slice(&text).map_err(no_report)?;
    if version.schema_version != aws_audit_checks::report::SCHEMA_VERSION {
        return Err(other_version(path, version.schema_version));
    }
    let report: Report = serde_json::from_slice(&text).map_err(no_report)?;
    Ok(Found::Report(Box::new(report), head.organization_scan))
}

fn other_version(path: &Path, found: u32) -> Error {
    let wanted = aws_audit_checks::report::SCHEMA_VERSION;
    Error::file(
        path,
        said(
            format!("the report is of schema version {found}, this program's is {wanted}"),
            format!("レポートのスキーマバージョンは {found} ですが、このプログラムが扱うのは {wanted} です"),
        ),
    )
}
