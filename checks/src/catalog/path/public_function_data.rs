use super::{SOURCES, tell};
use crate::{check::Check, finding::Severity};

/// A function that anyone runs, whose role reads data.
pub(super) const CHECK: Check =
    Check { id: "path-public-function-data", severity: Severity::Info, sources: SOURCES, run: tell };

#[cfg(test)]
mod tests {
    use super::{
        super::testing::{Account, allow},
        CHECK,
    };
    use crate::{
        finding::Severity,
        testing::{denied, fails, passes, region, unknown},
    };

    #[test]
    fn fails_where_there_is_a_path() {
        let account = Account::new()
            .role("job", "lambda", &allow("secretsmanager:GetSecretValue", "*"))
            .secret("orders")
            .function("job");
        assert_eq!(fails(&CHECK, &account.0).severity, Severity::Critical);
    }

    #[test]
    fn passes_at_a_dead_end() {
        let account =
            Account::new().role("job", "lambda", &allow("logs:*", "*")).secret("orders").function("job");
        passes(&CHECK, &account.0);
    }

    #[test]
    fn unknown_when_not_readable() {
        let account = Account::new().change(|s| region(s).lambda.functions = denied());
        unknown(&CHECK, &account.0);
    }
}
