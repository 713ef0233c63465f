use super::path;
use crate::check::Check;

/// An entry from which data is deleted for good.
pub(super) const CHECK: Check = path("path-ransom");

#[cfg(test)]
mod tests {
    use super::{
        super::testing::{Account, allow},
        CHECK,
    };
    use crate::{
        finding::Severity,
        snapshot::s3::Versioning,
        testing::{fails, passes, read},
    };

    #[test]
    fn fails_where_there_is_a_path() {
        let account = Account::new()
            .role("job", "lambda", &allow("s3:DeleteObject", "*"))
            .function("job")
            .bucket_with("customer-data", |bucket| {
                bucket.versioning = read(Versioning { enabled: false, mfa_delete: false });
            });
        assert_eq!(fails(&CHECK, &account.0).severity, Severity::Critical);
    }

    #[test]
    fn passes_at_a_dead_end() {
        let account = Account::new()
            .role("job", "lambda", &allow("s3:DeleteObject", "*"))
            .function("job")
            .bucket("customer-data");
        passes(&CHECK, &account.0);
    }
}
