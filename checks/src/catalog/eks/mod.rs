//! Elastic Kubernetes Service.

mod control_plane_logging;
mod endpoint_public;
mod secrets_encryption;
mod version_supported;

super::checks! {
    control_plane_logging
    endpoint_public
    secrets_encryption
    version_supported
}

#[cfg(test)]
mod testing {
    use crate::{
        snapshot::{
            Snapshot,
            eks::{Cluster, ClusterDetails},
        },
        testing::{empty, read, region},
    };

    /// An account with a well kept cluster, changed.
    pub(super) fn with_cluster(change: impl FnOnce(&mut ClusterDetails)) -> Snapshot {
        let mut details = ClusterDetails {
            version: "1.34".into(),
            secrets_encrypted: true,
            logs: vec!["audit".into(), "authenticator".into()],
            ..ClusterDetails::default()
        };
        change(&mut details);
        let mut account = empty();
        region(&mut account).eks.clusters =
            read(vec![Cluster { name: "prod".into(), details: read(details), ..Cluster::default() }]);
        account
    }
}
