//! Elastic File System.

mod encryption;
mod public;

super::checks! {
    encryption
    public
}

#[cfg(test)]
mod testing {
    use crate::{
        snapshot::{Snapshot, efs::FileSystem},
        testing::{empty, read, region},
    };

    /// An account with an encrypted file system, changed.
    pub(super) fn with_file_system(change: impl FnOnce(&mut FileSystem)) -> Snapshot {
        let mut system =
            FileSystem { id: "fs-1".into(), encrypted: true, mount_targets: 2, ..FileSystem::default() };
        change(&mut system);
        let mut account = empty();
        region(&mut account).efs.file_systems = read(vec![system]);
        account
    }
}
