//! Secrets Manager.

mod public;
mod rotation;
mod rotation_failed;
mod unused;

use crate::snapshot::secretsmanager::StoredSecret;

super::checks! {
    public
    rotation
    rotation_failed
    unused
}

/// Whether the account keeps the secret itself: not a service of AWS in it, nor is it the copy of a secret of
/// another region.
fn is_own(secret: &&StoredSecret) -> bool {
    secret.owning_service.is_none() && !secret.is_replica
}

#[cfg(test)]
mod testing {
    use crate::{
        snapshot::{Snapshot, secretsmanager::StoredSecret},
        testing::{ago, empty, read, region},
    };

    /// An account with a well kept secret, changed.
    pub(super) fn with_stored(change: impl FnOnce(&mut StoredSecret)) -> Snapshot {
        let mut secret = StoredSecret {
            name: "db".into(),
            arn: "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-a1b2c3".into(),
            rotation_enabled: true,
            created: Some(ago(500)),
            last_rotated: Some(ago(10)),
            next_rotation: Some(ago(-20)),
            last_accessed: Some(ago(1)),
            ..StoredSecret::default()
        };
        change(&mut secret);
        let mut account = empty();
        region(&mut account).secretsmanager.secrets = read(vec![secret]);
        account
    }
}
