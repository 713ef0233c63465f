//! Files that the program writes and reads. What it writes tells an attacker where to begin, so only the
//! owner can read it.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, BufReader, BufWriter, Read, Write},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use aws_audit_checks::{
    report::{Report, SCHEMA_VERSION},
    snapshot::{self, ReadError, SNAPSHOT_VERSION, Snapshot},
};
use tempfile::NamedTempFile;

use crate::error::{Error, Said, said};

/// First bytes of a file compressed with Zstandard.
const ZSTD_MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// What is read of a large file at once, in bytes.
const BUFFER: usize = 1 << 18;

/// Symbolic links that are followed at most, as on Linux.
const MOST_LINKS: usize = 40;

/// Where a result goes: a file that appears whole or not at all, or a pipe or device that takes it as it comes.
#[derive(Debug)]
enum Destination {
    File(PathBuf),
    Stream,
}

impl Destination {
    /// What the path leads to. The end of a link is written to, also where nothing is there yet: a link stays one.
    fn of(path: &Path) -> io::Result<Self> {
        let mut target = path.to_owned();
        for _ in 0..MOST_LINKS {
            match fs::symlink_metadata(&target) {
                Ok(is) if is.is_symlink() => {
                    let link = fs::read_link(&target)?;
                    target = directory(&target).join(link);
                }
                Ok(is) if is.is_dir() => return Err(io::Error::other("is a directory")),
                Ok(is) if is.is_file() && is.permissions().readonly() => {
                    return Err(io::Error::from(io::ErrorKind::PermissionDenied));
                }
                Ok(is) if is.is_file() => return Ok(Self::File(target)),
                Ok(_) => return Ok(Self::Stream),
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::File(target)),
                Err(error) => return Err(error),
            }
        }
        Err(io::Error::other("too many levels of symbolic links"))
    }
}

fn directory(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// The file that is being written, beside the one that it will replace.
static UNFINISHED: Mutex<Option<PathBuf>> = Mutex::new(None);

/// A new file beside the one that it will replace: with mode 0600, and gone with this value.
fn beside(path: &Path) -> io::Result<NamedTempFile> {
    let file = tempfile::Builder::new().prefix(".aws-audit-").tempfile_in(directory(path))?;
    *UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner) = Some(file.path().to_owned());
    Ok(file)
}

/// Removes what is not yet written whole: the program ends at once.
pub(crate) fn abandon() {
    if let Some(file) = UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner).take() {
        // It has become a whole file, or cannot be removed.
        let _ = fs::remove_file(file);
    }
}

/// Whether the path leads to a pipe or a device, which are written to and not replaced.
#[must_use]
pub fn is_stream(path: &Path) -> bool {
    matches!(Destination::of(path), Ok(Destination::Stream))
}

/// Makes sure, before minutes of scanning, that a file can be written. Pipes are not opened for that: who reads them
/// would see their end.
///
/// # Errors
/// When it cannot.
pub fn writable(path: &Path) -> Result<(), Error> {
    let tried = Destination::of(path).and_then(|destination| match destination {
        Destination::File(target) => beside(&target).map(drop),
        Destination::Stream => Ok(()),
    });
    tried.map_err(|error| Error::io(path, error))
}

/// Writes a file whole or not at all: what was there stays until everything is written and on the disk. Only the
/// owner can read it.
///
/// # Errors
/// When it cannot be written.
pub fn write(path: &Path, content: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Error> {
    let written = Destination::of(path).and_then(|destination| match destination {
        Destination::File(target) => {
            let file = beside(&target)?;
            let mut out = BufWriter::new(file);
            content(&mut out)?;
            let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
            file.as_file().sync_all()?;
            file.persist(&target).map_err(|error| error.error).map(drop)
        }
        Destination::Stream => {
            let mut out = BufWriter::new(OpenOptions::new().write(true).open(path)?);
            content(&mut out)?;
            out.flush()
        }
    });
    written.map_err(|error| Error::io(path, error))
}

/// Reads an earlier JSON report.
///
/// # Errors
/// When the file cannot be read, or is no report of this schema version.
pub fn read_report(path: &Path) -> Result<Report, Error> {
    let text = fs::read(path).map_err(|error| Error::io(path, error))?;
    let no_report = |error: serde_json::Error| {
        let what = said(format!("not a report: {error}"), format!("レポートではありません：{error}"));
        Error::file(path, what.with_help(write_one("aws-audit scan --output FILE.json")))
    };
    let report: Report = serde_json::from_slice(&text).map_err(no_report)?;
    if report.schema_version != SCHEMA_VERSION {
        let (found, wanted) = (report.schema_version, SCHEMA_VERSION);
        return Err(Error::file(
            path,
            said(
                format!("the report is of schema version {found}, this program's is {wanted}"),
                format!(
                    "レポートのスキーマバージョンは {found} ですが、このプログラムが扱うのは {wanted} です"
                ),
            ),
        ));
    }
    Ok(report)
}

/// Writes a snapshot, compressed when the name ends in `.zst`.
///
/// # Errors
/// When the file cannot be written.
pub fn write_snapshot(path: &Path, snapshot: &Snapshot) -> Result<(), Error> {
    write(path, |out| {
        if path.extension().is_some_and(|ending| ending == "zst") {
            let mut encoder = zstd::Encoder::new(out, 0)?;
            serde_json::to_writer(&mut encoder, snapshot)?;
            encoder.finish().map(drop)
        } else {
            Ok(serde_json::to_writer(out, snapshot)?)
        }
    })
}

/// Reads a snapshot, compressed or not.
///
/// # Errors
/// When the file cannot be read, or is no snapshot that this version can read.
pub fn read_snapshot(path: &Path) -> Result<Snapshot, Error> {
    let unreadable = |error: io::Error| Error::io(path, error);
    // A file can be read once more, a pipe cannot.
    if path.is_file()
        && let Some(snapshot) =
            snapshot::read_own(decompressed(File::open(path).map_err(unreadable)?).map_err(unreadable)?)
    {
        return Ok(snapshot);
    }
    let mut text = Vec::new();
    File::open(path)
        .and_then(decompressed)
        .and_then(|mut file| file.read_to_end(&mut text))
        .map_err(unreadable)?;
    snapshot::read(&text).map_err(|error| {
        let en = error.to_string();
        let what = match error {
            ReadError::Malformed(what) => said(en, format!("スナップショットではありません：{what}"))
                .with_help(write_one("aws-audit collect --output FILE")),
            ReadError::TooNew { version } => said(
                en,
                format!(
                    "スナップショットのバージョンは {version} ですが、このプログラムが読めるのは \
                     {SNAPSHOT_VERSION} までです"
                ),
            )
            .with_help(said(
                "use a later version of aws-audit",
                "新しいバージョンの aws-audit を使ってください",
            )),
        };
        Error::file(path, what)
    })
}

/// The content of a file that may be compressed.
fn decompressed(file: File) -> io::Result<Box<dyn Read>> {
    let mut head = Vec::new();
    (&file).take(ZSTD_MAGIC.len() as u64).read_to_end(&mut head)?;
    let is_compressed = head == ZSTD_MAGIC;
    let file = BufReader::with_capacity(BUFFER, io::Cursor::new(head).chain(file));
    if is_compressed {
        return Ok(Box::new(BufReader::with_capacity(BUFFER, zstd::Decoder::with_buffer(file)?)));
    }
    Ok(Box::new(file))
}

/// The help that names the command which writes such a file.
fn write_one(command: &str) -> Said {
    said(format!("write one with `{command}`"), format!("`{command}` で作成できます"))
}
