//! Redshift.

mod audit_logs;
mod encryption;
mod public;

super::checks! {
    audit_logs
    encryption
    public
}

#[cfg(test)]
mod testing {
    use crate::{
        snapshot::{Snapshot, redshift::Cluster},
        testing::{empty, read, region},
    };

    /// An account with a well kept cluster, changed.
    pub(super) fn with_cluster(change: impl FnOnce(&mut Cluster)) -> Snapshot {
        let mut cluster = Cluster { id: "dwh".into(), encrypted: true, ..Cluster::default() };
        change(&mut cluster);
        let mut account = empty();
        region(&mut account).redshift.clusters = read(vec![cluster]);
        account
    }
}
