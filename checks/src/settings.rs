//! The numbers that checks compare with, as written in braces in the catalogue.

use serde::{Deserialize, Serialize};

/// Settings of the checks, `[settings]` in `aws-audit.toml`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Days after which an active access key should have been replaced (CIS 2.13).
    pub max_key_age_days: i64,
    /// Days without use after which a credential should be disabled (CIS 2.11).
    pub unused_credential_days: i64,
    /// Days within which any use of the root user counts as daily use (CIS 2.6).
    pub root_use_days: i64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { max_key_age_days: 90, unused_credential_days: 45, root_use_days: 30 }
    }
}
