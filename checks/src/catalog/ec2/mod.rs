//! EC2.

super::checks! {}
