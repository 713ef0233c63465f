//! AWS Config.

super::checks! {}
