use super::{SOURCES, tell};
use crate::{check::Check, finding::Severity};

/// A function that anyone runs, whose role is an administrator, or becomes one.
pub(super) const CHECK: Check =
    Check { id: "path-public-function-admin", severity: Severity::Info, sources: SOURCES, run: tell };

#[cfg(test)]
mod tests {
    use super::{
        super::testing::{ADMIN, Account, allow},
        CHECK,
    };
    use crate::{
        finding::Severity,
        testing::{denied, fails, passes, region, unknown},
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

    #[test]
    fn unknown_when_not_readable() {
        let account = Account::new().change(|s| region(s).lambda.functions = denied());
        unknown(&CHECK, &account.0);
    }
}
