//! CloudTrail.

super::checks! {}
