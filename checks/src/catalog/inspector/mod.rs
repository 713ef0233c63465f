//! Inspector.

mod coverage;
mod critical_findings;
mod enabled;

super::checks! {
    coverage
    critical_findings
    enabled
}
