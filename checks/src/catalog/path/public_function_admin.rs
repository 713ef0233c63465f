use super::path;
use crate::check::Check;

/// A function that anyone runs, whose role is an administrator, or becomes one.
pub(super) const CHECK: Check = path("path-public-function-admin");

#[cfg(test)]
mod tests {
    use super::{
        super::testing::{ADMIN, Account, allow},
        CHECK,
    };
    use crate::{
        finding::Severity,
        testing::{fails, passes},
    };

    #[test]
    fn fails_where_there_is_a_path() {
        let account = Account::new().role("job", "lambda", ADMIN).function("job");
        assert_eq!(fails(&CHECK, &account.0).severity, Severity::Critical);
    }

    #[test]
    fn passes_at_a_dead_end() {
        let account = Account::new().role("job", "lambda", &allow("logs:*", "*")).function("job");
        passes(&CHECK, &account.0);
    }
}
