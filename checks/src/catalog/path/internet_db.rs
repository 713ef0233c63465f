use super::path;
use crate::check::Check;

/// A database that the internet reaches, or a snapshot of one that anyone restores.
pub(super) const CHECK: Check = path("path-internet-db");

#[cfg(test)]
mod tests {
    use super::{super::testing::Account, CHECK};
    use crate::{
        finding::Severity,
        testing::{fails, passes},
    };

    #[test]
    fn fails_where_there_is_a_path() {
        let account = Account::new().instance(5432, "none").database();
        assert_eq!(fails(&CHECK, &account.0).severity, Severity::High);
    }

    #[test]
    fn passes_at_a_dead_end() {
        let account = Account::new().instance(5433, "none").database();
        passes(&CHECK, &account.0);
    }
}
