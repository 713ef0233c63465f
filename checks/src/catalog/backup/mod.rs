//! AWS Backup.

mod plan;
mod vault_encryption;

super::checks! {
    plan
    vault_encryption
}
