//! Relational Database Service.

super::checks! {}
