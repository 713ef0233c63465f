//! Virtual Private Cloud.

super::checks! {}
