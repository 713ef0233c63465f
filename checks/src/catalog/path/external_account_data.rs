use super::path;
use crate::check::Check;

/// A role that a foreign account assumes, and that reads sensitive data.
pub(super) const CHECK: Check = path("path-external-account-data");

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

    #[test]
    fn fails_where_there_is_a_path() {
        let account = Account::new()
            .trusted(
                "vendor",
                r#"{"AWS": "arn:aws:iam::444455556666:root"}"#,
                "sts:AssumeRole",
                &allow("s3:GetObject", "*"),
            )
            .bucket("customer-data");
        assert_eq!(fails(&CHECK, &account.0).severity, Severity::Medium);
    }

    #[test]
    fn passes_at_a_dead_end() {
        let account = Account::new()
            .trusted(
                "vendor",
                r#"{"AWS": "arn:aws:iam::111122223333:root"}"#,
                "sts:AssumeRole",
                &allow("s3:GetObject", "*"),
            )
            .bucket("customer-data");
        passes(&CHECK, &account.0);
    }
}
