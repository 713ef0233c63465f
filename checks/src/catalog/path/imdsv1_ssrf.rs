use super::path;
use crate::check::Check;

/// A web server whose role a forged request gives away.
pub(super) const CHECK: Check = path("path-imdsv1-ssrf");

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
            .role("web", "ec2", &allow("s3:GetObject", "*"))
            .bucket("customer-data")
            .instance(443, "web")
            .imdsv1();
        assert_eq!(fails(&CHECK, &account.0).severity, Severity::High);
    }

    #[test]
    fn passes_at_a_dead_end() {
        let account = Account::new()
            .role("web", "ec2", &allow("s3:GetObject", "arn:aws:s3:::customer-data/*"))
            .bucket("customer-data")
            .instance(443, "web");
        passes(&CHECK, &account.0);
    }
}
