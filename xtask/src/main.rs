//! `cargo xtask`: what contributors run.

fn main() {}
