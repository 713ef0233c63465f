//! Elastic Block Store.

mod default_encryption;

super::checks! {
    default_encryption
}
