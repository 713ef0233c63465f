//! Elastic Block Store.

mod default_encryption;
mod snapshot_block_public_access;
mod snapshot_public;
mod volume_encryption;

super::checks! {
    default_encryption
    snapshot_block_public_access
    snapshot_public
    volume_encryption
}
