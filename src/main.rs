//! `aws-audit`

fn main() {}
