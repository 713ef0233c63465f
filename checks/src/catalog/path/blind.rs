use super::path;
use crate::check::Check;

/// An entry from which every trail is stopped.
pub(super) const CHECK: Check = path("path-blind");

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
            .role("job", "lambda", &allow("cloudtrail:StopLogging", "*"))
            .function("job")
            .trail();
        assert_eq!(fails(&CHECK, &account.0).severity, Severity::Critical);
    }

    #[test]
    fn passes_at_a_dead_end() {
        let account =
            Account::new().role("job", "lambda", &allow("cloudtrail:GetTrail", "*")).function("job").trail();
        passes(&CHECK, &account.0);
    }
}
