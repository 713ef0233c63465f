use super::path;
use crate::check::Check;

/// A function that anyone runs, whose role reads data.
pub(super) const CHECK: Check = path("path-public-function-data");

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
}
