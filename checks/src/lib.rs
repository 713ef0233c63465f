//! What an AWS account looks like ([`snapshot`]), what takes thinking about it ([`analysis`]) and the
//! checks that judge it. Everything here is pure: no AWS SDK, no async, no I/O.

pub mod analysis;
