//! IAM Access Analyzer.

super::checks! {}
