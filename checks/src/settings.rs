//! The numbers that checks compare with, as written in braces in the catalogue.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

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
    /// Days without use after which a role should go.
    pub unused_role_days: i64,
    /// Account ids that are trusted like the account's own organization: subsidiaries, a monitoring vendor.
    pub trusted_accounts: Vec<String>,
    /// Fewest days that automated database backups must be kept (RDS.11).
    pub min_backup_days: i32,
    /// Ports that the internet may use (EC2.18).
    pub public_ports: Vec<u16>,
    /// The widest public IPv4 range that a security group may let in without a finding, as `/24`. IPv6
    /// counts twice the number: `/48`.
    pub max_public_range: PrefixLength,
    /// Days within which a managed node's patches must have been scanned.
    pub patch_scan_days: i64,
    /// Days after which the image of an instance counts as old.
    pub max_image_age_days: i64,
    /// Days before a certificate expires from which it is reported.
    pub certificate_warning_days: i64,
    /// Days without use after which a secret should go (SecretsManager.3).
    pub unused_secret_days: i64,
    /// Days after which the scan of an image counts as old.
    pub image_scan_days: i64,
    /// Fewest days that logs must be kept (CloudWatch.16).
    pub min_log_retention_days: i32,
    /// Days that a critical finding may stay open.
    pub finding_age_days: i64,
    /// Tags that mark data as sensitive, as `KEY=VALUE`, in any case of letters and with `*` for any text.
    pub sensitive_tags: Vec<String>,
}

/// The length of an IPv4 prefix, written `/24`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PrefixLength(u8);

impl PrefixLength {
    /// Bits of an IPv4 prefix.
    #[must_use]
    pub const fn v4(self) -> u8 {
        self.0
    }

    /// Bits of the IPv6 prefix that counts as wide: a site usually has a /48, as it once had a /24.
    #[must_use]
    pub const fn v6(self) -> u8 {
        self.0 * 2
    }
}

impl Serialize for PrefixLength {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("/{}", self.0))
    }
}

impl<'de> Deserialize<'de> for PrefixLength {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bits = text.strip_prefix('/').and_then(|bits| bits.parse().ok()).filter(|bits| *bits <= 32);
        bits.map(Self)
            .ok_or_else(|| D::Error::custom(format!("`{text}` is not a prefix length from /0 to /32")))
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            max_key_age_days: 90,
            unused_credential_days: 45,
            root_use_days: 30,
            unused_role_days: 90,
            trusted_accounts: Vec::new(),
            min_backup_days: 7,
            public_ports: vec![80, 443],
            max_public_range: PrefixLength(24),
            patch_scan_days: 30,
            max_image_age_days: 365,
            certificate_warning_days: 90,
            unused_secret_days: 90,
            image_scan_days: 30,
            min_log_retention_days: 365,
            finding_age_days: 7,
            sensitive_tags: [
                "*classification*=*confidential*",
                "*classification*=*restricted*",
                "*classification*=*secret*",
                "*classification*=*sensitive*",
                "*classification*=*pii*",
                "*sensitiv*=true",
                "*sensitiv*=yes",
                "*sensitiv*=high",
                "*sensitiv*=critical",
                "*compliance*=*pci*",
                "*compliance*=*hipaa*",
                "pii=true",
                "pii=yes",
                "phi=true",
                "phi=yes",
            ]
            .map(str::to_owned)
            .to_vec(),
        }
    }
}
