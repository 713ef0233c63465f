use super::path;
use crate::check::Check;

/// Reachable compute whose role reads data.
pub(super) const CHECK: Check = path("path-internet-compute-data");

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
            .instance(22, "web");
        assert_eq!(fails(&CHECK, &account.0).severity, Severity::Critical);
    }

    #[test]
    fn passes_at_a_dead_end() {
        let account = Account::new()
            .role("web", "ec2", &allow("s3:GetObject", "*"))
            .bucket("customer-data")
            .instance(443, "none");
        passes(&CHECK, &account.0);
    }
}
