//! Files that the program writes and reads. What it writes tells an attacker where to begin, so only the
//! owner can read it.

use std::{
    fs::{File, OpenOptions},
    io::{self, BufReader, BufWriter, Read, Write},
    path::Path,
};

use aws_audit_checks::{
    report::{Report, SCHEMA_VERSION},
    snapshot::{SNAPSHOT_VERSION, Snapshot},
};
use serde::Deserialize;

use crate::error::Error;

/// First bytes of a file compressed with Zstandard.
const ZSTD_MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// Opens a file to be written anew, with mode 0600.
///
/// # Errors
/// When the file cannot be made.
pub fn create(path: &Path) -> Result<File, Error> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path).map_err(|error| Error::file(path, error))?;
    // The mode above is for new files only.
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let metadata = file.metadata().map_err(|error| Error::file(path, error))?;
        if metadata.is_file() && metadata.permissions().mode() & 0o077 != 0 {
            file.set_permissions(std::fs::Permissions::from_mode(0o600))
                .map_err(|error| Error::file(path, error))?;
        }
    }
    Ok(file)
}

/// Reads an earlier JSON report.
///
/// # Errors
/// When the file cannot be read, or is no report of this schema version.
pub fn read_report(path: &Path) -> Result<Report, Error> {
    let text = std::fs::read(path).map_err(|error| Error::file(path, error))?;
    let no_report = |error: serde_json::Error| {
        let help = "help: write one with `aws-audit scan --output FILE.json`";
        Error::file(path, format!("not a report: {error}\n{help}"))
    };
    let report: Report = serde_json::from_slice(&text).map_err(no_report)?;
    if report.schema_version != SCHEMA_VERSION {
        let (found, wanted) = (report.schema_version, SCHEMA_VERSION);
        return Err(Error::file(
            path,
            format!("the report is of schema version {found}, this program's is {wanted}"),
        ));
    }
    Ok(report)
}

/// Writes a snapshot, compressed when the name ends in `.zst`.
///
/// # Errors
/// When the file cannot be written.
pub fn write_snapshot(path: &Path, snapshot: &Snapshot) -> Result<(), Error> {
    let file = create(path)?;
    let written = if path.extension().is_some_and(|ending| ending == "zst") {
        zstd::Encoder::new(file, 0).and_then(|mut encoder| {
            serde_json::to_writer(&mut encoder, snapshot).map_err(io::Error::from)?;
            encoder.finish().map(drop)
        })
    } else {
        let mut file = BufWriter::new(file);
        serde_json::to_writer(&mut file, snapshot).map_err(io::Error::from).and_then(|()| file.flush())
    };
    written.map_err(|error| Error::file(path, error))
}

/// Reads a snapshot, compressed or not.
///
/// # Errors
/// When the file cannot be read, or is no snapshot of this version.
pub fn read_snapshot(path: &Path) -> Result<Snapshot, Error> {
    let unreadable = |error: io::Error| Error::file(path, error);
    let mut bytes = Vec::new();
    BufReader::new(File::open(path).map_err(unreadable)?).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.starts_with(&ZSTD_MAGIC) {
        bytes = zstd::decode_all(bytes.as_slice()).map_err(unreadable)?;
    }
    #[derive(Deserialize)]
    struct Version {
        snapshot_version: u32,
    }
    let no_snapshot = |error: serde_json::Error| {
        Error::file(
            path,
            format!("not a snapshot: {error}\nhelp: write one with `aws-audit collect --output FILE`"),
        )
    };
    let Version { snapshot_version } = serde_json::from_slice(&bytes).map_err(no_snapshot)?;
    if snapshot_version != SNAPSHOT_VERSION {
        return Err(Error::file(
            path,
            format!(
                "the snapshot is of version {snapshot_version}, this program reads version {SNAPSHOT_VERSION}\n\
                 help: collect it again with this version of aws-audit"
            ),
        ));
    }
    serde_json::from_slice(&bytes).map_err(no_snapshot)
}
