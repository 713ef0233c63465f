//! IAM Access Analyzer.

mod enabled;
mod findings;

super::checks! {
    enabled
    findings
}
