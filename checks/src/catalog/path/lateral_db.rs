use super::path;
use crate::check::Check;

/// Reachable compute beside a database.
pub(super) const CHECK: Check = path("path-lateral-db");

#[cfg(test)]
mod tests {
    use super::{super::testing::Account, CHECK};
    use crate::{
        finding::Severity,
        testing::{fails, passes},
    };

    #[test]
    fn fails_where_there_is_a_path() {
        let account = Account::new().instance(22, "none").inner_database("orders");
        assert_eq!(fails(&CHECK, &account.0).severity, Severity::Medium);
        let account = Account::new().instance(22, "none").inner_database("customers");
        assert_eq!(fails(&CHECK, &account.0).severity, Severity::High);
    }

    #[test]
    fn passes_at_a_dead_end() {
        // A web server reaches its database.
        let account = Account::new().instance(443, "none").inner_database("customers");
        passes(&CHECK, &account.0);
    }
}
