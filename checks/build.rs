//! Hashes the source of the snapshot's types, so that a snapshot says by itself which shape it was written in.

use std::{error::Error, fs, path::PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    let directory = "src/snapshot";
    println!("cargo:rerun-if-changed={directory}");
    let mut files = Vec::new();
    find(directory.into(), &mut files)?;
    files.sort();
    // FNV-1a: short, and the same in every Rust release.
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for file in files {
        for byte in fs::read(file)? {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
    println!("cargo:rustc-env=SNAPSHOT_SHAPE={hash:016x}");
    Ok(())
}

/// The files under a path.
fn find(path: PathBuf, files: &mut Vec<PathBuf>) -> Result<(), std::io::Error> {
    if path.is_dir() {
        return fs::read_dir(path)?.try_for_each(|entry| find(entry?.path(), files));
    }
    files.push(path);
    Ok(())
}
