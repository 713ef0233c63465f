//! ElastiCache.

mod encryption;

super::checks! {
    encryption
}
