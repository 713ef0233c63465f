//! IAM Access Analyzer.

mod enabled;

super::checks! {
    enabled
}
