use super::path;
use crate::check::Check;

/// A key that can be read, of somebody who reads data.
pub(super) const CHECK: Check = path("path-leaked-key-data");

#[cfg(test)]
mod tests {
    use super::{
        super::testing::{Account, allow},
        CHECK,
    };
    use crate::{
        finding::Severity,
        testing::{fails, passes},
    };

    fn leak(rights: &str) -> Account {
        Account::new()
            .user("alice", rights, false, false)
            .key("alice", 10)
            .role("job", "lambda", &allow("logs:*", "*"))
            .function("job")
            .leak()
            .secret("orders")
            .bucket("assets")
    }

    #[test]
    fn fails_where_there_is_a_path() {
        let account = leak(&allow("secretsmanager:GetSecretValue", "*"));
        assert_eq!(fails(&CHECK, &account.0).severity, Severity::High);
        let account = leak(&allow("s3:GetObject", "arn:aws:s3:::assets/*"));
        assert_eq!(fails(&CHECK, &account.0).severity, Severity::Medium);
    }

    #[test]
    fn passes_at_a_dead_end() {
        passes(&CHECK, &leak(&allow("secretsmanager:ListSecrets", "*")).0);
    }
}
