//! Systems Manager.

super::checks! {}
