//! GuardDuty.

super::checks! {}
