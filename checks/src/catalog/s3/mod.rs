//! Simple Storage Service.

super::checks! {}
