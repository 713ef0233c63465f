use super::{SOURCES, tell};
use crate::{check::Check, finding::Severity};

/// A database that the internet reaches, or a snapshot of one that anyone restores.
pub(super) const CHECK: Check =
    Check { id: "path-internet-db", severity: Severity::Info, sources: SOURCES, run: tell };

#[cfg(test)]
mod tests {
    use super::{super::testing::Account, CHECK};
    use crate::{
        finding::Severity,
        testing::{denied, fails, passes, region, unknown},
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

    #[test]
    fn unknown_when_not_readable() {
        let account = Account::new().change(|s| region(s).rds.instances = denied());
        unknown(&CHECK, &account.0);
    }
}
