//! The account as a whole.

super::checks! {}
